package payment

import (
	"context"
	"errors"

	"dongxiao/auth"
	"dongxiao/domain/audit"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/payment"
	"dongxiao/internal/apperr"
	"dongxiao/internal/idempotency"
	"dongxiao/internal/money"
	"dongxiao/internal/text"
)

// Resolution is how people settle a disputed payment.
type Resolution string

// Resolutions.
const (
	// ResolveAccept does what was paid for, with what was paid.
	ResolveAccept Resolution = "ACCEPT"
	// ResolveRefund gives all of the money back.
	ResolveRefund Resolution = "REFUND"
)

// DisputeSettlement is what ResolveDispute needs.
type DisputeSettlement struct {
	PaymentID      int64
	Resolution     Resolution
	Reason         string
	IdempotencyKey string `json:"-"`
}

// ResolveDispute settles a disputed payment, for viewers with MANAGE_PAYMENTS at its org: either what was paid for is done, or the money goes back. One transaction
// changes the payment, does the one or asks for the other, and writes the audit entry. Codes: NOT_FOUND, REASON_REQUIRED, INVALID_INPUT, PAYMENT_NOT_DISPUTED,
// PAYMENT_UNUSABLE (what was paid for cannot be done any more), IDEMPOTENCY_KEY_INVALID, IDEMPOTENCY_KEY_REUSED.
func (s *Service) ResolveDispute(ctx context.Context, in DisputeSettlement) (*ent.Payment, error) {
	var err error
	if in.Reason, err = text.Reason(in.Reason, maxReason); err != nil {
		return nil, err
	}
	within := auth.WithinBrand(ctx)
	row, err := s.Store.Client(ctx).Payment.Query().Where(payment.ID(in.PaymentID)).Only(within)
	if ent.IsNotFound(err) {
		err = apperr.New(apperr.NotFound)
	}
	if err == nil {
		err = s.Orgs.Require(ctx, auth.ManagePayments, row.OrgID)
	}
	if err != nil {
		return nil, apperr.OfInput(err, "paymentId")
	}
	call := idempotency.Call{ActorID: auth.FromContext(ctx).PersonID, Operation: "paymentDisputeResolve", Key: in.IdempotencyKey, Input: in}
	_, _, err = idempotency.Do(within, s.Store, call, func(ctx context.Context) (int64, error) { return row.ID, s.resolve(ctx, row.ID, in) })
	if err != nil {
		return nil, err
	}
	return s.Store.Client(within).Payment.Get(within, row.ID)
}

func (s *Service) resolve(ctx context.Context, id int64, in DisputeSettlement) error {
	p, err := s.lock(ctx, payment.ID(id))
	if err != nil {
		return err
	}
	if p.Outcome != enum.OutcomeDisputed {
		return apperr.New(apperr.PaymentNotDisputed).At("input", "paymentId")
	}
	update := s.Store.Client(ctx).Payment.Update().Where(payment.ID(id), payment.OutcomeEQ(enum.OutcomeDisputed))
	if in.Resolution == ResolveAccept {
		p.Outcome, err = s.apply(ctx, p)
		if _, refused := errors.AsType[*apperr.Error](err); refused || err == nil && p.Outcome != enum.OutcomeApplied {
			return apperr.New(apperr.PaymentUnusable).At("input", "resolution").Because(err)
		}
	} else {
		p.Outcome = enum.OutcomeReturned
		update.SetRefundingFen(p.PaidFen)
		err = s.giveUp(ctx, p)
	}
	if err != nil {
		return err
	}
	n, err := update.SetOutcome(p.Outcome).Save(ctx)
	if err != nil {
		return err
	}
	if n != 1 {
		return apperr.New(apperr.PaymentNotDisputed).At("input", "paymentId")
	}
	if p.Outcome == enum.OutcomeReturned {
		_, err = s.addRefund(ctx, p, money.Fen(p.PaidFen), enum.CauseUnusable, p.ID, s.Clock.Now())
	} else {
		err = s.after(ctx, p, nil)
	}
	if err != nil {
		return err
	}
	return audit.Record(ctx, s.Store, audit.Change{OrgID: p.OrgID, Action: "paymentDisputeResolve", Subject: p.NodeID(), Reason: in.Reason,
		Before: map[string]any{"outcome": enum.OutcomeDisputed}, After: map[string]any{"outcome": p.Outcome}})
}
