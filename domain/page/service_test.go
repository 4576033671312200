package page_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/org"
	"dongxiao/domain/page"
	"dongxiao/ent/auditentry"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/cursor"
	"dongxiao/internal/ids"
	"dongxiao/internal/keys"
	"dongxiao/internal/store"
	"dongxiao/internal/testkit"
)

func newService(w *testkit.World) *page.Service {
	orgs := org.New(w.Store, w.Clock, func() *cursor.Codec { return cursor.New(w.Keyring.Ring().Secrets(keys.Cursor, 0)) })
	return page.New(w.Store, orgs, org.NewRoots(w.Store))
}

func marketer(t *testing.T, w *testkit.World) context.Context {
	_, v := w.NewStaff(t, auth.Console, w.Root, auth.Marketer)
	return testkit.As(t, v)
}

func visitor(w *testkit.World, appID int64) auth.Viewer {
	return auth.Viewer{Reach: auth.ReachPublic, BrandID: w.Brand.ID, AppID: appID, Face: auth.Storefront}
}

// home is a valid new page of the root.
func home(w *testkit.World) page.Change {
	return page.Change{OrgID: w.Root.ID, Slug: "home", Title: "首页", State: enum.PagePublished, Blocks: []document.Block{
		{Kind: document.BlockBanner, Title: "新品", ImageURL: "https://img.example/a.png", Target: "/pages/new?from=home"},
		{Kind: document.BlockProducts, Title: "热卖", Limit: 10},
		{Kind: document.BlockCoupons, Limit: 5},
		{Kind: document.BlockStores},
		{Kind: document.BlockText, Text: "饮酒有度\n未成年人不得饮酒"},
	}}
}

func TestPageOfTheBrandAndOfTheAppsRegion(t *testing.T) {
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s := newService(w)
		ctx := marketer(t, w)
		system := auth.System(t.Context(), w.Brand.ID)
		regional := w.Store.Client(system).App.Create().SetOrgID(w.Region.ID).SetFace(auth.Storefront).SetWechatAppID("wx" + rand.Text()[:16]).
			SetName("区域").SetSecretSealed([]byte("sealed")).SaveX(system)
		atBrand, atRegion := testkit.As(t, visitor(w, w.Apps[auth.Storefront].ID)), testkit.As(t, visitor(w, regional.ID))

		for _, ctx := range []context.Context{atBrand, atRegion} {
			_, err := s.Page(ctx, "home")
			require.Equal(t, apperr.NotFound, apperr.CodeOf(err))
		}
		brands, err := s.Save(ctx, home(w))
		require.NoError(t, err)
		require.Equal(t, 1, brands.Version)
		for _, ctx := range []context.Context{atBrand, atRegion} {
			got, err := s.Page(ctx, "home")
			require.NoError(t, err)
			require.Equal(t, brands.ID, got.ID)
			require.Equal(t, home(w).Blocks, got.Blocks)
		}

		draft := home(w)
		draft.OrgID, draft.State = w.Region.ID, enum.PageDraft
		regions, err := s.Save(ctx, draft)
		require.NoError(t, err)
		got, err := s.Page(atRegion, "home")
		require.NoError(t, err)
		require.Equal(t, brands.ID, got.ID, "a draft is not shown")
		draft.State, draft.Version = enum.PagePublished, 1
		_, err = s.Save(ctx, draft)
		require.NoError(t, err)

		counted, statements := store.CollectStatements(atRegion)
		got, err = s.Page(counted, "home")
		require.NoError(t, err)
		require.Len(t, statements.List(), 1)
		require.Equal(t, regions.ID, got.ID, "the region's stands in")
		got, err = s.Page(atBrand, "home")
		require.NoError(t, err)
		require.Equal(t, brands.ID, got.ID, "a region's page is for its own app")

		// Even who may read drafts gets the published one.
		brandsDraft := home(w)
		brandsDraft.Slug, brandsDraft.State = "spring", enum.PageDraft
		_, err = s.Save(ctx, brandsDraft)
		require.NoError(t, err)
		_, err = s.Page(ctx, "spring")
		require.Equal(t, apperr.NotFound, apperr.CodeOf(err))
		for _, slug := range []string{"", "Home", "home ", "../home", strings.Repeat("a", 33), "' OR 1=1"} {
			_, err = s.Page(atBrand, slug)
			require.Equal(t, apperr.NotFound, apperr.CodeOf(err))
		}

		other := *w
		other.Brand = w.NewBrand(t)
		other.Root = other.NewOrg(t, nil, enum.OrgBrand)
		_, err = s.Page(testkit.As(t, visitor(&other, 0)), "home")
		require.Equal(t, apperr.NotFound, apperr.CodeOf(err), "another brand")
	})
}

