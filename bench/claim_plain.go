package main

import (
	"context"
	cryptorand "crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-sql-driver/mysql"

	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/clock"
	"dongxiao/internal/ids"
)

// plain claims as one would without batches: one transaction of hand-written SQL for each claim, in three orders. Each holds all the rules and
// leaves the same rows as the service (a test compares them); each says in its comment why it may be the fastest.
type plain struct {
	db         *sql.DB
	clock      clock.Clock
	brandID    int64
	statements atomic.Int64
}

// offer is what a claim must know: the template and how the member stands with it.
type offer struct {
	ruleID, left                                  int64
	limit, dayLimit, personLimit, dayStock        int64
	budget, budgetLeft                            int64
	state                                         enum.TemplateState
	starts, ends                                  time.Time
	kind                                          enum.ValidityKind
	from, until                                   sql.NullTime
	days, delay                                   int
	member                                        enum.MemberState
	subject                                       int64
	claimed, claimedToday, claimedByHuman, issued int64
	firstTemplate                                 sql.NullInt64
}

// promised is what a coupon of the benchmark takes off at most; the service keeps rules in memory, and so does this.
func (o *offer) promised() int64 {
	if o.budget == 0 {
		return 0
	}
	return int64(amountOff)
}

// offerSQL reads everything by its keys with one statement: the template, the member, all counters, and what the key has got before.
const offerSQL = "SELECT t.rule_id, t.stock_left, t.member_limit, t.member_day_limit, t.person_limit, t.day_stock, t.budget_fen, t.budget_left_fen, t.state," +
	" t.claim_starts_at, t.claim_ends_at, t.validity_kind, t.valid_from, t.valid_until, t.valid_days, t.delay_days, m.state, p.limit_subject, COALESCE(l.count, 0)," +
	" COALESCE(d.count, 0), COALESCE(h.count, 0), COALESCE(y.count, 0), c.template_id" +
	" FROM coupon_templates t JOIN members m ON m.brand_id = t.brand_id AND m.id = ? JOIN persons p ON p.brand_id = m.brand_id AND p.id = m.person_id" +
	" LEFT JOIN limit_counters l ON l.brand_id = t.brand_id AND l.kind = 'MEMBER_TOTAL' AND l.scope_id = t.id AND l.subject_id = m.id AND l.period = 0" +
	" LEFT JOIN limit_counters d ON d.brand_id = t.brand_id AND d.kind = 'MEMBER_DAY' AND d.scope_id = t.id AND d.subject_id = m.id AND d.period = ?" +
	" LEFT JOIN limit_counters h ON h.brand_id = t.brand_id AND h.kind = 'PERSON_TOTAL' AND h.scope_id = t.id AND h.subject_id = p.limit_subject AND h.period = 0" +
	" LEFT JOIN limit_counters y ON y.brand_id = t.brand_id AND y.kind = 'TEMPLATE_DAY' AND y.scope_id = t.id AND y.subject_id = 0 AND y.period = ?" +
	" LEFT JOIN coupons c ON c.brand_id = t.brand_id AND c.member_id = m.id AND c.claim_key = ?" +
	" WHERE t.id = ? AND t.brand_id = ?"

