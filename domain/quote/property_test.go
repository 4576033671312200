package quote_test

import (
	"cmp"
	"encoding/json"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"dongxiao/domain/quote"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/money"
)

// checkBooks proves that a quote adds up and that nothing is below zero.
func checkBooks(t require.TestingT, in quote.Input, q *quote.Quote) {
	onLines := map[int64]money.Fen{}
	freightOff := money.Fen(0)
	for _, use := range q.Uses {
		require.GreaterOrEqual(t, use.Discount, money.Fen(0))
		var lines, shares money.Fen
		for _, on := range use.Lines {
			require.GreaterOrEqual(t, on.Discount, money.Fen(0))
			lines += on.Discount
			onLines[on.LineID] += on.Discount
		}
		for _, s := range use.Shares {
			require.GreaterOrEqual(t, s.Amount, money.Fen(0))
			shares += s.Amount
		}
		require.Equal(t, use.Discount, shares)
		if use.Kind == enum.CouponFreight {
			require.Zero(t, lines)
			freightOff += use.Discount
		} else {
			require.Equal(t, use.Discount, lines)
		}
	}
	require.Equal(t, in.Freight-freightOff, q.Freight)
	require.GreaterOrEqual(t, q.Freight, money.Fen(0))
	total, worth, points := q.Freight, money.Fen(0), int64(0)
	for _, line := range q.Lines {
		for _, step := range []money.Fen{line.Activity, line.Reduction, line.Coupons, line.PointsWorth, line.Amount, money.Fen(line.Points)} {
			require.GreaterOrEqual(t, step, money.Fen(0))
		}
		require.Equal(t, onLines[line.LineID], line.Coupons)
		require.Equal(t, line.Amount, line.Price-line.Activity-line.Reduction-line.Coupons-line.PointsWorth)
		total, worth, points = total+line.Amount, worth+line.PointsWorth, points+line.Points
	}
	require.Equal(t, total, q.Total)
	require.Equal(t, worth, q.PointsWorth)
	require.Equal(t, points, q.Points)
	require.LessOrEqual(t, q.Points, in.Points.Use)
	require.Equal(t, q.Total, q.StoredValue+q.Rest)
	require.LessOrEqual(t, q.StoredValue, in.StoredValue)

	require.Len(t, q.Explanations, len(in.Coupons))
	for _, e := range q.Explanations {
		used := slices.IndexFunc(q.Uses, func(u quote.Use) bool { return u.CouponID == e.CouponID })
		require.Equal(t, used < 0, e.Refusal != nil)
		if used >= 0 {
			require.Equal(t, q.Uses[used].Discount, e.Discount)
		} else {
			require.Zero(t, e.Discount)
		}
	}
}

func TestPriceAddsUpAndIgnoresTheOrderOfTheInput(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := inputs(6, 10).Draw(t, "input")
		q, err := quote.Price(in)
		require.NoError(t, err)
		checkBooks(t, in, q)
		for i := range in.Coupons {
			require.NoError(t, quote.CheckRule(&in.Coupons[i].Rule))
		}

		in.Lines, in.Coupons, in.Reductions = slices.Clone(in.Lines), slices.Clone(in.Coupons), slices.Clone(in.Reductions)
		seed := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		seed.Shuffle(len(in.Lines), func(i, j int) { in.Lines[i], in.Lines[j] = in.Lines[j], in.Lines[i] })
		seed.Shuffle(len(in.Coupons), func(i, j int) { in.Coupons[i], in.Coupons[j] = in.Coupons[j], in.Coupons[i] })
		slices.Reverse(in.Reductions)
		again, err := quote.Price(in)
		require.NoError(t, err)
		require.Equal(t, q, again)
	})
}

