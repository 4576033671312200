// Package app wires everything: what the program and the end-to-end tests both start.
package app

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"entgo.io/ent/dialect"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/redis/go-redis/v9"

	"dongxiao/clients"
	"dongxiao/domain/catalog"
	"dongxiao/domain/clearing"
	"dongxiao/domain/coupon"
	"dongxiao/domain/identity"
	"dongxiao/domain/ledger"
	"dongxiao/domain/member"
	"dongxiao/domain/memberevent"
	"dongxiao/domain/message"
	"dongxiao/domain/org"
	"dongxiao/domain/page"
	"dongxiao/domain/payment"
	"dongxiao/domain/points"
	"dongxiao/domain/redemption"
	"dongxiao/domain/staff"
	"dongxiao/domain/topup"
	"dongxiao/domain/wallet"
	"dongxiao/ent/enum"
	"dongxiao/graph"
	"dongxiao/graph/generated"
	"dongxiao/graph/persisted"
	"dongxiao/graph/transport"
	"dongxiao/internal/clock"
	"dongxiao/internal/config"
	"dongxiao/internal/cursor"
	"dongxiao/internal/download"
	"dongxiao/internal/keyring"
	"dongxiao/internal/keys"
	"dongxiao/internal/observe"
	"dongxiao/internal/pubsub"
	"dongxiao/internal/store"
	"dongxiao/internal/wechat"
	"dongxiao/internal/wechatpay"
	"dongxiao/rest/explorer"
	"dongxiao/rest/health"
)

// clockInterval is how often the offset to the database's clock is measured.
const clockInterval = 30 * time.Second

// Options of New. Only Config is needed.
type Options struct {
	Config config.Config
	// Logger is where the server logs; slog.Default() where nil.
	Logger *slog.Logger
	// Version is the program's, for traces.
	Version string
	// Clock stands in for the database's clock, for tests.
	Clock clock.Clock
	// Migrate applies pending migrations at the start, as development does; otherwise an old schema stops it.
	Migrate bool
	// Statement is told every SQL statement, for tests and benchmarks that count them.
	Statement func(ctx context.Context, statement string)
	// Operations stands in for the front ends' documents, for tests.
	Operations fs.FS
	// SignIns are the explorer's ready-made sign-ins; none where nil.
	SignIns func(ctx context.Context) ([]explorer.SignIn, error)
}

// App is one server, wired and not yet listening.
type App struct {
	*graph.Resolver
	Config  config.Config
	Log     *slog.Logger
	Metrics *observe.Metrics
	Redis   redis.UniversalClient
	WeChat  *wechat.Client
	Broker  *pubsub.Broker
	Health  *health.Health

	signIns   func(ctx context.Context) ([]explorer.SignIn, error)
	graphQL   *handler.Server
	websocket *transport.Websocket
	events    *transport.SSE
	sockets   socketCounter
	// closers end what New began, last first.
	closers []func()
}

// OpenStore opens the configuration's database, for commands that need nothing else.
func OpenStore(ctx context.Context, c config.Store, o store.Options) (*store.Store, error) {
	url := c.DatabaseURL()
	o.MaxConnections = c.DatabaseConnections
	switch url.Dialect() {
	case config.MySQL:
		o.Dialect, o.DSN = dialect.MySQL, url.DSN().Reveal()
	default:
		o.Dialect, o.DSN, o.MaxConnections = dialect.SQLite, url.Path(), 0
		if err := makeFolder(url.Path()); err != nil {
			return nil, err
		}
	}
	return store.Open(ctx, o)
}

