package coupon_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/coupon"
	"dongxiao/ent"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/testkit"
)

// input is a template that Create accepts.
func input(w *testkit.World) coupon.CreateInput {
	return coupon.CreateInput{OrgID: w.Region.ID, IdempotencyKey: "template-1", Terms: coupon.Terms{Name: "国庆满减", Description: "满200减20",
		Rule:       document.CouponRule{Kind: enum.CouponAmountOff, AmountFen: 2000, ThresholdFen: 20_000, ReturnPolicy: enum.ReturnOnFullRefund},
		TotalStock: 500, MemberLimit: new(2), ClaimStartsAt: testkit.Start, ClaimEndsAt: testkit.Start.AddDate(0, 0, 7), ValidityKind: enum.ValidityAfterClaim,
		ValidDays: new(30), DelayDays: new(1)}}
}

// rows counts everything that Create and its like write.
func rows(t testing.TB, w *testkit.World) [4]int {
	ctx := system(t, w)
	client := w.Store.Client(ctx)
	return [4]int{client.CouponTemplate.Query().CountX(ctx), client.CouponRule.Query().CountX(ctx), client.AuditEntry.Query().CountX(ctx),
		client.IdempotencyKey.Query().CountX(ctx)}
}

func marketer(t testing.TB, w *testkit.World, at *ent.Org) context.Context {
	_, viewer := w.NewStaff(t, auth.Console, at, auth.Marketer)
	return testkit.As(t, viewer)
}

func TestCreate(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s, ctx := newService(t, w), marketer(t, w, w.Region)
		in := input(w)
		in.Rule.Scope.OrgIDs = []int64{w.Store2.ID, w.Store1.ID, w.Store2.ID}
		template, err := s.Create(ctx, in)
		require.NoError(t, err)
		require.Equal(t, enum.TemplateDraft, template.State)
		require.Equal(t, w.Region.ID, template.OrgID)
		require.EqualValues(t, 500, template.StockLeft)
		require.Equal(t, 1, template.Version)
		rule := w.Store.Client(ctx).CouponRule.GetX(ctx, template.RuleID).Rule
		require.Equal(t, document.CouponRule{Kind: enum.CouponAmountOff, AmountFen: 2000, ThresholdFen: 20_000,
			Scope: document.CouponScope{OrgIDs: []int64{w.Store1.ID, w.Store2.ID}}, Funders: []document.Funder{{OrgID: w.Region.ID, BasisPoints: 10_000}},
			StackLimit: 1, ReturnPolicy: enum.ReturnOnFullRefund, Repricing: enum.RepriceKeep}, rule)
		require.Equal(t, [4]int{1, 1, 1, 1}, rows(t, w))

		again, err := s.Create(ctx, in)
		require.NoError(t, err)
		require.Equal(t, template.ID, again.ID)
		in.TotalStock++
		_, err = s.Create(ctx, in)
		refused(t, apperr.IdempotencyKeyReused, err)
		require.Equal(t, [4]int{1, 1, 1, 1}, rows(t, w))

		in = input(w)
		in.IdempotencyKey, in.MemberLimit = "template-2", nil
		from, until := testkit.Start, in.ClaimEndsAt
		in.ValidityKind, in.ValidDays, in.DelayDays, in.ValidFrom, in.ValidUntil = enum.ValidityFixed, nil, nil, &from, &until
		template, err = s.Create(ctx, in)
		require.NoError(t, err)
		require.Zero(t, template.MemberLimit)
		require.True(t, until.Equal(*template.ValidUntil))
	})
}

