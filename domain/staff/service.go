// Package staff keeps roles of persons at orgs and the invitations to them (店员).
package staff

import (
	"dongxiao/domain/org"
	"dongxiao/internal/clock"
	"dongxiao/internal/cursor"
	"dongxiao/internal/keyring"
	"dongxiao/internal/store"
)

// Service keeps staff.
type Service struct {
	store   *store.Store
	clock   clock.Clock
	keyring *keyring.Keyring
	orgs    *org.Service
	cursors func() *cursor.Codec
}

// New makes the service. The codec of cursors is asked for anew for each list, because its keys rotate.
func New(s *store.Store, c clock.Clock, k *keyring.Keyring, orgs *org.Service, cursors func() *cursor.Codec) *Service {
	return &Service{store: s, clock: c, keyring: k, orgs: orgs, cursors: cursors}
}
