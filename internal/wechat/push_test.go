package wechat_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"dongxiao/internal/wechat"
	"dongxiao/internal/wechatsim"
)

// The samples of WeChat's documentation of message push.
var documented = wechat.PushConfig{AppID: "wxba5fad812f8e6fb9", Token: "AAAAA", EncodingAESKey: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}

const documentedBody = `{"ToUserName":"gh_97417a04a28d","Encrypt":"+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVzazhZv6JsXUnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04="}`

func documentedQuery() url.Values {
	return url.Values{
		"signature": {"6c5c811b55cc85e0e1b54100749188c20beb3f5d"}, "timestamp": {"1714112445"}, "nonce": {"415670741"},
		"openid": {"o9AgO5Kd5ggOC-bXrbNODIiE3bGY"}, "encrypt_type": {"aes"}, "msg_signature": {"046e02f8204d34f8ba5fa3b1db94908f3df2e9b3"},
	}
}

var documentedTime = time.Unix(1714112445, 0)

func TestVerifyURL(t *testing.T) {
	t.Parallel()
	const token, signature, timestamp, nonce, echo = "AAAAA", "f464b24fc39322e44b38aa78f5edd27bd1441696", "1714036504", "1514711492", "4375120948345356249"
	require.NoError(t, wechat.VerifyURL(token, signature, timestamp, nonce, echo))
	require.ErrorIs(t, wechat.VerifyURL("BBBBB", signature, timestamp, nonce, echo), wechat.ErrPushSignature)
	require.ErrorIs(t, wechat.VerifyURL(token, "", timestamp, nonce, echo), wechat.ErrPushSignature)
	require.ErrorIs(t, wechat.VerifyURL(token, signature, "", nonce, echo), wechat.ErrPushSignature)
	require.ErrorIs(t, wechat.VerifyURL(token, signature, timestamp, nonce, "<script>"), wechat.ErrPushMalformed)
	empty := sha1.Sum([]byte("15147114921714036504"))
	require.ErrorIs(t, wechat.VerifyURL("", hex.EncodeToString(empty[:]), timestamp, nonce, echo), wechat.ErrPushConfig, "an app without a token has no push")
}

func TestDocumentedPush(t *testing.T) {
	t.Parallel()
	push, err := wechat.DecryptPush(documented, documentedQuery(), []byte(documentedBody), documentedTime)
	require.NoError(t, err)
	require.Equal(t, wechat.Push{AppID: documented.AppID, CreatedAt: documentedTime.UTC(), Event: wechat.UnknownEvent{MessageType: "event", Name: "debug_demo"}}, push)
}

