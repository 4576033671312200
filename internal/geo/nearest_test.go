package geo_test

import (
	"cmp"
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"dongxiao/internal/apperr"
	"dongxiao/internal/geo"
)

// store is a row; every third one is closed in the tests that filter.
type store struct {
	id   int64
	at   geo.Coordinate
	cell int64
}

// table is an index on cell that counts what is read from it.
type table struct {
	stores []store
	reads  int
	full   int // reads that reached their limit.
	rows   int
	times  map[int64]int // how often each store was read.
}

func newTable(places []geo.Coordinate) *table {
	table := &table{times: map[int64]int{}}
	for i, place := range places {
		table.stores = append(table.stores, store{int64(i + 1), place, geo.Cell(place)})
	}
	slices.SortFunc(table.stores, func(a, b store) int { return cmp.Compare(a.cell, b.cell) })
	return table
}

func (t *table) read(_ context.Context, ranges []geo.Range, limit int) ([]store, error) {
	t.reads++
	var rows []store
	for _, r := range ranges {
		first, _ := slices.BinarySearchFunc(t.stores, r.From, func(s store, cell int64) int { return cmp.Compare(s.cell, cell) })
		for _, s := range t.stores[first:] {
			if s.cell > r.To || len(rows) == limit {
				break
			}
			rows = append(rows, s)
			t.rows++
			t.times[s.id]++
		}
	}
	if len(rows) == limit {
		t.full++
	}
	return rows, nil
}

func everyStore(s store) (geo.Coordinate, int64, bool) { return s.at, s.id, true }
func openStores(s store) (geo.Coordinate, int64, bool) { return s.at, s.id, s.id%3 != 0 }

// brute gives the right answer by looking at every store.
func (t *table) brute(search geo.Search, describe geo.Describe[store]) []geo.Position {
	positions := []geo.Position{}
	for _, s := range t.stores {
		at, id, keep := describe(s)
		p := geo.Position{Distance: geo.Distance(search.Center, at), ID: id}
		after := search.After == nil || p.Distance > search.After.Distance || (p.Distance == search.After.Distance && p.ID > search.After.ID)
		if keep && after && p.Distance <= search.Radius {
			positions = append(positions, p)
		}
	}
	slices.SortFunc(positions, func(a, b geo.Position) int {
		return cmp.Or(cmp.Compare(a.Distance, b.Distance), cmp.Compare(a.ID, b.ID))
	})
	return positions[:min(len(positions), max(search.Count, 1))]
}

func positions(hits []geo.Hit[store]) []geo.Position {
	p := []geo.Position{}
	for _, hit := range hits {
		p = append(p, hit.Position)
	}
	return p
}

var kunming = gcj02(25.04, 102.71)

// city scatters n places over a square of the width in metres around center.
func city(random *rand.Rand, center geo.Coordinate, n int, width float64) []geo.Coordinate {
	places := make([]geo.Coordinate, n)
	for i := range places {
		degrees := width / 111_195
		places[i] = gcj02(center.Latitude+(random.Float64()-0.5)*degrees, center.Longitude+(random.Float64()-0.5)*degrees/math.Cos(center.Latitude*math.Pi/180))
	}
	return places
}

// TestNearestIsWhatLookingAtEveryStoreGives over towns of many sizes, and centers in and out of them; and no store is read twice unless
// a ring held too many.
func TestNearestIsWhatLookingAtEveryStoreGives(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		var places []geo.Coordinate
		for range rapid.IntRange(0, 5).Draw(t, "towns") {
			center := away(kunming, 200_000*random.Float64(), 7*random.Float64())
			places = append(places, city(random, center, 1+random.IntN(300), math.Pow(10, 2+3*random.Float64()))...)
		}
		table := newTable(places)
		search := geo.Search{
			Center: away(kunming, 200_000*random.Float64(), 7*random.Float64()),
			Radius: radii().Draw(t, "radius"),
			Count:  rapid.IntRange(0, 100).Draw(t, "count"),
			Start:  rapid.SampledFrom([]float64{0, 50, 5000, math.NaN()}).Draw(t, "start"),
		}
		if len(places) > 0 && rapid.Bool().Draw(t, "near a store") {
			search.Center = away(places[random.IntN(len(places))], 300*random.Float64(), 7*random.Float64())
		}
		if rapid.Bool().Draw(t, "continued") {
			search.After = &geo.Position{Distance: rapid.Float64Range(0, 300_000).Draw(t, "after"), ID: 5}
		}
		describe := rapid.SampledFrom([]geo.Describe[store]{everyStore, openStores}).Draw(t, "filter")

		hits, complete, err := geo.Nearest(context.Background(), search, table.read, describe)
		require.NoError(t, err)
		right := table.brute(search, describe)
		if complete {
			require.Equal(t, right, positions(hits))
		} else {
			require.True(t, table.rows > 400 || table.reads >= 9, "given up after %d rows in %d reads", table.rows, table.reads)
			require.LessOrEqual(t, len(hits), len(right))
		}
		require.LessOrEqual(t, table.rows, 500)
		require.LessOrEqual(t, table.reads, 12)
		for id, times := range table.times {
			require.LessOrEqual(t, times, 1+table.full, "store %d", id)
		}
	})
}

