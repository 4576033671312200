package payment_test

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/ent"
	"dongxiao/ent/auditentry"
	"dongxiao/ent/enum"
	"dongxiao/ent/reconciliationdifference"
	"dongxiao/internal/apperr"
	"dongxiao/internal/testkit"
	"dongxiao/internal/wechatpay"
	"dongxiao/internal/wechatsim"
)

// diary is a shop with a simulator of its own, whose days pass with the world's. It is noon in Beijing.
type diary struct {
	*shop
	today int
}

func newDiary(t *testing.T, w *testkit.World) *diary {
	t.Helper()
	s := wechatsim.New(wechatsim.Config{Logger: slog.New(slog.DiscardHandler), NoticeFactor: 0.001})
	control, api := httptest.NewServer(s.Control()), httptest.NewServer(s.API())
	t.Cleanup(control.Close)
	t.Cleanup(api.Close)
	simulator := wechatsim.NewRemote(control.URL)
	now := time.Now().In(wechatpay.Beijing)
	noon := time.Date(now.Year(), now.Month(), now.Day()+1, 12, 0, 0, 0, wechatpay.Beijing)
	err := simulator.Advance(t.Context(), noon.Sub(now))
	require.NoError(t, err)
	w.Clock.Set(noon)
	return &diary{shop: newShopAt(t, w, simulator, api.URL, nil), today: noon.Year()*10_000 + int(noon.Month())*100 + noon.Day()}
}

func (d *diary) pass(t *testing.T, by time.Duration) {
	t.Helper()
	err := d.simulator.Advance(t.Context(), by)
	require.NoError(t, err)
	d.Clock.Advance(by)
}

// difference is what a row says.
type difference struct {
	kind         enum.DifferenceKind
	number       string
	ours, theirs int64
}

func (d *diary) differences(t *testing.T, r *ent.Reconciliation) []difference {
	t.Helper()
	rows := d.Store.Client(t.Context()).ReconciliationDifference.Query().Where(reconciliationdifference.ReconciliationID(r.ID)).AllX(d.system(t))
	list := make([]difference, len(rows))
	for i, row := range rows {
		list[i] = difference{row.Kind, row.Number, row.OursFen, row.TheirsFen}
	}
	return list
}

func TestReconciliationIsClean(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		d := newDiary(t, w)
		for range 3 {
			d.paid(t, 500)
		}
		back := d.paid(t, 700)
		_, err := d.refund(t, back.ID, 200)
		require.NoError(t, err)
		d.refundsSucceed(t, back.ID)
		d.create(t, 900) // never paid
		finance := testkit.As(t, d.finance)
		_, err = d.payments.Reconcile(finance, d.account.ID, d.today)
		require.Equal(t, apperr.BillNotReady, apperr.CodeOf(err))
		for _, day := range []int{20261301, 20260230, 0, -5, 5} {
			_, err = d.payments.Reconcile(finance, d.account.ID, day)
			require.Equal(t, apperr.InvalidInput, apperr.CodeOf(err))
		}
		_, err = d.payments.Reconcile(testkit.As(t, d.admin), d.account.ID, d.today)
		require.Equal(t, apperr.NotFound, apperr.CodeOf(err))
		d.pass(t, 21*time.Hour) // nine o'clock
		require.NoError(t, d.payments.ReconcileDue(d.system(t)))
		require.Zero(t, d.Store.Client(t.Context()).Reconciliation.Query().CountX(d.system(t)))
		d.pass(t, 2*time.Hour)
		for range 2 {
			require.NoError(t, d.payments.ReconcileDue(d.system(t)))
		}
		r := d.Store.Client(t.Context()).Reconciliation.Query().OnlyX(d.system(t))
		require.Equal(t, enum.ReconciliationClean, r.State)
		require.Equal(t, d.today, r.Day)
		require.Equal(t, 4, r.Payments)
		require.Equal(t, 1, r.Refunds)
		require.Zero(t, r.Differences)
		require.NotNil(t, r.FinishedAt)
		// A day without transactions is clean, too.
		d.pass(t, 24*time.Hour)
		require.NoError(t, d.payments.ReconcileDue(d.system(t)))
		rows := d.Store.Client(t.Context()).Reconciliation.Query().AllX(d.system(t))
		require.Len(t, rows, 2)
		require.Equal(t, enum.ReconciliationClean, rows[1].State)
	})
}

