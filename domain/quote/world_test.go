package quote_test

import (
	"time"

	"pgregory.net/rapid"

	"dongxiao/domain/quote"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/internal/hours"
	"dongxiao/internal/money"
)

const (
	brandOrg       = int64(1)
	regionOrg      = int64(2)
	storeOrg       = int64(3)
	distributorOrg = int64(4)
	otherStore     = int64(5)
)

var (
	shanghai = time.FixedZone("Asia/Shanghai", 8*3600)
	now      = time.Date(2026, 3, 4, 12, 0, 0, 0, shanghai) // a Wednesday
)

// amountOff is a rule: off from threshold.
func amountOff(off, threshold money.Fen) document.CouponRule {
	return document.CouponRule{Kind: enum.CouponAmountOff, AmountFen: off, ThresholdFen: threshold,
		Funders: []document.Funder{{OrgID: brandOrg, BasisPoints: money.Whole}}, ReturnPolicy: enum.ReturnOnFullRefund}
}

// held is a coupon that can be used now at every store of the brand.
func held(id int64, rule document.CouponRule, changes ...func(*quote.Coupon)) quote.Coupon {
	c := quote.Coupon{ID: id, Rule: rule, OrgID: brandOrg, State: enum.CouponEffective, UsableFrom: now.AddDate(0, 0, -1), ExpiresAt: now.AddDate(0, 0, 1)}
	for _, change := range changes {
		change(&c)
	}
	return c
}

// with changes a rule.
func with(rule document.CouponRule, change func(*document.CouponRule)) document.CouponRule {
	change(&rule)
	return rule
}

// basket is an input with one line for each price, ids from 1, SKUs from 11.
func basket(prices ...money.Fen) quote.Input {
	in := quote.Input{OrgIDs: []int64{storeOrg, regionOrg, brandOrg, distributorOrg}, Online: true, Now: now}
	for i, price := range prices {
		in.Lines = append(in.Lines, quote.Line{ID: int64(i + 1), SKUID: int64(i + 11), ProductID: int64(i + 101), Category: "wine", Quantity: 1, UnitPrice: price})
	}
	return in
}

var (
	skus       = rapid.SliceOfNDistinct(rapid.Int64Range(1, 5), 0, 3, rapid.ID)
	categories = rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"wine", "beer"}), 0, 1, rapid.ID)
	fens       = rapid.OneOf(rapid.Int64Range(0, 20), rapid.Int64Range(0, 5_000))
	everyDay   = func() hours.Weekly {
		days := map[time.Weekday][]hours.Period{}
		for day := time.Sunday; day <= time.Saturday; day++ {
			days[day] = []hours.Period{{Open: 0, Close: hours.Day}}
		}
		weekly, err := hours.New(days)
		if err != nil {
			panic(err)
		}
		return weekly
	}()
)

