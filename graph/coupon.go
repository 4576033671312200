package graph

import (
	"cmp"
	"context"
	"time"

	"dongxiao/domain/coupon"
	"dongxiao/ent"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/graph/model"
	"dongxiao/graph/transport"
	"dongxiao/internal/apperr"
	"dongxiao/internal/hours"
	"dongxiao/internal/ids"
	"dongxiao/internal/money"
)

// positive turns the zero that a column keeps for none into null.
func positive[N int | int64 | money.Fen | money.BasisPoints](n N) *N {
	if n == 0 {
		return nil
	}
	return &n
}

// afterClaim shows days only where the use window is counted from the claim.
func afterClaim(template *ent.CouponTemplate, days int) *int {
	if template.ValidityKind != enum.ValidityAfterClaim {
		return nil
	}
	return &days
}

// templateTerms decodes what a marketer wrote. It gives INVALID_INPUT for hours that are none, and for a zero that a marketer wrote where no number at all means what a rule keeps as
// zero: all of the freight, no cap.
func templateTerms(in model.CouponTemplateTerms) (coupon.Terms, error) {
	weekly, err := weeklyOf(in.Hours)
	switch {
	case err != nil:
		return coupon.Terms{}, err
	case in.Amount != nil && *in.Amount == 0:
		return coupon.Terms{}, apperr.Invalid("amount", "1–10000000")
	case in.Percent != nil && *in.Percent == 0:
		return coupon.Terms{}, apperr.Invalid("percent", "1–10000")
	case in.Cap != nil && *in.Cap == 0:
		return coupon.Terms{}, apperr.Invalid("cap", "1–10000000")
	case in.StackLimit == 0:
		return coupon.Terms{}, apperr.Invalid("stackLimit", "1–20")
	}
	rule := document.CouponRule{Kind: in.Kind, AmountFen: or(in.Amount), PercentBasisPoints: or(in.Percent), CapFen: or(in.Cap), ThresholdFen: in.Threshold,
		Scope: document.CouponScope{OrgIDs: decoded(in.ScopeOrgIDs, ids.Org), SKUIDs: decoded(in.ScopeSkuIDs, ids.SKU), ProductIDs: decoded(in.ScopeProductIDs, ids.Product),
			Categories: in.ScopeCategories, ExcludedSKUIDs: decoded(in.ExcludedSkuIDs, ids.SKU), OnlineOnly: in.OnlineOnly, StoreOnly: in.StoreOnly},
		Hours: weekly, StackGroup: in.StackGroup, StackLimit: in.StackLimit, Exclusive: in.Exclusive, Priority: in.Priority, ReturnPolicy: in.ReturnPolicy,
		ReturnGraceDays: in.ReturnGraceDays, Repricing: in.Repricing, Transferable: in.Transferable}
	if in.GoodsSkuID != nil {
		rule.GoodsSKUID = cmp.Or(in.GoodsSkuID.Of(ids.SKU), -1) // of another kind is not the same as none
	}
	for _, f := range in.Funders {
		rule.Funders = append(rule.Funders, document.Funder{OrgID: f.OrgID.Of(ids.Org), BasisPoints: f.Share})
	}
	return coupon.Terms{Name: in.Name, Description: in.Description, Rule: rule, TotalStock: in.TotalStock, DayStock: in.DayStock, MemberLimit: in.MemberLimit,
		MemberDayLimit: in.MemberDayLimit, PersonLimit: in.PersonLimit, ClaimStartsAt: in.ClaimStartsAt, ClaimEndsAt: in.ClaimEndsAt, ValidityKind: in.ValidityKind,
		ValidFrom: in.ValidFrom, ValidUntil: in.ValidUntil, ValidDays: in.ValidDays, DelayDays: in.DelayDays, Budget: in.Budget,
		ActivatedByID: idOf(in.ActivatedByID, ids.CouponTemplate), Event: in.Event}, nil
}

// or is what n points at, and 0 where it points at nothing.
func or[N money.Fen | money.BasisPoints](n *N) N {
	if n == nil {
		return 0
	}
	return *n
}

// decoded are the numbers of ids of one kind; 0 for one of another kind.
func decoded(list []ids.ID, kind ids.Kind) []int64 {
	numbers := make([]int64, len(list))
	for i, id := range list {
		numbers[i] = id.Of(kind)
	}
	return numbers
}

