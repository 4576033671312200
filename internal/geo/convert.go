package geo

import "math"

// The box that counts as China for the conversion. It is the published rule that map makers use: a rectangle, so it takes in the
// neighbours (Korea, Singapore, much of India and Mongolia) too, where the maps of Chinese makers are shifted likewise. Outside, both
// systems are the same. Its edge is a step: within a kilometre outside, a place and the shifted image of another share their
// numbers, and going back to WGS-84 picks the one inside.
const (
	chinaSouth, chinaNorth = 0.8293, 55.8271
	chinaWest, chinaEast   = 72.004, 137.8347
)

// The ellipsoid of the shift (Krasovsky 1940): semi-major axis in metres and squared eccentricity.
const (
	krasovskyAxis         = 6_378_245.0
	krasovskyEccentricity = 0.00669342162296594323
)

// inChina says whether a place, measured in WGS-84, is shifted on maps.
func inChina(latitude, longitude float64) bool {
	return latitude >= chinaSouth && latitude <= chinaNorth && longitude >= chinaWest && longitude <= chinaEast
}

// ToGCJ02 gives the place as Chinese maps show it. A coordinate that is in GCJ-02 or outside China keeps its numbers.
func (c Coordinate) ToGCJ02() Coordinate {
	if c.System == GCJ02 {
		return c
	}
	c.System = GCJ02
	if inChina(c.Latitude, c.Longitude) {
		latitude, longitude := shift(c.Latitude, c.Longitude)
		c.Latitude += latitude
		c.Longitude += longitude
	}
	return c
}

// ToWGS84 undoes ToGCJ02 to better than a millionth of a degree (a decimetre). A coordinate that is in WGS-84 or outside China keeps its
// numbers.
func (c Coordinate) ToWGS84() Coordinate {
	if c.System == WGS84 {
		return c
	}
	c.System = WGS84
	const reach = 0.05 // degrees; no shift is longer.
	if c.Latitude < chinaSouth-reach || c.Latitude > chinaNorth+reach || c.Longitude < chinaWest-reach || c.Longitude > chinaEast+reach {
		return c
	}
	// The shift changes by about a hundredth of the way one moves, so each step takes the error down to a hundredth.
	latitude, longitude := c.Latitude, c.Longitude
	for range 8 {
		shiftLatitude, shiftLongitude := shift(latitude, longitude)
		latitude, longitude = c.Latitude-shiftLatitude, c.Longitude-shiftLongitude
	}
	// A place on the edge must not fall out of the box by rounding.
	const rounding = 1e-9
	nearLatitude := min(max(latitude, chinaSouth), chinaNorth)
	nearLongitude := min(max(longitude, chinaWest), chinaEast)
	if math.Abs(nearLatitude-latitude) < rounding && math.Abs(nearLongitude-longitude) < rounding {
		c.Latitude, c.Longitude = nearLatitude, nearLongitude
	}
	return c
}

// shift is what GCJ-02 adds to a WGS-84 latitude and longitude, in degrees: the published polynomial with sine waves, in metres, put
// onto the ellipsoid.
func shift(latitude, longitude float64) (northward, eastward float64) {
	x, y := longitude-105, latitude-35
	ripple := 20 * (math.Sin(6*math.Pi*x) + math.Sin(2*math.Pi*x))
	north := -100 + 2*x + 3*y + 0.2*y*y + 0.1*x*y + 0.2*math.Sqrt(math.Abs(x)) +
		(ripple+20*math.Sin(math.Pi*y)+40*math.Sin(math.Pi*y/3)+160*math.Sin(math.Pi*y/12)+320*math.Sin(math.Pi*y/30))*2/3
	east := 300 + x + 2*y + 0.1*x*x + 0.1*x*y + 0.1*math.Sqrt(math.Abs(x)) +
		(ripple+20*math.Sin(math.Pi*x)+40*math.Sin(math.Pi*x/3)+150*math.Sin(math.Pi*x/12)+300*math.Sin(math.Pi*x/30))*2/3

	sine := math.Sin(radians(latitude))
	flattening := 1 - krasovskyEccentricity*sine*sine
	metresNorth := radians(krasovskyAxis * (1 - krasovskyEccentricity) / (flattening * math.Sqrt(flattening))) // in a degree
	metresEast := radians(krasovskyAxis / math.Sqrt(flattening) * math.Cos(radians(latitude)))
	return north / metresNorth, east / metresEast
}
