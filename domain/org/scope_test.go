package org_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/org"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	orgrow "dongxiao/ent/org"
	"dongxiao/internal/apperr"
	"dongxiao/internal/cursor"
	"dongxiao/internal/keys"
	"dongxiao/internal/store"
	"dongxiao/internal/testkit"
)

func newService(w *testkit.World) *org.Service {
	return org.New(w.Store, w.Clock, func() *cursor.Codec { return cursor.New(w.Keyring.Ring().Secrets(keys.Cursor, 0)) })
}

func TestRequire(t *testing.T) {
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s := newService(w)
		otherRegion := w.NewOrg(t, w.Root, enum.OrgRegion)
		nested := w.NewOrg(t, w.Region, enum.OrgRegion)
		deep := w.NewOrg(t, nested, enum.OrgStore)
		foreign := *w
		foreign.Brand = w.NewBrand(t)
		foreign.Root = foreign.NewOrg(t, nil, enum.OrgBrand)
		allowed := func(role auth.Role, at *ent.Org, c auth.Capability, of *ent.Org) bool {
			_, v := w.NewStaff(t, auth.Console, at, role)
			err := s.Require(testkit.As(t, v), c, of.ID)
			if err != nil {
				require.Equal(t, apperr.NotFound, apperr.CodeOf(err))
			}
			return err == nil
		}
		require.True(t, allowed(auth.Admin, w.Root, auth.WriteOrgs, w.Root))
		require.True(t, allowed(auth.Admin, w.Root, auth.WriteOrgs, deep))
		require.True(t, allowed(auth.Admin, w.Region, auth.WriteOrgs, deep))
		require.True(t, allowed(auth.Admin, w.Region, auth.WriteOrgs, w.Region))
		require.False(t, allowed(auth.Admin, w.Region, auth.WriteOrgs, w.Root), "above")
		require.False(t, allowed(auth.Admin, w.Region, auth.WriteOrgs, otherRegion), "beside")
		require.False(t, allowed(auth.Admin, nested, auth.WriteOrgs, w.Store1))
		require.False(t, allowed(auth.Admin, w.Root, auth.WriteOrgs, foreign.Root), "another brand")
		require.False(t, allowed(auth.Clerk, w.Store1, auth.WriteOrgs, w.Store1), "the role has it nowhere")
		require.True(t, allowed(auth.Clerk, w.Store1, auth.RedeemCoupons, w.Store1))
		require.False(t, allowed(auth.Clerk, w.Store1, auth.RedeemCoupons, w.Store2), "another store")
		require.True(t, allowed(auth.Owner, w.Distributor, auth.ReadOrgs, w.Store1), "a store it serves")
		require.False(t, allowed(auth.Owner, w.Distributor, auth.ReadOrgs, w.Store2), "a store that it does not")
		require.False(t, allowed(auth.Owner, w.Distributor, auth.ReadOrgs, w.Region))

		_, v := w.NewStaff(t, auth.Console, w.Root, auth.Admin)
		require.Equal(t, apperr.NotFound, apperr.CodeOf(s.Require(testkit.As(t, v), auth.WriteOrgs, 0)))
		require.Equal(t, apperr.NotFound, apperr.CodeOf(s.Require(t.Context(), auth.WriteOrgs, w.Root.ID)), "nobody")
		require.NoError(t, s.StoreInScope(testkit.As(t, v), auth.ReadOrgs, w.Store1.ID))
		require.Equal(t, apperr.NotFound, apperr.CodeOf(s.StoreInScope(testkit.As(t, v), auth.ReadOrgs, w.Region.ID)), "no store")

		// Two roles, one of which has the capability at another place.
		v.Assignments = []auth.Assignment{{OrgID: w.Store1.ID, Role: auth.Clerk}, {OrgID: w.Store2.ID, Role: auth.Manager}}
		require.NoError(t, s.Require(testkit.As(t, v), auth.ReverseRedemptions, w.Store2.ID))
		require.Equal(t, apperr.NotFound, apperr.CodeOf(s.Require(testkit.As(t, v), auth.ReverseRedemptions, w.Store1.ID)))
	})
}