const (
	lockSQL = "SELECT 1 FROM coupon_templates WHERE id = ? AND brand_id = ? FOR UPDATE"
	// plainInsertSQL reads the member again, and InnoDB keeps the row as it was read until the commit: nobody who leaves meanwhile keeps a coupon.
	plainInsertSQL = "INSERT INTO coupons (id, created_at, brand_id, template_id, rule_id, member_id, code, state, source, claim_key, usable_from, expires_at)" +
		" SELECT ?, ?, ?, ?, ?, ?, ?, ?, 'CLAIM', ?, ?, ? FROM members WHERE id = ? AND brand_id = ? AND state IN ('VISITOR', 'REGISTERED')"
	plainCounterSQL = "INSERT INTO limit_counters (id, created_at, brand_id, kind, scope_id, subject_id, period, count) VALUES "
	counterRow      = "(?, ?, ?, ?, ?, ?, ?, 1)"
	guardSQL        = " ON DUPLICATE KEY UPDATE count = IF(count < CASE kind WHEN 'MEMBER_TOTAL' THEN ? WHEN 'MEMBER_DAY' THEN ? WHEN 'PERSON_TOTAL' THEN ? ELSE ? END, count + 1, NULL)"
	// stockSQL checks state and window again, since the offer was read without a lock.
	stockSQL = "UPDATE coupon_templates SET stock_left = stock_left - 1, budget_left_fen = budget_left_fen - ? WHERE id = ? AND brand_id = ? AND stock_left > 0 AND budget_left_fen >= ? AND state = 'ACTIVE' AND claim_starts_at <= ? AND claim_ends_at > ?"
	firstSQL = "SELECT template_id FROM coupons WHERE brand_id = ? AND member_id = ? AND claim_key = ?"
)

// Errors of MariaDB.
const nullRefused, lockTimeout, deadlock = 1048, 1205, 1213

// lockFirst takes the template's lock before anything else, so that nothing is done in vain. Its lock lasts longest.
func (p *plain) lockFirst(ctx context.Context, memberID, templateID int64, key string) error {
	return p.transaction(ctx, func(tx *sql.Tx) error {
		var one int
		p.statements.Add(1)
		if err := tx.QueryRowContext(ctx, lockSQL, templateID, p.brandID).Scan(&one); err != nil {
			return notFound(err)
		}
		o, done, err := p.read(ctx, tx, memberID, templateID, key)
		if err != nil || done {
			return err
		}
		if err := p.count(ctx, tx, o, memberID, templateID, everything...); err != nil {
			return err
		}
		if err := p.insert(ctx, tx, o, memberID, templateID, key); err != nil {
			return err
		}
		return p.take(ctx, tx, o, templateID)
	}, memberID, templateID, key)
}

// insertFirst reads without a lock, writes what is the member's own, and takes the stock last, so that the hot row is locked for one statement and
// the commit.
func (p *plain) insertFirst(ctx context.Context, memberID, templateID int64, key string) error {
	o, done, err := p.read(ctx, p.db, memberID, templateID, key)
	if err != nil || done {
		return err
	}
	return p.transaction(ctx, func(tx *sql.Tx) error {
		if err := p.insert(ctx, tx, o, memberID, templateID, key); err != nil {
			return err
		}
		if err := p.count(ctx, tx, o, memberID, templateID, own...); err != nil {
			return err
		}
		if err := p.take(ctx, tx, o, templateID); err != nil {
			return err
		}
		return p.count(ctx, tx, o, memberID, templateID, enum.LimitTemplateDay)
	}, memberID, templateID, key)
}

// updateFirst reads without a lock and takes the stock before it writes what is the member's own, so that latecomers turn back soonest.
func (p *plain) updateFirst(ctx context.Context, memberID, templateID int64, key string) error {
	o, done, err := p.read(ctx, p.db, memberID, templateID, key)
	if err != nil || done {
		return err
	}
	return p.transaction(ctx, func(tx *sql.Tx) error {
		if err := p.take(ctx, tx, o, templateID); err != nil {
			return err
		}
		if err := p.insert(ctx, tx, o, memberID, templateID, key); err != nil {
			return err
		}
		return p.count(ctx, tx, o, memberID, templateID, everything...)
	}, memberID, templateID, key)
}

