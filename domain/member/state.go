package member

import (
	"context"

	"dongxiao/auth"
	"dongxiao/domain/audit"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/member"
	"dongxiao/ent/person"
	"dongxiao/internal/apperr"
	"dongxiao/internal/store"
	"dongxiao/internal/text"
)

// Transitions of a membership:
//
//	VISITOR    → REGISTERED  a phone was bound (identity)
//	VISITOR    → FROZEN      StateSet
//	REGISTERED → FROZEN      StateSet
//	FROZEN     → REGISTERED  StateSet, where a phone is bound
//	FROZEN     → VISITOR     StateSet, where none is
//	any        → CANCELLED   Erase; final
//
// taking lists the states in which a member takes part in what the brand offers.
var taking = []enum.MemberState{enum.MemberVisitor, enum.MemberRegistered}

// refuseState gives MEMBER_FROZEN or MEMBER_CANCELLED where the member takes no part, and nil where it does.
func refuseState(state enum.MemberState) error {
	switch state {
	case enum.MemberFrozen:
		return apperr.New(apperr.MemberFrozen)
	case enum.MemberCancelled:
		return apperr.New(apperr.MemberCancelled)
	}
	return nil
}

// StateSet freezes or unfreezes a membership and writes it into the audit log, in one transaction. Staff with MANAGE_MEMBERS call it for members
// in their scope. To freeze what is frozen changes nothing and succeeds. It refuses with NOT_FOUND, REASON_REQUIRED, INVALID_INPUT,
// MEMBER_CANCELLED, and CONFLICT where the state changed meanwhile.
func (s *Service) StateSet(ctx context.Context, memberID int64, frozen bool, reason string) (*ent.Member, error) {
	reason, err := text.Reason(reason, maxReason)
	if err != nil {
		return nil, err
	}
	m, err := s.managed(ctx, auth.ManageMembers, memberID)
	if err != nil {
		return nil, err
	}
	switch {
	case m.State == enum.MemberCancelled:
		return nil, apperr.New(apperr.MemberCancelled)
	case frozen == (m.State == enum.MemberFrozen):
		return m, nil
	}
	ctx = auth.WithinBrand(ctx)
	err = s.Store.WithTx(ctx, func(ctx context.Context) error {
		next := enum.MemberFrozen
		if !frozen {
			if next, err = s.thawed(ctx, m); err != nil {
				return err
			}
		}
		registered := member.RegisteredAtNotNil()
		if m.RegisteredAt == nil {
			registered = member.RegisteredAtIsNil()
		}
		n, err := s.Store.Client(ctx).Member.Update().Where(member.ID(m.ID), member.StateEQ(m.State), registered).SetState(next).Save(ctx)
		if err != nil {
			return err
		}
		if n != 1 {
			return apperr.New(apperr.Conflict)
		}
		return s.record(ctx, m, audit.Change{Action: "memberStateSet", Reason: reason,
			Before: map[string]any{"state": m.State}, After: map[string]any{"state": next}})
	})
	if err != nil {
		return nil, err
	}
	return s.Store.Client(ctx).Member.Get(ctx, m.ID)
}

// thawed is the state of a frozen member that takes part again: registered where it was and has its phone still, which WeChat may have taken back meanwhile.
// The person's row is locked, so that it stays so until the commit.
func (s *Service) thawed(ctx context.Context, m *ent.Member) (enum.MemberState, error) {
	p, err := store.Locked(s.Store, s.Store.Client(ctx).Person.Query().Where(person.ID(m.PersonID))).Only(ctx)
	if err != nil || m.RegisteredAt == nil || p.PhoneHash == nil {
		return enum.MemberVisitor, err
	}
	return enum.MemberRegistered, nil
}
