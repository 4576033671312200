package coupon

import (
	"cmp"
	"context"
	"slices"
	"time"

	"dongxiao/auth"
	"dongxiao/domain/org"
	"dongxiao/domain/quote"
	"dongxiao/domain/redemption"
	"dongxiao/ent"
	"dongxiao/ent/coupon"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/money"
	"dongxiao/internal/store"
)

const (
	// previewLimit is the most coupons that a preview shows.
	previewLimit = 50
	// previewRead bounds how many of the soonest-ending coupons a preview looks at.
	previewRead = 500
	// combined is the most coupons of which the best combination is sought, the soonest-ending ones.
	combined = 100
)

// Offer is what one coupon would be worth for a purchase at a store.
type Offer struct {
	Coupon *ent.Coupon
	Rule   document.CouponRule
	// Discount is what it takes off the purchase; 0 where it is refused.
	Discount money.Fen
	// Shares are what each funder bears of it; they sum to it.
	Shares []quote.Share
	// Refusal says why it cannot be used; nil where it can.
	Refusal *apperr.Error
	// Template is what the coupon was made from.
	Template *ent.CouponTemplate
}

// Preview weighs the member's coupons that are not used up, each alone, for what is bought at the store now: usable ones first, the largest discount first, then
// the soonest-ending; at most 50. It also gives the best combination of those that can be used. With only it looks at that coupon alone. The caller has verified that
// the member is there. It changes nothing and takes four statements at most.
func (s *Service) Preview(ctx context.Context, memberID int64, only *int64, at *org.Place, basket redemption.Basket) (offers, best []Offer, err error) {
	ctx = auth.WithinBrand(ctx)
	now := s.Clock.Now()
	query := s.Store.Client(ctx).Coupon.Query().Where(coupon.MemberID(memberID))
	if only != nil {
		query.Where(coupon.ID(*only))
	} else {
		query.Where(coupon.StateIn(enum.CouponPending, enum.CouponEffective, enum.CouponLocked), coupon.ExpiresAtGT(now))
	}
	rows, err := query.Order(coupon.ByExpiresAt(), coupon.ByID()).Limit(previewRead).All(ctx)
	if err != nil || len(rows) == 0 {
		return nil, nil, err
	}
	t, err := s.terms(ctx, rows, at)
	if err != nil {
		return nil, nil, err
	}
	var usable []*ent.Coupon
	for _, row := range rows {
		alone, _, err := t.offers(basket, now, row)
		if err != nil {
			return nil, nil, err
		}
		offers = append(offers, alone[0])
		if alone[0].Refusal == nil && len(usable) < combined {
			usable = append(usable, row)
		}
	}
	slices.SortFunc(offers, func(a, b Offer) int {
		return cmp.Or(compareBools(a.Refusal != nil, b.Refusal != nil), cmp.Compare(b.Discount, a.Discount),
			a.Coupon.ExpiresAt.Compare(b.Coupon.ExpiresAt), cmp.Compare(a.Coupon.ID, b.Coupon.ID))
	})
	together, order, err := t.offers(basket, now, usable...)
	if err != nil {
		return nil, nil, err
	}
	for _, id := range order[:min(len(order), redemption.MaxTogether)] {
		i := slices.IndexFunc(together, func(o Offer) bool { return o.Coupon.ID == id })
		best = append(best, together[i])
	}
	return offers[:min(len(offers), previewLimit)], best, nil
}

// offers are what the coupons would be worth together at the till, in their order, and which are used, in the order in which they are taken off.
func (t *terms) offers(basket redemption.Basket, now time.Time, rows ...*ent.Coupon) (offers []Offer, used []int64, err error) {
	q, err := t.price(quote.Input{Lines: basket.Goods(), Now: now}, rows...)
	if err != nil {
		return nil, nil, err
	}
	offers = make([]Offer, len(rows))
	position := make(map[int64]int, len(rows))
	for i, row := range rows {
		offers[i] = Offer{Coupon: row, Rule: t.rules[row.RuleID], Template: t.templates[row.TemplateID]}
		position[row.ID] = i
	}
	for _, e := range q.Explanations {
		offers[position[e.CouponID]].Discount, offers[position[e.CouponID]].Refusal = e.Discount, e.Refusal
	}
	for _, u := range q.Uses {
		offers[position[u.CouponID]].Shares = u.Shares
		used = append(used, u.CouponID)
	}
	return offers, used, nil
}

