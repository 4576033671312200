package outbox

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/outboxmessage"
	"dongxiao/internal/testkit"
)

// server is one server with a topic of its own; the tests of the package share a database, so topics keep them apart.
type server struct {
	*Outbox
	w     *testkit.World
	topic string
}

func newServer(t *testing.T, w *testkit.World, topic string, h Handler) *server {
	t.Helper()
	o := New(Options{Store: w.Store, Clock: w.Clock, Redis: w.Redis, Log: slog.New(slog.DiscardHandler)})
	o.Handle(topic, h)
	return &server{o, w, topic}
}

func (s *server) start(t *testing.T) {
	t.Helper()
	require.NoError(t, s.Start())
	t.Cleanup(s.Close)
}

func (s *server) write(t *testing.T, partition string, payload any) {
	t.Helper()
	ctx := auth.System(t.Context(), s.w.Brand.ID)
	require.NoError(t, s.w.Store.WithTx(ctx, func(ctx context.Context) error {
		return Write(ctx, s.w.Store, s.w.Clock.Now(), s.topic, partition, payload)
	}))
}

func (s *server) handOverAll(t *testing.T) int {
	t.Helper()
	n, err := s.handOver(auth.Operator(t.Context()))
	require.NoError(t, err)
	return n
}

func (s *server) rows(t *testing.T) []*ent.OutboxMessage {
	t.Helper()
	return s.w.Store.Client(t.Context()).OutboxMessage.Query().Where(outboxmessage.Topic(s.topic)).Order(outboxmessage.ByID()).AllX(auth.Operator(t.Context()))
}

// await waits until n rows are in the state.
func (s *server) await(t *testing.T, state enum.OutboxState, n int) {
	t.Helper()
	require.Eventually(t, func() bool {
		found := 0
		for _, row := range s.rows(t) {
			if row.State == state {
				found++
			}
		}
		return found == n
	}, 30*time.Second, 10*time.Millisecond)
}

// calls counts what a handler was called with.
type calls struct {
	mu   sync.Mutex
	seen []Message
}

func (c *calls) handle(_ context.Context, m Message) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen = append(c.seen, m)
	return nil
}

func (c *calls) all() []Message {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]Message{}, c.seen...)
}

func TestWriteIsPartOfTheTransaction(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		var got calls
		s := newServer(t, w, rand.Text(), got.handle)
		boom := errors.New("boom")
		ctx := auth.System(t.Context(), w.Brand.ID)
		require.ErrorIs(t, w.Store.WithTx(ctx, func(ctx context.Context) error {
			require.NoError(t, Write(ctx, w.Store, w.Clock.Now(), s.topic, "", 1))
			return boom
		}), boom)
		require.Empty(t, s.rows(t))
		require.Error(t, Write(ctx, w.Store, w.Clock.Now(), s.topic, "", func() {}))
		require.Error(t, Write(ctx, w.Store, w.Clock.Now(), strings.Repeat("x", 49), "", 1))
		require.Empty(t, s.rows(t))
	})
}

func TestCarriesOut(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		var got calls
		s := newServer(t, w, rand.Text(), func(ctx context.Context, m Message) error {
			v := auth.FromContext(ctx)
			if v.Reach != auth.ReachBrand || v.BrandID != w.Brand.ID {
				return fmt.Errorf("viewer %+v", v)
			}
			return got.handle(ctx, m)
		})
		s.start(t)
		for i := range 25 {
			s.write(t, "", map[string]int{"n": i})
		}
		require.Equal(t, 25, s.handOverAll(t))
		require.Zero(t, s.handOverAll(t), "they are leased")
		s.await(t, enum.OutboxDone, 25)
		require.Len(t, got.all(), 25)
		for _, row := range s.rows(t) {
			require.Equal(t, 1, row.Attempts)
			require.NotNil(t, row.DoneAt)
		}
		payloads := map[string]bool{}
		for _, m := range got.all() {
			require.Equal(t, w.Brand.ID, m.BrandID)
			payloads[string(m.Payload)] = true
		}
		require.Len(t, payloads, 25)

		w.Clock.Advance(retention + time.Hour)
		require.NoError(t, s.DeleteDone(t.Context()))
		require.Empty(t, s.rows(t))
	})
}

