package graph

import (
	"time"

	"dongxiao/domain/org"
	"dongxiao/graph/model"
	"dongxiao/internal/geo"
	"dongxiao/internal/ids"
)

// numberOf is the row's number of an optional id: nil where none was given, 0 where it is of another kind.
func numberOf(id *ids.ID, kind ids.Kind) *int64 {
	if id == nil {
		return nil
	}
	return new(id.Of(kind))
}

// given is an optional argument, the zero value where it was not given.
func given[T any](argument *T) T {
	if argument == nil {
		var none T
		return none
	}
	return *argument
}

// coordinateOf is the place that was sent; its range is for the service to check.
func coordinateOf(in *model.CoordinateInput) geo.Coordinate {
	return geo.Coordinate{Latitude: in.Latitude, Longitude: in.Longitude, System: geo.CoordinateSystem(in.System)}
}

// storeDetails are the details of a store that were sent; nil without any.
func storeDetails(in *model.StoreInput) *org.Details {
	if in == nil {
		return nil
	}
	d := &org.Details{Type: in.Type, Tier: in.Tier, City: in.City, Address: in.Address, Phone: in.Phone,
		Coordinate: coordinateOf(&in.Coordinate), RadiusMetres: in.RadiusMetres}
	for _, corner := range in.Polygon {
		d.Polygon = append(d.Polygon, coordinateOf(corner))
	}
	for _, o := range in.Hours {
		d.Hours = append(d.Hours, org.Opening{Weekday: time.Weekday(o.Weekday), Open: o.Open, Close: o.Close})
	}
	return d
}

// textOf is the text of an optional input; empty where it was not given.
func textOf(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}
