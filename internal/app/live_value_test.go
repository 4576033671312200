package app_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/internal/testkit/appkit"
)

// TestValueIsToldLive follows the socket of a shopper whose stored value and points change at the hands of WeChat Pay, a clerk and an administrator: each change
// is told once, in order, with what it is about, and to nobody else.
func TestValueIsToldLive(t *testing.T) {
	t.Parallel()
	appkit.Each(t, appkit.Options{}, func(t *testing.T, k *appkit.Kit) {
		c := newCounter(t, k)
		shopper, stranger := k.Shopper(t), k.Shopper(t)
		live, other := shopper.Subscribe(t, "MemberEvents", vars{"afterSequence": 0}), stranger.Subscribe(t, "MemberEvents", vars{"afterSequence": 0})
		sequence := 0
		next := func(kind string) *appkit.Response {
			t.Helper()
			message := live.Next(t)
			require.Equal(t, "next", message.Type, "%s", message.Payload)
			event := message.Response()
			sequence++
			require.Equal(t, sequence, event.Number(t, "memberEvents.sequence"), "no event is missing and none comes twice")
			require.Equal(t, kind, event.String(t, "memberEvents.kind"))
			return event
		}

		topUp, refusal, err := c.buy(t.Context(), shopper, appkit.Key())
		require.NoError(t, err)
		require.Empty(t, refusal)
		event := next("WALLET_CHANGED")
		require.Equal(t, topUp, event.String(t, "memberEvents.topUp.id"))
		require.Equal(t, "PAID", event.String(t, "memberEvents.topUp.state"))
		require.Nil(t, event.Look("memberEvents.walletPayment"))

		small, refusal, err := c.spend(t.Context(), shopper, k.Store1.ID, 5_000, appkit.Key())
		require.NoError(t, err)
		require.Empty(t, refusal)
		event = next("WALLET_CHANGED")
		require.Equal(t, small, event.String(t, "memberEvents.walletPayment.id"))
		require.Equal(t, "CAPTURED", event.String(t, "memberEvents.walletPayment.state"))
		require.Nil(t, event.Look("memberEvents.topUp"))

		_, err = c.giveBack(t.Context(), small, 1_000, appkit.Key())
		require.NoError(t, err)
		require.Equal(t, small, next("WALLET_CHANGED").String(t, "memberEvents.walletPayment.id"))

		large, refusal, err := c.spend(t.Context(), shopper, k.Store2.ID, 30_000, appkit.Key())
		require.NoError(t, err)
		require.Empty(t, refusal)
		event = next("PAYMENT_AWAITS")
		require.Equal(t, large, event.String(t, "memberEvents.walletPayment.id"))
		require.Equal(t, "AWAITING_MEMBER", event.String(t, "memberEvents.walletPayment.state"))
		confirmed := shopper.Do(t, "WalletPaymentConfirm", vars{"input": vars{"id": large}})
		require.Equal(t, "CAPTURED", confirmed.String(t, "walletPaymentConfirm.payment.state"))
		event = next("WALLET_CHANGED")
		require.Equal(t, large, event.String(t, "memberEvents.walletPayment.id"))
		require.Equal(t, "CAPTURED", event.String(t, "memberEvents.walletPayment.state"))

		admin := k.NewStaff(t, auth.Console, k.Root, auth.Admin)
		given := admin.Do(t, "MemberPointsAdjust", vars{"input": vars{"memberId": shopper.Do(t, "MyProfile", nil).Look("viewer.member.id"), "points": 10, "reason": "补登",
			"idempotencyKey": appkit.Key()}})
		require.Empty(t, given.UserCodes("memberPointsAdjust"), given)
		event = next("POINTS_CHANGED")
		require.Nil(t, event.Look("memberEvents.walletPayment"))

		live.Silent(t)
		other.Silent(t)
	})
}
