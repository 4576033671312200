package message

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/ent/idempotencykey"
	"dongxiao/internal/apperr"
	"dongxiao/internal/store"
	"dongxiao/internal/wechat"
)

// sentOperation is the operation of the idempotency rows that keep a message from being sent twice; their actor is the person, their key the message.
const sentOperation = "subscribeMessage"

// Text is what a message says.
type Text struct {
	// Page is opened by a tap.
	Page string
	// Data has the values by the template's keys.
	Data map[string]string
}

// Send sends a message of the outbox to a person in an app, at least once: it is marked as sent when WeChat has answered, and not sent again then. Only a crash between the answer and the mark, an
// answer that was lost, or a handler that outlives its lease makes a second one of it, and no more of those than the person allowed, since WeChat counts. What WeChat
// refuses for good is final, and no error: nobody subscribed any more (the permission is emptied), the person is gone, the template or a value is wrong (logged as an
// error, for people to look at). Where the brand sends none in the app any more, the permission is given back. Any other error comes back, to be tried later. It is for handlers
// of the outbox, which run within the brand, one for each person at a time.
func (s *Service) Send(ctx context.Context, messageID, personID, appID int64, topic enum.MessageTopic, compose func(document.MessageTemplate) Text) error {
	settings, err := s.Settings(ctx)
	if err != nil {
		return err
	}
	template, ok := templateIn(settings.MessageSettings, appID)
	if !ok {
		return s.Unsent(ctx, messageID, personID, appID, topic)
	}
	openID, err := s.Addressees.OpenID(ctx, personID, appID)
	if apperr.CodeOf(err) == apperr.SignInAgain { // erased since
		return nil
	}
	if err != nil {
		return err
	}
	to, err := s.Addressees.WeChatApp(ctx, appID)
	if err != nil {
		return err
	}
	sent, err := s.Store.Client(ctx).IdempotencyKey.Query().Where(idempotencykey.ActorID(personID), idempotencykey.Operation(sentOperation),
		idempotencykey.Key(strconv.FormatInt(messageID, 10))).Exist(ctx)
	if err != nil || sent {
		return err
	}
	text := compose(template)
	err = s.WeChat.SendSubscribeMessage(ctx, to, wechat.SubscribeMessage{OpenID: openID, TemplateID: template.TemplateID, Page: text.Page, Data: text.Data})
	ctx = context.WithoutCancel(ctx) // what WeChat has answered is written down
	refusal, refused := errors.AsType[*wechat.Error](err)
	switch {
	case err == nil:
	case wechat.HasCode(err, wechat.CodeNotSubscribed):
		if err := s.forget(ctx, personID, appID, topic); err != nil {
			return err
		}
	case refused && final[refusal.ErrCode]:
		s.Log.ErrorContext(ctx, "WeChat refuses a message for good", "message", messageID, "app", appID, "errcode", refusal.ErrCode)
	default:
		return fmt.Errorf("send a subscribe message: %w", err)
	}
	if err := s.mark(ctx, messageID, personID); !marked(err) {
		return err
	}
	return nil
}

// mark notes that nothing more is to be done about a message; a duplicate where that was noted before (marked).
func (s *Service) mark(ctx context.Context, messageID, personID int64) error {
	return s.Store.Client(ctx).IdempotencyKey.Create().SetActorID(personID).SetOperation(sentOperation).SetKey(strconv.FormatInt(messageID, 10)).SetInputHash("").
		SetResultID(messageID).Exec(ctx)
}

// marked says of an answer of mark that the message is marked, now or before.
func marked(err error) bool {
	return err == nil || store.IsDuplicate(err, idempotencykey.Table, "actor_id", "operation", "key")
}

// final are the codes after which a message is not sent again, besides 43101: the openid, the template, arguments, a word or a value will be wrong the next time too.
var final = map[int]bool{40003: true, 40037: true, 40097: true, 45168: true, wechat.CodeSubscriptionBanned: true, wechat.CodeDataInvalid: true}

// Unsent gives back, once, the permission of a message that need not be sent any more.
func (s *Service) Unsent(ctx context.Context, messageID, personID, appID int64, topic enum.MessageTopic) error {
	err := s.Store.WithTx(ctx, func(ctx context.Context) error {
		if err := s.mark(ctx, messageID, personID); err != nil {
			return err
		}
		return s.GiveBack(ctx, personID, appID, topic)
	})
	if marked(err) {
		return nil
	}
	return err
}
