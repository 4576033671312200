package identity

import (
	"context"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/predicate"
	"dongxiao/ent/session"
	"dongxiao/internal/apperr"
	"dongxiao/internal/listing"
)

// SignOut ends the session that asks, for any signed-in viewer. To do it again is no mistake.
func (s *Service) SignOut(ctx context.Context) (sessionID int64, err error) {
	v := auth.FromContext(ctx)
	return v.SessionID, s.endOwn(ctx, revokedSignOut, v.SessionID)
}

// RevokeSession ends one of the viewer's own sessions, on any app of the brand. To do it again is no mistake. Refusal: NOT_FOUND.
func (s *Service) RevokeSession(ctx context.Context, sessionID int64) error {
	return s.endOwn(ctx, revokedByPerson, sessionID)
}

func (s *Service) endOwn(ctx context.Context, reason string, sessionID int64) error {
	personID := auth.FromContext(ctx).PersonID
	row, err := s.Store.Client(ctx).Session.Query().Where(session.ID(sessionID), session.PersonID(personID)).Only(ctx)
	if ent.IsNotFound(err) {
		return apperr.New(apperr.NotFound).At("input", "sessionId")
	}
	if err != nil {
		return err
	}
	if err := s.end(ctx, reason, session.ID(sessionID), session.PersonID(personID)); err != nil {
		return err
	}
	s.forget(row)
	return nil
}

// end ends the sessions that are still live among those chosen.
func (s *Service) end(ctx context.Context, reason string, which ...predicate.Session) error {
	return s.Store.Client(ctx).Session.Update().Where(which...).Where(session.RevokedAtIsNil()).
		SetRevokedAt(s.Clock.Now()).SetRevokedReason(reason).Exec(ctx)
}

// forget makes this server look the session up again at once; others do within a second.
func (s *Service) forget(row *ent.Session) {
	s.standings.Delete(standingKey{row.BrandID, row.PersonID, row.ID})
}

// Sessions lists the viewer's own live sessions on all apps of the brand, newest first. Errors: PAGE_SIZE_INVALID, CURSOR_INVALID.
func (s *Service) Sessions(ctx context.Context, first *int, after *string) (*listing.Page[*ent.Session], error) {
	n, err := listing.Window(first, listing.Max)
	if err != nil {
		return nil, err
	}
	v := auth.FromContext(ctx)
	list := listing.Of(s.cursors(), v.BrandID, "sessions", v.PersonID)
	query := s.Store.Client(ctx).Session.Query().Where(session.PersonID(v.PersonID), session.RevokedAtIsNil(), session.ExpiresAtGT(s.Clock.Now()))
	var last int64
	if further, err := list.After(after, &last); err != nil {
		return nil, err
	} else if further {
		query.Where(session.IDLT(last))
	}
	rows, err := query.Order(ent.Desc(session.FieldID)).Limit(n + 1).All(ctx)
	if err != nil {
		return nil, err
	}
	return listing.Cut(list, rows, n, func(row *ent.Session) []any { return []any{row.ID} })
}
