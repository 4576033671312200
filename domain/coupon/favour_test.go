package coupon_test

import (
	"fmt"

	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"dongxiao/domain/coupon"
	"dongxiao/domain/quote"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/hours"
	"dongxiao/internal/money"
	"dongxiao/internal/testkit"
)

// weekly is open at the period on each of the days.
func weekly(t testing.TB, p hours.Period, days ...time.Weekday) hours.Weekly {
	open := map[time.Weekday][]hours.Period{}
	for _, day := range days {
		open[day] = []hours.Period{p}
	}
	w, err := hours.New(open)
	require.NoError(t, err)
	return w
}

// fullTerms are terms in which every field has something to lose and to gain.
func fullTerms(t testing.TB) coupon.Terms {
	return coupon.Terms{Name: "折扣", Description: "说明", TotalStock: 100, DayStock: new(int64(10)), MemberLimit: new(2), MemberDayLimit: new(2), PersonLimit: new(2),
		ClaimStartsAt: testkit.Start, ClaimEndsAt: testkit.Start.AddDate(0, 0, 7), ValidityKind: enum.ValidityAfterClaim, ValidDays: new(10), DelayDays: new(2),
		Budget: new(money.Fen(100_000)), Event: enum.CouponByNoEvent,
		Rule: document.CouponRule{Kind: enum.CouponPercentOff, PercentBasisPoints: 1_000, CapFen: 1_000, ThresholdFen: 5_000,
			Scope: document.CouponScope{OrgIDs: []int64{1, 2}, SKUIDs: []int64{11}, ProductIDs: []int64{21}, Categories: []string{"白酒"}, ExcludedSKUIDs: []int64{31, 32}},
			Hours: weekly(t, hours.Period{Open: 600, Close: 1200}, time.Saturday, time.Sunday), Funders: []document.Funder{{OrgID: 1, BasisPoints: 10_000}},
			StackGroup: "a", StackLimit: 2, Priority: 1, ReturnPolicy: enum.ReturnOnFullRefund, ReturnGraceDays: 1, Repricing: enum.RepriceWithdraw}}
}

