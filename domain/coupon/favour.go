package coupon

import (
	"cmp"
	"reflect"
	"slices"
	"time"

	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/internal/hours"
	"dongxiao/internal/money"
)

// LessFavourable names the first field in which the terms of a running template would change other than in the member's favour; empty where they may change so. Both
// are in the form in which check leaves them. What a member cannot compare stays as it is: the words, the kind, the goods, who bears it, how it stacks, what gives
// it. Whatever a member could get and do before, the same member can get and do after, at the same or a greater discount.
func LessFavourable(before, after Terms) string {
	for _, f := range []struct {
		field string
		fine  bool
	}{
		{"name", after.Name == before.Name},
		{"description", after.Description == before.Description},
		{"totalStock", after.TotalStock >= before.TotalStock},
		{"dayStock", noLower(before.DayStock, after.DayStock)},
		{"memberLimit", noLower(before.MemberLimit, after.MemberLimit)},
		{"memberDayLimit", noLower(before.MemberDayLimit, after.MemberDayLimit)},
		{"personLimit", noLower(before.PersonLimit, after.PersonLimit)},
		{"claimStartsAt", !after.ClaimStartsAt.After(before.ClaimStartsAt)},
		{"claimEndsAt", !after.ClaimEndsAt.Before(before.ClaimEndsAt)},
		{"validityKind", after.ValidityKind == before.ValidityKind},
		{"budget", noLower(before.Budget, after.Budget)},
		{"activatedById", equal(before.ActivatedByID, after.ActivatedByID)},
		{"event", after.Event == before.Event},
	} {
		if !f.fine {
			return f.field
		}
	}
	return cmp.Or(lessUsable(before, after), lessPromised(before.Rule, after.Rule))
}

// noLower says whether a limit is as high as before; nil is none.
func noLower[N cmp.Ordered](before, after *N) bool {
	return after == nil || before != nil && *after >= *before
}

func equal[T comparable](a, b *T) bool {
	return a == b || a != nil && b != nil && *a == *b
}

// lessUsable compares the windows of use: each coupon's holds the one that it would have had.
func lessUsable(before, after Terms) string {
	if before.ValidityKind == enum.ValidityFixed {
		switch {
		case after.ValidFrom.After(*before.ValidFrom):
			return "validFrom"
		case after.ValidUntil.Before(*before.ValidUntil):
			return "validUntil"
		}
		return ""
	}
	switch {
	case *after.DelayDays > *before.DelayDays:
		return "delayDays"
	case *after.DelayDays+*after.ValidDays < *before.DelayDays+*before.ValidDays:
		return "validDays"
	}
	return ""
}

// policies in the order in which they favour the member.
var policies = []enum.ReturnPolicy{enum.ReturnNever, enum.ReturnOnFullRefund, enum.ReturnOnAny}

func lessPromised(before, after document.CouponRule) string {
	for _, f := range []struct {
		field string
		fine  bool
	}{
		{"kind", after.Kind == before.Kind},
		{"amount", noLowerAmount(before, after)},
		{"percent", after.PercentBasisPoints >= before.PercentBasisPoints},
		{"cap", after.CapFen == 0 || before.CapFen > 0 && after.CapFen >= before.CapFen},
		{"goodsSkuId", after.GoodsSKUID == before.GoodsSKUID},
		{"threshold", after.ThresholdFen <= before.ThresholdFen},
		{"scopeOrgIds", len(after.Scope.OrgIDs) == 0 || len(before.Scope.OrgIDs) > 0 && holds(after.Scope.OrgIDs, before.Scope.OrgIDs)},
		{"excludedSkuIds", holds(before.Scope.ExcludedSKUIDs, after.Scope.ExcludedSKUIDs)},
		{"onlineOnly", before.Scope.OnlineOnly || !after.Scope.OnlineOnly},
		{"storeOnly", before.Scope.StoreOnly || !after.Scope.StoreOnly},
		{"hours", coversHours(after.Hours, before.Hours)},
		{"funders", reflect.DeepEqual(before.Funders, after.Funders)},
		{"stackGroup", after.StackGroup == before.StackGroup},
		{"exclusive", before.Exclusive || !after.Exclusive},
		{"stackLimit", after.StackLimit >= before.StackLimit},
		{"priority", after.Priority == before.Priority},
		{"returnPolicy", slices.Index(policies, after.ReturnPolicy) >= slices.Index(policies, before.ReturnPolicy)},
		{"returnGraceDays", after.ReturnGraceDays >= before.ReturnGraceDays},
		{"repricing", after.Repricing == before.Repricing || after.Repricing == enum.RepriceKeep},
		{"transferable", after.Transferable || !before.Transferable},
	} {
		if !f.fine {
			return f.field
		}
	}
	return lessGoods(before.Scope, after.Scope)
}

// noLowerAmount also knows that a FREIGHT coupon without an amount takes off all of the freight.
func noLowerAmount(before, after document.CouponRule) bool {
	const all = money.Fen(1<<62 - 1)
	amount := func(r document.CouponRule) money.Fen {
		if r.Kind == enum.CouponFreight && r.AmountFen == 0 {
			return all
		}
		return r.AmountFen
	}
	return amount(after) >= amount(before)
}

// lessGoods compares the goods that count: what any list names, all where none names any.
func lessGoods(before, after document.CouponScope) string {
	all := func(s document.CouponScope) bool { return len(s.SKUIDs)+len(s.ProductIDs)+len(s.Categories) == 0 }
	switch {
	case all(after):
		return ""
	case all(before) || !holds(after.SKUIDs, before.SKUIDs):
		return "scopeSkuIds"
	case !holds(after.ProductIDs, before.ProductIDs):
		return "scopeProductIds"
	case !holds(after.Categories, before.Categories):
		return "scopeCategories"
	}
	return ""
}

// holds says whether every one of some is in the list.
func holds[E comparable](list, some []E) bool {
	return !slices.ContainsFunc(some, func(e E) bool { return !slices.Contains(list, e) })
}

// coversHours says whether a coupon can be used at every time at which the other can; zero is always.
func coversHours(outer, inner hours.Weekly) bool {
	if outer.IsZero() {
		return true
	}
	if inner.IsZero() {
		inner = always
	}
	open := minutes(outer)
	for minute, wanted := range minutes(inner) {
		if wanted && !open[minute] {
			return false
		}
	}
	return true
}

// always is every minute of the week.
var always = func() hours.Weekly {
	days := map[time.Weekday][]hours.Period{}
	for day := time.Sunday; day <= time.Saturday; day++ {
		days[day] = []hours.Period{{Open: 0, Close: hours.Day}}
	}
	weekly, err := hours.New(days)
	if err != nil {
		panic(err) // a constant
	}
	return weekly
}()

// minutes marks the minutes of the week that are open.
func minutes(weekly hours.Weekly) [7 * hours.Day]bool {
	var open [7 * hours.Day]bool
	for day := time.Sunday; day <= time.Saturday; day++ {
		for _, p := range weekly.On(day) {
			for minute := p.Open; minute < p.Close; minute++ {
				open[(int(day)*hours.Day+minute)%len(open)] = true
			}
		}
	}
	return open
}
