package coupon_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/domain/coupon"
	"dongxiao/ent"
	entcoupon "dongxiao/ent/coupon"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/ent/memberevent"
	"dongxiao/internal/apperr"
	"dongxiao/internal/testkit"
)

// budget gives a new template a budget and a stock that is no bound.
func budget(fen int64) func(*ent.CouponTemplateCreate) {
	return func(c *ent.CouponTemplateCreate) {
		stock(1000)(c)
		c.SetMemberLimit(0).SetBudgetFen(fen).SetBudgetLeftFen(fen)
	}
}

// left is what is left of the template's stock and budget.
func left(t testing.TB, w *testkit.World, template *ent.CouponTemplate) (stock, budget int64) {
	row := w.Store.Client(system(t, w)).CouponTemplate.GetX(system(t, w), template.ID)
	return row.StockLeft, row.BudgetLeftFen
}

func TestBudgetBoundsWhatIsPromised(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s := newService(t, w)
		for _, c := range []struct {
			rule   document.CouponRule
			budget int64
			issued int
			left   int64
		}{
			{document.CouponRule{Kind: enum.CouponAmountOff, AmountFen: 1000}, 2999, 2, 999},
			{document.CouponRule{Kind: enum.CouponAmountOff, AmountFen: 1000}, 3000, 3, 0},
			{document.CouponRule{Kind: enum.CouponAmountOff, AmountFen: 1000}, 999, 0, 999},
			{document.CouponRule{Kind: enum.CouponPercentOff, PercentBasisPoints: 1000, CapFen: 500}, 1000, 2, 0},
			{document.CouponRule{Kind: enum.CouponFreight, AmountFen: 800}, 1000, 1, 200},
			{document.CouponRule{Kind: enum.CouponPercentOff, PercentBasisPoints: 1000}, 1000, 0, 1000},
			{document.CouponRule{Kind: enum.CouponFreight}, 1000, 0, 1000},
			{document.CouponRule{Kind: enum.CouponExchange, GoodsSKUID: 1, AmountFen: 1}, 1000, 0, 1000},
			{document.CouponRule{Kind: enum.CouponGift, GoodsSKUID: 1}, 1000, 0, 1000},
		} {
			template := newTemplateWith(t, w, c.rule, budget(c.budget))
			ctx := members(t, w, 1)[0]
			for i := range c.issued {
				_, err := s.Claim(ctx, template.ID, fmt.Sprintf("%d-key-%d", template.ID, i))
				require.NoError(t, err)
			}
			_, err := s.Claim(ctx, template.ID, fmt.Sprintf("%d-key-too-many", template.ID))
			refused(t, apperr.BudgetExhausted, err)
			stock, budget := left(t, w, template)
			require.EqualValues(t, 1000-c.issued, stock)
			require.Equal(t, c.left, budget)
		}
		testkit.VerifyBrand(t, w.Store, w.Brand.ID)
	})
}

func TestUnusedCouponsGiveTheBudgetBack(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s, ctx := newService(t, w), system(t, w)
		template, free := newTemplate(t, w, budget(10_000)), newTemplate(t, w, nil)
		member, viewer := w.NewMember(t)
		other, _ := w.NewMember(t)
		give := func(memberID int64, count int, key string) []*ent.Coupon {
			given, err := s.Give(ctx, coupon.Gift{TemplateID: template.ID, MemberID: memberID, Count: count, Key: key, Source: enum.SourceEvent})
			require.NoError(t, err)
			return given
		}
		has := func(fen int64) {
			t.Helper()
			_, budget := left(t, w, template)
			require.Equal(t, fen, budget)
			testkit.VerifyBrand(t, w.Store, w.Brand.ID)
		}
		give(member.ID, 3, "taken back")
		give(member.ID, 2, "runs out")
		give(other.ID, 2, "leaves")
		_, err := s.Claim(testkit.As(t, viewer), free.ID, "some-key")
		require.NoError(t, err)
		has(3000)
		require.Empty(t, give(member.ID, 3, "taken back"), "once")
		has(3000)

		require.NoError(t, s.TakeBack(ctx, member.ID, 3, "taken back"))
		has(6000)
		require.NoError(t, s.TakeBack(ctx, member.ID, 3, "taken back"))
		has(6000)
		require.NoError(t, w.Store.WithTx(ctx, func(ctx context.Context) error { return s.Leave(ctx, []int64{other.ID}) }))
		has(8000)

		// Of the two that are left one is used, and keeps its promise when the time is over.
		open := w.Store.Client(ctx).Coupon.Query().Where(entcoupon.TemplateID(template.ID), entcoupon.StateEQ(enum.CouponEffective)).AllX(ctx)
		require.Len(t, open, 2)
		w.Store.Client(ctx).Coupon.UpdateOne(open[0]).SetState(enum.CouponLocked).SetLockedByID(1).ExecX(ctx)
		w.Clock.Advance(8 * 24 * time.Hour)
		for {
			n, err := s.ExpireDue(system(t, w), 100)
			require.NoError(t, err)
			if n == 0 {
				break
			}
		}
		require.Equal(t, enum.CouponExpired, w.Store.Client(ctx).Coupon.GetX(ctx, open[1].ID).State)
		has(9000)
		w.Store.Client(ctx).Coupon.UpdateOne(open[0]).SetState(enum.CouponUsed).ClearLockedByID().SetUsedAt(w.Clock.Now()).ExecX(ctx)
		returned, err := s.Return(ctx, open[0].ID, false)
		require.NoError(t, err)
		require.Equal(t, enum.CouponExpired, returned.State)
		has(10_000)
	})
}

