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

func TestStableToken(t *testing.T) {
	b := start(t)
	_, got := b.ask(http.MethodGet, "/cgi-bin/stable_token", nil, nil)
	require.Equal(t, 43002, got)
	_, got = b.ask(http.MethodPost, "/cgi-bin/stable_token", nil, fields{"grant_type": "client_credential", "appid": appID, "secret": "wrong"})
	require.Equal(t, 40125, got)
	_, got = b.ask(http.MethodPost, "/cgi-bin/stable_token", nil, fields{"grant_type": "client_credential", "appid": "wx-none", "secret": "wrong"})
	require.Equal(t, 40013, got)

	works := func(token string) int {
		_, code := b.with(token, "/wxa/msg_sec_check", fields{})
		return code
	}
	first, _ := b.stable(false)
	second, _ := b.stable(false)
	require.Equal(t, first, second, "normal mode repeats the token")
	require.NotContains(t, []int{40001, 42001}, works(first))

	third, code := b.stable(true)
	require.Zero(t, code)
	require.NotEqual(t, first, third)
	require.Equal(t, 40001, works(first), "force ends the old token")
	_, code = b.stable(true)
	require.Equal(t, 45011, code, "30 s between forced refreshes")
	same, code := b.stable(false)
	require.Zero(t, code)
	require.Equal(t, third, same, "a refused force changes nothing")

	b.advance(2*time.Hour - 5*time.Minute)
	renewed, _ := b.stable(false)
	require.NotEqual(t, third, renewed, "renewed 5 minutes before its end")
	require.NotContains(t, []int{40001, 42001}, works(third), "and the old one lives to its end")
	b.advance(5 * time.Minute)
	require.Equal(t, 42001, works(third))
	require.Equal(t, 40001, works("88_unknown"))
	require.Equal(t, 41001, works(""))
}

func TestForcedRefreshesADay(t *testing.T) {
	b := start(t)
	// Start at noon in China, so that 21 steps of 31 s stay within one day.
	zone := time.FixedZone("CST", 8*3600)
	noon := time.Now().In(zone).Truncate(time.Hour).Add(time.Hour)
	for noon.Hour() != 12 {
		noon = noon.Add(time.Hour)
	}
	b.advance(time.Until(noon))
	for range 20 {
		_, code := b.stable(true)
		require.Zero(t, code)
		b.advance(31 * time.Second)
	}
	_, code := b.stable(true)
	require.Equal(t, 45009, code)
	b.advance(24 * time.Hour)
	_, code = b.stable(true)
	require.Zero(t, code)
}

func TestLegacyToken(t *testing.T) {
	b := start(t)
	mint := func() string {
		out, code := b.ask(http.MethodGet, "/cgi-bin/token", url.Values{"grant_type": {"client_credential"}, "appid": {appID}, "secret": {secret}}, nil)
		require.Zero(t, code)
		return out["access_token"].(string)
	}
	works := func(token string) int {
		_, code := b.with(token, "/wxa/msg_sec_check", fields{})
		return code
	}
	stable, _ := b.stable(false)
	first, second := mint(), mint()
	require.NotEqual(t, first, second)
	require.Equal(t, 40097, works(first), "usable for 5 minutes more")
	b.advance(5 * time.Minute)
	require.Equal(t, 40001, works(first))
	require.Equal(t, 40097, works(second))
	require.Equal(t, 40097, works(stable), "the two kinds are apart")
}

func TestNewSecretEndsTokens(t *testing.T) {
	b := start(t)
	token, _ := b.stable(false)
	require.NoError(t, b.Register(t.Context(), wechatsim.App{AppID: appID, Secret: "changed"}))
	_, code := b.with(token, "/wxa/msg_sec_check", fields{})
	require.Equal(t, 40001, code)
	_, code = b.stable(false)
	require.Equal(t, 40125, code)
}

