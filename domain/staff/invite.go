package staff

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"time"

	"dongxiao/auth"
	"dongxiao/domain/audit"
	"dongxiao/domain/identity"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/org"
	"dongxiao/ent/person"
	"dongxiao/ent/staff"
	"dongxiao/internal/apperr"
	"dongxiao/internal/idempotency"
	"dongxiao/internal/ids"
	"dongxiao/internal/text"
)

const (
	// invitationLifetime is how long an invitation may be accepted.
	invitationLifetime = 7 * 24 * time.Hour
	// codeLength is how many of 64 letters an invitation code has: 144 bits.
	codeLength = 24
	maxName    = 32
	maxReason  = 255
)

var phoneForm = regexp.MustCompile(`^[0-9]{11}$`)

// InviteInput is what Invite needs.
type InviteInput struct {
	OrgID int64
	Role  auth.Role
	Name  string
	// Phone is the number that the person will have bound: 11 digits.
	Phone          string
	IdempotencyKey string
}

// Invitation is a role that somebody is invited to, with the code to pass on.
type Invitation struct {
	Staff *ent.Staff
	Code  string
}

// Invite invites the owner of a phone number to a role at an org, for viewers with MANAGE_STAFF there, one of whose roles there may give that
// role. The row and its audit entry are written together; a repeat with the same key gets the same invitation and code. Codes: NOT_FOUND,
// INVALID_INPUT (a closed org too), ROLE_NOT_GRANTABLE, STAFF_EXISTS, IDEMPOTENCY_KEY_INVALID, IDEMPOTENCY_KEY_REUSED.
func (s *Service) Invite(ctx context.Context, in InviteInput) (*Invitation, error) {
	name, err := text.Line(in.Name, 1, maxName, "name")
	if err != nil {
		return nil, err
	}
	if !phoneForm.MatchString(in.Phone) {
		return nil, apperr.Invalid("phone", "11 × 0–9")
	}
	if err := s.mayGrant(ctx, in.Role, in.OrgID); err != nil {
		if apperr.CodeOf(err) == apperr.NotFound {
			return nil, apperr.New(apperr.NotFound).At("input", "orgId")
		}
		return nil, err
	}
	ctx = auth.WithinBrand(ctx)
	v, ring := auth.FromContext(ctx), s.keyring.Ring()
	phone := identity.PhoneHash(ring, v.BrandID, in.Phone)
	call := idempotency.Call{ActorID: v.PersonID, Operation: "staffInvite", Key: in.IdempotencyKey, Input: []any{in.OrgID, in.Role, name, phone}}
	id, _, err := idempotency.Do(ctx, s.store, call, func(ctx context.Context) (int64, error) {
		client := s.store.Client(ctx)
		open, err := client.Org.Query().Where(org.ID(in.OrgID), org.StateEQ(enum.OrgActive)).Exist(ctx)
		if err != nil {
			return 0, err
		}
		if !open {
			return 0, apperr.Invalid("orgId", string(enum.OrgClosed))
		}
		if err := s.refuseColleague(ctx, phone, in); err != nil {
			return 0, err
		}
		id := ids.Next()
		row, err := client.Staff.Create().SetID(id).SetOrgID(in.OrgID).SetRole(in.Role).SetName(name).SetState(enum.StaffInvited).SetInvitedPhoneHash(phone).
			SetInvitedPhoneTail(in.Phone[len(in.Phone)-4:]).SetInvitationHash(s.hashOf(v.BrandID, s.codeOf(v.BrandID, id))).
			SetInvitationExpiresAt(s.clock.Now().Add(invitationLifetime)).SetInvitedBy(v.PersonID).Save(ctx)
		if err != nil {
			return 0, err
		}
		return id, audit.Record(ctx, s.store, audit.Change{OrgID: in.OrgID, Action: "staffInvite", Subject: row.NodeID(),
			After: map[string]any{"role": in.Role, "state": row.State}})
	})
	if err != nil {
		return nil, err
	}
	row, err := s.store.Client(ctx).Staff.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	return &Invitation{row, s.codeOf(v.BrandID, id)}, nil
}

// mayGrant lets pass who manages staff at the org and by one of the roles that hold there may give the role.
func (s *Service) mayGrant(ctx context.Context, role auth.Role, orgID int64) error {
	if err := s.orgs.Require(ctx, auth.ManageStaff, orgID); err != nil {
		return err
	}
	var at []int64
	for _, a := range auth.FromContext(ctx).Assignments {
		if a.Role.CanGrant(role) && !slices.Contains(at, a.OrgID) {
			at = append(at, a.OrgID)
		}
	}
	granted, err := s.orgs.Covers(ctx, at, orgID)
	if err == nil && !granted {
		err = apperr.New(apperr.RoleNotGrantable).At("input", "role")
	}
	return err
}

// refuseColleague refuses with STAFF_EXISTS where the owner of the phone has the role there already, at work or suspended.
func (s *Service) refuseColleague(ctx context.Context, phone string, in InviteInput) error {
	client := s.store.Client(ctx)
	owner, err := client.Person.Query().Where(person.PhoneHash(phone)).Only(ctx)
	if ent.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	exists, err := client.Staff.Query().Where(staff.PersonID(owner.ID), staff.OrgID(in.OrgID), staff.RoleEQ(in.Role),
		staff.StateIn(enum.StaffActive, enum.StaffSuspended)).Exist(ctx)
	if err == nil && exists {
		err = apperr.New(apperr.StaffExists).At("input", "phone")
	}
	return err
}

// codeOf is the code of an invitation: made anew from its id whenever it is asked for, and kept nowhere.
func (s *Service) codeOf(brandID, id int64) string {
	return s.keyring.Ring().Hash("staff invitation code", brandID, strconv.FormatInt(id, 10))[:codeLength]
}

// hashOf is how the row knows its code.
func (s *Service) hashOf(brandID int64, code string) string {
	return s.keyring.Ring().Hash("staff invitation", brandID, code)
}
