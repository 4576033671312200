package wechatpay_test

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/internal/money"
	"dongxiao/internal/wechatpay"
	"dongxiao/internal/wechatsim"
)

const (
	appID  = "wx00000000000000a1"
	serial = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1"
)

// world is a client and the simulator that it talks to over HTTP.
type world struct {
	*wechatsim.Remote
	t        *testing.T
	client   *wechatpay.Client
	merchant wechatsim.PayMerchant
	api      string
	openID   string
	notices  *inbox
	log      *lines
}

// start registers a merchant whose signatures are of the kind that keys names, and a client that verifies as it must.
func start(t *testing.T, keys string) *world {
	t.Helper()
	t.Parallel()
	simulator := wechatsim.New(wechatsim.Config{
		Logger: slog.New(slog.DiscardHandler), NoticeFactor: 0.0005,
		Apps: []wechatsim.App{{AppID: appID, Secret: "s"}, {AppID: "wx00000000000000b2", Secret: "s"}},
	})
	api, control := httptest.NewServer(simulator.API()), httptest.NewServer(simulator.Control())
	t.Cleanup(api.Close)
	t.Cleanup(control.Close)
	w := &world{Remote: wechatsim.NewRemote(control.URL), t: t, api: api.URL, log: &lines{}}
	w.register(func(m *wechatsim.PayMerchant) { m.Keys = keys })
	user, err := w.Open(t.Context(), appID, "payer")
	require.NoError(t, err)
	w.openID = user.OpenID
	w.client = w.another(func(m *wechatpay.Merchant) {
		switch keys {
		case wechatsim.PayKeysCertificate:
			m.PublicKeyID, m.PublicKey, m.UseCertificates = "", "", true
		case wechatsim.PayKeysBoth:
			m.UseCertificates = true
		}
	})
	w.notices = newInbox(t, w.client)
	return w
}

// register changes the merchant's settings at the simulator.
func (w *world) register(change func(*wechatsim.PayMerchant)) {
	w.t.Helper()
	if w.merchant.MerchantID == "" {
		w.merchant = wechatsim.PayMerchant{
			MerchantID: merchantID, CertificateSerial: serial, PublicKey: publicPEM(keys().merchant), APIv3Key: apiV3Key, AppIDs: []string{appID}, AnyRefundGap: true,
		}
	}
	change(&w.merchant)
	require.NoError(w.t, w.RegisterMerchant(w.t.Context(), w.merchant))
}

// another makes one more client of the merchant.
func (w *world) another(change func(*wechatpay.Merchant)) *wechatpay.Client {
	w.t.Helper()
	platform, err := w.PayKeys(w.t.Context())
	require.NoError(w.t, err)
	m := merchant()
	m.CertificateSerial, m.PublicKeyID, m.PublicKey = serial, platform.PublicKeyID, platform.PublicKey
	change(&m)
	return newClient(w.t, m, wechatpay.Options{BaseURL: w.api, Timeout: 30 * time.Second, Logger: slog.New(slog.NewTextHandler(w.log, nil))})
}

func (w *world) order(number string, total money.Fen) wechatpay.PrepayRequest {
	return wechatpay.PrepayRequest{
		AppID: appID, OpenID: w.openID, Description: "品鉴酒, 一瓶", OutTradeNo: number, Total: total, NotifyURL: w.notices.address, Attach: "attached", PayerIP: "127.0.0.1",
	}
}

// payment is what the mini-program does with the parameters.
func payment(p wechatpay.PaymentParameters) wechatsim.Payment {
	return wechatsim.Payment{AppID: p.AppID, User: "payer", TimeStamp: p.TimeStamp, NonceStr: p.NonceStr, Package: p.Package, SignType: p.SignType, PaySign: p.PaySign}
}

// pay makes an order and pays it.
func (w *world) pay(number string, total money.Fen) wechatsim.PaymentResult {
	w.t.Helper()
	parameters, err := w.client.Prepay(w.t.Context(), w.order(number, total))
	require.NoError(w.t, err)
	result, err := w.Pay(w.t.Context(), payment(parameters))
	require.NoError(w.t, err)
	return result
}

