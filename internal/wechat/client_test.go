package wechat_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/internal/apperr"
	"dongxiao/internal/wechat"
	"dongxiao/internal/wechatsim"
)

var (
	app   = wechat.App{AppID: "wx00000000000000a1", Secret: "topsecret-a1"}
	other = wechat.App{AppID: "wx00000000000000b2", Secret: "topsecret-b2"}
)

const (
	loginPath  = "/sns/jscode2session"
	tokenPath  = "/cgi-bin/stable_token"
	phonePath  = "/wxa/business/getuserphonenumber"
	textPath   = "/wxa/msg_sec_check"
	sendPath   = "/cgi-bin/message/subscribe/send"
	qrcodePath = "/wxa/getwxacodeunlimit"
)

// lines is a log that tests read.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// world is a client and the simulator that it talks to over HTTP.
type world struct {
	*wechatsim.Remote
	t      *testing.T
	client *wechat.Client
	api    string
	log    *lines
}

func start(t *testing.T, options wechat.Options) *world {
	t.Helper()
	t.Parallel()
	simulator := wechatsim.New(wechatsim.Config{
		Logger: slog.New(slog.DiscardHandler),
		Apps: []wechatsim.App{
			{AppID: app.AppID, Secret: app.Secret, OpenPlatform: "brand"},
			{AppID: other.AppID, Secret: other.Secret},
		},
	})
	api, control := httptest.NewServer(simulator.API()), httptest.NewServer(simulator.Control())
	t.Cleanup(api.Close)
	t.Cleanup(control.Close)
	w := &world{Remote: wechatsim.NewRemote(control.URL), t: t, api: api.URL, log: &lines{}}
	options.BaseURL = api.URL
	w.client = w.another(options)
	return w
}

// another makes one more client, as a second server has.
func (w *world) another(options wechat.Options) *wechat.Client {
	w.t.Helper()
	options.BaseURL = w.api
	options.Logger = slog.New(slog.NewJSONHandler(w.log, nil))
	client, err := wechat.New(options)
	require.NoError(w.t, err)
	return client
}

func (w *world) code(user string) string {
	w.t.Helper()
	code, err := w.LoginCode(w.t.Context(), app.AppID, user)
	require.NoError(w.t, err)
	return code.Code
}

func (w *world) openID(user string) string {
	w.t.Helper()
	identity, err := w.Open(w.t.Context(), app.AppID, user)
	require.NoError(w.t, err)
	return identity.OpenID
}

func (w *world) fail(fault wechatsim.Fault) {
	w.t.Helper()
	require.NoError(w.t, w.Fail(w.t.Context(), fault))
}

func (w *world) calls(path string) []wechatsim.Entry {
	w.t.Helper()
	entries, err := w.Journal(w.t.Context(), "", path)
	require.NoError(w.t, err)
	return entries
}

func refusal(err error) apperr.Code { return apperr.CodeOf(wechat.Refusal(err)) }

func TestCode2Session(t *testing.T) {
	w := start(t, wechat.Options{})
	ctx := t.Context()
	code := w.code("阿芳")
	session, err := w.client.Code2Session(ctx, app, code)
	require.NoError(t, err)
	require.Equal(t, w.openID("阿芳"), session.OpenID)
	require.NotEmpty(t, session.UnionID)
	require.NotEmpty(t, session.SessionKey)

	_, err = w.client.Code2Session(ctx, app, code)
	require.True(t, wechat.HasCode(err, wechat.CodeUsedCode))
	require.Equal(t, apperr.WeChatCodeInvalid, refusal(err))
	_, err = w.client.Code2Session(ctx, app, "0unknown")
	require.True(t, wechat.HasCode(err, wechat.CodeInvalidCode))
	require.Equal(t, apperr.WeChatCodeInvalid, refusal(err))

	late := w.code("阿芳")
	require.NoError(t, w.Advance(ctx, 5*time.Minute+time.Second))
	_, err = w.client.Code2Session(ctx, app, late)
	require.Equal(t, apperr.WeChatCodeInvalid, refusal(err))

	stranger, err := w.LoginCode(ctx, other.AppID, "阿芳")
	require.NoError(t, err)
	session, err = w.client.Code2Session(ctx, other, stranger.Code)
	require.NoError(t, err)
	require.Empty(t, session.UnionID, "bound to no Open Platform account")
}

