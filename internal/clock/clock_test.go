package clock_test

import (
	"sync"
	"testing"
	"time"

	"dongxiao/internal/clock"

	"github.com/stretchr/testify/require"
)

var (
	_ clock.Clock = (*clock.Manual)(nil)
	_ clock.Clock = (*clock.Database)(nil)
)

func TestManualMovesOnlyWhenTold(t *testing.T) {
	t.Parallel()
	shanghai := time.FixedZone("Asia/Shanghai", 8*60*60)
	manual := clock.NewManual(time.Date(2026, 3, 1, 8, 0, 0, 123_456_789, shanghai))
	start := time.Date(2026, 3, 1, 0, 0, 0, 123_456_000, time.UTC)
	require.Equal(t, start, manual.Now())
	require.Equal(t, start, manual.Now())
	require.Equal(t, start.Add(time.Hour), manual.Advance(time.Hour))
	require.Equal(t, start.Add(time.Hour-time.Second), manual.Advance(-time.Second))
	require.Equal(t, start.Add(time.Hour-time.Second), manual.Advance(999*time.Nanosecond), "less than a microsecond is cut off")
	manual.Set(time.Now())
	require.Equal(t, time.UTC, manual.Now().Location())
	require.Equal(t, manual.Now(), manual.Now().Round(0).Truncate(time.Microsecond))
}

func TestManualMayBeMovedFromManyGoroutines(t *testing.T) {
	t.Parallel()
	manual := clock.NewManual(time.Unix(0, 0))
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			before := manual.Now()
			require.True(t, manual.Advance(time.Second).After(before))
		})
	}
	group.Wait()
	require.Equal(t, time.Unix(50, 0).UTC(), manual.Now())
}
