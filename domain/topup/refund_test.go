package topup_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/ledger"
	"dongxiao/domain/topup"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/lot"
	"dongxiao/internal/apperr"
	"dongxiao/internal/money"
	"dongxiao/internal/testkit"

	"context"
)

func (x *shop) request(ctx context.Context, t *ent.TopUp, fault enum.RefundFault, amount money.Fen) (*ent.TopUpRefund, *topup.Offer, error) {
	return x.RequestRefund(ctx, topup.RefundRequest{TopUpID: t.ID, Fault: fault, Amount: amount, Reason: "顾客搬家", IdempotencyKey: key()})
}

// left is what may still be spent of a top-up: principal and bonus.
func (x *shop) left(t *ent.TopUp) (principal, bonus int64) {
	for _, l := range x.client().Lot.Query().Where(lot.SourceID(t.ID)).AllX(x.ctx) {
		if l.Kind == enum.LotPrincipal {
			principal += l.Remaining
		} else {
			bonus += l.Remaining
		}
	}
	return principal, bonus
}

func TestRefundThroughWeChatPay(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := open(t, w)
		row := x.paid(t, x.tier(t, nil))
		require.NoError(t, x.spend(60_000)) // 10,000 of the bonus, which expires first, and 50,000 of the principal
		offer, err := x.PreviewRefund(x.owner, row.ID, enum.FaultMember)
		require.NoError(t, err)
		require.Equal(t, topup.Offer{Fault: enum.FaultMember, Amount: 40_000, Principal: 50_000, Used: 60_000, Deducted: 60_000}, *offer)
		_, err = x.PreviewRefund(x.owner, row.ID, enum.FaultUnused)
		refused(t, apperr.TopUpUsed, err)
		_, fresh, err := x.request(x.owner, row, enum.FaultMember, 40_001)
		refused(t, apperr.TopUpRefundOfferChanged, err)
		require.Equal(t, offer, fresh)
		_, _, err = x.request(x.owner, row, enum.FaultMember, 99_999_999)
		refused(t, apperr.TopUpRefundOfferChanged, err)
		require.Zero(t, x.client().PaymentRefund.Query().CountX(x.ctx))
		balance, _ := x.wallet(t)
		require.EqualValues(t, 50_000, balance)

		refund, _, err := x.request(x.owner, row, enum.FaultMember, 40_000)
		require.NoError(t, err)
		require.Equal(t, enum.TopUpRefundPaying, refund.State, "an amount up to the setting needs no second person")
		balance, _ = x.wallet(t)
		require.Zero(t, balance)
		_, _, err = x.request(x.owner, row, enum.FaultMember, 40_000)
		refused(t, apperr.TopUpRefundUnderWay, err)
		_, err = x.PayOut(x.till, refund.ID, key())
		refused(t, apperr.TopUpRefundNotAtTill, err)
		require.NoError(t, x.returned(*refund.PaymentRefundID))
		require.Equal(t, enum.TopUpRefundPaid, x.client().TopUpRefund.GetX(x.ctx, refund.ID).State)
		row = x.client().TopUp.GetX(x.ctx, row.ID)
		require.Equal(t, enum.TopUpRefunded, row.State)
		require.EqualValues(t, 40_000, row.RefundedFen)
		_, _, err = x.request(x.owner, row, enum.FaultMember, 1)
		refused(t, apperr.TopUpNothingLeft, err)
	})
}

func TestRefundIsChecked(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := open(t, w)
		row := x.paid(t, x.tier(t, nil))
		expiry := *row.BonusExpiresAt
		refund, _, err := x.request(x.owner, row, enum.FaultUnused, 100_000)
		require.NoError(t, err)
		require.Equal(t, enum.TopUpRefundRequested, refund.State)
		require.Nil(t, refund.PaymentRefundID)
		refused(t, apperr.Conflict, x.spend(1))
		_, err = x.Check(x.owner, refund.ID, true, "", key())
		refused(t, apperr.NotFound, err)
		_, err = x.Check(x.staff(t, x.Store2, auth.Finance), refund.ID, true, "", key())
		refused(t, apperr.NotFound, err)
		_, err = x.Check(x.finance, refund.ID, false, " ", key())
		refused(t, apperr.ReasonRequired, err)

		k := key()
		refund, err = x.Check(x.finance, refund.ID, false, "请先核对小票", k)
		require.NoError(t, err)
		require.Equal(t, enum.TopUpRefundRejected, refund.State)
		refund, err = x.Check(x.finance, refund.ID, false, "请先核对小票", k)
		require.NoError(t, err)
		_, err = x.Check(x.finance, refund.ID, true, "", key())
		refused(t, apperr.TopUpRefundStateInvalid, err)
		principal, bonus := x.left(row)
		require.EqualValues(t, 100_000, principal)
		require.EqualValues(t, 10_000, bonus)
		require.True(t, expiry.Equal(*x.client().Lot.Query().Where(lot.KindEQ(enum.LotBonus)).OnlyX(x.ctx).ExpiresAt), "with the old expiry")
		require.NoError(t, x.spend(110_000))
	})
}

