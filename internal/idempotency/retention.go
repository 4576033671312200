package idempotency

import (
	"context"
	"time"

	"dongxiao/auth"
	"dongxiao/ent/idempotencykey"
	"dongxiao/internal/store"
)

// Retention is how long keys are remembered.
const Retention = 30 * 24 * time.Hour

// DeleteOld forgets keys that are past their retention, in all brands, a thousand at a time. A periodic job calls it.
func DeleteOld(ctx context.Context, s *store.Store, now time.Time) error {
	const chunk = 1000
	ctx = auth.Operator(ctx)
	for {
		ids, err := s.Client(ctx).IdempotencyKey.Query().Where(idempotencykey.CreatedAtLT(now.Add(-Retention))).Limit(chunk).IDs(ctx)
		if err != nil || len(ids) == 0 {
			return err
		}
		if _, err := s.Client(ctx).IdempotencyKey.Delete().Where(idempotencykey.IDIn(ids...)).Exec(ctx); err != nil {
			return err
		}
	}
}
