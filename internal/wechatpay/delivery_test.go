package wechatpay_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/internal/wechatpay"
	"dongxiao/internal/wechatsim"
)

// settled waits until no notice of the merchant is under way and gives them all.
func (w *world) settled() []wechatsim.Notice {
	w.t.Helper()
	var found []wechatsim.Notice
	require.Eventually(w.t, func() bool {
		var err error
		found, err = w.Notices(w.t.Context(), merchantID)
		require.NoError(w.t, err)
		for _, n := range found {
			if n.State == wechatsim.NoticePending {
				return false
			}
		}
		return true
	}, 30*time.Second, 5*time.Millisecond)
	return found
}

func TestSpoiledNoticesAreRefusedAndTheTrueOneIsTaken(t *testing.T) {
	for _, keys := range []string{wechatsim.PayKeysPublic, wechatsim.PayKeysCertificate, wechatsim.PayKeysBoth} {
		t.Run(keys, func(t *testing.T) {
			w := start(t, keys)
			for mode, want := range map[string]error{
				wechatsim.NoticeTampered:       wechatpay.ErrNotVerified,
				wechatsim.NoticeWrongSignature: wechatpay.ErrNotVerified,
				wechatsim.NoticeWrongSerial:    wechatpay.ErrNotVerified,
				wechatsim.NoticeStale:          wechatpay.ErrNotVerified,
				wechatsim.NoticeUnsigned:       wechatpay.ErrNotVerified,
				wechatsim.NoticeProbe:          wechatpay.ErrProbe,
				wechatsim.NoticeWrongKey:       wechatpay.ErrUnreadable,
				wechatsim.NoticeTruncated:      wechatpay.ErrUnreadable,
				wechatsim.NoticeNoResource:     wechatpay.ErrUnreadable,
				wechatsim.NoticeShortNonce:     wechatpay.ErrUnreadable,
				wechatsim.NoticeHuge:           nil, // the body is longer than what is read
			} {
				require.NoError(t, w.FailNotices(t.Context(), wechatsim.NoticeFault{MerchantID: merchantID, Mode: mode}))
				result := w.pay("T-"+mode, 7)
				require.Equal(t, result.TransactionID, w.notices.next().Transaction.TransactionID, mode)
				wrong := w.notices.wrong()
				require.Len(t, wrong, 1, mode)
				if want == nil {
					_, tooLarge := errors.AsType[*http.MaxBytesError](wrong[0])
					require.True(t, tooLarge)
				} else {
					require.ErrorIs(t, wrong[0], want, mode)
				}
			}
			for _, n := range w.settled() {
				require.Equal(t, wechatsim.NoticeDelivered, n.State)
				require.Equal(t, 2, n.Tries, n.Number)
				require.Equal(t, http.StatusNoContent, n.LastStatus)
			}
		})
	}
}

func TestNoticesRepeatUntilTheyAreTaken(t *testing.T) {
	w := start(t, wechatsim.PayKeysPublic)
	w.notices.mu.Lock()
	w.notices.refuse = 4
	w.notices.mu.Unlock()
	result := w.pay("T-00001", 7)
	require.Equal(t, result.TransactionID, w.notices.next().Transaction.TransactionID)
	found := w.settled()
	require.Len(t, found, 1)
	require.Equal(t, 5, found[0].Tries)

	t.Run("sixteen times", func(t *testing.T) {
		require.NoError(t, w.ScaleNotices(w.t.Context(), 1e-9))
		w.notices.mu.Lock()
		w.notices.refuse = 16
		w.notices.mu.Unlock()
		w.pay("T-00002", 7)
		found := w.settled()
		require.Equal(t, wechatsim.NoticeGivenUp, found[1].State)
		require.Equal(t, 16, found[1].Tries)
		require.Equal(t, http.StatusInternalServerError, found[1].LastStatus)
	})
}