func TestReconciliationFindsDifferences(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		d := newDiary(t, w)
		ctx := d.system(t)
		client := d.Store.Client(ctx)
		change := func(c wechatsim.BillChange) {
			c.MerchantID = d.merchant.ID
			require.NoError(t, d.simulator.ChangeBill(t.Context(), c))
		}
		fine := d.paid(t, 100)
		omitted := d.paid(t, 200)
		change(wechatsim.BillChange{Number: omitted.OutTradeNo, Omit: true})
		amount := d.paid(t, 300)
		change(wechatsim.BillChange{Number: amount.OutTradeNo, Amount: 333})
		unknown := d.paid(t, 400)
		// Money that no notice told of and the poller has not found.
		require.NoError(t, d.simulator.FailNotices(t.Context(), wechatsim.NoticeFault{MerchantID: d.merchant.ID, Mode: wechatsim.NoticeDrop}))
		state := d.prepared(t, 500)
		d.pay(t, state)
		refunded := func() *ent.PaymentRefund {
			p := d.paid(t, 1000)
			r, err := d.refund(t, p.ID, 600)
			require.NoError(t, err)
			d.refundsSucceed(t, p.ID)
			return r
		}
		refunded()
		refundOmitted, refundAmount, refundState, refundUnknown := refunded(), refunded(), refunded(), refunded()
		change(wechatsim.BillChange{Number: refundOmitted.OutRefundNo, Omit: true})
		change(wechatsim.BillChange{Number: refundAmount.OutRefundNo, Amount: 601})
		// The books are broken by hand; the row is put right again in the end.
		client.PaymentRefund.UpdateOneID(refundState.ID).SetState(enum.RefundProcessing).ExecX(ctx)
		hide := func(table, column, to, from string) {
			_, err := d.Store.DB().ExecContext(ctx, "UPDATE "+table+" SET "+column+" = ? WHERE "+column+" = ?", to, from)
			require.NoError(t, err)
		}
		hidden := *unknown.TransactionID
		hide("payments", "transaction_id", "hidden"+unknown.OutTradeNo[:16], hidden)
		hide("payments", "out_trade_no", "H"+unknown.OutTradeNo, unknown.OutTradeNo)
		hide("payment_refunds", "out_refund_no", "H"+refundUnknown.OutRefundNo, refundUnknown.OutRefundNo)

		d.pass(t, 24*time.Hour)
		r, err := d.payments.Reconcile(testkit.As(t, d.finance), d.account.ID, d.today)
		require.NoError(t, err)
		want := []difference{
			{enum.DifferenceMissingThere, omitted.OutTradeNo, 200, 0},
			{enum.DifferenceAmount, amount.OutTradeNo, 300, 333},
			{enum.DifferenceMissingHere, hidden, 0, 400},
			{enum.DifferenceMissingThere, "H" + unknown.OutTradeNo, 400, 0},
			{enum.DifferenceState, state.Payment.OutTradeNo, 0, 500},
			{enum.DifferenceMissingThere, refundOmitted.OutRefundNo, 600, 0},
			{enum.DifferenceAmount, refundAmount.OutRefundNo, 600, 601},
			{enum.DifferenceState, refundState.OutRefundNo, 600, 600},
			{enum.DifferenceMissingHere, refundUnknown.OutRefundNo, 0, 600},
			{enum.DifferenceMissingThere, "H" + refundUnknown.OutRefundNo, 600, 0},
		}
		require.ElementsMatch(t, want, d.differences(t, r))
		require.Equal(t, enum.ReconciliationDifferent, r.State)
		require.Equal(t, len(want), r.Differences)
		d.alert(t, "bill_difference", 1)
		require.Equal(t, enum.PaymentPaid, d.payment(t, state.Payment.ID).State, "what the bill says was paid is asked about")
		require.Equal(t, enum.PaymentPaid, d.payment(t, fine.ID).State)

		// Some are explained, some put right; the next run keeps the one and drops the other.
		first := client.ReconciliationDifference.Query().Where(reconciliationdifference.Number(omitted.OutTradeNo)).OnlyX(ctx)
		_, err = d.payments.Explain(testkit.As(t, d.finance), first.ID, " ")
		require.Equal(t, apperr.InvalidInput, apperr.CodeOf(err))
		_, err = d.payments.Explain(testkit.As(t, d.admin), first.ID, "账单延迟")
		require.Equal(t, apperr.NotFound, apperr.CodeOf(err))
		explained, err := d.payments.Explain(testkit.As(t, d.finance), first.ID, "账单延迟")
		require.NoError(t, err)
		require.Equal(t, "账单延迟", explained.Note)
		_, err = d.payments.Explain(testkit.As(t, d.finance), first.ID, "再次")
		require.Equal(t, apperr.Conflict, apperr.CodeOf(err))
		require.Equal(t, 1, client.AuditEntry.Query().Where(auditentry.Action("reconciliationDifferenceExplain")).CountX(ctx))
		require.Equal(t, len(want)-1, client.Reconciliation.GetX(ctx, r.ID).Differences)
		client.PaymentRefund.UpdateOneID(refundState.ID).SetState(enum.RefundSucceeded).ExecX(ctx)
		hide("payments", "out_trade_no", unknown.OutTradeNo, "H"+unknown.OutTradeNo)
		hide("payments", "transaction_id", hidden, "hidden"+unknown.OutTradeNo[:16])
		hide("payment_refunds", "out_refund_no", refundUnknown.OutRefundNo, "H"+refundUnknown.OutRefundNo)
		again, err := d.payments.Reconcile(testkit.As(t, d.finance), d.account.ID, d.today)
		require.NoError(t, err)
		require.Equal(t, r.ID, again.ID)
		require.Equal(t, 3, again.Differences)
		require.Len(t, d.differences(t, again), 4)
		d.drained(t)
		testkit.VerifyBrand(t, d.Store, d.Brand.ID)
	})
}

