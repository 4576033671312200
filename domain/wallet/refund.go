package wallet

import (
	"context"
	"slices"
	"time"

	"entgo.io/ent/dialect/sql"

	"dongxiao/auth"
	"dongxiao/domain/clearing"
	"dongxiao/domain/ledger"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/lotmovement"
	"dongxiao/ent/predicate"
	"dongxiao/ent/walletpayment"
	"dongxiao/internal/apperr"
	"dongxiao/internal/idempotency"
	"dongxiao/internal/ids"
	"dongxiao/internal/money"
	"dongxiao/internal/store"
	"dongxiao/internal/text"
)

// maxReason is the length of the longest reason, in characters.
const maxReason = 255

// Refund gives back what a payment at the till spent, wholly or in part. Staff with RefundWalletPayments at the store call it, but not for themselves as the
// member.
//
// One transaction raises what was given back (a guarded update), gives the very lots back what was taken of them, the last taken first and by shares
// where the spend was proportional, reverses their clearing lines, and writes the refund, the member's event and the audit entry. Lots keep their expiry: what comes
// back to one that is over is written off by the sweep. A frozen wallet takes it, a closed one does not.
//
// Refusals: INVALID_INPUT, REASON_REQUIRED, IDEMPOTENCY_KEY_INVALID, IDEMPOTENCY_KEY_REUSED, NOT_FOUND, SELF_CHARGE, PAYMENT_STATE_INVALID (nothing was
// spent), REFUND_EXCEEDS_PAID with what can still be given back, WALLET_CLOSED.
func (s *Service) Refund(ctx context.Context, paymentID int64, amount money.Fen, reason, idempotencyKey string) (*ent.WalletRefund, error) {
	reason, err := text.Reason(reason, maxReason)
	if err != nil {
		return nil, err
	}
	if amount <= 0 || amount > MaxPayment {
		return nil, invalidAmount(MaxPayment)
	}
	v, within := auth.FromContext(ctx), auth.WithinBrand(ctx)
	p, err := s.visible(within, paymentID)
	if err != nil {
		return nil, err
	}
	call := idempotency.Call{ActorID: v.PersonID, Operation: "walletRefund", Key: idempotencyKey, Input: struct {
		Payment int64
		Amount  money.Fen
		Reason  string
	}{paymentID, amount, reason}}
	id, _, err := idempotency.Do(within, s.Store, call, func(ctx context.Context) (int64, error) {
		shop, err := s.Store.Client(ctx).Org.Get(ctx, p.OrgID)
		if err != nil {
			return 0, err
		}
		by, err := s.staffAt(ctx, v, auth.RefundWalletPayments, shop)
		if err != nil {
			return 0, apperr.OfInput(err, "id")
		}
		row, err := s.refund(ctx, paymentID, amount, reason, by)
		if err != nil {
			return 0, err
		}
		return row.ID, s.record(ctx, p, "walletRefund", nil, map[string]any{"amount": amount, "refund": ids.Encode(ids.WalletRefund, row.ID)}, reason)
	})
	if err != nil {
		return nil, err
	}
	return s.Store.Client(within).WalletRefund.Get(within, id)
}

// RefundOrder is Refund for an order, inside the caller's transaction, which sees to it that it happens once. Refusals as for Refund.
func (s *Service) RefundOrder(ctx context.Context, paymentID int64, amount money.Fen, reason string) (*ent.WalletRefund, error) {
	if amount <= 0 || amount > MaxPayment {
		return nil, invalidAmount(MaxPayment)
	}
	var row *ent.WalletRefund
	err := s.Store.WithTx(auth.WithinBrand(ctx), func(ctx context.Context) (err error) {
		row, err = s.refund(ctx, paymentID, amount, reason, nil)
		return err
	})
	return row, err
}

