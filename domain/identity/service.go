// Package identity signs people in: WeChat identities, sessions, tokens, phones, consents, the console's QR code (登录).
package identity

import (
	"context"
	"log/slog"

	"github.com/redis/go-redis/v9"

	"dongxiao/auth"
	"dongxiao/internal/clock"
	"dongxiao/internal/keyring"
	"dongxiao/internal/store"
	"dongxiao/internal/wechat"
)

// Service signs people in.
type Service struct {
	Options
}

// Options of New.
type Options struct {
	Store   *store.Store
	Clock   clock.Clock
	Keyring *keyring.Keyring
	Redis   redis.UniversalClient
	WeChat  *wechat.Client
	// Issuer is the issuer of access tokens: the public URL of the installation.
	Issuer string
	Log    *slog.Logger
}

// New makes the service.
func New(o Options) *Service { return &Service{o} }

// PhoneBound says whether the viewer's person has a phone.
func (s *Service) PhoneBound(ctx context.Context) (bool, error) {
	p, err := s.Store.Client(ctx).Person.Get(ctx, auth.FromContext(ctx).PersonID)
	return err == nil && p.PhoneHash != nil, err
}
