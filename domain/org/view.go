// Package org keeps the tree of brand, regions, distributors and stores (组织), territories, and finds stores near a place.
package org

import "dongxiao/ent"

// Store is the store side of an org.
type Store struct{ *ent.Org }

// NearbyStore is a store near a place.
type NearbyStore struct {
	Org            *ent.Org
	DistanceMetres int
	// Delivers says whether the place is within the store's delivery radius or polygon.
	Delivers bool
}
