package identity

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"entgo.io/ent/dialect/sql"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/app"
	"dongxiao/ent/enum"
	"dongxiao/ent/idempotencykey"
	"dongxiao/ent/identity"
	"dongxiao/ent/member"
	"dongxiao/ent/person"
	"dongxiao/ent/staff"
	"dongxiao/internal/apperr"
	"dongxiao/internal/idempotency"
	"dongxiao/internal/keys"
	"dongxiao/internal/store"
	"dongxiao/internal/wechat"
)

// PhoneHash is the keyed hash by which a phone number is found in the brand. The number is written as CanonicalPhone writes it.
func PhoneHash(r *keys.Ring, brandID int64, number string) string {
	return r.Hash("phone", brandID, number)
}

// CanonicalPhone writes a number the one way in which it is kept and compared: 11 digits in mainland China, +44… elsewhere.
func CanonicalPhone(p wechat.Phone) string {
	if p.CountryCode == "86" {
		return p.PureNumber
	}
	return "+" + p.CountryCode + p.PureNumber
}

// Phone opens the person's whole phone number; empty where none is bound. The caller masks it for everybody but the person.
func (s *Service) Phone(p *ent.Person) (string, error) {
	if len(p.PhoneSealed) == 0 {
		return "", nil
	}
	number, err := s.ring().Open(p.PhoneSealed, keys.AssociatedData("phone", p.BrandID))
	if err != nil {
		return "", fmt.Errorf("open the phone of person %d: %w", p.ID, err)
	}
	return string(number), nil
}

// OpenID opens the openid that the person has in the app, for calls to WeChat. The error is SIGN_IN_AGAIN where there is none.
func (s *Service) OpenID(ctx context.Context, personID, appID int64) (string, error) {
	row, err := s.Store.Client(ctx).Identity.Query().Where(identity.PersonID(personID), identity.AppID(appID), identity.OpenidHashNotNil()).
		Order(ent.Desc(identity.FieldID)).First(ctx)
	if ent.IsNotFound(err) {
		return "", apperr.New(apperr.SignInAgain)
	}
	if err != nil {
		return "", err
	}
	openID, err := s.ring().Open(row.OpenidSealed, keys.AssociatedData("openid", row.BrandID))
	if err != nil {
		return "", fmt.Errorf("open the openid of identity %d: %w", row.ID, err)
	}
	return string(openID), nil
}

// holdsSQL asks whether an openid is, or was before an erasure, that of a person in an app, or of a person who is the same human: one who was joined by the phone.
const holdsSQL = "EXISTS (SELECT 1 FROM identities i JOIN persons holder ON holder.brand_id = i.brand_id AND holder.id = i.person_id" +
	" JOIN persons asked ON asked.brand_id = i.brand_id AND asked.id = %s WHERE i.brand_id = ? AND i.app_id = %s AND (i.openid_hash = ? OR i.former_openid_hash = ?)" +
	" AND holder.limit_subject = asked.limit_subject)"

// HasOpenID narrows a query of the brand to rows whose person, in one column, has or had the openid in the app of another column. A person without an openid there has
// none. It is for the system.
func (s *Service) HasOpenID(brandID int64, openID, personColumn, appColumn string) func(*sql.Selector) {
	hash := s.ring().Hash("openid", brandID, openID)
	return func(q *sql.Selector) {
		q.Where(sql.ExprP(fmt.Sprintf(holdsSQL, q.C(personColumn), q.C(appColumn)), brandID, hash, hash))
	}
}

// WeChatApp is the app with what is needed to call WeChat in its name, for the system within its brand.
func (s *Service) WeChatApp(ctx context.Context, appID int64) (wechat.App, error) {
	row, err := s.Store.Client(ctx).App.Get(ctx, appID)
	if err != nil {
		return wechat.App{}, err
	}
	return Credentials(s.ring(), row)
}

