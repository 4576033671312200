package batch_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"dongxiao/internal/apperr"
	"dongxiao/internal/batch"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var errDuplicate = errors.New("duplicate key")

// double answers each request with twice its value.
func double(_ context.Context, _ string, requests []int) ([]batch.Result[int], error) {
	results := make([]batch.Result[int], len(requests))
	for i, request := range requests {
		results[i].Value = 2 * request
	}
	return results, nil
}

// slow is double after a second.
func slow(ctx context.Context, key string, requests []int) ([]batch.Result[int], error) {
	time.Sleep(time.Second)
	return double(ctx, key, requests)
}

// answer is what one caller got.
type answer struct {
	value int
	err   error
}

// send calls Do for each request from its own goroutine; the answers are complete after wait.
func send(b *batch.Batcher[string, int, int], key string, requests ...int) (answers []answer, wait func()) {
	var group sync.WaitGroup
	answers = make([]answer, len(requests))
	for i, request := range requests {
		group.Go(func() {
			answers[i].value, answers[i].err = b.Do(context.Background(), key, request)
		})
	}
	return answers, group.Wait
}

func numbers(from, to int) []int {
	var n []int
	for i := from; i < to; i++ {
		n = append(n, i)
	}
	return n
}

func requireCode(t require.TestingT, code apperr.Code, err error) {
	require.Error(t, err)
	require.Equal(t, code, apperr.CodeOf(err))
}

func TestOneRequestIsCommittedAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := batch.New(batch.Options{}, double)
		start := time.Now()
		value, err := b.Do(t.Context(), "a", 21)
		require.NoError(t, err)
		require.Equal(t, 42, value)
		require.Zero(t, time.Since(start), "nothing lingers")
		synctest.Wait()
		require.Zero(t, b.Lanes())
		require.NoError(t, b.Close(t.Context()))
	})
}

func TestRequestsAreCollectedWhileCommitsAreInFlight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var sizes []int
		b := batch.New(batch.Options{Observe: func(size int, duration time.Duration) {
			mu.Lock()
			defer mu.Unlock()
			sizes = append(sizes, size)
			require.Equal(t, time.Second, duration)
		}}, slow)
		start := time.Now()
		_, wait1 := send(b, "a", 1)
		synctest.Wait()
		_, wait2 := send(b, "a", 2)
		synctest.Wait()
		answers, wait3 := send(b, "a", numbers(0, 250)...)
		synctest.Wait()
		require.Equal(t, 1, b.Lanes())
		wait1()
		wait2()
		wait3()
		for i, got := range answers {
			require.Equal(t, answer{2 * i, nil}, got)
		}
		require.Equal(t, 3*time.Second, time.Since(start), "one second alone, one for two hundreds side by side, one for the rest")
		slices.Sort(sizes)
		require.Equal(t, []int{1, 1, 50, 100, 100}, sizes)
		synctest.Wait()
		require.Zero(t, b.Lanes(), "an idle key is forgotten")
	})
}

func TestKeysDoNotWaitForEachOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := batch.New(batch.Options{WorkersPerKey: 1}, slow)
		start := time.Now()
		var waits []func()
		for _, key := range []string{"a", "b", "c"} {
			_, wait := send(b, key, 1)
			waits = append(waits, wait)
		}
		synctest.Wait()
		require.Equal(t, 3, b.Lanes())
		for _, wait := range waits {
			wait()
		}
		require.Equal(t, time.Second, time.Since(start))
		synctest.Wait()
		require.Zero(t, b.Lanes())
	})
}

func TestAnErrorInAResultIsItsCallersAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		refusal := apperr.New(apperr.OutOfStock)
		b := batch.New(batch.Options{WorkersPerKey: 1}, func(ctx context.Context, key string, requests []int) ([]batch.Result[int], error) {
			results, err := slow(ctx, key, requests)
			for i := range requests {
				if requests[i] == 3 {
					results[i] = batch.Result[int]{Err: refusal}
				}
			}
			return results, err
		})
		_, first := send(b, "a", 0)
		synctest.Wait()
		answers, wait := send(b, "a", 1, 2, 3, 4)
		first()
		wait()
		require.Equal(t, []answer{{2, nil}, {4, nil}, {0, refusal}, {8, nil}}, answers)
	})
}

// TestASplitErrorFailsOnlyItsOwnCaller: 100 requests with three poisoned ones; each other one is committed exactly once.
func TestASplitErrorFailsOnlyItsOwnCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		poisoned := []int{7, 8, 99}
		committed := map[int]int{}
		commits := 0
		b := batch.New(batch.Options{
			WorkersPerKey: 1,
			ShouldSplit:   func(err error) bool { return errors.Is(err, errDuplicate) },
		}, func(ctx context.Context, key string, requests []int) ([]batch.Result[int], error) {
			time.Sleep(time.Second)
			commits++
			for _, request := range requests {
				if slices.Contains(poisoned, request) {
					return nil, fmt.Errorf("insert: %w", errDuplicate)
				}
			}
			for _, request := range requests {
				committed[request]++
			}
			return double(ctx, key, requests)
		})
		_, first := send(b, "a", 1000)
		synctest.Wait()
		answers, wait := send(b, "a", numbers(0, 100)...)
		first()
		wait()
		for i, got := range answers {
			if slices.Contains(poisoned, i) {
				require.ErrorIs(t, got.err, errDuplicate)
				require.Zero(t, committed[i])
				continue
			}
			require.Equal(t, answer{2 * i, nil}, got)
			require.Equal(t, 1, committed[i])
		}
		require.LessOrEqual(t, commits, 1+3*2*8, "two halves a level for each poisoned request")
	})
}

