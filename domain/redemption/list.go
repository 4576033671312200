package redemption

import (
	"context"
	"time"

	"entgo.io/ent/dialect/sql"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/redemption"
	"dongxiao/internal/apperr"
	"dongxiao/internal/listing"
)

// List lists redemptions at the stores at which the viewer has ReadRedemptions, newest first, or at one of them. NOT_FOUND for a store that is
// not the viewer's, PAGE_SIZE_INVALID, CURSOR_INVALID.
func (s *Service) List(ctx context.Context, storeID *int64, first *int, after *string) (*listing.Page[*ent.Redemption], error) {
	n, err := listing.Window(first, listing.Max)
	if err != nil {
		return nil, err
	}
	within := auth.WithinBrand(ctx)
	query := s.Store.Client(ctx).Redemption.Query()
	var filter int64
	if storeID != nil {
		if err := s.Orgs.StoreInScope(ctx, auth.ReadRedemptions, *storeID); err != nil {
			return nil, apperr.Of(err, "storeId")
		}
		filter = *storeID
		query.Where(redemption.StoreID(filter))
	} else {
		inScope, err := s.Orgs.Scope(ctx, auth.ReadRedemptions, redemption.FieldStoreID)
		if err != nil {
			return nil, err
		}
		query.Where(inScope)
	}
	list := listing.Of(s.Cursors(), auth.FromContext(ctx).BrandID, "redemptions", filter)
	var createdAt time.Time
	var id int64
	if found, err := list.After(after, &createdAt, &id); err != nil {
		return nil, err
	} else if found {
		query.Where(redemption.Or(redemption.CreatedAtLT(createdAt), redemption.And(redemption.CreatedAt(createdAt), redemption.IDLT(id))))
	}
	rows, err := query.Order(redemption.ByCreatedAt(sql.OrderDesc()), redemption.ByID(sql.OrderDesc())).Limit(n + 1).All(within)
	if err != nil {
		return nil, err
	}
	return listing.Cut(list, rows, n, func(r *ent.Redemption) []any { return []any{r.CreatedAt, r.ID} })
}
