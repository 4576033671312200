package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	entgo "entgo.io/ent"
	"entgo.io/ent/dialect/sql"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/intercept"
	"dongxiao/ent/tenancy"
)

// guard puts the tenancy rules on the client: an interceptor in front of every query, a hook in front of every write.
func (s *Store) guard() {
	s.client.Intercept(intercept.TraverseFunc(func(ctx context.Context, q intercept.Query) error {
		predicate, err := visible(ctx, q.Type(), true)
		if err == nil && predicate != nil {
			q.WhereP(predicate)
		}
		return err
	}))
	s.client.Intercept(ent.InterceptFunc(func(next ent.Querier) ent.Querier {
		return ent.QuerierFunc(func(ctx context.Context, q ent.Query) (ent.Value, error) {
			value, err := next.Query(ctx, q)
			if err == nil {
				s.proveRead(ctx, q, value)
			}
			return value, err
		})
	}))
	s.client.Use(func(next entgo.Mutator) entgo.Mutator {
		return entgo.MutateFunc(func(ctx context.Context, m entgo.Mutation) (entgo.Value, error) {
			if err := s.guardWrite(ctx, m); err != nil {
				return nil, err
			}
			value, err := next.Mutate(ctx, m)
			if err == nil {
				s.prove(ctx, m, value)
			}
			return value, err
		})
	})
}

// visible is the predicate for the rows of the entity that the viewer may read, or, where reading is false, write. Nil means all.
func visible(ctx context.Context, entity string, reading bool) (func(*sql.Selector), error) {
	rule, ok := ent.Tenancies[entity]
	if !ok {
		return nil, fmt.Errorf("store: %s has no tenancy rule", entity)
	}
	v := auth.FromContext(ctx)
	switch {
	case v.Reach == auth.ReachAll:
		return nil, nil
	case entity == "Brand" && reading && v.BrandID != 0:
		return func(s *sql.Selector) { s.Where(sql.EQ(s.C("id"), v.BrandID)) }, nil
	case rule.Installation || v.Reach == auth.ReachNothing || v.BrandID == 0:
		return nobody, nil
	}
	return func(s *sql.Selector) {
		s.Where(sql.EQ(s.C("brand_id"), v.BrandID))
		if v.Reach == auth.ReachBrand {
			return
		}
		var allowed []*sql.Predicate
		if reading && rule.Public {
			if rule.PublicColumn == "" {
				return
			}
			values := make([]any, len(rule.PublicValues))
			for i, value := range rule.PublicValues {
				values[i] = value
			}
			allowed = append(allowed, sql.In(s.C(rule.PublicColumn), values...))
		}
		if rule.MemberColumn != "" && v.Reach == auth.ReachMember && v.MemberID != 0 {
			allowed = append(allowed, sql.EQ(s.C(rule.MemberColumn), v.MemberID))
		}
		if rule.PersonColumn != "" && v.PersonID != 0 {
			allowed = append(allowed, sql.EQ(s.C(rule.PersonColumn), v.PersonID))
		}
		if rule.OrgColumn != "" && v.Reach == auth.ReachStaff {
			allowed = append(allowed, InScope(s.C(rule.OrgColumn), v.BrandID, v.OrgIDs(), rule.Served))
			if rule.OtherOrgColumn != "" {
				allowed = append(allowed, InScope(s.C(rule.OtherOrgColumn), v.BrandID, v.OrgIDs(), rule.Served))
			}
		}
		if len(allowed) == 0 {
			allowed = append(allowed, sql.False())
		}
		s.Where(sql.Or(allowed...))
	}, nil
}

func nobody(s *sql.Selector) { s.Where(sql.False()) }

