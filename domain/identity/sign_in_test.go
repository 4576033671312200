package identity_test

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/identity"
	"dongxiao/ent/enum"
	entidentity "dongxiao/ent/identity"
	"dongxiao/ent/member"
	"dongxiao/ent/session"
	"dongxiao/internal/apperr"
	"dongxiao/internal/wechatsim"
)

func TestFirstSignInMakesPersonAndMember(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		code := d.code(t, auth.Storefront, "A")
		tokens, err := d.SignIn(t.Context(), identity.SignIn{WeChatAppID: d.app(auth.Storefront), Code: code, Device: "iPhone 17"})
		require.NoError(t, err)
		require.Equal(t, counts{1, 1, 1, 1}, d.counts(t))
		require.Equal(t, d.Clock.Now().Add(15*time.Minute), tokens.AccessTokenExpiresAt)
		require.Equal(t, d.Clock.Now().Add(30*24*time.Hour), tokens.RefreshTokenExpiresAt)

		v := auth.FromContext(d.as(t, tokens))
		require.Equal(t, auth.ReachMember, v.Reach)
		require.Equal(t, d.Brand.ID, v.BrandID)
		require.Equal(t, auth.Storefront, v.Face)
		require.Empty(t, v.Assignments)
		ctx := d.system(t)
		client := d.Store.Client(ctx)
		m := client.Member.GetX(ctx, v.MemberID)
		require.Equal(t, enum.MemberVisitor, m.State)
		require.Equal(t, v.PersonID, m.PersonID)
		require.Len(t, strconv.FormatInt(m.Number, 10), 10)
		require.Equal(t, enum.ChannelDirect, m.FirstChannel)
		require.Nil(t, m.HomeStoreID)
		p := client.Person.GetX(ctx, v.PersonID)
		require.Equal(t, p.ID, p.LimitSubject)
		row := client.Session.GetX(ctx, v.SessionID)
		require.Equal(t, "iPhone 17", row.Device)
		require.NotContains(t, tokens.RefreshToken, row.RefreshHash)
		known := client.Identity.Query().OnlyX(ctx)
		open, err := d.wechat.Open(t.Context(), d.app(auth.Storefront), "A")
		require.NoError(t, err)
		require.NotContains(t, string(known.OpenidSealed), open.OpenID)
		openID, err := d.OpenID(ctx, v.PersonID, v.AppID)
		require.NoError(t, err)
		require.Equal(t, open.OpenID, openID)

		// The same human comes back.
		_, again := d.enter(t, auth.Storefront, "A")
		require.Equal(t, v.MemberID, auth.FromContext(again).MemberID)
		require.Equal(t, counts{1, 1, 1, 2}, d.counts(t))

		// And opens another app of the brand: the unionid tells.
		_, elsewhere := d.enter(t, auth.Staff, "A")
		require.Equal(t, v.PersonID, auth.FromContext(elsewhere).PersonID)
		require.Equal(t, auth.ReachStaff, auth.FromContext(elsewhere).Reach)
		require.Zero(t, auth.FromContext(elsewhere).MemberID)
		require.Equal(t, counts{1, 2, 1, 3}, d.counts(t))

		// Somebody else is somebody else.
		_, other := d.enter(t, auth.Staff, "B")
		require.NotEqual(t, v.PersonID, auth.FromContext(other).PersonID)
		require.Equal(t, counts{2, 3, 1, 4}, d.counts(t))
	})
}

func TestPeopleOfTwoBrandsAreTwoPeople(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		_, mine := d.enter(t, auth.Storefront, "A")
		brand := d.NewBrand(t)
		ctx := auth.System(t.Context(), brand.ID)
		root := d.Store.Client(ctx).Org.Create().SetKind(enum.OrgBrand).SetPath("/1/").SetCode("root").SetName("other").SaveX(ctx)
		other := d.Store.Client(ctx).App.Create().SetOrgID(root.ID).SetFace(auth.Storefront).SetWechatAppID("wxother" + strings.ToLower(brand.Code)).
			SetName("other").SetSecretSealed([]byte("x")).SaveX(ctx)
		other = d.equip(t, other, "open-"+d.Brand.Code)
		code, err := d.wechat.LoginCode(t.Context(), other.WechatAppID, "A")
		require.NoError(t, err)
		tokens, err := d.SignIn(t.Context(), identity.SignIn{WeChatAppID: other.WechatAppID, Code: code.Code})
		require.NoError(t, err)
		v := auth.FromContext(d.as(t, tokens))
		require.Equal(t, brand.ID, v.BrandID)
		require.NotEqual(t, auth.FromContext(mine).PersonID, v.PersonID)
		require.Equal(t, counts{1, 1, 1, 1}, d.counts(t))
	})
}