func TestAnyOtherErrorGoesToEveryCaller(t *testing.T) {
	t.Parallel()
	lost := errors.New("connection lost")
	for name, shouldSplit := range map[string]func(error) bool{
		"no predicate":        nil,
		"the predicate is no": func(err error) bool { return errors.Is(err, errDuplicate) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				commits := 0
				b := batch.New(batch.Options{WorkersPerKey: 1, ShouldSplit: shouldSplit},
					func(context.Context, string, []int) ([]batch.Result[int], error) {
						time.Sleep(time.Second)
						commits++
						return nil, lost
					})
				_, first := send(b, "a", 0)
				synctest.Wait()
				answers, wait := send(b, "a", 1, 2, 3)
				first()
				wait()
				for _, got := range answers {
					require.Equal(t, answer{0, lost}, got)
				}
				require.Equal(t, 2, commits)
			})
		})
	}
}

func TestAPanicIsAnErrorForItsBatchAndTheKeyGoesOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := batch.New(batch.Options{ShouldSplit: func(error) bool { return true }},
			func(ctx context.Context, key string, requests []int) ([]batch.Result[int], error) {
				switch requests[0] {
				case 1:
					panic("a client's secret")
				case 2:
					var none map[string]int
					//lint:ignore SA5000 the panic is the point
					none["x"] = 1
				}
				return double(ctx, key, requests)
			})
		_, err := b.Do(t.Context(), "a", 1)
		requireCode(t, apperr.Internal, err)
		require.NotContains(t, err.Error(), "secret")
		_, err = b.Do(t.Context(), "a", 2)
		require.ErrorContains(t, err, "nil map")
		value, err := b.Do(t.Context(), "a", 3)
		require.NoError(t, err)
		require.Equal(t, 6, value)
		synctest.Wait()
		require.Zero(t, b.Lanes())
	})
}

func TestTooFewResultsAreAnErrorForEveryCaller(t *testing.T) {
	t.Parallel()
	b := batch.New(batch.Options{}, func(context.Context, string, []int) ([]batch.Result[int], error) { return nil, nil })
	_, err := b.Do(t.Context(), "a", 1)
	require.ErrorIs(t, err, batch.ErrResults)
}

func TestACallerThatGoesAwayTakesAWaitingRequestBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var committed []int
		b := batch.New(batch.Options{WorkersPerKey: 1, MaxQueue: 1}, func(ctx context.Context, key string, requests []int) ([]batch.Result[int], error) {
			results, err := slow(ctx, key, requests)
			committed = append(committed, requests...)
			return results, err
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		var inFlight, waiting error
		var group sync.WaitGroup
		group.Go(func() { _, inFlight = b.Do(ctx, "a", 1) })
		synctest.Wait()
		group.Go(func() { _, waiting = b.Do(ctx, "a", 2) })
		group.Wait()
		requireCode(t, apperr.Unavailable, inFlight)
		requireCode(t, apperr.Unavailable, waiting)
		require.ErrorIs(t, waiting, context.DeadlineExceeded)

		_, err := b.Do(ctx, "a", 3)
		require.ErrorIs(t, err, context.DeadlineExceeded, "who comes too late is not queued")

		value, err := b.Do(t.Context(), "a", 4)
		require.NoError(t, err, "the place in the queue is free again")
		require.Equal(t, 8, value)
		require.Equal(t, []int{1, 4}, committed, "the first was being committed, the second was taken back")
	})
}

func TestAFullQueueIsUnavailable(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := batch.New(batch.Options{WorkersPerKey: 1, MaxQueue: 3}, slow)
		_, first := send(b, "a", 0)
		synctest.Wait()
		answers, wait := send(b, "a", 1, 2, 3)
		synctest.Wait()
		_, err := b.Do(t.Context(), "a", 4)
		requireCode(t, apperr.Unavailable, err)
		value, err := b.Do(t.Context(), "b", 4)
		require.NoError(t, err, "another key has its own queue")
		require.Equal(t, 8, value)
		first()
		wait()
		require.Equal(t, []answer{{2, nil}, {4, nil}, {6, nil}}, answers)
	})
}

type viewerKey struct{}

