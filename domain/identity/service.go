// Package identity signs people in: WeChat identities, sessions, tokens, phones, consents, the console's QR code (登录).
//
// Lock order within a transaction: the claim on a unionid or the idempotency key, then the person, then its identities, member and sessions. Where a phone
// joins two persons, the one who has the phone comes first; the other never has one, so that no two joins wait for each other.
package identity

import (
	"context"
	"log/slog"

	"github.com/redis/go-redis/v9"

	"dongxiao/auth"
	"dongxiao/ent/enum"
	"dongxiao/internal/clock"
	"dongxiao/internal/cursor"
	"dongxiao/internal/keyring"
	"dongxiao/internal/keys"
	"dongxiao/internal/memory"
	"dongxiao/internal/store"
	"dongxiao/internal/wechat"
)

// Members is what signing in needs of the memberships, in its own transactions.
type Members interface {
	// Touch notes how a member came; the numbers of store and guide may be 0 or wrong.
	Touch(ctx context.Context, memberID int64, channel enum.AttributionChannel, storeID, guideID int64) error
	// Erase removes the personal data of a person and keeps the books (注销); for a person who is erased it does nothing.
	Erase(ctx context.Context, personID int64) error
}

// Coupons is what binding a phone needs of the coupons, within the brand.
type Coupons interface {
	// Has says whether the member has or ever had a coupon.
	Has(ctx context.Context, memberID int64) (bool, error)
	// Announce has the coupons of an event given after the transaction; an empty path means the member's home store's.
	Announce(ctx context.Context, event enum.CouponEvent, memberID int64, orgPath, key string) error
	Counting
}

// Counting is what has limits per human.
type Counting interface {
	// JoinSubjects counts what the member got under one subject of limits per person under another; CONFLICT asks to run the transaction again.
	JoinSubjects(ctx context.Context, memberID, from, to int64) error
}

// Service signs people in.
type Service struct {
	Options
	issuer    *auth.Issuer
	verifier  *auth.Verifier
	apps      *memory.Cache[string, *App]
	standings *memory.Cache[standingKey, standing]
	counting  []Counting
}

// OnJoin has one more domain's limits per human joined when two subjects turn out to be one; before the server serves.
func (s *Service) OnJoin(c Counting) { s.counting = append(s.counting, c) }

// Options of New.
type Options struct {
	Store   *store.Store
	Clock   clock.Clock
	Keyring *keyring.Keyring
	Redis   redis.UniversalClient
	WeChat  *wechat.Client
	// Issuer is the issuer of access tokens: the public URL of the installation.
	Issuer  string
	Log     *slog.Logger
	Members Members
	Coupons Coupons
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

// PhoneBound says whether the viewer's person has a phone. Yes may be a second old; no is asked of the database, because a phone is bound only to go on.
func (s *Service) PhoneBound(ctx context.Context) (bool, error) {
	if st, err := s.standingOf(ctx, auth.FromContext(ctx)); err == nil && st.phoneBound {
		return true, nil
	}
	p, err := s.Store.Client(ctx).Person.Get(ctx, auth.FromContext(ctx).PersonID)
	return err == nil && p.PhoneHash != nil, err
}
