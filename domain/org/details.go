package org

import (
	"regexp"
	"time"

	"dongxiao/ent"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/geo"
	"dongxiao/internal/hours"
	"dongxiao/internal/text"
)

// maxRadius is the widest delivery radius in metres.
const maxRadius = 50_000

// maxReason is the length of the longest reason that the audit log keeps, in characters.
const maxReason = 255

// Opening is one period of being open as people write it; HH:MM, up to 24:00, and a Close before Open is on the next day.
type Opening struct {
	Weekday     time.Weekday
	Open, Close string
}

// Details are what only a store has, as they were sent.
type Details struct {
	Type         enum.StoreType
	Tier         enum.StoreTier
	City         string
	Address      string
	Phone        string
	Coordinate   geo.Coordinate
	RadiusMetres int
	// Polygon stands in for the radius where it has corners.
	Polygon geo.Polygon
	Hours   []Opening
}

// details are valid Details in the form of columns.
type details struct {
	Details
	at      geo.Coordinate // in the stored system
	polygon []document.Point
	hours   hours.Weekly
}

var (
	codeForm  = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z._/-]{0,31}$`)
	phoneForm = regexp.MustCompile(`^[0-9+][0-9 ()+-]{2,31}$`)
)

// checked gives the details in the form of columns, or INVALID_INPUT or COORDINATE_OUT_OF_RANGE with the field below input.store.
func (d *Details) checked() (c details, err error) {
	c.Details = *d
	if c.City, err = text.Line(d.City, 1, 32, "store", "city"); err != nil {
		return c, err
	}
	if c.Address, err = text.Line(d.Address, 1, 255, "store", "address"); err != nil {
		return c, err
	}
	if d.Phone != "" && !phoneForm.MatchString(d.Phone) {
		return c, apperr.Invalid("store.phone", "0–9 + - ( )")
	}
	if d.RadiusMetres < 0 || d.RadiusMetres > maxRadius {
		return c, apperr.Invalid("store.radiusMetres", "0–50000")
	}
	if err := d.Coordinate.Validate(); err != nil {
		return c, apperr.OfInput(err, "store", "coordinate")
	}
	c.at = d.Coordinate.ToGCJ02()
	if len(d.Polygon) > 0 {
		if err := d.Polygon.Validate(); err != nil {
			return c, apperr.OfInput(err, "store", "polygon")
		}
		c.RadiusMetres = 0
		for _, corner := range d.Polygon {
			corner = corner.ToGCJ02()
			c.polygon = append(c.polygon, document.Point{Latitude: corner.Latitude, Longitude: corner.Longitude})
		}
	}
	days := map[time.Weekday][]hours.Period{}
	for _, opening := range d.Hours {
		period, err := hours.ParsePeriod(opening.Open + "-" + opening.Close)
		if err != nil {
			return c, apperr.OfInput(err, "store", "hours")
		}
		days[opening.Weekday] = append(days[opening.Weekday], period)
	}
	c.hours, err = hours.New(days)
	return c, apperr.OfInput(err, "store", "hours")
}

// setter is what creating and updating an org have in common.
type setter[T any] interface {
	SetStoreType(enum.StoreType) T
	SetTier(enum.StoreTier) T
	SetCity(string) T
	SetAddress(string) T
	SetPhone(string) T
	SetLatitude(float64) T
	SetLongitude(float64) T
	SetCell(int64) T
	SetRadiusMetres(int) T
	SetPolygon([]document.Point) T
	SetHours(hours.Weekly) T
}

// set writes the columns of a store.
func set[T setter[T]](to T, d details) {
	to.SetStoreType(d.Type).SetTier(d.Tier).SetCity(d.City).SetAddress(d.Address).SetPhone(d.Phone).SetLatitude(d.at.Latitude).
		SetLongitude(d.at.Longitude).SetCell(geo.Cell(d.at)).SetRadiusMetres(d.RadiusMetres).SetPolygon(d.polygon).SetHours(d.hours)
}

// fields are the columns of a store for the audit log.
func fields(o *ent.Org) map[string]any {
	f := map[string]any{"name": o.Name, "state": o.State}
	if o.Kind == enum.OrgStore {
		f["type"], f["tier"], f["city"], f["address"], f["phone"] = o.StoreType, o.Tier, o.City, o.Address, o.Phone
		f["latitude"], f["longitude"], f["radiusMetres"] = o.Latitude, o.Longitude, o.RadiusMetres
		f["polygon"], f["hours"] = o.Polygon, o.Hours
	}
	return f
}