func TestCreateRefuses(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s, ctx := newService(t, w), marketer(t, w, w.Region)
		stranger := testkit.New(t, w.Store.Dialect())
		early, late := testkit.Start.AddDate(-10, 0, 0), testkit.Start.AddDate(80, 0, 0)
		next := testkit.Start.AddDate(0, 0, 8)
		fixed := func(in *coupon.CreateInput) {
			in.ValidityKind, in.ValidDays, in.DelayDays, in.ValidFrom, in.ValidUntil = enum.ValidityFixed, nil, nil, new(testkit.Start), new(next)
		}
		for _, c := range []struct {
			name   string
			field  string
			code   apperr.Code
			change func(*coupon.CreateInput)
		}{
			{"no org", "orgId", apperr.NotFound, func(in *coupon.CreateInput) { in.OrgID = 0 }},
			{"an org above", "orgId", apperr.NotFound, func(in *coupon.CreateInput) { in.OrgID = w.Root.ID }},
			{"an org of another brand", "orgId", apperr.NotFound, func(in *coupon.CreateInput) { in.OrgID = stranger.Region.ID }},
			{"a scope outside", "scopeOrgIds", apperr.NotFound, func(in *coupon.CreateInput) { in.Rule.Scope.OrgIDs = []int64{w.Store1.ID, w.Distributor.ID} }},
			{"a scope of another brand", "scopeOrgIds", apperr.NotFound, func(in *coupon.CreateInput) { in.Rule.Scope.OrgIDs = []int64{stranger.Store1.ID} }},
			{"a scope of nothing", "scopeOrgIds", apperr.InvalidInput, func(in *coupon.CreateInput) { in.Rule.Scope.OrgIDs = []int64{0} }},
			{"a scope too large", "scopeOrgIds", apperr.InvalidInput, func(in *coupon.CreateInput) {
				for i := range int64(101) {
					in.Rule.Scope.OrgIDs = append(in.Rule.Scope.OrgIDs, i)
				}
			}},
			{"no name", "name", apperr.InvalidInput, func(in *coupon.CreateInput) { in.Name = " \t" }},
			{"a name too long", "name", apperr.InvalidInput, func(in *coupon.CreateInput) { in.Name = strings.Repeat("券", 65) }},
			{"a name with a line break", "name", apperr.InvalidInput, func(in *coupon.CreateInput) { in.Name = "a\nb" }},
			{"a name that is no text", "name", apperr.InvalidInput, func(in *coupon.CreateInput) { in.Name = "a\xff" }},
			{"a description too long", "description", apperr.InvalidInput, func(in *coupon.CreateInput) { in.Description = strings.Repeat("券", 513) }},
			{"no amount", "amount", apperr.InvalidInput, func(in *coupon.CreateInput) { in.Rule.AmountFen = 0 }},
			{"an amount too high", "amount", apperr.InvalidInput, func(in *coupon.CreateInput) { in.Rule.AmountFen = 10_000_001 }},
			{"a threshold below zero", "threshold", apperr.InvalidInput, func(in *coupon.CreateInput) { in.Rule.ThresholdFen = -1 }},
			{"a threshold too high", "threshold", apperr.InvalidInput, func(in *coupon.CreateInput) { in.Rule.ThresholdFen = 100_000_001 }},
			{"no stock", "totalStock", apperr.InvalidInput, func(in *coupon.CreateInput) { in.TotalStock = 0 }},
			{"too much stock", "totalStock", apperr.InvalidInput, func(in *coupon.CreateInput) { in.TotalStock = 100_000_001 }},
			{"a limit of zero", "memberLimit", apperr.InvalidInput, func(in *coupon.CreateInput) { in.MemberLimit = new(0) }},
			{"a limit too high", "memberLimit", apperr.InvalidInput, func(in *coupon.CreateInput) { in.MemberLimit = new(1001) }},
			{"a start long ago", "claimStartsAt", apperr.InvalidInput, func(in *coupon.CreateInput) { in.ClaimStartsAt = early }},
			{"an end far away", "claimEndsAt", apperr.InvalidInput, func(in *coupon.CreateInput) { in.ClaimEndsAt = late }},
			{"an empty claim window", "claimEndsAt", apperr.TemplateInvalid, func(in *coupon.CreateInput) { in.ClaimEndsAt = in.ClaimStartsAt }},
			{"no validity", "validityKind", apperr.InvalidInput, func(in *coupon.CreateInput) { in.ValidityKind = "" }},
			{"no days", "validDays", apperr.TemplateInvalid, func(in *coupon.CreateInput) { in.ValidDays = nil }},
			{"zero days", "validDays", apperr.InvalidInput, func(in *coupon.CreateInput) { in.ValidDays = new(0) }},
			{"too many days", "validDays", apperr.InvalidInput, func(in *coupon.CreateInput) { in.ValidDays = new(3651) }},
			{"a delay below zero", "delayDays", apperr.InvalidInput, func(in *coupon.CreateInput) { in.DelayDays = new(-1) }},
			{"a delay too long", "delayDays", apperr.InvalidInput, func(in *coupon.CreateInput) { in.DelayDays = new(366) }},
			{"days and a start", "validFrom", apperr.TemplateInvalid, func(in *coupon.CreateInput) { in.ValidFrom = &next }},
			{"days and an end", "validUntil", apperr.TemplateInvalid, func(in *coupon.CreateInput) { in.ValidUntil = &next }},
			{"fixed without a start", "validFrom", apperr.TemplateInvalid, func(in *coupon.CreateInput) { fixed(in); in.ValidFrom = nil }},
			{"fixed without an end", "validUntil", apperr.TemplateInvalid, func(in *coupon.CreateInput) { fixed(in); in.ValidUntil = nil }},
			{"fixed with days", "validDays", apperr.TemplateInvalid, func(in *coupon.CreateInput) { fixed(in); in.ValidDays = new(1) }},
			{"fixed with a delay", "delayDays", apperr.TemplateInvalid, func(in *coupon.CreateInput) { fixed(in); in.DelayDays = new(1) }},
			{"fixed long ago", "validFrom", apperr.InvalidInput, func(in *coupon.CreateInput) { fixed(in); in.ValidFrom = &early }},
			{"fixed far away", "validUntil", apperr.InvalidInput, func(in *coupon.CreateInput) { fixed(in); in.ValidUntil = &late }},
			{"an empty use window", "validUntil", apperr.TemplateInvalid, func(in *coupon.CreateInput) { fixed(in); in.ValidFrom = in.ValidUntil }},
			{"claims after use is over", "validUntil", apperr.TemplateInvalid, func(in *coupon.CreateInput) { fixed(in); in.ClaimEndsAt = next.Add(time.Hour) }},
			{"a key too short", "idempotencyKey", apperr.IdempotencyKeyInvalid, func(in *coupon.CreateInput) { in.IdempotencyKey = "short" }},
		} {
			in := input(w)
			c.change(&in)
			_, err := s.Create(ctx, in)
			require.Equal(t, c.code, apperr.CodeOf(err), "%s: %v", c.name, err)
			require.Equal(t, []string{"input", c.field}, err.(*apperr.Error).Field, c.name)
			saidInWords(t, err)
		}
		// A clerk at the very org has no right to.
		_, clerk := w.NewStaff(t, auth.Console, w.Region, auth.Clerk)
		_, err := s.Create(testkit.As(t, clerk), input(w))
		refused(t, apperr.NotFound, err)
		require.Equal(t, [4]int{}, rows(t, w))
	})
}

