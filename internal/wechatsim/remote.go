package wechatsim

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Remote speaks to a simulator's control port, wherever it runs.
type Remote struct {
	address string
	client  *http.Client
}

// NewRemote makes a Remote for the control port at address (http://127.0.0.1:8082).
func NewRemote(address string) *Remote {
	return &Remote{address: strings.TrimSuffix(address, "/"), client: &http.Client{Timeout: 15 * time.Second}}
}

// Ready reports whether the simulator answers; it is nil once it does.
func (r *Remote) Ready(ctx context.Context) error {
	return r.do(ctx, http.MethodGet, "/healthz", nil, nil)
}

// Register adds or replaces an app.
func (r *Remote) Register(ctx context.Context, app App) error {
	return r.do(ctx, http.MethodPost, "/apps", app, nil)
}

// Open opens the app as a user, without a login, and tells who that is for the app's server.
func (r *Remote) Open(ctx context.Context, appID, user string) (identity Identity, err error) {
	err = r.do(ctx, http.MethodPost, "/users", UserRequest{AppID: appID, User: user}, &identity)
	return identity, err
}

// LoginCode is what wx.login gives user: good for five minutes and once.
func (r *Remote) LoginCode(ctx context.Context, appID, user string) (code Code, err error) {
	err = r.do(ctx, http.MethodPost, "/codes", UserRequest{AppID: appID, User: user}, &code)
	return code, err
}

// PhoneCode is what a getPhoneNumber button gives user, whose number is phone in mainland China.
func (r *Remote) PhoneCode(ctx context.Context, appID, user, phone string) (code Code, err error) {
	err = r.do(ctx, http.MethodPost, "/phone-codes", PhoneRequest{AppID: appID, User: user, Phone: phone}, &code)
	return code, err
}

// Accept makes user accept a message template, count times.
func (r *Remote) Accept(ctx context.Context, appID, user, templateID string, count int) error {
	return r.do(ctx, http.MethodPost, "/subscriptions", SubscriptionRequest{AppID: appID, User: user, TemplateID: templateID, Count: count}, nil)
}

// Push sends an event to the app's push address and gives the answer.
func (r *Remote) Push(ctx context.Context, push Push) (result PushResult, err error) {
	err = r.do(ctx, http.MethodPost, "/push", push, &result)
	return result, err
}

// CheckPush checks the app's push address as WeChat's console does.
func (r *Remote) CheckPush(ctx context.Context, appID string) error {
	return r.do(ctx, http.MethodPost, "/push-check", AppRequest{AppID: appID}, nil)
}

// Advance moves the virtual clock forward, by whole seconds.
func (r *Remote) Advance(ctx context.Context, d time.Duration) error {
	return r.do(ctx, http.MethodPost, "/advance", AdvanceRequest{Seconds: int64(d / time.Second)}, nil)
}

// Fail makes the next requests go wrong.
func (r *Remote) Fail(ctx context.Context, fault Fault) error {
	return r.do(ctx, http.MethodPost, "/chaos", fault, nil)
}

// Journal lists the requests of an app to an endpoint; either may be empty for all.
func (r *Remote) Journal(ctx context.Context, appID, path string) ([]Entry, error) {
	var journal Journal
	query := url.Values{"appid": {appID}, "path": {path}}
	err := r.do(ctx, http.MethodGet, "/journal?"+query.Encode(), nil, &journal)
	return journal.Entries, err
}

// Reset goes back to the configured apps.
func (r *Remote) Reset(ctx context.Context) error {
	return r.do(ctx, http.MethodPost, "/reset", struct{}{}, nil)
}

func (r *Remote) do(ctx context.Context, method, path string, body, target any) error {
	data := []byte{}
	if body != nil {
		var err error
		if data, err = json.Marshal(body); err != nil {
			return err
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, r.address+path, bytes.NewReader(data))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := r.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	data, whole := readBounded(response.Body, 32<<20)
	if !whole {
		return fmt.Errorf("wechatsim %s: the answer is too large or broke off", path)
	}
	if response.StatusCode != http.StatusOK {
		var mistake struct {
			Error string `json:"error"`
		}
		_ = json.Unmarshal(data, &mistake)
		return fmt.Errorf("wechatsim %s: status %d: %s", path, response.StatusCode, mistake.Error)
	}
	if target == nil {
		return nil
	}
	return json.Unmarshal(data, target)
}