func TestCheckerIsNotTheMaker(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := open(t, w)
		row := x.paid(t, x.tier(t, nil))
		_, both := x.NewStaff(t, auth.Console, x.Store1, auth.Owner)
		x.client().Staff.Create().SetOrgID(x.Store1.ID).SetRole(auth.Finance).SetPersonID(both.PersonID).SetName("店主").SetState(enum.StaffActive).SaveX(x.ctx)
		both.Assignments = append(both.Assignments, auth.Assignment{OrgID: x.Store1.ID, Role: auth.Finance})
		me := testkit.As(t, both)
		refund, _, err := x.request(me, row, enum.FaultUnused, 100_000)
		require.NoError(t, err)
		_, err = x.Check(me, refund.ID, true, "", key())
		refused(t, apperr.CheckerIsMaker, err)
		require.Equal(t, enum.TopUpRefundRequested, x.client().TopUpRefund.GetX(x.ctx, refund.ID).State)
		refund, err = x.Check(x.finance, refund.ID, true, "", key())
		require.NoError(t, err)
		require.Equal(t, enum.TopUpRefundPaying, refund.State)
		require.NoError(t, x.returned(*refund.PaymentRefundID))
	})
}

func TestRefundAfterExpiryAndHold(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := open(t, w)
		row := x.paid(t, x.tier(t, nil))
		hold := func(amount int64) {
			require.NoError(t, w.Store.WithTx(x.ctx, func(ctx context.Context) error {
				book, err := x.books.Lock(ctx, x.member.ID, enum.AssetStoredValue)
				if err != nil {
					return err
				}
				kind := enum.PostHold
				if amount < 0 {
					kind = enum.PostRelease
				}
				_, err = book.Post(ctx, ledger.Posting{Kind: kind, Key: key(), OrgID: x.Store1.ID, SubjectID: 1, At: w.Clock.Now(),
					Lots: []ledger.LotChange{{Lot: book.Lots[0], Remaining: -amount, Held: amount}}})
				return err
			}))
		}
		hold(500)
		_, err := x.PreviewRefund(x.owner, row.ID, enum.FaultMember)
		refused(t, apperr.TopUpHeld, err)
		hold(-500)
		w.Clock.Advance(91 * 24 * time.Hour)
		require.NoError(t, w.Store.WithTx(x.ctx, func(ctx context.Context) error {
			if _, err := x.wallets.Move(ctx, x.member.ID, -10_000, 0); err != nil {
				return err
			}
			book, err := x.books.Lock(ctx, x.member.ID, enum.AssetStoredValue)
			if err != nil {
				return err
			}
			_, err = book.Post(ctx, ledger.Posting{Kind: enum.PostBonusExpiry, Key: key(), SubjectID: book.Lots[0].ID, At: w.Clock.Now(),
				Lots:    []ledger.LotChange{{Lot: book.Lots[0], Remaining: -10_000}},
				Entries: []ledger.Entry{{Account: ledger.Account{Kind: enum.AccountBonusExpired, OwnerID: x.Store1.ID}, Amount: 10_000}}})
			return err
		}))
		offer, err := x.PreviewRefund(x.owner, row.ID, enum.FaultMember)
		require.NoError(t, err)
		require.Equal(t, topup.Offer{Fault: enum.FaultMember, Amount: 100_000, Principal: 100_000}, *offer, "what expired was not used")
	})
}

