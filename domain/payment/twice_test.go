package payment_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	paymentdomain "dongxiao/domain/payment"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/payment"
	"dongxiao/internal/testkit"
	"dongxiao/internal/testkit/paykit"
	"dongxiao/internal/wechatsim"
)

// again pays a paid payment once more.
func (x *shop) again(t *testing.T, p *paymentdomain.Prepared) wechatsim.PaymentResult {
	t.Helper()
	request := paykit.Payment(p.Parameters, x.openID)
	request.Again = true
	result, err := x.simulator.Pay(t.Context(), request)
	require.NoError(t, err)
	return result
}

// byTransaction waits for the payment of a transaction.
func (x *shop) byTransaction(t *testing.T, transactionID string) *ent.Payment {
	t.Helper()
	var found *ent.Payment
	require.Eventually(t, func() (ok bool) {
		row, err := x.Store.Client(t.Context()).Payment.Query().Where(payment.TransactionID(transactionID)).Only(x.system(t))
		found = row
		return err == nil
	}, 30*time.Second, 5*time.Millisecond)
	return found
}

// What WeChat Pay takes twice for one number goes back by itself, by its own transaction, whatever notice is lost or comes twice; the first one stays applied.
func TestPaidTwice(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		d := newDiary(t, w)
		p := d.prepared(t, 500)
		first := d.pay(t, p)
		d.await(t, p.Payment.ID, enum.PaymentPaid)
		require.NoError(t, d.simulator.FailNotices(t.Context(), wechatsim.NoticeFault{MerchantID: d.merchant.ID, Mode: wechatsim.NoticeDuplicate, Copies: 16}))
		second := d.again(t, p)
		require.Equal(t, first.OutTradeNo, second.OutTradeNo)
		require.NotEqual(t, first.TransactionID, second.TransactionID)
		surplus := d.byTransaction(t, second.TransactionID)
		d.drained(t)
		for _, n := range d.notices(t) { // both are told once more
			_, err := d.simulator.DeliverNotice(t.Context(), wechatsim.NoticeDelivery{ID: n.ID})
			require.NoError(t, err)
		}
		d.drained(t)
		require.Equal(t, 2, w.Store.Client(t.Context()).Payment.Query().CountX(d.system(t)))
		require.Equal(t, enum.OutcomeReturned, surplus.Outcome)
		require.EqualValues(t, 500, surplus.RefundingFen)
		refunds := d.refunds(t, surplus.ID)
		require.Len(t, refunds, 1)
		d.due(t)
		d.awaitRefund(t, refunds[0].ID, enum.RefundSucceeded)
		d.drained(t)

		row := d.payment(t, p.Payment.ID)
		require.Equal(t, []any{enum.OutcomeApplied, int64(0), first.TransactionID}, []any{row.Outcome, row.RefundingFen, *row.TransactionID})
		d.once(t, d.goods.applied, p.Payment.ID)
		require.Zero(t, d.goods.counts(d.goods.closed, p.Payment.ID)+d.goods.counts(d.goods.closed, surplus.ID)+d.goods.counts(d.goods.refunded, refunds[0].ID))
		d.alert(t, "disputed", 1)
		books, err := d.simulator.Books(t.Context(), d.merchant.ID)
		require.NoError(t, err)
		require.Len(t, books.Orders, 2)
		for _, o := range books.Orders {
			require.Equal(t, map[string]int64{first.TransactionID: 0, second.TransactionID: 500}[o.TransactionID], o.Refunded)
		}
		d.holds(t, 1000, 500)

		// A part of what was paid first can still be given back, and the bill of the day holds no surprise.
		_, err = d.refund(t, p.Payment.ID, 200)
		require.NoError(t, err)
		d.refundsSucceed(t, p.Payment.ID)
		d.holds(t, 1000, 700)
		d.pass(t, 23*time.Hour)
		require.NoError(t, d.payments.ReconcileDue(d.system(t)))
		r := w.Store.Client(t.Context()).Reconciliation.Query().OnlyX(d.system(t))
		require.Equal(t, enum.ReconciliationClean, r.State, "%v", d.differences(t, r))
		require.Equal(t, 2, r.Payments)
		require.Equal(t, 2, r.Refunds)
	})
}

// notices are what the merchant was told of payments.
func (x *shop) notices(t *testing.T) []wechatsim.Notice {
	t.Helper()
	list, err := x.simulator.Notices(t.Context(), x.merchant.ID)
	require.NoError(t, err)
	return list
}