func TestSaveRefusesAndChangesNothing(t *testing.T) {
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s := newService(w)
		system := auth.System(t.Context(), w.Brand.ID)
		ctx := marketer(t, w)
		saved, err := s.Save(ctx, home(w))
		require.NoError(t, err)
		entries := func() int { return w.Store.Client(system).AuditEntry.Query().CountX(system) }
		before := entries()
		block := func(change func(*document.Block)) func(*page.Change) {
			return func(c *page.Change) { change(&c.Blocks[0]) }
		}
		shelf := func(limit int) func(*page.Change) { return func(c *page.Change) { c.Blocks[1].Limit = limit } }
		long := strings.Repeat("长", 65)
		for name, test := range map[string]struct {
			change func(*page.Change)
			code   apperr.Code
			field  []string
		}{
			"slug":               {func(c *page.Change) { c.Slug = "Home!" }, apperr.InvalidInput, []string{"input", "slug"}},
			"no title":           {func(c *page.Change) { c.Title = " " }, apperr.InvalidInput, []string{"input", "title"}},
			"long title":         {func(c *page.Change) { c.Title = long }, apperr.InvalidInput, []string{"input", "title"}},
			"control character":  {func(c *page.Change) { c.Title = "a\x00b" }, apperr.InvalidInput, []string{"input", "title"}},
			"two lines":          {func(c *page.Change) { c.Title = "a\nb" }, apperr.InvalidInput, []string{"input", "title"}},
			"state":              {func(c *page.Change) { c.State = "SHOWN" }, apperr.InvalidInput, []string{"input", "state"}},
			"negative version":   {func(c *page.Change) { c.Version = -1 }, apperr.InvalidInput, []string{"input", "version"}},
			"31 blocks":          {func(c *page.Change) { c.Blocks = make([]document.Block, 31) }, apperr.InvalidInput, []string{"input", "blocks"}},
			"block kind":         {block(func(b *document.Block) { b.Kind = "VIDEO" }), apperr.InvalidInput, []string{"input", "blocks", "0", "kind"}},
			"block title":        {block(func(b *document.Block) { b.Title = long }), apperr.InvalidInput, []string{"input", "blocks", "0", "title"}},
			"block text":         {block(func(b *document.Block) { b.Text = strings.Repeat("长", 1001) }), apperr.InvalidInput, []string{"input", "blocks", "0", "text"}},
			"no picture":         {block(func(b *document.Block) { b.ImageURL = "" }), apperr.InvalidInput, []string{"input", "blocks", "0", "imageUrl"}},
			"http":               {block(func(b *document.Block) { b.ImageURL = "http://img.example/a" }), apperr.InvalidInput, []string{"input", "blocks", "0", "imageUrl"}},
			"script":             {block(func(b *document.Block) { b.ImageURL = "javascript:alert(1)" }), apperr.InvalidInput, []string{"input", "blocks", "0", "imageUrl"}},
			"password":           {block(func(b *document.Block) { b.ImageURL = "https://u:p@img.example/a" }), apperr.InvalidInput, []string{"input", "blocks", "0", "imageUrl"}},
			"no host":            {block(func(b *document.Block) { b.ImageURL = "https:///a" }), apperr.InvalidInput, []string{"input", "blocks", "0", "imageUrl"}},
			"long address":       {block(func(b *document.Block) { b.ImageURL = "https://img.example/" + long + strings.Repeat("a", 500) }), apperr.InvalidInput, []string{"input", "blocks", "0", "imageUrl"}},
			"target":             {block(func(b *document.Block) { b.Target = "https://evil.example" }), apperr.InvalidInput, []string{"input", "blocks", "0", "target"}},
			"target of a host":   {block(func(b *document.Block) { b.Target = "//evil.example" }), apperr.InvalidInput, []string{"input", "blocks", "0", "target"}},
			"limit of a banner":  {block(func(b *document.Block) { b.Limit = 1 }), apperr.InvalidInput, []string{"input", "blocks", "0", "limit"}},
			"shelf of nothing":   {shelf(0), apperr.InvalidInput, []string{"input", "blocks", "1", "limit"}},
			"shelf too long":     {shelf(21), apperr.InvalidInput, []string{"input", "blocks", "1", "limit"}},
			"text of nothing":    {func(c *page.Change) { c.Blocks[4].Text = " " }, apperr.InvalidInput, []string{"input", "blocks", "4", "text"}},
			"no org":             {func(c *page.Change) { c.OrgID = 0 }, apperr.NotFound, nil},
			"no such page":       {func(c *page.Change) { c.Slug, c.Version = "other", 1 }, apperr.NotFound, nil},
			"new, but there":     {func(c *page.Change) { c.Version = 0 }, apperr.Conflict, nil},
			"a version too high": {func(c *page.Change) { c.Version = 2 }, apperr.Conflict, nil},
		} {
			change := home(w)
			change.Version = 1
			test.change(&change)
			_, err := s.Save(ctx, change)
			require.Equal(t, test.code, apperr.CodeOf(err), name)
			require.Equal(t, test.field, err.(*apperr.Error).Field, name)
		}
		for name, at := range map[string]context.Context{
			"a role without the capability": staff(t, w, auth.Clerk),
			"another region":                staff(t, w, auth.Marketer),
			"a visitor":                     testkit.As(t, visitor(w, w.Apps[auth.Storefront].ID)),
		} {
			change := home(w)
			change.Version = 1
			_, err := s.Save(at, change)
			require.Equal(t, apperr.NotFound, apperr.CodeOf(err), name)
		}
		now := w.Store.Client(system).Page.Query().OnlyX(system)
		require.Equal(t, saved.ID, now.ID)
		require.Equal(t, 1, now.Version)
		require.Equal(t, home(w).Blocks, now.Blocks)
		require.Equal(t, before, entries())
	})
}

