package coupon

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"dongxiao/auth"
	"dongxiao/ent/brand"
)

// zoneKept is how long a server goes on with a brand's time zone after somebody changed it.
const zoneKept = time.Minute

// zones keeps the brands' time zones, in which their days begin.
type zones struct {
	mu    sync.Mutex
	known map[int64]knownZone
}

type knownZone struct {
	zone *time.Location
	read time.Time
}

// zone is the brand's time zone.
func (s *Service) zone(ctx context.Context, brandID int64) (*time.Location, error) {
	s.zones.mu.Lock()
	known, ok := s.zones.known[brandID]
	s.zones.mu.Unlock()
	if ok && time.Since(known.read) < zoneKept {
		return known.zone, nil
	}
	name, err := s.Store.Client(ctx).Brand.Query().Where(brand.ID(brandID)).Select(brand.FieldTimeZone).String(auth.System(ctx, brandID))
	if err != nil {
		return nil, fmt.Errorf("read the brand's time zone: %w", err)
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("the brand's time zone: %w", err)
	}
	s.zones.mu.Lock()
	defer s.zones.mu.Unlock()
	if s.zones.known == nil {
		s.zones.known = map[int64]knownZone{}
	}
	s.zones.known[brandID] = knownZone{zone, time.Now()}
	return zone, nil
}

// dayOf is the day of a moment as limit counters keep it: YYYYMMDD in the zone.
func dayOf(moment time.Time, zone *time.Location) int {
	day, _ := strconv.Atoi(moment.In(zone).Format("20060102"))
	return day
}

// momentText is a moment as messages show it.
func momentText(moment time.Time, zone *time.Location) string {
	return moment.In(zone).Format("2006-01-02 15:04")
}
