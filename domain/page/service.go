// Package page keeps the decorated pages of storefronts (装修).
package page

import (
	"context"

	"dongxiao/auth"
	"dongxiao/domain/audit"
	"dongxiao/domain/org"
	"dongxiao/ent"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/ent/page"
	"dongxiao/internal/apperr"
	"dongxiao/internal/ids"
	"dongxiao/internal/store"
)

// Service keeps pages.
type Service struct {
	store *store.Store
	orgs  *org.Service
	roots *org.Roots
}

// New makes the service.
func New(s *store.Store, orgs *org.Service, roots *org.Roots) *Service {
	return &Service{store: s, orgs: orgs, roots: roots}
}

// Page is the published page of the name: that of the org which the viewer's app belongs to, such as a region, otherwise the brand's own. Every viewer
// of the brand may call it. It is one statement. Codes: NOT_FOUND.
func (s *Service) Page(ctx context.Context, slug string) (*ent.Page, error) {
	if !slugPattern.MatchString(slug) {
		return nil, apperr.New(apperr.NotFound)
	}
	root, err := s.roots.OfBrand(ctx)
	if err != nil {
		return nil, err
	}
	own, err := s.roots.OfApp(ctx)
	if err != nil {
		return nil, err
	}
	pages, err := s.store.Client(ctx).Page.Query().Where(page.OrgIDIn(root, own), page.Slug(slug), page.StateEQ(enum.PagePublished)).All(ctx)
	if err != nil {
		return nil, err
	}
	if len(pages) == 0 {
		return nil, apperr.New(apperr.NotFound)
	}
	if len(pages) > 1 && pages[1].OrgID == own {
		return pages[1], nil
	}
	return pages[0], nil
}

// Change is a page as a marketer writes it.
type Change struct {
	OrgID  int64
	Slug   string
	Title  string
	Blocks []document.Block
	State  enum.PageState
	// Version is the one that the change was made on; 0 for a new page.
	Version int
}

// Save writes a page and its audit entry in one transaction. The viewer must hold WRITE_PAGES at the org. Of several changes made on the same version
// one is kept. Codes: NOT_FOUND for an org or a page that is not there or not the viewer's, INVALID_INPUT, CONFLICT where the page has another version.
func (s *Service) Save(ctx context.Context, c Change) (*ent.Page, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	if err := s.orgs.Require(ctx, auth.WritePages, c.OrgID); err != nil {
		return nil, err
	}
	ctx = auth.WithinBrand(ctx)
	var saved *ent.Page
	err := s.store.WithTx(ctx, func(ctx context.Context) (err error) {
		var before map[string]any
		if c.Version == 0 {
			saved, err = s.create(ctx, c)
		} else {
			saved, before, err = s.update(ctx, c)
		}
		if err != nil {
			return err
		}
		return audit.Record(ctx, s.store, audit.Change{OrgID: c.OrgID, Action: "pageSave", Subject: ids.ID{Kind: ids.Page, Value: saved.ID},
			Before: before, After: snapshot(saved)})
	})
	if err != nil {
		return nil, err
	}
	return saved, nil
}

func (s *Service) create(ctx context.Context, c Change) (*ent.Page, error) {
	row, err := s.store.Client(ctx).Page.Create().SetOrgID(c.OrgID).SetSlug(c.Slug).SetTitle(c.Title).SetBlocks(c.Blocks).SetState(c.State).Save(ctx)
	if store.IsDuplicate(err, page.Table, page.FieldOrgID, page.FieldSlug) {
		return nil, apperr.New(apperr.Conflict)
	}
	return row, err
}

// update changes the page where it still has the version. The row read first is what was changed if it has that version too, since every change
// raises it.
func (s *Service) update(ctx context.Context, c Change) (saved *ent.Page, before map[string]any, err error) {
	old, err := s.store.Client(ctx).Page.Query().Where(page.OrgID(c.OrgID), page.Slug(c.Slug)).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, nil, apperr.New(apperr.NotFound)
	}
	if err != nil {
		return nil, nil, err
	}
	changed, err := s.store.Client(ctx).Page.Update().Where(page.ID(old.ID), page.Version(c.Version)).
		SetTitle(c.Title).SetBlocks(c.Blocks).SetState(c.State).SetVersion(c.Version + 1).Save(ctx)
	if err != nil {
		return nil, nil, err
	}
	if changed == 0 || old.Version != c.Version {
		return nil, nil, apperr.New(apperr.Conflict)
	}
	before = snapshot(old)
	old.Title, old.Blocks, old.State, old.Version = c.Title, c.Blocks, c.State, c.Version+1
	return old, before, nil
}

// snapshot is what the audit log keeps of a page.
func snapshot(p *ent.Page) map[string]any {
	return map[string]any{"slug": p.Slug, "title": p.Title, "state": p.State, "version": p.Version, "blocks": p.Blocks}
}
