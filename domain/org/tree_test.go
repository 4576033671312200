package org_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/org"
	"dongxiao/ent"
	"dongxiao/ent/auditentry"
	"dongxiao/ent/enum"
	orgrow "dongxiao/ent/org"
	"dongxiao/internal/apperr"
	"dongxiao/internal/geo"
	"dongxiao/internal/testkit"
)

func storeDetails() *org.Details {
	return &org.Details{Type: enum.StoreLiquor, Tier: enum.TierCore, City: " 昆明 ", Address: "人民中路 8 号", Phone: "0871-6310 0000",
		Coordinate: geo.Coordinate{Latitude: 25.04, Longitude: 102.71, System: geo.WGS84}, RadiusMetres: 3000,
		Hours: []org.Opening{{Weekday: time.Sunday, Open: "08:30", Close: "22:30"}, {Weekday: time.Saturday, Open: "20:00", Close: "02:00"}}}
}

// counts are the rows that a refusal must leave alone.
func counts(t *testing.T, w *testkit.World) [4]int {
	t.Helper()
	ctx := auth.System(t.Context(), w.Brand.ID)
	c := w.Store.Client(ctx)
	return [4]int{c.Org.Query().CountX(ctx), c.Territory.Query().CountX(ctx), c.AuditEntry.Query().CountX(ctx), c.IdempotencyKey.Query().CountX(ctx)}
}

func TestCreate(t *testing.T) {
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s := newService(w)
		_, v := w.NewStaff(t, auth.Console, w.Region, auth.Admin)
		ctx := testkit.As(t, v)
		in := org.CreateInput{ParentID: w.Region.ID, Kind: enum.OrgStore, Code: "KM-0001", Name: " 云岭春体验店 ", Store: storeDetails(), IdempotencyKey: "create-store-1"}
		created, err := s.Create(ctx, in)
		require.NoError(t, err)
		require.Equal(t, w.Brand.ID, created.BrandID)
		require.Equal(t, "云岭春体验店", created.Name)
		require.Equal(t, "昆明", created.City)
		require.Equal(t, enum.OrgActive, created.State)
		require.True(t, strings.HasPrefix(created.Path, w.Region.Path) && created.Path > w.Region.Path)
		wanted := in.Store.Coordinate.ToGCJ02()
		require.InDelta(t, wanted.Latitude, created.Latitude, 1e-9)
		require.InDelta(t, wanted.Longitude, created.Longitude, 1e-9)
		require.NotEqual(t, 25.04, created.Latitude, "converted")
		require.Equal(t, geo.Cell(wanted), created.Cell)
		require.Equal(t, "08:30–22:30", org.StoreOf(created).HoursOn(time.Sunday))
		require.Equal(t, "20:00–02:00", org.StoreOf(created).HoursOn(time.Saturday))
		require.Empty(t, org.StoreOf(created).HoursOn(time.Monday))

		within := auth.System(t.Context(), w.Brand.ID)
		entry := w.Store.Client(within).AuditEntry.Query().Where(auditentry.Action("orgCreate")).OnlyX(within)
		require.Equal(t, created.ID, entry.OrgID)
		require.Equal(t, v.PersonID, entry.PersonID)
		require.Equal(t, created.NodeID().String(), entry.Subject)
		require.Nil(t, entry.Before)
		require.JSONEq(t, `"KM-0001"`, string(entry.After["code"]))

		before := counts(t, w)
		again, err := s.Create(ctx, in)
		require.NoError(t, err)
		require.Equal(t, created.ID, again.ID, "a repeat answers")
		changed := in
		changed.Name = "另一家"
		_, err = s.Create(ctx, changed)
		require.Equal(t, apperr.IdempotencyKeyReused, apperr.CodeOf(err))
		require.Equal(t, before, counts(t, w))

		in.IdempotencyKey = "create-store-2"
		_, err = s.Create(ctx, in)
		require.Equal(t, apperr.OrgCodeTaken, apperr.CodeOf(err))
		require.Equal(t, before, counts(t, w))
		in.Code = "km-0001"
		other, err := s.Create(ctx, in)
		require.NoError(t, err, "codes differ by case; a refused key may be tried again")
		require.NotEqual(t, created.ID, other.ID)
	})
}

