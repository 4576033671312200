package testkit

import (
	"context"
	"testing"

	"entgo.io/ent/dialect/sql"
	"github.com/stretchr/testify/require"
)

// Planned is a query of ent that can be asked how it is carried out.
type Planned[S Scanner] interface {
	Modify(modifiers ...func(*sql.Selector)) S
}

// Scanner is what such a query answers by.
type Scanner interface {
	Scan(ctx context.Context, into any) error
}

// Read is how MariaDB read one table of a query.
type Read struct {
	ID           int
	SelectType   string `sql:"select_type"`
	Table        string
	Type         string
	PossibleKeys string `sql:"possible_keys"`
	Key          string
	KeyLen       string `sql:"key_len"`
	Ref          *string
	Rows         float64
	Read         float64 `sql:"r_rows"`
	Filtered     float64
	ReadFiltered float64 `sql:"r_filtered"`
	Extra        string
}

// Reads carries the query out on MariaDB and tells what was read.
func Reads[S Scanner](t testing.TB, ctx context.Context, query Planned[S]) []Read {
	t.Helper()
	var reads []Read
	require.NoError(t, query.Modify(func(s *sql.Selector) { s.Prefix(sql.Expr("ANALYZE")) }).Scan(ctx, &reads))
	return reads
}

// Plan tells the steps in which SQLite would carry the query out.
func Plan[S Scanner](t testing.TB, ctx context.Context, query Planned[S]) []string {
	t.Helper()
	var plan []struct {
		ID, Parent, NotUsed int
		Detail              string
	}
	require.NoError(t, query.Modify(func(s *sql.Selector) { s.Prefix(sql.Expr("EXPLAIN QUERY PLAN")) }).Scan(ctx, &plan))
	steps := make([]string, len(plan))
	for i, step := range plan {
		steps[i] = step.Detail
	}
	return steps
}
