package identity

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
)

// ConsoleSignInLifetime is how long the QR code of the console may be confirmed.
const ConsoleSignInLifetime = 2 * time.Minute

const (
	// consoleCollect is how long a confirmed page has at least to collect its tokens.
	consoleCollect = 30 * time.Second
	consolePrefix  = "dongxiao:console:"
)

var (
	qrPattern     = regexp.MustCompile(`^dongxiao:console:[A-Z2-7]{26}$`)
	secretPattern = regexp.MustCompile(`^[0-9a-f]{32}\.[0-9A-Za-z_-]{43}$`)
)

// ConsoleSignIn is a page of the console that waits for somebody to confirm it.
type ConsoleSignIn struct {
	// QRText is for everybody to see, Secret for the page alone.
	QRText    string
	Secret    string
	ExpiresAt time.Time
}

// The waiting page is one Redis hash, so that each move is one atomic command and the whole of it fits into a cluster. Losing it costs a new QR code.
var (
	confirmPage = redis.NewScript(`if redis.call('HGET', KEYS[1], 'state') ~= 'PENDING' then return 0 end
redis.call('HSET', KEYS[1], 'state', 'CONFIRMED', 'person', ARGV[1])
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 1`)
	collectPage = redis.NewScript(`if redis.call('HGET', KEYS[1], 'state') ~= 'CONFIRMED' then return 0 end
return redis.call('DEL', KEYS[1])`)
	openPage = redis.NewScript(`redis.call('HSET', KEYS[1], unpack(ARGV, 2))
return redis.call('PEXPIRE', KEYS[1], ARGV[1])`)
)

// StartConsoleSignIn begins a sign-in to a CONSOLE app, for anybody. Refusals: APP_UNKNOWN, FORBIDDEN (another face), INVALID_INPUT; UNAVAILABLE
// without Redis.
func (s *Service) StartConsoleSignIn(ctx context.Context, wechatAppID, device string) (*ConsoleSignIn, error) {
	a, err := s.AppByWeChatID(ctx, wechatAppID)
	switch {
	case apperr.CodeOf(err) == apperr.AppUnknown:
		return nil, apperr.New(apperr.AppUnknown).At("input", "app")
	case err != nil:
		return nil, err
	case a.Face != auth.Console:
		return nil, apperr.New(apperr.Forbidden).At("input", "app")
	}
	if err := checkDevice(device); err != nil {
		return nil, err
	}
	qrText, random := consolePrefix+rand.Text(), make([]byte, 32)
	_, _ = rand.Read(random) // never fails, see crypto/rand
	name := pageName(qrText)
	secret := name + "." + base64.RawURLEncoding.EncodeToString(random)
	err = openPage.Run(ctx, s.Redis, []string{pageKey(name)}, ConsoleSignInLifetime.Milliseconds(), "state", "PENDING", "secret", hashOf(secret),
		"app", a.WechatAppID, "brand", a.BrandID, "device", device).Err()
	if err != nil {
		return nil, apperr.New(apperr.Unavailable).Because(err)
	}
	return &ConsoleSignIn{QRText: qrText, Secret: secret, ExpiresAt: s.Clock.Now().Add(ConsoleSignInLifetime)}, nil
}

// ConfirmConsoleSignIn confirms the page whose QR code was scanned, once, and gives what its browser calls itself; for viewers who hold
// CONFIRM_CONSOLE. The page signs in as the viewer. Refusals: FORBIDDEN; CONSOLE_SIGN_IN_EXPIRED for a code that is unknown, old, confirmed
// or another brand's.
func (s *Service) ConfirmConsoleSignIn(ctx context.Context, qrText string) (device *string, err error) {
	v := auth.FromContext(ctx)
	expired := apperr.New(apperr.ConsoleSignInExpired).At("input", "qrText")
	if !v.Can(auth.ConfirmConsole) {
		return nil, apperr.New(apperr.Forbidden)
	}
	if !qrPattern.MatchString(qrText) {
		return nil, expired
	}
	key := pageKey(pageName(qrText))
	page, err := s.Redis.HGetAll(ctx, key).Result()
	if err != nil {
		return nil, apperr.New(apperr.Unavailable).Because(err)
	}
	if page["brand"] != strconv.FormatInt(v.BrandID, 10) || page["state"] != "PENDING" {
		return nil, expired
	}
	confirmed, err := confirmPage.Run(ctx, s.Redis, []string{key}, v.PersonID, consoleCollect.Milliseconds()).Int()
	if err != nil {
		return nil, apperr.New(apperr.Unavailable).Because(err)
	}
	if confirmed != 1 {
		return nil, expired
	}
	return new(page["device"]), nil
}

// CompleteConsoleSignIn gives the page's tokens once it was confirmed, once, to whoever has its secret. The roles are read anew: who lost CONFIRM_CONSOLE in
// the app's scope since is refused. Refusals: CONSOLE_SIGN_IN_PENDING, CONSOLE_SIGN_IN_EXPIRED, APP_UNKNOWN, FORBIDDEN, STAFF_SUSPENDED.
func (s *Service) CompleteConsoleSignIn(ctx context.Context, secret string) (*Tokens, error) {
	expired := apperr.New(apperr.ConsoleSignInExpired).At("input", "secret")
	if !secretPattern.MatchString(secret) {
		return nil, expired
	}
	name, _, _ := strings.Cut(secret, ".")
	key := pageKey(name)
	page, err := s.Redis.HGetAll(ctx, key).Result()
	if err != nil {
		return nil, apperr.New(apperr.Unavailable).Because(err)
	}
	if !same(page["secret"], hashOf(secret)) {
		return nil, expired
	}
	if page["state"] == "PENDING" {
		return nil, apperr.New(apperr.ConsoleSignInPending)
	}
	a, err := s.AppByWeChatID(ctx, page["app"])
	if err != nil {
		return nil, err
	}
	personID, err := strconv.ParseInt(page["person"], 10, 64)
	if err != nil {
		return nil, fmt.Errorf("a confirmed console sign-in names no person: %w", err)
	}
	collected, err := collectPage.Run(ctx, s.Redis, []string{key}).Int()
	if err != nil {
		return nil, apperr.New(apperr.Unavailable).Because(err)
	}
	if collected != 1 {
		return nil, expired
	}
	return s.openConsole(auth.System(ctx, a.BrandID), a, personID, page["device"])
}

func (s *Service) openConsole(ctx context.Context, a *App, personID int64, device string) (*Tokens, error) {
	var opened *openedSession
	err := s.Store.WithTx(ctx, func(ctx context.Context) error {
		p, err := s.Store.Client(ctx).Person.Get(ctx, personID)
		if ent.IsNotFound(err) || err == nil && p.State == enum.PersonErased {
			return apperr.New(apperr.Forbidden)
		}
		if err != nil {
			return err
		}
		if p.State != enum.PersonActive {
			return apperr.New(apperr.StaffSuspended)
		}
		if opened, err = s.openSession(ctx, a, p, 0, device); err != nil {
			return err
		}
		if !opened.claims.Viewer().Can(auth.ConfirmConsole) {
			return apperr.New(apperr.Forbidden)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return s.issue(opened)
}

// pageName names the page by its QR text, and pageKey is where it is kept: Redis shows neither the text nor the secret.
func pageName(qrText string) string {
	sum := sha256.Sum256([]byte(qrText))
	return hex.EncodeToString(sum[:16])
}

func pageKey(name string) string { return "dongxiao:consolesignin:" + name }

func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