// TestLessFavourable lists what may change on a running template, field by field: each change to one side and to the other.
func TestLessFavourable(t *testing.T) {
	t.Parallel()
	for field, c := range map[string]struct{ better, worse func(*coupon.Terms) }{
		"name":          {nil, func(n *coupon.Terms) { n.Name = "别名" }},
		"description":   {nil, func(n *coupon.Terms) { n.Description = "不含税" }},
		"totalStock":    {func(n *coupon.Terms) { n.TotalStock++ }, func(n *coupon.Terms) { n.TotalStock-- }},
		"dayStock":      {func(n *coupon.Terms) { n.DayStock = nil }, func(n *coupon.Terms) { n.DayStock = new(int64(9)) }},
		"memberLimit":   {func(n *coupon.Terms) { n.MemberLimit = new(3) }, func(n *coupon.Terms) { n.MemberLimit = new(1) }},
		"personLimit":   {func(n *coupon.Terms) { n.PersonLimit = nil }, func(n *coupon.Terms) { n.PersonLimit = new(1) }},
		"claimStartsAt": {func(n *coupon.Terms) { n.ClaimStartsAt = n.ClaimStartsAt.Add(-1) }, func(n *coupon.Terms) { n.ClaimStartsAt = n.ClaimStartsAt.Add(1) }},
		"claimEndsAt":   {func(n *coupon.Terms) { n.ClaimEndsAt = n.ClaimEndsAt.Add(1) }, func(n *coupon.Terms) { n.ClaimEndsAt = n.ClaimEndsAt.Add(-1) }},
		"delayDays":     {func(n *coupon.Terms) { n.DelayDays, n.ValidDays = new(1), new(11) }, func(n *coupon.Terms) { n.DelayDays, n.ValidDays = new(3), new(20) }},
		"validDays":     {func(n *coupon.Terms) { n.ValidDays = new(11) }, func(n *coupon.Terms) { n.DelayDays = new(1) }},
		"budget":        {func(n *coupon.Terms) { n.Budget = nil }, func(n *coupon.Terms) { n.Budget = new(money.Fen(99_999)) }},
		"activatedById": {nil, func(n *coupon.Terms) { n.ActivatedByID = new(int64(5)) }},
		"event":         {nil, func(n *coupon.Terms) { n.Event = enum.CouponByScan }},
		"kind":          {nil, func(n *coupon.Terms) { n.Rule.Kind = enum.CouponAmountOff }},
		"percent":       {func(n *coupon.Terms) { n.Rule.PercentBasisPoints++ }, func(n *coupon.Terms) { n.Rule.PercentBasisPoints-- }},
		"cap":           {func(n *coupon.Terms) { n.Rule.CapFen = 0 }, func(n *coupon.Terms) { n.Rule.CapFen-- }},
		"threshold":     {func(n *coupon.Terms) { n.Rule.ThresholdFen = 0 }, func(n *coupon.Terms) { n.Rule.ThresholdFen++ }},
		"scopeOrgIds":   {func(n *coupon.Terms) { n.Rule.Scope.OrgIDs = nil }, func(n *coupon.Terms) { n.Rule.Scope.OrgIDs = []int64{1, 3, 4} }},
		"scopeSkuIds":   {func(n *coupon.Terms) { n.Rule.Scope.SKUIDs = []int64{10, 11} }, func(n *coupon.Terms) { n.Rule.Scope.SKUIDs = []int64{10} }},
		"scopeProductIds": {func(n *coupon.Terms) {
			n.Rule.Scope.SKUIDs, n.Rule.Scope.ProductIDs, n.Rule.Scope.Categories = nil, nil, nil
		},
			func(n *coupon.Terms) { n.Rule.Scope.ProductIDs = nil }},
		"scopeCategories": {func(n *coupon.Terms) { n.Rule.Scope.Categories = []string{"啤酒", "白酒"} }, func(n *coupon.Terms) { n.Rule.Scope.Categories = nil }},
		"excludedSkuIds":  {func(n *coupon.Terms) { n.Rule.Scope.ExcludedSKUIDs = []int64{32} }, func(n *coupon.Terms) { n.Rule.Scope.ExcludedSKUIDs = []int64{31, 32, 33} }},
		"onlineOnly":      {nil, func(n *coupon.Terms) { n.Rule.Scope.OnlineOnly = true }},
		"storeOnly":       {nil, func(n *coupon.Terms) { n.Rule.Scope.StoreOnly = true }},
		"hours": {func(n *coupon.Terms) { n.Rule.Hours = hours.Weekly{} },
			func(n *coupon.Terms) { n.Rule.Hours = weekly(t, hours.Period{Open: 0, Close: 1440}, time.Sunday) }},
		"funders":         {nil, func(n *coupon.Terms) { n.Rule.Funders = []document.Funder{{OrgID: 2, BasisPoints: 10_000}} }},
		"stackGroup":      {nil, func(n *coupon.Terms) { n.Rule.StackGroup = "b" }},
		"stackLimit":      {func(n *coupon.Terms) { n.Rule.StackLimit = 3 }, func(n *coupon.Terms) { n.Rule.StackLimit = 1 }},
		"exclusive":       {nil, func(n *coupon.Terms) { n.Rule.Exclusive = true }},
		"priority":        {nil, func(n *coupon.Terms) { n.Rule.Priority = 2 }},
		"returnPolicy":    {func(n *coupon.Terms) { n.Rule.ReturnPolicy = enum.ReturnOnAny }, func(n *coupon.Terms) { n.Rule.ReturnPolicy = enum.ReturnNever }},
		"returnGraceDays": {func(n *coupon.Terms) { n.Rule.ReturnGraceDays = 2 }, func(n *coupon.Terms) { n.Rule.ReturnGraceDays = 0 }},
		"repricing":       {func(n *coupon.Terms) { n.Rule.Repricing = enum.RepriceKeep }, nil},
		"transferable":    {func(n *coupon.Terms) { n.Rule.Transferable = true }, nil},
	} {
		before := fullTerms(t)
		require.Empty(t, coupon.LessFavourable(before, fullTerms(t)), "nothing changed")
		if c.better != nil {
			after := fullTerms(t)
			c.better(&after)
			require.Empty(t, coupon.LessFavourable(before, after), field)
			if back := coupon.LessFavourable(after, before); back == "" {
				t.Fatalf("%s: the way back is as good", field)
			}
		}
		if c.worse != nil {
			after := fullTerms(t)
			c.worse(&after)
			require.Equal(t, field, coupon.LessFavourable(before, after))
		}
	}
	freight := func(amount money.Fen) coupon.Terms {
		terms := fullTerms(t)
		terms.Rule = document.CouponRule{Kind: enum.CouponFreight, AmountFen: amount, StackLimit: 1, ReturnPolicy: enum.ReturnNever, Repricing: enum.RepriceKeep}
		return terms
	}
	require.Empty(t, coupon.LessFavourable(freight(500), freight(0)), "all of the freight is more than any amount")
	require.Equal(t, "amount", coupon.LessFavourable(freight(0), freight(500)))
}

