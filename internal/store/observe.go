package store

import (
	"context"
	"database/sql"
	"sync"

	"entgo.io/ent/dialect"
)

// observed tells every statement before it is sent.
type observed struct {
	dialect.Driver
	observe func(ctx context.Context, statement string)
}

func (d *observed) Exec(ctx context.Context, query string, args, v any) error {
	d.observe(ctx, query)
	return d.Driver.Exec(ctx, query, args, v)
}

func (d *observed) Query(ctx context.Context, query string, args, v any) error {
	d.observe(ctx, query)
	return d.Driver.Query(ctx, query, args, v)
}

// ExecContext serves ent's raw statements.
func (d *observed) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	d.observe(ctx, query)
	return d.Driver.(raw).ExecContext(ctx, query, args...)
}

// QueryContext serves ent's raw statements.
func (d *observed) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	d.observe(ctx, query)
	return d.Driver.(raw).QueryContext(ctx, query, args...)
}

func (d *observed) Tx(ctx context.Context) (dialect.Tx, error) {
	tx, err := d.Driver.Tx(ctx)
	if err != nil {
		return nil, err
	}
	return &observedTx{Tx: tx, observe: d.observe}, nil
}

type observedTx struct {
	dialect.Tx
	observe func(ctx context.Context, statement string)
}

func (t *observedTx) Exec(ctx context.Context, query string, args, v any) error {
	t.observe(ctx, query)
	return t.Tx.Exec(ctx, query, args, v)
}

func (t *observedTx) Query(ctx context.Context, query string, args, v any) error {
	t.observe(ctx, query)
	return t.Tx.Query(ctx, query, args, v)
}

func (t *observedTx) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	t.observe(ctx, query)
	return t.Tx.(raw).ExecContext(ctx, query, args...)
}

func (t *observedTx) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	t.observe(ctx, query)
	return t.Tx.(raw).QueryContext(ctx, query, args...)
}

// Statements collects the statements of one request or one test.
type Statements struct {
	mu   sync.Mutex
	list []string
}

type statementsKey struct{}

// CollectStatements makes Observe collect what runs under the context that it returns.
func CollectStatements(ctx context.Context) (context.Context, *Statements) {
	s := &Statements{}
	return context.WithValue(ctx, statementsKey{}, s), s
}

// Collect is an Options.Observe that fills the Statements of the context.
func Collect(ctx context.Context, statement string) {
	if s, ok := ctx.Value(statementsKey{}).(*Statements); ok {
		s.mu.Lock()
		s.list = append(s.list, statement)
		s.mu.Unlock()
	}
}

// List gives what was collected, in order.
func (s *Statements) List() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.list...)
}
