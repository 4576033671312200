package org

import (
	"context"
	"strings"

	"entgo.io/ent/dialect/sql"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/org"
	"dongxiao/ent/predicate"
	"dongxiao/internal/apperr"
	"dongxiao/internal/listing"
	"dongxiao/internal/text"
)

// Filter narrows a list of orgs; nil does not.
type Filter struct {
	Kind *enum.OrgKind
	// BelowID is an org whose subtree is meant, itself left out.
	BelowID *int64
	// Search is what the name or the code begins with, 1 to 64 characters, letters large or small.
	Search *string
}

// literal takes the meaning from what LIKE would read as patterns.
var literal = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

// beginsWith finds a text by its beginning, letters large or small, whatever the database's own comparison does.
func beginsWith(column, begins string) predicate.Org {
	return func(s *sql.Selector) {
		s.Where(sql.P(func(b *sql.Builder) {
			b.WriteString("LOWER(").Ident(s.C(column)).WriteString(") LIKE LOWER(").Arg(literal.Replace(begins) + "%").WriteString(") ESCAPE '!'")
		}))
	}
}

// List gives the orgs in the scope in which the viewer holds READ_ORGS, by code. Codes: NOT_FOUND for a BelowID outside the scope,
// INVALID_INPUT, PAGE_SIZE_INVALID, CURSOR_INVALID.
func (s *Service) List(ctx context.Context, f Filter, first *int, after *string) (*listing.Page[*ent.Org], error) {
	n, err := listing.Window(first, listing.Max)
	if err != nil {
		return nil, err
	}
	filters := make([]any, 3)
	query := s.store.Client(ctx).Org.Query()
	if f.Kind != nil {
		filters[0] = *f.Kind
		query.Where(org.KindEQ(*f.Kind))
	}
	if f.BelowID != nil {
		if err := s.Require(ctx, auth.ReadOrgs, *f.BelowID); err != nil {
			return nil, err
		}
		above, err := s.store.Client(ctx).Org.Get(auth.WithinBrand(ctx), *f.BelowID)
		if err != nil {
			return nil, err
		}
		filters[1] = *f.BelowID
		query.Where(org.PathHasPrefix(above.Path), org.IDNEQ(above.ID))
	}
	if f.Search != nil {
		begins, err := text.Line(*f.Search, 1, 64, "search")
		if err != nil {
			return nil, apperr.New(apperr.InvalidInput, "field", "search", "reason", "1–64").At("search")
		}
		filters[2] = begins
		query.Where(org.Or(beginsWith(org.FieldName, begins), beginsWith(org.FieldCode, begins)))
	}
	list := listing.Of(s.cursors(), auth.FromContext(ctx).BrandID, "orgs", filters...)
	var last string
	if some, err := list.After(after, &last); err != nil {
		return nil, err
	} else if some {
		query.Where(org.CodeGT(last))
	}
	inScope, err := s.Scope(ctx, auth.ReadOrgs, org.FieldID)
	if err != nil {
		return nil, err
	}
	rows, err := query.Where(inScope).Order(org.ByCode()).Limit(n + 1).All(auth.WithinBrand(ctx))
	if err != nil {
		return nil, err
	}
	return listing.Cut(list, rows, n, func(o *ent.Org) []any { return []any{o.Code} })
}