func TestSignInRefusesBadInput(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		good := d.code(t, auth.Storefront, "A")
		disabled := d.Store.Client(d.system(t)).App.Create().SetOrgID(d.Root.ID).SetFace(auth.Storefront).SetWechatAppID("wxdisabled" + strings.ToLower(d.Brand.Code)).
			SetName("x").SetSecretSealed([]byte("x")).SetState(enum.AppDisabled).SaveX(d.system(t))
		for name, c := range map[string]struct {
			in    identity.SignIn
			code  apperr.Code
			field []string
		}{
			"no app":         {identity.SignIn{Code: good}, apperr.AppUnknown, []string{"input", "app"}},
			"unknown app":    {identity.SignIn{WeChatAppID: "wx0000000000000000", Code: good}, apperr.AppUnknown, []string{"input", "app"}},
			"hostile app":    {identity.SignIn{WeChatAppID: "wx' OR 1=1 --", Code: good}, apperr.AppUnknown, []string{"input", "app"}},
			"disabled app":   {identity.SignIn{WeChatAppID: disabled.WechatAppID, Code: good}, apperr.AppUnknown, []string{"input", "app"}},
			"console":        {identity.SignIn{WeChatAppID: d.app(auth.Console), Code: good}, apperr.Forbidden, []string{"input", "app"}},
			"no code":        {identity.SignIn{WeChatAppID: d.app(auth.Storefront)}, apperr.WeChatCodeInvalid, []string{"input", "code"}},
			"hostile code":   {identity.SignIn{WeChatAppID: d.app(auth.Storefront), Code: "a&appid=b"}, apperr.WeChatCodeInvalid, []string{"input", "code"}},
			"long code":      {identity.SignIn{WeChatAppID: d.app(auth.Storefront), Code: strings.Repeat("a", 129)}, apperr.WeChatCodeInvalid, []string{"input", "code"}},
			"long device":    {identity.SignIn{WeChatAppID: d.app(auth.Storefront), Code: good, Device: strings.Repeat("机", 129)}, apperr.InvalidInput, []string{"input", "device"}},
			"made-up code":   {identity.SignIn{WeChatAppID: d.app(auth.Storefront), Code: "made-up"}, apperr.WeChatCodeInvalid, nil},
			"another's code": {identity.SignIn{WeChatAppID: d.app(auth.Mall), Code: good}, apperr.WeChatCodeInvalid, nil},
		} {
			_, err := d.SignIn(t.Context(), c.in)
			require.Equal(t, c.code, apperr.CodeOf(err), "%s: %v", name, err)
			refused(t, err, c.code, c.field...)
			require.Zero(t, d.counts(t), name)
		}
	})
}

