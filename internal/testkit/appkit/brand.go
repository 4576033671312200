package appkit

import (
	"context"
	"crypto/rand"
	"fmt"
	mathrand "math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/identity"
	"dongxiao/ent"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/internal/geo"
	"dongxiao/internal/hours"
	"dongxiao/internal/ids"
	"dongxiao/internal/keys"
	"dongxiao/internal/money"
	"dongxiao/internal/testkit"
	"dongxiao/internal/wechatsim"
)

// Kit is a brand of the test's own on a server: five apps that the simulator knows, a tree of orgs, ten products and a home page.
type Kit struct {
	*testkit.World
	Installation *Installation
	Server       *Server
}

// NewKit makes a brand on the server.
func NewKit(t testing.TB, i *Installation, s *Server) *Kit {
	t.Helper()
	k := &Kit{Installation: i, Server: s, World: &testkit.World{Store: s.App.Database, Keyring: s.App.Keyring, Redis: s.App.Redis, Apps: map[auth.Face]*ent.App{}}}
	k.Brand = k.NewBrand(t)
	ctx := k.System(t)
	k.Root = k.NewOrg(t, nil, enum.OrgBrand)
	k.Region = k.NewOrg(t, k.Root, enum.OrgRegion)
	k.Store1 = k.NewStore(t, k.Region, 25.04, 102.71)
	k.Store2 = k.NewStore(t, k.Region, 25.06, 102.73)
	k.Distributor = k.NewOrg(t, k.Root, enum.OrgDistributor)
	require.NoError(t, k.client(ctx).Territory.Create().SetStoreID(k.Store1.ID).SetDistributorID(k.Distributor.ID).SetSkuLine("classic").Exec(ctx))
	for _, face := range []auth.Face{auth.Storefront, auth.Mall, auth.Portal, auth.Staff, auth.Console} {
		k.Apps[face] = k.NewApp(t, face)
	}
	for n := range 10 {
		k.NewProduct(t, n)
	}
	k.client(ctx).Page.Create().SetOrgID(k.Root.ID).SetSlug("home").SetTitle("首页").SetState(enum.PagePublished).
		SetBlocks([]document.Block{{Kind: document.BlockBanner, Title: "团圆"}, {Kind: document.BlockProducts, Title: "热卖", Limit: 10}}).SaveX(ctx)
	return k
}

// NewApp makes an app of the face that the simulator knows.
func (k *Kit) NewApp(t testing.TB, face auth.Face) *ent.App {
	t.Helper()
	ctx, secret := k.System(t), rand.Text()
	app := k.client(ctx).App.Create().SetOrgID(k.Root.ID).SetFace(face).SetWechatAppID("wx" + rand.Text()[:16]).SetName(string(face)).
		SetSecretSealed(identity.SealAppSecret(k.Keyring.Ring(), k.Brand.ID, secret)).SaveX(ctx)
	require.NoError(t, k.Installation.WeChat.Register(t.Context(), wechatsim.App{AppID: app.WechatAppID, Secret: secret, OpenPlatform: k.Brand.Code}))
	return app
}

// Rows counts the brand's rows in every table, to see that a refusal changed nothing.
func (k *Kit) Rows(t testing.TB) map[string]int {
	t.Helper()
	rows := map[string]int{}
	for entity, table := range ent.Tables {
		if ent.Tenancies[entity].Installation {
			continue
		}
		var n int
		require.NoError(t, k.Store.DB().QueryRowContext(t.Context(), "SELECT COUNT(*) FROM "+table+" WHERE brand_id = ?", k.Brand.ID).Scan(&n))
		rows[table] = n
	}
	return rows
}

// System is a context that may do everything within the brand.
func (k *Kit) System(t testing.TB) context.Context {
	return auth.System(context.WithoutCancel(t.Context()), k.Brand.ID)
}

func (k *Kit) client(ctx context.Context) *ent.Client { return k.Store.Client(ctx) }

// NewStore makes a store at a place (GCJ-02) that is always open.
func (k *Kit) NewStore(t testing.TB, parent *ent.Org, latitude, longitude float64) *ent.Org {
	t.Helper()
	ctx := k.System(t)
	days := map[time.Weekday][]hours.Period{}
	for day := time.Sunday; day <= time.Saturday; day++ {
		days[day] = []hours.Period{{Open: 0, Close: 24 * 60}}
	}
	always, err := hours.New(days)
	require.NoError(t, err)
	store := k.NewOrg(t, parent, enum.OrgStore)
	return store.Update().SetLatitude(latitude).SetLongitude(longitude).SetCell(geo.Cell(geo.Coordinate{Latitude: latitude, Longitude: longitude, System: geo.GCJ02})).
		SetRadiusMetres(3000).SetHours(always).SetAddress("青年路 1 号").SaveX(ctx)
}

