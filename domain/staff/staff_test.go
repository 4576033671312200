package staff_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/identity"
	"dongxiao/domain/org"
	"dongxiao/domain/staff"
	"dongxiao/ent"
	"dongxiao/ent/auditentry"
	"dongxiao/ent/enum"
	staffrow "dongxiao/ent/staff"
	"dongxiao/internal/apperr"
	"dongxiao/internal/cursor"
	"dongxiao/internal/keys"
	"dongxiao/internal/testkit"
)

// phone is of no operator's range.
const phone = "10000000001"

type world struct {
	*testkit.World
	s *staff.Service
}

func each(t *testing.T, test func(t *testing.T, w world)) {
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		cursors := func() *cursor.Codec { return cursor.New(w.Keyring.Ring().Secrets(keys.Cursor, 0)) }
		test(t, world{w, staff.New(w.Store, w.Clock, w.Keyring, org.New(w.Store, w.Clock, cursors), cursors)})
	})
}

// owner is somebody with the phone, signed in to the staff app without a role.
func (w world) owner(t *testing.T, number string) (context.Context, *ent.Person) {
	t.Helper()
	p := w.NewPerson(t)
	ctx := w.within(t)
	p = w.Store.Client(ctx).Person.UpdateOne(p).SetPhoneHash(identity.PhoneHash(w.Keyring.Ring(), w.Brand.ID, number)).SaveX(ctx)
	return testkit.As(t, auth.Viewer{Reach: auth.ReachStaff, BrandID: w.Brand.ID, AppID: w.Apps[auth.Staff].ID, Face: auth.Staff, PersonID: p.ID, Epoch: p.Epoch}), p
}

func (w world) within(t *testing.T) context.Context { return auth.System(t.Context(), w.Brand.ID) }

func (w world) as(t *testing.T, at *ent.Org, role auth.Role) context.Context {
	t.Helper()
	_, v := w.NewStaff(t, auth.Staff, at, role)
	return testkit.As(t, v)
}

func (w world) counts(t *testing.T) [3]int {
	ctx := w.within(t)
	c := w.Store.Client(ctx)
	return [3]int{c.Staff.Query().CountX(ctx), c.AuditEntry.Query().CountX(ctx), c.IdempotencyKey.Query().CountX(ctx)}
}

func (w world) epoch(t *testing.T, personID int64) int64 {
	ctx := w.within(t)
	return w.Store.Client(ctx).Person.GetX(ctx, personID).Epoch
}

func (w world) invite(t *testing.T, ctx context.Context, at *ent.Org, role auth.Role, key string) *staff.Invitation {
	t.Helper()
	invitation, err := w.s.Invite(ctx, staff.InviteInput{OrgID: at.ID, Role: role, Name: "小李", Phone: phone, IdempotencyKey: key})
	require.NoError(t, err)
	return invitation
}

func TestInviteAndAccept(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		manager := w.as(t, w.Store1, auth.Manager)
		me, person := w.owner(t, phone)
		in := staff.InviteInput{OrgID: w.Store1.ID, Role: auth.Clerk, Name: " 小李 ", Phone: phone, IdempotencyKey: "invite-li-1"}
		invitation, err := w.s.Invite(manager, in)
		require.NoError(t, err)
		require.Equal(t, "小李", invitation.Staff.Name)
		require.Equal(t, enum.StaffInvited, invitation.Staff.State)
		require.Nil(t, invitation.Staff.PersonID)
		require.Equal(t, "0001", invitation.Staff.InvitedPhoneTail)
		require.True(t, w.Clock.Now().Add(7*24*time.Hour).Equal(*invitation.Staff.InvitationExpiresAt))
		require.GreaterOrEqual(t, len(invitation.Code), 20)
		require.NotContains(t, *invitation.Staff.InvitationHash, invitation.Code)
		before := w.counts(t)
		again, err := w.s.Invite(manager, in)
		require.NoError(t, err)
		require.Equal(t, invitation.Staff.ID, again.Staff.ID)
		require.Equal(t, invitation.Code, again.Code)
		in.Phone = "10000000002"
		_, err = w.s.Invite(manager, in)
		require.Equal(t, apperr.IdempotencyKeyReused, apperr.CodeOf(err))
		require.Equal(t, before, w.counts(t))

		accepted, err := w.s.Accept(me, invitation.Code)
		require.NoError(t, err)
		require.Equal(t, invitation.Staff.ID, accepted.ID)
		require.Equal(t, enum.StaffActive, accepted.State)
		require.Equal(t, person.ID, *accepted.PersonID)
		before = w.counts(t)
		accepted, err = w.s.Accept(me, invitation.Code)
		require.NoError(t, err, "a repeat")
		require.Equal(t, invitation.Staff.ID, accepted.ID)
		require.Equal(t, before, w.counts(t))

		in = staff.InviteInput{OrgID: w.Store1.ID, Role: auth.Clerk, Name: "小李", Phone: phone, IdempotencyKey: "invite-li-2"}
		_, err = w.s.Invite(manager, in)
		require.Equal(t, apperr.StaffExists, apperr.CodeOf(err))
		require.Equal(t, before, w.counts(t))

		ctx := w.within(t)
		actions := w.Store.Client(ctx).AuditEntry.Query().Order(auditentry.ByID()).AllX(ctx)
		require.Len(t, actions, 2)
		require.Equal(t, "staffInvite", actions[0].Action)
		require.Equal(t, "staffInvitationAccept", actions[1].Action)
		for _, entry := range actions {
			require.Equal(t, accepted.NodeID().String(), entry.Subject)
			for _, value := range entry.After {
				require.NotContains(t, string(value), "小李", "no personal data")
				require.NotContains(t, string(value), "0001")
			}
		}
	})
}