func TestSignInWhenWeChatFails(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		const path = "/sns/jscode2session"
		for name, c := range map[string]struct {
			fault wechatsim.Fault
			code  apperr.Code
		}{
			"blocked":      {wechatsim.Fault{Mode: wechatsim.FaultErrCode, ErrCode: 40226}, apperr.WeChatUserBlocked},
			"too frequent": {wechatsim.Fault{Mode: wechatsim.FaultErrCode, ErrCode: 45011}, apperr.WeChatBusy},
			"busy":         {wechatsim.Fault{Mode: wechatsim.FaultErrCode, ErrCode: -1, Times: 3}, apperr.WeChatBusy},
			"bad secret":   {wechatsim.Fault{Mode: wechatsim.FaultErrCode, ErrCode: 40125}, apperr.WeChatUnavailable},
			"500":          {wechatsim.Fault{Mode: wechatsim.FaultHTTP500}, apperr.WeChatUnavailable},
			"not JSON":     {wechatsim.Fault{Mode: wechatsim.FaultNotJSON}, apperr.WeChatUnavailable},
			"huge":         {wechatsim.Fault{Mode: wechatsim.FaultHuge}, apperr.WeChatUnavailable},
		} {
			c.fault.Path = path
			require.NoError(t, d.wechat.Fail(t.Context(), c.fault))
			code := d.code(t, auth.Storefront, "A")
			_, err := d.SignIn(t.Context(), identity.SignIn{WeChatAppID: d.app(auth.Storefront), Code: code})
			require.Equal(t, c.code, apperr.CodeOf(err), "%s: %v", name, err)
			require.Zero(t, d.counts(t), name)
		}

		// WeChat took the code and its answer was lost: the retry must start over.
		require.NoError(t, d.wechat.Fail(t.Context(), wechatsim.Fault{Path: path, Mode: wechatsim.FaultTimeoutAfter}))
		in := identity.SignIn{WeChatAppID: d.app(auth.Storefront), Code: d.code(t, auth.Storefront, "A")}
		_, err := d.SignIn(t.Context(), in)
		refused(t, err, apperr.WeChatUnavailable)
		_, err = d.SignIn(t.Context(), in)
		refused(t, err, apperr.SignInAgain)
		require.Zero(t, d.counts(t))

		// A refusal is not remembered: the same code may be tried again while WeChat still takes it.
		require.NoError(t, d.wechat.Fail(t.Context(), wechatsim.Fault{Path: path, Mode: wechatsim.FaultErrCode, ErrCode: 45011}))
		in.Code = d.code(t, auth.Storefront, "A")
		_, err = d.SignIn(t.Context(), in)
		refused(t, err, apperr.WeChatBusy)
		_, err = d.SignIn(t.Context(), in)
		require.NoError(t, err)
	})
}

func TestRetriedCodeGetsTheFirstAnswer(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		in := identity.SignIn{WeChatAppID: d.app(auth.Storefront), Code: d.code(t, auth.Storefront, "A")}
		first, err := d.SignIn(t.Context(), in)
		require.NoError(t, err)
		other := d.server()
		again, err := other.SignIn(t.Context(), in)
		require.NoError(t, err)
		require.Equal(t, first, again)
		require.Equal(t, counts{1, 1, 1, 1}, d.counts(t))

		// Redis alone shows nothing.
		keys, err := d.Redis.Keys(t.Context(), "*signin*").Result()
		require.NoError(t, err)
		require.Len(t, keys, 1)
		kept, err := d.Redis.Get(t.Context(), keys[0]).Result()
		require.NoError(t, err)
		for _, secret := range []string{in.Code, first.AccessToken, first.RefreshToken, first.AccessToken[:20], "AccessToken"} {
			require.NotContains(t, kept, secret)
			require.NotContains(t, keys[0], secret)
		}
		left, err := d.Redis.PTTL(t.Context(), keys[0]).Result()
		require.NoError(t, err)
		require.InDelta(t, 5*time.Minute, left, float64(time.Minute))

		// A value that somebody put there opens nothing.
		require.NoError(t, d.Redis.Set(t.Context(), keys[0], kept+"x", time.Minute).Err())
		_, err = d.SignIn(t.Context(), in)
		refused(t, err, apperr.SignInAgain)

		// After a flush WeChat refuses the used code, and nothing happened twice.
		require.NoError(t, d.Redis.Del(t.Context(), keys[0]).Err())
		_, err = d.SignIn(t.Context(), in)
		refused(t, err, apperr.SignInAgain)
		require.Equal(t, counts{1, 1, 1, 1}, d.counts(t))
	})
}

func TestRaceOneCode(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		in := identity.SignIn{WeChatAppID: d.app(auth.Storefront), Code: d.code(t, auth.Storefront, "A")}
		servers := []*identity.Service{d.Service, d.server()}
		answers, errs := make([]*identity.Tokens, 32), make([]error, 32)
		together(32, func(i int) { answers[i], errs[i] = servers[i%2].SignIn(t.Context(), in) })
		for i := range answers {
			require.NoError(t, errs[i])
			require.Equal(t, answers[0], answers[i])
		}
		require.Equal(t, counts{1, 1, 1, 1}, d.counts(t))
		journal, err := d.wechat.Journal(t.Context(), d.app(auth.Storefront), "/sns/jscode2session")
		require.NoError(t, err)
		require.Len(t, journal, 1)
	})
}

