package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-sql-driver/mysql"

	"dongxiao/domain/ledger"
	"dongxiao/domain/payment"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/internal/clock"
	"dongxiao/internal/ids"
	"dongxiao/internal/keyring"
	"dongxiao/internal/keys"
	"dongxiao/internal/money"
	"dongxiao/internal/wechatpay"
)

// plainNotices takes notices of payments as one would by hand: verified in the same way and read with two statements without a lock. Then it stores the notice, answers,
// and applies it in one transaction with the busy rows last, which is what the service promises: nothing of our state makes it refuse what WeChat Pay has to say.
// At once it does without that promise and stores and applies in the same transaction, before the answer. Either holds the same rules and leaves the same
// rows (a test compares them).
type plainNotices struct {
	db         *sql.DB
	clock      clock.Clock
	ring       *keyring.Keyring
	applied    *atomic.Int64
	atOnce     bool
	statements atomic.Int64
	// later are the notices that are stored and not applied yet, and slots bounds how many of them are applied side by side.
	later sync.WaitGroup
	slots chan struct{}
	// clients by the row of their account, and numbers of account rows by what they are.
	clients, rows sync.Map
}

// plainAccount is a merchant account's row.
type plainAccount struct {
	id, brandID                      int64
	merchantID, serial, private, api string
	publicKeyID                      string
	publicKey                        string
	certificates                     bool
}

// paidRow is a payment with what a notice is compared with.
type paidRow struct {
	id, accountID, orgID, amount int64
	memberID                     sql.NullInt64
	state                        enum.PaymentState
	transactionID                sql.NullString
	appID, merchantID            string
	payerMatches                 bool
}

const (
	plainAccountSQL = "SELECT id, brand_id, merchant_id, certificate_serial, private_key_sealed, api_key_sealed, public_key_id, COALESCE(public_key, ''), certificates" +
		" FROM merchant_accounts WHERE id = ?"
	plainPaymentSQL = "SELECT p.id, p.merchant_account_id, p.org_id, p.amount_fen, p.member_id, p.state, p.transaction_id, a.wechat_app_id, m.merchant_id," +
		" EXISTS (SELECT 1 FROM identities i JOIN persons q ON q.id = i.person_id JOIN persons o ON o.id = p.person_id WHERE i.brand_id = p.brand_id AND i.app_id = p.app_id" +
		" AND (i.openid_hash = ? OR i.former_openid_hash = ?) AND q.limit_subject = o.limit_subject)" +
		" FROM payments p JOIN apps a ON a.id = p.app_id JOIN merchant_accounts m ON m.id = p.merchant_account_id WHERE p.brand_id = ? AND p.out_trade_no = ?"
	plainNoticeSQL = "INSERT INTO payment_notices (id, created_at, brand_id, merchant_account_id, event_id, event_type, number, content, applied_at, attempts, due_at)" +
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
	plainAppliedSQL = "UPDATE payment_notices SET applied_at = ?, attempts = attempts + 1 WHERE id = ? AND applied_at IS NULL"
	plainPaidSQL    = "UPDATE payments SET state = 'PAID', outcome = ?, transaction_id = ?, paid_fen = ?, paid_at = ?, check_at = NULL, dispute = ?, refunding_fen = refunding_fen + ?" +
		" WHERE id = ? AND state = ?"
	plainOutboxSQL = "INSERT INTO outbox_messages (id, created_at, brand_id, topic, payload, due_at) VALUES (?, ?, ?, ?, ?, ?)"
	plainRefundSQL = "INSERT INTO payment_refunds (id, created_at, brand_id, payment_id, merchant_account_id, org_id, member_id, out_refund_no, cause, subject_id, amount_fen, check_at)" +
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
	plainPostingSQL = "INSERT INTO ledger_postings (id, created_at, brand_id, kind, business_key, org_id, subject_id, occurred_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
	plainEntriesSQL = "INSERT INTO ledger_entries (id, created_at, brand_id, posting_id, account_id, amount) VALUES (?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?)"
	plainBalanceSQL = "UPDATE ledger_accounts SET balance = balance + IF(id = ?, ?, ?) WHERE id IN (?, ?)"
	plainRowSQL     = "SELECT id FROM ledger_accounts WHERE brand_id = ? AND kind = ? AND owner_id = ? AND stripe = ?"
	plainNewRowSQL  = "INSERT IGNORE INTO ledger_accounts (id, created_at, brand_id, asset, kind, owner_id, stripe) VALUES (?, ?, ?, 'MONEY', ?, ?, ?)"
)