// naive prices a combination in the plainest way: the coupons of the set in their order, each taken off if it may be. It gives false where they may not all
// be used together.
func naive(in quote.Input, coupons []quote.Coupon) (off money.Fen, gifts int, ok bool) {
	without := in
	without.Coupons, without.Points = nil, quote.Points{}
	start, err := quote.Price(without) // activity prices and the full reduction
	if err != nil {
		return 0, 0, false
	}
	left, pieces, freight := map[int64]money.Fen{}, map[int64]int64{}, in.Freight
	for _, line := range start.Lines {
		left[line.LineID], pieces[line.LineID] = line.Amount, line.Quantity
	}
	lines := slices.SortedFunc(slices.Values(in.Lines), func(a, b quote.Line) int { return cmp.Compare(a.ID, b.ID) })
	rank := map[enum.CouponKind]int{enum.CouponGift: 1, enum.CouponAmountOff: 2, enum.CouponPercentOff: 3, enum.CouponFreight: 9}
	coupons = slices.SortedFunc(slices.Values(coupons), func(a, b quote.Coupon) int {
		return cmp.Or(cmp.Compare(rank[a.Rule.Kind]/9, rank[b.Rule.Kind]/9), cmp.Compare(b.Rule.Priority, a.Rule.Priority), cmp.Compare(rank[a.Rule.Kind], rank[b.Rule.Kind]),
			cmp.Compare(b.Rule.ThresholdFen, a.Rule.ThresholdFen), a.ExpiresAt.Compare(b.ExpiresAt), cmp.Compare(a.ID, b.ID))
	})
	for _, c := range coupons {
		sameGroup := 0
		for _, other := range coupons {
			if other.Rule.StackGroup == c.Rule.StackGroup && (other.Rule.Kind == enum.CouponFreight) == (c.Rule.Kind == enum.CouponFreight) {
				sameGroup++
			}
		}
		if c.Rule.Exclusive && len(coupons) > 1 || sameGroup > max(c.Rule.StackLimit, 1) {
			return 0, 0, false
		}
		var base money.Fen
		var scope []int64
		for _, line := range lines {
			s := c.Rule.Scope
			if len(s.SKUIDs)+len(s.Categories) == 0 || slices.Contains(s.SKUIDs, line.SKUID) || slices.Contains(s.Categories, line.Category) {
				base += left[line.ID]
				scope = append(scope, line.ID)
			}
		}
		if len(scope) == 0 || base < c.Rule.ThresholdFen {
			return 0, 0, false
		}
		var discount money.Fen
		switch c.Rule.Kind {
		case enum.CouponAmountOff:
			discount = min(c.Rule.AmountFen, base)
		case enum.CouponPercentOff:
			discount, _ = money.Percent(base, c.Rule.PercentBasisPoints)
			if c.Rule.CapFen > 0 && discount > c.Rule.CapFen {
				discount = c.Rule.CapFen
			}
		case enum.CouponFreight:
			discount = freight
			if c.Rule.AmountFen > 0 {
				discount = min(freight, c.Rule.AmountFen)
			}
			freight -= discount
		case enum.CouponGift:
			gifts++
			continue
		case enum.CouponExchange:
			var dearest int64
			for _, line := range lines {
				if line.SKUID == c.Rule.GoodsSKUID && pieces[line.ID] > 0 {
					if each := (left[line.ID] + money.Fen(pieces[line.ID]) - 1) / money.Fen(pieces[line.ID]); each > discount {
						dearest, discount = line.ID, each
					}
				}
			}
			left[dearest] -= discount
			pieces[dearest]--
		}
		if discount == 0 {
			return 0, 0, false
		}
		off += discount
		if c.Rule.Kind == enum.CouponAmountOff || c.Rule.Kind == enum.CouponPercentOff {
			weights := make([]int64, len(scope))
			for i, id := range scope {
				weights[i] = int64(left[id])
			}
			parts, _ := money.Split(discount, weights)
			for i, id := range scope {
				left[id] -= parts[i]
			}
		}
	}
	return off, gifts, true
}

