package identity

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"time"
	"unicode/utf8"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/idempotencykey"
	"dongxiao/ent/identity"
	"dongxiao/ent/member"
	"dongxiao/ent/person"
	"dongxiao/ent/predicate"
	"dongxiao/internal/apperr"
	"dongxiao/internal/ids"
	"dongxiao/internal/keys"
	"dongxiao/internal/store"
	"dongxiao/internal/wechat"
)

// SignIn is what a sign-in with a wx.login code is made of.
type SignIn struct {
	// WeChatAppID names the app, Code is from wx.login, Device is what the device calls itself, at most 128 characters.
	WeChatAppID, Code, Device string
	// Touch is how the shopper came, nil where the client does not say.
	Touch *Touch
}

const maxDevice = 128

var codePattern = regexp.MustCompile(`^[0-9A-Za-z_-]{1,128}$`)

// SignIn signs a person in, for anybody. At the first visit it makes the person, its identity and, in STOREFRONT, the member, all in the
// transaction that makes the session. An openid is one person's, and so is a unionid across the apps of one Open Platform account, however many
// first visits there are at once. A retry with the same code gets the first answer for five minutes.
//
// Refusals: APP_UNKNOWN, FORBIDDEN (CONSOLE: by QR code only), INVALID_INPUT, WECHAT_CODE_INVALID, WECHAT_USER_BLOCKED, WECHAT_BUSY,
// WECHAT_UNAVAILABLE, SIGN_IN_AGAIN where the code was used but its answer is gone, STAFF_SUSPENDED.
func (s *Service) SignIn(ctx context.Context, in SignIn) (*Tokens, error) {
	a, err := s.AppByWeChatID(ctx, in.WeChatAppID)
	switch {
	case apperr.CodeOf(err) == apperr.AppUnknown:
		return nil, apperr.New(apperr.AppUnknown).At("input", "app")
	case err != nil:
		return nil, err
	case a.Face == auth.Console:
		return nil, apperr.New(apperr.Forbidden).At("input", "app")
	case !codePattern.MatchString(in.Code):
		return nil, apperr.New(apperr.WeChatCodeInvalid).At("input", "code")
	}
	if err := checkDevice(in.Device); err != nil {
		return nil, err
	}
	return s.answerOnce(ctx, in.WeChatAppID, in.Code, func(ctx context.Context) (*Tokens, error) { return s.exchange(ctx, a, in) })
}

func checkDevice(device string) error {
	if utf8.RuneCountInString(device) > maxDevice {
		return apperr.Invalid("device", fmt.Sprintf("at most %d characters / 最多 %d 个字", maxDevice, maxDevice))
	}
	return nil
}

// exchange spends the code at WeChat and signs in whoever it stands for.
func (s *Service) exchange(ctx context.Context, a *App, in SignIn) (*Tokens, error) {
	ring := s.ring()
	credentials, err := Credentials(ring, a.App)
	if err != nil {
		return nil, err
	}
	session, err := s.WeChat.Code2Session(ctx, credentials, in.Code)
	if wechat.HasCode(err, wechat.CodeUsedCode) {
		return nil, apperr.New(apperr.SignInAgain).Because(err)
	}
	if err != nil {
		return nil, wechat.Refusal(err)
	}
	found := visitor{App: a, openID: session.OpenID, openIDHash: ring.Hash("openid", a.BrandID, session.OpenID),
		sessionKey: ring.Seal([]byte(session.SessionKey), keys.AssociatedData("session_key", a.BrandID))}
	if session.UnionID != "" {
		found.unionIDHash = new(ring.Hash("unionid", a.BrandID, session.UnionID))
	}
	return s.signInVisitor(auth.System(ctx, a.BrandID), found, in)
}

// visitor is who opened an app, by WeChat's word.
type visitor struct {
	*App
	openID, openIDHash string
	unionIDHash        *string
	sessionKey         []byte
}

// errAgain says that another sign-in made what this one was about to make: run the transaction again and find it.
var errAgain = errors.New("another sign-in was first")

// maxRounds bounds how often a sign-in finds another one ahead of it; each round, one of them ends.
const maxRounds = 8

