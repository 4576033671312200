package staff

import (
	"context"
	"errors"

	"dongxiao/auth"
	"dongxiao/domain/audit"
	"dongxiao/domain/identity"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/org"
	"dongxiao/internal/ids"
	"dongxiao/internal/text"
)

// InviteAdmin invites the owner of a phone number (11 digits) to administer the brand, for an operator's command: without it nobody could invite the first
// one, and nobody could come back to a brand whose last administrator left. The row and its audit entry, which names nobody, are written together.
// The code is to be accepted in the brand's staff app within seven days. The error tells an operator what is wrong.
func (s *Service) InviteAdmin(ctx context.Context, brandCode, phone, name string) (*Invitation, error) {
	name, err := text.Line(name, 1, maxName, "name")
	if err != nil {
		return nil, err
	}
	if !phoneForm.MatchString(phone) {
		return nil, errors.New("a phone number has 11 digits")
	}
	b, err := identity.BrandByCode(ctx, s.store, brandCode)
	if err != nil {
		return nil, err
	}
	ctx = auth.System(ctx, b.ID)
	hash := identity.PhoneHash(s.keyring.Ring(), b.ID, phone)
	id := ids.Next()
	code := s.codeOf(b.ID, id)
	var made *ent.Staff
	err = s.store.WithTx(ctx, func(ctx context.Context) error {
		client := s.store.Client(ctx)
		root, err := client.Org.Query().Where(org.KindEQ(enum.OrgBrand), org.ParentIDIsNil()).OnlyID(ctx)
		if err != nil {
			return err
		}
		if err := s.refuseColleague(ctx, hash, InviteInput{OrgID: root, Role: auth.Admin}); err != nil {
			return err
		}
		made, err = client.Staff.Create().SetID(id).SetOrgID(root).SetRole(auth.Admin).SetName(name).SetState(enum.StaffInvited).SetInvitedPhoneHash(hash).
			SetInvitedPhoneTail(phone[len(phone)-4:]).SetInvitationHash(s.hashOf(b.ID, code)).SetInvitationExpiresAt(s.clock.Now().Add(invitationLifetime)).Save(ctx)
		if err != nil {
			return err
		}
		return audit.Record(ctx, s.store, audit.Change{OrgID: root, Action: "adminInvite", Subject: made.NodeID(), After: map[string]any{"role": auth.Admin, "state": made.State}})
	})
	if err != nil {
		return nil, err
	}
	return &Invitation{made, code}, nil
}
