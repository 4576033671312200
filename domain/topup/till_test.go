package topup_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/topup"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/testkit"
)

func (x *shop) atTill(t testing.TB, tier *ent.TopUpTier, tender enum.Tender) (*ent.TopUp, error) {
	return x.CreateAtTill(x.till, topup.TillTopUp{MemberCode: x.code(t, x.member), StoreID: x.Store1.ID, TierID: tier.ID, Tender: tender, IdempotencyKey: key()})
}

func TestTill(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := open(t, w)
		tier := x.tier(t, func(in *topup.TierInput) { in.Pay, in.Terms.BonusFen = 40_000, 1_000 })
		_, err := x.atTill(t, tier, enum.TenderCash)
		refused(t, apperr.ShiftNotOpen, err)
		shift, err := x.OpenShift(x.till, x.Store1.ID, 5_000, key())
		require.NoError(t, err)
		_, err = x.OpenShift(x.till, x.Store1.ID, 5_000, key())
		refused(t, apperr.ShiftAlreadyOpen, err)
		mine, err := x.MyShift(x.till, x.Store1.ID)
		require.NoError(t, err)
		require.Equal(t, shift.ID, mine.ID)

		in := topup.TillTopUp{MemberCode: x.code(t, x.member), StoreID: x.Store1.ID, TierID: tier.ID, Tender: enum.TenderCash, IdempotencyKey: key()}
		cash, err := x.CreateAtTill(x.till, in)
		require.NoError(t, err)
		require.Equal(t, enum.TopUpPaid, cash.State)
		again, err := x.CreateAtTill(x.till, in)
		require.NoError(t, err)
		require.Equal(t, cash.ID, again.ID)
		in.IdempotencyKey = key()
		_, err = x.CreateAtTill(x.till, in)
		refused(t, apperr.MemberCodeUsed, err)
		w.Clock.Advance(time.Minute)
		_, err = x.atTill(t, tier, enum.TenderCard)
		require.NoError(t, err)
		balance, pending := x.wallet(t)
		require.EqualValues(t, 82_000, balance)
		require.Zero(t, pending)

		refund, _, err := x.request(x.owner, cash, enum.FaultMerchant, 40_000)
		require.NoError(t, err)
		require.True(t, topup.AtTill(refund))
		k := key()
		refund, err = x.PayOut(x.till, refund.ID, k)
		require.NoError(t, err)
		require.Equal(t, enum.TopUpRefundPaid, refund.State)
		require.Equal(t, shift.ID, *refund.ShiftID)
		_, err = x.PayOut(x.till, refund.ID, k)
		require.NoError(t, err)
		_, err = x.PayOut(x.till, refund.ID, key())
		refused(t, apperr.TopUpRefundStateInvalid, err)

		_, err = x.CloseShift(x.staff(t, x.Store2, auth.Manager), shift.ID, topup.Count{Cash: 5_000, Card: 40_000}, key())
		refused(t, apperr.NotFound, err)
		_, err = x.CloseShift(x.till, shift.ID, topup.Count{Cash: 4_000, Card: 40_000}, key())
		refused(t, apperr.ShiftDifferenceUnexplained, err)
		k = key()
		closed, err := x.CloseShift(x.till, shift.ID, topup.Count{Cash: 4_000, Card: 40_000, Explanation: "找零少收"}, k)
		require.NoError(t, err)
		require.Equal(t, []int64{4_000, 40_000, 5_000, 40_000}, []int64{closed.CountedCashFen, closed.CountedCardFen, closed.ExpectedCashFen, closed.ExpectedCardFen})
		_, err = x.CloseShift(x.till, shift.ID, topup.Count{Cash: 4_000, Card: 40_000, Explanation: "找零少收"}, k)
		require.NoError(t, err)
		_, err = x.CloseShift(x.till, shift.ID, topup.Count{Cash: 5_000, Card: 40_000}, key())
		refused(t, apperr.ShiftClosed, err)
		w.Clock.Advance(time.Minute)
		_, err = x.atTill(t, tier, enum.TenderCash)
		refused(t, apperr.ShiftNotOpen, err)
		testkit.VerifyBrand(t, w.Store, w.Brand.ID)
	})
}

