package org

import (
	"context"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/brand"
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
	zones   zones
}

// New makes the service. The codec of cursors is asked for anew for each list, because its keys rotate.
func New(s *store.Store, c clock.Clock, cursors func() *cursor.Codec) *Service {
	return &Service{store: s, clock: c, cursors: cursors, reaches: newReaches()}
}

// Brand is the viewer's brand; a viewer without one gets NOT_FOUND.
func (s *Service) Brand(ctx context.Context) (*ent.Brand, error) {
	return s.store.Client(ctx).Brand.Query().Where(brand.ID(auth.FromContext(ctx).BrandID)).Only(ctx)
}
