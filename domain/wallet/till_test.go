package wallet_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/wallet"
	"dongxiao/ent/clearingline"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/ent/memberevent"
	"dongxiao/internal/apperr"
	"dongxiao/internal/money"
	"dongxiao/internal/testkit"
	"dongxiao/internal/testkit/valuekit"
)

func TestChargeAtOnce(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s := open(t, w)
		soon := w.Clock.Now().Add(time.Hour)
		s.give(t, 10_000, 1_000, func(in *valuekit.TopUp) { in.BonusExpiresAt = &soon })
		code, key := s.code(t), s.key()
		input := wallet.Charge{PayCode: code, StoreID: w.Store1.ID, Amount: 4_000, IdempotencyKey: key}
		p, err := s.Charge(s.as(t, s.clerk), input)
		require.NoError(t, err)
		require.Equal(t, enum.WalletPaymentCaptured, p.State)
		require.EqualValues(t, []int64{4_000, 3_000, 1_000, 4_000, 0}, []int64{p.AmountFen, p.PrincipalFen, p.BonusFen, p.CapturedFen, p.RefundedFen})
		s.holds(t, 7_000, 0, 0)

		w.Clock.Advance(time.Hour)
		again, err := s.Charge(s.as(t, s.clerk), input)
		require.NoError(t, err, "the code is old by now")
		require.Equal(t, p.ID, again.ID)
		input.Amount = 4_001
		_, err = s.Charge(s.as(t, s.clerk), input)
		refused(t, apperr.IdempotencyKeyReused, err)
		s.holds(t, 7_000, 0, 0)
		events := w.Store.Client(s.system).MemberEvent.Query().Where(memberevent.MemberID(s.member.ID)).AllX(s.system)
		require.Len(t, events, 1)
		require.Equal(t, p.ID, *events[0].WalletPaymentID)
		testkit.VerifyBrand(t, w.Store, w.Brand.ID)
	})
}

func TestChargeRefuses(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s := open(t, w)
		s.give(t, 5_000, 0, nil)
		s.give(t, 700, 0, func(in *valuekit.TopUp) { in.ScopeOrgID = w.Store2.ID })
		try := func(v auth.Viewer, change func(*wallet.Charge)) error {
			code, _ := s.NewPayCode(s.as(t, s.shopper))
			c := wallet.Charge{PayCode: code.Digits, StoreID: w.Store1.ID, Amount: 100, IdempotencyKey: s.key()}
			change(&c)
			_, err := s.Charge(s.as(t, v), c)
			return err
		}
		for _, amount := range []money.Fen{0, -1, math.MinInt64, math.MaxInt64, wallet.MaxPayment + 1} {
			refused(t, apperr.InvalidInput, try(s.clerk, func(c *wallet.Charge) { c.Amount = amount }))
		}
		err := try(s.clerk, func(c *wallet.Charge) { c.Amount = 5_001 })
		require.Equal(t, apperr.New(apperr.WalletInsufficient, "usable", "50.00"), err, "what is for the other store counts for nothing here")
		refused(t, apperr.IdempotencyKeyInvalid, try(s.clerk, func(c *wallet.Charge) { c.IdempotencyKey = "short" }))
		refused(t, apperr.NotFound, try(s.second, func(*wallet.Charge) {}))
		refused(t, apperr.NotFound, try(s.shopper, func(*wallet.Charge) {}))
		refused(t, apperr.NotFound, try(s.clerk, func(c *wallet.Charge) { c.StoreID = w.Region.ID }))
		for _, digits := range []string{"", "1", s.code(t)[:19], "9" + s.code(t)[2:] + "1", "９００００"} {
			refused(t, apperr.PayCodeInvalid, try(s.clerk, func(c *wallet.Charge) { c.PayCode = digits }))
		}
		self := s.clerk
		own, ownViewer := w.NewMember(t)
		self.PersonID = own.PersonID
		staffRow := w.Store.Client(s.system).Staff.Create().SetOrgID(w.Store1.ID).SetRole(auth.Clerk).SetPersonID(own.PersonID).SetName("店员").SetState(enum.StaffActive).SaveX(s.system)
		require.NotNil(t, staffRow)
		code, err := s.NewPayCode(s.as(t, ownViewer))
		require.NoError(t, err)
		refused(t, apperr.SelfCharge, try(self, func(c *wallet.Charge) { c.PayCode = code.Digits }))

		old := s.code(t)
		w.Clock.Advance(2 * time.Minute)
		refused(t, apperr.PayCodeExpired, try(s.clerk, func(c *wallet.Charge) { c.PayCode = old }))
		used := s.code(t)
		require.NoError(t, try(s.clerk, func(c *wallet.Charge) { c.PayCode = used }))
		refused(t, apperr.PayCodeUsed, try(s.clerk, func(c *wallet.Charge) { c.PayCode = used }))

		other := open(t, testkit.New(t, w.Store.Dialect()))
		refused(t, apperr.PayCodeInvalid, try(s.clerk, func(c *wallet.Charge) { c.PayCode = other.code(t) }))
		s.holds(t, 5_600, 0, 0)

		before := s.code(t)
		_, err = s.Lost(s.as(t, s.shopper))
		require.NoError(t, err)
		refused(t, apperr.WalletFrozen, try(s.clerk, func(c *wallet.Charge) { c.PayCode = before }))
		_, err = s.NewPayCode(s.as(t, s.shopper))
		refused(t, apperr.WalletFrozen, err)
		w.Store.Client(s.system).Member.UpdateOneID(s.member.ID).SetHomeStoreID(w.Store1.ID).ExecX(s.system)
		_, err = s.Reissue(s.as(t, s.manager), s.member.ID, "手机丢失，凭身份证补办")
		require.NoError(t, err)
		refused(t, apperr.PayCodeInvalid, try(s.clerk, func(c *wallet.Charge) { c.PayCode = before }))
		require.NoError(t, try(s.clerk, func(*wallet.Charge) {}))
		s.holds(t, 5_500, 0, 0)
		require.Equal(t, 2, w.Store.Client(s.system).WalletPayment.Query().CountX(s.system))
	})
}

