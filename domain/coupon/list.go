package coupon

import (
	"context"
	"strings"
	"time"

	"dongxiao/auth"
	"dongxiao/domain/org"
	"dongxiao/ent"
	"dongxiao/ent/coupon"
	"dongxiao/ent/coupontemplate"
	"dongxiao/ent/enum"
	"dongxiao/ent/predicate"
	"dongxiao/internal/apperr"
	"dongxiao/internal/listing"
	"dongxiao/internal/money"
)

// Claimable lists the templates whose claim window is open, soonest-ending first, for everybody in the brand; those without stock left too, and not those that
// only an event or another coupon's redemption gives. With a store it lists those whose coupons can be used there. Codes: NOT_FOUND (no such store),
// PAGE_SIZE_INVALID, CURSOR_INVALID.
func (s *Service) Claimable(ctx context.Context, storeID *int64, first *int, after *string) (*listing.Page[*ent.CouponTemplate], error) {
	n, err := listing.Window(first, listing.Max)
	if err != nil {
		return nil, err
	}
	at, err := s.claimPlace(ctx, storeID)
	if err != nil {
		return nil, err
	}
	list := listing.Of(s.Cursors(), auth.FromContext(ctx).BrandID, "claimableCoupons", unlimited(storeID))
	var position claimPosition
	if _, err := list.After(after, &position.ends, &position.id); err != nil {
		return nil, err
	}
	read := s.readOffers
	if after == nil {
		read = s.offers
	}
	offers, err := read(ctx, n+1, at, position)
	if err != nil {
		return nil, err
	}
	page, err := listing.Cut(list, offers, n, func(o offer) []any { return []any{o.template.ClaimEndsAt, o.template.ID} })
	if err != nil {
		return nil, err
	}
	templates := make([]*ent.CouponTemplate, len(page.Nodes))
	for i, o := range page.Nodes {
		templates[i] = o.template
	}
	return &listing.Page[*ent.CouponTemplate]{Nodes: templates, HasNext: page.HasNext, EndCursor: page.EndCursor}, nil
}

// Managed lists the templates of orgs at which the viewer may read templates, newest first, with their counts; of one state where that is not nil. It
// gives PAGE_SIZE_INVALID and CURSOR_INVALID.
func (s *Service) Managed(ctx context.Context, state *enum.TemplateState, first *int, after *string) (*listing.Page[*ManagedTemplate], error) {
	page, err := s.managedPage(ctx, "managedCouponTemplates", listing.Max, state, first, after)
	if err != nil {
		return nil, err
	}
	managed, err := s.withCounts(auth.WithinBrand(ctx), page.Nodes)
	return &listing.Page[*ManagedTemplate]{Nodes: managed, HasNext: page.HasNext, EndCursor: page.EndCursor}, err
}

// managedPage is a page of at most so many templates of orgs at which the viewer may read templates, newest first, in the list of the name.
func (s *Service) managedPage(ctx context.Context, name string, most int, state *enum.TemplateState, first *int, after *string) (*listing.Page[*ent.CouponTemplate], error) {
	n, err := listing.Window(first, most)
	if err != nil {
		return nil, err
	}
	inScope, err := s.Orgs.Scope(ctx, auth.ReadTemplates, coupontemplate.FieldOrgID)
	if err != nil {
		return nil, err
	}
	query := s.Store.Client(ctx).CouponTemplate.Query().Where(inScope)
	filter := ""
	if state != nil {
		filter = string(*state)
		query.Where(coupontemplate.StateEQ(*state))
	}
	list := listing.Of(s.Cursors(), auth.FromContext(ctx).BrandID, name, filter)
	var id int64
	if some, err := list.After(after, &id); err != nil {
		return nil, err
	} else if some {
		query.Where(coupontemplate.IDLT(id))
	}
	rows, err := query.Order(ent.Desc(coupontemplate.FieldID)).Limit(n + 1).All(auth.WithinBrand(ctx))
	if err != nil {
		return nil, err
	}
	return listing.Cut(list, rows, n, func(t *ent.CouponTemplate) []any { return []any{t.ID} })
}

