package store

import (
	"context"
	"database/sql"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
)

// guarded makes transactions that end with the first error after which the database has undone them. A server that breaks a deadlock rolls the transaction
// back and leaves the connection open: a statement that was sent all the same would be a transaction of its own, committed at once, and a commit would
// succeed with half of the work.
type guarded struct{ dialect.Driver }

func (d guarded) Tx(ctx context.Context) (dialect.Tx, error) {
	t, err := d.Driver.Tx(ctx)
	if err != nil {
		return nil, err
	}
	return &guardedTx{Tx: t}, nil
}

// ExecContext serves ent's raw statements.
func (d guarded) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return d.Driver.(raw).ExecContext(ctx, query, args...)
}

// QueryContext serves ent's raw statements.
func (d guarded) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
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
}

// seen keeps the error that undid the transaction.
func (t *guardedTx) seen(err error) error {
	if err != nil && t.undone == nil && retryable(err) && !duplicateID(err) {
		t.undone = err
	}
	return err
}

func (t *guardedTx) Commit() error {
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
