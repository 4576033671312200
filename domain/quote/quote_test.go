package quote_test

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/domain/quote"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/hours"
	"dongxiao/internal/money"
)

func percentOff(rate money.BasisPoints, most money.Fen) document.CouponRule {
	return with(amountOff(0, 0), func(r *document.CouponRule) {
		r.Kind, r.PercentBasisPoints, r.CapFen = enum.CouponPercentOff, rate, most
	})
}

func goods(kind enum.CouponKind, sku int64, threshold money.Fen) document.CouponRule {
	return with(amountOff(0, threshold), func(r *document.CouponRule) { r.Kind, r.GoodsSKUID = kind, sku })
}

func freightOff(amount, threshold money.Fen) document.CouponRule {
	return with(amountOff(amount, threshold), func(r *document.CouponRule) { r.Kind = enum.CouponFreight })
}

func grouped(rule document.CouponRule, group string, limit int) document.CouponRule {
	return with(rule, func(r *document.CouponRule) { r.StackGroup, r.StackLimit = group, limit })
}

func scoped(rule document.CouponRule, scope document.CouponScope) document.CouponRule {
	return with(rule, func(r *document.CouponRule) { r.Scope = scope })
}

func weekly(t require.TestingT, text string) hours.Weekly {
	var w hours.Weekly
	require.NoError(t, json.Unmarshal([]byte(text), &w))
	return w
}

func price(t require.TestingT, in quote.Input) *quote.Quote {
	q, err := quote.Price(in)
	require.NoError(t, err)
	checkBooks(t, in, q)
	require.True(t, q.Exact)
	return q
}

// amounts are what is left to pay of each line.
func amounts(q *quote.Quote) []money.Fen {
	var list []money.Fen
	for _, line := range q.Lines {
		list = append(list, line.Amount)
	}
	return list
}

// used are the ids of the coupons in the order in which they were taken off.
func used(q *quote.Quote) []int64 {
	var list []int64
	for _, use := range q.Uses {
		list = append(list, use.CouponID)
	}
	return list
}

// refusals are the codes of the coupons that are not used, "" for those that are, by id.
func refusals(q *quote.Quote) []apperr.Code {
	var list []apperr.Code
	for _, e := range q.Explanations {
		if e.Refusal == nil {
			list = append(list, "")
		} else {
			list = append(list, e.Refusal.Code)
		}
	}
	return list
}

func TestPriceTakesTheStepsInTheirOrder(t *testing.T) {
	t.Parallel()
	in := basket(10_000, 6_000)
	in.Lines[0].ActivityPrice = new(money.Fen(8_000))                                                                                      // 80 + 60 = 140
	in.Reductions = []quote.Reduction{{ID: 7, Threshold: 14_000, Off: 1_400}, {ID: 8, Threshold: 14_001, Off: 9_000}, {ID: 9, Off: 1_400}} // 72 + 54 = 126
	in.Coupons = []quote.Coupon{held(1, grouped(percentOff(5_000, 0), "half", 0)), held(2, amountOff(2_600, 12_600)),                      // 100, then 50
		held(3, freightOff(300, 5_000))}
	in.Points = quote.Points{Use: 1_234, PerYuan: 100, Cap: 2_000} // 10 of 50
	in.Freight = 1_000
	in.StoredValue = 4_000
	q := price(t, in)
	require.Equal(t, int64(7), q.ReductionID)
	require.Equal(t, []int64{2, 1, 3}, used(q))
	require.Equal(t, []quote.PricedLine{
		{LineID: 1, Quantity: 1, Price: 10_000, Activity: 2_000, Reduction: 800, Coupons: 1_486 + 2_857, Points: 571, PointsWorth: 571, Amount: 2_286},
		{LineID: 2, Quantity: 1, Price: 6_000, Reduction: 600, Coupons: 1_114 + 2_143, Points: 429, PointsWorth: 429, Amount: 1_714},
	}, q.Lines)
	require.Equal(t, []quote.UseLine{{1, 7_200, 1_486}, {2, 5_400, 1_114}}, q.Uses[0].Lines)
	require.Equal(t, []quote.UseLine{{1, 2_286 + 571, 0}, {2, 1_714 + 429, 0}}, q.Uses[2].Lines, "points still count for the threshold of a freight coupon")
	require.Equal(t, []money.Fen{700, 4_700, 4_000, 700}, []money.Fen{q.Freight, q.Total, q.StoredValue, q.Rest})
}