// BoundPhone is the answer to BindPhone.
type BoundPhone struct {
	// Person is who has the phone now.
	Person *ent.Person
	// SignInAgain says that the viewer was joined with that person, and that this session has ended.
	SignInAgain bool
}

const bindOperation = "phoneBind"

// BindPhone binds the phone that WeChat vouches for to the viewer, who then is a registered member. A visitor becomes REGISTERED.
//
// One phone is one person of the brand. Where another person has it, the viewer is that human in a second app or with a second WeChat account. A viewer who
// has nothing yet (no phone, no role, no coupon, no growth) and no identity in an app in which the other has one is joined with the other: the
// identity moves, this session ends, and SignInAgain is true. In every other case the refusal is PHONE_TAKEN: nothing of value is ever merged
// by a phone number alone, and two WeChat accounts never share a member.
//
// The number is asked of WeChat before the transaction, with the viewer's openid, and only where the idempotency key is new: the code is spent by
// the first answer. Refusals: IDEMPOTENCY_KEY_INVALID, IDEMPOTENCY_KEY_REUSED, WECHAT_CODE_INVALID, WECHAT_BUSY, WECHAT_UNAVAILABLE,
// SIGN_IN_AGAIN, PHONE_TAKEN, PHONE_ALREADY_BOUND (another number).
func (s *Service) BindPhone(ctx context.Context, code, key string) (BoundPhone, error) {
	v := auth.FromContext(ctx)
	call := idempotency.Call{ActorID: v.PersonID, Operation: bindOperation, Key: key, Input: code}
	if err := idempotency.CheckKey(key); err != nil {
		return BoundPhone{}, err
	}
	ctx = auth.WithinBrand(ctx)
	// A retry beside the first call waits for it: asking WeChat itself, it would be told that the code is spent.
	turn, err := s.waitForTurn(ctx, fmt.Sprintf("dongxiao:phonebind:%d:%s", v.PersonID, key))
	if err != nil {
		return BoundPhone{}, err
	}
	defer turn.end(ctx)
	if bound, done, err := s.boundBefore(ctx, call); done || err != nil {
		return bound, err
	}
	number, err := s.askPhone(ctx, v, code)
	if err != nil {
		return BoundPhone{}, err
	}
	var result int64
	for range maxRounds {
		result, _, err = idempotency.Do(ctx, s.Store, call, func(ctx context.Context) (int64, error) { return s.bind(ctx, v, number) })
		if !errors.Is(err, errAgain) {
			break
		}
	}
	if err != nil {
		return BoundPhone{}, err
	}
	return s.bound(ctx, v, result)
}

// boundBefore answers a repeat of a call that succeeded.
func (s *Service) boundBefore(ctx context.Context, call idempotency.Call) (BoundPhone, bool, error) {
	row, err := s.Store.Client(ctx).IdempotencyKey.Query().Where(idempotencykey.ActorID(call.ActorID), idempotencykey.Operation(call.Operation),
		idempotencykey.Key(call.Key)).Only(ctx)
	if ent.IsNotFound(err) {
		return BoundPhone{}, false, nil
	}
	if err != nil {
		return BoundPhone{}, false, err
	}
	hash, err := idempotency.Hash(call.Input)
	if err != nil {
		return BoundPhone{}, false, err
	}
	if hash != row.InputHash {
		return BoundPhone{}, false, apperr.New(apperr.IdempotencyKeyReused).At("input", "idempotencyKey")
	}
	bound, err := s.bound(ctx, auth.FromContext(ctx), row.ResultID)
	return bound, err == nil, err
}

func (s *Service) bound(ctx context.Context, v auth.Viewer, personID int64) (BoundPhone, error) {
	p, err := s.Store.Client(ctx).Person.Get(ctx, personID)
	return BoundPhone{Person: p, SignInAgain: personID != v.PersonID}, err
}