// duplicate is MariaDB's error of a unique key.
const duplicate = 1062

func (p *plainNotices) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, wechatpay.MaxNotice))
	if err != nil {
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		return
	}
	id, ok := ids.Decode(ids.MerchantAccount, r.PathValue("account"))
	if !ok {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	switch err := p.receive(r.Context(), id, r.Header, body); {
	case errors.Is(err, payment.ErrRefused):
		w.WriteHeader(http.StatusUnauthorized)
	case err != nil:
		w.WriteHeader(http.StatusServiceUnavailable)
	default:
		w.WriteHeader(http.StatusNoContent)
	}
}

func (p *plainNotices) receive(ctx context.Context, accountID int64, header http.Header, body []byte) error {
	a, client, err := p.account(ctx, accountID)
	if err != nil {
		return err
	}
	n, err := client.ParseNotice(ctx, header, body)
	if err != nil || n.Transaction == nil {
		return fmt.Errorf("%w: %w", payment.ErrRefused, err)
	}
	err = retried(func() error { return p.apply(ctx, a, n) })
	if refused, ok := errors.AsType[*mysql.MySQLError](err); ok && refused.Number == duplicate && strings.Contains(refused.Message, "event_id") {
		return nil
	}
	return err
}

// retried acts until the database does not give up on its own account, and the payment is what was read of it.
func retried(act func() error) error {
	for {
		err := act()
		refused, ok := errors.AsType[*mysql.MySQLError](err)
		switch {
		case ok && (refused.Number == deadlock || refused.Number == lockTimeout):
			time.Sleep(time.Duration(1+rand.N(5)) * time.Millisecond)
		case !errors.Is(err, errChanged):
			return err
		}
	}
}

// errChanged says that a payment is not any more what was read of it.
var errChanged = errors.New("the payment has changed")

// account reads the merchant account; its keys are parsed once for each version of its row.
func (p *plainNotices) account(ctx context.Context, id int64) (a plainAccount, client *wechatpay.Client, err error) {
	p.statements.Add(1)
	err = p.db.QueryRowContext(ctx, plainAccountSQL, id).Scan(&a.id, &a.brandID, &a.merchantID, &a.serial, &a.private, &a.api, &a.publicKeyID, &a.publicKey, &a.certificates)
	if errors.Is(err, sql.ErrNoRows) {
		return a, nil, payment.ErrRefused
	}
	if err != nil {
		return a, nil, err
	}
	if known, ok := p.clients.Load(a); ok {
		return a, known.(*wechatpay.Client), nil
	}
	open := func(what, sealed string) string {
		secret, openErr := p.ring.Ring().Open([]byte(sealed), keys.AssociatedData(what, a.brandID))
		err = errors.Join(err, openErr)
		return string(secret)
	}
	m := wechatpay.Merchant{ID: a.merchantID, CertificateSerial: a.serial, PrivateKey: open(merchantPrivateKey, a.private), APIv3Key: open(merchantAPIKey, a.api),
		PublicKeyID: a.publicKeyID, PublicKey: a.publicKey, UseCertificates: a.certificates}
	if err == nil {
		client, err = wechatpay.New(m, wechatpay.Options{})
	}
	if err == nil {
		p.clients.Store(a, client)
	}
	return a, client, err
}

