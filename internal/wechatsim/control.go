package wechatsim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"regexp"
	"strconv"
	"time"
)

// Requests and answers of the control port, JSON over HTTP. Whoever names a user of an app opens the app as that user. A user is
// any name of 1 to 64 characters; the openid follows from seed, app and name, the unionid from seed, Open Platform account and name.
//
//	POST /apps           App                          registers or replaces an app
//	POST /users          UserRequest     → Identity   opens the app without a login
//	POST /codes          UserRequest     → Code       what wx.login gives
//	POST /phone-codes    PhoneRequest    → Code       what a getPhoneNumber button gives
//	POST /subscriptions  SubscriptionRequest          the user accepts a template, count times
//	POST /push           Push            → PushResult an event, signed and encrypted, to the app's push address
//	POST /push-check     AppRequest      → PushResult the check of the push address
//	POST /advance        AdvanceRequest  → Now        moves the virtual clock
//	POST /chaos          Fault                        the next requests go wrong
//	GET  /journal        ?path= &appid= &after= → Journal
//	POST /reset          {}                           back to the configured apps
//	GET  /healthz                        → Now
//
// and below /pay/ the requests of the merchant side, see pay_control.go.
//
// A mistake is a status of 400 or 404 (502 where a push had no answer) with {"error": …}.
type (
	// UserRequest names a user of an app: by name, or by an openid of the caller's choice.
	UserRequest struct {
		AppID  string `json:"appid"`
		User   string `json:"user,omitempty"`
		OpenID string `json:"openid,omitempty"`
	}
	// PhoneRequest is a UserRequest with the number to be given; the country code is 86 where none is named.
	PhoneRequest struct {
		AppID       string `json:"appid"`
		User        string `json:"user,omitempty"`
		OpenID      string `json:"openid,omitempty"`
		Phone       string `json:"phone"`
		CountryCode string `json:"country_code,omitempty"`
	}
	// SubscriptionRequest is a UserRequest with a template; Count zero means 1.
	SubscriptionRequest struct {
		AppID      string `json:"appid"`
		User       string `json:"user,omitempty"`
		OpenID     string `json:"openid,omitempty"`
		TemplateID string `json:"template_id"`
		Count      int    `json:"count,omitempty"`
	}
	// AppRequest names an app.
	AppRequest struct {
		AppID string `json:"appid"`
	}
	// AdvanceRequest moves the virtual clock forward by up to 400 days.
	AdvanceRequest struct {
		Seconds int64 `json:"seconds"`
	}
	// Identity is a user as the app's server will see them.
	Identity struct {
		OpenID  string `json:"openid"`
		UnionID string `json:"unionid,omitempty"`
	}
	// Code is a login or phone code and whom it stands for.
	Code struct {
		Code string `json:"code"`
		Identity
	}
	// Now is the virtual time.
	Now struct {
		Now time.Time `json:"now"`
	}
	// Journal has the entries asked for, oldest first.
	Journal struct {
		Entries []Entry `json:"entries"`
	}
)

var (
	appIDPattern   = regexp.MustCompile(`^[0-9A-Za-z_-]{1,64}$`)
	openIDPattern  = regexp.MustCompile(`^[0-9A-Za-z_-]{6,64}$`)
	namePattern    = regexp.MustCompile(`^[^\p{C}]{1,64}$`)
	phonePattern   = regexp.MustCompile(`^[0-9]{4,15}$`)
	countryPattern = regexp.MustCompile(`^[0-9]{1,4}$`)
)

// problem is a mistake in a control request.
type problem struct {
	status int
	text   string
}

func (p problem) Error() string { return p.text }

func badRequest(format string, values ...any) error {
	return problem{http.StatusBadRequest, fmt.Sprintf(format, values...)}
}