func TestPriceOfOneCoupon(t *testing.T) {
	t.Parallel()
	three := func(in *quote.Input) { in.Lines[0].Quantity = 3 }
	for name, row := range map[string]struct {
		prices []money.Fen
		change func(*quote.Input)
		rule   document.CouponRule
		want   []money.Fen
	}{
		"an amount by the largest remainder":                {prices: []money.Fen{1_000, 1_000, 1_000}, rule: amountOff(100, 0), want: []money.Fen{966, 967, 967}},
		"at the threshold":                                  {prices: []money.Fen{5_000, 5_000}, rule: amountOff(100, 10_000), want: []money.Fen{4_950, 4_950}},
		"larger than the basket":                            {prices: []money.Fen{500, 300}, rule: amountOff(10_000, 0), want: []money.Fen{0, 0}},
		"free goods get nothing":                            {prices: []money.Fen{0, 300}, rule: amountOff(100, 0), want: []money.Fen{0, 200}},
		"a percentage rounds halves up":                     {prices: []money.Fen{105}, rule: percentOff(1_000, 0), want: []money.Fen{94}},
		"a percentage at its cap":                           {prices: []money.Fen{10_000}, rule: percentOff(5_000, 800), want: []money.Fen{9_200}},
		"a percentage below its cap":                        {prices: []money.Fen{1_000}, rule: percentOff(5_000, 800), want: []money.Fen{500}},
		"all of it":                                         {prices: []money.Fen{1_000, 1}, rule: percentOff(10_000, 5_000), want: []money.Fen{0, 0}},
		"one piece of three":                                {prices: []money.Fen{1_000, 500}, change: three, rule: goods(enum.CouponExchange, 11, 0), want: []money.Fen{2_000, 500}},
		"the dearest line of the SKU":                       {prices: []money.Fen{900, 1_000, 500}, change: func(in *quote.Input) { in.Lines[1].SKUID = 11 }, rule: goods(enum.CouponExchange, 11, 0), want: []money.Fen{900, 0, 500}},
		"an exchange outside the scope of its threshold":    {prices: []money.Fen{900, 1_000}, rule: scoped(goods(enum.CouponExchange, 11, 1_000), document.CouponScope{SKUIDs: []int64{12}}), want: []money.Fen{0, 1_000}},
		"a piece that the full reduction made cheaper":      {prices: []money.Fen{333}, change: func(in *quote.Input) { three(in); in.Reductions = []quote.Reduction{{ID: 1, Off: 1}} }, rule: goods(enum.CouponExchange, 11, 0), want: []money.Fen{665}},
		"a gift takes nothing off":                          {prices: []money.Fen{900}, rule: goods(enum.CouponGift, 77, 900), want: []money.Fen{900}},
		"only the SKUs":                                     {prices: []money.Fen{900, 900}, rule: scoped(amountOff(100, 0), document.CouponScope{SKUIDs: []int64{12}}), want: []money.Fen{900, 800}},
		"SKUs and products add up":                          {prices: []money.Fen{900, 900, 900}, rule: scoped(amountOff(100, 1_800), document.CouponScope{SKUIDs: []int64{12}, ProductIDs: []int64{103}}), want: []money.Fen{900, 850, 850}},
		"only the category":                                 {prices: []money.Fen{900, 900}, change: func(in *quote.Input) { in.Lines[0].Category = "beer" }, rule: scoped(amountOff(100, 0), document.CouponScope{Categories: []string{"beer"}}), want: []money.Fen{800, 900}},
		"not the excluded ones":                             {prices: []money.Fen{900, 900}, rule: scoped(amountOff(100, 0), document.CouponScope{Categories: []string{"wine"}, ExcludedSKUIDs: []int64{11}}), want: []money.Fen{900, 800}},
		"larger than the goods in its scope":                {prices: []money.Fen{900, 80}, rule: scoped(amountOff(100, 0), document.CouponScope{SKUIDs: []int64{12}}), want: []money.Fen{900, 0}},
		"at the region of the store":                        {prices: []money.Fen{900}, rule: scoped(amountOff(100, 0), document.CouponScope{OrgIDs: []int64{otherStore, regionOrg}}), want: []money.Fen{800}},
		"at a store of the distributor":                     {prices: []money.Fen{900}, rule: scoped(amountOff(100, 0), document.CouponScope{OrgIDs: []int64{distributorOrg}}), want: []money.Fen{800}},
		"online":                                            {prices: []money.Fen{900}, rule: scoped(amountOff(100, 0), document.CouponScope{OnlineOnly: true}), want: []money.Fen{800}},
		"at the till":                                       {prices: []money.Fen{900}, change: func(in *quote.Input) { in.Online = false }, rule: scoped(amountOff(100, 0), document.CouponScope{StoreOnly: true}), want: []money.Fen{800}},
		"within its hours":                                  {prices: []money.Fen{900}, rule: with(amountOff(100, 0), func(r *document.CouponRule) { r.Hours = weekly(t, `{"wed":["12:00-12:01"]}`) }), want: []money.Fen{800}},
		"within hours past midnight":                        {prices: []money.Fen{900}, change: func(in *quote.Input) { in.Now = now.Add(-11 * time.Hour) }, rule: with(amountOff(100, 0), func(r *document.CouponRule) { r.Hours = weekly(t, `{"tue":["22:00-02:00"]}`) }), want: []money.Fen{800}},
		"an activity price above the price does not count":  {prices: []money.Fen{900}, change: func(in *quote.Input) { in.Lines[0].ActivityPrice = new(money.Fen(950)) }, rule: amountOff(100, 0), want: []money.Fen{800}},
		"the full reduction of other lines does not matter": {prices: []money.Fen{900, 900}, change: func(in *quote.Input) { in.Reductions = []quote.Reduction{{ID: 1, LineIDs: []int64{2}, Off: 500}} }, rule: scoped(amountOff(100, 900), document.CouponScope{SKUIDs: []int64{11}}), want: []money.Fen{800, 400}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := basket(row.prices...)
			if row.change != nil {
				row.change(&in)
			}
			in.Coupons = []quote.Coupon{held(1, row.rule)}
			q := price(t, in)
			require.Equal(t, row.want, amounts(q))
			require.Equal(t, []int64{1}, used(q))
		})
	}
}

