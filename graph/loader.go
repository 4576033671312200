package graph

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/99designs/gqlgen/graphql"

	"dongxiao/auth"
	"dongxiao/internal/memory"
)

// loader reads rows by their numbers, each once a response. The first resolver of a list that asks for a reference reads it for the whole list (see
// companions), so that a document takes as many statements however its goroutines run: one for each place where it follows a reference.
type loader[T any] struct {
	read    func(ctx context.Context, ids []int64) (map[int64]T, error)
	mu      sync.Mutex
	batches map[int64]*batch[T]
}

// batch is what was read together.
type batch[T any] struct {
	done chan struct{}
	rows map[int64]T
	err  error
}

var (
	errMissing   = errors.New("graph: no row of this number")
	errAbandoned = errors.New("graph: a look-up panicked")
)

// load gives the row of the number; others tells whom to read with it, where it was not read yet.
func (l *loader[T]) load(ctx context.Context, id int64, others func() []int64) (T, error) {
	l.mu.Lock()
	b, ok := l.batches[id]
	if ok {
		l.mu.Unlock()
		<-b.done
	} else {
		var ids []int64
		b = &batch[T]{done: make(chan struct{}), err: errAbandoned}
		if l.batches == nil {
			l.batches = map[int64]*batch[T]{}
		}
		for _, wanted := range append(others(), id) {
			if _, known := l.batches[wanted]; !known && wanted != 0 {
				l.batches[wanted] = b
				ids = append(ids, wanted)
			}
		}
		l.mu.Unlock()
		func() {
			defer close(b.done)
			b.rows, b.err = l.read(ctx, ids)
		}()
	}
	row, ok := b.rows[id]
	switch {
	case b.err != nil:
		return row, b.err
	case !ok:
		return row, fmt.Errorf("%w: %T %d", errMissing, row, id)
	}
	return row, nil
}

// put saves reading a row that is at hand.
func (l *loader[T]) put(id int64, row T) {
	done := make(chan struct{})
	close(done)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.batches == nil {
		l.batches = map[int64]*batch[T]{}
	}
	l.batches[id] = &batch[T]{done: done, rows: map[int64]T{id: row}}
}

// reference loads what owner refers to by the number that of points at; nothing where it is nil.
func reference[O, T any](ctx context.Context, l *loader[T], owner *O, of func(*O) *int64) (T, error) {
	id := of(owner)
	if id == nil {
		var nothing T
		return nothing, nil
	}
	return l.load(ctx, *id, func() []int64 {
		var ids []int64
		for _, o := range companions(ctx, owner) {
			if id := of(o); id != nil {
				ids = append(ids, *id)
			}
		}
		return ids
	})
}

// references loads what owner refers to by a list of numbers, in its order.
func references[O, T any](ctx context.Context, l *loader[T], owner *O, of func(*O) []int64) ([]T, error) {
	ids := of(owner)
	rows := make([]T, len(ids))
	for i, id := range ids {
		var err error
		if rows[i], err = l.load(ctx, id, func() []int64 {
			wanted := slices.Clone(ids)
			for _, o := range companions(ctx, owner) {
				wanted = append(wanted, of(o)...)
			}
			return wanted
		}); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// groups has the rows of a response by the list that they came with.
type groups struct {
	mu     sync.Mutex
	groups map[any]any
}

// together tells the loaders that these rows came in one list.
func together[T any](ctx context.Context, rows []*T) {
	if len(rows) < 2 {
		return
	}
	g := &load(ctx).groups
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.groups == nil {
		g.groups = map[any]any{}
	}
	for _, row := range rows {
		g.groups[row] = rows
	}
}

// within tells the loaders that the rows inside these things stand in one list.
func within[T, O any](ctx context.Context, things []T, row func(T) *O) {
	rows := make([]*O, len(things))
	for i, thing := range things {
		rows[i] = row(thing)
	}
	together(ctx, rows)
}

// companions are the rows that came with a row: those loaded together, or the rest of the list that is being answered.
func companions[T any](ctx context.Context, row *T) []*T {
	g := &load(ctx).groups
	g.mu.Lock()
	rows, ok := g.groups[row].([]*T)
	g.mu.Unlock()
	if ok {
		return rows
	}
	for field := graphql.GetFieldContext(ctx); field != nil; field = field.Parent {
		if rows, ok := field.Result.([]*T); ok {
			return rows
		}
	}
	return nil
}

// byNumber makes a loader of a query for rows.
func byNumber[T any](query func(context.Context, []int64) ([]*T, error), number func(*T) int64) *loader[*T] {
	return &loader[*T]{read: func(ctx context.Context, ids []int64) (map[int64]*T, error) {
		rows, err := query(auth.WithinBrand(ctx), ids)
		if err != nil {
			return nil, err
		}
		found := make(map[int64]*T, len(rows))
		for _, row := range rows {
			found[number(row)] = row
		}
		together(ctx, rows)
		return found, nil
	}}
}

// keeping makes a loader of another one that asks the kept rows first. A row's number is known only to who may see a row that refers to it.
func keeping[T any](kept *memory.Cache[int64, *T], rest *loader[*T]) *loader[*T] {
	return &loader[*T]{read: func(ctx context.Context, ids []int64) (map[int64]*T, error) {
		found := make(map[int64]*T, len(ids))
		var missing []int64
		for _, id := range ids {
			if row, ok := kept.Get(id); ok {
				found[id] = row
			} else {
				missing = append(missing, id)
			}
		}
		if len(missing) > 0 {
			rows, err := rest.read(ctx, missing)
			if err != nil {
				return nil, err
			}
			for id, row := range rows {
				kept.Set(id, row)
				found[id] = row
			}
		}
		together(ctx, slices.Collect(maps.Values(found)))
		return found, nil
	}}
}
