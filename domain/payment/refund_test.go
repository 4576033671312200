package payment_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/payment"
	"dongxiao/internal/apperr"
	"dongxiao/internal/money"
	"dongxiao/internal/testkit"
	"dongxiao/internal/wechatsim"
)

// refund asks for money of a payment back, as a top-up's refund does.
func (x *shop) refund(t *testing.T, paymentID int64, amount money.Fen) (*ent.PaymentRefund, error) {
	t.Helper()
	var made *ent.PaymentRefund
	err := x.Store.WithTx(x.system(t), func(ctx context.Context) (err error) {
		made, err = x.payments.RequestRefund(ctx, paymentID, amount, enum.CauseOrderRefund, 7)
		return err
	})
	return made, err
}

func (x *shop) refundRow(t *testing.T, id int64) *ent.PaymentRefund {
	t.Helper()
	return x.Store.Client(t.Context()).PaymentRefund.GetX(x.system(t), id)
}

func (x *shop) awaitRefund(t *testing.T, id int64, state enum.PaymentRefundState) {
	t.Helper()
	require.Eventually(t, func() bool { return x.refundRow(t, id).State == state }, 30*time.Second, 5*time.Millisecond)
}

func TestRefunds(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := newShop(t, w, nil)
		p := x.paid(t, 1000)
		first, err := x.refund(t, p.ID, 300)
		require.NoError(t, err)
		second, err := x.refund(t, p.ID, 700)
		require.NoError(t, err)
		require.False(t, second.CheckAt.Before(first.CheckAt.Add(time.Minute)), "a minute apart")
		require.NotEqual(t, first.OutRefundNo, second.OutRefundNo)
		before := x.payment(t, p.ID).String()
		for _, amount := range []money.Fen{1, 1000} {
			_, err = x.refund(t, p.ID, amount)
			require.Equal(t, apperr.RefundExceedsPaid, apperr.CodeOf(err))
		}
		_, err = x.refund(t, p.ID, 0)
		require.Error(t, err)
		require.Equal(t, before, x.payment(t, p.ID).String())
		x.due(t)
		x.awaitRefund(t, first.ID, enum.RefundSucceeded)
		require.Equal(t, enum.RefundRequested, x.refundRow(t, second.ID).State)
		w.Clock.Advance(time.Minute)
		x.due(t)
		x.awaitRefund(t, second.ID, enum.RefundSucceeded)
		x.drained(t)
		row := x.payment(t, p.ID)
		require.EqualValues(t, 1000, row.RefundingFen)
		require.EqualValues(t, 1000, row.RefundedFen)
		for _, r := range x.refunds(t, p.ID) {
			require.NotNil(t, r.SucceededAt)
			require.Nil(t, r.CheckAt)
			require.NotEmpty(t, r.WechatRefundID)
			x.once(t, x.goods.refunded, r.ID)
		}
		x.holds(t, 1000, 1000)
	})
}

func TestRefundIsRefused(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := newShop(t, w, nil)
		open := x.create(t, 100)
		_, err := x.refund(t, open.ID, 1)
		require.Equal(t, apperr.PaymentNotPaid, apperr.CodeOf(err))
		_, err = x.refund(t, 12345, 1)
		require.Equal(t, apperr.NotFound, apperr.CodeOf(err))
		p := x.paid(t, 100)
		for range 50 {
			_, err = x.refund(t, p.ID, 1)
			require.NoError(t, err)
		}
		_, err = x.refund(t, p.ID, 1)
		require.Equal(t, apperr.TooManyRefunds, apperr.CodeOf(err))
		require.EqualValues(t, 50, x.payment(t, p.ID).RefundingFen)
		late := x.paid(t, 100)
		w.Clock.Advance(366 * 24 * time.Hour)
		_, err = x.refund(t, late.ID, 1)
		require.Equal(t, apperr.RefundTooLate, apperr.CodeOf(err))
		require.Zero(t, x.payment(t, late.ID).RefundingFen)
	})
}

// However the answer to the request gets lost, the refund keeps its number and is paid once.
func TestRefundIsSentAgain(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]wechatsim.PayFault{
		"lost after it was carried out": {Mode: wechatsim.PayFaultSystemAfter},
		"error before":                  {Mode: wechatsim.PayFaultSystem},
		"too frequent":                  {Mode: wechatsim.PayFaultFrequent},
		"wrongly signed answer":         {Mode: wechatsim.PayFaultWrongSignature},
		"empty answer":                  {Mode: wechatsim.PayFaultEmpty},
		"no rights":                     {Mode: wechatsim.PayFaultError, Status: 403, Code: "NO_AUTH"},
		"not enough":                    {Mode: wechatsim.PayFaultError, Status: 403, Code: "NOT_ENOUGH"},
		"unknown code":                  {Mode: wechatsim.PayFaultError, Status: 400, Code: "SOMETHING_NEW"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			testkit.Each(t, func(t *testing.T, w *testkit.World) {
				x := newShop(t, w, nil)
				p := x.paid(t, 1000)
				require.NoError(t, x.simulator.FailNotices(t.Context(), wechatsim.NoticeFault{MerchantID: x.merchant.ID, Mode: wechatsim.NoticeDrop, Times: 5}))
				fault.MerchantID, fault.Operation = x.merchant.ID, wechatsim.PayRefundOrder
				require.NoError(t, x.simulator.FailPay(t.Context(), fault))
				r, err := x.refund(t, p.ID, 400)
				require.NoError(t, err)
				x.due(t)
				for range 8 {
					w.Clock.Advance(5 * time.Minute)
					x.due(t)
				}
				x.awaitRefund(t, r.ID, enum.RefundSucceeded)
				require.Len(t, x.refunds(t, p.ID), 1)
				x.holds(t, 1000, 400)
			})
		})
	}
}

