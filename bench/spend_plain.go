package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-sql-driver/mysql"

	"dongxiao/auth"
	"dongxiao/domain/ledger"
	"dongxiao/domain/membercode"
	"dongxiao/domain/wallet"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/clock"
	"dongxiao/internal/idempotency"
	"dongxiao/internal/ids"
	"dongxiao/internal/money"
)

// plainSpends spends as one would by hand: everything that needs no lock with one statement by keys, then one transaction that locks what is the member's with
// two statements and takes the busy row last. It holds the rules of the till and leaves the same rows (a test compares them), for value that is spent where it
// was issued and needs no confirmation.
type plainSpends struct {
	db                *sql.DB
	clock             clock.Clock
	codec             *membercode.Codec
	brandID, personID int64
	statements        atomic.Int64
	// rows are the numbers of account rows by what they are.
	rows sync.Map
}

// tillView is what a spend must know before it locks anything.
type tillView struct {
	memberID, personID, walletID, staffID int64
	generation                            int
	member                                enum.MemberState
	wallet                                enum.WalletState
	path                                  string
	shop                                  enum.OrgState
	role                                  auth.Role
	document                              string
	first                                 sql.NullInt64
	firstHash                             sql.NullString
}

// plainTillSQL reads the member, the wallet, the store, the clerk's row next to it, the brand's settings, and what the key has paid before.
const plainTillSQL = "SELECT m.id, m.person_id, m.state, w.id, w.state, w.generation, o.path, o.state, s.id, s.role, COALESCE(b.document, ''), p.id, p.input_hash FROM members m" +
	" JOIN wallets w ON w.brand_id = m.brand_id AND w.member_id = m.id" +
	" JOIN orgs o ON o.id = ? AND o.brand_id = m.brand_id AND o.kind = 'STORE'" +
	" JOIN staff s ON s.brand_id = m.brand_id AND s.person_id = ? AND s.state = 'ACTIVE'" +
	" JOIN orgs a ON a.id = s.org_id AND SUBSTR(o.path, 1, LENGTH(a.path)) = a.path" +
	" LEFT JOIN brand_settings b ON b.brand_id = m.brand_id AND b.kind = 'STORED_VALUE'" +
	" LEFT JOIN wallet_payments p ON p.brand_id = m.brand_id AND p.actor_id = ? AND p.idempotency_key = ?" +
	" WHERE m.number = ? AND m.brand_id = ? ORDER BY LENGTH(a.path) DESC LIMIT 1"

const (
	plainSpendLotsSQL = "SELECT m.state, m.event_sequence, w.state, w.generation, l.id, l.kind, l.issuer_org_id, l.scope_org_id, l.amount, l.remaining, l.held, l.expires_at" +
		" FROM members m JOIN wallets w ON w.brand_id = m.brand_id AND w.member_id = m.id" +
		" LEFT JOIN lots l ON l.brand_id = m.brand_id AND l.member_id = m.id AND l.kind IN ('PRINCIPAL', 'BONUS') AND l.remaining > 0 WHERE m.id = ? FOR UPDATE"
	plainSpendAccountsSQL = "SELECT id, kind, balance FROM ledger_accounts WHERE brand_id = ? AND kind IN ('PRINCIPAL', 'BONUS') AND owner_id = ? FOR UPDATE"
	plainNonceSQL         = "INSERT INTO idempotency_keys (id, created_at, brand_id, actor_id, operation, `key`, input_hash, result_id) VALUES (?, ?, ?, ?, 'payCode', ?, '', ?)"
	plainWalletSQL        = "UPDATE members m JOIN wallets w ON w.brand_id = m.brand_id AND w.member_id = m.id SET m.event_sequence = m.event_sequence + 1, w.balance_fen = w.balance_fen - ?" +
		" WHERE m.id = ? AND w.balance_fen >= ?"
	plainSpentSQL = "INSERT INTO wallet_payments (id, created_at, brand_id, wallet_id, member_id, org_id, state, source, amount_fen, principal_fen, bonus_fen, captured_fen, staff_id," +
		" actor_id, idempotency_key, input_hash, captured_at) VALUES (?, ?, ?, ?, ?, ?, 'CAPTURED', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
	plainSpendSQL = "INSERT INTO ledger_postings (id, created_at, brand_id, kind, business_key, org_id, member_id, subject_id, occurred_at) VALUES (?, ?, ?, 'SPEND', ?, ?, ?, ?, ?)"
	plainEventSQL = "INSERT INTO member_events (id, created_at, brand_id, member_id, sequence, kind, wallet_payment_id) VALUES (?, ?, ?, ?, ?, ?, ?)"
	plainAuditSQL = "INSERT INTO audit_entries (id, created_at, brand_id, org_id, person_id, action, subject, after) VALUES (?, ?, ?, ?, ?, 'walletCharge', ?, ?)"
)

