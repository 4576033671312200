package clearing

import (
	"context"

	"entgo.io/ent/dialect/sql"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/clearingline"
	"dongxiao/ent/clearingstatement"
	"dongxiao/ent/enum"
	"dongxiao/ent/predicate"
	"dongxiao/internal/listing"
)

// StatementFilter narrows a list of statements; zero values do not.
type StatementFilter struct {
	// OrgID is one of the two orgs; nil for any in scope.
	OrgID  *int64
	Period int
	State  enum.StatementState
}

// Statements lists statements of orgs at which the viewer has READ_CLEARING, newest first. NOT_FOUND for an org that is not the viewer's,
// PAGE_SIZE_INVALID, CURSOR_INVALID.
func (s *Service) Statements(ctx context.Context, f StatementFilter, first *int, after *string) (*listing.Page[*ent.ClearingStatement], error) {
	n, err := listing.Window(first, listing.Max)
	if err != nil {
		return nil, err
	}
	query := s.Store.Client(ctx).ClearingStatement.Query()
	var orgID int64
	if f.OrgID != nil {
		orgID = *f.OrgID
		if err := s.Orgs.Require(ctx, auth.ReadClearing, orgID); err != nil {
			return nil, err
		}
		query.Where(clearingstatement.Or(clearingstatement.FirstOrgID(orgID), clearingstatement.SecondOrgID(orgID)))
	} else {
		inScope, err := s.eitherInScope(ctx, clearingstatement.FieldFirstOrgID, clearingstatement.FieldSecondOrgID)
		if err != nil {
			return nil, err
		}
		query.Where(inScope)
	}
	if f.Period != 0 {
		query.Where(clearingstatement.Period(f.Period))
	}
	if f.State != "" {
		query.Where(clearingstatement.StateEQ(f.State))
	}
	list := listing.Of(s.Cursors(), auth.FromContext(ctx).BrandID, "clearing statements", orgID, f.Period, f.State)
	var id int64
	if found, err := list.After(after, &id); err != nil {
		return nil, err
	} else if found {
		query.Where(clearingstatement.IDLT(id))
	}
	rows, err := query.Order(clearingstatement.ByID(sql.OrderDesc())).Limit(n + 1).All(auth.WithinBrand(ctx))
	if err != nil {
		return nil, err
	}
	return listing.Cut(list, rows, n, func(row *ent.ClearingStatement) []any { return []any{row.ID} })
}

// eitherInScope is true where one of two org columns is in the scope of READ_CLEARING.
func (s *Service) eitherInScope(ctx context.Context, columns ...string) (func(*sql.Selector), error) {
	narrow := make([]func(*sql.Selector), len(columns))
	for i, column := range columns {
		var err error
		if narrow[i], err = s.Orgs.Scope(ctx, auth.ReadClearing, column); err != nil {
			return nil, err
		}
	}
	return func(q *sql.Selector) {
		var either []*sql.Predicate
		for _, f := range narrow {
			column := sql.Select().From(sql.Table(q.TableName()))
			if f(column); column.P() == nil { // the whole brand
				return
			}
			either = append(either, column.P())
		}
		q.Where(sql.Or(either...))
	}, nil
}

// LineFilter narrows a list of lines; zero values do not.
type LineFilter struct {
	Period int
	State  enum.ClearingLineState
}

// StatementLines lists the lines of a statement, newest first. Whoever has the statement may read them. PAGE_SIZE_INVALID, CURSOR_INVALID.
func (s *Service) StatementLines(ctx context.Context, statementID int64, f LineFilter, first *int, after *string) (*listing.Page[*ent.ClearingLine], error) {
	return s.lines(ctx, "clearing statement lines", statementID, f, first, after, clearingline.StatementID(statementID))
}

// OpenLines lists the lines of an org that are on no statement yet, newest first. Staff with READ_CLEARING at the org call it; NOT_FOUND,
// PAGE_SIZE_INVALID, CURSOR_INVALID.
func (s *Service) OpenLines(ctx context.Context, orgID int64, f LineFilter, first *int, after *string) (*listing.Page[*ent.ClearingLine], error) {
	if err := s.Orgs.Require(ctx, auth.ReadClearing, orgID); err != nil {
		return nil, err
	}
	return s.lines(ctx, "clearing open lines", orgID, f, first, after, clearingline.StatementIDIsNil(),
		clearingline.Or(clearingline.DebtorOrgID(orgID), clearingline.CreditorOrgID(orgID)))
}

func (s *Service) lines(ctx context.Context, name string, of int64, f LineFilter, first *int, after *string, where ...predicate.ClearingLine) (*listing.Page[*ent.ClearingLine], error) {
	n, err := listing.Window(first, listing.Max)
	if err != nil {
		return nil, err
	}
	query := s.Store.Client(ctx).ClearingLine.Query().Where(where...)
	if f.Period != 0 {
		query.Where(clearingline.Period(f.Period))
	}
	if f.State != "" {
		query.Where(clearingline.StateEQ(f.State))
	}
	list := listing.Of(s.Cursors(), auth.FromContext(ctx).BrandID, name, of, f.Period, f.State)
	var id int64
	if found, err := list.After(after, &id); err != nil {
		return nil, err
	} else if found {
		query.Where(clearingline.IDLT(id))
	}
	rows, err := query.Order(clearingline.ByID(sql.OrderDesc())).Limit(n + 1).All(auth.WithinBrand(ctx))
	if err != nil {
		return nil, err
	}
	return listing.Cut(list, rows, n, func(row *ent.ClearingLine) []any { return []any{row.ID} })
}
