package payment

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"sync"

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
	m, err := OpenMerchant(s.Keyring.Ring(), a)
	if err != nil {
		return nil, err
	}
	made, err := wechatpay.New(m, s.Pay)
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

// SealMerchantKeys seals the two secrets of a merchant for the row of an account of the brand.
func SealMerchantKeys(r *keys.Ring, brandID int64, m wechatpay.Merchant) (privateKeySealed, apiKeySealed []byte) {
	return r.Seal([]byte(m.PrivateKey), keys.AssociatedData(privateKey, brandID)), r.Seal([]byte(m.APIv3Key), keys.AssociatedData(apiKey, brandID))
}

// OpenMerchant opens what is needed to call WeChat Pay for an account.
func OpenMerchant(r *keys.Ring, a *ent.MerchantAccount) (wechatpay.Merchant, error) {
	private, err := r.Open(a.PrivateKeySealed, keys.AssociatedData(privateKey, a.BrandID))
	if err != nil {
		return wechatpay.Merchant{}, fmt.Errorf("open the private key of merchant account %d: %w", a.ID, err)
	}
	api, err := r.Open(a.APIKeySealed, keys.AssociatedData(apiKey, a.BrandID))
	if err != nil {
		return wechatpay.Merchant{}, fmt.Errorf("open the APIv3 key of merchant account %d: %w", a.ID, err)
	}
	return wechatpay.Merchant{ID: a.MerchantID, CertificateSerial: a.CertificateSerial, PrivateKey: string(private), APIv3Key: string(api),
		PublicKeyID: a.PublicKeyID, PublicKey: string(a.PublicKey), UseCertificates: a.Certificates}, nil
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

// merchantID is WeChat's number of a merchant account of the viewer's brand.
func (s *Service) merchantID(ctx context.Context, accountID int64) (string, error) {
	return remembered(&s.merchantIDs, accountID, func() (string, error) {
		a, err := s.Store.Client(ctx).MerchantAccount.Get(ctx, accountID)
		if err != nil {
			return "", err
		}
		return a.MerchantID, nil
	})
}

// wechatAppID is WeChat's number of an app of the viewer's brand.
func (s *Service) wechatAppID(ctx context.Context, appID int64) (string, error) {
	return remembered(&s.appIDs, appID, func() (string, error) {
		a, err := s.Store.Client(ctx).App.Get(ctx, appID)
		if err != nil {
			return "", err
		}
		return a.WechatAppID, nil
	})
}

// remembered reads a number of a row once.
func remembered(known *sync.Map, id int64, read func() (string, error)) (string, error) {
	if number, ok := known.Load(id); ok {
		return number.(string), nil
	}
	number, err := read()
	if err == nil {
		known.Store(id, number)
	}
	return number, err
}

// NoticePath is where notices of an account arrive, below the base URL; it ends in the account's public id.
const NoticePath = "/wechat-pay/notices/"

// noticeURL is the address that WeChat Pay is told for an account's notices.
func (s *Service) noticeURL(a *ent.MerchantAccount) string {
	return s.BaseURL + NoticePath + ids.Encode(ids.MerchantAccount, a.ID)
}

// system is the system within the brand of a row that a sweep over all brands found.
func system(ctx context.Context, brandID int64) context.Context { return auth.System(ctx, brandID) }