func TestRestock(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s, ctx := newService(t, w), marketer(t, w, w.Root)
		template := newTemplate(t, w, nil)
		_, err := s.Claim(members(t, w, 1)[0], template.ID, "some-key")
		require.NoError(t, err)
		for range 2 {
			restocked, err := s.Restock(ctx, template.ID, 5, "加量", "restock-1")
			require.NoError(t, err)
			require.EqualValues(t, 15, restocked.TotalStock)
			require.EqualValues(t, 14, restocked.StockLeft)
			require.Equal(t, 2, restocked.Version)
		}
		_, err = s.Restock(ctx, template.ID, 6, "加量", "restock-1")
		refused(t, apperr.IdempotencyKeyReused, err)
		_, err = s.Restock(ctx, template.ID, 5, " ", "restock-2")
		refused(t, apperr.ReasonRequired, err)
		for _, quantity := range []int64{-1, 0, 100_000_001, 99_999_990} {
			_, err = s.Restock(ctx, template.ID, quantity, "加量", "restock-2")
			refused(t, apperr.InvalidInput, err)
		}
		_, err = s.Restock(marketer(t, w, w.Region), template.ID, 5, "加量", "restock-2")
		refused(t, apperr.NotFound, err)
		require.Equal(t, [4]int{1, 1, 1, 1}, rows(t, w))
		for _, state := range []enum.TemplateState{enum.TemplateEnded, enum.TemplateVoid} {
			over := newTemplate(t, w, func(c *ent.CouponTemplateCreate) { c.SetState(state) })
			_, err = s.Restock(ctx, over.ID, 5, "加量", "restock-2")
			refused(t, apperr.TemplateStateInvalid, err)
		}
		require.Equal(t, [4]int{3, 3, 1, 1}, rows(t, w))
		consistent(t, w, template.ID, 1)
	})
}

func TestRaceOfRestocksAndClaims(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s, ctx, callers := newService(t, w), marketer(t, w, w.Root), members(t, w, 32)
		template := newTemplate(t, w, nil)
		o := race(48, func(i int) error {
			if i >= len(callers) {
				_, err := s.Restock(ctx, template.ID, 2, "加量", fmt.Sprintf("restock-%d", i%8))
				return err
			}
			_, err := s.Claim(callers[i], template.ID, "some-key")
			return err
		})
		require.Equal(t, 48, o[""]+o[apperr.OutOfStock])
		present := w.Store.Client(ctx).CouponTemplate.GetX(auth.WithinBrand(ctx), template.ID)
		require.EqualValues(t, 26, present.TotalStock, "eight keys, each once")
		consistent(t, w, template.ID, o[""]-16)
	})
}

