package payment

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"dongxiao/auth"
	"dongxiao/domain/ledger"
	"dongxiao/ent"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/ent/payment"
	"dongxiao/ent/predicate"
	"dongxiao/internal/apperr"
	"dongxiao/internal/money"
	"dongxiao/internal/outbox"
	"dongxiao/internal/store"
	"dongxiao/internal/wechatpay"
)

// currency is the only one that merchants are paid in.
const currency = "CNY"

// fact is what WeChat Pay says of a payment or refund, by a notice or as an answer; both are verified. It has the form in which notices are kept.
type fact = document.PaymentNotice

// factOf is what WeChat Pay says of an order.
func (s *Service) factOf(ctx context.Context, accountID int64, t wechatpay.Transaction) (fact, error) {
	f := fact{MerchantID: t.MerchantID, AppID: t.AppID, OutTradeNo: t.OutTradeNo, TransactionID: t.TransactionID, State: string(t.State), TotalFen: t.Total,
		Currency: t.Currency, SucceededAt: t.SuccessTime.Truncate(time.Microsecond)}
	if !t.State.Paid() {
		return f, nil
	}
	matches := s.Payers.HasOpenID(auth.FromContext(ctx).BrandID, t.OpenID, payment.FieldPersonID, payment.FieldAppID)
	var err error
	f.PayerMatches, err = s.Store.Client(ctx).Payment.Query().Where(payment.OutTradeNo(t.OutTradeNo), payment.MerchantAccountID(accountID), matches).Exist(ctx)
	return f, err
}

// settle makes the books say what a payment's fact says, once. The context is the system's within the brand. In one transaction it changes the row, does what
// was paid for or asks for the money back, books the money and carries out also, which is the mark on the notice. Where the fact is known, or
// is about nothing of ours, only also is carried out. Business state never makes it fail.
func (s *Service) settle(ctx context.Context, accountID int64, f fact, also func(context.Context) error) error {
	usable := true
	run := func(ctx context.Context) error {
		if err := s.settleOnce(ctx, accountID, f, usable); err != nil {
			return err
		}
		return also(ctx)
	}
	err := s.Store.WithTx(ctx, run)
	if refusal, ok := errors.AsType[*apperr.Error](err); ok {
		// What was paid for refused after it may have written something: all of it was rolled back.
		s.Log.WarnContext(ctx, "what was paid for is refused; the money goes back", "number", f.OutTradeNo, "code", refusal.Code)
		usable = false
		err = s.Store.WithTx(ctx, run)
	}
	return err
}

// nothing is for facts that have no notice.
func nothing(context.Context) error { return nil }

func (s *Service) settleOnce(ctx context.Context, accountID int64, f fact, usable bool) error {
	if !wechatpay.TradeState(f.State).Paid() {
		return nil
	}
	p, err := s.lock(ctx, payment.OutTradeNo(f.OutTradeNo))
	if ent.IsNotFound(err) {
		s.alertAfter(ctx, alertUnknown, "WeChat Pay tells of a payment that is not ours", "account", accountID, "transaction", f.TransactionID)
		return nil
	}
	if err != nil {
		return err
	}
	merchantID, err := s.merchantID(ctx, p.MerchantAccountID)
	if err != nil {
		return err
	}
	switch {
	case p.MerchantAccountID != accountID || merchantID != f.MerchantID:
		// The money did not come to the account that takes this payment, so it is not this payment's.
		s.alertAfter(ctx, alertUnknown, "WeChat Pay tells of a payment at another merchant", "account", accountID, "payment", p.ID, "transaction", f.TransactionID)
		return nil
	case p.State == enum.PaymentPaid && p.TransactionID != nil && *p.TransactionID == f.TransactionID:
		return nil
	case p.State == enum.PaymentPaid:
		return s.paidTwice(ctx, p, f)
	}
	return s.pay(ctx, p, f, usable)
}