func TestPhoneCodes(t *testing.T) {
	b := start(t)
	ctx := t.Context()
	token, _ := b.stable(false)
	phone := func() wechatsim.Code {
		code, err := b.PhoneCode(ctx, appID, "阿芳", "13800000001")
		require.NoError(t, err)
		return code
	}
	const path = "/wxa/business/getuserphonenumber"
	mine, login := phone(), b.login(appID, "阿芳")
	stranger, err := b.PhoneCode(ctx, otherID, "阿芳", "13800000001")
	require.NoError(t, err)
	someone, err := b.Open(ctx, appID, "老王")
	require.NoError(t, err)
	for _, row := range []struct {
		name, code, openID string
		want               int
	}{
		{"unknown", "ffff", mine.OpenID, 40029},
		{"a login code", login, mine.OpenID, 40029},
		{"another app's", stranger.Code, stranger.OpenID, 40013},
		{"another user's", mine.Code, someone.OpenID, 40029},
		{"good", mine.Code, mine.OpenID, 0},
		{"used", mine.Code, mine.OpenID, 40029},
		{"without openid", phone().Code, "", 0},
	} {
		out, code := b.with(token, path, fields{"code": row.code, "openid": row.openID})
		require.Equal(t, row.want, code, row.name)
		if row.want == 0 {
			info := out["phone_info"].(fields)
			require.Equal(t, "13800000001", info["phoneNumber"])
			require.Equal(t, "13800000001", info["purePhoneNumber"])
			require.Equal(t, "86", info["countryCode"])
			require.Equal(t, appID, info["watermark"].(fields)["appid"])
		}
	}
	_, code := b.exchange(appID, secret, phone().Code)
	require.Equal(t, 40029, code, "a phone code is no login code")
	late := phone()
	b.advance(5*time.Minute + time.Second)
	_, code = b.with(token, path, fields{"code": late.Code})
	require.Equal(t, 40029, code)
	_, code = b.with(token, path, fields{"code": "a", "opneid": "b"})
	require.Equal(t, 47001, code, "unknown fields are mistakes")
	_, code = b.with(token, path, nil)
	require.Equal(t, 44002, code)
}

func TestContentCheck(t *testing.T) {
	b := start(t)
	token, _ := b.stable(false)
	user, err := b.Open(t.Context(), appID, "阿芳")
	require.NoError(t, err)
	stranger, err := b.Open(t.Context(), otherID, "阿芳")
	require.NoError(t, err)
	check := func(change fields) (fields, int) {
		body := fields{"content": "云岭春真好喝", "version": 2, "scene": 1, "openid": user.OpenID}
		for key, value := range change {
			body[key] = value
		}
		return b.with(token, "/wxa/msg_sec_check", body)
	}
	for _, row := range []struct {
		name    string
		change  fields
		want    int
		suggest string
	}{
		{"pass", nil, 0, "pass"},
		{"risky", fields{"content": "这是违禁词吗"}, 0, "risky"},
		{"risky nickname", fields{"nickname": "违禁词"}, 0, "risky"},
		{"review", fields{"content": "疑似词"}, 0, "review"},
		{"longest", fields{"content": strings.Repeat("酒", 2500)}, 0, "pass"},
		{"too long", fields{"content": strings.Repeat("酒", 2501)}, 47001, ""},
		{"version 1", fields{"version": 1}, 40097, ""},
		{"scene", fields{"scene": 5}, 40129, ""},
		{"no openid", fields{"openid": ""}, 40003, ""},
		{"unknown openid", fields{"openid": "o_nobody"}, 40003, ""},
		{"another app's openid", fields{"openid": stranger.OpenID}, 43104, ""},
	} {
		out, code := check(row.change)
		require.Equal(t, row.want, code, row.name)
		if row.want == 0 {
			require.Equal(t, row.suggest, out["result"].(fields)["suggest"], row.name)
			require.NotEmpty(t, out["trace_id"])
		}
	}
	b.advance(2*time.Hour + time.Second)
	token, _ = b.stable(false)
	_, code := check(nil)
	require.Equal(t, 61010, code, "not seen for two hours")
	_, err = b.Open(t.Context(), appID, "阿芳")
	require.NoError(t, err)
	_, code = check(nil)
	require.Zero(t, code)
}