func (w *world) refund(number, refundNumber string, amount, total money.Fen) (wechatpay.Refund, error) {
	return w.client.Refund(w.t.Context(), wechatpay.RefundRequest{
		OutTradeNo: number, OutRefundNo: refundNumber, Reason: "不要了", NotifyURL: w.notices.address, Refund: amount, Total: total,
	})
}

// kind asserts what an error means.
func kind(t *testing.T, want wechatpay.Kind, err error) {
	t.Helper()
	require.Error(t, err)
	require.Equal(t, want, wechatpay.KindOf(err), "%v", err)
}

func TestPaymentFromOrderToRefund(t *testing.T) {
	for _, keys := range []string{wechatsim.PayKeysPublic, wechatsim.PayKeysCertificate, wechatsim.PayKeysBoth} {
		t.Run(keys, func(t *testing.T) {
			w := start(t, keys)
			parameters, err := w.client.Prepay(t.Context(), w.order("T-00001", 20001))
			require.NoError(t, err)
			require.Equal(t, "prepay_id="+parameters.PrepayID, parameters.Package)
			require.Equal(t, "RSA", parameters.SignType)

			unpaid, err := w.client.QueryOrder(t.Context(), "T-00001")
			require.NoError(t, err)
			require.Equal(t, wechatpay.Transaction{MerchantID: merchantID, AppID: appID, OutTradeNo: "T-00001", State: wechatpay.TradeUnpaid, Total: 20001, Attach: "attached"}, unpaid)

			result, err := w.Pay(t.Context(), payment(parameters))
			require.NoError(t, err)
			want := wechatpay.Transaction{
				MerchantID: merchantID, AppID: appID, OutTradeNo: "T-00001", TransactionID: result.TransactionID, State: wechatpay.TradePaid, OpenID: w.openID,
				Total: 20001, PayerTotal: 20001, Currency: "CNY", SuccessTime: result.SuccessTime.UTC().Truncate(time.Second), Attach: "attached",
			}
			notice := w.notices.next()
			require.Equal(t, "TRANSACTION.SUCCESS", notice.EventType)
			require.Equal(t, &want, notice.Transaction)
			for _, query := range []func() (wechatpay.Transaction, error){
				func() (wechatpay.Transaction, error) { return w.client.QueryOrder(t.Context(), "T-00001") },
				func() (wechatpay.Transaction, error) {
					return w.client.QueryTransaction(t.Context(), result.TransactionID)
				},
			} {
				found, err := query()
				require.NoError(t, err)
				require.Equal(t, want, found)
			}

			accepted, err := w.refund("T-00001", "R-1", 101, 20001)
			require.NoError(t, err)
			require.Equal(t, wechatpay.RefundProcessing, accepted.Status)
			require.Equal(t, money.Fen(101), accepted.Refund)
			notice = w.notices.next()
			require.Equal(t, "REFUND.SUCCESS", notice.EventType)
			require.Equal(t, wechatpay.RefundSucceeded, notice.Refund.Status)
			require.Equal(t, merchantID, notice.Refund.MerchantID)
			refunded, err := w.client.QueryRefund(t.Context(), "R-1")
			require.NoError(t, err)
			require.Equal(t, *notice.Refund, func() wechatpay.Refund { refunded.MerchantID = merchantID; return refunded }())
			after, err := w.client.QueryOrder(t.Context(), "T-00001")
			require.NoError(t, err)
			require.Equal(t, wechatpay.TradeRefunded, after.State)

			books, err := w.Books(t.Context(), merchantID)
			require.NoError(t, err)
			require.Equal(t, []int64{20001, 101, 0, 19900, 0}, []int64{books.Captured, books.Refunded, books.Refunding, books.Frozen, books.Available})

			entries, err := w.PayJournal(t.Context(), merchantID, "")
			require.NoError(t, err)
			for _, entry := range entries {
				require.True(t, entry.Verified, entry.Problem)
			}
			require.NotContains(t, w.log.String(), "level=WARN")
		})
	}
}

