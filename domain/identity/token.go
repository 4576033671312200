package identity

import (
	"context"
	"slices"
	"time"

	"entgo.io/ent/dialect/sql"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/staff"
	"dongxiao/internal/apperr"
	"dongxiao/internal/store"
)

// RefreshTokenLifetime is how long a session lives unless it is refreshed.
const RefreshTokenLifetime = 30 * 24 * time.Hour

// maxAssignments bounds the roles that a token carries, so that it fits into a header.
const maxAssignments = 100

// Tokens are what a sign-in or a refresh gives.
type Tokens struct {
	// AccessToken is a bearer token of 15 minutes.
	AccessToken          string
	AccessTokenExpiresAt time.Time
	// RefreshToken is good for one refresh, see Service.Refresh.
	RefreshToken          string
	RefreshTokenExpiresAt time.Time
}

func (s *Service) issue(o *openedSession) (*Tokens, error) {
	token, claims, err := s.issuer.Issue(o.claims)
	if err != nil {
		return nil, err
	}
	return &Tokens{AccessToken: token, AccessTokenExpiresAt: claims.ExpiresAt, RefreshToken: o.refresh.Token(), RefreshTokenExpiresAt: o.expiresAt}, nil
}

// rolesOrRefusal are the roles that a token for the app carries: the active ones at orgs below the app's org or at stores it serves, the oldest
// hundred. In STOREFRONT there are none: who has roles uses them in another app. Elsewhere a person all of whose roles are suspended is refused with
// STAFF_SUSPENDED; one who never had any is not, so that an invitation can be accepted.
func (s *Service) rolesOrRefusal(ctx context.Context, a *App, personID int64) ([]auth.Assignment, error) {
	if a.Face == auth.Storefront {
		return nil, nil
	}
	rows, err := s.activeStaff(ctx, a, personID)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		suspended, err := s.suspended(ctx, personID)
		if err == nil && suspended {
			err = apperr.New(apperr.StaffSuspended)
		}
		return nil, err
	}
	assignments := make([]auth.Assignment, len(rows))
	for i, row := range rows {
		assignments[i] = auth.Assignment{OrgID: row.OrgID, Role: row.Role}
	}
	return assignments, nil
}

func (s *Service) activeStaff(ctx context.Context, a *App, personID int64) ([]*ent.Staff, error) {
	return s.Store.Client(ctx).Staff.Query().Where(staff.PersonID(personID), staff.StateEQ(enum.StaffActive), func(q *sql.Selector) {
		q.Where(store.InScope(q.C(staff.FieldOrgID), a.BrandID, []int64{a.OrgID}, true))
	}).Order(staff.ByID()).Limit(maxAssignments).All(ctx)
}

// suspended says whether the person has roles and all of them are suspended.
func (s *Service) suspended(ctx context.Context, personID int64) (bool, error) {
	rows, err := s.Store.Client(ctx).Staff.Query().Where(staff.PersonID(personID), staff.StateIn(enum.StaffActive, enum.StaffSuspended)).
		Unique(true).Select(staff.FieldState).Strings(ctx)
	return len(rows) > 0 && !slices.Contains(rows, string(enum.StaffActive)), err
}
