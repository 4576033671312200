package memberevent

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/pubsub"
	"dongxiao/internal/testkit"
)

// newLog makes a log with a broker of its own, as each server has one. Polling is so rare that only signals bring events.
func newLog(t *testing.T, w *testkit.World) *Log {
	t.Helper()
	broker := pubsub.New(w.Redis, slog.New(slog.DiscardHandler))
	t.Cleanup(func() { _ = broker.Close(context.Background()) })
	l := New(w.Store, broker)
	l.poll = time.Hour
	return l
}

func numbers(events []*ent.MemberEvent) []int64 {
	var n []int64
	for _, e := range events {
		n = append(n, e.Sequence)
	}
	return n
}

func receive(t *testing.T, events <-chan *ent.MemberEvent, want int) []*ent.MemberEvent {
	t.Helper()
	var got []*ent.MemberEvent
	for range want {
		select {
		case e, open := <-events:
			require.True(t, open)
			got = append(got, e)
		case <-time.After(20 * time.Second):
			require.FailNow(t, "no event")
		}
	}
	return got
}

func TestRaceAppendNumbersWithoutGaps(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		l, ctx := newLog(t, w), auth.System(t.Context(), w.Brand.ID)
		m, _ := w.NewMember(t)
		boom := errors.New("boom")
		var wait sync.WaitGroup
		for i := range 32 {
			wait.Go(func() {
				err := w.Store.WithTx(ctx, func(ctx context.Context) error {
					if err := l.Append(ctx, m.ID, enum.EventLevelChanged, About{}); err != nil || i%4 != 0 {
						return err
					}
					return boom
				})
				if i%4 == 0 {
					require.ErrorIs(t, err, boom)
				} else {
					require.NoError(t, err)
				}
			})
		}
		wait.Wait()
		events, more, err := l.After(ctx, m.ID, 0, 100)
		require.NoError(t, err)
		require.False(t, more)
		require.Len(t, events, 24)
		for i, e := range events {
			require.EqualValues(t, i+1, e.Sequence)
		}
		require.EqualValues(t, 24, w.Store.Client(ctx).Member.GetX(ctx, m.ID).EventSequence)
	})
}

func TestAppendForNobody(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		l := newLog(t, w)
		other := w.NewBrand(t)
		m, _ := w.NewMember(t)
		err := l.Append(auth.System(t.Context(), other.ID), m.ID, enum.EventLevelChanged, About{})
		require.Equal(t, apperr.NotFound, apperr.CodeOf(err))
		require.Zero(t, w.Store.Client(t.Context()).Member.GetX(auth.Operator(t.Context()), m.ID).EventSequence)
	})
}

func TestAfterPages(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		l, ctx := newLog(t, w), auth.System(t.Context(), w.Brand.ID)
		m, viewer := w.NewMember(t)
		_, stranger := w.NewMember(t)
		for range 5 {
			require.NoError(t, l.Append(ctx, m.ID, enum.EventLevelChanged, About{}))
		}
		own := testkit.As(t, viewer)
		events, more, err := l.After(own, m.ID, 1, 3)
		require.NoError(t, err)
		require.True(t, more)
		require.Equal(t, []int64{2, 3, 4}, numbers(events))
		events, more, err = l.After(own, m.ID, 4, 3)
		require.NoError(t, err)
		require.False(t, more)
		require.Equal(t, []int64{5}, numbers(events))
		events, _, err = l.After(testkit.As(t, stranger), m.ID, 0, 3)
		require.NoError(t, err)
		require.Empty(t, events, "another member's events are not there")
	})
}

// Two servers: the event is written on one and followed on the other; the socket is lost and resumes on either without a gap or a repeat.
func TestFollowResumesAcrossServers(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		first, second, ctx := newLog(t, w), newLog(t, w), auth.System(t.Context(), w.Brand.ID)
		m, viewer := w.NewMember(t)
		push := func(n int) {
			for range n {
				require.NoError(t, first.Append(ctx, m.ID, enum.EventLevelChanged, About{}))
			}
		}
		push(2)
		socket, hangUp := context.WithCancel(testkit.As(t, viewer))
		events, err := second.Follow(socket, nil)
		require.NoError(t, err)
		push(3)
		require.Equal(t, []int64{3, 4, 5}, numbers(receive(t, events, 3)), "only new ones")
		hangUp()
		for range events { // it ends
		}
		push(2)

		last := int64(5)
		for _, server := range []*Log{first, second} {
			socket, hangUp := context.WithCancel(testkit.As(t, viewer))
			events, err := server.Follow(socket, &last)
			require.NoError(t, err)
			push(1)
			got := numbers(receive(t, events, 3))
			require.Equal(t, []int64{last + 1, last + 2, last + 3}, got)
			last += 3
			hangUp()
			for range events {
			}
			push(2)
		}
	})
}

