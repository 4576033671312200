package org

import (
	"context"

	"dongxiao/auth"
	"dongxiao/ent/enum"
	"dongxiao/ent/org"
)

// AllWithin says whether every one of the orgs exists, takes part, and is root, below it, or a store that root serves as a distributor.
func (s *Service) AllWithin(ctx context.Context, orgIDs []int64, root int64) (bool, error) {
	if len(orgIDs) == 0 {
		return true, nil
	}
	ctx = auth.WithinBrand(ctx)
	n, err := s.store.Client(ctx).Org.Query().Where(org.IDIn(orgIDs...), org.StateEQ(enum.OrgActive)).
		Where(Within(org.FieldID, auth.FromContext(ctx).BrandID, []int64{root}, true)).Count(ctx)
	return n == len(orgIDs), err
}
