// Package store is the data layer: it opens the database, runs transactions, keeps tenants apart, and tells constraint errors apart.
//
// Everything reads and writes through Client(ctx), which is the transaction's client inside WithTx.
package store

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"strings"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"github.com/XSAM/otelsql"
	_ "github.com/go-sql-driver/mysql" // the driver of production
	_ "modernc.org/sqlite"             // the embedded database

	"dongxiao/ent"
)

// Options of Open.
type Options struct {
	// Dialect is dialect.MySQL or dialect.SQLite.
	Dialect string
	// DSN is the driver's: for MySQL with parseTime=true&loc=UTC&clientFoundRows=true, for SQLite a file's path.
	DSN string
	// MaxConnections bounds the pool; 64 by default, for SQLite 8.
	MaxConnections int
	// Observe is told every statement, for metrics and for tests that count them; nil for nobody.
	Observe func(ctx context.Context, statement string)
	// Trace makes an OpenTelemetry span of every statement.
	Trace bool
}

// Store is an open database.
type Store struct {
	db      *sql.DB
	client  *ent.Client
	dialect string
}

// Open opens the database; it does not migrate.
func Open(ctx context.Context, o Options) (*Store, error) {
	driverName, dsn := "mysql", o.DSN
	if o.Dialect == dialect.SQLite {
		driverName, dsn = "sqlite", sqliteDSN(o.DSN)
	}
	open := sql.Open
	if o.Trace {
		open = func(name, dsn string) (*sql.DB, error) {
			return otelsql.Open(name, dsn, otelsql.WithSpanOptions(otelsql.SpanOptions{DisableErrSkip: true, OmitConnResetSession: true, OmitRows: true}))
		}
	}
	db, err := open(driverName, dsn)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	if o.MaxConnections == 0 {
		o.MaxConnections = 64
		if o.Dialect == dialect.SQLite {
			o.MaxConnections = 8
		}
	}
	db.SetMaxOpenConns(o.MaxConnections)
	db.SetMaxIdleConns(o.MaxConnections)
	db.SetConnMaxLifetime(30 * time.Minute)
	if err := db.PingContext(ctx); err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("reach the database: %w", err)
	}
	var driver dialect.Driver = newGuarded(entsql.OpenDB(o.Dialect, db))
	if o.Observe != nil {
		driver = &observed{Driver: driver, observe: o.Observe}
	}
	s := &Store{db: db, client: ent.NewClient(ent.Driver(driver)), dialect: o.Dialect}
	s.guard()
	return s, nil
}

// sqliteDSN adds what correctness needs: a write-ahead log, transactions that take the writer's lock when they begin, time-outs instead
// of SQLITE_BUSY, and times that sort as text.
func sqliteDSN(path string) string {
	q := url.Values{
		"_pragma":      {"journal_mode(WAL)", "busy_timeout(10000)", "synchronous(NORMAL)", "cache_size(-65536)", "temp_store(MEMORY)"},
		"_txlock":      {"immediate"},
		"_time_format": {"sqlite"},
		"_timezone":    {"UTC"}, // or times come back in the zone of the machine
	}
	if strings.Contains(path, "?") {
		return path + "&" + q.Encode()
	}
	return "file:" + path + "?" + q.Encode()
}

// Client reads and writes; inside WithTx it is the transaction's.
func (s *Store) Client(ctx context.Context) *ent.Client {
	if t, ok := ctx.Value(txKey{}).(*tx); ok && t.store == s {
		return t.client
	}
	return s.client
}

// DB is the pool itself, for migrations and for health checks. Statements that touch rows go through Client.
func (s *Store) DB() *sql.DB { return s.db }

// Dialect is dialect.MySQL or dialect.SQLite.
func (s *Store) Dialect() string { return s.dialect }

// Close closes the pool.
func (s *Store) Close() error { return s.client.Close() }

// Locked makes a query lock the rows that it reads until the transaction ends, and see them as they are now, not as its snapshot has them. The immediate
// transaction of SQLite has locked everything already.
func Locked[Query interface {
	ForUpdate(...entsql.LockOption) Query
}](s *Store, query Query) Query {
	if s.dialect == dialect.MySQL {
		return query.ForUpdate()
	}
	return query
}

// ForUpdate is the suffix of a SELECT that locks its rows: the immediate transaction of SQLite has locked everything already.
func (s *Store) ForUpdate() string {
	if s.dialect == dialect.MySQL {
		return " FOR UPDATE"
	}
	return ""
}
