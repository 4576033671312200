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
	"dongxiao/internal/store"
)

func TestAuthenticateVisitors(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		ctx, expiry, err := d.Authenticate(t.Context(), "", "")
		require.NoError(t, err)
		require.Zero(t, auth.FromContext(ctx))
		require.Zero(t, expiry)

		ctx, expiry, err = d.Authenticate(t.Context(), "", d.app(auth.Mall))
		require.NoError(t, err)
		require.Equal(t, auth.Viewer{Reach: auth.ReachPublic, BrandID: d.Brand.ID, AppID: d.Apps[auth.Mall].ID, Face: auth.Mall}, auth.FromContext(ctx))
		require.Zero(t, expiry)
		require.NoError(t, d.Recheck(ctx))

		for _, id := range []string{"wx0000000000000000", "x' OR 'x", strings.Repeat("w", 33), " "} {
			_, _, err = d.Authenticate(t.Context(), "", id)
			refused(t, err, apperr.AppUnknown)
		}

		suspended := d.NewBrand(t)
		operator := auth.Operator(t.Context())
		d.Store.Client(operator).Brand.UpdateOne(suspended).SetState(enum.BrandSuspended).ExecX(operator)
		within := auth.System(t.Context(), suspended.ID)
		root := d.Store.Client(within).Org.Create().SetKind(enum.OrgBrand).SetPath("/1/").SetCode("root").SetName("x").SaveX(within)
		d.Store.Client(within).App.Create().SetOrgID(root.ID).SetFace(auth.Storefront).SetWechatAppID("wx" + suspended.Code).
			SetName("x").SetSecretSealed([]byte("x")).ExecX(within)
		_, _, err = d.Authenticate(t.Context(), "", "wx"+suspended.Code)
		refused(t, err, apperr.AppUnknown)
	})
}

func TestAuthenticateTokens(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		tokens, ctx := d.enter(t, auth.Storefront, "A")
		v := auth.FromContext(ctx)
		for _, id := range []string{"", d.app(auth.Storefront)} {
			got, _, err := d.server().Authenticate(t.Context(), tokens.AccessToken, id)
			require.NoError(t, err)
			require.Equal(t, v, auth.FromContext(got))
		}
		for name, c := range map[string]struct {
			token, app string
			code       apperr.Code
		}{
			"another app":  {tokens.AccessToken, d.app(auth.Staff), apperr.AppMismatch},
			"unknown app":  {tokens.AccessToken, "wx0000000000000000", apperr.AppUnknown},
			"no token":     {"x", d.app(auth.Storefront), apperr.Unauthenticated},
			"refresh":      {tokens.RefreshToken, "", apperr.Unauthenticated},
			"spoilt":       {tokens.AccessToken + "x", "", apperr.Unauthenticated},
			"cut":          {tokens.AccessToken[:len(tokens.AccessToken)-4], "", apperr.Unauthenticated},
			"without seal": {tokens.AccessToken[:strings.LastIndexByte(tokens.AccessToken, '.')+1], "", apperr.Unauthenticated},
		} {
			_, _, err := d.Authenticate(t.Context(), c.token, c.app)
			require.Equal(t, c.code, apperr.CodeOf(err), name)
		}
		d.Clock.Advance(16 * time.Minute)
		_, _, err := d.Authenticate(t.Context(), tokens.AccessToken, "")
		refused(t, err, apperr.TokenExpired)
	})
}

func TestStaffTokensCarryActiveRolesInScope(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		_, first := d.enter(t, auth.Staff, "A")
		require.Empty(t, auth.FromContext(first).Assignments)
		ctx := d.system(t)
		client := d.Store.Client(ctx)
		personID := auth.FromContext(first).PersonID
		role := func(orgID int64, role auth.Role, state enum.StaffState) {
			client.Staff.Create().SetOrgID(orgID).SetRole(role).SetPersonID(personID).SetName("店员").SetState(state).ExecX(ctx)
		}
		role(d.Store1.ID, auth.Clerk, enum.StaffActive)
		role(d.Store2.ID, auth.Manager, enum.StaffActive)
		role(d.Region.ID, auth.Marketer, enum.StaffSuspended)
		role(d.Root.ID, auth.Admin, enum.StaffRevoked)

		_, second := d.enter(t, auth.Staff, "A")
		require.ElementsMatch(t, []auth.Assignment{{OrgID: d.Store1.ID, Role: auth.Clerk}, {OrgID: d.Store2.ID, Role: auth.Manager}}, auth.FromContext(second).Assignments)
		roles, err := d.Roles(second)
		require.NoError(t, err)
		require.Len(t, roles, 2)

		// The mall of a distributor is about the stores that it serves.
		mall := client.App.Create().SetOrgID(d.Distributor.ID).SetFace(auth.Mall).SetWechatAppID("wxmall" + strings.ToLower(d.Brand.Code)).SetName("mall").
			SetSecretSealed([]byte("x")).SaveX(ctx)
		d.Apps[auth.Mall] = d.equip(t, mall, "open-"+d.Brand.Code)
		_, third := d.enter(t, auth.Mall, "A")
		require.Equal(t, personID, auth.FromContext(third).PersonID)
		require.Equal(t, []auth.Assignment{{OrgID: d.Store1.ID, Role: auth.Clerk}}, auth.FromContext(third).Assignments)

		_, shopping := d.enter(t, auth.Storefront, "A")
		require.Empty(t, auth.FromContext(shopping).Assignments)
	})
}

func TestSuspendedStaffIsOutAtOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		_, first := d.enter(t, auth.Staff, "A")
		ctx := d.system(t)
		client := d.Store.Client(ctx)
		personID := auth.FromContext(first).PersonID
		clerk := client.Staff.Create().SetOrgID(d.Store1.ID).SetRole(auth.Clerk).SetPersonID(personID).SetName("店员").SetState(enum.StaffActive).SaveX(ctx)
		staffTokens, staffed := d.enter(t, auth.Staff, "A")
		shopTokens, shopping := d.enter(t, auth.Storefront, "A")
		servers := []*identity.Service{d.Service, d.server()}
		for _, s := range servers {
			require.NoError(t, s.Recheck(staffed))
		}

		require.NoError(t, d.Store.WithTx(ctx, func(ctx context.Context) error {
			d.Store.Client(ctx).Staff.UpdateOne(clerk).SetState(enum.StaffSuspended).ExecX(ctx)
			return identity.RaiseEpoch(ctx, d.Store, personID)
		}))
		started := time.Now()
		for _, s := range servers {
			require.Eventually(t, func() bool { return apperr.CodeOf(s.Recheck(staffed)) == apperr.StaffSuspended }, 5*time.Second, 10*time.Millisecond)
			_, _, err := s.Authenticate(t.Context(), staffTokens.AccessToken, "")
			refused(t, err, apperr.StaffSuspended)
			// The same human goes on shopping, after a refresh.
			require.Eventually(t, func() bool { return apperr.CodeOf(s.Recheck(shopping)) == apperr.TokenExpired }, 5*time.Second, 10*time.Millisecond)
		}
		require.Less(t, time.Since(started), 4*time.Second)
		_, err := d.Refresh(t.Context(), staffTokens.RefreshToken)
		refused(t, err, apperr.StaffSuspended)
		shopTokens, err = d.Refresh(t.Context(), shopTokens.RefreshToken)
		require.NoError(t, err)
		require.NoError(t, d.Recheck(d.as(t, shopTokens)))
		_, err = d.SignIn(t.Context(), identity.SignIn{WeChatAppID: d.app(auth.Staff), Code: d.code(t, auth.Staff, "A")})
		refused(t, err, apperr.StaffSuspended)

		// Reinstated, the same refresh token works on: it was not spent.
		client.Staff.UpdateOne(clerk).SetState(enum.StaffActive).ExecX(ctx)
		staffTokens, err = d.Refresh(t.Context(), staffTokens.RefreshToken)
		require.NoError(t, err)
		require.Eventually(t, func() bool {
			_, _, err := d.Authenticate(t.Context(), staffTokens.AccessToken, "")
			return err == nil
		}, 5*time.Second, 10*time.Millisecond)

		refused(t, identity.RaiseEpoch(ctx, d.Store, 1), apperr.NotFound)
	})
}

func TestASuspendedPersonIsOut(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		tokens, ctx := d.enter(t, auth.Storefront, "A")
		within := d.system(t)
		d.Store.Client(within).Person.UpdateOneID(auth.FromContext(ctx).PersonID).SetState(enum.PersonSuspended).ExecX(within)
		fresh := d.server()
		refused(t, fresh.Recheck(ctx), apperr.StaffSuspended)
		_, err := fresh.Refresh(t.Context(), tokens.RefreshToken)
		refused(t, err, apperr.StaffSuspended)
		_, err = fresh.SignIn(t.Context(), identity.SignIn{WeChatAppID: d.app(auth.Storefront), Code: d.code(t, auth.Storefront, "A")})
		refused(t, err, apperr.StaffSuspended)
		d.Store.Client(within).Person.UpdateOneID(auth.FromContext(ctx).PersonID).SetState(enum.PersonErased).ExecX(within)
		_, err = fresh.Refresh(t.Context(), tokens.RefreshToken)
		refused(t, err, apperr.SessionRevoked)
		refused(t, d.server().Recheck(ctx), apperr.SessionRevoked)
	})
}

func TestATokenOfARowThatIsGone(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		_, ctx := d.enter(t, auth.Storefront, "A")
		v := auth.FromContext(ctx)
		v.SessionID++
		refused(t, d.Recheck(auth.NewContext(t.Context(), v)), apperr.Unauthenticated)
	})
}

// Nothing about a token that was seen a moment ago is asked of the database, and first of all one statement.
func TestStatementsOfAuthenticate(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		tokens, _ := d.enter(t, auth.Storefront, "A")
		fresh := d.server()
		_, err := fresh.AppByWeChatID(t.Context(), d.app(auth.Storefront))
		require.NoError(t, err)
		counted, statements := store.CollectStatements(t.Context())
		_, _, err = fresh.Authenticate(counted, tokens.AccessToken, d.app(auth.Storefront))
		require.NoError(t, err)
		require.Len(t, statements.List(), 1)
		require.Eventually(t, func() bool { // the answer is good for 0.9 s, which a slow machine may take for one call
			before := len(statements.List())
			_, _, err = fresh.Authenticate(counted, tokens.AccessToken, d.app(auth.Storefront))
			return err == nil && len(statements.List()) == before
		}, 10*time.Second, time.Millisecond)
	})
}
