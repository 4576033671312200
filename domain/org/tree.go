package org

import (
	"context"
	"reflect"

	"dongxiao/auth"
	"dongxiao/domain/audit"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/org"
	"dongxiao/internal/apperr"
	"dongxiao/internal/idempotency"
	"dongxiao/internal/ids"
	"dongxiao/internal/store"
	"dongxiao/internal/text"
)

// maxPath is the length of the longest path that the column keeps: about eighteen levels.
const maxPath = 255

// CreateInput is what Create needs.
type CreateInput struct {
	ParentID int64
	Kind     enum.OrgKind
	Code     string
	Name     string
	// Store has the details of a store; nil for other kinds.
	Store          *Details
	IdempotencyKey string `json:"-"`
}

// places says below which kinds an org of each kind may be put. The brand's own org comes with the brand.
var places = map[enum.OrgKind][2]enum.OrgKind{
	enum.OrgRegion:      {enum.OrgBrand, enum.OrgRegion},
	enum.OrgDistributor: {enum.OrgBrand, enum.OrgRegion},
	enum.OrgStore:       {enum.OrgBrand, enum.OrgRegion},
}

// Create adds a node below another one, for viewers with WRITE_ORGS there. The row and its audit entry are written together; a repeat with the
// same key gets the same org. Codes: NOT_FOUND, INVALID_INPUT, COORDINATE_OUT_OF_RANGE, ORG_KIND_INVALID (of the two kinds, or the parent is
// closed), ORG_CODE_TAKEN, IDEMPOTENCY_KEY_INVALID, IDEMPOTENCY_KEY_REUSED.
func (s *Service) Create(ctx context.Context, in CreateInput) (*ent.Org, error) {
	var err error
	var d details
	if in.Name, err = text.Line(in.Name, 1, 64, "name"); err != nil {
		return nil, err
	}
	switch {
	case !codeForm.MatchString(in.Code):
		return nil, apperr.Invalid("code", "0–9 A–Z a–z . _ / -, ≤ 32")
	case (in.Kind == enum.OrgStore) != (in.Store != nil):
		return nil, apperr.Invalid("store", string(in.Kind))
	case in.Store != nil:
		if d, err = in.Store.checked(); err != nil {
			return nil, err
		}
	}
	if err := s.Require(ctx, auth.WriteOrgs, in.ParentID); err != nil {
		return nil, apperr.OfInput(err, "parentId")
	}
	ctx = auth.WithinBrand(ctx)
	call := idempotency.Call{ActorID: auth.FromContext(ctx).PersonID, Operation: "orgCreate", Key: in.IdempotencyKey, Input: in}
	id, _, err := idempotency.Do(ctx, s.store, call, func(ctx context.Context) (int64, error) {
		client := s.store.Client(ctx)
		// Written to where it stands, the parent stays as it is until the commit.
		open, err := client.Org.Update().Where(org.ID(in.ParentID), org.StateEQ(enum.OrgActive)).SetState(enum.OrgActive).Save(ctx)
		if err != nil {
			return 0, err
		}
		parent, err := client.Org.Get(ctx, in.ParentID)
		if err != nil {
			return 0, err
		}
		id := ids.Next()
		path := parent.Path + store.PathSegment(id) + "/"
		allowed := places[in.Kind]
		if open == 0 || parent.Kind != allowed[0] && parent.Kind != allowed[1] || len(path) > maxPath {
			return 0, apperr.New(apperr.OrgKindInvalid).At("input", "kind")
		}
		create := client.Org.Create().SetID(id).SetParentID(in.ParentID).SetKind(in.Kind).SetPath(path).SetCode(in.Code).SetName(in.Name)
		if in.Store != nil {
			set(create, d)
		}
		created, err := create.Save(ctx)
		if store.IsDuplicate(err, org.Table, "code") {
			return 0, apperr.New(apperr.OrgCodeTaken).At("input", "code")
		}
		if err != nil {
			return 0, err
		}
		after := fields(created)
		after["kind"], after["code"], after["parent"] = in.Kind, in.Code, parent.NodeID().String()
		return id, audit.Record(ctx, s.store, audit.Change{OrgID: id, Action: "orgCreate", Subject: created.NodeID(), After: after})
	})
	if err != nil {
		return nil, err
	}
	return s.store.Client(ctx).Org.Get(ctx, id)
}