// refund is Refund inside a transaction, for whom the caller has authorised; by is nil for an order.
func (s *Service) refund(ctx context.Context, paymentID int64, amount money.Fen, reason string, by *ent.Staff) (*ent.WalletRefund, error) {
	client := s.Store.Client(ctx)
	n, err := client.WalletPayment.Update().Where(walletpayment.ID(paymentID), walletpayment.StateEQ(enum.WalletPaymentCaptured), leaves(amount)).
		AddRefundedFen(int64(amount)).Save(ctx)
	if err != nil {
		return nil, err
	}
	p, err := s.locked(ctx, paymentID)
	switch {
	case err != nil:
		return nil, apperr.OfInput(err, "id")
	case p.State != enum.WalletPaymentCaptured:
		return nil, apperr.New(apperr.PaymentStateInvalid, "state", p.State)
	case n != 1:
		return nil, apperr.New(apperr.RefundExceedsPaid, "left", money.Fen(p.CapturedFen-p.RefundedFen).Yuan()).At("input", "amount")
	}
	m, w, err := s.lockBoth(ctx, p.MemberID)
	if err != nil {
		return nil, err
	}
	if by != nil && by.PersonID != nil && m.PersonID == *by.PersonID {
		return nil, apperr.New(apperr.SelfCharge)
	}
	if w.State == enum.WalletClosed {
		return nil, apperr.New(apperr.WalletClosed)
	}
	now, id := s.Clock.Now(), ids.Next()
	shares, err := s.giveBack(ctx, p, id, amount, now)
	if err != nil {
		return nil, err
	}
	create := client.WalletRefund.Create().SetID(id).SetCreatedAt(now).SetWalletPaymentID(p.ID).SetMemberID(p.MemberID).SetOrgID(p.OrgID).SetAmountFen(int64(amount)).
		SetPrincipalFen(shares[enum.LotPrincipal]).SetBonusFen(shares[enum.LotBonus]).SetReason(reason)
	if by != nil {
		create.SetStaffID(by.ID)
	}
	row, err := create.Save(ctx)
	if err != nil {
		return nil, err
	}
	return row, s.tell(ctx, m, p, enum.EventWalletChanged)
}

// giveBack gives the lots of a payment what was taken of them, and tells how much of it was of which kind.
func (s *Service) giveBack(ctx context.Context, p *ent.WalletPayment, refundID int64, amount money.Fen, now time.Time) (map[enum.LotKind]int64, error) {
	book, err := s.Ledger.Lock(ctx, p.MemberID, enum.AssetStoredValue)
	if err != nil {
		return nil, err
	}
	spend, taken, err := s.moved(ctx, p.ID, enum.PostSpend, enum.PostCapture)
	if err != nil {
		return nil, err
	}
	left, err := s.left(ctx, taken)
	if err != nil {
		return nil, err
	}
	slices.Reverse(taken)
	slices.Reverse(left)
	parts, err := inParts(int64(amount), left, shared(spend.BusinessKey))
	if err != nil {
		return nil, err
	}
	lots, err := lotsOf(ctx, book, taken)
	if err != nil {
		return nil, err
	}
	posting := ledger.Posting{Kind: enum.PostSpendRefund, Key: businessKey("wallet-refund", refundID, false), OrgID: p.OrgID, SubjectID: refundID, ReversesID: spend.ID, At: now}
	var gives []clearing.Give
	shares := map[enum.LotKind]int64{}
	for i, m := range taken {
		if parts[i] == 0 {
			continue
		}
		lot := lots[m.LotID]
		shares[lot.Kind] += parts[i]
		posting.Lots = append(posting.Lots, ledger.LotChange{Lot: lot, Remaining: parts[i], ReversesID: m.ID})
		gives = append(gives, clearing.Give{MovementID: m.ID, Amount: parts[i]})
	}
	debts, err := s.Clearing.Reversals(ctx, p.ID, gives)
	if err != nil {
		return nil, err
	}
	posting.Entries = append(clearing.Entries(debts), ledger.Entry{Account: ledger.Account{Kind: enum.AccountValueSpent, OwnerID: p.OrgID}, Amount: -int64(amount)})
	if err := s.change(ctx, p.MemberID, amount); err != nil {
		return nil, err
	}
	posted, err := book.Post(ctx, posting)
	if err != nil {
		return nil, err
	}
	return shares, s.Clearing.Write(ctx, posted, p.ID, now, debts)
}

// left is what each movement spent and was not given back yet.
func (s *Service) left(ctx context.Context, movements []*ent.LotMovement) ([]int64, error) {
	left, at, movementIDs := make([]int64, len(movements)), map[int64]int{}, make([]int64, len(movements))
	for i, m := range movements {
		left[i], at[m.ID], movementIDs[i] = -m.RemainingChange-m.HeldChange, i, m.ID
	}
	// The transaction's snapshot may be from before another refund.
	back, err := store.Locked(s.Store, s.Store.Client(ctx).LotMovement.Query().Where(lotmovement.ReversesIDIn(movementIDs...))).All(ctx)
	for _, m := range back {
		left[at[*m.ReversesID]] -= m.RemainingChange + m.HeldChange
	}
	return left, err
}

// leaves guards that no more is given back than was spent.
func leaves(amount money.Fen) predicate.WalletPayment {
	return func(s *sql.Selector) {
		s.Where(sql.P(func(b *sql.Builder) {
			b.Ident(walletpayment.FieldRefundedFen).WriteString(" + ").Arg(int64(amount)).WriteString(" <= ").Ident(walletpayment.FieldCapturedFen)
		}))
	}
}