// paySQL changes a payment that was not paid so far.
const paySQL = "UPDATE payments SET state = ?, outcome = ?, transaction_id = ?, paid_fen = ?, refunding_fen = ?, paid_at = ?, check_at = NULL, dispute = ?" +
	" WHERE brand_id = ? AND id = ? AND state = ?"

// pay changes a locked payment that was not paid so far.
func (s *Service) pay(ctx context.Context, p *ent.Payment, f fact, usable bool) error {
	from := p.State
	differences, err := s.differences(ctx, p, f)
	if err != nil {
		return err
	}
	p.State, p.TransactionID, p.PaidFen, p.PaidAt, p.CheckAt = enum.PaymentPaid, &f.TransactionID, int64(f.TotalFen), &f.SucceededAt, nil
	switch {
	case len(differences) > 0:
		p.Outcome = enum.OutcomeDisputed
	case from == enum.PaymentClosed || !usable:
		p.Outcome = enum.OutcomeReturned
	default:
		if p.Outcome, err = s.apply(ctx, p); err != nil {
			return err
		}
	}
	if p.Outcome == enum.OutcomeReturned && from != enum.PaymentClosed {
		if err := s.giveUp(ctx, p); err != nil {
			return err
		}
	}
	refunding := int64(0)
	if p.Outcome == enum.OutcomeReturned {
		refunding = p.PaidFen
	}
	paid, err := s.Store.Client(ctx).ExecContext(ctx, paySQL, string(p.State), string(p.Outcome), f.TransactionID, p.PaidFen, refunding, f.SucceededAt, strings.Join(differences, "; "),
		p.BrandID, p.ID, string(from))
	if store.IsDuplicate(err, payment.Table, "transaction_id") {
		return fmt.Errorf("payment %d has the transaction of another one: %w", p.ID, err)
	}
	if err != nil {
		return err
	}
	if n, err := paid.RowsAffected(); err != nil || n != 1 {
		return cmp.Or(err, fmt.Errorf("payment %d changed under its lock", p.ID))
	}
	if err := s.after(ctx, p, differences); err != nil {
		return err
	}
	return s.book(ctx, p)
}

// apply does what was paid for, and says what became of the money.
func (s *Service) apply(ctx context.Context, p *ent.Payment) (enum.PaymentOutcome, error) {
	payable, ok := s.payables[p.Purpose]
	if !ok {
		return enum.OutcomeReturned, nil
	}
	applied, err := payable.Apply(ctx, p)
	if err != nil || !applied {
		return enum.OutcomeReturned, err
	}
	return enum.OutcomeApplied, nil
}

// giveUp tells what was to be paid for that it will not be, by this payment.
func (s *Service) giveUp(ctx context.Context, p *ent.Payment) error {
	if payable, ok := s.payables[p.Purpose]; ok {
		return payable.Close(ctx, p)
	}
	return nil
}

// after is what follows from the outcome.
func (s *Service) after(ctx context.Context, p *ent.Payment, differences []string) error {
	switch p.Outcome {
	case enum.OutcomeApplied:
		return outbox.Write(ctx, s.Store, s.Clock.Now(), ShippingTopic, "", shippingMessage{PaymentID: p.ID})
	case enum.OutcomeReturned:
		s.alertAfter(ctx, alertReturned, "a payment cannot be used any more and is given back", "payment", p.ID)
		_, err := s.addRefund(ctx, p, money.Fen(p.PaidFen), enum.CauseUnusable, p.ID, s.Clock.Now())
		return err
	case enum.OutcomeDisputed:
		s.alertAfter(ctx, alertDisputed, "a payment is not as ordered", "payment", p.ID, "differences", strings.Join(differences, "; "))
	}
	return nil
}

