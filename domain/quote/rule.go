package quote

import (
	"slices"
	"strings"
	"time"

	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/hours"
	"dongxiao/internal/money"
	"dongxiao/internal/text"
)

// Bounds of rules.
const (
	maxAmount     money.Fen = 10_000_000
	maxThreshold  money.Fen = 100_000_000
	maxOrgs                 = 100
	maxGoods                = 500
	maxCategories           = 50
	maxText                 = 32
	maxFunders              = 10
	maxStackLimit           = 20
	maxPriority             = 1_000
	maxGraceDays            = 365
)

// CheckRule brings a rule into the form in which it is kept, and refuses one that is out of bounds (INVALID_INPUT) or contradicts itself (TEMPLATE_INVALID).
// The refusal names the field: kind, amount, percent, cap, goodsSkuId, threshold, scopeOrgIds, scopeSkuIds, scopeProductIds, scopeCategories,
// excludedSkuIds, onlineOnly, storeOnly, funders, stackGroup, stackLimit, priority, returnPolicy, returnGraceDays, repricing. That orgs and goods exist and are within
// the issuer's reach is the caller's to check; Hours are valid by their type, see CheckHours.
func CheckRule(r *document.CouponRule) error {
	for _, check := range []func(*document.CouponRule) error{checkKind, checkScope, checkFunders, checkStacking} {
		if err := check(r); err != nil {
			return err
		}
	}
	switch {
	case r.ReturnPolicy != enum.ReturnOnFullRefund && r.ReturnPolicy != enum.ReturnOnAny && r.ReturnPolicy != enum.ReturnNever:
		return apperr.Invalid("returnPolicy", "ON_FULL_REFUND, ON_ANY, NEVER")
	case r.ReturnGraceDays < 0 || r.ReturnGraceDays > maxGraceDays:
		return apperr.Invalid("returnGraceDays", "0–365")
	case r.ReturnPolicy == enum.ReturnNever && r.ReturnGraceDays > 0:
		return Contradiction("returnGraceDays", "NEVER: returnGraceDays")
	case r.Repricing != "" && r.Repricing != enum.RepriceKeep && r.Repricing != enum.RepriceWithdraw:
		return apperr.Invalid("repricing", "KEEP, WITHDRAW")
	}
	return nil
}

// CheckHours refuses with TEMPLATE_INVALID hours that leave no moment of the use window [from, until).
func CheckHours(weekly hours.Weekly, from, until time.Time, zone *time.Location) error {
	if weekly.IsZero() || weekly.OpenAt(from, zone) {
		return nil
	}
	if opens, ok := weekly.NextChange(from, zone); !ok || !opens.Before(until) {
		return Contradiction("hours", "hours ∩ window = ∅")
	}
	return nil
}

// checkKind checks that the rule has what its kind needs, and nothing that belongs to another.
func checkKind(r *document.CouponRule) error {
	goods := r.Kind == enum.CouponExchange || r.Kind == enum.CouponGift
	switch {
	case !slices.Contains(kinds, r.Kind):
		return apperr.Invalid("kind", "AMOUNT_OFF, PERCENT_OFF, EXCHANGE, GIFT, FREIGHT")
	case r.Kind == enum.CouponAmountOff && (r.AmountFen < 1 || r.AmountFen > maxAmount):
		return apperr.Invalid("amount", "1–10000000")
	case r.Kind == enum.CouponFreight && (r.AmountFen < 0 || r.AmountFen > maxAmount):
		return apperr.Invalid("amount", "1–10000000")
	case r.Kind != enum.CouponAmountOff && r.Kind != enum.CouponFreight && r.AmountFen != 0:
		return Contradiction("amount", "amount: AMOUNT_OFF, FREIGHT")
	case r.Kind == enum.CouponPercentOff && (r.PercentBasisPoints < 1 || r.PercentBasisPoints > money.Whole):
		return apperr.Invalid("percent", "1–10000")
	case r.Kind != enum.CouponPercentOff && r.PercentBasisPoints != 0:
		return Contradiction("percent", "percent: PERCENT_OFF")
	case r.Kind == enum.CouponPercentOff && (r.CapFen < 0 || r.CapFen > maxAmount):
		return apperr.Invalid("cap", "1–10000000")
	case r.Kind != enum.CouponPercentOff && r.CapFen != 0:
		return Contradiction("cap", "cap: PERCENT_OFF")
	case goods && r.GoodsSKUID < 1:
		return apperr.Invalid("goodsSkuId", "EXCHANGE, GIFT: goodsSkuId")
	case !goods && r.GoodsSKUID != 0:
		return Contradiction("goodsSkuId", "goodsSkuId: EXCHANGE, GIFT")
	case r.ThresholdFen < 0 || r.ThresholdFen > maxThreshold:
		return apperr.Invalid("threshold", "0–100000000")
	}
	return nil
}

