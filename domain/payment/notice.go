package payment

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"sync"
	"time"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/merchantaccount"
	"dongxiao/ent/paymentnotice"
	"dongxiao/internal/ids"
	"dongxiao/internal/store"
	"dongxiao/internal/wechatpay"
)

// ErrRefused says that a notice is not believed: WeChat Pay is to send a true one again. To the sender the reasons look the same.
var ErrRefused = errors.New("the notice is refused")

const (
	// sweepAfter is how long a stored notice is left to the server that stored it.
	sweepAfter = 5 * time.Second
	// noticePause is the pause after the first failure to apply a notice, doubled with each further one.
	noticePause, longestNoticePause = 5 * time.Second, 10 * time.Minute
	// alertAttempts is how many failures to apply a notice call for people.
	alertAttempts = 5
	// appliers is how many notices a server applies at once.
	appliers = 16
)

// Receive verifies a notice for an account and keeps it, whoever sends it; it is applied afterwards. Nil means that it is kept for good, now or before, so that
// WeChat Pay need not send it again. The error wraps ErrRefused where the notice is not believed; any other is a fault of ours.
func (s *Service) Receive(ctx context.Context, accountID int64, header http.Header, body []byte) error {
	r, known, err := s.receiver(ctx, accountID, true)
	if err != nil {
		return err
	}
	n, err := r.client.ParseNotice(ctx, header, body)
	if err != nil && known { // the keys may have changed since
		if r, _, err = s.receiver(ctx, accountID, false); err != nil {
			return err
		}
		n, err = r.client.ParseNotice(ctx, header, body)
	}
	account := r.account
	ctx = system(ctx, account.BrandID)
	switch {
	case errors.Is(err, wechatpay.ErrProbe):
		return fmt.Errorf("%w: %w", ErrRefused, err)
	case errors.Is(err, wechatpay.ErrUnreadable):
		s.alert(ctx, alertNotice, "a notice of WeChat Pay cannot be read; is the APIv3 key right?", "account", account.ID, "error", err)
		return fmt.Errorf("%w: %w", ErrRefused, err)
	case err != nil:
		s.Log.WarnContext(ctx, "a notice is not WeChat Pay's", "account", account.ID, "error", err)
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return s.keep(ctx, account, n)
}

// receiver is a merchant account with what verifies its notices.
type receiver struct {
	account *ent.MerchantAccount
	client  *wechatpay.Client
}

// receiver gives the account's, one that was read within the last second where that will do, and says whether it was.
func (s *Service) receiver(ctx context.Context, accountID int64, mayKnow bool) (r receiver, known bool, err error) {
	if r, ok := s.receivers.GetIfPresent(accountID); ok && mayKnow {
		return r, true, nil
	}
	// The account is what tells the brand; nothing but its own row is read over all brands.
	account, err := s.Store.Client(ctx).MerchantAccount.Query().Where(merchantaccount.ID(accountID)).Only(auth.Operator(ctx))
	if ent.IsNotFound(err) {
		return receiver{}, false, fmt.Errorf("%w: no such account", ErrRefused)
	}
	if err != nil {
		return receiver{}, false, err
	}
	client, err := s.client(account)
	if err != nil {
		return receiver{}, false, err
	}
	s.receivers.Set(accountID, receiver{account, client})
	return receiver{account, client}, false, nil
}

// keep writes the notice down, once, and nudges this server's worker.
func (s *Service) keep(ctx context.Context, account *ent.MerchantAccount, n wechatpay.Notice) error {
	var f fact
	var err error
	number := ""
	switch {
	case n.Transaction != nil:
		if f, err = s.factOf(ctx, account.ID, *n.Transaction); err != nil {
			return err
		}
		number = f.OutTradeNo
	case n.Refund != nil:
		f = refundFactOf(account.MerchantID, *n.Refund)
		number = f.OutRefundNo
	default:
		s.Log.InfoContext(ctx, "WeChat Pay tells of something that nobody waits for", "account", account.ID, "event", n.EventType)
		return nil
	}
	content, err := json.Marshal(f)
	if err != nil {
		return err
	}
	now := s.Clock.Now()
	row := &ent.PaymentNotice{ID: ids.Next(), BrandID: account.BrandID, MerchantAccountID: account.ID, EventID: n.EventID, EventType: n.EventType, Number: number, Content: f,
		CreatedAt: now, DueAt: now.Add(sweepAfter)}
	// One statement, around the data layer, which would look the account up: its row was read above.
	_, err = s.Store.Client(ctx).ExecContext(ctx, insertNotice, row.ID, row.CreatedAt, row.BrandID, row.MerchantAccountID, row.EventID, row.EventType, row.Number, string(content), row.DueAt)
	if store.IsDuplicate(err, paymentnotice.Table, "merchant_account_id", "event_id") {
		return nil
	}
	if err != nil {
		return err
	}
	select {
	case s.nudges <- row:
	default: // the sweep applies it
	}
	return nil
}

const markApplied = "UPDATE payment_notices SET applied_at = ?, attempts = attempts + 1 WHERE brand_id = ? AND id = ? AND applied_at IS NULL"

const insertNotice = "INSERT INTO payment_notices (id, created_at, brand_id, merchant_account_id, event_id, event_type, number, content, due_at)" +
	" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"

// Work applies the notices that this server stores, as they come, until ctx ends. What it does not get to is swept.
func (s *Service) Work(ctx context.Context) {
	var running sync.WaitGroup
	for range appliers {
		running.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case n := <-s.nudges:
					if err := s.tryApply(system(ctx, n.BrandID), n); err != nil && ctx.Err() == nil {
						s.Log.WarnContext(ctx, "a notice is left to the sweep", "notice", n.ID, "error", err)
					}
				}
			}
		})
	}
	running.Wait()
}

