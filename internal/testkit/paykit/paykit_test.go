package paykit_test

import (
	"log/slog"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"dongxiao/internal/testkit/paykit"
	"dongxiao/internal/wechatpay"
	"dongxiao/internal/wechatsim"
)

func TestPay(t *testing.T) {
	t.Parallel()
	s := wechatsim.New(wechatsim.Config{Logger: slog.New(slog.DiscardHandler), Apps: []wechatsim.App{{AppID: "wx1", Secret: "s"}}})
	api, control := httptest.NewServer(s.API()), httptest.NewServer(s.Control())
	t.Cleanup(api.Close)
	t.Cleanup(control.Close)
	simulator := wechatsim.NewRemote(control.URL)
	user, err := simulator.Open(t.Context(), "wx1", "payer")
	require.NoError(t, err)

	merchant := paykit.Merchant(t, simulator, []string{"wx1"}, func(m *wechatsim.PayMerchant) { m.Unfrozen = true })
	require.NotEqual(t, merchant.ID, paykit.Merchant(t, simulator, nil, nil).ID)
	client, err := wechatpay.New(merchant, wechatpay.Options{BaseURL: api.URL, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	parameters, err := client.Prepay(t.Context(), wechatpay.PrepayRequest{
		AppID: "wx1", OpenID: user.OpenID, Description: "d", OutTradeNo: "T-00001", Total: 7, NotifyURL: api.URL + "/nowhere",
	})
	require.NoError(t, err)
	_, err = paykit.Pay(t.Context(), simulator, parameters, user.OpenID)
	require.NoError(t, err)
	books, err := simulator.Books(t.Context(), merchant.ID)
	require.NoError(t, err)
	require.Equal(t, int64(7), books.Available)
}
