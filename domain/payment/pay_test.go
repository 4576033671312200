package payment_test

import (
	"bytes"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/payment"
	"dongxiao/ent/enum"
	"dongxiao/ent/outboxmessage"
	"dongxiao/internal/apperr"
	"dongxiao/internal/ids"
	"dongxiao/internal/outbox"
	"dongxiao/internal/testkit"
	"dongxiao/internal/testkit/paykit"
	"dongxiao/internal/wechatsim"
)

func TestPayment(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := newShop(t, w, nil)
		p := x.prepared(t, 10_000)
		again, err := x.payments.Prepare(testkit.As(t, x.payer), p.Payment.ID)
		require.NoError(t, err)
		require.NotEqual(t, p.Parameters.PrepayID, again.Parameters.PrepayID)
		result := x.pay(t, p)
		x.await(t, p.Payment.ID, enum.PaymentPaid)
		x.drained(t)
		row := x.payment(t, p.Payment.ID)
		require.Equal(t, enum.OutcomeApplied, row.Outcome)
		require.Equal(t, result.TransactionID, *row.TransactionID)
		require.WithinDuration(t, result.SuccessTime, *row.PaidAt, time.Second)
		require.Nil(t, row.CheckAt)
		require.EqualValues(t, 10_000, row.PaidFen)
		require.Empty(t, row.Dispute)
		x.once(t, x.goods.applied, row.ID)
		x.holds(t, 10_000, 0)

		_, err = x.payments.Prepare(testkit.As(t, x.payer), row.ID)
		require.Equal(t, apperr.PaymentPaid, apperr.CodeOf(err))

		// WeChat is told of the delivery, once, which frees the money.
		message := x.Store.Client(t.Context()).OutboxMessage.Query().Where(outboxmessage.Topic(payment.ShippingTopic)).OnlyX(x.system(t))
		for range 2 {
			require.NoError(t, x.payments.UploadShipping(x.system(t), outbox.Message{ID: message.ID, BrandID: x.Brand.ID, Payload: message.Payload, Attempt: 1}))
		}
		require.NotNil(t, x.payment(t, row.ID).ShippedAt)
		books, err := x.simulator.Books(t.Context(), x.merchant.ID)
		require.NoError(t, err)
		require.EqualValues(t, 10_000, books.Available)
	})
}

// Whatever happens to the notice, the payment is applied once.
func TestNoticeIsLostLateOrTwice(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]wechatsim.NoticeFault{
		"lost":             {Mode: wechatsim.NoticeDrop},
		"late":             {Mode: wechatsim.NoticeHold},
		"64 at once":       {Mode: wechatsim.NoticeDuplicate, Copies: 64},
		"after a tampered": {Mode: wechatsim.NoticeTampered},
		"after a probe":    {Mode: wechatsim.NoticeProbe},
		"after a stale":    {Mode: wechatsim.NoticeStale},
		"after wrong key":  {Mode: wechatsim.NoticeWrongKey},
		"after a huge":     {Mode: wechatsim.NoticeHuge},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			testkit.Each(t, func(t *testing.T, w *testkit.World) {
				x := newShop(t, w, nil)
				fault.MerchantID = x.merchant.ID
				require.NoError(t, x.simulator.FailNotices(t.Context(), fault))
				p := x.prepared(t, 500)
				x.pay(t, p)
				if fault.Mode == wechatsim.NoticeDrop || fault.Mode == wechatsim.NoticeHold {
					require.Equal(t, enum.PaymentPending, x.payment(t, p.Payment.ID).State)
					x.due(t)
					require.Equal(t, enum.PaymentPending, x.payment(t, p.Payment.ID).State, "not due yet")
					w.Clock.Advance(16 * time.Second)
					x.due(t)
				}
				x.await(t, p.Payment.ID, enum.PaymentPaid)
				if fault.Mode == wechatsim.NoticeHold {
					statuses, err := x.simulator.ReleaseNotices(t.Context(), x.merchant.ID, false)
					require.NoError(t, err)
					require.Equal(t, []int{http.StatusNoContent}, statuses)
				}
				require.Eventually(t, func() bool {
					notices, err := x.simulator.Notices(t.Context(), x.merchant.ID)
					return err == nil && (fault.Mode == wechatsim.NoticeDrop || notices[0].State == wechatsim.NoticeDelivered)
				}, 30*time.Second, 5*time.Millisecond)
				x.drained(t)
				require.Equal(t, enum.OutcomeApplied, x.payment(t, p.Payment.ID).Outcome)
				x.once(t, x.goods.applied, p.Payment.ID)
				require.Empty(t, x.refunds(t, p.Payment.ID))
				x.holds(t, 500, 0)
			})
		})
	}
}

