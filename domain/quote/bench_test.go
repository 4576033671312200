package quote_test

import (
	"fmt"
	"testing"

	"dongxiao/domain/quote"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/internal/money"
)

// wallet is 20 lines and so many coupons of all kinds in so many stack groups, as a member who collects them has.
func wallet(coupons, groups, limit int) quote.Input {
	in := basket()
	in.Freight = 800
	in.Points = quote.Points{Use: 500, PerYuan: 100, Cap: 3_000}
	for i := range 20 {
		in.Lines = append(in.Lines, quote.Line{ID: int64(i + 1), SKUID: int64(i + 11), ProductID: int64(i/2 + 1), Category: fmt.Sprint("category ", i%4), Quantity: int64(i%3 + 1),
			UnitPrice: money.Fen(990 + i*1_310)})
	}
	for i := range coupons {
		rule := amountOff(money.Fen(500+i*170), money.Fen(5_000+i*4_000))
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
		if i%4 == 2 {
			rule.Scope.SKUIDs = []int64{int64(i%20 + 11), int64(i%7 + 11), int64(i%5 + 11)}
		}
		rule.StackGroup, rule.StackLimit = fmt.Sprint("group ", i%groups), limit
		rule.Funders = []document.Funder{{OrgID: brandOrg, BasisPoints: 7_000}, {OrgID: storeOrg, BasisPoints: 3_000}}
		in.Coupons = append(in.Coupons, held(int64(i+1), rule, func(c *quote.Coupon) { c.RuleID = int64(i + 1) }))
	}
	return in
}

// BenchmarkQuote prices 20 lines with 30 coupons.
func BenchmarkQuote(b *testing.B) {
	for _, row := range []struct {
		name                   string
		coupons, groups, limit int
		exact                  bool
	}{
		{"none", 0, 1, 1, true},
		{"one group", 30, 1, 1, true},
		{"three groups", 30, 3, 1, true},
		{"five groups", 30, 5, 1, true},
		{"five groups of two", 30, 5, 2, true},
		{"ten groups", 30, 10, 1, true},
		{"all go together", 30, 30, 1, false},
	} {
		b.Run(row.name, func(b *testing.B) {
			in := wallet(row.coupons, row.groups, row.limit)
			b.ReportAllocs()
			exact := true
			for b.Loop() {
				q, err := quote.Price(in)
				if err != nil {
					b.Fatal(err)
				}
				exact = q.Exact
			}
			b.ReportMetric(map[bool]float64{true: 1}[exact], "exact")
		})
	}
}
