package topup

import (
	"context"
	"fmt"

	"dongxiao/auth"
	"dongxiao/domain/audit"
	"dongxiao/domain/ledger"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/ledgeraccount"
	"dongxiao/ent/ledgerposting"
	"dongxiao/internal/apperr"
	"dongxiao/internal/idempotency"
	"dongxiao/internal/money"
	"dongxiao/internal/store"
)

// PayOut gives the money of a refund out of the till, in the clerk's own open shift at the issuing store: in cash, or by the terminal where it had come so. It is
// for refunds that WeChat Pay does not carry. Staff with WORK_TILL call it. Shift, refund, posting TILL_PAYOUT, audit entry and key are written together.
// Refusals: NOT_FOUND, SELF_SERVICE, TOP_UP_REFUND_NOT_AT_TILL, TOP_UP_REFUND_STATE_INVALID, SHIFT_NOT_OPEN, TILL_SHORT, IDEMPOTENCY_KEY_REUSED,
// IDEMPOTENCY_KEY_INVALID.
func (s *Service) PayOut(ctx context.Context, refundID int64, key string) (*ent.TopUpRefund, error) {
	r, err := s.Store.Client(ctx).TopUpRefund.Get(auth.WithinBrand(ctx), refundID)
	if ent.IsNotFound(err) {
		err = apperr.New(apperr.NotFound)
	}
	var clerk *ent.Staff
	if err == nil {
		clerk, err = s.actor(ctx, auth.WorkTill, r.OrgID)
	}
	if err != nil {
		return nil, apperr.OfInput(err, "id")
	}
	v := auth.FromContext(ctx)
	ctx = auth.WithinBrand(ctx)
	m, err := s.Store.Client(ctx).Member.Get(ctx, r.MemberID)
	switch {
	case err != nil:
		return nil, err
	case m.PersonID == v.PersonID:
		return nil, apperr.New(apperr.SelfService).At("input", "id")
	}
	call := idempotency.Call{ActorID: v.PersonID, Operation: "topUpRefundPayOut", Key: key, Input: refundID}
	_, _, err = idempotency.Do(ctx, s.Store, call, func(ctx context.Context) (int64, error) { return r.ID, s.payOut(ctx, r, clerk) })
	if err != nil {
		return nil, err
	}
	return s.Store.Client(ctx).TopUpRefund.Get(ctx, refundID)
}

func (s *Service) payOut(ctx context.Context, r *ent.TopUpRefund, clerk *ent.Staff) error {
	t, err := s.lockTopUp(ctx, r.TopUpID)
	if err != nil {
		return err
	}
	present, err := s.Store.Client(ctx).TopUpRefund.Get(ctx, r.ID)
	switch {
	case err != nil:
		return err
	case present.PaymentRefundID != nil:
		return apperr.New(apperr.TopUpRefundNotAtTill).At("input", "id")
	case present.State != enum.TopUpRefundPaying:
		return apperr.New(apperr.TopUpRefundStateInvalid, "state", present.State).At("input", "id")
	}
	shift, err := s.ownShift(ctx, clerk.ID, r.OrgID)
	if err != nil {
		return err
	}
	now := s.Clock.Now()
	from := tillAccount(t.Tender, shift.ID)
	if from.Kind == enum.AccountTillCash {
		if err := s.enough(ctx, shift, r.AmountFen); err != nil {
			return err
		}
	}
	if err := s.settleRefund(ctx, t, r.ID, now, shift.ID); err != nil {
		return err
	}
	posting := ledger.Posting{Kind: enum.PostTillPayout, Key: fmt.Sprintf("TILL_PAYOUT:%d", r.ID), OrgID: r.OrgID, SubjectID: r.ID, At: now,
		Entries: []ledger.Entry{{Account: from, Amount: -r.AmountFen}, {Account: ledger.Account{Kind: enum.AccountReceived, OwnerID: r.OrgID}, Amount: r.AmountFen}}}
	receipt, err := s.Store.Client(ctx).LedgerPosting.Query().Where(ledgerposting.BusinessKey(receiptKey(t.ID))).OnlyID(ctx)
	if err != nil && !ent.IsNotFound(err) {
		return err
	}
	posting.ReversesID = receipt
	if _, err := s.Ledger.Post(ctx, posting); err != nil {
		return err
	}
	return audit.Record(ctx, s.Store, audit.Change{OrgID: r.OrgID, Action: "topUpRefundPayOut", Subject: refundSubject(r.ID),
		Before: map[string]any{"state": enum.TopUpRefundPaying}, After: map[string]any{"state": enum.TopUpRefundPaid, "amount": money.Fen(r.AmountFen)}})
}

// enough refuses a payout of more cash than the locked shift has; TILL_SHORT.
func (s *Service) enough(ctx context.Context, shift *ent.TillShift, amount int64) error {
	// A plain read may be older than the lock of the shift.
	rows, err := store.Locked(s.Store, s.Store.Client(ctx).LedgerAccount.Query().Where(ledgeraccount.OwnerID(shift.ID), ledgeraccount.KindEQ(enum.AccountTillCash))).All(ctx)
	if err != nil {
		return err
	}
	cash := shift.FloatFen
	for _, row := range rows {
		cash += row.Balance
	}
	if cash < amount {
		return apperr.New(apperr.TillShort, "amount", money.Fen(cash).Yuan())
	}
	return nil
}
