package catalog_test

import (
	"context"
	"crypto/rand"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/catalog"
	"dongxiao/domain/org"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/cursor"
	"dongxiao/internal/keys"
	"dongxiao/internal/listing"
	"dongxiao/internal/store"
	"dongxiao/internal/testkit"
)

func newService(w *testkit.World) *catalog.Service {
	return catalog.New(w.Store, org.NewRoots(w.Store), func() *cursor.Codec { return cursor.New(w.Keyring.Ring().Secrets(keys.Cursor, 0)) })
}

// product makes a shown product with so many SKUs.
func product(t *testing.T, w *testkit.World, position, skus int) (*ent.Product, []*ent.SKU) {
	t.Helper()
	ctx := auth.System(t.Context(), w.Brand.ID)
	p := w.Store.Client(ctx).Product.Create().SetCode(rand.Text()).SetName("云岭春 窖藏").SetCategory("白酒").SetSkuLine("classic").
		SetDescription("长长的说明").SetState(enum.ProductActive).SetPosition(position).SaveX(ctx)
	var made []*ent.SKU
	for range skus {
		made = append(made, w.Store.Client(ctx).SKU.Create().SetProductID(p.ID).SetCode(rand.Text()).SetName("500 毫升").SetCartonSize(6).
			SetMode(enum.SellInstant).SaveX(ctx))
	}
	return p, made
}

func price(t *testing.T, w *testkit.World, sku *ent.SKU, o *ent.Org, kind enum.PriceKind, fen, listFen int64) {
	t.Helper()
	ctx := auth.System(t.Context(), w.Brand.ID)
	w.Store.Client(ctx).Price.Create().SetSkuID(sku.ID).SetOrgID(o.ID).SetKind(kind).SetPriceFen(fen).SetListPriceFen(listFen).ExecX(ctx)
}

func stock(t *testing.T, w *testkit.World, sku *ent.SKU, o *ent.Org, quantity int64) {
	t.Helper()
	ctx := auth.System(t.Context(), w.Brand.ID)
	w.Store.Client(ctx).Stock.Create().SetSkuID(sku.ID).SetOrgID(o.ID).SetQuantity(quantity).ExecX(ctx)
}

// visitor is a viewer without a token.
func visitor(w *testkit.World) auth.Viewer {
	return auth.Viewer{Reach: auth.ReachPublic, BrandID: w.Brand.ID, AppID: w.Apps[auth.Storefront].ID, Face: auth.Storefront}
}

func of[T any](value T) *T { return &value }

func productIDs(page *listing.Page[*catalog.Product]) []int64 {
	var ids []int64
	for _, p := range page.Nodes {
		ids = append(ids, p.ID)
	}
	return ids
}