// New wires a server. Close it, also after Run.
func New(ctx context.Context, o Options) (_ *App, err error) {
	a := &App{Resolver: &graph.Resolver{}, Config: o.Config, Log: o.Logger, signIns: o.SignIns}
	if a.Log == nil {
		a.Log = slog.Default()
	}
	defer func() {
		if err != nil {
			a.Close()
		}
	}()
	if o.Operations == nil {
		o.Operations = clients.Files
	}
	schema := generated.NewExecutableSchema(generated.Config{Resolvers: a.Resolver, Directives: a.Resolver.Directives()})
	operations, err := persisted.Load(o.Operations, schema.Schema())
	if err != nil {
		return nil, fmt.Errorf("read the front ends' operations: %w", err)
	}
	a.Metrics = observe.NewMetrics(operations.Names())
	if err := a.openData(ctx, o); err != nil {
		return nil, err
	}
	if err := a.openServices(ctx, o); err != nil {
		return nil, err
	}
	a.Health = health.New(a.Log,
		health.Check{Name: "database", Run: a.Database.DB().PingContext},
		health.Check{Name: "redis", Run: func(ctx context.Context) error { return a.Redis.Ping(ctx).Err() }},
		health.Check{Name: "migrations", Run: a.Database.CheckSchema})
	return a, a.openGraphQL(schema, operations)
}

// openData opens database, clock, keys and Redis.
func (a *App) openData(ctx context.Context, o Options) error {
	traced := a.Config.OTLPEndpoint != ""
	s, err := OpenStore(ctx, a.Config.Store, store.Options{Observe: a.statement(o.Statement), Trace: traced})
	if err != nil {
		return err
	}
	a.Database = s
	a.onClose(func() { _ = s.Close() })
	a.Metrics.RegisterDatabase(s.DB(), "main")
	if o.Migrate {
		if err := s.Migrate(ctx, func(name string, took time.Duration) {
			a.Log.InfoContext(ctx, "migrated", "migration", name, "took", took)
		}); err != nil {
			return err
		}
	}
	if err := s.CheckSchema(ctx); err != nil {
		return err
	}
	if a.Clock = o.Clock; a.Clock == nil {
		c, err := clock.NewDatabase(ctx, s.DB(), s.Dialect(), clockInterval)
		if err != nil {
			return err
		}
		a.Clock = c
		a.onClose(c.Close)
	}
	master, err := a.Config.Master()
	if err != nil {
		return err
	}
	if a.Keyring, err = keyring.Open(ctx, s, master, a.Clock, a.Log); err != nil {
		return err
	}
	a.onClose(a.Keyring.Close)
	a.Cursors = func() *cursor.Codec { return cursor.New(a.Keyring.Ring().Secrets(keys.Cursor, 0)) }
	client, closeRedis, err := openRedis(ctx, a.Config, traced)
	if err != nil {
		return err
	}
	client.AddHook(a.Metrics.RedisHook())
	a.Redis = client
	a.onClose(closeRedis)
	a.Broker = pubsub.New(client, a.Log)
	a.onClose(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = a.Broker.Close(ctx)
	})
	return nil
}

