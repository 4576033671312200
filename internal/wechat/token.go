package wechat

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/redis/go-redis/v9"
)

const operationToken = "stable_token"

const (
	// tokenMargin is how long before its end a token is no longer used, so that it does not expire on the way.
	tokenMargin = time.Minute
	// longestToken bounds what is kept; WeChat asks for room for 512 characters.
	longestToken = 2048
	// redisPatience bounds the wait for the shared cache, which is only an optimisation.
	redisPatience = 500 * time.Millisecond
)

// heldToken is an access token and the moment after which it is not used.
type heldToken struct {
	Token string    `json:"token"`
	Until time.Time `json:"until"`
}

func (t heldToken) usable(rejected string) bool {
	return t.Token != "" && t.Token != rejected && time.Now().Before(t.Until)
}

// stableToken gives app's access token: from memory, from Redis, or from WeChat. rejected is a token that WeChat refused, which is
// then not given again unless WeChat itself does. Concurrent callers share one fetch. Tokens are asked for in normal mode, which
// never invalidates the token that other servers hold.
func (c *Client) stableToken(ctx context.Context, app App, rejected string) (string, error) {
	c.mu.Lock()
	held := c.tokens[app]
	c.mu.Unlock()
	if held.usable(rejected) {
		return held.Token, nil
	}
	flight := c.flights.DoChan(app.AppID+"\x00"+app.Secret+"\x00"+rejected, func() (any, error) {
		// The fetch outlives the caller who happened to be first, because others wait for it.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.timeout)
		defer cancel()
		token := c.sharedToken(ctx, app)
		if !token.usable(rejected) {
			var err error
			if token, err = c.fetchToken(ctx, app); err != nil {
				return nil, err
			}
			c.shareToken(ctx, app, token)
		}
		c.mu.Lock()
		c.tokens[app] = token
		c.mu.Unlock()
		return token.Token, nil
	})
	select {
	case <-ctx.Done():
		return "", unavailable("no access token in time", ctx.Err())
	case result := <-flight:
		if result.Err != nil {
			return "", result.Err
		}
		return result.Val.(string), nil
	}
}

func (c *Client) fetchToken(ctx context.Context, app App) (heldToken, error) {
	var reply struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   int64  `json:"expires_in"`
	}
	body := map[string]any{"grant_type": "client_credential", "appid": app.AppID, "secret": app.Secret}
	err := c.exchange(ctx, request{method: http.MethodPost, path: "/cgi-bin/stable_token", body: body}, into(&reply))
	if err != nil {
		if e, ok := errors.AsType[*Error](err); ok {
			e.Operation = operationToken
		}
		return heldToken{}, err
	}
	if reply.AccessToken == "" || len(reply.AccessToken) > longestToken || reply.ExpiresIn <= 0 || reply.ExpiresIn > 86400 {
		return heldToken{}, unavailable("the access token has an unknown shape", nil)
	}
	return heldToken{Token: reply.AccessToken, Until: time.Now().Add(time.Duration(reply.ExpiresIn)*time.Second - tokenMargin)}, nil
}

// sharedToken reads the token that another server left in Redis; the zero token where there is none to be had.
func (c *Client) sharedToken(ctx context.Context, app App) heldToken {
	if c.redis == nil {
		return heldToken{}
	}
	ctx, cancel := context.WithTimeout(ctx, redisPatience)
	defer cancel()
	sealed, err := c.redis.Get(ctx, tokenKey(app)).Bytes()
	if err != nil {
		if !errors.Is(err, redis.Nil) {
			c.logger.WarnContext(ctx, "wechat token cache not readable", "app", app, "error", err)
		}
		return heldToken{}
	}
	seal, err := c.tokenSeal(app)
	if err != nil {
		return heldToken{}
	}
	plain, err := seal.Open(nil, nil, sealed, c.tokenContext(app))
	if err != nil {
		return heldToken{} // sealed under an older secret
	}
	var token heldToken
	if json.Unmarshal(plain, &token) != nil || len(token.Token) > longestToken {
		return heldToken{}
	}
	return token
}

func (c *Client) shareToken(ctx context.Context, app App, token heldToken) {
	left := time.Until(token.Until)
	if c.redis == nil || left < time.Second {
		return
	}
	seal, err := c.tokenSeal(app)
	if err != nil {
		return
	}
	plain, err := json.Marshal(token)
	if err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, redisPatience)
	defer cancel()
	if err := c.redis.Set(ctx, tokenKey(app), seal.Seal(nil, nil, plain, c.tokenContext(app)), left).Err(); err != nil {
		c.logger.WarnContext(ctx, "wechat token cache not writable", "app", app, "error", err)
	}
}

func tokenKey(app App) string { return "wechat:stable_token:" + app.AppID }

// tokenContext binds a sealed token to the app and to the WeChat (or simulator) that issued it.
func (c *Client) tokenContext(app App) []byte { return []byte(app.AppID + "\x00" + c.base.String()) }

// tokenSeal encrypts under a key derived from the app's secret: whoever reads Redis without it gets nothing, and a changed secret
// makes what was sealed before unreadable.
func (c *Client) tokenSeal(app App) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, []byte(app.Secret), nil, "wechat stable token", 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}
