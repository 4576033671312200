package points_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"dongxiao/domain/points"
	"dongxiao/internal/apperr"
	"dongxiao/internal/testkit"
)

// tally runs call n times at once and counts the codes; "" is success.
func tally(n int, call func(i int) error) map[apperr.Code]int {
	var wait sync.WaitGroup
	var mu sync.Mutex
	counts := map[apperr.Code]int{}
	for i := range n {
		wait.Go(func() {
			code := apperr.CodeOf(call(i))
			mu.Lock()
			counts[code]++
			mu.Unlock()
		})
	}
	wait.Wait()
	return counts
}

// 64 orders want points that are enough for ten.
func TestRaceSpendAgainstSpend(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		d := open(t, w)
		ctx := d.system(t)
		require.NoError(t, d.Earn(ctx, d.member.ID, 1, 10_500, d.Clock.Now()))
		d.Clock.Advance(7 * day) // nobody has swept: the first to come brings the points up to now
		counts := tally(64, func(i int) error { return d.Spend(ctx, d.member.ID, int64(100+i), 10) })
		require.Equal(t, map[apperr.Code]int{"": 10, apperr.PointsInsufficient: 54}, counts)
		require.Equal(t, [3]int64{5, 0, 0}, d.has(t))
	})
}

// Points become spendable, by several sweeps at once, while a refund takes them back: they are taken once, and the growth is given once at most.
func TestRaceMatureAgainstClawBack(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		d := open(t, w)
		ctx := d.system(t)
		for subject := int64(1); subject <= 4; subject++ {
			require.NoError(t, d.Earn(ctx, d.member.ID, subject, 10_000, d.Clock.Now()))
		}
		d.Clock.Advance(7 * day)
		counts := tally(32, func(i int) error {
			switch i % 4 {
			case 0:
				_, err := d.SettleDueIn(ctx, 100)
				return err
			case 1:
				return d.ClawBack(ctx, int64(1+i/4%4), points.Part{Refunded: 1, Total: 2})
			case 2:
				return d.ClawBack(ctx, int64(1+i/4%4), points.Part{Refunded: 2, Total: 2})
			}
			return d.Spend(ctx, d.member.ID, 50, 100) // the same order again and again
		})
		require.Equal(t, 32, counts[""]+counts[apperr.PointsInsufficient])
		has := d.has(t)
		spent, err := d.Store.Client(ctx).LedgerPosting.Query().Count(ctx)
		require.NoError(t, err)
		require.Positive(t, spent)
		if has[2] > 0 {
			require.Equal(t, [3]int64{0, 0, 100}, has, "all was taken back, and what was spent is owed")
		} else {
			require.Equal(t, [3]int64{0, 0, 0}, has)
		}
		require.EqualValues(t, 400, d.Store.Client(ctx).Member.GetX(ctx, d.member.ID).GrowthValue)
	})
}

// One order is given back and its points are taken back, in parts and again and again.
func TestRaceReturnAgainstClawBack(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		d := open(t, w)
		ctx := d.system(t)
		require.NoError(t, d.Earn(ctx, d.member.ID, 1, 10_000, d.Clock.Now()))
		d.Clock.Advance(7 * day)
		require.NoError(t, d.Spend(ctx, d.member.ID, 2, 80))
		counts := tally(32, func(i int) error {
			if i%2 == 0 {
				return d.Return(ctx, 2, int64(i+1)*5/2)
			}
			return d.ClawBack(ctx, 1, points.Part{Refunded: moneyOf(int64(i)), Total: 31})
		})
		require.Equal(t, map[apperr.Code]int{"": 32}, counts)
		require.NoError(t, d.Return(ctx, 2, 80))
		require.Equal(t, [3]int64{0, 0, 0}, d.has(t), "all was given back and all was taken back")
	})
}

// A key of staff that is tried by many at once gives once.
func TestRaceAdjust(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		d := open(t, w)
		counts := tally(32, func(int) error {
			_, err := d.Adjust(testkit.As(t, d.admin), points.Adjustment{MemberID: d.member.ID, Points: 7, Reason: "补偿", IdempotencyKey: "adjust-race"})
			return err
		})
		require.Equal(t, map[apperr.Code]int{"": 32}, counts)
		require.Equal(t, [3]int64{7, 0, 0}, d.has(t))
	})
}
