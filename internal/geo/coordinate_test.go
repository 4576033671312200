package geo_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"math"
	"testing"

	"github.com/golang/geo/s2"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"dongxiao/internal/apperr"
	"dongxiao/internal/geo"
)

// millionth of a degree is about a decimetre.
const millionth = 1e-6

func gcj02(latitude, longitude float64) geo.Coordinate {
	return geo.Coordinate{Latitude: latitude, Longitude: longitude, System: geo.GCJ02}
}

func wgs84(latitude, longitude float64) geo.Coordinate {
	return geo.Coordinate{Latitude: latitude, Longitude: longitude, System: geo.WGS84}
}

func TestCoordinatesAreValidated(t *testing.T) {
	t.Parallel()
	for _, c := range []geo.Coordinate{gcj02(0, 0), wgs84(90, 180), wgs84(-90, -180), gcj02(25.04, 102.71)} {
		require.NoError(t, c.Validate(), "%v", c)
	}
	for _, c := range []geo.Coordinate{
		{}, {Latitude: 1, Longitude: 1, System: "BD09"},
		wgs84(90.0000001, 0), wgs84(-91, 0), wgs84(0, 180.1), wgs84(0, -181),
		gcj02(math.NaN(), 0), gcj02(0, math.NaN()), gcj02(math.Inf(1), 0), gcj02(0, math.Inf(-1)),
	} {
		require.Equal(t, apperr.CoordinateOutOfRange, apperr.CodeOf(c.Validate()), "%v", c)
		_, err := geo.NewCoordinate(c.Latitude, c.Longitude, c.System)
		require.Equal(t, apperr.CoordinateOutOfRange, apperr.CodeOf(err))
	}
}

func TestALogShowsAPlaceToAKilometre(t *testing.T) {
	t.Parallel()
	c := wgs84(25.0412345, 102.7123456)
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("near", "at", c)
	for _, text := range []string{c.String(), fmt.Sprintf("%v %+v %#v %s", c, c, c, []geo.Coordinate{c}), log.String()} {
		require.Contains(t, text, "25.04,102.71")
		require.NotContains(t, text, "412345")
		require.NotContains(t, text, "123456")
	}
}

// TestPublishedExamples are the ones that the known implementations of the shift are tested with.
func TestPublishedExamples(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		city     string
		earth, m geo.Coordinate
	}{
		{"Shanghai", wgs84(31.1774276, 121.5272106), gcj02(31.17530398364597, 121.531541859215)},
		{"Shenzhen", wgs84(22.543847, 113.912316), gcj02(22.540796131694766, 113.9171764808363)},
		{"Beijing", wgs84(39.911954, 116.377817), gcj02(39.91334545536069, 116.38404722455657)},
	} {
		requireNear(t, row.m, row.earth.ToGCJ02(), millionth/10)
		requireNear(t, row.earth, row.m.ToWGS84(), millionth/10)
	}
}

func requireNear(t require.TestingT, want, got geo.Coordinate, degrees float64) {
	require.Equal(t, want.System, got.System)
	require.InDelta(t, want.Latitude, got.Latitude, degrees)
	require.InDelta(t, want.Longitude, got.Longitude, degrees)
}

func TestOutsideChinaBothSystemsAreTheSame(t *testing.T) {
	t.Parallel()
	for _, c := range []geo.Coordinate{wgs84(48.8566, 2.3522), wgs84(-33.8688, 151.2093), wgs84(35.6812, 139.7671), wgs84(0, 0), wgs84(90, 0), wgs84(-90, 180)} {
		require.Equal(t, gcj02(c.Latitude, c.Longitude), c.ToGCJ02())
		require.Equal(t, c, c.ToGCJ02().ToWGS84())
	}
}

// checkConversion holds for every place on Earth in WGS-84.
func checkConversion(t require.TestingT, c geo.Coordinate) {
	shifted := c.ToGCJ02()
	require.Equal(t, shifted, shifted.ToGCJ02(), "nothing is shifted twice")
	require.Equal(t, c, c.ToWGS84())
	require.NoError(t, shifted.Validate())
	if inBox(c, 0) || !inBox(c, 0.02) { // In the step around the box the way back leads inside.
		requireNear(t, c, shifted.ToWGS84(), millionth/10)
	}
	back := gcj02(c.Latitude, c.Longitude).ToWGS84()
	require.NoError(t, back.Validate())
	if inBox(c, -0.05) || !inBox(c, 0.05) {
		requireNear(t, gcj02(c.Latitude, c.Longitude), back.ToGCJ02(), millionth/10)
	}
	require.Less(t, math.Abs(shifted.Latitude-c.Latitude), 0.02)
	require.Less(t, math.Abs(shifted.Longitude-c.Longitude), 0.02)
}

