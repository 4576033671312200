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
	"dongxiao/internal/money"
)

// book decides the claims of one batch one after the other, as if each had the template for itself. It reads and writes nothing.
type book struct {
	template *ent.CouponTemplate // nil where there is none
	way      way
	// promise is what one coupon takes of the budget, where the template has one; unpromised says that nobody can tell.
	promise    money.Fen
	unpromised bool
	now        time.Time
	zone       *time.Location
	day        int
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
	// once is how many the human got by the same event before.
	once int64
}

// counter names a row of limit_counters within the template.
type counter struct {
	kind    enum.LimitKind
	subject int64
	period  int
}

func newBook(template *ent.CouponTemplate, w way, now time.Time, zone *time.Location) *book {
	return &book{template: template, way: w, now: now, zone: zone, day: dayOf(now, zone), raised: map[counter]int64{}}
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
	case enum.LimitEventPerson:
		limit = 1
	}
	if limit == 0 {
		return math.MaxInt64
	}
	return limit
}

// counted says whether the kind is counted: what a member got always, because it is shown, the others where there is a limit; all of them only where the
// limits count.
func (b *book) counted(kind enum.LimitKind) bool {
	if kind == enum.LimitEventPerson {
		return b.way.once
	}
	return b.way.limits && (kind == enum.LimitMemberTotal || b.limit(kind) != math.MaxInt64)
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
	case b.way.origin != nil && t.State != enum.TemplateVoid: // what was issued stays usable
	case t.State != enum.TemplateActive, b.way.source == enum.SourceClaim && (t.Event != enum.CouponByNoEvent || t.ActivatedByID != nil):
		return apperr.New(apperr.TemplateNotActive)
	case b.way.window && b.now.Before(t.ClaimStartsAt):
		return apperr.New(apperr.ClaimNotOpen, "time", momentText(t.ClaimStartsAt, b.zone))
	case b.way.window && !b.now.Before(t.ClaimEndsAt):
		return apperr.New(apperr.ClaimEnded)
	case b.over(): // nobody is given what cannot be used
		return apperr.New(apperr.TemplateNotActive)
	}
	switch {
	case m.state == enum.MemberFrozen && !b.way.frozen:
		return apperr.New(apperr.MemberFrozen)
	case m.state == enum.MemberCancelled:
		return apperr.New(apperr.MemberCancelled)
	}
	for _, count := range []struct {
		kind enum.LimitKind
		n    int64
	}{
		{enum.LimitMemberTotal, m.total},
		{enum.LimitMemberDay, m.day},
		{enum.LimitPersonTotal, m.person + b.raised[counter{enum.LimitPersonTotal, m.subject, 0}]},
		{enum.LimitEventPerson, m.once + b.raised[counter{enum.LimitEventPerson, m.subject, b.way.period}]},
	} {
		if !b.counted(count.kind) {
			continue
		}
		if limit := b.limit(count.kind); count.n >= limit {
			return apperr.New(apperr.LimitReached, "limit", strconv.FormatInt(limit, 10))
		}
	}
	return b.exhausted()
}

// over says whether what the template would give has no day left on which it could be used.
func (b *book) over() bool {
	return b.template.ValidityKind == enum.ValidityFixed && b.template.ValidUntil != nil && !b.now.Before(*b.template.ValidUntil)
}

// exhausted says what the template has no more of; nil where there is enough for one coupon more.
func (b *book) exhausted() *apperr.Error {
	won := int64(len(b.issued))
	switch {
	case b.way.origin != nil: // it was taken when the friend got it
		return nil
	case won >= b.template.StockLeft, b.counted(enum.LimitTemplateDay) && b.issuedToday+won >= b.limit(enum.LimitTemplateDay):
		return apperr.New(apperr.OutOfStock)
	case b.unpromised, won*int64(b.promise)+int64(b.promise) > b.template.BudgetLeftFen && b.template.BudgetFen > 0:
		return apperr.New(apperr.BudgetExhausted)
	}
	return nil
}

// issue makes a coupon and counts it.
func (b *book) issue(c claim, m *standing) {
	from, until := b.useWindow()
	row := &ent.Coupon{ID: ids.Next(), CreatedAt: b.now, BrandID: b.template.BrandID, TemplateID: b.template.ID, RuleID: b.template.RuleID,
		MemberID: c.memberID, Code: NewCode(), State: windowState(from, until, b.now), Source: b.way.source, ClaimKey: c.key,
		UsableFrom: from, ExpiresAt: until}
	if b.way.jobID != 0 {
		row.IssueJobID = &b.way.jobID
	}
	if origin := b.way.origin; origin != nil {
		row.RuleID, row.OriginID = origin.RuleID, &origin.ID
	}
	b.first[c] = row
	b.issued = append(b.issued, row)
	m.total++
	m.day++
	for _, n := range []counter{{enum.LimitMemberTotal, c.memberID, 0}, {enum.LimitMemberDay, c.memberID, b.day},
		{enum.LimitPersonTotal, m.subject, 0}, {enum.LimitTemplateDay, 0, b.day}, {enum.LimitEventPerson, m.subject, b.way.period}} {
		if b.counted(n.kind) {
			b.raised[n]++
		}
	}
}

// useWindow is the window in which a coupon issued now may be used.
func (b *book) useWindow() (from, until time.Time) {
	t := b.template
	if origin := b.way.origin; origin != nil {
		return origin.UsableFrom, origin.ExpiresAt
	}
	if t.ValidityKind == enum.ValidityFixed && t.ValidFrom != nil && t.ValidUntil != nil {
		return t.ValidFrom.UTC(), t.ValidUntil.UTC()
	}
	from = b.now.In(b.zone).AddDate(0, 0, t.DelayDays)
	return from.UTC(), from.AddDate(0, 0, t.ValidDays).UTC()
}