// charge takes an amount of a member's value at a store.
func (p *plainSpends) charge(ctx context.Context, digits string, storeID int64, amount money.Fen, key string) error {
	if amount <= 0 || amount > wallet.MaxPayment {
		return apperr.New(apperr.InvalidInput)
	}
	if err := idempotency.CheckKey(key); err != nil {
		return err
	}
	hash, err := idempotency.Hash(wallet.Charge{PayCode: digits, StoreID: storeID, Amount: amount, IdempotencyKey: key})
	if err != nil {
		return err
	}
	code, err := p.codec.VerifyPay(digits, p.clock.Now())
	if err != nil {
		return apperr.New(apperr.PayCodeInvalid)
	}
	var v tillView
	p.statements.Add(1)
	err = p.db.QueryRowContext(ctx, plainTillSQL, storeID, p.personID, p.personID, key, code.MemberNumber, p.brandID).Scan(&v.memberID, &v.personID, &v.member, &v.walletID,
		&v.wallet, &v.generation, &v.path, &v.shop, &v.staffID, &v.role, &v.document, &v.first, &v.firstHash)
	if err != nil {
		return notFound(err)
	}
	if v.first.Valid {
		if v.firstHash.String != hash {
			return apperr.New(apperr.IdempotencyKeyReused)
		}
		return nil
	}
	settings := wallet.Defaults
	if v.document != "" {
		if err := json.Unmarshal([]byte(v.document), &settings); err != nil {
			return err
		}
	}
	switch {
	case !code.Of(v.generation):
		return apperr.New(apperr.PayCodeInvalid)
	case !v.role.Can(auth.ChargeWallets):
		return apperr.New(apperr.NotFound)
	case v.shop != enum.OrgActive:
		return apperr.New(apperr.StoreClosed)
	case v.personID == p.personID:
		return apperr.New(apperr.SelfCharge)
	case amount > settings.ConfirmAboveFen:
		return errors.New("the member would have to confirm it, which is not compared")
	}
	stripe, err := p.stripe(ctx, storeID)
	if err != nil {
		return err
	}
	for {
		tx, err := p.db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		if err = p.spend(ctx, tx, &v, code, storeID, amount, key, hash, stripe); err == nil {
			return tx.Commit()
		}
		_ = tx.Rollback()
		if refused, ok := errors.AsType[*mysql.MySQLError](err); ok {
			switch {
			case refused.Number == deadlock || refused.Number == lockTimeout:
				time.Sleep(time.Duration(1+rand.N(5)) * time.Millisecond)
				continue
			case refused.Number == duplicate && strings.Contains(refused.Message, "operation"):
				return apperr.New(apperr.PayCodeUsed)
			}
		}
		return err
	}
}