// inBox says whether c is in the box of the shift made wider by margin degrees.
func inBox(c geo.Coordinate, margin float64) bool {
	return c.Latitude >= 0.8293-margin && c.Latitude <= 55.8271+margin && c.Longitude >= 72.004-margin && c.Longitude <= 137.8347+margin
}

func places() *rapid.Generator[geo.Coordinate] {
	return rapid.Custom(func(t *rapid.T) geo.Coordinate {
		if rapid.Bool().Draw(t, "in China") {
			return wgs84(rapid.Float64Range(0.8293, 55.8271).Draw(t, "latitude"), rapid.Float64Range(72.004, 137.8347).Draw(t, "longitude"))
		}
		return wgs84(rapid.Float64Range(-90, 90).Draw(t, "latitude"), rapid.Float64Range(-180, 180).Draw(t, "longitude"))
	})
}

func TestConversionGoesThereAndBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) { checkConversion(t, places().Draw(t, "place")) })
}

// TestConversionKeepsTheOrder: of two places in China on one meridian (parallel) the northern (eastern) one stays so.
func TestConversionKeepsTheOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		latitude := rapid.Float64Range(0.8293, 55).Draw(t, "latitude")
		longitude := rapid.Float64Range(72.004, 137).Draw(t, "longitude")
		step := rapid.Float64Range(1e-9, 0.8).Draw(t, "step")
		c := wgs84(latitude, longitude).ToGCJ02()
		require.Greater(t, wgs84(latitude+step, longitude).ToGCJ02().Latitude, c.Latitude)
		require.Greater(t, wgs84(latitude, longitude+step).ToGCJ02().Longitude, c.Longitude)
	})
}

func FuzzConversion(f *testing.F) {
	for _, seed := range [][2]float64{{31.1774276, 121.5272106}, {0.8293, 72.004}, {55.8271, 137.8347}, {0.9981989583333334, 137.8347}, {35, 105}, {35, 105 + 1e-13}, {90, 180}, {math.NaN(), 0}, {math.Inf(1), 1}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, latitude, longitude float64) {
		c, err := geo.NewCoordinate(latitude, longitude, geo.WGS84)
		if err != nil {
			require.Equal(t, apperr.CoordinateOutOfRange, apperr.CodeOf(err))
			return
		}
		checkConversion(t, c)
	})
}

func TestDistance(t *testing.T) {
	t.Parallel()
	degree := math.Pi * 6_371_008.8 / 180
	require.InDelta(t, degree, geo.Distance(gcj02(25, 102), gcj02(26, 102)), 1e-3)
	require.InDelta(t, degree/2, geo.Distance(gcj02(60, -179.5), gcj02(60, 179.5)), 10, "across the date line")
	require.InDelta(t, 180*degree, geo.Distance(gcj02(0, 0), gcj02(0, 180)), 1)
	require.InDelta(t, 180*degree, geo.Distance(gcj02(90, 0), gcj02(-90, 7)), 1)
	require.Zero(t, geo.Distance(gcj02(25, 102), gcj02(25, 102)))

	shop := wgs84(31.1774276, 121.5272106)
	require.InDelta(t, 0, geo.Distance(shop, shop.ToGCJ02()), 0.01, "the same place in two systems")
	require.Greater(t, geo.Distance(gcj02(shop.Latitude, shop.Longitude), shop), 300.0, "the same numbers are not the same place")
}

func TestDistanceEqualsThatOfS2(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := places().Draw(t, "a").ToGCJ02(), places().Draw(t, "b").ToGCJ02()
		angle := s2.LatLngFromDegrees(a.Latitude, a.Longitude).Distance(s2.LatLngFromDegrees(b.Latitude, b.Longitude))
		require.InDelta(t, angle.Radians()*6_371_008.8, geo.Distance(a, b), 0.3)
		require.Equal(t, geo.Distance(a, b), geo.Distance(b, a))
	})
}
