package member_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/membercode"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/testkit"
)

func TestCodeIssueAndLookUp(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		m, v := d.NewMember(t)
		_, clerkViewer := d.NewStaff(t, auth.Staff, d.Store1, auth.Clerk)
		clerk := testkit.As(t, clerkViewer)
		for _, purpose := range []membercode.Purpose{membercode.LookUp, membercode.Redeem} {
			c, err := d.CodeIssue(testkit.As(t, v), purpose)
			require.NoError(t, err)
			require.Len(t, c.Digits, 20)
			require.Equal(t, d.Clock.Now().Add(time.Minute), c.RefreshAt)
			found, err := d.LookUp(clerk, &c.Digits, nil)
			require.NoError(t, err)
			require.Len(t, found, 1)
			require.Equal(t, m.ID, found[0].ID, "who shows the code need not belong to the store")
		}
		require.Empty(t, d.audited("memberLookup"), "who shows a code wants to be known")

		pay, err := d.CodeIssue(testkit.As(t, v), membercode.Pay)
		require.NoError(t, err)
		_, err = d.LookUp(clerk, &pay.Digits, nil)
		code(t, apperr.MemberCodeInvalid, err, "input", "code")
		for _, digits := range []string{"", "1", "90000000000000000000", "９００００００００００００００００００００", "abc"} {
			_, err = d.LookUp(clerk, &digits, nil)
			code(t, apperr.MemberCodeInvalid, err, "input", "code")
		}
		old, err := d.CodeIssue(testkit.As(t, v), membercode.LookUp)
		require.NoError(t, err)
		d.Clock.Advance(2 * time.Minute)
		_, err = d.LookUp(clerk, &old.Digits, nil)
		code(t, apperr.MemberCodeExpired, err, "input", "code")

		fresh, err := d.CodeIssue(testkit.As(t, v), membercode.LookUp)
		require.NoError(t, err)
		_, err = d.LookUp(clerk, &fresh.Digits, new("0000"))
		code(t, apperr.InvalidInput, err, "input", "code")
		_, err = d.LookUp(clerk, nil, nil)
		code(t, apperr.InvalidInput, err, "input", "code")

		other := testkit.New(t, d.Store.Dialect())
		_, foreign := other.NewStaff(t, auth.Staff, other.Store1, auth.Clerk)
		_, err = d.LookUp(testkit.As(t, foreign), &fresh.Digits, nil)
		code(t, apperr.MemberCodeInvalid, err)

		require.NoError(t, d.Erase(d.system, v.PersonID))
		_, err = d.LookUp(clerk, &fresh.Digits, nil)
		code(t, apperr.MemberCodeInvalid, err)
	})
}

func TestCodeIssueStates(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		m, v := d.NewMember(t)
		for state, want := range map[enum.MemberState]apperr.Code{enum.MemberFrozen: apperr.MemberFrozen, enum.MemberCancelled: apperr.MemberCancelled, enum.MemberVisitor: ""} {
			d.client().Member.UpdateOneID(m.ID).SetState(state).ExecX(d.system)
			_, err := d.CodeIssue(testkit.As(t, v), membercode.Redeem)
			code(t, want, err)
		}
		_, clerk := d.NewStaff(t, auth.Staff, d.Store1, auth.Clerk)
		_, err := d.CodeIssue(testkit.As(t, clerk), membercode.Redeem)
		code(t, apperr.NotFound, err)
	})
}

func TestLookUpByPhone(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		at := func(store *ent.Org, tail string) int64 {
			m, v := d.NewMember(t)
			d.client().Person.UpdateOneID(v.PersonID).SetPhoneTail(tail).ExecX(d.system)
			if store != nil {
				d.client().Member.UpdateOneID(m.ID).SetHomeStoreID(store.ID).ExecX(d.system)
			}
			return m.ID
		}
		one, two, none := at(d.Store1, "1234"), at(d.Store2, "1234"), at(nil, "1234")
		at(d.Store1, "1235")
		gone := at(d.Store1, "1234")
		require.NoError(t, d.Erase(d.system, d.member(gone).PersonID))

		for _, c := range []struct {
			org  *ent.Org
			role auth.Role
			want []int64
		}{
			{d.Store1, auth.Clerk, []int64{one}},
			{d.Store2, auth.Guide, []int64{two}},
			{d.Region, auth.Admin, []int64{one, two}},
			{d.Root, auth.Admin, []int64{one, two, none}},
			{d.Region, auth.Finance, nil},
		} {
			_, v := d.NewStaff(t, auth.Staff, c.org, c.role)
			before := len(d.audited("memberLookup"))
			found, err := d.LookUp(testkit.As(t, v), nil, new("1234"))
			require.NoError(t, err)
			var got []int64
			for _, m := range found {
				got = append(got, m.ID)
			}
			require.Equal(t, c.want, got, "%s at %s", c.role, c.org.Kind)
			entries := d.audited("memberLookup")[before:]
			if c.want == nil {
				require.Empty(t, entries)
				continue
			}
			require.Len(t, entries, 1)
			require.Equal(t, v.PersonID, entries[0].PersonID)
			require.Equal(t, c.org.ID, entries[0].OrgID)
			require.JSONEq(t, `"1234"`, string(entries[0].After["phoneTail"]))
		}

		// A role that may not look up does not widen the scope of one that may.
		_, v := d.NewStaff(t, auth.Staff, d.Store1, auth.Clerk)
		v.Assignments = append(v.Assignments, auth.Assignment{OrgID: d.Root.ID, Role: auth.Finance})
		found, err := d.LookUp(testkit.As(t, v), nil, new("1234"))
		require.NoError(t, err)
		require.Len(t, found, 1)

		before := len(d.audited("memberLookup"))
		for _, tail := range []string{"", "123", "12345", "12a4", "%%%%", "１２３４", "____"} {
			_, err := d.LookUp(testkit.As(t, v), nil, &tail)
			code(t, apperr.InvalidInput, err, "input", "phoneTail")
		}
		require.Len(t, d.audited("memberLookup"), before)

		for range 22 {
			at(d.Store1, "7777")
		}
		found, err = d.LookUp(testkit.As(t, v), nil, new("7777"))
		require.NoError(t, err)
		require.Len(t, found, 20)
	})
}
