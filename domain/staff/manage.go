package staff

import (
	"context"
	"slices"
	"strings"

	"dongxiao/auth"
	"dongxiao/domain/audit"
	"dongxiao/domain/identity"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/staff"
	"dongxiao/internal/apperr"
	"dongxiao/internal/listing"
	"dongxiao/internal/text"
)

// SetState suspends, reinstates or ends the role of somebody else or takes back an invitation, for viewers with MANAGE_STAFF at its org, one of
// whose roles there may give the role. The state, the audit entry and, where the role is taken away, the person's epoch are written
// together: every token of the person ends within a second. A state that it has already is no change. Codes: NOT_FOUND, REASON_REQUIRED, INVALID_INPUT (no
// such change of state), ROLE_NOT_GRANTABLE, STAFF_SELF_CHANGE, CONFLICT (somebody else changed it meanwhile).
//
// It locks the person's row, then the role's.
func (s *Service) SetState(ctx context.Context, staffID int64, to enum.StaffState, reason string) (*ent.Staff, error) {
	if strings.TrimSpace(reason) == "" {
		return nil, apperr.New(apperr.ReasonRequired).At("input", "reason")
	}
	reason, err := text.Text(reason, 1, maxReason, "reason")
	if err != nil {
		return nil, err
	}
	v, within := auth.FromContext(ctx), auth.WithinBrand(ctx)
	row, err := s.store.Client(within).Staff.Query().Where(staff.ID(staffID)).Only(within)
	if ent.IsNotFound(err) {
		return nil, apperr.New(apperr.NotFound).At("input", "staffId")
	}
	if err != nil {
		return nil, err
	}
	if err := s.orgs.Require(ctx, auth.ManageStaff, row.OrgID); err != nil {
		return nil, s.atStaff(err)
	}
	if row.PersonID != nil && *row.PersonID == v.PersonID {
		return nil, apperr.New(apperr.StaffSelfChange).At("input", "staffId")
	}
	if err := s.mayGrant(ctx, row.Role, row.OrgID); err != nil {
		return nil, s.atStaff(err)
	}
	if row.State == to {
		return row, nil
	}
	if !slices.Contains(transitions[row.State], to) {
		return nil, apperr.Invalid("state", string(row.State)+" → "+string(to))
	}
	return s.write(within, row, to, reason)
}

// atStaff names the field that a refusal is about.
func (s *Service) atStaff(err error) error {
	if code := apperr.CodeOf(err); code == apperr.NotFound || code == apperr.RoleNotGrantable {
		return apperr.New(code).At("input", "staffId")
	}
	return err
}

func (s *Service) write(ctx context.Context, row *ent.Staff, to enum.StaffState, reason string) (changed *ent.Staff, err error) {
	err = s.store.WithTx(ctx, func(ctx context.Context) error {
		if row.PersonID != nil && to != enum.StaffActive {
			if err := identity.RaiseEpoch(ctx, s.store, *row.PersonID); err != nil {
				return err
			}
		}
		client := s.store.Client(ctx)
		n, err := client.Staff.Update().Where(staff.ID(row.ID), staff.StateEQ(row.State)).SetState(to).Save(ctx)
		if err != nil {
			return err
		}
		if n != 1 {
			return apperr.New(apperr.Conflict).At("input", "staffId")
		}
		if changed, err = client.Staff.Get(ctx, row.ID); err != nil {
			return err
		}
		return audit.Record(ctx, s.store, audit.Change{OrgID: row.OrgID, Action: "staffStateSet", Subject: row.NodeID(),
			Before: map[string]any{"state": row.State}, After: map[string]any{"state": to}, Reason: reason})
	})
	return changed, err
}

// List gives the staff of orgs at which the viewer holds READ_STAFF, newest first, only of one org or in one state where these are given. Codes:
// NOT_FOUND for an org outside the scope, PAGE_SIZE_INVALID, CURSOR_INVALID.
func (s *Service) List(ctx context.Context, orgID *int64, state *enum.StaffState, first *int, after *string) (*listing.Page[*ent.Staff], error) {
	n, err := listing.Window(first, listing.Max)
	if err != nil {
		return nil, err
	}
	filters := make([]any, 2)
	query := s.store.Client(ctx).Staff.Query()
	if orgID == nil {
		inScope, err := s.orgs.Scope(ctx, auth.ReadStaff, staff.FieldOrgID)
		if err != nil {
			return nil, err
		}
		query.Where(inScope)
	} else {
		if err := s.orgs.Require(ctx, auth.ReadStaff, *orgID); err != nil {
			return nil, err
		}
		filters[0] = *orgID
		query.Where(staff.OrgID(*orgID))
	}
	if state != nil {
		filters[1] = *state
		query.Where(staff.StateEQ(*state))
	}
	list := listing.Of(s.cursors(), auth.FromContext(ctx).BrandID, "staff", filters...)
	var last int64
	if some, err := list.After(after, &last); err != nil {
		return nil, err
	} else if some {
		query.Where(staff.IDLT(last))
	}
	rows, err := query.Order(ent.Desc(staff.FieldID)).Limit(n + 1).All(auth.WithinBrand(ctx))
	if err != nil {
		return nil, err
	}
	return listing.Cut(list, rows, n, func(r *ent.Staff) []any { return []any{r.ID} })
}