func TestPriceRefusesACoupon(t *testing.T) {
	t.Parallel()
	ten := amountOff(1_000, 0)
	ruled := func(rule document.CouponRule) func(*quote.Coupon) { return func(c *quote.Coupon) { c.Rule = rule } }
	for name, row := range map[string]struct {
		coupon  func(*quote.Coupon)
		basket  func(*quote.Input)
		code    apperr.Code
		message string
	}{
		"used":                                     {coupon: func(c *quote.Coupon) { c.State = enum.CouponUsed }, code: apperr.CouponAlreadyUsed},
		"given away":                               {coupon: func(c *quote.Coupon) { c.State = enum.CouponTransferring }, code: apperr.CouponAlreadyUsed},
		"held by another order":                    {coupon: func(c *quote.Coupon) { c.State = enum.CouponLocked }, code: apperr.CouponLocked},
		"swept":                                    {coupon: func(c *quote.Coupon) { c.State = enum.CouponExpired }, code: apperr.CouponExpired},
		"at its end":                               {coupon: func(c *quote.Coupon) { c.ExpiresAt = now }, code: apperr.CouponExpired},
		"a moment before its window":               {coupon: func(c *quote.Coupon) { c.UsableFrom = now.Add(time.Microsecond) }, code: apperr.CouponNotEffective, message: "该券还未到使用时间（2026-03-04 12:00 起可用）。"},
		"withdrawn":                                {coupon: func(c *quote.Coupon) { c.Withdrawn = true }, code: apperr.TemplateNotActive},
		"of a kind that is not known":              {coupon: ruled(with(ten, func(r *document.CouponRule) { r.Kind = "OTHER" })), code: apperr.TemplateNotActive},
		"of another store":                         {coupon: func(c *quote.Coupon) { c.OrgID = otherStore }, code: apperr.CouponOutOfScope},
		"for other stores":                         {coupon: ruled(scoped(ten, document.CouponScope{OrgIDs: []int64{otherStore}})), code: apperr.CouponOutOfScope},
		"online, but at the till":                  {coupon: ruled(scoped(ten, document.CouponScope{OnlineOnly: true})), basket: func(in *quote.Input) { in.Online = false }, code: apperr.CouponOnlineOnly},
		"at the till, but online":                  {coupon: ruled(scoped(ten, document.CouponScope{StoreOnly: true})), code: apperr.CouponStoreOnly},
		"on another weekday":                       {coupon: ruled(with(ten, func(r *document.CouponRule) { r.Hours = weekly(t, `{"thu":["00:00-24:00"]}`) })), code: apperr.CouponOutsideHours},
		"at the end of its hours":                  {coupon: ruled(with(ten, func(r *document.CouponRule) { r.Hours = weekly(t, `{"wed":["09:00-12:00"]}`) })), code: apperr.CouponOutsideHours},
		"for goods that are not there":             {coupon: ruled(scoped(ten, document.CouponScope{SKUIDs: []int64{99}})), code: apperr.CouponGoodsNotInBasket},
		"for goods that are excluded":              {coupon: ruled(scoped(ten, document.CouponScope{ProductIDs: []int64{101}, ExcludedSKUIDs: []int64{11}})), code: apperr.CouponGoodsNotInBasket},
		"in exchange for what is not there":        {coupon: ruled(goods(enum.CouponExchange, 99, 0)), code: apperr.CouponGoodsNotInBasket},
		"below its threshold":                      {coupon: ruled(amountOff(1_000, 5_001)), code: apperr.CouponThresholdNotMet, message: "消费满 50.01 元可用。"},
		"below its threshold by an activity price": {coupon: ruled(amountOff(1_000, 5_000)), basket: func(in *quote.Input) { in.Lines[0].ActivityPrice = new(money.Fen(4_999)) }, code: apperr.CouponThresholdNotMet},
		"below its threshold by a full reduction":  {coupon: ruled(amountOff(1_000, 5_000)), basket: func(in *quote.Input) { in.Reductions = []quote.Reduction{{ID: 1, Off: 1}} }, code: apperr.CouponThresholdNotMet},
		"below its threshold in its scope":         {coupon: ruled(scoped(amountOff(1_000, 5_001), document.CouponScope{SKUIDs: []int64{11}})), basket: func(in *quote.Input) { in.Lines = basket(5_000, 9_000).Lines }, code: apperr.CouponThresholdNotMet},
		"with nothing to pay":                      {basket: func(in *quote.Input) { in.Lines[0].UnitPrice = 0 }, code: apperr.CouponNothingToDeduct},
		"with no freight":                          {coupon: ruled(freightOff(0, 0)), code: apperr.CouponNothingToDeduct},
		"for a percentage that rounds to 0":        {coupon: ruled(percentOff(1, 0)), basket: func(in *quote.Input) { in.Lines[0].UnitPrice = 4_999 }, code: apperr.CouponNothingToDeduct},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := basket(5_000)
			in.Coupons = []quote.Coupon{held(1, ten)}
			if row.coupon != nil {
				row.coupon(&in.Coupons[0])
			}
			if row.basket != nil {
				row.basket(&in)
			}
			q := price(t, in)
			require.Equal(t, []apperr.Code{row.code}, refusals(q))
			if row.message != "" {
				require.Equal(t, row.message, q.Explanations[0].Refusal.Message(apperr.Chinese))
			}
			in.Coupons = nil
			require.Equal(t, price(t, in).Lines, q.Lines)
		})
	}
}