func TestInviteRefuses(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		manager, owner := w.as(t, w.Store1, auth.Manager), w.as(t, w.Store1, auth.Owner)
		clerk, admin := w.as(t, w.Store1, auth.Clerk), w.as(t, w.Region, auth.Admin)
		closed := w.NewOrg(t, w.Region, enum.OrgStore)
		w.Store.Client(w.within(t)).Org.UpdateOne(closed).SetState(enum.OrgClosed).ExecX(w.within(t))
		// Manages staff at one store and may give the role at another only.
		_, v := w.NewStaff(t, auth.Staff, w.Store1, auth.Manager)
		v.Assignments = append(v.Assignments, auth.Assignment{OrgID: w.Store2.ID, Role: auth.Owner})
		both := testkit.As(t, v)
		foreign := *w.World
		foreign.Brand = w.NewBrand(t)
		other := foreign.NewOrg(t, nil, enum.OrgBrand)
		before := w.counts(t)
		for name, c := range map[string]struct {
			as     context.Context
			change func(*staff.InviteInput)
			code   apperr.Code
		}{
			"no name":                  {manager, func(in *staff.InviteInput) { in.Name = " " }, apperr.InvalidInput},
			"long name":                {manager, func(in *staff.InviteInput) { in.Name = strings.Repeat("李", 33) }, apperr.InvalidInput},
			"phone":                    {manager, func(in *staff.InviteInput) { in.Phone = "+8610000000" }, apperr.InvalidInput},
			"short phone":              {manager, func(in *staff.InviteInput) { in.Phone = "1000000000" }, apperr.InvalidInput},
			"key":                      {manager, func(in *staff.InviteInput) { in.IdempotencyKey = "x" }, apperr.IdempotencyKeyInvalid},
			"no org":                   {manager, func(in *staff.InviteInput) { in.OrgID = 0 }, apperr.NotFound},
			"another store":            {manager, func(in *staff.InviteInput) { in.OrgID = w.Store2.ID }, apperr.NotFound},
			"above":                    {manager, func(in *staff.InviteInput) { in.OrgID = w.Region.ID }, apperr.NotFound},
			"another brand":            {admin, func(in *staff.InviteInput) { in.OrgID = other.ID }, apperr.NotFound},
			"no right":                 {clerk, func(*staff.InviteInput) {}, apperr.NotFound},
			"a manager by a manager":   {manager, func(in *staff.InviteInput) { in.Role = auth.Manager }, apperr.RoleNotGrantable},
			"an owner by an owner":     {owner, func(in *staff.InviteInput) { in.Role = auth.Owner }, apperr.RoleNotGrantable},
			"an admin by an owner":     {owner, func(in *staff.InviteInput) { in.Role = auth.Admin }, apperr.RoleNotGrantable},
			"by the role of elsewhere": {both, func(in *staff.InviteInput) { in.Role = auth.Manager }, apperr.RoleNotGrantable},
			"closed":                   {admin, func(in *staff.InviteInput) { in.OrgID = closed.ID }, apperr.InvalidInput},
		} {
			in := staff.InviteInput{OrgID: w.Store1.ID, Role: auth.Clerk, Name: "小李", Phone: phone, IdempotencyKey: "invite-refused"}
			c.change(&in)
			_, err := w.s.Invite(c.as, in)
			require.Equal(t, c.code, apperr.CodeOf(err), name)
		}
		require.Equal(t, before, w.counts(t))
		w.invite(t, owner, w.Store1, auth.Manager, "invite-manager")
		w.invite(t, admin, w.Store1, auth.Owner, "invite-owner")
	})
}

