package catalog

import "dongxiao/internal/store"

// Service reads the catalog.
type Service struct {
	store *store.Store
}

// New makes the service.
func New(s *store.Store) *Service { return &Service{store: s} }
