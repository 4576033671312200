// Package org keeps the tree of brand, regions, distributors and stores (组织), territories, and finds stores near a place.
package org

import (
	"fmt"
	"strings"
	"time"

	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/internal/geo"
	"dongxiao/internal/hours"
)

// Store is the store side of an org.
type Store struct{ *ent.Org }

// StoreOf is the store side; nil for orgs of other kinds.
func StoreOf(o *ent.Org) *Store {
	if o.Kind != enum.OrgStore {
		return nil
	}
	return &Store{o}
}

// Coordinate is where it is, in the stored system.
func (s *Store) Coordinate() geo.Coordinate { return coordinate(s.Org) }

// OpenAt says whether it is open at t by the clock of its brand's zone; a closed-down store never is.
func (s *Store) OpenAt(t time.Time, zone *time.Location) bool {
	return s.State == enum.OrgActive && s.Hours.OpenAt(t, zone)
}

// HoursOn is what people read about a weekday: 08:30–22:30, several periods with a comma between them, empty on a closed day.
func (s *Store) HoursOn(day time.Weekday) string {
	var periods []string
	for _, p := range s.Hours.On(day) {
		end := p.Close
		if end > hours.Day {
			end -= hours.Day
		}
		periods = append(periods, fmt.Sprintf("%02d:%02d–%02d:%02d", p.Open/60, p.Open%60, end/60, end%60))
	}
	return strings.Join(periods, ", ")
}

// NearbyStore is a store near a place.
type NearbyStore struct {
	Org            *ent.Org
	DistanceMetres int
	// Delivers says whether the place is within the store's delivery radius or polygon.
	Delivers bool
}
