package store

import (
	"context"
	"database/sql"
	"sync"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
)

// guarded makes transactions that end with the first error after which the database has undone them. A server that breaks a deadlock rolls the transaction
// back and leaves the connection open: a statement that was sent all the same would be a transaction of its own, committed at once, and a commit would
// succeed with half of the work.
//
// On SQLite it also lets one writer of this process at a time begin. There is one anyway: waiting here is fair and cheap, waiting in SQLite's busy handler is
// neither, and may end with an error.
type guarded struct {
	dialect.Driver
	// writer holds one element while somebody writes; nil where many may.
	writer chan struct{}
}

func newGuarded(driver dialect.Driver) *guarded {
	d := &guarded{Driver: driver}
	if driver.Dialect() == dialect.SQLite {
		d.writer = make(chan struct{}, 1)
	}
	return d
}

// enter waits for the turn to write.
func (d *guarded) enter(ctx context.Context) error {
	if d.writer == nil {
		return nil
	}
	select {
	case d.writer <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (d *guarded) leave() {
	if d.writer != nil {
		<-d.writer
	}
}

func (d *guarded) Tx(ctx context.Context) (dialect.Tx, error) {
	if err := d.enter(ctx); err != nil {
		return nil, err
	}
	t, err := d.Driver.Tx(ctx)
	if err != nil {
		d.leave()
		return nil, err
	}
	return &guardedTx{Tx: t, leave: sync.OnceFunc(d.leave)}, nil
}

func (d *guarded) Exec(ctx context.Context, query string, args, v any) error {
	if err := d.enter(ctx); err != nil {
		return err
	}
	defer d.leave()
	return d.Driver.Exec(ctx, query, args, v)
}

// ExecContext serves ent's raw statements.
func (d *guarded) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if err := d.enter(ctx); err != nil {
		return nil, err
	}
	defer d.leave()
	return d.Driver.(raw).ExecContext(ctx, query, args...)
}

// QueryContext serves ent's raw statements.
func (d *guarded) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return d.Driver.(raw).QueryContext(ctx, query, args...)
}

// raw is what drivers and transactions of ent offer besides its interfaces.
type raw interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// guardedTx answers every statement after the undoing error, and the commit, with that error.
type guardedTx struct {
	dialect.Tx
	undone error
	// leave ends the turn to write.
	leave func()
}

// seen keeps the error that undid the transaction.
func (t *guardedTx) seen(err error) error {
	if err != nil && t.undone == nil && retryable(err) && !duplicateID(err) {
		t.undone = err
	}
	return err
}

func (t *guardedTx) Rollback() error {
	defer t.leave()
	return t.Tx.Rollback()
}

func (t *guardedTx) Commit() error {
	defer t.leave()
	if t.undone != nil {
		_ = t.Tx.Rollback()
		return t.undone
	}
	return t.Tx.Commit()
}

func (t *guardedTx) Exec(ctx context.Context, query string, args, v any) error {
	if t.undone != nil {
		return t.undone
	}
	return t.seen(t.Tx.Exec(ctx, query, args, v))
}

func (t *guardedTx) Query(ctx context.Context, query string, args, v any) error {
	if t.undone != nil {
		return t.undone
	}
	if err := t.seen(t.Tx.Query(ctx, query, args, v)); err != nil {
		return err
	}
	if rows, ok := v.(*entsql.Rows); ok {
		rows.ColumnScanner = &guardedRows{ColumnScanner: rows.ColumnScanner, tx: t}
	}
	return nil
}

func (t *guardedTx) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if t.undone != nil {
		return nil, t.undone
	}
	result, err := t.Tx.(raw).ExecContext(ctx, query, args...)
	return result, t.seen(err)
}

func (t *guardedTx) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if t.undone != nil {
		return nil, t.undone
	}
	rows, err := t.Tx.(raw).QueryContext(ctx, query, args...)
	return rows, t.seen(err)
}

// guardedRows sees the error that comes after the first rows.
type guardedRows struct {
	entsql.ColumnScanner
	tx *guardedTx
}

func (r *guardedRows) Err() error { return r.tx.seen(r.ColumnScanner.Err()) }
