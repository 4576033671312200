package topup

import (
	"context"
	"errors"

	"entgo.io/ent/dialect/sql"

	"dongxiao/auth"
	"dongxiao/domain/org"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/member"
	"dongxiao/ent/merchantaccount"
	entorg "dongxiao/ent/org"
	"dongxiao/ent/tillshift"
	"dongxiao/ent/topup"
	"dongxiao/ent/topuprefund"
	"dongxiao/ent/topuptier"
	"dongxiao/internal/apperr"
	"dongxiao/internal/listing"
)

// Window is which page of a list.
type Window struct {
	// First is how many, 1 to 100; nil for the default.
	First *int
	// After is the cursor to go on from; nil for the first page.
	After *string
}

// Filter narrows a list for staff; zero values narrow nothing.
type Filter struct {
	// OrgID is the one org; nil for all in scope.
	OrgID *int64
	// State is a state of what is listed.
	State string
	// InvoicesAlone leaves out top-ups of which no invoice was asked for.
	InvoicesAlone bool
}

// words are what a cursor of the list is good for.
func (f Filter) words() []any {
	var orgID int64
	if f.OrgID != nil {
		orgID = *f.OrgID
	}
	return []any{orgID, f.State, f.InvoicesAlone}
}

// Offered lists the tiers that can be bought at a store now, cheapest first. For a member they are those that the store issues and those of the orgs above it, but for
// orgs that cannot take WeChat Pay; without a store (nil) it is the member's home store, or else what the brand itself issues. For staff they are what the store's own
// till sells. PAGE_SIZE_INVALID, CURSOR_INVALID, NOT_FOUND (no such store).
func (s *Service) Offered(ctx context.Context, storeID *int64, w Window) (*listing.Page[*ent.TopUpTier], error) {
	issuers, err := s.issuers(ctx, storeID)
	if err != nil {
		return nil, err
	}
	n, err := listing.Window(w.First, listing.Max)
	if err != nil {
		return nil, err
	}
	list := listing.Of(s.Cursors(), auth.FromContext(ctx).BrandID, "topUpTiers", issuers)
	now := s.Clock.Now()
	query := s.Store.Client(ctx).TopUpTier.Query().Where(topuptier.StateEQ(enum.TierActive), topuptier.OrgIDIn(issuers...), topuptier.StartsAtLTE(now), topuptier.EndsAtGT(now))
	var pay, id int64
	if some, err := list.After(w.After, &pay, &id); err != nil {
		return nil, err
	} else if some {
		query.Where(topuptier.Or(topuptier.PayFenGT(pay), topuptier.And(topuptier.PayFen(pay), topuptier.IDGT(id))))
	}
	rows, err := query.Order(topuptier.ByPayFen(), topuptier.ByID()).Limit(n + 1).All(auth.WithinBrand(ctx))
	if err != nil {
		return nil, err
	}
	return listing.Cut(list, rows, n, func(t *ent.TopUpTier) []any { return []any{t.PayFen, t.ID} })
}

// issuers are the orgs whose tiers are offered at the store.
func (s *Service) issuers(ctx context.Context, storeID *int64) ([]int64, error) {
	v := auth.FromContext(ctx)
	ctx = auth.WithinBrand(ctx)
	client := s.Store.Client(ctx)
	if v.MemberID == 0 {
		if storeID == nil {
			return nil, apperr.New(apperr.NotFound).At("storeId")
		}
		return []int64{*storeID}, nil
	}
	if storeID == nil {
		m, err := client.Member.Query().Where(member.ID(v.MemberID)).Only(ctx)
		if err != nil {
			return nil, err
		}
		storeID = m.HomeStoreID
	}
	var orgs []int64
	var err error
	if storeID == nil {
		orgs, err = client.Org.Query().Where(entorg.KindEQ(enum.OrgBrand)).IDs(ctx)
	} else {
		var place *org.Place
		if place, err = s.Orgs.Place(ctx, *storeID); err == nil {
			orgs = place.Above()
		}
	}
	if refusal, ok := errors.AsType[*apperr.Error](err); ok {
		err = refusal.At("storeId")
	}
	if err != nil {
		return nil, err
	}
	var taking []int64
	err = client.MerchantAccount.Query().Where(merchantaccount.ActiveOrgIDIn(orgs...)).Order(merchantaccount.ByOrgID()).Select(merchantaccount.FieldOrgID).Scan(ctx, &taking)
	return taking, err
}

// Own lists the viewer's top-ups, newest first. It is for members and gives FORBIDDEN, PAGE_SIZE_INVALID and CURSOR_INVALID.
func (s *Service) Own(ctx context.Context, w Window) (*listing.Page[*ent.TopUp], error) {
	v := auth.FromContext(ctx)
	if v.MemberID == 0 {
		return nil, apperr.New(apperr.Forbidden)
	}
	query := s.Store.Client(ctx).TopUp.Query().Where(topup.MemberID(v.MemberID))
	return newestFirst(ctx, s, "viewer.topUps", w, []any{v.MemberID}, func(ctx context.Context, after int64, n int) ([]*ent.TopUp, error) {
		if after != 0 {
			query.Where(topup.IDLT(after))
		}
		return query.Order(ent.Desc(topup.FieldID)).Limit(n).All(ctx)
	}, func(t *ent.TopUp) int64 { return t.ID })
}