// rules draws rules of every kind that CheckRule accepts, mostly such as apply to the baskets of inputs.
func rules() *rapid.Generator[document.CouponRule] {
	return rapid.Custom(func(t *rapid.T) document.CouponRule {
		r := document.CouponRule{
			Kind: rapid.SampledFrom([]enum.CouponKind{enum.CouponAmountOff, enum.CouponAmountOff, enum.CouponPercentOff, enum.CouponPercentOff, enum.CouponExchange,
				enum.CouponGift, enum.CouponFreight}).Draw(t, "kind"),
			StackGroup: rapid.SampledFrom([]string{"", "a", "b", "c"}).Draw(t, "group"), StackLimit: rapid.IntRange(0, 3).Draw(t, "limit"),
			Exclusive: rapid.IntRange(0, 9).Draw(t, "exclusive") == 0, Priority: rapid.IntRange(-1, 1).Draw(t, "priority"),
			ReturnPolicy: enum.ReturnOnAny, Repricing: rapid.SampledFrom([]enum.Repricing{"", enum.RepriceKeep, enum.RepriceWithdraw}).Draw(t, "repricing"),
			Funders: []document.Funder{{OrgID: brandOrg, BasisPoints: 3_333}, {OrgID: distributorOrg, BasisPoints: 3_333}, {OrgID: storeOrg, BasisPoints: 3_334}},
		}
		r.Scope.SKUIDs, r.Scope.Categories = skus.Draw(t, "skus"), categories.Draw(t, "categories")
		if rapid.Bool().Draw(t, "always") {
			r.Hours = everyDay
		}
		if r.Exclusive {
			r.StackLimit = 0
		}
		if rapid.Bool().Draw(t, "threshold?") {
			r.ThresholdFen = money.Fen(fens.Draw(t, "threshold"))
		}
		switch r.Kind {
		case enum.CouponAmountOff:
			r.AmountFen = money.Fen(fens.Draw(t, "amount")) + 1
		case enum.CouponPercentOff:
			r.PercentBasisPoints = money.BasisPoints(rapid.Int64Range(1, 9_999).Draw(t, "percent"))
			r.CapFen = money.Fen(fens.Draw(t, "cap"))
		case enum.CouponFreight:
			r.AmountFen = money.Fen(fens.Draw(t, "amount"))
		default:
			r.GoodsSKUID = rapid.Int64Range(1, 5).Draw(t, "goods")
		}
		return r
	})
}

// inputs draws baskets of up to so many lines with up to so many coupons, of which some share a rule.
func inputs(lines, coupons int) *rapid.Generator[quote.Input] {
	return rapid.Custom(func(t *rapid.T) quote.Input {
		in := quote.Input{OrgIDs: []int64{storeOrg, brandOrg}, Online: true, Now: now, Freight: money.Fen(fens.Draw(t, "freight")),
			StoredValue: money.Fen(fens.Draw(t, "stored value")),
			Points: quote.Points{Use: fens.Draw(t, "points"), PerYuan: rapid.SampledFrom([]int64{1, 10, 100, 150, 1_000}).Draw(t, "per yuan"),
				Cap: money.BasisPoints(rapid.Int64Range(0, 10_000).Draw(t, "cap"))}}
		for i := range rapid.IntRange(1, lines).Draw(t, "lines") {
			line := quote.Line{ID: int64(i + 1), SKUID: rapid.Int64Range(1, 5).Draw(t, "sku"), Category: rapid.SampledFrom([]string{"wine", "beer"}).Draw(t, "category"),
				Quantity: rapid.Int64Range(1, 4).Draw(t, "quantity"), UnitPrice: money.Fen(fens.Draw(t, "price"))}
			if rapid.Bool().Draw(t, "activity?") {
				line.ActivityPrice = new(money.Fen(fens.Draw(t, "activity price")))
			}
			in.Lines = append(in.Lines, line)
		}
		for i := range rapid.IntRange(0, 2).Draw(t, "reductions") {
			r := quote.Reduction{ID: int64(i + 1), Threshold: money.Fen(fens.Draw(t, "threshold")), Off: money.Fen(fens.Draw(t, "off"))}
			if rapid.Bool().Draw(t, "some lines") {
				r.LineIDs = []int64{1, 2}
			}
			in.Reductions = append(in.Reductions, r)
		}
		for i := range rapid.IntRange(0, coupons).Draw(t, "coupons") {
			c := held(int64(i+1), document.CouponRule{})
			if i > 0 && rapid.IntRange(0, 2).Draw(t, "another of the rule before") == 0 {
				before := in.Coupons[i-1]
				c.Rule, c.RuleID = before.Rule, before.RuleID
			} else {
				c.Rule, c.RuleID = rules().Draw(t, "rule"), int64(i+1)
			}
			c.ExpiresAt = now.Add(time.Duration(rapid.IntRange(1, 3).Draw(t, "expires")) * time.Hour)
			in.Coupons = append(in.Coupons, c)
		}
		return in
	})
}
