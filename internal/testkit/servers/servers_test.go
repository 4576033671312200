package servers

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

// ownerVariable makes the test binary play a process that starts servers and waits to be killed.
const ownerVariable = "DONGXIAO_TEST_SERVERS_OWNER"

func TestMain(m *testing.M) {
	if os.Getenv(ownerVariable) != "" {
		own()
		return
	}
	os.Exit(m.Run())
}

// own starts both servers, prints their process ids and folders, and waits.
func own() {
	database, err := MariaDB(context.Background(), Options{BufferPoolMegabytes: 16})
	if err != nil {
		panic(err)
	}
	redis, err := Redis(context.Background())
	if err != nil {
		panic(err)
	}
	fmt.Println(database.ProcessID(), redis.ProcessID(), database.folder.path, redis.folder.path)
	time.Sleep(time.Hour)
}

func open(t *testing.T, dsn string) *sql.DB {
	t.Helper()
	pool, err := sql.Open("mysql", dsn)
	require.NoError(t, err)
	t.Cleanup(func() { _ = pool.Close() })
	return pool
}

func startMariaDB(t *testing.T, options Options) *Database {
	t.Helper()
	database, err := MariaDB(t.Context(), options)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, database.Stop()) })
	return database
}

func TestMariaDBHasTheSettingsThatTheStoreRelyOn(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]struct {
		options Options
		flush   string
		pool    string
	}{
		"fast":    {Options{}, "0", "268435456"},
		"durable": {Options{Durable: true, BufferPoolMegabytes: 32}, "1", "33554432"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			database := startMariaDB(t, want.options)
			var flush, pool, connections, charset, collation, zone, schema, binlog string
			require.NoError(t, open(t, database.DSN("")).QueryRow(`SELECT @@innodb_flush_log_at_trx_commit, @@innodb_buffer_pool_size, @@max_connections,
				@@character_set_server, @@collation_server, @@time_zone, @@performance_schema, @@log_bin`).
				Scan(&flush, &pool, &connections, &charset, &collation, &zone, &schema, &binlog))
			require.Equal(t, []string{want.flush, want.pool, "500", "utf8mb4", "utf8mb4_bin", "+00:00", "0", "0"},
				[]string{flush, pool, connections, charset, collation, zone, schema, binlog})
		})
	}
}

func TestMariaDBKeepsItsDataAndAddressWhenKilledAndRestarted(t *testing.T) {
	t.Parallel()
	database := startMariaDB(t, Options{Durable: true, BufferPoolMegabytes: 16})
	require.NoError(t, database.CreateDatabase(t.Context(), "shop"))
	pool := open(t, database.DSN("shop"))
	_, err := pool.Exec("CREATE TABLE item (name varchar(32) PRIMARY KEY)")
	require.NoError(t, err)
	insert := func(name string) {
		_, err := pool.Exec("INSERT INTO item VALUES (?)", name)
		require.NoError(t, err)
	}
	count := func() (n int) {
		require.NoError(t, pool.QueryRow("SELECT count(*) FROM item").Scan(&n))
		return n
	}

	insert("before the kill")
	first := database.ProcessID()
	require.NoError(t, database.Kill())
	require.Zero(t, database.ProcessID())
	require.Error(t, pool.Ping())
	require.ErrorIs(t, database.Kill(), errNotRunning)
	require.NoError(t, database.Restart(t.Context()))
	require.NotEqual(t, first, database.ProcessID())
	require.Equal(t, 1, count())

	insert("before the restart")
	require.NoError(t, database.Restart(t.Context()))
	require.Equal(t, 2, count())
}

func TestStopRemovesEverything(t *testing.T) {
	t.Parallel()
	database, err := MariaDB(t.Context(), Options{BufferPoolMegabytes: 16})
	require.NoError(t, err)
	redis, err := Redis(t.Context())
	require.NoError(t, err)
	require.NoError(t, database.Stop())
	require.NoError(t, redis.Stop())
	require.NoDirExists(t, database.folder.path)
	require.NoDirExists(t, redis.folder.path)
	require.Error(t, database.ping(t.Context()))
	require.Error(t, redis.ping(t.Context()))
}

func TestMariaDBTellsItsLogWhenItCannotStart(t *testing.T) {
	t.Parallel()
	_, err := MariaDB(t.Context(), Options{Arguments: []string{"--no-such-option"}})
	require.ErrorContains(t, err, "no-such-option")
}

func TestRedisIsEmptyAfterFlushAndRestart(t *testing.T) {
	t.Parallel()
	server, err := Redis(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Stop()) })
	options, err := redis.ParseURL(server.URL())
	require.NoError(t, err)
	client := redis.NewClient(options)
	t.Cleanup(func() { _ = client.Close() })
	for _, empty := range []func(context.Context) error{server.FlushAll, server.Restart} {
		require.NoError(t, client.Set(t.Context(), "key", "value", 0).Err())
		require.NoError(t, empty(t.Context()))
		require.ErrorIs(t, client.Get(t.Context(), "key").Err(), redis.Nil)
	}
	require.NoError(t, server.Kill())
	require.Error(t, client.Ping(t.Context()).Err())
	require.NoError(t, server.Restart(t.Context()))
	require.NoError(t, client.Ping(t.Context()).Err())
}