// A waiting payer sees the payment although no notice came, and WeChat Pay is asked once in three seconds.
func TestStateAsks(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := newShop(t, w, nil)
		require.NoError(t, x.simulator.FailNotices(t.Context(), wechatsim.NoticeFault{MerchantID: x.merchant.ID, Mode: wechatsim.NoticeDrop}))
		p := x.prepared(t, 500)
		for range 3 {
			row, err := x.payments.State(testkit.As(t, x.payer), p.Payment.ID)
			require.NoError(t, err)
			require.Equal(t, enum.PaymentPending, row.State)
		}
		asked, err := x.simulator.PayJournal(t.Context(), x.merchant.ID, wechatsim.PayQueryOrder)
		require.NoError(t, err)
		require.Len(t, asked, 1)
		x.pay(t, p)
		require.NoError(t, w.Redis.FlushAll(t.Context()).Err())
		row, err := x.payments.State(testkit.As(t, x.payer), p.Payment.ID)
		require.NoError(t, err)
		require.Equal(t, enum.PaymentPaid, row.State)
		_, other := w.NewMember(t)
		_, err = x.payments.State(testkit.As(t, other), p.Payment.ID)
		require.Equal(t, apperr.NotFound, apperr.CodeOf(err))
		_, err = x.payments.Prepare(testkit.As(t, other), p.Payment.ID)
		require.Equal(t, apperr.NotFound, apperr.CodeOf(err))
		x.holds(t, 500, 0)
	})
}

// A payment whose time is over is closed at WeChat Pay and here; money that comes all the same goes back.
func TestClose(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := newShop(t, w, nil)
		never := x.create(t, 300)
		p := x.prepared(t, 500)
		w.Clock.Advance(29*time.Minute + 30*time.Second)
		_, err := x.payments.Prepare(testkit.As(t, x.payer), p.Payment.ID)
		require.Equal(t, apperr.PaymentClosed, apperr.CodeOf(err))
		x.due(t)
		require.Equal(t, enum.PaymentPending, x.payment(t, p.Payment.ID).State)
		w.Clock.Advance(30 * time.Second)
		x.due(t)
		for _, id := range []int64{never.ID, p.Payment.ID} {
			row := x.payment(t, id)
			require.Equal(t, enum.PaymentClosed, row.State)
			require.NotNil(t, row.ClosedAt)
			require.Nil(t, row.CheckAt)
			x.once(t, x.goods.closed, id)
		}
		x.holds(t, 0, 0)

		late := paykit.Payment(p.Parameters, x.openID)
		late.Late = true
		_, err = x.simulator.Pay(t.Context(), late)
		require.NoError(t, err)
		x.await(t, p.Payment.ID, enum.PaymentPaid)
		row := x.payment(t, p.Payment.ID)
		require.Equal(t, enum.OutcomeReturned, row.Outcome)
		require.Zero(t, x.goods.counts(x.goods.applied, row.ID))
		x.alert(t, "returned", 1)
		x.refundsSucceed(t, row.ID)
		x.holds(t, 500, 500)
	})
}

// refundsSucceed carries the refunds of a payment out until they have succeeded.
func (x *shop) refundsSucceed(t *testing.T, paymentID int64) {
	t.Helper()
	require.Eventually(t, func() bool {
		x.due(t)
		for _, r := range x.refunds(t, paymentID) {
			if r.State != enum.RefundSucceeded {
				return false
			}
		}
		return true
	}, 30*time.Second, 10*time.Millisecond)
	x.drained(t)
}

