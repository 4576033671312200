package topup

import (
	"context"
	"errors"
	"fmt"
	"time"

	"dongxiao/auth"
	"dongxiao/domain/audit"
	"dongxiao/domain/ledger"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/ledgerposting"
	"dongxiao/ent/lotmovement"
	"dongxiao/ent/member"
	"dongxiao/ent/topup"
	"dongxiao/ent/topuprefund"
	"dongxiao/internal/apperr"
	"dongxiao/internal/idempotency"
	"dongxiao/internal/money"
	"dongxiao/internal/outbox"
	"dongxiao/internal/store"
	"dongxiao/internal/text"
)

// Check approves or rejects a refund that waits for a second person. Staff with CHECK_TOP_UP_REFUNDS at the issuing org call it; the checker is another
// person than the maker and than the member. One conditional write decides between two checkers. Approved, the money is on its way as RequestRefund says; rejected, the
// very value comes back, with its old expiry. Refusals: NOT_FOUND, INVALID_INPUT, REASON_REQUIRED (to reject), CHECKER_IS_MAKER, SELF_SERVICE,
// TOP_UP_REFUND_STATE_INVALID, WALLET_CLOSED, IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_KEY_INVALID.
func (s *Service) Check(ctx context.Context, refundID int64, approve bool, note, key string) (*ent.TopUpRefund, error) {
	var err error
	if approve {
		note, err = text.Text(note, 0, maxReason, "note")
	} else if note, err = text.Reason(note, maxReason); err != nil {
		err = atField(err, "note")
	}
	if err != nil {
		return nil, err
	}
	r, err := s.Store.Client(ctx).TopUpRefund.Get(auth.WithinBrand(ctx), refundID)
	if ent.IsNotFound(err) {
		err = apperr.New(apperr.NotFound)
	}
	var checker *ent.Staff
	if err == nil {
		checker, err = s.actor(ctx, auth.CheckTopUpRefunds, r.OrgID)
	}
	if err != nil {
		return nil, apperr.OfInput(err, "id")
	}
	if err := s.mayCheck(ctx, r); err != nil {
		return nil, err
	}
	ctx = auth.WithinBrand(ctx)
	t, err := s.Store.Client(ctx).TopUp.Get(ctx, r.TopUpID)
	if err != nil {
		return nil, err
	}
	call := idempotency.Call{ActorID: auth.FromContext(ctx).PersonID, Operation: "topUpRefundCheck", Key: key, Input: []any{refundID, approve, note}}
	_, _, err = idempotency.Do(ctx, s.Store, call, func(ctx context.Context) (int64, error) { return r.ID, s.check(ctx, t, r, checker, approve, note) })
	if err != nil {
		return nil, err
	}
	return s.Store.Client(ctx).TopUpRefund.Get(ctx, refundID)
}

// mayCheck refuses who asked for the refund, and whose refund it is.
func (s *Service) mayCheck(ctx context.Context, r *ent.TopUpRefund) error {
	v := auth.FromContext(ctx)
	ctx = auth.WithinBrand(ctx)
	maker, err := s.Store.Client(ctx).Staff.Get(ctx, r.MadeBy)
	if err != nil {
		return err
	}
	m, err := s.Store.Client(ctx).Member.Get(ctx, r.MemberID)
	switch {
	case err != nil:
		return err
	case maker.PersonID != nil && *maker.PersonID == v.PersonID:
		return apperr.New(apperr.CheckerIsMaker).At("input", "id")
	case m.PersonID == v.PersonID:
		return apperr.New(apperr.SelfService).At("input", "id")
	}
	return nil
}

