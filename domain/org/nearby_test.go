package org_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/org"
	"dongxiao/ent"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	orgrow "dongxiao/ent/org"
	"dongxiao/internal/apperr"
	"dongxiao/internal/geo"
	"dongxiao/internal/hours"
	"dongxiao/internal/ids"
	"dongxiao/internal/store"
	"dongxiao/internal/testkit"
)

func gcj02(latitude, longitude float64) geo.Coordinate {
	return geo.Coordinate{Latitude: latitude, Longitude: longitude, System: geo.GCJ02}
}

// place puts a store of the world at a coordinate.
func place(t *testing.T, w *testkit.World, at geo.Coordinate, change func(*ent.OrgUpdateOne)) *ent.Org {
	t.Helper()
	ctx := auth.System(t.Context(), w.Brand.ID)
	update := w.Store.Client(ctx).Org.UpdateOne(w.NewOrg(t, w.Region, enum.OrgStore)).
		SetLatitude(at.Latitude).SetLongitude(at.Longitude).SetCell(geo.Cell(at)).SetRadiusMetres(3000)
	if change != nil {
		change(update)
	}
	return update.SaveX(ctx)
}

func TestNearby(t *testing.T) {
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s := newService(w)
		_, member := w.NewMember(t)
		public := auth.Viewer{Reach: auth.ReachPublic, BrandID: w.Brand.ID}
		center := gcj02(25.04, 102.71)
		always, err := hours.New(func() map[time.Weekday][]hours.Period {
			days := map[time.Weekday][]hours.Period{}
			for day := range 7 {
				days[time.Weekday(day)] = []hours.Period{{Open: 0, Close: hours.Day}}
			}
			return days
		}())
		require.NoError(t, err)
		near := place(t, w, gcj02(25.041, 102.71), nil)
		middle := place(t, w, gcj02(25.06, 102.71), func(u *ent.OrgUpdateOne) { u.SetRadiusMetres(1000).SetHours(always) })
		far := place(t, w, gcj02(25.5, 102.71), func(u *ent.OrgUpdateOne) {
			u.SetRadiusMetres(0).SetHours(always).SetPolygon([]document.Point{{Latitude: 25.6, Longitude: 102.7}, {Latitude: 25.6, Longitude: 102.8}, {Latitude: 25, Longitude: 102.8}, {Latitude: 25, Longitude: 102.7}})
		})
		place(t, w, gcj02(25.0401, 102.71), func(u *ent.OrgUpdateOne) { u.SetState(enum.OrgClosed) })
		place(t, w, gcj02(26.5, 102.71), nil) // 160 km away
		foreign := *w
		foreign.Brand = w.NewBrand(t)
		foreign.Region = foreign.NewOrg(t, nil, enum.OrgBrand)
		place(t, &foreign, gcj02(25.04, 102.71), nil)

		for _, v := range []auth.Viewer{public, member} {
			found, err := s.Nearby(testkit.As(t, v), center, nil, org.NearbyFilter{})
			require.NoError(t, err)
			require.Len(t, found, 3)
			require.Equal(t, []int64{near.ID, middle.ID, far.ID}, []int64{found[0].Org.ID, found[1].Org.ID, found[2].Org.ID})
			require.InDelta(t, 111, found[0].DistanceMetres, 2)
			require.True(t, found[0].Delivers)
			require.False(t, found[1].Delivers, "out of its radius")
			require.True(t, found[2].Delivers, "in its polygon")
		}
		ctx := testkit.As(t, public)
		found, err := s.Nearby(ctx, center, new(1), org.NearbyFilter{})
		require.NoError(t, err)
		require.Len(t, found, 1)
		found, err = s.Nearby(ctx, center, new(1), org.NearbyFilter{OpenNow: true})
		require.NoError(t, err)
		require.Equal(t, middle.ID, found[0].Org.ID)
		found, err = s.Nearby(ctx, center, nil, org.NearbyFilter{OpenNow: true, Delivers: true})
		require.NoError(t, err)
		require.Len(t, found, 1)
		require.Equal(t, far.ID, found[0].Org.ID)
		found, err = s.Nearby(ctx, gcj02(0, 0), nil, org.NearbyFilter{})
		require.NoError(t, err)
		require.Empty(t, found)

		for _, first := range []int{0, 51, -1} {
			_, err = s.Nearby(ctx, center, &first, org.NearbyFilter{})
			require.Equal(t, apperr.PageSizeInvalid, apperr.CodeOf(err))
		}
		for _, wrong := range []geo.Coordinate{gcj02(91, 0), gcj02(0, -181), gcj02(math.NaN(), 0), {Latitude: 1, Longitude: 1}} {
			_, err = s.Nearby(ctx, wrong, nil, org.NearbyFilter{})
			require.Equal(t, apperr.CoordinateOutOfRange, apperr.CodeOf(err))
		}
		wgs84 := geo.Coordinate{Latitude: 25.04, Longitude: 102.71, System: geo.WGS84}
		found, err = s.Nearby(ctx, wgs84, new(1), org.NearbyFilter{})
		require.NoError(t, err)
		require.Equal(t, int(math.Round(geo.Distance(wgs84, gcj02(near.Latitude, near.Longitude)))), found[0].DistanceMetres, "converted")
	})
}