// A process that is killed takes its servers along, and its folders go when the next process looks.
func TestAKilledProcessLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	owner := exec.Command(os.Args[0])
	owner.Env = append(os.Environ(), ownerVariable+"=1", "TMPDIR="+t.TempDir())
	output, err := owner.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, owner.Start())
	line, err := bufio.NewReader(output).ReadString('\n')
	require.NoError(t, err)
	fields := strings.Fields(line)
	require.Len(t, fields, 4)
	folders := fields[2:]
	parent := filepath.Dir(folders[0])
	later := time.Now().Add(2 * staleAfter)

	sweep(parent, later)
	for _, folder := range folders {
		require.DirExists(t, folder, "the owner lives")
	}

	require.NoError(t, owner.Process.Kill())
	_ = owner.Wait()
	for _, text := range fields[:2] {
		id, err := strconv.Atoi(text)
		require.NoError(t, err)
		require.Eventually(t, func() bool { return errors.Is(syscall.Kill(id, 0), syscall.ESRCH) || zombie(id) }, 30*time.Second, 10*time.Millisecond)
	}
	sweep(parent, time.Now())
	for _, folder := range folders {
		require.DirExists(t, folder, "too young to be judged")
	}
	sweep(parent, later)
	for _, folder := range folders {
		require.NoDirExists(t, folder)
	}
}

// zombie tells whether the process is dead and only waits for whoever inherited it to notice.
func zombie(id int) bool {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", id))
	return err == nil && strings.Contains(string(status), ") Z ")
}

func TestEachTestHasADatabaseOfItsOwn(t *testing.T) {
	t.Parallel()
	var first string
	t.Run("first", func(t *testing.T) {
		first = NewDatabase(t)
		_, err := open(t, first).Exec("CREATE TABLE a (b int)")
		require.NoError(t, err)
	})
	require.ErrorContains(t, open(t, first).Ping(), "Unknown database", "dropped with its test")

	second := NewDatabase(t)
	require.NotEqual(t, first, second)
	var tables int
	require.NoError(t, open(t, second).QueryRow("SELECT count(*) FROM information_schema.tables WHERE table_schema = database()").Scan(&tables))
	require.Zero(t, tables)

	config, err := mysql.ParseDSN(second)
	require.NoError(t, err)
	require.True(t, config.ParseTime && config.ClientFoundRows && config.InterpolateParams)
	require.Equal(t, time.UTC, config.Loc)
	require.Equal(t, "mysql://"+config.User+":"+config.Passwd+"@"+config.Addr+"/"+config.DBName, DatabaseURL(t, second))
}

func TestTheTestsOfAPackageShareOneDatabase(t *testing.T) {
	t.Parallel()
	require.Equal(t, PackageDatabase(t), PackageDatabase(t))
	require.NoError(t, open(t, PackageDatabase(t)).Ping())
}

func TestEachTestHasARedisOfItsOwn(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(testing.TB) string{"redis": NewRedis, "miniredis": NewMiniredis} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			connect := func() *redis.Client {
				options, err := redis.ParseURL(start(t))
				require.NoError(t, err)
				client := redis.NewClient(options)
				t.Cleanup(func() { _ = client.Close() })
				return client
			}
			one, other := connect(), connect()
			heard := other.Subscribe(t.Context(), "news")
			_, err := heard.Receive(t.Context())
			require.NoError(t, err)
			receivers, err := one.Publish(t.Context(), "news", "hello").Result()
			require.NoError(t, err)
			require.Zero(t, receivers)

			require.NoError(t, one.Set(t.Context(), "key", "value", 50*time.Millisecond).Err())
			require.Eventually(t, func() bool { return errors.Is(one.Get(t.Context(), "key").Err(), redis.Nil) }, 30*time.Second, 10*time.Millisecond,
				"keys expire with real time")
		})
	}
}

func TestMissingProgramsAreNamedByTheirPackages(t *testing.T) {
	t.Parallel()
	none := func(string) (string, error) { return "", exec.ErrNotFound }
	require.Equal(t, []string{"mariadb-server-core", "mariadb-client-core", "redis-server", "gcc", "libc6-dev"}, missing(none))
	noRedis := func(name string) (string, error) {
		if name == "redis-server" {
			return none(name)
		}
		return name, nil
	}
	require.Equal(t, []string{"redis-server"}, missing(noRedis))
	_, err := find("no-such-program")
	require.EqualError(t, err, "no-such-program is not installed: on Debian or Ubuntu run: apt-get install mariadb-server-core mariadb-client-core redis-server")
}