// NewProduct makes a product with one SKU, its retail price of 100 yuan and more, and stock.
func (k *Kit) NewProduct(t testing.TB, position int) *ent.Product {
	t.Helper()
	ctx := k.System(t)
	product := k.client(ctx).Product.Create().SetCode(fmt.Sprintf("P%d-%s", position, rand.Text()[:6])).SetName(fmt.Sprintf("云岭春 %d", position)).
		SetCategory("白酒").SetSkuLine("classic").SetState(enum.ProductActive).SetPosition(position).SaveX(ctx)
	sku := k.client(ctx).SKU.Create().SetProductID(product.ID).SetCode("S" + rand.Text()[:8]).SetName("500 ml").SetMode(enum.SellInstant).SaveX(ctx)
	k.client(ctx).Price.Create().SetSkuID(sku.ID).SetOrgID(k.Root.ID).SetKind(enum.PriceRetail).SetPriceFen(int64(10_000 + position)).ExecX(ctx)
	k.client(ctx).Price.Create().SetSkuID(sku.ID).SetOrgID(k.Root.ID).SetKind(enum.PriceDistributor).SetPriceFen(int64(6_000 + position)).ExecX(ctx)
	k.client(ctx).Stock.Create().SetSkuID(sku.ID).SetOrgID(k.Root.ID).SetQuantity(int64(50 + position)).ExecX(ctx)
	return product
}

// NewTemplate makes an active coupon template of ten yuan off, claimable now, usable at every store; stock and limits are the caller's.
func (k *Kit) NewTemplate(t testing.TB, stock int64, memberLimit int) *ent.CouponTemplate {
	t.Helper()
	ctx := k.System(t)
	rule := k.client(ctx).CouponRule.Create().SetRule(document.CouponRule{Kind: enum.CouponAmountOff, AmountFen: 1000, ThresholdFen: 5000,
		Funders: []document.Funder{{OrgID: k.Root.ID, BasisPoints: money.Whole}}, ReturnPolicy: enum.ReturnOnFullRefund, Transferable: true}).SaveX(ctx)
	now := time.Now()
	return k.client(ctx).CouponTemplate.Create().SetOrgID(k.Root.ID).SetName("满50减10").SetState(enum.TemplateActive).SetRuleID(rule.ID).
		SetTotalStock(stock).SetStockLeft(stock).SetMemberLimit(memberLimit).SetClaimStartsAt(now.Add(-time.Hour)).SetClaimEndsAt(now.Add(24 * time.Hour)).
		SetValidityKind(enum.ValidityAfterClaim).SetValidDays(7).SaveX(ctx)
}

// NewHuman makes a person with a bound phone whom WeChat knows as user in the face's app.
func (k *Kit) NewHuman(t testing.TB, face auth.Face, user string) *ent.Person {
	t.Helper()
	ctx, ring := k.System(t), k.Keyring.Ring()
	phone := NewPhone()
	id := ids.Next()
	person := k.client(ctx).Person.Create().SetID(id).SetLimitSubject(id).SetNickname("店员").
		SetPhoneSealed(ring.Seal([]byte(phone), keys.AssociatedData("phone", k.Brand.ID))).
		SetPhoneHash(identity.PhoneHash(ring, k.Brand.ID, phone)).SetPhoneTail(phone[len(phone)-4:]).SaveX(ctx)
	known, err := k.Installation.WeChat.Open(t.Context(), k.Apps[face].WechatAppID, user)
	require.NoError(t, err)
	k.client(ctx).Identity.Create().SetPersonID(person.ID).SetAppID(k.Apps[face].ID).
		SetOpenidSealed(ring.Seal([]byte(known.OpenID), keys.AssociatedData("openid", k.Brand.ID))).
		SetOpenidHash(ring.Hash("openid", k.Brand.ID, known.OpenID)).SaveX(ctx)
	return person
}

// NewPhone is a mobile number of mainland China that no other test has.
func NewPhone() string { return fmt.Sprintf("139%08d", mathrand.IntN(100_000_000)) }

// ID is the public id of a row.
func ID(kind ids.Kind, id int64) string { return ids.Encode(kind, id) }
