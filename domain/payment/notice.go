package payment

import (
	"context"
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
	appliers = 4
)

// stored is a notice to be applied.
type stored struct{ id, brandID int64 }

// Receive verifies a notice for an account and keeps it, whoever sends it; it is applied afterwards. Nil means that it is kept for good, now or before, so that
// WeChat Pay need not send it again. The error wraps ErrRefused where the notice is not believed; any other is a fault of ours.
func (s *Service) Receive(ctx context.Context, accountID int64, header http.Header, body []byte) error {
	// The account is what tells the brand; nothing but its own row is read over all brands.
	account, err := s.Store.Client(ctx).MerchantAccount.Query().Where(merchantaccount.ID(accountID)).Only(auth.Operator(ctx))
	if ent.IsNotFound(err) {
		return fmt.Errorf("%w: no such account", ErrRefused)
	}
	if err != nil {
		return err
	}
	ctx = system(ctx, account.BrandID)
	client, err := s.client(account)
	if err != nil {
		return err
	}
	n, err := client.ParseNotice(ctx, header, body)
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
	var row *ent.PaymentNotice
	err = s.Store.WithTx(ctx, func(ctx context.Context) error {
		row, err = s.Store.Client(ctx).PaymentNotice.Create().SetMerchantAccountID(account.ID).SetEventID(n.EventID).SetEventType(n.EventType).SetNumber(number).
			SetContent(f).SetDueAt(s.Clock.Now().Add(sweepAfter)).Save(ctx)
		return err
	})
	if store.IsDuplicate(err, paymentnotice.Table, "merchant_account_id", "event_id") {
		return nil
	}
	if err != nil {
		return err
	}
	select {
	case s.nudges <- stored{row.ID, row.BrandID}:
	default: // the sweep applies it
	}
	return nil
}

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
					if err := s.tryApply(system(ctx, n.brandID), n.id); err != nil && ctx.Err() == nil {
						s.Log.WarnContext(ctx, "a notice is left to the sweep", "notice", n.id, "error", err)
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
		Order(paymentnotice.ByDueAt()).Limit(limit).Select(paymentnotice.FieldID, paymentnotice.FieldBrandID).All(ctx)
	if err != nil {
		return 0, err
	}
	return len(rows), each(rows, func(n *ent.PaymentNotice) error { return s.tryApply(system(ctx, n.BrandID), n.ID) })
}

// tryApply applies a notice; after a failure it is due again later. The error says that the database does not even take that.
func (s *Service) tryApply(ctx context.Context, id int64) error {
	n, err := s.Store.Client(ctx).PaymentNotice.Get(ctx, id)
	if err != nil || n.AppliedAt != nil {
		return err
	}
	err = s.applyNotice(ctx, n)
	if err == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	s.Log.WarnContext(ctx, "a notice could not be applied; it is tried again", "notice", id, "tries", n.Attempts+1, "error", err)
	if n.Attempts+1 == alertAttempts {
		s.alert(ctx, alertNotice, "a notice is still not applied", "notice", id)
	}
	due := s.Clock.Now().Add(pause(n.Attempts, noticePause, longestNoticePause))
	return s.Store.WithTx(ctx, func(ctx context.Context) error {
		return s.Store.Client(ctx).PaymentNotice.Update().Where(paymentnotice.ID(id), paymentnotice.AppliedAtIsNil()).AddAttempts(1).SetDueAt(due).Exec(ctx)
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
		return s.Store.Client(ctx).PaymentNotice.Update().Where(paymentnotice.ID(n.ID), paymentnotice.AppliedAtIsNil()).SetAppliedAt(s.Clock.Now()).AddAttempts(1).Exec(ctx)
	}
	if n.Content.OutRefundNo != "" {
		return s.settleRefund(ctx, n.MerchantAccountID, n.Content, applied)
	}
	return s.settle(ctx, n.MerchantAccountID, n.Content, applied)
}
