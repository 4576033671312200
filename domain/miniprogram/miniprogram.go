// Package miniprogram reads and seals the secrets of registered apps (小程序), so that all who call WeChat do it alike.
package miniprogram

import (
	"context"
	"fmt"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/internal/keyring"
	"dongxiao/internal/keys"
	"dongxiao/internal/store"
	"dongxiao/internal/wechat"
)

// secretPurpose binds a sealed app secret to what it is.
const secretPurpose = "app_secret"

// SealSecret seals an app's WeChat secret for its column secret_sealed.
func SealSecret(ring *keys.Ring, brandID int64, secret string) []byte {
	return ring.Seal([]byte(secret), keys.AssociatedData(secretPurpose, brandID))
}

// WeChat is what calls to WeChat in the name of the app need: its WeChat app id and its opened secret.
func WeChat(ring *keys.Ring, row *ent.App) (wechat.App, error) {
	secret, err := ring.Open(row.SecretSealed, keys.AssociatedData(secretPurpose, row.BrandID))
	if err != nil {
		return wechat.App{}, fmt.Errorf("open the secret of app %s: %w", row.WechatAppID, err)
	}
	return wechat.App{AppID: row.WechatAppID, Secret: string(secret)}, nil
}

// Load is WeChat for the app of that id in the viewer's brand.
func Load(ctx context.Context, s *store.Store, k *keyring.Keyring, appID int64) (wechat.App, error) {
	row, err := s.Client(ctx).App.Get(auth.WithinBrand(ctx), appID)
	if err != nil {
		return wechat.App{}, err
	}
	return WeChat(k.Ring(), row)
}
