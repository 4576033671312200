package org

import (
	"dongxiao/internal/clock"
	"dongxiao/internal/cursor"
	"dongxiao/internal/store"
)

// Service keeps the org tree.
type Service struct {
	store   *store.Store
	clock   clock.Clock
	cursors func() *cursor.Codec
	reaches reaches
	brands  brands
}

// New makes the service. The codec of cursors is asked for anew for each list, because its keys rotate.
func New(s *store.Store, c clock.Clock, cursors func() *cursor.Codec) *Service {
	return &Service{store: s, clock: c, cursors: cursors, reaches: newReaches()}
}
