package main

import (
	"context"
	"fmt"
	"time"

	"dongxiao/domain/quote"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/internal/money"
)

// quotes is how long one quote of 20 lines and 30 held coupons takes, by how many stack groups the coupons are in. A quote is arithmetic: there is no database to ask,
// and nothing to compare with.
func quotes(ctx context.Context, _ *environment) ([]result, error) {
	var results []result
	for _, groups := range []int{1, 3, 5, 10} {
		in := heldBasket(30, groups)
		made, exact := 0, true
		start := time.Now()
		for time.Since(start) < window && ctx.Err() == nil {
			for range 100 {
				q, err := quote.Price(in)
				if err != nil {
					return nil, err
				}
				exact = exact && q.Exact
			}
			made += 100
		}
		note := "proved to be the best"
		if !exact {
			note = "the best that was found"
		}
		results = append(results, result{Name: fmt.Sprintf("quote_%d", groups), Value: float64(time.Since(start).Microseconds()) / float64(max(made, 1)), Unit: "µs/quote",
			Note: fmt.Sprintf("20 lines, 30 coupons in %d groups, %s", groups, note)})
	}
	return results, ctx.Err()
}

// heldBasket is 20 lines and so many coupons of all kinds, as a member who collects them has.
func heldBasket(coupons, groups int) quote.Input {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, shanghai)
	in := quote.Input{OrgIDs: []int64{1, 2}, Online: true, Now: now, Freight: 800}
	for i := range int64(20) {
		in.Lines = append(in.Lines, quote.Line{ID: i + 1, SKUID: i + 11, ProductID: i/2 + 1, Category: fmt.Sprint("category ", i%4), Quantity: i%3 + 1,
			UnitPrice: money.Fen(990 + i*1_310)})
	}
	for i := range coupons {
		rule := document.CouponRule{Kind: enum.CouponAmountOff, AmountFen: money.Fen(500 + i*170), ThresholdFen: money.Fen(5_000 + i*4_000), StackLimit: 1,
			StackGroup: fmt.Sprint("group ", i%groups), Funders: []document.Funder{{OrgID: 1, BasisPoints: 7_000}, {OrgID: 2, BasisPoints: 3_000}}, ReturnPolicy: enum.ReturnOnFullRefund}
		switch {
		case i%10 == 9:
			rule.Kind, rule.AmountFen, rule.ThresholdFen = enum.CouponFreight, 0, 0
		case i%10 == 8:
			rule.Kind, rule.AmountFen, rule.GoodsSKUID = enum.CouponExchange, 0, int64(i%20+11)
		case i%10 == 7:
			rule.Kind, rule.AmountFen, rule.GoodsSKUID = enum.CouponGift, 0, 99
		case i%3 == 0:
			rule.Kind, rule.AmountFen, rule.PercentBasisPoints, rule.CapFen = enum.CouponPercentOff, 0, money.BasisPoints(500+i*20), money.Fen(2_000+i*100)
		}
		if i%4 == 1 {
			rule.Scope.Categories = []string{fmt.Sprint("category ", i%4)}
		}
		in.Coupons = append(in.Coupons, quote.Coupon{ID: int64(i + 1), RuleID: int64(i + 1), Rule: rule, OrgID: 1, State: enum.CouponEffective,
			UsableFrom: now.AddDate(0, 0, -1), ExpiresAt: now.AddDate(0, 0, 1)})
	}
	return in
}
