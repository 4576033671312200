package identity_test

import (
	"crypto/rand"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/identity"
	"dongxiao/ent/enum"
	"dongxiao/internal/wechatsim"
)

func TestAnOperatorSetsABrandUp(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		code := strings.ToLower(rand.Text()[:12])
		brand, err := identity.CreateBrand(t.Context(), d.Store, identity.NewBrand{Code: code, Name: "云岭春", TimeZone: "Asia/Shanghai"})
		require.NoError(t, err)
		_, err = identity.CreateBrand(t.Context(), d.Store, identity.NewBrand{Code: code, Name: "again", TimeZone: "Asia/Shanghai"})
		require.ErrorContains(t, err, "already")
		_, err = identity.CreateBrand(t.Context(), d.Store, identity.NewBrand{Code: code + "x", Name: "x", TimeZone: "Mars/Olympus"})
		require.ErrorContains(t, err, "time zone")
		ctx := auth.System(t.Context(), brand.ID)
		client := d.Store.Client(ctx)
		root := client.Org.Query().OnlyX(ctx)
		require.Equal(t, enum.OrgBrand, root.Kind)
		require.Contains(t, root.Path, "/")

		in := identity.NewApp{BrandCode: code, Face: auth.Storefront, WeChatAppID: "wx" + code, Name: "商城", Secret: "0123456789abcdef",
			PushToken: "pushtoken1", PushKey: "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"}
		made, err := identity.CreateApp(t.Context(), d.Store, d.Keyring.Ring(), in)
		require.NoError(t, err)
		require.Equal(t, root.ID, made.OrgID)
		require.NotContains(t, string(made.SecretSealed), in.Secret)
		require.NotContains(t, string(made.PushKeySealed), in.PushKey)
		for wrong, change := range map[string]func(*identity.NewApp){
			"already":         func(*identity.NewApp) {},
			"no brand":        func(in *identity.NewApp) { in.BrandCode = "nobody" },
			"no organisation": func(in *identity.NewApp) { in.OrgCode = "nowhere" },
			"wrong form":      func(in *identity.NewApp) { in.WeChatAppID = "wx'" },
			"push":            func(in *identity.NewApp) { in.PushKey = "short" },
		} {
			bad := in
			change(&bad)
			_, err := identity.CreateApp(t.Context(), d.Store, d.Keyring.Ring(), bad)
			require.ErrorContains(t, err, wrong)
			require.NotContains(t, err.Error(), in.Secret)
		}
		require.Equal(t, 1, client.App.Query().CountX(ctx))
		require.Equal(t, 2, client.AuditEntry.Query().CountX(ctx))

		// The app signs people in.
		require.NoError(t, d.wechat.Register(t.Context(), wechatsim.App{AppID: made.WechatAppID, Secret: in.Secret}))
		login, err := d.wechat.LoginCode(t.Context(), made.WechatAppID, "A")
		require.NoError(t, err)
		_, err = d.SignIn(t.Context(), identity.SignIn{WeChatAppID: made.WechatAppID, Code: login.Code})
		require.NoError(t, err)
	})
}