func TestMalformedCodesAreNotSent(t *testing.T) {
	w := start(t, wechat.Options{})
	openID := w.openID("阿芳")
	for _, code := range []string{"", "ok&appid=evil", "a b", "a/../b", "验证码", "a\n", "a%26b", strings.Repeat("a", 129), "\xff"} {
		_, err := w.client.Code2Session(t.Context(), app, code)
		require.Equal(t, apperr.WeChatCodeInvalid, refusal(err), "%q", code)
		_, err = w.client.PhoneNumber(t.Context(), app, code, openID)
		require.Equal(t, apperr.WeChatCodeInvalid, refusal(err), "%q", code)
	}
	require.Empty(t, w.calls(""))
	require.NotContains(t, w.log.String(), "evil")
}

// TestRefusals: what WeChat answers, what the user is told, and how often WeChat was asked.
func TestRefusals(t *testing.T) {
	w := start(t, wechat.Options{})
	ctx := t.Context()
	asked := 0
	for _, row := range []struct {
		name  string
		fault wechatsim.Fault
		want  apperr.Code
		calls int
	}{
		{"invalid", wechatsim.Fault{Mode: "errcode", ErrCode: 40029}, apperr.WeChatCodeInvalid, 1},
		{"used", wechatsim.Fault{Mode: "errcode", ErrCode: 40163}, apperr.WeChatCodeInvalid, 1},
		{"blocked", wechatsim.Fault{Mode: "errcode", ErrCode: 40226}, apperr.WeChatUserBlocked, 1},
		{"too frequent", wechatsim.Fault{Mode: "errcode", ErrCode: 45011}, apperr.WeChatBusy, 1},
		{"day's quota", wechatsim.Fault{Mode: "errcode", ErrCode: 45009}, apperr.WeChatBusy, 1},
		{"busy for long", wechatsim.Fault{Mode: "errcode", ErrCode: -1, Times: 3}, apperr.WeChatBusy, 3},
		{"busy for a moment", wechatsim.Fault{Mode: "errcode", ErrCode: -1, Times: 2}, "", 3},
		{"our address", wechatsim.Fault{Mode: "errcode", ErrCode: 40164}, apperr.WeChatUnavailable, 1},
		{"our secret", wechatsim.Fault{Mode: "errcode", ErrCode: 40125}, apperr.WeChatUnavailable, 1},
		{"our app", wechatsim.Fault{Mode: "errcode", ErrCode: 40013}, apperr.WeChatUnavailable, 1},
		{"unknown", wechatsim.Fault{Mode: "errcode", ErrCode: 99999}, apperr.WeChatUnavailable, 1},
		{"status 500", wechatsim.Fault{Mode: "http500"}, apperr.WeChatUnavailable, 1},
		{"not JSON", wechatsim.Fault{Mode: "notjson"}, apperr.WeChatUnavailable, 1},
		{"too large", wechatsim.Fault{Mode: "huge"}, apperr.WeChatUnavailable, 1},
		{"slow", wechatsim.Fault{Mode: "slow", Milliseconds: 10}, "", 1},
	} {
		row.fault.Path = loginPath
		w.fail(row.fault)
		_, err := w.client.Code2Session(ctx, app, w.code("阿芳"))
		require.Equal(t, row.want, refusal(err), row.name)
		asked += row.calls
		require.Len(t, w.calls(loginPath), asked, row.name)
	}
}

