package member_test

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/coupon"
	"dongxiao/domain/identity"
	"dongxiao/domain/member"
	"dongxiao/domain/memberevent"
	"dongxiao/domain/org"
	"dongxiao/ent"
	"dongxiao/ent/auditentry"
	"dongxiao/ent/document"
	entevent "dongxiao/ent/memberevent"
	"dongxiao/internal/apperr"
	"dongxiao/internal/cursor"
	"dongxiao/internal/keys"
	"dongxiao/internal/testkit"
	"dongxiao/internal/wechat"
	"dongxiao/internal/wechatsim"
)

// desk is a world with the service under test.
type desk struct {
	*testkit.World
	*member.Service
	// system sees the whole brand.
	system context.Context
	sim    *wechatsim.Remote
	wechat *wechat.Client
}

func each(t *testing.T, test func(t *testing.T, d *desk)) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		d := &desk{World: w, system: auth.System(t.Context(), w.Brand.ID)}
		app := wechatsim.App{AppID: w.Apps[auth.Storefront].WechatAppID, Secret: rand.Text()}
		simulator := wechatsim.New(wechatsim.Config{Logger: slog.New(slog.DiscardHandler), Apps: []wechatsim.App{app}})
		api, control := httptest.NewServer(simulator.API()), httptest.NewServer(simulator.Control())
		t.Cleanup(api.Close)
		t.Cleanup(control.Close)
		d.sim = wechatsim.NewRemote(control.URL)
		var err error
		d.wechat, err = wechat.New(wechat.Options{BaseURL: api.URL, Logger: slog.New(slog.DiscardHandler)})
		require.NoError(t, err)
		w.Store.Client(d.system).App.UpdateOneID(w.Apps[auth.Storefront].ID).
			SetSecretSealed(identity.SealAppSecret(w.Keyring.Ring(), w.Brand.ID, app.Secret)).ExecX(d.system)
		d.Service = member.New(member.Options{Store: w.Store, Clock: w.Clock, Keyring: w.Keyring, WeChat: d.wechat,
			Orgs: org.New(w.Store, w.Clock, d.codec), Events: memberevent.New(w.Store, nil)})
		coupons := coupon.New(coupon.Options{Store: w.Store, Clock: w.Clock, Redis: w.Redis, Log: slog.New(slog.DiscardHandler)})
		t.Cleanup(func() { require.NoError(t, coupons.Close(context.WithoutCancel(t.Context()))) })
		d.OnLeave(coupons)
		test(t, d)
	})
}

// codec writes cursors.
func (d *desk) codec() *cursor.Codec { return cursor.New(d.Keyring.Ring().Secrets(keys.Cursor, 0)) }

// client reads and writes the whole brand.
func (d *desk) client() *ent.Client { return d.Store.Client(d.system) }

// identify gives the viewer an identity in its app, with an openid that the simulator knows.
func (d *desk) identify(t *testing.T, v auth.Viewer) (openID string) {
	t.Helper()
	opened, err := d.sim.Open(t.Context(), d.Apps[auth.Storefront].WechatAppID, rand.Text())
	require.NoError(t, err)
	ring := d.Keyring.Ring()
	d.client().Identity.Create().SetPersonID(v.PersonID).SetAppID(v.AppID).
		SetOpenidSealed(ring.Seal([]byte(opened.OpenID), keys.AssociatedData("openid", v.BrandID))).
		SetOpenidHash(ring.Hash("openid", v.BrandID, opened.OpenID)).ExecX(d.system)
	return opened.OpenID
}

func (d *desk) member(id int64) *ent.Member      { return d.client().Member.GetX(d.system, id) }
func (d *desk) person(v auth.Viewer) *ent.Person { return d.client().Person.GetX(d.system, v.PersonID) }
func (d *desk) audited(action string) []*ent.AuditEntry {
	return d.client().AuditEntry.Query().Where(auditentry.Action(action)).Order(ent.Asc(auditentry.FieldID)).AllX(d.system)
}
func (d *desk) events(memberID int64) []*ent.MemberEvent {
	return d.client().MemberEvent.Query().Where(entevent.MemberID(memberID)).Order(ent.Asc(entevent.FieldSequence)).AllX(d.system)
}

// admin is an administrator at the org.
func (d *desk) admin(t *testing.T, at *ent.Org) context.Context {
	_, v := d.NewStaff(t, auth.Console, at, auth.Admin)
	return testkit.As(t, v)
}

// level makes a level of the brand.
func (d *desk) level(rank int, threshold int64, days int) *ent.Level {
	return d.client().Level.Create().SetRank(rank).SetName(rand.Text()[:6]).SetThreshold(threshold).SetPeriodDays(days).
		SetBenefits([]document.Benefit{{Title: "生日礼"}}).SaveX(d.system)
}

func code(t *testing.T, want apperr.Code, err error, field ...string) {
	t.Helper()
	require.Equal(t, want, apperr.CodeOf(err), "%v", err)
	if len(field) > 0 {
		refusal, ok := err.(*apperr.Error)
		require.True(t, ok)
		require.Equal(t, field, refusal.Field)
	}
}

// race runs f n times at once and counts the codes, "" for success.
func race(n int, f func(i int) error) map[apperr.Code]int {
	var mu sync.Mutex
	var wg sync.WaitGroup
	counts := map[apperr.Code]int{}
	start := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-start
			c := apperr.CodeOf(f(i))
			mu.Lock()
			defer mu.Unlock()
			counts[c]++
		})
	}
	close(start)
	wg.Wait()
	return counts
}
