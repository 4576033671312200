package coupon_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/coupon"
	"dongxiao/ent"
	entcoupon "dongxiao/ent/coupon"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/store"
	"dongxiao/internal/testkit"
)

func TestClaimable(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s := newService(t, w)
		ending := func(days int, state enum.TemplateState) int64 {
			return newTemplate(t, w, func(c *ent.CouponTemplateCreate) {
				c.SetClaimEndsAt(testkit.Start.AddDate(0, 0, days)).SetClaimStartsAt(testkit.Start.AddDate(0, 0, -2)).SetState(state)
			}).ID
		}
		late, soon, twin, later := ending(3, enum.TemplateActive), ending(1, enum.TemplateActive), ending(1, enum.TemplateActive), ending(9, enum.TemplateActive)
		ending(-1, enum.TemplateActive)
		for _, state := range []enum.TemplateState{enum.TemplateDraft, enum.TemplateReview, enum.TemplatePaused, enum.TemplateEnded, enum.TemplateVoid} {
			ending(2, state)
		}
		newTemplate(t, w, func(c *ent.CouponTemplateCreate) { c.SetClaimStartsAt(testkit.Start.Add(time.Microsecond)) })
		stranger := testkit.New(t, w.Store.Dialect())
		newTemplate(t, stranger, nil)

		visitor := testkit.As(t, auth.Viewer{Reach: auth.ReachPublic, BrandID: w.Brand.ID, Face: auth.Storefront})
		_, clerk := w.NewStaff(t, auth.Staff, w.Store1, auth.Clerk)
		for _, ctx := range []*auth.Viewer{new(auth.FromContext(visitor)), &clerk} {
			var found []int64
			var after *string
			for {
				page, err := s.Claimable(testkit.As(t, *ctx), nil, new(2), after)
				require.NoError(t, err)
				for _, row := range page.Nodes {
					found = append(found, row.ID)
				}
				if after = &page.EndCursor; !page.HasNext {
					break
				}
			}
			require.Equal(t, []int64{soon, twin, late, later}, found)
		}
		page, err := s.Claimable(visitor, nil, new(1), nil)
		require.NoError(t, err)
		_, err = s.Claimable(testkit.As(t, auth.Viewer{Reach: auth.ReachPublic, BrandID: stranger.Brand.ID}), nil, nil, &page.EndCursor)
		refused(t, apperr.CursorInvalid, err)
		_, err = s.Claimable(visitor, nil, new(0), nil)
		refused(t, apperr.PageSizeInvalid, err)
	})
}

