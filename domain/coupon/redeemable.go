package coupon

import (
	"context"

	"dongxiao/domain/redemption"
	"dongxiao/internal/money"
)

// Redeemable is the service as redemption sees it.
func (s *Service) Redeemable() redemption.Redeemable { return redeemable{s} }

type redeemable struct{ service *Service }

func (r redeemable) Preview(ctx context.Context, memberID, storeID int64, purchase money.Fen) ([]*redemption.Option, error) {
	offers, err := r.service.Preview(ctx, memberID, storeID, purchase)
	if err != nil {
		return nil, err
	}
	options := make([]*redemption.Option, len(offers))
	for i, offer := range offers {
		options[i] = &redemption.Option{Coupon: offer.Coupon, Refusal: offer.Refusal, Discount: offer.Discount}
	}
	return options, nil
}

func (r redeemable) Use(ctx context.Context, subjectID, memberID, storeID int64, purchase money.Fen) (money.Fen, error) {
	offer, err := r.service.Use(ctx, subjectID, memberID, storeID, purchase)
	return offer.Discount, err
}

func (r redeemable) Return(ctx context.Context, subjectID int64, left bool) error {
	_, err := r.service.Return(ctx, subjectID, left)
	return err
}