func TestManaged(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s := newService(t, w)
		at := func(org *ent.Org, state enum.TemplateState) *ent.CouponTemplate {
			return newTemplate(t, w, func(c *ent.CouponTemplateCreate) { c.SetOrgID(org.ID).SetState(state) })
		}
		root, region := at(w.Root, enum.TemplateActive), at(w.Region, enum.TemplateDraft)
		store1, distributor := at(w.Store1, enum.TemplateActive), at(w.Distributor, enum.TemplateEnded)
		list := func(ctx context.Context, state *enum.TemplateState) (ids []int64) {
			var after *string
			for {
				page, err := s.Managed(ctx, state, new(1), after)
				require.NoError(t, err)
				for _, n := range page.Nodes {
					ids = append(ids, n.Template.ID)
				}
				if !page.HasNext {
					return ids
				}
				after = &page.EndCursor
			}
		}
		_, owner := w.NewStaff(t, auth.Mall, w.Distributor, auth.Owner)
		require.Equal(t, []int64{distributor.ID, store1.ID, region.ID, root.ID}, list(marketer(t, w, w.Root), nil))
		require.Equal(t, []int64{store1.ID, region.ID}, list(marketer(t, w, w.Region), nil))
		require.Equal(t, []int64{distributor.ID}, list(testkit.As(t, owner), nil), "the coupons of a store are its own affair")
		require.Equal(t, []int64{store1.ID}, list(marketer(t, w, w.Region), new(enum.TemplateActive)))
		_, guide := w.NewStaff(t, auth.Console, w.Root, auth.Guide)
		require.Empty(t, list(testkit.As(t, guide), nil), "without the capability")

		_, err := s.ManagedOne(marketer(t, w, w.Region), root.ID)
		refused(t, apperr.NotFound, err)
		one, err := s.ManagedOne(marketer(t, w, w.Region), region.ID)
		require.NoError(t, err)
		require.Equal(t, region.ID, one.Template.ID)
		_, err = s.Managed(marketer(t, w, w.Root), nil, new(101), nil)
		refused(t, apperr.PageSizeInvalid, err)
		_, err = s.Managed(marketer(t, w, w.Root), nil, nil, new("x"))
		refused(t, apperr.CursorInvalid, err)
	})
}

func TestCounts(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s, ctx := newService(t, w), system(t, w)
		template, other := newTemplate(t, w, nil), newTemplate(t, w, nil)
		staff, _ := w.NewStaff(t, auth.Staff, w.Store1, auth.Clerk)
		states := []enum.CouponState{enum.CouponEffective, enum.CouponPending, enum.CouponLocked, enum.CouponUsed, enum.CouponUsed, enum.CouponExpired, enum.CouponRevoked}
		for i, caller := range members(t, w, len(states)) {
			row, err := s.Claim(caller, template.ID, "some-key")
			require.NoError(t, err)
			w.Store.Client(ctx).Coupon.UpdateOneID(row.ID).SetState(states[i]).ExecX(ctx)
			if states[i] != enum.CouponUsed {
				continue
			}
			// The one in force counts, the one that was undone before it does not.
			for n, active := range []*int64{nil, &row.ID} {
				w.Store.Client(ctx).Redemption.Create().SetKind(enum.RedeemCoupon).SetSubjectID(row.ID).SetNillableActiveSubjectID(active).
					SetMemberID(row.MemberID).SetStoreID(w.Store1.ID).SetStaffID(staff.ID).SetState(enum.RedemptionConfirmed).SetPurchaseFen(5000).
					SetDiscountFen(700).SetIdempotencyKey(fmt.Sprintf("redeem-%d-%d", i, n)).ExecX(ctx)
			}
		}
		page, err := s.Managed(marketer(t, w, w.Root), nil, nil, nil)
		require.NoError(t, err)
		require.Len(t, page.Nodes, 2)
		require.Equal(t, other.ID, page.Nodes[0].Template.ID)
		require.Equal(t, coupon.Counts{}, *page.Nodes[0].Counts)
		require.Equal(t, coupon.Counts{Issued: 7, Used: 2, Open: 3, Expired: 1, Discount: 1400}, *page.Nodes[1].Counts)
	})
}
