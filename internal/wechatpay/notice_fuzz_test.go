package wechatpay

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"log/slog"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// fuzzed is a client for fuzz tests, which make no signatures: RSA blinds at random, and the fuzzer would take that for discoveries.
func fuzzed(f *testing.F) *Client {
	f.Helper()
	key, err := rsa.GenerateKey(rand.Reader, leastKeyBits)
	require.NoError(f, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(f, err)
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	require.NoError(f, err)
	client, err := New(Merchant{
		ID: "1900000109", CertificateSerial: "A1", APIv3Key: "0123456789abcdef0123456789ABCDEF", PublicKeyID: "PUB_KEY_ID_1",
		PrivateKey: string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})),
		PublicKey:  string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})),
	}, Options{Logger: slog.New(slog.DiscardHandler)})
	require.NoError(f, err)
	return client
}

// FuzzParseNotice feeds headers and bodies that WeChat Pay did not sign.
func FuzzParseNotice(f *testing.F) {
	client := fuzzed(f)
	f.Add("PUB_KEY_ID_1", "1700000000", "nonce", "c2lnbmF0dXJl", "WECHATPAY2-SHA256-RSA2048", []byte(`{"id":"EV-1"}`))
	f.Add("PUB_KEY_ID_1", "", "", "WECHATPAY/SIGNTEST/x", "", []byte{})
	f.Fuzz(func(t *testing.T, serial, timestamp, nonce, signature, kind string, body []byte) {
		header := http.Header{
			"Wechatpay-Serial": {serial}, "Wechatpay-Timestamp": {timestamp}, "Wechatpay-Nonce": {nonce}, "Wechatpay-Signature": {signature}, "Wechatpay-Signature-Type": {kind},
		}
		notice, err := client.ParseNotice(t.Context(), header, body)
		if !errors.Is(err, ErrNotVerified) && !errors.Is(err, ErrProbe) || notice != (Notice{}) {
			t.Fatalf("believed: %v", err)
		}
	})
}

// FuzzReadNotice feeds bodies and contents as if WeChat Pay had signed and sealed them.
func FuzzReadNotice(f *testing.F) {
	client := fuzzed(f)
	f.Add([]byte(`{"mchid":"1","appid":"wx","out_trade_no":"T-1","transaction_id":"42","trade_state":"SUCCESS","success_time":"2026-05-20T13:29:35+08:00","amount":{"total":1}}`), true)
	f.Add([]byte(`{"mchid":"1","out_trade_no":"T-1","transaction_id":"42","out_refund_no":"R","refund_id":"50","refund_status":"SUCCESS","amount":{"total":2,"refund":1}}`), false)
	f.Add([]byte(`{"id":"EV-1","event_type":"A","resource":{"algorithm":"AEAD_AES_256_GCM","nonce":"123456789012","ciphertext":""}}`), true)
	f.Fuzz(func(t *testing.T, data []byte, payment bool) {
		kind := "refund"
		if payment {
			kind = "transaction"
		}
		const nonce = "123456789012"
		sealed, err := json.Marshal(map[string]any{"id": "EV-1", "event_type": "A", "resource": sealedText{
			OriginalType: kind, Algorithm: "AEAD_AES_256_GCM", AssociatedData: kind, Nonce: nonce,
			Ciphertext: base64.StdEncoding.EncodeToString(client.sealed.Seal(nil, []byte(nonce), data, []byte(kind))),
		}})
		require.NoError(t, err)
		for _, body := range [][]byte{data, sealed} {
			notice, err := client.readNotice(body)
			switch {
			case err != nil && (notice != (Notice{}) || !errors.Is(err, ErrUnreadable)):
				t.Fatalf("%v %+v", err, notice)
			case err == nil && notice.EventID == "":
				t.Fatal("no event id")
			case notice.Transaction != nil && notice.Transaction.State.Paid() && (notice.Transaction.Total < 1 || notice.Transaction.TransactionID == ""):
				t.Fatalf("paid, but what: %+v", notice.Transaction)
			case notice.Refund != nil && (notice.Refund.Refund < 1 || notice.Refund.Refund > notice.Refund.Total):
				t.Fatalf("refunded, but what: %+v", notice.Refund)
			}
		}
	})
}
