package coupon

import (
	"cmp"
	"context"
	"slices"
	"time"

	"entgo.io/ent/dialect"

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
)

const (
	// previewLimit is the most coupons that a preview shows.
	previewLimit = 50
	// previewRead bounds how many of the soonest-ending coupons a preview looks at.
	previewRead = 500
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
// the soonest-ending; at most 50. The caller has verified that the member is there. It changes nothing and takes four statements at most.
func (s *Service) Preview(ctx context.Context, memberID int64, store *org.Place, basket redemption.Basket) ([]Offer, error) {
	ctx = auth.WithinBrand(ctx)
	now := s.Clock.Now()
	rows, err := s.Store.Client(ctx).Coupon.Query().Where(coupon.MemberID(memberID),
		coupon.StateIn(enum.CouponPending, enum.CouponEffective), coupon.ExpiresAtGT(now)).
		Order(coupon.ByExpiresAt(), coupon.ByID()).Limit(previewRead).All(ctx)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	t, err := s.terms(ctx, rows, store)
	if err != nil {
		return nil, err
	}
	offers := make([]Offer, len(rows))
	for i, row := range rows {
		if offers[i], err = t.offer(row, basket, now); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(offers, func(a, b Offer) int {
		return cmp.Or(compareBools(a.Refusal != nil, b.Refusal != nil), cmp.Compare(b.Discount, a.Discount),
			a.Coupon.ExpiresAt.Compare(b.Coupon.ExpiresAt), cmp.Compare(a.Coupon.ID, b.Coupon.ID))
	})
	return offers[:min(len(offers), previewLimit)], nil
}

// offer is what the coupon alone would be worth at the till.
func (t *terms) offer(row *ent.Coupon, basket redemption.Basket, now time.Time) (Offer, error) {
	o := Offer{Coupon: row, Rule: t.rules[row.RuleID], Template: t.templates[row.TemplateID]}
	q, err := t.price(quote.Input{Lines: basket.Goods(), Now: now}, row)
	if err != nil {
		return o, err
	}
	o.Discount, o.Refusal = q.Explanations[0].Discount, q.Explanations[0].Refusal
	if len(q.Uses) > 0 {
		o.Shares = q.Uses[0].Shares
	}
	return o, nil
}

// Use uses one coupon of the member up, inside the caller's transaction: EFFECTIVE, or PENDING whose window has begun, becomes USED. The caller
// may redeem at the store and has verified that the member is there. Refusals: NOT_FOUND (also another member's), COUPON_ALREADY_USED,
// and the other codes of quote.Explanation. The coupon's row is locked first, so that of two tills one gets
// COUPON_ALREADY_USED.
func (s *Service) Use(ctx context.Context, couponID, memberID int64, store *org.Place, basket redemption.Basket) (Offer, error) {
	ctx = auth.WithinBrand(ctx)
	query := s.Store.Client(ctx).Coupon.Query().Where(coupon.ID(couponID), coupon.MemberID(memberID))
	if s.Store.Dialect() == dialect.MySQL {
		query = query.ForUpdate()
	}
	row, err := query.Only(ctx)
	if err != nil {
		if ent.IsNotFound(err) {
			err = apperr.New(apperr.NotFound)
		}
		return Offer{}, err
	}
	now := s.Clock.Now()
	t, err := s.terms(ctx, []*ent.Coupon{row}, store)
	if err != nil {
		return Offer{}, err
	}
	offer, err := t.offer(row, basket, now)
	if err != nil {
		return Offer{}, err
	}
	if offer.Refusal != nil {
		return Offer{}, offer.Refusal
	}
	changed, err := s.Store.Client(ctx).Coupon.Update().Where(coupon.ID(couponID), coupon.MemberID(memberID),
		coupon.StateIn(enum.CouponPending, enum.CouponEffective), coupon.UsableFromLTE(now), coupon.ExpiresAtGT(now)).
		SetState(enum.CouponUsed).SetUsedAt(now).Save(ctx)
	if err == nil && changed != 1 {
		err = apperr.New(apperr.CouponAlreadyUsed)
	}
	row.State, row.UsedAt = enum.CouponUsed, &now
	return offer, err
}

// Return gives a used coupon back, inside the caller's transaction: USED becomes EFFECTIVE, or EXPIRED where its time is over, or REVOKED where the member has
// left. The caller has checked that the use may be undone and holds the member's row. It gives NOT_FOUND, and CONFLICT where the coupon is not used.
// What comes back as EXPIRED or REVOKED gives its promise back to the budget.
func (s *Service) Return(ctx context.Context, couponID int64, left bool) (*ent.Coupon, error) {
	ctx = auth.WithinBrand(ctx)
	row, err := s.Store.Client(ctx).Coupon.Get(ctx, couponID)
	if err != nil {
		if ent.IsNotFound(err) {
			err = apperr.New(apperr.NotFound)
		}
		return nil, err
	}
	state := windowState(row.UsableFrom, row.ExpiresAt, s.Clock.Now())
	if left {
		state = enum.CouponRevoked
	}
	changed, err := s.Store.Client(ctx).Coupon.Update().Where(coupon.ID(couponID), coupon.StateEQ(enum.CouponUsed)).
		SetState(state).ClearUsedAt().Save(ctx)
	if err == nil && changed != 1 {
		err = apperr.New(apperr.Conflict)
	}
	row.State, row.UsedAt = state, nil
	if err == nil && (state == enum.CouponExpired || state == enum.CouponRevoked) {
		err = s.giveBack(ctx, []*ent.Coupon{row})
	}
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