// Use uses coupons of the member up together, inside the caller's transaction: EFFECTIVE, or PENDING whose window has begun, becomes USED. The caller may redeem at
// the store and has verified that the member is there. It answers an offer for each, in their order; where one is refused, nothing is used: NOT_FOUND (also another
// member's, then without a coupon) and the codes of quote.Explanation. The coupons' rows are locked first, by number, so that of two tills one
// gets COUPON_ALREADY_USED.
func (s *Service) Use(ctx context.Context, couponIDs []int64, memberID int64, at *org.Place, basket redemption.Basket) ([]Offer, error) {
	ctx = auth.WithinBrand(ctx)
	rows, err := store.Locked(s.Store, s.Store.Client(ctx).Coupon.Query().Where(coupon.IDIn(couponIDs...), coupon.MemberID(memberID)).Order(coupon.ByID())).All(ctx)
	if err != nil {
		return nil, err
	}
	offers, now := make([]Offer, len(couponIDs)), s.Clock.Now()
	for i := range offers {
		offers[i].Refusal = apperr.New(apperr.NotFound)
	}
	if len(rows) == 0 {
		return offers, nil
	}
	t, err := s.terms(ctx, rows, at)
	if err != nil {
		return nil, err
	}
	found, used, err := t.offers(basket, now, rows...)
	if err != nil {
		return nil, err
	}
	for _, offer := range found {
		offers[slices.Index(couponIDs, offer.Coupon.ID)] = offer
	}
	if len(used) < len(couponIDs) {
		return offers, nil
	}
	changed, err := s.Store.Client(ctx).Coupon.Update().Where(coupon.IDIn(couponIDs...), coupon.MemberID(memberID),
		coupon.StateIn(enum.CouponPending, enum.CouponEffective), coupon.UsableFromLTE(now), coupon.ExpiresAtGT(now)).
		SetState(enum.CouponUsed).SetUsedAt(now).Save(ctx)
	if err == nil && changed != len(couponIDs) {
		err = apperr.New(apperr.CouponAlreadyUsed)
	}
	for _, row := range rows {
		row.State, row.UsedAt = enum.CouponUsed, &now
	}
	return offers, err
}

// Return gives a coupon back whose use is undone, inside the caller's transaction: USED becomes EFFECTIVE, or EXPIRED where its time is over and its rule has no days of grace, or
// REVOKED where the member has left or what gave the coupon was undone too. The rule's return policy is about refunds and does not count here. The caller has checked that the use
// may be undone and holds the member's row. It gives NOT_FOUND, and CONFLICT where the coupon is not used. What comes back as EXPIRED or REVOKED gives its
// promise back to the budget.
func (s *Service) Return(ctx context.Context, couponID int64, left bool) (*ent.Coupon, error) {
	ctx = auth.WithinBrand(ctx)
	row, err := store.Locked(s.Store, s.Store.Client(ctx).Coupon.Query().Where(coupon.ID(couponID))).Only(ctx)
	switch {
	case ent.IsNotFound(err):
		return nil, apperr.New(apperr.NotFound)
	case err != nil:
		return nil, err
	case row.State != enum.CouponUsed:
		return nil, apperr.New(apperr.Conflict)
	}
	rules, err := s.rules.of(ctx, []int64{row.RuleID})
	if err != nil {
		return nil, err
	}
	zone, err := s.zone(ctx, row.BrandID)
	if err != nil {
		return nil, err
	}
	gone, err := s.undone(ctx, row)
	if err != nil {
		return nil, err
	}
	state := returnedState(row, rules[row.RuleID].ReturnGraceDays, s.Clock.Now().In(zone), left || gone[row.ID])
	err = s.settle(ctx, row, state)
	row.State, row.UsedAt = state, nil
	return row, err
}

// distinct gives the ids sorted and each once.
func distinct(ids []int64) []int64 { return slices.Compact(slices.Sorted(slices.Values(ids))) }

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}
