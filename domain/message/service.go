// Package message sends subscribe messages (订阅消息) of WeChat to those who allowed them. One accept of a person in a mini-program is one message.
//
// A permission is taken under guard in the transaction that writes the message to the outbox, so that no more are written than were allowed. WeChat has no
// idempotency key: a row is written when it has answered, so that a crash repeats a message sooner than it loses one.
package message

import (
	"context"
	"log/slog"

	"dongxiao/domain/org"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/internal/clock"
	"dongxiao/internal/store"
	"dongxiao/internal/wechat"
)

// Addressees know how WeChat calls people and apps (identity).
type Addressees interface {
	// OpenID is the person's in the app; SIGN_IN_AGAIN where there is none any more.
	OpenID(ctx context.Context, personID, appID int64) (string, error)
	// WeChatApp is what is needed to call WeChat in the app's name.
	WeChatApp(ctx context.Context, appID int64) (wechat.App, error)
}

// Sender is WeChat's side.
type Sender interface {
	SendSubscribeMessage(ctx context.Context, app wechat.App, message wechat.SubscribeMessage) error
}

// Subject is what messages of a topic are about (coupons).
type Subject interface {
	// Allowed looks for what the member would have had a message of, had it been allowed before, so that it gets one after all. It runs in the transaction that notes
	// the permission, before anything of that is locked.
	Allowed(ctx context.Context, memberID int64) error
}

// Options of New; all are needed.
type Options struct {
	Store      *store.Store
	Clock      clock.Clock
	Orgs       *org.Service
	Roots      *org.Roots
	Addressees Addressees
	WeChat     Sender
	Log        *slog.Logger
	// Subjects are by topic.
	Subjects map[enum.MessageTopic]Subject
}

// Service keeps permissions and settings, and sends.
type Service struct{ Options }

// New makes the service.
func New(o Options) *Service { return &Service{o} }

// Permission is how many messages of a topic the viewer allowed in an app.
type Permission struct {
	Topic enum.MessageTopic
	// TemplateID is WeChat's template to ask for; nil where the brand sends none there.
	TemplateID *string
	Remaining  int
}

// Settings are the brand's, with the version to name in a change.
type Settings struct {
	document.MessageSettings
	Version int
}