func TestCreateRefuses(t *testing.T) {
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s := newService(w)
		_, v := w.NewStaff(t, auth.Console, w.Region, auth.Admin)
		_, clerk := w.NewStaff(t, auth.Staff, w.Store1, auth.Clerk)
		closed := w.NewOrg(t, w.Region, enum.OrgRegion)
		within := auth.System(t.Context(), w.Brand.ID)
		w.Store.Client(within).Org.UpdateOne(closed).SetState(enum.OrgClosed).ExecX(within)
		foreign := *w
		foreign.Brand = w.NewBrand(t)
		foreignRoot := foreign.NewOrg(t, nil, enum.OrgBrand)
		before := counts(t, w)
		for name, c := range map[string]struct {
			change func(*org.CreateInput)
			as     auth.Viewer
			code   apperr.Code
			field  string
		}{
			"no name":             {func(in *org.CreateInput) { in.Name = "  " }, v, apperr.InvalidInput, "name"},
			"long name":           {func(in *org.CreateInput) { in.Name = strings.Repeat("店", 65) }, v, apperr.InvalidInput, "name"},
			"control characters":  {func(in *org.CreateInput) { in.Name = "a\x00b" }, v, apperr.InvalidInput, "name"},
			"no UTF-8":            {func(in *org.CreateInput) { in.Name = "a\xffb" }, v, apperr.InvalidInput, "name"},
			"no code":             {func(in *org.CreateInput) { in.Code = "" }, v, apperr.InvalidInput, "code"},
			"long code":           {func(in *org.CreateInput) { in.Code = strings.Repeat("1", 33) }, v, apperr.InvalidInput, "code"},
			"code with a space":   {func(in *org.CreateInput) { in.Code = "a b" }, v, apperr.InvalidInput, "code"},
			"no details":          {func(in *org.CreateInput) { in.Store = nil }, v, apperr.InvalidInput, "store"},
			"details of a region": {func(in *org.CreateInput) { in.Kind = enum.OrgRegion }, v, apperr.InvalidInput, "store"},
			"no city":             {func(in *org.CreateInput) { in.Store.City = "" }, v, apperr.InvalidInput, "store.city"},
			"long address":        {func(in *org.CreateInput) { in.Store.Address = strings.Repeat("路", 256) }, v, apperr.InvalidInput, "store.address"},
			"phone":               {func(in *org.CreateInput) { in.Store.Phone = "call me" }, v, apperr.InvalidInput, "store.phone"},
			"radius":              {func(in *org.CreateInput) { in.Store.RadiusMetres = 50_001 }, v, apperr.InvalidInput, "store.radiusMetres"},
			"negative radius":     {func(in *org.CreateInput) { in.Store.RadiusMetres = -1 }, v, apperr.InvalidInput, "store.radiusMetres"},
			"latitude":            {func(in *org.CreateInput) { in.Store.Coordinate.Latitude = 91 }, v, apperr.CoordinateOutOfRange, "store.coordinate"},
			"two corners":         {func(in *org.CreateInput) { in.Store.Polygon = make(geo.Polygon, 2) }, v, apperr.InvalidInput, "store.polygon"},
			"hours":               {func(in *org.CreateInput) { in.Store.Hours[0].Open = "8:30" }, v, apperr.InvalidInput, "store.hours"},
			"weekday":             {func(in *org.CreateInput) { in.Store.Hours[0].Weekday = 7 }, v, apperr.InvalidInput, "store.hours"},
			"overlap":             {func(in *org.CreateInput) { in.Store.Hours = append(in.Store.Hours, in.Store.Hours[0]) }, v, apperr.InvalidInput, "store.hours"},
			"key":                 {func(in *org.CreateInput) { in.IdempotencyKey = "short" }, v, apperr.IdempotencyKeyInvalid, "idempotencyKey"},
			"no parent":           {func(in *org.CreateInput) { in.ParentID = 0 }, v, apperr.NotFound, "parentId"},
			"above the scope":     {func(in *org.CreateInput) { in.ParentID = w.Root.ID }, v, apperr.NotFound, "parentId"},
			"another brand":       {func(in *org.CreateInput) { in.ParentID = foreignRoot.ID }, v, apperr.NotFound, "parentId"},
			"no right":            {func(in *org.CreateInput) { in.ParentID = w.Store1.ID }, clerk, apperr.NotFound, "parentId"},
			"below a store":       {func(in *org.CreateInput) { in.ParentID = w.Store1.ID }, v, apperr.OrgKindInvalid, "kind"},
			"below what closed":   {func(in *org.CreateInput) { in.ParentID = closed.ID }, v, apperr.OrgKindInvalid, "kind"},
			"a second brand":      {func(in *org.CreateInput) { in.Kind, in.Store = enum.OrgBrand, nil }, v, apperr.OrgKindInvalid, "kind"},
		} {
			in := org.CreateInput{ParentID: w.Region.ID, Kind: enum.OrgStore, Code: "KM-0001", Name: "店", Store: storeDetails(), IdempotencyKey: "create-refused"}
			c.change(&in)
			_, err := s.Create(testkit.As(t, c.as), in)
			require.Equal(t, c.code, apperr.CodeOf(err), name)
			refusal := err.(*apperr.Error)
			require.Equal(t, "input."+c.field, strings.Join(refusal.Field, "."), name)
		}
		require.Equal(t, before, counts(t, w))
		for _, kind := range []enum.OrgKind{enum.OrgRegion, enum.OrgDistributor} {
			_, err := s.Create(testkit.As(t, v), org.CreateInput{ParentID: w.Region.ID, Kind: kind, Code: string(kind), Name: "大区", IdempotencyKey: "create-" + string(kind)})
			require.NoError(t, err)
		}
	})
}