// What cannot be done any more is given back, whether the payable says so or refuses.
func TestUnusable(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := newShop(t, w, nil)
		for _, change := range []func(){func() { x.goods.gone = true }, func() { x.goods.gone, x.goods.refuse = false, apperr.New(apperr.LimitReached, "limit", 1) }} {
			x.goods.mu.Lock()
			change()
			x.goods.mu.Unlock()
			p := x.paid(t, 700)
			require.Equal(t, enum.OutcomeReturned, p.Outcome)
			require.EqualValues(t, 700, p.RefundingFen)
			require.Zero(t, x.goods.counts(x.goods.applied, p.ID))
			x.once(t, x.goods.closed, p.ID)
			x.refundsSucceed(t, p.ID)
			require.EqualValues(t, 700, x.payment(t, p.ID).RefundedFen)
			require.Zero(t, x.goods.counts(x.goods.refunded, x.refunds(t, p.ID)[0].ID), "it is the system's own")
		}
		x.holds(t, 1400, 1400)
	})
}

// Money that is not as ordered is booked, marked and decided by people.
func TestDispute(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := newShop(t, w, nil)
		disputed := func(change func(*wechatsim.Payment)) int64 {
			p := x.prepared(t, 1000)
			paying := paykit.Payment(p.Parameters, x.openID)
			change(&paying)
			_, err := x.simulator.Pay(t.Context(), paying)
			require.NoError(t, err)
			x.await(t, p.Payment.ID, enum.PaymentPaid)
			x.drained(t)
			row := x.payment(t, p.Payment.ID)
			require.Equal(t, enum.OutcomeDisputed, row.Outcome)
			require.Zero(t, x.goods.counts(x.goods.applied, row.ID))
			require.Empty(t, x.refunds(t, row.ID))
			return row.ID
		}
		less := disputed(func(p *wechatsim.Payment) { p.Amount = 999 })
		require.Equal(t, "paid 9.99 of 10.00 yuan", x.payment(t, less).Dispute)
		require.NoError(t, x.simulator.FailNotices(t.Context(), wechatsim.NoticeFault{MerchantID: x.merchant.ID, Mode: wechatsim.NoticeChanged,
			Fields: map[string]any{"appid": "wxanother"}}))
		app := disputed(func(*wechatsim.Payment) {})
		require.Equal(t, "another app", x.payment(t, app).Dispute)
		require.NoError(t, x.simulator.FailNotices(t.Context(), wechatsim.NoticeFault{MerchantID: x.merchant.ID, Mode: wechatsim.NoticeChanged,
			Fields: map[string]any{"payer": map[string]any{"openid": "another"}}}))
		payer := disputed(func(*wechatsim.Payment) {})
		require.Equal(t, "another payer", x.payment(t, payer).Dispute)
		x.alert(t, "disputed", 3)
		x.holds(t, 2999, 0)

		resolve := func(v auth.Viewer, id int64, how payment.Resolution, reason, key string) error {
			_, err := x.payments.ResolveDispute(testkit.As(t, v), payment.DisputeSettlement{PaymentID: id, Resolution: how, Reason: reason, IdempotencyKey: key})
			return err
		}
		_, clerk := w.NewStaff(t, auth.Console, w.Store2, auth.Finance)
		require.Equal(t, apperr.NotFound, apperr.CodeOf(resolve(clerk, less, payment.ResolveAccept, "差一分", "key-00000")))
		require.Equal(t, apperr.NotFound, apperr.CodeOf(resolve(x.admin, less, payment.ResolveAccept, "差一分", "key-00000")))
		require.Equal(t, apperr.ReasonRequired, apperr.CodeOf(resolve(x.finance, less, payment.ResolveAccept, " ", "key-00000")))
		for range 2 {
			require.NoError(t, resolve(x.finance, less, payment.ResolveAccept, "差一分", "key-00001"))
			require.NoError(t, resolve(x.finance, app, payment.ResolveRefund, "退回", "key-00002"))
		}
		require.Equal(t, apperr.PaymentNotDisputed, apperr.CodeOf(resolve(x.finance, less, payment.ResolveRefund, "差一分", "key-00003")))
		x.goods.mu.Lock()
		x.goods.gone = true
		x.goods.mu.Unlock()
		require.Equal(t, apperr.PaymentUnusable, apperr.CodeOf(resolve(x.finance, payer, payment.ResolveAccept, "收下", "key-00004")))
		require.Equal(t, enum.OutcomeDisputed, x.payment(t, payer).Outcome)
		require.Equal(t, enum.OutcomeApplied, x.payment(t, less).Outcome)
		x.once(t, x.goods.applied, less)
		x.once(t, x.goods.closed, app)
		require.Zero(t, x.goods.counts(x.goods.closed, less))
		require.Zero(t, x.goods.counts(x.goods.closed, payer))
		x.refundsSucceed(t, app)
		x.holds(t, 2999, 1000)
	})
}

