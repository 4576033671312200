package org

import (
	"dongxiao/internal/clock"
	"dongxiao/internal/store"
)

// Service keeps the org tree.
type Service struct {
	store *store.Store
	clock clock.Clock
}

// New makes the service.
func New(s *store.Store, c clock.Clock) *Service { return &Service{store: s, clock: c} }
