package topup_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/domain/topup"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/lot"
	entmemberevent "dongxiao/ent/memberevent"
	enttopup "dongxiao/ent/topup"
	"dongxiao/internal/apperr"
	"dongxiao/internal/testkit"
)

func TestTopUpByWeChatPay(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := open(t, w)
		tier := x.tier(t, nil)
		k := key()
		row, err := x.Create(x.shopper, tier.ID, k)
		require.NoError(t, err)
		require.Equal(t, enum.TopUpPending, row.State)
		again, err := x.Create(x.shopper, tier.ID, k)
		require.NoError(t, err)
		require.Equal(t, row.ID, again.ID)
		balance, pending := x.wallet(t)
		require.EqualValues(t, 0, balance)
		require.EqualValues(t, 110_000, pending)

		w.Clock.Advance(time.Minute)
		require.NoError(t, x.settle(*row.PaymentID))
		require.NoError(t, x.settle(*row.PaymentID), "the second notice finds it done")
		balance, pending = x.wallet(t)
		require.EqualValues(t, 110_000, balance)
		require.EqualValues(t, 0, pending)
		row = x.client().TopUp.GetX(x.ctx, row.ID)
		require.Equal(t, enum.TopUpPaid, row.State)
		require.True(t, w.Clock.Now().Equal(*row.PaidAt))
		lots := x.client().Lot.Query().Where(lot.SourceID(row.ID)).Order(lot.ByKind()).AllX(x.ctx)
		require.Len(t, lots, 2)
		require.Equal(t, enum.LotBonus, lots[0].Kind)
		require.EqualValues(t, 10_000, lots[0].Remaining)
		require.True(t, lots[0].ExpiresAt.Equal(w.Clock.Now().AddDate(0, 0, 90)))
		require.True(t, row.BonusExpiresAt.Equal(*lots[0].ExpiresAt))
		require.EqualValues(t, 100_000, lots[1].Remaining)
		require.Nil(t, lots[1].ExpiresAt)
		require.Equal(t, x.Region.ID, lots[1].ScopeOrgID)
		require.Equal(t, row.ID, *x.client().MemberEvent.Query().Where(entmemberevent.KindEQ(enum.EventWalletChanged)).OnlyX(x.ctx).TopUpID)
	})
}

func TestTopUpThatIsNeverPaid(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := open(t, w)
		tier := x.tier(t, func(in *topup.TierInput) { in.MemberLimit, in.PersonLimit = 1, 1 })
		row, err := x.Create(x.shopper, tier.ID, key())
		require.NoError(t, err)
		_, err = x.Create(x.shopper, tier.ID, key())
		refused(t, apperr.TopUpLimitReached, err)
		require.NoError(t, x.expire(*row.PaymentID))
		balance, pending := x.wallet(t)
		require.EqualValues(t, 0, balance)
		require.EqualValues(t, 0, pending)
		require.Equal(t, enum.TopUpClosed, x.client().TopUp.GetX(x.ctx, row.ID).State)
		require.NoError(t, x.settle(*row.PaymentID), "money that comes all the same goes back")
		require.Equal(t, enum.OutcomeReturned, x.client().Payment.GetX(x.ctx, *row.PaymentID).Outcome)
		balance, _ = x.wallet(t)
		require.EqualValues(t, 0, balance)
		x.paid(t, tier) // the limit was given back
		_, err = x.Create(x.shopper, tier.ID, key())
		refused(t, apperr.TopUpLimitReached, err)
	})
}

func TestCreateRefuses(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := open(t, w)
		tier := x.tier(t, nil)
		draft, err := x.CreateTier(x.owner, x.input())
		require.NoError(t, err)
		paused := x.tier(t, nil)
		paused, err = x.SetTierState(x.owner, paused.ID, paused.Version, enum.TierPaused, "缺货")
		require.NoError(t, err)
		later := x.tier(t, func(in *topup.TierInput) { in.StartsAt = testkit.Start.Add(time.Hour) })
		over := x.tier(t, func(in *topup.TierInput) { in.StartsAt, in.EndsAt = testkit.Start.Add(-time.Hour), testkit.Start })
		cardless := x.tier(t, func(in *topup.TierInput) { in.OrgID = x.Region.ID })
		for name, c := range map[string]struct {
			tier int64
			code apperr.Code
		}{
			"none": {5, apperr.NotFound}, "draft": {draft.ID, apperr.NotFound}, "paused": {paused.ID, apperr.TierNotOffered}, "later": {later.ID, apperr.TierNotOffered},
			"over": {over.ID, apperr.TierNotOffered}, "no merchant account": {cardless.ID, apperr.MerchantAccountMissing},
		} {
			_, err := x.Create(x.shopper, c.tier, key())
			require.Equal(t, c.code, apperr.CodeOf(err), name)
		}
		_, err = x.Create(x.owner, tier.ID, key())
		refused(t, apperr.Forbidden, err)
		_, err = x.Create(x.shopper, tier.ID, "short")
		refused(t, apperr.IdempotencyKeyInvalid, err)
		x.client().Member.UpdateOne(x.member).SetState(enum.MemberFrozen).ExecX(x.ctx)
		_, err = x.Create(x.shopper, tier.ID, key())
		refused(t, apperr.MemberFrozen, err)
		x.client().Member.UpdateOne(x.member).SetState(enum.MemberRegistered).ExecX(x.ctx)
		x.client().Org.UpdateOne(x.Store1).SetState(enum.OrgClosed).ExecX(x.ctx)
		_, err = x.Create(x.shopper, tier.ID, key())
		refused(t, apperr.StoreClosed, err)
		require.Zero(t, x.client().TopUp.Query().CountX(x.ctx))
		require.Zero(t, x.client().Payment.Query().CountX(x.ctx))
		_, pending := x.wallet(t)
		require.Zero(t, pending)
	})
}

