package staff_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
)

func TestAnOperatorInvitesTheFirstAdministrator(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w world) {
		me, person := w.owner(t, phone)
		for _, bad := range [][3]string{{"nobody", phone, "小李"}, {w.Brand.Code, "12345", "小李"}, {w.Brand.Code, phone, ""}, {w.Brand.Code, phone, "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三"}} {
			_, err := w.s.InviteAdmin(t.Context(), bad[0], bad[1], bad[2])
			require.Error(t, err)
		}
		require.Equal(t, [3]int{}, w.counts(t))
		invitation, err := w.s.InviteAdmin(t.Context(), w.Brand.Code, phone, "小李")
		require.NoError(t, err)
		require.Equal(t, enum.StaffInvited, invitation.Staff.State)
		require.Nil(t, invitation.Staff.InvitedBy)

		accepted, err := w.s.Accept(me, invitation.Code)
		require.NoError(t, err)
		require.Equal(t, enum.StaffActive, accepted.State)
		require.Equal(t, auth.Admin, accepted.Role)
		require.Equal(t, w.Root.ID, accepted.OrgID)
		require.Equal(t, person.ID, *accepted.PersonID)
		_, err = w.s.InviteAdmin(t.Context(), w.Brand.Code, phone, "小李")
		require.Equal(t, apperr.StaffExists, apperr.CodeOf(err))
	})
}