func TestClaimStates(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s := newService(t, w)
		member, viewer := w.NewMember(t)
		ctx := testkit.As(t, viewer)
		var order int
		next := func(change func(*ent.CouponTemplateCreate)) *ent.CouponTemplate {
			order++
			return newTemplate(t, w, func(c *ent.CouponTemplateCreate) {
				c.SetClaimEndsAt(testkit.Start.AddDate(0, 0, order))
				change(c)
			})
		}
		fresh := next(func(c *ent.CouponTemplateCreate) { c.SetMemberLimit(2) })
		full := next(func(c *ent.CouponTemplateCreate) { c.SetMemberLimit(1) })
		unlimited := next(func(c *ent.CouponTemplateCreate) { c.SetMemberLimit(0) })
		gone := next(stock(1))
		today := next(func(c *ent.CouponTemplateCreate) { c.SetMemberLimit(3).SetMemberDayLimit(1) })
		person := next(func(c *ent.CouponTemplateCreate) { c.SetMemberLimit(3).SetPersonLimit(1) })
		goneToday := next(func(c *ent.CouponTemplateCreate) { c.SetDayStock(1) })
		for _, template := range []*ent.CouponTemplate{full, unlimited, today, person} {
			_, err := s.Claim(ctx, template.ID, "key-"+template.ClaimEndsAt.Format("20060102"))
			require.NoError(t, err)
		}
		claimed(t, w, s, gone)
		claimed(t, w, s, goneToday)

		type state struct {
			template, claimed, left int64
			refusal                 apperr.Code
		}
		want := []state{{fresh.ID, 0, 2, ""}, {full.ID, 1, 0, apperr.LimitReached}, {unlimited.ID, 1, -1, ""}, {gone.ID, 0, 1, apperr.OutOfStock},
			{today.ID, 1, 2, apperr.LimitReached}, {person.ID, 1, 2, apperr.LimitReached}, {goneToday.ID, 0, 1, apperr.OutOfStock}}
		read := func(n int) (got []state) {
			statements, counted := store.CollectStatements(ctx)
			states, err := s.ClaimStates(statements, nil, &n)
			require.NoError(t, err)
			require.Len(t, counted.List(), 1)
			for _, c := range states {
				left := int64(-1)
				if c.Left != nil {
					left = *c.Left
				}
				got = append(got, state{c.Template.ID, c.Claimed, left, c.Refusal})
			}
			return got
		}
		require.Equal(t, want, read(20))
		require.Equal(t, want[:2], read(2))
		system := system(t, w)
		w.Store.Client(system).Member.UpdateOneID(member.ID).SetState(enum.MemberFrozen).ExecX(system)
		require.Equal(t, apperr.MemberFrozen, read(1)[0].refusal)

		shared, counted := store.CollectStatements(coupon.ShareOffers(ctx))
		visitor := auth.NewContext(shared, auth.Viewer{Reach: auth.ReachPublic, BrandID: w.Brand.ID})
		page, err := s.Claimable(visitor, nil, new(3), nil)
		require.NoError(t, err)
		states, err := s.ClaimStates(shared, nil, new(3))
		require.NoError(t, err)
		require.Len(t, counted.List(), 1, "read once for both")
		require.True(t, page.HasNext)
		for i, shown := range page.Nodes {
			require.Equal(t, shown, states[i].Template)
		}
		alone, err := s.Claimable(testkit.As(t, auth.FromContext(visitor)), nil, new(3), nil)
		require.NoError(t, err)
		require.Equal(t, page.EndCursor, alone.EndCursor)

		_, clerk := w.NewStaff(t, auth.Staff, w.Store1, auth.Clerk)
		_, err = s.ClaimStates(testkit.As(t, clerk), nil, nil)
		refused(t, apperr.Forbidden, err)
		_, err = s.ClaimStates(ctx, nil, new(21))
		refused(t, apperr.PageSizeInvalid, err)
	})
}

func TestCoupons(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s := newService(t, w)
		ctx, system := members(t, w, 1)[0], system(t, w)
		claim := func(change func(*ent.CouponTemplateCreate)) int64 {
			template := newTemplate(t, w, change)
			row, err := s.Claim(ctx, template.ID, fmt.Sprintf("key-%d", template.ID))
			require.NoError(t, err)
			return row.ID
		}
		days := func(delay, valid int) func(*ent.CouponTemplateCreate) {
			return func(c *ent.CouponTemplateCreate) { c.SetDelayDays(delay).SetValidDays(valid) }
		}
		short, long, delayed, used, swept := claim(days(0, 1)), claim(days(0, 9)), claim(days(5, 9)), claim(days(0, 1)), claim(days(0, 1))
		w.Store.Client(system).Coupon.UpdateOneID(used).SetState(enum.CouponUsed).ExecX(system)
		w.Store.Client(system).Coupon.UpdateOneID(swept).SetState(enum.CouponExpired).ExecX(system)
		claimed(t, w, s, newTemplate(t, w, nil))

		check := func(state *enum.CouponState, want ...int64) {
			t.Helper()
			var found []int64
			var after *string
			for {
				page, err := s.Coupons(ctx, state, new(1), after)
				require.NoError(t, err)
				for _, row := range page.Nodes {
					found = append(found, row.ID)
					if state != nil {
						require.Equal(t, *state, coupon.StateAt(row, w.Clock.Now()))
					}
				}
				if after = &page.EndCursor; !page.HasNext {
					break
				}
			}
			require.Equal(t, want, found)
		}
		check(nil, swept, used, delayed, long, short)
		check(new(enum.CouponEffective), long, short)
		check(new(enum.CouponPending), delayed)
		check(new(enum.CouponUsed), used)
		check(new(enum.CouponExpired), swept)
		w.Clock.Advance(24 * time.Hour)
		check(new(enum.CouponEffective), long)
		check(new(enum.CouponExpired), swept, short)
		w.Clock.Advance(4 * 24 * time.Hour)
		check(new(enum.CouponEffective), delayed, long)
		check(new(enum.CouponPending))
		check(nil, swept, used, delayed, long, short)

		page, err := s.Coupons(ctx, nil, new(1), nil)
		require.NoError(t, err)
		_, err = s.Coupons(ctx, new(enum.CouponUsed), nil, &page.EndCursor)
		refused(t, apperr.CursorInvalid, err)
		_, err = s.Coupons(members(t, w, 1)[0], nil, nil, &page.EndCursor)
		refused(t, apperr.CursorInvalid, err)
		_, clerk := w.NewStaff(t, auth.Staff, w.Store1, auth.Clerk)
		_, err = s.Coupons(testkit.As(t, clerk), nil, nil, nil)
		refused(t, apperr.Forbidden, err)
	})
}