func TestACommitHasItsOwnDeadlineAndNothingOfItsCallers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := batch.New(batch.Options{Timeout: time.Minute}, func(ctx context.Context, _ string, _ []int) ([]batch.Result[int], error) {
			require.Nil(t, ctx.Value(viewerKey{}))
			deadline, ok := ctx.Deadline()
			require.True(t, ok)
			require.Equal(t, time.Minute, time.Until(deadline))
			<-ctx.Done()
			return nil, ctx.Err()
		})
		_, err := b.Do(context.WithValue(t.Context(), viewerKey{}, "someone"), "a", 1)
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

func TestCloseCommitsWhatWaitsAndRefusesTheRest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := batch.New(batch.Options{MaxSize: 10}, slow)
		answers, wait := send(b, "a", numbers(0, 100)...)
		synctest.Wait()
		require.NoError(t, b.Close(t.Context()))
		_, err := b.Do(t.Context(), "a", 1)
		requireCode(t, apperr.Unavailable, err)
		wait()
		for i, got := range answers {
			require.Equal(t, answer{2 * i, nil}, got)
		}
		require.NoError(t, b.Close(t.Context()), "closing twice is fine")
		require.Zero(t, b.Lanes())
	})
}

func TestCloseGivesUpWhenItsContextEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := batch.New(batch.Options{WorkersPerKey: 1}, func(ctx context.Context, _ string, _ []int) ([]batch.Result[int], error) {
			<-ctx.Done()
			return nil, ctx.Err()
		})
		inFlight, wait1 := send(b, "a", 1)
		synctest.Wait()
		waiting, wait2 := send(b, "a", 2, 3)
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, b.Close(ctx), context.DeadlineExceeded)
		wait1()
		wait2()
		require.ErrorIs(t, inFlight[0].err, context.Canceled)
		for _, got := range waiting {
			requireCode(t, apperr.Unavailable, got.err)
		}
		require.NoError(t, b.Close(t.Context()))
	})
}

// TestEveryRequestGetsItsOwnAnswerOnce: callers of several keys, some of whom go away and some of whose requests poison their batch.
// Who waits gets its own answer; what was answered with success was committed exactly once, what was refused never; no commit is
// larger and no key busier than allowed.
func TestEveryRequestGetsItsOwnAnswerOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		options := batch.Options{
			MaxSize:       rapid.IntRange(1, 20).Draw(t, "size"),
			WorkersPerKey: rapid.IntRange(1, 3).Draw(t, "workers"),
			ShouldSplit:   func(err error) bool { return errors.Is(err, errDuplicate) },
		}
		keys := rapid.IntRange(1, 3).Draw(t, "keys")
		poison := rapid.IntRange(2, 40).Draw(t, "every how many are poisoned")
		patience := time.Duration(rapid.IntRange(1, 200).Draw(t, "patience")) * time.Microsecond
		const callers = 200

		var committed [callers]atomic.Int32
		busy := make([]atomic.Int32, keys)
		fault := make(chan string, 1)
		report := func(text string) {
			select {
			case fault <- text:
			default:
			}
		}
		b := batch.New(options, func(_ context.Context, key int, requests []int) ([]batch.Result[string], error) {
			if busy[key].Add(1) > int32(options.WorkersPerKey) {
				report("too many commits for a key")
			}
			defer busy[key].Add(-1)
			if len(requests) == 0 || len(requests) > options.MaxSize {
				report(fmt.Sprintf("%d requests in a commit", len(requests)))
			}
			for _, request := range requests {
				if request%keys != key {
					report("a request of another key")
				}
				if request%poison == 0 {
					return nil, errDuplicate
				}
			}
			results := make([]batch.Result[string], len(requests))
			for i, request := range requests {
				committed[request].Add(1)
				results[i].Value = fmt.Sprint("answer ", request)
			}
			return results, nil
		})

		var group sync.WaitGroup
		for request := range callers {
			group.Go(func() {
				ctx, cancel := context.Background(), context.CancelFunc(func() {})
				if request%3 == 0 {
					ctx, cancel = context.WithTimeout(ctx, patience)
				}
				defer cancel()
				value, err := b.Do(ctx, request%keys, request)
				switch {
				case err == nil && (value != fmt.Sprint("answer ", request) || request%poison == 0 || committed[request].Load() != 1):
					report("another's answer, or one without a commit")
				case errors.Is(err, errDuplicate) && (request%poison != 0 || committed[request].Load() != 0):
					report("another's error")
				case err != nil && !errors.Is(err, errDuplicate) && request%3 != 0:
					report(err.Error())
				}
			})
		}
		group.Wait()
		require.NoError(t, b.Close(context.Background()))
		select {
		case text := <-fault:
			t.Fatal(text)
		default:
		}
		for request := range committed {
			require.LessOrEqual(t, committed[request].Load(), int32(1))
		}
		require.Zero(t, b.Lanes())
	})
}

// BenchmarkDo is the cost of a batch around a commit that costs nothing, alone and among many callers.
func BenchmarkDo(b *testing.B) {
	for _, callers := range []int{1, 256} {
		b.Run(fmt.Sprint("callers=", callers), func(b *testing.B) {
			batcher := batch.New(batch.Options{}, double)
			b.ReportAllocs()
			b.SetParallelism(callers)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, err := batcher.Do(context.Background(), "a", 1); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}