// ApplyDue applies at most limit notices that are due; it tells how many there were. A periodic job calls it.
func (s *Service) ApplyDue(ctx context.Context, limit int) (int, error) {
	rows, err := s.Store.Client(ctx).PaymentNotice.Query().Where(paymentnotice.AppliedAtIsNil(), paymentnotice.DueAtLTE(s.Clock.Now())).
		Order(paymentnotice.ByDueAt()).Limit(limit).All(ctx)
	if err != nil {
		return 0, err
	}
	return len(rows), each(rows, func(n *ent.PaymentNotice) error { return s.tryApply(system(ctx, n.BrandID), n) })
}

// tryApply applies a notice, as it was when it was stored or read: that it was applied meanwhile does no harm. After a failure it is due again later. The error
// says that the database does not even take that.
func (s *Service) tryApply(ctx context.Context, n *ent.PaymentNotice) error {
	err := s.applyNotice(ctx, n)
	if err == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	s.Log.WarnContext(ctx, "a notice could not be applied; it is tried again", "notice", n.ID, "tries", n.Attempts+1, "error", err)
	if n.Attempts+1 == alertAttempts {
		s.alert(ctx, alertNotice, "a notice is still not applied", "notice", n.ID)
	}
	due := s.Clock.Now().Add(pause(n.Attempts, noticePause, longestNoticePause))
	return s.Store.WithTx(ctx, func(ctx context.Context) error {
		return s.Store.Client(ctx).PaymentNotice.Update().Where(paymentnotice.ID(n.ID), paymentnotice.AppliedAtIsNil()).AddAttempts(1).SetDueAt(due).Exec(ctx)
	})
}

// applyNotice applies a notice and marks it in the same transaction.
func (s *Service) applyNotice(ctx context.Context, n *ent.PaymentNotice) (err error) {
	defer func() {
		if recovered := recover(); recovered != nil {
			err = fmt.Errorf("panic: %v: %s", recovered, debug.Stack())
		}
	}()
	applied := func(ctx context.Context) error {
		_, err := s.Store.Client(ctx).ExecContext(ctx, markApplied, s.Clock.Now(), n.BrandID, n.ID)
		return err
	}
	if n.Content.OutRefundNo != "" {
		return s.settleRefund(ctx, n.MerchantAccountID, n.Content, applied)
	}
	return s.settle(ctx, n.MerchantAccountID, n.Content, applied)
}
