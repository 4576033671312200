package geo

import (
	"cmp"
	"slices"

	"github.com/golang/geo/s1"
	"github.com/golang/geo/s2"
)

// Range is an inclusive range of cell numbers, as in SQL's cell BETWEEN From AND To.
type Range struct{ From, To int64 }

// Cell is the number of the smallest S2 cell (about a square centimetre) that holds c: the value of an indexed bigint column. Places with
// near numbers are near each other; the reverse holds only for most, which is why Cover gives several ranges.
//
// S2's ids are unsigned. Their highest bit is flipped, so the order of the signed numbers in the database is the order of the ids, and
// the cells below a larger cell are one range.
func Cell(c Coordinate) int64 {
	return number(s2.CellIDFromLatLng(s2.LatLngFromPoint(c.point())))
}

// number maps an S2 cell id to the stored number.
func number(id s2.CellID) int64 { return int64(uint64(id) ^ 1<<63) }

// leafStep is the distance between the numbers of neighbouring leaf cells, whose lowest bit is always one.
const leafStep = 2

// Cover gives at most maxRanges ranges, in order and apart from each other, that together hold the cell of every place within radius
// metres of center. They hold some farther places too (with 16 ranges about half as many again): measure what was read with Distance.
// A radius that is negative or not a number counts as zero; fewer than one range count as one.
func Cover(center Coordinate, radius float64, maxRanges int) []Range {
	maxRanges = max(maxRanges, 1)
	coverer := s2.RegionCoverer{MaxLevel: s2.MaxLevel, MaxCells: maxRanges}
	ranges := rangesOf(coverer.Covering(disc(center, radius+slack)))
	// The coverer takes more cells than it should where the disc touches several faces of the cube: close the smallest gaps.
	for len(ranges) > maxRanges {
		narrowest := 1
		for i := 2; i < len(ranges); i++ {
			if gap(ranges, i) < gap(ranges, narrowest) {
				narrowest = i
			}
		}
		ranges[narrowest-1].To = ranges[narrowest].To
		ranges = slices.Delete(ranges, narrowest, narrowest+1)
	}
	return ranges
}

// inside gives ranges that hold only places within radius metres of center, though not all of them.
func inside(center Coordinate, radius float64, maxRanges int) []Range {
	radius -= slack
	if radius < 1 {
		return nil
	}
	// Without a bound on the level the coverer would search the disc's edge down to leaf cells.
	level := min(s2.MaxLevel, s2.AvgEdgeMetric.ClosestLevel(radius/earthRadius/16)+1)
	coverer := s2.RegionCoverer{MaxLevel: level, MaxCells: maxRanges}
	return rangesOf(coverer.InteriorCovering(disc(center, radius)))
}

// slack in metres covers the rounding between Distance and S2's own measure, which is largest for places half the Earth apart.
const slack = 0.5

// disc is the region within radius metres of center.
func disc(center Coordinate, radius float64) s2.Cap {
	if !(radius > 0) { // Not a number either.
		radius = 0
	}
	if radius >= farthest {
		return s2.FullCap()
	}
	return s2.CapFromCenterAngle(center.point(), s1.Angle(radius/earthRadius))
}

// rangesOf gives the ranges of leaf cells below the cells, which are in order and do not overlap, and joins neighbours.
func rangesOf(cells s2.CellUnion) []Range {
	var ranges []Range
	for _, cell := range cells {
		from, to := number(cell.RangeMin()), number(cell.RangeMax())
		if last := len(ranges) - 1; last >= 0 && ranges[last].To+leafStep >= from {
			ranges[last].To = to
		} else {
			ranges = append(ranges, Range{from, to})
		}
	}
	return ranges
}

// gap is the distance of range i from the one before. As the numbers span more than an int64 can count, it is unsigned.
func gap(ranges []Range, i int) uint64 {
	return uint64(ranges[i].From) - uint64(ranges[i-1].To)
}

// subtract gives what of ranges is not in covered. Both are in order and free of overlaps, and so is the answer.
func subtract(ranges, covered []Range) []Range {
	var left []Range
	for _, r := range ranges {
		for len(covered) > 0 && covered[0].To < r.From {
			covered = covered[1:]
		}
		rest, some := r, true
		for _, c := range covered {
			if c.From > rest.To {
				break
			}
			if c.From > rest.From {
				left = append(left, Range{rest.From, c.From - leafStep})
			}
			if c.To >= rest.To {
				some = false
				break
			}
			rest.From = c.To + leafStep
		}
		if some {
			left = append(left, rest)
		}
	}
	return left
}

// union gives what is in one or the other, in order and free of overlaps.
func union(a, b []Range) []Range {
	all := slices.Concat(a, b)
	slices.SortFunc(all, func(x, y Range) int { return cmp.Compare(x.From, y.From) })
	var joined []Range
	for _, r := range all {
		if last := len(joined) - 1; last >= 0 && joined[last].To+leafStep >= r.From {
			joined[last].To = max(joined[last].To, r.To)
		} else {
			joined = append(joined, r)
		}
	}
	return joined
}