// askPhone has WeChat say which number the code stands for.
func (s *Service) askPhone(ctx context.Context, v auth.Viewer, code string) (string, error) {
	if !codePattern.MatchString(code) {
		return "", apperr.New(apperr.WeChatCodeInvalid).At("input", "code")
	}
	openID, err := s.OpenID(ctx, v.PersonID, v.AppID)
	if err != nil {
		return "", err
	}
	a, err := s.Store.Client(ctx).App.Query().Where(app.ID(v.AppID)).Only(ctx)
	if err != nil {
		return "", err
	}
	credentials, err := Credentials(s.ring(), a)
	if err != nil {
		return "", err
	}
	phone, err := s.WeChat.PhoneNumber(ctx, credentials, code, openID)
	if err != nil {
		return "", wechat.Refusal(err)
	}
	return CanonicalPhone(phone), nil
}

// bind runs in the transaction and gives the person who has the phone in the end.
func (s *Service) bind(ctx context.Context, v auth.Viewer, number string) (int64, error) {
	client := s.Store.Client(ctx)
	hash := PhoneHash(s.ring(), v.BrandID, number)
	me, err := s.lockPerson(ctx, v.PersonID)
	if err != nil {
		return 0, err
	}
	if me.PhoneHash != nil {
		if *me.PhoneHash != hash {
			return 0, apperr.New(apperr.PhoneAlreadyBound)
		}
		return me.ID, s.register(ctx, me.ID)
	}
	other, err := client.Person.Query().Where(person.PhoneHash(hash)).Only(ctx)
	if err == nil {
		return other.ID, s.join(ctx, v, me, other)
	}
	if !ent.IsNotFound(err) {
		return 0, err
	}
	update := client.Person.Update().Where(person.ID(me.ID), person.PhoneHashIsNil(), person.StateEQ(enum.PersonActive)).
		SetPhoneSealed(s.ring().Seal([]byte(number), keys.AssociatedData("phone", v.BrandID))).SetPhoneHash(hash).SetPhoneTail(number[len(number)-4:])
	subject, err := s.subjectBehind(ctx, me, hash)
	if err != nil {
		return 0, err
	}
	n, err := update.SetLimitSubject(subject).Save(ctx)
	if store.IsDuplicate(err, person.Table, "phone_hash") || err == nil && n != 1 {
		return 0, errAgain
	}
	if err != nil {
		return 0, err
	}
	if subject != me.LimitSubject {
		if err := s.joinSubjects(ctx, me, subject); err != nil {
			return 0, err
		}
	}
	return me.ID, s.register(ctx, me.ID)
}

// lockPerson reads the person and keeps it and its membership as they are until the commit: a claim under way is seen, and the next one finds under whom it
// counts from now on. It is the transaction's first read, so that what is read after it is not older.
func (s *Service) lockPerson(ctx context.Context, personID int64) (*ent.Person, error) {
	persons := store.Locked(s.Store, s.Store.Client(ctx).Person.Query().Where(person.ID(personID)))
	members := store.Locked(s.Store, s.Store.Client(ctx).Member.Query().Where(member.PersonID(personID)))
	me, err := persons.Only(ctx)
	if err != nil {
		return nil, err
	}
	_, err = members.IDs(ctx)
	return me, err
}

// joinSubjects has what the person got so far counted under the subject.
func (s *Service) joinSubjects(ctx context.Context, me *ent.Person, subject int64) error {
	m, err := s.Store.Client(ctx).Member.Query().Where(member.PersonID(me.ID)).Only(ctx)
	if ent.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, counting := range append([]Counting{s.Coupons}, s.counting...) {
		if err := counting.JoinSubjects(ctx, m.ID, me.LimitSubject, subject); apperr.CodeOf(err) == apperr.Conflict {
			return errAgain
		} else if err != nil {
			return err
		}
	}
	return nil
}

