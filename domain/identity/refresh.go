package identity

import (
	"context"
	"crypto/subtle"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/app"
	"dongxiao/ent/enum"
	"dongxiao/ent/member"
	"dongxiao/ent/session"
	"dongxiao/internal/apperr"
	"dongxiao/internal/keys"
)

// Why a session ended, in its row.
const (
	revokedSignOut  = "SIGN_OUT"
	revokedByPerson = "REVOKED"
	revokedReuse    = "REFRESH_TOKEN_REUSED"
)

// Refresh exchanges a refresh token for new tokens that say what the person may do now; whoever holds the token may call it. The token in force
// is replaced by its successor in one conditional write. Its immediate predecessor gets that same successor for 30 seconds more, because
// answers get lost; any other token that the session ever had is a copy, and ends the session. A token that it never had is told nothing of the session
// and changes nothing.
//
// Refusals: REFRESH_TOKEN_INVALID, REFRESH_TOKEN_REUSED (the session has ended), SESSION_REVOKED, STAFF_SUSPENDED, APP_UNKNOWN.
func (s *Service) Refresh(ctx context.Context, refreshToken string) (*Tokens, error) {
	token, err := auth.ParseRefresh(refreshToken)
	if err != nil {
		return nil, apperr.New(apperr.RefreshTokenInvalid).At("input", "refreshToken")
	}
	for range maxRounds {
		row, err := s.sessionOf(ctx, token)
		if err != nil {
			return nil, err
		}
		within := auth.System(ctx, row.BrandID)
		o, err := s.renewed(within, row)
		if err != nil {
			return nil, err
		}
		secrets := s.ring().Secrets(keys.Refresh, 0)
		now := s.Clock.Now()
		if same(token.Hash(), row.RefreshHash) {
			o.refresh, o.expiresAt = token.Next(secrets), now.Add(RefreshTokenLifetime)
			n, err := s.Store.Client(within).Session.Update().Where(session.ID(row.ID), session.RefreshHash(row.RefreshHash), session.RevokedAtIsNil()).
				SetPreviousHash(row.RefreshHash).SetRefreshHash(o.refresh.Hash()).SetRotatedAt(now).SetExpiresAt(o.expiresAt).Save(within)
			if err != nil {
				return nil, err
			}
			if n == 1 {
				return s.issue(o)
			}
			continue // someone refreshed or ended it meanwhile
		}
		if row.PreviousHash != nil && same(token.Hash(), *row.PreviousHash) && now.Before(row.RotatedAt.Add(auth.PredecessorWindow)) {
			if next, ok := token.NextWithHash(secrets, row.RefreshHash); ok {
				o.refresh, o.expiresAt = next, row.ExpiresAt
				return s.issue(o)
			}
		}
		if err := s.end(within, revokedReuse, session.ID(row.ID)); err != nil {
			return nil, err
		}
		s.forget(row)
		s.Log.WarnContext(ctx, "an old refresh token was used; its session has ended", "session", row.ID)
		return nil, apperr.New(apperr.RefreshTokenReused).At("input", "refreshToken")
	}
	return nil, apperr.New(apperr.Unavailable)
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// sessionOf reads over all brands, because the token is what tells the session; nothing is told of it before the token was compared.
func (s *Service) sessionOf(ctx context.Context, t auth.Refresh) (*ent.Session, error) {
	ctx = auth.Operator(ctx)
	row, err := s.Store.Client(ctx).Session.Get(ctx, t.SessionID)
	switch {
	case ent.IsNotFound(err):
		return nil, apperr.New(apperr.RefreshTokenInvalid).At("input", "refreshToken")
	case err != nil:
		return nil, err
	case !same(t.Hash(), row.RefreshHash) && !t.Genuine(s.ring().Secrets(keys.Refresh, 0)):
		return nil, apperr.New(apperr.RefreshTokenInvalid).At("input", "refreshToken")
	case row.RevokedAt != nil:
		return nil, apperr.New(apperr.SessionRevoked)
	case !s.Clock.Now().Before(row.ExpiresAt):
		return nil, apperr.New(apperr.RefreshTokenInvalid).At("input", "refreshToken")
	}
	return row, nil
}

// renewed says what the session's tokens say from now on.
func (s *Service) renewed(ctx context.Context, row *ent.Session) (*openedSession, error) {
	client := s.Store.Client(ctx)
	known, err := client.App.Query().Where(app.ID(row.AppID)).Only(ctx)
	if err != nil {
		return nil, err
	}
	a, err := s.AppByWeChatID(ctx, known.WechatAppID)
	if err != nil {
		return nil, err
	}
	p, err := client.Person.Get(ctx, row.PersonID)
	switch {
	case err != nil:
		return nil, err
	case p.State == enum.PersonErased:
		return nil, apperr.New(apperr.SessionRevoked)
	case p.State == enum.PersonSuspended:
		return nil, apperr.New(apperr.StaffSuspended)
	}
	o := &openedSession{claims: auth.Claims{Audience: a.WechatAppID, AppID: a.ID, Face: a.Face, BrandID: a.BrandID, PersonID: p.ID, SessionID: row.ID, Epoch: p.Epoch}}
	if a.Face == auth.Storefront {
		m, err := client.Member.Query().Where(member.PersonID(p.ID)).Only(ctx)
		if err != nil {
			return nil, err
		}
		o.claims.MemberID = m.ID
		return o, nil
	}
	o.claims.Assignments, err = s.rolesOrRefusal(ctx, a, p.ID)
	return o, err
}
