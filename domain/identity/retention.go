package identity

import (
	"context"
	"time"

	"dongxiao/auth"
	"dongxiao/ent/session"
)

// sessionRetention is how long ended sessions are kept, so that a refresh token that was stolen and comes late still finds its family.
const sessionRetention = 30 * 24 * time.Hour

// DeleteEndedSessions deletes sessions that expired longer ago than their retention, in all brands, a thousand at a time. A periodic job calls it.
func (s *Service) DeleteEndedSessions(ctx context.Context) error {
	const chunk = 1000
	ctx = auth.Operator(ctx)
	limit := s.Clock.Now().Add(-sessionRetention)
	for {
		ids, err := s.Store.Client(ctx).Session.Query().Where(session.ExpiresAtLT(limit)).Limit(chunk).IDs(ctx)
		if err != nil || len(ids) == 0 {
			return err
		}
		if _, err := s.Store.Client(ctx).Session.Delete().Where(session.IDIn(ids...)).Exec(ctx); err != nil {
			return err
		}
	}
}
