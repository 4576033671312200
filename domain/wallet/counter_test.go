package wallet_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/auditentry"
	"dongxiao/ent/enum"
	"dongxiao/ent/staff"
	"dongxiao/internal/apperr"
	"dongxiao/internal/money"
	"dongxiao/internal/testkit"
)

// shift opens a shift of a viewer's at a store.
func (s *shop) shift(t *testing.T, v auth.Viewer, at *ent.Org) *ent.TillShift {
	t.Helper()
	client := s.Store.Client(s.system)
	row := client.Staff.Query().Where(staff.PersonID(v.PersonID)).FirstX(s.system)
	return client.TillShift.Create().SetCreatedAt(s.Clock.Now()).SetStoreID(at.ID).SetStaffID(row.ID).SetOpenStaffID(row.ID).SetFloatFen(0).SaveX(s.system)
}

// A payment at the till is of the shift that the clerk has open there, and a shift tells what it took.
func TestPaymentsOfAShift(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s := open(t, w)
		s.give(t, 50_000, 0, nil)
		require.Nil(t, s.mustCharge(t, 100).ShiftID, "before the shift")
		_, chain := w.NewStaff(t, auth.Staff, w.Root, auth.Clerk)
		elsewhere := s.shift(t, chain, w.Store2)
		mine, colleague := s.shift(t, s.clerk, w.Store1), s.shift(t, s.manager, w.Store1)
		first, second := s.mustCharge(t, 2_000), s.mustCharge(t, 15_000)
		waits := s.mustCharge(t, 20_001)
		for _, p := range []*ent.WalletPayment{first, second, waits} {
			require.Equal(t, mine.ID, *p.ShiftID)
		}
		s.clerk, chain = chain, s.clerk
		require.Nil(t, s.mustCharge(t, 300).ShiftID, "a shift at another store")
		s.clerk = chain
		_, err := s.Refund(s.as(t, s.manager), second.ID, 5_000, "退货", s.key())
		require.NoError(t, err)
		taken := map[int64]money.Fen{mine.ID: 12_000, colleague.ID: 0, elsewhere.ID: 0}
		got, err := s.TakenInShifts(s.as(t, s.manager), []int64{mine.ID, colleague.ID, elsewhere.ID, 12345})
		require.NoError(t, err)
		require.Equal(t, taken, got)

		// What waited for the member counts once it is confirmed, also after the shift was closed; what is charged then is of no shift.
		w.Clock.Advance(time.Minute)
		w.Store.Client(s.system).TillShift.UpdateOne(mine).SetState(enum.ShiftClosed).ClearOpenStaffID().SetClosedAt(w.Clock.Now()).ExecX(s.system)
		_, err = s.Confirm(s.as(t, s.shopper), waits.ID, "")
		require.NoError(t, err)
		w.Clock.Advance(time.Minute)
		require.Nil(t, s.mustCharge(t, 400).ShiftID)
		taken[mine.ID] += 20_001
		got, err = s.TakenInShifts(s.as(t, s.manager), []int64{mine.ID, colleague.ID, elsewhere.ID})
		require.NoError(t, err)
		require.Equal(t, taken, got)
		got, err = s.TakenInShifts(s.as(t, s.manager), []int64{54321})
		require.NoError(t, err)
		require.Empty(t, got)
		testkit.VerifyBrand(t, w.Store, w.Brand.ID)
	})
}

// Staff do not manage the wallet that is their own.
func TestNobodyManagesTheOwnWallet(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s := open(t, w)
		client := w.Store.Client(s.system)
		client.Member.UpdateOneID(s.member.ID).SetHomeStoreID(w.Store1.ID).ExecX(s.system)
		client.Staff.Create().SetOrgID(w.Store1.ID).SetRole(auth.Manager).SetPersonID(s.member.PersonID).SetName("店长").SetState(enum.StaffActive).SaveX(s.system)
		self := s.manager
		self.PersonID = s.member.PersonID
		_, err := s.Lost(s.as(t, s.shopper))
		require.NoError(t, err)
		before, err := s.Open(s.system, s.member.ID)
		require.NoError(t, err)
		for name, act := range map[string]func() (*ent.Wallet, error){
			"freeze":   func() (*ent.Wallet, error) { return s.Freeze(s.as(t, self), s.member.ID, "试") },
			"unfreeze": func() (*ent.Wallet, error) { return s.Unfreeze(s.as(t, self), s.member.ID, "试") },
			"reissue":  func() (*ent.Wallet, error) { return s.Reissue(s.as(t, self), s.member.ID, "试") },
		} {
			_, err := act()
			require.Equal(t, apperr.SelfService, apperr.CodeOf(err), name)
		}
		after, err := s.Open(s.system, s.member.ID)
		require.NoError(t, err)
		require.Equal(t, before.String(), after.String())
		require.Zero(t, client.AuditEntry.Query().Where(auditentry.ActionHasPrefix("wallet")).CountX(s.system))
		_, err = s.Unfreeze(s.as(t, s.manager), s.member.ID, "找到手机")
		require.NoError(t, err)
	})
}