func TestCloseOrder(t *testing.T) {
	w := start(t, wechatsim.PayKeysBoth)
	kind(t, wechatpay.KindNotFound, w.client.CloseOrder(t.Context(), "T-00001"))
	parameters, err := w.client.Prepay(t.Context(), w.order("T-00001", 5))
	require.NoError(t, err)
	require.NoError(t, w.client.CloseOrder(t.Context(), "T-00001"))
	require.NoError(t, w.client.CloseOrder(t.Context(), "T-00001"))
	found, err := w.client.QueryOrder(t.Context(), "T-00001")
	require.NoError(t, err)
	require.Equal(t, wechatpay.TradeClosed, found.State)
	_, err = w.client.Prepay(t.Context(), w.order("T-00001", 5))
	kind(t, wechatpay.KindClosed, err)
	_, err = w.Pay(t.Context(), payment(parameters))
	require.ErrorContains(t, err, "该订单已关闭")

	w.pay("T-00002", 5)
	kind(t, wechatpay.KindPaid, w.client.CloseOrder(t.Context(), "T-00002"))
	_, err = w.client.Prepay(t.Context(), w.order("T-00002", 5))
	kind(t, wechatpay.KindPaid, err)
}

func TestErrorsAreToldApartInBothSpellings(t *testing.T) {
	for _, old := range []bool{false, true} {
		t.Run(map[bool]string{false: "new", true: "old"}[old], func(t *testing.T) {
			w := start(t, wechatsim.PayKeysPublic)
			w.register(func(m *wechatsim.PayMerchant) { m.OldCodes, m.AnyRefundGap = old, false })
			_, err := w.client.QueryOrder(t.Context(), "T-00001")
			kind(t, wechatpay.KindNotFound, err)
			kind(t, wechatpay.KindNotFound, w.client.CloseOrder(t.Context(), "T-00001"))
			_, err = w.client.QueryTransaction(t.Context(), "4200000000000000000000000000")
			kind(t, wechatpay.KindNotFound, err)
			_, err = w.client.QueryRefund(t.Context(), "R-1")
			kind(t, wechatpay.KindNotFound, err)
			_, err = w.refund("T-00001", "R-1", 1, 2)
			kind(t, wechatpay.KindNotFound, err)

			order := w.order("T-00001", 5)
			_, err = w.client.Prepay(t.Context(), order)
			require.NoError(t, err)
			order.Total = 6
			_, err = w.client.Prepay(t.Context(), order)
			kind(t, wechatpay.KindNumberUsed, err)
			for name, change := range map[string]func(*wechatpay.PrepayRequest){
				"app of nobody": func(r *wechatpay.PrepayRequest) { r.AppID = "wx00000000000000c3" },
				"app not bound": func(r *wechatpay.PrepayRequest) { r.AppID = "wx00000000000000b2" },
				"not the app's": func(r *wechatpay.PrepayRequest) { r.OpenID = "oStranger-of-another-app" },
				"with a query":  func(r *wechatpay.PrepayRequest) { r.NotifyURL += "?a=b" },
				"too late":      func(r *wechatpay.PrepayRequest) { r.ExpiresAt = time.Now().Add(-time.Minute) },
			} {
				wrong := w.order("T-0000"+name[:1], 5)
				change(&wrong)
				_, err := w.client.Prepay(t.Context(), wrong)
				kind(t, wechatpay.KindRefused, err)
			}

			w.pay("T-00002", 100)
			kind(t, wechatpay.KindPaid, w.client.CloseOrder(t.Context(), "T-00002"))
			_, err = w.refund("T-00002", "R-1", 1, 99)
			kind(t, wechatpay.KindRefused, err)
			_, err = w.refund("T-00002", "R-1", 30, 100)
			require.NoError(t, err)
			_, err = w.refund("T-00002", "R-2", 71, 100)
			kind(t, wechatpay.KindRefused, err)
			_, err = w.refund("T-00002", "R-2", 1, 100)
			kind(t, wechatpay.KindBusy, err)
			_, err = w.refund("T-00002", "R-1", 31, 100)
			kind(t, wechatpay.KindRefused, err)

			w.register(func(m *wechatsim.PayMerchant) { m.Unfrozen = true })
			w.pay("T-00003", 100)
			require.NoError(t, w.Withdraw(t.Context(), merchantID, 0))
			_, err = w.refund("T-00003", "R-3", 1, 100)
			kind(t, wechatpay.KindNotEnough, err)
		})
	}
}