func TestAcceptRefuses(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		manager := w.as(t, w.Store1, auth.Manager)
		me, person := w.owner(t, phone)
		other, _ := w.owner(t, "10000000009")
		ctx := w.within(t)
		client := w.Store.Client(ctx)
		refused := func(code apperr.Code, as context.Context, invitation string) {
			t.Helper()
			before := w.counts(t)
			_, err := w.s.Accept(as, invitation)
			require.Equal(t, code, apperr.CodeOf(err))
			require.Equal(t, before, w.counts(t))
		}
		invitation := w.invite(t, manager, w.Store1, auth.Clerk, "invite-li-1")
		refused(apperr.InvitationInvalid, me, "")
		refused(apperr.InvitationInvalid, me, strings.Repeat("x", 24))
		refused(apperr.InvitationInvalid, me, invitation.Code+"x")
		refused(apperr.InvitationPhoneMismatch, other, invitation.Code)
		without := client.Person.Create().SetLimitSubject(1).SaveX(ctx)
		refused(apperr.PhoneRequired, testkit.As(t, auth.Viewer{Reach: auth.ReachStaff, BrandID: w.Brand.ID, Face: auth.Staff, PersonID: without.ID}), invitation.Code)
		foreign := w.NewBrand(t)
		refused(apperr.PhoneRequired, testkit.As(t, auth.Viewer{Reach: auth.ReachStaff, BrandID: foreign.ID, Face: auth.Staff, PersonID: person.ID}), invitation.Code)

		w.Clock.Advance(7*24*time.Hour - time.Microsecond)
		second := w.invite(t, manager, w.Store1, auth.Guide, "invite-li-2")
		w.Clock.Advance(time.Microsecond)
		refused(apperr.InvitationExpired, me, invitation.Code)

		_, err := w.s.SetState(manager, second.Staff.ID, enum.StaffRevoked, "发错了")
		require.NoError(t, err)
		refused(apperr.InvitationInvalid, me, second.Code)

		// Two invitations to one role: the second is not needed.
		third, fourth := w.invite(t, manager, w.Store1, auth.Guide, "invite-li-3"), w.invite(t, manager, w.Store1, auth.Guide, "invite-li-4")
		_, err = w.s.Accept(me, third.Code)
		require.NoError(t, err)
		refused(apperr.StaffExists, me, fourth.Code)
		refused(apperr.InvitationInvalid, other, third.Code)

		for range 99 {
			client.Staff.Create().SetOrgID(w.NewOrg(t, w.Region, enum.OrgRegion).ID).SetRole(auth.Inspector).SetPersonID(person.ID).SetName("李").SetState(enum.StaffActive).ExecX(ctx)
		}
		fifth := w.invite(t, manager, w.Store1, auth.Clerk, "invite-li-5")
		refused(apperr.InvalidInput, me, fifth.Code)

		client.Staff.Delete().Where(staffrow.PersonID(person.ID)).ExecX(ctx)
		client.Org.UpdateOne(w.Store1).SetState(enum.OrgClosed).ExecX(ctx)
		refused(apperr.InvitationInvalid, me, fifth.Code)
	})
}

