package coupon_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"dongxiao/domain/quote"
	"dongxiao/ent/couponuse"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/internal/ids"
	"dongxiao/internal/money"
	"dongxiao/internal/testkit"
)

// TestRefundsReturnWhatWasPaid: whatever is bought with whatever coupons, and in whatever order and parts it is refunded, what was paid comes back to the fen, nobody owes
// anybody anything in the end, and each coupon comes back once, or not at all by its rule.
func TestRefundsReturnWhatWasPaid(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		fens := rapid.Int64Range(1, 9_999)
		var templates []document.CouponRule
		for _, policy := range []enum.ReturnPolicy{enum.ReturnOnFullRefund, enum.ReturnOnAny, enum.ReturnNever} {
			for _, repricing := range []enum.Repricing{enum.RepriceKeep, enum.RepriceWithdraw} {
				templates = append(templates,
					document.CouponRule{Kind: enum.CouponAmountOff, AmountFen: 1_999, ThresholdFen: 7_000, ReturnPolicy: policy, Repricing: repricing, StackGroup: "a",
						Funders: []document.Funder{{OrgID: w.Root.ID, BasisPoints: 3_333}, {OrgID: w.Distributor.ID, BasisPoints: 3_333}, {OrgID: w.Store1.ID, BasisPoints: 3_334}}},
					document.CouponRule{Kind: enum.CouponPercentOff, PercentBasisPoints: 1_234, ThresholdFen: 500, ReturnPolicy: policy, Repricing: repricing, StackGroup: "b",
						Scope: document.CouponScope{SKUIDs: []int64{1, 2}}, Funders: []document.Funder{{OrgID: w.Root.ID, BasisPoints: 10_000}}},
					document.CouponRule{Kind: enum.CouponFreight, ThresholdFen: 2_000, ReturnPolicy: policy, Repricing: repricing,
						Funders: []document.Funder{{OrgID: w.Root.ID, BasisPoints: 5_000}, {OrgID: w.Store1.ID, BasisPoints: 5_000}}})
			}
		}
		h := newShop(t, w)
		checks := 0
		rapid.Check(t, func(rt *rapid.T) {
			if checks++; checks > 30 { // each is some twenty transactions
				return
			}
			h.member, _ = w.NewMember(t)
			owed := h.owed()
			for i := range rapid.IntRange(1, 3).Draw(rt, "coupons") {
				h.coupons(rapid.SampledFrom(templates[i%3:]).Draw(rt, "rule"), rapid.IntRange(1, 2).Draw(rt, "of it"))
			}
			in := quote.Input{Online: true, Freight: money.Fen(fens.Draw(rt, "freight"))}
			left := map[int64]int64{}
			for i := range rapid.IntRange(1, 4).Draw(rt, "lines") {
				line := quote.Line{ID: int64(i + 1), SKUID: rapid.Int64Range(1, 3).Draw(rt, "sku"), Quantity: rapid.Int64Range(1, 3).Draw(rt, "quantity"), UnitPrice: money.Fen(fens.Draw(rt, "price"))}
				in.Lines, left[line.ID] = append(in.Lines, line), line.Quantity
			}
			priced, err := h.s.Price(h.ctx, h.member.ID, place(t, h.s, h.ctx, w.Store1.ID), in, nil)
			require.NoError(rt, err)
			var chosen []int64
			for _, use := range priced.Quote.Uses {
				chosen = append(chosen, use.CouponID)
			}
			orderID := ids.Next()
			q, err := h.lockInput(orderID, in, chosen...)
			require.NoError(rt, err)
			require.Equal(rt, priced.Quote.Total, q.Total, "the order is priced as the member saw it")
			uses, err := h.use(orderID, q)
			require.NoError(rt, err)
			for i, use := range uses {
				var sum money.Fen
				for _, line := range use.Lines {
					sum += line.DiscountFen
				}
				require.EqualValues(rt, use.DiscountFen, sum)
				require.Equal(rt, q.Uses[i].Discount, sum)
			}

			var done quote.Refunded
			var paid money.Fen
			back := map[int64]int{}
			before := map[int64]bool{}
			for len(left) > 0 {
				var returned []quote.Return
				for id := range int64(len(in.Lines)) {
					if n := left[id+1]; n > 0 && rapid.Bool().Draw(rt, "this line") {
						pieces := rapid.Int64Range(1, n).Draw(rt, "pieces")
						returned = append(returned, quote.Return{LineID: id + 1, Quantity: pieces})
						if left[id+1] -= pieces; left[id+1] == 0 {
							delete(left, id+1)
						}
					}
				}
				if len(returned) == 0 {
					continue
				}
				r, err := q.Refund(done, returned)
				require.NoError(rt, err)
				require.NoError(rt, h.take(orderID, q, r))
				require.NoError(rt, h.take(orderID, q, r), "a repeat changes nothing")
				done, paid = r.Refunded, paid+r.Money
				var standing, booked money.Fen
				for _, s := range r.Coupons {
					standing += s.Discount
				}
				for _, use := range w.Store.Client(h.ctx).CouponUse.Query().Where(couponuse.OrderID(orderID)).AllX(h.ctx) {
					booked += money.Fen(use.DiscountFen - use.ReturnedFen)
					if came := use.ReturnedAt != nil; came && !before[use.ID] {
						before[use.ID] = true
						back[use.CouponID]++
					}
				}
				require.Equal(rt, standing, booked, "what stands is booked")
			}
			require.Equal(rt, q.Total, paid)
			require.Equal(rt, owed, h.owed())
			for _, use := range q.Uses {
				row := w.Store.Client(h.ctx).Coupon.GetX(h.ctx, use.CouponID)
				rule := w.Store.Client(h.ctx).CouponRule.GetX(h.ctx, row.RuleID).Rule
				if rule.ReturnPolicy == enum.ReturnNever {
					require.Equal(rt, enum.CouponUsed, row.State)
					require.Zero(rt, back[row.ID])
				} else {
					require.Equal(rt, enum.CouponEffective, row.State)
					require.Equal(rt, 1, back[row.ID])
				}
			}
		})
	})
}
