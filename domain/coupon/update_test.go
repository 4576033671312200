package coupon_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"dongxiao/domain/coupon"
	"dongxiao/ent"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/money"
	"dongxiao/internal/testkit"
)

func updateOf(t *ent.CouponTemplate, terms coupon.Terms) coupon.UpdateInput {
	return coupon.UpdateInput{ID: t.ID, Version: t.Version, Terms: terms}
}

func TestUpdateDraft(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s, ctx := newService(t, w), marketer(t, w, w.Region)
		template, err := s.Create(ctx, input(w))
		require.NoError(t, err)
		same, err := s.Update(ctx, updateOf(template, input(w).Terms))
		require.NoError(t, err)
		require.Equal(t, template.Version, same.Version, "nothing changed, so nothing is written")
		require.Equal(t, [4]int{1, 1, 1, 1}, rows(t, w))

		terms := input(w).Terms
		terms.Name, terms.TotalStock, terms.MemberLimit, terms.Budget = "国庆折扣", 5, nil, new(money.Fen(10_000))
		terms.Rule = document.CouponRule{Kind: enum.CouponPercentOff, PercentBasisPoints: 1_000, CapFen: 2_000, ReturnPolicy: enum.ReturnNever}
		changed, err := s.Update(ctx, updateOf(template, terms))
		require.NoError(t, err)
		require.Equal(t, "国庆折扣", changed.Name)
		require.EqualValues(t, 5, changed.StockLeft)
		require.EqualValues(t, 10_000, changed.BudgetLeftFen)
		require.Zero(t, changed.MemberLimit)
		require.NotEqual(t, template.RuleID, changed.RuleID)
		require.Equal(t, 2, changed.Version)
		require.Equal(t, [4]int{1, 2, 2, 1}, rows(t, w))
		_, err = s.Update(ctx, updateOf(template, terms))
		refused(t, apperr.Conflict, err)
		_, err = s.Update(marketer(t, w, w.Store1), updateOf(changed, terms))
		refused(t, apperr.NotFound, err)
		terms.Rule.PercentBasisPoints = 10_001
		_, err = s.Update(ctx, updateOf(changed, terms))
		refused(t, apperr.InvalidInput, err)
		require.Equal(t, [4]int{1, 2, 2, 1}, rows(t, w))
	})
}

// TestUpdateRunning: a running template changes in the member's favour alone, and who claimed before keeps the rule of that time.
func TestUpdateRunning(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s, ctx := newService(t, w), marketer(t, w, w.Region)
		template := run(t, w, ctx)
		first := claimed(t, w, s, template)
		require.Equal(t, template.RuleID, first.RuleID)
		terms := input(w).Terms
		terms.Rule.AmountFen, terms.TotalStock, terms.DelayDays = 3_000, 600, new(0)
		terms.ValidDays = new(31)
		template, err := s.Update(ctx, updateOf(template, terms))
		require.NoError(t, err)
		require.EqualValues(t, 600, template.TotalStock)
		require.EqualValues(t, 599, template.StockLeft)
		second := claimed(t, w, s, template)
		require.NotEqual(t, first.RuleID, second.RuleID)
		rule := func(id int64) document.CouponRule {
			return w.Store.Client(system(t, w)).CouponRule.GetX(system(t, w), id).Rule
		}
		require.Equal(t, money.Fen(2_000), rule(first.RuleID).AmountFen)
		require.Equal(t, money.Fen(3_000), rule(second.RuleID).AmountFen)

		before := rows(t, w)
		terms.Rule.AmountFen = 2_999
		_, err = s.Update(ctx, updateOf(template, terms))
		refused(t, apperr.TemplateLessFavourable, err)
		require.Equal(t, []string{"input", "amount"}, err.(*apperr.Error).Field)
		require.Equal(t, before, rows(t, w))
		template, err = s.SetState(ctx, template.ID, template.Version, enum.TemplatePaused, "活动调整")
		require.NoError(t, err)
		_, err = s.Update(ctx, updateOf(template, terms))
		refused(t, apperr.TemplateLessFavourable, err)
		template, err = s.SetState(ctx, template.ID, template.Version, enum.TemplateEnded, "活动结束")
		require.NoError(t, err)
		terms.Rule.AmountFen = 4_000
		_, err = s.Update(ctx, updateOf(template, terms))
		refused(t, apperr.TemplateStateInvalid, err)
	})
}

