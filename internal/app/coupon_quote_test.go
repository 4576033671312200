package app_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/internal/ids"
	"dongxiao/internal/testkit/appkit"
)

// TestCouponQuote: a shopper sees what the coupons take off a basket, and of each why it is used or not.
func TestCouponQuote(t *testing.T) {
	t.Parallel()
	appkit.Each(t, appkit.Options{}, func(t *testing.T, k *appkit.Kit) {
		shopper, stranger := k.Shopper(t), k.Shopper(t)
		store := appkit.ID(ids.Org, k.Store1.ID)
		claim := func(c *appkit.Client, change func(*document.CouponRule)) string {
			ctx := k.System(t)
			template := k.NewTemplate(t, 10, 1)
			client := k.Store.Client(ctx)
			rule := client.CouponRule.GetX(ctx, template.RuleID).Rule
			change(&rule)
			client.CouponTemplate.UpdateOne(template).SetRuleID(client.CouponRule.Create().SetRule(rule).SaveX(ctx).ID).ExecX(ctx)
			return c.Do(t, "CouponClaim", vars{"input": vars{"templateId": appkit.ID(ids.CouponTemplate, template.ID), "idempotencyKey": appkit.Key()}}).String(t, "couponClaim.coupon.id")
		}
		ten := claim(shopper, func(*document.CouponRule) {})
		five := claim(shopper, func(r *document.CouponRule) { r.AmountFen = 500 })
		atTill := claim(shopper, func(r *document.CouponRule) { r.Scope.StoreOnly = true })
		dear := claim(shopper, func(r *document.CouponRule) { r.Kind, r.ThresholdFen = enum.CouponFreight, 0 })
		theirs := claim(stranger, func(*document.CouponRule) {})
		skus := shopper.Do(t, "Products", nil)
		line := func(n, quantity int) vars {
			return vars{"skuId": skus.String(t, []string{"products.nodes.0.skus.0.id", "products.nodes.1.skus.0.id"}[n]), "quantity": quantity}
		}
		basket := vars{"storeId": store, "lines": []any{line(0, 2), line(1, 1)}}
		q := shopper.Do(t, "CouponQuote", basket)
		require.Empty(t, q.Errors)
		require.Equal(t, 30_001, q.Number(t, "viewer.couponQuote.price"))
		require.Equal(t, 1_000, q.Number(t, "viewer.couponQuote.discount"))
		require.Equal(t, 29_001, q.Number(t, "viewer.couponQuote.total"))
		require.Equal(t, 667, q.Number(t, "viewer.couponQuote.lines.0.discount"))
		require.Equal(t, 333, q.Number(t, "viewer.couponQuote.lines.1.discount"))
		require.Equal(t, "云岭春 0 500 ml", q.String(t, "viewer.couponQuote.lines.0.goods.name"))
		require.Len(t, q.List(t, "viewer.couponQuote.uses"), 1)
		require.Equal(t, ten, q.String(t, "viewer.couponQuote.uses.0.coupon.id"))
		refusals := map[string]any{}
		for _, e := range q.List(t, "viewer.couponQuote.explanations") {
			explained := e.(map[string]any)
			refusals[explained["coupon"].(map[string]any)["id"].(string)] = explained["refusal"]
			require.Equal(t, explained["refusal"] == nil, explained["message"] == nil)
		}
		require.Equal(t, map[string]any{ten: nil, five: "COUPON_NOT_STACKABLE", atTill: "COUPON_STORE_ONLY", dear: "COUPON_NOTHING_TO_DEDUCT"}, refusals)

		chosen := func(couponIDs ...any) vars {
			return vars{"storeId": store, "lines": basket["lines"], "couponIds": couponIDs}
		}
		q = shopper.Do(t, "CouponQuote", chosen(five))
		require.Equal(t, 500, q.Number(t, "viewer.couponQuote.discount"))
		require.Len(t, q.List(t, "viewer.couponQuote.explanations"), 1)
		q = shopper.Do(t, "CouponQuote", vars{"storeId": store, "lines": basket["lines"], "online": false, "couponIds": []any{atTill}})
		require.Equal(t, 1_000, q.Number(t, "viewer.couponQuote.discount"))
		q = shopper.Do(t, "CouponQuote", chosen([]any{}...))
		require.Equal(t, 0, q.Number(t, "viewer.couponQuote.discount"))

		for name, c := range map[string]struct {
			variables vars
			code      string
		}{
			"somebody else's coupon": {chosen(theirs), "NOT_FOUND"},
			"no store":               {vars{"storeId": appkit.ID(ids.Org, k.Distributor.ID), "lines": basket["lines"]}, "NOT_FOUND"},
			"no goods":               {vars{"storeId": store, "lines": []any{vars{"skuId": appkit.ID(ids.SKU, 1), "quantity": 1}}}, "NOT_FOUND"},
			"nothing":                {vars{"storeId": store, "lines": []any{}}, "INVALID_INPUT"},
			"goods twice":            {vars{"storeId": store, "lines": []any{line(0, 1), line(0, 1)}}, "INVALID_INPUT"},
			"no piece":               {vars{"storeId": store, "lines": []any{line(0, 0)}}, "INVALID_INPUT"},
		} {
			r := shopper.Do(t, "CouponQuote", c.variables)
			require.Equal(t, c.code, r.Code(), name)
			if name == "no piece" {
				require.Equal(t, []string{"lines", "0", "quantity"}, r.Errors[0].Extensions.Field)
			}
		}
	})
}