func TestRefundIsAbnormal(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := newShop(t, w, func(m *wechatsim.PayMerchant) { m.RefundResult = "ABNORMAL" })
		p := x.paid(t, 1000)
		r, err := x.refund(t, p.ID, 1000)
		require.NoError(t, err)
		x.due(t)
		x.awaitRefund(t, r.ID, enum.RefundAbnormal)
		x.drained(t)
		x.alert(t, "refund", 1)
		require.Zero(t, x.goods.counts(x.goods.refunded, r.ID))
		x.holds(t, 1000, 0)
		// People see to it on the merchant platform; the notice of that is lost.
		require.NoError(t, x.simulator.FailNotices(t.Context(), wechatsim.NoticeFault{MerchantID: x.merchant.ID, Mode: wechatsim.NoticeDrop}))
		require.NoError(t, x.simulator.SettleRefund(t.Context(), x.merchant.ID, r.OutRefundNo, "SUCCESS"))
		w.Clock.Advance(2 * time.Hour)
		x.due(t)
		x.awaitRefund(t, r.ID, enum.RefundSucceeded)
		x.once(t, x.goods.refunded, r.ID)
		x.holds(t, 1000, 1000)
	})
}

// A refund that WeChat Pay closed is paid by another one, and notices that come late and in the wrong order change nothing.
func TestRefundIsClosed(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := newShop(t, w, func(m *wechatsim.PayMerchant) { m.RefundResult = "PROCESSING" })
		p := x.paid(t, 1000)
		r, err := x.refund(t, p.ID, 600)
		require.NoError(t, err)
		x.due(t)
		require.Equal(t, enum.RefundProcessing, x.refundRow(t, r.ID).State)
		require.NoError(t, x.simulator.FailNotices(t.Context(), wechatsim.NoticeFault{MerchantID: x.merchant.ID, Mode: wechatsim.NoticeHold, Times: 2}))
		require.NoError(t, x.simulator.SettleRefund(t.Context(), x.merchant.ID, r.OutRefundNo, "CLOSED"))
		w.Clock.Advance(3 * time.Minute)
		x.due(t)
		x.awaitRefund(t, r.ID, enum.RefundClosed)
		all := x.refunds(t, p.ID)
		require.Len(t, all, 2)
		next := all[1]
		require.Equal(t, next.ID, *all[0].ReplacedBy)
		require.EqualValues(t, 600, next.AmountFen)
		require.Equal(t, all[0].SubjectID, next.SubjectID)
		require.EqualValues(t, 600, x.payment(t, p.ID).RefundingFen)
		w.Clock.Advance(2 * time.Minute)
		x.due(t)
		require.NoError(t, x.simulator.SettleRefund(t.Context(), x.merchant.ID, next.OutRefundNo, "SUCCESS"))
		_, err = x.simulator.ReleaseNotices(t.Context(), x.merchant.ID, true)
		require.NoError(t, err)
		x.awaitRefund(t, next.ID, enum.RefundSucceeded)
		x.drained(t)
		require.Equal(t, enum.RefundClosed, x.refundRow(t, r.ID).State)
		require.Len(t, x.refunds(t, p.ID), 2)
		x.once(t, x.goods.refunded, next.ID)
		require.Zero(t, x.goods.counts(x.goods.refunded, r.ID))
		x.holds(t, 1000, 600)
	})
}

// 32 ask for parts of one payment at once: exactly as many get one as fit.
func TestRaceRefunds(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := newShop(t, w, nil)
		p := x.paid(t, 1000)
		results := make(chan error, 32)
		for range 32 {
			go func() {
				_, err := x.refund(t, p.ID, 100)
				results <- err
			}()
		}
		granted := 0
		for range 32 {
			if err := <-results; err == nil {
				granted++
			} else {
				require.Equal(t, apperr.RefundExceedsPaid, apperr.CodeOf(err))
			}
		}
		require.Equal(t, 10, granted)
		require.EqualValues(t, 1000, x.payment(t, p.ID).RefundingFen)
		require.Eventually(t, func() bool {
			w.Clock.Advance(time.Minute)
			done := make(chan struct{}, 3)
			for range 3 {
				go func() {
					_, _ = x.payments.RefundDue(x.system(t), 100)
					done <- struct{}{}
				}()
			}
			for range 3 {
				<-done
			}
			return x.Store.Client(t.Context()).Payment.Query().Where(payment.ID(p.ID), payment.RefundedFen(1000)).ExistX(x.system(t))
		}, time.Minute, 10*time.Millisecond)
		x.drained(t)
		require.Len(t, x.refunds(t, p.ID), 10)
		x.holds(t, 1000, 1000)
	})
}