// Notices that are forged, stale, replayed, truncated, oversized or wrongly encrypted change nothing.
func TestHostileNotices(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := newShop(t, w, nil)
		require.NoError(t, x.simulator.FailNotices(t.Context(), wechatsim.NoticeFault{MerchantID: x.merchant.ID, Mode: wechatsim.NoticeHold}))
		p := x.prepared(t, 500)
		x.pay(t, p)
		notices, err := x.simulator.Notices(t.Context(), x.merchant.ID)
		require.NoError(t, err)
		for mode, status := range map[string]int{
			wechatsim.NoticeTampered: 401, wechatsim.NoticeWrongSignature: 401, wechatsim.NoticeWrongSerial: 401, wechatsim.NoticeStale: 401, wechatsim.NoticeProbe: 401,
			wechatsim.NoticeUnsigned: 401, wechatsim.NoticeWrongKey: 401, wechatsim.NoticeTruncated: 401, wechatsim.NoticeNoResource: 401, wechatsim.NoticeShortNonce: 401,
			wechatsim.NoticeHuge: 413,
		} {
			result, err := x.simulator.DeliverNotice(t.Context(), wechatsim.NoticeDelivery{ID: notices[0].ID, Mode: mode})
			require.NoError(t, err)
			require.Equal(t, status, result.Status, mode)
			require.JSONEq(t, `{"code":"FAIL","message":"失败"}`, result.Body)
		}
		post := func(path string, body string) int {
			response, err := http.Post(x.url+path, "application/json", strings.NewReader(body))
			require.NoError(t, err)
			defer response.Body.Close()
			return response.StatusCode
		}
		account := payment.NoticePath + ids.Encode(ids.MerchantAccount, x.account.ID)
		require.Equal(t, 401, post(account, ""))
		require.Equal(t, 401, post(account, "{}"))
		require.Equal(t, 401, post(payment.NoticePath+"mch_nosuchthing", "{}"))
		require.Equal(t, 401, post(payment.NoticePath+ids.Encode(ids.MerchantAccount, 12345678901), "{}"))
		require.Equal(t, 401, post(payment.NoticePath+ids.Encode(ids.Payment, x.account.ID), "{}"))
		require.Equal(t, 413, post(account, string(bytes.Repeat([]byte("x"), 1<<20))))
		require.Zero(t, x.Store.Client(t.Context()).PaymentNotice.Query().CountX(x.system(t)))
		require.Equal(t, enum.PaymentPending, x.payment(t, p.Payment.ID).State)
		x.alert(t, "notice", 4) // what WeChat Pay signed and cannot be read, and nothing else

		// A true one, and the same bytes again.
		for range 3 {
			_, err = x.simulator.DeliverNotice(t.Context(), wechatsim.NoticeDelivery{ID: notices[0].ID})
			require.NoError(t, err)
			replayed, err := x.simulator.DeliverNotice(t.Context(), wechatsim.NoticeDelivery{ID: notices[0].ID, Replay: true})
			require.NoError(t, err)
			require.Equal(t, http.StatusNoContent, replayed.Status)
		}
		x.await(t, p.Payment.ID, enum.PaymentPaid)
		require.Equal(t, 1, x.Store.Client(t.Context()).PaymentNotice.Query().CountX(x.system(t)))
		x.once(t, x.goods.applied, p.Payment.ID)

		// One that is signed and about somebody else's.
		for _, fields := range []map[string]any{{"out_trade_no": "PNOSUCHNUMBER"}, {"mchid": "1900000000"}} {
			next := x.prepared(t, 100)
			require.NoError(t, x.simulator.FailNotices(t.Context(), wechatsim.NoticeFault{MerchantID: x.merchant.ID, Mode: wechatsim.NoticeHold}))
			x.pay(t, next)
			notices, err := x.simulator.Notices(t.Context(), x.merchant.ID)
			require.NoError(t, err)
			before := x.payment(t, next.Payment.ID)
			result, err := x.simulator.DeliverNotice(t.Context(), wechatsim.NoticeDelivery{ID: notices[len(notices)-1].ID, Mode: wechatsim.NoticeChanged, Fields: fields})
			require.NoError(t, err)
			require.Equal(t, http.StatusNoContent, result.Status, "our state is no reason to have it sent again")
			x.drained(t)
			require.Equal(t, before.String(), x.payment(t, next.Payment.ID).String())
			w.Clock.Advance(time.Minute)
			x.due(t)
		}
		x.holds(t, 700, 0)
	})
}

