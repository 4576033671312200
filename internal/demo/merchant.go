package demo

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"

	"dongxiao/auth"
	"dongxiao/domain/payment"
	"dongxiao/ent/enum"
	"dongxiao/ent/merchantaccount"
	"dongxiao/internal/ids"
	"dongxiao/internal/keys"
	"dongxiao/internal/store"
	"dongxiao/internal/wechatpay"
	"dongxiao/internal/wechatsim"
)

// merchants is how many stores take payments: all of the small brand.
const merchants = 400

// certificateSerial names the certificate that the demo's merchants would have.
const certificateSerial = "3775B6A45ACD588826D15E583A95F5DD0DE40001"

// Merchant makes the keys that the demo's merchant accounts share, with which the simulator verifies and seals.
func (s *SignIns) Merchant(ctx context.Context) (wechatpay.Merchant, error) {
	platform, err := s.Simulator.PayKeys(ctx)
	if err != nil {
		return wechatpay.Merchant{}, err
	}
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return wechatpay.Merchant{}, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return wechatpay.Merchant{}, err
	}
	return wechatpay.Merchant{CertificateSerial: certificateSerial, APIv3Key: (rand.Text() + rand.Text())[:32],
		PrivateKey:  string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
		PublicKeyID: platform.PublicKeyID, PublicKey: platform.PublicKey}, nil
}

// merchantAccounts gives the first stores a merchant account each, with keys of their own installation.
func (w *writer) merchantAccounts(ctx context.Context) error {
	if w.Merchant == nil {
		return nil
	}
	m, err := w.Merchant(ctx)
	if err != nil {
		return fmt.Errorf("make the keys of the demo's merchants: %w", err)
	}
	private, api := payment.SealMerchantKeys(w.Keyring.Ring(), w.brand.ID, m)
	columns := []string{"id", "created_at", "brand_id", "org_id", "merchant_id", "name", "state", "active_org_id", "certificate_serial", "private_key_sealed", "api_key_sealed",
		"public_key_id", "public_key", "certificates"}
	for i, s := range w.stores[:min(len(w.stores), merchants)] {
		if err := w.add(ctx, "merchant_accounts", columns, ids.Next(), w.now, w.brand.ID, s.id, fmt.Sprintf("1900%06d", i+1), "微信支付", string(enum.MerchantActive), s.id,
			m.CertificateSerial, private, api, m.PublicKeyID, []byte(m.PublicKey), false); err != nil {
			return err
		}
	}
	return nil
}

// RegisterMerchants makes the demo's merchant accounts known to the simulator, which forgets them when it stops.
func (s *SignIns) RegisterMerchants(ctx context.Context, database *store.Store, ring *keys.Ring, brandID int64) error {
	rows, err := database.Client(ctx).MerchantAccount.Query().Where(merchantaccount.CertificateSerial(certificateSerial)).All(auth.System(ctx, brandID))
	if err != nil || len(rows) == 0 {
		return err
	}
	m, err := payment.OpenMerchant(ring, rows[0])
	if err != nil {
		return err
	}
	public, err := publicKey(m.PrivateKey)
	if err != nil {
		return err
	}
	registering, ctx := errgroup.WithContext(ctx)
	registering.SetLimit(8)
	for _, row := range rows {
		registering.Go(func() error {
			return s.Simulator.RegisterMerchant(ctx, wechatsim.PayMerchant{MerchantID: row.MerchantID, CertificateSerial: row.CertificateSerial, PublicKey: public,
				APIv3Key: m.APIv3Key, AppIDs: []string{AppID(auth.Storefront), AppID(auth.Mall)}})
		})
	}
	if err := registering.Wait(); err != nil {
		return fmt.Errorf("register the demo's merchants with the simulator: %w", err)
	}
	return nil
}

// publicKey is the public side of a private key, both PEM.
func publicKey(private string) (string, error) {
	block, _ := pem.Decode([]byte(private))
	if block == nil {
		return "", errors.New("the demo's merchant key is no PEM")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return "", err
	}
	own, ok := key.(*rsa.PrivateKey)
	if !ok {
		return "", errors.New("the demo's merchant key is no RSA key")
	}
	der, err := x509.MarshalPKIXPublicKey(&own.PublicKey)
	if err != nil {
		return "", err
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), nil
}
