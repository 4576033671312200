package app_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/ent/coupon"
	"dongxiao/internal/ids"
	"dongxiao/internal/testkit/appkit"
)

// A member who allowed one message is reminded by WeChat once, of a coupon that ends soon, and by the live event every time.
func TestReminderReachesWeChat(t *testing.T) {
	t.Parallel()
	appkit.Each(t, appkit.Options{}, func(t *testing.T, k *appkit.Kit) {
		ctx, templateID := t.Context(), "template-of-coupon-ends"
		shopper := k.Shopper(t)
		marketer := k.NewStaff(t, auth.Console, k.Root, auth.Marketer)
		r := marketer.Do(t, "MessageSettingsSet", vars{"input": vars{"noticeHours": 48, "quietFrom": 0, "quietUntil": 0, "version": 0, "couponExpiry": []any{vars{
			"appId": appkit.ID(ids.App, k.Apps[auth.Storefront].ID), "templateId": templateID, "nameKey": "thing1", "timeKey": "time2", "hintKey": "thing3"}}}})
		require.Empty(t, r.UserCodes("messageSettingsSet"), r.Body)
		require.Equal(t, templateID, shopper.Do(t, "MyMessagePermissions", nil).String(t, "viewer.messagePermissions.0.templateId"))
		require.NoError(t, k.Installation.WeChat.Accept(ctx, shopper.App, shopper.User, templateID, 1))
		r = shopper.Do(t, "MessagePermissionAdd", vars{"input": vars{"topic": "COUPON_EXPIRY", "accepted": 1, "idempotencyKey": appkit.Key()}})
		require.Equal(t, 1, r.Number(t, "messagePermissionAdd.permission.remaining"), r.Body)

		endsSoon := func() {
			r := shopper.Do(t, "CouponClaim", vars{"input": vars{"templateId": appkit.ID(ids.CouponTemplate, k.NewTemplate(t, 10, 1).ID), "idempotencyKey": appkit.Key()}})
			id := r.String(t, "couponClaim.coupon.id")
			row, ok := ids.Decode(ids.Coupon, id)
			require.True(t, ok)
			k.Store.Client(ctx).Coupon.Update().Where(coupon.ID(row)).SetExpiresAt(k.Server.App.Clock.Now().Add(24 * time.Hour)).ExecX(k.System(t))
			for range 2 { // the server's own sweep may be first; each coupon counts once
				_, err := k.Server.App.Coupons.RemindDue(k.System(t), 100)
				require.NoError(t, err)
			}
			told := 0
			for _, event := range shopper.Do(t, "MissedEvents", nil).List(t, "viewer.events.nodes") {
				if e := event.(map[string]any); e["kind"] == "COUPON_EXPIRING" && e["coupon"].(map[string]any)["id"] == id {
					told++
				}
			}
			require.Equal(t, 1, told)
		}
		sent := func() int {
			journal, err := k.Installation.WeChat.Journal(ctx, shopper.App, "/cgi-bin/message/subscribe/send")
			require.NoError(t, err)
			for _, entry := range journal {
				require.Zero(t, entry.ErrCode)
			}
			return len(journal)
		}
		endsSoon()
		require.Eventually(t, func() bool { return sent() == 1 }, 2*time.Minute, 20*time.Millisecond, "a message whose server stops comes back when its lease is over")
		require.Zero(t, shopper.Do(t, "MyMessagePermissions", nil).Number(t, "viewer.messagePermissions.0.remaining"))
		endsSoon()
		require.Never(t, func() bool { return sent() != 1 }, 2*time.Second, 100*time.Millisecond, "one accept is one message")
		k.Verify(t)
	})
}