func TestPriceCombinesCoupons(t *testing.T) {
	t.Parallel()
	exclusive := func(rule document.CouponRule) document.CouponRule {
		return with(rule, func(r *document.CouponRule) { r.Exclusive = true })
	}
	first := func(rule document.CouponRule, priority int) document.CouponRule {
		return with(rule, func(r *document.CouponRule) { r.Priority = priority })
	}
	notStackable, notBest, below, nothing := apperr.CouponNotStackable, apperr.CouponNotBest, apperr.CouponThresholdNotMet, apperr.CouponNothingToDeduct
	for name, row := range map[string]struct {
		rules    []document.CouponRule // of coupons 1, 2, …
		used     []int64
		refusals []apperr.Code
		total    money.Fen // of 100 yuan and 10 yuan freight
	}{
		"the better of one group":                      {rules: []document.CouponRule{amountOff(500, 0), amountOff(900, 0)}, used: []int64{2}, refusals: []apperr.Code{notStackable, ""}, total: 10_100},
		"one of each group":                            {rules: []document.CouponRule{amountOff(500, 0), grouped(amountOff(900, 0), "a", 0)}, used: []int64{1, 2}, total: 9_600},
		"as many of a group as each bears":             {rules: []document.CouponRule{grouped(amountOff(500, 0), "a", 3), grouped(amountOff(600, 0), "a", 2), grouped(amountOff(700, 0), "a", 2)}, used: []int64{2, 3}, refusals: []apperr.Code{notStackable, "", ""}, total: 9_700},
		"one that bears no other keeps the others out": {rules: []document.CouponRule{grouped(amountOff(500, 0), "a", 2), grouped(amountOff(600, 0), "a", 2), grouped(amountOff(1_200, 0), "a", 1)}, used: []int64{3}, refusals: []apperr.Code{notStackable, notStackable, ""}, total: 9_800},
		"an exclusive one where it is better":          {rules: []document.CouponRule{amountOff(500, 0), grouped(exclusive(amountOff(2_000, 0)), "a", 0), freightOff(0, 0)}, used: []int64{2}, refusals: []apperr.Code{notStackable, "", notStackable}, total: 9_000},
		"an exclusive one where it is worse":           {rules: []document.CouponRule{amountOff(500, 0), grouped(exclusive(amountOff(1_400, 0)), "a", 0), freightOff(0, 0)}, used: []int64{1, 3}, refusals: []apperr.Code{"", notStackable, ""}, total: 9_500},
		"freight has groups of its own":                {rules: []document.CouponRule{amountOff(500, 0), freightOff(600, 0), freightOff(700, 0)}, used: []int64{1, 3}, refusals: []apperr.Code{"", notStackable, ""}, total: 9_800},
		"the higher priority first":                    {rules: []document.CouponRule{amountOff(1_000, 0), first(grouped(percentOff(1_000, 0), "a", 0), 1)}, used: []int64{2, 1}, total: 9_000},
		"an amount before a percentage":                {rules: []document.CouponRule{grouped(percentOff(1_000, 0), "a", 0), amountOff(1_000, 0)}, used: []int64{2, 1}, total: 9_100},
		"the higher threshold first":                   {rules: []document.CouponRule{amountOff(1_000, 9_000), grouped(amountOff(1_000, 10_000), "a", 0)}, used: []int64{2, 1}, total: 9_000},
		"below the threshold after another":            {rules: []document.CouponRule{amountOff(1_000, 9_001), grouped(amountOff(1_500, 10_000), "a", 0)}, used: []int64{2}, refusals: []apperr.Code{below, ""}, total: 9_500},
		"one left out for two that save more":          {rules: []document.CouponRule{first(amountOff(1_500, 0), 2), grouped(amountOff(1_000, 10_000), "a", 0), grouped(amountOff(1_000, 9_000), "b", 0)}, used: []int64{2, 3}, refusals: []apperr.Code{notBest, "", ""}, total: 9_000},
		"nothing left to take off":                     {rules: []document.CouponRule{grouped(amountOff(20_000, 0), "a", 0), amountOff(500, 0)}, used: []int64{1}, refusals: []apperr.Code{"", nothing}, total: 1_000},
		"a gift besides":                               {rules: []document.CouponRule{grouped(goods(enum.CouponGift, 77, 10_000), "a", 0), amountOff(500, 0)}, used: []int64{1, 2}, total: 10_500},
		"money before a gift":                          {rules: []document.CouponRule{goods(enum.CouponGift, 77, 10_000), amountOff(1, 0)}, used: []int64{2}, refusals: []apperr.Code{notStackable, ""}, total: 10_999},
		"a gift rather than nothing":                   {rules: []document.CouponRule{goods(enum.CouponGift, 77, 10_000), amountOff(1, 10_001)}, used: []int64{1}, refusals: []apperr.Code{"", below}, total: 11_000},
		"two exchanges of the only piece":              {rules: []document.CouponRule{goods(enum.CouponExchange, 11, 0), grouped(goods(enum.CouponExchange, 11, 0), "a", 0)}, used: []int64{1}, refusals: []apperr.Code{"", nothing}, total: 1_000},
		"freight by what is left of the goods":         {rules: []document.CouponRule{amountOff(500, 0), freightOff(0, 9_501)}, used: []int64{2}, refusals: []apperr.Code{notBest, ""}, total: 10_000},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := basket(10_000)
			in.Freight = 1_000
			for i, rule := range row.rules {
				in.Coupons = append(in.Coupons, held(int64(i+1), rule))
			}
			q := price(t, in)
			require.Equal(t, row.used, used(q))
			require.Equal(t, row.total, q.Total)
			if row.refusals == nil {
				row.refusals = make([]apperr.Code, len(row.rules))
			}
			require.Equal(t, row.refusals, refusals(q))
		})
	}
}

