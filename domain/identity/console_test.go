package identity_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/identity"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
)

// marketer is somebody in the staff app who may confirm a sign-in to the console.
func (d *desk) marketer(t *testing.T, user string, role auth.Role) context.Context {
	t.Helper()
	_, ctx := d.enter(t, auth.Staff, user)
	within := d.system(t)
	d.Store.Client(within).Staff.Create().SetOrgID(d.Region.ID).SetRole(role).SetPersonID(auth.FromContext(ctx).PersonID).SetName("营销").
		SetState(enum.StaffActive).ExecX(within)
	_, ctx = d.enter(t, auth.Staff, user)
	return ctx
}

func TestConsoleSignIn(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		marketer := d.marketer(t, "A", auth.Marketer)
		other := d.server()
		page, err := d.StartConsoleSignIn(t.Context(), d.app(auth.Console), "Firefox on Linux")
		require.NoError(t, err)
		require.Equal(t, d.Clock.Now().Add(2*time.Minute), page.ExpiresAt)
		require.True(t, strings.HasPrefix(page.QRText, "dongxiao:console:"))
		kept := d.Redis.Keys(t.Context(), "*console*").Val()
		require.Len(t, kept, 1)
		fields := d.Redis.HGetAll(t.Context(), kept[0]).Val()
		for _, text := range append([]string{kept[0]}, fields["secret"], fields["device"]) {
			require.NotContains(t, text, page.Secret)
			require.NotContains(t, page.QRText, text)
		}
		left := d.Redis.PTTL(t.Context(), kept[0]).Val()
		require.InDelta(t, 2*time.Minute, left, float64(time.Minute))

		_, err = d.CompleteConsoleSignIn(t.Context(), page.Secret)
		refused(t, err, apperr.ConsoleSignInPending)
		device, err := other.ConfirmConsoleSignIn(marketer, page.QRText)
		require.NoError(t, err)
		require.Equal(t, "Firefox on Linux", *device)
		_, err = other.ConfirmConsoleSignIn(marketer, page.QRText)
		refused(t, err, apperr.ConsoleSignInExpired, "input", "qrText")

		tokens, err := d.CompleteConsoleSignIn(t.Context(), page.Secret)
		require.NoError(t, err)
		v := auth.FromContext(d.as(t, tokens))
		require.Equal(t, auth.FromContext(marketer).PersonID, v.PersonID)
		require.Equal(t, auth.Console, v.Face)
		require.Equal(t, d.Apps[auth.Console].ID, v.AppID)
		require.Equal(t, []auth.Assignment{{OrgID: d.Region.ID, Role: auth.Marketer}}, v.Assignments)
		_, _, err = d.Authenticate(t.Context(), tokens.AccessToken, d.app(auth.Staff))
		refused(t, err, apperr.AppMismatch)
		_, err = d.CompleteConsoleSignIn(t.Context(), page.Secret)
		refused(t, err, apperr.ConsoleSignInExpired, "input", "secret")
		_, err = d.Refresh(t.Context(), tokens.RefreshToken)
		require.NoError(t, err)
	})
}

func TestConsoleSignInRefuses(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		marketer, clerk := d.marketer(t, "A", auth.Marketer), d.marketer(t, "B", auth.Clerk)
		before := d.counts(t)
		_, err := d.StartConsoleSignIn(t.Context(), d.app(auth.Staff), "")
		refused(t, err, apperr.Forbidden, "input", "app")
		_, err = d.StartConsoleSignIn(t.Context(), "wx0000000000000000", "")
		refused(t, err, apperr.AppUnknown, "input", "app")
		_, err = d.StartConsoleSignIn(t.Context(), d.app(auth.Console), strings.Repeat("x", 129))
		refused(t, err, apperr.InvalidInput, "input", "device")

		page, err := d.StartConsoleSignIn(t.Context(), d.app(auth.Console), "")
		require.NoError(t, err)
		_, err = d.ConfirmConsoleSignIn(clerk, page.QRText)
		refused(t, err, apperr.Forbidden)
		v := auth.FromContext(marketer)
		v.BrandID = d.NewBrand(t).ID
		_, err = d.ConfirmConsoleSignIn(auth.NewContext(t.Context(), v), page.QRText)
		refused(t, err, apperr.ConsoleSignInExpired)
		for _, text := range []string{"", "dongxiao:console:", page.QRText + "A", page.Secret, strings.ToLower(page.QRText), "dongxiao:console:AAAAAAAAAAAAAAAAAAAAAAAAAA"} {
			_, err = d.ConfirmConsoleSignIn(marketer, text)
			refused(t, err, apperr.ConsoleSignInExpired)
		}
		name, _, _ := strings.Cut(page.Secret, ".")
		for _, secret := range []string{"", page.QRText, page.Secret + "x", name + "." + strings.Repeat("A", 43), strings.Repeat("0", 32) + "." + strings.Repeat("A", 43)} {
			_, err = d.CompleteConsoleSignIn(t.Context(), secret)
			refused(t, err, apperr.ConsoleSignInExpired)
		}
		// All that left the page as it was.
		_, err = d.CompleteConsoleSignIn(t.Context(), page.Secret)
		refused(t, err, apperr.ConsoleSignInPending)

		// The role went between confirming and collecting.
		_, err = d.ConfirmConsoleSignIn(marketer, page.QRText)
		require.NoError(t, err)
		within := d.system(t)
		d.Store.Client(within).Staff.Update().SetState(enum.StaffRevoked).ExecX(within)
		_, err = d.CompleteConsoleSignIn(t.Context(), page.Secret)
		refused(t, err, apperr.Forbidden)

		// Redis forgot.
		page, err = d.StartConsoleSignIn(t.Context(), d.app(auth.Console), "")
		require.NoError(t, err)
		require.NoError(t, d.Redis.Del(t.Context(), d.Redis.Keys(t.Context(), "*console*").Val()...).Err())
		_, err = d.ConfirmConsoleSignIn(marketer, page.QRText)
		refused(t, err, apperr.ConsoleSignInExpired)
		_, err = d.CompleteConsoleSignIn(t.Context(), page.Secret)
		refused(t, err, apperr.ConsoleSignInExpired)
		require.Equal(t, before, d.counts(t))
	})
}

func TestRaceConsoleSignIn(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		marketer := d.marketer(t, "A", auth.Marketer)
		page, err := d.StartConsoleSignIn(t.Context(), d.app(auth.Console), "")
		require.NoError(t, err)
		servers := []*identity.Service{d.Service, d.server()}
		once := func(call func(s *identity.Service) error) {
			t.Helper()
			errs := make([]error, 32)
			together(32, func(i int) { errs[i] = call(servers[i%2]) })
			succeeded := 0
			for _, err := range errs {
				if err == nil {
					succeeded++
					continue
				}
				refused(t, err, apperr.ConsoleSignInExpired)
			}
			require.Equal(t, 1, succeeded)
		}
		once(func(s *identity.Service) error { _, err := s.ConfirmConsoleSignIn(marketer, page.QRText); return err })
		before := d.counts(t)
		once(func(s *identity.Service) error {
			_, err := s.CompleteConsoleSignIn(t.Context(), page.Secret)
			return err
		})
		before.sessions++
		require.Equal(t, before, d.counts(t))
	})
}
