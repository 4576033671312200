package wechatsim_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/internal/wechatsim"
)

const (
	appID    = "wx00000000000000a1"
	otherID  = "wx00000000000000b2"
	strayID  = "wx00000000000000c3"
	secret   = "secret-a1"
	template = "template-1"
)

// bench is a simulator over HTTP with three apps: two of one Open Platform account, one of none.
type bench struct {
	*wechatsim.Remote
	t   *testing.T
	api string
}

func start(t *testing.T) *bench {
	t.Helper()
	t.Parallel()
	s := wechatsim.New(wechatsim.Config{
		Logger: slog.New(slog.DiscardHandler),
		Apps: []wechatsim.App{
			{AppID: appID, Secret: secret, OpenPlatform: "brand", Templates: []string{template}, Pages: []string{"pages/home/home"}},
			{AppID: otherID, Secret: "secret-b2", OpenPlatform: "brand"},
			{AppID: strayID, Secret: "secret-c3"},
		},
	})
	api, control := httptest.NewServer(s.API()), httptest.NewServer(s.Control())
	t.Cleanup(api.Close)
	t.Cleanup(control.Close)
	return &bench{wechatsim.NewRemote(control.URL), t, api.URL}
}

type fields = map[string]any

func (b *bench) do(method, path string, query url.Values, body any) (*http.Response, []byte) {
	b.t.Helper()
	var reader io.Reader
	switch body := body.(type) {
	case nil:
	case string:
		reader = strings.NewReader(body)
	default:
		data, err := json.Marshal(body)
		require.NoError(b.t, err)
		reader = bytes.NewReader(data)
	}
	request, err := http.NewRequestWithContext(b.t.Context(), method, b.api+path+"?"+query.Encode(), reader)
	require.NoError(b.t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(b.t, err)
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	require.NoError(b.t, err)
	return response, data
}

// ask expects JSON with status 200 and gives it with its errcode, 0 where there is none.
func (b *bench) ask(method, path string, query url.Values, body any) (fields, int) {
	b.t.Helper()
	response, data := b.do(method, path, query, body)
	require.Equal(b.t, http.StatusOK, response.StatusCode)
	var out fields
	require.NoError(b.t, json.Unmarshal(data, &out), string(data))
	code, _ := out["errcode"].(float64)
	return out, int(code)
}

func (b *bench) exchange(app, secret, code string) (fields, int) {
	b.t.Helper()
	return b.ask(http.MethodGet, "/sns/jscode2session", url.Values{
		"appid": {app}, "secret": {secret}, "js_code": {code}, "grant_type": {"authorization_code"},
	}, nil)
}

func (b *bench) login(app, user string) string {
	b.t.Helper()
	code, err := b.LoginCode(b.t.Context(), app, user)
	require.NoError(b.t, err)
	return code.Code
}

func (b *bench) stable(force bool) (string, int) {
	b.t.Helper()
	out, code := b.ask(http.MethodPost, "/cgi-bin/stable_token", nil, fields{"grant_type": "client_credential", "appid": appID, "secret": secret, "force_refresh": force})
	token, _ := out["access_token"].(string)
	return token, code
}

// with calls an endpoint with a token and gives the errcode.
func (b *bench) with(token, path string, body any) (fields, int) {
	b.t.Helper()
	return b.ask(http.MethodPost, path, url.Values{"access_token": {token}}, body)
}

func (b *bench) advance(d time.Duration) {
	b.t.Helper()
	require.NoError(b.t, b.Advance(b.t.Context(), d))
}

func TestLoginCodes(t *testing.T) {
	b := start(t)
	code := b.login(appID, "阿芳")
	for _, row := range []struct {
		name, app, secret, code string
		want                    int
	}{
		{"unknown app", "wx-none", secret, code, 40013},
		{"no app", "", secret, code, 41002},
		{"wrong secret", appID, "wrong", code, 40125},
		{"no secret", appID, "", code, 41004},
		{"no code", appID, secret, "", 41008},
		{"unknown code", appID, secret, "0abc", 40029},
		{"another app's code", otherID, "secret-b2", code, 40029},
		{"good", appID, secret, code, 0},
		{"used", appID, secret, code, 40163},
	} {
		out, got := b.exchange(row.app, row.secret, row.code)
		require.Equal(t, row.want, got, row.name)
		if row.want != 0 {
			require.Contains(t, out["errmsg"], "rid: ", row.name)
		} else {
			require.NotContains(t, out, "errcode", row.name)
		}
	}

	fresh, late := b.login(appID, "阿芳"), b.login(appID, "阿芳")
	b.advance(5*time.Minute - 2*time.Second)
	_, got := b.exchange(appID, secret, fresh)
	require.Zero(t, got)
	b.advance(3 * time.Second)
	_, got = b.exchange(appID, secret, late)
	require.Equal(t, 40029, got)
	_, got = b.exchange(appID, secret, fresh)
	require.Equal(t, 40029, got, "a used code is forgotten after its life")
}

func TestLoginRequestForm(t *testing.T) {
	b := start(t)
	good := func() url.Values {
		return url.Values{"appid": {appID}, "secret": {secret}, "js_code": {b.login(appID, "阿芳")}, "grant_type": {"authorization_code"}}
	}
	response, _ := b.do(http.MethodGet, "/sns/jscode2session", good(), nil)
	require.Equal(t, "text/plain", response.Header.Get("Content-Type"), "as WeChat declares it")

	for name, row := range map[string]struct {
		change func(url.Values)
		want   int
	}{
		"grant type":         {func(q url.Values) { q.Set("grant_type", "x") }, 40002},
		"repeated parameter": {func(q url.Values) { q.Add("appid", otherID) }, 40097},
		"unknown parameter":  {func(q url.Values) { q.Set("more", "1") }, 40097},
	} {
		query := good()
		row.change(query)
		_, got := b.ask(http.MethodGet, "/sns/jscode2session", query, nil)
		require.Equal(t, row.want, got, name)
	}
	_, got := b.ask(http.MethodPost, "/sns/jscode2session", good(), nil)
	require.Equal(t, 43001, got)
	response, _ = b.do(http.MethodGet, "/sns/unknown", nil, nil)
	require.Equal(t, http.StatusNotFound, response.StatusCode)
}

func TestIdentities(t *testing.T) {
	b := start(t)
	a, _ := b.exchange(appID, secret, b.login(appID, "阿芳"))
	again, _ := b.exchange(appID, secret, b.login(appID, "阿芳"))
	sister, _ := b.exchange(otherID, "secret-b2", b.login(otherID, "阿芳"))
	stray, _ := b.exchange(strayID, "secret-c3", b.login(strayID, "阿芳"))
	other, _ := b.exchange(appID, secret, b.login(appID, "老王"))
	require.Len(t, a["openid"], 28)
	require.Equal(t, a["openid"], again["openid"])
	require.NotEqual(t, a["openid"], sister["openid"])
	require.Equal(t, a["unionid"], sister["unionid"], "one Open Platform account")
	require.NotContains(t, stray, "unionid")
	require.NotEqual(t, a["openid"], other["openid"])
	require.NotEqual(t, a["unionid"], other["unionid"])

	require.NoError(t, b.Reset(t.Context()))
	opened, err := b.Open(t.Context(), appID, "阿芳")
	require.NoError(t, err)
	require.Equal(t, a["openid"], opened.OpenID, "users outlive a reset, since they are derived")

	keys := map[any]bool{}
	for range 6 {
		out, _ := b.exchange(appID, secret, b.login(appID, "阿芳"))
		keys[out["session_key"]] = true
	}
	require.Len(t, keys, 2, "the session key changes now and then, not each time")
}

func TestRepeatable(t *testing.T) {
	t.Parallel()
	draw := func(config wechatsim.Config) string {
		config.Apps = []wechatsim.App{{AppID: appID, Secret: secret}}
		control := httptest.NewServer(wechatsim.New(config).Control())
		defer control.Close()
		code, err := wechatsim.NewRemote(control.URL).LoginCode(t.Context(), appID, "阿芳")
		require.NoError(t, err)
		return code.Code
	}
	require.Equal(t, draw(wechatsim.Config{Repeatable: true}), draw(wechatsim.Config{Repeatable: true}))
	require.NotEqual(t, draw(wechatsim.Config{Repeatable: true}), draw(wechatsim.Config{Repeatable: true, Seed: "2"}))
	require.NotEqual(t, draw(wechatsim.Config{}), draw(wechatsim.Config{}))
}

func TestFaultsAndJournal(t *testing.T) {
	b := start(t)
	ctx := t.Context()
	const path = "/sns/jscode2session"
	code := b.login(appID, "阿芳")
	require.NoError(t, b.Fail(ctx, wechatsim.Fault{Path: path, AppID: otherID, Mode: wechatsim.FaultHTTP500}))
	require.NoError(t, b.Fail(ctx, wechatsim.Fault{Path: path, Mode: wechatsim.FaultErrCode, ErrCode: 40226, Times: 2}))
	require.NoError(t, b.Fail(ctx, wechatsim.Fault{Path: path, AppID: appID, Mode: wechatsim.FaultErrCode, ErrCode: 45011}))
	var got []int
	for range 4 {
		_, errCode := b.exchange(appID, secret, code)
		got = append(got, errCode)
	}
	require.Equal(t, []int{40226, 40226, 45011, 0}, got, "faults use up no code")
	response, _ := b.do(http.MethodGet, path, url.Values{"appid": {otherID}}, nil)
	require.Equal(t, http.StatusInternalServerError, response.StatusCode)

	entries, err := b.Journal(ctx, appID, path)
	require.NoError(t, err)
	require.Len(t, entries, 4)
	require.Equal(t, code, entries[3].Request["js_code"])
	require.NotEmpty(t, entries[3].OpenID)
	require.True(t, entries[3].Processed)
	require.False(t, entries[0].Processed)
	require.Equal(t, "errcode", entries[0].Fault)
	for _, entry := range entries {
		require.NotContains(t, entry.Request, "secret")
	}
	require.NoError(t, b.Reset(ctx))
	entries, err = b.Journal(ctx, "", "")
	require.NoError(t, err)
	require.Empty(t, entries)
}

func TestControlMistakes(t *testing.T) {
	t.Parallel()
	control := wechatsim.New(wechatsim.Config{Apps: []wechatsim.App{{AppID: appID, Secret: secret}}}).Control()
	for _, row := range []struct {
		name, path, contentType, body string
		want                          int
	}{
		{"a web page's form", "/codes", "text/plain", `{"appid":"` + appID + `","user":"a"}`, http.StatusUnsupportedMediaType},
		{"no JSON", "/codes", "application/json", `x`, http.StatusBadRequest},
		{"unknown field", "/codes", "application/json", `{"appid":"` + appID + `","name":"a"}`, http.StatusBadRequest},
		{"unknown app", "/codes", "application/json", `{"appid":"none","user":"a"}`, http.StatusNotFound},
		{"nobody", "/codes", "application/json", `{"appid":"` + appID + `"}`, http.StatusBadRequest},
		{"user and openid", "/codes", "application/json", `{"appid":"` + appID + `","user":"a","openid":"o_1234567"}`, http.StatusBadRequest},
		{"bad openid", "/codes", "application/json", `{"appid":"` + appID + `","openid":"o 1234567"}`, http.StatusBadRequest},
		{"own openid", "/codes", "application/json; charset=utf-8", `{"appid":"` + appID + `","openid":"o_1234567"}`, http.StatusOK},
		{"bad phone", "/phone-codes", "application/json", `{"appid":"` + appID + `","user":"a","phone":"+86"}`, http.StatusBadRequest},
		{"app without secret", "/apps", "application/json", `{"appid":"a"}`, http.StatusBadRequest},
		{"bad key", "/apps", "application/json", `{"appid":"a","secret":"b","encoding_aes_key":"c"}`, http.StatusBadRequest},
		{"back in time", "/advance", "application/json", `{"seconds":-1}`, http.StatusBadRequest},
		{"unknown mode", "/chaos", "application/json", `{"path":"/sns/jscode2session","mode":"x"}`, http.StatusBadRequest},
		{"unknown path", "/chaos", "application/json", `{"path":"/none","mode":"timeout"}`, http.StatusBadRequest},
		{"no errcode", "/chaos", "application/json", `{"path":"/sns/jscode2session","mode":"errcode"}`, http.StatusBadRequest},
		{"no push address", "/push", "application/json", `{"appid":"` + appID + `","user":"a","event":"x"}`, http.StatusBadGateway},
		{"unknown push fault", "/push", "application/json", `{"appid":"` + appID + `","user":"a","event":"x","fault":"y"}`, http.StatusBadRequest},
	} {
		request := httptest.NewRequest(http.MethodPost, row.path, strings.NewReader(row.body))
		request.Header.Set("Content-Type", row.contentType)
		recorder := httptest.NewRecorder()
		control.ServeHTTP(recorder, request)
		require.Equal(t, row.want, recorder.Code, row.name)
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	s := wechatsim.New(wechatsim.Config{Logger: slog.New(slog.DiscardHandler), Apps: []wechatsim.App{{AppID: appID, Secret: secret}}})
	require.ErrorContains(t, s.Run(t.Context(), "127.0.0.1:0", "0.0.0.0:0"), "loopback")

	listen := func() net.Listener {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		return listener
	}
	api, control := listen(), listen()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, api, control) }()
	remote := wechatsim.NewRemote("http://" + control.Addr().String())
	require.NoError(t, remote.Ready(t.Context()))

	// A request that hangs does not hold up the end.
	require.NoError(t, remote.Fail(t.Context(), wechatsim.Fault{Path: "/sns/jscode2session", Mode: wechatsim.FaultTimeout}))
	hanging := make(chan error, 1)
	go func() {
		request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+api.Addr().String()+"/sns/jscode2session?appid="+appID, nil)
		response, err := http.DefaultClient.Do(request)
		if err == nil {
			response.Body.Close()
		}
		hanging <- err
	}()
	require.Eventually(t, func() bool {
		entries, err := remote.Journal(t.Context(), appID, "")
		return err == nil && len(entries) == 1
	}, 5*time.Second, time.Millisecond)
	stop()
	require.NoError(t, <-ended)
	require.Error(t, <-hanging)
}