func TestPriceTakesTheSoonestEndingOfCouponsThatAreAlike(t *testing.T) {
	t.Parallel()
	in := basket(10_000)
	for i, days := range []int{3, 1, 2} {
		in.Coupons = append(in.Coupons, held(int64(i+1), grouped(amountOff(500, 0), "a", 2), func(c *quote.Coupon) { c.RuleID, c.ExpiresAt = 9, now.AddDate(0, 0, days) }))
	}
	q := price(t, in)
	require.Equal(t, []int64{2, 3}, used(q))
	require.Equal(t, []apperr.Code{apperr.CouponNotStackable, "", ""}, refusals(q))
}

func TestPriceSharesADiscountOutAmongItsFunders(t *testing.T) {
	t.Parallel()
	in := basket(10_000)
	in.Coupons = []quote.Coupon{held(1, with(amountOff(100, 0), func(r *document.CouponRule) {
		r.Funders = []document.Funder{{OrgID: brandOrg, BasisPoints: 3_333}, {OrgID: distributorOrg, BasisPoints: 3_333}, {OrgID: storeOrg, BasisPoints: 3_334}}
	}))}
	require.Equal(t, []quote.Share{{brandOrg, 3_333, 33}, {distributorOrg, 3_333, 33}, {storeOrg, 3_334, 34}}, price(t, in).Uses[0].Shares)
	in.Coupons[0].Rule.Funders = nil
	in.Coupons[0].OrgID = regionOrg
	require.Equal(t, []quote.Share{{regionOrg, money.Whole, 100}}, price(t, in).Uses[0].Shares)
}

