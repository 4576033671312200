package staff

import (
	"context"

	"dongxiao/auth"
	"dongxiao/domain/audit"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/org"
	"dongxiao/ent/person"
	"dongxiao/ent/staff"
	"dongxiao/internal/apperr"
)

// maxRoles is how many roles a person may have at once, because a token has to name them.
const maxRoles = 100

// Accept gives the viewer the role that the code invites to, if the viewer has bound the phone that was invited. The state, the person and the
// audit entry are written together; who accepts again gets the same role. A role that had ended is taken up again where it was. Codes: PHONE_REQUIRED,
// INVITATION_INVALID (unknown, used, taken back, the org is closed), INVITATION_EXPIRED, INVITATION_PHONE_MISMATCH, STAFF_EXISTS, INVALID_INPUT (100 roles).
//
// It locks the person's row, then the role's.
func (s *Service) Accept(ctx context.Context, code string) (*ent.Staff, error) {
	v := auth.FromContext(ctx)
	if len(code) != codeLength {
		return nil, invitationInvalid()
	}
	hash := s.hashOf(v.BrandID, code)
	ctx = auth.WithinBrand(ctx)
	var accepted *ent.Staff
	err := s.store.WithTx(ctx, func(ctx context.Context) error {
		client := s.store.Client(ctx)
		// Written to where it stands, the person keeps the phone and the number of roles until the commit.
		bound, err := client.Person.Update().Where(person.ID(v.PersonID), person.PhoneHashNotNil(), person.StateEQ(enum.PersonActive)).
			SetState(enum.PersonActive).Save(ctx)
		if err != nil {
			return err
		}
		if bound == 0 {
			return apperr.New(apperr.PhoneRequired)
		}
		me, err := client.Person.Get(ctx, v.PersonID)
		if err != nil {
			return err
		}
		invitation, err := client.Staff.Query().Where(staff.InvitationHash(hash)).Only(ctx)
		if ent.IsNotFound(err) {
			return invitationInvalid()
		}
		if err != nil {
			return err
		}
		switch {
		case invitation.State == enum.StaffActive && invitation.PersonID != nil && *invitation.PersonID == me.ID: // accepted before
			accepted = invitation
			return nil
		case invitation.State != enum.StaffInvited:
			return invitationInvalid()
		case invitation.InvitedPhoneHash != *me.PhoneHash:
			return apperr.New(apperr.InvitationPhoneMismatch).At("input", "invitationCode")
		case !s.clock.Now().Before(*invitation.InvitationExpiresAt):
			return apperr.New(apperr.InvitationExpired).At("input", "invitationCode")
		}
		if err := s.roomFor(ctx, me.ID, invitation); err != nil {
			return err
		}
		id, err := s.take(ctx, me.ID, invitation)
		if err != nil {
			return err
		}
		if accepted, err = client.Staff.Get(ctx, id); err != nil {
			return err
		}
		return audit.Record(ctx, s.store, audit.Change{OrgID: accepted.OrgID, Action: "staffInvitationAccept", Subject: accepted.NodeID(),
			Before: map[string]any{"state": enum.StaffInvited}, After: map[string]any{"state": accepted.State}})
	})
	return accepted, err
}

func invitationInvalid() error {
	return apperr.New(apperr.InvitationInvalid).At("input", "invitationCode")
}

// roomFor refuses where the org is closed or the person has all the roles that one may have; the person's row is locked.
func (s *Service) roomFor(ctx context.Context, personID int64, invitation *ent.Staff) error {
	client := s.store.Client(ctx)
	open, err := client.Org.Query().Where(org.ID(invitation.OrgID), org.StateEQ(enum.OrgActive)).Exist(ctx)
	if err != nil {
		return err
	}
	if !open {
		return invitationInvalid()
	}
	roles, err := client.Staff.Query().Where(staff.PersonID(personID), staff.StateIn(enum.StaffActive, enum.StaffSuspended)).Count(ctx)
	if err == nil && roles >= maxRoles {
		err = apperr.Invalid("invitationCode", "≤ 100")
	}
	return err
}

// take makes the invitation the person's role, or revives the role that the person once had there, and gives the id of the one or the other.
func (s *Service) take(ctx context.Context, personID int64, invitation *ent.Staff) (int64, error) {
	client := s.store.Client(ctx)
	former, err := client.Staff.Query().Where(staff.PersonID(personID), staff.OrgID(invitation.OrgID), staff.RoleEQ(invitation.Role)).Only(ctx)
	if ent.IsNotFound(err) {
		return invitation.ID, taken(client.Staff.Update().Where(staff.ID(invitation.ID), staff.StateEQ(enum.StaffInvited)).
			SetState(enum.StaffActive).SetPersonID(personID).Save(ctx))
	}
	if err != nil {
		return 0, err
	}
	if former.State != enum.StaffRevoked {
		return 0, apperr.New(apperr.StaffExists)
	}
	err = taken(client.Staff.Update().Where(staff.ID(invitation.ID), staff.StateEQ(enum.StaffInvited)).
		SetState(enum.StaffRevoked).ClearInvitationHash().Save(ctx))
	if err != nil {
		return 0, err
	}
	return former.ID, taken(client.Staff.Update().Where(staff.ID(former.ID), staff.StateEQ(enum.StaffRevoked)).
		SetState(enum.StaffActive).SetName(invitation.Name).SetInvitationHash(*invitation.InvitationHash).Save(ctx))
}

// taken makes INVITATION_INVALID of a conditional write that met no row: somebody took the invitation back meanwhile.
func taken(n int, err error) error {
	if err == nil && n != 1 {
		err = invitationInvalid()
	}
	return err
}
