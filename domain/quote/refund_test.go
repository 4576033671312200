package quote_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"dongxiao/domain/quote"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/money"
)

func withdraw(rule document.CouponRule) document.CouponRule {
	return with(rule, func(r *document.CouponRule) { r.Repricing = enum.RepriceWithdraw })
}

func TestRefundsStepByStep(t *testing.T) {
	t.Parallel()
	type step struct {
		lines []int64 // one piece of each comes back
		money money.Fen
		// withheld is what is deducted, stands what is left of the first coupon's discount.
		withheld, stands money.Fen
		below            bool
	}
	for name, row := range map[string]struct {
		prices []money.Fen
		change func(*quote.Input)
		rules  []document.CouponRule
		steps  []step
	}{
		"the threshold still met": {prices: []money.Fen{8_000, 2_000, 1_000}, rules: []document.CouponRule{withdraw(amountOff(1_100, 10_000))},
			steps: []step{{lines: []int64{3}, money: 900, stands: 1_000}}},
		"below the threshold, kept": {prices: []money.Fen{8_000, 2_000}, rules: []document.CouponRule{amountOff(1_000, 10_000)},
			steps: []step{{lines: []int64{2}, money: 1_800, stands: 800, below: true}, {lines: []int64{1}, money: 7_200, below: true}}},
		"below the threshold, withdrawn": {prices: []money.Fen{8_000, 2_000}, rules: []document.CouponRule{withdraw(amountOff(1_000, 10_000))},
			steps: []step{{lines: []int64{2}, money: 1_000, withheld: 800, below: true}, {lines: []int64{1}, money: 8_000, withheld: -800, below: true}}},
		"more withdrawn than comes back": {prices: []money.Fen{8_000, 2_000, 1_000}, rules: []document.CouponRule{withdraw(amountOff(5_500, 10_000))}, // 4000, 1000, 500 to pay
			steps: []step{{lines: []int64{3}, money: 500, stands: 5_000}, {lines: []int64{2}, withheld: 1_000, stands: 3_000, below: true}, {lines: []int64{1}, money: 5_000, withheld: -1_000, below: true}}},
		"a percentage without a threshold": {prices: []money.Fen{8_000, 2_000}, rules: []document.CouponRule{withdraw(percentOff(1_000, 0))},
			steps: []step{{lines: []int64{2}, money: 1_800, stands: 800}, {lines: []int64{1}, money: 7_200, below: true}}},
		"the exchanged piece": {prices: []money.Fen{8_000, 2_000}, rules: []document.CouponRule{withdraw(goods(enum.CouponExchange, 12, 10_000))},
			steps: []step{{lines: []int64{1}, money: 6_000, withheld: 2_000, below: true}, {lines: []int64{2}, money: 2_000, withheld: -2_000, below: true}}},
		"a gift for a threshold that is lost": {prices: []money.Fen{8_000, 2_000}, rules: []document.CouponRule{withdraw(goods(enum.CouponGift, 77, 10_000))},
			steps: []step{{lines: []int64{2}, money: 2_000, below: true}}},
		"freight comes back with the last piece": {prices: []money.Fen{8_000, 2_000}, change: func(in *quote.Input) { in.Freight = 1_000 }, rules: []document.CouponRule{freightOff(400, 10_000)},
			steps: []step{{lines: []int64{2}, money: 2_000, stands: 400, below: true}, {lines: []int64{1}, money: 8_600, below: true}}},
		"freight that is not free any more": {prices: []money.Fen{8_000, 2_000}, change: func(in *quote.Input) { in.Freight = 1_000 }, rules: []document.CouponRule{withdraw(freightOff(0, 10_000))},
			steps: []step{{lines: []int64{2}, money: 1_000, withheld: 1_000, below: true}, {lines: []int64{1}, money: 9_000, withheld: -1_000, below: true}}},
		"only the coupon whose threshold is lost": {prices: []money.Fen{8_000, 2_000}, rules: []document.CouponRule{withdraw(amountOff(1_000, 10_000)), grouped(withdraw(amountOff(900, 7_000)), "a", 0)},
			steps: []step{{lines: []int64{2}, money: 1_620 - 800, withheld: 800, below: true}, {lines: []int64{1}, money: 6_480 + 800, withheld: -800, below: true}}},
		"pieces of a line": {prices: []money.Fen{1_000}, change: func(in *quote.Input) { in.Lines[0].Quantity = 3 }, rules: []document.CouponRule{amountOff(100, 0)}, // 2900 for 3
			steps: []step{{lines: []int64{1}, money: 966, stands: 67}, {lines: []int64{1}, money: 967, stands: 34}, {lines: []int64{1}, money: 967, below: true}}},
		"what points paid comes back as points": {prices: []money.Fen{1_000, 1_000}, change: func(in *quote.Input) { in.Points = quote.Points{Use: 1_000, PerYuan: 100, Cap: 10_000} }, rules: []document.CouponRule{amountOff(100, 0)},
			steps: []step{{lines: []int64{1}, money: 450, stands: 50}, {lines: []int64{2}, money: 450, below: true}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := basket(row.prices...)
			if row.change != nil {
				row.change(&in)
			}
			for i, rule := range row.rules {
				in.Coupons = append(in.Coupons, held(int64(i+1), rule))
			}
			q := price(t, in)
			require.Len(t, q.Uses, len(row.rules))
			var done quote.Refunded
			for _, s := range row.steps {
				var back []quote.Return
				for _, id := range s.lines {
					back = append(back, quote.Return{LineID: id, Quantity: 1})
				}
				r, err := q.Refund(done, back)
				require.NoError(t, err)
				require.Equal(t, s, step{s.lines, r.Money, r.Withheld, r.Coupons[0].Discount, r.Coupons[0].BelowThreshold})
				require.Equal(t, int64(r.PointsWorth), r.Points)
				done = r.Refunded
			}
		})
	}
}

