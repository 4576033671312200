package geo

import (
	"cmp"
	"context"
	"math"
	"slices"

	"dongxiao/internal/apperr"
)

// Defaults and bounds of Search.
const (
	defaultStart   = 500 // metres: in the densest city of a large brand this holds fewer than MaxRows.
	defaultMaxRows = 500
	// ringRanges is how many ranges a disc is covered with. More ranges read fewer rows that are too far, and cost the database more
	// dives into the index.
	ringRanges = 16
	// narrowRanges is how many where the edge matters: once a ring held too many rows there must be something dense at it, and a
	// continued search begins with a narrow ring.
	narrowRanges = 100
	// overRead is how many rows a covering holds for each row of its disc, on average.
	overRead = 1.6
	// fewestRows is the smallest read that is worth a statement.
	fewestRows = 50
	// maxReads bounds the statements of a search. An empty Earth takes seven.
	maxReads = 12
)

// Search says what Nearest looks for.
type Search struct {
	Center Coordinate
	// Radius in metres: what is farther is no hit.
	Radius float64
	// Count is how many hits are wanted; less than 1 counts as 1.
	Count int
	// After continues a list: only hits that come after this position are given. Nil begins at the center.
	After *Position
	// MaxRows bounds the rows that all reads together may give. Default 500.
	MaxRows int
	// Start is the first disc's radius in metres. Default 500. Who knows how far the answer was the last time saves statements with it.
	Start float64
}

// Position is a place in the order of hits: by distance from the center, and by id where two are equally far.
type Position struct {
	Distance float64
	ID       int64
}

// compare orders positions.
func (p Position) compare(other Position) int {
	return cmp.Or(cmp.Compare(p.Distance, other.Distance), cmp.Compare(p.ID, other.ID))
}

// Hit is something found, and where it comes in the order.
type Hit[T any] struct {
	Position
	Value T
}

// Reader gives rows whose cells are in ranges (there is at least one), at most limit of them: WHERE cell BETWEEN … OR cell BETWEEN … LIMIT limit. Fewer rows than
// limit mean that there are no more, so whatever else has to hold is either in the statement or said by Describe, never filtered
// in between.
type Reader[T any] func(ctx context.Context, ranges []Range, limit int) ([]T, error)

// Describe says where a row is and its id, and whether it may be a hit at all (open now, say).
type Describe[T any] func(row T) (at Coordinate, id int64, keep bool)

// Nearest finds the hits nearest to a place, in order.
//
// It reads a small disc, then the ring around it, then the next, each without what was read before, and stops as soon as the wanted
// number lies within the radius that has been read whole: a hit farther than that may be preceded by one not read yet. A ring's
// width follows from how dense the last was, so that a search reads a few times the wanted number of rows, in the countryside in a
// few wide steps. Where a ring turns out to hold more rows than that, a narrower one is read in its place.
//
// complete is false where MaxRows were used up, or 12 reads made, before the answer was certain (hundreds of rows at one spot, or
// hardly any that Describe keeps): the hits are then the nearest of those read. It gives INVALID_INPUT for a radius that is not
// positive, and otherwise only errors of read.
func Nearest[T any](ctx context.Context, search Search, read Reader[T], describe Describe[T]) (hits []Hit[T], complete bool, err error) {
	if !(search.Radius > 0) {
		return nil, false, apperr.New(apperr.InvalidInput, "field", "radius", "reason", "> 0")
	}
	radius := min(search.Radius, farthest)
	count, start, left := max(search.Count, 1), search.Start, search.MaxRows
	if !(start > 0) {
		start = defaultStart
	}
	if left <= 0 {
		left = defaultMaxRows
	}

	var hole float64
	var covered []Range // read, or known to hold only what comes before After.
	if search.After != nil {
		hole = max(search.After.Distance, 0)
		covered = inside(search.Center, hole, narrowRanges)
	}
	inner, outer, tooWide := hole, math.Hypot(hole, start), math.Inf(1) // The disc of inner is read whole; a ring up to tooWide is too much.
	rowsWithin := 0                                                     // read in rings that were read whole.
	for reads := 0; !complete && reads < maxReads && left >= fewestRows; reads++ {
		outer = min(outer, radius)
		precision := ringRanges
		if search.After != nil || !math.IsInf(tooWide, 1) {
			precision = narrowRanges
		}
		disc := Cover(search.Center, outer, precision)
		limit := left / 2 // The first disc is small by its choice; later ones are guesses, and a wrong guess must be cheap.
		if reads > 0 {
			limit = max(fewestRows, min(limit, 4*count))
		}
		var rows []T
		if unread := subtract(disc, covered); len(unread) > 0 {
			if rows, err = read(ctx, unread, limit); err != nil {
				return nil, false, err
			}
		}
		left -= len(rows)
		hits = appendHits(hits, search, rows, describe)
		enough := math.Inf(1) // The disc that holds as many hits as are wanted, of those seen so far.
		if len(hits) >= count {
			enough = hits[count-1].Distance
		}
		if len(rows) >= limit {
			tooWide = outer
			if outer = ring(inner, tooWide, 1./4); enough < ring(inner, tooWide, 1./2) {
				outer = enough
			}
			continue
		}
		covered, inner, rowsWithin = union(covered, disc), outer, rowsWithin+len(rows)
		found := 0
		for found < len(hits) && hits[found].Distance <= inner {
			found++
		}
		complete = found >= count || inner >= radius
		if tooWide-inner < 1 { // Those rows were outside the disc, or begin right here.
			tooWide = math.Inf(1)
		}
		if outer = min(ring(hole, inner, growth(found, rowsWithin, count, left)), enough); outer >= tooWide {
			outer = ring(inner, tooWide, 1./2)
		}
	}
	return hits[:min(len(hits), count)], complete, nil
}

// appendHits adds those of rows that may be hits and keeps all in order. The rows of a ring that was too wide may come again.
func appendHits[T any](hits []Hit[T], search Search, rows []T, describe Describe[T]) []Hit[T] {
	for _, row := range rows {
		at, id, keep := describe(row)
		hit := Hit[T]{Position{Distance(search.Center, at), id}, row}
		if keep && hit.Distance <= search.Radius && (search.After == nil || hit.compare(*search.After) > 0) {
			hits = append(hits, hit)
		}
	}
	slices.SortFunc(hits, func(a, b Hit[T]) int { return a.compare(b.Position) })
	return slices.CompactFunc(hits, func(a, b Hit[T]) bool { return a.Position == b.Position })
}

// ring is the outer radius of the ring around a disc of radius inner that has share times the area of the ring up to outer.
func ring(inner, outer, share float64) float64 {
	return math.Sqrt(inner*inner + (outer*outer-inner*inner)*share)
}

// growth is how many times larger an area is to be read next, where this one has given found hits among rows.
func growth(found, rows, count, left int) float64 {
	const most, least = 36, 2
	next := float64(most)
	if found > 0 {
		next = min(next, overRead*float64(count)/float64(found))
	}
	if rows > 0 {
		next = min(next, float64(left)/2/float64(rows))
	}
	return max(next, least)
}
