package identity

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/identity"
	"dongxiao/ent/member"
	"dongxiao/ent/person"
	"dongxiao/internal/apperr"
	"dongxiao/internal/idempotency"
	"dongxiao/internal/keys"
	"dongxiao/internal/wechat"
)

// ErrPushRefused says that a push is not WeChat's, or for no app of ours. To the sender the reasons look the same.
var ErrPushRefused = errors.New("the push is refused")

const (
	pushOperation = "wechatPush"
	// revokedByWeChat is the version in the row of a consent that was withdrawn in WeChat's own settings.
	revokedByWeChat = "wechat"
	// pushLag is how much our clock may be behind WeChat's when both tell of one visit.
	pushLag = time.Minute
)

// CheckPushURL answers WeChat's check of the push address of an app, whoever asks: nil means that echostr may be sent back. The error wraps
// ErrPushRefused.
func (s *Service) CheckPushURL(ctx context.Context, wechatAppID, signature, timestamp, nonce, echo string) error {
	_, config, err := s.pushConfig(ctx, wechatAppID)
	if err != nil {
		return err
	}
	if err := wechat.VerifyURL(config.Token, signature, timestamp, nonce, echo); err != nil {
		return fmt.Errorf("%w: %w", ErrPushRefused, err)
	}
	return nil
}

// Push verifies and carries out what WeChat pushed to an app, whoever sends it. A cancelled authorisation erases the person; a revoked one
// empties what was given with it: the phone, the name, the picture, the consent to the location. Each push is carried out once, in one transaction with the
// note of it; what concerns nobody known is done already. An error that wraps ErrPushRefused is for the sender; any other is a fault of ours, after which
// WeChat must send the push again.
func (s *Service) Push(ctx context.Context, wechatAppID string, query url.Values, body []byte) error {
	a, config, err := s.pushConfig(ctx, wechatAppID)
	if err != nil {
		return err
	}
	push, err := wechat.DecryptPush(config, query, body, s.Clock.Now())
	if err != nil {
		return fmt.Errorf("%w: %w", ErrPushRefused, err)
	}
	ctx = auth.System(ctx, a.BrandID)
	switch event := push.Event.(type) {
	case wechat.AuthorizationCancelled:
		err := s.pushed(ctx, a, push, event.OpenID, nil, func(ctx context.Context, personID int64) error { return s.Members.Erase(ctx, personID) })
		if apperr.CodeOf(err) == apperr.WalletNotEmpty {
			// WeChat can change nothing about it: the member stays until the value is spent or paid back, and leaves by hand then.
			s.Log.WarnContext(ctx, "WeChat took an authorisation back, but the member has stored value left", "app", a.WechatAppID)
			return nil
		}
		return err
	case wechat.AuthorizationRevoked:
		return s.pushed(ctx, a, push, event.OpenID, event.Items, func(ctx context.Context, personID int64) error {
			return s.withdraw(ctx, a, personID, event.Items)
		})
	case wechat.UnknownEvent:
		s.Log.InfoContext(ctx, "WeChat pushed something that nobody waits for", "app", a.WechatAppID, "type", event.MessageType, "event", event.Name)
	}
	return nil
}

func (s *Service) pushConfig(ctx context.Context, wechatAppID string) (*App, wechat.PushConfig, error) {
	a, err := s.AppByWeChatID(ctx, wechatAppID)
	if apperr.CodeOf(err) == apperr.AppUnknown {
		return nil, wechat.PushConfig{}, fmt.Errorf("%w: %w", ErrPushRefused, err)
	}
	if err != nil {
		return nil, wechat.PushConfig{}, err
	}
	config := wechat.PushConfig{AppID: a.WechatAppID, Token: a.PushToken}
	if len(a.PushKeySealed) > 0 {
		key, err := s.ring().Open(a.PushKeySealed, keys.AssociatedData("push_key", a.BrandID))
		if err != nil {
			return nil, wechat.PushConfig{}, fmt.Errorf("open the push key of app %s: %w", a.WechatAppID, err)
		}
		config.EncodingAESKey = string(key)
	}
	if err := config.Validate(); err != nil {
		return nil, wechat.PushConfig{}, fmt.Errorf("%w: %w", ErrPushRefused, err)
	}
	return a, config, nil
}

