// Package wechatsim is a simulator of WeChat for development and tests. It is for development only: its control port mints logins
// for any user and needs no password, so it must never be reachable from anywhere but the developer's machine, and production
// configuration refuses it.
//
// It stands on its own: it imports nothing else of this module, has its own keys and books, and is reached over HTTP only, by the
// application as https://api.weixin.qq.com and https://api.mch.weixin.qq.com would be (API) and by tests and tools through the control port (Control, see control.go
// for its requests). It verifies what WeChat verifies and is strict beyond it where that finds mistakes: unknown fields and repeated
// query parameters are errors. State is in memory. Expiries follow a virtual clock that /advance moves; timestamps in signatures are
// real time, because the other side compares them with its own clock.
package wechatsim

import (
	"context"
	"crypto/hmac"
	crand "crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"time"
)

// App is a mini-program that the simulator knows.
type App struct {
	AppID  string `json:"appid"`
	Secret string `json:"secret"`
	// OpenPlatform names the Open Platform account (开放平台) that the app is bound to: apps with the same one give the same
	// unionid to a user. Empty means that no unionid is given.
	OpenPlatform string `json:"open_platform,omitempty"`
	// PushURL, PushToken and EncodingAESKey are the message push settings; pushes are sent in safe mode with JSON.
	PushURL        string `json:"push_url,omitempty"`
	PushToken      string `json:"push_token,omitempty"`
	EncodingAESKey string `json:"encoding_aes_key,omitempty"`
	// Templates are the subscribe message templates that exist; empty means any.
	Templates []string `json:"templates,omitempty"`
	// Pages are the published pages, which QR codes are checked against; empty means any.
	Pages []string `json:"pages,omitempty"`
}

// Config is what a simulator starts with; the zero value is useful.
type Config struct {
	// Seed derives openids, unionids and session keys, so that a user keeps them when the simulator restarts.
	Seed string
	// Repeatable derives codes, tokens and the like from Seed too. Leave it off where the other side outlives the simulator: codes
	// would occur again.
	Repeatable bool
	// Apps are registered from the start and after a reset.
	Apps []App
	// RiskyWords and ReviewWords make the content check answer risky or review; nil means 违禁词, and 疑似词 for review.
	RiskyWords, ReviewWords []string
	// Merchants are accounts of WeChat Pay that are registered from the start and after a reset.
	Merchants []PayMerchant
	// NoticeFactor scales the official waits between the tries of a payment notice; zero means 1, so 15 s to 6 h.
	NoticeFactor float64
	// Logger gets a line for each start, stop and push; nil means slog.Default().
	Logger *slog.Logger
}

// Simulator is one simulated WeChat.
type Simulator struct {
	config Config
	logger *slog.Logger
	pusher *http.Client
	// notifier sends payment notices, as many at once as there are slots.
	notifier *http.Client
	slots    chan struct{}

	mu       sync.Mutex // guards all below; never held while waiting or sending
	random   *rand.Rand
	advanced time.Duration
	apps     map[string]*appState
	codes    map[string]*loginCode
	phones   map[string]*phoneCode
	tokens   map[string]*accessToken
	faults   []*Fault
	journal  []Entry
	sequence int
	paying   payState
}

// appState is an app with its books.
type appState struct {
	App
	users    map[string]*user // by openid
	accepts  map[accept]int
	sending  map[string]bool // openids to whom a message is under way
	stable   *accessToken
	legacy   *accessToken
	forcedAt []time.Time // of today, by the virtual clock
}

// user is a WeChat user as one app sees them.
type user struct {
	name, openID, unionID string
	visitedAt             time.Time
	logins                int
	sessionKey            string
}

type accept struct{ openID, template string }

// mostNotices is how many payment notices are under way at once.
const mostNotices = 64

