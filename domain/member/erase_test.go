package member_test

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	couponservice "dongxiao/domain/coupon"
	"dongxiao/domain/identity"
	"dongxiao/domain/member"
	"dongxiao/ent"
	"dongxiao/ent/coupon"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	entidentity "dongxiao/ent/identity"
	"dongxiao/ent/session"
	"dongxiao/ent/staff"
	"dongxiao/internal/apperr"
	"dongxiao/internal/ids"
	"dongxiao/internal/keys"
	"dongxiao/internal/money"
	"dongxiao/internal/testkit"
)

// human is a member with everything that a person can have in the books of a brand.
type human struct {
	*ent.Member
	viewer auth.Viewer
	// secrets are what must be gone after the erasure, by name.
	secrets map[string]string
	// formers are the keyed hashes that stay, in the columns for them alone.
	formers map[string]string
	coupons map[enum.CouponState]int64
}

func (d *desk) human(t *testing.T) *human {
	m, v := d.NewMember(t)
	h := &human{Member: m, viewer: v, coupons: map[enum.CouponState]int64{}}
	ring, client, ctx := d.Keyring.Ring(), d.client(), d.system
	openID := d.identify(t, v)
	phone := "199" + fmt.Sprintf("%08d", ids.Next()%1e8)
	name := func(prefix string) string { return prefix + rand.Text()[:8] }
	h.secrets = map[string]string{"phone": phone, "nickname": name("昵称"), "birthday": "1987-06-05", "avatar": name("https://img.example/"), "openid": openID,
		"staff name": name("王五"), "invited name": name("赵六"), "device": name("王五的手机"), "session key": name("key"), "unionid hash": ring.Hash("unionid", v.BrandID, name("u")), "tag": name("签")}
	h.formers = map[string]string{"former_phone_hash": identity.PhoneHash(ring, v.BrandID, phone), "former_openid_hash": ring.Hash("openid", v.BrandID, openID)}

	client.Person.UpdateOneID(v.PersonID).SetPhoneSealed(ring.Seal([]byte(phone), keys.AssociatedData("phone", v.BrandID))).
		SetPhoneHash(h.formers["former_phone_hash"]).SetPhoneTail(phone[7:]).ExecX(ctx)
	_, err := d.ProfileUpdate(testkit.As(t, v), member.Profile{Nickname: new(h.secrets["nickname"]), AvatarURL: new(h.secrets["avatar"]), Gender: new("MALE"), Birthday: new(h.secrets["birthday"])})
	require.NoError(t, err)
	client.Identity.Update().Where(entidentity.PersonID(v.PersonID)).SetUnionidHash(h.secrets["unionid hash"]).
		SetSessionKeySealed(ring.Seal([]byte(h.secrets["session key"]), keys.AssociatedData("session_key", v.BrandID))).ExecX(ctx)
	for _, ended := range []bool{false, true} {
		create := client.Session.Create().SetPersonID(v.PersonID).SetAppID(v.AppID).SetRefreshHash(rand.Text()).SetDevice(h.secrets["device"]).
			SetRotatedAt(d.Clock.Now()).SetExpiresAt(d.Clock.Now().Add(time.Hour))
		if ended {
			create.SetRevokedAt(d.Clock.Now().Add(-time.Hour)).SetRevokedReason("SIGNED_OUT")
		}
		create.ExecX(ctx)
	}
	client.Consent.Create().SetPersonID(v.PersonID).SetAppID(v.AppID).SetKind(enum.ConsentPrivacy).SetVersion("1").SetGranted(true).ExecX(ctx)
	client.Staff.Create().SetOrgID(d.Store2.ID).SetRole(auth.Clerk).SetPersonID(v.PersonID).SetName(h.secrets["staff name"]).SetState(enum.StaffActive).
		SetInvitedPhoneHash(h.formers["former_phone_hash"]).SetInvitedPhoneTail(phone[7:]).ExecX(ctx)
	client.Staff.Create().SetOrgID(d.Store1.ID).SetRole(auth.Guide).SetName(h.secrets["invited name"]).SetState(enum.StaffInvited).SetInvitationHash(rand.Text()).
		SetInvitedPhoneHash(h.formers["former_phone_hash"]).SetInvitedPhoneTail(phone[7:]).ExecX(ctx)

	guide, guideViewer := d.NewStaff(t, auth.Staff, d.Store1, auth.Guide)
	admin := d.admin(t, d.Root)
	_, err = d.HomeStoreSet(testkit.As(t, v), d.Store1.ID, &guide.ID)
	require.NoError(t, err)
	require.NoError(t, d.Touch(ctx, m.ID, enum.ChannelStore, d.Store1.ID, 0))
	tag, err := d.TagCreate(admin, d.Store1.ID, h.secrets["tag"])
	require.NoError(t, err)
	_, err = d.TagsSet(testkit.As(t, guideViewer), m.ID, []int64{tag.ID}, nil)
	require.NoError(t, err)
	delete(h.secrets, "tag") // the word is the store's; that it was on this member is what must go
	if !client.Level.Query().ExistX(ctx) {
		d.level(1, 0, 30)
	}
	_, err = d.GrowthAdd(admin, member.GrowthAdd{MemberID: m.ID, Growth: 5, Reason: "x", IdempotencyKey: "human-" + strconv.FormatInt(m.ID, 10)})
	require.NoError(t, err)
	_, err = d.LookUp(testkit.As(t, guideViewer), nil, new(phone[7:]))
	require.NoError(t, err)

	rule := client.CouponRule.Create().SetRule(document.CouponRule{Funders: []document.Funder{{OrgID: d.Store1.ID, BasisPoints: money.Whole}}}).SaveX(ctx)
	template := client.CouponTemplate.Create().SetOrgID(d.Root.ID).SetName("券").SetState(enum.TemplateActive).SetRuleID(rule.ID).SetTotalStock(9).SetStockLeft(1).
		SetClaimStartsAt(d.Clock.Now()).SetClaimEndsAt(d.Clock.Now().Add(time.Hour)).SetValidityKind(enum.ValidityAfterClaim).SaveX(ctx)
	for _, state := range []enum.CouponState{enum.CouponPending, enum.CouponEffective, enum.CouponLocked, enum.CouponUsed, enum.CouponExpired, enum.CouponRevoked,
		enum.CouponTransferring, enum.CouponTransferred} {
		create := client.Coupon.Create().SetTemplateID(template.ID).SetRuleID(rule.ID).SetMemberID(m.ID).SetCode(rand.Text()[:16]).SetState(state).
			SetSource(enum.SourceEvent).SetClaimKey(rand.Text()).SetUsableFrom(d.Clock.Now()).SetExpiresAt(d.Clock.Now().Add(time.Hour))
		if state == enum.CouponUsed {
			create.SetUsedAt(d.Clock.Now())
		}
		h.coupons[state] = create.SaveX(ctx).ID
	}
	transfer := func(state enum.CouponState) *ent.CouponTransferCreate {
		return client.CouponTransfer.Create().SetCouponID(h.coupons[state]).SetFromMemberID(m.ID).SetTokenHash(rand.Text()).SetExpiresAt(d.Clock.Now().Add(time.Hour))
	}
	friend, _ := d.NewMember(t)
	gift := client.Coupon.Create().SetTemplateID(template.ID).SetRuleID(rule.ID).SetMemberID(friend.ID).SetCode(rand.Text()[:16]).SetState(enum.CouponEffective).
		SetSource(enum.SourceGift).SetOriginID(h.coupons[enum.CouponTransferred]).SetClaimKey(rand.Text()).SetUsableFrom(d.Clock.Now()).
		SetExpiresAt(d.Clock.Now().Add(time.Hour)).SaveX(ctx)
	transfer(enum.CouponTransferred).SetState(enum.TransferAccepted).SetToMemberID(friend.ID).SetAcceptedCouponID(gift.ID).SetEndedAt(d.Clock.Now()).ExecX(ctx)
	transfer(enum.CouponTransferring).SetState(enum.TransferOffered).SetOpenCouponID(h.coupons[enum.CouponTransferring]).ExecX(ctx)
	client.Redemption.Create().SetKind(enum.RedeemCoupon).SetSubjectID(h.coupons[enum.CouponUsed]).SetActiveSubjectID(h.coupons[enum.CouponUsed]).SetMemberID(m.ID).
		SetStoreID(d.Store1.ID).SetStaffID(guide.ID).SetState(enum.RedemptionConfirmed).SetPurchaseFen(100).SetDiscountFen(10).SetIdempotencyKey(rand.Text()).ExecX(ctx)
	return h
}