func TestUpdate(t *testing.T) {
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s := newService(w)
		_, v := w.NewStaff(t, auth.Console, w.Region, auth.Admin)
		ctx := testkit.As(t, v)
		within := auth.System(t.Context(), w.Brand.ID)
		entries := func() []*ent.AuditEntry {
			return w.Store.Client(within).AuditEntry.Query().Where(auditentry.Action("orgUpdate")).Order(auditentry.ByID()).AllX(within)
		}
		refused := func(code apperr.Code, in org.UpdateInput) {
			t.Helper()
			before := counts(t, w)
			_, err := s.Update(ctx, in)
			require.Equal(t, code, apperr.CodeOf(err))
			require.Equal(t, before, counts(t, w))
		}
		closed := enum.OrgClosed
		refused(apperr.NotFound, org.UpdateInput{ID: w.Root.ID, Name: new("名")})
		refused(apperr.NotFound, org.UpdateInput{ID: w.Distributor.ID, Name: new("名")})
		refused(apperr.InvalidInput, org.UpdateInput{ID: w.Store1.ID, Name: new("")})
		refused(apperr.InvalidInput, org.UpdateInput{ID: w.Region.ID, Store: storeDetails()})
		refused(apperr.InvalidInput, org.UpdateInput{ID: w.Store1.ID, Name: new("名"), Reason: strings.Repeat("因", 256)})
		refused(apperr.ReasonRequired, org.UpdateInput{ID: w.Store1.ID, State: &closed, Reason: " "})

		same, err := s.Update(ctx, org.UpdateInput{ID: w.Store1.ID, Name: &w.Store1.Name})
		require.NoError(t, err)
		require.Equal(t, w.Store1.ID, same.ID)
		require.Empty(t, entries(), "nothing changed")

		details := storeDetails()
		corner := func(latitude, longitude float64) geo.Coordinate {
			return geo.Coordinate{Latitude: latitude, Longitude: longitude, System: geo.GCJ02}
		}
		details.Polygon = geo.Polygon{corner(25, 102), corner(25, 103), corner(26, 102)}
		updated, err := s.Update(ctx, org.UpdateInput{ID: w.Store1.ID, Name: new("新名"), Store: details})
		require.NoError(t, err)
		require.Equal(t, "新名", updated.Name)
		require.Len(t, updated.Polygon, 3)
		require.Zero(t, updated.RadiusMetres, "a polygon stands in for the radius")
		require.NotZero(t, updated.Cell)
		require.Len(t, entries(), 1)
		require.JSONEq(t, `"新名"`, string(entries()[0].After["name"]))
		require.Contains(t, entries()[0].Before, "name")
		require.NotContains(t, entries()[0].After, "state", "only what changed")
		require.NotContains(t, entries()[0].After, "tier", "only what changed")

		gone, err := s.Update(ctx, org.UpdateInput{ID: w.Store1.ID, State: &closed, Reason: " 搬迁 "})
		require.NoError(t, err)
		require.Equal(t, enum.OrgClosed, gone.State)
		require.Equal(t, "搬迁", entries()[1].Reason)
		_, err = s.Update(ctx, org.UpdateInput{ID: w.Store1.ID, State: &closed, Reason: "搬迁"})
		require.NoError(t, err, "closed already")
		require.Len(t, entries(), 2)
		active := enum.OrgActive
		refused(apperr.StoreClosed, org.UpdateInput{ID: w.Store1.ID, State: &active})
		refused(apperr.StoreClosed, org.UpdateInput{ID: w.Store1.ID, Name: new("再开")})

		_, root := w.NewStaff(t, auth.Console, w.Root, auth.Admin)
		ctx = testkit.As(t, root)
		refused(apperr.OrgKindInvalid, org.UpdateInput{ID: w.Root.ID, State: &closed, Reason: "x"})
	})
}

