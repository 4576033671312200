// Package audit keeps the log of what staff and administrators changed: who, what, before, after, why.
package audit

import (
	"context"
	"encoding/json"
	"fmt"

	"dongxiao/auth"
	"dongxiao/ent/document"
	"dongxiao/internal/ids"
	"dongxiao/internal/observe"
	"dongxiao/internal/store"
)

// Change is one change to be written down.
type Change struct {
	// OrgID is the org in whose scope it happened.
	OrgID int64
	// Action is the name of the mutation or command.
	Action string
	// Subject is what was changed.
	Subject ids.ID
	// Before and After are the changed fields, without personal data; either may be nil.
	Before, After map[string]any
	// Reason is why, in the words of who did it.
	Reason string
}

// Record writes the change down in the transaction of ctx, so that there is no change without its entry.
func Record(ctx context.Context, s *store.Store, c Change) error {
	before, err := snapshot(c.Before)
	if err != nil {
		return err
	}
	after, err := snapshot(c.After)
	if err != nil {
		return err
	}
	v := auth.FromContext(ctx)
	return s.Client(ctx).AuditEntry.Create().SetOrgID(c.OrgID).SetPersonID(v.PersonID).SetAction(c.Action).SetSubject(c.Subject.String()).
		SetBefore(before).SetAfter(after).SetReason(c.Reason).SetRequestID(observe.RequestID(ctx)).Exec(ctx)
}

func snapshot(fields map[string]any) (document.Snapshot, error) {
	if fields == nil {
		return nil, nil
	}
	s := make(document.Snapshot, len(fields))
	for name, value := range fields {
		b, err := json.Marshal(value)
		if err != nil {
			return nil, fmt.Errorf("audit %s: %w", name, err)
		}
		s[name] = b
	}
	return s, nil
}
