package wechatsim_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/internal/wechatsim"
)

const (
	mchID    = "1900000109"
	otherMch = "1900000208"
	mchCert  = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1"
	apiKey   = "0123456789abcdef0123456789ABCDEF"
	jsapi    = "/v3/pay/transactions/jsapi"
	refunds  = "/v3/refund/domestic/refunds"
)

var merchantKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func merchantOf(id string, change func(*wechatsim.PayMerchant)) wechatsim.PayMerchant {
	der, err := x509.MarshalPKIXPublicKey(&merchantKey().PublicKey)
	if err != nil {
		panic(err)
	}
	m := wechatsim.PayMerchant{
		MerchantID: id, CertificateSerial: mchCert, PublicKey: string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), APIv3Key: apiKey,
		AppIDs: []string{appID}, Keys: wechatsim.PayKeysBoth,
	}
	if change != nil {
		change(&m)
	}
	return m
}

// till is a merchant that signs by hand.
type till struct {
	*bench
	openID string
	keys   wechatsim.PayKeys
}

func startTill(t *testing.T, change func(*wechatsim.PayMerchant)) *till {
	t.Helper()
	b := start(t)
	require.NoError(t, b.RegisterMerchant(t.Context(), merchantOf(mchID, change)))
	user, err := b.Open(t.Context(), appID, "payer")
	require.NoError(t, err)
	keys, err := b.PayKeys(t.Context())
	require.NoError(t, err)
	return &till{b, user.OpenID, keys}
}

func signRSA(message string) string {
	digest := sha256.Sum256([]byte(message))
	signature, err := rsa.SignPKCS1v15(nil, merchantKey(), crypto.SHA256, digest[:])
	if err != nil {
		panic(err)
	}
	return base64.StdEncoding.EncodeToString(signature)
}

// signature is what a request is signed with; tests change one thing.
type signature struct{ scheme, merchantID, serial, nonce, timestamp, body, signed string }

func (s signature) header(method, path string) string {
	if s.signed == "" {
		s.signed = signRSA(method + "\n" + path + "\n" + s.timestamp + "\n" + s.nonce + "\n" + s.body + "\n")
	}
	return fmt.Sprintf(`%s mchid="%s",nonce_str="%s",timestamp="%s",serial_no="%s",signature="%s"`, s.scheme, s.merchantID, s.nonce, s.timestamp, s.serial, s.signed)
}

func goodSignature(body string) signature {
	return signature{"WECHATPAY2-SHA256-RSA2048", mchID, mchCert, rand.Text(), strconv.FormatInt(time.Now().Unix(), 10), body, ""}
}

// post sends a request with the header given.
func (c *till) send(method, path, body, authorization string, more http.Header) (*http.Response, []byte) {
	c.t.Helper()
	request, err := http.NewRequestWithContext(c.t.Context(), method, c.api+path, strings.NewReader(body))
	require.NoError(c.t, err)
	request.Header = http.Header{"Accept": {"application/json"}, "Content-Type": {"application/json"}, "User-Agent": {"test"}}
	if authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	maps.Copy(request.Header, more)
	response, err := http.DefaultClient.Do(request)
	require.NoError(c.t, err)
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	require.NoError(c.t, err)
	return response, data
}

// call signs and sends, verifies the answer's signature where it succeeds, and gives status, code and fields.
func (c *till) call(method, path string, value any) (status int, code string, out fields) {
	c.t.Helper()
	body := ""
	if value != nil {
		data, err := json.Marshal(value)
		require.NoError(c.t, err)
		body = string(data)
	}
	response, data := c.send(method, path, body, goodSignature(body).header(method, path), nil)
	require.NotEmpty(c.t, response.Header.Get("Request-Id"))
	if response.StatusCode < 300 {
		c.verify(response, data)
	}
	if len(data) > 0 {
		require.NoError(c.t, json.Unmarshal(data, &out), string(data))
	}
	code, _ = out["code"].(string)
	return response.StatusCode, code, out
}

// verify checks the signature of an answer by the public key.
func (c *till) verify(response *http.Response, body []byte) {
	c.t.Helper()
	header := response.Header
	require.Equal(c.t, c.keys.PublicKeyID, header.Get("Wechatpay-Serial"))
	block, _ := pem.Decode([]byte(c.keys.PublicKey))
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	require.NoError(c.t, err)
	signature, err := base64.StdEncoding.DecodeString(header.Get("Wechatpay-Signature"))
	require.NoError(c.t, err)
	digest := sha256.Sum256(bytes.Join([][]byte{[]byte(header.Get("Wechatpay-Timestamp")), []byte(header.Get("Wechatpay-Nonce")), body, nil}, []byte("\n")))
	require.NoError(c.t, rsa.VerifyPKCS1v15(key.(*rsa.PublicKey), crypto.SHA256, digest[:], signature))
}

func (c *till) order(number string, total int64) fields {
	return fields{
		"appid": appID, "mchid": mchID, "description": "品鉴酒", "out_trade_no": number, "notify_url": "http://127.0.0.1:1/notices",
		"amount": fields{"total": total, "currency": "CNY"}, "payer": fields{"openid": c.openID},
	}
}

// payment signs the parameters of wx.requestPayment.
func (c *till) payment(prepayID string) wechatsim.Payment {
	p := wechatsim.Payment{AppID: appID, User: "payer", TimeStamp: strconv.FormatInt(time.Now().Unix(), 10), NonceStr: rand.Text(), Package: "prepay_id=" + prepayID, SignType: "RSA"}
	p.PaySign = signRSA(p.AppID + "\n" + p.TimeStamp + "\n" + p.NonceStr + "\n" + p.Package + "\n")
	return p
}

// prepaid makes an order and gives its prepay_id.
func (c *till) prepaid(number string, total int64) string {
	c.t.Helper()
	status, _, out := c.call(http.MethodPost, jsapi, c.order(number, total))
	require.Equal(c.t, http.StatusOK, status, out)
	return out["prepay_id"].(string)
}

func (c *till) paid(number string, total int64) {
	c.t.Helper()
	_, err := c.Pay(c.t.Context(), c.payment(c.prepaid(number, total)))
	require.NoError(c.t, err)
}

func (c *till) refund(number, refundNumber string, amount, total int64) (int, string, fields) {
	c.t.Helper()
	return c.call(http.MethodPost, refunds, fields{"out_trade_no": number, "out_refund_no": refundNumber, "amount": fields{"refund": amount, "total": total, "currency": "CNY"}})
}