// More than a page, more than the broker's buffer, written by several at once.
func TestRaceFollowSendsEachOnceInOrder(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		first, second, ctx := newLog(t, w), newLog(t, w), auth.System(t.Context(), w.Brand.ID)
		m, viewer := w.NewMember(t)
		zero := int64(0)
		events, err := first.Follow(testkit.As(t, viewer), &zero)
		require.NoError(t, err)
		var wait sync.WaitGroup
		for _, server := range []*Log{first, second} {
			wait.Go(func() {
				for range 60 {
					require.NoError(t, server.Append(ctx, m.ID, enum.EventLevelChanged, About{}))
				}
			})
		}
		for i, e := range receive(t, events, 120) {
			require.EqualValues(t, i+1, e.Sequence)
		}
		wait.Wait()
	})
}

// Redis never hears of it: the follower reads by itself.
func TestFollowWithoutSignal(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		l, ctx := newLog(t, w), auth.System(t.Context(), w.Brand.ID)
		l.poll = 20 * time.Millisecond
		m, viewer := w.NewMember(t)
		events, err := l.Follow(testkit.As(t, viewer), nil)
		require.NoError(t, err)
		require.NoError(t, New(w.Store, nil).Append(ctx, m.ID, enum.EventLevelChanged, About{}))
		require.Equal(t, []int64{1}, numbers(receive(t, events, 1)))
	})
}

func TestFollowEndsWithBroker(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		broker := pubsub.New(w.Redis, slog.New(slog.DiscardHandler))
		_, viewer := w.NewMember(t)
		events, err := New(w.Store, broker).Follow(testkit.As(t, viewer), nil)
		require.NoError(t, err)
		require.NoError(t, broker.Close(t.Context()))
		_, open := <-events
		require.False(t, open)
		_, err = New(w.Store, broker).Follow(testkit.As(t, viewer), nil)
		require.Equal(t, apperr.Unavailable, apperr.CodeOf(err))
	})
}

func TestFollowRefuses(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		l, negative, unreached := newLog(t, w), int64(-1), int64(1000)
		m, viewer := w.NewMember(t)
		_, staff := w.NewStaff(t, auth.Staff, w.Store1, auth.Clerk)
		_, err := l.Follow(testkit.As(t, viewer), &negative)
		require.Equal(t, apperr.InvalidInput, apperr.CodeOf(err))
		_, err = l.Follow(testkit.As(t, staff), nil)
		require.Equal(t, apperr.NotFound, apperr.CodeOf(err))

		events, err := l.Follow(testkit.As(t, viewer), &unreached)
		require.NoError(t, err)
		require.NoError(t, l.Append(auth.System(t.Context(), w.Brand.ID), m.ID, enum.EventLevelChanged, About{}))
		require.Equal(t, []int64{1}, numbers(receive(t, events, 1)), "a number that was never given hides nothing")
	})
}

func TestDeleteOld(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		l, ctx := newLog(t, w), auth.System(t.Context(), w.Brand.ID)
		m, _ := w.NewMember(t)
		old := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
		w.Store.Client(ctx).MemberEvent.Create().SetMemberID(m.ID).SetSequence(1).SetKind(enum.EventLevelChanged).SetCreatedAt(old).ExecX(ctx)
		w.Store.Client(ctx).MemberEvent.Create().SetMemberID(m.ID).SetSequence(2).SetKind(enum.EventLevelChanged).SetCreatedAt(old.Add(time.Second)).ExecX(ctx)
		require.NoError(t, l.DeleteOld(t.Context(), old.Add(Retention+time.Second)))
		events, _, err := l.After(ctx, m.ID, 0, 10)
		require.NoError(t, err)
		require.Equal(t, []int64{2}, numbers(events))
	})
}
