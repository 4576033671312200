package app_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/internal/ids"
	"dongxiao/internal/testkit/appkit"
)

type vars = appkit.Variables

var kunming = vars{"latitude": 25.0401, "longitude": 102.7101, "system": "GCJ02"}

// TestJourney is what the server is for: a shopper sees the home, claims, shows the code; the clerk previews and redeems; the shopper hears of
// it on a live socket and again on the next one; a marketer makes the next coupon and sees what became of it.
func TestJourney(t *testing.T) {
	t.Parallel()
	appkit.Each(t, appkit.Options{}, func(t *testing.T, k *appkit.Kit) { journey(t, k, k.Server, k.Server) })
}

// journey runs with the shopper's side on one server and the staff's on the other.
func journey(t *testing.T, k *appkit.Kit, first, second *appkit.Server) {
	shopper := k.Shopper(t).On(first)
	clerk := k.NewStaff(t, auth.Staff, k.Store1, auth.Clerk).On(second)
	marketer := k.NewStaff(t, auth.Console, k.Root, auth.Marketer).On(second)

	// The marketer makes a template and lets it be claimed.
	now := time.Now().UTC().Truncate(time.Second)
	created := marketer.Do(t, "CouponTemplateCreate", vars{"input": vars{"orgId": appkit.ID(ids.Org, k.Root.ID), "name": "满50减10", "amount": 1000,
		"threshold": 5000, "totalStock": 10, "memberLimit": 2, "claimStartsAt": now.Add(-time.Minute).Format(time.RFC3339),
		"claimEndsAt": now.Add(time.Hour).Format(time.RFC3339), "validityKind": "AFTER_CLAIM", "validDays": 7, "idempotencyKey": appkit.Key()}})
	template := created.String(t, "couponTemplateCreate.template.id")
	require.Equal(t, "DRAFT", created.String(t, "couponTemplateCreate.template.state"))
	submitted := marketer.Do(t, "CouponTemplateSubmit", vars{"input": vars{"id": template, "version": created.Number(t, "couponTemplateCreate.template.version")}})
	review := vars{"input": vars{"id": template, "version": submitted.Number(t, "couponTemplateSubmit.template.version"), "approve": true}}
	require.Equal(t, []string{"REVIEWER_IS_SUBMITTER"}, marketer.Do(t, "CouponTemplateReview", review).UserCodes("couponTemplateReview"))
	approved := k.NewStaff(t, auth.Console, k.Root, auth.Marketer).On(second).Do(t, "CouponTemplateReview", review)
	require.Equal(t, "ACTIVE", approved.String(t, "couponTemplateReview.template.state"), "%#v", approved)

	// (a) The home in one round trip.
	home := shopper.Do(t, "Home", vars{"near": kunming})
	require.Empty(t, home.Errors)
	require.Equal(t, k.Brand.Name, home.String(t, "brand.name"))
	require.Equal(t, appkit.ID(ids.Org, k.Store1.ID), home.String(t, "nearbyStores.0.org.id"))
	require.Equal(t, true, home.Look("nearbyStores.0.org.store.openNow"))
	require.Less(t, home.Number(t, "nearbyStores.0.distanceMetres"), 50)
	require.Len(t, home.List(t, "page.blocks"), 2)
	require.Len(t, home.List(t, "products.nodes"), 10)
	require.Equal(t, 10_000, home.Number(t, "products.nodes.0.skus.0.price.price"))
	require.Equal(t, 50, home.Number(t, "products.nodes.0.skus.0.stock"))
	require.Len(t, home.List(t, "claimableCoupons.nodes"), 1)
	require.Equal(t, 10, home.Number(t, "claimableCoupons.nodes.0.stockLeft"))
	require.Equal(t, 0, home.Number(t, "viewer.member.walletBalance"))
	state := home.Look("viewer.couponClaimStates.0").(map[string]any)
	require.Equal(t, map[string]any{"template": map[string]any{"id": template}, "claimed": 0.0, "left": 2.0, "canClaim": true, "refusal": nil}, state)

	// (b) The claim, and how the member stands after it.
	claim := shopper.Do(t, "CouponClaim", vars{"input": vars{"templateId": template, "idempotencyKey": appkit.Key()}})
	coupon := claim.String(t, "couponClaim.coupon.id")
	require.Equal(t, "EFFECTIVE", claim.String(t, "couponClaim.coupon.state"))
	after := shopper.Do(t, "Home", vars{"near": kunming})
	require.Equal(t, map[string]any{"template": map[string]any{"id": template}, "claimed": 1.0, "left": 1.0, "canClaim": true, "refusal": nil},
		after.Look("viewer.couponClaimStates.0"))

	// (c) The rotating code.
	shown := shopper.Do(t, "MemberCode", nil)
	digits := shown.String(t, "memberCodeIssue.code.digits")

	// (e) The socket is open before the clerk acts.
	live := shopper.Subscribe(t, "MemberEvents", vars{"afterSequence": 0})

	// (d) The clerk previews and redeems.
	store := appkit.ID(ids.Org, k.Store1.ID)
	preview := clerk.Do(t, "RedemptionPreview", vars{"input": vars{"memberCode": digits, "storeId": store, "purchase": 8000}})
	require.Len(t, preview.List(t, "redemptionPreview.options"), 1)
	require.Equal(t, true, preview.Look("redemptionPreview.options.0.redeemable"))
	require.Equal(t, 1000, preview.Number(t, "redemptionPreview.options.0.discount"))
	require.Equal(t, coupon, preview.String(t, "redemptionPreview.options.0.coupon.id"))
	key := appkit.Key()
	confirm := vars{"input": vars{"memberCode": digits, "storeId": store, "couponIds": []any{coupon}, "purchase": 8000, "idempotencyKey": key}}
	redeemed := clerk.Do(t, "RedemptionConfirm", confirm)
	require.Equal(t, "CONFIRMED", redeemed.String(t, "redemptionConfirm.results.0.redemption.state"))
	require.Equal(t, 1000, redeemed.Number(t, "redemptionConfirm.results.0.redemption.discount"))
	require.Equal(t, redeemed.Data, clerk.Do(t, "RedemptionConfirm", confirm).Data, "a retry gets the first answer")

	// (e) The member hears of it at once.
	var sequence int
	for {
		event := live.Next(t)
		require.Equal(t, "next", event.Type, "%s", event.Payload)
		sequence = event.Response().Number(t, "memberEvents.sequence")
		if event.Response().String(t, "memberEvents.kind") == "COUPON_REDEEMED" {
			require.Equal(t, coupon, event.Response().String(t, "memberEvents.coupon.id"))
			require.Equal(t, "USED", event.Response().String(t, "memberEvents.coupon.state"))
			require.Equal(t, store, event.Response().String(t, "memberEvents.redemption.store.id"))
			break
		}
	}

	// The socket is lost; what happened meanwhile is told to the next one, each event once.
	require.NoError(t, live.Close())
	lost := redeemAnother(t, shopper, clerk, template, store)
	resumed := shopper.Subscribe(t, "MemberEvents", vars{"afterSequence": sequence})
	for expected := sequence + 1; ; expected++ {
		event := resumed.Next(t).Response()
		require.Equal(t, expected, event.Number(t, "memberEvents.sequence"), "no event is missing and none comes twice")
		if event.String(t, "memberEvents.kind") == "COUPON_REDEEMED" {
			require.Equal(t, lost, event.String(t, "memberEvents.coupon.id"))
			break
		}
	}
	resumed.Silent(t)
	asked := shopper.Do(t, "MissedEvents", vars{"afterSequence": sequence})
	require.Equal(t, lost, asked.String(t, "viewer.events.nodes.0.coupon.id"))

	// (f) The marketer sees the counts.
	counts := marketer.Do(t, "CouponTemplate", vars{"id": template})
	require.Equal(t, map[string]any{"issued": 2.0, "used": 2.0, "open": 0.0, "expired": 0.0, "discount": 2000.0},
		counts.Look("managedCouponTemplate.counts"))
	require.Equal(t, 8, counts.Number(t, "managedCouponTemplate.template.stockLeft"))

	// Both limits hold, and each refusal has its name.
	limit := shopper.Do(t, "CouponClaim", vars{"input": vars{"templateId": template, "idempotencyKey": appkit.Key()}})
	require.Equal(t, []string{"LIMIT_REACHED"}, limit.UserCodes("couponClaim"))
	used := clerk.Do(t, "RedemptionConfirm", vars{"input": vars{"memberCode": digits, "storeId": store, "couponIds": []any{coupon}, "purchase": 8000, "idempotencyKey": appkit.Key()}})
	require.Equal(t, []string{"MEMBER_CODE_USED"}, used.UserCodes("redemptionConfirm"))
	k.Verify(t)
}

// redeemAnother claims and redeems one more coupon and gives its id.
func redeemAnother(t *testing.T, shopper, clerk *appkit.Client, template, store string) string {
	t.Helper()
	claim := shopper.Do(t, "CouponClaim", vars{"input": vars{"templateId": template, "idempotencyKey": appkit.Key()}})
	coupon := claim.String(t, "couponClaim.coupon.id")
	code := shopper.Do(t, "MemberCode", nil).String(t, "memberCodeIssue.code.digits")
	redeemed := clerk.Do(t, "RedemptionConfirm", vars{"input": vars{"memberCode": code, "storeId": store, "couponIds": []any{coupon}, "purchase": 5000, "idempotencyKey": appkit.Key()}})
	require.Equal(t, "CONFIRMED", redeemed.String(t, "redemptionConfirm.results.0.redemption.state"))
	return coupon
}