func TestSubscribeMessages(t *testing.T) {
	b := start(t)
	ctx := t.Context()
	token, _ := b.stable(false)
	require.NoError(t, b.Accept(ctx, appID, "阿芳", template, 1))
	user, err := b.Open(ctx, appID, "阿芳")
	require.NoError(t, err)
	send := func(change fields) int {
		body := fields{"touser": user.OpenID, "template_id": template, "data": fields{"thing1": fields{"value": "领券成功"}}, "miniprogram_state": "formal", "lang": "zh_CN"}
		for key, value := range change {
			body[key] = value
		}
		_, code := b.with(token, "/cgi-bin/message/subscribe/send", body)
		return code
	}
	require.Equal(t, 40003, send(fields{"touser": "o_nobody"}))
	require.Equal(t, 40037, send(fields{"template_id": "template-2"}))
	require.Equal(t, 40097, send(fields{"miniprogram_state": "release"}))
	require.Equal(t, 40097, send(fields{"page": "/pages/home/home"}))
	require.Equal(t, 47003, send(fields{"data": fields{}}))

	for _, row := range []struct{ key, good, bad string }{
		{"thing1", strings.Repeat("酒", 20), strings.Repeat("酒", 21)},
		{"thing1", "a", ""},
		{"thing1", "a", "a\nb"},
		{"number2", "3.50", "三"},
		{"letter3", "abc", "ab1"},
		{"symbol4", "★★★", "★★★★★★"},
		{"character_string5", "NO-2026_01", "编号"},
		{"time6", "2019年10月1日 15:01", "下午"},
		{"time6", "15:01~16:00", "15"},
		{"date7", "2019-10-01", "昨天"},
		{"amount8", "￥12.50", "12.505"},
		{"phone_number9", "+86-0766-66888866", "请致电"},
		{"car_number10", "粤A8Z888挂", "粤"},
		{"name11", "王小明", "王小明王小明王小明王小"},
		{"name11", "Alexander Hamilton", "Alexander Hamilton the Second"},
		{"phrase12", "配送中", "配送中ok"},
		{"thing", "a", "a"},
		{"made1", "a", "a"},
	} {
		require.Equal(t, 47003, send(fields{"data": fields{row.key: fields{"value": row.bad}}}), row.key+" "+row.bad)
		if row.good == row.bad {
			continue
		}
		require.Contains(t, []int{0, 43101}, send(fields{"data": fields{row.key: fields{"value": row.good}}}), row.key+" "+row.good)
	}
	require.Equal(t, 45168, send(fields{"data": fields{"thing1": fields{"value": "违禁词"}}}))

	require.NoError(t, b.Accept(ctx, appID, "阿芳", template, 2))
	require.Equal(t, []int{0, 0, 43101}, []int{send(nil), send(nil), send(nil)}, "one accept, one message")
}

func TestConcurrentMessages(t *testing.T) {
	b := start(t)
	ctx := t.Context()
	token, _ := b.stable(false)
	require.NoError(t, b.Accept(ctx, appID, "阿芳", template, 2))
	user, err := b.Open(ctx, appID, "阿芳")
	require.NoError(t, err)
	const path = "/cgi-bin/message/subscribe/send"
	require.NoError(t, b.Fail(ctx, wechatsim.Fault{Path: path, Mode: wechatsim.FaultTimeout}))
	body, err := json.Marshal(fields{"touser": user.OpenID, "template_id": template, "data": fields{"thing1": fields{"value": "a"}}})
	require.NoError(t, err)
	// Two at once: the one that comes first hangs, so the other must be refused.
	sending, stop := context.WithCancel(ctx)
	defer stop()
	codes := make(chan int, 2)
	for range 2 {
		go func() {
			request, _ := http.NewRequestWithContext(sending, http.MethodPost, b.api+path+"?access_token="+url.QueryEscape(token), bytes.NewReader(body))
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				codes <- -2
				return
			}
			defer response.Body.Close()
			var out struct{ ErrCode int }
			_ = json.NewDecoder(response.Body).Decode(&out)
			codes <- out.ErrCode
		}()
	}
	require.Equal(t, 43108, <-codes)
	stop()
	require.Equal(t, -2, <-codes)
	require.Eventually(t, func() bool {
		_, code := b.with(token, path, string(body))
		return code == 0
	}, 5*time.Second, time.Millisecond, "free again once the first is gone")
}

func TestQRCodes(t *testing.T) {
	b := start(t)
	token, _ := b.stable(false)
	query := url.Values{"access_token": {token}}
	response, picture := b.do(http.MethodPost, "/wxa/getwxacodeunlimit", query, fields{"scene": "s=Ab3", "page": "pages/home/home", "width": 280})
	require.Equal(t, "image/png", response.Header.Get("Content-Type"))
	require.Equal(t, "image/png", http.DetectContentType(picture))
	for name, row := range map[string]struct {
		body fields
		want int
	}{
		"no scene":       {fields{"scene": ""}, 40129},
		"33 characters":  {fields{"scene": strings.Repeat("a", 33)}, 40129},
		"percent":        {fields{"scene": "a%20"}, 40129},
		"Chinese":        {fields{"scene": "店"}, 40129},
		"leading slash":  {fields{"scene": "a", "page": "/pages/home/home"}, 41030},
		"unpublished":    {fields{"scene": "a", "page": "pages/none"}, 41030},
		"reserved":       {fields{"scene": "scancode_time=1"}, 85096},
		"too wide":       {fields{"scene": "a", "width": 1281}, 40097},
		"edition":        {fields{"scene": "a", "env_version": "formal"}, 40097},
		"unknown fields": {fields{"scene": "a", "env": "x"}, 47001},
	} {
		_, code := b.with(token, "/wxa/getwxacodeunlimit", row.body)
		require.Equal(t, row.want, code, name)
	}
	response, _ = b.do(http.MethodPost, "/wxa/getwxacodeunlimit", query, fields{"scene": "a", "page": "pages/none", "check_path": false})
	require.Equal(t, "image/png", response.Header.Get("Content-Type"))
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