func TestPushesNotBelieved(t *testing.T) {
	t.Parallel()
	plain := `{"ToUserName":"gh_1","FromUserName":"o1","CreateTime":1714112445,"MsgType":"event","Event":"user_authorization_cancellation","OpenID":"openid-1","AppID":"wxba5fad812f8e6fb9"}`
	for _, row := range []struct {
		name   string
		change func(*wechat.PushConfig, url.Values, *string, *time.Time)
		want   error
	}{
		{"wrong token", func(c *wechat.PushConfig, _ url.Values, _ *string, _ *time.Time) { c.Token = "BBBBB" }, wechat.ErrPushSignature},
		{"no token", func(c *wechat.PushConfig, _ url.Values, _ *string, _ *time.Time) { c.Token = "" }, wechat.ErrPushConfig},
		{"short key", func(c *wechat.PushConfig, _ url.Values, _ *string, _ *time.Time) { c.EncodingAESKey = "AAAA" }, wechat.ErrPushConfig},
		{"wrong key", func(c *wechat.PushConfig, _ url.Values, _ *string, _ *time.Time) {
			c.EncodingAESKey = strings.Repeat("B", 43)
		}, wechat.ErrPushMalformed},
		{"another app", func(c *wechat.PushConfig, _ url.Values, _ *string, _ *time.Time) { c.AppID = "wx1" }, wechat.ErrPushApp},
		{"signature in place of msg_signature", func(_ *wechat.PushConfig, q url.Values, _ *string, _ *time.Time) {
			q.Set("msg_signature", q.Get("signature"))
		}, wechat.ErrPushSignature},
		{"no msg_signature", func(_ *wechat.PushConfig, q url.Values, _ *string, _ *time.Time) { q.Del("msg_signature") }, wechat.ErrPushSignature},
		{"two msg_signatures", func(_ *wechat.PushConfig, q url.Values, _ *string, _ *time.Time) { q.Add("msg_signature", "x") }, wechat.ErrPushSignature},
		{"other nonce", func(_ *wechat.PushConfig, q url.Values, _ *string, _ *time.Time) { q.Set("nonce", "1") }, wechat.ErrPushSignature},
		{"other time", func(_ *wechat.PushConfig, q url.Values, _ *string, _ *time.Time) { q.Set("timestamp", "1714112446") }, wechat.ErrPushSignature},
		{"plain text with a captured signature", func(_ *wechat.PushConfig, _ url.Values, b *string, _ *time.Time) { *b = plain }, wechat.ErrPushPlaintext},
		{"plain text, not called encrypted", func(_ *wechat.PushConfig, q url.Values, b *string, _ *time.Time) {
			q.Del("encrypt_type")
			*b = plain
		}, wechat.ErrPushPlaintext},
		{"encrypted, not called so", func(_ *wechat.PushConfig, q url.Values, _ *string, _ *time.Time) { q.Set("encrypt_type", "raw") }, wechat.ErrPushPlaintext},
		{"XML", func(_ *wechat.PushConfig, _ url.Values, b *string, _ *time.Time) { *b = "<xml></xml>" }, wechat.ErrPushMalformed},
		{"empty", func(_ *wechat.PushConfig, _ url.Values, b *string, _ *time.Time) { *b = "" }, wechat.ErrPushMalformed},
		{"too large", func(_ *wechat.PushConfig, _ url.Values, b *string, _ *time.Time) { *b += strings.Repeat(" ", 64<<10) }, wechat.ErrPushMalformed},
		{"changed", func(_ *wechat.PushConfig, _ url.Values, b *string, _ *time.Time) {
			*b = strings.Replace(*b, "+qdx", "+qdy", 1)
		}, wechat.ErrPushSignature},
		{"5 minutes", func(_ *wechat.PushConfig, _ url.Values, _ *string, n *time.Time) { *n = n.Add(5 * time.Minute) }, nil},
		{"too old", func(_ *wechat.PushConfig, _ url.Values, _ *string, n *time.Time) {
			*n = n.Add(5*time.Minute + time.Second)
		}, wechat.ErrPushStale},
		{"from the future", func(_ *wechat.PushConfig, _ url.Values, _ *string, n *time.Time) {
			*n = n.Add(-5*time.Minute - time.Second)
		}, wechat.ErrPushStale},
	} {
		config, query, body, now := documented, documentedQuery(), documentedBody, documentedTime
		row.change(&config, query, &body, &now)
		_, err := wechat.DecryptPush(config, query, []byte(body), now)
		if row.want == nil {
			require.NoError(t, err, row.name)
			continue
		}
		require.ErrorIs(t, err, row.want, row.name)
	}
}

// sealed makes a signed push of raw plain text (random, length, message, app id, padding all by the caller).
func sealed(config wechat.PushConfig, plain []byte, timestamp string) (url.Values, []byte) {
	key, err := base64.StdEncoding.DecodeString(config.EncodingAESKey + "=")
	if err != nil {
		panic(err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err)
	}
	data := slices.Clone(plain)
	whole := len(data) / 16 * 16
	cipher.NewCBCEncrypter(block, key[:16]).CryptBlocks(data[:whole], data[:whole])
	encrypted := base64.StdEncoding.EncodeToString(data)
	body, _ := json.Marshal(map[string]string{"Encrypt": encrypted})
	return signedQuery(config, encrypted, timestamp), body
}