func TestTimeouts(t *testing.T) {
	w := start(t, wechat.Options{})
	impatient := w.another(wechat.Options{Timeout: 500 * time.Millisecond})
	code := w.code("阿芳")
	w.fail(wechatsim.Fault{Path: loginPath, Mode: wechatsim.FaultTimeoutAfter})
	_, err := impatient.Code2Session(t.Context(), app, code)
	require.ErrorIs(t, err, wechat.ErrUnavailable)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Equal(t, apperr.WeChatUnavailable, refusal(err))
	_, err = w.client.Code2Session(t.Context(), app, code)
	require.True(t, wechat.HasCode(err, wechat.CodeUsedCode), "the lost answer used the code up")
	require.Len(t, w.calls(loginPath), 2, "a lost answer is not asked for again")

	w.fail(wechatsim.Fault{Path: tokenPath, Mode: wechatsim.FaultTimeout})
	_, err = impatient.CheckText(t.Context(), app, w.openID("阿芳"), wechat.SceneProfile, "你好")
	require.Equal(t, apperr.WeChatUnavailable, refusal(err))
	_, err = w.client.CheckText(t.Context(), app, w.openID("阿芳"), wechat.SceneProfile, "你好")
	require.NoError(t, err, "a token that did not come is fetched by the next call")
}

