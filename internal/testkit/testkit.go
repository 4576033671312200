// Package testkit gives tests a migrated store on both databases, a brand of their own, and a clock that they move.
package testkit

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/internal/clock"
	"dongxiao/internal/ids"
	"dongxiao/internal/keyring"
	"dongxiao/internal/keys"
	"dongxiao/internal/store"
	"dongxiao/internal/testkit/servers"
)

// Start is the time at which every test's clock begins: a Sunday morning in China.
var Start = time.Date(2026, 11, 22, 2, 0, 0, 0, time.UTC)

// World is what a test of a domain needs.
type World struct {
	Store   *store.Store
	Clock   *clock.Manual
	Keyring *keyring.Keyring
	Redis   redis.UniversalClient
	Brand   *ent.Brand
	// Root is the brand's own org; Region lies below it, Store1 and Store2 below Region, Distributor below Root serving Store1.
	Root, Region, Store1, Store2, Distributor *ent.Org
	// Apps has one app of each face.
	Apps map[auth.Face]*ent.App
}

// Each runs the test on MariaDB with Redis and on the embedded database with the embedded Redis, each in a brand of its own. A test with Race in its name
// ends with the proof of the brand's books.
func Each(t *testing.T, test func(t *testing.T, w *World)) {
	t.Run("mysql", func(t *testing.T) {
		t.Parallel()
		test(t, New(t, dialect.MySQL))
	})
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, New(t, dialect.SQLite))
	})
}

// New makes a world on one database. The package's tests share the database; the brand is the test's own.
func New(t testing.TB, d string) *World {
	t.Helper()
	opened := shared[d]()
	require.NoError(t, opened.err)
	url := servers.NewMiniredis
	if d == dialect.MySQL {
		url = servers.NewRedis
	}
	options, err := redis.ParseURL(url(t))
	require.NoError(t, err)
	w := &World{Store: opened.store, Clock: clock.NewManual(Start), Keyring: opened.keyring, Redis: redis.NewClient(options), Apps: map[auth.Face]*ent.App{}}
	t.Cleanup(func() { _ = w.Redis.Close() })
	w.Brand = w.NewBrand(t)
	w.verifyRaces(t)
	ctx := auth.System(t.Context(), w.Brand.ID)
	w.Root = w.NewOrg(t, nil, enum.OrgBrand)
	w.Region = w.NewOrg(t, w.Root, enum.OrgRegion)
	w.Store1 = w.NewOrg(t, w.Region, enum.OrgStore)
	w.Store2 = w.NewOrg(t, w.Region, enum.OrgStore)
	w.Distributor = w.NewOrg(t, w.Root, enum.OrgDistributor)
	require.NoError(t, w.Store.Client(ctx).Territory.Create().SetStoreID(w.Store1.ID).SetDistributorID(w.Distributor.ID).SetSkuLine("classic").Exec(ctx))
	for _, face := range []auth.Face{auth.Storefront, auth.Mall, auth.Portal, auth.Staff, auth.Console} {
		w.Apps[face] = w.Store.Client(ctx).App.Create().SetOrgID(w.Root.ID).SetFace(face).SetWechatAppID("wx" + rand.Text()[:16]).
			SetName(string(face)).SetSecretSealed([]byte("sealed")).SaveX(ctx)
	}
	return w
}

type openedStore struct {
	store   *store.Store
	keyring *keyring.Keyring
	err     error
	// folder is held as long as the process lives, see temporary.
	folder io.Closer
}

// shared opens and migrates each database once in a test process; a process has the tests of one package.
var shared = map[string]func() openedStore{
	dialect.MySQL:  sync.OnceValue(func() openedStore { return open(dialect.MySQL) }),
	dialect.SQLite: sync.OnceValue(func() openedStore { return open(dialect.SQLite) }),
}

// process stands in for the test in set-up that outlives it.
type process struct {
	testing.TB
	err error
}

func (p *process) Helper()                      {}
func (p *process) Fatalf(f string, args ...any) { p.err = fmt.Errorf(f, args...); panic(p) }
func (p *process) Fatal(args ...any)            { p.err = fmt.Errorf("%s", fmt.Sprint(args...)); panic(p) }