// cities are about as far apart and as crowded as those of a large brand: each gets a share of the stores within its radius in degrees.
var cities = []struct {
	latitude, longitude, radius float64
	share                       int
}{
	{31.23, 121.47, 0.20, 12}, {39.91, 116.40, 0.22, 12}, {22.54, 114.06, 0.12, 8}, {23.13, 113.26, 0.18, 10}, {30.66, 104.06, 0.18, 10},
	{25.04, 102.71, 0.12, 8}, {34.27, 108.95, 0.15, 8}, {30.59, 114.31, 0.20, 8}, {43.82, 87.61, 0.10, 4}, {28.23, 112.94, 0.15, 8},
	{36.06, 103.83, 0.10, 4}, {31.86, 117.28, 0.12, 8},
}

// fill gives the world's brand 50,000 stores in cities and along the roads between them, and 2,000 in one market hall.
func fill(t *testing.T, w *testkit.World) []geo.Coordinate {
	t.Helper()
	random := rand.New(rand.NewPCG(11, 22))
	var places []geo.Coordinate
	for len(places) < 43_000 {
		for _, c := range cities {
			for range c.share {
				angle, distance := random.Float64()*2*math.Pi, c.radius*math.Sqrt(random.Float64())*random.Float64()
				places = append(places, gcj02(c.latitude+distance*math.Sin(angle), c.longitude+distance*math.Cos(angle)))
			}
		}
	}
	for range 2_000 {
		places = append(places, gcj02(30.251+random.Float64()*0.001, 120.161+random.Float64()*0.001))
	}
	for len(places) < 50_000 {
		places = append(places, gcj02(22+random.Float64()*20, 100+random.Float64()*20))
	}
	ctx := auth.System(t.Context(), w.Brand.ID)
	const batchSize = 50
	row := ",(" + strings.TrimSuffix(strings.Repeat("?,", 13), ",") + ")"
	tx, err := w.Store.DB().BeginTx(ctx, nil)
	require.NoError(t, err)
	defer func() { _ = tx.Rollback() }()
	insert, err := tx.PrepareContext(ctx, "INSERT INTO orgs (id, created_at, brand_id, parent_id, kind, path, code, name, state, latitude, longitude, cell, "+
		"radius_metres) VALUES "+strings.Repeat(row, batchSize)[1:])
	require.NoError(t, err)
	for batch := range slices.Chunk(places, batchSize) {
		var args []any
		for _, at := range batch {
			id := ids.Next()
			args = append(args, id, "2026-11-22 00:00:00", w.Brand.ID, w.Region.ID, "STORE", w.Region.Path+store.PathSegment(id)+"/", fmt.Sprint(id), "店",
				"ACTIVE", at.Latitude, at.Longitude, geo.Cell(at), 3000)
		}
		_, err := insert.ExecContext(ctx, args...)
		require.NoError(t, err)
	}
	require.NoError(t, tx.Commit())
	analyze := "ANALYZE"
	if w.Store.Dialect() == dialect.MySQL {
		analyze = "ANALYZE TABLE orgs"
	}
	rows, err := w.Store.Client(ctx).QueryContext(ctx, analyze)
	require.NoError(t, err)
	require.NoError(t, rows.Close())
	return places
}

// nearest is what Nearby has to find, the hard way.
func nearest(places []geo.Coordinate, near geo.Coordinate, n int) []int {
	distances := []int{}
	for _, at := range places {
		if math.Abs(at.Latitude-near.Latitude) < 2 {
			if d := geo.Distance(at, near); d <= 100_000 {
				distances = append(distances, int(math.Round(d)))
			}
		}
	}
	slices.Sort(distances)
	return distances[:min(n, len(distances))]
}

