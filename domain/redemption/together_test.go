package redemption_test

import (
	"crypto/rand"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/catalog"
	"dongxiao/domain/redemption"
	"dongxiao/ent"
	entcoupon "dongxiao/ent/coupon"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/ids"
	"dongxiao/internal/money"
	"dongxiao/internal/testkit"
)

// inGroup lets a coupon go together with those of other groups.
func inGroup(name string) func(*document.CouponRule) {
	return func(r *document.CouponRule) { r.StackGroup = name }
}

func TestTogether(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := newTill(t, w)
		shift := x.Store.Client(t.Context()).TillShift.Create().SetStoreID(w.Store1.ID).SetStaffID(x.clerkRow.ID).SetOpenStaffID(x.clerkRow.ID).SetFloatFen(0).SaveX(x.system(t))
		one, other := x.give(t, x.template(t, x.Root, inGroup("a")), x.member), x.give(t, x.template(t, x.Root, inGroup("b")), x.member)
		same := x.give(t, x.template(t, x.Root, inGroup("b")), x.member)

		offers, err := x.redemptions.Preview(testkit.As(t, x.clerk), redemption.Shown{MemberCode: x.code(t, x.member)}, x.Store1.ID, redemption.Bill{Purchase: 5000})
		require.NoError(t, err)
		require.Len(t, offers.Options, 3)
		require.Len(t, offers.Best, 2, "of one group one")
		require.Equal(t, []money.Fen{1000, 1000}, []money.Fen{offers.Best[0].Discount, offers.Best[1].Discount})
		require.Equal(t, money.Fen(1000), offers.Best[0].Shares[0].Amount)

		c := x.confirmation(t, one)
		c.Subjects = coupons(one.ID, other.ID, same.ID, 12345)
		before := x.books(t)
		_, err = x.redemptions.Confirm(testkit.As(t, x.clerk), c)
		var refused *redemption.Refused
		require.ErrorAs(t, err, &refused)
		require.Len(t, refused.Results, 4)
		require.Nil(t, refused.Results[0].Refusal, "this one could have been")
		require.Equal(t, apperr.CouponNotStackable, refused.Results[2].Refusal.Code)
		require.Equal(t, []string{"input", "couponIds", "2"}, refused.Results[2].Refusal.Field)
		require.Equal(t, apperr.NotFound, refused.Results[3].Refusal.Code)
		require.Equal(t, before, x.books(t), "all or none")

		c.Subjects = coupons(other.ID, one.ID)
		done, err := x.redemptions.Confirm(testkit.As(t, x.clerk), c)
		require.NoError(t, err, "neither code nor key was used up")
		require.Len(t, done.Results, 2)
		for i, of := range []*ent.Coupon{other, one} {
			row := done.Results[i].Redemption
			require.Equal(t, []int64{of.ID, 5000, 1000, shift.ID}, []int64{row.SubjectID, row.PurchaseFen, row.DiscountFen, *row.ShiftID})
			require.Equal(t, done.Results[0].Redemption.ID, redemption.First(row))
		}
		require.Equal(t, books{redemptions: 2, confirmed: 2, used: 2, keys: 2, events: 2, audits: 2}, x.books(t))
		x.Clock.Advance(10 * time.Minute)
		again, err := x.redemptions.Confirm(testkit.As(t, x.clerk), c)
		require.NoError(t, err)
		require.Len(t, again.Results, 2)
		require.Equal(t, done.Results[1].Redemption.ID, again.Results[1].Redemption.ID)

		_, err = x.redemptions.Reverse(testkit.As(t, x.manager), done.Results[1].Redemption.ID, "少用一张")
		require.NoError(t, err)
		require.Equal(t, books{redemptions: 2, confirmed: 1, used: 1, keys: 2, events: 3, audits: 3}, x.books(t))
		for name, c := range map[string]func(*redemption.Confirmation){
			"eleven":           func(c *redemption.Confirmation) { c.Subjects = coupons(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11) },
			"one twice":        func(c *redemption.Confirmation) { c.Subjects = coupons(one.ID, one.ID) },
			"amount and items": func(c *redemption.Confirmation) { c.Bill.Items = []catalog.Item{{SKUID: 1, Quantity: 1}} },
			"typed and chosen": func(c *redemption.Confirmation) { c.Typed = &redemption.Typed{} },
		} {
			bad := x.confirmation(t, one)
			c(&bad)
			_, err := x.redemptions.Confirm(testkit.As(t, x.clerk), bad)
			require.Equal(t, apperr.InvalidInput, apperr.CodeOf(err), name)
		}
		other1 := x.confirmation(t, one)
		other1.Subjects = append(other1.Subjects, ids.ID{Kind: ids.Member, Value: one.ID})
		_, err = x.redemptions.Confirm(testkit.As(t, x.clerk), other1)
		require.Equal(t, apperr.NotFound, apperr.CodeOf(err), "a benefit of another kind")
		testkit.VerifyBrand(t, w.Store, w.Brand.ID)
	})
}