func TestConfirmation(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s := open(t, w)
		s.set(t, func(d *document.StoredValueSettings) { d.ConfirmAboveFen = 500 })
		s.give(t, 10_000, 100, s.elsewhere)
		me := s.as(t, s.shopper)

		p := s.mustCharge(t, 1_000)
		require.Equal(t, enum.WalletPaymentAwaiting, p.State)
		s.holds(t, 9_000, 100, 1_000)
		_, err := s.Confirm(s.as(t, s.clerk), p.ID, "")
		refused(t, apperr.NotFound, err)
		p, err = s.Confirm(me, p.ID, "")
		require.NoError(t, err)
		require.Equal(t, enum.WalletPaymentCaptured, p.State)
		again, err := s.Confirm(me, p.ID, "")
		require.NoError(t, err)
		require.Equal(t, p.ID, again.ID)
		s.holds(t, 9_000, 100, 0)
		_, err = s.Decline(me, p.ID)
		refused(t, apperr.PaymentStateInvalid, err)
		require.Equal(t, 1, w.Store.Client(s.system).ClearingLine.Query().Where(clearingline.SubjectID(p.ID)).CountX(s.system))

		declined := s.mustCharge(t, 2_000)
		_, err = s.Decline(me, declined.ID)
		require.NoError(t, err)
		_, err = s.Decline(me, declined.ID)
		require.NoError(t, err)
		_, err = s.Confirm(me, declined.ID, "")
		refused(t, apperr.PaymentStateInvalid, err)

		cancelled := s.mustCharge(t, 2_000)
		_, err = s.Cancel(s.as(t, s.second), cancelled.ID)
		refused(t, apperr.NotFound, err)
		got, err := s.Cancel(s.as(t, s.clerk), cancelled.ID)
		require.NoError(t, err)
		require.Equal(t, enum.WalletPaymentReleased, got.State)
		_, err = s.Confirm(me, cancelled.ID, "")
		refused(t, apperr.PaymentStateInvalid, err)

		late := s.mustCharge(t, 2_000)
		w.Clock.Advance(wallet.ConfirmWithin)
		_, err = s.Confirm(me, late.ID, "")
		refused(t, apperr.PaymentExpired, err)
		s.holds(t, 7_000, 100, 2_000)
		s.sweep(t)
		s.holds(t, 9_000, 100, 0)
		_, err = s.Confirm(me, late.ID, "")
		refused(t, apperr.PaymentExpired, err)

		frozen := s.mustCharge(t, 2_000)
		_, err = s.Lost(me)
		require.NoError(t, err)
		_, err = s.Confirm(me, frozen.ID, "")
		refused(t, apperr.WalletFrozen, err)
		w.Clock.Advance(wallet.ConfirmWithin)
		s.sweep(t)
		s.holds(t, 9_000, 100, 0)
		testkit.VerifyBrand(t, w.Store, w.Brand.ID)
	})
}

func (s *shop) sweep(t testing.TB) {
	t.Helper()
	_, err := s.ExpireHolds(s.system, 1000)
	require.NoError(t, err)
	_, err = s.ExpireBonus(s.system, 1000)
	require.NoError(t, err)
}

func TestPayPassword(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s := open(t, w)
		s.set(t, func(d *document.StoredValueSettings) { d.ConfirmAboveFen = 0 })
		s.give(t, 10_000, 0, nil)
		me := s.as(t, s.shopper)
		for _, password := range []string{"", "12345", "1234567", "12345a", "111111", "123456", "987654", "１２３４５６"} {
			_, err := s.SetPassword(me, "", password)
			refused(t, apperr.PayPasswordNotAllowed, err)
		}
		_, err := s.SetPassword(me, "", "135790")
		require.NoError(t, err)
		_, err = s.SetPassword(me, "", "246801")
		refused(t, apperr.PayPasswordRequired, err)
		_, err = s.SetPassword(me, "135790", "246801")
		require.NoError(t, err)

		p := s.mustCharge(t, 1_000)
		_, err = s.Confirm(me, p.ID, "")
		refused(t, apperr.PayPasswordRequired, err)
		for left := 4; left > 0; left-- {
			_, err = s.Confirm(me, p.ID, "135790")
			require.Equal(t, apperr.New(apperr.PayPasswordWrong, "left", left).At("input", "password"), err)
		}
		_, err = s.Confirm(me, p.ID, "135790")
		refused(t, apperr.PayPasswordLocked, err)
		_, err = s.Confirm(me, p.ID, "246801")
		refused(t, apperr.PayPasswordLocked, err)
		w.Clock.Advance(wallet.PasswordLock)
		s.sweep(t)
		p = s.mustCharge(t, 1_000)
		_, err = s.Confirm(me, p.ID, "135790")
		require.Equal(t, apperr.New(apperr.PayPasswordWrong, "left", 4).At("input", "password"), err)
		_, err = s.Confirm(me, p.ID, "246801")
		require.NoError(t, err)
		row, err := s.Own(me)
		require.NoError(t, err)
		require.Zero(t, row.PasswordFailures)
		s.holds(t, 9_000, 0, 0)
	})
}