func open(d string) (o openedStore) {
	ctx := context.Background()
	p := &process{}
	defer func() {
		if r := recover(); r != nil {
			if r != p {
				panic(r)
			}
			o.err = p.err
		}
	}()
	var dsn string
	if d == dialect.MySQL {
		dsn = servers.PackageDatabase(p)
	} else {
		folder, held, err := temporary()
		if err != nil {
			return openedStore{err: err}
		}
		defer func() { o.folder = held }()
		dsn = filepath.Join(folder, "test.db")
	}
	s, err := store.Open(ctx, store.Options{Dialect: d, DSN: dsn, Observe: store.Collect, MaxConnections: 32})
	if err != nil {
		return openedStore{err: err}
	}
	if err := s.Migrate(ctx, nil); err != nil {
		return openedStore{err: err}
	}
	current, err := keys.ParseMasterKey(keys.DevelopmentMasterKey)
	if err != nil {
		return openedStore{err: err}
	}
	master, err := keys.NewMaster(current, nil)
	if err != nil {
		return openedStore{err: err}
	}
	k, err := keyring.Open(ctx, s, master, clock.NewManual(Start), slog.New(slog.DiscardHandler))
	return openedStore{store: s, keyring: k, err: err}
}

// temporary is a folder that goes with the test process, however that ends: a shell outside of the process's group waits for the end of a pipe that only this
// process holds, and removes the folder. The caller keeps held.
func temporary() (folder string, held io.Closer, err error) {
	folder, err = os.MkdirTemp("", "dongxiao-testkit-")
	if err != nil {
		return "", nil, err
	}
	remove := exec.Command("sh", "-c", `cat; rm -rf -- "$0"`, folder)
	remove.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if held, err = remove.StdinPipe(); err != nil {
		return "", nil, err
	}
	return folder, held, remove.Start()
}

// NewBrand makes another brand in the same database, for tests that cross the border.
func (w *World) NewBrand(t testing.TB) *ent.Brand {
	t.Helper()
	ctx := auth.Operator(t.Context())
	return w.Store.Client(ctx).Brand.Create().SetCode("b" + rand.Text()[:12]).SetName("云岭春酒业").SaveX(ctx)
}

// NewOrg makes an org of the world's brand below parent.
func (w *World) NewOrg(t testing.TB, parent *ent.Org, kind enum.OrgKind) *ent.Org {
	t.Helper()
	ctx := auth.System(t.Context(), w.Brand.ID)
	id := ids.Next()
	create := w.Store.Client(ctx).Org.Create().SetID(id).SetKind(kind).SetCode(rand.Text()[:12]).SetName(string(kind) + " " + rand.Text()[:4])
	path := "/" + store.PathSegment(id) + "/"
	if parent != nil {
		path = parent.Path + store.PathSegment(id) + "/"
		create.SetParentID(parent.ID)
	}
	if kind == enum.OrgStore {
		create.SetStoreType(enum.StoreLiquor).SetTier(enum.TierCore).SetCity("昆明").SetLatitude(25.04).SetLongitude(102.71)
	}
	return create.SetPath(path).SaveX(ctx)
}

// NewPerson makes a person of the world's brand, with a bound phone.
func (w *World) NewPerson(t testing.TB) *ent.Person {
	t.Helper()
	ctx := auth.System(t.Context(), w.Brand.ID)
	id := ids.Next()
	return w.Store.Client(ctx).Person.Create().SetID(id).SetLimitSubject(id).SetPhoneHash(rand.Text()).SetPhoneTail("0000").SaveX(ctx)
}

// NewMember makes a registered member of the world's brand and the viewer that it is in STOREFRONT.
func (w *World) NewMember(t testing.TB) (*ent.Member, auth.Viewer) {
	t.Helper()
	person := w.NewPerson(t)
	ctx := auth.System(t.Context(), w.Brand.ID)
	member := w.Store.Client(ctx).Member.Create().SetPersonID(person.ID).SetNumber(1e9 + ids.Next()%9e9).
		SetState(enum.MemberRegistered).SetRegisteredAt(w.Clock.Now()).SaveX(ctx)
	return member, auth.Viewer{Reach: auth.ReachMember, BrandID: w.Brand.ID, AppID: w.Apps[auth.Storefront].ID, Face: auth.Storefront,
		PersonID: person.ID, MemberID: member.ID, Epoch: person.Epoch}
}

// NewStaff makes a staff member at the org and the viewer that it is on the face.
func (w *World) NewStaff(t testing.TB, face auth.Face, org *ent.Org, role auth.Role) (*ent.Staff, auth.Viewer) {
	t.Helper()
	person := w.NewPerson(t)
	ctx := auth.System(t.Context(), w.Brand.ID)
	staff := w.Store.Client(ctx).Staff.Create().SetOrgID(org.ID).SetRole(role).SetPersonID(person.ID).SetName("店员").
		SetState(enum.StaffActive).SaveX(ctx)
	return staff, auth.Viewer{Reach: auth.ReachStaff, BrandID: w.Brand.ID, AppID: w.Apps[face].ID, Face: face, PersonID: person.ID,
		Epoch: person.Epoch, Assignments: []auth.Assignment{{OrgID: org.ID, Role: role}}}
}

// As is a context of the viewer.
func As(t testing.TB, v auth.Viewer) context.Context { return auth.NewContext(t.Context(), v) }