func (s *Service) signInVisitor(ctx context.Context, v visitor, in SignIn) (*Tokens, error) {
	var opened *openedSession
	claim := false
	for range maxRounds {
		err := s.Store.WithTx(ctx, func(ctx context.Context) error {
			p, err := s.personOf(ctx, v, claim)
			if err != nil {
				return err
			}
			memberID, err := s.memberOf(ctx, v.App, p, in.Touch)
			if err != nil {
				return err
			}
			opened, err = s.openSession(ctx, v.App, p, memberID, in.Device)
			return err
		})
		if err == nil {
			return s.issue(opened)
		}
		if !errors.Is(err, errAgain) {
			return nil, err
		}
		claim = true
	}
	return nil, fmt.Errorf("a sign-in was overtaken %d times: %w", maxRounds, errAgain)
}

// personOf finds the person behind the openid, else behind the unionid, else makes one. Taken says that a claim on the unionid may exist.
func (s *Service) personOf(ctx context.Context, v visitor, taken bool) (*ent.Person, error) {
	client := s.Store.Client(ctx)
	if taken && v.unionIDHash != nil {
		// The row is only there to be waited for, before anything is read.
		n, err := client.IdempotencyKey.Update().Where(claimOf(v)...).SetResultID(v.ID).Save(ctx)
		if err != nil {
			return nil, err
		}
		taken = n == 1
	}
	known, err := client.Identity.Query().Where(identity.AppID(v.ID), identity.OpenidHash(v.openIDHash)).Only(ctx)
	if err == nil {
		p, err := s.hold(ctx, known.PersonID)
		if err != nil {
			return nil, err
		}
		update := client.Identity.Update().Where(identity.ID(known.ID), identity.PersonID(p.ID), identity.OpenidHash(v.openIDHash)).SetSessionKeySealed(v.sessionKey)
		if v.unionIDHash != nil {
			update.SetUnionidHash(*v.unionIDHash)
		}
		n, err := update.Save(ctx)
		if err == nil && n != 1 {
			err = errAgain
		}
		return p, err
	}
	if !ent.IsNotFound(err) {
		return nil, err
	}
	p, err := s.personOfUnionID(ctx, v, taken)
	if err != nil {
		return nil, err
	}
	if p == nil {
		if p, err = s.newPerson(ctx, v.openIDHash); err != nil {
			return nil, err
		}
	}
	err = client.Identity.Create().SetPersonID(p.ID).SetAppID(v.ID).SetOpenidHash(v.openIDHash).SetNillableUnionidHash(v.unionIDHash).
		SetOpenidSealed(s.ring().Seal([]byte(v.openID), keys.AssociatedData("openid", v.BrandID))).SetSessionKeySealed(v.sessionKey).Exec(ctx)
	if store.IsDuplicate(err, identity.Table, "app_id", "openid_hash") {
		return nil, errAgain
	}
	return p, err
}

