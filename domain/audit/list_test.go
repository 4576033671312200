package audit_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/audit"
	"dongxiao/ent"
	"dongxiao/internal/apperr"
	"dongxiao/internal/cursor"
	"dongxiao/internal/ids"
	"dongxiao/internal/keys"
	"dongxiao/internal/testkit"
)

func TestList(t *testing.T) {
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		codec := cursor.New(w.Keyring.Ring().Secrets(keys.Cursor, 0))
		_, admin := w.NewStaff(t, auth.Console, w.Root, auth.Admin)
		_, finance := w.NewStaff(t, auth.Console, w.Region, auth.Finance)
		_, marketer := w.NewStaff(t, auth.Console, w.Root, auth.Marketer)
		_, owner := w.NewStaff(t, auth.Portal, w.Store1, auth.Owner)
		within := auth.WithinBrand(testkit.As(t, admin))
		for i, o := range []*ent.Org{w.Root, w.Region, w.Store1, w.Store2, w.Distributor} {
			for range i + 1 {
				require.NoError(t, audit.Record(within, w.Store, audit.Change{OrgID: o.ID, Action: "orgUpdate", Subject: o.NodeID(), Reason: "试",
					Before: map[string]any{"name": "a", "state": "ACTIVE"}, After: map[string]any{"name": "b", "city": "昆明"}}))
			}
		}
		list := func(v auth.Viewer, subject *ids.ID) (all []*ent.AuditEntry) {
			t.Helper()
			for after := (*string)(nil); ; {
				page, err := audit.List(testkit.As(t, v), w.Store, codec, subject, new(2), after)
				require.NoError(t, err)
				all = append(all, page.Nodes...)
				if !page.HasNext {
					return all
				}
				after = &page.EndCursor
			}
		}
		require.Len(t, list(admin, nil), 15)
		require.Len(t, list(finance, nil), 9, "the region and its stores")
		require.Len(t, list(owner, nil), 3)
		require.Empty(t, list(marketer, nil), "without the capability")
		seen := map[int64]bool{}
		for i, e := range list(admin, nil) {
			require.False(t, seen[e.ID])
			seen[e.ID] = true
			require.True(t, i == 0 || !e.CreatedAt.After(list(admin, nil)[i-1].CreatedAt))
		}
		require.Len(t, list(admin, new(w.Store2.NodeID())), 4)
		require.Empty(t, list(owner, new(w.Store2.NodeID())))
		require.Empty(t, list(admin, &ids.ID{}), "a malformed id is about nothing")

		_, err := audit.List(testkit.As(t, admin), w.Store, codec, nil, new(101), nil)
		require.Equal(t, apperr.PageSizeInvalid, apperr.CodeOf(err))
		page, err := audit.List(testkit.As(t, admin), w.Store, codec, nil, new(1), nil)
		require.NoError(t, err)
		_, err = audit.List(testkit.As(t, admin), w.Store, codec, new(w.Root.NodeID()), new(1), &page.EndCursor)
		require.Equal(t, apperr.CursorInvalid, apperr.CodeOf(err))

		changes := audit.Changes(page.Nodes[0])
		require.Equal(t, []audit.FieldChange{{"city", nil, new(`"昆明"`)}, {"name", new(`"a"`), new(`"b"`)}, {"state", new(`"ACTIVE"`), nil}}, changes)
		require.Empty(t, audit.Changes(&ent.AuditEntry{}))
		require.Error(t, audit.Record(context.Background(), w.Store, audit.Change{OrgID: w.Root.ID}), "nobody writes")
	})
}