func TestProductsShowRetailPriceAndTheBrandsOwnStock(t *testing.T) {
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s := newService(w)
		p, skus := product(t, w, 1, 3)
		bare, _ := product(t, w, 2, 0)
		price(t, w, skus[0], w.Root, enum.PriceRetail, 12800, 15800)
		price(t, w, skus[1], w.Root, enum.PriceRetail, 0, 0)
		price(t, w, skus[2], w.Store1, enum.PriceRetail, 100, 0)
		price(t, w, skus[2], w.Root, enum.PriceDistributor, 50, 0)
		stock(t, w, skus[0], w.Root, 7)
		stock(t, w, skus[0], w.Store1, 1000)
		ctx := testkit.As(t, visitor(w))
		_, err := s.Products(ctx, nil, false, nil, nil) // the root org is read once
		require.NoError(t, err)
		ctx, statements := store.CollectStatements(ctx)
		page, err := s.Products(ctx, nil, false, of(10), nil)
		require.NoError(t, err)
		require.Len(t, statements.List(), 1)
		require.Equal(t, []int64{p.ID, bare.ID}, productIDs(page))
		require.False(t, page.HasNext)
		got := page.Nodes[0]
		require.Equal(t, p.Code, got.Code)
		require.Equal(t, "云岭春 窖藏", got.Name)
		require.Equal(t, enum.ProductActive, got.State)
		require.Empty(t, got.Description, "not asked for")
		require.Len(t, got.SKUs, 3)
		require.Empty(t, page.Nodes[1].SKUs)
		require.Equal(t, skus[0].ID, got.SKUs[0].ID)
		require.Equal(t, p.ID, got.SKUs[0].ProductID)
		require.Equal(t, 6, got.SKUs[0].CartonSize)
		require.EqualValues(t, 12800, got.SKUs[0].Price.Price)
		require.EqualValues(t, 15800, *got.SKUs[0].Price.ListPrice)
		require.EqualValues(t, 7, got.SKUs[0].Stock)
		require.EqualValues(t, 0, got.SKUs[1].Price.Price, "a price of nothing is a price")
		require.Nil(t, got.SKUs[1].Price.ListPrice)
		require.Nil(t, got.SKUs[2].Price, "another org's price and a trade price are no retail price")
		require.Zero(t, got.SKUs[2].Stock)

		page, err = s.Products(ctx, nil, true, of(1), nil)
		require.NoError(t, err)
		require.Equal(t, "长长的说明", page.Nodes[0].Description)
		require.True(t, page.HasNext)
	})
}

func TestHiddenProductsAndOtherBrandsAreNotSeen(t *testing.T) {
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s := newService(w)
		shown, shownSKUs := product(t, w, 1, 1)
		hidden, hiddenSKUs := product(t, w, 2, 1)
		system := auth.System(t.Context(), w.Brand.ID)
		w.Store.Client(system).Product.UpdateOneID(hidden.ID).SetState(enum.ProductHidden).ExecX(system)
		other := *w
		other.Brand = w.NewBrand(t)
		other.Root = other.NewOrg(t, nil, enum.OrgBrand)
		foreign, foreignSKUs := product(t, &other, 1, 1)

		_, member := w.NewMember(t)
		_, admin := w.NewStaff(t, auth.Console, w.Root, auth.Admin)
		for name, v := range map[string]auth.Viewer{"visitor": visitor(w), "member": member, "staff": admin} {
			ctx := testkit.As(t, v)
			page, err := s.Products(ctx, nil, false, nil, nil)
			require.NoError(t, err, name)
			require.Equal(t, []int64{shown.ID}, productIDs(page), name)
			one, err := s.Product(ctx, shown.ID)
			require.NoError(t, err, name)
			require.Equal(t, "长长的说明", one.Description, name)
			sku, err := s.SKU(ctx, shownSKUs[0].ID)
			require.NoError(t, err, name)
			require.Equal(t, shownSKUs[0].ID, sku.ID, name)
			for _, id := range []int64{hidden.ID, foreign.ID, 0, -1} {
				_, err = s.Product(ctx, id)
				require.Equal(t, apperr.NotFound, apperr.CodeOf(err), name)
			}
			for _, id := range []int64{hiddenSKUs[0].ID, foreignSKUs[0].ID, 0} {
				_, err = s.SKU(ctx, id)
				require.Equal(t, apperr.NotFound, apperr.CodeOf(err), name)
			}
		}
		_, err := s.Products(t.Context(), nil, false, nil, nil)
		require.Error(t, err, "nobody")
		page, err := s.Products(testkit.As(t, visitor(&other)), nil, false, nil, nil)
		require.NoError(t, err)
		require.Equal(t, []int64{foreign.ID}, productIDs(page))
	})
}

