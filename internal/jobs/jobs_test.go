package jobs

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/ent/lease"
	"dongxiao/internal/testkit"
)

func newRunner(w *testkit.World) *Runner {
	return New(Options{Store: w.Store, Clock: w.Clock, Log: slog.New(slog.DiscardHandler)})
}

// Many servers try at the same moment, again and again: one runs.
func TestRaceOneServerRuns(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		ctx := auth.Operator(t.Context())
		var atOnce, runs atomic.Int64
		j := job{name: "race " + rand.Text(), every: time.Hour, run: func(context.Context) error {
			defer atOnce.Add(-1)
			if atOnce.Add(1) != 1 {
				return errors.New("two at once")
			}
			runs.Add(1)
			time.Sleep(5 * time.Millisecond)
			return nil
		}}
		for period := range 3 {
			var servers sync.WaitGroup
			for range 8 {
				r := newRunner(w)
				servers.Go(func() {
					for range 3 {
						require.NoError(t, r.attempt(ctx, j))
					}
				})
			}
			servers.Wait()
			require.EqualValues(t, period+1, runs.Load(), "once in a period")
			w.Clock.Advance(time.Hour)
		}
	})
}

// A server that died leaves its lease, and another takes over when it has run out.
func TestTakeOver(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		ctx, name := auth.Operator(t.Context()), "take over "+rand.Text()
		dead, alive := newRunner(w), newRunner(w)
		taken, err := dead.take(ctx, name, w.Clock.Now())
		require.NoError(t, err)
		require.True(t, taken)
		runs := 0
		j := job{name: name, every: time.Minute, run: func(context.Context) error { runs++; return nil }}
		w.Clock.Advance(leaseTime - time.Microsecond)
		require.NoError(t, alive.attempt(ctx, j))
		require.Zero(t, runs)
		w.Clock.Advance(time.Microsecond)
		require.NoError(t, alive.attempt(ctx, j))
		require.Equal(t, 1, runs)
		require.NoError(t, dead.release(ctx, name, w.Clock.Now()), "a late server changes nothing any more")
		require.NoError(t, dead.attempt(ctx, j))
		require.Equal(t, 1, runs)
		w.Clock.Advance(time.Minute)
		require.NoError(t, dead.attempt(ctx, j))
		require.Equal(t, 2, runs)
	})
}

func TestFailureAndPanicAreObserved(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		r, ctx, boom := newRunner(w), auth.Operator(t.Context()), errors.New("boom")
		var seen []error
		r.Observe = func(_ string, _ time.Duration, err error) { seen = append(seen, err) }
		j := job{name: "fails " + rand.Text(), every: time.Minute, run: func(context.Context) error { return boom }}
		require.ErrorIs(t, r.attempt(ctx, j), boom)
		j.run = func(context.Context) error { panic("oh") }
		require.NoError(t, r.attempt(ctx, j), "not due again yet")
		w.Clock.Advance(time.Minute)
		require.ErrorContains(t, r.attempt(ctx, j), "panic: oh")
		require.Len(t, seen, 2)
	})
}

func TestRunStops(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		r, name := newRunner(w), "stops "+rand.Text()
		ctx, stop := context.WithCancel(t.Context())
		began, ended := make(chan auth.Viewer, 1), make(chan error, 1)
		r.Register(name, time.Millisecond, func(ctx context.Context) error {
			began <- auth.FromContext(ctx)
			<-ctx.Done()
			ended <- ctx.Err()
			return ctx.Err()
		})
		finished := make(chan struct{})
		go func() { r.Run(ctx); close(finished) }()
		require.Equal(t, auth.ReachAll, (<-began).Reach)
		stop()
		<-finished
		require.ErrorIs(t, <-ended, context.Canceled)
		row := w.Store.Client(t.Context()).Lease.Query().Where(lease.Name(name)).OnlyX(auth.Operator(t.Context()))
		require.False(t, row.ExpiresAt.After(w.Clock.Now().Add(time.Millisecond)), "the lease was given back at once")
	})
}
