package limits

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"sync/atomic"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/go-redis/redis_rate/v10"
	"github.com/redis/go-redis/v9"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"golang.org/x/time/rate"

	"dongxiao/internal/apperr"
)

const (
	// redisPatience is how long one operation waits for its bucket, redisPause how long Redis is left alone after it failed. The wait
	// holds only where the client is made with ContextTimeoutEnabled; else the client's own read time-out does.
	redisPatience = 100 * time.Millisecond
	redisPause    = time.Second
	localBuckets  = 10_000
)

// ThrottleOptions says how fast a caller may spend.
type ThrottleOptions struct {
	// PerSecond is how many cost units come back to a bucket each second.
	PerSecond int
	// Burst is how many units a full bucket holds; at least Limits.Cost, or the dearest operation could never run.
	Burst int
	// Key names the caller's bucket: brand and person, or brand and address for the anonymous. "" is never throttled.
	Key func(ctx context.Context) string
	// Logger hears when Redis fails and the server counts alone.
	Logger *slog.Logger
}

// Throttle takes each operation's cost from the caller's bucket in Redis (GCRA) and refuses with RATE_LIMITED and the seconds to
// wait. While Redis is away each server counts by itself: callers may then spend as much at every server, and none is locked out.
// It must be used after the Gate, which knows the cost.
type Throttle struct {
	options ThrottleOptions
	shared  *redis_rate.Limiter
	local   *lru.LRU[*rate.Limiter]
	// patience is redisPatience.
	patience time.Duration
	// pausedUntil is the time in Unix nanoseconds before which Redis is not asked.
	pausedUntil atomic.Int64
}

var _ interface {
	graphql.HandlerExtension
	graphql.OperationContextMutator
} = (*Throttle)(nil)

// NewThrottle makes a throttle over Redis; one key per bucket, so it works on a cluster.
func NewThrottle(client redis.UniversalClient, options ThrottleOptions) *Throttle {
	return &Throttle{options: options, shared: redis_rate.NewLimiter(client), local: lru.New[*rate.Limiter](localBuckets),
		patience: redisPatience}
}

// ExtensionName is the extension's name in gqlgen's lists.
func (t *Throttle) ExtensionName() string { return "Throttle" }

// Validate refuses options that could let nobody in.
func (t *Throttle) Validate(graphql.ExecutableSchema) error {
	if t.options.PerSecond < 1 || t.options.Burst < 1 || t.options.Key == nil || t.options.Logger == nil {
		return errors.New("limits: a throttle needs PerSecond, Burst, Key and Logger")
	}
	return nil
}

// MutateOperationContext takes the operation's cost.
func (t *Throttle) MutateOperationContext(ctx context.Context, operation *graphql.OperationContext) *gqlerror.Error {
	cost, ok := operation.Stats.GetExtension(costKey).(*Cost)
	if !ok {
		return gqlerror.Wrap(apperr.New(apperr.Internal))
	}
	key := t.options.Key(ctx)
	if key == "" {
		return nil
	}
	available, wait := t.take(ctx, key, min(cost.Requested, t.options.Burst))
	cost.Available = &available
	if wait > 0 {
		return gqlerror.Wrap(apperr.New(apperr.RateLimited, "seconds", int(math.Ceil(wait.Seconds()))))
	}
	return nil
}

// take gives what is left in the bucket, and how long to wait where it did not hold enough.
func (t *Throttle) take(ctx context.Context, key string, units int) (int, time.Duration) {
	if now := time.Now(); now.UnixNano() >= t.pausedUntil.Load() {
		patient, cancel := context.WithTimeout(ctx, t.patience)
		result, err := t.shared.AllowN(patient, "cost:"+key, redis_rate.Limit{Rate: t.options.PerSecond, Burst: t.options.Burst,
			Period: time.Second}, units)
		cancel()
		if err == nil {
			return result.Remaining, max(result.RetryAfter, 0)
		}
		if ctx.Err() == nil { // a caller that hung up says nothing about Redis
			t.pausedUntil.Store(now.Add(redisPause).UnixNano())
			t.options.Logger.WarnContext(ctx, "throttle: redis failed, counting in this process", "error", err)
		}
	}
	bucket, ok := t.local.Get(ctx, key)
	if !ok {
		bucket = rate.NewLimiter(rate.Limit(t.options.PerSecond), t.options.Burst)
		t.local.Add(ctx, key, bucket)
	}
	now := time.Now()
	reservation := bucket.ReserveN(now, units)
	wait := reservation.DelayFrom(now)
	if wait > 0 {
		reservation.CancelAt(now)
	}
	return max(int(bucket.TokensAt(now)), 0), wait
}