// subjectBehind is under whom limits per person count for somebody who binds the phone: where another person had it before and let it go (erased, or
// the authorisation was revoked), it is the same human. Who is somebody's successor already, by an openid, stays that.
func (s *Service) subjectBehind(ctx context.Context, me *ent.Person, phoneHash string) (int64, error) {
	if me.LimitSubject != me.ID {
		return me.LimitSubject, nil
	}
	former, err := s.Store.Client(ctx).Person.Query().Where(person.FormerPhoneHash(phoneHash), person.IDNEQ(me.ID)).Order(person.ByID()).First(ctx)
	if ent.IsNotFound(err) {
		return me.ID, nil
	}
	if err != nil {
		return 0, err
	}
	return former.LimitSubject, nil
}

// register makes a visitor a registered member, where there is one. Who has never been registered gets what the brand gives for that, by the outbox: a gift that
// fails fails no registration.
func (s *Service) register(ctx context.Context, personID int64) error {
	client, now := s.Store.Client(ctx), s.Clock.Now()
	first, err := client.Member.Update().Where(member.PersonID(personID), member.RegisteredAtIsNil(), member.StateEQ(enum.MemberVisitor)).SetRegisteredAt(now).Save(ctx)
	if err != nil {
		return err
	}
	if err := client.Member.Update().Where(member.PersonID(personID), member.StateEQ(enum.MemberVisitor)).SetState(enum.MemberRegistered).Exec(ctx); err != nil || first == 0 {
		return err
	}
	memberID, err := client.Member.Query().Where(member.PersonID(personID)).OnlyID(ctx)
	if err != nil {
		return err
	}
	return s.Coupons.Announce(ctx, enum.CouponByRegistration, memberID, "", "registration-"+strconv.FormatInt(memberID, 36))
}

// join moves the viewer's identities to the person who has the phone, see BindPhone.
func (s *Service) join(ctx context.Context, v auth.Viewer, me, other *ent.Person) error {
	client := s.Store.Client(ctx)
	taken := apperr.New(apperr.PhoneTaken)
	if other.State != enum.PersonActive {
		return taken
	}
	fresh, err := s.fresh(ctx, me.ID)
	if err != nil {
		return err
	}
	if !fresh {
		return taken
	}
	var mine, theirs []int64
	if err := client.Identity.Query().Where(identity.PersonID(me.ID), identity.OpenidHashNotNil()).Select(identity.FieldAppID).Scan(ctx, &mine); err != nil {
		return err
	}
	if err := client.Identity.Query().Where(identity.PersonID(other.ID), identity.OpenidHashNotNil()).Select(identity.FieldAppID).Scan(ctx, &theirs); err != nil {
		return err
	}
	for _, a := range mine {
		for _, b := range theirs {
			if a == b {
				return taken
			}
		}
	}
	// Two who join the same person at once must not both find the app free: the second one finds another epoch and looks again.
	n, err := client.Person.Update().Where(person.ID(other.ID), person.Epoch(other.Epoch)).AddEpoch(1).Save(ctx)
	if err != nil {
		return err
	}
	if n != 1 {
		return errAgain
	}
	if err := client.Identity.Update().Where(identity.PersonID(me.ID)).SetPersonID(other.ID).Exec(ctx); err != nil {
		return err
	}
	// Nobody can sign in as the empty person any more.
	return s.Members.Erase(ctx, me.ID)
}

// fresh says whether the person has nothing that a join would lose.
func (s *Service) fresh(ctx context.Context, personID int64) (bool, error) {
	client := s.Store.Client(ctx)
	if roles, err := client.Staff.Query().Where(staff.PersonID(personID)).Exist(ctx); err != nil || roles {
		return false, err
	}
	m, err := client.Member.Query().Where(member.PersonID(personID)).Only(ctx)
	if ent.IsNotFound(err) {
		return true, nil
	}
	if err != nil || m.GrowthValue != 0 || m.State != enum.MemberVisitor {
		return false, err
	}
	coupons, err := s.Coupons.Has(ctx, m.ID)
	return err == nil && !coupons, err
}
