package org

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/org"
	"dongxiao/ent/territory"
	"dongxiao/internal/apperr"
)

// Place is a store for judging at it: whose rights and benefits hold there. It is used by one goroutine, in the transaction in which it was read.
type Place struct {
	*ent.Org
	service *Service
	// above are the store and every org above it, serving the distributors that serve it, nil until they are asked for.
	above, serving []int64
}

// Place reads a store with one statement; NOT_FOUND where there is none. It says nothing of the viewer's rights, see Require.
func (s *Service) Place(ctx context.Context, storeID int64) (*Place, error) {
	row, err := s.store.Client(ctx).Org.Query().Where(org.ID(storeID), org.KindEQ(enum.OrgStore)).Only(auth.WithinBrand(ctx))
	if ent.IsNotFound(err) {
		return nil, apperr.New(apperr.NotFound)
	}
	if err != nil {
		return nil, err
	}
	p := &Place{Org: row, service: s}
	p.above, err = PathIDs(row.Path)
	return p, err
}

// PathIDs are the ids of the orgs along a materialised path, the brand's own first.
func PathIDs(path string) ([]int64, error) {
	var along []int64
	for segment := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		id, err := strconv.ParseInt(segment, 36, 64)
		if err != nil {
			return nil, fmt.Errorf("an org has a path with the segment %q", segment)
		}
		along = append(along, id)
	}
	return along, nil
}

// Above lists the store and every org above it, the brand's own first.
func (p *Place) Above() []int64 { return slices.Clone(p.above) }

// Covers says whether the store is one of the orgs, below one of them or, where served is true, served by one of them as a distributor: what a list of orgs in
// the scope of a benefit means. An empty list covers nothing here. It takes one statement where the distributors decide for the first time, else none.
func (p *Place) Covers(ctx context.Context, orgIDs []int64, served bool) (bool, error) {
	within := func(list []int64) bool {
		return slices.ContainsFunc(orgIDs, func(id int64) bool { return slices.Contains(list, id) })
	}
	if within(p.above) {
		return true, nil
	}
	if !served || len(orgIDs) == 0 {
		return false, nil
	}
	err := p.readServing(ctx)
	return within(p.serving), err
}

// Covering lists the orgs whose benefits hold at the store: the store itself, every org above it and the distributors that serve it. The last are read, by one
// statement, only where one of the scopes names none of the others.
func (p *Place) Covering(ctx context.Context, scopes ...[]int64) ([]int64, error) {
	for _, orgIDs := range scopes {
		if !slices.ContainsFunc(orgIDs, func(id int64) bool { return slices.Contains(p.above, id) }) {
			if err := p.readServing(ctx); err != nil {
				return nil, err
			}
			break
		}
	}
	return slices.Concat(p.above, p.serving), nil
}

// readServing reads the distributors that serve the store, once.
func (p *Place) readServing(ctx context.Context) error {
	if p.serving != nil {
		return nil
	}
	serving := []int64{}
	err := p.service.store.Client(ctx).Territory.Query().Where(territory.StoreID(p.ID)).Unique(true).Select(territory.FieldDistributorID).
		Scan(auth.WithinBrand(ctx), &serving)
	if err == nil {
		p.serving = serving
	}
	return err
}

// Require is Service.StoreInScope for a store that is at hand.
func (p *Place) Require(ctx context.Context, c auth.Capability) error {
	covers, err := p.Covers(ctx, auth.FromContext(ctx).OrgsWith(c), c.AtServedStores())
	if err == nil && !covers {
		err = apperr.New(apperr.NotFound)
	}
	return err
}