func TestMalformedInputIsNotSent(t *testing.T) {
	w := start(t, wechatsim.PayKeysPublic)
	for name, change := range map[string]func(*wechatpay.PrepayRequest){
		"no amount":        func(r *wechatpay.PrepayRequest) { r.Total = 0 },
		"negative amount":  func(r *wechatpay.PrepayRequest) { r.Total = -1 },
		"short number":     func(r *wechatpay.PrepayRequest) { r.OutTradeNo = "12345" },
		"long number":      func(r *wechatpay.PrepayRequest) { r.OutTradeNo = strings.Repeat("1", 33) },
		"path as number":   func(r *wechatpay.PrepayRequest) { r.OutTradeNo = "../../../x" },
		"no app":           func(r *wechatpay.PrepayRequest) { r.AppID = "" },
		"no payer":         func(r *wechatpay.PrepayRequest) { r.OpenID = "" },
		"no description":   func(r *wechatpay.PrepayRequest) { r.Description = "" },
		"long description": func(r *wechatpay.PrepayRequest) { r.Description = strings.Repeat("酒", 128) },
		"no UTF-8":         func(r *wechatpay.PrepayRequest) { r.Description = "\xff" },
		"long attachment":  func(r *wechatpay.PrepayRequest) { r.Attach = strings.Repeat("a", 129) },
		"no address":       func(r *wechatpay.PrepayRequest) { r.NotifyURL = "" },
	} {
		t.Run(name, func(t *testing.T) {
			order := w.order("T-00001", 5)
			change(&order)
			_, err := w.client.Prepay(t.Context(), order)
			kind(t, wechatpay.KindRefused, err)
		})
	}
	_, err := w.client.QueryOrder(t.Context(), "../x?a=b")
	kind(t, wechatpay.KindRefused, err)
	_, err = w.client.QueryTransaction(t.Context(), "")
	kind(t, wechatpay.KindRefused, err)
	_, err = w.client.QueryRefund(t.Context(), "a/b")
	kind(t, wechatpay.KindRefused, err)
	kind(t, wechatpay.KindRefused, w.client.CloseOrder(t.Context(), "酒"))
	for _, amount := range []money.Fen{0, -1, 6} {
		_, err = w.refund("T-00001", "R-1", amount, 5)
		kind(t, wechatpay.KindRefused, err)
	}
	_, err = w.refund("T-00001", strings.Repeat("1", 65), 1, 5)
	kind(t, wechatpay.KindRefused, err)
	entries, err := w.PayJournal(t.Context(), "", "")
	require.NoError(t, err)
	require.Empty(t, entries)
}