func TestExpireDue(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s, ctx := newService(t, w), system(t, w)
		// The sweep goes over all brands, so this test lives long before the others.
		start := testkit.Start.AddDate(0, 0, -100)
		w.Clock.Set(start)
		at := func(change func(*ent.CouponTemplateCreate)) *ent.CouponTemplate {
			return newTemplate(t, w, func(c *ent.CouponTemplateCreate) {
				c.SetClaimStartsAt(start)
				change(c)
			})
		}
		template := at(func(c *ent.CouponTemplateCreate) { c.SetValidDays(1) })
		longer := at(func(c *ent.CouponTemplateCreate) { c.SetValidDays(2) })
		var due []int64
		for range 3 {
			due = append(due, claimed(t, w, s, template).ID)
		}
		pending := claimed(t, w, s, at(func(c *ent.CouponTemplateCreate) {
			c.SetValidityKind(enum.ValidityFixed).SetValidFrom(start.Add(time.Hour)).SetValidUntil(start.Add(24 * time.Hour))
		}))
		due = append(due, pending.ID)
		used, open := claimed(t, w, s, template), claimed(t, w, s, longer)
		w.Store.Client(ctx).Coupon.UpdateOneID(used.ID).SetState(enum.CouponUsed).ExecX(ctx)
		expired := func() []int64 {
			ids := w.Store.Client(ctx).Coupon.Query().Where(entcoupon.StateEQ(enum.CouponExpired)).IDsX(ctx)
			slices.Sort(ids)
			return ids
		}
		w.Clock.Set(start.Add(24*time.Hour - time.Microsecond))
		n, err := s.ExpireDue(t.Context(), 100)
		require.NoError(t, err)
		require.Zero(t, n)
		w.Clock.Advance(time.Microsecond)
		for _, want := range []int{3, 1, 0} {
			n, err := s.ExpireDue(t.Context(), 2)
			require.NoError(t, err)
			require.Equal(t, want, n)
		}
		require.Equal(t, due, expired())
		require.Equal(t, enum.CouponEffective, w.Store.Client(ctx).Coupon.GetX(ctx, open.ID).State)
	})
}

func TestMaskCode(t *testing.T) {
	t.Parallel()
	for code, masked := range map[string]string{"0123456789AB": "********89AB", "0123": "**23", "0": "*", "": ""} {
		require.Equal(t, masked, coupon.MaskCode(code))
	}
}

// TestClaimStateOfABudget: who would get a coupon more than the budget bears sees so before.
func TestClaimStateOfABudget(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s := newService(t, w)
		template := newTemplate(t, w, func(c *ent.CouponTemplateCreate) { c.SetBudgetFen(1_999).SetBudgetLeftFen(1_999) })
		claimed(t, w, s, template)
		next := members(t, w, 1)[0]
		states, err := s.ClaimStates(next, nil, nil)
		require.NoError(t, err)
		require.Equal(t, apperr.BudgetExhausted, states[0].Refusal)
		_, err = s.Claim(next, template.ID, "some-key")
		refused(t, apperr.BudgetExhausted, err)
	})
}
