package org_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/org"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/cursor"
	"dongxiao/internal/keys"
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

func TestStoreCovers(t *testing.T) {
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s := newService(w)
		ctx := auth.System(t.Context(), w.Brand.ID)
		covers := func(store *ent.Org, scope ...*ent.Org) bool {
			var ids []int64
			for _, o := range scope {
				ids = append(ids, o.ID)
			}
			ok, err := s.StoreCovers(ctx, ids, store.ID)
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
		require.False(t, covers(w.Region, w.Region), "no store")
		other := w.NewBrand(t)
		ok, err := s.StoreCovers(auth.System(t.Context(), other.ID), []int64{w.Store1.ID}, w.Store1.ID)
		require.NoError(t, err)
		require.False(t, ok)
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