// cell is one value of one row of a brand.
type cell struct{ table, column, value string }

// cells gives every value of every row of the brand, sealed bytes in hexadecimal.
func (d *desk) cells(t *testing.T) (cells []cell) {
	t.Helper()
	for entity, table := range ent.Tables {
		if ent.Tenancies[entity].Installation {
			continue
		}
		rows, err := d.Store.DB().QueryContext(t.Context(), "SELECT * FROM "+table+" WHERE brand_id = ?", d.Brand.ID)
		require.NoError(t, err)
		columns, err := rows.Columns()
		require.NoError(t, err)
		for rows.Next() {
			values, pointers := make([]any, len(columns)), make([]any, len(columns))
			for i := range values {
				pointers[i] = &values[i]
			}
			require.NoError(t, rows.Scan(pointers...))
			for i, value := range values {
				if value == nil {
					continue
				}
				text := fmt.Sprint(value)
				if raw, ok := value.([]byte); ok {
					text = string(raw)
					if strings.HasSuffix(columns[i], "_sealed") {
						text = hex.EncodeToString(raw)
					}
				}
				cells = append(cells, cell{table, columns[i], text})
			}
		}
		require.NoError(t, rows.Err())
		require.NoError(t, rows.Close())
	}
	return cells
}

// find lists where the text occurs, as table.column.
func find(cells []cell, text string) (places []string) {
	for _, c := range cells {
		if strings.Contains(c.value, text) {
			places = append(places, c.table+"."+c.column)
		}
	}
	return places
}

