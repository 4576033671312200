package identity_test

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/coupon"
	"dongxiao/domain/identity"
	"dongxiao/domain/member"
	"dongxiao/domain/memberevent"
	"dongxiao/domain/org"
	"dongxiao/ent"
	"dongxiao/internal/apperr"
	"dongxiao/internal/cursor"
	"dongxiao/internal/keys"
	"dongxiao/internal/testkit"
	"dongxiao/internal/wechat"
	"dongxiao/internal/wechatsim"
)

const issuer = "https://api.example.cn"

// desk is a brand whose apps are known to a WeChat of its own.
type desk struct {
	*testkit.World
	*identity.Service
	wechat  *wechatsim.Remote
	client  *wechat.Client
	members *members
	coupons *coupon.Service
}

// members are the memberships, in which an erasure may be made to fail.
type members struct {
	*member.Service
	mu     sync.Mutex
	erased []int64
	err    error
}

func (m *members) Erase(ctx context.Context, personID int64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err != nil {
		return m.err
	}
	m.erased = append(m.erased, personID)
	return m.Service.Erase(ctx, personID)
}

// each runs the test on both databases.
func each(t *testing.T, test func(t *testing.T, d *desk)) {
	t.Helper()
	testkit.Each(t, func(t *testing.T, w *testkit.World) { test(t, newDesk(t, w)) })
}

func newDesk(t *testing.T, w *testkit.World) *desk {
	t.Helper()
	simulator := wechatsim.New(wechatsim.Config{Logger: slog.New(slog.DiscardHandler)})
	api, control := httptest.NewServer(simulator.API()), httptest.NewServer(simulator.Control())
	t.Cleanup(api.Close)
	t.Cleanup(control.Close)
	d := &desk{World: w, wechat: wechatsim.NewRemote(control.URL), members: &members{}}
	for face, a := range w.Apps {
		d.Apps[face] = d.equip(t, a, "open-"+w.Brand.Code)
	}
	var err error
	d.client, err = wechat.New(wechat.Options{BaseURL: api.URL, Logger: slog.New(slog.DiscardHandler), Timeout: 2 * time.Second})
	require.NoError(t, err)
	d.members.Service = member.New(member.Options{Store: w.Store, Clock: w.Clock, Keyring: w.Keyring, WeChat: d.client,
		Orgs: org.New(w.Store, w.Clock, nil), Events: memberevent.New(w.Store, nil)})
	cursors := func() *cursor.Codec { return cursor.New(w.Keyring.Ring().Secrets(keys.Cursor, 0)) }
	d.coupons = coupon.New(coupon.Options{Store: w.Store, Clock: w.Clock, Redis: w.Redis, Orgs: org.New(w.Store, w.Clock, cursors), Cursors: cursors, Log: slog.New(slog.DiscardHandler)})
	t.Cleanup(func() { require.NoError(t, d.coupons.Close(context.WithoutCancel(t.Context()))) })
	d.Service = d.server()
	return d
}

// equip gives the app its secret, here and at WeChat.
func (d *desk) equip(t *testing.T, a *ent.App, openPlatform string) *ent.App {
	t.Helper()
	secret := "secret of " + a.WechatAppID
	require.NoError(t, d.wechat.Register(t.Context(), wechatsim.App{AppID: a.WechatAppID, Secret: secret, OpenPlatform: openPlatform}))
	ctx := auth.System(t.Context(), a.BrandID)
	return d.Store.Client(ctx).App.UpdateOne(a).SetSecretSealed(identity.SealAppSecret(d.Keyring.Ring(), a.BrandID, secret)).SaveX(ctx)
}

// server is one more server on the same database, Redis and WeChat.
func (d *desk) server() *identity.Service {
	return identity.New(identity.Options{Store: d.Store, Clock: d.Clock, Keyring: d.Keyring, Redis: d.Redis, WeChat: d.client, Issuer: issuer,
		Log: slog.New(slog.DiscardHandler), Members: d.members, Coupons: d.coupons})
}

// app is the WeChat app id of the face.
func (d *desk) app(face auth.Face) string { return d.Apps[face].WechatAppID }

// system is the system within the brand.
func (d *desk) system(t testing.TB) context.Context { return auth.System(t.Context(), d.Brand.ID) }

// code is what wx.login gives the user.
func (d *desk) code(t testing.TB, face auth.Face, user string) string {
	t.Helper()
	code, err := d.wechat.LoginCode(t.Context(), d.app(face), user)
	require.NoError(t, err)
	return code.Code
}

// phoneCode is what the getPhoneNumber button gives the user.
func (d *desk) phoneCode(t testing.TB, face auth.Face, user, phone string) string {
	t.Helper()
	code, err := d.wechat.PhoneCode(t.Context(), d.app(face), user, phone)
	require.NoError(t, err)
	return code.Code
}

// enter signs the user in and gives the tokens and the context that they make.
func (d *desk) enter(t testing.TB, face auth.Face, user string) (*identity.Tokens, context.Context) {
	t.Helper()
	tokens, err := d.SignIn(t.Context(), identity.SignIn{WeChatAppID: d.app(face), Code: d.code(t, face, user)})
	require.NoError(t, err)
	return tokens, d.as(t, tokens)
}

// as is the context that the tokens make.
func (d *desk) as(t testing.TB, tokens *identity.Tokens) context.Context {
	t.Helper()
	ctx, expiry, err := d.Authenticate(t.Context(), tokens.AccessToken, "")
	require.NoError(t, err)
	require.Equal(t, tokens.AccessTokenExpiresAt, expiry)
	return ctx
}

// counts are the rows of the brand.
type counts struct{ persons, identities, members, sessions int }

func (d *desk) counts(t testing.TB) counts {
	t.Helper()
	ctx := d.system(t)
	client := d.Store.Client(ctx)
	return counts{client.Person.Query().CountX(ctx), client.Identity.Query().CountX(ctx), client.Member.Query().CountX(ctx), client.Session.Query().CountX(ctx)}
}

// refused holds an error to a code and, where one is named, a field.
func refused(t testing.TB, err error, code apperr.Code, field ...string) {
	t.Helper()
	require.Error(t, err)
	require.Equal(t, code, apperr.CodeOf(err), err.Error())
	if len(field) > 0 {
		var refusal *apperr.Error
		require.ErrorAs(t, err, &refusal)
		require.Equal(t, field, refusal.Field)
	}
}

// together runs f n times at once.
func together(n int, f func(i int)) {
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		all.Go(func() { <-start; f(i) })
	}
	close(start)
	all.Wait()
}

// value is what a column that may be empty has; 0 for nothing.
func value(id *int64) int64 {
	if id == nil {
		return 0
	}
	return *id
}