// TestFavouredMembersPayNoMore: where a change is in the member's favour, no basket costs more with the new rule than with the old one, nowhere and at no time.
func TestFavouredMembersPayNoMore(t *testing.T) {
	t.Parallel()
	periods := []hours.Weekly{{}, weekly(t, hours.Period{Open: 0, Close: 720}, time.Sunday, time.Monday), weekly(t, hours.Period{Open: 600, Close: 1500}, time.Sunday),
		weekly(t, hours.Period{Open: 0, Close: 1440}, time.Sunday, time.Monday, time.Tuesday)}
	fens := rapid.Map(rapid.Int64Range(0, 30), func(n int64) money.Fen { return money.Fen(n * 100) })
	rules := rapid.Custom(func(t *rapid.T) document.CouponRule {
		r := document.CouponRule{Kind: rapid.SampledFrom([]enum.CouponKind{enum.CouponAmountOff, enum.CouponPercentOff, enum.CouponFreight}).Draw(t, "kind"),
			ThresholdFen: fens.Draw(t, "threshold"), StackLimit: 1, ReturnPolicy: enum.ReturnOnAny, Repricing: enum.RepriceKeep, Hours: rapid.SampledFrom(periods).Draw(t, "hours"),
			Scope: document.CouponScope{SKUIDs: rapid.SliceOfNDistinct(rapid.Int64Range(1, 3), 0, 2, rapid.ID).Draw(t, "skus"),
				Categories:     rapid.SampledFrom([][]string{nil, {"a"}, {"a", "b"}}).Draw(t, "categories"),
				ExcludedSKUIDs: rapid.SampledFrom([][]int64{nil, {1}, {1, 2}}).Draw(t, "excluded"),
				OrgIDs:         rapid.SampledFrom([][]int64{nil, {1}, {2}, {1, 2}}).Draw(t, "orgs"),
				OnlineOnly:     rapid.Bool().Draw(t, "online only")}}
		switch r.Kind {
		case enum.CouponAmountOff:
			r.AmountFen = fens.Draw(t, "amount") + 1
		case enum.CouponFreight:
			r.AmountFen = fens.Draw(t, "amount")
		default:
			r.PercentBasisPoints, r.CapFen = money.BasisPoints(rapid.IntRange(1, 10_000).Draw(t, "percent")), fens.Draw(t, "cap")
		}
		return r
	})
	favoured := 0
	rapid.Check(t, func(t *rapid.T) {
		before, after := coupon.Terms{ValidityKind: enum.ValidityAfterClaim, ValidDays: new(1), DelayDays: new(0)}, coupon.Terms{}
		before.Rule = rules.Draw(t, "before")
		after = before
		// Of two unlike rules one is seldom better in all, so that some of the fields stay.
		changed := rules.Draw(t, "after")
		for i, take := range []func(){func() { after.Rule.ThresholdFen = changed.ThresholdFen }, func() { after.Rule.Hours = changed.Hours },
			func() {
				after.Rule.Scope.SKUIDs, after.Rule.Scope.Categories = changed.Scope.SKUIDs, changed.Scope.Categories
			},
			func() { after.Rule.Scope.ExcludedSKUIDs = changed.Scope.ExcludedSKUIDs }, func() { after.Rule.Scope.OrgIDs = changed.Scope.OrgIDs },
			func() { after.Rule.Scope.OnlineOnly = changed.Scope.OnlineOnly },
			func() {
				if changed.Kind == before.Rule.Kind {
					after.Rule.AmountFen, after.Rule.PercentBasisPoints, after.Rule.CapFen = changed.AmountFen, changed.PercentBasisPoints, changed.CapFen
				}
			}} {
			if rapid.IntRange(0, 2).Draw(t, fmt.Sprintf("take %d", i)) == 0 {
				take()
			}
		}
		if coupon.LessFavourable(before, after) != "" {
			return
		}
		favoured++
		now := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 7*24*60).Draw(t, "minute")) * time.Minute)
		in := quote.Input{Now: now, Online: rapid.Bool().Draw(t, "online"), Freight: fens.Draw(t, "freight"),
			OrgIDs: rapid.SampledFrom([][]int64{{1, 9}, {2, 9}, {9}}).Draw(t, "at")}
		for i := range rapid.IntRange(1, 4).Draw(t, "lines") {
			in.Lines = append(in.Lines, quote.Line{ID: int64(i + 1), SKUID: rapid.Int64Range(1, 3).Draw(t, "sku"), Category: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "category"),
				Quantity: rapid.Int64Range(1, 2).Draw(t, "quantity"), UnitPrice: fens.Draw(t, "price")})
		}
		price := func(r document.CouponRule) money.Fen {
			in.Coupons = []quote.Coupon{{ID: 1, Rule: r, OrgID: 9, State: enum.CouponEffective, UsableFrom: now.Add(-1), ExpiresAt: now.Add(1)}}
			q, err := quote.Price(in)
			if err != nil {
				t.Fatal(err)
			}
			return q.Total
		}
		if was, is := price(before.Rule), price(after.Rule); is > was {
			t.Fatalf("%v instead of %v", is, was)
		}
	})
	require.Positive(t, favoured)
}