// Control is the handler of the control port. It takes POST bodies as application/json only, which keeps web pages in the
// developer's browser from using it.
func (s *Simulator) Control() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("POST /apps", command(s.controlApp))
	mux.Handle("POST /users", command(s.controlUser))
	mux.Handle("POST /codes", command(s.controlCode))
	mux.Handle("POST /phone-codes", command(s.controlPhoneCode))
	mux.Handle("POST /subscriptions", command(s.controlSubscription))
	mux.Handle("POST /push", command(s.controlPush))
	mux.Handle("POST /push-check", command(s.controlPushCheck))
	mux.Handle("POST /advance", command(s.controlAdvance))
	mux.Handle("POST /chaos", command(s.controlFault))
	mux.Handle("POST /reset", command(s.controlReset))
	mux.HandleFunc("GET /journal", s.serveJournal)
	s.controlPay(mux)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		s.mu.Lock()
		now := s.now()
		s.mu.Unlock()
		respond(w, http.StatusOK, Now{now})
	})
	return mux
}

// command makes a handler of a function from request to answer.
func command[Request, Answer any](run func(context.Context, Request) (Answer, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
			respond(w, http.StatusUnsupportedMediaType, map[string]string{"error": "send application/json"})
			return
		}
		body, whole := readBounded(r.Body, maxBody)
		if !whole {
			respond(w, http.StatusRequestEntityTooLarge, map[string]string{"error": "the body is too large"})
			return
		}
		var request Request
		if err := decodeStrictly(body, &request); err != nil {
			respond(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
			return
		}
		answer, err := run(r.Context(), request)
		if err != nil {
			status := http.StatusBadGateway
			if p, ok := errors.AsType[problem](err); ok {
				status = p.status
			}
			respond(w, status, map[string]string{"error": err.Error()})
			return
		}
		respond(w, http.StatusOK, answer)
	})
}