func signedQuery(config wechat.PushConfig, encrypted, timestamp string) url.Values {
	const nonce = "12345"
	sum := sha1.Sum([]byte(strings.Join(slices.Sorted(slices.Values([]string{config.Token, timestamp, nonce, encrypted})), "")))
	return url.Values{"timestamp": {timestamp}, "nonce": {nonce}, "encrypt_type": {"aes"}, "msg_signature": {hex.EncodeToString(sum[:])}}
}

// framed lays a message out as WeChat does before encryption.
func framed(message []byte, appID string) []byte {
	plain := binary.BigEndian.AppendUint32([]byte("0123456789abcdef"), uint32(len(message)))
	plain = append(append(plain, message...), appID...)
	padding := 32 - len(plain)%32
	return append(plain, bytes.Repeat([]byte{byte(padding)}, padding)...)
}

func TestMalformedPlaintexts(t *testing.T) {
	t.Parallel()
	good := framed([]byte(`{"MsgType":"text"}`), documented.AppID)
	change := func(f func(p []byte) []byte) []byte { return f(slices.Clone(good)) }
	for _, row := range []struct {
		name  string
		plain []byte
		want  error
	}{
		{"good", good, nil},
		{"nothing", nil, wechat.ErrPushPlaintext},
		{"only padding", bytes.Repeat([]byte{32}, 32), wechat.ErrPushMalformed},
		{"no length", framed(nil, "")[:16], wechat.ErrPushMalformed},
		{"half a block", append(slices.Clone(good), good[:16]...), wechat.ErrPushMalformed},
		{"no whole block", good[:17], wechat.ErrPushMalformed},
		{"zero padding", change(func(p []byte) []byte { p[len(p)-1] = 0; return p }), wechat.ErrPushMalformed},
		{"padding of 33", change(func(p []byte) []byte { p[len(p)-1] = 33; return p }), wechat.ErrPushMalformed},
		{"uneven padding", change(func(p []byte) []byte { p[len(p)-2]++; return p }), wechat.ErrPushMalformed},
		{"length beyond the end", change(func(p []byte) []byte { p[19] = 200; return p }), wechat.ErrPushMalformed},
		{"length of 4 GiB", change(func(p []byte) []byte { copy(p[16:], "\xff\xff\xff\xff"); return p }), wechat.ErrPushMalformed},
		{"length into the app id", change(func(p []byte) []byte { p[19]++; return p }), wechat.ErrPushApp},
		{"no app id", framed([]byte(`{"MsgType":"text"}`), ""), wechat.ErrPushApp},
		{"app id with more behind", framed([]byte(`{"MsgType":"text"}`), documented.AppID+"\x00"), wechat.ErrPushApp},
		{"no JSON", framed([]byte(`<xml/>`), documented.AppID), wechat.ErrPushMalformed},
	} {
		query, body := sealed(documented, row.plain, "1714112445")
		_, err := wechat.DecryptPush(documented, query, body, documentedTime)
		if row.want == nil {
			require.NoError(t, err, row.name)
			continue
		}
		require.ErrorIs(t, err, row.want, row.name)
	}
}