// TestBadTerms: every contradiction is refused before anything is written, and names its field.
func TestBadTerms(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s, ctx := newService(t, w), marketer(t, w, w.Region)
		client := w.Store.Client(system(t, w))
		product := client.Product.Create().SetCode("P1").SetName("云岭春").SetCategory("白酒").SetSkuLine("classic").SetState(enum.ProductActive).SaveX(system(t, w))
		sku := client.SKU.Create().SetProductID(product.ID).SetCode("S1").SetName("500 ml").SetMode(enum.SellInstant).SaveX(system(t, w))
		template := newTemplate(t, w, nil)
		below := newTemplateWith(t, w, document.CouponRule{Kind: enum.CouponAmountOff, AmountFen: 1}, nil)
		client.CouponTemplate.UpdateOne(below).SetActivatedByID(template.ID).ExecX(system(t, w))
		before := rows(t, w)
		for name, c := range map[string]struct {
			field  string
			code   apperr.Code
			change func(*coupon.CreateInput)
		}{
			"no kind":                   {"kind", apperr.InvalidInput, func(in *coupon.CreateInput) { in.Rule.Kind = "" }},
			"a percentage of an amount": {"percent", apperr.TemplateInvalid, func(in *coupon.CreateInput) { in.Rule.PercentBasisPoints = 1 }},
			"a percent of 0":            {"percent", apperr.InvalidInput, func(in *coupon.CreateInput) { in.Rule = document.CouponRule{Kind: enum.CouponPercentOff} }},
			"a percent over 100": {"percent", apperr.InvalidInput, func(in *coupon.CreateInput) {
				in.Rule = document.CouponRule{Kind: enum.CouponPercentOff, PercentBasisPoints: 10_001}
			}},
			"shares of 99 %": {"funders", apperr.TemplateInvalid, func(in *coupon.CreateInput) {
				in.Rule.Funders = []document.Funder{{OrgID: w.Region.ID, BasisPoints: 9_900}}
			}},
			"goods that are not there": {"goodsSkuId", apperr.NotFound, func(in *coupon.CreateInput) {
				in.Rule = document.CouponRule{Kind: enum.CouponGift, GoodsSKUID: 1, ReturnPolicy: enum.ReturnNever}
			}},
			"a SKU that is not there":     {"scopeSkuIds", apperr.NotFound, func(in *coupon.CreateInput) { in.Rule.Scope.SKUIDs = []int64{1} }},
			"a product that is not there": {"scopeProductIds", apperr.NotFound, func(in *coupon.CreateInput) { in.Rule.Scope.ProductIDs = []int64{1, product.ID} }},
			"a category of nothing":       {"scopeCategories", apperr.NotFound, func(in *coupon.CreateInput) { in.Rule.Scope.Categories = []string{"红酒"} }},
			"nothing is left of the goods": {"excludedSkuIds", apperr.TemplateInvalid, func(in *coupon.CreateInput) {
				in.Rule.Scope.ProductIDs, in.Rule.Scope.ExcludedSKUIDs = []int64{product.ID}, []int64{sku.ID}
			}},
			"nothing is left of all goods":  {"excludedSkuIds", apperr.TemplateInvalid, func(in *coupon.CreateInput) { in.Rule.Scope.ExcludedSKUIDs = []int64{sku.ID} }},
			"online only and in store only": {"storeOnly", apperr.TemplateInvalid, func(in *coupon.CreateInput) { in.Rule.Scope.OnlineOnly, in.Rule.Scope.StoreOnly = true, true }},
			"grace without return":          {"returnGraceDays", apperr.TemplateInvalid, func(in *coupon.CreateInput) { in.Rule.ReturnPolicy, in.Rule.ReturnGraceDays = enum.ReturnNever, 1 }},
			"hours outside of the window": {"hours", apperr.TemplateInvalid, func(in *coupon.CreateInput) {
				in.ValidityKind, in.ValidDays, in.DelayDays = enum.ValidityFixed, nil, nil
				in.ClaimEndsAt = testkit.Start.Add(time.Hour)
				in.ValidFrom, in.ValidUntil = new(testkit.Start), new(testkit.Start.Add(time.Hour))
				in.Rule.Hours = weekly(t, hours.Period{Open: 600, Close: 1200}, time.Wednesday)
			}},
			"a day that some coupons never see": {"hours", apperr.TemplateInvalid, func(in *coupon.CreateInput) {
				in.ValidDays, in.Rule.Hours = new(6), weekly(t, hours.Period{Open: 600, Close: 1200}, time.Wednesday)
			}},
			"a day stock of 0":          {"dayStock", apperr.InvalidInput, func(in *coupon.CreateInput) { in.DayStock = new(int64(0)) }},
			"a limit per day of 0":      {"memberDayLimit", apperr.InvalidInput, func(in *coupon.CreateInput) { in.MemberDayLimit = new(0) }},
			"a limit per human of 1001": {"personLimit", apperr.InvalidInput, func(in *coupon.CreateInput) { in.PersonLimit = new(1001) }},
			"a budget of 0":             {"budget", apperr.InvalidInput, func(in *coupon.CreateInput) { in.Budget = new(money.Fen(0)) }},
			"a budget below one coupon": {"budget", apperr.TemplateInvalid, func(in *coupon.CreateInput) { in.Budget = new(money.Fen(1_999)) }},
			"a budget of what has no bound": {"budget", apperr.TemplateInvalid, func(in *coupon.CreateInput) {
				in.Budget, in.Rule = new(money.Fen(10_000)), document.CouponRule{Kind: enum.CouponFreight, ReturnPolicy: enum.ReturnNever}
			}},
			"an event and an activation": {"event", apperr.TemplateInvalid, func(in *coupon.CreateInput) { in.Event, in.ActivatedByID = enum.CouponByScan, &template.ID }},
			"an event that is none":      {"event", apperr.InvalidInput, func(in *coupon.CreateInput) { in.Event = "NEW_MOON" }},
			"activated by nothing":       {"activatedById", apperr.NotFound, func(in *coupon.CreateInput) { in.ActivatedByID = new(int64(1)) }},
			"a chain of activations":     {"activatedById", apperr.TemplateInvalid, func(in *coupon.CreateInput) { in.ActivatedByID = &below.ID }},
		} {
			in := input(w)
			c.change(&in)
			_, err := s.Create(ctx, in)
			require.Equal(t, c.code, apperr.CodeOf(err), "%s: %v", name, err)
			require.Equal(t, []string{"input", c.field}, err.(*apperr.Error).Field, name)
			saidInWords(t, err)
		}
		require.Equal(t, before, rows(t, w))

		// The same with what a member can use is fine.
		in := input(w)
		in.Rule.Scope = document.CouponScope{SKUIDs: []int64{sku.ID}, Categories: []string{"白酒"}}
		in.Rule.Hours, in.ValidDays = weekly(t, hours.Period{Open: 600, Close: 1200}, time.Wednesday), new(7)
		in.Budget, in.ActivatedByID = new(money.Fen(2_000)), &template.ID
		created, err := s.Create(ctx, in)
		require.NoError(t, err)
		require.Equal(t, template.ID, *created.ActivatedByID)
		// What a store cannot act for, and a store without stores below it.
		distributor := w.NewOrg(t, w.Root, enum.OrgDistributor)
		in = input(w)
		in.OrgID, in.IdempotencyKey = distributor.ID, "template-2"
		_, err = s.Create(marketer(t, w, w.Root), in)
		refused(t, apperr.TemplateInvalid, err)
		require.Equal(t, []string{"input", "orgId"}, err.(*apperr.Error).Field)
		in.OrgID = w.Store1.ID
		client.Org.UpdateOne(w.Store1).SetState(enum.OrgClosed).ExecX(system(t, w))
		_, err = s.Create(marketer(t, w, w.Root), in)
		refused(t, apperr.StoreClosed, err)
	})
}

