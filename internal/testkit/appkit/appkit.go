// Package appkit starts the whole server as its users meet it: on real databases, behind HTTP and sockets, with the WeChat simulator in
// WeChat's place and a small brand of the test's own.
package appkit

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	"github.com/stretchr/testify/require"

	"dongxiao/clients"
	"dongxiao/graph/persisted"
	"dongxiao/internal/app"
	"dongxiao/internal/clock"
	"dongxiao/internal/config"
	"dongxiao/internal/store"
	"dongxiao/internal/testkit"
	"dongxiao/internal/testkit/servers"
	"dongxiao/internal/wechatsim"
)

// Installation is one database, one Redis and one simulator, which any number of servers share.
type Installation struct {
	Dialect, DatabaseURL, RedisURL string
	// WeChat is the simulator's control port.
	WeChat *wechatsim.Remote

	weChatURL string
	// publicURL is the first server's: the one that all servers of the installation tell others.
	publicURL string
}

// Options of a server.
type Options struct {
	// Arguments are settings as on the command line; they win over the kit's.
	Arguments []string
	// Clock stands in for the database's. Such a server is Quiet, for it would take leases in another time, and keep them from all others.
	Clock clock.Clock
	// Migrate applies pending migrations at the start.
	Migrate bool
	// Quiet leaves the periodic work out, so that every statement is a request's.
	Quiet bool
	// Statement is told every SQL statement.
	Statement func(ctx context.Context, statement string)
}

// Server is one running server.
type Server struct {
	App *app.App
	// URL is its address without a trailing slash, and Address the same as host:port.
	URL, Address string

	stop    func()
	stopped chan error
	logs    *syncBuffer
}

// Each runs the test on both databases, each with one server and a brand of its own.
func Each(t *testing.T, o Options, test func(t *testing.T, k *Kit)) {
	for _, d := range []string{dialect.MySQL, dialect.SQLite} {
		t.Run(d, func(t *testing.T) {
			t.Parallel()
			i := Install(t, d)
			test(t, NewKit(t, i, i.Serve(t, o)))
		})
	}
}

// simulated is the simulator of this process.
var simulated = sync.OnceValues(func() (*wechatsim.Remote, string) {
	s := wechatsim.New(wechatsim.Config{Logger: slog.New(slog.DiscardHandler)})
	return wechatsim.NewRemote(httptest.NewServer(s.Control()).URL), httptest.NewServer(s.API()).URL
})

// Install gives MariaDB with Redis, which the package's tests share, or a SQLite file with an embedded Redis of the test's own.
func Install(t testing.TB, d string) *Installation {
	t.Helper()
	i := &Installation{Dialect: d}
	i.WeChat, i.weChatURL = simulated()
	if d == dialect.MySQL {
		opened := shared()
		require.NoError(t, opened.err)
		i.DatabaseURL, i.RedisURL = opened.database, opened.redis
		return i
	}
	empty, err := template()
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "dongxiao.db")
	require.NoError(t, os.WriteFile(file, empty, 0o600))
	i.DatabaseURL, i.RedisURL = "sqlite://"+file, servers.NewMiniredis(t)
	return i
}

// Own is an installation for one test alone. Tests that kill a server need it: what that one held nobody else gets until its lease is over.
func Own(t testing.TB, d string) *Installation {
	t.Helper()
	if d == dialect.SQLite {
		return Install(t, d)
	}
	dsn := servers.NewDatabase(t)
	require.NoError(t, prepare(t.Context(), store.Options{Dialect: d, DSN: dsn}))
	return Fresh(t, servers.DatabaseURL(t, dsn), servers.NewRedis(t), d)
}

// Fresh is an installation on an empty database that nobody else uses.
func Fresh(t testing.TB, databaseURL, redisURL, d string) *Installation {
	i := &Installation{Dialect: d, DatabaseURL: databaseURL, RedisURL: redisURL}
	i.WeChat, i.weChatURL = simulated()
	return i
}

type sharedServers struct {
	database, redis string
	err             error
}

// process stands in for the test in set-up that outlives it.
type process struct{ testing.TB }

func (process) Helper()                      {}
func (process) Fatalf(f string, args ...any) { panic(fmt.Errorf(f, args...)) }

