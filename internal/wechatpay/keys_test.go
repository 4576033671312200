package wechatpay_test

import (
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"log/slog"
	"math/big"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/internal/wechatpay"
)

const (
	apiV3Key    = "0123456789abcdef0123456789ABCDEF"
	publicKeyID = "PUB_KEY_ID_0116000000012024000000"
	merchantID  = "1900000109"
)

// keys are generated once for the package: RSA keys take long to find.
var keys = sync.OnceValue(func() (k struct{ merchant, public, certified, stranger *rsa.PrivateKey }) {
	for _, key := range []**rsa.PrivateKey{&k.merchant, &k.public, &k.certified, &k.stranger} {
		made, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		*key = made
	}
	return k
})

// platformCertificate is a certificate of WeChat Pay's for key, with its serial number.
func platformCertificate(key *rsa.PrivateKey, serial int64, from, until time.Time) (text, number string) {
	template := x509.Certificate{SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "Tenpay.com sign"}, NotBefore: from, NotAfter: until}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key)
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), fmt.Sprintf("%X", big.NewInt(serial).Bytes())
}

func privatePEM(key *rsa.PrivateKey) string {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func publicPEM(key *rsa.PrivateKey) string {
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

// merchant verifies by the public key.
func merchant() wechatpay.Merchant {
	return wechatpay.Merchant{
		ID: merchantID, CertificateSerial: "5157F09EFDC096DE15EBE81A47057A7232F1B8E1", PrivateKey: privatePEM(keys().merchant),
		APIv3Key: apiV3Key, PublicKeyID: publicKeyID, PublicKey: publicPEM(keys().public),
	}
}

func newClient(t testing.TB, m wechatpay.Merchant, options wechatpay.Options) *wechatpay.Client {
	t.Helper()
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	client, err := wechatpay.New(m, options)
	require.NoError(t, err)
	return client
}

// signed gives the headers of a notice whose body key signs now.
func signed(key *rsa.PrivateKey, serial string, at time.Time, body []byte) http.Header {
	const nonce = "c5ac7061fccab6bf3e254dcf98995b8c"
	digest := sha256.Sum256(fmt.Appendf(nil, "%d\n%s\n%s\n", at.Unix(), nonce, body))
	signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, digest[:])
	if err != nil {
		panic(err)
	}
	return http.Header{
		"Wechatpay-Serial": {serial}, "Wechatpay-Nonce": {nonce}, "Wechatpay-Timestamp": {fmt.Sprint(at.Unix())},
		"Wechatpay-Signature": {base64.StdEncoding.EncodeToString(signature)}, "Wechatpay-Signature-Type": {"WECHATPAY2-SHA256-RSA2048"},
	}
}

// envelope seals content as notices are.
func envelope(kind, originalType string, content []byte, secret string) []byte {
	block, err := aes.NewCipher([]byte(secret))
	if err != nil {
		panic(err)
	}
	sealed, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	const nonce = "fdasflkja484"
	body, err := json.Marshal(map[string]any{
		"id": "EV-2018022511223320873", "create_time": "2026-05-20T13:29:35+08:00", "resource_type": "encrypt-resource", "event_type": kind, "summary": "支付成功",
		"resource": map[string]any{
			"original_type": originalType, "algorithm": "AEAD_AES_256_GCM", "associated_data": originalType, "nonce": nonce,
			"ciphertext": base64.StdEncoding.EncodeToString(sealed.Seal(nil, []byte(nonce), content, []byte(originalType))),
		},
	})
	if err != nil {
		panic(err)
	}
	return body
}
