package geo_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/golang/geo/s2"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"dongxiao/internal/apperr"
	"dongxiao/internal/geo"
)

// star is a polygon around kunming with n corners at random distances: simple, whatever they are.
func star(random *rand.Rand, n int, most float64) geo.Polygon {
	var polygon geo.Polygon
	for i := range n {
		polygon = append(polygon, away(kunming, most*(0.1+0.9*random.Float64()), 2*math.Pi*float64(i)/float64(n)))
	}
	return polygon
}

func TestPolygonsAreValidated(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(5, 6))
	square := geo.Polygon{gcj02(25, 102), gcj02(25, 103), gcj02(26, 103), gcj02(26, 102)}
	for name, polygon := range map[string]geo.Polygon{
		"a triangle":         square[:3],
		"a square":           square,
		"clockwise":          {square[3], square[2], square[1], square[0]},
		"200 corners":        star(random, 200, 3000),
		"both systems":       {square[0], square[1].ToWGS84(), square[2]},
		"ten metres wide":    star(random, 8, 10),
		"a corner in a line": {square[0], gcj02(25, 102.5), square[1], square[2]},
	} {
		require.NoError(t, polygon.Validate(), name)
	}
	for name, row := range map[string]struct {
		polygon geo.Polygon
		code    apperr.Code
	}{
		"nothing":                  {nil, apperr.InvalidInput},
		"a line":                   {square[:2], apperr.InvalidInput},
		"201 corners":              {star(random, 201, 3000), apperr.InvalidInput},
		"a bow tie":                {geo.Polygon{square[0], square[2], square[1], square[3]}, apperr.InvalidInput},
		"a corner twice in a row":  {geo.Polygon{square[0], square[0], square[1], square[2]}, apperr.InvalidInput},
		"the first corner again":   {append(slices.Clone(square), square[0]), apperr.InvalidInput},
		"an eight":                 {geo.Polygon{gcj02(25, 102), gcj02(25.1, 102.1), gcj02(25.1, 101.9), gcj02(25, 102), gcj02(24.9, 102.1), gcj02(24.9, 101.9)}, apperr.InvalidInput},
		"no area":                  {geo.Polygon{gcj02(25, 102), gcj02(25, 102.0000001), gcj02(25.0000001, 102)}, apperr.InvalidInput},
		"a continent":              {geo.Polygon{gcj02(25, 102), gcj02(45, 102), gcj02(25, 120)}, apperr.InvalidInput},
		"over the date line":       {geo.Polygon{gcj02(25, 179.9), gcj02(25, -179.9), gcj02(25.1, 179.9)}, apperr.InvalidInput},
		"a corner out of range":    {geo.Polygon{square[0], square[1], gcj02(91, 0)}, apperr.CoordinateOutOfRange},
		"a corner not a number":    {geo.Polygon{square[0], square[1], gcj02(math.NaN(), 0)}, apperr.CoordinateOutOfRange},
		"a corner of no system":    {geo.Polygon{square[0], square[1], {Latitude: 25, Longitude: 102}}, apperr.CoordinateOutOfRange},
		"a corner on another side": {geo.Polygon{gcj02(25, 102), gcj02(25, 103), gcj02(26, 103), gcj02(24.9, 102.5)}, apperr.InvalidInput},
	} {
		require.Equal(t, row.code, apperr.CodeOf(row.polygon.Validate()), name)
	}
}

func TestContains(t *testing.T) {
	t.Parallel()
	// An L: the square without its north-eastern quarter.
	area := geo.Polygon{gcj02(25, 102), gcj02(25, 103), gcj02(25.5, 103), gcj02(25.5, 102.5), gcj02(26, 102.5), gcj02(26, 102)}
	require.NoError(t, area.Validate())
	for _, in := range []geo.Coordinate{gcj02(25.2, 102.2), gcj02(25.2, 102.9), gcj02(25.9, 102.1)} {
		require.True(t, area.Contains(in), "%v", in)
		require.True(t, area.Contains(in.ToWGS84()), "%v", in)
	}
	for _, out := range []geo.Coordinate{gcj02(25.7, 102.7), gcj02(24.9, 102.2), gcj02(26.1, 102.2), gcj02(25.2, 101.9), gcj02(25.2, 103.1), gcj02(-25.2, 102.2), gcj02(25.2, -77)} {
		require.False(t, area.Contains(out), "%v", out)
	}
	require.False(t, geo.Polygon{}.Contains(gcj02(25, 102)))
}

// TestContainsEqualsS2 away from the sides, where straight in degrees and straight on the sphere differ.
func TestContainsEqualsS2(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 7))
		polygon := star(random, rapid.IntRange(5, 200).Draw(t, "corners"), 20_000)
		require.NoError(t, polygon.Validate())
		reversed := slices.Clone(polygon)
		slices.Reverse(reversed)
		var points []s2.Point
		for _, corner := range polygon {
			points = append(points, s2.PointFromLatLng(s2.LatLngFromDegrees(corner.Latitude, corner.Longitude)))
		}
		loop := s2.LoopFromPoints(points)
		loop.Normalize()
		for range 50 {
			place := away(kunming, 22_000*random.Float64(), 2*math.Pi*random.Float64())
			point := s2.PointFromLatLng(s2.LatLngFromDegrees(place.Latitude, place.Longitude))
			require.Equal(t, polygon.Contains(place), reversed.Contains(place))
			closest := math.Inf(1)
			for i := range points {
				closest = min(closest, s2.DistanceFromSegment(point, points[i], points[(i+1)%len(points)]).Radians()*6_371_008.8)
			}
			if closest > 10 {
				require.Equal(t, loop.ContainsPoint(point), polygon.Contains(place))
			}
		}
	})
}

// TestAPlaceIsInOneOfTwoNeighbours: two areas share a jagged side; each place around it, and on it, is in exactly one.
func TestAPlaceIsInOneOfTwoNeighbours(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var border []geo.Coordinate
		latitudes := []float64{25, 25.1, 25.25, 25.3, 25.5}
		for i, latitude := range latitudes {
			border = append(border, gcj02(latitude, 102.5+rapid.Float64Range(-0.2, 0.2).Draw(t, "longitude")+0.001*float64(i)))
		}
		west := append(geo.Polygon{gcj02(25.5, 102), gcj02(25, 102)}, border...)
		east := geo.Polygon{gcj02(25, 103), gcj02(25.5, 103)}
		for i := range border {
			east = append(east, border[len(border)-1-i])
		}
		require.NoError(t, west.Validate())
		require.NoError(t, east.Validate())
		side := rapid.IntRange(0, len(border)-2).Draw(t, "side")
		share := rapid.SampledFrom([]float64{0, 0.25, 0.5, 0.7}).Draw(t, "share")
		a, b := border[side], border[side+1]
		place := gcj02(a.Latitude+(b.Latitude-a.Latitude)*share, a.Longitude+(b.Longitude-a.Longitude)*share)
		require.NotEqual(t, west.Contains(place), east.Contains(place))
	})
}

// BenchmarkCover is the cost of one ring in the search for what is nearby.
func BenchmarkCover(b *testing.B) {
	for b.Loop() {
		geo.Cover(kunming, 500, 16)
	}
}
