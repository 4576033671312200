// Package verify proves the books of a live database: every rule that concurrency, a crash or a careless hand could break is a query that finds
// the rows that break it. It reads in one consistent snapshot, in constant memory, and changes nothing.
package verify

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"entgo.io/ent/dialect"

	"dongxiao/internal/store"
)

// maxShown bounds the offending rows that one check names; all are counted.
const maxShown = 20

// Breach is one check that found rows.
type Breach struct {
	// Check is its name, and Rule the sentence that the rows break.
	Check, Rule string
	// Rows counts the offending rows; Shown names the first ones.
	Rows  int
	Shown []string
}

// check is one rule. Its query answers (brand id, row id, detail) of each row that breaks it.
type check struct {
	name, rule, query string
}

// Run carries out every check and gives the breaches; progress is told the check that begins, as the number of how many.
func Run(ctx context.Context, s *store.Store, progress func(number, of int, name string)) ([]Breach, error) {
	return carryOut(ctx, s, all(), everyBrand, progress)
}

// RunBrand is Run for the rows of one brand alone, for tests that share a database.
func RunBrand(ctx context.Context, s *store.Store, brandID int64) ([]Breach, error) {
	return carryOut(ctx, s, all(), brandID, nil)
}

// everyBrand is no brand's id.
const everyBrand = 0

func carryOut(ctx context.Context, s *store.Store, checks []check, brandID int64, progress func(number, of int, name string)) ([]Breach, error) {
	conn, err := s.DB().Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	begin := "BEGIN DEFERRED"
	if s.Dialect() == dialect.MySQL {
		if _, err := conn.ExecContext(ctx, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"); err != nil {
			return nil, err
		}
		begin = "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"
	}
	if _, err := conn.ExecContext(ctx, begin); err != nil {
		return nil, fmt.Errorf("begin the snapshot: %w", err)
	}
	defer func() { _, _ = conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK") }()
	var breaches []Breach
	for i, c := range checks {
		if progress != nil {
			progress(i+1, len(checks), c.name)
		}
		b, err := c.run(ctx, conn, brandID)
		if err != nil {
			return nil, fmt.Errorf("check %s: %w", c.name, err)
		}
		if b.Rows > 0 {
			breaches = append(breaches, b)
		}
	}
	return breaches, nil
}

// all lists the checks in the order in which they run.
func all() []check {
	return slices.Concat(links(), owners(), spellings(), rules, giftRules, issueRules, clearingRules, couponClearingRules, pointsRules, topUpRules, paymentRules, bookRules,
		walletRules, postingSubjects(), postingRules)
}

func (c check) run(ctx context.Context, conn *sql.Conn, only int64) (Breach, error) {
	b := Breach{Check: c.name, Rule: c.rule}
	rows, err := conn.QueryContext(ctx, c.query)
	if err != nil {
		return b, err
	}
	defer rows.Close()
	for rows.Next() {
		var brandID, id int64
		var detail sql.NullString
		if err := rows.Scan(&brandID, &id, &detail); err != nil {
			return b, err
		}
		if only != everyBrand && brandID != only {
			continue
		}
		if b.Rows++; b.Rows <= maxShown {
			b.Shown = append(b.Shown, fmt.Sprintf("brand %d, row %d: %s", brandID, id, detail.String))
		}
	}
	return b, rows.Err()
}
