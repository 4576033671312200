package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"dongxiao/domain/ledger"
	"dongxiao/domain/membercode"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/idempotency"
	"dongxiao/internal/ids"
	"dongxiao/internal/money"
)

// plainRedeems redeems as one would by hand: one transaction with the same writes and the rules that this benchmark's coupons have, the busy rows last.
type plainRedeems struct {
	*redeems
	statements atomic.Int64
	// accounts are the stripes of what the brand and the store owe each other, by owner; rule is the coupons' own. Neither changes.
	once     sync.Once
	accounts map[int64][]int64
	rule     document.CouponRule
	fault    error
}

const (
	plainRedeemKeySQL    = "INSERT INTO idempotency_keys (id, created_at, brand_id, actor_id, operation, `key`, input_hash, result_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
	plainRedeemMemberSQL = "SELECT id, person_id, state, event_sequence FROM members WHERE brand_id = ? AND number = ? FOR UPDATE"
	plainRedeemStoreSQL  = "SELECT s.id, t.id FROM orgs o JOIN staff s ON s.brand_id = o.brand_id AND s.person_id = ? AND s.state = 'ACTIVE' JOIN orgs a ON a.id = s.org_id AND" +
		" SUBSTR(o.path, 1, LENGTH(a.path)) = a.path LEFT JOIN till_shifts t ON t.brand_id = s.brand_id AND t.open_staff_id = s.id AND t.store_id = o.id" +
		" WHERE o.brand_id = ? AND o.id = ? AND o.kind = 'STORE' AND o.state = 'ACTIVE' LIMIT 1"
	plainRedeemCouponSQL    = "SELECT template_id, state, usable_from, expires_at FROM coupons WHERE brand_id = ? AND id = ? AND member_id = ? FOR UPDATE"
	plainRedeemTemplatesSQL = "SELECT id, state FROM coupon_templates WHERE brand_id = ? AND id = ? UNION ALL SELECT id, state FROM coupon_templates WHERE brand_id = ? AND activated_by_id = ? AND org_id IN (?, ?) AND state = 'ACTIVE'"
	plainRedeemUseSQL       = "UPDATE coupons SET state = 'USED', used_at = ? WHERE brand_id = ? AND id = ? AND state IN ('PENDING', 'EFFECTIVE') AND usable_from <= ? AND expires_at > ?"
	plainRedeemRowSQL       = "INSERT INTO redemptions (id, created_at, brand_id, kind, subject_id, active_subject_id, member_id, store_id, staff_id, shift_id, state, purchase_fen, discount_fen," +
		" distance_metres, needs_review, idempotency_key, reverse_reason) VALUES (?, ?, ?, 'COUPON', ?, ?, ?, ?, ?, ?, 'CONFIRMED', ?, ?, -1, 0, ?, '')"
	plainRedeemAuditSQL    = "INSERT INTO audit_entries (id, created_at, brand_id, org_id, person_id, action, subject, after) VALUES (?, ?, ?, ?, ?, 'redemptionConfirm', ?, ?)"
	plainRedeemSequenceSQL = "UPDATE members SET event_sequence = event_sequence + 1 WHERE brand_id = ? AND id = ?"
	plainRedeemEventSQL    = "INSERT INTO member_events (id, created_at, brand_id, member_id, sequence, kind, coupon_id, redemption_id) VALUES (?, ?, ?, ?, ?, 'COUPON_REDEEMED', ?, ?)"
	plainRedeemPostingSQL  = "INSERT INTO ledger_postings (id, created_at, brand_id, kind, business_key, org_id, subject_id, occurred_at) VALUES (?, ?, ?, 'COUPON_USE', ?, ?, ?, ?)"
	plainRedeemEntriesSQL  = "INSERT INTO ledger_entries (id, created_at, brand_id, posting_id, account_id, amount) VALUES (?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?)"
	plainRedeemLineSQL     = "INSERT INTO clearing_lines (id, created_at, brand_id, kind, debtor_org_id, creditor_org_id, face_fen, fee_fen, amount_fen, subject_id, posting_id, period, state," +
		" dispute_reason) VALUES (?, ?, ?, 'COUPON', ?, ?, ?, 0, ?, ?, ?, ?, 'OPEN', '')"
	plainRedeemBalanceSQL = "UPDATE ledger_accounts SET balance = balance + CASE id WHEN ? THEN ? ELSE ? END WHERE brand_id = ? AND id IN (?, ?)"
)

// open reads what never changes.
func (p *plainRedeems) open(ctx context.Context) error {
	p.once.Do(func() {
		var text []byte
		if p.fault = p.store.DB().QueryRowContext(ctx, "SELECT rule FROM coupon_rules WHERE id = ?", p.ruleID).Scan(&text); p.fault != nil {
			return
		}
		if p.fault = json.Unmarshal(text, &p.rule); p.fault != nil {
			return
		}
		rows, err := p.store.DB().QueryContext(ctx, "SELECT owner_id, id FROM ledger_accounts WHERE brand_id = ? AND kind = 'CLEARING' ORDER BY stripe", p.brandID)
		if p.fault = err; err != nil {
			return
		}
		defer rows.Close()
		p.accounts = map[int64][]int64{}
		for rows.Next() {
			var owner, id int64
			if p.fault = rows.Scan(&owner, &id); p.fault != nil {
				return
			}
			p.accounts[owner] = append(p.accounts[owner], id)
		}
		p.fault = rows.Err()
	})
	return p.fault
}

