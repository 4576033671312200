package identity_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/identity"
	"dongxiao/ent"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	entidentity "dongxiao/ent/identity"
	"dongxiao/ent/limitcounter"
	"dongxiao/ent/member"
	"dongxiao/ent/person"
	"dongxiao/internal/apperr"
	"dongxiao/internal/ids"
	"dongxiao/internal/testkit"
	"dongxiao/internal/wechat"
	"dongxiao/internal/wechatsim"
)

const phone = "19900000001"

func (d *desk) bind(t *testing.T, ctx context.Context, face auth.Face, user, number, key string) (identity.BoundPhone, error) { //nolint:revive // the test comes first
	t.Helper()
	return d.BindPhone(ctx, d.phoneCode(t, face, user, number), key)
}

func (d *desk) phones(t *testing.T) int {
	t.Helper()
	ctx := d.system(t)
	return d.Store.Client(ctx).Person.Query().Where(person.PhoneHashNotNil()).CountX(ctx)
}

func TestBindPhone(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		_, ctx := d.enter(t, auth.Storefront, "A")
		bound, err := d.PhoneBound(ctx)
		require.NoError(t, err)
		require.False(t, bound)

		code := d.phoneCode(t, auth.Storefront, "A", phone)
		answer, err := d.BindPhone(ctx, code, "key-0001")
		require.NoError(t, err)
		require.False(t, answer.SignInAgain)
		require.Equal(t, auth.FromContext(ctx).PersonID, answer.Person.ID)
		number, err := d.Phone(answer.Person)
		require.NoError(t, err)
		require.Equal(t, phone, number)
		require.Equal(t, "0001", answer.Person.PhoneTail)
		require.NotContains(t, string(answer.Person.PhoneSealed), phone)
		require.Equal(t, identity.PhoneHash(d.Keyring.Ring(), d.Brand.ID, phone), *answer.Person.PhoneHash)
		m := d.Store.Client(ctx).Member.GetX(ctx, auth.FromContext(ctx).MemberID)
		require.Equal(t, enum.MemberRegistered, m.State)
		require.WithinDuration(t, d.Clock.Now(), *m.RegisteredAt, 0)
		bound, err = d.PhoneBound(ctx)
		require.NoError(t, err)
		require.True(t, bound)

		// A retry does not spend the code again.
		again, err := d.server().BindPhone(ctx, code, "key-0001")
		require.NoError(t, err)
		require.Equal(t, answer.Person.ID, again.Person.ID)
		calls, err := d.wechat.Journal(t.Context(), d.app(auth.Storefront), "/wxa/business/getuserphonenumber")
		require.NoError(t, err)
		require.Len(t, calls, 1)

		_, err = d.BindPhone(ctx, "another-code", "key-0001")
		refused(t, err, apperr.IdempotencyKeyReused, "input", "idempotencyKey")
		_, err = d.bind(t, ctx, auth.Storefront, "A", phone, "key-0002")
		require.NoError(t, err, "the same number again")
		_, err = d.bind(t, ctx, auth.Storefront, "A", "19900000002", "key-0003")
		refused(t, err, apperr.PhoneAlreadyBound)
		require.Equal(t, 1, d.phones(t))
	})
}

func TestBindPhoneRefusesBadInput(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		_, ctx := d.enter(t, auth.Storefront, "A")
		other := d.phoneCode(t, auth.Storefront, "B", phone)
		elsewhere := d.phoneCode(t, auth.Mall, "A", phone)
		for name, c := range map[string]struct {
			phoneCode, key string
			code           apperr.Code
		}{
			"short key":         {"code", "short", apperr.IdempotencyKeyInvalid},
			"hostile key":       {"code", "key-0001' --", apperr.IdempotencyKeyInvalid},
			"no code":           {"", "key-0001", apperr.WeChatCodeInvalid},
			"long code":         {strings.Repeat("a", 129), "key-0001", apperr.WeChatCodeInvalid},
			"made-up code":      {"made-up", "key-0001", apperr.WeChatCodeInvalid},
			"login code":        {d.code(t, auth.Storefront, "A"), "key-0001", apperr.WeChatCodeInvalid},
			"another user's":    {other, "key-0001", apperr.WeChatCodeInvalid},
			"from another face": {elsewhere, "key-0001", apperr.WeChatCodeInvalid},
		} {
			_, err := d.BindPhone(ctx, c.phoneCode, c.key)
			require.Equal(t, c.code, apperr.CodeOf(err), "%s: %v", name, err)
			require.Zero(t, d.phones(t), name)
		}
		require.NoError(t, d.wechat.Fail(t.Context(), wechatsim.Fault{Path: "/wxa/business/getuserphonenumber", Mode: wechatsim.FaultErrCode, ErrCode: 45011}))
		code := d.phoneCode(t, auth.Storefront, "A", phone)
		_, err := d.BindPhone(ctx, code, "key-0001")
		refused(t, err, apperr.WeChatBusy)
		_, err = d.BindPhone(ctx, code, "key-0001")
		require.NoError(t, err, "a refusal is not remembered")
	})
}