// UpdateInput is what Update needs; nil stays as it is.
type UpdateInput struct {
	ID    int64
	Name  *string
	State *enum.OrgState
	Store *Details
	// SuccessorID is the org that takes over what a closing one owes; needed where it owes stored value or clearing.
	SuccessorID *int64
	// Reason is needed to close an org.
	Reason string
}

// Update changes a node, for viewers with WRITE_ORGS there. What changes and its audit entry are written together; where nothing would change,
// nothing is. Codes: NOT_FOUND, INVALID_INPUT, COORDINATE_OUT_OF_RANGE, REASON_REQUIRED (closing), ORG_KIND_INVALID (the brand's own org cannot
// be closed), STORE_CLOSED (what is closed stays as it is), SUCCESSOR_REQUIRED (closing what owes stored value or clearing), SUCCESSOR_INVALID (not another org
// that takes part, or nothing is closed).
func (s *Service) Update(ctx context.Context, in UpdateInput) (*ent.Org, error) {
	d, err := in.check()
	if err != nil {
		return nil, err
	}
	if err := s.Require(ctx, auth.WriteOrgs, in.ID); err != nil {
		return nil, apperr.OfInput(err, "id")
	}
	if in.SuccessorID != nil {
		if in.State == nil || *in.State != enum.OrgClosed || *in.SuccessorID == in.ID {
			return nil, apperr.New(apperr.SuccessorInvalid).At("input", "successorId")
		}
		if err := s.Require(ctx, auth.WriteOrgs, *in.SuccessorID); err != nil {
			return nil, apperr.OfInput(err, "successorId")
		}
	}
	ctx = auth.WithinBrand(ctx)
	var updated *ent.Org
	err = s.store.WithTx(ctx, func(ctx context.Context) error {
		client := s.store.Client(ctx)
		// The first statement locks the row, so that what is read after it is what the update changes.
		open, err := client.Org.Update().Where(org.ID(in.ID), org.StateEQ(enum.OrgActive)).SetState(enum.OrgActive).Save(ctx)
		if err != nil {
			return err
		}
		before, err := client.Org.Get(ctx, in.ID)
		if err != nil {
			return err
		}
		closing := in.State != nil && *in.State == enum.OrgClosed
		switch {
		case open == 0 && closing && in.Name == nil && in.Store == nil: // closed already
			updated = before
			return nil
		case open == 0:
			return apperr.New(apperr.StoreClosed).At("input", "id")
		case closing && before.Kind == enum.OrgBrand:
			return apperr.New(apperr.OrgKindInvalid).At("input", "state")
		case in.Store != nil && before.Kind != enum.OrgStore:
			return apperr.Invalid("store", string(before.Kind))
		}
		if closing {
			if err := s.handOver(ctx, in.ID, in.SuccessorID); err != nil {
				return err
			}
		}
		update := client.Org.UpdateOneID(in.ID).SetNillableName(in.Name).SetNillableState(in.State).SetNillableSuccessorID(in.SuccessorID)
		if in.Store != nil {
			set(update, d)
		}
		if updated, err = update.Save(ctx); err != nil {
			return err
		}
		was, is := changed(fields(before), fields(updated))
		if len(is) == 0 {
			return nil
		}
		return audit.Record(ctx, s.store, audit.Change{OrgID: in.ID, Action: "orgUpdate", Subject: before.NodeID(), Before: was, After: is, Reason: in.Reason})
	})
	return updated, err
}

// check validates what can be said without the row, and cleans the texts.
func (in *UpdateInput) check() (d details, err error) {
	if in.Name != nil {
		name, err := text.Line(*in.Name, 1, 64, "name")
		if err != nil {
			return d, err
		}
		in.Name = &name
	}
	if in.Reason, err = text.ReasonWhere(in.State != nil && *in.State == enum.OrgClosed, in.Reason, maxReason); err != nil {
		return d, err
	}
	if in.Store != nil {
		return in.Store.checked()
	}
	return d, nil
}

// changed keeps the fields that differ.
func changed(before, after map[string]any) (was, is map[string]any) {
	was, is = map[string]any{}, map[string]any{}
	for name, value := range after {
		if !reflect.DeepEqual(before[name], value) {
			was[name], is[name] = before[name], value
		}
	}
	return was, is
}