func (s *Service) check(ctx context.Context, t *ent.TopUp, r *ent.TopUpRefund, checker *ent.Staff, approve bool, note string) error {
	state := enum.TopUpRefundRejected
	var refused error // told only where the refund still waits: a second approval finds the payment's money promised already
	if approve {
		state = enum.TopUpRefundPaying
		if refused = s.send(ctx, t, r); refused != nil && apperr.CodeOf(refused) != apperr.RefundExceedsPaid {
			return refused
		}
	}
	t, err := s.lockTopUp(ctx, t.ID)
	if err != nil {
		return err
	}
	update := s.Store.Client(ctx).TopUpRefund.Update().Where(topuprefund.ID(r.ID), topuprefund.StateEQ(enum.TopUpRefundRequested)).SetState(state).
		SetCheckedBy(checker.ID).SetCheckedAt(s.Clock.Now()).SetCheckNote(note).SetNillablePaymentRefundID(r.PaymentRefundID)
	if !approve {
		update.ClearOpenTopUpID()
	}
	n, err := update.Save(ctx)
	if err != nil {
		return err
	}
	if n != 1 {
		present, err := s.Store.Client(ctx).TopUpRefund.Get(ctx, r.ID)
		if err != nil {
			return err
		}
		return apperr.New(apperr.TopUpRefundStateInvalid, "state", present.State).At("input", "id")
	}
	if refused != nil {
		return refused
	}
	if approve {
		err = s.takeBackGifts(ctx, t)
	} else {
		err = s.undo(ctx, t, r)
	}
	if err != nil {
		return err
	}
	return audit.Record(ctx, s.Store, audit.Change{OrgID: r.OrgID, Action: "topUpRefundCheck", Subject: refundSubject(r.ID), Reason: note,
		Before: map[string]any{"state": enum.TopUpRefundRequested}, After: map[string]any{"state": state}})
}

// byWeChat says whether the money of a top-up goes back through WeChat Pay: where it came that way, for as long as WeChat Pay takes it back.
func byWeChat(t *ent.TopUp, now time.Time) bool {
	return t.Tender == enum.TenderWeChatPay && t.PaymentID != nil && t.PaidAt != nil && !now.After(t.PaidAt.AddDate(0, 0, weChatRefundDays-1))
}

// weChatRefundDays is for how many days WeChat Pay gives money back; a day less is kept for what is under way.
const weChatRefundDays = 365

// send asks WeChat Pay for the money of a refund, where it goes that way; the refund's row gets the number. It locks the payment's row.
func (s *Service) send(ctx context.Context, t *ent.TopUp, r *ent.TopUpRefund) error {
	if !byWeChat(t, s.Clock.Now()) {
		return nil
	}
	sent, err := s.Payments.RequestRefund(ctx, *t.PaymentID, money.Fen(r.AmountFen), enum.CauseTopUpRefund, r.ID)
	if err == nil {
		r.PaymentRefundID = &sent.ID
	}
	return err
}

// undo gives back what a refund withdrew, with the posting TOP_UP_REFUND_UNDONE: the lots keep their expiry, so bonus that expired meanwhile is written off again.
func (s *Service) undo(ctx context.Context, t *ent.TopUp, r *ent.TopUpRefund) error {
	if _, err := store.Locked(s.Store, s.Store.Client(ctx).Member.Query().Where(member.ID(t.MemberID))).Only(ctx); err != nil {
		return err
	}
	if _, err := s.Wallets.Move(ctx, t.MemberID, money.Fen(r.PrincipalFen+r.BonusFen), 0); err != nil {
		return err
	}
	client := s.Store.Client(ctx)
	withdrawn, err := client.LedgerPosting.Query().Where(ledgerposting.BusinessKey(fmt.Sprintf("TOP_UP_REFUND:%d", r.ID))).OnlyID(ctx)
	if ent.IsNotFound(err) {
		return nil // nothing was left to withdraw
	}
	if err != nil {
		return err
	}
	movements, err := client.LotMovement.Query().Where(lotmovement.PostingID(withdrawn)).Order(lotmovement.ByID()).All(ctx)
	if err != nil {
		return err
	}
	book, err := s.Ledger.Lock(ctx, t.MemberID, enum.AssetStoredValue)
	if err != nil {
		return err
	}
	posting := ledger.Posting{Kind: enum.PostTopUpRefundUndone, Key: fmt.Sprintf("TOP_UP_REFUND_UNDONE:%d", r.ID), OrgID: t.OrgID, SubjectID: r.ID, ReversesID: withdrawn,
		At: s.Clock.Now(), Entries: issued(t.OrgID, -r.PrincipalFen, -r.BonusFen)}
	for _, m := range movements {
		lots, err := book.Reopen(ctx, m.LotID)
		if err != nil {
			return err
		}
		posting.Lots = append(posting.Lots, ledger.LotChange{Lot: lots[m.LotID], Remaining: -m.RemainingChange, ReversesID: m.ID})
	}
	if _, err := book.Post(ctx, posting); err != nil {
		return err
	}
	if len(t.Terms.Coupons) > 0 { // what was not given yet was held back while the refund was under way
		if err := outbox.Write(ctx, s.Store, s.Clock.Now(), GiftTopic, "", giftMessage{t.ID}); err != nil {
			return err
		}
	}
	return s.tell(ctx, t)
}

