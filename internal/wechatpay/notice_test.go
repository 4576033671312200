package wechatpay_test

import (
	"bytes"
	"errors"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/internal/wechatpay"
)

const paidContent = `{"mchid":"1900000109","appid":"wxd678efh567hg6787","out_trade_no":"T20260520-1","transaction_id":"1217752501201407033233368018",
	"trade_type":"JSAPI","trade_state":"SUCCESS","trade_state_desc":"支付成功","bank_type":"OTHERS","attach":"a","success_time":"2026-05-20T13:29:35+08:00",
	"payer":{"openid":"oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"},"amount":{"total":20001,"payer_total":19901,"currency":"CNY","payer_currency":"CNY"}}`

const refundedContent = `{"mchid":"1900000109","out_trade_no":"T20260520-1","transaction_id":"1217752501201407033233368018","out_refund_no":"R-1",
	"refund_id":"50000000382019052709732678859","refund_status":"SUCCESS","success_time":"2026-05-21T13:29:35+08:00","user_received_account":"支付用户零钱",
	"amount":{"total":20001,"refund":101,"payer_total":19901,"payer_refund":100}}`

func paid() []byte {
	return envelope("TRANSACTION.SUCCESS", "transaction", []byte(paidContent), apiV3Key)
}

func TestNoticeOfAPaymentIsRead(t *testing.T) {
	t.Parallel()
	client := newClient(t, merchant(), wechatpay.Options{})
	body := paid()
	notice, err := client.ParseNotice(t.Context(), signed(keys().public, publicKeyID, time.Now(), body), body)
	require.NoError(t, err)
	at := time.Date(2026, 5, 20, 5, 29, 35, 0, time.UTC)
	require.Equal(t, wechatpay.Notice{
		EventID: "EV-2018022511223320873", EventType: "TRANSACTION.SUCCESS", CreatedAt: at,
		Transaction: &wechatpay.Transaction{
			MerchantID: merchantID, AppID: "wxd678efh567hg6787", OutTradeNo: "T20260520-1", TransactionID: "1217752501201407033233368018",
			State: wechatpay.TradePaid, OpenID: "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", Total: 20001, PayerTotal: 19901, Currency: "CNY", SuccessTime: at, Attach: "a",
		},
	}, notice)
}

func TestNoticeOfARefundIsRead(t *testing.T) {
	t.Parallel()
	client := newClient(t, merchant(), wechatpay.Options{})
	body := envelope("REFUND.SUCCESS", "refund", []byte(refundedContent), apiV3Key)
	notice, err := client.ParseNotice(t.Context(), signed(keys().public, publicKeyID, time.Now(), body), body)
	require.NoError(t, err)
	require.Nil(t, notice.Transaction)
	require.Equal(t, &wechatpay.Refund{
		MerchantID: merchantID, RefundID: "50000000382019052709732678859", OutRefundNo: "R-1", TransactionID: "1217752501201407033233368018",
		OutTradeNo: "T20260520-1", Status: wechatpay.RefundSucceeded, SuccessTime: time.Date(2026, 5, 21, 5, 29, 35, 0, time.UTC),
		Refund: 101, Total: 20001, PayerRefund: 100, PayerTotal: 19901,
	}, notice.Refund)

	t.Run("abnormal, without a time", func(t *testing.T) {
		t.Parallel()
		content := strings.Replace(strings.Replace(refundedContent, `"success_time":"2026-05-21T13:29:35+08:00",`, "", 1), `"SUCCESS"`, `"ABNORMAL"`, 1)
		body := envelope("REFUND.ABNORMAL", "refund", []byte(content), apiV3Key)
		notice, err := client.ParseNotice(t.Context(), signed(keys().public, publicKeyID, time.Now(), body), body)
		require.NoError(t, err)
		require.Equal(t, wechatpay.RefundAbnormal, notice.Refund.Status)
		require.True(t, notice.Refund.SuccessTime.IsZero())
	})
	t.Run("an event of another kind", func(t *testing.T) {
		t.Parallel()
		body := envelope("MCHTRANSFER.BILL.FINISHED", "mch_payment", []byte(`{"state":"SUCCESS"}`), apiV3Key)
		notice, err := client.ParseNotice(t.Context(), signed(keys().public, publicKeyID, time.Now(), body), body)
		require.NoError(t, err)
		require.Nil(t, notice.Transaction)
		require.Nil(t, notice.Refund)
		require.Equal(t, "MCHTRANSFER.BILL.FINISHED", notice.EventType)
	})
}

