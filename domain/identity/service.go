// Package identity signs people in: WeChat identities, sessions, tokens, phones, consents, the console's QR code (登录).
//
// Lock order within a transaction: the claim on a unionid or the idempotency key, then persons, identities, members, sessions. Whoever changes two
// persons (a phone that joins them) takes the one with the smaller id first.
package identity

import (
	"context"
	"log/slog"

	"github.com/maypok86/otter/v2"
	"github.com/redis/go-redis/v9"

	"dongxiao/auth"
	"dongxiao/internal/clock"
	"dongxiao/internal/cursor"
	"dongxiao/internal/keyring"
	"dongxiao/internal/keys"
	"dongxiao/internal/store"
	"dongxiao/internal/wechat"
)

// Eraser removes the personal data of a person and keeps the books (注销). It may be called again for a person who is erased.
type Eraser interface {
	Erase(ctx context.Context, personID int64) error
}

// Service signs people in.
type Service struct {
	Options
	issuer    *auth.Issuer
	verifier  *auth.Verifier
	apps      *otter.Cache[string, *App]
	standings *otter.Cache[standingKey, standing]
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
	// Eraser carries out what WeChat's cancellation pushes oblige to.
	Eraser Eraser
}

// New makes the service.
func New(o Options) *Service {
	s := &Service{Options: o, apps: newAppCache(), standings: newStandingCache()}
	s.issuer = auth.NewIssuer(o.Issuer, o.Keyring.Ring, o.Clock.Now)
	s.verifier = auth.NewVerifier(o.Issuer, o.Keyring.Ring, s.registered, o.Clock.Now)
	return s
}

func (s *Service) ring() *keys.Ring { return s.Keyring.Ring() }

// cursors makes the codec anew for each list, because its keys rotate.
func (s *Service) cursors() *cursor.Codec { return cursor.New(s.ring().Secrets(keys.Cursor, 0)) }

// PhoneBound says whether the viewer's person has a phone.
func (s *Service) PhoneBound(ctx context.Context) (bool, error) {
	p, err := s.Store.Client(ctx).Person.Get(ctx, auth.FromContext(ctx).PersonID)
	return err == nil && p.PhoneHash != nil, err
}
