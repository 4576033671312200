package topup_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/topup"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/money"
	"dongxiao/internal/testkit"
)

// coupons, goods and funders are lists of pairs: of whom or what, and how much.
func coupons(pairs ...int64) (list []document.CouponGift) {
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, document.CouponGift{TemplateID: pairs[i], Count: int(pairs[i+1])})
	}
	return list
}

func goods(pairs ...int64) (list []document.GoodsGift) {
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, document.GoodsGift{SKUID: pairs[i], Count: int(pairs[i+1])})
	}
	return list
}

func funders(pairs ...int64) (list []document.Funder) {
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, document.Funder{OrgID: pairs[i], BasisPoints: money.BasisPoints(pairs[i+1])})
	}
	return list
}

// Every bad input of a tier is refused with its code at its field, and nothing is written.
func TestTierInput(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := open(t, w)
		closed := w.NewOrg(t, w.Region, enum.OrgStore)
		x.client().Org.UpdateOne(closed).SetState(enum.OrgClosed).ExecX(x.ctx)
		ended, active := x.template(t, 1), x.template(t, 1)
		x.client().CouponTemplate.UpdateOne(ended).SetState(enum.TemplateEnded).ExecX(x.ctx)
		product := x.client().Product.Create().SetCode("XL").SetName("小岭").SetCategory("白酒").SetSkuLine("小岭").SetState(enum.ProductActive).SaveX(x.ctx)
		bottle := x.client().SKU.Create().SetProductID(product.ID).SetCode("XL").SetName("100 ml").SetCartonSize(24).SetMode(enum.SellInstant).SaveX(x.ctx)
		admin := x.staff(t, x.Root, auth.Admin)
		many := func(n int) (gifts []document.GoodsGift) {
			for i := range n {
				gifts = append(gifts, document.GoodsGift{SKUID: int64(i + 1), Count: 1})
			}
			return gifts
		}
		half := []document.Funder{{OrgID: w.Root.ID, BasisPoints: 5_000}, {OrgID: w.Store1.ID, BasisPoints: 5_000}}
		for name, c := range map[string]struct {
			field  string
			code   apperr.Code
			change func(*topup.TierInput)
		}{
			"no name":                      {"name", apperr.InvalidInput, func(in *topup.TierInput) { in.Name = "  " }},
			"long name":                    {"name", apperr.InvalidInput, func(in *topup.TierInput) { in.Name = strings.Repeat("充", 65) }},
			"control characters":           {"name", apperr.InvalidInput, func(in *topup.TierInput) { in.Name = "充\x00值" }},
			"broken UTF-8":                 {"name", apperr.InvalidInput, func(in *topup.TierInput) { in.Name = "\xff" }},
			"nothing to pay":               {"pay", apperr.InvalidInput, func(in *topup.TierInput) { in.Pay = 0 }},
			"less than nothing":            {"pay", apperr.InvalidInput, func(in *topup.TierInput) { in.Pay = -1 }},
			"the least number":             {"pay", apperr.InvalidInput, func(in *topup.TierInput) { in.Pay = math.MinInt64 }},
			"overflow":                     {"pay", apperr.InvalidInput, func(in *topup.TierInput) { in.Pay = math.MaxInt64 }},
			"over the cap":                 {"pay", apperr.InvalidInput, func(in *topup.TierInput) { in.Pay = 490_001 }},
			"negative bonus":               {"bonus", apperr.InvalidInput, func(in *topup.TierInput) { in.Terms.BonusFen = -1 }},
			"overflowing bonus":            {"bonus", apperr.InvalidInput, func(in *topup.TierInput) { in.Terms.BonusFen = math.MaxInt64 }},
			"bonus over the cap":           {"pay", apperr.InvalidInput, func(in *topup.TierInput) { in.Terms.BonusFen = 400_001 }},
			"negative days":                {"bonusDays", apperr.InvalidInput, func(in *topup.TierInput) { in.Terms.BonusDays = -1 }},
			"too many days":                {"bonusDays", apperr.InvalidInput, func(in *topup.TierInput) { in.Terms.BonusDays = 3651 }},
			"days without bonus":           {"bonusDays", apperr.InvalidInput, func(in *topup.TierInput) { in.Terms.BonusFen = 0 }},
			"worse than the law":           {"refundUnusedDays", apperr.InvalidInput, func(in *topup.TierInput) { in.Terms.Refund.UnusedDays = 6 }},
			"unused for too long":          {"refundUnusedDays", apperr.InvalidInput, func(in *topup.TierInput) { in.Terms.Refund.UnusedDays = 366 }},
			"negative limit":               {"memberLimit", apperr.InvalidInput, func(in *topup.TierInput) { in.MemberLimit = -1 }},
			"large limit":                  {"memberLimit", apperr.InvalidInput, func(in *topup.TierInput) { in.MemberLimit = 1001 }},
			"negative limit of a human":    {"personLimit", apperr.InvalidInput, func(in *topup.TierInput) { in.PersonLimit = -1 }},
			"large limit of a human":       {"personLimit", apperr.InvalidInput, func(in *topup.TierInput) { in.PersonLimit = math.MaxInt64 }},
			"long ago":                     {"startsAt", apperr.InvalidInput, func(in *topup.TierInput) { in.StartsAt = time.Time{} }},
			"far away":                     {"startsAt", apperr.InvalidInput, func(in *topup.TierInput) { in.EndsAt = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC) }},
			"an empty window":              {"endsAt", apperr.InvalidInput, func(in *topup.TierInput) { in.EndsAt = in.StartsAt }},
			"a window of more than ten":    {"endsAt", apperr.InvalidInput, func(in *topup.TierInput) { in.EndsAt = in.StartsAt.AddDate(11, 0, 0) }},
			"too many coupons":             {"coupons", apperr.InvalidInput, func(in *topup.TierInput) { in.Terms.Coupons = make([]document.CouponGift, 11) }},
			"no coupon of a template":      {"coupons", apperr.InvalidInput, func(in *topup.TierInput) { in.Terms.Coupons = []document.CouponGift{{TemplateID: active.ID}} }},
			"a template twice":             {"coupons", apperr.InvalidInput, func(in *topup.TierInput) { in.Terms.Coupons = coupons(active.ID, 1, active.ID, 1) }},
			"21 coupons":                   {"coupons", apperr.InvalidInput, func(in *topup.TierInput) { in.Terms.Coupons = coupons(active.ID, 21) }},
			"no such template":             {"coupons", apperr.NotFound, func(in *topup.TierInput) { in.Terms.Coupons = coupons(5, 1) }},
			"a template that has ended":    {"coupons", apperr.NotFound, func(in *topup.TierInput) { in.Terms.Coupons = coupons(ended.ID, 1) }},
			"too many goods":               {"goods", apperr.InvalidInput, func(in *topup.TierInput) { in.Terms.Goods = many(11) }},
			"no piece":                     {"goods", apperr.InvalidInput, func(in *topup.TierInput) { in.Terms.Goods = goods(bottle.ID, 0) }},
			"goods twice":                  {"goods", apperr.InvalidInput, func(in *topup.TierInput) { in.Terms.Goods = goods(bottle.ID, 1, bottle.ID, 2) }},
			"no such goods":                {"goods", apperr.NotFound, func(in *topup.TierInput) { in.Terms.Goods = many(1) }},
			"shares below the whole":       {"funders", apperr.InvalidInput, func(in *topup.TierInput) { in.Terms.Funders = half[:1] }},
			"a share of nothing":           {"funders", apperr.InvalidInput, func(in *topup.TierInput) { in.Terms.Funders = funders(w.Root.ID, 10_000, w.Store1.ID, 0) }},
			"a share above the whole":      {"funders", apperr.InvalidInput, func(in *topup.TierInput) { in.Terms.Funders = funders(w.Root.ID, 10_001) }},
			"a funder twice":               {"funders", apperr.InvalidInput, func(in *topup.TierInput) { in.Terms.Funders = []document.Funder{half[0], half[0]} }},
			"funders of no bonus":          {"funders", apperr.InvalidInput, func(in *topup.TierInput) { in.Terms.Funders, in.Terms.BonusFen, in.Terms.BonusDays = half, 0, 0 }},
			"a funder that does not exist": {"funders", apperr.NotFound, func(in *topup.TierInput) { in.Terms.Funders = funders(5, 10_000) }},
			"a funder that is closed":      {"funders", apperr.StoreClosed, func(in *topup.TierInput) { in.Terms.Funders = funders(closed.ID, 10_000) }},
			"no issuer":                    {"orgId", apperr.NotFound, func(in *topup.TierInput) { in.OrgID = 5 }},
			"a closed issuer":              {"orgId", apperr.StoreClosed, func(in *topup.TierInput) { in.OrgID, in.Terms.ScopeOrgID = closed.ID, closed.ID }},
			"another's scope":              {"scopeOrgId", apperr.InvalidInput, func(in *topup.TierInput) { in.Terms.ScopeOrgID = w.Store2.ID }},
			"no scope":                     {"scopeOrgId", apperr.InvalidInput, func(in *topup.TierInput) { in.Terms.ScopeOrgID = 0 }},
			"a short key":                  {"idempotencyKey", apperr.IdempotencyKeyInvalid, func(in *topup.TierInput) { in.IdempotencyKey = "short" }},
		} {
			in := x.input()
			c.change(&in)
			_, err := x.CreateTier(admin, in)
			refusal := &apperr.Error{}
			require.ErrorAs(t, err, &refusal, name)
			require.Equal(t, c.code, refusal.Code, name)
			require.Equal(t, []string{"input", c.field}, refusal.Field, name)
		}
		brandPays := x.input()
		brandPays.Terms.Funders = half
		_, err := x.CreateTier(x.owner, brandPays)
		require.Equal(t, apperr.NotFound, apperr.CodeOf(err), "a store promises nothing in the brand's name")
		_, err = x.CreateTier(x.till, x.input())
		require.Equal(t, apperr.NotFound, apperr.CodeOf(err), "a clerk")
		require.Zero(t, x.client().TopUpTier.Query().CountX(x.ctx))
		require.Zero(t, x.client().AuditEntry.Query().CountX(x.ctx))
		require.Zero(t, x.client().IdempotencyKey.Query().CountX(x.ctx))

		tier, err := x.CreateTier(admin, brandPays)
		require.NoError(t, err)
		again, err := x.CreateTier(admin, brandPays)
		require.NoError(t, err)
		require.Equal(t, tier.ID, again.ID)
		brandPays.Pay++
		_, err = x.CreateTier(admin, brandPays)
		require.Equal(t, apperr.IdempotencyKeyReused, apperr.CodeOf(err))
	})
}

