package verify

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"slices"

	"dongxiao/internal/store"
)

// Names lists every check in the order in which they run.
func Names() []string {
	var names []string
	for _, c := range all() {
		names = append(names, c.name)
	}
	return names
}

// RunOne is Run for the check of the name alone, and RunBrand where it is given a brand.
func RunOne(ctx context.Context, s *store.Store, name string, brandID int64) ([]Breach, error) {
	return carryOut(ctx, s, slices.DeleteFunc(all(), func(c check) bool { return c.name != name }), brandID, nil)
}

// Prepared are the checks that read a table, ready to be run again and again on one connection.
type Prepared struct {
	names []string
	sent  []*sql.Stmt
}

// Prepare prepares all checks that read the table.
func Prepare(ctx context.Context, conn *sql.Conn, table string) (*Prepared, error) {
	p := &Prepared{}
	named := regexp.MustCompile(`\b` + table + `\b`)
	for _, c := range all() {
		if !named.MatchString(c.query) {
			continue
		}
		s, err := conn.PrepareContext(ctx, c.query)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.name, err)
		}
		p.names, p.sent = append(p.names, c.name), append(p.sent, s)
	}
	return p, nil
}

// Close lets go of the checks.
func (p *Prepared) Close() {
	for _, s := range p.sent {
		_ = s.Close()
	}
}

// First runs the checks until one finds a breach and names that one; "" where none does. What has found most lately is run first.
func (p *Prepared) First(ctx context.Context) (string, error) {
	for i, s := range p.sent {
		rows, err := s.QueryContext(ctx)
		if err != nil {
			return "", fmt.Errorf("%s: %w", p.names[i], err)
		}
		found := rows.Next()
		if err := errors.Join(rows.Close(), rows.Err()); err != nil {
			return "", fmt.Errorf("%s: %w", p.names[i], err)
		}
		if found {
			name := p.names[i]
			copy(p.names[1:i+1], p.names[:i])
			copy(p.sent[1:i+1], p.sent[:i])
			p.names[0], p.sent[0] = name, s
			return name, nil
		}
	}
	return "", nil
}

// Words are those that a column may hold; none where it holds others.
func Words(table, column string) []string {
	for _, v := range vocabulary {
		if v.table == table && v.column == column {
			return v.words
		}
	}
	return nil
}
