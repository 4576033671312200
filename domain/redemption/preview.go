package redemption

import (
	"context"
	"maps"
	"slices"

	"dongxiao/auth"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
)

// Preview shows the clerk what the member's benefits are worth at the store now for a bill, each alone and the best together. For a pay code it shows what may be
// paid with stored value, by the wallet's rules; for a typed coupon code that coupon alone. Staff with RedeemCoupons at the store call it. It changes nothing and does
// not use a code up, but typed codes are counted.
//
// Refusals: INVALID_INPUT, NOT_FOUND (the store is not the clerk's, an item is not sold there), STORE_CLOSED, MEMBER_CODE_INVALID, MEMBER_CODE_EXPIRED,
// COUPON_CODE_INVALID, RATE_LIMITED, MEMBER_FROZEN, MEMBER_CANCELLED, and those of StoredValue.
func (s *Service) Preview(ctx context.Context, shown Shown, storeID int64, bill Bill) (*Offers, error) {
	if err := bill.check(); err != nil {
		return nil, err
	}
	shop, _, err := s.counter(ctx, storeID)
	if err != nil {
		return nil, err
	}
	if shown.Typed != nil {
		if err := s.typed(ctx, &shown, storeID); err != nil {
			return nil, err
		}
	}
	within := auth.WithinBrand(ctx)
	who, err := s.identify(within, shown, false)
	if apperr.CodeOf(err) == apperr.MemberCodeInvalid && shown.Typed == nil {
		value, payErr := s.StoredValue.OfferPayCode(ctx, shown.MemberCode, storeID)
		switch {
		case apperr.CodeOf(payErr) == apperr.PayCodeInvalid:
			return nil, err
		case payErr != nil:
			return nil, ofCode(payErr)
		}
		return &Offers{Member: value.Member, Purchase: bill.Purchase, Value: value}, nil
	}
	if err != nil {
		return nil, err
	}
	basket, err := s.basket(within, bill, shop)
	if err != nil {
		return nil, err
	}
	offers := &Offers{Member: who.member, Purchase: basket.Purchase}
	var only *int64
	if who.coupon != nil {
		only = &who.coupon.ID
	}
	for _, kind := range slices.Sorted(maps.Keys(s.Kinds)) {
		if only != nil && kind != enum.RedeemCoupon {
			continue
		}
		options, best, err := s.Kinds[kind].Preview(within, who.member.ID, only, shop, basket)
		if err != nil {
			return nil, err
		}
		offers.Options, offers.Best = append(offers.Options, options...), append(offers.Best, best...)
	}
	return offers, nil
}

// typed brings a typed code into its form and counts it; COUPON_CODE_INVALID, RATE_LIMITED, UNAVAILABLE.
func (s *Service) typed(ctx context.Context, shown *Shown, storeID int64) error {
	if shown.MemberCode != "" {
		return apperr.Invalid("typed", "memberCode")
	}
	clean, ok := shown.Typed.clean()
	if !ok {
		return invalidTyped()
	}
	shown.Typed = &clean
	return s.allow(ctx, clean, storeID)
}

// ofCode names the field of a wallet's refusal of a pay code as this door calls it.
func ofCode(err error) error {
	refusal, ok := err.(*apperr.Error)
	if ok && slices.Equal(refusal.Field, []string{"input", "payCode"}) {
		return refusal.At("input", "memberCode")
	}
	if ok && slices.Equal(refusal.Field, []string{"input", "amount"}) {
		return refusal.At("input", "purchase")
	}
	return err
}