// TestNearestKeepsToItsRows in cities with 50,000 stores and at places where hundreds share one spot; where the answer is said to be
// complete it is right.
func TestNearestKeepsToItsRows(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	villages := []geo.Coordinate{}
	for range 100 {
		villages = append(villages, city(random, away(kunming, 300_000*random.Float64(), 7*random.Float64()), 500, 12_000)...)
	}
	for _, row := range []struct {
		name     string
		places   []geo.Coordinate
		complete bool
		// The most reads for the nearest one and for the nearest 20.
		reads1, reads20 int
	}{
		{"a dense city", city(random, kunming, 50_000, 20_000), true, 1, 1},
		{"a wide city", city(random, kunming, 50_000, 100_000), true, 1, 2},
		{"a province", city(random, kunming, 50_000, 600_000), true, 2, 3},
		{"villages", append(villages, kunming), true, 1, 3},
		{"a town some way off", city(random, away(kunming, 40_000, 1), 1000, 20_000), true, 6, 6},
		{"a small chain", city(random, kunming, 30, 600_000), true, 4, 4},
		{"nothing", nil, true, 4, 4},
		{"a huge city some way off", city(random, away(kunming, 40_000, 1), 50_000, 20_000), false, 12, 12},
		{"one spot", slices.Repeat([]geo.Coordinate{kunming}, 3000), false, 7, 7},
		{"a spot some way off", slices.Repeat([]geo.Coordinate{away(kunming, 30_000, 2)}, 3000), false, 12, 12},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			for count, reads := range map[int]int{1: row.reads1, 20: row.reads20, 100: 12} {
				table := newTable(row.places)
				search := geo.Search{Center: kunming.ToWGS84(), Radius: 100_000, Count: count}
				hits, complete, err := geo.Nearest(t.Context(), search, table.read, everyStore)
				require.NoError(t, err)
				t.Logf("%d wanted: %d rows in %d reads, complete %v", count, table.rows, table.reads, complete)
				require.LessOrEqual(t, table.rows, 500)
				require.LessOrEqual(t, table.reads, reads)
				if count < 100 {
					require.Equal(t, row.complete, complete)
				}
				right := table.brute(search, everyStore)
				require.Len(t, hits, len(right), "an uncertain answer is as long as the right one")
				if complete {
					require.Equal(t, right, positions(hits))
				}
			}
		})
	}
}

// TestPagesJoin: the list page by page is the list at once, in the presence of stores that share a spot.
func TestPagesJoin(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	places := slices.Concat(city(random, kunming, 300, 10_000), slices.Repeat([]geo.Coordinate{away(kunming, 900, 1)}, 30))
	table := newTable(places)
	whole := table.brute(geo.Search{Center: kunming, Radius: 4000, Count: 1000}, everyStore)
	var pages []geo.Position
	search := geo.Search{Center: kunming, Radius: 4000, Count: 7}
	for {
		hits, complete, err := geo.Nearest(t.Context(), search, table.read, everyStore)
		require.NoError(t, err)
		require.True(t, complete)
		if len(hits) == 0 {
			break
		}
		pages = append(pages, positions(hits)...)
		search.After = &hits[len(hits)-1].Position
	}
	require.Equal(t, whole, pages)
}

func TestNearestRefusesARadiusAndTellsErrors(t *testing.T) {
	t.Parallel()
	table := newTable([]geo.Coordinate{kunming})
	for _, radius := range []float64{0, -1, math.NaN()} {
		_, _, err := geo.Nearest(t.Context(), geo.Search{Center: kunming, Radius: radius, Count: 1}, table.read, everyStore)
		require.Equal(t, apperr.InvalidInput, apperr.CodeOf(err))
	}
	require.Zero(t, table.reads)
	gone := errors.New("gone")
	_, _, err := geo.Nearest(t.Context(), geo.Search{Center: kunming, Radius: 1, Count: 1}, func(context.Context, []geo.Range, int) ([]store, error) { return nil, gone }, everyStore)
	require.ErrorIs(t, err, gone)
}
