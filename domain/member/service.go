// Package member keeps memberships: profile, attribution, tags, levels, the copy of one's data and its erasure (会员).
package member

import (
	"dongxiao/internal/clock"
	"dongxiao/internal/keyring"
	"dongxiao/internal/store"
	"dongxiao/internal/wechat"
)

// Service keeps memberships.
type Service struct {
	store   *store.Store
	clock   clock.Clock
	keyring *keyring.Keyring
	wechat  *wechat.Client
}

// New makes the service.
func New(s *store.Store, c clock.Clock, k *keyring.Keyring, w *wechat.Client) *Service {
	return &Service{store: s, clock: c, keyring: k, wechat: w}
}
