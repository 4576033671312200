package idempotency_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/internal/idempotency"
	"dongxiao/internal/testkit"
)

func TestDeleteOld(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		ctx := auth.System(t.Context(), w.Brand.ID)
		old := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
		for i, key := range []string{"forgotten", "remembered"} {
			w.Store.Client(ctx).IdempotencyKey.Create().SetActorID(1).SetOperation("test").SetKey(key).SetInputHash("").
				SetCreatedAt(old.Add(time.Duration(i) * time.Second)).ExecX(ctx)
		}
		require.NoError(t, idempotency.DeleteOld(t.Context(), w.Store, old.Add(idempotency.Retention+time.Second)))
		require.Equal(t, "remembered", w.Store.Client(ctx).IdempotencyKey.Query().OnlyX(ctx).Key)
	})
}