func TestForeignPhone(t *testing.T) {
	t.Parallel()
	require.Equal(t, "+447700900001", identity.CanonicalPhone(wechat.Phone{Number: "+447700900001", CountryCode: "44", PureNumber: "7700900001"}))
	require.Equal(t, phone, identity.CanonicalPhone(wechat.Phone{Number: phone, CountryCode: "86", PureNumber: phone}))
}

func TestOnePhoneNeverMakesTwoMembers(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		_, first := d.enter(t, auth.Storefront, "A")
		_, err := d.bind(t, first, auth.Storefront, "A", phone, "key-0001")
		require.NoError(t, err)
		_, second := d.enter(t, auth.Storefront, "B")
		_, err = d.bind(t, second, auth.Storefront, "B", phone, "key-0001")
		refused(t, err, apperr.PhoneTaken)
		require.Equal(t, 1, d.phones(t))
		require.NoError(t, d.Recheck(second))
	})
}

// apart makes the apps give no common unionid, so that one human looks like two.
func (d *desk) apart(t *testing.T) {
	t.Helper()
	for _, a := range d.Apps {
		d.equip(t, a, "")
	}
}

func TestTheSameHumanInASecondAppIsJoined(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		d.apart(t)
		_, staffed := d.enter(t, auth.Staff, "A")
		_, err := d.bind(t, staffed, auth.Staff, "A", phone, "key-0001")
		require.NoError(t, err)
		_, shopping := d.enter(t, auth.Storefront, "A")
		require.NotEqual(t, auth.FromContext(staffed).PersonID, auth.FromContext(shopping).PersonID)

		answer, err := d.bind(t, shopping, auth.Storefront, "A", phone, "key-0001")
		require.NoError(t, err)
		require.True(t, answer.SignInAgain)
		require.Equal(t, auth.FromContext(staffed).PersonID, answer.Person.ID)
		refused(t, d.server().Recheck(shopping), apperr.SessionRevoked)

		_, again := d.enter(t, auth.Storefront, "A")
		require.Equal(t, auth.FromContext(staffed).PersonID, auth.FromContext(again).PersonID)
		ctx := d.system(t)
		members := d.Store.Client(ctx).Member.Query().Where(member.StateNEQ(enum.MemberCancelled)).AllX(ctx)
		require.Len(t, members, 1)
		require.Equal(t, enum.MemberRegistered, members[0].State)
		require.Equal(t, 1, d.phones(t))
	})
}

func TestNothingOfValueIsMergedByAPhone(t *testing.T) {
	t.Parallel()
	for name, give := range map[string]func(t *testing.T, d *desk, m *ent.Member){
		"a role": func(t *testing.T, d *desk, m *ent.Member) {
			ctx := d.system(t)
			d.Store.Client(ctx).Staff.Create().SetOrgID(d.Store1.ID).SetRole(auth.Clerk).SetPersonID(m.PersonID).SetName("店员").SetState(enum.StaffActive).ExecX(ctx)
		},
		"a coupon": func(t *testing.T, d *desk, m *ent.Member) {
			_, err := d.coupons.Claim(testkit.As(t, auth.Viewer{Reach: auth.ReachMember, BrandID: m.BrandID, AppID: d.Apps[auth.Storefront].ID, Face: auth.Storefront,
				PersonID: m.PersonID, MemberID: m.ID}), d.newcomer(t), "key-0001")
			require.NoError(t, err)
		},
		"growth": func(t *testing.T, d *desk, m *ent.Member) {
			d.Store.Client(d.system(t)).Member.UpdateOne(m).SetGrowthValue(1).ExecX(d.system(t))
		},
		"a frozen membership": func(t *testing.T, d *desk, m *ent.Member) {
			d.Store.Client(d.system(t)).Member.UpdateOne(m).SetState(enum.MemberFrozen).ExecX(d.system(t))
		},
		"an identity in the other's app": func(t *testing.T, d *desk, m *ent.Member) {
			ctx := d.system(t)
			d.Store.Client(ctx).Identity.Create().SetPersonID(m.PersonID).SetAppID(d.Apps[auth.Staff].ID).SetOpenidHash("x").ExecX(ctx)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, d *desk) {
				d.apart(t)
				_, staffed := d.enter(t, auth.Staff, "A")
				_, err := d.bind(t, staffed, auth.Staff, "A", phone, "key-0001")
				require.NoError(t, err)
				_, shopping := d.enter(t, auth.Storefront, "A")
				give(t, d, d.Store.Client(shopping).Member.GetX(shopping, auth.FromContext(shopping).MemberID))
				before := d.counts(t)
				_, err = d.bind(t, shopping, auth.Storefront, "A", phone, "key-0001")
				refused(t, err, apperr.PhoneTaken)
				require.Equal(t, before, d.counts(t))
				require.NoError(t, d.server().Recheck(shopping))
				require.Equal(t, 1, d.phones(t))
			})
		})
	}
}

