package coupon

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"entgo.io/ent/dialect"
	"github.com/go-sql-driver/mysql"
	"modernc.org/sqlite"

	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/internal/ids"
)

// The statements that ent has no words for. They go around the data layer's rules, so each names brand_id itself; a test reads them.

// readStandings reads members with their counters in one statement, and how many coupons the template gave out today.
func (s *Service) readStandings(ctx context.Context, b *book, claims []claim) (map[int64]*standing, int64, error) {
	members := make([]int64, len(claims))
	for i, c := range claims {
		members[i] = c.memberID
	}
	members = distinct(members)
	query, args := standingsStatement(b, members)
	rows, err := s.Store.Client(ctx).QueryContext(ctx, query, args...)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	found := make(map[int64]*standing, len(members))
	var issuedToday int64
	for rows.Next() {
		var id int64
		m := &standing{}
		if err := rows.Scan(&id, &m.state, &m.subject, &m.total, &m.day, &m.person, &issuedToday); err != nil {
			return nil, 0, err
		}
		found[id] = m
	}
	return found, issuedToday, rows.Err()
}

// standingsStatement joins each member with the counters that the template has.
func standingsStatement(b *book, members []int64) (string, []any) {
	brandID := b.template.BrandID
	var q, joins strings.Builder
	var args []any
	q.WriteString("SELECT m.id, m.state, p.limit_subject")
	for _, n := range []struct {
		kind    enum.LimitKind
		subject string
		period  int
	}{
		{enum.LimitMemberTotal, "m.id", 0}, {enum.LimitMemberDay, "m.id", b.day}, {enum.LimitPersonTotal, "p.limit_subject", 0}, {enum.LimitTemplateDay, "0", b.day},
	} {
		if !b.counted(n.kind) {
			q.WriteString(", 0")
			continue
		}
		alias := "c_" + strings.ToLower(string(n.kind))
		q.WriteString(", COALESCE(" + alias + ".count, 0)")
		joins.WriteString(" LEFT JOIN limit_counters " + alias + " ON " + alias + ".brand_id = m.brand_id AND " + alias + ".kind = ? AND " +
			alias + ".scope_id = ? AND " + alias + ".subject_id = " + n.subject + " AND " + alias + ".period = ?")
		args = append(args, string(n.kind), b.template.ID, n.period)
	}
	q.WriteString(" FROM members m JOIN persons p ON p.id = m.person_id AND p.brand_id = m.brand_id")
	q.WriteString(joins.String())
	q.WriteString(" WHERE m.brand_id = ? AND m.id IN (?" + strings.Repeat(", ?", len(members)-1) + ")")
	args = append(args, brandID)
	for _, id := range members {
		args = append(args, id)
	}
	return q.String(), args
}

// insertCoupons writes the new coupons, sorted by member and key.
func (s *Service) insertCoupons(ctx context.Context, b *book) error {
	const row = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
	args := make([]any, 0, 12*len(b.issued))
	sorted := slices.Clone(b.issued)
	slices.SortFunc(sorted, func(x, y *ent.Coupon) int {
		return claim{x.MemberID, x.ClaimKey}.compare(claim{y.MemberID, y.ClaimKey})
	})
	for _, c := range sorted {
		args = append(args, c.ID, c.CreatedAt, c.BrandID, c.TemplateID, c.RuleID, c.MemberID, c.Code, string(c.State), string(c.Source), c.ClaimKey,
			c.UsableFrom, c.ExpiresAt)
	}
	_, err := s.Store.Client(ctx).ExecContext(ctx, insertCouponsSQL+row+strings.Repeat(", "+row, len(sorted)-1), args...)
	return err
}

const insertCouponsSQL = "INSERT INTO coupons (id, created_at, brand_id, template_id, rule_id, member_id, code, state, source, claim_key, usable_from, expires_at) VALUES "

// raiseCounters raises the counters, sorted, each under guard of its limit: a count that went past it would be NULL, which the column refuses.
func (s *Service) raiseCounters(ctx context.Context, b *book) error {
	const row = "(?, ?, ?, ?, ?, ?, ?, ?)"
	counters := slices.SortedFunc(maps.Keys(b.raised), counter.compare)
	args := make([]any, 0, 8*len(counters)+5)
	for _, c := range counters {
		args = append(args, ids.Next(), b.now, b.template.BrandID, string(c.kind), b.template.ID, c.subject, c.period, b.raised[c])
	}
	for _, kind := range limitKinds {
		args = append(args, string(kind), b.limit(kind))
	}
	guard := raiseCountersSQLite
	if s.Store.Dialect() == dialect.MySQL {
		guard = raiseCountersMySQL
	}
	_, err := s.Store.Client(ctx).ExecContext(ctx, insertCountersSQL+row+strings.Repeat(", "+row, len(counters)-1)+guard, args...)
	if refusesNull(err) {
		return errStale
	}
	return err
}

