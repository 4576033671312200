package payment

import (
	"context"
	"fmt"
	"time"

	"entgo.io/ent/dialect/sql"

	"dongxiao/auth"
	"dongxiao/domain/ledger"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/ledgerposting"
	"dongxiao/ent/payment"
	"dongxiao/ent/paymentrefund"
	"dongxiao/internal/apperr"
	"dongxiao/internal/ids"
	"dongxiao/internal/money"
	"dongxiao/internal/store"
	"dongxiao/internal/wechatpay"
)

// WeChat Pay's rules of refunds.
const (
	refundDays = 365
	maxRefunds = 50
	refundGap  = time.Minute
)

// RequestRefund asks for money of a paid payment to be given back, in the caller's transaction: the sender carries it out afterwards, until it is final, and
// the payable is told of its success. Refunds of one payment that come within a minute of each other are sent a minute apart, as WeChat Pay demands.
// Domains call it; they have checked who may. It locks the payment's row and then its refunds. Codes: NOT_FOUND, PAYMENT_NOT_PAID, REFUND_EXCEEDS_PAID,
// REFUND_TOO_LATE, TOO_MANY_REFUNDS.
func (s *Service) RequestRefund(ctx context.Context, paymentID int64, amount money.Fen, cause enum.RefundCause, subjectID int64) (*ent.PaymentRefund, error) {
	if amount < 1 {
		return nil, fmt.Errorf("payment: a refund of %d fen", amount)
	}
	ctx = auth.WithinBrand(ctx)
	reserved, err := s.Store.Client(ctx).Payment.Update().Where(payment.ID(paymentID), payment.StateEQ(enum.PaymentPaid), func(q *sql.Selector) {
		q.Where(sql.ExprP(q.C(payment.FieldRefundingFen)+" + ? <= "+q.C(payment.FieldPaidFen), int64(amount)))
	}).AddRefundingFen(int64(amount)).Save(ctx)
	if err != nil {
		return nil, err
	}
	p, err := s.lock(ctx, payment.ID(paymentID))
	switch {
	case ent.IsNotFound(err):
		return nil, apperr.New(apperr.NotFound)
	case err != nil:
		return nil, err
	case p.State != enum.PaymentPaid:
		return nil, apperr.New(apperr.PaymentNotPaid)
	case reserved != 1:
		return nil, apperr.New(apperr.RefundExceedsPaid, "left", money.Fen(p.PaidFen-p.RefundingFen).Yuan())
	}
	now := s.Clock.Now()
	if now.After(p.PaidAt.AddDate(0, 0, refundDays)) {
		return nil, apperr.New(apperr.RefundTooLate, "days", refundDays)
	}
	others, err := s.lockRefunds(ctx, paymentrefund.PaymentID(p.ID))
	if err != nil {
		return nil, err
	}
	due, count := now, 0
	for _, r := range others {
		if r.State == enum.RefundClosed {
			continue
		}
		count++
		if earliest := r.CreatedAt.Add(refundGap); earliest.After(due) {
			due = earliest
		}
		if r.State == enum.RefundRequested && r.CheckAt != nil {
			if earliest := r.CheckAt.Add(refundGap); earliest.After(due) {
				due = earliest
			}
		}
	}
	if count >= maxRefunds {
		return nil, apperr.New(apperr.TooManyRefunds, "limit", maxRefunds)
	}
	return s.addRefund(ctx, p, amount, cause, subjectID, due)
}

// addRefund adds the row; the amount is reserved on the payment already.
func (s *Service) addRefund(ctx context.Context, p *ent.Payment, amount money.Fen, cause enum.RefundCause, subjectID int64, due time.Time) (*ent.PaymentRefund, error) {
	id := ids.Next()
	return s.Store.Client(ctx).PaymentRefund.Create().SetID(id).SetCreatedAt(s.Clock.Now()).SetPaymentID(p.ID).SetMerchantAccountID(p.MerchantAccountID).
		SetOrgID(p.OrgID).SetNillableMemberID(p.MemberID).SetOutRefundNo(number("R", id)).SetCause(cause).SetSubjectID(subjectID).SetAmountFen(int64(amount)).
		SetCheckAt(due).Save(ctx)
}

