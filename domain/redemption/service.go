package redemption

import (
	"dongxiao/internal/clock"
	"dongxiao/internal/keyring"
	"dongxiao/internal/pubsub"
	"dongxiao/internal/store"
)

// Service hands out benefits.
type Service struct {
	store   *store.Store
	clock   clock.Clock
	keyring *keyring.Keyring
	broker  *pubsub.Broker
}

// New makes the service.
func New(s *store.Store, c clock.Clock, k *keyring.Keyring, b *pubsub.Broker) *Service {
	return &Service{store: s, clock: c, keyring: k, broker: b}
}
