// Package staff keeps roles of persons at orgs and the invitations to them (店员).
package staff

import (
	"dongxiao/internal/clock"
	"dongxiao/internal/keyring"
	"dongxiao/internal/store"
)

// Service keeps staff.
type Service struct {
	store   *store.Store
	clock   clock.Clock
	keyring *keyring.Keyring
}

// New makes the service.
func New(s *store.Store, c clock.Clock, k *keyring.Keyring) *Service {
	return &Service{store: s, clock: c, keyring: k}
}