func TestEraseLeavesNothingPersonal(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		h := d.human(t)
		sealed := func() (values []string) {
			p := d.person(h.viewer)
			values = append(values, hex.EncodeToString(p.PhoneSealed))
			for _, i := range d.client().Identity.Query().Where(entidentity.PersonID(p.ID)).AllX(d.system) {
				values = append(values, hex.EncodeToString(i.OpenidSealed), hex.EncodeToString(i.SessionKeySealed))
			}
			return values
		}
		before, ciphertexts := d.cells(t), sealed()
		for name, secret := range h.secrets {
			if name != "phone" && name != "openid" && name != "session key" { // these are never kept in the clear
				require.NotEmpty(t, find(before, secret), "%s was planted", name)
			}
		}
		for _, text := range ciphertexts {
			require.NotEmpty(t, find(before, text))
		}

		require.NoError(t, d.EraseOwn(testkit.As(t, h.viewer), strconv.FormatInt(h.Number, 10)))
		after := d.cells(t)
		for name, secret := range h.secrets {
			require.Empty(t, find(after, secret), name)
		}
		for _, text := range ciphertexts {
			require.Empty(t, find(after, text))
		}
		require.Equal(t, []string{"persons.former_phone_hash"}, find(after, h.formers["former_phone_hash"]))
		require.Equal(t, []string{"identities.former_openid_hash"}, find(after, h.formers["former_openid_hash"]))
		tail := h.secrets["phone"][7:]
		for _, c := range after {
			require.False(t, strings.HasSuffix(c.column, "phone_tail") && c.value == tail, "%s.%s", c.table, c.column)
		}
	})
}

func TestEraseEndsWhatIsOpenAndKeepsTheBooks(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		h := d.human(t)
		client, ctx := d.client(), d.system
		neighbour := d.human(t)
		untouched := client.Person.GetX(ctx, neighbour.PersonID).String() + d.member(neighbour.ID).String()
		epoch := d.person(h.viewer).Epoch
		count := func() map[string]int {
			return map[string]int{"coupons": client.Coupon.Query().CountX(ctx), "redemptions": client.Redemption.Query().CountX(ctx), "consents": client.Consent.Query().CountX(ctx),
				"sessions": client.Session.Query().CountX(ctx), "events": client.MemberEvent.Query().CountX(ctx), "identities": client.Identity.Query().CountX(ctx)}
		}
		books := count()

		d.Clock.Advance(time.Minute)
		require.NoError(t, d.Erase(ctx, h.PersonID))
		p, m := d.person(h.viewer), d.member(h.ID)
		require.Equal(t, enum.PersonErased, p.State)
		require.Equal(t, d.Clock.Now(), p.ErasedAt.UTC())
		require.Equal(t, epoch+1, p.Epoch, "every token has ended")
		require.Equal(t, h.formers["former_phone_hash"], *p.FormerPhoneHash)
		require.Nil(t, p.PhoneHash)
		require.Equal(t, enum.MemberCancelled, m.State)
		require.Equal(t, d.Clock.Now(), m.CancelledAt.UTC())
		require.Nil(t, m.HomeStoreID)
		require.Nil(t, m.GuideID)
		require.Zero(t, m.GrowthValue)
		require.Empty(t, d.put(h.ID))

		for state, id := range h.coupons {
			want := state
			switch state {
			case enum.CouponPending, enum.CouponEffective, enum.CouponLocked, enum.CouponTransferring:
				want = enum.CouponRevoked
			}
			require.Equal(t, want, client.Coupon.GetX(ctx, id).State, state)
		}
		for _, s := range client.Session.Query().Where(session.PersonID(h.PersonID)).AllX(ctx) {
			require.NotNil(t, s.RevokedAt)
			require.Contains(t, []string{"ERASED", "SIGNED_OUT"}, s.RevokedReason, "an earlier end stays what it was")
		}
		require.Zero(t, client.Staff.Query().Where(staff.Or(staff.PersonID(h.PersonID), staff.InvitedPhoneHash(h.formers["former_phone_hash"])), staff.StateNEQ(enum.StaffRevoked)).CountX(ctx))
		require.Equal(t, books, count(), "the books stay")
		entries := d.audited("memberErase")
		require.Len(t, entries, 1)
		require.Equal(t, p.NodeID().String(), entries[0].Subject)
		require.Equal(t, d.Root.ID, entries[0].OrgID)
		require.Equal(t, untouched, client.Person.GetX(ctx, neighbour.PersonID).String()+d.member(neighbour.ID).String(), "nobody else is touched")
		require.Equal(t, 1, client.Coupon.Query().Where(coupon.MemberID(neighbour.ID), coupon.StateEQ(enum.CouponEffective)).CountX(ctx))

		everything := d.cells(t)
		d.Clock.Advance(time.Minute)
		require.NoError(t, d.Erase(ctx, h.PersonID), "again")
		require.ElementsMatch(t, everything, d.cells(t), "and nothing changed")
	})
}