func TestAssign(t *testing.T) {
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s := newService(w)
		_, v := w.NewStaff(t, auth.Console, w.Root, auth.Admin)
		_, regional := w.NewStaff(t, auth.Console, w.Region, auth.Admin)
		ctx := testkit.As(t, v)
		other := w.NewOrg(t, w.Root, enum.OrgDistributor)
		first, second := &w.Distributor.ID, &other.ID
		assign := func(ctx context.Context, store *ent.Org, line string, to, expected *int64) (*ent.Territory, error) {
			return s.Assign(ctx, org.AssignInput{StoreID: store.ID, SKULine: line, DistributorID: to, ExpectedID: expected, Reason: "划区"})
		}
		refused := func(code apperr.Code, ctx context.Context, store *ent.Org, line string, to, expected *int64) {
			t.Helper()
			before := counts(t, w)
			_, err := assign(ctx, store, line, to, expected)
			require.Equal(t, code, apperr.CodeOf(err))
			require.Equal(t, before, counts(t, w))
		}
		row, err := assign(ctx, w.Store2, "classic", first, nil)
		require.NoError(t, err)
		require.Equal(t, *first, row.DistributorID)
		before := counts(t, w)
		_, err = assign(ctx, w.Store2, "classic", first, nil)
		require.NoError(t, err, "a repeat")
		_, err = assign(ctx, w.Store2, "classic", first, second)
		require.NoError(t, err, "as asked for already")
		require.Equal(t, before, counts(t, w))

		refused(apperr.TerritoryTaken, ctx, w.Store2, "classic", second, nil)
		refused(apperr.TerritoryTaken, ctx, w.Store2, "other line", first, first)
		refused(apperr.TerritoryTaken, ctx, w.Store2, "classic", nil, second)
		refused(apperr.TerritoryTaken, ctx, w.Store2, "classic", nil, nil)
		refused(apperr.NotFound, ctx, w.Region, "classic", first, nil)
		refused(apperr.NotFound, ctx, w.Store2, "classic", &w.Store1.ID, first)
		refused(apperr.NotFound, ctx, w.Store2, "classic", new(int64(0)), first)
		refused(apperr.NotFound, testkit.As(t, regional), w.Store2, "classic", second, first)
		refused(apperr.InvalidInput, ctx, w.Store2, "", first, nil)
		refused(apperr.InvalidInput, ctx, w.Store2, strings.Repeat("x", 33), first, nil)
		_, err = s.Assign(ctx, org.AssignInput{StoreID: w.Store2.ID, SKULine: "classic", DistributorID: second, ExpectedID: first})
		require.Equal(t, apperr.ReasonRequired, apperr.CodeOf(err))

		row, err = assign(ctx, w.Store2, "classic", second, first)
		require.NoError(t, err)
		require.Equal(t, *second, row.DistributorID)
		within := auth.System(t.Context(), w.Brand.ID)
		entry := w.Store.Client(within).AuditEntry.Query().Order(ent.Desc(auditentry.FieldID)).FirstX(within)
		require.Equal(t, w.Store2.ID, entry.OrgID)
		require.JSONEq(t, `"`+w.Distributor.NodeID().String()+`"`, string(entry.Before["distributor"]))
		require.JSONEq(t, `"`+other.NodeID().String()+`"`, string(entry.After["distributor"]))

		row, err = assign(ctx, w.Store2, "classic", nil, second)
		require.NoError(t, err)
		require.Nil(t, row)
		_, err = assign(ctx, w.Store2, "classic", nil, second)
		require.NoError(t, err, "nobody serves it already")

		w.Store.Client(within).Org.UpdateOne(other).SetState(enum.OrgClosed).ExecX(within)
		refused(apperr.InvalidInput, ctx, w.Store2, "classic", second, nil)
		w.Store.Client(within).Org.UpdateOne(w.Store2).SetState(enum.OrgClosed).ExecX(within)
		refused(apperr.StoreClosed, ctx, w.Store2, "classic", first, nil)
	})
}

