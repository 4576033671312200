package identity

import (
	"context"
	"errors"
	"fmt"
	"time"

	"dongxiao/auth"
	"dongxiao/ent/enum"
	"dongxiao/ent/person"
	"dongxiao/internal/apperr"
	"dongxiao/internal/memory"
	"dongxiao/internal/store"
)

// standingLifetime is how long a server may not notice that a person was suspended or a session ended.
const standingLifetime = 900 * time.Millisecond

type standingKey struct{ brandID, personID, sessionID int64 }

// standing is what can end a token before its time.
type standing struct {
	known      bool
	epoch      int64
	person     enum.PersonState
	revoked    bool
	phoneBound bool
	suspended  bool // every role that the person still has is suspended, and there is one
}

func newStandingCache() *memory.Cache[standingKey, standing] {
	return memory.New[standingKey](memory.Options[standing]{Size: 100_000, Lifetime: memory.For[standing](standingLifetime)})
}

// Authenticate makes the viewer of a request or a socket and gives the end of its right: the token's expiry, zero without a token.
//
// Without a token, the app id makes a visitor of the app's brand; with neither, the viewer is nobody. The errors are APP_UNKNOWN; APP_MISMATCH,
// TOKEN_EXPIRED and UNAUTHENTICATED of the token; SESSION_REVOKED, STAFF_SUSPENDED, and TOKEN_EXPIRED again where the person's epoch was
// raised: a refresh gives a token that says what the person may do now. With TOKEN_EXPIRED comes the context of a visitor of the token's app,
// for the requests that begin or renew a session.
func (s *Service) Authenticate(ctx context.Context, token, wechatAppID string) (context.Context, time.Time, error) {
	if wechatAppID != "" {
		a, err := s.AppByWeChatID(ctx, wechatAppID)
		if err != nil {
			return nil, time.Time{}, err
		}
		if token == "" {
			return auth.NewContext(ctx, auth.Viewer{Reach: auth.ReachPublic, BrandID: a.BrandID, AppID: a.ID, Face: a.Face}), time.Time{}, nil
		}
	}
	if token == "" {
		return auth.NewContext(ctx, auth.Viewer{}), time.Time{}, nil
	}
	claims, err := s.verifier.Verify(token, wechatAppID)
	signedIn := auth.NewContext(ctx, claims.Viewer())
	if err == nil {
		err = s.Recheck(signedIn)
	}
	switch {
	case apperr.CodeOf(err) == apperr.TokenExpired:
		return auth.NewContext(ctx, auth.Viewer{Reach: auth.ReachPublic, BrandID: claims.BrandID, AppID: claims.AppID, Face: claims.Face}), time.Time{}, err
	case err != nil:
		return nil, time.Time{}, err
	}
	return signedIn, claims.ExpiresAt, nil
}

// Recheck says whether the viewer of a live socket may go on, see Authenticate for the errors. It is cheap: what it reads is a second old at most.
func (s *Service) Recheck(ctx context.Context) error {
	v := auth.FromContext(ctx)
	if !v.SignedIn() {
		return nil
	}
	st, err := s.standingOf(ctx, v)
	if err != nil {
		return fmt.Errorf("look up what a person may: %w", err)
	}
	switch {
	case !st.known:
		return apperr.New(apperr.Unauthenticated)
	case st.revoked, st.person == enum.PersonErased:
		return apperr.New(apperr.SessionRevoked)
	case st.person == enum.PersonSuspended, st.suspended && v.Face != auth.Storefront:
		return apperr.New(apperr.StaffSuspended)
	case st.epoch != v.Epoch:
		return apperr.New(apperr.TokenExpired)
	}
	return nil
}

func (s *Service) standingOf(ctx context.Context, v auth.Viewer) (standing, error) {
	return s.standings.Load(ctx, standingKey{v.BrandID, v.PersonID, v.SessionID}, s.loadStanding)
}

// standingStatement reads all that can end a token in one round trip.
const standingStatement = `SELECT p.epoch, p.state, CASE WHEN s.revoked_at IS NULL THEN 0 ELSE 1 END, CASE WHEN p.phone_hash IS NULL THEN 0 ELSE 1 END,
	CASE WHEN EXISTS (SELECT 1 FROM staff f WHERE f.brand_id = s.brand_id AND f.person_id = s.person_id AND f.state = 'SUSPENDED')
		AND NOT EXISTS (SELECT 1 FROM staff f WHERE f.brand_id = s.brand_id AND f.person_id = s.person_id AND f.state = 'ACTIVE') THEN 1 ELSE 0 END
	FROM sessions s JOIN persons p ON p.brand_id = s.brand_id AND p.id = s.person_id
	WHERE s.id = ? AND s.brand_id = ? AND s.person_id = ?`

func (s *Service) loadStanding(ctx context.Context, k standingKey) (st standing, err error) {
	// Others wait for this answer, so it outlives the request that happened to be first.
	ctx, cancel := context.WithTimeout(auth.System(context.WithoutCancel(ctx), k.brandID), loadTimeout)
	defer cancel()
	rows, err := s.Store.Client(ctx).QueryContext(ctx, standingStatement, k.sessionID, k.brandID, k.personID)
	if err != nil {
		return standing{}, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	if rows.Next() {
		st.known = true
		err = rows.Scan(&st.epoch, &st.person, &st.revoked, &st.phoneBound, &st.suspended)
	}
	return st, errors.Join(err, rows.Err())
}

// RaiseEpoch ends every access token of the person, in the transaction of ctx: on each server within a second, on live sockets within five. The
// person may refresh and then has the roles of that moment. Staff changes call it; ctx must reach the person (auth.WithinBrand).
func RaiseEpoch(ctx context.Context, s *store.Store, personID int64) error {
	n, err := s.Client(ctx).Person.Update().Where(person.ID(personID)).AddEpoch(1).Save(ctx)
	if err == nil && n != 1 {
		err = apperr.New(apperr.NotFound)
	}
	return err
}
