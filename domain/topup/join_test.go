package topup_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/domain/topup"
	"dongxiao/ent/enum"
	"dongxiao/ent/limitcounter"
	"dongxiao/internal/apperr"
	"dongxiao/internal/testkit"
)

// What two memberships of one human bought counts together once they are known to be one, even where that is more than the limit.
func TestJoinSubjects(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := open(t, w)
		limited := x.tier(t, func(in *topup.TierInput) {
			in.Pay, in.Terms.BonusFen, in.Terms.BonusDays, in.PersonLimit = 10_000, 0, 0, 3
		})
		other := x.tier(t, func(in *topup.TierInput) {
			in.Pay, in.Terms.BonusFen, in.Terms.BonusDays, in.PersonLimit = 10_000, 0, 0, 3
		})
		free := x.tier(t, func(in *topup.TierInput) { in.Pay, in.Terms.BonusFen, in.Terms.BonusDays = 10_000, 0, 0 })
		second, viewer := w.NewMember(t)
		again := testkit.As(t, viewer)
		for _, bought := range []struct {
			ctx  context.Context
			tier int64
			n    int
		}{{x.shopper, limited.ID, 2}, {again, limited.ID, 2}, {again, other.ID, 1}, {again, free.ID, 1}} {
			for range bought.n {
				_, err := x.Create(bought.ctx, bought.tier, key())
				require.NoError(t, err)
			}
		}
		closed, err := x.Create(again, other.ID, key())
		require.NoError(t, err)
		require.NoError(t, x.expire(*closed.PaymentID))

		from, to := second.PersonID, x.member.PersonID
		counts := func() map[[2]int64]int64 {
			list := map[[2]int64]int64{}
			for _, c := range x.client().LimitCounter.Query().Where(limitcounter.KindEQ(enum.LimitTierPerson)).AllX(x.ctx) {
				list[[2]int64{c.ScopeID, c.SubjectID}] = c.Count
			}
			return list
		}
		require.Equal(t, map[[2]int64]int64{{limited.ID, to}: 2, {limited.ID, from}: 2, {other.ID, from}: 1}, counts())
		require.NoError(t, w.Store.WithTx(x.ctx, func(ctx context.Context) error {
			w.Store.Client(ctx).Person.UpdateOneID(from).SetLimitSubject(to).ExecX(ctx)
			return x.JoinSubjects(ctx, second.ID, from, to)
		}))
		require.Equal(t, map[[2]int64]int64{{limited.ID, to}: 4, {limited.ID, from}: 0, {other.ID, to}: 1, {other.ID, from}: 0}, counts())
		for _, ctx := range []context.Context{x.shopper, again} {
			_, err := x.Create(ctx, limited.ID, key())
			refused(t, apperr.TopUpLimitReached, err)
		}
		_, err = x.Create(x.shopper, other.ID, key())
		require.NoError(t, err)
		_, err = x.Create(again, other.ID, key())
		require.NoError(t, err)
		_, err = x.Create(x.shopper, other.ID, key())
		refused(t, apperr.TopUpLimitReached, err)
		testkit.VerifyBrand(t, w.Store, w.Brand.ID)
	})
}

// WeChat Pay gives nothing back after a year: what is refunded then is paid out of the till, in cash.
func TestPayOutOfAnOldTopUp(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := open(t, w)
		row := x.paid(t, x.tier(t, func(in *topup.TierInput) { in.Pay, in.Terms.BonusFen, in.Terms.BonusDays = 40_000, 0, 0 }))
		require.NoError(t, x.spend(10_000))
		w.Clock.Advance(366 * 24 * time.Hour)
		offer, err := x.PreviewRefund(x.owner, row.ID, enum.FaultMerchant)
		require.NoError(t, err)
		require.EqualValues(t, 30_000, offer.Amount)
		refund, _, err := x.request(x.owner, row, enum.FaultMerchant, 30_000)
		require.NoError(t, err)
		require.Equal(t, enum.TopUpRefundPaying, refund.State)
		require.Nil(t, refund.PaymentRefundID)
		require.True(t, topup.AtTill(refund))
		require.Zero(t, x.client().PaymentRefund.Query().CountX(x.ctx))
		_, err = x.PayOut(x.till, refund.ID, key())
		refused(t, apperr.ShiftNotOpen, err)
		shift, err := x.OpenShift(x.till, x.Store1.ID, 29_999, key())
		require.NoError(t, err)
		_, err = x.PayOut(x.till, refund.ID, key())
		refused(t, apperr.TillShort, err)
		require.Equal(t, enum.TopUpRefundPaying, x.client().TopUpRefund.GetX(x.ctx, refund.ID).State)
		_, err = x.CloseShift(x.till, shift.ID, topup.Count{Cash: 29_999}, key())
		require.NoError(t, err)
		shift, err = x.OpenShift(x.till, x.Store1.ID, 30_000, key())
		require.NoError(t, err)
		refund, err = x.PayOut(x.till, refund.ID, key())
		require.NoError(t, err)
		require.Equal(t, enum.TopUpRefundPaid, refund.State)
		require.Equal(t, shift.ID, *refund.ShiftID)
		closed, err := x.CloseShift(x.till, shift.ID, topup.Count{}, key())
		require.NoError(t, err)
		require.Zero(t, closed.ExpectedCashFen)
		balance, pending := x.wallet(t)
		require.Zero(t, balance+pending)
		require.Equal(t, enum.TopUpRefunded, x.client().TopUp.GetX(x.ctx, row.ID).State)
	})
}
