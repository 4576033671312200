// Package geo knows where things are: coordinates and their systems, distances, the index ranges behind "nearby", and service areas.
//
// Chinese maps are shifted: a phone's satellite position is WGS-84, every map in China shows GCJ-02 (国测局坐标), some hundred metres
// away. So a coordinate carries its system, and everything stored, indexed or compared is in one: Stored. Functions that index or
// compare convert by themselves; converting what is already in the wanted system changes nothing, so nothing is shifted twice.
package geo

import (
	"fmt"
	"log/slog"
	"math"

	"github.com/golang/geo/s2"

	"dongxiao/internal/apperr"
)

// CoordinateSystem names what a latitude and longitude are measured in.
type CoordinateSystem string

// The coordinate systems of WeChat mini-programs: wx.getLocation answers WGS84 unless asked for GCJ02; maps use GCJ02.
const (
	WGS84 CoordinateSystem = "WGS84"
	GCJ02 CoordinateSystem = "GCJ02"
)

// Stored is the system of every coordinate in the database and of every cell: what the map on which a store was placed shows.
const Stored = GCJ02

// Coordinate is a place. The zero value is not one: it has no system.
type Coordinate struct {
	// Latitude is in degrees, −90 to 90, north positive (纬度).
	Latitude float64 `json:"latitude"`
	// Longitude is in degrees, −180 to 180, east positive (经度).
	Longitude float64 `json:"longitude"`
	// System is what both are measured in.
	System CoordinateSystem `json:"system"`
}

// NewCoordinate makes a valid coordinate or gives COORDINATE_OUT_OF_RANGE.
func NewCoordinate(latitude, longitude float64, system CoordinateSystem) (Coordinate, error) {
	c := Coordinate{Latitude: latitude, Longitude: longitude, System: system}
	return c, c.Validate()
}

// Validate gives COORDINATE_OUT_OF_RANGE for a number that is out of range, infinite or not a number, and for an unknown system. All
// other functions of this package expect coordinates that passed it.
func (c Coordinate) Validate() error {
	known := c.System == WGS84 || c.System == GCJ02
	// Comparisons with NaN are false, so it fails here too.
	if !known || !(math.Abs(c.Latitude) <= 90) || !(math.Abs(c.Longitude) <= 180) {
		return apperr.New(apperr.CoordinateOutOfRange)
	}
	return nil
}

// String shows the place to about a kilometre, because where a person is does not belong in a log.
func (c Coordinate) String() string {
	return fmt.Sprintf("%.2f,%.2f (%s)", c.Latitude, c.Longitude, c.System)
}

// GoString is String: %#v in a log is no more precise.
func (c Coordinate) GoString() string { return c.String() }

// LogValue is String for slog, whose JSON would write every digit.
func (c Coordinate) LogValue() slog.Value { return slog.StringValue(c.String()) }

// stored is the coordinate in the stored system.
func (c Coordinate) stored() Coordinate { return c.ToGCJ02() }

// point is the coordinate on S2's unit sphere, in the stored system.
func (c Coordinate) point() s2.Point {
	c = c.stored()
	return s2.PointFromLatLng(s2.LatLngFromDegrees(c.Latitude, c.Longitude))
}

// earthRadius is the mean radius in metres (IUGG). A sphere errs by up to half a percent, which "nearby" can bear.
const earthRadius = 6_371_008.8

// farthest is half the Earth's circumference in metres: no distance is longer.
const farthest = math.Pi * earthRadius

// Distance is the way between a and b in metres along a great circle (haversine), whatever their systems are.
func Distance(a, b Coordinate) float64 {
	a, b = a.stored(), b.stored()
	latitudeA, latitudeB := radians(a.Latitude), radians(b.Latitude)
	sinLatitude := math.Sin((latitudeB - latitudeA) / 2)
	sinLongitude := math.Sin(radians(b.Longitude-a.Longitude) / 2)
	h := sinLatitude*sinLatitude + math.Cos(latitudeA)*math.Cos(latitudeB)*sinLongitude*sinLongitude
	return 2 * earthRadius * math.Asin(math.Sqrt(min(h, 1))) // Rounding may bring antipodes just above 1.
}

func radians(degrees float64) float64 { return degrees * math.Pi / 180 }
