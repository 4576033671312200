package wallet

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/ent/org"
	"dongxiao/ent/staff"
	"dongxiao/ent/tillshift"
	"dongxiao/internal/apperr"
	"dongxiao/internal/money"
	"dongxiao/internal/store"
)

// counter is where a viewer takes stored value.
type counter struct {
	shop *ent.Org // its id, path and state
	// clerkID is the staff row by which the viewer may: the one at the store itself before those above it.
	clerkID int64
	// shiftID is the viewer's open shift at the store's till; nil without one.
	shiftID *int64
	// settings are the brand's.
	settings document.StoredValueSettings
}

// counterSQL reads a store with the roles of a person, the shift that is open for each there, and the brand's settings of stored value.
const counterSQL = "SELECT o.path, o.state, s.id, s.org_id, s.role, t.id, b.document FROM orgs o JOIN staff s ON s.brand_id = o.brand_id AND s.person_id = ? AND s.state = 'ACTIVE'" +
	" LEFT JOIN till_shifts t ON t.brand_id = s.brand_id AND t.open_staff_id = s.id AND t.store_id = o.id" +
	" LEFT JOIN brand_settings b ON b.brand_id = o.brand_id AND b.kind = 'STORED_VALUE' WHERE o.brand_id = ? AND o.id = ? AND o.kind = 'STORE' ORDER BY s.id"

// counterAt is where the viewer has the capability at a store. NOT_FOUND where that is not so, also for staff who left since the token was made; STORE_CLOSED.
func (s *Service) counterAt(ctx context.Context, v auth.Viewer, c auth.Capability, storeID int64) (*counter, error) {
	rows, err := s.Store.Client(ctx).QueryContext(ctx, counterSQL, v.PersonID, v.BrandID, storeID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	at := &counter{shop: &ent.Org{ID: storeID}}
	var shift sql.NullInt64
	var settings []byte
	deepest, orgs := -1, v.OrgsWith(c)
	for rows.Next() {
		var staffID, orgID int64
		var role auth.Role
		var open sql.NullInt64
		if err := rows.Scan(&at.shop.Path, &at.shop.State, &staffID, &orgID, &role, &open, &settings); err != nil {
			return nil, err
		}
		depth := depthOf(at.shop, orgID)
		if depth < 0 || !role.Can(c) || !slices.Contains(orgs, orgID) {
			continue
		}
		if open.Valid && (!shift.Valid || depth > deepest) {
			shift = open
		}
		if depth > deepest {
			deepest, at.clerkID = depth, staffID
		}
	}
	switch {
	case rows.Err() != nil:
		return nil, rows.Err()
	case deepest < 0:
		return nil, apperr.New(apperr.NotFound)
	case at.shop.State != enum.OrgActive:
		return nil, apperr.New(apperr.StoreClosed)
	}
	if shift.Valid {
		at.shiftID = &shift.Int64
	}
	s.Store.Known(ctx, v.BrandID, org.Table, storeID)
	at.settings, err = settingsOf(v.BrandID, settings)
	return at, err
}

// staffAt is the viewer's active staff row that gives the capability at the org, the row at the org itself before those above it; NOT_FOUND.
func (s *Service) staffAt(ctx context.Context, v auth.Viewer, c auth.Capability, at *ent.Org) (*ent.Staff, error) {
	rows, err := s.Store.Client(ctx).Staff.Query().Where(staff.PersonID(v.PersonID), staff.StateEQ(enum.StaffActive), staff.OrgIDIn(v.OrgsWith(c)...)).All(ctx)
	if err != nil {
		return nil, err
	}
	rows = slices.DeleteFunc(rows, func(row *ent.Staff) bool { return !row.Role.Can(c) || depthOf(at, row.OrgID) < 0 })
	if len(rows) == 0 {
		return nil, apperr.New(apperr.NotFound)
	}
	return slices.MaxFunc(rows, func(a, b *ent.Staff) int {
		return cmp.Or(cmp.Compare(depthOf(at, a.OrgID), depthOf(at, b.OrgID)), cmp.Compare(b.ID, a.ID))
	}), nil
}

// depthOf tells where on the org's path an org stands, the deeper the more; negative where it is none of those above it.
func depthOf(at *ent.Org, orgID int64) int {
	return strings.Index(at.Path, "/"+store.PathSegment(orgID)+"/")
}

// skew is by how much the clocks of two servers may differ.
const skew = time.Minute

// takenSQL sums what was charged in one shift, by the index on org and time.
const takenSQL = "SELECT shift_id, SUM(captured_fen - refunded_fen) FROM wallet_payments WHERE brand_id = ? AND org_id = ? AND created_at >= ? AND created_at <= ? AND shift_id = ?" +
	" GROUP BY shift_id"

// TakenInShifts is the stored value that was taken in shifts, less what was given back of it since, by shift. Whoever calls it has found the shifts visible.
func (s *Service) TakenInShifts(ctx context.Context, shiftIDs []int64) (map[int64]money.Fen, error) {
	ctx = auth.WithinBrand(ctx)
	shifts, err := s.Store.Client(ctx).TillShift.Query().Where(tillshift.IDIn(shiftIDs...)).All(ctx)
	taken := make(map[int64]money.Fen, len(shifts))
	if err != nil || len(shifts) == 0 {
		return taken, err
	}
	args := make([]any, 0, 5*len(shifts))
	for _, shift := range shifts {
		taken[shift.ID] = 0
		until := s.Clock.Now()
		if shift.ClosedAt != nil {
			until = *shift.ClosedAt
		}
		args = append(args, shift.BrandID, shift.StoreID, shift.CreatedAt.Add(-skew), until.Add(skew), shift.ID)
	}
	rows, err := s.Store.Client(ctx).QueryContext(ctx, takenSQL+strings.Repeat(" UNION ALL "+takenSQL, len(shifts)-1), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var sum money.Fen
		if err := rows.Scan(&id, &sum); err != nil {
			return nil, err
		}
		taken[id] = sum
	}
	return taken, rows.Err()
}