func TestNoticesThatAreLostLateTwiceOrTurnedRound(t *testing.T) {
	w := start(t, wechatsim.PayKeysBoth)
	fail := func(fault wechatsim.NoticeFault) {
		t.Helper()
		require.NoError(t, w.FailNotices(t.Context(), fault))
	}
	fail(wechatsim.NoticeFault{Mode: wechatsim.NoticeDrop})
	w.pay("T-dropped", 7)
	fail(wechatsim.NoticeFault{Mode: wechatsim.NoticeDelay, Milliseconds: 30})
	began := time.Now()
	w.pay("T-delayed", 7)
	require.Equal(t, "T-delayed", w.notices.next().Transaction.OutTradeNo)
	require.GreaterOrEqual(t, time.Since(began), 30*time.Millisecond)
	fail(wechatsim.NoticeFault{Mode: wechatsim.NoticeDuplicate, Copies: 5})
	w.pay("T-copied", 7)
	first := w.notices.next()
	for range 4 {
		require.Equal(t, first, w.notices.next())
	}
	fail(wechatsim.NoticeFault{MerchantID: merchantID, Mode: wechatsim.NoticeHold, Times: 3})
	w.pay("T-held-1", 7)
	w.pay("T-held-2", 7)
	_, err := w.refund("T-held-1", "R-1", 7, 7)
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		found, err := w.Notices(t.Context(), merchantID)
		return err == nil && len(found) == 6
	}, 30*time.Second, time.Millisecond)
	statuses, err := w.ReleaseNotices(t.Context(), merchantID, true)
	require.NoError(t, err)
	require.Equal(t, []int{204, 204, 204}, statuses)
	require.Equal(t, "R-1", w.notices.next().Refund.OutRefundNo)
	require.Equal(t, "T-held-2", w.notices.next().Transaction.OutTradeNo)
	require.Equal(t, "T-held-1", w.notices.next().Transaction.OutTradeNo)
	require.Empty(t, w.notices.wrong())

	found := w.settled()
	require.Equal(t, wechatsim.NoticeDropped, found[0].State)
	t.Run("by hand", func(t *testing.T) {
		result, err := w.DeliverNotice(w.t.Context(), wechatsim.NoticeDelivery{ID: found[0].ID})
		require.NoError(t, err)
		require.Equal(t, 204, result.Status)
		require.Equal(t, "T-dropped", w.notices.next().Transaction.OutTradeNo)
		result, err = w.DeliverNotice(w.t.Context(), wechatsim.NoticeDelivery{ID: found[0].ID, Replay: true})
		require.NoError(t, err)
		require.Equal(t, 204, result.Status, "the protocol has no guard against a replay within five minutes")
		require.Equal(t, "T-dropped", w.notices.next().Transaction.OutTradeNo)
		result, err = w.DeliverNotice(w.t.Context(), wechatsim.NoticeDelivery{ID: found[0].ID, Mode: wechatsim.NoticeChanged, Fields: map[string]any{
			"mchid": "1900000999", "amount": map[string]any{"total": 8, "payer_total": 8, "currency": "CNY", "payer_currency": "CNY"},
		}})
		require.NoError(t, err)
		require.Equal(t, 204, result.Status)
		changed := w.notices.next().Transaction
		require.Equal(t, "1900000999", changed.MerchantID)
		require.Equal(t, int64(8), int64(changed.Total))
		result, err = w.DeliverNotice(w.t.Context(), wechatsim.NoticeDelivery{ID: found[0].ID, Mode: wechatsim.NoticeStale})
		require.NoError(t, err)
		require.Equal(t, 401, result.Status)
	})
}

func TestRefundsEndInEveryWay(t *testing.T) {
	w := start(t, wechatsim.PayKeysPublic)
	w.register(func(m *wechatsim.PayMerchant) { m.RefundResult = "PROCESSING" })
	w.pay("T-00001", 100)
	w.notices.next()
	for number, end := range map[string]wechatpay.RefundStatus{"R-1": wechatpay.RefundSucceeded, "R-2": wechatpay.RefundClosed, "R-3": wechatpay.RefundAbnormal} {
		_, err := w.refund("T-00001", number, 30, 100)
		require.NoError(t, err)
		found, err := w.client.QueryRefund(t.Context(), number)
		require.NoError(t, err)
		require.Equal(t, wechatpay.RefundProcessing, found.Status)
		require.NoError(t, w.SettleRefund(t.Context(), merchantID, number, string(end)))
		notice := w.notices.next()
		require.Equal(t, "REFUND."+string(end), notice.EventType)
		require.Equal(t, end, notice.Refund.Status)
		require.Equal(t, end != wechatpay.RefundSucceeded, notice.Refund.SuccessTime.IsZero())
		again, err := w.refund("T-00001", number, 30, 100) // the same number is the same refund
		require.NoError(t, err)
		require.Equal(t, end, again.Status)
	}
	books, err := w.Books(t.Context(), merchantID)
	require.NoError(t, err)
	require.Equal(t, []int64{100, 30, 30, 40}, []int64{books.Captured, books.Refunded, books.Refunding, books.Frozen})
	_, err = w.refund("T-00001", "R-4", 41, 100)
	kind(t, wechatpay.KindRefused, err)
	_, err = w.refund("T-00001", "R-4", 40, 100)
	require.NoError(t, err)
	require.Equal(t, wechatsim.PayRefundOrder, func() string {
		entries, err := w.PayJournal(t.Context(), merchantID, wechatsim.PayRefundOrder)
		require.NoError(t, err)
		require.Len(t, entries, 8)
		return entries[0].Operation
	}())
}

// TestRaceOfPaymentsAndRefunds lets many clients order, pay and refund at once; the books must be exact.
func TestRaceOfPaymentsAndRefunds(t *testing.T) {
	w := start(t, wechatsim.PayKeysBoth)
	const orders = 24
	errs := make(chan error, orders*2)
	for i := range orders {
		go func() {
			number := fmt.Sprintf("T-%05d", i)
			errs <- func() error {
				parameters, err := w.client.Prepay(t.Context(), w.order(number, 100))
				if err != nil {
					return err
				}
				if _, err := w.Pay(t.Context(), payment(parameters)); err != nil {
					return err
				}
				first, second := make(chan error), make(chan error)
				for _, answers := range []chan error{first, second} {
					go func() {
						_, err := w.refund(number, "R-"+number, 60, 100)
						answers <- err
					}()
				}
				return errors.Join(<-first, <-second)
			}()
		}()
	}
	for range orders {
		require.NoError(t, <-errs)
	}
	events := map[string]int{}
	for range 2 * orders {
		events[w.notices.next().EventType]++
	}
	require.Equal(t, map[string]int{"TRANSACTION.SUCCESS": orders, "REFUND.SUCCESS": orders}, events)
	books, err := w.Books(t.Context(), merchantID)
	require.NoError(t, err)
	require.Equal(t, []int64{orders * 100, orders * 60, 0, orders * 40}, []int64{books.Captured, books.Refunded, books.Refunding, books.Frozen})
}