func TestProductsPageWithoutGapsOrDoublesWhileRowsComeAndGo(t *testing.T) {
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s := newService(w)
		ctx := testkit.As(t, visitor(w))
		var want []int64
		for i := range 11 {
			p, _ := product(t, w, i/4, 2) // several of one position
			want = append(want, p.ID)
		}
		var got []int64
		var after *string
		for range 6 {
			page, err := s.Products(ctx, nil, false, of(3), after)
			require.NoError(t, err)
			got = append(got, productIDs(page)...)
			product(t, w, 0, 1) // sorts before what was read but for the first page
			if after = &page.EndCursor; !page.HasNext {
				break
			}
		}
		var old []int64
		for _, id := range got {
			for _, known := range want {
				if id == known {
					old = append(old, id)
				}
			}
		}
		require.Equal(t, want, old)
		seen := map[int64]bool{}
		for _, id := range got {
			require.False(t, seen[id])
			seen[id] = true
		}
	})
}

func TestProductsOfACategory(t *testing.T) {
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s := newService(w)
		system := auth.System(t.Context(), w.Brand.ID)
		product(t, w, 1, 1)
		first, _ := product(t, w, 2, 1)
		second, _ := product(t, w, 3, 1)
		for _, p := range []*ent.Product{first, second} {
			w.Store.Client(system).Product.UpdateOneID(p.ID).SetCategory("礼盒").ExecX(system)
		}
		ctx := testkit.As(t, visitor(w))
		page, err := s.Products(ctx, of("礼盒"), false, of(1), nil)
		require.NoError(t, err)
		require.Equal(t, []int64{first.ID}, productIDs(page))
		require.True(t, page.HasNext)
		cursorOfCategory := page.EndCursor
		page, err = s.Products(ctx, of("礼盒"), false, of(1), &cursorOfCategory)
		require.NoError(t, err)
		require.Equal(t, []int64{second.ID}, productIDs(page))
		require.False(t, page.HasNext)
		_, err = s.Products(ctx, nil, false, nil, &cursorOfCategory)
		require.Equal(t, apperr.CursorInvalid, apperr.CodeOf(err), "a cursor of another filter")
		for _, category := range []string{"' OR 1=1 --", "", strings.Repeat("长", 5000)} {
			page, err = s.Products(ctx, &category, false, nil, nil)
			require.NoError(t, err)
			require.Empty(t, page.Nodes)
		}
		for _, size := range []int{0, -1, 101} {
			_, err = s.Products(ctx, nil, false, &size, nil)
			require.Equal(t, apperr.PageSizeInvalid, apperr.CodeOf(err))
		}
	})
}