func TestRefundGivesStoredValueBackFirst(t *testing.T) {
	t.Parallel()
	in := basket(1_000, 1_000)
	in.StoredValue = 1_500
	q := price(t, in)
	first, err := q.Refund(quote.Refunded{}, []quote.Return{{LineID: 2, Quantity: 1}})
	require.NoError(t, err)
	require.Equal(t, []money.Fen{1_000, 0}, []money.Fen{first.StoredValue, first.Rest})
	second, err := q.Refund(first.Refunded, []quote.Return{{LineID: 1, Quantity: 1}})
	require.NoError(t, err)
	require.Equal(t, []money.Fen{500, 500}, []money.Fen{second.StoredValue, second.Rest})
	require.Equal(t, quote.Refunded{Lines: []quote.Return{{1, 1}, {2, 1}}, Money: 2_000}, second.Refunded)
}

func TestRefundRefusesWhatCannotComeBack(t *testing.T) {
	t.Parallel()
	in := basket(1_000, 1_000)
	in.Lines[1].Quantity = 3
	q := price(t, in)
	one := quote.Refunded{Lines: []quote.Return{{LineID: 2, Quantity: 1}}, Money: 1_000}
	for name, row := range map[string]struct {
		done  quote.Refunded
		lines []quote.Return
		field string
	}{
		"no such line":            {lines: []quote.Return{{9, 1}}, field: "lines"},
		"no pieces":               {lines: []quote.Return{{2, 0}}, field: "quantity"},
		"fewer than no pieces":    {lines: []quote.Return{{2, -1}}, field: "quantity"},
		"more than there are":     {lines: []quote.Return{{2, 4}}, field: "quantity"},
		"more than are left":      {done: one, lines: []quote.Return{{2, 3}}, field: "quantity"},
		"more, in two parts":      {done: one, lines: []quote.Return{{2, 2}, {2, 1}}, field: "quantity"},
		"more money than was due": {done: quote.Refunded{Lines: one.Lines, Money: 1_001}, lines: []quote.Return{{2, 1}}, field: "money"},
		"negative money":          {done: quote.Refunded{Lines: one.Lines, Money: -1}, lines: []quote.Return{{2, 1}}, field: "money"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := q.Refund(row.done, row.lines)
			require.Nil(t, r)
			require.Equal(t, apperr.InvalidInput, apperr.CodeOf(err))
			require.Equal(t, []string{"input", row.field}, err.(*apperr.Error).Field)
		})
	}
}
