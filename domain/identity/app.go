package identity

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/app"
	"dongxiao/ent/brand"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/keys"
	"dongxiao/internal/memory"
	"dongxiao/internal/wechat"
)

const (
	// appLifetime is how long an app is remembered, so how long a disabled one may go on.
	appLifetime = time.Minute
	// unknownAppLifetime is how long it is remembered that there is none, so that made-up ids cost the database little.
	unknownAppLifetime = 5 * time.Second
	// loadTimeout bounds a look-up that several requests wait for.
	loadTimeout = 5 * time.Second
)

var appIDPattern = regexp.MustCompile(`^[0-9A-Za-z_-]{1,32}$`)

// App is a registered front end that may sign people in: it and its brand are active.
type App struct{ *ent.App }

func newAppCache() *memory.Cache[string, *App] {
	return memory.New[string](memory.Options[*App]{Size: 10_000, Lifetime: func(a *App) time.Duration {
		if a == nil {
			return unknownAppLifetime
		}
		return appLifetime
	}})
}

// AppByWeChatID finds the app by its public WeChat app id, remembered for a minute. The error is APP_UNKNOWN for one that is not registered or
// disabled, or whose brand is suspended.
func (s *Service) AppByWeChatID(ctx context.Context, wechatAppID string) (*App, error) {
	if !appIDPattern.MatchString(wechatAppID) {
		return nil, apperr.New(apperr.AppUnknown)
	}
	a, err := s.apps.Load(ctx, wechatAppID, s.loadApp)
	if err != nil {
		return nil, fmt.Errorf("look an app up: %w", err)
	}
	if a == nil {
		return nil, apperr.New(apperr.AppUnknown)
	}
	return a, nil
}

// loadApp reads over all brands, because the app id is what tells the brand; nothing but the app's own row is read with it.
func (s *Service) loadApp(ctx context.Context, wechatAppID string) (*App, error) {
	ctx, cancel := context.WithTimeout(auth.Operator(context.WithoutCancel(ctx)), loadTimeout)
	defer cancel()
	client := s.Store.Client(ctx)
	row, err := client.App.Query().Where(app.WechatAppID(wechatAppID), app.StateEQ(enum.AppActive)).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	served, err := client.Brand.Query().Where(brand.ID(row.BrandID), brand.StateEQ(enum.BrandActive)).Exist(ctx)
	if err != nil || !served {
		return nil, err
	}
	return &App{row}, nil
}

// registered is what the verifier of tokens asks. Where the database cannot be asked the answer is no; requests that name their app learn of that
// fault before, in Authenticate.
func (s *Service) registered(wechatAppID string) (int64, bool) {
	a, err := s.AppByWeChatID(context.Background(), wechatAppID)
	if err != nil {
		return 0, false
	}
	return a.ID, true
}

// SealAppSecret seals an app secret for the row of an app of the brand.
func SealAppSecret(r *keys.Ring, brandID int64, secret string) []byte {
	return r.Seal([]byte(secret), keys.AssociatedData("app_secret", brandID))
}

// Credentials opens what is needed to call WeChat in the app's name.
func Credentials(r *keys.Ring, a *ent.App) (wechat.App, error) {
	secret, err := r.Open(a.SecretSealed, keys.AssociatedData("app_secret", a.BrandID))
	if err != nil {
		return wechat.App{}, fmt.Errorf("open the secret of app %s: %w", a.WechatAppID, err)
	}
	return wechat.App{AppID: a.WechatAppID, Secret: string(secret)}, nil
}
