// Package verify proves the books of a live database: every rule that concurrency, a crash or a careless hand could break is a query that finds
// the rows that break it. It reads in one consistent snapshot, in constant memory, and changes nothing.
package verify

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode"

	"entgo.io/ent/dialect"

	"dongxiao/ent"
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

// check is one rule. Its query begins with SELECT and answers (brand id, row id, detail) of each row that breaks it.
type check struct {
	name, rule, query string
}

// Run carries out every check and gives the breaches; progress is told the check that begins, as the number of how many.
func Run(ctx context.Context, s *store.Store, progress func(number, of int, name string)) ([]Breach, error) {
	return carryOut(ctx, s, all(), everyBrand, progress)
}

// RunBrand is Run over the rows of one brand alone, for tests that share a database: it takes as long as that brand has rows.
func RunBrand(ctx context.Context, s *store.Store, brandID int64) ([]Breach, error) {
	return carryOut(ctx, s, all(), brandID, nil)
}

// everyBrand is no brand's id.
const everyBrand = 0

// branded has the tables whose rows belong to a brand.
var branded = sync.OnceValue(func() map[string]bool {
	tables := map[string]bool{}
	for entity, tenancy := range ent.Tenancies {
		tables[ent.Tables[entity]] = !tenancy.Installation
	}
	return tables
})

// within is the query over tables that have the rows of one brand alone. References lead to rows of the same brand, or the checks of the references find them.
func within(query string, brandID int64, d string) string {
	schema := ""
	if d == dialect.SQLite {
		schema = "main."
	}
	var narrowed []string
	words := strings.FieldsFunc(query, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) })
	slices.Sort(words)
	for _, word := range slices.Compact(words) {
		if branded()[word] {
			narrowed = append(narrowed, fmt.Sprintf("%[1]s AS (SELECT * FROM %[2]s%[1]s WHERE brand_id = %[3]d)", word, schema, brandID))
		}
	}
	return "WITH " + strings.Join(narrowed, ", ") + " " + query
}

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
		if brandID != everyBrand {
			c.query = within(c.query, brandID, s.Dialect())
		}
		if progress != nil {
			progress(i+1, len(checks), c.name)
		}
		b, err := c.run(ctx, conn)
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

func (c check) run(ctx context.Context, conn *sql.Conn) (Breach, error) {
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
		if b.Rows++; b.Rows <= maxShown {
			b.Shown = append(b.Shown, fmt.Sprintf("brand %d, row %d: %s", brandID, id, detail.String))
		}
	}
	return b, rows.Err()
}