// checkScope also refuses a scope that leaves nothing: a coupon that nobody could ever use.
func checkScope(r *document.CouponRule) error {
	s := &r.Scope
	for _, list := range []struct {
		field string
		ids   *[]int64
		most  int
		says  string
	}{
		{"scopeOrgIds", &s.OrgIDs, maxOrgs, "0–100"},
		{"scopeSkuIds", &s.SKUIDs, maxGoods, "0–500"},
		{"scopeProductIds", &s.ProductIDs, maxGoods, "0–500"},
		{"excludedSkuIds", &s.ExcludedSKUIDs, maxGoods, "0–500"},
	} {
		if len(*list.ids) > list.most {
			return apperr.Invalid(list.field, list.says)
		}
		*list.ids = distinct(*list.ids)
		if len(*list.ids) > 0 && (*list.ids)[0] < 1 {
			return apperr.Invalid(list.field, "id")
		}
	}
	if len(s.Categories) > maxCategories {
		return apperr.Invalid("scopeCategories", "0–50")
	}
	s.Categories = slices.Clone(s.Categories)
	for i, category := range s.Categories {
		s.Categories[i] = strings.TrimSpace(category)
		if s.Categories[i] == "" || !text.IsLine(s.Categories[i], maxText) {
			return apperr.Invalid("scopeCategories", "1–32")
		}
	}
	s.Categories = distinct(s.Categories)
	goods := len(s.SKUIDs) + len(s.ProductIDs) + len(s.Categories)
	switch {
	case slices.ContainsFunc(s.SKUIDs, func(id int64) bool { return slices.Contains(s.ExcludedSKUIDs, id) }):
		return Contradiction("excludedSkuIds", "scopeSkuIds ∩ excludedSkuIds")
	case r.Kind == enum.CouponExchange && slices.Contains(s.ExcludedSKUIDs, r.GoodsSKUID):
		return Contradiction("excludedSkuIds", "goodsSkuId ∈ excludedSkuIds")
	case r.PercentBasisPoints == money.Whole && r.CapFen == 0 && goods == 0:
		return Contradiction("scopeSkuIds", "100 %: cap, scope")
	case s.OnlineOnly && s.StoreOnly:
		return Contradiction("storeOnly", "onlineOnly ∩ storeOnly")
	case r.Kind == enum.CouponFreight && s.StoreOnly:
		return Contradiction("storeOnly", "FREIGHT: storeOnly")
	}
	return nil
}

func checkFunders(r *document.CouponRule) error {
	if len(r.Funders) < 1 || len(r.Funders) > maxFunders {
		return apperr.Invalid("funders", "1–10")
	}
	var sum money.BasisPoints
	for i, f := range r.Funders {
		switch {
		case f.OrgID < 1:
			return apperr.Invalid("funders", "id")
		case slices.ContainsFunc(r.Funders[:i], func(other document.Funder) bool { return other.OrgID == f.OrgID }):
			return Contradiction("funders", "funders: orgId × 2")
		case f.BasisPoints < 1 || f.BasisPoints > money.Whole:
			return apperr.Invalid("funders", "1–10000")
		}
		sum += f.BasisPoints
	}
	if sum != money.Whole {
		return Contradiction("funders", "Σ = 100 %")
	}
	return nil
}

func checkStacking(r *document.CouponRule) error {
	r.StackGroup = strings.TrimSpace(r.StackGroup)
	switch {
	case !text.IsLine(r.StackGroup, maxText):
		return apperr.Invalid("stackGroup", "0–32")
	case r.StackLimit < 0 || r.StackLimit > maxStackLimit:
		return apperr.Invalid("stackLimit", "1–20")
	case r.Exclusive && r.StackLimit > 1:
		return Contradiction("stackLimit", "exclusive: stackLimit ≤ 1")
	case r.Priority < -maxPriority || r.Priority > maxPriority:
		return apperr.Invalid("priority", "±1000")
	}
	return nil
}

// distinct gives each element once, sorted; nil for none.
func distinct[E int64 | string](list []E) []E {
	return slices.Compact(slices.Sorted(slices.Values(list)))
}

// Contradiction is the refusal of a template whose field contradicts others.
func Contradiction(field, reason string) error {
	return apperr.New(apperr.TemplateInvalid, "reason", reason).At("input", field)
}