func TestGiveTellsWhoDidNotAsk(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s, ctx := newService(t, w), system(t, w)
		client := w.Store.Client(ctx)
		template := newTemplate(t, w, func(c *ent.CouponTemplateCreate) { stock(20)(c); c.SetMemberLimit(2) })
		for _, c := range []struct {
			source enum.CouponSource
			told   int
			third  apperr.Code
		}{
			{enum.SourceStaff, 2, apperr.LimitReached}, {enum.SourceExchange, 0, apperr.LimitReached}, {enum.SourceEvent, 3, ""}, {enum.SourceActivated, 3, ""},
		} {
			member, _ := w.NewMember(t)
			gift := coupon.Gift{TemplateID: template.ID, MemberID: member.ID, Count: 2, Key: "the first", Source: c.source}
			given, err := s.Give(ctx, gift)
			require.NoError(t, err)
			require.Len(t, given, 2)
			gift.Count, gift.Key = 1, "the third"
			_, err = s.Give(ctx, gift)
			refused(t, c.third, err)
			events := client.MemberEvent.Query().Where(memberevent.MemberID(member.ID)).Order(memberevent.BySequence()).AllX(ctx)
			require.Len(t, events, c.told)
			for i, event := range events {
				require.Equal(t, enum.EventCouponIssued, event.Kind)
				require.EqualValues(t, i+1, event.Sequence)
				require.NotNil(t, event.CouponID)
			}
		}
		w.Clock.Advance(24 * time.Hour) // the claim window is over
		member, _ := w.NewMember(t)
		for source, code := range map[enum.CouponSource]apperr.Code{enum.SourceExchange: apperr.ClaimEnded, enum.SourceStaff: "", enum.SourceEvent: ""} {
			_, err := s.Give(ctx, coupon.Gift{TemplateID: template.ID, MemberID: member.ID, Count: 1, Key: "late " + string(source), Source: source})
			refused(t, code, err)
		}
		for state, codes := range map[enum.MemberState]map[enum.CouponSource]apperr.Code{
			enum.MemberFrozen:    {enum.SourceStaff: apperr.MemberFrozen, enum.SourceActivated: apperr.MemberFrozen, enum.SourceEvent: ""},
			enum.MemberCancelled: {enum.SourceStaff: apperr.MemberCancelled, enum.SourceEvent: apperr.MemberCancelled},
		} {
			for source, code := range codes {
				member, _ := w.NewMember(t)
				client.Member.UpdateOneID(member.ID).SetState(state).ExecX(ctx)
				_, err := s.Give(ctx, coupon.Gift{TemplateID: template.ID, MemberID: member.ID, Count: 1, Key: "a reason", Source: source})
				refused(t, code, err)
			}
		}
	})
}