func TestNoSecretsInErrorsAndLogs(t *testing.T) {
	w := start(t, wechat.Options{Timeout: 300 * time.Millisecond})
	ctx := t.Context()
	openID := w.openID("阿芳")
	var seen strings.Builder
	note := func(err error) {
		require.Error(t, err)
		fmt.Fprintf(&seen, "%v %+v %#v %v\n", err, err, err, wechat.Refusal(err))
	}
	for _, mode := range []string{"timeout", "http500", "notjson", "huge"} {
		w.fail(wechatsim.Fault{Path: loginPath, Mode: mode})
		_, err := w.client.Code2Session(ctx, app, w.code("阿芳"))
		note(err)
		w.fail(wechatsim.Fault{Path: textPath, Mode: mode})
		_, err = w.client.CheckText(ctx, app, openID, wechat.SceneProfile, "你好世界")
		note(err)
	}
	_, err := w.client.Code2Session(ctx, wechat.App{AppID: app.AppID, Secret: "topsecret-wrong"}, w.code("阿芳"))
	note(err)
	_, err = w.client.CheckText(ctx, wechat.App{AppID: app.AppID, Secret: "topsecret-wrong"}, openID, wechat.SceneProfile, "你好世界")
	note(err)

	// Nobody listens there any more, and the transport's error quotes the URL.
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	client, err := wechat.New(wechat.Options{BaseURL: gone.URL, Logger: slog.New(slog.NewJSONHandler(w.log, nil))})
	require.NoError(t, err)
	_, err = client.Code2Session(ctx, app, "0codecodecode")
	note(err)
	_, err = client.CheckText(ctx, app, openID, wechat.SceneProfile, "你好世界")
	note(err)

	session := wechat.Session{OpenID: openID, SessionKey: "topsecret-key"}
	fmt.Fprintf(&seen, "%v %+v %#v %v %+v %#v", app, app, app, session, session, session)
	slog.New(slog.NewJSONHandler(w.log, nil)).Info("printed", "app", app, "session", session, "phone", wechat.Phone{Number: "topsecret"})
	for _, text := range []string{seen.String(), w.log.String()} {
		require.NotContains(t, text, "topsecret")
		require.NotContains(t, text, "access_token=")
		require.NotContains(t, text, "js_code")
		require.NotContains(t, text, openID)
		require.NotContains(t, text, "你好世界")
		require.Contains(t, text, app.AppID)
	}
	require.Contains(t, w.log.String(), `"operation":"jscode2session"`)
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	followed := false
	thief := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { followed = true }))
	defer thief.Close()
	server := httptest.NewServer(http.RedirectHandler(thief.URL, http.StatusTemporaryRedirect))
	defer server.Close()
	client, err := wechat.New(wechat.Options{BaseURL: server.URL, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	_, err = client.PhoneNumber(t.Context(), app, "abc", "openid-1")
	require.Equal(t, apperr.WeChatUnavailable, refusal(err))
	require.False(t, followed)
}

func TestPhoneNumber(t *testing.T) {
	w := start(t, wechat.Options{})
	ctx := t.Context()
	mine, err := w.PhoneCode(ctx, app.AppID, "阿芳", "13800000001")
	require.NoError(t, err)
	_, err = w.client.PhoneNumber(ctx, app, mine.Code, w.openID("老王"))
	require.Equal(t, apperr.WeChatCodeInvalid, refusal(err), "another user's code")
	phone, err := w.client.PhoneNumber(ctx, app, mine.Code, mine.OpenID)
	require.NoError(t, err)
	require.True(t, phone == wechat.Phone{Number: "13800000001", CountryCode: "86", PureNumber: "13800000001"})
	_, err = w.client.PhoneNumber(ctx, app, mine.Code, mine.OpenID)
	require.Equal(t, apperr.WeChatCodeInvalid, refusal(err), "used")
	_, err = w.client.PhoneNumber(ctx, app, w.code("阿芳"), mine.OpenID)
	require.Equal(t, apperr.WeChatCodeInvalid, refusal(err), "a login code")

	foreign, err := w.PhoneCode(ctx, other.AppID, "阿芳", "13800000001")
	require.NoError(t, err)
	_, err = w.client.PhoneNumber(ctx, app, foreign.Code, foreign.OpenID)
	require.True(t, wechat.HasCode(err, 40013))
	require.Equal(t, apperr.WeChatCodeInvalid, refusal(err), "another app's code")

	_, err = w.client.PhoneNumber(ctx, wechat.App{AppID: "wx-none", Secret: "x"}, mine.Code, mine.OpenID)
	require.True(t, wechat.HasCode(err, 40013))
	require.Equal(t, apperr.WeChatUnavailable, refusal(err), "our own app unknown is not the user's fault")

	before := len(w.calls(phonePath))
	_, err = w.client.PhoneNumber(ctx, app, mine.Code, "")
	require.Error(t, err, "never without openid")
	require.Len(t, w.calls(phonePath), before)
}

// reply serves a fixed answer for one path and a token for the rest.
func reply(t *testing.T, path, contentType, body string) *wechat.Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == path {
			w.Header().Set("Content-Type", contentType)
			_, _ = w.Write([]byte(body))
			return
		}
		_, _ = w.Write([]byte(`{"access_token":"t","expires_in":7200}`))
	}))
	t.Cleanup(server.Close)
	client, err := wechat.New(wechat.Options{BaseURL: server.URL, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	return client
}

func TestStrangeAnswers(t *testing.T) {
	t.Parallel()
	login := func(c *wechat.Client) error {
		_, err := c.Code2Session(t.Context(), app, "abc")
		return err
	}
	phone := func(c *wechat.Client) error {
		_, err := c.PhoneNumber(t.Context(), app, "abc", "openid-1")
		return err
	}
	text := func(c *wechat.Client) error {
		_, err := c.CheckText(t.Context(), app, "openid-1", wechat.SceneProfile, "a")
		return err
	}
	picture := func(c *wechat.Client) error {
		_, err := c.UnlimitedQRCode(t.Context(), app, wechat.QRCode{Scene: "a"})
		return err
	}
	png := "\x89PNG\r\n\x1a\n"
	info := func(number, appID string) string {
		return `{"errcode":0,"phone_info":{"phoneNumber":"` + number + `","purePhoneNumber":"13800000001","countryCode":"86","watermark":{"appid":"` + appID + `"}}}`
	}
	for _, row := range []struct {
		name, path, contentType, body string
		call                          func(*wechat.Client) error
		want                          apperr.Code
	}{
		{"no openid", loginPath, "text/plain", `{"session_key":"k"}`, login, apperr.WeChatUnavailable},
		{"hostile openid", loginPath, "text/plain", `{"openid":"a b","session_key":"k"}`, login, apperr.WeChatUnavailable},
		{"no session key", loginPath, "text/plain", `{"openid":"abc"}`, login, apperr.WeChatUnavailable},
		{"errcode of text", loginPath, "text/plain", `{"errcode":"0","openid":"abc","session_key":"k"}`, login, apperr.WeChatUnavailable},
		{"null", loginPath, "text/plain", `null`, login, apperr.WeChatUnavailable},
		{"list", loginPath, "text/plain", `[]`, login, apperr.WeChatUnavailable},
		{"empty", loginPath, "text/plain", ``, login, apperr.WeChatUnavailable},
		{"good phone", phonePath, "", info("13800000001", app.AppID), phone, ""},
		{"foreign phone", phonePath, "", info("+85213800000001", app.AppID), phone, ""},
		{"another app's watermark", phonePath, "", info("13800000001", other.AppID), phone, apperr.WeChatCodeInvalid},
		{"no watermark", phonePath, "", `{"phone_info":{"phoneNumber":"13800000001"}}`, phone, apperr.WeChatCodeInvalid},
		{"hostile phone", phonePath, "", info("<script>", app.AppID), phone, apperr.WeChatUnavailable},
		{"no verdict", textPath, "", `{"errcode":0}`, text, apperr.WeChatUnavailable},
		{"no token", tokenPath, "", `{"expires_in":7200}`, text, apperr.WeChatUnavailable},
		{"token for ever", tokenPath, "", `{"access_token":"t","expires_in":99999999}`, text, apperr.WeChatUnavailable},
		{"no picture", qrcodePath, "image/png", `{"errcode":0}`, picture, apperr.WeChatUnavailable},
		{"an error called a picture", qrcodePath, "image/jpeg", `{"errcode":45009,"errmsg":"quota"}`, picture, apperr.WeChatBusy},
		{"a picture called JSON", qrcodePath, "application/json", png, picture, apperr.WeChatUnavailable},
		{"a page called a picture", qrcodePath, "image/png", "<html>", picture, apperr.WeChatUnavailable},
		{"a picture", qrcodePath, "image/png", png, picture, ""},
		{"a huge picture", qrcodePath, "image/png", png + strings.Repeat("x", 3<<20), picture, apperr.WeChatUnavailable},
	} {
		require.Equal(t, row.want, refusal(row.call(reply(t, row.path, row.contentType, row.body))), row.name)
	}
	verdict, err := reply(t, textPath, "", `{"errcode":0,"result":{"suggest":"new word"}}`).CheckText(t.Context(), app, "openid-1", wechat.SceneProfile, "a")
	require.NoError(t, err)
	require.Equal(t, wechat.Review, verdict, "an unknown verdict never passes")
}

func TestErrorText(t *testing.T) {
	t.Parallel()
	body := `{"errcode":40029,"errmsg":"invalid code\n, rid: 60ae120f-371d5872-7941a05b ` + strings.Repeat("字", 500) + `"}`
	_, err := reply(t, loginPath, "", body).Code2Session(t.Context(), app, "abc")
	var refused *wechat.Error
	require.ErrorAs(t, err, &refused)
	require.Equal(t, 40029, refused.ErrCode)
	require.Equal(t, "60ae120f-371d5872-7941a05b", refused.RID)
	require.Equal(t, "jscode2session", refused.Operation)
	require.NotContains(t, refused.ErrMsg, "\n")
	require.Less(t, len([]rune(refused.ErrMsg)), 210)
}

func TestCheckText(t *testing.T) {
	w := start(t, wechat.Options{})
	ctx := t.Context()
	openID := w.openID("阿芳")
	for text, want := range map[string]wechat.Verdict{
		"云岭春<真>好喝 & 便宜": wechat.Pass, "含违禁词": wechat.Risky, "疑似词": wechat.Review, strings.Repeat("酒", 2500): wechat.Pass,
	} {
		verdict, err := w.client.CheckText(ctx, app, openID, wechat.SceneComment, text)
		require.NoError(t, err)
		require.Equal(t, want, verdict)
	}
	asked := len(w.calls(textPath))
	verdict, err := w.client.CheckText(ctx, app, openID, wechat.SceneComment, " \n")
	require.NoError(t, err)
	require.Equal(t, wechat.Pass, verdict)
	for _, text := range []string{strings.Repeat("酒", 2501), "\xff"} {
		_, err = w.client.CheckText(ctx, app, openID, wechat.SceneComment, text)
		require.Equal(t, apperr.InvalidInput, refusal(err))
	}
	_, err = w.client.CheckText(ctx, app, "", wechat.SceneComment, "a")
	require.Error(t, err)
	require.Len(t, w.calls(textPath), asked)

	require.NoError(t, w.Advance(ctx, 2*time.Hour+time.Second))
	_, err = w.client.CheckText(ctx, app, openID, wechat.SceneComment, "a")
	require.True(t, wechat.HasCode(err, wechat.CodeNotRecentUser))
	require.Equal(t, apperr.SignInAgain, refusal(err))
}

func TestSubscribeMessages(t *testing.T) {
	w := start(t, wechat.Options{})
	ctx := t.Context()
	message := wechat.SubscribeMessage{
		OpenID: w.openID("阿芳"), TemplateID: "coupon", Page: "pages/coupons/coupons?id=1",
		Data: map[string]string{"thing1": strings.Repeat("满减券", 9), "phrase2": "已经到账了呀", "name3": "云岭春酒业股份有限公司", "amount4": "20元", "thing5": "两\n行"},
	}
	err := w.client.SendSubscribeMessage(ctx, app, message)
	require.True(t, wechat.HasCode(err, wechat.CodeNotSubscribed))
	require.NoError(t, w.Accept(ctx, app.AppID, "阿芳", "coupon", 2))
	require.NoError(t, w.client.SendSubscribeMessage(ctx, app, message))
	sent := w.calls(sendPath)[1].Request
	data := sent["data"].(map[string]any)
	require.Equal(t, "formal", sent["miniprogram_state"])
	require.Equal(t, map[string]any{"value": "满减券满减券满减券满减券满减券满减券满…"}, data["thing1"])
	require.Equal(t, map[string]any{"value": "已经到账了"}, data["phrase2"])
	require.Equal(t, map[string]any{"value": "云岭春酒业股份有限公"}, data["name3"])
	require.Equal(t, map[string]any{"value": "两 行"}, data["thing5"])

	message.Data = map[string]string{"amount4": strings.Repeat("1", 20)}
	require.True(t, wechat.HasCode(w.client.SendSubscribeMessage(ctx, app, message), wechat.CodeDataInvalid), "numbers are not shortened")

	message.Data = map[string]string{"thing1": "a"}
	w.fail(wechatsim.Fault{Path: sendPath, Mode: "errcode", ErrCode: 43108, Times: 2})
	require.NoError(t, w.client.SendSubscribeMessage(ctx, app, message), "tried again after another message went out")
	w.fail(wechatsim.Fault{Path: sendPath, Mode: "errcode", ErrCode: 43108, Times: 3})
	require.Equal(t, apperr.WeChatBusy, refusal(w.client.SendSubscribeMessage(ctx, app, message)))
}

func TestUnlimitedQRCode(t *testing.T) {
	w := start(t, wechat.Options{})
	ctx := t.Context()
	image, err := w.client.UnlimitedQRCode(ctx, app, wechat.QRCode{Scene: "s=Ab3&k=(1)", Page: "pages/home/home", UncheckedPage: true, Edition: "trial", Width: 280})
	require.NoError(t, err)
	require.Equal(t, "image/png", image.ContentType)
	require.Equal(t, "image/png", http.DetectContentType(image.Data))
	_, err = w.client.UnlimitedQRCode(ctx, app, wechat.QRCode{Scene: "a", Width: 5000})
	require.True(t, wechat.HasCode(err, 40097), "an error with status 200")
	asked := len(w.calls(qrcodePath))
	for _, scene := range []string{"", strings.Repeat("a", 33), "a%20", "店", "a b"} {
		_, err = w.client.UnlimitedQRCode(ctx, app, wechat.QRCode{Scene: scene})
		require.True(t, wechat.HasCode(err, wechat.CodeSceneInvalid), scene)
	}
	require.Len(t, w.calls(qrcodePath), asked)
}

func TestNewRefusesBadAddresses(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"api.weixin.qq.com", "ftp://api.weixin.qq.com", "https://", "https://u:p@host", "https://host?x=1", "https://host#x", "http://%zz"} {
		_, err := wechat.New(wechat.Options{BaseURL: address})
		require.Error(t, err, address)
		require.NotContains(t, err.Error(), "u:p")
	}
	_, err := wechat.New(wechat.Options{})
	require.NoError(t, err)
}

func TestRefusalKeepsWhatItIs(t *testing.T) {
	t.Parallel()
	require.NoError(t, wechat.Refusal(nil))
	own := apperr.New(apperr.PhoneTaken)
	require.Same(t, own, wechat.Refusal(own))
	cause := &wechat.Error{ErrCode: 40226}
	require.ErrorIs(t, wechat.Refusal(cause), cause)
	require.Equal(t, apperr.WeChatUnavailable, refusal(context.Canceled))
}
