package coupon

import (
	"slices"
	"strings"
	"time"

	"dongxiao/domain/quote"
	"dongxiao/ent"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/money"
	"dongxiao/internal/text"
)

// Bounds of templates; those of the rule are in quote.CheckRule.
const (
	maxStock               = 100_000_000
	maxLimit               = 1_000
	maxValidDays           = 3_650
	maxDelayDays           = 365
	maxReason              = 255
	maxBudget    money.Fen = 100_000_000_000
)

// earliest and latest bound every time of a template, so that a slip of the year is found and every column can keep it.
var (
	earliest = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	latest   = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
)

// Terms are what a marketer decides of a template. Refusals name the fields as the API's inputs do.
type Terms struct {
	Name, Description string
	// Rule is what new coupons promise; without funders the issuing org bears all of it.
	Rule       document.CouponRule
	TotalStock int64
	// DayStock and the limits are nil for none.
	DayStock                                 *int64
	MemberLimit, MemberDayLimit, PersonLimit *int
	ClaimStartsAt, ClaimEndsAt               time.Time
	ValidityKind                             enum.ValidityKind
	ValidFrom, ValidUntil                    *time.Time
	ValidDays, DelayDays                     *int
	// Budget is what all coupons together may take off; nil for none.
	Budget *money.Fen
	// ActivatedByID is the template whose redemption gives a coupon of this one; nil for none.
	ActivatedByID *int64
	Event         enum.CouponEvent
}

// termsOf are the terms of a template as it stands, in the form in which check leaves them.
func termsOf(t *ent.CouponTemplate, rule document.CouponRule) Terms {
	normaliseRule(&rule)
	terms := Terms{Name: t.Name, Description: t.Description, Rule: rule, TotalStock: t.TotalStock, DayStock: limited(t.DayStock), MemberLimit: limited(t.MemberLimit),
		MemberDayLimit: limited(t.MemberDayLimit), PersonLimit: limited(t.PersonLimit), ClaimStartsAt: t.ClaimStartsAt.UTC(), ClaimEndsAt: t.ClaimEndsAt.UTC(),
		ValidityKind: t.ValidityKind, Budget: limited(money.Fen(t.BudgetFen)), ActivatedByID: t.ActivatedByID, Event: t.Event}
	if t.ValidityKind == enum.ValidityFixed {
		terms.ValidFrom, terms.ValidUntil = t.ValidFrom, t.ValidUntil
	} else {
		terms.ValidDays, terms.DelayDays = &t.ValidDays, &t.DelayDays
	}
	return terms
}

// limited turns the 0 that a column keeps for no limit into nil.
func limited[N int | int64 | money.Fen](n N) *N {
	if n == 0 {
		return nil
	}
	return &n
}

// unlimited undoes limited.
func unlimited[N int | int64 | money.Fen](n *N) N {
	if n == nil {
		return 0
	}
	return *n
}

// check brings the terms into the form in which they are kept and refuses what is out of bounds (INVALID_INPUT) or contradicts itself (TEMPLATE_INVALID), with the
// field. It reads nothing: what must exist and be within reach is reach's.
func (t *Terms) check(orgID int64, zone *time.Location) error {
	t.normalise(orgID)
	switch {
	case t.Name == "" || !text.IsLine(t.Name, 64):
		return apperr.Invalid("name", "1–64")
	case !text.IsText(t.Description, 512):
		return apperr.Invalid("description", "0–512")
	}
	if err := quote.CheckRule(&t.Rule); err != nil {
		return err
	}
	switch {
	case t.TotalStock < 1 || t.TotalStock > maxStock:
		return apperr.Invalid("totalStock", "1–100000000")
	case t.DayStock != nil && (*t.DayStock < 1 || *t.DayStock > maxStock):
		return apperr.Invalid("dayStock", "1–100000000")
	case !isLimit(t.MemberLimit):
		return apperr.Invalid("memberLimit", "1–1000")
	case !isLimit(t.MemberDayLimit):
		return apperr.Invalid("memberDayLimit", "1–1000")
	case !isLimit(t.PersonLimit):
		return apperr.Invalid("personLimit", "1–1000")
	case outOfTime(&t.ClaimStartsAt):
		return apperr.Invalid("claimStartsAt", "2020–2099")
	case outOfTime(&t.ClaimEndsAt):
		return apperr.Invalid("claimEndsAt", "2020–2099")
	case !t.ClaimStartsAt.Before(t.ClaimEndsAt):
		return quote.Contradiction("claimEndsAt", "claimEndsAt ≤ claimStartsAt")
	}
	if err := t.checkUseWindow(zone); err != nil {
		return err
	}
	return t.checkGiving()
}

func (t *Terms) normalise(orgID int64) {
	t.Name, t.Description = strings.TrimSpace(t.Name), strings.TrimSpace(t.Description)
	for _, moment := range []*time.Time{&t.ClaimStartsAt, &t.ClaimEndsAt, t.ValidFrom, t.ValidUntil} {
		if moment != nil {
			*moment = moment.UTC().Truncate(time.Microsecond)
		}
	}
	if len(t.Rule.Funders) == 0 {
		t.Rule.Funders = []document.Funder{{OrgID: orgID, BasisPoints: money.Whole}}
	}
	normaliseRule(&t.Rule)
	if t.Event == "" {
		t.Event = enum.CouponByNoEvent
	}
}