// pushed carries a push out once. It concerns the identity that the openid had when WeChat sent it, not one that came after.
func (s *Service) pushed(ctx context.Context, a *App, push wechat.Push, openID string, items []wechat.RevokedItem, act func(context.Context, int64) error) error {
	key, err := idempotency.Hash([]any{a.ID, push.CreatedAt, openID, items, fmt.Sprintf("%T", push.Event)})
	if err != nil {
		return err
	}
	_, _, err = idempotency.Do(ctx, s.Store, idempotency.Call{Operation: pushOperation, Key: key}, func(ctx context.Context) (int64, error) {
		known, err := s.Store.Client(ctx).Identity.Query().Where(identity.AppID(a.ID), identity.OpenidHash(s.ring().Hash("openid", a.BrandID, openID))).Only(ctx)
		if ent.IsNotFound(err) || err == nil && known.CreatedAt.After(push.CreatedAt.Add(pushLag)) {
			return a.ID, nil // it concerned nobody
		}
		if err != nil {
			return 0, err
		}
		s.Log.InfoContext(ctx, "WeChat pushed a change of an authorisation", "app", a.WechatAppID, "person", known.PersonID, "event", fmt.Sprintf("%T", push.Event))
		return known.PersonID, act(ctx, known.PersonID)
	})
	return err
}

// withdraw empties what was obtained with the consents that were taken back. A member without a phone is a visitor again; the phone's hash outlives it,
// so that limits per person go on when it is bound anew.
func (s *Service) withdraw(ctx context.Context, a *App, personID int64, items []wechat.RevokedItem) error {
	client := s.Store.Client(ctx)
	revoked := func(some ...wechat.RevokedItem) bool {
		return slices.ContainsFunc(some, func(item wechat.RevokedItem) bool { return slices.Contains(items, item) })
	}
	p, err := client.Person.Get(ctx, personID)
	if err != nil {
		return err
	}
	update := client.Person.Update().Where(person.ID(personID), person.StateNEQ(enum.PersonErased))
	if revoked(wechat.RevokedNicknameAndAvatar, wechat.RevokedNickname) {
		update.SetNickname("")
	}
	if revoked(wechat.RevokedNicknameAndAvatar, wechat.RevokedAvatar) {
		update.SetAvatarURL("")
	}
	phone := revoked(wechat.RevokedPhone) && p.PhoneHash != nil
	if phone {
		update.SetFormerPhoneHash(*p.PhoneHash).ClearPhoneSealed().ClearPhoneHash().ClearPhoneTail()
	}
	if len(update.Mutation().Fields())+len(update.Mutation().ClearedFields()) > 0 {
		if err := update.Exec(ctx); err != nil {
			return err
		}
	}
	if phone { // after the person's row, as everywhere
		if err := client.Member.Update().Where(member.PersonID(personID), member.StateEQ(enum.MemberRegistered)).SetState(enum.MemberVisitor).Exec(ctx); err != nil {
			return err
		}
	}
	if revoked(wechat.RevokedLocation, wechat.RevokedChosenLocation) {
		return client.Consent.Create().SetPersonID(personID).SetKind(enum.ConsentLocation).SetVersion(revokedByWeChat).SetGranted(false).SetAppID(a.ID).Exec(ctx)
	}
	return nil
}

// SealPushKey seals the EncodingAESKey of message push for the row of an app of the brand.
func SealPushKey(r *keys.Ring, brandID int64, key string) []byte {
	return r.Seal([]byte(key), keys.AssociatedData("push_key", brandID))
}