func TestGoodsOfTheStore(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := newTill(t, w)
		ctx, client := x.system(t), x.Store.Client(t.Context())
		product := client.Product.Create().SetCode("P").SetName("窖藏").SetCategory("白酒").SetSkuLine("classic").SetState(enum.ProductActive).SaveX(ctx)
		sku := func(code string, mode enum.SellableMode, prices map[*ent.Org]int64) int64 {
			row := client.SKU.Create().SetProductID(product.ID).SetCode(code).SetName(code).SetMode(mode).SaveX(ctx)
			for at, price := range prices {
				client.Price.Create().SetSkuID(row.ID).SetOrgID(at.ID).SetKind(enum.PriceRetail).SetPriceFen(price).ExecX(ctx)
			}
			return row.ID
		}
		bottle := sku("bottle", enum.SellInstant, map[*ent.Org]int64{w.Root: 10_000, w.Region: 9_000, w.Store1: 8_000, w.Store2: 1})
		cup := sku("cup", enum.SellPrepared, map[*ent.Org]int64{w.Root: 1_500})
		shown, elsewhere := sku("shown", enum.SellDisplay, map[*ent.Org]int64{w.Root: 1}), sku("elsewhere", enum.SellInstant, map[*ent.Org]int64{w.Store2: 1})
		taste := x.give(t, x.template(t, x.Root, func(r *document.CouponRule) { r.Kind, r.AmountFen, r.GoodsSKUID = enum.CouponExchange, 0, cup }), x.member)

		preview := func(items ...catalog.Item) (*redemption.Offers, error) {
			return x.redemptions.Preview(testkit.As(t, x.clerk), redemption.Shown{MemberCode: x.code(t, x.member)}, x.Store1.ID, redemption.Bill{Items: items})
		}
		offers, err := preview(catalog.Item{SKUID: bottle, Quantity: 2}, catalog.Item{SKUID: cup, Quantity: 3})
		require.NoError(t, err)
		require.Equal(t, money.Fen(2*8_000+3*1_500), offers.Purchase, "the store's own price, or that of the nearest org above it")
		require.Equal(t, money.Fen(1_500), offers.Best[0].Discount)
		offers, err = preview(catalog.Item{SKUID: bottle, Quantity: 1})
		require.NoError(t, err)
		require.Equal(t, apperr.CouponGoodsNotInBasket, offers.Options[0].Refusal.Code)
		require.Empty(t, offers.Best)
		for name, c := range map[string]struct {
			items []catalog.Item
			code  apperr.Code
			field string
		}{
			"no such":        {[]catalog.Item{{SKUID: bottle, Quantity: 1}, {SKUID: 5, Quantity: 1}}, apperr.NotFound, "input.items.1.skuId"},
			"only displayed": {[]catalog.Item{{SKUID: shown, Quantity: 1}}, apperr.NotFound, "input.items.0.skuId"},
			"no price here":  {[]catalog.Item{{SKUID: elsewhere, Quantity: 1}}, apperr.NotFound, "input.items.0.skuId"},
			"none of it":     {[]catalog.Item{{SKUID: bottle}}, apperr.InvalidInput, "input.items.0.quantity"},
			"twice":          {[]catalog.Item{{SKUID: cup, Quantity: 1}, {SKUID: cup, Quantity: 1}}, apperr.InvalidInput, "input.items.1.skuId"},
			"too much":       {[]catalog.Item{{SKUID: bottle, Quantity: 10_000}, {SKUID: cup, Quantity: 10_000}}, "", ""},
			"over the top":   {[]catalog.Item{{SKUID: bottle, Quantity: 10_001}}, apperr.InvalidInput, "input.items.0.quantity"},
		} {
			_, err := preview(c.items...)
			require.Equal(t, c.code, apperr.CodeOf(err), name)
			if refusal, ok := err.(*apperr.Error); ok {
				require.Equal(t, c.field, strings.Join(refusal.Field, "."), name)
			}
		}

		c := x.confirmation(t, taste)
		c.Bill = redemption.Bill{Items: []catalog.Item{{SKUID: cup, Quantity: 2}}}
		done, err := x.redemptions.Confirm(testkit.As(t, x.clerk), c)
		require.NoError(t, err)
		require.Equal(t, []int64{3_000, 1_500}, []int64{done.Results[0].Redemption.PurchaseFen, done.Results[0].Redemption.DiscountFen})
		testkit.VerifyBrand(t, w.Store, w.Brand.ID)
	})
}

