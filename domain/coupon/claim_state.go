package coupon

import (
	"context"
	"database/sql"
	"sync"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/listing"
)

// claimStatesMax is the most claim states at once.
const claimStatesMax = 20

// ClaimStates tells how the viewer stands with the first templates of Claimable, in the same order, with one statement; within ShareOffers with the
// one of Claimable. It is for members and gives FORBIDDEN and PAGE_SIZE_INVALID.
func (s *Service) ClaimStates(ctx context.Context, first *int) ([]*ClaimState, error) {
	v := auth.FromContext(ctx)
	if v.MemberID == 0 {
		return nil, apperr.New(apperr.Forbidden)
	}
	n, err := listing.Window(first, claimStatesMax)
	if err != nil {
		return nil, err
	}
	zone, err := s.zone(ctx, v.BrandID)
	if err != nil {
		return nil, err
	}
	offers, err := s.offers(ctx, n)
	if err != nil {
		return nil, err
	}
	states := make([]*ClaimState, 0, len(offers))
	for _, o := range offers[:min(n, len(offers))] {
		b := newBook(o.template, ways[enum.SourceClaim], s.Clock.Now(), zone)
		b.issuedToday = o.issuedToday
		state := &ClaimState{Template: o.template, Claimed: o.standing.total}
		if refusal := b.refusal(&o.standing); refusal != nil {
			state.Refusal = refusal.Code
		}
		if o.template.MemberLimit > 0 {
			state.Left = new(max(int64(o.template.MemberLimit)-o.standing.total, 0))
		}
		states = append(states, state)
	}
	return states, nil
}

// offer is a template that can be claimed and how the reader, where it is a member, stands with it.
type offer struct {
	template    *ent.CouponTemplate
	standing    standing
	issuedToday int64
}

// offersKey is under which ShareOffers keeps what was read.
type offersKey struct{}

// sharedOffers is what was read for one response.
type sharedOffers struct {
	reader auth.Viewer
	mu     sync.Mutex
	read   map[int]func() ([]offer, error) // by how many were asked for
}

// ShareOffers makes Claimable and ClaimStates of one response read the first templates together, as the viewer of ctx. What they answer is the same.
func ShareOffers(ctx context.Context) context.Context {
	return context.WithValue(ctx, offersKey{}, &sharedOffers{reader: auth.FromContext(ctx)})
}

// offers reads the first n templates that can be claimed and one more.
func (s *Service) offers(ctx context.Context, n int) ([]offer, error) {
	shared, ok := ctx.Value(offersKey{}).(*sharedOffers)
	if !ok {
		return s.readOffers(ctx, n+1)
	}
	shared.mu.Lock()
	read := shared.read[n]
	if read == nil {
		read = sync.OnceValues(func() ([]offer, error) { return s.readOffers(auth.NewContext(ctx, shared.reader), n+1) })
		if shared.read == nil {
			shared.read = map[int]func() ([]offer, error){}
		}
		shared.read[n] = read
	}
	shared.mu.Unlock()
	return read()
}

// readOffers reads at most so many; for a member with offersSQL, for anybody else without standings.
func (s *Service) readOffers(ctx context.Context, most int) ([]offer, error) {
	v := auth.FromContext(ctx)
	if v.MemberID == 0 {
		templates, err := s.claimable(ctx, most)
		offers := make([]offer, len(templates))
		for i, t := range templates {
			offers[i] = offer{template: t}
		}
		return offers, err
	}
	zone, err := s.zone(ctx, v.BrandID)
	if err != nil {
		return nil, err
	}
	now := s.Clock.Now()
	day := dayOf(now, zone)
	rows, err := s.Store.Client(ctx).QueryContext(ctx, offersSQL, v.BrandID, v.MemberID, v.BrandID, v.BrandID, v.BrandID, day, v.BrandID, v.BrandID, day,
		v.BrandID, now, now, most)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	offers := make([]offer, 0, most)
	for rows.Next() {
		t := &ent.CouponTemplate{BrandID: v.BrandID}
		o := offer{template: t}
		var from, until sql.NullTime
		if err := rows.Scan(&t.ID, &t.OrgID, &t.Name, &t.Description, &t.State, &t.RuleID, &t.TotalStock, &t.StockLeft, &t.DayStock, &t.MemberLimit,
			&t.MemberDayLimit, &t.PersonLimit, &t.ClaimStartsAt, &t.ClaimEndsAt, &t.ValidityKind, &from, &until, &t.ValidDays, &t.DelayDays, &t.Version,
			&o.standing.state, &o.standing.total, &o.standing.day, &o.standing.person, &o.issuedToday); err != nil {
			return nil, err
		}
		if from.Valid {
			t.ValidFrom = &from.Time
		}
		if until.Valid {
			t.ValidUntil = &until.Time
		}
		offers = append(offers, o)
	}
	return offers, rows.Err()
}
