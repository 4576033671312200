package memory_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/internal/memory"
)

type key struct {
	brand int64
	name  string
}

func TestCache(t *testing.T) {
	t.Parallel()
	c := memory.New[key](memory.Options[*int]{Size: 10})
	_, ok := c.Get(key{1, "a"})
	require.False(t, ok)
	c.Set(key{1, "a"}, new(7))
	c.Set(key{2, "a"}, nil)
	value, ok := c.Get(key{1, "a"})
	require.True(t, ok)
	require.Equal(t, 7, *value)
	value, ok = c.Get(key{2, "a"})
	require.True(t, ok, "nil is a value")
	require.Nil(t, value)
	c.Delete(key{1, "a"})
	_, ok = c.Get(key{1, "a"})
	require.False(t, ok)
}

func TestBounds(t *testing.T) {
	t.Parallel()
	few := memory.New[int](memory.Options[int]{Size: 10})
	light := memory.New[int](memory.Options[int]{Size: 10, Weight: func(v int) int { return v }})
	for n := range 1000 {
		few.Set(n, n)
		light.Set(n, 5)
	}
	count := func(c *memory.Cache[int, int]) (n int) {
		for k := range 1000 {
			if _, ok := c.Get(k); ok {
				n++
			}
		}
		return n
	}
	require.Eventually(t, func() bool { return count(few) <= 10 && count(light) <= 2 }, 10*time.Second, time.Millisecond, "what is too much goes soon")
}

func TestLifetime(t *testing.T) {
	t.Parallel()
	c := memory.New[string](memory.Options[int]{Size: 10, Lifetime: func(v int) time.Duration { return time.Duration(v) }})
	c.Set("short", int(time.Nanosecond))
	c.Set("long", int(time.Hour))
	require.Eventually(t, func() bool { _, ok := c.Get("short"); return !ok }, 10*time.Second, time.Millisecond)
	_, ok := c.Get("long")
	require.True(t, ok)
	require.Equal(t, time.Second, memory.For[int](time.Second)(3))
}

func TestRaceLoadReadsOnce(t *testing.T) {
	t.Parallel()
	c := memory.New[int](memory.Options[*int]{Size: 10})
	var reads atomic.Int64
	read := func(_ context.Context, k int) (*int, error) {
		reads.Add(1)
		return new(k * 2), nil
	}
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			value, err := c.Load(t.Context(), 21, read)
			if err != nil || *value != 42 {
				t.Error(value, err)
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, 1, reads.Load())

	errDown := errors.New("down")
	_, err := c.Load(t.Context(), 1, func(context.Context, int) (*int, error) { return nil, errDown })
	require.ErrorIs(t, err, errDown)
	nothing, err := c.Load(t.Context(), 1, func(context.Context, int) (*int, error) { return nil, nil })
	require.NoError(t, err, "an error is not kept")
	require.Nil(t, nothing)
}
