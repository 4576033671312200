package org

import (
	"context"
	"math"

	"entgo.io/ent/dialect/sql"
	"github.com/golang/geo/s2"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/org"
	"dongxiao/internal/apperr"
	"dongxiao/internal/geo"
	"dongxiao/internal/listing"
	"dongxiao/internal/memory"
)

const (
	// farthestStore is how far a store may be to be near, in metres.
	farthestStore = 100_000
	// mostNearby is how many stores are given at once at most.
	mostNearby = 50
	// maxRows bounds the rows that one search reads, all its statements together.
	maxRows = 500
	// neighbourhood is the level of S2 cells, 8 to 14 km wide, in which searches are taken to reach about as far as each other.
	neighbourhood = 10
)

// NearbyFilter narrows the stores near a place.
type NearbyFilter struct {
	// OpenNow keeps stores that are open at present.
	OpenNow bool
	// Delivers keeps stores that deliver to the place.
	Delivers bool
}

// Nearby gives the open-for-business stores of the brand that are nearest to a place, at most 100 km away, nearest first, for every viewer of the
// brand. It reads rings of index ranges, at most 500 rows altogether; in a neighbourhood where somebody has asked before, mostly with
// one statement. Codes: COORDINATE_OUT_OF_RANGE, PAGE_SIZE_INVALID (1 to 50).
func (s *Service) Nearby(ctx context.Context, near geo.Coordinate, first *int, f NearbyFilter) ([]*NearbyStore, error) {
	n := 10
	if first != nil {
		var err error
		if n, err = listing.Window(first, mostNearby); err != nil {
			return nil, err
		}
	}
	if err := near.Validate(); err != nil {
		return nil, apperr.New(apperr.CoordinateOutOfRange).At("near")
	}
	near = near.ToGCJ02()
	ctx = auth.WithinBrand(ctx)
	keep := func(o *ent.Org) bool { return !f.Delivers || delivers(o, near) }
	if f.OpenNow {
		zone, err := s.Zone(ctx)
		if err != nil {
			return nil, err
		}
		now := s.clock.Now()
		keep = func(o *ent.Org) bool { return o.Hours.OpenAt(now, zone) && (!f.Delivers || delivers(o, near)) }
	}
	read := func(ctx context.Context, ranges []geo.Range, limit int) ([]*ent.Org, error) {
		return s.inRanges(ctx, ranges, limit).All(ctx)
	}
	describe := func(o *ent.Org) (geo.Coordinate, int64, bool) {
		return coordinate(o), o.ID, keep(o)
	}
	key := reachKey{auth.FromContext(ctx).BrandID, cellOf(near), n, f}
	search := geo.Search{Center: near, Radius: farthestStore, Count: n, MaxRows: maxRows, Start: s.reaches.start(key)}
	hits, complete, err := geo.Nearest(ctx, search, read, describe)
	if err != nil {
		return nil, err
	}
	stores := make([]*NearbyStore, len(hits))
	for i, hit := range hits {
		stores[i] = &NearbyStore{Org: hit.Value, DistanceMetres: int(math.Round(hit.Distance)), Delivers: delivers(hit.Value, near)}
	}
	if complete {
		reach := float64(farthestStore)
		if len(hits) == n {
			reach = hits[n-1].Distance
		}
		s.reaches.learn(key, reach)
	}
	return stores, nil
}

// inRanges reads the stores in business whose cells are in the ranges, in no order.
func (s *Service) inRanges(ctx context.Context, ranges []geo.Range, limit int) *ent.OrgQuery {
	return s.store.Client(ctx).Org.Query().Where(org.KindEQ(enum.OrgStore), org.StateEQ(enum.OrgActive), func(sel *sql.Selector) {
		any := make([]*sql.Predicate, len(ranges))
		for i, r := range ranges {
			any[i] = sql.And(sql.GTE(sel.C(org.FieldCell), r.From), sql.LTE(sel.C(org.FieldCell), r.To))
		}
		sel.Where(sql.Or(any...))
	}).Limit(limit)
}

func coordinate(o *ent.Org) geo.Coordinate {
	return geo.Coordinate{Latitude: o.Latitude, Longitude: o.Longitude, System: geo.Stored}
}

// delivers says whether the place, in the stored system, is within the store's polygon or, without one, its radius.
func delivers(o *ent.Org, place geo.Coordinate) bool {
	if len(o.Polygon) == 0 {
		return geo.Distance(coordinate(o), place) <= float64(o.RadiusMetres)
	}
	polygon := make(geo.Polygon, len(o.Polygon))
	for i, corner := range o.Polygon {
		polygon[i] = geo.Coordinate{Latitude: corner.Latitude, Longitude: corner.Longitude, System: geo.Stored}
	}
	return polygon.Contains(place)
}

// reachKey is what searches that reach about equally far have in common. Cell 0 stands for the whole brand.
type reachKey struct {
	brandID int64
	cell    s2.CellID
	count   int
	filter  NearbyFilter
}

func cellOf(c geo.Coordinate) s2.CellID {
	return s2.CellIDFromLatLng(s2.LatLngFromDegrees(c.Latitude, c.Longitude)).Parent(neighbourhood)
}

// reaches remembers how far searches had to reach, so that the next one begins with a disc that will do. It is a hint: a wrong one costs a
// statement.
type reaches struct {
	cache *memory.Cache[reachKey, float64]
}

func newReaches() reaches {
	return reaches{memory.New[reachKey](memory.Options[float64]{Size: 100_000})}
}

// start is the radius to begin with; 0 where nothing is known.
func (r reaches) start(key reachKey) float64 {
	reach, ok := r.cache.Get(key)
	if !ok {
		key.cell = 0
		reach, _ = r.cache.Get(key)
	}
	return reach
}

// learn keeps a little more than the search reached. A place at the other end of the neighbourhood may need more and then teaches it; after
// one that needed much less, the next begins in between.
func (r reaches) learn(key reachKey, reach float64) {
	const margin, least = 1.3, 100
	start := min(max(reach*margin, least), farthestStore)
	if last, ok := r.cache.Get(key); ok && start < last {
		start = (start + 3*last) / 4
	}
	r.cache.Set(key, start)
	key.cell = 0
	r.cache.Set(key, start)
}
