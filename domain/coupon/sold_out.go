package coupon

import (
	"context"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"dongxiao/internal/memory"
)

const (
	// soldOutKept is how long a sell-out is believed: the time in which stock that was added may go unnoticed, should its delete of the mark
	// have overtaken the mark itself.
	soldOutKept = 500 * time.Millisecond
	// soldOutPatience is how long Redis may take for what is only a hint.
	soldOutPatience = 100 * time.Millisecond
)

// soldOut remembers for a moment that a template has no stock left, so that the crowd that comes too late does not queue for the hot row. It is only a
// hint: a server asks Redis about a template only after it has seen the sell-out itself a moment ago, and without an answer from Redis there is
// no sell-out.
type soldOut struct {
	redis redis.UniversalClient
	seen  *memory.Cache[int64, struct{}]
}

func newSoldOut(client redis.UniversalClient) *soldOut {
	return &soldOut{client, memory.New[int64](memory.Options[struct{}]{Size: 10_000, Lifetime: memory.For[struct{}](soldOutKept)})}
}

func soldOutKey(templateID int64) string {
	return "coupon:sold-out:" + strconv.FormatInt(templateID, 10)
}

// mark says that the template has no stock left. Commands have no Redis, and no crowd.
func (o *soldOut) mark(ctx context.Context, templateID int64) {
	if o.redis == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, soldOutPatience)
	defer cancel()
	if o.redis.Set(ctx, soldOutKey(templateID), 1, soldOutKept).Err() == nil {
		o.seen.Set(templateID, struct{}{})
	}
}

// clear says that stock was added.
func (o *soldOut) clear(ctx context.Context, templateID int64) {
	if o.redis == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, soldOutPatience)
	defer cancel()
	o.seen.Delete(templateID)
	_ = o.redis.Del(ctx, soldOutKey(templateID)).Err()
}

// marked says whether the template had no stock left a moment ago and none was added since.
func (o *soldOut) marked(ctx context.Context, templateID int64) bool {
	if _, ok := o.seen.Get(templateID); !ok {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, soldOutPatience)
	defer cancel()
	n, err := o.redis.Exists(ctx, soldOutKey(templateID)).Result()
	if err != nil || n == 0 {
		o.seen.Delete(templateID)
		return false
	}
	return true
}
