package verify_test

import (
	"testing"
	"time"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/internal/store"
)

// plantedOrders breaks each rule of what orders do with coupons.
var plantedOrders = []plant{
	{"coupon used", "coupon_uses", "coupon of an order", "active_coupon_id", nil, "used by an order"},
	{"coupon used", "redemptions", "undone", "active_subject_id", "used by an order", "used by an order"},
	{"coupon lock", "coupons", "locked", "state", "EFFECTIVE", ""},
	{"coupon lock", "coupons", "locked", "locked_by_id", nil, ""},
	{"coupon lock", "coupons", "used by an order", "locked_by_id", 7, ""},
	{"use of a used coupon", "coupons", "used by an order", "state", "LOCKED", "coupon of an order"},
	{"use of a used coupon", "coupon_uses", "coupon of an order", "member_id", "other member", ""},
	{"coupon use state", "coupon_uses", "coupon of an order", "returned_at", start, ""},
	{"coupon use state", "coupon_uses", "coupon of an order", "active_coupon_id", "coupons", ""},
	{"coupon use state", "coupon_uses", "coupon of an order", "returned_fen", 701, ""},
	{"coupon use state", "coupon_uses", "coupon of an order", "returned_fen", -1, ""},
	{"coupon use lines", "coupon_uses", "coupon of an order", "discount_fen", 699, ""},
	{"coupon use lines", "coupon_uses", "coupon of an order", "`lines`", `[{"lineId":1,"discountFen":500}]`, ""},
	{"coupon use lines", "coupon_uses", "coupon of an order", "`lines`", `[]`, ""},
}

// orders adds a coupon that an order holds and one that an order has used, of the store's own template.
func orders(t *testing.T, s *store.Store, r rows) {
	t.Helper()
	ctx := auth.System(t.Context(), r["brands"])
	client := s.Client(ctx)
	rule := client.CouponRule.Create().SetRule(document.CouponRule{Kind: enum.CouponAmountOff, AmountFen: 700}).SaveX(ctx)
	template := client.CouponTemplate.Create().SetOrgID(r["orgs"]).SetName("立减7元").SetRuleID(rule.ID).SetState(enum.TemplateActive).SetTotalStock(2).SetStockLeft(0).
		SetClaimStartsAt(start).SetClaimEndsAt(start.Add(time.Hour)).SetValidityKind(enum.ValidityAfterClaim).SetValidDays(7).SaveX(ctx)
	coupon := func(key string) *ent.CouponCreate {
		return client.Coupon.Create().SetTemplateID(template.ID).SetRuleID(rule.ID).SetMemberID(r["members"]).SetCode(key).SetSource(enum.SourceActivated).SetClaimKey(key).
			SetUsableFrom(start).SetExpiresAt(start.Add(time.Hour))
	}
	r["locked"] = coupon("locked").SetState(enum.CouponLocked).SetLockedByID(7).SaveX(ctx).ID
	used := coupon("by-order").SetState(enum.CouponUsed).SetUsedAt(start).SaveX(ctx)
	r["used by an order"] = used.ID
	r["coupon of an order"] = client.CouponUse.Create().SetCouponID(used.ID).SetActiveCouponID(used.ID).SetMemberID(r["members"]).SetOrderID(8).SetOrgID(r["orgs"]).
		SetDiscountFen(700).SetLines([]document.LineDiscount{{LineID: 1, DiscountFen: 500}, {LineID: 2, DiscountFen: 200}}).SaveX(ctx).ID
}