func respond(w http.ResponseWriter, status int, value any) {
	data, err := json.Marshal(value)
	if err != nil {
		status, data = http.StatusInternalServerError, []byte(`{"error":"the answer cannot be encoded"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(data)
}

// person finds the user of a request and opens the app as them. The caller holds the lock.
func (s *Simulator) person(appID, name, openID string) (*appState, *user, error) {
	app := s.apps[appID]
	switch {
	case app == nil:
		return nil, nil, problem{http.StatusNotFound, "no such app is registered"}
	case (name == "") == (openID == ""):
		return nil, nil, badRequest("name either user or openid")
	case openID != "" && openIDPattern.MatchString(openID):
		return app, s.visitOpenID(app, openID), nil
	case name != "" && namePattern.MatchString(name):
		return app, s.visit(app, name), nil
	}
	return nil, nil, badRequest("user has 1 to 64 characters, openid 6 to 64 letters, digits, - and _")
}

func (u *user) identity() Identity { return Identity{OpenID: u.openID, UnionID: u.unionID} }

func (s *Simulator) controlApp(_ context.Context, app App) (struct{}, error) {
	if !appIDPattern.MatchString(app.AppID) || app.Secret == "" {
		return struct{}{}, badRequest("an app needs an appid of letters, digits, - and _, and a secret")
	}
	if app.EncodingAESKey != "" {
		if _, err := seal(app.EncodingAESKey, "", nil, ""); err != nil {
			return struct{}{}, badRequest("encoding_aes_key has 43 characters of base64")
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.register(app)
	return struct{}{}, nil
}

func (s *Simulator) controlUser(_ context.Context, request UserRequest) (Identity, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, u, err := s.person(request.AppID, request.User, request.OpenID)
	if err != nil {
		return Identity{}, err
	}
	return u.identity(), nil
}

func (s *Simulator) controlCode(_ context.Context, request UserRequest) (Code, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	app, u, err := s.person(request.AppID, request.User, request.OpenID)
	if err != nil {
		return Code{}, err
	}
	return Code{s.newLoginCode(app, u), u.identity()}, nil
}

func (s *Simulator) controlPhoneCode(_ context.Context, request PhoneRequest) (Code, error) {
	if request.CountryCode == "" {
		request.CountryCode = "86"
	}
	if !phonePattern.MatchString(request.Phone) || !countryPattern.MatchString(request.CountryCode) {
		return Code{}, badRequest("phone has 4 to 15 digits, country_code 1 to 4")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	app, u, err := s.person(request.AppID, request.User, request.OpenID)
	if err != nil {
		return Code{}, err
	}
	return Code{s.newPhoneCode(app, u, request.Phone, request.CountryCode), u.identity()}, nil
}

func (s *Simulator) controlSubscription(_ context.Context, request SubscriptionRequest) (Identity, error) {
	if request.Count == 0 {
		request.Count = 1
	}
	if request.TemplateID == "" || request.Count < 1 || request.Count > 1000 {
		return Identity{}, badRequest("a subscription needs a template_id and a count of 1 to 1000")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	app, u, err := s.person(request.AppID, request.User, request.OpenID)
	if err != nil {
		return Identity{}, err
	}
	app.accepts[accept{u.openID, request.TemplateID}] += request.Count
	return u.identity(), nil
}

func (s *Simulator) controlPush(ctx context.Context, push Push) (PushResult, error) {
	switch push.Fault {
	case "", PushWrongSignature, PushPlaintext, PushStale, PushWrongApp, PushTampered:
	default:
		return PushResult{}, badRequest("unknown fault %q", push.Fault)
	}
	if push.Event == "" {
		return PushResult{}, badRequest("name the event")
	}
	s.mu.Lock()
	app, u, err := s.person(push.AppID, push.User, push.OpenID)
	if err != nil {
		s.mu.Unlock()
		return PushResult{}, err
	}
	registered, about, nonce, random := app.App, *u, s.draw(10, "123456789"), s.draw(16, base62)
	s.mu.Unlock()
	return s.send(ctx, registered, about, push, nonce, random)
}

func (s *Simulator) controlPushCheck(ctx context.Context, request AppRequest) (PushResult, error) {
	s.mu.Lock()
	app := s.apps[request.AppID]
	if app == nil {
		s.mu.Unlock()
		return PushResult{}, problem{http.StatusNotFound, "no such app is registered"}
	}
	registered, nonce, echo := app.App, s.draw(10, "123456789"), s.draw(19, "123456789")
	s.mu.Unlock()
	return s.checkURL(ctx, registered, nonce, echo)
}

func (s *Simulator) controlAdvance(_ context.Context, request AdvanceRequest) (Now, error) {
	const longest = 400 * 24 * 3600
	if request.Seconds < 0 || request.Seconds > longest {
		return Now{}, badRequest("seconds is 0 to %d", longest)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advanced += time.Duration(request.Seconds) * time.Second
	return Now{s.now()}, nil
}

func (s *Simulator) controlFault(_ context.Context, fault Fault) (struct{}, error) {
	if _, ok := routes[fault.Path]; !ok {
		return struct{}{}, badRequest("no endpoint has this path")
	}
	switch fault.Mode {
	case FaultErrCode:
		if fault.ErrCode == 0 {
			return struct{}{}, badRequest("name the errcode")
		}
	case FaultSlow:
		if fault.Milliseconds < 1 || fault.Milliseconds > 60_000 {
			return struct{}{}, badRequest("milliseconds is 1 to 60000")
		}
	case FaultTimeout, FaultTimeoutAfter, FaultHTTP500, FaultNotJSON, FaultHuge:
	default:
		return struct{}{}, badRequest("unknown mode %q", fault.Mode)
	}
	if fault.Times < 0 {
		return struct{}{}, badRequest("times is 1 or more")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &fault)
	return struct{}{}, nil
}

func (s *Simulator) controlReset(context.Context, struct{}) (struct{}, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reset()
	return struct{}{}, nil
}

func (s *Simulator) serveJournal(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	after, err := strconv.Atoi(query.Get("after"))
	if err != nil && query.Get("after") != "" {
		respond(w, http.StatusBadRequest, map[string]string{"error": "after is a sequence number"})
		return
	}
	found := Journal{Entries: []Entry{}}
	s.mu.Lock()
	for _, entry := range s.journal {
		if entry.Sequence > after && (query.Get("path") == "" || query.Get("path") == entry.Path) && (query.Get("appid") == "" || query.Get("appid") == entry.AppID) {
			found.Entries = append(found.Entries, entry)
		}
	}
	s.mu.Unlock()
	respond(w, http.StatusOK, found)
}
