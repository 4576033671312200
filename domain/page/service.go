// Package page keeps the decorated pages of storefronts (装修).
package page

import "dongxiao/internal/store"

// Service keeps pages.
type Service struct {
	store *store.Store
}

// New makes the service.
func New(s *store.Store) *Service { return &Service{store: s} }