// transaction runs act until the database does not give up on its own account. Whoever is refused looks its key up: another call with it may have
// been faster.
func (p *plain) transaction(ctx context.Context, act func(*sql.Tx) error, memberID, templateID int64, key string) error {
	for {
		err := p.try(ctx, act)
		if refused, ok := errors.AsType[*mysql.MySQLError](err); ok {
			switch refused.Number {
			case deadlock, lockTimeout:
				time.Sleep(time.Duration(1+rand.N(5)) * time.Millisecond)
				continue
			case nullRefused:
				err = apperr.New(apperr.LimitReached)
			}
		}
		if err == nil {
			return nil
		}
		var first int64
		p.statements.Add(1)
		switch lookUp := p.db.QueryRowContext(ctx, firstSQL, p.brandID, memberID, key).Scan(&first); {
		case lookUp == nil:
			return sameTemplate(first, templateID)
		case errors.Is(lookUp, sql.ErrNoRows):
			return err
		default:
			return lookUp
		}
	}
}

func (p *plain) try(ctx context.Context, act func(*sql.Tx) error) error {
	tx, err := p.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := act(tx); err != nil {
		_ = tx.Rollback()
		return err
	}
	return tx.Commit()
}

// querier is a transaction or the pool.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// read reads the offer and refuses what needs no lock to be refused; done says that the key has its coupon already.
func (p *plain) read(ctx context.Context, q querier, memberID, templateID int64, key string) (o *offer, done bool, err error) {
	o = &offer{}
	p.statements.Add(1)
	day := p.day()
	err = q.QueryRowContext(ctx, offerSQL, memberID, day, day, key, templateID, p.brandID).Scan(&o.ruleID, &o.left, &o.limit, &o.dayLimit, &o.personLimit, &o.dayStock,
		&o.budget, &o.budgetLeft, &o.state, &o.starts, &o.ends, &o.kind, &o.from, &o.until, &o.days, &o.delay, &o.member, &o.subject, &o.claimed, &o.claimedToday,
		&o.claimedByHuman, &o.issued, &o.firstTemplate)
	if err != nil {
		return nil, false, notFound(err)
	}
	now := p.clock.Now()
	switch {
	case o.firstTemplate.Valid:
		return o, true, sameTemplate(o.firstTemplate.Int64, templateID)
	case o.state == enum.TemplateDraft, o.state == enum.TemplateReview:
		err = apperr.New(apperr.NotFound)
	case o.state != enum.TemplateActive:
		err = apperr.New(apperr.TemplateNotActive)
	case now.Before(o.starts):
		err = apperr.New(apperr.ClaimNotOpen)
	case !now.Before(o.ends):
		err = apperr.New(apperr.ClaimEnded)
	case o.member == enum.MemberFrozen:
		err = apperr.New(apperr.MemberFrozen)
	case o.member == enum.MemberCancelled:
		err = apperr.New(apperr.MemberCancelled)
	case o.limit > 0 && o.claimed >= o.limit:
		err = apperr.New(apperr.LimitReached, "limit", strconv.FormatInt(o.limit, 10))
	case o.dayLimit > 0 && o.claimedToday >= o.dayLimit:
		err = apperr.New(apperr.LimitReached, "limit", strconv.FormatInt(o.dayLimit, 10))
	case o.personLimit > 0 && o.claimedByHuman >= o.personLimit:
		err = apperr.New(apperr.LimitReached, "limit", strconv.FormatInt(o.personLimit, 10))
	case o.left == 0, o.dayStock > 0 && o.issued >= o.dayStock:
		err = apperr.New(apperr.OutOfStock)
	case o.budgetLeft < o.promised():
		err = apperr.New(apperr.BudgetExhausted)
	}
	return o, false, err
}

func (p *plain) insert(ctx context.Context, tx *sql.Tx, o *offer, memberID, templateID int64, key string) error {
	now := p.clock.Now()
	from := now.AddDate(0, 0, o.delay)
	until := from.AddDate(0, 0, o.days)
	if o.kind == enum.ValidityFixed {
		from, until = o.from.Time, o.until.Time
	}
	state := enum.CouponEffective
	if now.Before(from) {
		state = enum.CouponPending
	}
	p.statements.Add(1)
	outcome, err := tx.ExecContext(ctx, plainInsertSQL, ids.Next(), now, p.brandID, templateID, o.ruleID, memberID, plainCode(), string(state), key, from, until,
		memberID, p.brandID)
	if err != nil {
		return err
	}
	changed, err := outcome.RowsAffected()
	if err == nil && changed != 1 { // the member left or was frozen since it was read
		_, _, err = p.read(ctx, p.db, memberID, templateID, key)
	}
	return err
}