// A member's phone is dead; the coupon's code and the end of the number will do, a few times.
func TestTypedCode(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := newTill(t, w)
		ctx, client := x.system(t), x.Store.Client(t.Context())
		client.Person.UpdateOneID(x.member.PersonID).SetPhoneHash("hash").SetPhoneTail("4321").ExecX(ctx)
		template := x.template(t, x.Root, nil)
		give := func(code string) *ent.Coupon { return x.giveCoded(t, template, x.member, code) }
		given := give("ABCD0123WXYZ")
		typed := func(code, tail string) redemption.Confirmation {
			return redemption.Confirmation{Shown: redemption.Shown{Typed: &redemption.Typed{CouponCode: code, PhoneTail: tail}}, StoreID: x.Store1.ID,
				Bill: redemption.Bill{Purchase: 5000}, IdempotencyKey: rand.Text()}
		}
		for name, c := range map[string]redemption.Confirmation{"a wrong code": typed("ABCD0123WXY0", "4321"), "wrong digits": typed("ABCD0123WXYZ", "4322"),
			"no code": typed("", "4321"), "a code of another form": typed("ABCD0123WXYU", "4321"), "letters": typed("ABCD0123WXYZ", "432x")} {
			before := x.books(t)
			_, err := x.redemptions.Confirm(testkit.As(t, x.clerk), c)
			refusal, ok := err.(*apperr.Error)
			require.True(t, ok, "%s: %v", name, err)
			require.Equal(t, apperr.CouponCodeInvalid, refusal.Code, name)
			require.Equal(t, []string{"input", "typed"}, refusal.Field, name)
			require.Equal(t, before, x.books(t))
		}
		_, elsewhere := x.NewStaff(t, auth.Staff, x.Store2, auth.Clerk)
		_, err := x.redemptions.Confirm(testkit.As(t, elsewhere), typed("ABCD0123WXYZ", "4321"))
		require.Equal(t, apperr.NotFound, apperr.CodeOf(err), "nobody counts against another store")

		offers, err := x.redemptions.Preview(testkit.As(t, x.clerk), typed("abcd 0123 wxyz", "4321").Shown, x.Store1.ID, redemption.Bill{Purchase: 5000})
		require.NoError(t, err)
		require.Len(t, offers.Options, 1)
		c := typed("abcd0123wxyz ", "4321")
		done, err := x.redemptions.Confirm(testkit.As(t, x.clerk), c)
		require.NoError(t, err)
		require.Equal(t, given.ID, done.Results[0].SubjectID)
		require.True(t, done.Results[0].Redemption.NeedsReview)
		require.Equal(t, books{redemptions: 1, confirmed: 1, used: 1, keys: 1, events: 1, audits: 1}, x.books(t))
		// That code was typed three times by now: with wrong digits, for a look, and rightly. Two more are allowed in an hour.
		for range 2 {
			_, err = x.redemptions.Confirm(testkit.As(t, x.clerk), typed("ABCD0123WXYZ", "4321"))
			require.Equal(t, apperr.CouponAlreadyUsed, apperr.CodeOf(err))
		}
		_, err = x.redemptions.Confirm(testkit.As(t, x.clerk), typed("ABCD0123WXYZ", "4321"))
		require.Equal(t, apperr.RateLimited, apperr.CodeOf(err))
		again, err := x.redemptions.Confirm(testkit.As(t, x.clerk), c)
		require.NoError(t, err, "a repeat is not counted")
		require.Equal(t, done.Results[0].Redemption.ID, again.Results[0].Redemption.ID)

		// A clerk types ten codes in ten minutes, of which seven are gone, and one comes back each minute that this test may take.
		limited := 0
		for i := range 10 {
			_, err = x.redemptions.Confirm(testkit.As(t, x.clerk), typed(fmt.Sprintf("0000000%05d", i), "4321"))
			if apperr.CodeOf(err) == apperr.RateLimited {
				limited++
				continue
			}
			require.Equal(t, apperr.CouponCodeInvalid, apperr.CodeOf(err))
		}
		require.InDelta(t, 6, limited, 1)
		_, colleague := x.NewStaff(t, auth.Staff, w.Store1, auth.Clerk)
		give("ZZZZ0123WXYZ")
		_, err = x.redemptions.Confirm(testkit.As(t, colleague), typed("ZZZZ0123WXYZ", "4321"))
		require.NoError(t, err)
		testkit.VerifyBrand(t, w.Store, w.Brand.ID)
	})
}

