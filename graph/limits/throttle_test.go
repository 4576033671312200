package limits

import (
	"bytes"
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"dongxiao/internal/apperr"
)

type callerKey struct{}

func caller(ctx context.Context) string { name, _ := ctx.Value(callerKey{}).(string); return name }

func newThrottle(t *testing.T, options ThrottleOptions) (*Throttle, *miniredis.Miniredis, *bytes.Buffer) {
	t.Helper()
	server := miniredis.RunT(t)
	server.SetTime(time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC))
	client := redis.NewClient(&redis.Options{Addr: server.Addr(), MaxRetries: -1, ContextTimeoutEnabled: true})
	t.Cleanup(func() { _ = client.Close() })
	var log bytes.Buffer
	options.Key, options.Logger = caller, slog.New(slog.NewTextHandler(&log, nil))
	throttle := NewThrottle(client, options)
	throttle.patience = time.Minute
	require.NoError(t, throttle.Validate(nil))
	return throttle, server, &log
}

// spend asks the throttle for an operation of some cost.
func spend(t *testing.T, throttle *Throttle, name string, units int) (*Cost, *apperr.Error) {
	t.Helper()
	operation := &graphql.OperationContext{}
	cost := &Cost{Requested: units, Limit: 100}
	operation.Stats.SetExtension(costKey, cost)
	err := throttle.MutateOperationContext(context.WithValue(t.Context(), callerKey{}, name), operation)
	if err == nil {
		return cost, nil
	}
	return cost, err.Unwrap().(*apperr.Error)
}

func TestThrottleTakesCostFromTheCallersBucket(t *testing.T) {
	t.Parallel()
	throttle, server, _ := newThrottle(t, ThrottleOptions{PerSecond: 10, Burst: 100})
	cost, err := spend(t, throttle, "brand1:person1", 60)
	require.Nil(t, err)
	require.Equal(t, 40, *cost.Available)

	cost, err = spend(t, throttle, "brand1:person1", 60)
	require.Equal(t, apperr.RateLimited, err.Code)
	require.Equal(t, "2", err.Params["seconds"], "20 units are missing, 10 come back a second")
	require.Equal(t, 0, *cost.Available)

	_, err = spend(t, throttle, "brand2:person1", 60)
	require.Nil(t, err, "another bucket")

	server.SetTime(time.Date(2026, 5, 1, 0, 0, 2, 0, time.UTC))
	_, err = spend(t, throttle, "brand1:person1", 60)
	require.Nil(t, err, "after the wait")
}

func TestThrottleLetsTheUnnamedPass(t *testing.T) {
	t.Parallel()
	throttle, _, _ := newThrottle(t, ThrottleOptions{PerSecond: 1, Burst: 1})
	for range 5 {
		cost, err := spend(t, throttle, "", 50)
		require.Nil(t, err)
		require.Nil(t, cost.Available)
	}
}

func TestThrottleLetsTheDearestRunFromAFullBucket(t *testing.T) {
	t.Parallel()
	throttle, _, _ := newThrottle(t, ThrottleOptions{PerSecond: 10, Burst: 50})
	_, err := spend(t, throttle, "x", 80)
	require.Nil(t, err)
}

func TestThrottleCountsAloneWithoutRedis(t *testing.T) {
	t.Parallel()
	throttle, server, log := newThrottle(t, ThrottleOptions{PerSecond: 1, Burst: 100})
	server.Close()
	cost, err := spend(t, throttle, "x", 60)
	require.Nil(t, err, "Redis is away, the caller is not")
	require.InDelta(t, 40, *cost.Available, 2)
	require.Contains(t, log.String(), "redis failed")
	_, err = spend(t, throttle, "x", 60)
	require.Equal(t, apperr.RateLimited, err.Code, "still bounded")
	_, err = spend(t, throttle, "y", 60)
	require.Nil(t, err)
	require.Equal(t, 1, bytes.Count(log.Bytes(), []byte("redis failed")), "Redis is left alone for a while")

	require.NoError(t, server.Restart())
	throttle.pausedUntil.Store(0)
	_, err = spend(t, throttle, "x", 60)
	require.Nil(t, err, "the shared bucket counts again")
}

func TestThrottleDoesNotBlameRedisForALostCaller(t *testing.T) {
	t.Parallel()
	throttle, _, log := newThrottle(t, ThrottleOptions{PerSecond: 1, Burst: 100})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	throttle.take(ctx, "x", 1)
	require.Empty(t, log.String())
	require.Zero(t, throttle.pausedUntil.Load())
}

func TestThrottleNeedsItsOptions(t *testing.T) {
	t.Parallel()
	require.Error(t, NewThrottle(redis.NewClient(&redis.Options{}), ThrottleOptions{}).Validate(nil))
}

// TestThrottleAfterTheGate runs both as a server does.
func TestThrottleAfterTheGate(t *testing.T) {
	t.Parallel()
	throttle, _, _ := newThrottle(t, ThrottleOptions{PerSecond: 1, Burst: 10_000})
	throttle.options.Key = func(context.Context) string { return "x" }
	operation, errs := start(t, newGate(t, Default()), []graphql.HandlerExtension{throttle}, &graphql.RawParams{Query: "{ brand { id } }"})
	require.Empty(t, errs)
	require.Equal(t, 9_998, *operation.Stats.GetExtension(costKey).(*Cost).Available)
}
