package org

import (
	"context"
	"fmt"
	"sync"
	"time"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/brand"
	"dongxiao/internal/apperr"
)

// brandKept is how long a server goes on with what a brand was before somebody changed it.
const brandKept = time.Minute

// brands keeps the brands' rows: every screen and every opening hour needs them, and an operator changes them once a year.
type brands struct{ known sync.Map } // brand id → knownBrand

type knownBrand struct {
	row  *ent.Brand
	zone *time.Location
	read time.Time
}

// Brand is the viewer's brand, as it was at most a minute ago; the row is shared and not to be changed. Anybody may call it. Codes: NOT_FOUND for a viewer
// without a brand.
func (s *Service) Brand(ctx context.Context) (*ent.Brand, error) {
	b, err := s.brand(ctx)
	return b.row, err
}

// Zone is the time zone of the viewer's brand, in which its days begin and its stores open.
func (s *Service) Zone(ctx context.Context) (*time.Location, error) {
	b, err := s.brand(ctx)
	return b.zone, err
}

func (s *Service) brand(ctx context.Context) (knownBrand, error) {
	v := auth.FromContext(ctx)
	if v.Reach == auth.ReachNothing || v.BrandID == 0 {
		return knownBrand{}, apperr.New(apperr.NotFound)
	}
	if b, ok := s.brands.known.Load(v.BrandID); ok && time.Since(b.(knownBrand).read) < brandKept {
		return b.(knownBrand), nil
	}
	row, err := s.store.Client(ctx).Brand.Query().Where(brand.ID(v.BrandID)).Only(ctx)
	if err != nil {
		return knownBrand{}, err
	}
	zone, err := time.LoadLocation(row.TimeZone)
	if err != nil {
		return knownBrand{}, fmt.Errorf("the time zone of brand %d: %w", v.BrandID, err)
	}
	b := knownBrand{row, zone, time.Now()}
	s.brands.known.Store(v.BrandID, b)
	return b, nil
}
