package coupon_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/ent"
	entcoupon "dongxiao/ent/coupon"
	"dongxiao/ent/enum"
	"dongxiao/internal/clock"
	"dongxiao/internal/store"
	"dongxiao/internal/testkit"
	"dongxiao/internal/testkit/servers"
)

// killable is a world on a durable MariaDB that the test may kill.
func killable(t *testing.T) (*servers.Database, *testkit.World) {
	database, err := servers.MariaDB(t.Context(), servers.Options{Durable: true, BufferPoolMegabytes: 64})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, database.Stop()) })
	require.NoError(t, database.CreateDatabase(t.Context(), "kill"))
	s, err := store.Open(t.Context(), store.Options{Dialect: dialect.MySQL, DSN: database.DSN("kill"), MaxConnections: 16})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	require.NoError(t, s.Migrate(t.Context(), nil))
	options, err := redis.ParseURL(servers.NewMiniredis(t))
	require.NoError(t, err)
	w := &testkit.World{Store: s, Clock: clock.NewManual(testkit.Start), Redis: redis.NewClient(options), Apps: map[auth.Face]*ent.App{}}
	t.Cleanup(func() { require.NoError(t, w.Redis.Close()) })
	w.Brand = w.NewBrand(t)
	w.Root = w.NewOrg(t, nil, enum.OrgBrand)
	ctx := system(t, w)
	w.Apps[auth.Storefront] = s.Client(ctx).App.Create().SetOrgID(w.Root.ID).SetFace(auth.Storefront).SetWechatAppID("wx1").SetName("店").
		SetSecretSealed([]byte("sealed")).SaveX(ctx)
	return database, w
}

// The database is killed again and again while members claim, and each member repeats a call that failed with its key. What was answered once is
// there in the end, nothing is there twice, and stock, limits and rows agree.
func TestKilledDatabaseLosesNoClaim(t *testing.T) {
	t.Parallel()
	database, w := killable(t)
	s := newService(t, w)
	template := newTemplate(t, w, func(c *ent.CouponTemplateCreate) { stock(1_000_000)(c); c.SetMemberLimit(0) })
	callers := members(t, w, 32)
	var mu sync.Mutex
	answered := map[string]int64{}
	var total atomic.Int64
	var over atomic.Bool
	var all sync.WaitGroup
	for i, ctx := range callers {
		all.Go(func() {
			for n := 0; !over.Load(); n++ {
				key := fmt.Sprintf("kill-%d-%d", i, n)
				for {
					row, err := s.Claim(ctx, template.ID, key)
					if err == nil {
						mu.Lock()
						answered[key] = row.ID
						mu.Unlock()
						break
					}
					if ctx.Err() != nil {
						return
					}
					time.Sleep(5 * time.Millisecond)
				}
				total.Add(1)
			}
		})
	}
	// More claims than callers were answered after each restart, so that some began after it.
	progress := func() {
		before := total.Load()
		require.Eventually(t, func() bool { return total.Load() > before+2*int64(len(callers)) }, time.Minute, time.Millisecond)
	}
	for range servers.Kills(t) {
		progress()
		require.NoError(t, database.Kill())
		require.NoError(t, database.Restart(context.WithoutCancel(t.Context())))
	}
	progress()
	over.Store(true)
	all.Wait()

	rows := w.Store.Client(system(t, w)).Coupon.Query().Where(entcoupon.TemplateID(template.ID)).AllX(system(t, w))
	kept := map[string]int64{}
	for _, row := range rows {
		kept[row.ClaimKey] = row.ID
	}
	require.Equal(t, answered, kept)
	consistent(t, w, template.ID, len(answered))
}