// A notice comes while the payment is closed, over and over: it is applied, or given back, and never both.
func TestRaceNoticeAgainstClose(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := newShop(t, w, nil)
		const n = 12
		var all []*payment.Prepared
		for range n {
			all = append(all, x.prepared(t, 100))
		}
		w.Clock.Advance(30 * time.Minute)
		var running sync.WaitGroup
		for _, p := range all {
			running.Go(func() {
				late := paykit.Payment(p.Parameters, x.openID)
				late.Late = true
				_, _ = x.simulator.Pay(t.Context(), late)
			})
		}
		for range 4 {
			running.Go(func() { _, _ = x.payments.CheckDue(x.system(t), 100) })
		}
		running.Wait()
		w.Clock.Advance(20 * time.Minute)
		x.due(t)
		x.drained(t)
		returned := int64(0)
		for _, p := range all {
			x.await(t, p.Payment.ID, enum.PaymentPaid)
			row := x.payment(t, p.Payment.ID)
			if row.Outcome == enum.OutcomeReturned {
				x.once(t, x.goods.closed, row.ID)
				require.Zero(t, x.goods.counts(x.goods.applied, row.ID))
				returned += 100
				x.refundsSucceed(t, row.ID)
			} else {
				require.Equal(t, enum.OutcomeApplied, row.Outcome)
				x.once(t, x.goods.applied, row.ID)
				require.Zero(t, x.goods.counts(x.goods.closed, row.ID))
				require.Empty(t, x.refunds(t, row.ID))
			}
		}
		x.drained(t)
		x.holds(t, n*100, returned)
	})
}

// Poller, payer and 32 notices settle one payment at once.
func TestRaceSettle(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := newShop(t, w, nil)
		require.NoError(t, x.simulator.FailNotices(t.Context(), wechatsim.NoticeFault{MerchantID: x.merchant.ID, Mode: wechatsim.NoticeDuplicate, Copies: 32}))
		p := x.prepared(t, 100)
		w.Clock.Advance(time.Minute)
		var running sync.WaitGroup
		running.Go(func() { x.pay(t, p) })
		for range 8 {
			running.Go(func() {
				_, _ = x.payments.CheckDue(x.system(t), 100)
				_, _ = x.payments.State(testkit.As(t, x.payer), p.Payment.ID)
				_, _ = x.payments.ApplyDue(x.system(t), 100)
			})
		}
		running.Wait()
		x.await(t, p.Payment.ID, enum.PaymentPaid)
		x.drained(t)
		x.once(t, x.goods.applied, p.Payment.ID)
		x.holds(t, 100, 0)
	})
}