func TestRefundRefuses(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := open(t, w)
		tier := x.tier(t, nil)
		pending, err := x.Create(x.shopper, tier.ID, key())
		require.NoError(t, err)
		row := x.paid(t, tier)
		self := auth.FromContext(x.shopper)
		self.Reach, self.MemberID, self.Face = auth.ReachStaff, 0, auth.Console
		self.Assignments = []auth.Assignment{{OrgID: x.Store1.ID, Role: auth.Owner}}
		x.client().Staff.Create().SetOrgID(x.Store1.ID).SetRole(auth.Owner).SetPersonID(self.PersonID).SetName("店主").SetState(enum.StaffActive).SaveX(x.ctx)
		for name, c := range map[string]struct {
			ctx context.Context
			in  topup.RefundRequest
			at  apperr.Code
		}{
			"no reason":      {x.owner, topup.RefundRequest{TopUpID: row.ID, Amount: 100_000, IdempotencyKey: key()}, apperr.ReasonRequired},
			"nothing":        {x.owner, topup.RefundRequest{TopUpID: row.ID, Reason: "退", IdempotencyKey: key()}, apperr.InvalidInput},
			"negative":       {x.owner, topup.RefundRequest{TopUpID: row.ID, Amount: -5, Reason: "退", IdempotencyKey: key()}, apperr.InvalidInput},
			"no top-up":      {x.owner, topup.RefundRequest{TopUpID: 5, Amount: 100_000, Reason: "退", IdempotencyKey: key()}, apperr.NotFound},
			"not paid":       {x.owner, topup.RefundRequest{TopUpID: pending.ID, Amount: 100_000, Reason: "退", IdempotencyKey: key()}, apperr.TopUpNotPaid},
			"another store":  {x.staff(t, x.Store2, auth.Owner), topup.RefundRequest{TopUpID: row.ID, Amount: 100_000, Reason: "退", IdempotencyKey: key()}, apperr.NotFound},
			"a clerk":        {x.till, topup.RefundRequest{TopUpID: row.ID, Amount: 100_000, Reason: "退", IdempotencyKey: key()}, apperr.NotFound},
			"one's own":      {testkit.As(t, self), topup.RefundRequest{TopUpID: row.ID, Amount: 100_000, Reason: "退", IdempotencyKey: key()}, apperr.SelfService},
			"key":            {x.owner, topup.RefundRequest{TopUpID: row.ID, Fault: enum.FaultUnused, Amount: 100_000, Reason: "退", IdempotencyKey: "?"}, apperr.IdempotencyKeyInvalid},
			"another amount": {x.owner, topup.RefundRequest{TopUpID: row.ID, Fault: enum.FaultUnused, Amount: 99_999, Reason: "退", IdempotencyKey: key()}, apperr.TopUpRefundOfferChanged},
		} {
			if c.in.Fault == "" {
				c.in.Fault = enum.FaultUnused
			}
			_, _, err := x.RequestRefund(c.ctx, c.in)
			require.Equal(t, c.at, apperr.CodeOf(err), name)
		}
		require.Zero(t, x.client().TopUpRefund.Query().CountX(x.ctx))
		require.Zero(t, x.client().PaymentRefund.Query().CountX(x.ctx))
		balance, _ := x.wallet(t)
		require.EqualValues(t, 110_000, balance)
	})
}

func TestRaceRefundAgainstSpend(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := open(t, w)
		row := x.paid(t, x.tier(t, nil))
		var refunds []*ent.TopUpRefund
		outcomes := race(33, func(i int) error {
			if i%3 != 0 {
				if err := x.spend(10_000); err != nil {
					return apperr.New("SPEND_REFUSED").Because(err)
				}
				return apperr.New("SPENT")
			}
			_, _, err := x.request(x.owner, row, enum.FaultUnused, 100_000)
			return err
		})
		refunds = x.client().TopUpRefund.Query().AllX(x.ctx)
		balance, _ := x.wallet(t)
		require.Equal(t, len(refunds), outcomes[""])
		require.LessOrEqual(t, len(refunds), 1)
		if len(refunds) == 1 {
			require.Zero(t, outcomes["SPENT"], "what was refunded as unused was not used")
			require.Zero(t, balance)
		} else {
			require.EqualValues(t, 110_000-10_000*outcomes["SPENT"], balance)
		}
	})
}

func TestRaceApproveAgainstReject(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := open(t, w)
		row := x.paid(t, x.tier(t, nil))
		refund, _, err := x.request(x.owner, row, enum.FaultUnused, 100_000)
		require.NoError(t, err)
		require.Equal(t, map[apperr.Code]int{"": 1, apperr.TopUpRefundStateInvalid: 31}, race(32, func(i int) error {
			_, err := x.Check(x.finance, refund.ID, i%2 == 0, "核对", key())
			return err
		}))
		refund = x.client().TopUpRefund.GetX(x.ctx, refund.ID)
		balance, _ := x.wallet(t)
		sent := x.client().PaymentRefund.Query().CountX(x.ctx)
		if refund.State == enum.TopUpRefundPaying {
			require.Zero(t, balance)
			require.Equal(t, 1, sent)
			return
		}
		require.Equal(t, enum.TopUpRefundRejected, refund.State)
		require.EqualValues(t, 110_000, balance)
		require.Zero(t, sent)
	})
}