func TestTillRefuses(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := open(t, w)
		tier := x.tier(t, nil)
		elsewhere := x.tier(t, func(in *topup.TierInput) { in.OrgID = x.Region.ID })
		_, err := x.OpenShift(x.till, x.Store1.ID, 0, key())
		require.NoError(t, err)
		visitor, _ := x.NewMember(t)
		x.client().Member.UpdateOne(visitor).SetState(enum.MemberVisitor).ClearRegisteredAt().ExecX(x.ctx)
		frozen, _ := x.NewMember(t)
		x.client().Member.UpdateOne(frozen).SetState(enum.MemberFrozen).ExecX(x.ctx)
		self := x.client().Member.Create().SetPersonID(auth.FromContext(x.till).PersonID).SetNumber(1e9 + 7).SetState(enum.MemberRegistered).
			SetRegisteredAt(w.Clock.Now()).SaveX(x.ctx)
		good := func() topup.TillTopUp {
			return topup.TillTopUp{MemberCode: x.code(t, x.member), StoreID: x.Store1.ID, TierID: tier.ID, Tender: enum.TenderCash, IdempotencyKey: key()}
		}
		old := x.code(t, x.member)
		for name, c := range map[string]struct {
			change func(*topup.TillTopUp)
			code   apperr.Code
		}{
			"tender":        {func(in *topup.TillTopUp) { in.Tender = enum.TenderWeChatPay }, apperr.InvalidInput},
			"code":          {func(in *topup.TillTopUp) { in.MemberCode = "123" }, apperr.MemberCodeInvalid},
			"another store": {func(in *topup.TillTopUp) { in.StoreID = x.Store2.ID }, apperr.NotFound},
			"another tier":  {func(in *topup.TillTopUp) { in.TierID = elsewhere.ID }, apperr.NotFound},
			"no tier":       {func(in *topup.TillTopUp) { in.TierID = 5 }, apperr.NotFound},
			"visitor":       {func(in *topup.TillTopUp) { in.MemberCode = x.code(t, visitor) }, apperr.PhoneRequired},
			"frozen":        {func(in *topup.TillTopUp) { in.MemberCode = x.code(t, frozen) }, apperr.MemberFrozen},
			"oneself":       {func(in *topup.TillTopUp) { in.MemberCode = x.code(t, self) }, apperr.SelfService},
			"key":           {func(in *topup.TillTopUp) { in.IdempotencyKey = "" }, apperr.IdempotencyKeyInvalid},
		} {
			in := good()
			c.change(&in)
			_, err := x.CreateAtTill(x.till, in)
			require.Equal(t, c.code, apperr.CodeOf(err), name)
		}
		w.Clock.Advance(3 * time.Minute)
		in := good()
		in.MemberCode = old
		_, err = x.CreateAtTill(x.till, in)
		refused(t, apperr.MemberCodeExpired, err)
		require.Zero(t, x.client().TopUp.Query().CountX(x.ctx))
		require.Zero(t, x.client().LedgerPosting.Query().CountX(x.ctx))
	})
}

func TestTillIsShort(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := open(t, w)
		tier := x.tier(t, func(in *topup.TierInput) { in.Pay = 40_000 })
		first, err := x.OpenShift(x.till, x.Store1.ID, 0, key())
		require.NoError(t, err)
		row, err := x.atTill(t, tier, enum.TenderCash)
		require.NoError(t, err)
		_, err = x.CloseShift(x.owner, first.ID, topup.Count{Cash: 40_000}, key())
		require.NoError(t, err, "who manages the till closes a colleague's shift")
		refund, _, err := x.request(x.owner, row, enum.FaultUnused, 40_000)
		require.NoError(t, err)
		_, err = x.OpenShift(x.till, x.Store1.ID, 39_999, key())
		require.NoError(t, err)
		_, err = x.PayOut(x.till, refund.ID, key())
		refused(t, apperr.TillShort, err)
		require.Equal(t, enum.TopUpRefundPaying, x.client().TopUpRefund.GetX(x.ctx, refund.ID).State)
	})
}

func TestRaceTopUpsAgainstClosingTheShift(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := open(t, w)
		tier := x.tier(t, func(in *topup.TierInput) { in.Pay, in.Terms.BonusFen, in.Terms.BonusDays = 1_000, 0, 0 })
		shift, err := x.OpenShift(x.till, x.Store1.ID, 0, key())
		require.NoError(t, err)
		codes := make([]string, 30)
		for i := range codes {
			m, _ := x.NewMember(t)
			codes[i] = x.code(t, m)
		}
		outcomes := race(32, func(i int) error {
			if i >= len(codes) {
				if _, err := x.CloseShift(x.till, shift.ID, topup.Count{Explanation: "清点"}, key()); err != nil {
					return err
				}
				return apperr.New("CLOSED_HERE")
			}
			_, err := x.CreateAtTill(x.till, topup.TillTopUp{MemberCode: codes[i], StoreID: x.Store1.ID, TierID: tier.ID, Tender: enum.TenderCash, IdempotencyKey: key()})
			return err
		})
		require.Equal(t, 1, outcomes["CLOSED_HERE"], "%v", outcomes)
		require.Equal(t, 1, outcomes[apperr.ShiftClosed])
		require.Equal(t, 30, outcomes[""]+outcomes[apperr.ShiftNotOpen], "%v", outcomes)
		shift = x.client().TillShift.GetX(x.ctx, shift.ID)
		require.EqualValues(t, 1_000*outcomes[""], shift.ExpectedCashFen)
	})
}
