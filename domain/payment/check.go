package payment

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/payment"
	"dongxiao/ent/paymentrefund"
	"dongxiao/internal/money"
	"dongxiao/internal/wechatpay"
)

const (
	// firstCheck is how soon after it was made a payment is asked about; the pauses double up to longestCheck.
	firstCheck   = 15 * time.Second
	longestCheck = 10 * time.Minute
	// refundSend is the first pause after a try to send a refund that failed.
	refundSend         = 15 * time.Second
	refundCheckLongest = 6 * time.Hour
	// sweepEvery is how often due rows are looked for, and sweepChunk how many are taken at once.
	sweepEvery = time.Second
	sweepChunk = 200
	// callers is how many calls a sweep makes at once.
	callers = 8
)

// refundCheck is how soon a refund in the state is asked about. WeChat Pay takes minutes to days; an abnormal one waits for people.
func refundCheck(state enum.PaymentRefundState) time.Duration {
	if state == enum.RefundAbnormal {
		return time.Hour
	}
	return time.Minute
}

// Sweep applies notices, asks about payments and carries refunds out as they become due, until ctx ends. It is a periodic job: one server does it, under the job's
// lease, for as long as it can.
func (s *Service) Sweep(ctx context.Context) error {
	running, ctx := errgroup.WithContext(ctx)
	for _, take := range []func(context.Context, int) (int, error){s.ApplyDue, s.CheckDue, s.RefundDue} {
		running.Go(func() error {
			for {
				n, err := take(ctx, sweepChunk)
				if err != nil {
					return err
				}
				if n == sweepChunk {
					continue
				}
				select {
				case <-ctx.Done():
					return nil
				case <-time.After(sweepEvery):
				}
			}
		})
	}
	return running.Wait()
}

// CheckDue asks WeChat Pay about at most limit payments that are due, and closes those whose time is over; it tells how many there were. A periodic job calls it.
// Each is claimed by moving its due time on, so that of two servers one asks; what a dead server claimed is due again after its pause.
func (s *Service) CheckDue(ctx context.Context, limit int) (int, error) {
	rows, err := s.Store.Client(ctx).Payment.Query().Where(payment.StateEQ(enum.PaymentPending), payment.CheckAtLTE(s.Clock.Now())).Order(payment.ByCheckAt()).Limit(limit).All(ctx)
	if err != nil {
		return 0, err
	}
	return len(rows), each(rows, func(p *ent.Payment) error {
		ctx := system(ctx, p.BrandID)
		claimed, err := s.claim(ctx, p)
		if err != nil || !claimed {
			return err
		}
		if err := s.ask(ctx, p); err != nil && ctx.Err() == nil {
			s.Log.WarnContext(ctx, "a payment could not be asked about; it is asked about again", "payment", p.ID, "tries", p.Checks, "error", err)
		}
		return ctx.Err()
	})
}

// each runs f for all rows, some at once, and gives the errors. An error ends a sweep, so that it does not go round and round over rows that stay due.
func each[T any](rows []T, f func(T) error) error {
	var running errgroup.Group
	running.SetLimit(callers)
	for _, row := range rows {
		running.Go(func() error { return f(row) })
	}
	return running.Wait()
}

func (s *Service) claim(ctx context.Context, p *ent.Payment) (bool, error) {
	now := s.Clock.Now()
	next := now.Add(pause(p.Checks, firstCheck, longestCheck))
	if now.Before(p.ExpiresAt) && next.After(p.ExpiresAt) {
		next = p.ExpiresAt
	}
	var n int
	err := s.Store.WithTx(ctx, func(ctx context.Context) (err error) {
		n, err = s.Store.Client(ctx).Payment.Update().Where(payment.ID(p.ID), payment.StateEQ(enum.PaymentPending), payment.Checks(p.Checks), payment.CheckAtLTE(now)).
			SetCheckAt(next).AddChecks(1).Save(ctx)
		return err
	})
	return n == 1, err
}

// ask asks WeChat Pay about a payment and settles what it says; where its time is over it is closed. The context is the system's within the brand.
func (s *Service) ask(ctx context.Context, p *ent.Payment) error {
	_, client, err := s.clientOf(ctx, p.MerchantAccountID)
	if err != nil {
		return err
	}
	paid, state, err := s.query(ctx, client, p)
	if err != nil || paid {
		return err
	}
	if state == wechatpay.TradeUnpaid && !s.Clock.Now().Before(p.ExpiresAt) {
		switch err := client.CloseOrder(ctx, p.OutTradeNo); {
		case err == nil:
			state = wechatpay.TradeClosed
		case wechatpay.Is(err, wechatpay.KindPaid, wechatpay.KindClosed):
			// An error proves nothing; the answer to a question does.
			if paid, state, err = s.query(ctx, client, p); err != nil || paid {
				return err
			}
		default:
			return err
		}
	}
	if state == wechatpay.TradeClosed {
		return s.close(ctx, p.ID)
	}
	return nil
}