func TestRaceAssign(t *testing.T) {
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s := newService(w)
		_, v := w.NewStaff(t, auth.Console, w.Root, auth.Admin)
		ctx := testkit.As(t, v)
		const n = 32
		distributors := []*ent.Org{w.Distributor, w.NewOrg(t, w.Root, enum.OrgDistributor)}
		var won atomic.Int64
		var group sync.WaitGroup
		for i := range n {
			group.Go(func() {
				to := distributors[i%2].ID
				row, err := s.Assign(ctx, org.AssignInput{StoreID: w.Store2.ID, SKULine: "classic", DistributorID: &to, Reason: "划区"})
				if err == nil && row.DistributorID == to {
					won.Add(1)
				} else if apperr.CodeOf(err) != apperr.TerritoryTaken {
					t.Error(err)
				}
			})
		}
		group.Wait()
		require.EqualValues(t, n/2, won.Load(), "the winner, and the repeats of the winner")
		within := auth.System(t.Context(), w.Brand.ID)
		require.Equal(t, 1, w.Store.Client(within).AuditEntry.Query().Where(auditentry.Action("territoryAssign")).CountX(within))
		require.Equal(t, 2, w.Store.Client(within).Territory.Query().CountX(within))
	})
}

func TestRaceCreate(t *testing.T) {
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s := newService(w)
		_, v := w.NewStaff(t, auth.Console, w.Root, auth.Admin)
		var group sync.WaitGroup
		found := make([]int64, 32)
		for i := range found {
			group.Go(func() {
				created, err := s.Create(testkit.As(t, v), org.CreateInput{ParentID: w.Root.ID, Kind: enum.OrgRegion, Code: "east", Name: "华东", IdempotencyKey: "one-key-for-all"})
				if err != nil {
					t.Error(err)
					return
				}
				found[i] = created.ID
			})
		}
		group.Wait()
		for _, id := range found {
			require.Equal(t, found[0], id)
		}
		within := auth.System(t.Context(), w.Brand.ID)
		require.Equal(t, 1, w.Store.Client(within).Org.Query().Where(orgrow.Code("east")).CountX(within))
	})
}

