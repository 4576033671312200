package points_test

import (
	"context"
	"flag"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/ledger"
	"dongxiao/domain/member"
	"dongxiao/domain/memberevent"
	"dongxiao/domain/org"
	"dongxiao/domain/points"
	"dongxiao/ent"
	"dongxiao/internal/cursor"
	"dongxiao/internal/keys"
	"dongxiao/internal/testkit"
)

// desk is the points of one brand, with a member and an administrator.
type desk struct {
	*testkit.World
	*points.Service
	member  *ent.Member
	shopper auth.Viewer
	admin   auth.Viewer
}

func open(t *testing.T, w *testkit.World) *desk {
	cursors := func() *cursor.Codec { return cursor.New(w.Keyring.Ring().Secrets(keys.Cursor, 0)) }
	orgs := org.New(w.Store, w.Clock, cursors)
	events := memberevent.New(w.Store, nil)
	members := member.New(member.Options{Store: w.Store, Clock: w.Clock, Keyring: w.Keyring, Orgs: orgs, Events: events})
	d := &desk{World: w, Service: points.New(points.Options{Store: w.Store, Clock: w.Clock, Ledger: ledger.New(w.Store), Orgs: orgs, Roots: org.NewRoots(w.Store),
		Members: members, Events: events, Cursors: cursors})}
	d.member, d.shopper = w.NewMember(t)
	_, d.admin = w.NewStaff(t, auth.Console, w.Root, auth.Admin)
	return d
}

// system is a context of the brand's own services.
func (d *desk) system(t testing.TB) context.Context { return auth.System(t.Context(), d.Brand.ID) }

// has is what the member has: spendable, pending, owed.
func (d *desk) has(t testing.TB) [3]int64 {
	t.Helper()
	a, err := d.Account(d.system(t), d.member.ID)
	require.NoError(t, err)
	return [3]int64{a.Balance, a.Pending, a.Debt}
}

// sweep brings everybody up to now.
func (d *desk) sweep(t testing.TB) {
	t.Helper()
	for {
		n, err := d.SettleDueIn(d.system(t), 100)
		require.NoError(t, err)
		if n == 0 {
			return
		}
	}
}

// TestMain has the model walk fewer random ways than pure functions are given, because each step is a transaction; -rapid.checks says otherwise.
func TestMain(m *testing.M) {
	_ = flag.Set("rapid.checks", "20")
	flag.Parse()
	os.Exit(m.Run())
}
