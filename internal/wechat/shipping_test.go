package wechat_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/internal/testkit/paykit"
	"dongxiao/internal/wechat"
	"dongxiao/internal/wechatpay"
	"dongxiao/internal/wechatsim"
)

// paid makes a payment of 700 fen in app by the user called payer.
func (w *world) paid(merchant wechatpay.Merchant, number string) wechatsim.PaymentResult {
	w.t.Helper()
	client, err := wechatpay.New(merchant, wechatpay.Options{BaseURL: w.api, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(w.t, err)
	payer, err := w.Open(w.t.Context(), app.AppID, "payer")
	require.NoError(w.t, err)
	parameters, err := client.Prepay(w.t.Context(), wechatpay.PrepayRequest{
		AppID: app.AppID, OpenID: payer.OpenID, Description: "充值", OutTradeNo: number, Total: 700, NotifyURL: w.api + "/nowhere",
	})
	require.NoError(w.t, err)
	result, err := paykit.Pay(w.t.Context(), w.Remote, parameters, payer.OpenID)
	require.NoError(w.t, err)
	return result
}

func TestUploadShippingUnfreezesThePayment(t *testing.T) {
	w := start(t, wechat.Options{})
	managed, err := w.client.TradeManaged(t.Context(), app)
	require.NoError(t, err)
	require.False(t, managed)
	merchant := paykit.Merchant(t, w.Remote, []string{app.AppID}, nil)
	managed, err = w.client.TradeManaged(t.Context(), app)
	require.NoError(t, err)
	require.True(t, managed)

	payer, err := w.Open(t.Context(), app.AppID, "payer")
	require.NoError(t, err)
	payment := w.paid(merchant, "T-00001")
	balances := func() []int64 {
		books, err := w.Books(t.Context(), merchant.ID)
		require.NoError(t, err)
		return []int64{books.Frozen, books.Available}
	}
	state := func() wechat.ShippingState {
		state, err := w.client.ShippingOf(t.Context(), app, payment.TransactionID)
		require.NoError(t, err)
		return state
	}
	require.Equal(t, []int64{700, 0}, balances())
	require.Equal(t, wechat.ShippingAwaited, state())

	at := time.Now()
	shipping := wechat.Shipping{TransactionID: payment.TransactionID, OpenID: payer.OpenID, Logistics: wechat.LogisticsVirtual, Description: strings.Repeat("充", 121), At: at}
	for name, refusal := range map[string]struct {
		change func(*wechat.Shipping)
		code   int
	}{
		"unknown payment":          {func(s *wechat.Shipping) { s.TransactionID = "4200" }, wechat.CodePaymentUnknown},
		"another payer":            {func(s *wechat.Shipping) { s.OpenID = "oSomebodyElse" }, wechat.CodePayerDiffers},
		"nothing bought":           {func(s *wechat.Shipping) { s.Description = "" }, 10060008},
		"no way":                   {func(s *wechat.Shipping) { s.Logistics = 0 }, 10060005},
		"express without a number": {func(s *wechat.Shipping) { s.Logistics, s.ExpressCompany = wechat.LogisticsExpress, "SF" }, 268485226},
		"express without company":  {func(s *wechat.Shipping) { s.Logistics, s.TrackingNumber = wechat.LogisticsExpress, "1" }, 268485227},
	} {
		wrong := shipping
		refusal.change(&wrong)
		require.True(t, wechat.HasCode(w.client.UploadShipping(t.Context(), app, wrong), refusal.code), name)
	}
	require.True(t, wechat.HasCode(w.client.UploadShipping(t.Context(), other, shipping), wechat.CodePaymentUnknown), "another app")
	require.Equal(t, []int64{700, 0}, balances())

	require.NoError(t, w.Fail(t.Context(), wechatsim.Fault{Path: "/wxa/sec/order/upload_shipping_info", Mode: wechatsim.FaultHTTP500}))
	require.ErrorIs(t, w.client.UploadShipping(t.Context(), app, shipping), wechat.ErrUnavailable)
	require.NoError(t, w.client.UploadShipping(t.Context(), app, shipping))
	require.Equal(t, []int64{0, 700}, balances())
	require.Equal(t, wechat.ShippingTold, state())
	require.NoError(t, w.client.UploadShipping(t.Context(), app, shipping), "a repeat changes nothing")

	shipping.Logistics, shipping.At = wechat.LogisticsPickUp, at.Add(time.Second)
	require.NoError(t, w.client.UploadShipping(t.Context(), app, shipping), "it may be changed once")
	shipping.At = at.Add(2 * time.Second)
	require.True(t, wechat.HasCode(w.client.UploadShipping(t.Context(), app, shipping), wechat.CodeReshipped))
	require.Equal(t, []int64{0, 700}, balances())

	_, err = w.client.ShippingOf(t.Context(), app, "4200")
	require.True(t, wechat.HasCode(err, wechat.CodePaymentUnknown))
}

func TestRefundedPaymentIsNotShipped(t *testing.T) {
	w := start(t, wechat.Options{})
	merchant := paykit.Merchant(t, w.Remote, []string{app.AppID}, nil)
	payment := w.paid(merchant, "T-00001")
	client, err := wechatpay.New(merchant, wechatpay.Options{BaseURL: w.api, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	_, err = client.Refund(t.Context(), wechatpay.RefundRequest{OutTradeNo: "T-00001", OutRefundNo: "R-1", Refund: 700, Total: 700})
	require.NoError(t, err)
	payer, err := w.Open(t.Context(), app.AppID, "payer")
	require.NoError(t, err)
	err = w.client.UploadShipping(t.Context(), app, wechat.Shipping{TransactionID: payment.TransactionID, OpenID: payer.OpenID, Logistics: wechat.LogisticsVirtual, Description: "充值", At: time.Now()})
	require.True(t, wechat.HasCode(err, wechat.CodeNotShippable))
	state, err := w.client.ShippingOf(t.Context(), app, payment.TransactionID)
	require.NoError(t, err)
	require.Equal(t, wechat.ShippingRefunded, state)
}