func TestPricePoints(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		points       quote.Points
		used         int64
		worth, total money.Fen
	}{
		"none":                         {quote.Points{PerYuan: 100, Cap: 10_000}, 0, 0, 1_000},
		"all that there are":           {quote.Points{Use: 250, PerYuan: 100, Cap: 10_000}, 250, 250, 750},
		"up to the cap":                {quote.Points{Use: 5_000, PerYuan: 100, Cap: 3_333}, 333, 333, 667},
		"up to the whole":              {quote.Points{Use: 5_000, PerYuan: 100, Cap: 10_000}, 1_000, 1_000, 0},
		"nothing below the cap":        {quote.Points{Use: 5_000, PerYuan: 100}, 0, 0, 1_000},
		"no part of a fen":             {quote.Points{Use: 999, PerYuan: 1_000, Cap: 10_000}, 990, 99, 901},
		"no points beyond their worth": {quote.Points{Use: 5_000, PerYuan: 1, Cap: 2_500}, 2, 200, 800},
		"too few for a fen":            {quote.Points{Use: 99, PerYuan: 10_000, Cap: 10_000}, 0, 0, 1_000},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := basket(600, 400)
			in.Points = row.points
			q := price(t, in)
			require.Equal(t, []any{row.used, row.worth, row.total}, []any{q.Points, q.PointsWorth, q.Total})
		})
	}
}