func TestSetState(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		_, v := w.NewStaff(t, auth.Staff, w.Store1, auth.Manager)
		manager := testkit.As(t, v)
		me, person := w.owner(t, phone)
		invitation := w.invite(t, manager, w.Store1, auth.Clerk, "invite-li-1")
		_, err := w.s.Accept(me, invitation.Code)
		require.NoError(t, err)
		id := invitation.Staff.ID
		require.EqualValues(t, 1, w.epoch(t, person.ID))

		set := func(as context.Context, id int64, to enum.StaffState) (*ent.Staff, error) {
			return w.s.SetState(as, id, to, "离职")
		}
		refused := func(code apperr.Code, as context.Context, id int64, to enum.StaffState) {
			t.Helper()
			before, epoch := w.counts(t), w.epoch(t, person.ID)
			_, err := set(as, id, to)
			require.Equal(t, code, apperr.CodeOf(err))
			require.Equal(t, before, w.counts(t))
			require.Equal(t, epoch, w.epoch(t, person.ID))
		}
		_, err = w.s.SetState(manager, id, enum.StaffSuspended, "  ")
		require.Equal(t, apperr.ReasonRequired, apperr.CodeOf(err))
		_, err = w.s.SetState(manager, id, enum.StaffSuspended, strings.Repeat("因", 256))
		require.Equal(t, apperr.InvalidInput, apperr.CodeOf(err))
		refused(apperr.NotFound, manager, 0, enum.StaffSuspended)
		refused(apperr.NotFound, w.as(t, w.Store2, auth.Manager), id, enum.StaffSuspended)
		refused(apperr.NotFound, w.as(t, w.Store1, auth.Clerk), id, enum.StaffSuspended)
		refused(apperr.NotFound, w.as(t, w.NewOrg(t, w.Root, enum.OrgRegion), auth.Admin), id, enum.StaffSuspended)
		foreign := *w.World
		foreign.Brand = w.NewBrand(t)
		foreign.Root = foreign.NewOrg(t, nil, enum.OrgBrand)
		_, stranger := foreign.NewStaff(t, auth.Staff, foreign.Root, auth.Admin)
		refused(apperr.NotFound, testkit.As(t, stranger), id, enum.StaffSuspended)
		own := w.Store.Client(w.within(t)).Staff.Query().Where(staffrow.PersonID(v.PersonID)).OnlyX(w.within(t))
		refused(apperr.StaffSelfChange, manager, own.ID, enum.StaffRevoked)
		boss, _ := w.NewStaff(t, auth.Staff, w.Store1, auth.Owner)
		refused(apperr.RoleNotGrantable, manager, boss.ID, enum.StaffSuspended)
		refused(apperr.InvalidInput, manager, id, enum.StaffInvited)

		suspended, err := set(manager, id, enum.StaffSuspended)
		require.NoError(t, err)
		require.Equal(t, enum.StaffSuspended, suspended.State)
		require.EqualValues(t, 2, w.epoch(t, person.ID), "tokens end at once")
		before := w.counts(t)
		_, err = set(manager, id, enum.StaffSuspended)
		require.NoError(t, err, "already")
		require.Equal(t, before, w.counts(t))
		require.EqualValues(t, 2, w.epoch(t, person.ID))

		_, err = set(manager, id, enum.StaffActive)
		require.NoError(t, err)
		require.EqualValues(t, 2, w.epoch(t, person.ID))
		_, err = set(manager, id, enum.StaffRevoked)
		require.NoError(t, err)
		require.EqualValues(t, 3, w.epoch(t, person.ID))
		refused(apperr.InvalidInput, manager, id, enum.StaffActive)
		entries := w.Store.Client(w.within(t)).AuditEntry.Query().Where(auditentry.Action("staffStateSet")).Order(auditentry.ByID()).AllX(w.within(t))
		require.Len(t, entries, 3)
		require.Equal(t, "离职", entries[2].Reason)
		require.Equal(t, w.Store1.ID, entries[2].OrgID)
		require.JSONEq(t, `"ACTIVE"`, string(entries[2].Before["state"]))
		require.JSONEq(t, `"REVOKED"`, string(entries[2].After["state"]))

		// Who comes back takes up the former role.
		back := w.invite(t, manager, w.Store1, auth.Clerk, "invite-li-again")
		again, err := w.s.Accept(me, back.Code)
		require.NoError(t, err)
		require.Equal(t, id, again.ID)
		require.Equal(t, enum.StaffActive, again.State)
		again, err = w.s.Accept(me, back.Code)
		require.NoError(t, err, "a repeat")
		require.Equal(t, id, again.ID)
		require.Equal(t, enum.StaffRevoked, w.Store.Client(w.within(t)).Staff.GetX(w.within(t), back.Staff.ID).State)
	})
}