// apply stores the notice and does what follows from it.
func (p *plainNotices) apply(ctx context.Context, a plainAccount, n wechatpay.Notice) error {
	t, now := n.Transaction, p.clock.Now()
	hash := p.ring.Ring().Hash("openid", a.brandID, t.OpenID)
	var row paidRow
	p.statements.Add(1)
	err := p.db.QueryRowContext(ctx, plainPaymentSQL, hash, hash, a.brandID, t.OutTradeNo).Scan(&row.id, &row.accountID, &row.orgID, &row.amount, &row.memberID, &row.state,
		&row.transactionID, &row.appID, &row.merchantID, &row.payerMatches)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	here := err == nil && row.accountID == a.id
	content, err := json.Marshal(document.PaymentNotice{MerchantID: t.MerchantID, AppID: t.AppID, OutTradeNo: t.OutTradeNo, TransactionID: t.TransactionID, State: string(t.State),
		TotalFen: t.Total, Currency: t.Currency, SucceededAt: t.SuccessTime.Truncate(time.Microsecond), PayerMatches: here && t.State.Paid() && row.payerMatches})
	if err != nil {
		return err
	}
	if !here || !t.State.Paid() || row.merchantID != t.MerchantID || row.state == enum.PaymentPaid {
		return p.keep(ctx, p.db, a, n, ids.Next(), content, now, &now)
	}
	rows, err := p.accountRows(ctx, a, row.orgID)
	if err != nil {
		return err
	}
	if p.atOnce {
		return p.transact(ctx, row, t, func(tx *sql.Tx) error {
			if err := p.keep(ctx, tx, a, n, ids.Next(), content, now, &now); err != nil {
				return err
			}
			return p.settle(ctx, tx, a, n, now, row, rows)
		})
	}
	kept := ids.Next()
	if err := p.keep(ctx, p.db, a, n, kept, content, now, nil); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	p.later.Go(func() {
		p.slots <- struct{}{}
		defer func() { <-p.slots }()
		mark := func(on execer) error {
			_, err := p.exec(ctx, on, plainAppliedSQL, now, kept)
			return err
		}
		_ = retried(func() error {
			err := p.transact(ctx, row, t, func(tx *sql.Tx) error {
				if err := mark(tx); err != nil {
					return err
				}
				return p.settle(ctx, tx, a, n, now, row, rows)
			})
			if errors.Is(err, errChanged) { // another notice has paid it
				return mark(p.db)
			}
			return err
		})
	})
	return nil
}

// transact runs act, which settles the payment, in a transaction and counts it.
func (p *plainNotices) transact(ctx context.Context, row paidRow, t *wechatpay.Transaction, act func(*sql.Tx) error) error {
	tx, err := p.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := act(tx); err != nil {
		_ = tx.Rollback()
		return err
	}
	if err = tx.Commit(); err == nil && row.outcome(t) == enum.OutcomeApplied {
		p.applied.Add(1)
	}
	return err
}

// execer is a transaction or the pool.
type execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

func (p *plainNotices) exec(ctx context.Context, on execer, query string, args ...any) (changed int64, err error) {
	p.statements.Add(1)
	outcome, err := on.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return outcome.RowsAffected()
}

// keep stores the notice, as applied where it says when.
func (p *plainNotices) keep(ctx context.Context, on execer, a plainAccount, n wechatpay.Notice, id int64, content []byte, now time.Time, applied *time.Time) error {
	attempts := 0
	if applied != nil {
		attempts = 1
	}
	_, err := p.exec(ctx, on, plainNoticeSQL, id, now, a.brandID, a.id, n.EventID, n.EventType, n.Transaction.OutTradeNo, content, applied, attempts, now.Add(5*time.Second))
	return err
}

