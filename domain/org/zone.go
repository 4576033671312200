package org

import (
	"context"
	"fmt"
	"sync"
	"time"

	"dongxiao/auth"
)

// zoneKept is how long a server goes on with a brand's time zone after somebody changed it.
const zoneKept = time.Minute

// zones keeps the brands' time zones: they are asked for with every store that is shown.
type zones struct{ known sync.Map } // brand id → knownZone

type knownZone struct {
	zone *time.Location
	read time.Time
}

// Zone is the time zone of the viewer's brand, in which its days begin and its stores open.
func (s *Service) Zone(ctx context.Context) (*time.Location, error) {
	brandID := auth.FromContext(ctx).BrandID
	if v, ok := s.zones.known.Load(brandID); ok && time.Since(v.(knownZone).read) < zoneKept {
		return v.(knownZone).zone, nil
	}
	b, err := s.Brand(ctx)
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(b.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("the time zone of brand %d: %w", brandID, err)
	}
	s.zones.known.Store(brandID, knownZone{zone, time.Now()})
	return zone, nil
}