// InScope is the predicate that the org whose id is in the column is one of the orgs or below one, or, where served is true, a store that one of them
// serves as a distributor; of no orgs it is false. A path has every ancestor's id between slashes, so the subtree of an org is where its segment occurs.
func InScope(column string, brandID int64, orgIDs []int64, served bool) *sql.Predicate {
	if len(orgIDs) == 0 {
		return sql.False()
	}
	return sql.P(func(b *sql.Builder) {
		b.WriteString("EXISTS (SELECT 1 FROM orgs scope_org WHERE scope_org.id = ").WriteString(column).
			WriteString(" AND scope_org.brand_id = ").Arg(brandID).WriteString(" AND (")
		for i, id := range orgIDs {
			if i > 0 {
				b.WriteString(" OR ")
			}
			b.WriteString("scope_org.path LIKE ").Arg("%/" + PathSegment(id) + "/%")
		}
		if !served {
			b.WriteString("))")
			return
		}
		b.WriteString(" OR EXISTS (SELECT 1 FROM territories scope_territory WHERE scope_territory.brand_id = ").Arg(brandID).
			WriteString(" AND scope_territory.store_id = scope_org.id AND scope_territory.distributor_id IN (")
		for i, id := range orgIDs {
			if i > 0 {
				b.WriteString(", ")
			}
			b.Arg(id)
		}
		b.WriteString("))))")
	})
}

// PathSegment is an org's segment of a materialised path: its id in base 36.
func PathSegment(orgID int64) string { return strconv.FormatInt(orgID, 36) }

// guardWrite holds a write to the viewer's brand and reach, refuses changes of journals, and checks that linked rows are of the same brand.
func (s *Store) guardWrite(ctx context.Context, m entgo.Mutation) error {
	rule, ok := ent.Tenancies[m.Type()]
	if !ok {
		return fmt.Errorf("store: %s has no tenancy rule", m.Type())
	}
	v := auth.FromContext(ctx)
	if v.Reach == auth.ReachNothing || v.Reach == auth.ReachPublic || rule.Installation && v.Reach != auth.ReachAll {
		return fmt.Errorf("store: a viewer of reach %d may not write %s", v.Reach, m.Type())
	}
	if m.Op().Is(entgo.OpCreate) {
		return s.guardCreate(ctx, m, rule, v)
	}
	if rule.Journal && v.Reach != auth.ReachAll {
		return fmt.Errorf("store: rows of %s are never changed or deleted", m.Type())
	}
	predicate, err := visible(ctx, m.Type(), false)
	if err != nil {
		return err
	}
	if predicate != nil {
		m.(interface{ WhereP(...func(*sql.Selector)) }).WhereP(predicate)
	}
	if rule.Installation {
		return nil
	}
	return s.checkLinks(ctx, m, rule, v.BrandID)
}

func (s *Store) guardCreate(ctx context.Context, m entgo.Mutation, rule tenancy.Rule, v auth.Viewer) error {
	if rule.Installation {
		return nil
	}
	brandID := v.BrandID
	if value, ok := m.Field("brand_id"); ok {
		if v.Reach != auth.ReachAll && value != v.BrandID {
			return fmt.Errorf("store: a row of %s for another brand", m.Type())
		}
		brandID = value.(int64)
	} else if v.BrandID == 0 {
		return fmt.Errorf("store: a row of %s without a brand", m.Type())
	} else if err := m.SetField("brand_id", v.BrandID); err != nil {
		return err
	}
	return s.checkLinks(ctx, m, rule, brandID)
}

// checkLinks proves with one statement that every linked row that the write names is of the brand, but for rows that the transaction has read, proved or made.
func (s *Store) checkLinks(ctx context.Context, m entgo.Mutation, rule tenancy.Rule, brandID int64) error {
	if len(rule.Links) == 0 || brandID == 0 {
		return nil
	}
	var parts []string
	var args []any
	var named []row
	known := s.proven(ctx)
	for _, column := range slices.Sorted(maps.Keys(rule.Links)) {
		value, ok := m.Field(column)
		if !ok {
			continue
		}
		id, ok := value.(int64)
		if !ok {
			return fmt.Errorf("store: link %s.%s is no id", m.Type(), column)
		}
		r := row{ent.Tables[rule.Links[column]], brandID, id}
		if known.has(r) {
			continue
		}
		named = append(named, r)
		parts = append(parts, "(SELECT COUNT(*) FROM "+r.table+" WHERE id = ? AND brand_id = ?)")
		args = append(args, id, brandID)
	}
	if len(parts) == 0 {
		return nil
	}
	rows, err := s.Client(ctx).QueryContext(ctx, "SELECT "+strings.Join(parts, " + "), args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	var found int
	if rows.Next() {
		err = rows.Scan(&found)
	}
	if err == nil {
		err = rows.Err()
	}
	if err == nil && found != len(parts) {
		err = fmt.Errorf("store: %s links to a row that its brand does not have", m.Type())
	}
	if err == nil {
		known.add(named...)
	}
	return err
}