// own are the counters of the member alone, which no other claim waits for.
var own = []enum.LimitKind{enum.LimitMemberTotal, enum.LimitMemberDay, enum.LimitPersonTotal}

// everything is own and the counter of the template's day, which every claim of the template waits for.
var everything = append(slices.Clone(own), enum.LimitTemplateDay)

// count raises the counters that the template has, of those named, with one statement.
func (p *plain) count(ctx context.Context, tx *sql.Tx, o *offer, memberID, templateID int64, kinds ...enum.LimitKind) error {
	limits := map[enum.LimitKind]int64{enum.LimitMemberTotal: o.limit, enum.LimitMemberDay: o.dayLimit, enum.LimitPersonTotal: o.personLimit, enum.LimitTemplateDay: o.dayStock}
	subjects := map[enum.LimitKind]int64{enum.LimitMemberTotal: memberID, enum.LimitMemberDay: memberID, enum.LimitPersonTotal: o.subject}
	var rows []string
	var args []any
	for _, kind := range kinds {
		if limits[kind] == 0 && kind != enum.LimitMemberTotal {
			continue
		}
		period := 0
		if kind == enum.LimitMemberDay || kind == enum.LimitTemplateDay {
			period = p.day()
		}
		rows = append(rows, counterRow)
		args = append(args, ids.Next(), p.clock.Now(), p.brandID, string(kind), templateID, subjects[kind], period)
	}
	if len(rows) == 0 {
		return nil
	}
	for _, kind := range everything {
		limit := limits[kind]
		if limit == 0 {
			limit = math.MaxInt64
		}
		args = append(args, limit)
	}
	p.statements.Add(1)
	_, err := tx.ExecContext(ctx, plainCounterSQL+strings.Join(rows, ", ")+guardSQL, args...)
	return err
}

// day is today as counters keep it, in the brand's time zone.
func (p *plain) day() int {
	day, _ := strconv.Atoi(p.clock.Now().In(shanghai).Format("20060102"))
	return day
}

var shanghai = time.FixedZone("Asia/Shanghai", 8*60*60)

func (p *plain) take(ctx context.Context, tx *sql.Tx, o *offer, templateID int64) error {
	p.statements.Add(1)
	now := p.clock.Now()
	outcome, err := tx.ExecContext(ctx, stockSQL, o.promised(), templateID, p.brandID, o.promised(), now, now)
	if err != nil {
		return err
	}
	changed, err := outcome.RowsAffected()
	if err == nil && changed != 1 {
		err = apperr.New(apperr.OutOfStock)
	}
	return err
}

func sameTemplate(first, templateID int64) error {
	if first != templateID {
		return apperr.New(apperr.IdempotencyKeyReused)
	}
	return nil
}

func notFound(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return apperr.New(apperr.NotFound)
	}
	return err
}

// plainCode draws a code as the service does.
func plainCode() string {
	const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	var b [12]byte
	_, _ = cryptorand.Read(b[:])
	for i := range b {
		b[i] = letters[b[i]%32]
	}
	return string(b[:])
}

// insert writes rows of so many columns with one statement.
func insert(ctx context.Context, db *sql.DB, into string, columns int, args []any) error {
	row := "(?" + strings.Repeat(", ?", columns-1) + ")"
	if _, err := db.ExecContext(ctx, into+row+strings.Repeat(", "+row, len(args)/columns-1), args...); err != nil {
		return fmt.Errorf("insert rows: %w", err)
	}
	return nil
}