func TestRaceFirstSignIns(t *testing.T) {
	t.Parallel()
	for name, unionID := range map[string]string{"with unionid": "open", "without unionid": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, d *desk) {
				faces := []auth.Face{auth.Storefront}
				if unionID != "" {
					faces = append(faces, auth.Staff, auth.Mall, auth.Portal)
				} else {
					d.equip(t, d.Apps[auth.Storefront], "")
				}
				codes := make([]string, 32)
				for i := range codes {
					codes[i] = d.code(t, faces[i%len(faces)], "A")
				}
				servers := []*identity.Service{d.Service, d.server()}
				errs := make([]error, len(codes))
				together(len(codes), func(i int) {
					_, errs[i] = servers[i%2].SignIn(t.Context(), identity.SignIn{WeChatAppID: d.app(faces[i%len(faces)]), Code: codes[i]})
				})
				for _, err := range errs {
					require.NoError(t, err)
				}
				require.Equal(t, counts{1, len(faces), 1, 32}, d.counts(t))
			})
		})
	}
}

func TestSignInWithoutRedis(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		require.NoError(t, d.Redis.Close())
		_, ctx := d.enter(t, auth.Storefront, "A")
		require.NotZero(t, auth.FromContext(ctx).MemberID)
	})
}

func TestLimitsPerPersonOutliveErasure(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		_, first := d.enter(t, auth.Storefront, "A")
		ctx := d.system(t)
		client := d.Store.Client(ctx)
		former := client.Person.GetX(ctx, auth.FromContext(first).PersonID)
		known := client.Identity.Query().OnlyX(ctx)
		client.Identity.UpdateOne(known).SetFormerOpenidHash(*known.OpenidHash).ClearOpenidHash().ClearUnionidHash().ClearOpenidSealed().ExecX(ctx)
		client.Person.UpdateOne(former).SetState(enum.PersonErased).ExecX(ctx)

		_, second := d.enter(t, auth.Storefront, "A")
		v := auth.FromContext(second)
		require.NotEqual(t, former.ID, v.PersonID)
		require.Equal(t, former.LimitSubject, client.Person.GetX(ctx, v.PersonID).LimitSubject)
		require.Equal(t, counts{2, 2, 2, 2}, d.counts(t))
	})
}

func TestStaffWhoOpensTheStorefrontIsRegistered(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		_, staffed := d.enter(t, auth.Staff, "A")
		_, err := d.BindPhone(staffed, d.phoneCode(t, auth.Staff, "A", "19900000001"), "key-0001")
		require.NoError(t, err)
		require.Equal(t, counts{1, 1, 0, 1}, d.counts(t))
		_, shopping := d.enter(t, auth.Storefront, "A")
		m := d.Store.Client(shopping).Member.GetX(shopping, auth.FromContext(shopping).MemberID)
		require.Equal(t, enum.MemberRegistered, m.State)
		require.WithinDuration(t, d.Clock.Now(), *m.RegisteredAt, 0)
	})
}

func TestTouches(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		ctx := d.system(t)
		client := d.Store.Client(ctx)
		guide, _ := d.NewStaff(t, auth.Staff, d.Store1, auth.Guide)
		other, _ := d.NewStaff(t, auth.Staff, d.Store2, auth.Guide)
		enter := func(user string, touch *identity.Touch) func() (home, last, guideID int64, channel enum.AttributionChannel) {
			tokens, err := d.SignIn(t.Context(), identity.SignIn{WeChatAppID: d.app(auth.Storefront), Code: d.code(t, auth.Storefront, user), Touch: touch})
			require.NoError(t, err)
			id := auth.FromContext(d.as(t, tokens)).MemberID
			return func() (int64, int64, int64, enum.AttributionChannel) {
				m := client.Member.Query().Where(member.ID(id)).OnlyX(ctx)
				return value(m.HomeStoreID), value(m.LastStoreID), value(m.GuideID), m.LastChannel
			}
		}
		check := func(now func() (int64, int64, int64, enum.AttributionChannel), home, last, guideID int64, channel enum.AttributionChannel) {
			t.Helper()
			h, l, g, c := now()
			require.Equal(t, []any{home, last, guideID, channel}, []any{h, l, g, c})
		}
		check(enter("A", &identity.Touch{Channel: enum.ChannelStore, StoreID: d.Store1.ID, GuideID: guide.ID}), d.Store1.ID, d.Store1.ID, guide.ID, enum.ChannelStore)
		// The home store is protected; the last touch moves.
		check(enter("A", &identity.Touch{Channel: enum.ChannelGuide, StoreID: d.Store2.ID, GuideID: other.ID}), d.Store1.ID, d.Store2.ID, guide.ID, enum.ChannelGuide)
		check(enter("A", nil), d.Store1.ID, d.Store2.ID, guide.ID, enum.ChannelGuide)
		d.Clock.Advance(180 * 24 * time.Hour)
		check(enter("A", &identity.Touch{Channel: enum.ChannelGuide, GuideID: other.ID}), d.Store2.ID, d.Store2.ID, other.ID, enum.ChannelGuide)
		m := client.Member.Query().OnlyX(ctx)
		require.Equal(t, enum.ChannelStore, m.FirstChannel)
		require.Equal(t, d.Store1.ID, *m.FirstStoreID)

		// What the brand does not have is ignored.
		stranger := d.NewBrand(t)
		sctx := auth.System(t.Context(), stranger.ID)
		theirs := d.Store.Client(sctx).Org.Create().SetKind(enum.OrgStore).SetPath("/x/").SetCode("x").SetName("x").SaveX(sctx)
		for i, touch := range []identity.Touch{
			{Channel: enum.ChannelStore, StoreID: d.Region.ID},
			{Channel: enum.ChannelStore, StoreID: theirs.ID},
			{Channel: enum.ChannelStore, StoreID: 1},
			{Channel: enum.ChannelStore, GuideID: 1},
		} {
			check(enter("B"+string(rune('0'+i)), &touch), 0, 0, 0, enum.ChannelStore)
		}
		check(enter("C", &identity.Touch{Channel: enum.ChannelStore, StoreID: d.Store1.ID, GuideID: other.ID}), d.Store1.ID, d.Store1.ID, 0, enum.ChannelStore)
	})
}

