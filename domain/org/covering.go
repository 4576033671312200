package org

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"dongxiao/auth"
	"dongxiao/ent/enum"
	"dongxiao/ent/org"
	"dongxiao/ent/territory"
)

// Covering lists the orgs whose benefits hold at the store: the store, every org above it, and the distributors that serve it; the same relation as
// StoreCovers from the other end, for judging many benefits at one store with two statements. The caller has checked the viewer's own right;
// NOT_FOUND comes as ent's error.
func (s *Service) Covering(ctx context.Context, storeID int64) ([]int64, error) {
	ctx = auth.WithinBrand(ctx)
	path, err := s.store.Client(ctx).Org.Query().Where(org.ID(storeID)).Select(org.FieldPath).String(ctx)
	if err != nil {
		return nil, err
	}
	var covering []int64
	for segment := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		id, err := strconv.ParseInt(segment, 36, 64)
		if err != nil {
			return nil, fmt.Errorf("org %d has a path with the segment %q", storeID, segment)
		}
		covering = append(covering, id)
	}
	distributors, err := s.store.Client(ctx).Territory.Query().Where(territory.StoreID(storeID)).All(ctx)
	if err != nil {
		return nil, err
	}
	for _, t := range distributors {
		covering = append(covering, t.DistributorID)
	}
	return covering, nil
}

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
