package redemption

import (
	"context"
	"time"

	"entgo.io/ent/dialect/sql"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/predicate"
	"dongxiao/ent/redemption"
	"dongxiao/internal/apperr"
	"dongxiao/internal/listing"
)

// List lists redemptions at the stores at which the viewer has ReadRedemptions, newest first, or at one of them, all or those that wait for review. NOT_FOUND for a
// store that is not the viewer's, PAGE_SIZE_INVALID, CURSOR_INVALID.
func (s *Service) List(ctx context.Context, storeID *int64, awaitingReview bool, first *int, after *string) (*listing.Page[*ent.Redemption], error) {
	n, err := listing.Window(first, listing.Max)
	if err != nil {
		return nil, err
	}
	query, err := s.listed(ctx, storeID, awaitingReview)
	if err != nil {
		return nil, err
	}
	var store int64
	if storeID != nil {
		store = *storeID
	}
	list := listing.Of(s.Cursors(), auth.FromContext(ctx).BrandID, "redemptions", store, awaitingReview)
	var createdAt time.Time
	var id int64
	if found, err := list.After(after, &createdAt, &id); err != nil {
		return nil, err
	} else if found {
		query.Where(redemption.Or(redemption.CreatedAtLT(createdAt), redemption.And(redemption.CreatedAt(createdAt), redemption.IDLT(id))))
	}
	rows, err := query.Limit(n + 1).All(auth.WithinBrand(ctx))
	if err != nil {
		return nil, err
	}
	return listing.Cut(list, rows, n, func(r *ent.Redemption) []any { return []any{r.CreatedAt, r.ID} })
}

// listed are the redemptions of List, in its order.
func (s *Service) listed(ctx context.Context, storeID *int64, awaitingReview bool) (*ent.RedemptionQuery, error) {
	query := s.Store.Client(ctx).Redemption.Query().Order(redemption.ByCreatedAt(sql.OrderDesc()), redemption.ByID(sql.OrderDesc()))
	if awaitingReview {
		query.Where(awaits()...)
	}
	if storeID != nil {
		if err := s.Orgs.StoreInScope(ctx, auth.ReadRedemptions, *storeID); err != nil {
			return nil, apperr.Of(err, "storeId")
		}
		return query.Where(redemption.StoreID(*storeID)), nil
	}
	inScope, err := s.Orgs.Scope(ctx, auth.ReadRedemptions, redemption.FieldStoreID)
	return query.Where(inScope), err
}

// awaits are the conditions of Awaits. The first is written as a list, because no index serves a condition that is the bare column.
func awaits() []predicate.Redemption {
	marked := func(q *sql.Selector) { q.Where(sql.In(q.C(redemption.FieldNeedsReview), true)) }
	return []predicate.Redemption{marked, redemption.ReviewedAtIsNil(), redemption.StateEQ(enum.RedemptionConfirmed)}
}

// Awaits says whether a redemption waits for review: it needs it, nobody has reviewed it, and it was not undone.
func Awaits(r *ent.Redemption) bool {
	return r.NeedsReview && r.ReviewedAt == nil && r.State == enum.RedemptionConfirmed
}