func (s *Service) lockRefunds(ctx context.Context, where func(*sql.Selector)) ([]*ent.PaymentRefund, error) {
	return store.Locked(s.Store, s.Store.Client(ctx).PaymentRefund.Query().Where(where).Order(paymentrefund.ByID())).All(ctx)
}

// refundFactOf is what WeChat Pay says of a refund. An answer does not name the merchant, whose keys it was verified with.
func refundFactOf(merchantID string, r wechatpay.Refund) fact {
	if r.MerchantID != "" {
		merchantID = r.MerchantID
	}
	return fact{MerchantID: merchantID, OutTradeNo: r.OutTradeNo, TransactionID: r.TransactionID, OutRefundNo: r.OutRefundNo, RefundID: r.RefundID,
		State: string(r.Status), TotalFen: r.Total, RefundFen: r.Refund, SucceededAt: r.SuccessTime.Truncate(time.Microsecond)}
}

// settleRefund makes the books say what a refund's fact says, once, like settle. A refund that WeChat Pay closed is asked for anew under another number; what
// has succeeded is booked and told to the payable; an abnormal one waits for people.
func (s *Service) settleRefund(ctx context.Context, accountID int64, f fact, also func(context.Context) error) error {
	// Which payment it is of never changes. It is read before the transaction, whose first statement is to lock.
	known, err := s.Store.Client(ctx).PaymentRefund.Query().Where(paymentrefund.OutRefundNo(f.OutRefundNo)).Only(ctx)
	if err != nil && !ent.IsNotFound(err) {
		return err
	}
	return s.Store.WithTx(ctx, func(ctx context.Context) error {
		if known == nil {
			s.alertAfter(ctx, alertUnknown, "WeChat Pay tells of a refund that is not ours", "account", accountID, "refund", f.RefundID)
		} else if err := s.settleRefundOnce(ctx, accountID, known.PaymentID, f); err != nil {
			return err
		}
		return also(ctx)
	})
}

func (s *Service) settleRefundOnce(ctx context.Context, accountID, paymentID int64, f fact) error {
	p, err := s.lock(ctx, payment.ID(paymentID))
	if err != nil {
		return err
	}
	rows, err := s.lockRefunds(ctx, sql.AndPredicates(paymentrefund.PaymentID(p.ID), paymentrefund.OutRefundNo(f.OutRefundNo)))
	if err != nil {
		return err
	}
	account, err := s.Store.Client(ctx).MerchantAccount.Get(ctx, p.MerchantAccountID)
	if err != nil {
		return err
	}
	if len(rows) == 0 || p.MerchantAccountID != accountID || account.MerchantID != f.MerchantID || orderNumber(p) != f.OutTradeNo || rows[0].AmountFen != int64(f.RefundFen) {
		s.alertAfter(ctx, alertUnknown, "WeChat Pay tells of a refund that is not as asked for", "payment", p.ID, "refund", f.RefundID)
		return nil
	}
	r := rows[0]
	switch wechatpay.RefundStatus(f.State) {
	case wechatpay.RefundProcessing:
		return s.moveRefund(ctx, r, f, enum.RefundProcessing, enum.RefundRequested)
	case wechatpay.RefundSucceeded:
		return s.refundSucceeded(ctx, p, r, f)
	case wechatpay.RefundAbnormal:
		if r.State == enum.RefundRequested || r.State == enum.RefundProcessing {
			s.alertAfter(ctx, alertRefund, "a refund did not reach the payer; it must be seen to on the merchant platform", "refund", r.ID)
		}
		return s.moveRefund(ctx, r, f, enum.RefundAbnormal, enum.RefundRequested, enum.RefundProcessing)
	case wechatpay.RefundClosed:
		return s.refundClosed(ctx, p, r, f)
	}
	return nil
}

// moveRefund changes a refund's state where it is one of those given; otherwise the fact is old and changes nothing.
func (s *Service) moveRefund(ctx context.Context, r *ent.PaymentRefund, f fact, to enum.PaymentRefundState, from ...enum.PaymentRefundState) error {
	return s.Store.Client(ctx).PaymentRefund.Update().Where(paymentrefund.ID(r.ID), paymentrefund.StateIn(from...)).SetState(to).SetWechatRefundID(f.RefundID).
		SetCheckAt(s.Clock.Now().Add(pause(0, refundCheck(to), refundCheckLongest))).SetChecks(0).Exec(ctx)
}

