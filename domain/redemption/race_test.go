package redemption_test

import (
	"crypto/rand"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/redemption"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/testkit"
)

// tally runs call n times at once and counts the codes; "" is success.
func tally(n int, call func(i int) error) map[apperr.Code]int {
	var wait sync.WaitGroup
	var mu sync.Mutex
	counts := map[apperr.Code]int{}
	for i := range n {
		wait.Go(func() {
			code := apperr.CodeOf(call(i))
			mu.Lock()
			counts[code]++
			mu.Unlock()
		})
	}
	wait.Wait()
	return counts
}

// Two servers, 32 tills, one coupon, each with a code of its own.
func TestRaceTillsForOneCoupon(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := newTill(t, w)
		other := newTill(t, w) // the second server
		c := x.give(t, x.template(t, x.Root, nil), x.member)
		confirmations := make([]redemption.Confirmation, 32)
		for i := range confirmations {
			confirmations[i] = x.confirmation(t, c)
		}
		servers := []*redemption.Service{x.redemptions, other.redemptions}
		counts := tally(32, func(i int) error {
			_, err := x.confirm(t, servers[i%2], x.clerk, confirmations[i])
			return err
		})
		require.Equal(t, map[apperr.Code]int{"": 1, apperr.CouponAlreadyUsed: 31}, counts)
		require.Equal(t, books{redemptions: 1, confirmed: 1, used: 1, keys: 2, events: 1, audits: 1}, x.books(t))
	})
}

// One code is good for one of the member's coupons.
func TestRaceOneCodeForManyCoupons(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := newTill(t, w)
		template := x.template(t, x.Root, nil)
		first := x.confirmation(t, x.give(t, template, x.member))
		confirmations := make([]redemption.Confirmation, 16)
		for i := range confirmations {
			confirmations[i] = first
			confirmations[i].Subjects, confirmations[i].IdempotencyKey = coupons(x.give(t, template, x.member).ID), rand.Text()
		}
		counts := tally(16, func(i int) error {
			_, err := x.confirm(t, x.redemptions, x.clerk, confirmations[i])
			return err
		})
		require.Equal(t, map[apperr.Code]int{"": 1, apperr.MemberCodeUsed: 15}, counts)
		require.Equal(t, books{redemptions: 1, confirmed: 1, used: 1, keys: 2, events: 1, audits: 1}, x.books(t))
	})
}

// The network is bad and the clerk's app sends one call 32 times.
func TestRaceOneKey(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := newTill(t, w)
		c := x.confirmation(t, x.give(t, x.template(t, x.Root, nil), x.member))
		var mu sync.Mutex
		ids := map[int64]bool{}
		counts := tally(32, func(int) error {
			row, err := x.confirm(t, x.redemptions, x.clerk, c)
			if err == nil {
				mu.Lock()
				ids[row.ID] = true
				mu.Unlock()
			}
			return err
		})
		require.Equal(t, map[apperr.Code]int{"": 32}, counts)
		require.Len(t, ids, 1)
		require.Equal(t, books{redemptions: 1, confirmed: 1, used: 1, keys: 2, events: 1, audits: 1}, x.books(t))
	})
}

// Many redemptions of one member at once, on several coupons: all succeed, and the member's events have no gap.
func TestRaceOneMembersCoupons(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := newTill(t, w)
		template := x.template(t, x.Root, nil)
		confirmations := make([]redemption.Confirmation, 16)
		for i := range confirmations {
			confirmations[i] = x.confirmation(t, x.give(t, template, x.member))
		}
		counts := tally(16, func(i int) error {
			_, err := x.confirm(t, x.redemptions, x.clerk, confirmations[i])
			return err
		})
		require.Equal(t, map[apperr.Code]int{"": 16}, counts)
		require.Equal(t, books{redemptions: 16, confirmed: 16, used: 16, keys: 32, events: 16, audits: 16}, x.books(t))
	})
}

// Undoing and redeeming again race: each redemption is undone at most once, and the coupon is used or not as its last redemption says.
func TestRaceReverse(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := newTill(t, w)
		given := x.give(t, x.template(t, x.Root, nil), x.member)
		row, err := x.confirm(t, x.redemptions, x.clerk, x.confirmation(t, given))
		require.NoError(t, err)
		_, owner := x.NewStaff(t, auth.Staff, x.Region, auth.Owner)
		again := x.confirmation(t, given)
		counts := tally(17, func(i int) error {
			switch {
			case i == 8:
				_, err := x.confirm(t, x.redemptions, x.clerk, again)
				if apperr.CodeOf(err) == apperr.CouponAlreadyUsed { // it came before the undoing
					return nil
				}
				return err
			case i%2 == 0:
				_, err := x.redemptions.Reverse(testkit.As(t, owner), row.ID, "误操作")
				return err
			default:
				_, err := x.redemptions.Reverse(testkit.As(t, x.manager), row.ID, "误操作")
				return err
			}
		})
		require.Equal(t, map[apperr.Code]int{"": 2, apperr.RedemptionAlreadyReversed: 15}, counts)
		b := x.books(t)
		require.Equal(t, b.redemptions-1, b.confirmed)
		require.Equal(t, b.redemptions+1, b.events)
		state := x.Store.Client(t.Context()).Coupon.GetX(x.system(t), given.ID).State
		require.Equal(t, map[bool]enum.CouponState{true: enum.CouponUsed, false: enum.CouponEffective}[b.confirmed == 1], state)
	})
}
