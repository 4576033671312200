package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
	"modernc.org/sqlite"

	"dongxiao/ent"
)

// maxAttempts bounds how often WithTx runs its function; with the waits below it gives up after about four seconds.
const maxAttempts = 12

type txKey struct{}

type tx struct {
	store  *Store
	client *ent.Client
	// afterCommit runs, in order, once the transaction is durable.
	afterCommit []func()
	// proven are the rows that links may name, because the transaction has read, proved or made them.
	proven proven
}

// WithTx runs f in one transaction and commits if it returns nil; it is the only way to begin one. A nested call joins the outer
// transaction. Where the database gives up on its own account (a deadlock, a lock time-out, a serialisation failure, a connection lost before
// the commit), the whole of f runs again, so f must not do anything that a rollback does not undo. Nothing goes over the network inside
// but statements. Once the database has undone a transaction, every further statement of it and the commit get that error (see guarded).
func (s *Store) WithTx(ctx context.Context, f func(ctx context.Context) error) error {
	if t, ok := ctx.Value(txKey{}).(*tx); ok && t.store == s {
		return f(ctx)
	}
	var err error
	for attempt := range maxAttempts {
		if attempt > 0 {
			wait := time.Duration(1<<min(attempt, 9)) * time.Millisecond
			wait = wait/2 + rand.N(wait)
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(wait):
			}
		}
		var t *tx
		if t, err = s.try(ctx, f); err == nil {
			for _, after := range t.afterCommit {
				after()
			}
			return nil
		}
		if !retryable(err) {
			return err
		}
	}
	return fmt.Errorf("transaction given up after %d attempts: %w", maxAttempts, err)
}

// errCommit marks an error of the commit itself, after which nobody knows whether it happened: never retried here, the caller's
// idempotency key tells.
type errCommit struct{ error }

func (e errCommit) Unwrap() error { return e.error }

func (s *Store) try(ctx context.Context, f func(ctx context.Context) error) (t *tx, err error) {
	etx, err := s.client.Tx(ctx)
	if err != nil {
		return nil, err
	}
	done := false
	defer func() {
		if !done { // an error or a panic of f
			_ = etx.Rollback()
		}
	}()
	t = &tx{store: s, client: etx.Client()}
	if err := f(context.WithValue(ctx, txKey{}, t)); err != nil {
		return nil, err
	}
	done = true
	if err := etx.Commit(); err != nil {
		return nil, errCommit{err}
	}
	return t, nil
}

// AfterCommit runs f once the transaction of ctx is durable, or at once where there is none. f is for hints to others (a message to Redis):
// what must happen is an outbox row.
func AfterCommit(ctx context.Context, f func()) {
	if t, ok := ctx.Value(txKey{}).(*tx); ok {
		t.afterCommit = append(t.afterCommit, f)
		return
	}
	f()
}

// Codes after which the server has rolled back and asks to try again.
const (
	mysqlLockTimeout     = 1205
	mysqlDeadlock        = 1213
	mariadbSnapshot      = 1020 // record has changed since last read (snapshot isolation of MariaDB 11.6+)
	tidbWriteConflict    = 9007
	tidbRetryable        = 8002
	mysqlDuplicateEntry  = 1062
	sqliteBusy           = 5
	sqliteLocked         = 6
	sqliteConstraint     = 19
	sqliteUniqueExtended = 2067
	sqliteKeyExtended    = 1555
)

// retryable says whether the database gave up on its own account and nothing of the transaction remains.
func retryable(err error) bool {
	if my, ok := errors.AsType[*mysql.MySQLError](err); ok {
		switch my.Number {
		case mysqlLockTimeout, mysqlDeadlock, mariadbSnapshot, tidbWriteConflict, tidbRetryable:
			return true
		}
		return duplicateID(err)
	}
	if lite, ok := errors.AsType[*sqlite.Error](err); ok {
		return lite.Code()&0xff == sqliteBusy || lite.Code()&0xff == sqliteLocked || duplicateID(err)
	}
	if _, ok := errors.AsType[errCommit](err); ok {
		return false
	}
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, mysql.ErrInvalidConn)
}

// Codes with which a server turns away that is not able to serve for the moment.
const (
	mysqlTooManyConnections = 1040
	mysqlShutdown           = 1053
	mysqlForcedClose        = 1080
	mysqlReadOnly           = 1290 // a replica, until it is promoted
	mysqlInterrupted        = 1317
	mysqlReadOnlyMode       = 1836
	mariadbKilled           = 1927
)

// Away says whether err is that the database was not there, or came to no answer: a connection that was refused or lost, a server that shuts down, a
// transaction that was given up after all its attempts. It may serve again at any moment. Where a commit got lost nobody knows whether it happened, which a
// repeat under the same idempotency key finds out.
func Away(err error) bool {
	if my, ok := errors.AsType[*mysql.MySQLError](err); ok {
		switch my.Number {
		case mysqlTooManyConnections, mysqlShutdown, mysqlForcedClose, mysqlReadOnly, mysqlInterrupted, mysqlReadOnlyMode, mariadbKilled:
			return true
		}
		return retryable(err)
	}
	_, network := errors.AsType[net.Error](err)
	return network || errors.Is(err, driver.ErrBadConn) || errors.Is(err, mysql.ErrInvalidConn) || errors.Is(err, sql.ErrConnDone) || retryable(err)
}

// duplicateID says whether a row's own number was taken, which another draw mends (see ids.Next).
func duplicateID(err error) bool {
	if my, ok := errors.AsType[*mysql.MySQLError](err); ok && my.Number == mysqlDuplicateEntry {
		return strings.HasSuffix(my.Message, "'PRIMARY'") || strings.HasSuffix(my.Message, ".PRIMARY'")
	}
	lite, ok := errors.AsType[*sqlite.Error](err)
	return ok && lite.Code() == sqliteKeyExtended
}

// IsDuplicate says whether err is the refusal of the unique key over the columns of the table, brand_id left out.
func IsDuplicate(err error, table string, columns ...string) bool {
	if my, ok := errors.AsType[*mysql.MySQLError](err); ok {
		return my.Number == mysqlDuplicateEntry && strings.Contains(my.Message, "_"+strings.Join(columns, "_")+"'")
	}
	if lite, ok := errors.AsType[*sqlite.Error](err); ok && lite.Code() == sqliteUniqueExtended {
		for _, c := range columns {
			if !strings.Contains(lite.Error(), table+"."+c) {
				return false
			}
		}
		return true
	}
	return false
}

// IsAnyDuplicate says whether err is the refusal of some unique key.
func IsAnyDuplicate(err error) bool {
	if my, ok := errors.AsType[*mysql.MySQLError](err); ok {
		return my.Number == mysqlDuplicateEntry
	}
	lite, ok := errors.AsType[*sqlite.Error](err)
	return ok && lite.Code()&0xff == sqliteConstraint && (lite.Code() == sqliteUniqueExtended || lite.Code() == sqliteKeyExtended)
}
