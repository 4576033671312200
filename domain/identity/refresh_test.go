package identity_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/identity"
	"dongxiao/internal/apperr"
	"dongxiao/internal/keys"
)

func TestRefreshRotates(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		first, ctx := d.enter(t, auth.Storefront, "A")
		d.Clock.Advance(20 * time.Minute)
		second, err := d.Refresh(t.Context(), first.RefreshToken)
		require.NoError(t, err)
		require.NotEqual(t, first.RefreshToken, second.RefreshToken)
		require.Equal(t, d.Clock.Now().Add(identity.RefreshTokenLifetime), second.RefreshTokenExpiresAt)
		require.Equal(t, auth.FromContext(ctx), auth.FromContext(d.as(t, second)))

		// The answer was lost: the predecessor gets the same successor, on any server, for 30 seconds.
		d.Clock.Advance(29 * time.Second)
		again, err := d.server().Refresh(t.Context(), first.RefreshToken)
		require.NoError(t, err)
		require.Equal(t, second.RefreshToken, again.RefreshToken)
		require.WithinDuration(t, second.RefreshTokenExpiresAt, again.RefreshTokenExpiresAt, 0)
		third, err := d.Refresh(t.Context(), second.RefreshToken)
		require.NoError(t, err)
		require.Equal(t, counts{1, 1, 1, 1}, d.counts(t))
		_, err = d.Refresh(t.Context(), third.RefreshToken)
		require.NoError(t, err)
	})
}

func TestAnOldRefreshTokenEndsTheSession(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rotations int
		wait      time.Duration
	}{
		"the predecessor, late":       {1, 30 * time.Second},
		"the one before, in time":     {2, 0},
		"the one long before, at all": {4, time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, d *desk) {
				first, ctx := d.enter(t, auth.Storefront, "A")
				other, _ := d.enter(t, auth.Storefront, "A")
				latest := first
				for range c.rotations {
					var err error
					latest, err = d.Refresh(t.Context(), latest.RefreshToken)
					require.NoError(t, err)
				}
				d.Clock.Advance(c.wait)
				_, err := d.Refresh(t.Context(), first.RefreshToken)
				refused(t, err, apperr.RefreshTokenReused)
				for _, token := range []string{latest.RefreshToken, first.RefreshToken} {
					_, err = d.Refresh(t.Context(), token)
					refused(t, err, apperr.SessionRevoked)
				}
				refused(t, d.Recheck(ctx), apperr.SessionRevoked)
				// Another sign-in of the same person goes on.
				_, err = d.Refresh(t.Context(), other.RefreshToken)
				require.NoError(t, err)
			})
		})
	}
}

// Whoever knows or guesses the number of a session but never had a token of it learns nothing of it and cannot end it.
func TestAForgedRefreshTokenChangesNothing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		tokens, ctx := d.enter(t, auth.Storefront, "A")
		genuine, err := auth.ParseRefresh(tokens.RefreshToken)
		require.NoError(t, err)
		forged := []string{auth.NewRefresh([][]byte{[]byte("not the server's secret")}, genuine.SessionID).Token()}
		last := tokens.RefreshToken[len(tokens.RefreshToken)-20:]
		forged = append(forged, strings.Replace(tokens.RefreshToken, last, strings.Repeat("A", 20), 1))
		refuseAll := func() {
			t.Helper()
			for _, token := range forged {
				_, err := d.Refresh(t.Context(), token)
				refused(t, err, apperr.RefreshTokenInvalid, "input", "refreshToken")
			}
		}
		refuseAll()
		require.NoError(t, d.Recheck(ctx))
		next, err := d.Refresh(t.Context(), tokens.RefreshToken)
		require.NoError(t, err)
		refuseAll()
		_, err = d.Refresh(t.Context(), next.RefreshToken)
		require.NoError(t, err, "the session goes on")
		_, err = d.SignOut(ctx)
		require.NoError(t, err)
		refuseAll()
	})
}