// shared migrates MariaDB once and starts one Redis: all servers of the tests belong to one installation, as in production.
var shared = sync.OnceValue(func() (s sharedServers) {
	ctx := context.Background()
	dsn := servers.PackageDatabase(process{})
	s.database = servers.DatabaseURL(process{}, dsn)
	redis, err := servers.Redis(ctx)
	if err != nil {
		return sharedServers{err: err}
	}
	s.redis = redis.URL()
	s.err = prepare(ctx, store.Options{Dialect: dialect.MySQL, DSN: dsn})
	return s
})

// template is a migrated SQLite database without rows.
var template = sync.OnceValues(func() ([]byte, error) {
	folder, err := os.MkdirTemp("", "dongxiao-appkit-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	file := filepath.Join(folder, "template.db")
	if err := prepare(context.Background(), store.Options{Dialect: dialect.SQLite, DSN: file}); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
})

func prepare(ctx context.Context, o store.Options) error {
	s, err := store.Open(ctx, o)
	if err != nil {
		return err
	}
	if err := s.Migrate(ctx, nil); err != nil {
		return err
	}
	if o.Dialect == dialect.SQLite { // what is in the log goes into the file
		if _, err := s.DB().ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
			return err
		}
	}
	return s.Close()
}

// Config is a server's configuration in this installation.
func (i *Installation) Config(t testing.TB, arguments ...string) config.Config {
	t.Helper()
	c, err := config.Parse(i.arguments(t, arguments...)...)
	require.NoError(t, err)
	return c
}

// arguments are the settings of a server in this installation.
func (i *Installation) arguments(t testing.TB, more ...string) []string {
	if i.publicURL != "" {
		more = append([]string{"--public-url=" + i.publicURL}, more...)
	}
	return append([]string{"--environment=development", "--database=" + i.DatabaseURL, "--redis=" + i.RedisURL, "--simulator=off", "--wechat-url=" + i.weChatURL,
		"--wechat-pay-url=" + i.weChatURL, "--database-connections=16", "--sign-ins-per-minute=1000000", "--data-directory=" + t.TempDir()}, more...)
}

// publish makes the first server's address the installation's.
func (i *Installation) publish(address string) {
	if i.publicURL == "" {
		i.publicURL = "http://" + address
	}
}

// Serve starts a server on a free port and stops it when the test is over.
func (i *Installation) Serve(t testing.TB, o Options) *Server {
	t.Helper()
	logs := &syncBuffer{}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	i.publish(listener.Addr().String())
	a, err := app.New(t.Context(), app.Options{Config: i.Config(t, o.Arguments...), Clock: o.Clock, Statement: o.Statement, Migrate: o.Migrate,
		Logger: slog.New(slog.NewTextHandler(logs, &slog.HandlerOptions{Level: slog.LevelWarn}))})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	s := &Server{App: a, URL: "http://" + listener.Addr().String(), Address: listener.Addr().String(), stopped: make(chan error, 1), logs: logs}
	s.stop = sync.OnceFunc(func() {
		cancel()
		err := <-s.stopped
		a.Close()
		s.stopped <- err
	})
	if o.Quiet || o.Clock != nil {
		go func() { _ = http.Serve(listener, a.Handler()) }()
		go func() { <-ctx.Done(); s.stopped <- listener.Close() }()
	} else {
		listening := make(chan struct{})
		go func() { s.stopped <- a.Serve(ctx, listener, nil, func() { close(listening) }) }()
		<-listening
	}
	t.Cleanup(func() {
		s.stop()
		if t.Failed() {
			t.Logf("the server's warnings and errors:\n%s", logs)
		}
	})
	return s
}

// Stop stops the server gracefully and gives what Serve returned.
func (s *Server) Stop() error {
	s.stop()
	err := <-s.stopped
	s.stopped <- err
	return err
}

// Logs are the warnings and errors so far.
func (s *Server) Logs() string { return s.logs.String() }

// Manifest has the front ends' documents by face and name.
var Manifest = sync.OnceValue(func() map[string]map[string]persisted.Document {
	manifest, err := persisted.Manifest(clients.Files)
	if err != nil {
		panic(err)
	}
	return manifest
})

// HTTPClient keeps enough connections for a race, and gives up in the end.
var HTTPClient = &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 128}}

// Verify proves the books of the kit's database.
func (k *Kit) Verify(t testing.TB) {
	t.Helper()
	testkit.Verify(t, k.Store)
}

// syncBuffer collects a server's log.
type syncBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}