// personOfUnionID finds the person who uses another app of the brand with the same unionid. No unique key can guard that (a person has one
// identity an app), so two first visits in two apps meet at a claim: a row per unionid, unique among the idempotency keys, needed for as long as a transaction.
func (s *Service) personOfUnionID(ctx context.Context, v visitor, taken bool) (*ent.Person, error) {
	if v.unionIDHash == nil {
		return nil, nil
	}
	client := s.Store.Client(ctx)
	if !taken {
		err := client.IdempotencyKey.Create().SetActorID(0).SetOperation(claimOperation).SetKey(*v.unionIDHash).SetInputHash("").SetResultID(v.ID).Exec(ctx)
		if store.IsDuplicate(err, idempotencykey.Table, "actor_id", "operation", "key") {
			return nil, errAgain
		}
		if err != nil {
			return nil, err
		}
	}
	other, err := client.Identity.Query().Where(identity.UnionidHash(*v.unionIDHash)).Order(identity.ByID()).First(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return s.hold(ctx, other.PersonID)
}

// hold keeps the person as it is until the commit, so that an erasure comes before or after the sign-in and not into it. The refusal is STAFF_SUSPENDED;
// a person who was erased just now is looked for again.
func (s *Service) hold(ctx context.Context, personID int64) (*ent.Person, error) {
	client := s.Store.Client(ctx)
	n, err := client.Person.Update().Where(person.ID(personID), person.StateEQ(enum.PersonActive)).SetState(enum.PersonActive).Save(ctx)
	if err != nil {
		return nil, err
	}
	p, err := client.Person.Get(ctx, personID)
	if err == nil && n != 1 {
		err = errAgain
		if p.State == enum.PersonSuspended {
			err = apperr.New(apperr.StaffSuspended)
		}
	}
	return p, err
}

const claimOperation = "unionid"

func claimOf(v visitor) []predicate.IdempotencyKey {
	return []predicate.IdempotencyKey{idempotencykey.ActorID(0), idempotencykey.Operation(claimOperation), idempotencykey.Key(*v.unionIDHash)}
}

// newPerson makes a person. Limits per person go on from an erased one who had the same openid.
func (s *Service) newPerson(ctx context.Context, openIDHash string) (*ent.Person, error) {
	client := s.Store.Client(ctx)
	id := ids.Next()
	subject := id
	former, err := client.Identity.Query().Where(identity.FormerOpenidHash(openIDHash)).Order(identity.ByID()).First(ctx)
	if err == nil {
		var p *ent.Person
		if p, err = client.Person.Get(ctx, former.PersonID); err == nil {
			subject = p.LimitSubject
		}
	}
	if err != nil && !ent.IsNotFound(err) {
		return nil, err
	}
	return client.Person.Create().SetID(id).SetLimitSubject(subject).Save(ctx)
}

// The range of membership numbers: ten digits.
const (
	leastMemberNumber = 1_000_000_000
	memberNumbers     = 9_000_000_000
)

// Touch is how a shopper came to the mini-program, by the client's word: a store's or a guide's code was scanned, a share was opened.
type Touch struct {
	Channel          enum.AttributionChannel
	StoreID, GuideID int64
}

// memberOf finds or makes the member, in STOREFRONT; elsewhere it is 0. The touch counts for the attribution.
func (s *Service) memberOf(ctx context.Context, a *App, p *ent.Person, touch *Touch) (int64, error) {
	if a.Face != auth.Storefront {
		return 0, nil
	}
	client := s.Store.Client(ctx)
	m, err := client.Member.Query().Where(member.PersonID(p.ID)).Only(ctx)
	if ent.IsNotFound(err) {
		create := client.Member.Create().SetPersonID(p.ID).SetNumber(leastMemberNumber + rand.Int64N(memberNumbers))
		if p.PhoneHash != nil { // staff who opens the storefront for the first time
			create.SetState(enum.MemberRegistered).SetRegisteredAt(s.Clock.Now())
		}
		if touch != nil {
			create.SetFirstChannel(touch.Channel)
		}
		if m, err = create.Save(ctx); store.IsDuplicate(err, member.Table, "number") || store.IsDuplicate(err, member.Table, "person_id") {
			return 0, errAgain
		}
	}
	if err != nil {
		return 0, err
	}
	if touch == nil {
		return m.ID, nil
	}
	return m.ID, s.Members.Touch(ctx, m.ID, touch.Channel, touch.StoreID, touch.GuideID)
}

// openedSession is a session that was written, and what its tokens say.
type openedSession struct {
	claims    auth.Claims
	refresh   auth.Refresh
	expiresAt time.Time
}

// openSession writes the session of a person in an app. The refusal is that of rolesOrRefusal.
func (s *Service) openSession(ctx context.Context, a *App, p *ent.Person, memberID int64, device string) (*openedSession, error) {
	assignments, err := s.rolesOrRefusal(ctx, a, p.ID)
	if err != nil {
		return nil, err
	}
	id, now := ids.Next(), s.Clock.Now()
	o := &openedSession{refresh: auth.NewRefresh(s.ring().Secrets(keys.Refresh, 0), id), expiresAt: now.Add(RefreshTokenLifetime),
		claims: auth.Claims{Audience: a.WechatAppID, AppID: a.ID, Face: a.Face, BrandID: a.BrandID, PersonID: p.ID, MemberID: memberID, SessionID: id,
			Epoch: p.Epoch, Assignments: assignments}}
	return o, s.Store.Client(ctx).Session.Create().SetID(id).SetPersonID(p.ID).SetAppID(a.ID).SetRefreshHash(o.refresh.Hash()).
		SetRotatedAt(now).SetExpiresAt(o.expiresAt).SetDevice(device).Exec(ctx)
}