func TestRaceAccept(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		manager := w.as(t, w.Store1, auth.Manager)
		me, person := w.owner(t, phone)
		first, second := w.invite(t, manager, w.Store1, auth.Clerk, "invite-li-1"), w.invite(t, manager, w.Store1, auth.Clerk, "invite-li-2")
		var group sync.WaitGroup
		var accepted atomic.Int64
		for i := range 32 {
			group.Go(func() {
				code := first.Code
				if i%2 == 1 {
					code = second.Code
				}
				_, err := w.s.Accept(me, code)
				if err == nil {
					accepted.Add(1)
				} else if apperr.CodeOf(err) != apperr.StaffExists {
					t.Error(err)
				}
			})
		}
		group.Wait()
		require.EqualValues(t, 16, accepted.Load(), "the one that won, and its repeats")
		ctx := w.within(t)
		require.Equal(t, 1, w.Store.Client(ctx).Staff.Query().Where(staffrow.PersonID(person.ID), staffrow.StateEQ(enum.StaffActive)).CountX(ctx))
		require.Equal(t, 1, w.Store.Client(ctx).AuditEntry.Query().Where(auditentry.Action("staffInvitationAccept")).CountX(ctx))
	})
}

func TestRaceSetState(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		row, v := w.NewStaff(t, auth.Staff, w.Store1, auth.Clerk)
		manager := w.as(t, w.Store1, auth.Manager)
		var group sync.WaitGroup
		for i := range 32 {
			group.Go(func() {
				_, err := w.s.SetState(manager, row.ID, []enum.StaffState{enum.StaffSuspended, enum.StaffRevoked}[i%2], "离职")
				if code := apperr.CodeOf(err); err != nil && code != apperr.Conflict && code != apperr.InvalidInput {
					t.Error(err)
				}
			})
		}
		group.Wait()
		ctx := w.within(t)
		entries := w.Store.Client(ctx).AuditEntry.Query().Where(auditentry.Action("staffStateSet")).CountX(ctx)
		require.Contains(t, []int{1, 2}, entries, "suspended and then revoked, or revoked at once")
		require.EqualValues(t, 1+entries, w.epoch(t, v.PersonID), "once for each change")
	})
}

func TestList(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		manager := w.as(t, w.Store1, auth.Manager)
		for _, store := range []*ent.Org{w.Store1, w.Store2} {
			for range 3 {
				w.NewStaff(t, auth.Staff, store, auth.Clerk)
			}
		}
		w.invite(t, manager, w.Store1, auth.Guide, "invite-li-1")
		list := func(as context.Context, orgID *int64, state *enum.StaffState) []*ent.Staff {
			t.Helper()
			var all []*ent.Staff
			for after := (*string)(nil); ; {
				page, err := w.s.List(as, orgID, state, new(2), after)
				require.NoError(t, err)
				all = append(all, page.Nodes...)
				if !page.HasNext {
					return all
				}
				after = &page.EndCursor
			}
		}
		mine := list(manager, nil, nil)
		require.Len(t, mine, 5)
		for i, row := range mine {
			require.Equal(t, w.Store1.ID, row.OrgID)
			require.True(t, i == 0 || row.ID < mine[i-1].ID, "newest first")
		}
		require.Len(t, list(manager, &w.Store1.ID, new(enum.StaffInvited)), 1)
		admin := w.as(t, w.Region, auth.Admin)
		require.Len(t, list(admin, nil, nil), 9)
		require.Len(t, list(admin, &w.Region.ID, nil), 1)
		require.Empty(t, list(w.as(t, w.Store1, auth.Clerk), nil, nil), "without the capability")
		_, err := w.s.List(manager, &w.Store2.ID, nil, nil, nil)
		require.Equal(t, apperr.NotFound, apperr.CodeOf(err))
		_, err = w.s.List(manager, nil, nil, new(0), nil)
		require.Equal(t, apperr.PageSizeInvalid, apperr.CodeOf(err))
		page, err := w.s.List(manager, nil, nil, new(1), nil)
		require.NoError(t, err)
		_, err = w.s.List(manager, nil, new(enum.StaffActive), new(1), &page.EndCursor)
		require.Equal(t, apperr.CursorInvalid, apperr.CodeOf(err))
	})
}