// normaliseRule writes out what a rule leaves to its defaults.
func normaliseRule(r *document.CouponRule) {
	if r.Repricing == "" {
		r.Repricing = enum.RepriceKeep
	}
	r.StackLimit = max(r.StackLimit, 1)
}

func isLimit(n *int) bool { return n == nil || *n >= 1 && *n <= maxLimit }

func (t *Terms) checkUseWindow(zone *time.Location) error {
	switch t.ValidityKind {
	case enum.ValidityFixed:
		if err := t.checkFixed(); err != nil {
			return err
		}
		return quote.CheckHours(t.Rule.Hours, *t.ValidFrom, *t.ValidUntil, zone)
	case enum.ValidityAfterClaim:
		if err := t.checkAfterClaim(); err != nil {
			return err
		}
		return t.checkHoursAfterClaim(zone)
	}
	return apperr.Invalid("validityKind", "FIXED, AFTER_CLAIM")
}

func (t *Terms) checkFixed() error {
	switch {
	case t.ValidFrom == nil:
		return quote.Contradiction("validFrom", "FIXED: validFrom")
	case t.ValidUntil == nil:
		return quote.Contradiction("validUntil", "FIXED: validUntil")
	case t.ValidDays != nil:
		return quote.Contradiction("validDays", "FIXED: validDays")
	case t.DelayDays != nil:
		return quote.Contradiction("delayDays", "FIXED: delayDays")
	case outOfTime(t.ValidFrom):
		return apperr.Invalid("validFrom", "2020–2099")
	case outOfTime(t.ValidUntil):
		return apperr.Invalid("validUntil", "2020–2099")
	case !t.ValidFrom.Before(*t.ValidUntil):
		return quote.Contradiction("validUntil", "validUntil ≤ validFrom")
	case t.ValidUntil.Before(t.ClaimEndsAt):
		return quote.Contradiction("validUntil", "validUntil < claimEndsAt")
	}
	return nil
}

func (t *Terms) checkAfterClaim() error {
	switch {
	case t.ValidFrom != nil:
		return quote.Contradiction("validFrom", "AFTER_CLAIM: validFrom")
	case t.ValidUntil != nil:
		return quote.Contradiction("validUntil", "AFTER_CLAIM: validUntil")
	case t.ValidDays == nil:
		return quote.Contradiction("validDays", "AFTER_CLAIM: validDays")
	case *t.ValidDays < 1 || *t.ValidDays > maxValidDays:
		return apperr.Invalid("validDays", "1–3650")
	case t.DelayDays != nil && (*t.DelayDays < 0 || *t.DelayDays > maxDelayDays):
		return apperr.Invalid("delayDays", "0–365")
	}
	t.DelayDays = new(unlimited(t.DelayDays))
	return nil
}

// checkHoursAfterClaim refuses hours within which a coupon could never be used that is claimed at some moment of the claim window. Hours repeat every week, so that the
// first week of claims stands for all.
func (t *Terms) checkHoursAfterClaim(zone *time.Location) error {
	weekly, days := t.Rule.Hours, *t.ValidDays
	if weekly.IsZero() || days >= 7 {
		return nil
	}
	from := t.ClaimStartsAt.In(zone).AddDate(0, 0, *t.DelayDays)
	last := t.ClaimEndsAt.In(zone).AddDate(0, 0, *t.DelayDays)
	if week := from.AddDate(0, 0, 7); week.Before(last) {
		last = week
	}
	for from.Before(last) {
		if !weekly.OpenAt(from, zone) {
			if err := quote.CheckHours(weekly, from, from.AddDate(0, 0, days), zone); err != nil {
				return quote.Contradiction("hours", "hours ∩ validDays = ∅")
			}
		}
		next, ok := weekly.NextChange(from, zone)
		if !ok {
			return nil
		}
		from = next
	}
	return nil
}

// checkGiving checks how coupons come to members, and that a budget can be kept.
func (t *Terms) checkGiving() error {
	most, bounded := promise(t.Rule)
	switch {
	case !slices.Contains([]enum.CouponEvent{enum.CouponByNoEvent, enum.CouponByRegistration, enum.CouponByBirthday, enum.CouponByTopUp, enum.CouponByScan}, t.Event):
		return apperr.Invalid("event", "NONE, REGISTRATION, BIRTHDAY, TOP_UP, SCAN")
	case t.ActivatedByID != nil && t.Event != enum.CouponByNoEvent:
		return quote.Contradiction("event", "activatedById ∩ event")
	case t.Budget == nil:
		return nil
	case *t.Budget < 1 || *t.Budget > maxBudget:
		return apperr.Invalid("budget", "1–100000000000")
	case !bounded:
		return quote.Contradiction("budget", "budget: PERCENT_OFF cap, amount")
	case *t.Budget < most:
		return quote.Contradiction("budget", "budget < coupon")
	}
	return nil
}

func outOfTime(t *time.Time) bool { return t.Before(earliest) || !t.Before(latest) }