func TestGiveOfAFriendsCouponMovesItsPromise(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s, ctx := newService(t, w), system(t, w)
		client := w.Store.Client(ctx)
		template := newTemplate(t, w, func(c *ent.CouponTemplateCreate) { budget(1000)(c); stock(1)(c) })
		_, viewer := w.NewMember(t)
		friend, _ := w.NewMember(t)
		claimed, err := s.Claim(testkit.As(t, viewer), template.ID, "some-key")
		require.NoError(t, err)
		w.Clock.Advance(time.Hour)
		another := client.CouponRule.Create().SetRule(document.CouponRule{Kind: enum.CouponAmountOff, AmountFen: 9}).SaveX(ctx)
		client.CouponTemplate.UpdateOne(template).SetRuleID(another.ID).SetState(enum.TemplateEnded).ExecX(ctx)
		var given []*ent.Coupon
		require.NoError(t, w.Store.WithTx(ctx, func(ctx context.Context) (err error) {
			given, err = s.Give(ctx, coupon.Gift{TemplateID: template.ID, MemberID: friend.ID, Count: 1, Key: "from a friend", Source: enum.SourceGift, Origin: claimed.Coupon})
			if err != nil {
				return err
			}
			if err := w.Store.Client(ctx).CouponTransfer.Create().SetCouponID(claimed.ID).SetFromMemberID(claimed.MemberID).SetTokenHash("h").SetState(enum.TransferAccepted).
				SetExpiresAt(claimed.ExpiresAt).SetToMemberID(friend.ID).SetAcceptedCouponID(given[0].ID).SetEndedAt(w.Clock.Now()).Exec(ctx); err != nil {
				return err
			}
			return w.Store.Client(ctx).Coupon.UpdateOneID(claimed.ID).SetState(enum.CouponTransferred).Exec(ctx)
		}))
		require.Len(t, given, 1)
		kept := client.Coupon.GetX(ctx, given[0].ID)
		require.Equal(t, claimed.ID, *kept.OriginID)
		require.Equal(t, claimed.RuleID, kept.RuleID)
		require.Equal(t, claimed.ExpiresAt, kept.ExpiresAt)
		stock, budget := left(t, w, template)
		require.Zero(t, stock)
		require.Zero(t, budget)
		testkit.VerifyBrand(t, w.Store, w.Brand.ID)

		client.CouponTemplate.UpdateOneID(template.ID).SetState(enum.TemplateVoid).ExecX(ctx)
		_, err = s.Give(ctx, coupon.Gift{TemplateID: template.ID, MemberID: friend.ID, Count: 1, Key: "withdrawn", Source: enum.SourceGift, Origin: kept})
		refused(t, apperr.TemplateNotActive, err)
	})
}

// 64 members claim at once, on two servers, from a budget for three.
func TestRaceClaimsAgainstTheLastFenOfTheBudget(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		servers := []*coupon.Service{newService(t, w), newService(t, w)}
		template := newTemplate(t, w, budget(3999))
		callers := members(t, w, 64)
		require.Equal(t, outcome{"": 3, apperr.BudgetExhausted: 61}, race(64, func(i int) error {
			_, err := servers[i%2].Claim(callers[i], template.ID, "some-key")
			return err
		}))
		stock, budget := left(t, w, template)
		require.EqualValues(t, 997, stock)
		require.EqualValues(t, 999, budget)
		consistent(t, w, template.ID, 3)
	})
}

// Coupons end unused while others are claimed: the budget is that of those that are left.
func TestRaceClaimsAgainstTheEndOfOthers(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s, ctx := newService(t, w), system(t, w)
		template := newTemplate(t, w, budget(16_000))
		rows := make([]*ent.Member, 16)
		for i := range rows {
			rows[i], _ = w.NewMember(t)
			_, err := s.Give(ctx, coupon.Gift{TemplateID: template.ID, MemberID: rows[i].ID, Count: 1, Key: "a reason", Source: enum.SourceEvent})
			require.NoError(t, err)
		}
		callers := members(t, w, 16)
		o := race(48, func(i int) error {
			switch i % 3 {
			case 0:
				return s.TakeBack(ctx, rows[i/3].ID, 1, "a reason")
			case 1:
				return w.Store.WithTx(ctx, func(ctx context.Context) error { return s.Leave(ctx, []int64{rows[i/3].ID}) })
			}
			_, err := s.Claim(callers[i/3], template.ID, "some-key")
			return err
		})
		require.Equal(t, 48, o[""]+o[apperr.BudgetExhausted])
		_, budget := left(t, w, template)
		claimed := w.Store.Client(ctx).Coupon.Query().Where(entcoupon.TemplateID(template.ID), entcoupon.SourceEQ(enum.SourceClaim)).CountX(ctx)
		require.EqualValues(t, 16_000-1000*claimed, budget)
	})
}
