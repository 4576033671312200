package coupon

import (
	"slices"
	"time"

	"dongxiao/ent"
	"dongxiao/ent/enum"
)

// transitions is the whole table of changes of a template's state that a marketer may make; what is not here is refused.
var transitions = map[enum.TemplateState][]enum.TemplateState{
	enum.TemplateDraft:  {enum.TemplateActive},
	enum.TemplateActive: {enum.TemplatePaused, enum.TemplateEnded},
	enum.TemplatePaused: {enum.TemplateActive, enum.TemplateEnded},
}

// needsReason has the states whose cause members will ask about.
var needsReason = []enum.TemplateState{enum.TemplatePaused, enum.TemplateEnded}

// mayFollow says whether a template may go from one state to the other.
func mayFollow(from, to enum.TemplateState) bool { return slices.Contains(transitions[from], to) }

// StateAt is the state of a coupon at a moment: the stored one, except that the use window decides between PENDING, EFFECTIVE and EXPIRED before a
// sweep has written it down.
func StateAt(c *ent.Coupon, now time.Time) enum.CouponState {
	if c.State != enum.CouponPending && c.State != enum.CouponEffective {
		return c.State
	}
	return windowState(c.UsableFrom, c.ExpiresAt, now)
}

// windowState is the state of a coupon that nobody has touched.
func windowState(usableFrom, expiresAt, now time.Time) enum.CouponState {
	switch {
	case !now.Before(expiresAt):
		return enum.CouponExpired
	case now.Before(usableFrom):
		return enum.CouponPending
	}
	return enum.CouponEffective
}
