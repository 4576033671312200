// Package servers gives tests and benchmarks the real servers that production uses: a private MariaDB and a private Redis,
// started from the installed binaries on a temporary folder and a free port, and gone with the process that started them.
//
// A test asks for what it needs and never skips: NewDatabase or PackageDatabase (MariaDB), NewRedis, NewSQLite, NewMiniredis. Tests
// that kill or restart a server start one of their own with MariaDB and Redis.
package servers

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/go-sql-driver/mysql"
)

// MySQLVariable is the environment variable that names a running MariaDB or MySQL for the tests: a go-sql-driver DSN without a
// database, of an account that may create databases. runtests sets it, so that one server serves the tests of all packages.
// Without it every test process starts its own.
const MySQLVariable = "DONGXIAO_TEST_MYSQL"

// KillsVariable is the environment variable behind Kills.
const KillsVariable = "DONGXIAO_TEST_KILLS"

// shared is the account on the MariaDB that all tests of this process use, from the environment or started here at the first call.
// What is started here ends with the process; its folder is removed by the next process that starts a server.
var shared = sync.OnceValues(func() (*mysql.Config, error) {
	if dsn := os.Getenv(MySQLVariable); dsn != "" {
		config, err := mysql.ParseDSN(dsn)
		if err != nil {
			return nil, fmt.Errorf("%s is not a go-sql-driver DSN", MySQLVariable)
		}
		return withStoreParameters(config), nil
	}
	database, err := MariaDB(context.Background(), Options{})
	if err != nil {
		return nil, err
	}
	return database.config(""), nil
})

// packageDatabase is the database behind PackageDatabase.
var packageDatabase = sync.OnceValues(func() (string, error) {
	root, err := shared()
	if err != nil {
		return "", err
	}
	name := randomName()
	return dsnOf(root, name), createDatabase(context.Background(), root, name)
})

// NewDatabase creates an empty database with a random name on the MariaDB shared by all tests and gives its go-sql-driver DSN. The
// database is dropped when the test and its subtests are over: close what is connected to it before, with a later t.Cleanup. The
// test fails, and says what to install, when there is no MariaDB.
func NewDatabase(t testing.TB) string {
	t.Helper()
	root, err := shared()
	if err != nil {
		t.Fatalf("start MariaDB: %v", err)
	}
	name := randomName()
	if err := createDatabase(t.Context(), root, name); err != nil {
		t.Fatalf("create a database: %v", err)
	}
	t.Cleanup(func() {
		if err := execute(context.Background(), root, "DROP DATABASE "+quote(name)); err != nil {
			t.Errorf("drop the database: %v", err)
		}
	})
	return dsnOf(root, name)
}

// PackageDatabase gives the DSN of one database that all tests of the package share, empty at the first call. Migrate it once (with
// sync.OnceValues, say) and give each test a brand of its own: that is much faster than a database a test. It lives as long as its
// server.
func PackageDatabase(t testing.TB) string {
	t.Helper()
	dsn, err := packageDatabase()
	if err != nil {
		t.Fatalf("start MariaDB: %v", err)
	}
	return dsn
}

// DatabaseURL turns a DSN that this package gave into the form of the setting --database: mysql://user:password@host:port/name.
func DatabaseURL(t testing.TB, dsn string) string {
	t.Helper()
	config, err := mysql.ParseDSN(dsn)
	if err != nil {
		t.Fatalf("parse the DSN: %v", err)
	}
	return databaseURL(config)
}

// NewSQLite gives the path of a SQLite file that does not exist yet, in a folder that is removed after the test.
func NewSQLite(t testing.TB) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "dongxiao.sqlite")
}

// NewRedis starts a Redis server for this test alone and gives its URL; it takes some 20 ms and 7 MB. A numbered database of a shared
// server would not do: publish and subscribe ignore the number, so tests would hear each other. The test fails, and says what
// to install, when there is no Redis.
func NewRedis(t testing.TB) string {
	t.Helper()
	server, err := Redis(t.Context())
	if err != nil {
		t.Fatalf("start Redis: %v", err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Errorf("stop Redis: %v", err)
		}
	})
	return server.URL()
}

// NewMiniredis starts an in-process Redis server for this test alone, as development uses it, and gives its URL. Its keys expire with
// real time.
func NewMiniredis(t testing.TB) string {
	t.Helper()
	server := miniredis.NewMiniRedis()
	if err := server.Start(); err != nil {
		t.Fatalf("start miniredis: %v", err)
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		const step = 20 * time.Millisecond
		tick := time.NewTicker(step)
		defer tick.Stop()
		for last := time.Now(); ; {
			select {
			case now := <-tick.C:
				server.FastForward(now.Sub(last))
				last = now
			case <-stop:
				return
			}
		}
	}()
	t.Cleanup(func() {
		close(stop)
		<-stopped
		server.Close()
	})
	return "redis://" + server.Addr() + "/0"
}

// Kills is how often a fault test kills a server or a process: 3, or what the environment variable DONGXIAO_TEST_KILLS says (make soak
// sets 20).
func Kills(t testing.TB) int {
	t.Helper()
	text := os.Getenv(KillsVariable)
	if text == "" {
		return 3
	}
	kills, err := strconv.Atoi(text)
	if err != nil || kills < 1 {
		t.Fatalf("%s must be a whole number above zero", KillsVariable)
	}
	return kills
}

// randomName is a database name that no other test has.
func randomName() string { return "dongxiao_test_" + strings.ToLower(rand.Text()) }

func quote(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

func dsnOf(root *mysql.Config, name string) string {
	config := root.Clone()
	config.DBName = name
	return config.FormatDSN()
}

func createDatabase(ctx context.Context, root *mysql.Config, name string) error {
	return execute(ctx, root, "CREATE DATABASE "+quote(name)+" CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
}

// execute runs one statement on a connection of its own.
func execute(ctx context.Context, config *mysql.Config, statement string) error {
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return err
	}
	pool := sql.OpenDB(connector)
	_, err = pool.ExecContext(ctx, statement)
	return errors.Join(err, pool.Close())
}