func TestLimitsGoOnFromAnErasedPersonWithThePhone(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		ctx := d.system(t)
		id := ids.Next()
		d.Store.Client(ctx).Person.Create().SetID(id).SetLimitSubject(77).SetState(enum.PersonErased).
			SetFormerPhoneHash(identity.PhoneHash(d.Keyring.Ring(), d.Brand.ID, phone)).ExecX(ctx)
		_, mine := d.enter(t, auth.Storefront, "A")
		answer, err := d.bind(t, mine, auth.Storefront, "A", phone, "key-0001")
		require.NoError(t, err)
		require.EqualValues(t, 77, answer.Person.LimitSubject)
	})
}

// newcomer is a template of which a human gets one coupon.
func (d *desk) newcomer(t *testing.T) int64 {
	t.Helper()
	ctx := d.system(t)
	client := d.Store.Client(ctx)
	rule := client.CouponRule.Create().SetRule(document.CouponRule{Kind: enum.CouponAmountOff, AmountFen: 100}).SaveX(ctx)
	return client.CouponTemplate.Create().SetOrgID(d.Root.ID).SetName("新人立减1元").SetState(enum.TemplateActive).SetRuleID(rule.ID).SetTotalStock(9).SetStockLeft(9).
		SetMemberLimit(5).SetPersonLimit(1).SetClaimStartsAt(d.Clock.Now()).SetClaimEndsAt(d.Clock.Now().Add(time.Hour)).SetValidityKind(enum.ValidityAfterClaim).
		SetValidDays(7).SaveX(ctx).ID
}

func TestCancellingAndRegisteringAgainGivesNoSecondNewcomerCoupon(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		user        string
		claimsFirst bool
	}{
		"the same account":                            {"A", false},
		"another account, the same phone":             {"B", false},
		"another account that claims before it binds": {"B", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, d *desk) {
				template := d.newcomer(t)
				_, first := d.enter(t, auth.Storefront, "A")
				_, err := d.bind(t, first, auth.Storefront, "A", phone, "key-0001")
				require.NoError(t, err)
				_, err = d.coupons.Claim(first, template, "key-0001")
				require.NoError(t, err)
				require.NoError(t, d.members.Erase(d.system(t), auth.FromContext(first).PersonID))

				_, second := d.enter(t, auth.Storefront, c.user)
				if c.claimsFirst { // nobody can know yet
					_, err = d.coupons.Claim(second, template, "key-0001")
					require.NoError(t, err)
				}
				_, err = d.bind(t, second, auth.Storefront, c.user, phone, "key-0002")
				require.NoError(t, err)
				_, err = d.coupons.Claim(second, template, "key-0002")
				refused(t, err, apperr.LimitReached)
				ctx := d.system(t)
				subject := d.Store.Client(ctx).Person.GetX(ctx, auth.FromContext(second).PersonID).LimitSubject
				require.Equal(t, auth.FromContext(first).PersonID, subject)
				counters := d.Store.Client(ctx).LimitCounter.Query().Where(limitcounter.KindEQ(enum.LimitPersonTotal)).AllX(ctx)
				require.Len(t, counters, 1)
				require.Equal(t, subject, counters[0].SubjectID)
				require.EqualValues(t, 1, counters[0].Count)
			})
		})
	}
}

// Whoever comes back claims while it binds the phone by which it is known: no claim is counted under the newcomer that it no longer is.
func TestRaceBindingAndClaims(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		templates := make([]int64, 8)
		for i := range templates {
			templates[i] = d.newcomer(t)
		}
		_, first := d.enter(t, auth.Storefront, "A")
		_, err := d.bind(t, first, auth.Storefront, "A", phone, "key-0001")
		require.NoError(t, err)
		require.NoError(t, d.members.Erase(d.system(t), auth.FromContext(first).PersonID))
		_, second := d.enter(t, auth.Storefront, "B")
		code, errs := d.phoneCode(t, auth.Storefront, "B", phone), make([]error, 1+2*len(templates))
		together(len(errs), func(i int) {
			if i == len(templates) {
				_, errs[i] = d.BindPhone(second, code, "key-0002")
				return
			}
			_, errs[i] = d.coupons.Claim(second, templates[i%len(templates)], fmt.Sprintf("key-%04d", i))
		})
		require.NoError(t, errs[len(templates)])
		ctx := d.system(t)
		counters := d.Store.Client(ctx).LimitCounter.Query().Where(limitcounter.KindEQ(enum.LimitPersonTotal)).AllX(ctx)
		require.Len(t, counters, len(templates))
		for _, c := range counters {
			require.Equal(t, auth.FromContext(first).PersonID, c.SubjectID)
			require.EqualValues(t, 1, c.Count)
		}
	})
}