func TestPriceRefusesInputOutOfBounds(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		change func(*quote.Input)
		field  string
	}{
		"no lines":       {func(in *quote.Input) { in.Lines = nil }, "lines"},
		"too many lines": {func(in *quote.Input) { in.Lines = basket(make([]money.Fen, 201)...).Lines }, "lines"},
		"a line twice":   {func(in *quote.Input) { in.Lines[1].ID = 1 }, "lines"},
		"more money than there is": {func(in *quote.Input) {
			*in = basket(slices.Repeat([]money.Fen{1_000_000_000}, 200)...)
			in.Lines[0].Quantity = 10_000
		}, "lines"},
		"no pieces":                 {func(in *quote.Input) { in.Lines[1].Quantity = 0 }, "quantity"},
		"too many pieces":           {func(in *quote.Input) { in.Lines[1].Quantity = 10_001 }, "quantity"},
		"a negative price":          {func(in *quote.Input) { in.Lines[1].UnitPrice = -1 }, "unitPrice"},
		"too high a price":          {func(in *quote.Input) { in.Lines[1].UnitPrice = 1_000_000_001 }, "unitPrice"},
		"a negative activity price": {func(in *quote.Input) { in.Lines[1].ActivityPrice = new(money.Fen(-1)) }, "activityPrice"},
		"too many coupons":          {func(in *quote.Input) { in.Coupons = make([]quote.Coupon, 101) }, "coupons"},
		"a coupon twice":            {func(in *quote.Input) { in.Coupons = []quote.Coupon{held(1, amountOff(1, 0)), held(1, amountOff(1, 0))} }, "coupons"},
		"a negative amount off":     {func(in *quote.Input) { in.Coupons = []quote.Coupon{held(1, amountOff(-1, 0))} }, "coupons"},
		"too many reductions":       {func(in *quote.Input) { in.Reductions = make([]quote.Reduction, 101) }, "reductions"},
		"a negative reduction":      {func(in *quote.Input) { in.Reductions = []quote.Reduction{{Off: -1}} }, "reductions"},
		"negative freight":          {func(in *quote.Input) { in.Freight = -1 }, "freight"},
		"too much freight":          {func(in *quote.Input) { in.Freight = 1_000_000_001 }, "freight"},
		"negative stored value":     {func(in *quote.Input) { in.StoredValue = -1 }, "storedValue"},
		"negative points":           {func(in *quote.Input) { in.Points.Use = -1 }, "points"},
		"points worth nothing":      {func(in *quote.Input) { in.Points.Use = 1 }, "points"},
		"points over 100 %":         {func(in *quote.Input) { in.Points = quote.Points{Use: 1, PerYuan: 1, Cap: 10_001} }, "points"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := basket(600, 400)
			row.change(&in)
			q, err := quote.Price(in)
			require.Nil(t, q)
			require.Equal(t, apperr.InvalidInput, apperr.CodeOf(err))
			require.Equal(t, []string{"input", row.field}, err.(*apperr.Error).Field)
		})
	}
}

// TestPriceBoundsTheSearch has baskets with so many coupons that go together that they cannot all be tried.
func TestPriceBoundsTheSearch(t *testing.T) {
	t.Parallel()
	cut := 0
	for seed := range uint64(8) {
		random := rand.New(rand.NewPCG(seed, 0))
		in := basket()
		for i := range 20 {
			in.Lines = append(in.Lines, quote.Line{ID: int64(i + 1), SKUID: int64(i + 11), Quantity: 1, UnitPrice: money.Fen(1_000 + random.Int64N(20_000))})
		}
		for i := range 30 {
			rule := amountOff(money.Fen(500+random.Int64N(5_000)), money.Fen(random.Int64N(100_000)))
			if i%2 == 0 {
				rule.Kind, rule.AmountFen, rule.PercentBasisPoints = enum.CouponPercentOff, 0, money.BasisPoints(200+random.Int64N(2_000))
			}
			if i%3 == 0 {
				rule.Scope.SKUIDs, rule.ThresholdFen = []int64{random.Int64N(20) + 11, random.Int64N(20) + 11, random.Int64N(20) + 11}, 0
			}
			rule.StackGroup, rule.StackLimit, rule.Priority = string(rune('a'+i%5)), 3, random.IntN(3)
			in.Coupons = append(in.Coupons, held(int64(i+1), rule))
		}
		q, err := quote.Price(in)
		require.NoError(t, err)
		checkBooks(t, in, q)
		if q.Exact {
			continue
		}
		cut++
		slices.Reverse(in.Coupons)
		again, err := quote.Price(in)
		require.NoError(t, err)
		require.Equal(t, q, again)
		for _, c := range in.Coupons {
			alone := in
			alone.Coupons = []quote.Coupon{c}
			require.LessOrEqual(t, q.Total, price(t, alone).Total)
		}
	}
	require.Positive(t, cut)
}