// query asks for the order and settles it where it is paid. An order that was never made there counts as closed once it cannot be made any more,
// and as unpaid before.
func (s *Service) query(ctx context.Context, client *wechatpay.Client, p *ent.Payment) (paid bool, state wechatpay.TradeState, err error) {
	t, err := client.QueryOrder(ctx, p.OutTradeNo)
	switch {
	case wechatpay.Is(err, wechatpay.KindNotFound) && s.Clock.Now().Before(p.ExpiresAt):
		return false, wechatpay.TradeUnpaid, nil
	case wechatpay.Is(err, wechatpay.KindNotFound):
		return false, wechatpay.TradeClosed, nil
	case err != nil:
		return false, "", err
	}
	if !t.State.Paid() {
		return false, t.State, nil
	}
	f, err := s.factOf(ctx, p.MerchantAccountID, t)
	if err != nil {
		return false, "", err
	}
	return true, t.State, s.settle(ctx, p.MerchantAccountID, f, nothing)
}

// close writes down that a payment was closed unpaid and tells what it was for. A payment that was paid meanwhile stays as it is.
func (s *Service) close(ctx context.Context, id int64) error {
	return s.Store.WithTx(ctx, func(ctx context.Context) error {
		p, err := s.lock(ctx, payment.ID(id))
		if err != nil {
			return err
		}
		now := s.Clock.Now()
		n, err := s.Store.Client(ctx).Payment.Update().Where(payment.ID(id), payment.StateEQ(enum.PaymentPending)).SetState(enum.PaymentClosed).SetClosedAt(now).
			ClearCheckAt().Save(ctx)
		if err != nil || n != 1 {
			return err
		}
		p.State, p.ClosedAt, p.CheckAt = enum.PaymentClosed, &now, nil
		return s.giveUp(ctx, p)
	})
}

// RefundDue sends or asks about at most limit refunds that are due; it tells how many there were. A periodic job calls it.
func (s *Service) RefundDue(ctx context.Context, limit int) (int, error) {
	rows, err := s.Store.Client(ctx).PaymentRefund.Query().Where(paymentrefund.CheckAtLTE(s.Clock.Now())).Order(paymentrefund.ByCheckAt()).Limit(limit).All(ctx)
	if err != nil {
		return 0, err
	}
	return len(rows), each(rows, func(r *ent.PaymentRefund) error {
		ctx := system(ctx, r.BrandID)
		claimed, err := s.claimRefund(ctx, r)
		if err != nil || !claimed {
			return err
		}
		if err := s.send(ctx, r); err != nil && ctx.Err() == nil {
			s.Log.WarnContext(ctx, "a refund could not be sent or asked about; it is tried again", "refund", r.ID, "tries", r.Checks, "error", err)
		}
		return ctx.Err()
	})
}

func (s *Service) claimRefund(ctx context.Context, r *ent.PaymentRefund) (bool, error) {
	now := s.Clock.Now()
	first := refundCheck(r.State)
	if r.State == enum.RefundRequested {
		first = refundSend
	}
	var n int
	err := s.Store.WithTx(ctx, func(ctx context.Context) (err error) {
		n, err = s.Store.Client(ctx).PaymentRefund.Update().Where(paymentrefund.ID(r.ID), paymentrefund.StateEQ(r.State), paymentrefund.Checks(r.Checks), paymentrefund.CheckAtLTE(now)).
			SetCheckAt(now.Add(pause(r.Checks, first, refundCheckLongest))).AddChecks(1).Save(ctx)
		return err
	})
	return n == 1, err
}

// send sends a refund that is to be sent, always under its own number, or asks about one that was accepted, and settles the answer.
func (s *Service) send(ctx context.Context, r *ent.PaymentRefund) error {
	account, client, err := s.clientOf(ctx, r.MerchantAccountID)
	if err != nil {
		return err
	}
	var answer wechatpay.Refund
	if r.State == enum.RefundRequested {
		answer, err = s.requestAtWeChat(ctx, account, client, r)
	} else {
		answer, err = client.QueryRefund(ctx, r.OutRefundNo)
	}
	if err != nil {
		return err
	}
	return s.settleRefund(ctx, r.MerchantAccountID, refundFactOf(account.MerchantID, answer), nothing)
}

func (s *Service) requestAtWeChat(ctx context.Context, account *ent.MerchantAccount, client *wechatpay.Client, r *ent.PaymentRefund) (wechatpay.Refund, error) {
	p, err := s.Store.Client(ctx).Payment.Get(ctx, r.PaymentID)
	if err != nil {
		return wechatpay.Refund{}, err
	}
	answer, err := client.Refund(ctx, wechatpay.RefundRequest{TransactionID: *p.TransactionID, OutRefundNo: r.OutRefundNo, NotifyURL: s.noticeURL(account),
		Refund: money.Fen(r.AmountFen), Total: money.Fen(p.PaidFen)})
	if err == nil || !wechatpay.Is(err, wechatpay.KindRefused, wechatpay.KindNumberUsed, wechatpay.KindNotEnough, wechatpay.KindNotFound) {
		return answer, err
	}
	// It may have been accepted before, with another address for notices.
	if known, queryErr := client.QueryRefund(ctx, r.OutRefundNo); queryErr == nil {
		return known, nil
	}
	s.alert(ctx, alertRefund, "WeChat Pay refuses a refund; it is tried again", "refund", r.ID, "kind", wechatpay.KindOf(err), "error", err)
	return answer, err
}
