package app_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/internal/ids"
	"dongxiao/internal/testkit/appkit"
)

// TestStoreIsToldLive: a manager on one server hears of what a clerk redeems on the other, each once, and of its undoing.
func TestStoreIsToldLive(t *testing.T) {
	t.Parallel()
	two(t, func(t *testing.T, k *appkit.Kit, other *appkit.Server) {
		shopper, store := k.Shopper(t), appkit.ID(ids.Org, k.Store1.ID)
		clerk := k.NewStaff(t, auth.Staff, k.Store1, auth.Clerk)
		manager := k.NewStaff(t, auth.Staff, k.Store1, auth.Manager).On(other)
		redeem := func() string {
			claimed := shopper.Do(t, "CouponClaim", vars{"input": vars{"templateId": appkit.ID(ids.CouponTemplate, k.NewTemplate(t, 10, 1).ID), "idempotencyKey": appkit.Key()}})
			coupon := claimed.String(t, "couponClaim.coupon.id")
			code := shopper.Do(t, "MemberCode", nil).String(t, "memberCodeIssue.code.digits")
			r := clerk.Do(t, "RedemptionConfirm", vars{"input": vars{"memberCode": code, "storeId": store, "couponIds": []any{coupon}, "purchase": 8000, "idempotencyKey": appkit.Key()}})
			return r.String(t, "redemptionConfirm.results.0.redemption.id")
		}
		live := manager.Subscribe(t, "StoreRedemptions", vars{"storeId": store})
		heard := make(chan appkit.Message, 100)
		go func() {
			defer close(heard)
			_ = live.SetReadDeadline(time.Time{})
			for {
				var m appkit.Message
				if live.ReadJSON(&m) != nil {
					return
				}
				if m.Type == "next" {
					heard <- m
				}
			}
		}()
		type news struct{ ID, State string }
		read := func(m appkit.Message) news {
			var payload struct {
				Data struct{ StoreRedemptions news } `json:"data"`
			}
			require.NoError(t, json.Unmarshal(m.Payload, &payload))
			return payload.Data.StoreRedemptions
		}
		// Nobody tells when the server has begun to listen, so redemptions go on until one is heard of.
		var first string
		for i := 0; first == "" && i < 20; i++ {
			id := redeem()
			select {
			case m := <-heard:
				require.Equal(t, news{id, "CONFIRMED"}, read(m))
				first = id
			case <-time.After(10 * time.Second):
			}
		}
		require.NotEmpty(t, first)
		next := func() news {
			select {
			case m := <-heard:
				return read(m)
			case <-time.After(30 * time.Second):
				require.FailNow(t, "nothing was heard")
				return news{}
			}
		}
		second := redeem()
		require.Equal(t, news{second, "CONFIRMED"}, next())
		r := manager.Do(t, "RedemptionReverse", vars{"input": vars{"id": first, "reason": "退货"}})
		require.Equal(t, "REVERSED", r.String(t, "redemptionReverse.redemption.state"), r.Body)
		require.Equal(t, news{first, "REVERSED"}, next())
		third := redeem()
		require.Equal(t, news{third, "CONFIRMED"}, next(), "and nothing twice")
		k.Verify(t)
	})
}