// confirm redeems one coupon at the store.
func (p *plainRedeems) confirm(ctx context.Context, digits string, couponID int64, key string) (err error) {
	if err := p.open(ctx); err != nil {
		return err
	}
	const purchase money.Fen = 5000
	number, nonce, err := p.codec.Verify(digits, membercode.Redeem, p.clock.Now())
	if err != nil {
		return err
	}
	hash, err := idempotency.Hash([]any{digits, couponID, purchase})
	if err != nil {
		return err
	}
	tx, err := p.store.DB().BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, tx.Rollback())
		}
	}()
	do := func(statement string, args ...any) error {
		p.statements.Add(1)
		result, err := tx.ExecContext(ctx, statement, args...)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, apperr.New(apperr.CouponAlreadyUsed))
		}
		return nil
	}
	one := func(statement string, args []any, into ...any) error {
		p.statements.Add(1)
		err := tx.QueryRowContext(ctx, statement, args...).Scan(into...)
		if errors.Is(err, sql.ErrNoRows) {
			return apperr.New(apperr.NotFound)
		}
		return err
	}
	id, now, written := ids.Next(), p.clock.Now(), time.Now().UTC()
	if err := do(plainRedeemKeySQL, ids.Next(), written, p.brandID, p.personID, "redemptionConfirm", key, hash, id); err != nil {
		return err
	}
	var memberID, personID, sequence, staffID, templateID int64
	var member enum.MemberState
	if err := one(plainRedeemMemberSQL, []any{p.brandID, number}, &memberID, &personID, &member, &sequence); err != nil {
		return err
	}
	var shift sql.NullInt64
	if err := one(plainRedeemStoreSQL, []any{p.personID, p.brandID, p.stores[0]}, &staffID, &shift); err != nil {
		return err
	}
	switch {
	case member == enum.MemberFrozen:
		return apperr.New(apperr.MemberFrozen)
	case personID == p.personID:
		return apperr.New(apperr.SelfRedemption)
	}
	if err := do(plainRedeemKeySQL, ids.Next(), written, p.brandID, memberID, "memberCode", nonce, "", id); err != nil {
		return err
	}
	var state enum.CouponState
	var from, until time.Time
	if err := one(plainRedeemCouponSQL, []any{p.brandID, couponID, memberID}, &templateID, &state, &from, &until); err != nil {
		return err
	}
	if err := p.active(ctx, tx, templateID); err != nil {
		return err
	}
	switch {
	case state != enum.CouponEffective && state != enum.CouponPending:
		return apperr.New(apperr.CouponAlreadyUsed)
	case !now.Before(until):
		return apperr.New(apperr.CouponExpired)
	case now.Before(from):
		return apperr.New(apperr.CouponNotEffective)
	}
	discount := min(p.rule.AmountFen, purchase)
	shares, err := money.Split(discount, []int64{int64(p.rule.Funders[0].BasisPoints), int64(p.rule.Funders[1].BasisPoints)})
	if err != nil {
		return err
	}
	after := fmt.Sprintf(`{"coupon":%q,"discount":%d,"member":%q,"purchase":%d}`, ids.Encode(ids.Coupon, couponID), discount, ids.Encode(ids.Member, memberID), purchase)
	posting, stripe, owed := ids.Next(), rand.IntN(ledger.Stripes), int64(shares[0])
	creditor, debtor := p.accounts[p.stores[0]][stripe], p.accounts[p.rootID][stripe]
	for _, step := range []struct {
		statement string
		args      []any
	}{
		{plainRedeemUseSQL, []any{now, p.brandID, couponID, now, now}},
		{plainRedeemRowSQL, []any{id, now, p.brandID, couponID, couponID, memberID, p.stores[0], staffID, shift, int64(purchase), int64(discount), key}},
		{plainRedeemAuditSQL, []any{ids.Next(), written, p.brandID, p.stores[0], p.personID, ids.Encode(ids.Redemption, id), after}},
		{plainRedeemSequenceSQL, []any{p.brandID, memberID}},
		{plainRedeemEventSQL, []any{ids.Next(), written, p.brandID, memberID, sequence + 1, couponID, id}},
		{plainRedeemPostingSQL, []any{posting, written, p.brandID, "coupon-use:" + strconv.FormatInt(id, 10), p.stores[0], id, now}},
		{plainRedeemEntriesSQL, []any{ids.Next(), written, p.brandID, posting, creditor, owed, ids.Next(), written, p.brandID, posting, debtor, -owed}},
		{plainRedeemLineSQL, []any{ids.Next(), written, p.brandID, p.rootID, p.stores[0], owed, owed, id, posting, periodOf(now)}},
		{plainRedeemBalanceSQL, []any{creditor, owed, -owed, p.brandID, min(creditor, debtor), max(creditor, debtor)}},
	} {
		if err := do(step.statement, step.args...); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// active refuses a template that was withdrawn. What the redemption would activate is read with it; this benchmark's template activates none.
func (p *plainRedeems) active(ctx context.Context, tx *sql.Tx, templateID int64) error {
	p.statements.Add(1)
	rows, err := tx.QueryContext(ctx, plainRedeemTemplatesSQL, p.brandID, templateID, p.brandID, templateID, p.rootID, p.stores[0])
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var state enum.TemplateState
		if err := rows.Scan(&id, &state); err != nil {
			return err
		}
		if id == templateID && state == enum.TemplateVoid {
			return apperr.New(apperr.TemplateNotActive)
		}
	}
	return rows.Err()
}

// periodOf is the month of a moment in Shanghai, as YYYYMM.
func periodOf(at time.Time) int {
	period, _ := strconv.Atoi(at.In(time.FixedZone("", 8*3600)).Format("200601"))
	return period
}