// spend is the transaction.
func (p *plainSpends) spend(ctx context.Context, tx *sql.Tx, v *tillView, code membercode.PayCode, storeID int64, amount money.Fen, key, hash string, stripe int64) error {
	lots, sequence, err := p.lock(ctx, tx, v, code)
	if err != nil {
		return err
	}
	accounts, balances, err := p.accounts(ctx, tx, v.memberID)
	if err != nil {
		return err
	}
	settings := wallet.Defaults
	if v.document != "" {
		if err := json.Unmarshal([]byte(v.document), &settings); err != nil {
			return err
		}
	}
	now := p.clock.Now()
	takes, err := wallet.Allocate(lots, amount, settings.SpendOrder, settings.BonusCap, v.path, now)
	if err != nil {
		return err
	}
	payment, posting := ids.Next(), ids.Next()
	if err := p.exec(ctx, tx, plainNonceSQL, ids.Next(), now, p.brandID, v.memberID, code.NonceKey, payment); err != nil {
		return err
	}
	if err := p.exec(ctx, tx, plainWalletSQL, amount, v.memberID, amount); err != nil {
		return err
	}
	shares := map[enum.LotKind]int64{}
	var movements, cases, numbers []any
	for _, t := range takes {
		if t.Lot.IssuerOrgID != storeID {
			return errors.New("somebody else would owe it, which is not compared")
		}
		shares[t.Lot.Kind] += t.Amount
		movements = append(movements, ids.Next(), now, p.brandID, posting, t.Lot.ID, -t.Amount, 0, t.Lot.Remaining-t.Amount, t.Lot.Held)
		cases, numbers = append(cases, t.Lot.ID, t.Amount), append(numbers, t.Lot.ID)
	}
	if err := p.exec(ctx, tx, plainSpentSQL, payment, now, p.brandID, v.walletID, v.memberID, storeID, string(enum.WalletPaymentTill), amount, shares[enum.LotPrincipal],
		shares[enum.LotBonus], amount, v.staffID, p.personID, key, hash, now); err != nil {
		return err
	}
	businessKey := fmt.Sprint("wallet-spend:", payment)
	if settings.SpendOrder == enum.SpendProportional {
		businessKey += ":shared"
	}
	if err := p.exec(ctx, tx, plainSpendSQL, posting, now, p.brandID, businessKey, storeID, v.memberID, payment, now); err != nil {
		return err
	}
	if err := p.exec(ctx, tx, "UPDATE lots SET remaining = remaining - CASE id"+strings.Repeat(" WHEN ? THEN ?", len(takes))+" END WHERE id IN (?"+
		strings.Repeat(", ?", len(takes)-1)+")", append(cases, numbers...)...); err != nil {
		return err
	}
	if err := p.exec(ctx, tx, "INSERT INTO lot_movements (id, created_at, brand_id, posting_id, lot_id, remaining_change, held_change, remaining_after, held_after) VALUES "+
		rows(len(takes), 9), movements...); err != nil {
		return err
	}
	entries, changes, touched := []any{ids.Next(), now, p.brandID, posting, stripe, amount, nil}, []any{stripe, int64(amount)}, []any{stripe}
	for kind, account := range map[enum.LotKind]enum.AccountKind{enum.LotPrincipal: enum.AccountPrincipal, enum.LotBonus: enum.AccountBonus} {
		if shares[kind] > 0 {
			entries = append(entries, ids.Next(), now, p.brandID, posting, accounts[account], -shares[kind], balances[account]-shares[kind])
			changes, touched = append(changes, accounts[account], -shares[kind]), append(touched, accounts[account])
		}
	}
	if err := p.exec(ctx, tx, "INSERT INTO ledger_entries (id, created_at, brand_id, posting_id, account_id, amount, balance_after) VALUES "+rows(len(touched), 7), entries...); err != nil {
		return err
	}
	if err := p.exec(ctx, tx, plainEventSQL, ids.Next(), now, p.brandID, v.memberID, sequence+1, string(enum.EventWalletChanged), payment); err != nil {
		return err
	}
	after, err := json.Marshal(map[string]any{"state": enum.WalletPaymentCaptured, "amount": amount, "member": ids.Encode(ids.Member, v.memberID)})
	if err != nil {
		return err
	}
	if err := p.exec(ctx, tx, plainAuditSQL, ids.Next(), now, p.brandID, storeID, p.personID, ids.ID{Kind: ids.WalletPayment, Value: payment}.String(), after); err != nil {
		return err
	}
	return p.exec(ctx, tx, "UPDATE ledger_accounts SET balance = balance + CASE id"+strings.Repeat(" WHEN ? THEN ?", len(touched))+" END WHERE id IN (?"+
		strings.Repeat(", ?", len(touched)-1)+")", append(changes, touched...)...)
}

