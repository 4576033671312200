package redemption_test

import (
	"crypto/rand"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/domain/ledger"
	"dongxiao/domain/redemption"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/ids"
	"dongxiao/internal/testkit"
	"dongxiao/internal/testkit/valuekit"
)

// value gives the member stored value of the store in a wallet.
func (x *till) value(t *testing.T, amount int64) {
	t.Helper()
	_, err := valuekit.Give(x.system(t), x.Store, ledger.New(x.Store), valuekit.TopUp{MemberID: x.member.ID, StoreID: x.Store1.ID, ScopeOrgID: x.Store1.ID, Principal: amount,
		At: x.Clock.Now()})
	require.NoError(t, err)
}

// A pay code shown at the same counter is paid with, by the wallet's rules.
func TestPayCodeAtTheCounter(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := newTill(t, w)
		x.value(t, 50_000)
		code := func() redemption.Shown {
			code, err := x.wallets.NewPayCode(testkit.As(t, x.shopper))
			require.NoError(t, err)
			return redemption.Shown{MemberCode: code.Digits}
		}
		shown := code()
		offers, err := x.redemptions.Preview(testkit.As(t, x.clerk), shown, x.Store1.ID, redemption.Bill{Purchase: 1000})
		require.NoError(t, err)
		require.Equal(t, x.member.ID, offers.Member.ID)
		require.EqualValues(t, 50_000, offers.Value.Available)
		require.Positive(t, offers.Value.ConfirmAbove)
		require.Empty(t, offers.Options)

		pay := redemption.Confirmation{Shown: shown, StoreID: x.Store1.ID, Bill: redemption.Bill{Purchase: 1000}, IdempotencyKey: rand.Text()}
		done, err := x.redemptions.Confirm(testkit.As(t, x.clerk), pay)
		require.NoError(t, err)
		require.Empty(t, done.Results)
		require.Equal(t, enum.WalletPaymentCaptured, done.Payment.State)
		again, err := x.redemptions.Confirm(testkit.As(t, x.clerk), pay)
		require.NoError(t, err)
		require.Equal(t, done.Payment.ID, again.Payment.ID)
		pay.IdempotencyKey = rand.Text()
		_, err = x.redemptions.Confirm(testkit.As(t, x.clerk), pay)
		require.Equal(t, apperr.PayCodeUsed, apperr.CodeOf(err))
		pay.Shown, pay.Bill.Purchase = code(), offers.Value.ConfirmAbove+1
		done, err = x.redemptions.Confirm(testkit.As(t, x.clerk), pay)
		require.NoError(t, err)
		require.Equal(t, enum.WalletPaymentAwaiting, done.Payment.State, "the member's confirmation is awaited where the wallet says so")

		// A code to redeem pays for nothing, and a code to pay redeems nothing.
		nothing := redemption.Confirmation{Shown: redemption.Shown{MemberCode: x.code(t, x.member)}, StoreID: x.Store1.ID, Bill: redemption.Bill{Purchase: 1000}, IdempotencyKey: rand.Text()}
		_, err = x.redemptions.Confirm(testkit.As(t, x.clerk), nothing)
		require.Equal(t, apperr.PayCodeInvalid, apperr.CodeOf(err))
		c := x.confirmation(t, x.give(t, x.template(t, x.Root, nil), x.member))
		c.Shown = code()
		x.refused(t, x.clerk, c, apperr.MemberCodeInvalid)
		_, err = x.redemptions.Preview(testkit.As(t, x.clerk), code(), x.Store2.ID, redemption.Bill{Purchase: 1000})
		require.Equal(t, apperr.NotFound, apperr.CodeOf(err))
		day, err := x.redemptions.DayOf(testkit.As(t, x.manager), x.Store1.ID, x.Clock.Now().In(time.FixedZone("", 8*3600)).Format(time.DateOnly))
		require.NoError(t, err)
		require.Equal(t, []int{1, 1000}, []int{day.Total.Payments, int(day.Total.Value)})
		testkit.VerifyBrand(t, w.Store, w.Brand.ID)
	})
}

// The sweep of what expired and the tills come at the same moment: each coupon is used or expired, never both.
func TestRaceRedeemAgainstExpiry(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := newTill(t, w)
		template := x.template(t, x.Root, nil)
		given := make([]*ent.Coupon, 16)
		confirmations := make([]redemption.Confirmation, len(given))
		end := x.Clock.Now().Add(time.Minute)
		for i := range given {
			given[i] = x.Store.Client(t.Context()).Coupon.UpdateOne(x.give(t, template, x.member)).SetExpiresAt(end).SaveX(x.system(t))
			confirmations[i] = x.confirmation(t, given[i])
		}
		x.Clock.Set(end.Add(-time.Microsecond))
		counts := tally(2*len(given), func(i int) error {
			if i%2 == 0 {
				_, err := x.confirm(t, x.redemptions, x.clerk, confirmations[i/2])
				return err
			}
			if i == len(given)-1 {
				x.Clock.Set(end)
			}
			_, err := x.coupons.ExpireDue(t.Context(), 100)
			return err
		})
		require.Equal(t, 2*len(given), counts[""]+counts[apperr.CouponExpired], "%v", counts)
		_, err := x.coupons.ExpireDue(t.Context(), 100)
		require.NoError(t, err)
		b := x.books(t)
		require.Equal(t, counts[""]-len(given), b.used)
		for _, row := range given {
			require.Contains(t, []enum.CouponState{enum.CouponUsed, enum.CouponExpired}, x.Store.Client(t.Context()).Coupon.GetX(x.system(t), row.ID).State)
		}
		testkit.VerifyBrand(t, w.Store, w.Brand.ID)
	})
}

// Batches that share coupons, in different orders: each coupon is used once, and what is refused leaves nothing.
func TestRaceTogether(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := newTill(t, w)
		a, b := x.give(t, x.template(t, x.Root, inGroup("a")), x.member), x.give(t, x.template(t, x.Root, inGroup("b")), x.member)
		confirmations := make([]redemption.Confirmation, 32)
		for i := range confirmations {
			confirmations[i] = x.confirmation(t, a)
			confirmations[i].Subjects = [][]ids.ID{coupons(a.ID, b.ID), coupons(b.ID, a.ID), coupons(b.ID)}[i%3]
		}
		counts := tally(len(confirmations), func(i int) error {
			_, err := x.redemptions.Confirm(testkit.As(t, x.clerk), confirmations[i])
			return err
		})
		require.Equal(t, map[apperr.Code]int{"": 1, apperr.CouponAlreadyUsed: len(confirmations) - 1}, counts)
		testkit.VerifyBrand(t, w.Store, w.Brand.ID)
	})
}