func TestNearbyAmongFiftyThousand(t *testing.T) {
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		places := fill(t, w)
		ctx := testkit.As(t, auth.Viewer{Reach: auth.ReachPublic, BrandID: w.Brand.ID})
		random := rand.New(rand.NewPCG(1, 2))
		type request struct {
			near  geo.Coordinate
			first int
			crowd bool
		}
		var requests []request
		for range 40 { // in cities, at the market hall and in the countryside
			c := cities[random.IntN(len(cities))]
			requests = append(requests, request{gcj02(c.latitude+c.radius*(random.Float64()-0.5), c.longitude+c.radius*(random.Float64()-0.5)), 1 + random.IntN(20), false})
		}
		requests = append(requests, request{gcj02(30.2515, 120.1615), 10, false}, request{gcj02(30.26, 120.16), 50, true},
			request{gcj02(31.23, 121.47), 50, false})
		for range 10 {
			requests = append(requests, request{gcj02(22+random.Float64()*20, 100+random.Float64()*20), 10, false})
		}
		requests = append(requests, request{gcj02(10, 90), 10, false})
		s := newService(w)
		statements, most := 0, 0
		for _, q := range requests {
			var found []*org.NearbyStore
			counted, list := store.CollectStatements(ctx)
			examined := examine(t, w, counted, func(ctx context.Context) {
				var err error
				found, err = s.Nearby(ctx, q.near, &q.first, org.NearbyFilter{})
				require.NoError(t, err)
			})
			statements, most = statements+len(list.List()), max(most, examined)
			require.LessOrEqual(t, examined, 500, "%d at %v,%v", q.first, q.near.Latitude, q.near.Longitude)
			distances := make([]int, len(found))
			for i, f := range found {
				distances[i] = f.DistanceMetres
			}
			if wanted := nearest(places, q.near, q.first); q.crowd {
				// Hundreds are equally far to within metres: the answer is cut where the rows are, and almost as near.
				require.Len(t, distances, len(wanted))
				for i := range wanted {
					require.InDelta(t, wanted[i], distances[i], 60)
				}
			} else {
				require.Equal(t, wanted, distances, "%d at %v,%v", q.first, q.near.Latitude, q.near.Longitude)
			}
		}
		t.Logf("%d searches: %d statements, at most %d rows each", len(requests), statements, most)

		// The home's store near me: one statement where somebody nearby has asked before.
		for _, c := range cities {
			home := func(latitude, longitude float64) int {
				counted, list := store.CollectStatements(ctx)
				found, err := s.Nearby(counted, gcj02(latitude, longitude), new(1), org.NearbyFilter{})
				require.NoError(t, err)
				require.Len(t, found, 1)
				return len(list.List())
			}
			home(c.latitude, c.longitude)
			require.Equal(t, 1, home(c.latitude, c.longitude), "again in the city at %v,%v", c.latitude, c.longitude)
		}
		explain(t, w, s)
	})
}

// examine runs f in a transaction and counts the rows that MariaDB's storage engine handed out meanwhile; the embedded database does not tell.
func examine(t *testing.T, w *testkit.World, ctx context.Context, f func(ctx context.Context)) (rows int) {
	if w.Store.Dialect() == dialect.SQLite {
		f(ctx)
		return 0
	}
	handed := func(ctx context.Context) (sum int) {
		rows, err := w.Store.Client(ctx).QueryContext(ctx, "SHOW SESSION STATUS LIKE 'Rows_read'")
		require.NoError(t, err)
		defer rows.Close()
		for rows.Next() {
			var name string
			var value int
			require.NoError(t, rows.Scan(&name, &value))
			sum += value
		}
		require.NoError(t, rows.Err())
		return sum
	}
	require.NoError(t, w.Store.WithTx(ctx, func(ctx context.Context) error {
		before := handed(ctx)
		f(ctx)
		rows = handed(ctx) - before
		return nil
	}))
	return rows
}

// explain proves that the statement walks index ranges, whatever the disc.
func explain(t *testing.T, w *testkit.World, s *org.Service) {
	ctx := auth.System(t.Context(), w.Brand.ID)
	for _, radius := range []float64{200, 500, 2000, 20_000} {
		query := org.InRanges(s, ctx, geo.Cover(gcj02(31.23, 121.47), radius, 16), 250)
		if w.Store.Dialect() == dialect.SQLite {
			searches := 0
			for _, step := range testkit.Plan(t, ctx, query) {
				require.NotContains(t, step, "SCAN")
				if strings.Contains(step, "SEARCH") {
					require.Contains(t, step, "USING INDEX org_brand_id_kind_state_cell (brand_id=? AND kind=? AND state=? AND cell>? AND cell<?)")
					searches++
				}
			}
			require.NotZero(t, searches)
			continue
		}
		reads := testkit.Reads(t, ctx, query)
		require.Len(t, reads, 1)
		require.Equal(t, "range", reads[0].Type, "%+v", reads[0])
		require.Equal(t, "org_brand_id_kind_state_cell", reads[0].Key)
		require.LessOrEqual(t, reads[0].Read, 250.0)
		require.InDelta(t, 100, reads[0].ReadFiltered, 0.1, "every row that is read is a row that is wanted")
	}
	// Nothing else of the brand is touched by the index: closed stores and other kinds are other ranges.
	require.NotZero(t, w.Store.Client(ctx).Org.Query().Where(orgrow.KindNEQ(enum.OrgStore)).CountX(ctx))
}
