// Package paykit gives tests merchants of WeChat Pay that the simulator knows, and pays as a mini-program does.
package paykit

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"dongxiao/internal/wechatpay"
	"dongxiao/internal/wechatsim"
)

// key is the API key of all merchants of a test program: to find one takes long.
var key = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// Merchant registers a new merchant, to which the apps are bound, and gives its settings; it verifies by the public key. Change, which
// may be nil, sets what the simulator does otherwise than by default.
func Merchant(t testing.TB, simulator *wechatsim.Remote, appIDs []string, change func(*wechatsim.PayMerchant)) wechatpay.Merchant {
	t.Helper()
	private, err := key()
	require.NoError(t, err)
	privateDER, err := x509.MarshalPKCS8PrivateKey(private)
	require.NoError(t, err)
	publicDER, err := x509.MarshalPKIXPublicKey(&private.PublicKey)
	require.NoError(t, err)
	number, err := rand.Int(rand.Reader, big.NewInt(1_000_000_000_000))
	require.NoError(t, err)
	platform, err := simulator.PayKeys(t.Context())
	require.NoError(t, err)
	m := wechatpay.Merchant{
		ID: fmt.Sprintf("19%012d", number), CertificateSerial: "3775B6A45ACD588826D15E583A95F5DD00000001", APIv3Key: (rand.Text() + rand.Text())[:32],
		PrivateKey:  string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: privateDER})),
		PublicKeyID: platform.PublicKeyID, PublicKey: platform.PublicKey,
	}
	registered := wechatsim.PayMerchant{
		MerchantID: m.ID, CertificateSerial: m.CertificateSerial, APIv3Key: m.APIv3Key, AppIDs: appIDs,
		PublicKey: string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: publicDER})),
	}
	if change != nil {
		change(&registered)
	}
	require.NoError(t, simulator.RegisterMerchant(t.Context(), registered))
	return m
}

// Payment is what the mini-program of openID makes of the parameters that its server gave.
func Payment(p wechatpay.PaymentParameters, openID string) wechatsim.Payment {
	return wechatsim.Payment{
		AppID: p.AppID, OpenID: openID, TimeStamp: p.TimeStamp, NonceStr: p.NonceStr, Package: p.Package, SignType: p.SignType, PaySign: p.PaySign,
	}
}

// Pay pays as openID.
func Pay(ctx context.Context, simulator *wechatsim.Remote, p wechatpay.PaymentParameters, openID string) (wechatsim.PaymentResult, error) {
	return simulator.Pay(ctx, Payment(p, openID))
}
