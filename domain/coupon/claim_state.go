package coupon

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"sync"
	"time"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/coupontemplate"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/listing"
)

// claimStatesMax is the most claim states at once.
const claimStatesMax = 20

// ClaimStates tells how the viewer stands with the first templates of Claimable for the same store, in the same order, with one statement; within ShareOffers with the
// one of Claimable. A store takes two more. It is for members and gives FORBIDDEN, NOT_FOUND (no such store) and PAGE_SIZE_INVALID.
func (s *Service) ClaimStates(ctx context.Context, storeID *int64, first *int) ([]*ClaimState, error) {
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
	at, err := s.claimPlace(ctx, storeID)
	if err != nil {
		return nil, err
	}
	offers, err := s.offers(ctx, n+1, at, claimPosition{})
	if err != nil {
		return nil, err
	}
	states := make([]*ClaimState, 0, len(offers))
	for _, o := range offers[:min(n, len(offers))] {
		b := newBook(o.template, ways[enum.SourceClaim], s.Clock.Now(), zone)
		b.issuedToday = o.issuedToday
		if o.template.BudgetFen > 0 {
			most, bounded, err := s.promiseOf(auth.WithinBrand(ctx), o.template.RuleID)
			if err != nil {
				return nil, err
			}
			b.promise, b.unpromised = most, !bounded
		}
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

// claimPosition is the last row of the page before: lists of what can be claimed are in the order of the claim windows' ends. The zero value is before all.
type claimPosition struct {
	ends time.Time
	id   int64
}

// claimPlace is a store with the orgs whose coupons hold there.
type claimPlace struct {
	storeID int64
	orgs    []int64
}

// claimPlace reads the store with two statements; nil for none.
func (s *Service) claimPlace(ctx context.Context, storeID *int64) (*claimPlace, error) {
	if storeID == nil {
		return nil, nil
	}
	at, err := s.Orgs.Place(ctx, *storeID)
	if err != nil {
		return nil, apperr.Of(err, "storeId")
	}
	orgs, err := at.Covering(ctx, nil)
	return &claimPlace{at.ID, orgs}, err
}

// offersKey is under which ShareOffers keeps what was read.
type offersKey struct{}

// sharedOffers is what was read for one response.
type sharedOffers struct {
	reader auth.Viewer
	mu     sync.Mutex
	read   map[offersRead]func() ([]offer, error)
}

// offersRead is what was asked for.
type offersRead struct {
	most    int
	storeID int64
}

// ShareOffers makes Claimable and ClaimStates of one response read the first templates together, as the viewer of ctx. What they answer is the same.
func ShareOffers(ctx context.Context) context.Context {
	return context.WithValue(ctx, offersKey{}, &sharedOffers{reader: auth.FromContext(ctx)})
}

// offers is readOffers, once in a response.
func (s *Service) offers(ctx context.Context, most int, at *claimPlace, after claimPosition) ([]offer, error) {
	shared, ok := ctx.Value(offersKey{}).(*sharedOffers)
	if !ok {
		return s.readOffers(ctx, most, at, after)
	}
	key := offersRead{most: most}
	if at != nil {
		key.storeID = at.storeID
	}
	shared.mu.Lock()
	read := shared.read[key]
	if read == nil {
		read = sync.OnceValues(func() ([]offer, error) { return s.readOffers(auth.NewContext(ctx, shared.reader), most, at, after) })
		if shared.read == nil {
			shared.read = map[offersRead]func() ([]offer, error){}
		}
		shared.read[key] = read
	}
	shared.mu.Unlock()
	return read()
}

// offersChunk is how many templates are read at once to find those of a store.
const offersChunk = 100

// readOffers reads at most so many templates that can be claimed after the position; at a store only those whose coupons can be used there.
func (s *Service) readOffers(ctx context.Context, most int, at *claimPlace, after claimPosition) ([]offer, error) {
	if at == nil {
		return s.readSome(ctx, most, nil, after)
	}
	var found []offer
	for {
		chunk := max(most, offersChunk)
		some, err := s.readSome(ctx, chunk, at.orgs, after)
		if err != nil {
			return nil, err
		}
		ruleIDs := make([]int64, len(some))
		for i, o := range some {
			ruleIDs[i] = o.template.RuleID
		}
		rules, err := s.rules.of(auth.WithinBrand(ctx), distinct(ruleIDs))
		if err != nil {
			return nil, err
		}
		for _, o := range some {
			after = claimPosition{o.template.ClaimEndsAt, o.template.ID}
			scope := rules[o.template.RuleID].Scope.OrgIDs
			if len(scope) == 0 || slices.ContainsFunc(scope, func(id int64) bool { return slices.Contains(at.orgs, id) }) {
				found = append(found, o)
			}
			if len(found) == most {
				return found, nil
			}
		}
		if len(some) < chunk {
			return found, nil
		}
	}
}

// readSome reads at most so many templates, of the orgs where they are named; for a member with offersSQL, for anybody else without standings.
func (s *Service) readSome(ctx context.Context, most int, orgs []int64, after claimPosition) ([]offer, error) {
	v := auth.FromContext(ctx)
	if v.MemberID == 0 {
		templates, err := s.claimable(ctx, most, orgs, after)
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
	statement, args := offersSQL, []any{v.BrandID, v.MemberID, v.BrandID, v.BrandID, v.BrandID, day, v.BrandID, v.BrandID, day, v.BrandID, now, now}
	if orgs != nil {
		statement += " AND t.org_id IN (?" + strings.Repeat(", ?", len(orgs)-1) + ")"
		for _, id := range orgs {
			args = append(args, id)
		}
	}
	if after.id != 0 {
		statement += " AND (t.claim_ends_at > ? OR t.claim_ends_at = ? AND t.id > ?)"
		args = append(args, after.ends, after.ends, after.id)
	}
	rows, err := s.Store.Client(ctx).QueryContext(ctx, statement+offersOrderSQL, append(args, most)...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	offers := make([]offer, 0, most)
	for rows.Next() {
		o, err := scanOffer(rows, v.BrandID)
		if err != nil {
			return nil, err
		}
		offers = append(offers, o)
	}
	return offers, rows.Err()
}

// scanOffer reads a row of offersSQL.
func scanOffer(rows *sql.Rows, brandID int64) (offer, error) {
	t := &ent.CouponTemplate{BrandID: brandID, Event: enum.CouponByNoEvent}
	o := offer{template: t}
	var from, until sql.NullTime
	err := rows.Scan(&t.ID, &t.OrgID, &t.Name, &t.Description, &t.State, &t.RuleID, &t.TotalStock, &t.StockLeft, &t.DayStock, &t.MemberLimit,
		&t.MemberDayLimit, &t.PersonLimit, &t.ClaimStartsAt, &t.ClaimEndsAt, &t.ValidityKind, &from, &until, &t.ValidDays, &t.DelayDays, &t.BudgetFen, &t.BudgetLeftFen,
		&t.Version, &o.standing.state, &o.standing.total, &o.standing.day, &o.standing.person, &o.issuedToday)
	if from.Valid {
		t.ValidFrom = &from.Time
	}
	if until.Valid {
		t.ValidUntil = &until.Time
	}
	return o, err
}

// claimable is readSome without standings.
func (s *Service) claimable(ctx context.Context, most int, orgs []int64, after claimPosition) ([]*ent.CouponTemplate, error) {
	now := s.Clock.Now()
	query := s.Store.Client(ctx).CouponTemplate.Query().Where(coupontemplate.StateEQ(enum.TemplateActive), coupontemplate.ClaimEndsAtGT(now),
		coupontemplate.ClaimStartsAtLTE(now), coupontemplate.EventEQ(enum.CouponByNoEvent), coupontemplate.ActivatedByIDIsNil())
	if orgs != nil {
		query.Where(coupontemplate.OrgIDIn(orgs...))
	}
	if after.id != 0 {
		query.Where(coupontemplate.Or(coupontemplate.ClaimEndsAtGT(after.ends),
			coupontemplate.And(coupontemplate.ClaimEndsAtEQ(after.ends), coupontemplate.IDGT(after.id))))
	}
	return query.Order(coupontemplate.ByClaimEndsAt(), coupontemplate.ByID()).Limit(most).All(auth.WithinBrand(ctx))
}
