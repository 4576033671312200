package graph

import (
	"context"
	"errors"
	"slices"

	"dongxiao/domain/catalog"
	"dongxiao/domain/quote"
	"dongxiao/domain/redemption"
	"dongxiao/ent"
	"dongxiao/graph/model"
	"dongxiao/graph/transport"
	"dongxiao/internal/apperr"
	"dongxiao/internal/ids"
	"dongxiao/internal/money"
)

// shown is how the member shows who is there.
func shown(code *string, typed *model.RedemptionTypedInput) redemption.Shown {
	var s redemption.Shown
	if code != nil {
		s.MemberCode = *code
	}
	if typed != nil {
		s.Typed = &redemption.Typed{CouponCode: typed.CouponCode, PhoneTail: typed.PhoneTail}
	}
	return s
}

// bill is what the member buys.
func bill(purchase money.Fen, items []*model.RedemptionItemInput) redemption.Bill {
	b := redemption.Bill{Purchase: purchase}
	for _, item := range items {
		b.Items = append(b.Items, catalog.Item{SKUID: item.SkuID.Of(ids.SKU), Quantity: int64(item.Quantity)})
	}
	return b
}

// subjects are what is to be redeemed.
func subjects(list []*ids.ID) []ids.ID {
	subjects := make([]ids.ID, len(list))
	for i, id := range list {
		subjects[i] = *id
	}
	return subjects
}

// combination is the best of the offers together; nil where there is none.
func combination(offers *redemption.Offers) *model.RedemptionCombination {
	if len(offers.Best) == 0 {
		return nil
	}
	c := &model.RedemptionCombination{Options: offers.Best}
	for _, o := range offers.Best {
		c.Discount += o.Discount
	}
	c.ToPay = offers.Purchase - c.Discount
	return c
}

// putOptions saves reading what the options were weighed by, and has the funders of all of them read at once.
func putOptions(ctx context.Context, options ...*redemption.Option) {
	var shares []*quote.Share
	within(ctx, options, func(o *redemption.Option) *ent.Coupon { return o.Coupon })
	for _, o := range options {
		if o.Coupon == nil {
			continue
		}
		load(ctx).coupon.put(o.Coupon.ID, o.Coupon)
		load(ctx).couponTemplate.put(o.Template.ID, o.Template)
		for i := range o.Shares {
			shares = append(shares, &o.Shares[i])
		}
	}
	together(ctx, shares)
}

// confirmPayload answers a confirmation. What refuses several coupons has an error for each.
func confirmPayload(ctx context.Context, c *redemption.Confirmed, err error) (*model.RedemptionConfirmPayload, error) {
	payload := &model.RedemptionConfirmPayload{Results: []*redemption.Result{}, UserErrors: []*model.UserError{}}
	if refused, ok := errors.AsType[*redemption.Refused](err); ok {
		payload.Results = refused.Results
		for _, result := range refused.Results {
			if result.Refusal == nil {
				continue
			}
			each, err := refuse(ctx, "RedemptionErrorCode", result.Refusal)
			if err != nil {
				return nil, err
			}
			payload.UserErrors = append(payload.UserErrors, each...)
		}
		return payload, nil
	}
	if payload.UserErrors, err = refuse(ctx, "RedemptionErrorCode", err); err != nil || c == nil {
		return payload, err
	}
	payload.Payment = c.Payment
	if about := c.About; about != nil { // saves reading what they refer to
		load(ctx).member.put(about.Member.ID, about.Member)
		load(ctx).org.put(about.Store.ID, about.Store)
		load(ctx).staff.put(about.Staff.ID, about.Staff)
	}
	rows, options := make([]*ent.Redemption, len(c.Results)), make([]*redemption.Option, 0, len(c.Results))
	for i, result := range c.Results {
		rows[i] = result.Redemption
		if result.Option != nil {
			options = append(options, result.Option)
		}
	}
	if len(c.Results) > 0 {
		payload.Results = c.Results
	}
	together(ctx, rows)
	putOptions(ctx, options...)
	return payload, nil
}

// codeOf is a refusal's code; nil for none.
func codeOf(refusal *apperr.Error) *apperr.Code {
	if refusal == nil {
		return nil
	}
	return &refusal.Code
}

// messageOf is what a refusal says in the language of the request; nil for none.
func messageOf(ctx context.Context, refusal *apperr.Error) *string {
	if refusal == nil {
		return nil
	}
	message := refusal.Message(transport.LanguageOf(ctx))
	return &message
}

// shiftID is the id of a till shift; nil for none.
func shiftID(number *int64) *ids.ID {
	if number == nil {
		return nil
	}
	return &ids.ID{Kind: ids.TillShift, Value: *number}
}

// putDay has the staff and the funders of all lines of a day read at once.
func putDay(ctx context.Context, day *redemption.Day) {
	if day == nil {
		return
	}
	load(ctx).org.put(day.Store.ID, day.Store)
	var shares []*quote.Share
	for _, line := range append(slices.Clone(day.Lines), day.Total) {
		for i := range line.Shares {
			shares = append(shares, &line.Shares[i])
		}
	}
	together(ctx, day.Lines)
	together(ctx, shares)
}
