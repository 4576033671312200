package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"entgo.io/ent/dialect"
	"github.com/redis/go-redis/v9"

	"dongxiao/internal/clock"
	"dongxiao/internal/demo"
	"dongxiao/internal/keyring"
	"dongxiao/internal/keys"
	"dongxiao/internal/store"
	"dongxiao/internal/testkit/servers"
	"dongxiao/internal/wechatsim"
)

// connections is the size of the pool that both sides of a comparison share.
const connections = 64

// databaseName is the database that everything is measured in.
const databaseName = "dongxiao_bench"

// window is how long one side runs before it is the other's turn.
const window = time.Second

// environment is what every benchmark runs on.
type environment struct {
	// measure is how long each side of a comparison is measured altogether.
	measure time.Duration
	store   *store.Store
	redis   *redis.Client
	// statements counts what goes through the store.
	statements atomic.Int64

	mariaDB     *servers.Database
	redisServer *servers.RedisServer
	weChat      simulatedWeChat
}

// simulatedWeChat stands in for WeChat in this process.
type simulatedWeChat struct {
	// url is where a server asks it, control where people use it.
	url     string
	control *wechatsim.Remote
	stop    func()
}

// simulateWeChat starts a simulator that knows the demo brand's apps.
func simulateWeChat(ctx context.Context) (simulatedWeChat, error) {
	simulator := wechatsim.New(wechatsim.Config{Seed: "bench", Logger: slog.New(slog.DiscardHandler)})
	api, control := httptest.NewServer(simulator.API()), httptest.NewServer(simulator.Control())
	s := simulatedWeChat{api.URL, wechatsim.NewRemote(control.URL), func() { api.Close(); control.Close() }}
	return s, (&demo.SignIns{Simulator: s.control}).Register(ctx)
}

// start starts the servers and migrates an empty database.
func start(ctx context.Context, measure time.Duration) (e *environment, err error) {
	e = &environment{measure: measure}
	defer func() {
		if err != nil {
			err = errors.Join(err, e.stop())
		}
	}()
	if e.mariaDB, err = servers.MariaDB(ctx, servers.Options{Durable: true, BufferPoolMegabytes: 512}); err != nil {
		return e, err
	}
	if e.redisServer, err = servers.Redis(ctx); err != nil {
		return e, err
	}
	if err = e.mariaDB.CreateDatabase(ctx, databaseName); err != nil {
		return e, err
	}
	e.store, err = store.Open(ctx, store.Options{Dialect: dialect.MySQL, DSN: e.mariaDB.DSN(databaseName), MaxConnections: connections,
		Observe: func(context.Context, string) { e.statements.Add(1) }})
	if err != nil {
		return e, err
	}
	if err = e.store.Migrate(ctx, nil); err != nil {
		return e, err
	}
	options, err := redis.ParseURL(e.redisServer.URL())
	if err != nil {
		return e, err
	}
	e.redis = redis.NewClient(options)
	e.weChat, err = simulateWeChat(ctx)
	return e, err
}

// stop stops what was started.
func (e *environment) stop() error {
	var errs []error
	if e.weChat.stop != nil {
		e.weChat.stop()
	}
	if e.redis != nil {
		errs = append(errs, e.redis.Close())
	}
	if e.store != nil {
		errs = append(errs, e.store.Close())
	}
	if e.redisServer != nil {
		errs = append(errs, e.redisServer.Stop())
	}
	if e.mariaDB != nil {
		errs = append(errs, e.mariaDB.Stop())
	}
	return errors.Join(errs...)
}

// openKeyring opens the keys of the database, under the development's master key.
func (e *environment) openKeyring(ctx context.Context, now clock.Clock) (*keyring.Keyring, error) {
	current, err := keys.ParseMasterKey(keys.DevelopmentMasterKey)
	if err != nil {
		return nil, err
	}
	master, err := keys.NewMaster(current, nil)
	if err != nil {
		return nil, err
	}
	return keyring.Open(ctx, e.store, master, now, slog.New(slog.DiscardHandler))
}

// windows is how many turns each side gets: an odd number, at least three.
func (e *environment) windows() int { return max(int(e.measure/window), 3) | 1 }

// alternate gives both sides their turns, one after the other, and the median of each.
func (e *environment) alternate(a, b func() (float64, error)) (medianA, medianB float64, err error) {
	var valuesA, valuesB []float64
	for range e.windows() {
		valueA, err := a()
		if err != nil {
			return 0, 0, err
		}
		valueB, err := b()
		if err != nil {
			return 0, 0, err
		}
		valuesA, valuesB = append(valuesA, valueA), append(valuesB, valueB)
	}
	return median(valuesA), median(valuesB), nil
}

// machine says what the numbers were measured on.
func (e *environment) machine(ctx context.Context) string {
	var version string
	if err := e.store.DB().QueryRowContext(ctx, "SELECT VERSION()").Scan(&version); err != nil {
		version = "unknown"
	}
	return fmt.Sprintf("%s, %d CPUs, %s/%s, %s, MariaDB %s", processor(), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version(), version)
}

func processor() string {
	file, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return "unknown processor"
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if name, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown processor"
}

// commitOf is the commit that was measured, with a plus where the tree differs from it.
func commitOf(ctx context.Context) string {
	output, err := exec.CommandContext(ctx, "git", "describe", "--always", "--abbrev=12", "--dirty=+").Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(output))
}
