package coupon

import (
	"context"

	"dongxiao/domain/org"
	"dongxiao/domain/redemption"
)

// Redeemable is the service as redemption sees it.
func (s *Service) Redeemable() redemption.Redeemable { return redeemable{s} }

type redeemable struct{ service *Service }

func (r redeemable) Preview(ctx context.Context, memberID int64, store *org.Place, basket redemption.Basket) ([]*redemption.Option, error) {
	offers, err := r.service.Preview(ctx, memberID, store, basket)
	if err != nil {
		return nil, err
	}
	options := make([]*redemption.Option, len(offers))
	for i, offer := range offers {
		options[i] = option(offer)
	}
	return options, nil
}

func option(o Offer) *redemption.Option {
	return &redemption.Option{Coupon: o.Coupon, Template: o.Template, Refusal: o.Refusal, Discount: o.Discount, Shares: o.Shares}
}

func (r redeemable) Use(ctx context.Context, subjectID, memberID int64, store *org.Place, basket redemption.Basket) (*redemption.Option, error) {
	offer, err := r.service.Use(ctx, subjectID, memberID, store, basket)
	return option(offer), err
}

func (r redeemable) Return(ctx context.Context, subjectID int64, left bool) error {
	_, err := r.service.Return(ctx, subjectID, left)
	return err
}
