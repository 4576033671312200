package org

import (
	"context"

	"entgo.io/ent/dialect/sql"

	"dongxiao/auth"
	"dongxiao/ent/enum"
	"dongxiao/ent/org"
	"dongxiao/ent/predicate"
	"dongxiao/internal/apperr"
	"dongxiao/internal/store"
)

// Require lets pass a viewer who holds the capability at the org: by a role there, above it, or, for capabilities that reach so far, at a distributor that serves the store. Whoever
// does not gets NOT_FOUND, the same as for an org that does not exist. It is one statement, inside the transaction of ctx where there is one.
func (s *Service) Require(ctx context.Context, c auth.Capability, orgID int64) error {
	return s.require(ctx, c, orgID)
}

// StoreInScope is Require for what must be a store.
func (s *Service) StoreInScope(ctx context.Context, c auth.Capability, storeID int64) error {
	return s.require(ctx, c, storeID, org.KindEQ(enum.OrgStore))
}

func (s *Service) require(ctx context.Context, c auth.Capability, orgID int64, more ...predicate.Org) error {
	covers, err := s.covers(ctx, auth.FromContext(ctx).OrgsWith(c), orgID, c.AtServedStores(), more...)
	if err == nil && !covers {
		err = apperr.New(apperr.NotFound)
	}
	return err
}

// Covers says whether the org is one of the orgs or below one of them. It is one statement.
func (s *Service) Covers(ctx context.Context, scopeOrgIDs []int64, orgID int64) (bool, error) {
	return s.covers(ctx, scopeOrgIDs, orgID, false)
}

func (s *Service) covers(ctx context.Context, scope []int64, orgID int64, served bool, more ...predicate.Org) (bool, error) {
	if len(scope) == 0 || orgID == 0 {
		return false, nil
	}
	ctx = auth.WithinBrand(ctx)
	return s.store.Client(ctx).Org.Query().Where(org.ID(orgID)).Where(more...).
		Where(Within(org.FieldID, auth.FromContext(ctx).BrandID, scope, served)).Exist(ctx)
}

// Scope narrows a list to rows whose org, in the column, is one at which the viewer holds the capability, for lists that are read within the brand and
// bounded by nothing else; without the capability it is false. It takes two statements and keeps the list from reading the rows of the whole
// brand for a viewer of one store. A few rows that are named already are narrowed by ScopePredicate.
func (s *Service) Scope(ctx context.Context, c auth.Capability, column string) (func(*sql.Selector), error) {
	return s.store.Scope(ctx, column, auth.FromContext(ctx).OrgsWith(c), c.AtServedStores())
}

// ScopePredicate narrows a query to rows whose org, in the column, is one at which the viewer holds the capability, for lists that are read within
// the brand: query.Where(org.ScopePredicate(ctx, auth.ReadStaff, staff.FieldOrgID)). Without the capability it is false.
func ScopePredicate(ctx context.Context, c auth.Capability, column string) func(*sql.Selector) {
	v := auth.FromContext(ctx)
	return Within(column, v.BrandID, v.OrgsWith(c), c.AtServedStores())
}

// Within narrows a query to rows whose org, in the column, is one of the orgs, below one, or, where served is true, a store that one serves as a
// distributor.
func Within(column string, brandID int64, orgIDs []int64, served bool) func(*sql.Selector) {
	return func(s *sql.Selector) { s.Where(store.InScope(s.C(column), brandID, orgIDs, served)) }
}