// The field's story: the brand's ten yuan, and then the store's five.
func TestActivation(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := newTill(t, w)
		ctx, client := x.system(t), x.Store.Client(t.Context())
		scan := x.template(t, x.Root, nil)
		activated := func(issuer *ent.Org, stock int64) *ent.CouponTemplate {
			row := x.template(t, issuer, funded(map[*ent.Org]int{w.Root: 6000, w.Store1: 4000}))
			return client.CouponTemplate.UpdateOne(row).SetActivatedByID(scan.ID).SetTotalStock(stock).SetStockLeft(stock).SaveX(ctx)
		}
		own, regional, gone := activated(x.Store1, 2), activated(x.Region, 10), activated(x.Store1, 0)
		activated(x.Store2, 10)
		client.CouponTemplate.UpdateOne(activated(x.Store1, 10)).SetState(enum.TemplatePaused).ExecX(ctx)

		c := x.confirmation(t, x.give(t, scan, x.member))
		done, err := x.redemptions.Confirm(testkit.As(t, x.clerk), c)
		require.NoError(t, err)
		got := done.Results[0].Activations
		require.Len(t, got, 3)
		require.Equal(t, []int64{own.ID, regional.ID, gone.ID}, []int64{got[0].Template.ID, got[1].Template.ID, got[2].Template.ID})
		require.Equal(t, enum.SourceActivated, got[0].Coupon.Source)
		require.Equal(t, x.member.ID, got[0].Coupon.MemberID)
		require.Nil(t, got[2].Coupon)
		require.Equal(t, apperr.OutOfStock, got[2].Refusal.Code, "which is no failure of the redemption")
		again, err := x.redemptions.Confirm(testkit.As(t, x.clerk), c)
		require.NoError(t, err)
		repeated := again.Results[0].Activations
		require.Len(t, repeated, 3, "a repeat says what was not given, too")
		require.Equal(t, []int64{got[0].Coupon.ID, got[1].Coupon.ID}, []int64{repeated[0].Coupon.ID, repeated[1].Coupon.ID})
		require.Equal(t, gone.ID, repeated[2].Template.ID)
		require.Nil(t, repeated[2].Coupon)
		require.Equal(t, apperr.OutOfStock, repeated[2].Refusal.Code)

		// The member uses one of them; then the first redemption is undone.
		five, err := x.confirm(t, x.redemptions, x.clerk, x.confirmation(t, got[0].Coupon))
		require.NoError(t, err)
		require.Equal(t, map[int64]int64{w.Root.ID: 600}, x.owed(t, five.ID), "with its own funders")
		_, err = x.redemptions.Reverse(testkit.As(t, x.manager), done.Results[0].Redemption.ID, "误操作")
		require.NoError(t, err)
		require.Equal(t, enum.CouponUsed, client.Coupon.GetX(ctx, got[0].Coupon.ID).State)
		require.Equal(t, enum.CouponRevoked, client.Coupon.GetX(ctx, got[1].Coupon.ID).State)
		require.Equal(t, 2, client.Coupon.Query().Where(entcoupon.SourceEQ(enum.SourceActivated)).CountX(ctx))
		testkit.VerifyBrand(t, w.Store, w.Brand.ID)
	})
}