// ManagedOne is Managed for one template; NOT_FOUND where it is not in the viewer's scope.
func (s *Service) ManagedOne(ctx context.Context, id int64) (*ManagedTemplate, error) {
	rows, err := s.Store.Client(ctx).CouponTemplate.Query().Where(coupontemplate.ID(id),
		org.ScopePredicate(ctx, auth.ReadTemplates, coupontemplate.FieldOrgID)).All(auth.WithinBrand(ctx))
	if err == nil && len(rows) == 0 {
		err = apperr.New(apperr.NotFound)
	}
	if err != nil {
		return nil, err
	}
	managed, err := s.withCounts(auth.WithinBrand(ctx), rows)
	if err != nil {
		return nil, err
	}
	return managed[0], nil
}

// withCounts counts the coupons of the templates with one statement. A coupon that ran out counts as open until the sweep has written it down.
func (s *Service) withCounts(ctx context.Context, templates []*ent.CouponTemplate) ([]*ManagedTemplate, error) {
	managed := make([]*ManagedTemplate, len(templates))
	if len(templates) == 0 {
		return managed, nil
	}
	byID := make(map[int64]*Counts, len(templates))
	args := []any{auth.FromContext(ctx).BrandID}
	for i, t := range templates {
		managed[i] = &ManagedTemplate{Template: t, Counts: &Counts{}}
		byID[t.ID] = managed[i].Counts
		args = append(args, t.ID)
	}
	rows, err := s.Store.Client(ctx).QueryContext(ctx, countsSQL+"(?"+strings.Repeat(", ?", len(templates)-1)+")"+countsGroupSQL, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id, count, discount int64
		var state enum.CouponState
		if err := rows.Scan(&id, &state, &count, &discount); err != nil {
			return nil, err
		}
		byID[id].add(state, count, money.Fen(discount))
	}
	return managed, rows.Err()
}

func (c *Counts) add(state enum.CouponState, count int64, discount money.Fen) {
	if state == enum.CouponTransferred { // the friend's counts in its place
		return
	}
	c.Issued += count
	c.Discount += discount
	switch state {
	case enum.CouponUsed:
		c.Used += count
	case enum.CouponPending, enum.CouponEffective, enum.CouponLocked, enum.CouponTransferring:
		c.Open += count
	case enum.CouponExpired:
		c.Expired += count
	}
}

// Coupons lists the viewer's coupons, newest first; in one state where that is not nil. It is for members and gives FORBIDDEN, PAGE_SIZE_INVALID and
// CURSOR_INVALID.
func (s *Service) Coupons(ctx context.Context, state *enum.CouponState, first *int, after *string) (*listing.Page[*ent.Coupon], error) {
	v := auth.FromContext(ctx)
	if v.MemberID == 0 {
		return nil, apperr.New(apperr.Forbidden)
	}
	n, err := listing.Window(first, listing.Max)
	if err != nil {
		return nil, err
	}
	query := s.Store.Client(ctx).Coupon.Query().Where(coupon.MemberID(v.MemberID))
	filter := ""
	if state != nil {
		filter = string(*state)
		query.Where(inState(*state, s.Clock.Now()))
	}
	list := listing.Of(s.Cursors(), v.BrandID, "viewer.coupons", v.MemberID, filter)
	var id int64
	if some, err := list.After(after, &id); err != nil {
		return nil, err
	} else if some {
		query.Where(coupon.IDLT(id))
	}
	rows, err := query.Order(ent.Desc(coupon.FieldID)).Limit(n + 1).All(ctx)
	if err != nil {
		return nil, err
	}
	return listing.Cut(list, rows, n, func(c *ent.Coupon) []any { return []any{c.ID} })
}

// inState is StateAt as a condition.
func inState(state enum.CouponState, now time.Time) predicate.Coupon {
	untouched := coupon.StateIn(enum.CouponPending, enum.CouponEffective)
	switch state {
	case enum.CouponPending:
		return coupon.And(untouched, coupon.ExpiresAtGT(now), coupon.UsableFromGT(now))
	case enum.CouponEffective:
		return coupon.And(untouched, coupon.ExpiresAtGT(now), coupon.UsableFromLTE(now))
	case enum.CouponExpired:
		return coupon.Or(coupon.StateEQ(enum.CouponExpired), coupon.And(untouched, coupon.ExpiresAtLTE(now)))
	}
	return coupon.StateEQ(state)
}
