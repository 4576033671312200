package clearing

import "context"

// MakeDueIn is MakeDue as far as the viewer reaches: the tests of a package share a database, and each has a clock of its own.
func (s *Service) MakeDueIn(ctx context.Context, limit int) (int, error) {
	return s.makeDue(ctx, limit)
}
