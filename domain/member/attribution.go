package member

import (
	"context"
	"slices"
	"time"

	"dongxiao/auth"
	"dongxiao/domain/audit"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/member"
	entorg "dongxiao/ent/org"
	"dongxiao/ent/predicate"
	"dongxiao/ent/staff"
	"dongxiao/internal/apperr"
	"dongxiao/internal/ids"
	"dongxiao/internal/text"
)

// guideRoles are the roles that serve members.
var guideRoles = []auth.Role{auth.Guide, auth.Clerk, auth.Manager}

// HomeStoreSet makes the store the viewer's home store, with a guide who serves there or without one (nil), and begins the protection period, in one
// conditional write: of two at once one wins. The member itself calls it; to choose the same store again within the period succeeds and changes
// nothing. It refuses with NOT_FOUND (store or guide; nobody is the own guide), STORE_CLOSED, HOME_STORE_PROTECTED, MEMBER_FROZEN and
// MEMBER_CANCELLED.
func (s *Service) HomeStoreSet(ctx context.Context, storeID int64, guideID *int64) (*ent.Member, error) {
	m, err := s.ownTaking(ctx)
	if err != nil {
		return nil, err
	}
	ctx = auth.WithinBrand(ctx)
	if err := s.openStore(ctx, storeID); err != nil {
		return nil, err
	}
	if guideID != nil {
		serves, err := s.serves(ctx, *guideID, storeID, m.PersonID)
		if err != nil {
			return nil, err
		}
		if !serves {
			return nil, apperr.New(apperr.NotFound).At("input", "guideId")
		}
	}
	moved, err := s.bind(ctx, m.ID, storeID, guideID)
	if err != nil {
		return nil, err
	}
	after, err := s.Store.Client(ctx).Member.Get(ctx, m.ID)
	if err != nil || moved {
		return after, err
	}
	if err := refuseState(after.State); err != nil {
		return nil, err
	}
	if same(after.HomeStoreID, &storeID) && (guideID == nil || same(after.GuideID, guideID)) {
		return after, nil
	}
	zone, err := s.Orgs.Zone(ctx)
	if err != nil {
		return nil, err
	}
	refusal := apperr.New(apperr.Conflict) // it was taken, and is free again
	if until := after.HomeStoreProtectedUntil; until != nil {
		refusal = apperr.New(apperr.HomeStoreProtected, "until", until.In(zone).Format("2006-01-02 15:04"))
	}
	return nil, refusal.At("input", "storeId")
}

// Touch notes how the member came, at sign-in: storeID and guideID are 0 where it was through none. The first touch of a membership keeps its store for
// good; each later touch of a store is the last one. A touch through a store or a guide, unlike one through a shared page or a scan, which may happen
// anywhere, also makes that store the home store, unless another is within its protection period. Stores that are unknown or closed and guides who do
// not serve there, or who are the person itself, are left out: a sign-in never fails for them. Sign-in calls it, in its transaction.
func (s *Service) Touch(ctx context.Context, memberID int64, channel enum.AttributionChannel, storeID, guideID int64) error {
	ctx = auth.WithinBrand(ctx)
	return s.Store.WithTx(ctx, func(ctx context.Context) error {
		client := s.Store.Client(ctx)
		m, err := client.Member.Get(ctx, memberID)
		if err != nil || m.LastTouchedAt != nil && storeID == 0 && guideID == 0 {
			return err
		}
		storeID, guide, err := s.place(ctx, m.PersonID, storeID, guideID)
		if err != nil {
			return err
		}
		first := client.Member.Update().Where(member.ID(memberID), member.StateNEQ(enum.MemberCancelled), member.LastTouchedAtIsNil()).
			SetLastChannel(channel).SetLastTouchedAt(s.Clock.Now())
		if storeID != 0 {
			first.SetFirstStoreID(storeID).SetLastStoreID(storeID)
		}
		if _, err := first.Save(ctx); err != nil || storeID == 0 {
			return err
		}
		_, err = client.Member.Update().Where(member.ID(memberID), member.StateNEQ(enum.MemberCancelled)).
			SetLastChannel(channel).SetLastStoreID(storeID).SetLastTouchedAt(s.Clock.Now()).Save(ctx)
		if err != nil || channel != enum.ChannelStore && channel != enum.ChannelGuide {
			return err
		}
		_, err = s.bind(ctx, memberID, storeID, guide)
		return err
	})
}

// place is the store and the guide that a touch names as far as they are good, 0 and nil where they are not. A guide alone names its store.
func (s *Service) place(ctx context.Context, personID, storeID, guideID int64) (int64, *int64, error) {
	if storeID == 0 && guideID == 0 {
		return 0, nil, nil
	}
	if storeID == 0 {
		g, err := s.Store.Client(ctx).Staff.Get(ctx, guideID)
		if err != nil && !ent.IsNotFound(err) {
			return 0, nil, err
		}
		if g != nil {
			storeID = g.OrgID
		}
	}
	if err := s.openStore(ctx, storeID); err != nil {
		if apperr.CodeOf(err) == apperr.Internal {
			return 0, nil, err
		}
		return 0, nil, nil
	}
	serves, err := s.serves(ctx, guideID, storeID, personID)
	if err != nil || !serves {
		return storeID, nil, err
	}
	return storeID, &guideID, nil
}

