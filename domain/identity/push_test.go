package identity_test

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/identity"
	"dongxiao/ent/consent"
	"dongxiao/ent/enum"
	"dongxiao/internal/wechatsim"
	"dongxiao/rest/wechatpush"
)

// takePushes puts the handler on the network and tells WeChat its address.
func (d *desk) takePushes(t *testing.T, face auth.Face) wechatsim.App {
	t.Helper()
	d.Clock.Set(time.Now())
	mux := http.NewServeMux()
	mux.Handle(wechatpush.Path, wechatpush.Handler(d.Service, slog.New(slog.DiscardHandler)))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	a := d.Apps[face]
	const key = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
	ctx := d.system(t)
	d.Apps[face] = d.Store.Client(ctx).App.UpdateOne(a).SetPushToken("pushtoken1").SetPushKeySealed(identity.SealPushKey(d.Keyring.Ring(), a.BrandID, key)).SaveX(ctx)
	registered := wechatsim.App{AppID: a.WechatAppID, Secret: "secret of " + a.WechatAppID, OpenPlatform: "open-" + d.Brand.Code,
		PushURL: server.URL + "/wechat/push/" + a.WechatAppID, PushToken: "pushtoken1", EncodingAESKey: key}
	require.NoError(t, d.wechat.Register(t.Context(), registered))
	return registered
}

func (d *desk) push(t *testing.T, push wechatsim.Push) wechatsim.PushResult {
	t.Helper()
	push.AppID = d.app(auth.Storefront)
	result, err := d.wechat.Push(t.Context(), push)
	require.NoError(t, err)
	return result
}

func TestPushAddressIsChecked(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		registered := d.takePushes(t, auth.Storefront)
		require.NoError(t, d.wechat.CheckPush(t.Context(), registered.AppID))
		for _, query := range []string{"", "?echostr=1", "?signature=x&timestamp=1&nonce=2&echostr=3"} {
			response, err := http.Get(registered.PushURL + query)
			require.NoError(t, err)
			require.NoError(t, response.Body.Close())
			require.Equal(t, http.StatusForbidden, response.StatusCode)
		}
		// An app without push settings, and one that does not exist, look the same.
		for _, app := range []string{d.app(auth.Staff), "wx0000000000000000"} {
			address := strings.Replace(registered.PushURL, registered.AppID, app, 1)
			response, err := http.Post(address+"?encrypt_type=aes", "application/json", strings.NewReader(`{"Encrypt":"x"}`))
			require.NoError(t, err)
			require.NoError(t, response.Body.Close())
			require.Equal(t, http.StatusForbidden, response.StatusCode)
		}
		response, err := http.Post(registered.PushURL+"?encrypt_type=aes", "application/json", strings.NewReader(strings.Repeat("x", 65<<10)))
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Equal(t, http.StatusForbidden, response.StatusCode)
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, registered.PushURL, nil)
		require.NoError(t, err)
		response, err = http.DefaultClient.Do(request)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Equal(t, http.StatusMethodNotAllowed, response.StatusCode)
	})
}

func TestCancellationErases(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		d.takePushes(t, auth.Storefront)
		_, ctx := d.enter(t, auth.Storefront, "A")
		cancel := wechatsim.Push{Event: "user_authorization_cancellation", User: "A", Fields: map[string]any{"CreateTime": time.Now().Unix()}}
		for _, fault := range []string{wechatsim.PushWrongSignature, wechatsim.PushPlaintext, wechatsim.PushStale, wechatsim.PushWrongApp, wechatsim.PushTampered} {
			bad := cancel
			bad.Fault = fault
			require.Equal(t, http.StatusForbidden, d.push(t, bad).Status, fault)
		}
		require.Empty(t, d.members.erased)

		// A fault of ours makes WeChat send it again.
		d.members.err = errors.New("the database is away")
		require.Equal(t, http.StatusServiceUnavailable, d.push(t, cancel).Status)
		d.members.err = nil
		for range 3 {
			require.Equal(t, wechatsim.PushResult{Status: http.StatusOK, Body: "success"}, d.push(t, cancel))
		}
		require.Equal(t, []int64{auth.FromContext(ctx).PersonID}, d.members.erased, "once")

		// Nobody known, an event that nobody waits for, and a push from before the person came: done already.
		for _, push := range []wechatsim.Push{
			{Event: "user_authorization_cancellation", User: "stranger"},
			{Event: "something_else", User: "A"},
			{Event: "user_authorization_cancellation", User: "A", Fields: map[string]any{"CreateTime": time.Now().Add(-time.Hour).Unix()}},
		} {
			require.Equal(t, wechatsim.PushResult{Status: http.StatusOK, Body: "success"}, d.push(t, push))
		}
		require.Len(t, d.members.erased, 1)
	})
}

