package payment

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/internal/ids"
	"dongxiao/internal/keys"
	"dongxiao/internal/wechatpay"
)

// clientKey is one version of a merchant account: any change of its keys makes another one.
type clientKey struct {
	accountID int64
	version   [sha256.Size]byte
}

// client calls WeChat Pay for the account. Parsing its keys takes a millisecond, so clients are kept by account and version; two at once for one
// version do no harm.
func (s *Service) client(a *ent.MerchantAccount) (*wechatpay.Client, error) {
	version, err := json.Marshal([]any{a.MerchantID, a.CertificateSerial, a.PrivateKeySealed, a.APIKeySealed, a.PublicKeyID, a.PublicKey, a.Certificates})
	if err != nil {
		return nil, err
	}
	key := clientKey{a.ID, sha256.Sum256(version)}
	if kept, ok := s.clients.GetIfPresent(key); ok {
		return kept, nil
	}
	private, err := s.open(a, privateKey, a.PrivateKeySealed)
	if err != nil {
		return nil, err
	}
	api, err := s.open(a, apiKey, a.APIKeySealed)
	if err != nil {
		return nil, err
	}
	made, err := wechatpay.New(wechatpay.Merchant{ID: a.MerchantID, CertificateSerial: a.CertificateSerial, PrivateKey: private, APIv3Key: api,
		PublicKeyID: a.PublicKeyID, PublicKey: string(a.PublicKey), UseCertificates: a.Certificates}, s.Pay)
	if err != nil {
		return nil, err
	}
	s.clients.Set(key, made)
	return made, nil
}

// What is sealed in the row of an account.
const (
	privateKey = "merchant_private_key"
	apiKey     = "merchant_api_key"
)

func (s *Service) seal(brandID int64, what, secret string) []byte {
	return s.Keyring.Ring().Seal([]byte(secret), keys.AssociatedData(what, brandID))
}

func (s *Service) open(a *ent.MerchantAccount, what string, sealed []byte) (string, error) {
	secret, err := s.Keyring.Ring().Open(sealed, keys.AssociatedData(what, a.BrandID))
	if err != nil {
		return "", fmt.Errorf("open the %s of merchant account %d: %w", what, a.ID, err)
	}
	return string(secret), nil
}

// clientOf reads the account and gives its client.
func (s *Service) clientOf(ctx context.Context, accountID int64) (*ent.MerchantAccount, *wechatpay.Client, error) {
	a, err := s.Store.Client(ctx).MerchantAccount.Get(ctx, accountID)
	if err != nil {
		return nil, nil, err
	}
	c, err := s.client(a)
	return a, c, err
}

// NoticePath is where notices of an account arrive, below the base URL; it ends in the account's public id.
const NoticePath = "/wechat-pay/notices/"

// noticeURL is the address that WeChat Pay is told for an account's notices.
func (s *Service) noticeURL(a *ent.MerchantAccount) string {
	return s.BaseURL + NoticePath + ids.Encode(ids.MerchantAccount, a.ID)
}

// system is the system within the brand of a row that a sweep over all brands found.
func system(ctx context.Context, brandID int64) context.Context { return auth.System(ctx, brandID) }
