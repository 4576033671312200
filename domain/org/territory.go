package org

import (
	"context"

	"dongxiao/auth"
	"dongxiao/domain/audit"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/org"
	"dongxiao/ent/territory"
	"dongxiao/internal/apperr"
	"dongxiao/internal/ids"
	"dongxiao/internal/listing"
	"dongxiao/internal/store"
	"dongxiao/internal/text"
)

// AssignInput is what Assign needs.
type AssignInput struct {
	StoreID int64
	SKULine string
	// DistributorID serves the line from now on; nil takes it away.
	DistributorID *int64
	// ExpectedID is who serves it now, as far as the caller knows; nil for nobody.
	ExpectedID *int64
	Reason     string
}

// Assign says which distributor serves a store for a product line, for viewers with WRITE_ORGS at both. It is one conditional write on the
// distributor that the caller expects, with its audit entry; where the line is served as asked for already, nothing is written. The answer is
// nil where nobody serves it any more. Codes: NOT_FOUND, INVALID_INPUT, REASON_REQUIRED, STORE_CLOSED, TERRITORY_TAKEN (another than the
// expected one serves it).
//
// It locks the store's row, then the distributor's.
func (s *Service) Assign(ctx context.Context, in AssignInput) (*ent.Territory, error) {
	var err error
	if in.Reason, err = text.Reason(in.Reason, maxReason); err != nil {
		return nil, err
	}
	if in.SKULine, err = text.Line(in.SKULine, 1, 32, "skuLine"); err != nil {
		return nil, err
	}
	if err := s.StoreInScope(ctx, auth.WriteOrgs, in.StoreID); err != nil {
		return nil, apperr.OfInput(err, "storeId")
	}
	if in.DistributorID != nil {
		err := s.require(ctx, auth.WriteOrgs, *in.DistributorID, org.KindEQ(enum.OrgDistributor))
		if err != nil {
			return nil, apperr.OfInput(err, "distributorId")
		}
	}
	ctx = auth.WithinBrand(ctx)
	var assigned *ent.Territory
	err = s.store.WithTx(ctx, func(ctx context.Context) error {
		var err error
		if in.DistributorID == nil {
			assigned = nil
			return s.withdraw(ctx, in)
		}
		assigned, err = s.assign(ctx, in)
		return err
	})
	return assigned, err
}

func (s *Service) assign(ctx context.Context, in AssignInput) (*ent.Territory, error) {
	client := s.store.Client(ctx)
	for _, id := range []int64{in.StoreID, *in.DistributorID} {
		open, err := client.Org.Update().Where(org.ID(id), org.StateEQ(enum.OrgActive)).SetState(enum.OrgActive).Save(ctx)
		if err != nil {
			return nil, err
		}
		if open == 0 && id == in.StoreID {
			return nil, apperr.New(apperr.StoreClosed).At("input", "storeId")
		}
		if open == 0 {
			return nil, apperr.Invalid("distributorId", string(enum.OrgClosed))
		}
	}
	var err error
	written := 1
	if in.ExpectedID == nil {
		err = client.Territory.Create().SetStoreID(in.StoreID).SetSkuLine(in.SKULine).SetDistributorID(*in.DistributorID).Exec(ctx)
		if store.IsDuplicate(err, territory.Table, "store_id", "sku_line") {
			written, err = 0, nil
		}
	} else if *in.ExpectedID == *in.DistributorID {
		written = 0
	} else {
		written, err = client.Territory.Update().Where(territory.StoreID(in.StoreID), territory.SkuLine(in.SKULine),
			territory.DistributorID(*in.ExpectedID)).SetDistributorID(*in.DistributorID).Save(ctx)
	}
	if err != nil {
		return nil, err
	}
	row, err := s.serving(ctx, in)
	if err != nil {
		return nil, err
	}
	if row == nil || row.DistributorID != *in.DistributorID {
		return nil, apperr.New(apperr.TerritoryTaken).At("input", "expectedDistributorId")
	}
	if written == 0 {
		return row, nil
	}
	return row, s.recordAssign(ctx, in, row)
}

func (s *Service) withdraw(ctx context.Context, in AssignInput) error {
	row, err := s.serving(ctx, in)
	if err != nil || row == nil {
		return err
	}
	written := 0
	if in.ExpectedID != nil {
		written, err = s.store.Client(ctx).Territory.Delete().Where(territory.ID(row.ID), territory.DistributorID(*in.ExpectedID)).Exec(ctx)
	}
	if err != nil {
		return err
	}
	if written == 0 {
		return apperr.New(apperr.TerritoryTaken).At("input", "expectedDistributorId")
	}
	return s.recordAssign(ctx, in, row)
}

// serving is the row of the line at the store; nil where nobody serves it.
func (s *Service) serving(ctx context.Context, in AssignInput) (*ent.Territory, error) {
	row, err := s.store.Client(ctx).Territory.Query().Where(territory.StoreID(in.StoreID), territory.SkuLine(in.SKULine)).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	return row, err
}

func (s *Service) recordAssign(ctx context.Context, in AssignInput, row *ent.Territory) error {
	distributor := func(id *int64) map[string]any {
		f := map[string]any{"store": ids.Encode(ids.Org, in.StoreID), "skuLine": in.SKULine}
		if id != nil {
			f["distributor"] = ids.Encode(ids.Org, *id)
		}
		return f
	}
	return audit.Record(ctx, s.store, audit.Change{OrgID: in.StoreID, Action: "territoryAssign", Subject: row.NodeID(),
		Before: distributor(in.ExpectedID), After: distributor(in.DistributorID), Reason: in.Reason})
}

// Territories lists who serves which stores in the scope in which the viewer holds READ_ORGS, of one store where storeID is given. Codes:
// NOT_FOUND for a store outside the scope, PAGE_SIZE_INVALID, CURSOR_INVALID.
func (s *Service) Territories(ctx context.Context, storeID *int64, first *int, after *string) (*listing.Page[*ent.Territory], error) {
	n, err := listing.Window(first, listing.Max)
	if err != nil {
		return nil, err
	}
	v := auth.FromContext(ctx)
	var of int64
	if storeID != nil {
		if err := s.StoreInScope(ctx, auth.ReadOrgs, *storeID); err != nil {
			return nil, err
		}
		of = *storeID
	}
	list := listing.Of(s.cursors(), v.BrandID, "territories", of)
	var last int64
	if _, err := list.After(after, &last); err != nil {
		return nil, err
	}
	query := s.store.Client(ctx).Territory.Query().Where(territory.IDGT(last))
	if storeID != nil {
		query.Where(territory.StoreID(of))
	} else {
		inScope, err := s.Scope(ctx, auth.ReadOrgs, territory.FieldStoreID)
		if err != nil {
			return nil, err
		}
		query.Where(inScope)
	}
	rows, err := query.Order(territory.ByID()).Limit(n + 1).All(auth.WithinBrand(ctx))
	if err != nil {
		return nil, err
	}
	return listing.Cut(list, rows, n, func(t *ent.Territory) []any { return []any{t.ID} })
}
