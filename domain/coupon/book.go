package coupon

import (
	"cmp"
	"math"
	"strconv"
	"strings"
	"time"

	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/ids"
)

// book decides the claims of one batch one after the other, as if each had the template for itself. It reads and writes nothing.
type book struct {
	template *ent.CouponTemplate // nil where there is none
	now      time.Time
	zone     *time.Location
	day      int
	// first has the coupons that keys have got, before and in this batch.
	first map[claim]*ent.Coupon
	// members has how each caller stands; who is not in it does not exist.
	members map[int64]*standing
	// issuedToday is how many the template gave out on this day, where that is limited.
	issuedToday int64
	// issued are the new coupons, raised what their counters grow by.
	issued []*ent.Coupon
	raised map[counter]int64
}

// standing is how a member stands with the template.
type standing struct {
	state enum.MemberState
	// subject is whom limits per person are counted under.
	subject            int64
	total, day, person int64
}

// counter names a row of limit_counters within the template.
type counter struct {
	kind    enum.LimitKind
	subject int64
	period  int
}

func newBook(template *ent.CouponTemplate, now time.Time, zone *time.Location) *book {
	return &book{template: template, now: now, zone: zone, day: dayOf(now, zone), raised: map[counter]int64{}}
}

func (c claim) compare(other claim) int {
	return cmp.Or(cmp.Compare(c.memberID, other.memberID), strings.Compare(c.key, other.key))
}

func (c counter) compare(other counter) int {
	return cmp.Or(cmp.Compare(c.kind, other.kind), cmp.Compare(c.subject, other.subject), cmp.Compare(c.period, other.period))
}

// limit is the most that the counter may show.
func (b *book) limit(kind enum.LimitKind) int64 {
	var limit int64
	switch kind {
	case enum.LimitMemberTotal:
		limit = int64(b.template.MemberLimit)
	case enum.LimitMemberDay:
		limit = int64(b.template.MemberDayLimit)
	case enum.LimitPersonTotal:
		limit = int64(b.template.PersonLimit)
	case enum.LimitTemplateDay:
		limit = b.template.DayStock
	}
	if limit == 0 {
		return math.MaxInt64
	}
	return limit
}

// counted says whether the template counts the kind: what a member got always, because it is shown, the others where there is a limit.
func (b *book) counted(kind enum.LimitKind) bool {
	return kind == enum.LimitMemberTotal || b.limit(kind) != math.MaxInt64
}

// decide gives the claim's coupon or why there is none.
func (b *book) decide(c claim) (*ent.Coupon, error) {
	if first := b.first[c]; first != nil {
		if b.template == nil || first.TemplateID != b.template.ID {
			return nil, apperr.New(apperr.IdempotencyKeyReused).At("input", "idempotencyKey")
		}
		return first, nil
	}
	m := b.members[c.memberID]
	if refusal := b.refusal(m); refusal != nil {
		return nil, refusal
	}
	b.issue(c, m)
	return b.first[c], nil
}

// refusal says why the member may get no coupon; nil where it may.
func (b *book) refusal(m *standing) *apperr.Error {
	t := b.template
	switch {
	case t == nil || m == nil, t.State == enum.TemplateDraft, t.State == enum.TemplateReview:
		return apperr.New(apperr.NotFound)
	case t.State != enum.TemplateActive:
		return apperr.New(apperr.TemplateNotActive)
	case b.now.Before(t.ClaimStartsAt):
		return apperr.New(apperr.ClaimNotOpen, "time", momentText(t.ClaimStartsAt, b.zone))
	case !b.now.Before(t.ClaimEndsAt):
		return apperr.New(apperr.ClaimEnded)
	case m.state == enum.MemberFrozen:
		return apperr.New(apperr.MemberFrozen)
	case m.state == enum.MemberCancelled:
		return apperr.New(apperr.MemberCancelled)
	}
	subject := m.subject
	for _, count := range []struct {
		kind enum.LimitKind
		n    int64
	}{
		{enum.LimitMemberTotal, m.total},
		{enum.LimitMemberDay, m.day},
		{enum.LimitPersonTotal, m.person + b.raised[counter{enum.LimitPersonTotal, subject, 0}]},
	} {
		if limit := b.limit(count.kind); count.n >= limit {
			return apperr.New(apperr.LimitReached, "limit", strconv.FormatInt(limit, 10))
		}
	}
	won := int64(len(b.issued))
	if won >= t.StockLeft || b.issuedToday+won >= b.limit(enum.LimitTemplateDay) {
		return apperr.New(apperr.OutOfStock)
	}
	return nil
}

// issue makes a coupon and counts it.
func (b *book) issue(c claim, m *standing) {
	from, until := b.useWindow()
	row := &ent.Coupon{ID: ids.Next(), CreatedAt: b.now, BrandID: b.template.BrandID, TemplateID: b.template.ID, RuleID: b.template.RuleID,
		MemberID: c.memberID, Code: newCode(), State: windowState(from, until, b.now), Source: enum.SourceClaim, ClaimKey: c.key,
		UsableFrom: from, ExpiresAt: until}
	b.first[c] = row
	b.issued = append(b.issued, row)
	m.total++
	m.day++
	for _, n := range []counter{{enum.LimitMemberTotal, c.memberID, 0}, {enum.LimitMemberDay, c.memberID, b.day},
		{enum.LimitPersonTotal, m.subject, 0}, {enum.LimitTemplateDay, 0, b.day}} {
		if b.counted(n.kind) {
			b.raised[n]++
		}
	}
}

// useWindow is the window in which a coupon claimed now may be used.
func (b *book) useWindow() (from, until time.Time) {
	t := b.template
	if t.ValidityKind == enum.ValidityFixed && t.ValidFrom != nil && t.ValidUntil != nil {
		return t.ValidFrom.UTC(), t.ValidUntil.UTC()
	}
	from = b.now.In(b.zone).AddDate(0, 0, t.DelayDays)
	return from.UTC(), from.AddDate(0, 0, t.ValidDays).UTC()
}