func TestAnErasedIdentityIsNotFoundByUnionID(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		_, first := d.enter(t, auth.Storefront, "A")
		ctx := d.system(t)
		d.Store.Client(ctx).Identity.Update().Where(entidentity.PersonID(auth.FromContext(first).PersonID)).ClearOpenidHash().ClearUnionidHash().ExecX(ctx)
		_, second := d.enter(t, auth.Mall, "A") // the claim on the unionid is still there
		require.NotEqual(t, auth.FromContext(first).PersonID, auth.FromContext(second).PersonID)
	})
}

func TestSignInEndsWithTheCaller(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		// The first call hangs at WeChat; whoever waits for it may leave.
		require.NoError(t, d.wechat.Fail(t.Context(), wechatsim.Fault{Path: "/sns/jscode2session", Mode: wechatsim.FaultSlow, Milliseconds: 800}))
		in := identity.SignIn{WeChatAppID: d.app(auth.Storefront), Code: d.code(t, auth.Storefront, "A")}
		done := make(chan error)
		go func() { _, err := d.SignIn(t.Context(), in); done <- err }()
		require.Eventually(t, func() bool { return len(d.Redis.Keys(t.Context(), "*signin*").Val()) == 1 }, 5*time.Second, 5*time.Millisecond)
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		_, err := d.server().SignIn(ctx, in)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.NoError(t, <-done)
	})
}

// A sign-in beside an erasure comes before or after it: nothing personal is written back, and nobody ends up with a session of an erased person that
// still works.
func TestRaceSignInAndErasure(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		_, first := d.enter(t, auth.Storefront, "A")
		former := auth.FromContext(first).PersonID
		codes, errs := make([]string, 12), make([]error, 12)
		for i := range codes {
			codes[i] = d.code(t, auth.Storefront, "A")
		}
		together(len(codes)+1, func(i int) {
			if i == len(codes) {
				assert.NoError(t, d.members.Erase(d.system(t), former))
				return
			}
			_, errs[i] = d.SignIn(t.Context(), identity.SignIn{WeChatAppID: d.app(auth.Storefront), Code: codes[i]})
		})
		for _, err := range errs {
			require.NoError(t, err)
		}
		ctx := d.system(t)
		client := d.Store.Client(ctx)
		known := client.Identity.Query().Where(entidentity.PersonID(former)).OnlyX(ctx)
		require.Nil(t, known.OpenidHash)
		require.Nil(t, known.UnionidHash)
		require.Empty(t, known.SessionKeySealed)
		require.Zero(t, client.Session.Query().Where(session.PersonID(former), session.RevokedAtIsNil()).CountX(ctx))
		_, last := d.enter(t, auth.Storefront, "A")
		require.NotEqual(t, former, auth.FromContext(last).PersonID)
		require.Equal(t, 2, d.counts(t).persons)
	})
}
