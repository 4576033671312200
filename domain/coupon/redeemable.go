package coupon

import (
	"context"

	"dongxiao/domain/org"
	"dongxiao/domain/redemption"
	"dongxiao/ent"
	"dongxiao/internal/ids"
)

// Redeemable is the service as redemption sees it.
func (s *Service) Redeemable() redemption.Redeemable { return redeemable{s} }

type redeemable struct{ service *Service }

func (redeemable) Subject() ids.Kind { return ids.Coupon }

func (r redeemable) Preview(ctx context.Context, memberID int64, only *int64, at *org.Place, basket redemption.Basket) (options, best []*redemption.Option, err error) {
	offers, together, err := r.service.Preview(ctx, memberID, only, at, basket)
	return optionsOf(offers), optionsOf(together), err
}

func optionsOf(offers []Offer) []*redemption.Option {
	options := make([]*redemption.Option, len(offers))
	for i, o := range offers {
		options[i] = &redemption.Option{Coupon: o.Coupon, Template: o.Template, Refusal: o.Refusal, Discount: o.Discount, Shares: o.Shares}
	}
	return options
}

func (r redeemable) Use(ctx context.Context, subjectIDs []int64, memberID int64, at *org.Place, basket redemption.Basket) ([]*redemption.Option, error) {
	offers, err := r.service.Use(ctx, subjectIDs, memberID, at, basket)
	return optionsOf(offers), err
}

func (r redeemable) Reward(ctx context.Context, used *redemption.Option, redemptionID int64, at *org.Place) ([]redemption.Activation, error) {
	return r.service.Activate(ctx, used.Coupon, redemptionID, at)
}

func (r redeemable) Rewards(ctx context.Context, redemptions []*ent.Redemption) (map[int64][]redemption.Activation, error) {
	return r.service.Activated(ctx, redemptions)
}

func (r redeemable) Return(ctx context.Context, row *ent.Redemption, left bool) error {
	if _, err := r.service.Return(ctx, row.SubjectID, left); err != nil {
		return err
	}
	return r.service.Deactivate(ctx, row)
}
