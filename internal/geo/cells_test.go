package geo_test

import (
	"math"
	"slices"
	"testing"

	"github.com/golang/geo/s1"
	"github.com/golang/geo/s2"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"dongxiao/internal/geo"
)

// id undoes the mapping that Cell documents.
func id(cell int64) s2.CellID { return s2.CellID(uint64(cell) ^ 1<<63) }

func holds(ranges []geo.Range, cell int64) bool {
	return slices.ContainsFunc(ranges, func(r geo.Range) bool { return r.From <= cell && cell <= r.To })
}

// requireOrdered: ranges are not empty, in order, and apart.
func requireOrdered(t require.TestingT, ranges []geo.Range) {
	for i, r := range ranges {
		require.LessOrEqual(t, r.From, r.To)
		if i > 0 {
			require.Less(t, ranges[i-1].To, r.From)
		}
	}
}

func TestCellsAreOrderedAsSignedNumbers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := places().Draw(t, "a"), places().Draw(t, "b")
		cellA, cellB := geo.Cell(a), geo.Cell(b)
		require.Equal(t, id(cellA) < id(cellB), cellA < cellB)
		require.True(t, id(cellA).IsLeaf())
		require.Equal(t, cellA, geo.Cell(a.ToGCJ02()), "a place has one cell in whatever system it came")

		parent := id(cellA).Parent(rapid.IntRange(0, 30).Draw(t, "level"))
		from, to := int64(uint64(parent.RangeMin())^1<<63), int64(uint64(parent.RangeMax())^1<<63)
		require.True(t, from <= cellA && cellA <= to)
		require.Equal(t, parent.Contains(id(cellB)), from <= cellB && cellB <= to)
	})
}

// away is the place at a distance and direction from c.
func away(c geo.Coordinate, metres, direction float64) geo.Coordinate {
	c = c.ToGCJ02()
	center := s2.PointFromLatLng(s2.LatLngFromDegrees(c.Latitude, c.Longitude))
	frame := s2.Ortho(center)
	side := s2.Rotate(s2.Point{Vector: frame.Vector}, center, s1.Angle(direction))
	at := s2.LatLngFromPoint(s2.InterpolateAtDistance(s1.Angle(metres/6_371_008.8), center, side))
	return gcj02(at.Lat.Degrees(), at.Lng.Degrees())
}

func radii() *rapid.Generator[float64] {
	return rapid.Custom(func(t *rapid.T) float64 { return math.Pow(10, rapid.Float64Range(0, 7.2).Draw(t, "power of ten")) })
}

func TestCoverHoldsEveryPlaceWithinTheRadius(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		center, radius := places().Draw(t, "center"), radii().Draw(t, "radius")
		maxRanges := rapid.IntRange(-1, 40).Draw(t, "ranges")
		ranges := geo.Cover(center, radius, maxRanges)
		require.LessOrEqual(t, len(ranges), max(maxRanges, 1))
		requireOrdered(t, ranges)
		require.True(t, holds(ranges, geo.Cell(center)))
		for range 20 {
			place := away(center, radius*rapid.Float64Range(0, 1).Draw(t, "share"), rapid.Float64Range(0, 2*math.Pi).Draw(t, "direction"))
			if geo.Distance(center, place) <= radius {
				require.True(t, holds(ranges, geo.Cell(place)), "%v m away", geo.Distance(center, place))
			}
		}
	})
}

func TestCoverOfStrangeRadii(t *testing.T) {
	t.Parallel()
	center := gcj02(25.04, 102.71)
	for _, radius := range []float64{0, -5, math.NaN(), math.Inf(-1)} {
		ranges := geo.Cover(center, radius, 4)
		require.True(t, holds(ranges, geo.Cell(center)))
		require.False(t, holds(ranges, geo.Cell(away(center, 50, 1))))
	}
	for _, radius := range []float64{2.1e7, math.MaxFloat64, math.Inf(1)} {
		require.Len(t, geo.Cover(center, radius, 4), 1, "the whole Earth")
	}
	require.Len(t, geo.Cover(gcj02(45, 45), 100, 1), 1, "at a corner of three faces")
}

// TestCoverIsNotMuchLargerThanItsDisc counts places on a grid, since that is what the database reads.
func TestCoverIsNotMuchLargerThanItsDisc(t *testing.T) {
	t.Parallel()
	read, wanted := 0, 0
	for _, center := range []geo.Coordinate{gcj02(25.04, 102.71), gcj02(39.91, 116.4), gcj02(22.54, 114.06), gcj02(43.8, 87.6), gcj02(30.66, 104.06)} {
		ranges := geo.Cover(center, 5000, 16)
		for north := -0.15; north < 0.15; north += 0.003 {
			for east := -0.15; east < 0.15; east += 0.003 {
				place := gcj02(center.Latitude+north, center.Longitude+east)
				if geo.Distance(center, place) <= 5000 {
					wanted++
				}
				if holds(ranges, geo.Cell(place)) {
					read++
				}
			}
		}
	}
	t.Logf("%.2f rows read for each in the disc", float64(read)/float64(wanted))
	require.Less(t, float64(read), 1.8*float64(wanted))
}

func TestInsideHoldsNoPlaceBeyondTheRadius(t *testing.T) {
	t.Parallel()
	require.Empty(t, geo.Inside(gcj02(25, 102), 0, 16))
	rapid.Check(t, func(t *rapid.T) {
		center, radius := places().Draw(t, "center"), math.Pow(10, rapid.Float64Range(1, 6.5).Draw(t, "power of ten"))
		ranges := geo.Inside(center, radius, 16)
		requireOrdered(t, ranges)
		require.NotEmpty(t, ranges)
		for _, r := range ranges {
			for _, cell := range []int64{r.From, r.To, rapid.Int64Range(r.From/2, (r.To-1)/2).Draw(t, "half")*2 + 1} {
				at := id(cell).LatLng()
				require.LessOrEqual(t, geo.Distance(center, gcj02(at.Lat.Degrees(), at.Lng.Degrees())), radius)
			}
		}
	})
}

// odd gives ordered ranges over the small odd numbers, as leaf cells are.
func odd() *rapid.Generator[[]geo.Range] {
	return rapid.Custom(func(t *rapid.T) []geo.Range {
		var ranges []geo.Range
		for i, in := range rapid.SliceOfN(rapid.Bool(), 0, 30).Draw(t, "members") {
			number := int64(2*i - 29)
			if last := len(ranges) - 1; in && last >= 0 && ranges[last].To == number-2 && rapid.Bool().Draw(t, "join") {
				ranges[last].To = number
			} else if in {
				ranges = append(ranges, geo.Range{From: number, To: number})
			}
		}
		return ranges
	})
}

func TestRangesAreSets(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := odd().Draw(t, "a"), odd().Draw(t, "b")
		difference, union := geo.Subtract(a, b), geo.Union(a, b)
		requireOrdered(t, difference)
		requireOrdered(t, union)
		for number := int64(-31); number < 35; number += 2 {
			require.Equal(t, holds(a, number) && !holds(b, number), holds(difference, number), "%d", number)
			require.Equal(t, holds(a, number) || holds(b, number), holds(union, number), "%d", number)
		}
	})
}