func TestPlace(t *testing.T) {
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s := newService(w)
		ctx := auth.System(t.Context(), w.Brand.ID)
		covers := func(store *ent.Org, scope ...*ent.Org) bool {
			var ids []int64
			for _, o := range scope {
				ids = append(ids, o.ID)
			}
			place, err := s.Place(ctx, store.ID)
			require.NoError(t, err)
			require.Equal(t, store.ID, place.ID)
			ok, err := place.Covers(ctx, ids, true)
			require.NoError(t, err)
			return ok
		}
		require.True(t, covers(w.Store1, w.Store1))
		require.True(t, covers(w.Store1, w.Region))
		require.True(t, covers(w.Store1, w.Root))
		require.True(t, covers(w.Store1, w.Distributor))
		require.True(t, covers(w.Store1, w.Store2, w.Distributor))
		require.False(t, covers(w.Store2, w.Distributor))
		require.False(t, covers(w.Store1, w.Store2))
		require.False(t, covers(w.Store1))
		for _, elsewhere := range []struct{ brandID, storeID int64 }{{w.Brand.ID, w.Region.ID}, {w.Brand.ID, 0}, {w.NewBrand(t).ID, w.Store1.ID}} {
			_, err := s.Place(auth.System(t.Context(), elsewhere.brandID), elsewhere.storeID)
			require.Equal(t, apperr.NotFound, apperr.CodeOf(err))
		}
		place, err := s.Place(ctx, w.Store1.ID)
		require.NoError(t, err)
		ok, err := place.Covers(ctx, []int64{w.Distributor.ID}, false)
		require.NoError(t, err)
		require.False(t, ok)
		for _, c := range []struct {
			org        *ent.Org
			role       auth.Role
			capability auth.Capability
			code       apperr.Code
		}{
			{w.Store1, auth.Clerk, auth.RedeemCoupons, ""}, {w.Region, auth.Manager, auth.RedeemCoupons, ""}, {w.Store2, auth.Clerk, auth.RedeemCoupons, apperr.NotFound},
			{w.Store1, auth.Guide, auth.RedeemCoupons, apperr.NotFound}, {w.Distributor, auth.Owner, auth.RedeemCoupons, apperr.NotFound},
			{w.Distributor, auth.Owner, auth.ReadRedemptions, ""},
		} {
			_, v := w.NewStaff(t, auth.Staff, c.org, c.role)
			require.Equal(t, c.code, apperr.CodeOf(place.Require(testkit.As(t, v), c.capability)))
			require.Equal(t, c.code, apperr.CodeOf(s.StoreInScope(testkit.As(t, v), c.capability, w.Store1.ID)), "the same by one statement")
		}
	})
}

func TestScopePredicate(t *testing.T) {
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		_, v := w.NewStaff(t, auth.Mall, w.Distributor, auth.Owner)
		ctx := testkit.As(t, v)
		within := auth.WithinBrand(ctx)
		n, err := w.Store.Client(within).Org.Query().Where(org.ScopePredicate(ctx, auth.ReadOrgs, "id")).Count(within)
		require.NoError(t, err)
		require.Equal(t, 2, n, "itself and the store that it serves")
		n, err = w.Store.Client(within).Org.Query().Where(org.ScopePredicate(ctx, auth.WriteOrgs, "id")).Count(within)
		require.NoError(t, err)
		require.Zero(t, n)
	})
}

func TestScope(t *testing.T) {
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s := newService(w)
		nested := w.NewOrg(t, w.Region, enum.OrgRegion)
		deep := w.NewOrg(t, nested, enum.OrgStore)
		beside := w.NewOrg(t, w.Root, enum.OrgRegion)
		foreign := *w
		foreign.Brand = w.NewBrand(t)
		foreign.NewOrg(t, nil, enum.OrgBrand)
		agree := func(c auth.Capability, statements int, roles ...auth.Assignment) int {
			t.Helper()
			_, v := w.NewStaff(t, auth.Console, w.Root, auth.Clerk)
			v.Assignments = roles
			ctx := testkit.As(t, v)
			counted, list := store.CollectStatements(ctx)
			scope, err := s.Scope(counted, c, orgrow.FieldID)
			require.NoError(t, err)
			require.Len(t, list.List(), statements)
			within := auth.WithinBrand(ctx)
			found := w.Store.Client(within).Org.Query().Where(scope).Order(orgrow.ByID()).IDsX(within)
			require.Equal(t, w.Store.Client(within).Org.Query().Where(org.ScopePredicate(ctx, c, orgrow.FieldID)).Order(orgrow.ByID()).IDsX(within), found)
			return len(found)
		}
		at := func(o *ent.Org) auth.Assignment { return auth.Assignment{OrgID: o.ID, Role: auth.Admin} }
		for range 2 {
			require.Zero(t, agree(auth.ReadOrgs, 0))
			require.Zero(t, agree(auth.WriteOrgs, 0, auth.Assignment{OrgID: w.Root.ID, Role: auth.Clerk}))
			require.Equal(t, 1, agree(auth.WriteOrgs, 2, at(w.Distributor)), "not at the stores it serves")
			require.Equal(t, 1, agree(auth.ReadOrgs, 2, at(w.Store2)))
			require.Equal(t, 2, agree(auth.ReadOrgs, 2, at(w.Distributor)))
			require.Equal(t, 3, agree(auth.ReadOrgs, 2, at(w.Distributor), at(deep)))
			require.Equal(t, 2, agree(auth.ReadOrgs, 2, at(nested)))
			require.Zero(t, agree(auth.ReadOrgs, 1, auth.Assignment{OrgID: 1, Role: auth.Admin}))
			all := w.Store.Client(auth.System(t.Context(), w.Brand.ID)).Org.Query().CountX(auth.System(t.Context(), w.Brand.ID))
			require.Equal(t, all, agree(auth.ReadOrgs, 1, at(w.Root), at(w.Store1)))
			require.Equal(t, all-3, agree(auth.ReadOrgs, 2, at(w.Region)), "all but root, distributor and the region beside")
			for range 100 { // more than a list names
				w.NewOrg(t, w.Region, enum.OrgStore)
			}
		}
		require.Equal(t, 1, agree(auth.ReadOrgs, 2, at(beside)))
	})
}