func TestRefreshRefuses(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		tokens, _ := d.enter(t, auth.Storefront, "A")
		for _, token := range []string{"", "x", tokens.AccessToken, tokens.RefreshToken + "x", tokens.RefreshToken[3:], auth.NewRefresh(d.Keyring.Ring().Secrets(keys.Refresh, 0), 1).Token()} {
			_, err := d.Refresh(t.Context(), token)
			refused(t, err, apperr.RefreshTokenInvalid, "input", "refreshToken")
		}
		_, err := d.Refresh(t.Context(), tokens.RefreshToken)
		require.NoError(t, err)

		tokens, _ = d.enter(t, auth.Storefront, "A")
		d.Clock.Advance(identity.RefreshTokenLifetime)
		_, err = d.Refresh(t.Context(), tokens.RefreshToken)
		refused(t, err, apperr.RefreshTokenInvalid)
	})
}

func TestASessionSlides(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		tokens, _ := d.enter(t, auth.Storefront, "A")
		for range 4 {
			d.Clock.Advance(29 * 24 * time.Hour)
			var err error
			tokens, err = d.Refresh(t.Context(), tokens.RefreshToken)
			require.NoError(t, err)
		}
	})
}

func TestRaceRefresh(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		tokens, _ := d.enter(t, auth.Storefront, "A")
		servers := []*identity.Service{d.Service, d.server()}
		answers, errs := make([]*identity.Tokens, 32), make([]error, 32)
		together(32, func(i int) { answers[i], errs[i] = servers[i%2].Refresh(t.Context(), tokens.RefreshToken) })
		for i := range answers {
			require.NoError(t, errs[i])
			require.Equal(t, answers[0].RefreshToken, answers[i].RefreshToken)
		}
		_, err := d.Refresh(t.Context(), answers[0].RefreshToken)
		require.NoError(t, err)
	})
}

func TestSessionsAreListedAndEnded(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		var contexts []context.Context
		var tokens []*identity.Tokens
		for _, face := range []auth.Face{auth.Storefront, auth.Staff, auth.Storefront, auth.Mall, auth.Storefront} {
			token, ctx := d.enter(t, face, "A")
			contexts, tokens = append(contexts, ctx), append(tokens, token)
		}
		_, stranger := d.enter(t, auth.Storefront, "B")
		own := func(i int) int64 { return auth.FromContext(contexts[i]).SessionID }

		var listed []int64
		var after *string
		for {
			page, err := d.Sessions(contexts[0], new(2), after)
			require.NoError(t, err)
			for _, row := range page.Nodes {
				listed = append(listed, row.ID)
			}
			if !page.HasNext {
				break
			}
			after = &page.EndCursor
		}
		require.Equal(t, []int64{own(4), own(3), own(2), own(1), own(0)}, listed)
		_, err := d.Sessions(stranger, nil, after)
		refused(t, err, apperr.CursorInvalid)
		_, err = d.Sessions(stranger, new(101), nil)
		refused(t, err, apperr.PageSizeInvalid)

		// Nobody ends what is not his.
		refused(t, d.RevokeSession(stranger, own(1)), apperr.NotFound, "input", "sessionId")
		refused(t, d.RevokeSession(contexts[0], 1), apperr.NotFound)
		refused(t, d.RevokeSession(contexts[0], 0), apperr.NotFound)
		require.NoError(t, d.Recheck(contexts[1]))

		require.NoError(t, d.RevokeSession(contexts[0], own(1)))
		require.NoError(t, d.RevokeSession(contexts[0], own(1)), "again is no mistake")
		refused(t, d.Recheck(contexts[1]), apperr.SessionRevoked)
		_, err = d.Refresh(t.Context(), tokens[1].RefreshToken)
		refused(t, err, apperr.SessionRevoked)

		id, err := d.SignOut(contexts[2])
		require.NoError(t, err)
		require.Equal(t, own(2), id)
		refused(t, d.Recheck(contexts[2]), apperr.SessionRevoked)
		page, err := d.Sessions(contexts[0], nil, nil)
		require.NoError(t, err)
		require.Len(t, page.Nodes, 3)
		require.NoError(t, d.Recheck(contexts[0]))

		d.Clock.Advance(identity.RefreshTokenLifetime)
		page, err = d.Sessions(contexts[0], nil, nil)
		require.NoError(t, err)
		require.Empty(t, page.Nodes)
	})
}