// idOf decodes an optional id; a wrong kind is an id that does not exist.
func idOf(id *ids.ID, kind ids.Kind) *int64 {
	if id == nil {
		return nil
	}
	return new(id.Of(kind))
}

// weeklyOf decodes hours of the week.
func weeklyOf(openings []*model.OpeningInput) (hours.Weekly, error) {
	days := map[time.Weekday][]hours.Period{}
	for _, o := range openings {
		period, err := hours.ParsePeriod(o.Open + "-" + o.Close)
		if err != nil {
			return hours.Weekly{}, apperr.Invalid("hours", "HH:MM-HH:MM")
		}
		days[time.Weekday(o.Weekday)] = append(days[time.Weekday(o.Weekday)], period)
	}
	weekly, err := hours.New(days)
	return weekly, apperr.OfInput(err, "hours")
}

// couponHours shows hours of the week, Sunday first.
func couponHours(weekly hours.Weekly) []*model.CouponHours {
	shown := []*model.CouponHours{}
	for day := time.Sunday; day <= time.Saturday; day++ {
		for _, p := range weekly.On(day) {
			text := p.String()
			shown = append(shown, &model.CouponHours{Weekday: int(day), Open: text[:5], Close: text[6:]})
		}
	}
	return shown
}

// couponFunders are the funders of a rule, read together.
func couponFunders(ctx context.Context, rule *document.CouponRule) []*document.Funder {
	funders := make([]*document.Funder, len(rule.Funders))
	for i := range rule.Funders {
		funders[i] = new(rule.Funders[i])
	}
	together(ctx, funders)
	return funders
}

func quoteItems(lines []*model.CouponQuoteLineInput) []coupon.Item {
	items := make([]coupon.Item, len(lines))
	for i, line := range lines {
		items[i] = coupon.Item{SKUID: line.SkuID.Of(ids.SKU), Quantity: int64(line.Quantity)}
	}
	return items
}

// couponIDs decodes the chosen coupons; nil for all.
func couponIDs(chosen []*ids.ID) []int64 {
	if chosen == nil {
		return nil
	}
	return numbers(chosen, ids.Coupon)
}

// couponQuote shows a priced basket.
func couponQuote(ctx context.Context, p *coupon.Priced) *model.CouponQuote {
	q := &model.CouponQuote{Lines: []*model.CouponQuoteLine{}, Uses: []*model.CouponQuoteUse{}, Explanations: []*model.CouponExplanation{}, Total: p.Quote.Total}
	for i, line := range p.Quote.Lines {
		price := line.Price - line.Activity - line.Reduction
		q.Lines = append(q.Lines, &model.CouponQuoteLine{Goods: *p.Goods[i].Named(), Quantity: int(line.Quantity), Price: price, Discount: line.Coupons, Amount: line.Amount})
		q.Price, q.Discount = q.Price+price, q.Discount+line.Coupons
	}
	for _, use := range p.Quote.Uses {
		q.Uses = append(q.Uses, &model.CouponQuoteUse{Coupon: *p.Coupons[use.CouponID], Discount: use.Discount, Gift: p.Gifts[use.GiftSKUID]})
	}
	for _, e := range p.Quote.Explanations {
		shown := &model.CouponExplanation{Coupon: *p.Coupons[e.CouponID], Discount: e.Discount}
		if e.Refusal != nil {
			shown.Refusal, shown.Message = &e.Refusal.Code, new(e.Refusal.Message(transport.LanguageOf(ctx)))
		}
		q.Explanations = append(q.Explanations, shown)
	}
	shown := make([]*ent.Coupon, len(q.Explanations)+len(q.Uses))
	for i, e := range q.Explanations {
		shown[i] = &e.Coupon
	}
	for i, use := range q.Uses {
		shown[len(q.Explanations)+i] = &use.Coupon
	}
	together(ctx, shown)
	return q
}

// audienceInput decodes the ids of an audience.
func audienceInput(input *model.CouponAudienceInput) coupon.Audience {
	numbers := func(list []*ids.ID, kind ids.Kind) []int64 {
		of := make([]int64, len(list))
		for i, id := range list {
			of[i] = id.Of(kind)
		}
		return of
	}
	return coupon.Audience{TagIDs: numbers(input.TagIds, ids.Tag), LevelIDs: numbers(input.LevelIds, ids.Level), StoreIDs: numbers(input.StoreIds, ids.Org),
		Listed: input.Listed}
}