func TestSummary(t *testing.T) {
	t.Parallel()
	for want, r := range map[[2]string]document.CouponRule{
		{"满100减10", "¥10 off from ¥100"}: {Kind: enum.CouponAmountOff, AmountFen: 1000, ThresholdFen: 10_000},
		{"立减9.9元", "¥9.9 off"}:           {Kind: enum.CouponAmountOff, AmountFen: 990},
		{"打8.5折", "15% off"}:             {Kind: enum.CouponPercentOff, PercentBasisPoints: 1_500},
		{"打0.5折", "95% off"}:             {Kind: enum.CouponPercentOff, PercentBasisPoints: 9_500},
		{"满50元打9折，最多减20.05元", "10% off from ¥50, at most ¥20.05"}: {Kind: enum.CouponPercentOff, PercentBasisPoints: 1_000, CapFen: 2_005, ThresholdFen: 5_000},
		{"免单，最多减100元", "100% off, at most ¥100"}:                  {Kind: enum.CouponPercentOff, PercentBasisPoints: 10_000, CapFen: 10_000},
		{"兑换小酒", "小酒 free"}:                                       {Kind: enum.CouponExchange},
		{"满200元赠小酒", "Gift from ¥200: 小酒"}:                        {Kind: enum.CouponGift, ThresholdFen: 20_000},
		{"包邮", "Free delivery"}:                                   {Kind: enum.CouponFreight},
		{"满99元运费减6元", "¥6 off delivery from ¥99"}:                 {Kind: enum.CouponFreight, AmountFen: 600, ThresholdFen: 9_900},
	} {
		require.Equal(t, want[0], coupon.Summary(r, "小酒", apperr.Chinese))
		require.Equal(t, want[1], coupon.Summary(r, "小酒", apperr.English))
	}
}
