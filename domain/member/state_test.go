package member_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/testkit"
)

func TestStateSet(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		m, v := d.NewMember(t)
		admin := d.admin(t, d.Root)
		_, err := d.StateSet(admin, m.ID, true, "")
		code(t, apperr.ReasonRequired, err, "input", "reason")
		_, err = d.StateSet(d.admin(t, d.Region), m.ID, true, "x")
		code(t, apperr.NotFound, err)
		_, manager := d.NewStaff(t, auth.Console, d.Root, auth.Manager)
		_, err = d.StateSet(testkit.As(t, manager), m.ID, true, "x")
		code(t, apperr.NotFound, err)
		other := testkit.New(t, d.Store.Dialect())
		_, foreign := other.NewStaff(t, auth.Console, other.Root, auth.Admin)
		_, err = d.StateSet(testkit.As(t, foreign), m.ID, true, "x")
		code(t, apperr.NotFound, err)
		require.Equal(t, enum.MemberRegistered, d.member(m.ID).State)

		for range 2 {
			got, err := d.StateSet(admin, m.ID, true, "刷单")
			require.NoError(t, err)
			require.Equal(t, enum.MemberFrozen, got.State)
		}
		require.Len(t, d.audited("memberStateSet"), 1)
		require.Equal(t, "刷单", d.audited("memberStateSet")[0].Reason)
		got, err := d.StateSet(admin, m.ID, false, "申诉成立")
		require.NoError(t, err)
		require.Equal(t, enum.MemberRegistered, got.State)

		visitor, _ := d.NewMember(t)
		d.client().Member.UpdateOneID(visitor.ID).ClearRegisteredAt().SetState(enum.MemberFrozen).ExecX(d.system)
		got, err = d.StateSet(admin, visitor.ID, false, "x")
		require.NoError(t, err)
		require.Equal(t, enum.MemberVisitor, got.State)

		withdrawn, _ := d.NewMember(t)
		d.client().Member.UpdateOneID(withdrawn.ID).SetState(enum.MemberFrozen).ExecX(d.system)
		d.client().Person.UpdateOneID(withdrawn.PersonID).ClearPhoneHash().ExecX(d.system)
		got, err = d.StateSet(admin, withdrawn.ID, false, "x")
		require.NoError(t, err)
		require.Equal(t, enum.MemberVisitor, got.State, "the phone was taken back while the member was frozen")

		require.NoError(t, d.Erase(d.system, v.PersonID))
		_, err = d.StateSet(admin, m.ID, true, "x")
		code(t, apperr.MemberCancelled, err)
	})
}

func TestRaceStateSet(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		m, _ := d.NewMember(t)
		admin := d.admin(t, d.Root)
		got := race(32, func(int) error {
			_, err := d.StateSet(admin, m.ID, true, "x")
			return err
		})
		require.Equal(t, 32, got[""]+got[apperr.Conflict])
		require.Len(t, d.audited("memberStateSet"), 1, "frozen once")
		require.Equal(t, enum.MemberFrozen, d.member(m.ID).State)
	})
}