// offersSQL reads the templates that can be claimed with how a member stands with each. Who is gone stands as cancelled. The joins are by unique keys, so
// there is one row a template.
const offersSQL = "SELECT t.id, t.org_id, t.name, t.description, t.state, t.rule_id, t.total_stock, t.stock_left, t.day_stock, t.member_limit," +
	" t.member_day_limit, t.person_limit, t.claim_starts_at, t.claim_ends_at, t.validity_kind, t.valid_from, t.valid_until, t.valid_days, t.delay_days, t.version," +
	" COALESCE(m.state, 'CANCELLED'), COALESCE(c.count, 0), COALESCE(d.count, 0), COALESCE(h.count, 0), COALESCE(i.count, 0) FROM coupon_templates t" +
	" LEFT JOIN members m ON m.brand_id = ? AND m.id = ? LEFT JOIN persons p ON p.brand_id = ? AND p.id = m.person_id" +
	" LEFT JOIN limit_counters c ON c.brand_id = ? AND c.kind = 'MEMBER_TOTAL' AND c.scope_id = t.id AND c.subject_id = m.id AND c.period = 0" +
	" LEFT JOIN limit_counters d ON d.brand_id = ? AND d.kind = 'MEMBER_DAY' AND d.scope_id = t.id AND d.subject_id = m.id AND d.period = ?" +
	" LEFT JOIN limit_counters h ON h.brand_id = ? AND h.kind = 'PERSON_TOTAL' AND h.scope_id = t.id AND h.subject_id = p.limit_subject AND h.period = 0" +
	" LEFT JOIN limit_counters i ON i.brand_id = ? AND i.kind = 'TEMPLATE_DAY' AND i.scope_id = t.id AND i.subject_id = 0 AND i.period = ?" +
	" WHERE t.brand_id = ? AND t.state = 'ACTIVE' AND t.claim_ends_at > ? AND t.claim_starts_at <= ? ORDER BY t.claim_ends_at, t.id LIMIT ?"

// What a marketer counts. The discount of a used coupon is on its redemption, found by the unique key of what is redeemed.
const (
	countsSQL = "SELECT c.template_id, c.state, COUNT(*), COALESCE(SUM(r.discount_fen), 0) FROM coupons c LEFT JOIN redemptions r" +
		" ON c.state = 'USED' AND r.brand_id = c.brand_id AND r.kind = 'COUPON' AND r.active_subject_id = c.id WHERE c.brand_id = ? AND c.template_id IN "
	countsGroupSQL = " GROUP BY c.template_id, c.state"
)

// limitKinds in the order of the guards' arguments.
var limitKinds = []enum.LimitKind{enum.LimitMemberTotal, enum.LimitMemberDay, enum.LimitPersonTotal, enum.LimitTemplateDay}

const (
	insertCountersSQL  = "INSERT INTO limit_counters (id, created_at, brand_id, kind, scope_id, subject_id, period, count) VALUES "
	raiseCountersMySQL = " ON DUPLICATE KEY UPDATE count = IF(count + VALUES(count) <= CASE kind WHEN ? THEN ? WHEN ? THEN ? WHEN ? THEN ? WHEN ? THEN ? END," +
		" count + VALUES(count), NULL)"
	raiseCountersSQLite = " ON CONFLICT (brand_id, kind, scope_id, subject_id, period) DO UPDATE SET count = CASE WHEN limit_counters.count + excluded.count <=" +
		" CASE kind WHEN ? THEN ? WHEN ? THEN ? WHEN ? THEN ? WHEN ? THEN ? END THEN limit_counters.count + excluded.count END"
)

// refusesNull says whether err is a column's refusal of NULL.
func refusesNull(err error) bool {
	const mysqlNull, sqliteNotNull = 1048, 1299
	if my, ok := errors.AsType[*mysql.MySQLError](err); ok {
		return my.Number == mysqlNull
	}
	lite, ok := errors.AsType[*sqlite.Error](err)
	return ok && lite.Code() == sqliteNotNull
}