func TestRaceOneCancellation(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		d.takePushes(t, auth.Storefront)
		d.enter(t, auth.Storefront, "A")
		cancel := wechatsim.Push{AppID: d.app(auth.Storefront), Event: "user_authorization_cancellation", User: "A", Fields: map[string]any{"CreateTime": time.Now().Unix()}}
		results := make([]wechatsim.PushResult, 8)
		together(8, func(i int) { results[i], _ = d.wechat.Push(t.Context(), cancel) })
		for _, result := range results {
			require.Equal(t, wechatsim.PushResult{Status: http.StatusOK, Body: "success"}, result)
		}
		require.Len(t, d.members.erased, 1)
	})
}

func TestRevocationEmptiesWhatWasGiven(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		d.takePushes(t, auth.Storefront)
		_, ctx := d.enter(t, auth.Storefront, "A")
		_, err := d.bind(t, ctx, auth.Storefront, "A", phone, "key-0001")
		require.NoError(t, err)
		within := d.system(t)
		client := d.Store.Client(within)
		v := auth.FromContext(ctx)
		client.Person.UpdateOneID(v.PersonID).SetNickname("小明").SetAvatarURL("https://example.cn/a.png").ExecX(within)
		revoke := func(items string) {
			t.Helper()
			require.Equal(t, wechatsim.PushResult{Status: http.StatusOK, Body: "success"}, d.push(t, wechatsim.Push{Event: "user_authorization_revoke", User: "A", RevokeInfo: items}))
		}
		revoke("99")
		require.Equal(t, "小明", client.Person.GetX(within, v.PersonID).Nickname)
		revoke("19")
		p := client.Person.GetX(within, v.PersonID)
		require.Empty(t, p.Nickname)
		require.NotEmpty(t, p.AvatarURL)
		require.NotNil(t, p.PhoneHash)
		hash := *p.PhoneHash
		revoke("20,8")
		p = client.Person.GetX(within, v.PersonID)
		require.Empty(t, p.AvatarURL)
		require.Nil(t, p.PhoneHash)
		require.Empty(t, p.PhoneSealed)
		require.Empty(t, p.PhoneTail)
		require.Equal(t, hash, *p.FormerPhoneHash)
		require.Equal(t, enum.PersonActive, p.State)
		require.Equal(t, enum.MemberVisitor, client.Member.GetX(within, v.MemberID).State)
		revoke("13")
		row := client.Consent.Query().Where(consent.PersonID(v.PersonID)).OnlyX(within)
		require.Equal(t, enum.ConsentLocation, row.Kind)
		require.False(t, row.Granted)

		// Bound again, the member is registered as before.
		registered := client.Member.GetX(within, v.MemberID).RegisteredAt
		d.Clock.Advance(time.Minute)
		_, err = d.bind(t, ctx, auth.Storefront, "A", phone, "key-0002")
		require.NoError(t, err)
		m := client.Member.GetX(within, v.MemberID)
		require.Equal(t, enum.MemberRegistered, m.State)
		require.WithinDuration(t, *registered, *m.RegisteredAt, 0)
	})
}
