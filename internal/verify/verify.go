// Package verify proves the books of a live database: every rule that concurrency, a crash or a careless hand could break is a query that finds
// the rows that break it. It reads in one consistent snapshot, in constant memory, and changes nothing.
package verify

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"

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

// check is one rule. Its query answers (brand id, row id, detail) of each row that breaks it.
type check struct {
	name, rule, query string
}

// Run carries out every check and gives the breaches; progress is told the check that begins, as the number of how many.
func Run(ctx context.Context, s *store.Store, progress func(number, of int, name string)) ([]Breach, error) {
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
	all := slices.Concat(links(), rules)
	var breaches []Breach
	for i, c := range all {
		if progress != nil {
			progress(i+1, len(all), c.name)
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

// links are the checks that every reference names a row of the same brand, from the tenancy rules of all entities.
func links() []check {
	var list []check
	for _, entity := range slices.Sorted(maps.Keys(ent.Tenancies)) {
		table := ent.Tables[entity]
		for _, column := range slices.Sorted(maps.Keys(ent.Tenancies[entity].Links)) {
			target := ent.Tables[ent.Tenancies[entity].Links[column]]
			list = append(list, check{
				name: "link " + table + "." + column,
				rule: "a reference names a row of " + target + " of the same brand",
				query: fmt.Sprintf(`SELECT t.brand_id, t.id, t.%[2]s FROM %[1]s t LEFT JOIN %[3]s x ON x.id = t.%[2]s AND x.brand_id = t.brand_id
					WHERE t.%[2]s IS NOT NULL AND x.id IS NULL`, table, column, target),
			})
		}
	}
	return list
}

// rules are the checks beyond references. They read each table from front to back and join by primary key or index.
var rules = []check{
	{"coupon stock", "stock left and coupons issued make up a template's total stock, and stock is never negative", `
		SELECT t.brand_id, t.id, t.total_stock - t.stock_left - COALESCE(c.issued, 0) FROM coupon_templates t
		LEFT JOIN (SELECT template_id, COUNT(*) AS issued FROM coupons GROUP BY template_id) c ON c.template_id = t.id
		WHERE t.stock_left < 0 OR t.total_stock - t.stock_left <> COALESCE(c.issued, 0)`},
	{"coupon member counter", "the counter of a member and template is the number of that member's claimed coupons", `
		SELECT c.brand_id, c.member_id, c.template_id FROM
		(SELECT brand_id, template_id, member_id, COUNT(*) AS claimed FROM coupons WHERE source = 'CLAIM' GROUP BY brand_id, template_id, member_id) c
		LEFT JOIN limit_counters l ON l.brand_id = c.brand_id AND l.kind = 'MEMBER_TOTAL' AND l.scope_id = c.template_id AND l.subject_id = c.member_id AND l.period = 0
		WHERE l.count IS NULL OR l.count <> c.claimed`},
	{"coupon member counter without coupons", "a counter counts coupons that exist", `
		SELECT l.brand_id, l.id, l.count FROM limit_counters l
		LEFT JOIN (SELECT brand_id, template_id, member_id, COUNT(*) AS claimed FROM coupons WHERE source = 'CLAIM' GROUP BY brand_id, template_id, member_id) c
			ON c.brand_id = l.brand_id AND c.template_id = l.scope_id AND c.member_id = l.subject_id
		WHERE l.kind = 'MEMBER_TOTAL' AND l.count <> COALESCE(c.claimed, 0)`},
	{"coupon member limit", "no member has got more coupons of a template than its limit", `
		SELECT l.brand_id, l.id, l.count FROM limit_counters l JOIN coupon_templates t ON t.id = l.scope_id
		WHERE l.kind = 'MEMBER_TOTAL' AND t.member_limit > 0 AND l.count > t.member_limit`},
	{"coupon member day limit", "no member has got more coupons of a template on one day than its limit", `
		SELECT l.brand_id, l.id, l.count FROM limit_counters l JOIN coupon_templates t ON t.id = l.scope_id
		WHERE l.kind = 'MEMBER_DAY' AND t.member_day_limit > 0 AND l.count > t.member_day_limit`},
	{"coupon person limit", "no human has got more coupons of a template than its limit", `
		SELECT l.brand_id, l.id, l.count FROM limit_counters l JOIN coupon_templates t ON t.id = l.scope_id
		WHERE l.kind = 'PERSON_TOTAL' AND t.person_limit > 0 AND l.count > t.person_limit`},
	{"coupon person counter", "the counter of a human and template with such a limit is the number of coupons over all its memberships", `
		SELECT l.brand_id, l.id, l.count FROM limit_counters l
		LEFT JOIN (SELECT c.brand_id, c.template_id, p.limit_subject, COUNT(*) AS claimed FROM coupons c JOIN members m ON m.id = c.member_id
			JOIN persons p ON p.id = m.person_id WHERE c.source = 'CLAIM' GROUP BY c.brand_id, c.template_id, p.limit_subject) x
			ON x.brand_id = l.brand_id AND x.template_id = l.scope_id AND x.limit_subject = l.subject_id
		WHERE l.kind = 'PERSON_TOTAL' AND l.count > COALESCE(x.claimed, 0)`},
	{"coupon day stock", "no template has issued more on one day than its day stock", `
		SELECT l.brand_id, l.id, l.count FROM limit_counters l JOIN coupon_templates t ON t.id = l.scope_id
		WHERE l.kind = 'TEMPLATE_DAY' AND t.day_stock > 0 AND l.count > t.day_stock`},
	{"coupon used", "a used coupon has exactly one redemption in force, and says when it was used", `
		SELECT c.brand_id, c.id, c.state FROM coupons c LEFT JOIN redemptions r ON r.brand_id = c.brand_id AND r.kind = 'COUPON' AND r.active_subject_id = c.id
		WHERE c.state = 'USED' AND (r.id IS NULL OR c.used_at IS NULL)`},
	{"redemption of a used coupon", "a redemption in force is of a coupon that is used", `
		SELECT r.brand_id, r.id, c.state FROM redemptions r JOIN coupons c ON c.id = r.subject_id
		WHERE r.kind = 'COUPON' AND r.active_subject_id IS NOT NULL AND c.state <> 'USED'`},
	{"redemption state", "a confirmed redemption holds its subject and a reversed one has let it go, with time and reason", `
		SELECT brand_id, id, state FROM redemptions WHERE
		(state = 'CONFIRMED' AND (active_subject_id IS NULL OR active_subject_id <> subject_id OR reversed_at IS NOT NULL)) OR
		(state = 'REVERSED' AND (active_subject_id IS NOT NULL OR reversed_at IS NULL OR reversed_by IS NULL OR reverse_reason = '')) OR
		state NOT IN ('CONFIRMED', 'REVERSED')`},
	{"redemption member", "a coupon is redeemed for the member who has it", `
		SELECT r.brand_id, r.id, r.member_id FROM redemptions r JOIN coupons c ON c.id = r.subject_id WHERE r.kind = 'COUPON' AND c.member_id <> r.member_id`},
	{"redemption amount", "a redemption takes off no less than nothing", `
		SELECT brand_id, id, discount_fen FROM redemptions WHERE discount_fen < 0 OR purchase_fen < 0`},
	{"coupon window", "a coupon's use window does not end before it begins", `
		SELECT brand_id, id, expires_at FROM coupons WHERE expires_at < usable_from`},
	{"member events", "the numbers of a member's events end at the member's own count", `
		SELECT m.brand_id, m.id, m.event_sequence FROM members m
		LEFT JOIN (SELECT member_id, MAX(sequence) AS last, MIN(sequence) AS first, COUNT(*) AS kept FROM member_events GROUP BY member_id) e ON e.member_id = m.id
		WHERE e.last > m.event_sequence OR e.kept <> e.last - e.first + 1`},
	{"idempotency keys", "a remembered key names what it did", `
		SELECT brand_id, id, operation FROM idempotency_keys WHERE result_id = 0`},
	{"redemption keys", "the key of each redemption is remembered with that redemption, as long as keys are kept", `
		SELECT k.brand_id, k.id, k.result_id FROM idempotency_keys k LEFT JOIN redemptions r ON r.id = k.result_id AND r.brand_id = k.brand_id
		WHERE k.operation = 'redemptionConfirm' AND r.id IS NULL`},
	{"outbox", "a message is done when its handler committed, and only then", `
		SELECT brand_id, id, state FROM outbox_messages WHERE (state = 'DONE') <> (done_at IS NOT NULL) OR state NOT IN ('PENDING', 'DONE', 'DEAD') OR attempts < 0`},
	{"org path", "an org's path is its parent's and its own segment", `
		SELECT o.brand_id, o.id, o.path FROM orgs o LEFT JOIN orgs p ON p.id = o.parent_id
		WHERE (o.parent_id IS NULL) <> (o.kind = 'BRAND') OR (p.id IS NOT NULL AND SUBSTR(o.path, 1, LENGTH(p.path)) <> p.path)`},
	{"stock", "stock is never negative", `SELECT brand_id, id, quantity FROM stocks WHERE quantity < 0`},
	{"erased persons", "nothing personal remains of an erased person", `
		SELECT brand_id, id, state FROM persons WHERE state = 'ERASED' AND
		(nickname <> '' OR avatar_url <> '' OR birthday <> '' OR phone_hash IS NOT NULL OR phone_sealed IS NOT NULL OR phone_tail <> '')`},
	{"erased identities", "no identity of an erased person can sign in", `
		SELECT i.brand_id, i.id, i.person_id FROM identities i JOIN persons p ON p.id = i.person_id
		WHERE p.state = 'ERASED' AND (i.openid_hash IS NOT NULL OR i.openid_sealed IS NOT NULL OR i.unionid_hash IS NOT NULL)`},
	{"growth", "growth value is never negative", `SELECT brand_id, id, growth_value FROM members WHERE growth_value < 0`},
}