// settle pays the payment, of which row is what was read.
func (p *plainNotices) settle(ctx context.Context, tx *sql.Tx, a plainAccount, n wechatpay.Notice, now time.Time, row paidRow, accounts [2]int64) error {
	t := n.Transaction
	outcome, back := row.outcome(t), int64(0)
	if outcome == enum.OutcomeReturned {
		back = int64(t.Total)
	}
	changed, err := p.exec(ctx, tx, plainPaidSQL, string(outcome), t.TransactionID, t.Total, t.SuccessTime, row.differences(t), back, row.id, string(row.state))
	if err != nil {
		return err
	}
	if changed != 1 {
		return errChanged
	}
	switch outcome {
	case enum.OutcomeApplied:
		_, err = p.exec(ctx, tx, plainOutboxSQL, ids.Next(), now, a.brandID, payment.ShippingTopic, fmt.Sprintf(`{"paymentId":%d}`, row.id), now)
	case enum.OutcomeReturned:
		id := ids.Next()
		_, err = p.exec(ctx, tx, plainRefundSQL, id, now, a.brandID, row.id, a.id, row.orgID, row.memberID, "R"+strconv.FormatInt(id, 36), string(enum.CauseUnusable), row.id, back, now)
	}
	if err != nil {
		return err
	}
	posting := ids.Next()
	if _, err := p.exec(ctx, tx, plainPostingSQL, posting, now, a.brandID, string(enum.PostPayment), fmt.Sprintf("PAYMENT:%d", row.id), row.orgID, row.id, t.SuccessTime); err != nil {
		return err
	}
	if _, err := p.exec(ctx, tx, plainEntriesSQL, ids.Next(), now, a.brandID, posting, accounts[0], t.Total, ids.Next(), now, a.brandID, posting, accounts[1], -t.Total); err != nil {
		return err
	}
	_, err = p.exec(ctx, tx, plainBalanceSQL, accounts[0], t.Total, -t.Total, accounts[0], accounts[1])
	return err
}

// outcome is what becomes of the money.
func (row paidRow) outcome(t *wechatpay.Transaction) enum.PaymentOutcome {
	switch {
	case row.differences(t) != "":
		return enum.OutcomeDisputed
	case row.state == enum.PaymentClosed:
		return enum.OutcomeReturned
	}
	return enum.OutcomeApplied
}

// differences says what of a paid order is not as it was ordered.
func (row paidRow) differences(t *wechatpay.Transaction) string {
	var list []string
	if int64(t.Total) != row.amount {
		list = append(list, fmt.Sprintf("paid %s of %s yuan", t.Total.Yuan(), money.Fen(row.amount).Yuan()))
	}
	if t.Currency != "CNY" {
		list = append(list, "another currency")
	}
	if t.AppID != row.appID {
		list = append(list, "another app")
	}
	if !row.payerMatches {
		list = append(list, "another payer")
	}
	return strings.Join(list, "; ")
}

// accountRows are rows of one stripe: of the merchant account, and of what its org received.
func (p *plainNotices) accountRows(ctx context.Context, a plainAccount, orgID int64) (rows [2]int64, err error) {
	stripe := rand.IntN(ledger.Stripes)
	for i, of := range []struct {
		kind  enum.AccountKind
		owner int64
	}{{enum.AccountMerchant, a.id}, {enum.AccountReceived, orgID}} {
		key := fmt.Sprint(a.brandID, of.kind, of.owner, stripe)
		if known, ok := p.rows.Load(key); ok {
			rows[i] = known.(int64)
			continue
		}
		if _, err := p.exec(ctx, p.db, plainNewRowSQL, ids.Next(), p.clock.Now(), a.brandID, string(of.kind), of.owner, stripe); err != nil {
			return rows, err
		}
		p.statements.Add(1)
		if err := p.db.QueryRowContext(ctx, plainRowSQL, a.brandID, string(of.kind), of.owner, stripe).Scan(&rows[i]); err != nil {
			return rows, err
		}
		p.rows.Store(key, rows[i])
	}
	return rows, nil
}