// A tier changes its name and window alone, for whoever saw the version that there is.
func TestTierChanges(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := open(t, w)
		tier, err := x.CreateTier(x.owner, x.input())
		require.NoError(t, err)
		ends := tier.StartsAt
		before := tier.String()
		for name, c := range map[string]struct {
			code apperr.Code
			in   topup.TierUpdate
		}{
			"another version": {apperr.Conflict, topup.TierUpdate{ID: tier.ID, Version: 2}},
			"none":            {apperr.NotFound, topup.TierUpdate{ID: 5, Version: 1}},
			"no name":         {apperr.InvalidInput, topup.TierUpdate{ID: tier.ID, Version: 1, Name: new("")}},
			"an empty window": {apperr.InvalidInput, topup.TierUpdate{ID: tier.ID, Version: 1, EndsAt: &ends}},
		} {
			_, err := x.UpdateTier(x.owner, c.in)
			require.Equal(t, c.code, apperr.CodeOf(err), name)
		}
		_, err = x.UpdateTier(x.staff(t, w.Store2, auth.Owner), topup.TierUpdate{ID: tier.ID, Version: 1})
		refused(t, apperr.NotFound, err)
		for _, state := range []enum.TierState{enum.TierPaused, enum.TierDraft, "NONSENSE"} {
			_, err = x.SetTierState(x.owner, tier.ID, 1, state, "试")
			refused(t, apperr.TierStateInvalid, err)
		}
		_, err = x.SetTierState(x.owner, tier.ID, 1, enum.TierEnded, " ")
		refused(t, apperr.ReasonRequired, err)
		require.Equal(t, before, x.client().TopUpTier.GetX(x.ctx, tier.ID).String())
		tier, err = x.UpdateTier(x.owner, topup.TierUpdate{ID: tier.ID, Version: 1, Name: new("充一千")})
		require.NoError(t, err)
		require.Equal(t, "充一千", tier.Name)
		tier, err = x.SetTierState(x.owner, tier.ID, tier.Version, enum.TierActive, "")
		require.NoError(t, err)
		tier, err = x.SetTierState(x.owner, tier.ID, tier.Version, enum.TierEnded, "不再售卖")
		require.NoError(t, err)
		_, err = x.UpdateTier(x.owner, topup.TierUpdate{ID: tier.ID, Version: tier.Version, Name: new("充")})
		refused(t, apperr.TierStateInvalid, err)
	})
}
