package audit

import (
	"context"
	"maps"
	"slices"
	"time"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/auditentry"
	"dongxiao/ent/document"
	"dongxiao/internal/cursor"
	"dongxiao/internal/ids"
	"dongxiao/internal/listing"
	"dongxiao/internal/store"
)

// List gives the entries of orgs at which the viewer holds READ_AUDIT, newest first, only about one subject where one is given. Codes:
// PAGE_SIZE_INVALID, CURSOR_INVALID.
func List(ctx context.Context, s *store.Store, cursors *cursor.Codec, subject *ids.ID, first *int, after *string) (*listing.Page[*ent.AuditEntry], error) {
	n, err := listing.Window(first, listing.Max)
	if err != nil {
		return nil, err
	}
	v := auth.FromContext(ctx)
	query := s.Client(ctx).AuditEntry.Query()
	about := ""
	if subject != nil {
		about = subject.String()
		query.Where(auditentry.Subject(about))
	}
	list := listing.Of(cursors, v.BrandID, "auditEntries", subject != nil, about)
	var at time.Time
	var id int64
	if some, err := list.After(after, &at, &id); err != nil {
		return nil, err
	} else if some {
		query.Where(auditentry.Or(auditentry.CreatedAtLT(at), auditentry.And(auditentry.CreatedAt(at), auditentry.IDLT(id))))
	}
	inScope, err := s.Scope(ctx, auditentry.FieldOrgID, v.OrgsWith(auth.ReadAudit), auth.ReadAudit.AtServedStores())
	if err != nil {
		return nil, err
	}
	rows, err := query.Where(inScope).Order(ent.Desc(auditentry.FieldCreatedAt, auditentry.FieldID)).Limit(n + 1).All(auth.WithinBrand(ctx))
	if err != nil {
		return nil, err
	}
	return listing.Cut(list, rows, n, func(e *ent.AuditEntry) []any { return []any{e.CreatedAt, e.ID} })
}

// FieldChange is one field of an entry, its values as JSON text; nil where there was or is none.
type FieldChange struct {
	Field         string
	Before, After *string
}

// Changes are the changed fields of an entry, by name.
func Changes(e *ent.AuditEntry) []FieldChange {
	names := document.Snapshot{}
	maps.Copy(names, e.Before)
	maps.Copy(names, e.After)
	var changes []FieldChange
	for _, name := range slices.Sorted(maps.Keys(names)) {
		c := FieldChange{Field: name}
		if before, ok := e.Before[name]; ok {
			c.Before = new(string(before))
		}
		if after, ok := e.After[name]; ok {
			c.After = new(string(after))
		}
		changes = append(changes, c)
	}
	return changes
}
