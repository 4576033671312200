// Package memory keeps values in memory for a while, those in use where there are too many.
//
// It is otter behind an interface: a generic cache is compiled for each kind of its keys and values in every package that can see it, which for
// otter costs some five seconds each. So otter has one kind here, and what others see is thin.
package memory

import (
	"context"
	"time"

	"github.com/maypok86/otter/v2"
)

// Options of a cache.
type Options[V any] struct {
	// Size bounds the values, or the sum of their weights where Weight is set.
	Size int
	// Weight is what a value counts for; nil for one each.
	Weight func(V) int
	// Lifetime is how long a value is kept after it was written; nil for as long as there is room.
	Lifetime func(V) time.Duration
}

// For is a Lifetime that is the same for all values.
func For[V any](d time.Duration) func(V) time.Duration { return func(V) time.Duration { return d } }

// Cache keeps values by key. It is safe for concurrent use.
type Cache[K comparable, V any] struct{ kept kept }

// New makes a cache.
func New[K comparable, V any](o Options[V]) *Cache[K, V] {
	var weight func(any) int
	if o.Weight != nil {
		weight = func(value any) int { return o.Weight(value.(V)) }
	}
	var lifetime func(any) time.Duration
	if o.Lifetime != nil {
		lifetime = func(value any) time.Duration { return o.Lifetime(value.(V)) }
	}
	return &Cache[K, V]{open(o.Size, weight, lifetime)}
}

// Get gives the value of the key, where it is kept.
func (c *Cache[K, V]) Get(key K) (value V, ok bool) {
	found, ok := c.kept.get(key)
	if ok {
		value = found.(V)
	}
	return value, ok
}

// Load gives the value of the key, and reads it where it is not kept. Those who ask for the same key meanwhile wait for the first, whose context
// read gets; an error is not kept.
func (c *Cache[K, V]) Load(ctx context.Context, key K, read func(context.Context, K) (V, error)) (V, error) {
	found, err := c.kept.load(ctx, key, func(ctx context.Context, _ any) (any, error) { return read(ctx, key) })
	if err != nil {
		var nothing V
		return nothing, err
	}
	return found.(V), nil
}

// Set keeps a value.
func (c *Cache[K, V]) Set(key K, value V) { c.kept.set(key, value) }

// Delete forgets a value.
func (c *Cache[K, V]) Delete(key K) { c.kept.delete(key) }

// kept keeps the compiler from compiling otter wherever a Cache is used.
type kept interface {
	get(key any) (any, bool)
	set(key, value any)
	delete(key any)
	load(ctx context.Context, key any, read otter.LoaderFunc[any, any]) (any, error)
}

type entries struct{ cache *otter.Cache[any, any] }

//go:noinline
func open(size int, weight func(any) int, lifetime func(any) time.Duration) kept {
	o := &otter.Options[any, any]{MaximumSize: size}
	if weight != nil {
		o.MaximumSize, o.MaximumWeight = 0, uint64(size)
		o.Weigher = func(_, value any) uint32 { return uint32(weight(value)) }
	}
	if lifetime != nil {
		o.ExpiryCalculator = otter.ExpiryWritingFunc(func(e otter.Entry[any, any]) time.Duration { return lifetime(e.Value) })
	}
	return entries{otter.Must(o)}
}

func (e entries) get(key any) (any, bool) { return e.cache.GetIfPresent(key) }

func (e entries) set(key, value any) { e.cache.Set(key, value) }

func (e entries) delete(key any) { e.cache.Invalidate(key) }

func (e entries) load(ctx context.Context, key any, read otter.LoaderFunc[any, any]) (any, error) {
	return e.cache.Get(ctx, key, read)
}
