package store

import (
	"context"
	"errors"
	"slices"
	"strings"

	"entgo.io/ent/dialect/sql"

	"dongxiao/auth"
	"dongxiao/ent/enum"
)

// namedOrgs is how many orgs a scope may have for a list to name each of them. With more of them a list in its own order soon meets enough rows.
const namedOrgs = 100

// Scope is InScope for lists of a whole brand, where trying row after row would read far too many for a viewer of one store: it looks up with
// two statements how far the orgs reach, and then the predicate names the orgs in the scope where they are few, is none for the whole brand, and
// otherwise InScope.
func (s *Store) Scope(ctx context.Context, column string, orgIDs []int64, served bool) (func(*sql.Selector), error) {
	brandID := auth.FromContext(ctx).BrandID
	if len(orgIDs) == 0 || brandID == 0 {
		return nobody, nil
	}
	whole, ids, err := s.reach(ctx, brandID, orgIDs, served)
	switch {
	case err != nil:
		return nil, err
	case whole:
		return func(*sql.Selector) {}, nil
	case len(ids) > namedOrgs:
		return func(q *sql.Selector) { q.Where(InScope(q.C(column), brandID, orgIDs, served)) }, nil
	case len(ids) == 0:
		return nobody, nil
	}
	return func(q *sql.Selector) { q.Where(sql.In(q.C(column), ids...)) }, nil
}

// reach says whether one of the orgs is the brand's own, and otherwise names the orgs in their scope, more than namedOrgs where there are more, though not all of them.
func (s *Store) reach(ctx context.Context, brandID int64, orgIDs []int64, served bool) (whole bool, ids []any, err error) {
	list, args := strings.Repeat(", ?", len(orgIDs))[2:], []any{brandID}
	for _, id := range orgIDs {
		args = append(args, id)
	}
	below, within := "", []any{brandID}
	err = s.each(ctx, func(scan func(...any) error) error {
		var kind enum.OrgKind
		var path string
		if err := scan(&kind, &path); err != nil {
			return err
		}
		whole = whole || kind == enum.OrgBrand
		// Paths end in a slash, and 0 is the letter after it: what begins with the path lies between. A range, because LIKE is none on SQLite.
		below += " OR path >= ? AND path < ?"
		within = append(within, path, strings.TrimSuffix(path, "/")+"0")
		return nil
	}, "SELECT kind, path FROM orgs WHERE brand_id = ? AND id IN ("+list+")", args...)
	if err != nil || whole || below == "" {
		return whole, nil, err
	}
	statement := "SELECT id FROM (SELECT id FROM orgs WHERE brand_id = ? AND (" + below[4:] + ") LIMIT ?) below"
	within = append(within, namedOrgs+1)
	if served {
		statement += " UNION SELECT store_id FROM (SELECT DISTINCT store_id FROM territories WHERE brand_id = ? AND distributor_id IN (" + list + ") LIMIT ?) served"
		within = slices.Concat(within, args, []any{namedOrgs + 1})
	}
	err = s.each(ctx, func(scan func(...any) error) error {
		var id int64
		err := scan(&id)
		ids = append(ids, id)
		return err
	}, statement, within...)
	return false, ids, err
}

// each runs a statement and gives its rows to f.
func (s *Store) each(ctx context.Context, f func(scan func(...any) error) error, statement string, args ...any) (err error) {
	rows, err := s.Client(ctx).QueryContext(ctx, statement, args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := f(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}
