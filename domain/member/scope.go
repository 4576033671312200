package member

import (
	"context"

	"entgo.io/ent/dialect/sql"

	"dongxiao/auth"
	"dongxiao/domain/audit"
	"dongxiao/domain/org"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/member"
	entorg "dongxiao/ent/org"
	"dongxiao/ent/predicate"
	"dongxiao/internal/apperr"
)

// own is the viewer's membership; NOT_FOUND for a viewer who is no member.
func (s *Service) own(ctx context.Context) (*ent.Member, error) {
	m, err := s.Store.Client(ctx).Member.Get(ctx, auth.FromContext(ctx).MemberID)
	if ent.IsNotFound(err) {
		return nil, apperr.New(apperr.NotFound)
	}
	return m, err
}

// ownTaking is own for what a frozen or cancelled member may not do.
func (s *Service) ownTaking(ctx context.Context) (*ent.Member, error) {
	m, err := s.own(ctx)
	if err != nil {
		return nil, err
	}
	return m, refuseState(m.State)
}

// managed is the member if it is in the scope in which the viewer holds the capability, otherwise NOT_FOUND.
func (s *Service) managed(ctx context.Context, c auth.Capability, memberID int64) (*ent.Member, error) {
	scope, err := s.scope(ctx, c)
	if err != nil {
		return nil, err
	}
	ctx = auth.WithinBrand(ctx)
	m, err := s.Store.Client(ctx).Member.Query().Where(member.ID(memberID), scope).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, apperr.New(apperr.NotFound)
	}
	return m, err
}

// Managed is the member if it is in the scope in which the viewer holds the capability, otherwise NOT_FOUND. Services of other domains call it before they
// handle what a member has.
func (s *Service) Managed(ctx context.Context, c auth.Capability, memberID int64) (*ent.Member, error) {
	return s.managed(ctx, c, memberID)
}

// scope is the predicate of members that the viewer may handle by the capability: those whose home store is in its scope, and for who holds it at the
// brand itself all of them, with or without a home store.
func (s *Service) scope(ctx context.Context, c auth.Capability) (predicate.Member, error) {
	v := auth.FromContext(ctx)
	orgIDs := v.OrgsWith(c)
	if len(orgIDs) == 0 {
		return func(s *sql.Selector) { s.Where(sql.False()) }, nil
	}
	ctx = auth.WithinBrand(ctx)
	whole, err := s.Store.Client(ctx).Org.Query().Where(entorg.IDIn(orgIDs...), entorg.KindEQ(enum.OrgBrand)).Exist(ctx)
	if err != nil {
		return nil, err
	}
	if whole {
		return func(*sql.Selector) {}, nil
	}
	return org.Within(member.FieldHomeStoreID, v.BrandID, orgIDs, c.AtServedStores()), nil
}

// lock holds the member's row until the end of the transaction by a write that changes nothing, and gives the row as it is. It refuses with
// MEMBER_CANCELLED, so that nothing is hung on a membership that is being erased.
func (s *Service) lock(ctx context.Context, memberID int64) (*ent.Member, error) {
	client := s.Store.Client(ctx)
	n, err := client.Member.Update().Where(member.ID(memberID), member.StateNEQ(enum.MemberCancelled)).AddGrowthValue(0).Save(ctx)
	if err != nil {
		return nil, err
	}
	if n != 1 {
		return nil, apperr.New(apperr.MemberCancelled)
	}
	return client.Member.Get(ctx, memberID)
}

// record writes a change of the member into the audit log, at its home store or else at the brand.
func (s *Service) record(ctx context.Context, m *ent.Member, c audit.Change) error {
	c.Subject = m.NodeID()
	if m.HomeStoreID != nil {
		c.OrgID = *m.HomeStoreID
	}
	return s.recordAt(ctx, c)
}

// recordAt writes a change into the audit log, at the brand where it names no org.
func (s *Service) recordAt(ctx context.Context, c audit.Change) error {
	if c.OrgID == 0 {
		root, err := s.Store.Client(ctx).Org.Query().Where(entorg.KindEQ(enum.OrgBrand)).FirstID(ctx)
		if err != nil {
			return err
		}
		c.OrgID = root
	}
	return audit.Record(ctx, s.Store, c)
}

// maxReason is the length of the longest reason, in characters.
const maxReason = 255