func TestRaceCreateUnderTheCap(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := open(t, w)
		tier := x.tier(t, func(in *topup.TierInput) { in.Terms.BonusFen, in.Terms.BonusDays = 0, 0 })
		require.Equal(t, map[apperr.Code]int{"": 5, apperr.BalanceCapExceeded: 59}, race(64, func(int) error {
			_, err := x.Create(x.shopper, tier.ID, key())
			return err
		}))
		_, pending := x.wallet(t)
		require.EqualValues(t, 500_000, pending)
	})
}

func TestRaceCreateUnderTheLimit(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := open(t, w)
		tier := x.tier(t, func(in *topup.TierInput) { in.MemberLimit, in.PersonLimit = 3, 2 })
		require.Equal(t, map[apperr.Code]int{"": 2, apperr.TopUpLimitReached: 30}, race(32, func(int) error {
			_, err := x.Create(x.shopper, tier.ID, key())
			return err
		}))
	})
}

func TestRaceSettleAgainstClose(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := open(t, w)
		tier := x.tier(t, nil)
		for range 4 {
			row, err := x.Create(x.shopper, tier.ID, key())
			require.NoError(t, err)
			require.Equal(t, map[apperr.Code]int{"": 32}, race(32, func(i int) error {
				if i%2 == 0 {
					return x.settle(*row.PaymentID)
				}
				return x.expire(*row.PaymentID)
			}))
			row = x.client().TopUp.GetX(x.ctx, row.ID)
			outcome := x.client().Payment.GetX(x.ctx, *row.PaymentID).Outcome
			require.Equal(t, map[enum.TopUpState]enum.PaymentOutcome{enum.TopUpPaid: enum.OutcomeApplied, enum.TopUpClosed: enum.OutcomeReturned}[row.State], outcome)
		}
		balance, pending := x.wallet(t)
		require.EqualValues(t, 110_000*x.client().TopUp.Query().Where(enttopup.StateEQ(enum.TopUpPaid)).CountX(x.ctx), balance)
		require.Zero(t, pending)
	})
}

func TestOffered(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := open(t, w)
		own := x.tier(t, nil)
		x.account(t, x.Root)
		brand := x.tier(t, func(in *topup.TierInput) { in.OrgID, in.Pay, in.Terms.ScopeOrgID = x.Root.ID, 50_000, x.Root.ID })
		x.tier(t, func(in *topup.TierInput) { in.OrgID = x.Region.ID }) // takes no WeChat Pay
		x.tier(t, func(in *topup.TierInput) { in.OrgID, in.Terms.ScopeOrgID = x.Store2.ID, x.Region.ID })
		numbers := func(rows []*ent.TopUpTier) (list []int64) {
			for _, row := range rows {
				list = append(list, row.ID)
			}
			return list
		}
		page, err := x.Offered(x.shopper, &x.Store1.ID, topup.Window{First: new(1)})
		require.NoError(t, err)
		require.Equal(t, []int64{brand.ID}, numbers(page.Nodes))
		page, err = x.Offered(x.shopper, &x.Store1.ID, topup.Window{First: new(1), After: &page.EndCursor})
		require.NoError(t, err)
		require.Equal(t, []int64{own.ID}, numbers(page.Nodes))
		require.False(t, page.HasNext)
		page, err = x.Offered(x.shopper, nil, topup.Window{})
		require.NoError(t, err)
		require.Equal(t, []int64{brand.ID}, numbers(page.Nodes))
		page, err = x.Offered(x.till, &x.Store1.ID, topup.Window{})
		require.NoError(t, err)
		require.Equal(t, []int64{own.ID}, numbers(page.Nodes))
		_, err = x.Offered(x.shopper, new(int64(5)), topup.Window{})
		refused(t, apperr.NotFound, err)
	})
}