func TestTradeItems(t *testing.T) {
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s := newService(w)
		p, skus := product(t, w, 1, 4)
		hidden, _ := product(t, w, 2, 1)
		system := auth.System(t.Context(), w.Brand.ID)
		w.Store.Client(system).Product.UpdateOneID(hidden.ID).SetState(enum.ProductHidden).ExecX(system)
		price(t, w, skus[0], w.Root, enum.PriceRetail, 1000, 0)
		price(t, w, skus[0], w.Root, enum.PriceDistributor, 800, 0)
		price(t, w, skus[0], w.Region, enum.PriceDistributor, 700, 0)
		price(t, w, skus[0], w.Store1, enum.PriceDistributor, 600, 0)
		price(t, w, skus[1], w.Root, enum.PriceDistributor, 80, 0)
		price(t, w, skus[1], w.Region, enum.PriceDistributor, 70, 0)
		price(t, w, skus[2], w.Root, enum.PriceDistributor, 8, 0)
		price(t, w, skus[3], w.Store2, enum.PriceDistributor, 1, 0)
		price(t, w, skus[3], w.Root, enum.PriceRetail, 9, 0)
		stock(t, w, skus[0], w.Root, 10)
		stock(t, w, skus[0], w.Store1, 3)
		stock(t, w, skus[1], w.Distributor, 40)

		_, owner := w.NewStaff(t, auth.Portal, w.Store1, auth.Owner)
		ctx := testkit.As(t, owner)
		page, err := s.TradeItems(ctx, nil, nil)
		require.NoError(t, err)
		require.Len(t, page.Nodes, 4)
		for i, want := range []any{int64(600), int64(70), int64(8), nil} {
			item := page.Nodes[i]
			require.Equal(t, skus[i].ID, item.SKU.ID)
			require.Equal(t, p.ID, item.Product.ID)
			require.Len(t, item.Product.SKUs, 4)
			if want == nil {
				require.Nil(t, item.TradePrice, "nobody on the path has one")
			} else {
				require.EqualValues(t, want, *item.TradePrice)
			}
		}
		require.EqualValues(t, 3, page.Nodes[0].OwnStock)
		require.EqualValues(t, 10, page.Nodes[0].SKU.Stock)
		require.EqualValues(t, 1000, page.Nodes[0].SKU.Price.Price)
		require.Zero(t, page.Nodes[1].OwnStock)

		ctx, statements := store.CollectStatements(ctx)
		_, err = s.TradeItems(ctx, nil, nil)
		require.NoError(t, err)
		require.LessOrEqual(t, len(statements.List()), 4)

		// Every SKU once over pages.
		var got []int64
		var after *string
		for {
			page, err := s.TradeItems(ctx, of(1), after)
			require.NoError(t, err)
			require.Len(t, page.Nodes, 1)
			got = append(got, page.Nodes[0].SKU.ID)
			if after = &page.EndCursor; !page.HasNext {
				break
			}
		}
		require.Equal(t, []int64{skus[0].ID, skus[1].ID, skus[2].ID, skus[3].ID}, got)

		_, distributor := w.NewStaff(t, auth.Mall, w.Distributor, auth.Manager)
		page, err = s.TradeItems(testkit.As(t, distributor), nil, nil)
		require.NoError(t, err)
		require.EqualValues(t, 800, *page.Nodes[0].TradePrice, "a distributor below the brand")
		require.EqualValues(t, 40, page.Nodes[1].OwnStock)
		_, err = s.TradeItems(testkit.As(t, distributor), nil, after)
		require.Equal(t, apperr.CursorInvalid, apperr.CodeOf(err), "a cursor of another org")
	})
}

func TestTradeItemsActForTheOrgOfTheApp(t *testing.T) {
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s := newService(w)
		_, skus := product(t, w, 1, 1)
		stock(t, w, skus[0], w.Store1, 1)
		stock(t, w, skus[0], w.Store2, 2)
		_, v := w.NewStaff(t, auth.Portal, w.Store1, auth.Owner)
		v.Assignments = append(v.Assignments, auth.Assignment{OrgID: w.Store2.ID, Role: auth.Owner})
		own := func(v auth.Viewer) int64 {
			page, err := s.TradeItems(testkit.As(t, v), nil, nil)
			require.NoError(t, err)
			return page.Nodes[0].OwnStock
		}
		require.EqualValues(t, 1, own(v), "the first role's")
		system := auth.System(t.Context(), w.Brand.ID)
		v.AppID = w.Store.Client(system).App.Create().SetOrgID(w.Store2.ID).SetFace(auth.Portal).SetWechatAppID("wx" + rand.Text()[:16]).
			SetName("门店").SetSecretSealed([]byte("sealed")).SaveX(system).ID
		require.EqualValues(t, 2, own(v), "the app's own")

		for name, v := range map[string]auth.Viewer{
			"a role without the capability": staff(t, w, w.Store1, auth.Inspector),
			"a role at the brand":           staff(t, w, w.Root, auth.Marketer),
			"a visitor":                     visitor(w),
		} {
			_, err := s.TradeItems(testkit.As(t, v), nil, nil)
			require.Equal(t, apperr.NotFound, apperr.CodeOf(err), name)
		}
		_, err := s.TradeItems(context.Background(), nil, nil)
		require.Equal(t, apperr.NotFound, apperr.CodeOf(err))
	})
}

func staff(t *testing.T, w *testkit.World, at *ent.Org, role auth.Role) auth.Viewer {
	_, v := w.NewStaff(t, auth.Portal, at, role)
	return v
}