func TestFailsAndIsTriedAgain(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		var got calls
		s := newServer(t, w, rand.Text(), func(ctx context.Context, m Message) error {
			_ = got.handle(ctx, m)
			switch m.Attempt {
			case 1:
				return errors.New(strings.Repeat("长", 300))
			case 2:
				panic("oh")
			}
			return nil
		})
		s.start(t)
		s.write(t, "", 7)
		for attempt := 1; attempt <= 2; attempt++ {
			require.Equal(t, 1, s.handOverAll(t))
			require.Eventually(t, func() bool {
				r := s.rows(t)[0]
				return r.Attempts == attempt && r.LastError != "" && r.DueAt.Before(w.Clock.Now().Add(leaseTime/2))
			}, 30*time.Second, 10*time.Millisecond)
			require.Zero(t, s.handOverAll(t), "not before its pause is over")
			w.Clock.Advance(5 * time.Second)
		}
		require.Equal(t, 1, s.handOverAll(t))
		s.await(t, enum.OutboxDone, 1)
		row := s.rows(t)[0]
		require.Equal(t, 3, row.Attempts)
		require.Empty(t, row.LastError)
		for i, m := range got.all() {
			require.Equal(t, row.ID, m.ID)
			require.Equal(t, i+1, m.Attempt)
		}
	})
}

func TestIsGivenUp(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s := newServer(t, w, rand.Text(), func(context.Context, Message) error { return errors.New("never") })
		s.start(t)
		s.write(t, "", 7)
		row := s.rows(t)[0]
		s.w.Store.Client(t.Context()).OutboxMessage.UpdateOne(row).SetAttempts(maxAttempts - 1).ExecX(auth.Operator(t.Context()))
		require.Equal(t, 1, s.handOverAll(t))
		s.await(t, enum.OutboxDead, 1)
		require.Equal(t, "never", s.rows(t)[0].LastError)
		w.Clock.Advance(24 * time.Hour)
		require.Zero(t, s.handOverAll(t))
		require.NoError(t, s.DeleteDone(t.Context()))
		require.Len(t, s.rows(t), 1, "it waits for an operator")
	})
}

// Redis forgets everything between the hand-over and the work.
func TestRedisIsFlushed(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		var got calls
		s := newServer(t, w, rand.Text(), got.handle)
		s.write(t, "", 7)
		require.Equal(t, 1, s.handOverAll(t))
		require.NoError(t, w.Redis.FlushAll(t.Context()).Err())
		s.start(t)
		w.Clock.Advance(leaseTime - time.Microsecond)
		require.Zero(t, s.handOverAll(t))
		w.Clock.Advance(time.Microsecond)
		require.Equal(t, 1, s.handOverAll(t))
		s.await(t, enum.OutboxDone, 1)
		require.Len(t, got.all(), 1)
	})
}

// A worker dies in the middle: after its lease another carries the message out, and the late end of the first changes nothing.
func TestWorkerDies(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		var got calls
		s := newServer(t, w, rand.Text(), got.handle)
		ctx := auth.Operator(t.Context())
		s.write(t, "", 7)
		row := s.rows(t)[0]
		require.Equal(t, 1, s.handOverAll(t))
		dead, err := s.begin(ctx, row.ID, 0)
		require.NoError(t, err)
		require.Equal(t, 1, dead.Attempt)
		twice, err := s.begin(ctx, row.ID, 0)
		require.NoError(t, err)
		require.Nil(t, twice, "a task that comes twice works once")

		s.start(t) // asynq still has the first task: it finds nothing to do
		w.Clock.Advance(leaseTime)
		require.Equal(t, 1, s.handOverAll(t))
		s.await(t, enum.OutboxDone, 1)
		require.Len(t, got.all(), 1)
		require.Equal(t, 2, got.all()[0].Attempt)
		require.NoError(t, s.end(ctx, *dead, errors.New("late")))
		require.Equal(t, enum.OutboxDone, s.rows(t)[0].State)
		require.Empty(t, s.rows(t)[0].LastError)
	})
}

// Redis does not take what is handed over: it is due again after a pause and nothing was tried.
func TestRedisIsAway(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		var got calls
		s := newServer(t, w, rand.Text(), got.handle)
		s.write(t, "", 7)
		nowhere := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1", MaxRetries: -1, DialTimeout: time.Second})
		t.Cleanup(func() { _ = nowhere.Close() })
		away := New(Options{Store: w.Store, Clock: w.Clock, Redis: nowhere, Log: slog.New(slog.DiscardHandler)})
		away.Handle(s.topic, got.handle)
		n, err := away.handOver(auth.Operator(t.Context()))
		require.NoError(t, err)
		require.Zero(t, n)
		require.Zero(t, s.rows(t)[0].Attempts)
		s.start(t)
		w.Clock.Advance(handOverPause)
		require.Equal(t, 1, s.handOverAll(t))
		s.await(t, enum.OutboxDone, 1)
	})
}