func TestPushEvents(t *testing.T) {
	t.Parallel()
	const head = `"CreateTime":1714112445,"MsgType":"event","OpenID":"openid-1",`
	revoked := func(items ...wechat.RevokedItem) wechat.Event {
		return wechat.AuthorizationRevoked{OpenID: "openid-1", Items: items}
	}
	for _, row := range []struct {
		name, message string
		want          wechat.Event
		err           error
	}{
		{"revoked", `{` + head + `"Event":"user_authorization_revoke","RevokeInfo":"8","AppID":"wxba5fad812f8e6fb9"}`, revoked(wechat.RevokedPhone), nil},
		{"revoked, a number", `{` + head + `"Event":"user_authorization_revoke","RevokeInfo":13}`, revoked(wechat.RevokedLocation), nil},
		{"revoked, several", `{` + head + `"Event":"user_authorization_revoke","RevokeInfo":"8,13"}`, revoked(wechat.RevokedPhone, wechat.RevokedLocation), nil},
		{"revoked, a list", `{` + head + `"Event":"user_authorization_revoke","RevokeInfo":["6","99"]}`, revoked(wechat.RevokedNicknameAndAvatar, 99), nil},
		{
			"revoked from a plug-in", `{` + head + `"Event":"user_authorization_revoke","RevokeInfo":"1","UnionID":"u-1","PluginID":"wx13974bf780d3dc89"}`,
			wechat.AuthorizationRevoked{OpenID: "openid-1", UnionID: "u-1", Items: []wechat.RevokedItem{1}, PluginID: "wx13974bf780d3dc89"}, nil,
		},
		{"revoked nothing", `{` + head + `"Event":"user_authorization_revoke"}`, nil, wechat.ErrPushMalformed},
		{"revoked much", `{` + head + `"Event":"user_authorization_revoke","RevokeInfo":"99999999999999999999"}`, nil, wechat.ErrPushMalformed},
		{"cancelled", `{` + head + `"Event":"user_authorization_cancellation","UnionID":"u-1"}`, wechat.AuthorizationCancelled{OpenID: "openid-1", UnionID: "u-1"}, nil},
		{"cancelled by nobody", `{"MsgType":"event","Event":"user_authorization_cancellation","FromUserName":"openid-1"}`, nil, wechat.ErrPushMalformed},
		{"cancelled by a hostile openid", `{"MsgType":"event","Event":"user_authorization_cancellation","OpenID":"' OR 1=1"}`, nil, wechat.ErrPushMalformed},
		{"cancelled in another app", `{` + head + `"Event":"user_authorization_cancellation","AppID":"wx1"}`, nil, wechat.ErrPushApp},
		{"no event", `{"MsgType":"text","Event":"user_authorization_cancellation","OpenID":"openid-1"}`, wechat.UnknownEvent{MessageType: "text", Name: "user_authorization_cancellation"}, nil},
		{"other event", `{"MsgType":"event","Event":"wxa_media\n_check` + strings.Repeat("x", 100) + `"}`, wechat.UnknownEvent{MessageType: "event", Name: "wxa_media_check" + strings.Repeat("x", 49)}, nil},
		{"event of another type", `{"MsgType":"event","Event":5}`, nil, wechat.ErrPushMalformed},
	} {
		query, body := sealed(documented, framed([]byte(row.message), documented.AppID), "1714112445")
		push, err := wechat.DecryptPush(documented, query, body, documentedTime)
		if row.err != nil {
			require.ErrorIs(t, err, row.err, row.name)
			continue
		}
		require.NoError(t, err, row.name)
		require.Equal(t, row.want, push.Event, row.name)
	}
}

func TestPushRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		config := documented
		config.Token = rapid.StringMatching(`[0-9A-Za-z]{3,32}`).Draw(t, "token")
		config.EncodingAESKey = rapid.StringMatching(`[0-9A-Za-z]{43}`).Draw(t, "key")
		name := rapid.StringMatching(`[a-z_]{1,60}`).Draw(t, "name")
		message, err := json.Marshal(map[string]any{"MsgType": "event", "Event": "x" + name, "CreateTime": 1714112445, "more": rapid.String().Draw(t, "more")})
		require.NoError(t, err)
		query, body := sealed(config, framed(message, config.AppID), "1714112445")
		push, err := wechat.DecryptPush(config, query, body, documentedTime)
		require.NoError(t, err)
		require.Equal(t, wechat.UnknownEvent{MessageType: "event", Name: "x" + name}, push.Event)
	})
}