// lock locks the member, the wallet and the lots, and refuses who may not spend.
func (p *plainSpends) lock(ctx context.Context, tx *sql.Tx, v *tillView, code membercode.PayCode) (lots []*ent.Lot, sequence int64, err error) {
	p.statements.Add(1)
	found, err := tx.QueryContext(ctx, plainSpendLotsSQL, v.memberID)
	if err != nil {
		return nil, 0, err
	}
	defer found.Close()
	for found.Next() {
		var id, issuer, scope, amount, remaining, held sql.NullInt64
		var kind sql.NullString
		var expires sql.NullTime
		if err := found.Scan(&v.member, &sequence, &v.wallet, &v.generation, &id, &kind, &issuer, &scope, &amount, &remaining, &held, &expires); err != nil {
			return nil, 0, err
		}
		if !id.Valid {
			continue
		}
		lot := &ent.Lot{ID: id.Int64, Kind: enum.LotKind(kind.String), IssuerOrgID: issuer.Int64, ScopeOrgID: scope.Int64, Amount: amount.Int64, Remaining: remaining.Int64, Held: held.Int64}
		if expires.Valid {
			lot.ExpiresAt = &expires.Time
		}
		lots = append(lots, lot)
	}
	if err := found.Err(); err != nil {
		return nil, 0, err
	}
	switch {
	case !code.Of(v.generation):
		err = apperr.New(apperr.PayCodeInvalid)
	case v.member == enum.MemberFrozen:
		err = apperr.New(apperr.MemberFrozen)
	case v.member == enum.MemberCancelled:
		err = apperr.New(apperr.MemberCancelled)
	case v.wallet == enum.WalletFrozen:
		err = apperr.New(apperr.WalletFrozen)
	case v.wallet == enum.WalletClosed:
		err = apperr.New(apperr.WalletClosed)
	}
	return lots, sequence, err
}

// accounts locks the member's accounts.
func (p *plainSpends) accounts(ctx context.Context, tx *sql.Tx, memberID int64) (numbers, balances map[enum.AccountKind]int64, err error) {
	p.statements.Add(1)
	found, err := tx.QueryContext(ctx, plainSpendAccountsSQL, p.brandID, memberID)
	if err != nil {
		return nil, nil, err
	}
	defer found.Close()
	numbers, balances = map[enum.AccountKind]int64{}, map[enum.AccountKind]int64{}
	for found.Next() {
		var id, balance int64
		var kind enum.AccountKind
		if err := found.Scan(&id, &kind, &balance); err != nil {
			return nil, nil, err
		}
		numbers[kind], balances[kind] = id, balance
	}
	return numbers, balances, found.Err()
}

// stripe is the number of a row of what was spent at the store.
func (p *plainSpends) stripe(ctx context.Context, storeID int64) (id int64, err error) {
	key := [2]int64{storeID, rand.Int64N(ledger.Stripes)}
	if known, ok := p.rows.Load(key); ok {
		return known.(int64), nil
	}
	p.statements.Add(1)
	err = p.db.QueryRowContext(ctx, plainRowSQL, p.brandID, string(enum.AccountValueSpent), storeID, key[1]).Scan(&id)
	if err == nil {
		p.rows.Store(key, id)
	}
	return id, err
}

// exec changes at least one row, or it is refused.
func (p *plainSpends) exec(ctx context.Context, tx *sql.Tx, query string, args ...any) error {
	p.statements.Add(1)
	outcome, err := tx.ExecContext(ctx, query, args...)
	if err != nil {
		return err
	}
	if n, err := outcome.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, apperr.New(apperr.Conflict))
	}
	return nil
}

// rows is the marks of n rows of so many columns.
func rows(n, columns int) string {
	row := "(?" + strings.Repeat(", ?", columns-1) + ")"
	return row + strings.Repeat(", "+row, n-1)
}