func TestPriceFindsTheBestOfAllCombinations(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := inputs(4, 8).Draw(t, "input")
		q, err := quote.Price(in)
		require.NoError(t, err)
		require.True(t, q.Exact)

		var bestOff money.Fen
		var bestGifts, bestCount int
		for set := range uint(1) << len(in.Coupons) {
			var coupons []quote.Coupon
			for i, c := range in.Coupons {
				if set&(1<<i) != 0 {
					coupons = append(coupons, c)
				}
			}
			off, gifts, ok := naive(in, coupons)
			if ok && cmp.Or(cmp.Compare(off, bestOff), cmp.Compare(gifts, bestGifts), cmp.Compare(bestCount, bits.OnesCount(set))) > 0 {
				bestOff, bestGifts, bestCount = off, gifts, bits.OnesCount(set)
			}
		}

		var off money.Fen
		gifts := 0
		used := map[int64]bool{}
		for _, use := range q.Uses {
			off += use.Discount
			used[use.CouponID] = true
			if use.GiftSKUID != 0 {
				gifts++
			}
		}
		require.Equal(t, []any{bestOff, bestGifts, bestCount}, []any{off, gifts, len(q.Uses)})
		chosen := slices.DeleteFunc(slices.Clone(in.Coupons), func(c quote.Coupon) bool { return !used[c.ID] })
		naiveOff, naiveGifts, ok := naive(in, chosen)
		require.True(t, ok)
		require.Equal(t, []any{naiveOff, naiveGifts}, []any{off, gifts})
	})
}

func TestPriceIsNoWorseThanAnySingleCoupon(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := inputs(8, 30).Draw(t, "input")
		in.Points = quote.Points{}
		q, err := quote.Price(in)
		require.NoError(t, err)
		alone := in
		for _, c := range in.Coupons {
			alone.Coupons = []quote.Coupon{c}
			single, err := quote.Price(alone)
			require.NoError(t, err)
			require.LessOrEqual(t, q.Total, single.Total)
			if refusal := single.Explanations[0].Refusal; refusal != nil {
				at := slices.IndexFunc(q.Explanations, func(e quote.Explanation) bool { return e.CouponID == c.ID })
				require.Equal(t, refusal, q.Explanations[at].Refusal, "what cannot be used alone is refused for the same reason among others")
			}
		}
	})
}

func TestRefundsInAnyOrderGiveBackWhatWasPaid(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := inputs(5, 8).Draw(t, "input")
		priced, err := quote.Price(in)
		require.NoError(t, err)
		kept, err := json.Marshal(priced)
		require.NoError(t, err)
		var q quote.Quote
		require.NoError(t, json.Unmarshal(kept, &q))

		left := map[int64]int64{}
		for _, line := range q.Lines {
			left[line.LineID] = line.Quantity
		}
		var done quote.Refunded
		var paid, stored, rest, freight, withheld, worth money.Fen
		var points int64
		for len(left) > 0 {
			var back []quote.Return
			for _, id := range rapid.SliceOfNDistinct(rapid.SampledFrom(ordered(left)), 1, len(left), rapid.ID).Draw(t, "lines") {
				n := rapid.Int64Range(1, left[id]).Draw(t, "pieces")
				back = append(back, quote.Return{LineID: id, Quantity: n})
				if left[id] -= n; left[id] == 0 {
					delete(left, id)
				}
			}
			r, err := q.Refund(done, back)
			require.NoError(t, err)
			for _, amount := range []money.Fen{r.Money, r.StoredValue, r.Rest, r.Freight, r.PointsWorth, money.Fen(r.Points)} {
				require.GreaterOrEqual(t, amount, money.Fen(0))
			}
			require.Equal(t, r.Money, r.StoredValue+r.Rest)
			paid, stored, rest, freight, withheld = paid+r.Money, stored+r.StoredValue, rest+r.Rest, freight+r.Freight, withheld+r.Withheld
			points, worth = points+r.Points, worth+r.PointsWorth
			checkStandings(t, in, &q, r, left, paid, worth)
			done = r.Refunded
		}
		require.Equal(t, []money.Fen{q.Total, q.StoredValue, q.Rest, q.Freight, q.PointsWorth, 0}, []money.Fen{paid, stored, rest, freight, worth, withheld})
		require.Equal(t, q.Points, points)
		require.Equal(t, q.Total, done.Money)
	})
}