func TestEraseRefuses(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		m, v := d.NewMember(t)
		for _, number := range []string{"", "1", strconv.FormatInt(m.Number, 10) + " ", "+" + strconv.FormatInt(m.Number, 10)} {
			code(t, apperr.InvalidInput, d.EraseOwn(testkit.As(t, v), number), "input", "number")
		}
		_, clerk := d.NewStaff(t, auth.Staff, d.Store1, auth.Clerk)
		code(t, apperr.NotFound, d.EraseOwn(testkit.As(t, clerk), strconv.FormatInt(m.Number, 10)))
		code(t, apperr.NotFound, d.Erase(d.system, 7))
		other := testkit.New(t, d.Store.Dialect())
		code(t, apperr.NotFound, d.Erase(auth.System(t.Context(), other.Brand.ID), v.PersonID))
		require.Equal(t, enum.MemberRegistered, d.member(m.ID).State)

		d.client().Member.UpdateOneID(m.ID).SetState(enum.MemberFrozen).ExecX(d.system)
		require.NoError(t, d.EraseOwn(testkit.As(t, v), strconv.FormatInt(m.Number, 10)), "a frozen member may leave")
		require.NoError(t, d.Erase(d.system, func() int64 { _, s := d.NewStaff(t, auth.Staff, d.Store1, auth.Clerk); return s.PersonID }()), "a person without membership")
	})
}

func TestErasePersonWithoutPhoneKeepsTheOldHash(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		_, v := d.NewMember(t)
		d.client().Person.UpdateOneID(v.PersonID).ClearPhoneHash().SetFormerPhoneHash("old").ExecX(d.system)
		require.NoError(t, d.Erase(d.system, v.PersonID))
		require.Equal(t, "old", *d.person(v).FormerPhoneHash)
	})
}

func TestRaceErase(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		h := d.human(t)
		got := race(16, func(int) error { return d.Erase(d.system, h.PersonID) })
		require.Equal(t, map[apperr.Code]int{"": 16}, got)
		require.Len(t, d.audited("memberErase"), 1)
	})
}