// New makes a simulator.
func New(config Config) *Simulator {
	if config.RiskyWords == nil {
		config.RiskyWords = []string{"违禁词"}
	}
	if config.ReviewWords == nil {
		config.ReviewWords = []string{"疑似词"}
	}
	if config.Logger == nil {
		config.Logger = slog.Default()
	}
	var seed [32]byte
	if config.Repeatable {
		seed = sha256.Sum256([]byte("wechatsim random " + config.Seed))
	} else {
		_, _ = crand.Read(seed[:]) // never fails
	}
	if config.NoticeFactor <= 0 {
		config.NoticeFactor = 1
	}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	s := &Simulator{
		config: config, logger: config.Logger, random: rand.New(rand.NewChaCha8(seed)),
		pusher:   &http.Client{Timeout: 5 * time.Second, CheckRedirect: stay},
		notifier: &http.Client{Timeout: 5 * time.Second, CheckRedirect: stay, Transport: &http.Transport{MaxIdleConnsPerHost: mostNotices, IdleConnTimeout: time.Minute}},
		slots:    make(chan struct{}, mostNotices),
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reset()
	return s
}

// reset goes back to the configured apps. What was random stays used, so that no code ever occurs twice.
func (s *Simulator) reset() {
	s.advanced = 0
	s.apps = map[string]*appState{}
	s.codes = map[string]*loginCode{}
	s.phones = map[string]*phoneCode{}
	s.tokens = map[string]*accessToken{}
	s.faults, s.journal = nil, nil
	s.paying = newPayState(s.config.NoticeFactor, s.paying.generation+1)
	for _, app := range s.config.Apps {
		s.register(app)
	}
	for _, merchant := range s.config.Merchants {
		if err := s.registerMerchant(merchant); err != nil {
			s.logger.Error("WeChat simulator does not know a merchant", "mchid", merchant.MerchantID, "error", err)
		}
	}
}

// register adds or replaces an app. Its users and subscriptions stay; a new secret ends its tokens.
func (s *Simulator) register(app App) {
	state := s.apps[app.AppID]
	if state == nil {
		state = &appState{users: map[string]*user{}, accepts: map[accept]int{}, sending: map[string]bool{}}
		s.apps[app.AppID] = state
	} else if state.Secret != app.Secret {
		for _, t := range []*accessToken{state.stable, state.legacy} {
			if t != nil {
				t.deadAt = s.now()
			}
		}
		state.stable, state.legacy = nil, nil
	}
	state.App = app
}

// now is the virtual clock.
func (s *Simulator) now() time.Time { return time.Now().Add(s.advanced) }

// derive makes n characters of base64url from the seed and parts, the same ones for ever.
func (s *Simulator) derive(n int, parts ...string) string {
	mac := hmac.New(sha256.New, []byte("wechatsim "+s.config.Seed))
	for _, part := range parts {
		mac.Write([]byte(part))
		mac.Write([]byte{0})
	}
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))[:n]
}

// draw makes n random characters out of alphabet.
func (s *Simulator) draw(n int, alphabet string) string {
	out := make([]byte, n)
	for i := range out {
		out[i] = alphabet[s.random.IntN(len(alphabet))]
	}
	return string(out)
}

const (
	hexDigits = "0123456789abcdef"
	base62    = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

// visit finds or makes the user called name in app and notes that they have the app open now.
func (s *Simulator) visit(app *appState, name string) *user {
	openID := "o" + s.derive(27, "openid", app.AppID, name)
	u := app.users[openID]
	if u == nil {
		u = &user{name: name, openID: openID}
		app.users[openID] = u
	}
	u.unionID = ""
	if app.OpenPlatform != "" {
		u.unionID = "o" + s.derive(27, "unionid", app.OpenPlatform, name)
	}
	u.visitedAt = s.now()
	return u
}

// visitOpenID is visit for an openid that the caller chose; such a user has no unionid.
func (s *Simulator) visitOpenID(app *appState, openID string) *user {
	u := app.users[openID]
	if u == nil {
		u = &user{openID: openID}
		app.users[openID] = u
	}
	u.visitedAt = s.now()
	return u
}

// Run serves the API and the control port until ctx ends. The control port must be on a loopback address.
func (s *Simulator) Run(ctx context.Context, apiAddress, controlAddress string) error {
	var listening net.ListenConfig
	control, err := listening.Listen(ctx, "tcp", controlAddress)
	if err != nil {
		return err
	}
	defer control.Close()
	if address, ok := control.Addr().(*net.TCPAddr); !ok || !address.IP.IsLoopback() {
		return errors.New("wechatsim: the control port mints logins and may only listen on a loopback address")
	}
	api, err := listening.Listen(ctx, "tcp", apiAddress)
	if err != nil {
		return err
	}
	return s.Serve(ctx, api, control)
}

// Serve is Run on listeners that the caller opened; it closes them.
func (s *Simulator) Serve(ctx context.Context, api, control net.Listener) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	serve := func(listener net.Listener, handler http.Handler) func() {
		server := &http.Server{
			Handler: handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second, IdleTimeout: time.Minute,
			BaseContext: func(net.Listener) context.Context { return ctx },
			ErrorLog:    slog.NewLogLogger(s.logger.Handler(), slog.LevelDebug),
		}
		go func() { cancel(server.Serve(listener)) }()
		return func() {
			stopping, done := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
			defer done()
			_ = server.Shutdown(stopping)
		}
	}
	stopAPI, stopControl := serve(api, s.API()), serve(control, s.Control())
	s.logger.Info("WeChat simulator serves", "api", api.Addr().String(), "control", control.Addr().String())
	<-ctx.Done()
	s.mu.Lock()
	s.paying.generation++ // no notice is sent any more
	s.mu.Unlock()
	stopAPI()
	stopControl()
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) && !errors.Is(cause, context.DeadlineExceeded) && !errors.Is(cause, http.ErrServerClosed) {
		return cause
	}
	return nil
}

// readBounded reads at most limit bytes and reports whether that was all.
func readBounded(body io.Reader, limit int64) ([]byte, bool) {
	data, err := io.ReadAll(io.LimitReader(body, limit+1))
	return data, err == nil && int64(len(data)) <= limit
}
