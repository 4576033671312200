package member

import (
	"context"
	"net/url"
	"strings"
	"time"

	"dongxiao/auth"
	domainidentity "dongxiao/domain/identity"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/identity"
	"dongxiao/ent/person"
	"dongxiao/internal/apperr"
	"dongxiao/internal/keys"
	"dongxiao/internal/text"
	"dongxiao/internal/wechat"
)

const (
	maxNickname  = 32
	maxAvatarURL = 512
)

// Profile is what a person says about itself; what is nil stays as it is.
type Profile struct {
	Nickname, AvatarURL, Gender, Birthday *string
}

// ProfileUpdate changes the viewer's own profile in one conditional write, after WeChat has checked a new nickname. The birthday is set once; to
// send the same again changes nothing. It refuses with INVALID_INPUT, CONTENT_REJECTED (also where WeChat wants a person to look), BIRTHDAY_LOCKED,
// MEMBER_FROZEN, MEMBER_CANCELLED, SIGN_IN_AGAIN (WeChat checks nothing for who has not opened the app within two hours), WECHAT_BUSY and
// WECHAT_UNAVAILABLE.
func (s *Service) ProfileUpdate(ctx context.Context, change Profile) (*ent.Person, error) {
	change, err := s.checkProfile(ctx, change)
	if err != nil {
		return nil, err
	}
	m, err := s.ownTaking(ctx)
	if err != nil {
		return nil, err
	}
	before, err := s.Store.Client(ctx).Person.Get(ctx, m.PersonID)
	if err != nil {
		return nil, err
	}
	if change.Nickname != nil && *change.Nickname != before.Nickname {
		if err := s.checkContent(ctx, m.PersonID, *change.Nickname); err != nil {
			return nil, err
		}
	}
	if change == (Profile{}) {
		return before, nil
	}
	update := s.Store.Client(ctx).Person.Update().Where(person.ID(m.PersonID), person.StateNEQ(enum.PersonErased)).
		SetNillableNickname(change.Nickname).SetNillableAvatarURL(change.AvatarURL).SetNillableGender(change.Gender).SetNillableBirthday(change.Birthday)
	if change.Birthday != nil {
		update.Where(person.BirthdayIn("", *change.Birthday))
	}
	n, err := update.Save(ctx)
	if err != nil {
		return nil, err
	}
	after, err := s.Store.Client(ctx).Person.Get(ctx, m.PersonID)
	switch {
	case err != nil:
		return nil, err
	case n == 1:
		return after, nil
	case after.State == enum.PersonErased:
		return nil, apperr.New(apperr.MemberCancelled)
	}
	return nil, apperr.New(apperr.BirthdayLocked).At("input", "birthday")
}

func (s *Service) checkProfile(ctx context.Context, p Profile) (Profile, error) {
	if p.Nickname != nil {
		nickname, err := text.Line(*p.Nickname, 1, maxNickname, "nickname")
		if err != nil {
			return p, err
		}
		p.Nickname = &nickname
	}
	if p.AvatarURL != nil && !validAvatar(*p.AvatarURL) {
		return p, apperr.Invalid("avatarUrl", "https://…, ≤ 512")
	}
	if p.Gender != nil && *p.Gender != "MALE" && *p.Gender != "FEMALE" {
		return p, apperr.Invalid("gender", "MALE, FEMALE")
	}
	if p.Birthday != nil {
		zone, err := s.Orgs.Zone(ctx)
		if err != nil {
			return p, err
		}
		day, err := time.ParseInLocation(time.DateOnly, *p.Birthday, zone)
		if err != nil || day.Year() < 1900 || day.After(s.Clock.Now()) {
			return p, apperr.Invalid("birthday", "1900-01-01 – "+s.Clock.Now().In(zone).Format(time.DateOnly))
		}
	}
	return p, nil
}

// validAvatar says whether the address is one that a client may load a picture from: https, a host, nothing before it.
func validAvatar(address string) bool {
	if len(address) > maxAvatarURL || strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r > '~' || r == '\\' }) {
		return false
	}
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "https" && u.Hostname() != "" && u.User == nil && u.Opaque == ""
}

// checkContent asks WeChat about a text in the name of the viewer, who is the person of its identity in the app it signed in to.
func (s *Service) checkContent(ctx context.Context, personID int64, text string) error {
	v := auth.FromContext(ctx)
	row, err := s.Store.Client(ctx).Identity.Query().Where(identity.PersonID(personID), identity.AppID(v.AppID), identity.OpenidSealedNotNil()).
		Order(ent.Desc(identity.FieldID)).First(ctx)
	if ent.IsNotFound(err) {
		return apperr.New(apperr.SignInAgain)
	}
	if err != nil {
		return err
	}
	openID, err := s.Keyring.Ring().Open(row.OpenidSealed, keys.AssociatedData("openid", v.BrandID))
	if err != nil {
		return err
	}
	app, err := s.Store.Client(ctx).App.Get(auth.WithinBrand(ctx), v.AppID)
	if err != nil {
		return err
	}
	credentials, err := domainidentity.Credentials(s.Keyring.Ring(), app)
	if err != nil {
		return err
	}
	verdict, err := s.WeChat.CheckText(ctx, credentials, string(openID), wechat.SceneProfile, text)
	if err != nil {
		return wechat.Refusal(err)
	}
	if verdict != wechat.Pass {
		return apperr.New(apperr.ContentRejected).At("input", "nickname")
	}
	return nil
}