// checkStandings proves that what is kept costs what was kept of the money, the points and the discounts.
func checkStandings(t require.TestingT, in quote.Input, q *quote.Quote, r *quote.Refund, left map[int64]int64, returned, worth money.Fen) {
	require.Len(t, r.Coupons, len(q.Uses))
	var stands money.Fen
	for i, s := range r.Coupons {
		require.Equal(t, q.Uses[i].CouponID, s.CouponID)
		require.GreaterOrEqual(t, s.Discount, money.Fen(0))
		require.LessOrEqual(t, s.Discount, q.Uses[i].Discount)
		var shares money.Fen
		for _, share := range s.Shares {
			shares += share.Amount
		}
		require.Equal(t, s.Discount, shares)
		if len(left) == 0 {
			require.Zero(t, s.Discount)
			require.True(t, s.BelowThreshold)
		}
		stands += s.Discount
	}
	var goods money.Fen
	for _, line := range q.Lines {
		n, whole := money.Fen(line.Quantity-left[line.LineID]), money.Fen(line.Quantity)
		for _, step := range []money.Fen{line.Amount, line.PointsWorth} {
			goods += step - step*n/whole
		}
		for _, use := range q.Uses {
			for _, on := range use.Lines {
				if on.LineID == line.LineID {
					goods += on.Discount - on.Discount*n/whole
				}
			}
		}
	}
	freight := in.Freight
	if len(left) == 0 {
		freight = 0
	}
	require.Equal(t, goods+freight, q.Total-returned+q.PointsWorth-worth+stands)
}

func ordered(left map[int64]int64) []int64 {
	var ids []int64
	for id := range left {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// FuzzPrice feeds inputs of any kind: they are refused, or priced so that the books add up.
func FuzzPrice(f *testing.F) {
	for _, text := range []string{
		`{}`, `{"Lines":[{"ID":1,"Quantity":1,"UnitPrice":100}]}`,
		`{"Lines":[{"ID":1,"SKUID":1,"Quantity":3,"UnitPrice":100,"ActivityPrice":99},{"ID":2,"Quantity":10000,"UnitPrice":1000000000}],"Freight":5,"Points":{"Use":9,"PerYuan":7,"Cap":10000},"StoredValue":9,"Reductions":[{"Off":7}]}`,
		`{"Lines":[{"ID":1,"SKUID":1,"Quantity":3,"UnitPrice":100}],"OrgIDs":[1],"Now":"2026-03-04T12:00:00+08:00","Coupons":[` +
			`{"ID":1,"State":"EFFECTIVE","OrgID":1,"ExpiresAt":"2027-01-01T00:00:00Z","Rule":{"kind":"AMOUNT_OFF","amountFen":50}},` +
			`{"ID":2,"State":"EFFECTIVE","OrgID":1,"ExpiresAt":"2027-01-01T00:00:00Z","Rule":{"kind":"EXCHANGE","goodsSkuId":1,"stackGroup":"b","stackLimit":9223372036854775807}},` +
			`{"ID":3,"State":"EFFECTIVE","OrgID":1,"ExpiresAt":"2027-01-01T00:00:00Z","Rule":{"kind":"PERCENT_OFF","percentBasisPoints":9999,"stackGroup":"c","hours":{"wed":["00:00-24:00"]}}}]}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var in quote.Input
		if json.Unmarshal(data, &in) != nil {
			return
		}
		q, err := quote.Price(in)
		if err != nil {
			require.Equal(t, apperr.InvalidInput, apperr.CodeOf(err))
			return
		}
		checkBooks(t, in, q)
		all := make([]quote.Return, len(q.Lines))
		for i, line := range q.Lines {
			all[i] = quote.Return{LineID: line.LineID, Quantity: line.Quantity}
		}
		r, err := q.Refund(quote.Refunded{}, all)
		require.NoError(t, err)
		require.Equal(t, q.Total, r.Money)
	})
}