// differences says what of a paid order is not as it was ordered; nothing personal is in it.
func (s *Service) differences(ctx context.Context, p *ent.Payment, f fact) ([]string, error) {
	appID, err := s.wechatAppID(ctx, p.AppID)
	if err != nil {
		return nil, err
	}
	var list []string
	if int64(f.TotalFen) != p.AmountFen {
		list = append(list, fmt.Sprintf("paid %s of %s yuan", f.TotalFen.Yuan(), money.Fen(p.AmountFen).Yuan()))
	}
	if f.Currency != currency {
		list = append(list, "another currency")
	}
	if f.AppID != appID {
		list = append(list, "another app")
	}
	if !f.PayerMatches {
		list = append(list, "another payer")
	}
	return list, nil
}

// paidTwice is for a paid payment whose number WeChat Pay names with another transaction. WeChat Pay takes a number once, so people are told; the money is
// kept as a payment of its own, which goes back whole. That it is known already is said by the unique transaction.
func (s *Service) paidTwice(ctx context.Context, p *ent.Payment, f fact) error {
	if f.TotalFen < 1 || f.Currency != currency || f.TransactionID == "" {
		s.alertAfter(ctx, alertDisputed, "WeChat Pay tells of a second transaction that makes no sense", "payment", p.ID, "transaction", f.TransactionID)
		return nil
	}
	again, err := s.Store.Client(ctx).Payment.Create().SetCreatedAt(s.Clock.Now()).SetMerchantAccountID(p.MerchantAccountID).SetOrgID(p.OrgID).SetAppID(p.AppID).
		SetPersonID(p.PersonID).SetNillableMemberID(p.MemberID).SetPurpose(p.Purpose).SetSubjectID(p.SubjectID).SetOutTradeNo(p.OutTradeNo + againMark + rand.Text()[:8]).
		SetDescription(p.Description).SetAmountFen(int64(f.TotalFen)).SetExpiresAt(p.ExpiresAt).SetState(enum.PaymentPaid).SetOutcome(enum.OutcomeReturned).
		SetTransactionID(f.TransactionID).SetPaidFen(int64(f.TotalFen)).SetRefundingFen(int64(f.TotalFen)).SetPaidAt(f.SucceededAt).SetDispute("paid again").Save(ctx)
	if store.IsDuplicate(err, payment.Table, "transaction_id") {
		return nil
	}
	if err != nil {
		return err
	}
	s.alertAfter(ctx, alertDisputed, "WeChat Pay took the money of a payment twice; what came second is given back", "payment", p.ID, "second", again.ID)
	if _, err := s.addRefund(ctx, again, f.TotalFen, enum.CauseUnusable, again.ID, s.Clock.Now()); err != nil {
		return err
	}
	return s.book(ctx, again)
}

// againMark stands between the number of a payment and the end of that of what was paid again under it.
const againMark = "-"

// orderNumber is the number by which WeChat Pay knows a payment; it is the first one's for what was paid again.
func orderNumber(p *ent.Payment) string {
	number, _, _ := strings.Cut(p.OutTradeNo, againMark)
	return number
}

// book books the money of a paid payment.
func (s *Service) book(ctx context.Context, p *ent.Payment) error {
	_, err := s.Ledger.Post(ctx, ledger.Posting{Kind: enum.PostPayment, Key: postingKey(p), OrgID: p.OrgID, SubjectID: p.ID, At: *p.PaidAt,
		Entries: []ledger.Entry{
			{Account: ledger.Account{Kind: enum.AccountMerchant, OwnerID: p.MerchantAccountID}, Amount: p.PaidFen},
			{Account: ledger.Account{Kind: enum.AccountReceived, OwnerID: p.OrgID}, Amount: -p.PaidFen},
		}})
	return err
}

// lock reads a payment and keeps others from changing it until the commit.
func (s *Service) lock(ctx context.Context, where predicate.Payment) (*ent.Payment, error) {
	return store.Locked(s.Store, s.Store.Client(ctx).Payment.Query().Where(where)).Only(ctx)
}

// postingKey is the business key under which a payment's money is booked.
func postingKey(p *ent.Payment) string { return fmt.Sprintf("PAYMENT:%d", p.ID) }