// staff holds the role at the region only.
func staff(t *testing.T, w *testkit.World, role auth.Role) context.Context {
	_, v := w.NewStaff(t, auth.Console, w.Region, role)
	return testkit.As(t, v)
}

func TestSaveIsAudited(t *testing.T) {
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s := newService(w)
		ctx := marketer(t, w)
		_, err := s.Save(ctx, home(w))
		require.NoError(t, err)
		change := home(w)
		change.Version, change.Title, change.Blocks = 1, "新首页", nil
		saved, err := s.Save(ctx, change)
		require.NoError(t, err)
		require.Equal(t, 2, saved.Version)
		system := auth.System(t.Context(), w.Brand.ID)
		entries := w.Store.Client(system).AuditEntry.Query().Where(auditentry.Subject(ids.Encode(ids.Page, saved.ID))).Order(auditentry.ByID()).AllX(system)
		require.Len(t, entries, 2)
		require.Equal(t, "pageSave", entries[0].Action)
		require.Equal(t, auth.FromContext(ctx).PersonID, entries[0].PersonID)
		require.Empty(t, entries[0].Before)
		require.JSONEq(t, `"首页"`, string(entries[0].After["title"]))
		require.JSONEq(t, `"首页"`, string(entries[1].Before["title"]))
		require.JSONEq(t, `"新首页"`, string(entries[1].After["title"]))
		require.JSONEq(t, `2`, string(entries[1].After["version"]))
	})
}

func TestRaceOfChangesOnOneVersionKeepsOne(t *testing.T) {
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s := newService(w)
		ctx := marketer(t, w)
		system := auth.System(t.Context(), w.Brand.ID)
		for version := range 3 { // the first race is one of creations
			outcomes := make([]error, 32)
			var all sync.WaitGroup
			for i := range outcomes {
				all.Go(func() {
					change := home(w)
					change.Version, change.Title = version, fmt.Sprintf("第 %d 版 %d", version, i)
					_, outcomes[i] = s.Save(ctx, change)
				})
			}
			all.Wait()
			won := -1
			for i, err := range outcomes {
				if err == nil {
					require.Equal(t, -1, won, "two changes of one version")
					won = i
					continue
				}
				require.Equal(t, apperr.Conflict, apperr.CodeOf(err), "%v", err)
			}
			require.NotEqual(t, -1, won)
			now := w.Store.Client(system).Page.Query().OnlyX(system)
			require.Equal(t, version+1, now.Version)
			require.Equal(t, fmt.Sprintf("第 %d 版 %d", version, won), now.Title)
			require.Equal(t, version+1, w.Store.Client(system).AuditEntry.Query().CountX(system))
		}
	})
}