// TestCouponCentreOfStore: the centre of one store has what can be used there, and not what only an event gives.
func TestCouponCentreOfStore(t *testing.T) {
	t.Parallel()
	appkit.Each(t, appkit.Options{}, func(t *testing.T, k *appkit.Kit) {
		shopper, ctx := k.Shopper(t), k.System(t)
		client := k.Store.Client(ctx)
		everywhere, here, there := k.NewTemplate(t, 10, 1), k.NewTemplate(t, 10, 1), k.NewTemplate(t, 10, 1)
		byEvent := k.NewTemplate(t, 10, 1)
		client.CouponTemplate.UpdateOne(byEvent).SetEvent(enum.CouponByRegistration).ExecX(ctx)
		scoped := func(id, org int64) int64 {
			rule := client.CouponRule.GetX(ctx, everywhere.RuleID).Rule
			rule.Scope.OrgIDs = []int64{org}
			row := client.CouponRule.Create().SetRule(rule).SaveX(ctx)
			client.CouponTemplate.UpdateOneID(id).SetRuleID(row.ID).ExecX(ctx)
			return id
		}
		scoped(here.ID, k.Distributor.ID)
		scoped(there.ID, k.Store2.ID)
		of := func(store int64) []string {
			centre := shopper.Do(t, "CouponCentre", vars{"storeId": appkit.ID(ids.Org, store)})
			require.Empty(t, centre.Errors)
			var list []string
			for i, node := range centre.List(t, "claimableCoupons.nodes") {
				list = append(list, node.(map[string]any)["id"].(string))
				state := centre.List(t, "viewer.couponClaimStates")[i].(map[string]any)
				require.Equal(t, list[i], state["template"].(map[string]any)["id"])
			}
			return list
		}
		public := func(rows ...int64) (list []string) {
			for _, id := range rows {
				list = append(list, appkit.ID(ids.CouponTemplate, id))
			}
			return list
		}
		require.ElementsMatch(t, public(everywhere.ID, here.ID), of(k.Store1.ID))
		require.ElementsMatch(t, public(everywhere.ID, there.ID), of(k.Store2.ID))
		require.Equal(t, []string{"TEMPLATE_NOT_ACTIVE"}, shopper.Do(t, "CouponClaim", vars{"input": vars{"templateId": appkit.ID(ids.CouponTemplate, byEvent.ID),
			"idempotencyKey": appkit.Key()}}).UserCodes("couponClaim"))
	})
}