// Two relays on two servers, and 24 messages of which some share partitions: each is carried out once, and no two of a partition at once.
func TestRaceRelaysAndPartitions(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		var mu sync.Mutex
		running, order, overlaps := map[string]int{}, map[string][]string{}, 0
		handle := func(_ context.Context, m Message) error {
			partition := strings.Trim(strings.SplitN(string(m.Payload), "/", 2)[0], `"`)
			mu.Lock()
			if running[partition]++; running[partition] > 1 && partition != "none" {
				overlaps++
			}
			order[partition] = append(order[partition], string(m.Payload))
			mu.Unlock()
			time.Sleep(time.Millisecond)
			mu.Lock()
			running[partition]--
			mu.Unlock()
			return nil
		}
		first := newServer(t, w, rand.Text(), handle)
		second := newServer(t, w, first.topic, handle)
		first.start(t)
		second.start(t)
		for i := range 8 {
			first.write(t, "a", fmt.Sprintf("a/%02d", i))
			second.write(t, "b", fmt.Sprintf("b/%02d", i))
			first.write(t, "", fmt.Sprintf("none/%02d", i))
		}
		require.Eventually(t, func() bool {
			var relays sync.WaitGroup
			for _, s := range []*server{first, second} {
				relays.Go(func() {
					_, err := s.handOver(auth.Operator(t.Context()))
					require.NoError(t, err)
				})
			}
			relays.Wait()
			for _, row := range first.rows(t) {
				if row.State != enum.OutboxDone {
					return false
				}
			}
			return true
		}, 90*time.Second, 20*time.Millisecond)
		require.Zero(t, overlaps)
		require.Len(t, order["none"], 8)
		for _, partition := range []string{"a", "b"} {
			require.Len(t, order[partition], 8)
			require.IsIncreasing(t, order[partition])
		}
		for _, row := range first.rows(t) {
			require.Equal(t, 1, row.Attempts)
		}
	})
}

func TestUnknownTopicStays(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		var got calls
		known, unknown := newServer(t, w, rand.Text(), got.handle), newServer(t, w, rand.Text(), got.handle)
		unknown.write(t, "", 1)
		w.Clock.Advance(time.Minute)
		var log strings.Builder
		known.Log = slog.New(slog.NewTextHandler(&log, nil))
		pending, lag := 0, time.Duration(0)
		known.Measure = func(p int, l time.Duration) { pending, lag = p, l }
		require.Zero(t, known.handOverAll(t))
		require.NoError(t, known.measure(auth.Operator(t.Context())))
		require.Contains(t, log.String(), unknown.topic)
		require.Positive(t, pending)
		require.GreaterOrEqual(t, lag, time.Minute)
		require.Equal(t, enum.OutboxPending, unknown.rows(t)[0].State)
		require.Zero(t, unknown.rows(t)[0].Attempts)
		unknown.start(t)
		require.Equal(t, 1, unknown.handOverAll(t))
		unknown.await(t, enum.OutboxDone, 1)
	})
}

func TestRelayEndsWithItsContext(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		var got calls
		s := newServer(t, w, rand.Text(), got.handle)
		s.start(t)
		s.write(t, "", 1)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- s.Relay(ctx) }()
		s.await(t, enum.OutboxDone, 1)
		stop()
		require.NoError(t, <-ended)
	})
}

func TestTaskPayload(t *testing.T) {
	t.Parallel()
	id, attempts, ok := decodeTask(encodeTask(123456789012345678, 19))
	require.True(t, ok)
	require.EqualValues(t, 123456789012345678, id)
	require.Equal(t, 19, attempts)
	_, _, ok = decodeTask([]byte("short"))
	require.False(t, ok)
}

func TestPauses(t *testing.T) {
	t.Parallel()
	for attempt := 1; attempt <= maxAttempts; attempt++ {
		pause := pauseAfter(attempt)
		require.GreaterOrEqual(t, pause, min(time.Second<<min(attempt-1, 12), maxPause))
		require.LessOrEqual(t, pause, maxPause+maxPause/5)
	}
}
