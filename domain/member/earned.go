package member

import (
	"context"
	"slices"

	"dongxiao/auth"
	"dongxiao/ent"
)

// InScope is the member if the viewer holds the capability for it: at its home store, above it, or at the brand. Services of other domains call it before they
// act for staff. It refuses with NOT_FOUND.
func (s *Service) InScope(ctx context.Context, c auth.Capability, memberID int64) (*ent.Member, error) {
	return s.managed(ctx, c, memberID)
}

// EarnGrowth adds growth value for what a member earned, in the transaction of ctx, and raises the level at once, with an event. It holds the member's
// row. Who takes no part (frozen, cancelled) earns none, and that is no refusal. Growth is 0 or more; the value stops at 2,000,000,000.
func (s *Service) EarnGrowth(ctx context.Context, memberID, growth int64) error {
	ctx = auth.WithinBrand(ctx)
	m, err := s.Store.Client(ctx).Member.Get(ctx, memberID)
	if err != nil || growth <= 0 || !slices.Contains(taking, m.State) {
		return err
	}
	_, _, err = s.grow(ctx, memberID, min(growth, growthCeiling))
	return err
}
