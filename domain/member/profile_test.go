package member_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/domain/member"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/testkit"
	"dongxiao/internal/wechatsim"
)

func TestProfileUpdate(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		_, v := d.NewMember(t)
		d.identify(t, v)
		ctx := testkit.As(t, v)

		p, err := d.ProfileUpdate(ctx, member.Profile{})
		require.NoError(t, err)
		require.Empty(t, p.Nickname)

		p, err = d.ProfileUpdate(ctx, member.Profile{Nickname: new(" 云岭 老王😀 "), AvatarURL: new("https://img.example/a.png?x=1"), Gender: new("MALE"), Birthday: new("1990-02-28")})
		require.NoError(t, err)
		require.Equal(t, "云岭 老王😀", p.Nickname)
		require.Equal(t, "https://img.example/a.png?x=1", p.AvatarURL)
		require.Equal(t, "MALE", p.Gender)
		require.Equal(t, "1990-02-28", p.Birthday)

		p, err = d.ProfileUpdate(ctx, member.Profile{Gender: new("FEMALE"), Birthday: new("1990-02-28")})
		require.NoError(t, err, "the same birthday again")
		require.Equal(t, "云岭 老王😀", p.Nickname, "what is left out stays")
		require.Equal(t, "FEMALE", p.Gender)

		before := d.person(v)
		_, err = d.ProfileUpdate(ctx, member.Profile{Nickname: new("新名字"), Birthday: new("1991-01-01")})
		code(t, apperr.BirthdayLocked, err, "input", "birthday")
		require.Equal(t, before.String(), d.person(v).String(), "nothing changed")
	})
}

func TestProfileContent(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		_, v := d.NewMember(t)
		ctx := testkit.As(t, v)
		_, err := d.ProfileUpdate(ctx, member.Profile{Nickname: new("老王")})
		code(t, apperr.SignInAgain, err)

		d.identify(t, v)
		for _, name := range []string{"违禁词", "有疑似词的名字"} {
			_, err = d.ProfileUpdate(ctx, member.Profile{Nickname: &name, Gender: new("MALE")})
			code(t, apperr.ContentRejected, err, "input", "nickname")
		}
		app := v.AppID
		v.AppID = 1
		_, err = d.ProfileUpdate(testkit.As(t, v), member.Profile{Nickname: new("老王")})
		code(t, apperr.SignInAgain, err)
		v.AppID = app

		require.NoError(t, d.sim.Fail(t.Context(), wechatsim.Fault{Path: "/wxa/msg_sec_check", Mode: wechatsim.FaultNotJSON}))
		_, err = d.ProfileUpdate(ctx, member.Profile{Nickname: new("老王")})
		code(t, apperr.WeChatUnavailable, err)
		require.NoError(t, d.sim.Fail(t.Context(), wechatsim.Fault{Path: "/wxa/msg_sec_check", Mode: wechatsim.FaultErrCode, ErrCode: 45009}))
		_, err = d.ProfileUpdate(ctx, member.Profile{Nickname: new("老王")})
		code(t, apperr.WeChatBusy, err)
		require.NoError(t, d.sim.Advance(t.Context(), 3*time.Hour))
		_, err = d.ProfileUpdate(ctx, member.Profile{Nickname: new("老王")})
		code(t, apperr.SignInAgain, err)

		p := d.person(v)
		require.Empty(t, p.Nickname)
		require.Empty(t, p.Gender, "nothing changed")
		calls, err := d.sim.Journal(t.Context(), "", "/wxa/msg_sec_check")
		require.NoError(t, err)
		n := len(calls)
		_, err = d.ProfileUpdate(ctx, member.Profile{Gender: new("MALE")})
		require.NoError(t, err)
		calls, err = d.sim.Journal(t.Context(), "", "/wxa/msg_sec_check")
		require.NoError(t, err)
		require.Len(t, calls, n, "no name, no check")
	})
}

func TestProfileInput(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		_, v := d.NewMember(t)
		d.identify(t, v)
		before := d.person(v)
		for field, values := range map[string][]string{
			"nickname":  {"", "  ", strings.Repeat("名", 33), "a\nb", "a\x00b", "\xff", "a\u202eb", "a\u2028b", "\u200b\u200d"},
			"avatarUrl": {"", "http://img.example/a.png", "https://", "https://u:p@img.example/", "javascript:alert(1)", "//img.example/a", "https://img.example/ a", "https://img.example/" + strings.Repeat("a", 500), "https:img", "https://图.example/", "https://img.example\\@x/"},
			"gender":    {"", "male", "OTHER"},
			"birthday":  {"", "1990-02-30", "1899-12-31", "2026-11-23", "9999-01-01", "1990-2-3", "1990-02-03T00:00:00Z"},
		} {
			for _, value := range values {
				change := member.Profile{}
				switch field {
				case "nickname":
					change.Nickname = &value
				case "avatarUrl":
					change.AvatarURL = &value
				case "gender":
					change.Gender = &value
				case "birthday":
					change.Birthday = &value
				}
				_, err := d.ProfileUpdate(testkit.As(t, v), change)
				code(t, apperr.InvalidInput, err, "input", field)
			}
		}
		require.Equal(t, before.String(), d.person(v).String())

		// The day is the brand's: at 02:00 UTC it is the 22nd in China, and so it is from 16:00 UTC of the 21st.
		d.Clock.Set(time.Date(2026, 11, 21, 16, 0, 0, 0, time.UTC))
		_, err := d.ProfileUpdate(testkit.As(t, v), member.Profile{Birthday: new("2026-11-22")})
		require.NoError(t, err)
	})
}

func TestProfileStates(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		m, v := d.NewMember(t)
		for state, want := range map[enum.MemberState]apperr.Code{enum.MemberFrozen: apperr.MemberFrozen, enum.MemberCancelled: apperr.MemberCancelled} {
			d.client().Member.UpdateOneID(m.ID).SetState(state).ExecX(d.system)
			_, err := d.ProfileUpdate(testkit.As(t, v), member.Profile{Gender: new("MALE")})
			code(t, want, err)
		}
		require.Empty(t, d.person(v).Gender)
		_, clerk := d.NewStaff(t, "STAFF", d.Store1, "CLERK")
		_, err := d.ProfileUpdate(testkit.As(t, clerk), member.Profile{Gender: new("MALE")})
		code(t, apperr.NotFound, err)
	})
}

func TestRaceBirthday(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		_, v := d.NewMember(t)
		got := race(32, func(i int) error {
			_, err := d.ProfileUpdate(testkit.As(t, v), member.Profile{Birthday: new(fmt.Sprintf("1990-01-%02d", i%28+1))})
			return err
		})
		birthday := d.person(v).Birthday
		require.NotEmpty(t, birthday)
		// The days 1 to 4 are sent twice: a repeat of the one that won succeeds.
		winners := 1
		if birthday <= "1990-01-04" {
			winners = 2
		}
		require.Equal(t, map[apperr.Code]int{"": winners, apperr.BirthdayLocked: 32 - winners}, got)
	})
}