// Members leave while they claim, on two servers. What was claimed before is revoked, and nothing can be claimed after, whatever came first.
func TestRaceEraseAndClaims(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		const leavers, claims = 16, 3
		var servers []*couponservice.Service
		for range 2 {
			s := couponservice.New(couponservice.Options{Store: d.Store, Clock: d.Clock, Redis: d.Redis})
			t.Cleanup(func() { require.NoError(t, s.Close(context.WithoutCancel(t.Context()))) })
			servers = append(servers, s)
		}
		rule := d.client().CouponRule.Create().SetRule(document.CouponRule{Kind: enum.CouponAmountOff, AmountFen: 100}).SaveX(d.system)
		template := d.client().CouponTemplate.Create().SetOrgID(d.Root.ID).SetName("券").SetState(enum.TemplateActive).SetRuleID(rule.ID).SetTotalStock(1000).
			SetStockLeft(1000).SetMemberLimit(0).SetClaimStartsAt(d.Clock.Now()).SetClaimEndsAt(d.Clock.Now().Add(time.Hour)).
			SetValidityKind(enum.ValidityAfterClaim).SetValidDays(7).SaveX(d.system)
		viewers := make([]auth.Viewer, leavers)
		for i := range viewers {
			_, viewers[i] = d.NewMember(t)
		}
		got := race(leavers*(1+claims), func(i int) error {
			v := viewers[i%leavers]
			if i/leavers == 1 {
				return d.Erase(d.system, v.PersonID)
			}
			_, err := servers[i%2].Claim(testkit.As(t, v), template.ID, fmt.Sprintf("claim-%03d", i))
			return err
		})
		claimed := got[""] - leavers
		require.Equal(t, leavers*claims, claimed+got[apperr.MemberCancelled], "%v", got)
		coupons := d.client().Coupon.Query().AllX(d.system)
		require.Len(t, coupons, claimed)
		for _, c := range coupons {
			require.Equal(t, enum.CouponRevoked, c.State)
		}
		require.EqualValues(t, 1000-claimed, d.client().CouponTemplate.GetX(d.system, template.ID).StockLeft)
	})
}

func TestCopy(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		h, _ := d.human(t), d.human(t)
		c, err := d.Copy(testkit.As(t, h.viewer))
		require.NoError(t, err)
		require.Equal(t, h.PersonID, c.Person.ID)
		require.Equal(t, h.secrets["nickname"], c.Person.Nickname)
		require.Equal(t, h.ID, c.Member.ID)
		require.Len(t, c.Consents, 1)
		require.Len(t, c.Sessions, 1, "live ones")
		require.Len(t, c.Coupons, 8)
		require.Len(t, c.Redemptions, 1)
		require.Equal(t, d.Clock.Now(), c.MadeAt)
		for _, one := range c.Coupons {
			require.Equal(t, h.ID, one.MemberID)
		}
		_, clerk := d.NewStaff(t, auth.Staff, d.Store1, auth.Clerk)
		_, err = d.Copy(testkit.As(t, clerk))
		code(t, apperr.NotFound, err)
	})
}

// Whoever cancels and registers again is counted as before: by the openid at once, and by the phone on another WeChat account.
func TestEraseAndComeBack(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		app := d.Apps[auth.Storefront].WechatAppID
		door := identity.New(identity.Options{Store: d.Store, Clock: d.Clock, Keyring: d.Keyring, Redis: d.Redis, WeChat: d.wechat, Issuer: "https://api.example.cn",
			Log: slog.New(slog.DiscardHandler), Members: d.Service, Coupons: couponservice.New(couponservice.Options{Store: d.Store, Clock: d.Clock, Redis: d.Redis})})
		enter := func(user string) context.Context {
			c, err := d.sim.LoginCode(t.Context(), app, user)
			require.NoError(t, err)
			tokens, err := door.SignIn(t.Context(), identity.SignIn{WeChatAppID: app, Code: c.Code})
			require.NoError(t, err)
			ctx, _, err := door.Authenticate(t.Context(), tokens.AccessToken, "")
			require.NoError(t, err)
			return ctx
		}
		bind := func(ctx context.Context, user, phone string) *ent.Person {
			c, err := d.sim.PhoneCode(t.Context(), app, user, phone)
			require.NoError(t, err)
			_, err = door.BindPhone(ctx, c.Code, "bind-"+rand.Text())
			require.NoError(t, err)
			return d.person(auth.FromContext(ctx))
		}
		first := enter("A")
		before := bind(first, "A", "19912345678")
		m := d.member(auth.FromContext(first).MemberID)
		require.Equal(t, enum.MemberRegistered, m.State)
		require.NoError(t, d.EraseOwn(first, strconv.FormatInt(m.Number, 10)))

		again := d.person(auth.FromContext(enter("A")))
		require.NotEqual(t, before.ID, again.ID, "a new person")
		require.Equal(t, before.ID, again.LimitSubject, "with the limits of the old one")
		require.Nil(t, again.PhoneHash)

		other := bind(enter("B"), "B", "19912345678")
		require.Equal(t, before.ID, other.LimitSubject, "the phone is counted as well")
		require.NoError(t, d.Erase(d.system, other.ID))
		require.Equal(t, before.ID, bind(enter("C"), "C", "19912345678").LimitSubject, "and so on")
	})
}