// TestSimulatedPushes runs the simulator's pushes, good and spoiled, through HTTP.
func TestSimulatedPushes(t *testing.T) {
	t.Parallel()
	config := wechat.PushConfig{AppID: "wx00000000000000a1", Token: "pushtoken1", EncodingAESKey: "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"}
	var got wechat.Push
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		if r.Method == http.MethodGet {
			if wechat.VerifyURL(config.Token, query.Get("signature"), query.Get("timestamp"), query.Get("nonce"), query.Get("echostr")) == nil {
				_, _ = io.WriteString(w, query.Get("echostr"))
			}
			return
		}
		body, err := io.ReadAll(r.Body)
		if err == nil {
			got, err = wechat.DecryptPush(config, query, body, time.Now())
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusForbidden)
			return
		}
		_, _ = io.WriteString(w, "success")
	}))
	defer receiver.Close()
	control := httptest.NewServer(wechatsim.New(wechatsim.Config{
		Logger: slog.New(slog.DiscardHandler),
		Apps: []wechatsim.App{{
			AppID: config.AppID, Secret: "s", OpenPlatform: "brand", PushURL: receiver.URL, PushToken: config.Token, EncodingAESKey: config.EncodingAESKey,
		}},
	}).Control())
	defer control.Close()
	remote := wechatsim.NewRemote(control.URL)
	ctx := t.Context()
	require.NoError(t, remote.CheckPush(ctx, config.AppID))
	user, err := remote.Open(ctx, config.AppID, "阿芳")
	require.NoError(t, err)

	push := wechatsim.Push{AppID: config.AppID, User: "阿芳", Event: "user_authorization_revoke", RevokeInfo: "8"}
	result, err := remote.Push(ctx, push)
	require.NoError(t, err)
	require.Equal(t, wechatsim.PushResult{Status: http.StatusOK, Body: "success"}, result)
	require.Equal(t, wechat.AuthorizationRevoked{OpenID: user.OpenID, UnionID: user.UnionID, Items: []wechat.RevokedItem{wechat.RevokedPhone}}, got.Event)
	_, err = remote.Push(ctx, wechatsim.Push{AppID: config.AppID, User: "阿芳", Event: "user_authorization_cancellation"})
	require.NoError(t, err)
	require.Equal(t, wechat.AuthorizationCancelled{OpenID: user.OpenID, UnionID: user.UnionID}, got.Event)

	for fault, want := range map[string]error{
		wechatsim.PushWrongSignature: wechat.ErrPushSignature, wechatsim.PushTampered: wechat.ErrPushSignature, wechatsim.PushPlaintext: wechat.ErrPushPlaintext,
		wechatsim.PushStale: wechat.ErrPushStale, wechatsim.PushWrongApp: wechat.ErrPushApp,
	} {
		got = wechat.Push{}
		push.Fault = fault
		result, err := remote.Push(ctx, push)
		require.NoError(t, err)
		require.Equal(t, http.StatusForbidden, result.Status, fault)
		require.Contains(t, result.Body, want.Error(), fault)
		require.Zero(t, got, fault)
	}
}

// FuzzDecryptPush feeds the decryptor what an attacker could, with and without a valid signature: it must never panic, and
// without one it must never believe.
func FuzzDecryptPush(f *testing.F) {
	f.Add([]byte(documentedBody), "1714112445", true)
	f.Add([]byte(documentedBody), "1714112445", false)
	f.Add(framed([]byte(`{"MsgType":"event","Event":"user_authorization_revoke","OpenID":"o1","RevokeInfo":"8"}`), documented.AppID), "1714112445", true)
	f.Add([]byte{}, "", true)
	f.Add(bytes.Repeat([]byte{32}, 32), "1714112445", true)
	f.Add(bytes.Repeat([]byte{16}, 48), "1714112445", true)
	f.Fuzz(func(t *testing.T, data []byte, timestamp string, signed bool) {
		query, body := sealed(documented, data, timestamp)
		if !signed {
			query, body = documentedQuery(), data
			query.Set("timestamp", timestamp)
		}
		push, err := wechat.DecryptPush(documented, query, body, documentedTime)
		if err != nil {
			require.Zero(t, push)
			return
		}
		require.NotNil(t, push.Event)
		seconds, err := strconv.ParseInt(timestamp, 10, 64)
		require.NoError(t, err)
		require.LessOrEqual(t, documentedTime.Sub(time.Unix(seconds, 0)).Abs(), 5*time.Minute)
		if !signed {
			var envelope struct{ Encrypt string }
			require.NoError(t, json.Unmarshal(data, &envelope))
			require.Contains(t, documentedBody, envelope.Encrypt, "only what WeChat signed")
		}
	})
}
