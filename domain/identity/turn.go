package identity

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"dongxiao/internal/apperr"
)

const (
	// turnLifetime outlives a call to WeChat and the transaction after it; a server that died in between blocks its code that long.
	turnLifetime = 15 * time.Second
	// turnWait and turnPause are how long a retry waits for the first call, and how often it looks.
	turnWait  = 10 * time.Second
	turnPause = 40 * time.Millisecond
	// redisPatience bounds each look: without Redis people still sign in, only a retry beside the first call has to start over.
	redisPatience = time.Second

	turnPrefix = "turn:"
)

// endTurn gives the turn back, unless it ran out and someone else has it.
var endTurn = redis.NewScript(`if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`)

// turn is the right to spend a code of WeChat, which is good once; calls that repeat one another take turns. Nothing but a retry rests on it.
type turn struct {
	service    *Service
	key, token string
	// found is what an earlier turn left; then there is nothing to end.
	found string
}

// waitForTurn takes the turn at the key, waits while somebody else has it, or finds what he left. Without Redis everybody has it. The error is
// WECHAT_BUSY after ten seconds, or the end of ctx.
func (s *Service) waitForTurn(ctx context.Context, key string) (*turn, error) {
	t := &turn{service: s, key: key, token: turnPrefix + rand.Text()}
	for deadline := time.Now().Add(turnWait); ; {
		held, err := t.take(ctx)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			s.Log.WarnContext(ctx, "Redis does not answer: a retry of the same code will not be answered", "error", err)
			return t, nil
		}
		if !strings.HasPrefix(held, turnPrefix) {
			t.found = held
			return t, nil
		}
		if time.Now().After(deadline) {
			return nil, apperr.New(apperr.WeChatBusy)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(turnPause):
		}
	}
}

// take gives "" where the turn is taken now, else what is there.
func (t *turn) take(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, redisPatience)
	defer cancel()
	for {
		taken, err := t.service.Redis.SetNX(ctx, t.key, t.token, turnLifetime).Result()
		if err != nil || taken {
			return "", err
		}
		held, err := t.service.Redis.Get(ctx, t.key).Result()
		if !errors.Is(err, redis.Nil) {
			return held, err
		}
	}
}

// leave puts a value in place of the turn, also where the caller is gone by now: that is when a retry needs it most.
func (t *turn) leave(ctx context.Context, value string, lifetime time.Duration) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), redisPatience)
	defer cancel()
	if err := t.service.Redis.Set(ctx, t.key, value, lifetime).Err(); err != nil {
		t.service.Log.WarnContext(ctx, "an answer could not be kept for a retry", "error", err)
	}
}

// end lets the next one have the turn.
func (t *turn) end(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), redisPatience)
	defer cancel()
	if err := endTurn.Run(ctx, t.service.Redis, []string{t.key}, t.token).Err(); err != nil {
		t.service.Log.WarnContext(ctx, "a turn could not be given back", "error", err)
	}
}