// bind moves the member to the store unless another is within its protection period, and begins a new period.
func (s *Service) bind(ctx context.Context, memberID, storeID int64, guideID *int64) (bool, error) {
	brand, err := s.Orgs.Brand(ctx)
	if err != nil {
		return false, err
	}
	now := s.Clock.Now()
	update := s.Store.Client(ctx).Member.Update().Where(member.ID(memberID), member.StateIn(taking...), unprotected(now)).
		SetHomeStoreID(storeID).SetHomeStoreProtectedUntil(now.AddDate(0, 0, brand.ProtectionDays))
	if guideID != nil {
		update.SetGuideID(*guideID)
	} else {
		update.ClearGuideID()
	}
	n, err := update.Save(ctx)
	return n == 1, err
}

func unprotected(now time.Time) predicate.Member {
	return member.Or(member.HomeStoreIDIsNil(), member.HomeStoreProtectedUntilIsNil(), member.HomeStoreProtectedUntilLTE(now))
}

// HomeStoreMove moves a member to another home store above the protection period, without a guide, begins a new period and writes it into the audit log,
// in one transaction. Staff with MANAGE_MEMBERS call it for a member and a store that are both in their scope. It refuses with NOT_FOUND, REASON_REQUIRED,
// INVALID_INPUT, STORE_CLOSED, MEMBER_CANCELLED, and CONFLICT where the home store changed meanwhile.
func (s *Service) HomeStoreMove(ctx context.Context, memberID, storeID int64, reason string) (*ent.Member, error) {
	reason, err := text.Reason(reason, maxReason)
	if err != nil {
		return nil, err
	}
	m, err := s.managed(ctx, auth.ManageMembers, memberID)
	if err != nil {
		return nil, err
	}
	if m.State == enum.MemberCancelled {
		return nil, apperr.New(apperr.MemberCancelled)
	}
	if err := s.Orgs.StoreInScope(ctx, auth.ManageMembers, storeID); err != nil {
		return nil, err
	}
	ctx = auth.WithinBrand(ctx)
	if err := s.openStore(ctx, storeID); err != nil {
		return nil, err
	}
	brand, err := s.Orgs.Brand(ctx)
	if err != nil {
		return nil, err
	}
	err = s.Store.WithTx(ctx, func(ctx context.Context) error {
		present := member.HomeStoreIDIsNil()
		if m.HomeStoreID != nil {
			present = member.HomeStoreID(*m.HomeStoreID)
		}
		n, err := s.Store.Client(ctx).Member.Update().Where(member.ID(m.ID), member.StateNEQ(enum.MemberCancelled), present).
			SetHomeStoreID(storeID).SetHomeStoreProtectedUntil(s.Clock.Now().AddDate(0, 0, brand.ProtectionDays)).ClearGuideID().Save(ctx)
		if err != nil {
			return err
		}
		if n != 1 {
			return apperr.New(apperr.Conflict)
		}
		return s.recordAt(ctx, audit.Change{OrgID: storeID, Action: "memberHomeStoreMove", Subject: m.NodeID(), Reason: reason,
			Before: map[string]any{"homeStore": publicID(ids.Org, m.HomeStoreID), "guide": publicID(ids.Staff, m.GuideID)},
			After:  map[string]any{"homeStore": publicID(ids.Org, &storeID), "guide": nil}})
	})
	if err != nil {
		return nil, err
	}
	return s.Store.Client(ctx).Member.Get(ctx, m.ID)
}

// openStore refuses with NOT_FOUND unless it is a store of the brand, and with STORE_CLOSED if it is closed down.
func (s *Service) openStore(ctx context.Context, storeID int64) error {
	store, err := s.Store.Client(ctx).Org.Query().Where(entorg.ID(storeID), entorg.KindEQ(enum.OrgStore)).Only(ctx)
	switch {
	case ent.IsNotFound(err):
		return apperr.New(apperr.NotFound).At("input", "storeId")
	case err != nil:
		return err
	case store.State != enum.OrgActive:
		return apperr.New(apperr.StoreClosed).At("input", "storeId")
	}
	return nil
}

// serves says whether the guide is active at the store in a role that serves members, and somebody else than the person.
func (s *Service) serves(ctx context.Context, guideID, storeID, personID int64) (bool, error) {
	g, err := s.Store.Client(ctx).Staff.Query().Where(staff.ID(guideID), staff.OrgID(storeID), staff.StateEQ(enum.StaffActive)).Only(ctx)
	if ent.IsNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return slices.Contains(guideRoles, g.Role) && !same(g.PersonID, &personID), nil
}

func same(a, b *int64) bool { return a != nil && b != nil && *a == *b }

// publicID is the public id for the audit log, or nil.
func publicID(kind ids.Kind, id *int64) any {
	if id == nil {
		return nil
	}
	return ids.ID{Kind: kind, Value: *id}.String()
}