// open are the states from which a refund may still succeed or be closed.
var open = []enum.PaymentRefundState{enum.RefundRequested, enum.RefundProcessing, enum.RefundAbnormal}

func (s *Service) refundSucceeded(ctx context.Context, p *ent.Payment, r *ent.PaymentRefund, f fact) error {
	at := f.SucceededAt
	if at.IsZero() {
		at = s.Clock.Now()
	}
	client := s.Store.Client(ctx)
	n, err := client.PaymentRefund.Update().Where(paymentrefund.ID(r.ID), paymentrefund.StateIn(open...)).SetState(enum.RefundSucceeded).SetSucceededAt(at).
		SetWechatRefundID(f.RefundID).ClearCheckAt().Save(ctx)
	if err != nil || n != 1 {
		return err
	}
	n, err = client.Payment.Update().Where(payment.ID(p.ID), func(q *sql.Selector) {
		q.Where(sql.ExprP(q.C(payment.FieldRefundedFen)+" + ? <= "+q.C(payment.FieldRefundingFen), r.AmountFen))
	}).AddRefundedFen(r.AmountFen).Save(ctx)
	if err != nil {
		return err
	}
	if n != 1 {
		return fmt.Errorf("refund %d is more than was asked back of payment %d", r.ID, p.ID)
	}
	p.RefundedFen, r.State, r.SucceededAt = p.RefundedFen+r.AmountFen, enum.RefundSucceeded, &at
	if payable, ok := s.payables[p.Purpose]; ok && r.Cause != enum.CauseUnusable {
		if err := payable.RefundSettled(ctx, p, r); err != nil {
			return err
		}
	}
	paid, err := client.LedgerPosting.Query().Where(ledgerposting.BusinessKey(postingKey(p))).OnlyID(ctx)
	if err != nil {
		return err
	}
	_, err = s.Ledger.Post(ctx, ledger.Posting{Kind: enum.PostPaymentRefund, Key: fmt.Sprintf("PAYMENT_REFUND:%d", r.ID), OrgID: p.OrgID, SubjectID: r.ID, ReversesID: paid,
		At: at, Entries: []ledger.Entry{
			{Account: ledger.Account{Kind: enum.AccountMerchant, OwnerID: p.MerchantAccountID}, Amount: -r.AmountFen},
			{Account: ledger.Account{Kind: enum.AccountReceived, OwnerID: p.OrgID}, Amount: r.AmountFen},
		}})
	return err
}

// refundClosed asks anew under another number: only now a new one pays nothing twice.
func (s *Service) refundClosed(ctx context.Context, p *ent.Payment, r *ent.PaymentRefund, f fact) error {
	client := s.Store.Client(ctx)
	n, err := client.PaymentRefund.Update().Where(paymentrefund.ID(r.ID), paymentrefund.StateIn(open...)).SetState(enum.RefundClosed).SetWechatRefundID(f.RefundID).
		ClearCheckAt().Save(ctx)
	if err != nil || n != 1 {
		return err
	}
	again, err := s.closedBefore(ctx, r)
	if err != nil {
		return err
	}
	next, err := s.addRefund(ctx, p, money.Fen(r.AmountFen), r.Cause, r.SubjectID, s.Clock.Now().Add(pause(again, refundGap+time.Second, refundCheckLongest)))
	if err != nil {
		return err
	}
	s.alertAfter(ctx, alertRefund, "WeChat Pay closed a refund; another one takes over", "refund", r.ID, "next", next.ID)
	return client.PaymentRefund.Update().Where(paymentrefund.ID(r.ID)).SetReplacedBy(next.ID).Exec(ctx)
}

// closedBefore counts the refunds that were closed before this one took over, so that the pauses between them grow.
func (s *Service) closedBefore(ctx context.Context, r *ent.PaymentRefund) (int, error) {
	return s.Store.Client(ctx).PaymentRefund.Query().Where(paymentrefund.PaymentID(r.PaymentID), paymentrefund.CauseEQ(r.Cause),
		paymentrefund.SubjectID(r.SubjectID), paymentrefund.StateEQ(enum.RefundClosed), paymentrefund.IDNEQ(r.ID)).Count(ctx)
}