// A bill that breaks off or is damaged is no bill: nothing is written down, and the day is compared again.
func TestReconciliationFails(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		d := newDiary(t, w)
		d.paid(t, 100)
		d.pass(t, 24*time.Hour)
		for _, mode := range []string{wechatsim.PayFaultSystem, wechatsim.PayFaultNotJSON, wechatsim.PayFaultUnsigned} {
			require.NoError(t, d.simulator.FailPay(t.Context(), wechatsim.PayFault{MerchantID: d.merchant.ID, Operation: wechatsim.PayBillAddress, Mode: mode}))
			_, err := d.payments.Reconcile(testkit.As(t, d.finance), d.account.ID, d.today)
			require.Equal(t, apperr.WeChatUnavailable, apperr.CodeOf(err), mode)
			r := d.Store.Client(t.Context()).Reconciliation.Query().OnlyX(d.system(t))
			require.Equal(t, enum.ReconciliationRunning, r.State)
			require.Empty(t, d.differences(t, r))
		}
		require.NoError(t, d.payments.ReconcileDue(d.system(t)))
		require.Equal(t, enum.ReconciliationClean, d.Store.Client(t.Context()).Reconciliation.Query().OnlyX(d.system(t)).State)
		reported := 0
		require.NoError(t, d.payments.ReconcileDay(d.system(t), d.today, func(a *ent.MerchantAccount, r *ent.Reconciliation, err error) {
			if a.ID == d.account.ID {
				reported++
				require.NoError(t, err)
				require.Equal(t, enum.ReconciliationClean, r.State)
			}
		}))
		require.Equal(t, 1, reported)
		require.Error(t, d.payments.ReconcileDay(context.Background(), 20260231, nil))
	})
}
