package redemption

import (
	"context"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/member"
	"dongxiao/internal/money"
)

// Preview shows the clerk what the member's coupons are worth at the store now. Staff with RedeemCoupons at the store call it. It changes nothing
// and does not use the code up. Refusals: INVALID_INPUT, NOT_FOUND (the store is not the clerk's), STORE_CLOSED, MEMBER_CODE_INVALID,
// MEMBER_CODE_EXPIRED, MEMBER_FROZEN, MEMBER_CANCELLED.
func (s *Service) Preview(ctx context.Context, memberCode string, storeID int64, purchase money.Fen) (*ent.Member, []*Option, error) {
	if err := checkPurchase(purchase); err != nil {
		return nil, nil, err
	}
	store, _, err := s.counter(ctx, storeID)
	if err != nil {
		return nil, nil, err
	}
	number, _, err := s.verify(ctx, memberCode)
	if err != nil {
		return nil, nil, err
	}
	ctx = auth.WithinBrand(ctx)
	m, err := active(s.Store.Client(ctx).Member.Query().Where(member.Number(number)).Only(ctx))
	if err != nil {
		return nil, nil, err
	}
	options, err := s.Coupons.Preview(ctx, m.ID, store, Basket{Purchase: purchase})
	return m, options, err
}