// openServices makes the domains, each with what it needs.
func (a *App) openServices(context.Context, Options) (err error) {
	a.WeChat, err = wechat.New(wechat.Options{BaseURL: a.Config.WeChatBase(), Redis: a.Redis, Logger: a.Log, Timeout: a.Config.WeChatTimeout,
		HTTPClient: &http.Client{Transport: a.Metrics.WeChatTransport(http.DefaultTransport)}})
	if err != nil {
		return err
	}
	roots := org.NewRoots(a.Database)
	events := memberevent.New(a.Database, a.Broker)
	a.Orgs = org.New(a.Database, a.Clock, a.Cursors)
	a.Staffs = staff.New(a.Database, a.Clock, a.Keyring, a.Orgs, a.Cursors)
	a.Members = member.New(member.Options{Store: a.Database, Clock: a.Clock, Keyring: a.Keyring, WeChat: a.WeChat, Orgs: a.Orgs, Events: events})
	a.Catalog = catalog.New(a.Database, roots, a.Cursors)
	a.Pages = page.New(a.Database, a.Orgs, roots)
	books := ledger.New(a.Database)
	links := &download.Links{Store: a.Database, Clock: a.Clock, Cursors: a.Cursors, Base: a.Config.BaseURL()}
	a.Clearings = clearing.New(clearing.Options{Store: a.Database, Clock: a.Clock, Orgs: a.Orgs, Ledger: books, Cursors: a.Cursors, Links: links})
	a.Messages = message.New(message.Options{Store: a.Database, Clock: a.Clock, Orgs: a.Orgs, Roots: roots, WeChat: a.WeChat, Log: a.Log})
	a.Coupons = coupon.New(coupon.Options{Store: a.Database, Clock: a.Clock, Redis: a.Redis, Orgs: a.Orgs, Members: a.Members, Events: events, Clearing: a.Clearings, Catalog: a.Catalog, Keyring: a.Keyring, Messages: a.Messages, Links: links, Cursors: a.Cursors, Log: a.Log,
		ObserveBatch: func(size int, seconds float64) {
			a.Metrics.Batch("claim", size, time.Duration(seconds*float64(time.Second)))
		}})
	a.onClose(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = a.Coupons.Close(ctx)
	})
	a.Identity = identity.New(identity.Options{Store: a.Database, Clock: a.Clock, Keyring: a.Keyring, Redis: a.Redis, WeChat: a.WeChat,
		Issuer: a.Config.BaseURL(), Log: a.Log, Members: a.Members, Coupons: a.Coupons})
	a.Messages.Addressees = a.Identity
	a.Messages.Subjects = map[enum.MessageTopic]message.Subject{enum.MessageCouponExpiry: a.Coupons}
	a.Wallets = wallet.New(wallet.Options{Store: a.Database, Clock: a.Clock, Keyring: a.Keyring, Ledger: books, Orgs: a.Orgs, Roots: roots, Members: a.Members,
		Clearing: a.Clearings, Events: events, Cursors: a.Cursors})
	a.Redemptions = redemption.New(redemption.Options{Broker: a.Broker, Store: a.Database, Clock: a.Clock, Keyring: a.Keyring, Redis: a.Redis, Orgs: a.Orgs, Events: events,
		Catalog: a.Catalog, Clearing: a.Clearings, Cursors: a.Cursors, Kinds: map[enum.RedemptionKind]redemption.Redeemable{enum.RedeemCoupon: a.Coupons.Redeemable()},
		StoredValue: a.Wallets, Links: links, Shifts: topup.Shifts{Store: a.Database}})
	a.Members.OnLeave(a.Coupons)
	a.Members.OnLeave(a.Wallets)
	a.Payments = payment.New(payment.Options{Store: a.Database, Clock: a.Clock, Keyring: a.Keyring, Redis: a.Redis, Orgs: a.Orgs, Ledger: books, Payers: a.Identity,
		WeChat: a.WeChat, Cursors: a.Cursors, Log: a.Log, BaseURL: a.Config.BaseURL(), Alert: a.Metrics.PaymentAlert,
		Pay: wechatpay.Options{BaseURL: a.Config.WeChatPayBase(), Logger: a.Log}})
	a.Points = points.New(points.Options{Store: a.Database, Clock: a.Clock, Ledger: books, Orgs: a.Orgs, Roots: roots, Members: a.Members, Events: events,
		Cursors: a.Cursors})
	a.TopUps = topup.New(topup.Options{Store: a.Database, Clock: a.Clock, Keyring: a.Keyring, Orgs: a.Orgs, Ledger: books, Wallets: a.Wallets, Payments: a.Payments,
		Coupons: a.Coupons, Events: events, Cursors: a.Cursors, Links: links, Log: a.Log})
	a.Payments.Register(enum.PayTopUp, a.TopUps)
	a.Identity.OnJoin(a.TopUps)
	a.Members.OnLeave(a.TopUps)
	return nil
}

func (a *App) onClose(f func()) { a.closers = append(a.closers, f) }

// Close ends everything that New began.
func (a *App) Close() {
	for i := len(a.closers) - 1; i >= 0; i-- {
		a.closers[i]()
	}
	a.closers = nil
}