func TestDuplicate(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s, ctx := newService(t, w), marketer(t, w, w.Region)
		template := run(t, w, ctx)
		claimed(t, w, s, template)
		before := rows(t, w)
		var again *ent.CouponTemplate
		for range 2 {
			twin, err := s.Duplicate(ctx, template.ID, " 国庆满减 2 ", "duplicate-1")
			require.NoError(t, err)
			require.Equal(t, enum.TemplateDraft, twin.State)
			require.Equal(t, "国庆满减 2", twin.Name)
			require.EqualValues(t, 500, twin.StockLeft)
			require.Equal(t, 1, twin.Version)
			require.Nil(t, twin.ReviewedBy)
			if again != nil {
				require.Equal(t, again.ID, twin.ID)
			}
			again = twin
		}
		after := rows(t, w)
		require.Equal(t, [4]int{before[0] + 1, before[1] + 1, before[2] + 1, before[3] + 1}, after)
		_, err := s.Duplicate(ctx, template.ID, "另一个", "duplicate-1")
		refused(t, apperr.IdempotencyKeyReused, err)
		_, err = s.Duplicate(ctx, template.ID, "", "duplicate-2")
		refused(t, apperr.InvalidInput, err)
		_, err = s.Duplicate(marketer(t, w, w.Store1), template.ID, "店里的", "duplicate-2")
		refused(t, apperr.NotFound, err)
		require.Equal(t, after, rows(t, w))
	})
}

// TestFundersMustAct: nobody makes an org pay but who may act for it.
func TestFundersMustAct(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s, brand, region := newService(t, w), marketer(t, w, w.Root), marketer(t, w, w.Region)
		shared := func(key string, orgs ...*ent.Org) coupon.CreateInput {
			in := input(w)
			in.IdempotencyKey = key
			for i, o := range orgs {
				share := money.Whole / money.BasisPoints(len(orgs))
				if i == 0 {
					share += money.Whole % money.BasisPoints(len(orgs))
				}
				in.Rule.Funders = append(in.Rule.Funders, document.Funder{OrgID: o.ID, BasisPoints: share})
			}
			return in
		}
		for name, c := range map[string]struct {
			brand bool
			orgs  []*ent.Org
			fine  bool
		}{
			"the issuer":                      {false, []*ent.Org{w.Region}, true},
			"its store":                       {false, []*ent.Org{w.Region, w.Store1}, true},
			"the brand, by the region":        {false, []*ent.Org{w.Region, w.Root}, false},
			"the brand, by the brand":         {true, []*ent.Org{w.Region, w.Root, w.Store2}, true},
			"a distributor beside the region": {true, []*ent.Org{w.Region, w.Distributor}, false},
		} {
			ctx := region
			if c.brand {
				ctx = brand
			}
			_, err := s.Create(ctx, shared(fmt.Sprintf("funders-%d-%v", len(c.orgs), c.brand), c.orgs...))
			if c.fine {
				require.NoError(t, err, name)
				continue
			}
			require.Equal(t, apperr.FunderOutOfReach, apperr.CodeOf(err), "%s: %v", name, err)
			require.Equal(t, []string{"input", "funders"}, err.(*apperr.Error).Field)
		}
		// What the brand bears of a region's template, the region does not raise.
		template, err := s.Create(brand, shared("borne-by-brand", w.Region, w.Root))
		require.NoError(t, err)
		terms := shared("", w.Region, w.Root).Terms
		terms.Rule.AmountFen = 9_999
		_, err = s.Update(region, updateOf(template, terms))
		refused(t, apperr.FunderOutOfReach, err)
		_, err = s.Duplicate(region, template.ID, "副本", "duplicate-1")
		refused(t, apperr.FunderOutOfReach, err)
	})
}

// TestRaceOfUpdatesAndClaims: of those who change one version at once one does, and every coupon keeps a rule that was in force.
func TestRaceOfUpdatesAndClaims(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s, ctx := newService(t, w), marketer(t, w, w.Region)
		template, callers := run(t, w, ctx), members(t, w, 24)
		o := race(48, func(i int) error {
			if i < len(callers) {
				_, err := s.Claim(callers[i], template.ID, "some-key")
				return err
			}
			terms := input(w).Terms
			terms.Rule.AmountFen, terms.TotalStock = money.Fen(2_000+i), 500+int64(i)
			_, err := s.Update(ctx, updateOf(template, terms))
			return err
		})
		require.Equal(t, outcome{"": 25, apperr.Conflict: 23}, o)
		present := w.Store.Client(system(t, w)).CouponTemplate.GetX(system(t, w), template.ID)
		require.NotEqual(t, template.RuleID, present.RuleID)
		for _, c := range w.Store.Client(system(t, w)).Coupon.Query().AllX(system(t, w)) {
			require.Contains(t, []int64{template.RuleID, present.RuleID}, c.RuleID)
		}
		consistent(t, w, template.ID, 24)
	})
}