func TestAnswersThatCannotBeBelievedLeaveTheOutcomeUnknown(t *testing.T) {
	for _, keys := range []string{wechatsim.PayKeysPublic, wechatsim.PayKeysCertificate, wechatsim.PayKeysBoth} {
		t.Run(keys, func(t *testing.T) {
			w := start(t, keys)
			_, err := w.client.Prepay(t.Context(), w.order("T-first", 5)) // certificates are downloaded now
			require.NoError(t, err)
			for mode, carriedOut := range map[string]bool{
				wechatsim.PayFaultWrongSignature: true, wechatsim.PayFaultWrongSerial: true, wechatsim.PayFaultStale: true, wechatsim.PayFaultProbe: true,
				wechatsim.PayFaultUnsigned: true, wechatsim.PayFaultEmpty: true, wechatsim.PayFaultNotJSON: false, wechatsim.PayFaultHuge: false,
				wechatsim.PayFaultSystem: false, wechatsim.PayFaultSystemAfter: true,
			} {
				number := "T-" + mode
				require.NoError(t, w.FailPay(t.Context(), wechatsim.PayFault{Operation: wechatsim.PayPrepay, Mode: mode}))
				parameters, err := w.client.Prepay(t.Context(), w.order(number, 5))
				kind(t, wechatpay.KindUnknown, err)
				require.Empty(t, parameters, mode)
				_, err = w.client.QueryOrder(t.Context(), number)
				if carriedOut {
					require.NoError(t, err, mode)
				} else {
					kind(t, wechatpay.KindNotFound, err)
				}
				_, err = w.client.Prepay(t.Context(), w.order(number, 5)) // the same number is harmless
				require.NoError(t, err, mode)
			}
			for _, mode := range []string{wechatsim.PayFaultWrongSignature, wechatsim.PayFaultUnsigned} {
				require.NoError(t, w.FailPay(t.Context(), wechatsim.PayFault{Operation: wechatsim.PayCloseOrder, Mode: mode}))
				kind(t, wechatpay.KindUnknown, w.client.CloseOrder(t.Context(), "T-"+mode)) // a 204 is signed, too
			}
			require.NoError(t, w.FailPay(t.Context(), wechatsim.PayFault{Mode: wechatsim.PayFaultFrequent}))
			_, err = w.client.QueryOrder(t.Context(), "T-first")
			kind(t, wechatpay.KindBusy, err)
			require.NoError(t, w.FailPay(t.Context(), wechatsim.PayFault{Mode: wechatsim.PayFaultError, Status: 404, Code: "SOMETHING_NEW"}))
			_, err = w.client.QueryOrder(t.Context(), "T-first")
			kind(t, wechatpay.KindUnknown, err)
			require.NoError(t, w.FailPay(t.Context(), wechatsim.PayFault{Mode: wechatsim.PayFaultError, Status: 429, Code: "SOMETHING_NEW"}))
			_, err = w.client.QueryOrder(t.Context(), "T-first")
			kind(t, wechatpay.KindBusy, err)
		})
	}
}

func TestTimeoutAfterTheRefundWasAccepted(t *testing.T) {
	w := start(t, wechatsim.PayKeysPublic)
	w.pay("T-00001", 100)
	for sent, mode := range []string{wechatsim.PayFaultTimeout, wechatsim.PayFaultTimeoutAfter} {
		require.NoError(t, w.FailPay(t.Context(), wechatsim.PayFault{Operation: wechatsim.PayRefundOrder, Mode: mode}))
		ctx, cancel := context.WithCancel(t.Context())
		request := wechatpay.RefundRequest{OutTradeNo: "T-00001", OutRefundNo: "R-" + mode, Refund: 10, Total: 100}
		failed := make(chan error)
		go func() {
			_, err := w.client.Refund(ctx, request)
			failed <- err
		}()
		require.Eventually(t, func() bool {
			entries, err := w.PayJournal(t.Context(), merchantID, wechatsim.PayRefundOrder)
			return err == nil && len(entries) == sent*2+1
		}, time.Minute, time.Millisecond)
		cancel()
		err := <-failed
		kind(t, wechatpay.KindUnknown, err)
		require.ErrorIs(t, err, wechatpay.ErrUnavailable)
		require.ErrorIs(t, err, context.Canceled)
		if mode == wechatsim.PayFaultTimeoutAfter {
			other := request
			other.Refund = 11
			_, err = w.client.Refund(t.Context(), other)
			kind(t, wechatpay.KindRefused, err) // the number is used
		}
		_, err = w.client.Refund(t.Context(), request)
		require.NoError(t, err, "the same number is the same refund")
	}
	books, err := w.Books(t.Context(), merchantID)
	require.NoError(t, err)
	require.Equal(t, int64(20), books.Refunded+books.Refunding)
	require.Len(t, books.Orders[0].Refunds, 2)
}

func TestTimeLimitOfACall(t *testing.T) {
	w := start(t, wechatsim.PayKeysPublic)
	m := merchant()
	m.CertificateSerial = serial
	client := newClient(t, m, wechatpay.Options{BaseURL: w.api, Timeout: 20 * time.Millisecond})
	require.NoError(t, w.FailPay(t.Context(), wechatsim.PayFault{Mode: wechatsim.PayFaultTimeout}))
	_, err := client.QueryOrder(t.Context(), "T-00001")
	kind(t, wechatpay.KindUnknown, err)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}