// RefundSettled tells that WeChat Pay gave the money of a refund back (payment.Payable): PAYING becomes PAID.
func (s *Service) RefundSettled(ctx context.Context, p *ent.Payment, settled *ent.PaymentRefund) error {
	if settled.Cause != enum.CauseTopUpRefund {
		return nil
	}
	ctx = auth.WithinBrand(ctx)
	t, err := s.lockTopUp(ctx, p.SubjectID)
	if err != nil {
		return err
	}
	paidAt := s.Clock.Now()
	if settled.SucceededAt != nil {
		paidAt = *settled.SucceededAt
	}
	err = s.settleRefund(ctx, t, settled.SubjectID, paidAt, 0)
	if refusal, ok := errors.AsType[*apperr.Error](err); ok { // a refusal would be taken for the payment's; this is a fault of ours, to be tried again
		err = fmt.Errorf("refund %d of top-up %d was paid and not awaited: %v", settled.SubjectID, t.ID, refusal)
	}
	return err
}

// AtTill says whether a refund waits to be paid out at the till.
func AtTill(r *ent.TopUpRefund) bool {
	return r.State == enum.TopUpRefundPaying && r.PaymentRefundID == nil
}

// settleRefund makes a refund PAID that is PAYING, behind the lock of its top-up; shiftID is the till's that paid it, 0 for none.
func (s *Service) settleRefund(ctx context.Context, t *ent.TopUp, refundID int64, paidAt time.Time, shiftID int64) error {
	client := s.Store.Client(ctx)
	update := client.TopUpRefund.Update().Where(topuprefund.ID(refundID), topuprefund.TopUpID(t.ID), topuprefund.StateEQ(enum.TopUpRefundPaying)).
		SetState(enum.TopUpRefundPaid).SetPaidAt(paidAt).ClearOpenTopUpID()
	if shiftID != 0 {
		update.SetShiftID(shiftID)
	}
	n, err := update.Save(ctx)
	if err != nil {
		return err
	}
	r, err := client.TopUpRefund.Get(ctx, refundID)
	if err != nil {
		return err
	}
	if n != 1 {
		return apperr.New(apperr.TopUpRefundStateInvalid, "state", r.State).At("input", "id")
	}
	n, err = client.TopUp.Update().Where(topup.ID(t.ID), topup.StateIn(enum.TopUpPaid, enum.TopUpRefunded)).SetState(enum.TopUpRefunded).AddRefundedFen(r.AmountFen).Save(ctx)
	if err == nil && n != 1 {
		err = fmt.Errorf("top-up %d is refunded in state %s", t.ID, t.State)
	}
	if err != nil {
		return err
	}
	return s.tell(ctx, t)
}

// atField is a refusal at another field.
func atField(err error, field string) error {
	if refusal, ok := err.(*apperr.Error); ok {
		return refusal.At("input", field)
	}
	return err
}