func TestRaceOnePhone(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		const people = 16
		contexts, codes, errs := make([]context.Context, people), make([]string, people), make([]error, people)
		for i := range people {
			user := fmt.Sprintf("user %d", i)
			_, contexts[i] = d.enter(t, auth.Storefront, user)
			codes[i] = d.phoneCode(t, auth.Storefront, user, phone)
		}
		together(people, func(i int) { _, errs[i] = d.BindPhone(contexts[i], codes[i], "key-0001") })
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
				continue
			}
			refused(t, err, apperr.PhoneTaken)
		}
		require.Equal(t, 1, won)
		require.Equal(t, 1, d.phones(t))
		require.Equal(t, 1, d.Store.Client(d.system(t)).Member.Query().Where(member.StateEQ(enum.MemberRegistered)).CountX(d.system(t)))
	})
}

func TestRaceOneBinding(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		_, ctx := d.enter(t, auth.Storefront, "A")
		code := d.phoneCode(t, auth.Storefront, "A", phone)
		errs := make([]error, 16)
		together(16, func(i int) { _, errs[i] = d.BindPhone(ctx, code, "key-0001") })
		for _, err := range errs {
			require.NoError(t, err)
		}
		require.Equal(t, 1, d.phones(t))
		calls, err := d.wechat.Journal(t.Context(), d.app(auth.Storefront), "/wxa/business/getuserphonenumber")
		require.NoError(t, err)
		require.Len(t, calls, 1)
	})
}

func TestRaceTwoAccountsJoinOnePerson(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		d.apart(t)
		_, staffed := d.enter(t, auth.Staff, "owner")
		_, err := d.bind(t, staffed, auth.Staff, "owner", phone, "key-0001")
		require.NoError(t, err)
		const accounts = 8
		contexts, codes, errs := make([]context.Context, accounts), make([]string, accounts), make([]error, accounts)
		for i := range accounts {
			user := fmt.Sprintf("account %d", i)
			_, contexts[i] = d.enter(t, auth.Storefront, user)
			codes[i] = d.phoneCode(t, auth.Storefront, user, phone)
		}
		together(accounts, func(i int) { _, errs[i] = d.BindPhone(contexts[i], codes[i], "key-0001") })
		joined := 0
		for _, err := range errs {
			if err == nil {
				joined++
				continue
			}
			refused(t, err, apperr.PhoneTaken)
		}
		require.Equal(t, 1, joined, "a person has one account in an app")
		ctx := d.system(t)
		require.Equal(t, 2, d.Store.Client(ctx).Identity.Query().Where(entidentity.PersonID(auth.FromContext(staffed).PersonID)).CountX(ctx))
	})
}

func TestConsents(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		_, ctx := d.enter(t, auth.Storefront, "A")
		_, other := d.enter(t, auth.Storefront, "B")
		none, err := d.Consents(ctx)
		require.NoError(t, err)
		require.Empty(t, none)
		decide := func(kind enum.ConsentKind, version string, granted bool) *ent.Consent {
			t.Helper()
			row, err := d.DecideConsent(ctx, identity.Decision{Kind: kind, Version: version, Granted: granted})
			require.NoError(t, err)
			return row
		}
		privacy := decide(enum.ConsentPrivacy, "1", true)
		require.Equal(t, privacy.ID, decide(enum.ConsentPrivacy, "1", true).ID, "the same decision is one")
		decide(enum.ConsentMarketing, "1", true)
		withdrawn := decide(enum.ConsentMarketing, "1", false)
		second := decide(enum.ConsentPrivacy, "2", true)
		latest, err := d.Consents(ctx)
		require.NoError(t, err)
		require.Len(t, latest, 2)
		require.Equal(t, []int64{withdrawn.ID, second.ID}, []int64{latest[0].ID, latest[1].ID})
		none, err = d.Consents(other)
		require.NoError(t, err)
		require.Empty(t, none)
		for _, version := range []string{"", strings.Repeat("1", 33)} {
			_, err = d.DecideConsent(ctx, identity.Decision{Kind: enum.ConsentTerms, Version: version, Granted: true})
			refused(t, err, apperr.InvalidInput, "input", "version")
		}
		require.Equal(t, 4, d.Store.Client(ctx).Consent.Query().CountX(ctx))
	})
}