// Tiers lists the tiers that orgs in scope issue, in every state, newest first. Staff with READ_TOP_UPS call it. NOT_FOUND (no such org in scope),
// PAGE_SIZE_INVALID, CURSOR_INVALID; so do the lists below.
func (s *Service) Tiers(ctx context.Context, f Filter, w Window) (*listing.Page[*ent.TopUpTier], error) {
	query := s.Store.Client(ctx).TopUpTier.Query()
	inScope, err := s.scope(ctx, f.OrgID, topuptier.FieldOrgID)
	if err != nil {
		return nil, err
	}
	query.Where(inScope)
	if f.State != "" {
		query.Where(topuptier.StateEQ(enum.TierState(f.State)))
	}
	return newestFirst(ctx, s, "managedTopUpTiers", w, f.words(), func(ctx context.Context, after int64, n int) ([]*ent.TopUpTier, error) {
		if after != 0 {
			query.Where(topuptier.IDLT(after))
		}
		return query.Order(ent.Desc(topuptier.FieldID)).Limit(n).All(ctx)
	}, func(t *ent.TopUpTier) int64 { return t.ID })
}

// TopUps lists the top-ups that orgs in scope issued, newest first. Staff with READ_TOP_UPS call it.
func (s *Service) TopUps(ctx context.Context, f Filter, w Window) (*listing.Page[*ent.TopUp], error) {
	query := s.Store.Client(ctx).TopUp.Query()
	inScope, err := s.scope(ctx, f.OrgID, topup.FieldOrgID)
	if err != nil {
		return nil, err
	}
	query.Where(inScope)
	if f.State != "" {
		query.Where(topup.StateEQ(enum.TopUpState(f.State)))
	}
	if f.InvoicesAlone {
		query.Where(topup.InvoiceNotNil())
	}
	return newestFirst(ctx, s, "topUps", w, f.words(), func(ctx context.Context, after int64, n int) ([]*ent.TopUp, error) {
		if after != 0 {
			query.Where(topup.IDLT(after))
		}
		return query.Order(ent.Desc(topup.FieldID)).Limit(n).All(ctx)
	}, func(t *ent.TopUp) int64 { return t.ID })
}

// Refunds lists the refunds of top-ups that orgs in scope issued, newest first. Staff with READ_TOP_UPS call it.
func (s *Service) Refunds(ctx context.Context, f Filter, w Window) (*listing.Page[*ent.TopUpRefund], error) {
	query := s.Store.Client(ctx).TopUpRefund.Query()
	inScope, err := s.scope(ctx, f.OrgID, topuprefund.FieldOrgID)
	if err != nil {
		return nil, err
	}
	query.Where(inScope)
	if f.State != "" {
		query.Where(topuprefund.StateEQ(enum.TopUpRefundState(f.State)))
	}
	return newestFirst(ctx, s, "topUpRefunds", w, f.words(), func(ctx context.Context, after int64, n int) ([]*ent.TopUpRefund, error) {
		if after != 0 {
			query.Where(topuprefund.IDLT(after))
		}
		return query.Order(ent.Desc(topuprefund.FieldID)).Limit(n).All(ctx)
	}, func(t *ent.TopUpRefund) int64 { return t.ID })
}

// Shifts lists the shifts of stores in scope, newest first. Staff with READ_TOP_UPS call it.
func (s *Service) Shifts(ctx context.Context, f Filter, w Window) (*listing.Page[*ent.TillShift], error) {
	query := s.Store.Client(ctx).TillShift.Query()
	inScope, err := s.scope(ctx, f.OrgID, tillshift.FieldStoreID)
	if err != nil {
		return nil, err
	}
	query.Where(inScope)
	if f.State != "" {
		query.Where(tillshift.StateEQ(enum.ShiftState(f.State)))
	}
	return newestFirst(ctx, s, "tillShifts", w, f.words(), func(ctx context.Context, after int64, n int) ([]*ent.TillShift, error) {
		if after != 0 {
			query.Where(tillshift.IDLT(after))
		}
		return query.Order(ent.Desc(tillshift.FieldID)).Limit(n).All(ctx)
	}, func(t *ent.TillShift) int64 { return t.ID })
}

// RefundsOf are the refunds of top-ups that the caller may see, oldest first.
func (s *Service) RefundsOf(ctx context.Context, topUpIDs []int64) (map[int64][]*ent.TopUpRefund, error) {
	rows, err := s.Store.Client(ctx).TopUpRefund.Query().Where(topuprefund.TopUpIDIn(topUpIDs...)).Order(topuprefund.ByID()).All(auth.WithinBrand(ctx))
	of := make(map[int64][]*ent.TopUpRefund, len(topUpIDs))
	for _, id := range topUpIDs {
		of[id] = nil
	}
	for _, row := range rows {
		of[row.TopUpID] = append(of[row.TopUpID], row)
	}
	return of, err
}

// scope narrows a list to orgs at which the viewer has READ_TOP_UPS, or to one of them.
func (s *Service) scope(ctx context.Context, orgID *int64, column string) (func(*sql.Selector), error) {
	if orgID == nil {
		return s.Orgs.Scope(ctx, auth.ReadTopUps, column)
	}
	if err := s.Orgs.Require(ctx, auth.ReadTopUps, *orgID); err != nil {
		return nil, err
	}
	return sql.FieldEQ(column, *orgID), nil
}

// newestFirst is a page of rows by their numbers, the largest first.
func newestFirst[T any](ctx context.Context, s *Service, name string, w Window, filters []any, read func(ctx context.Context, after int64, n int) ([]T, error),
	number func(T) int64) (*listing.Page[T], error) {
	n, err := listing.Window(w.First, listing.Max)
	if err != nil {
		return nil, err
	}
	list := listing.Of(s.Cursors(), auth.FromContext(ctx).BrandID, name, filters...)
	var after int64
	if _, err := list.After(w.After, &after); err != nil {
		return nil, err
	}
	rows, err := read(auth.WithinBrand(ctx), after, n+1)
	if err != nil {
		return nil, err
	}
	return listing.Cut(list, rows, n, func(row T) []any { return []any{number(row)} })
}