func TestLists(t *testing.T) {
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s := newService(w)
		_, v := w.NewStaff(t, auth.Console, w.Root, auth.Admin)
		within := auth.System(t.Context(), w.Brand.ID)
		for i, name := range []string{"100% 酒", "100 酒", `a\b`} {
			o := w.NewOrg(t, w.Region, enum.OrgStore)
			w.Store.Client(within).Org.UpdateOne(o).SetName(name).SetCode([]string{"zz_1", "zzA1", "zzB"}[i]).ExecX(within)
		}
		foreign := *w
		foreign.Brand = w.NewBrand(t)
		foreign.NewOrg(t, nil, enum.OrgBrand)
		list := func(v auth.Viewer, f org.Filter) []*ent.Org {
			t.Helper()
			var all []*ent.Org
			for after := (*string)(nil); ; {
				page, err := s.List(testkit.As(t, v), f, new(2), after)
				require.NoError(t, err)
				require.LessOrEqual(t, len(page.Nodes), 2)
				all = append(all, page.Nodes...)
				if !page.HasNext {
					return all
				}
				after = &page.EndCursor
			}
		}
		require.Len(t, list(v, org.Filter{}), 8)
		require.Len(t, list(v, org.Filter{Kind: new(enum.OrgStore)}), 5)
		require.Len(t, list(v, org.Filter{BelowID: &w.Region.ID}), 5)
		require.Len(t, list(v, org.Filter{Search: new("100%")}), 1, "a percent sign is a percent sign")
		require.Len(t, list(v, org.Filter{Search: new("100")}), 2)
		require.Len(t, list(v, org.Filter{Search: new("zz_")}), 1)
		require.Len(t, list(v, org.Filter{Search: new("zz")}), 3)
		require.Len(t, list(v, org.Filter{Search: new("ZZa")}), 1, "letters large or small")
		require.Len(t, list(v, org.Filter{Search: new(`A\`)}), 1)
		require.Empty(t, list(v, org.Filter{Search: new("z!")}))
		require.Len(t, list(v, org.Filter{Search: new(`a\`)}), 1)
		require.Empty(t, list(v, org.Filter{Search: new("%")}))
		_, clerk := w.NewStaff(t, auth.Staff, w.Store1, auth.Clerk)
		require.Len(t, list(clerk, org.Filter{}), 1)
		_, owner := w.NewStaff(t, auth.Mall, w.Distributor, auth.Owner)
		require.Len(t, list(owner, org.Filter{}), 2)
		_, regional := w.NewStaff(t, auth.Console, w.Region, auth.Marketer)
		require.Len(t, list(regional, org.Filter{}), 6)

		refused := func(code apperr.Code, f org.Filter, first *int, after *string) {
			t.Helper()
			_, err := s.List(testkit.As(t, regional), f, first, after)
			require.Equal(t, code, apperr.CodeOf(err))
		}
		refused(apperr.NotFound, org.Filter{BelowID: &w.Root.ID}, nil, nil)
		refused(apperr.NotFound, org.Filter{BelowID: new(int64(0))}, nil, nil)
		refused(apperr.InvalidInput, org.Filter{Search: new("")}, nil, nil)
		refused(apperr.PageSizeInvalid, org.Filter{}, new(101), nil)
		page, err := s.List(testkit.As(t, regional), org.Filter{}, new(1), nil)
		require.NoError(t, err)
		refused(apperr.CursorInvalid, org.Filter{Kind: new(enum.OrgStore)}, new(1), &page.EndCursor)

		territories, err := s.Territories(testkit.As(t, clerk), nil, nil, nil)
		require.NoError(t, err)
		require.Len(t, territories.Nodes, 1)
		territories, err = s.Territories(testkit.As(t, v), &w.Store2.ID, nil, nil)
		require.NoError(t, err)
		require.Empty(t, territories.Nodes)
		_, err = s.Territories(testkit.As(t, clerk), &w.Store2.ID, nil, nil)
		require.Equal(t, apperr.NotFound, apperr.CodeOf(err))
	})
}
