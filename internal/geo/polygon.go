package geo

import (
	"math"

	"github.com/golang/geo/s2"

	"dongxiao/internal/apperr"
)

// Bounds of a polygon.
const (
	minCorners = 3
	maxCorners = 200
	// maxExtent in metres is how far a corner may be from the first: an area that a store serves, not a continent.
	maxExtent = 1_000_000
)

// Polygon is an area by its corners in order, either way round; the last joins the first, which is not repeated. Its sides are straight
// in degrees, as drawn on a map.
type Polygon []Coordinate

// Validate gives COORDINATE_OUT_OF_RANGE for a corner that is no place, and INVALID_INPUT where there are fewer than 3 or more than 200
// corners, one is farther than 1,000 km from the first or across the date line, two are the same, sides cross, or the area is less
// than a square metre.
func (p Polygon) Validate() error {
	if len(p) < minCorners || len(p) > maxCorners {
		return invalidPolygon("3–200")
	}
	points := make([]s2.Point, len(p))
	for i, corner := range p {
		if err := corner.Validate(); err != nil {
			return err
		}
		if Distance(p[0], corner) > maxExtent || math.Abs(corner.Longitude-p[0].Longitude) > 180 {
			return invalidPolygon("≤ 1000 km")
		}
		points[i] = corner.point()
	}
	for i := range points {
		for j := range i {
			if points[i] == points[j] || sidesCross(points, i, j) {
				return invalidPolygon("×")
			}
		}
	}
	if p.area() < 1 {
		return invalidPolygon("≥ 1 m²")
	}
	return nil
}

func invalidPolygon(reason string) error {
	return apperr.New(apperr.InvalidInput, "field", "polygon", "reason", reason)
}

// sidesCross says whether the sides that begin at corners i and j < i cross. Neighbouring sides share a corner and cannot.
func sidesCross(points []s2.Point, i, j int) bool {
	n := len(points)
	if i-j == 1 || i-j == n-1 {
		return false
	}
	return s2.CrossingSign(points[i], points[(i+1)%n], points[j], points[j+1]) != s2.DoNotCross
}

// area is roughly the area in square metres, enough to tell an area from a line.
func (p Polygon) area() float64 {
	degree := radians(earthRadius)
	origin := p[0].stored()
	var doubled, lastX, lastY float64 // The first corner is the origin, so the sides at it add nothing.
	for _, corner := range p {
		corner = corner.stored()
		x := (corner.Longitude - origin.Longitude) * degree * math.Cos(radians(origin.Latitude))
		y := (corner.Latitude - origin.Latitude) * degree
		doubled += lastX*y - x*lastY
		lastX, lastY = x, y
	}
	return math.Abs(doubled) / 2
}

// Contains says whether c lies in a valid polygon. Of two areas that share a side, a place on it is in exactly one.
func (p Polygon) Contains(c Coordinate) bool {
	if len(p) == 0 {
		return false
	}
	c = c.stored()
	within := false
	from := p[len(p)-1].stored()
	for _, corner := range p {
		to := corner.stored()
		// Count the sides that a ray eastwards from c crosses.
		if (from.Latitude > c.Latitude) != (to.Latitude > c.Latitude) &&
			c.Longitude < crossing(from, to, c.Latitude) {
			within = !within
		}
		from = to
	}
	return within
}

// crossing is the longitude at which the side between a and b meets a latitude between theirs. It is calculated from south to north, so
// that both areas at a shared side get the same number.
func crossing(a, b Coordinate, latitude float64) float64 {
	if a.Latitude > b.Latitude {
		a, b = b, a
	}
	return a.Longitude + (b.Longitude-a.Longitude)*(latitude-a.Latitude)/(b.Latitude-a.Latitude)
}