func TestNoticeIsRefused(t *testing.T) {
	t.Parallel()
	certificate, serial := platformCertificate(keys().certified, 0x5157F0, time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	expired, expiredSerial := platformCertificate(keys().certified, 0x5157F1, time.Now().Add(-2*time.Hour), time.Now().Add(-time.Hour))
	both := merchant()
	both.UseCertificates, both.Certificates = true, certificate+expired
	offline := &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) { return nil, errors.New("offline") })}
	client := newClient(t, both, wechatpay.Options{HTTPClient: offline})

	now := time.Now()
	body := paid()
	good := func() http.Header { return signed(keys().public, publicKeyID, now, body) }
	with := func(name, value string) http.Header {
		header := maps.Clone(good())
		header.Set(name, value)
		return header
	}
	resigned := func(body []byte) http.Header { return signed(keys().public, publicKeyID, now, body) }
	changed := func(find, put string) []byte { return bytes.Replace(body, []byte(find), []byte(put), 1) }
	sealing := func(content string) []byte {
		return envelope("TRANSACTION.SUCCESS", "transaction", []byte(content), apiV3Key)
	}
	content := func(find, put string) []byte { return sealing(strings.Replace(paidContent, find, put, 1)) }

	for name, notice := range map[string]struct {
		header http.Header
		body   []byte
		want   error
	}{
		"probe":                    {with("Wechatpay-Signature", "WECHATPAY/SIGNTEST/"+good().Get("Wechatpay-Signature")), body, wechatpay.ErrProbe},
		"no header":                {http.Header{}, body, wechatpay.ErrNotVerified},
		"no signature":             {with("Wechatpay-Signature", ""), body, wechatpay.ErrNotVerified},
		"no base64":                {with("Wechatpay-Signature", "%%%"), body, wechatpay.ErrNotVerified},
		"no serial":                {with("Wechatpay-Serial", ""), body, wechatpay.ErrNotVerified},
		"unknown serial":           {with("Wechatpay-Serial", "4242"), body, wechatpay.ErrNotVerified},
		"serial of the other key":  {with("Wechatpay-Serial", serial), body, wechatpay.ErrNotVerified},
		"expired certificate":      {signed(keys().certified, expiredSerial, now, body), body, wechatpay.ErrNotVerified},
		"no nonce":                 {with("Wechatpay-Nonce", ""), body, wechatpay.ErrNotVerified},
		"another nonce":            {with("Wechatpay-Nonce", "x"), body, wechatpay.ErrNotVerified},
		"no time":                  {with("Wechatpay-Timestamp", ""), body, wechatpay.ErrNotVerified},
		"time of words":            {with("Wechatpay-Timestamp", "now"), body, wechatpay.ErrNotVerified},
		"another time":             {with("Wechatpay-Timestamp", "1"), body, wechatpay.ErrNotVerified},
		"stale":                    {signed(keys().public, publicKeyID, now.Add(-5*time.Minute), body), body, wechatpay.ErrNotVerified},
		"of the future":            {signed(keys().public, publicKeyID, now.Add(10*time.Minute), body), body, wechatpay.ErrNotVerified},
		"another signature type":   {with("Wechatpay-Signature-Type", "WECHATPAY2-SM2-WITH-SM3"), body, wechatpay.ErrNotVerified},
		"signed by a stranger":     {signed(keys().stranger, publicKeyID, now, body), body, wechatpay.ErrNotVerified},
		"tampered":                 {good(), changed("SUCCESS", "SUCCESs"), wechatpay.ErrNotVerified},
		"truncated":                {good(), body[:len(body)-1], wechatpay.ErrNotVerified},
		"empty":                    {good(), nil, wechatpay.ErrNotVerified},
		"too large":                {resigned(bytes.Repeat([]byte(" "), wechatpay.MaxNotice+1)), bytes.Repeat([]byte(" "), wechatpay.MaxNotice+1), wechatpay.ErrNotVerified},
		"signed, empty":            {resigned(nil), nil, wechatpay.ErrUnreadable},
		"signed, truncated":        {resigned(body[:40]), body[:40], wechatpay.ErrUnreadable},
		"signed, no resource":      {resigned([]byte(`{"id":"EV-1","event_type":"TRANSACTION.SUCCESS"}`)), []byte(`{"id":"EV-1","event_type":"TRANSACTION.SUCCESS"}`), wechatpay.ErrUnreadable},
		"signed, null resource":    {resigned([]byte(`{"id":"EV-1","event_type":"A","resource":null}`)), []byte(`{"id":"EV-1","event_type":"A","resource":null}`), wechatpay.ErrUnreadable},
		"signed, no id":            {resigned(changed(`"id"`, `"di"`)), changed(`"id"`, `"di"`), wechatpay.ErrUnreadable},
		"signed, short nonce":      {resigned(changed("fdasflkja484", "fdasflkja48")), changed("fdasflkja484", "fdasflkja48"), wechatpay.ErrUnreadable},
		"signed, wrong nonce":      {resigned(changed("fdasflkja484", "fdasflkja485")), changed("fdasflkja484", "fdasflkja485"), wechatpay.ErrUnreadable},
		"signed, other algorithm":  {resigned(changed("AEAD_AES_256_GCM", "NONE")), changed("AEAD_AES_256_GCM", "NONE"), wechatpay.ErrUnreadable},
		"signed, other type":       {resigned(changed(`"associated_data":"transaction"`, `"associated_data":""`)), changed(`"associated_data":"transaction"`, `"associated_data":""`), wechatpay.ErrUnreadable},
		"sealed under another key": {resigned(envelope("A", "transaction", []byte(paidContent), strings.ToUpper(apiV3Key))), envelope("A", "transaction", []byte(paidContent), strings.ToUpper(apiV3Key)), wechatpay.ErrUnreadable},
		"content is no JSON":       {resigned(sealing("x")), sealing("x"), wechatpay.ErrUnreadable},
		"content is empty":         {resigned(sealing("{}")), sealing("{}"), wechatpay.ErrUnreadable},
		"amount in yuan":           {resigned(content(`"total":20001`, `"total":200.01`)), content(`"total":20001`, `"total":200.01`), wechatpay.ErrUnreadable},
		"amount overflows":         {resigned(content(`"total":20001`, `"total":99999999999999999999`)), content(`"total":20001`, `"total":99999999999999999999`), wechatpay.ErrUnreadable},
		"negative amount":          {resigned(content(`"total":20001`, `"total":-1`)), content(`"total":20001`, `"total":-1`), wechatpay.ErrUnreadable},
		"paid, no amount":          {resigned(content(`"amount"`, `"amouNt_"`)), content(`"amount"`, `"amouNt_"`), wechatpay.ErrUnreadable},
		"paid, no transaction id":  {resigned(content(`"transaction_id"`, `"x"`)), content(`"transaction_id"`, `"x"`), wechatpay.ErrUnreadable},
		"paid, no time":            {resigned(content(`"success_time"`, `"x"`)), content(`"success_time"`, `"x"`), wechatpay.ErrUnreadable},
		"paid, time of words":      {resigned(content(`2026-05-20T`, `20th of May`)), content(`2026-05-20T`, `20th of May`), wechatpay.ErrUnreadable},
		"endless number":           {resigned(content("T20260520-1", strings.Repeat("T", 1000))), content("T20260520-1", strings.Repeat("T", 1000)), wechatpay.ErrUnreadable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := client.ParseNotice(t.Context(), notice.header, notice.body)
			require.ErrorIs(t, err, notice.want)
			require.Empty(t, got)
			require.Less(t, len(err.Error()), 200)
			for _, secret := range []string{apiV3Key, "oUpF8uMuAJO", "T20260520", good().Get("Wechatpay-Signature")} {
				require.NotContains(t, err.Error(), secret)
			}
		})
	}

	t.Run("both kinds of keys are good", func(t *testing.T) {
		t.Parallel()
		for _, header := range []http.Header{good(), signed(keys().certified, serial, now, body), signed(keys().public, publicKeyID, now.Add(-4*time.Minute), body)} {
			_, err := client.ParseNotice(t.Context(), header, body)
			require.NoError(t, err)
		}
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func BenchmarkParseNotice(b *testing.B) {
	client := newClient(b, merchant(), wechatpay.Options{})
	body := paid()
	header := signed(keys().public, publicKeyID, time.Now(), body)
	for b.Loop() {
		if _, err := client.ParseNotice(b.Context(), header, body); err != nil {
			b.Fatal(err)
		}
	}
}
