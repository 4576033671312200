package app_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
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
		next := func() news {
			select {
			case m := <-heard:
				return read(m)
			case <-time.After(30 * time.Second):
				require.FailNow(t, "nothing was heard")
				return news{}
			}
		}
		// Nobody tells when the server has begun to listen, so redemptions go on until one is heard of, and then those that came after it.
		var redeemed []string
		var heardOf news
		for heardOf.ID == "" {
			require.Less(t, len(redeemed), 100, "nothing was heard")
			redeemed = append(redeemed, redeem())
			select {
			case m := <-heard:
				heardOf = read(m)
			case <-time.After(300 * time.Millisecond):
			}
		}
		from := slices.Index(redeemed, heardOf.ID)
		require.GreaterOrEqual(t, from, 0)
		require.Equal(t, "CONFIRMED", heardOf.State)
		for _, id := range redeemed[from+1:] {
			require.Equal(t, news{id, "CONFIRMED"}, next())
		}
		first := heardOf.ID
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

// TestStoreIsToldOverEvents: a page without sockets hears of the same over server-sent events, staff of another store of nothing, and who loses the role of no more.
func TestStoreIsToldOverEvents(t *testing.T) {
	t.Parallel()
	appkit.Each(t, appkit.Options{}, func(t *testing.T, k *appkit.Kit) {
		shopper, store := k.Shopper(t), appkit.ID(ids.Org, k.Store1.ID)
		clerk, owner := k.NewStaff(t, auth.Staff, k.Store1, auth.Clerk), k.NewStaff(t, auth.Portal, k.Store1, auth.Owner)
		redeem := func() string {
			claimed := shopper.Do(t, "CouponClaim", vars{"input": vars{"templateId": appkit.ID(ids.CouponTemplate, k.NewTemplate(t, 10, 1).ID), "idempotencyKey": appkit.Key()}})
			code := shopper.Do(t, "MemberCode", nil).String(t, "memberCodeIssue.code.digits")
			return clerk.Do(t, "RedemptionConfirm", vars{"input": vars{"memberCode": code, "storeId": store, "couponIds": []any{claimed.String(t, "couponClaim.coupon.id")}, "purchase": 8000,
				"idempotencyKey": appkit.Key()}}).String(t, "redemptionConfirm.results.0.redemption.id")
		}
		type news struct{ ID, State string }
		follow := func(c *appkit.Client) <-chan string {
			body, err := json.Marshal(c.Request("StoreRedemptions", vars{"storeId": store}))
			require.NoError(t, err)
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.Server.URL+"/graphql", bytes.NewReader(body))
			require.NoError(t, err)
			request.Header = http.Header{"Content-Type": {"application/json"}, "Accept": {"text/event-stream"}, "Dongxiao-App": {c.App}, "Authorization": {"Bearer " + c.Token}}
			response, err := http.DefaultClient.Do(request)
			require.NoError(t, err)
			require.Equal(t, "text/event-stream; charset=utf-8", response.Header.Get("Content-Type"))
			heard := make(chan string, 100)
			go func() {
				defer close(heard)
				defer response.Body.Close()
				for lines := bufio.NewScanner(response.Body); lines.Scan(); {
					if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok && data != "" {
						heard <- data
					}
				}
			}()
			return heard
		}
		next := func(heard <-chan string) string {
			select {
			case data := <-heard:
				return data
			case <-time.After(30 * time.Second):
				require.FailNow(t, "nothing was heard")
				return ""
			}
		}
		read := func(heard <-chan string) news {
			var payload struct {
				Data struct{ StoreRedemptions news } `json:"data"`
			}
			require.NoError(t, json.Unmarshal([]byte(next(heard)), &payload))
			return payload.Data.StoreRedemptions
		}
		stranger := follow(k.NewStaff(t, auth.Portal, k.Store2, auth.Owner))
		require.Contains(t, next(stranger), `"NOT_FOUND"`)
		require.Empty(t, next(stranger), "and the stream is over")

		// Nobody tells when the server has begun to listen, so redemptions go on until one is heard of.
		heard, first := follow(owner), ""
		for i := 0; first == "" && i < 20; i++ {
			id := redeem()
			select {
			case data := <-heard:
				require.Contains(t, data, id)
				first = id
			case <-time.After(10 * time.Second):
			}
		}
		require.NotEmpty(t, first)
		second := redeem()
		require.Equal(t, news{second, "CONFIRMED"}, read(heard))
		owner.Do(t, "RedemptionReverse", vars{"input": vars{"id": first, "reason": "退货"}})
		require.Equal(t, news{first, "REVERSED"}, read(heard))

		admin := k.NewStaff(t, auth.Console, k.Root, auth.Admin)
		r := admin.Do(t, "StaffStateSet", vars{"input": vars{"staffId": appkit.ID(ids.Staff, owner.Staff.ID), "state": "SUSPENDED", "reason": "离职"}})
		require.Equal(t, "SUSPENDED", r.String(t, "staffStateSet.staff.state"), r.Body)
		var last string
		for data := next(heard); data != ""; data = next(heard) {
			last = data
		}
		require.Contains(t, last, `"errors"`, "the stream ends and says why")
		k.Verify(t)
	})
}
