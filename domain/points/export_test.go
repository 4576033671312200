package points

import "context"

// SettleDueIn is SettleDue as far as the viewer reaches: the tests of a package share a database, and each has a clock of its own.
func (s *Service) SettleDueIn(ctx context.Context, limit int) (int, error) {
	return s.settleDue(ctx, limit)
}
