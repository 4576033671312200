package org

import (
	"context"
	"sync"

	"dongxiao/auth"
	"dongxiao/ent/app"
	"dongxiao/ent/enum"
	"dongxiao/ent/org"
	"dongxiao/internal/store"
)

// Roots knows which org stands for a brand and which one an app belongs to. Neither ever changes, so each is read once in the life of a process; there are
// few of them, because both are registered by an operator. It is safe for concurrent use.
type Roots struct {
	store  *store.Store
	brands sync.Map // brand id → id of its root org
	apps   sync.Map // app id → id of its org
}

// NewRoots makes an empty Roots.
func NewRoots(s *store.Store) *Roots { return &Roots{store: s} }

// OfBrand is the id of the root org of the viewer's brand. Anybody may call it. A brand without a root is a not-found error.
func (r *Roots) OfBrand(ctx context.Context) (int64, error) {
	brandID := auth.FromContext(ctx).BrandID
	return remembered(&r.brands, brandID, func() (int64, error) {
		ctx := auth.WithinBrand(ctx)
		return r.store.Client(ctx).Org.Query().Where(org.KindEQ(enum.OrgBrand), org.ParentIDIsNil()).OnlyID(ctx)
	})
}

// OfApp is the id of the org that the viewer's app belongs to; the root org for a viewer without an app. Anybody may call it.
func (r *Roots) OfApp(ctx context.Context) (int64, error) {
	appID := auth.FromContext(ctx).AppID
	if appID == 0 {
		return r.OfBrand(ctx)
	}
	return remembered(&r.apps, appID, func() (int64, error) {
		ctx := auth.WithinBrand(ctx)
		row, err := r.store.Client(ctx).App.Query().Where(app.ID(appID)).Only(ctx)
		if err != nil {
			return 0, err
		}
		return row.OrgID, nil
	})
}

func remembered(known *sync.Map, id int64, read func() (int64, error)) (int64, error) {
	if found, ok := known.Load(id); ok {
		return found.(int64), nil
	}
	found, err := read()
	if err != nil {
		return 0, err
	}
	known.Store(id, found)
	return found, nil
}
