package graph

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/stretchr/testify/require"

	"dongxiao/ent"
)

// reads records what a loader reads; each number is a row of its own, but for 404.
type reads struct {
	mu    sync.Mutex
	reads [][]int64
}

func (r *reads) loader() *loader[*ent.Org] {
	return byNumber(func(_ context.Context, ids []int64) ([]*ent.Org, error) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.reads = append(r.reads, slices.Sorted(slices.Values(ids)))
		var rows []*ent.Org
		for _, id := range ids {
			if id != 404 {
				rows = append(rows, &ent.Org{ID: id, ParentID: new(id + 1000)})
			}
		}
		return rows, nil
	}, func(row *ent.Org) int64 { return row.ID })
}

func orgOf(s *ent.Staff) *int64 { return &s.OrgID }

func parentOf(o *ent.Org) *int64 { return o.ParentID }

// TestRaceReferencesOfAListAreReadTogether: however the resolvers of a list run, each reference costs one statement, also that of a reference.
func TestRaceReferencesOfAListAreReadTogether(t *testing.T) {
	t.Parallel()
	for name, announce := range map[string]func(context.Context, []*ent.Staff) context.Context{
		"a list of the schema": func(ctx context.Context, rows []*ent.Staff) context.Context {
			return graphql.WithFieldContext(ctx, &graphql.FieldContext{Result: rows})
		},
		"rows within other things": func(ctx context.Context, rows []*ent.Staff) context.Context {
			within(ctx, rows, func(s *ent.Staff) *ent.Staff { return s })
			return ctx
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := context.WithValue(t.Context(), loadersKey{}, &loaders{})
			r := &reads{}
			l := r.loader()
			var rows []*ent.Staff
			var first, second []int64
			for n := range int64(64) {
				rows = append(rows, &ent.Staff{ID: n, OrgID: 1 + n/2})
				if n%2 == 0 {
					first, second = append(first, 1+n/2), append(second, 1001+n/2)
				}
			}
			ctx = announce(ctx, rows)
			var wg sync.WaitGroup
			for _, row := range rows {
				wg.Go(func() {
					org, err := reference(ctx, l, row, orgOf)
					if err == nil && org.ID != row.OrgID {
						err = fmt.Errorf("org %d for %d", org.ID, row.OrgID)
					}
					if err == nil {
						_, err = reference(ctx, l, org, parentOf)
					}
					if err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			require.Equal(t, [][]int64{first, second}, r.reads)
		})
	}
}

func TestReferences(t *testing.T) {
	t.Parallel()
	ctx := context.WithValue(t.Context(), loadersKey{}, &loaders{})
	r := &reads{}
	l := r.loader()
	lists := []*[]int64{{3, 1}, {}, {2, 3}}
	together(ctx, lists)
	rows, err := references(ctx, l, lists[0], func(list *[]int64) []int64 { return *list })
	require.NoError(t, err)
	require.Equal(t, []int64{3, 1}, []int64{rows[0].ID, rows[1].ID})
	rows, err = references(ctx, l, lists[1], func(list *[]int64) []int64 { return *list })
	require.NoError(t, err)
	require.Empty(t, rows)
	rows, err = references(ctx, l, lists[2], func(list *[]int64) []int64 { return *list })
	require.NoError(t, err)
	require.Equal(t, []int64{2, 3}, []int64{rows[0].ID, rows[1].ID})
	require.Equal(t, [][]int64{{1, 2, 3}}, r.reads)

	none, err := reference(ctx, l, &ent.Org{}, parentOf)
	require.NoError(t, err)
	require.Nil(t, none)
	l.put(50, &ent.Org{Name: "at hand"})
	known, err := reference(ctx, l, &ent.Staff{OrgID: 50}, orgOf)
	require.NoError(t, err)
	require.Equal(t, "at hand", known.Name)
	_, err = reference(ctx, l, &ent.Staff{OrgID: 404}, orgOf)
	require.ErrorIs(t, err, errMissing)
	require.Equal(t, [][]int64{{1, 2, 3}, {404}}, r.reads)
}

// TestFailedLookUps: all who wait for a look-up learn of its failure, even of a panic.
func TestFailedLookUps(t *testing.T) {
	t.Parallel()
	ctx := context.WithValue(t.Context(), loadersKey{}, &loaders{})
	errDown := errors.New("down")
	rows := []*ent.Staff{{OrgID: 1}, {OrgID: 2}}
	together(ctx, rows)
	down := byNumber(func(context.Context, []int64) ([]*ent.Org, error) { return nil, errDown }, func(o *ent.Org) int64 { return o.ID })
	for _, row := range rows {
		_, err := reference(ctx, down, row, orgOf)
		require.ErrorIs(t, err, errDown)
	}
	broken := byNumber(func(context.Context, []int64) ([]*ent.Org, error) { panic("broken") }, func(o *ent.Org) int64 { return o.ID })
	require.Panics(t, func() { _, _ = reference(ctx, broken, rows[0], orgOf) })
	_, err := reference(ctx, broken, rows[1], orgOf)
	require.ErrorIs(t, err, errAbandoned)
}
