package coupon

import (
	"context"
	"database/sql"
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

// lockMembers locks the callers' rows with one statement, in the order of their ids, and tells the state in which each stays until the commit. A transaction
// of SQLite has locked everything already, so there it does nothing and gives nil.
func (s *Service) lockMembers(ctx context.Context, b *book, claims []claim) (map[int64]enum.MemberState, error) {
	if s.Store.Dialect() != dialect.MySQL {
		return nil, nil
	}
	callers := make([]int64, len(claims))
	for i, c := range claims {
		callers[i] = c.memberID
	}
	callers = distinct(callers)
	args := make([]any, 0, 1+len(callers))
	args = append(args, b.template.BrandID)
	for _, id := range callers {
		args = append(args, id)
	}
	rows, err := s.Store.Client(ctx).QueryContext(ctx, lockMembersSQL+"(?"+strings.Repeat(", ?", len(callers)-1)+") ORDER BY id FOR UPDATE", args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	states := make(map[int64]enum.MemberState, len(callers))
	for rows.Next() {
		var id int64
		var state enum.MemberState
		if err := rows.Scan(&id, &state); err != nil {
			return nil, err
		}
		states[id] = state
	}
	return states, rows.Err()
}

// lockMembersSQL goes by the primary key, so that it locks the callers' rows and no others.
const lockMembersSQL = "SELECT id, state FROM members FORCE INDEX (PRIMARY) WHERE brand_id = ? AND id IN "

// readCallers reads with one statement, behind the lock of lockMembers, how the callers stand with the template, and what their keys have got before; and how
// many coupons the template gave out today, where that is limited.
func (s *Service) readCallers(ctx context.Context, b *book, claims []claim) error {
	locked, err := s.lockMembers(ctx, b, claims)
	if err != nil {
		return err
	}
	query, args := callersStatement(b, claims)
	rows, err := s.Store.Client(ctx).QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	b.members, b.first = make(map[int64]*standing, len(claims)), map[claim]*ent.Coupon{}
	for rows.Next() {
		var c claim
		var memberState sql.NullString
		var subject, couponID, templateID, ruleID sql.NullInt64
		var code, state, source sql.NullString
		var createdAt, usableFrom, expiresAt, usedAt sql.NullTime
		m := &standing{}
		if err := rows.Scan(&c.memberID, &c.key, &memberState, &subject, &m.total, &m.day, &m.person, &b.issuedToday, &m.once,
			&couponID, &createdAt, &templateID, &ruleID, &code, &state, &source, &usableFrom, &expiresAt, &usedAt); err != nil {
			return err
		}
		if memberState.Valid && b.members[c.memberID] == nil {
			m.state, m.subject = enum.MemberState(memberState.String), subject.Int64
			if state, ok := locked[c.memberID]; ok { // a plain read may be older than the lock (TiDB)
				m.state = state
			}
			b.members[c.memberID] = m
		}
		if couponID.Valid {
			first := &ent.Coupon{ID: couponID.Int64, CreatedAt: createdAt.Time, BrandID: b.template.BrandID, TemplateID: templateID.Int64, RuleID: ruleID.Int64,
				MemberID: c.memberID, Code: code.String, State: enum.CouponState(state.String), Source: enum.CouponSource(source.String), ClaimKey: c.key,
				UsableFrom: usableFrom.Time, ExpiresAt: expiresAt.Time}
			if usedAt.Valid {
				first.UsedAt = &usedAt.Time
			}
			b.first[c] = first
		}
	}
	return rows.Err()
}

// callersStatement joins each claim with its member, the member's counters that the template has, and the coupon of its key.
func callersStatement(b *book, claims []claim) (string, []any) {
	var q, joins strings.Builder
	var args []any
	q.WriteString("SELECT r.member_id, r.claim_key, m.state, p.limit_subject")
	joins.WriteString(" FROM (SELECT ? AS member_id, ? AS claim_key")
	joins.WriteString(strings.Repeat(" UNION ALL SELECT ?, ?", len(claims)-1))
	for _, c := range claims {
		args = append(args, c.memberID, c.key)
	}
	joins.WriteString(") r LEFT JOIN members m ON m.brand_id = ? AND m.id = r.member_id LEFT JOIN persons p ON p.brand_id = ? AND p.id = m.person_id")
	args = append(args, b.template.BrandID, b.template.BrandID)
	for _, n := range []struct {
		kind    enum.LimitKind
		subject string
		period  int
	}{
		{enum.LimitMemberTotal, "m.id", 0}, {enum.LimitMemberDay, "m.id", b.day}, {enum.LimitPersonTotal, "p.limit_subject", 0}, {enum.LimitTemplateDay, "0", b.day},
		{enum.LimitEventPerson, "p.limit_subject", b.way.period},
	} {
		if !b.counted(n.kind) {
			q.WriteString(", 0")
			continue
		}
		alias := "c_" + strings.ToLower(string(n.kind))
		q.WriteString(", COALESCE(" + alias + ".count, 0)")
		joins.WriteString(" LEFT JOIN limit_counters " + alias + " ON " + alias + ".brand_id = ? AND " + alias + ".kind = ? AND " +
			alias + ".scope_id = ? AND " + alias + ".subject_id = " + n.subject + " AND " + alias + ".period = ?")
		args = append(args, b.template.BrandID, string(n.kind), b.template.ID, n.period)
	}
	q.WriteString(", c.id, c.created_at, c.template_id, c.rule_id, c.code, c.state, c.source, c.usable_from, c.expires_at, c.used_at")
	joins.WriteString(" LEFT JOIN coupons c ON c.brand_id = ? AND c.member_id = r.member_id AND c.claim_key = r.claim_key")
	return q.String() + joins.String(), append(args, b.template.BrandID)
}

// insertCoupons writes the new coupons, sorted by member and key.
func (s *Service) insertCoupons(ctx context.Context, b *book) error {
	const row = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
	args := make([]any, 0, 14*len(b.issued))
	sorted := slices.Clone(b.issued)
	slices.SortFunc(sorted, func(x, y *ent.Coupon) int {
		return claim{x.MemberID, x.ClaimKey}.compare(claim{y.MemberID, y.ClaimKey})
	})
	for _, c := range sorted {
		args = append(args, c.ID, c.CreatedAt, c.BrandID, c.TemplateID, c.RuleID, c.MemberID, c.Code, string(c.State), string(c.Source), c.ClaimKey,
			c.UsableFrom, c.ExpiresAt, c.IssueJobID, c.OriginID)
	}
	_, err := s.Store.Client(ctx).ExecContext(ctx, insertCouponsSQL+row+strings.Repeat(", "+row, len(sorted)-1), args...)
	return err
}

const insertCouponsSQL = "INSERT INTO coupons (id, created_at, brand_id, template_id, rule_id, member_id, code, state, source, claim_key, usable_from, expires_at, issue_job_id, origin_id) VALUES "

// raiseCounters raises the counters, sorted, each under guard of its limit: a count that went past it would be NULL, which the column refuses.
func (s *Service) raiseCounters(ctx context.Context, b *book) error {
	const row = "(?, ?, ?, ?, ?, ?, ?, ?)"
	counters := slices.SortedFunc(maps.Keys(b.raised), counter.compare)
	args := make([]any, 0, 8*len(counters)+2*len(limitKinds))
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
	" t.member_day_limit, t.person_limit, t.claim_starts_at, t.claim_ends_at, t.validity_kind, t.valid_from, t.valid_until, t.valid_days, t.delay_days, t.budget_fen, t.budget_left_fen, t.version," +
	" COALESCE(m.state, 'CANCELLED'), COALESCE(c.count, 0), COALESCE(d.count, 0), COALESCE(h.count, 0), COALESCE(i.count, 0) FROM coupon_templates t" +
	" LEFT JOIN members m ON m.brand_id = ? AND m.id = ? LEFT JOIN persons p ON p.brand_id = ? AND p.id = m.person_id" +
	" LEFT JOIN limit_counters c ON c.brand_id = ? AND c.kind = 'MEMBER_TOTAL' AND c.scope_id = t.id AND c.subject_id = m.id AND c.period = 0" +
	" LEFT JOIN limit_counters d ON d.brand_id = ? AND d.kind = 'MEMBER_DAY' AND d.scope_id = t.id AND d.subject_id = m.id AND d.period = ?" +
	" LEFT JOIN limit_counters h ON h.brand_id = ? AND h.kind = 'PERSON_TOTAL' AND h.scope_id = t.id AND h.subject_id = p.limit_subject AND h.period = 0" +
	" LEFT JOIN limit_counters i ON i.brand_id = ? AND i.kind = 'TEMPLATE_DAY' AND i.scope_id = t.id AND i.subject_id = 0 AND i.period = ?" +
	" WHERE t.brand_id = ? AND t.state = 'ACTIVE' AND t.claim_ends_at > ? AND t.claim_starts_at <= ?" +
	" AND t.event = 'NONE' AND t.activated_by_id IS NULL"

// offersOrderSQL ends offersSQL, behind what narrows it.
const offersOrderSQL = " ORDER BY t.claim_ends_at, t.id LIMIT ?"

// What a marketer counts. The discount of a used coupon is on its redemption, found by the unique key of what is redeemed.
const (
	countsSQL = "SELECT c.template_id, c.state, COUNT(*), COALESCE(SUM(r.discount_fen), 0) FROM coupons c LEFT JOIN redemptions r" +
		" ON c.state = 'USED' AND r.brand_id = c.brand_id AND r.kind = 'COUPON' AND r.active_subject_id = c.id WHERE c.brand_id = ? AND c.template_id IN "
	countsGroupSQL = " GROUP BY c.template_id, c.state"
)

// limitKinds in the order of the guards' arguments.
var limitKinds = []enum.LimitKind{enum.LimitMemberTotal, enum.LimitMemberDay, enum.LimitPersonTotal, enum.LimitTemplateDay, enum.LimitEventPerson}

const (
	insertCountersSQL  = "INSERT INTO limit_counters (id, created_at, brand_id, kind, scope_id, subject_id, period, count) VALUES "
	raiseCountersMySQL = " ON DUPLICATE KEY UPDATE count = IF(count + VALUES(count) <= CASE kind WHEN ? THEN ? WHEN ? THEN ? WHEN ? THEN ? WHEN ? THEN ? WHEN ? THEN ? END," +
		" count + VALUES(count), NULL)"
	raiseCountersSQLite = " ON CONFLICT (brand_id, kind, scope_id, subject_id, period) DO UPDATE SET count = CASE WHEN limit_counters.count + excluded.count <=" +
		" CASE kind WHEN ? THEN ? WHEN ? THEN ? WHEN ? THEN ? WHEN ? THEN ? WHEN ? THEN ? END THEN limit_counters.count + excluded.count END"
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
