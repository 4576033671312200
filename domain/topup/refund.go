package topup

import (
	"context"
	"fmt"

	"dongxiao/auth"
	"dongxiao/domain/audit"
	"dongxiao/domain/ledger"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/ledgerposting"
	"dongxiao/ent/lot"
	"dongxiao/ent/lotmovement"
	"dongxiao/ent/member"
	"dongxiao/ent/topup"
	"dongxiao/ent/topuprefund"
	"dongxiao/internal/apperr"
	"dongxiao/internal/idempotency"
	"dongxiao/internal/ids"
	"dongxiao/internal/money"
	"dongxiao/internal/store"
	"dongxiao/internal/text"
)

// PreviewRefund computes what a refund of a top-up would give and withdraw now. Staff with REFUND_TOP_UPS at the issuing org call it. It changes nothing.
// Refusals: NOT_FOUND, TOP_UP_NOT_PAID, TOP_UP_REFUND_UNDER_WAY, and those of OfferFor.
func (s *Service) PreviewRefund(ctx context.Context, topUpID int64, fault enum.RefundFault) (*Offer, error) {
	t, err := s.refundable(ctx, topUpID)
	if err != nil {
		return nil, err
	}
	ctx = auth.WithinBrand(ctx)
	if under, err := s.underRefund(ctx, t.ID); err != nil {
		return nil, err
	} else if under {
		return nil, apperr.New(apperr.TopUpRefundUnderWay).At("input", "topUpId")
	}
	lots, err := s.Store.Client(ctx).Lot.Query().Where(lot.SourceID(t.ID), lot.MemberID(t.MemberID), lot.KindIn(enum.LotPrincipal, enum.LotBonus)).All(ctx)
	if err != nil {
		return nil, err
	}
	p, err := s.position(ctx, t, lots)
	if err != nil {
		return nil, err
	}
	offer, err := OfferFor(p, fault, s.Clock.Now())
	if err != nil {
		return nil, apperr.OfInput(err, "fault")
	}
	return &offer, nil
}

// RefundRequest is what RequestRefund needs.
type RefundRequest struct {
	TopUpID int64
	Fault   enum.RefundFault
	// Amount is what the offer said that was shown.
	Amount         money.Fen
	Reason         string
	IdempotencyKey string `json:"-"`
}

// RequestRefund asks for a refund as it was offered. Staff with REFUND_TOP_UPS at the issuing org call it. One transaction writes the refund and withdraws what
// is left of the value, so that nothing of it is spent meanwhile. Up to the brand's amount for checks the refund is PAYING at once: money that came by WeChat Pay goes
// back that way, money that came at the till is paid out there by PayOut, and so is money that WeChat Pay does not give back any more after a
// year. Above the amount it is REQUESTED and waits for Check.
//
// Refusals: INVALID_INPUT, REASON_REQUIRED, NOT_FOUND, SELF_SERVICE, TOP_UP_NOT_PAID, TOP_UP_REFUND_UNDER_WAY, TOP_UP_REFUND_OFFER_CHANGED (with the offer
// that holds now), TOO_MANY_REFUNDS (of WeChat Pay), those of OfferFor, WALLET_CLOSED, IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_KEY_INVALID.
func (s *Service) RequestRefund(ctx context.Context, in RefundRequest) (*ent.TopUpRefund, *Offer, error) {
	var err error
	if in.Reason, err = text.Reason(in.Reason, maxReason); err != nil {
		return nil, nil, err
	}
	if in.Amount < 1 {
		return nil, nil, apperr.Invalid("amount", "> 0")
	}
	t, err := s.refundable(ctx, in.TopUpID)
	if err != nil {
		return nil, nil, err
	}
	maker, err := s.actor(ctx, auth.RefundTopUps, t.OrgID)
	if err != nil {
		return nil, nil, apperr.OfInput(err, "topUpId")
	}
	m, err := s.Store.Client(ctx).Member.Get(auth.WithinBrand(ctx), t.MemberID)
	if err != nil {
		return nil, nil, err
	}
	v := auth.FromContext(ctx)
	if m.PersonID == v.PersonID {
		return nil, nil, apperr.New(apperr.SelfService).At("input", "topUpId")
	}
	ctx = auth.WithinBrand(ctx)
	settings, err := s.Wallets.Settings(ctx)
	if err != nil {
		return nil, nil, err
	}
	r := &ent.TopUpRefund{ID: ids.Next(), TopUpID: t.ID, MemberID: t.MemberID, OrgID: t.OrgID, Fault: in.Fault, State: enum.TopUpRefundPaying,
		AmountFen: int64(in.Amount), Reason: in.Reason, MadeBy: maker.ID}
	if in.Amount > settings.CheckRefundsAboveFen {
		r.State = enum.TopUpRefundRequested
	}
	call := idempotency.Call{ActorID: v.PersonID, Operation: "topUpRefundRequest", Key: in.IdempotencyKey, Input: in}
	id, _, err := idempotency.Do(ctx, s.Store, call, func(ctx context.Context) (int64, error) { return r.ID, s.requestRefund(ctx, t, r) })
	if apperr.CodeOf(err) == apperr.TopUpRefundOfferChanged {
		offer, previewErr := s.PreviewRefund(auth.NewContext(ctx, v), in.TopUpID, in.Fault)
		if previewErr != nil { // it has changed once more
			return nil, nil, previewErr
		}
		return nil, offer, err
	}
	if err != nil {
		return nil, nil, err
	}
	refund, err := s.Store.Client(ctx).TopUpRefund.Get(ctx, id)
	return refund, nil, err
}

func (s *Service) requestRefund(ctx context.Context, t *ent.TopUp, r *ent.TopUpRefund) error {
	// The payment's row comes before the top-up's in the order of locks. More than the payment has left is not what is offered, so that is told first.
	var refused error
	if r.State == enum.TopUpRefundPaying {
		if refused = s.send(ctx, t, r); refused != nil && apperr.CodeOf(refused) != apperr.RefundExceedsPaid {
			return refused
		}
	}
	t, err := s.lockTopUp(ctx, t.ID)
	if err != nil {
		return err
	}
	if err := s.withdraw(ctx, t, r); err != nil {
		return err
	}
	if refused != nil {
		return refused
	}
	err = s.Store.Client(ctx).TopUpRefund.Create().SetID(r.ID).SetCreatedAt(s.Clock.Now()).SetTopUpID(t.ID).SetOpenTopUpID(t.ID).SetMemberID(t.MemberID).SetOrgID(t.OrgID).
		SetFault(r.Fault).SetState(r.State).SetAmountFen(r.AmountFen).SetPrincipalFen(r.PrincipalFen).SetBonusFen(r.BonusFen).SetReason(r.Reason).SetMadeBy(r.MadeBy).
		SetNillablePaymentRefundID(r.PaymentRefundID).Exec(ctx)
	if store.IsDuplicate(err, topuprefund.Table, "open_top_up_id") {
		return apperr.New(apperr.TopUpRefundUnderWay).At("input", "topUpId")
	}
	if err != nil {
		return err
	}
	if r.State == enum.TopUpRefundPaying {
		if err := s.takeBackGifts(ctx, t); err != nil {
			return err
		}
	}
	if err := s.tell(ctx, t); err != nil {
		return err
	}
	return audit.Record(ctx, s.Store, audit.Change{OrgID: t.OrgID, Action: "topUpRefundRequest", Subject: refundSubject(r.ID), Reason: r.Reason,
		After: map[string]any{"topUp": topUpSubject(t.ID).String(), "fault": r.Fault, "amount": money.Fen(r.AmountFen), "state": r.State}})
}

// withdraw computes the offer behind the locks and takes what is left of the value, with the posting TOP_UP_REFUND; the refund's row gets what was withdrawn.
func (s *Service) withdraw(ctx context.Context, t *ent.TopUp, r *ent.TopUpRefund) error {
	if _, err := store.Locked(s.Store, s.Store.Client(ctx).Member.Query().Where(member.ID(t.MemberID))).Only(ctx); err != nil {
		return err
	}
	if _, err := s.Wallets.Move(ctx, t.MemberID, 0, 0); err != nil {
		return err
	}
	if t.State != enum.TopUpPaid && t.State != enum.TopUpRefunded {
		return apperr.New(apperr.TopUpNotPaid).At("input", "topUpId")
	}
	if under, err := s.underRefund(ctx, t.ID); err != nil {
		return err
	} else if under {
		return apperr.New(apperr.TopUpRefundUnderWay).At("input", "topUpId")
	}
	book, err := s.Ledger.Lock(ctx, t.MemberID, enum.AssetStoredValue)
	if err != nil {
		return err
	}
	lots, err := s.lotsOf(ctx, book, t)
	if err != nil {
		return err
	}
	p, err := s.position(ctx, t, lots)
	if err != nil {
		return err
	}
	offer, err := OfferFor(p, r.Fault, s.Clock.Now())
	if err != nil {
		return apperr.OfInput(err, "fault")
	}
	if offer.Amount != money.Fen(r.AmountFen) {
		return apperr.New(apperr.TopUpRefundOfferChanged, "amount", offer.Amount.Yuan()).At("input", "amount")
	}
	r.PrincipalFen, r.BonusFen = int64(offer.Principal), int64(offer.Bonus)
	if offer.Principal+offer.Bonus == 0 {
		return nil
	}
	original, err := s.Store.Client(ctx).LedgerPosting.Query().Where(ledgerposting.BusinessKey(fmt.Sprintf("TOP_UP:%d", t.ID))).OnlyID(ctx)
	if err != nil {
		return err
	}
	posting := ledger.Posting{Kind: enum.PostTopUpRefund, Key: fmt.Sprintf("TOP_UP_REFUND:%d", r.ID), OrgID: t.OrgID, SubjectID: r.ID, ReversesID: original, At: s.Clock.Now(),
		Entries: issued(t.OrgID, r.PrincipalFen, r.BonusFen)}
	for _, l := range lots {
		if l.Remaining > 0 {
			posting.Lots = append(posting.Lots, ledger.LotChange{Lot: l, Remaining: -l.Remaining})
		}
	}
	if _, err := s.Wallets.Move(ctx, t.MemberID, -offer.Principal-offer.Bonus, 0); err != nil {
		return err
	}
	_, err = book.Post(ctx, posting)
	return err
}

// issued are the legs on what the org has issued: by how much less it owes, or more where negative.
func issued(orgID, principal, bonus int64) []ledger.Entry {
	return []ledger.Entry{{Account: ledger.Account{Kind: enum.AccountPrincipalIssued, OwnerID: orgID}, Amount: principal},
		{Account: ledger.Account{Kind: enum.AccountBonusIssued, OwnerID: orgID}, Amount: bonus}}
}

// lotsOf are the lots of a top-up in a locked book, those with nothing left too.
func (s *Service) lotsOf(ctx context.Context, book *ledger.Book, t *ent.TopUp) ([]*ent.Lot, error) {
	numbers, err := s.Store.Client(ctx).Lot.Query().Where(lot.SourceID(t.ID), lot.MemberID(t.MemberID), lot.KindIn(enum.LotPrincipal, enum.LotBonus)).Order(lot.ByID()).IDs(ctx)
	if err != nil {
		return nil, err
	}
	found, err := book.Reopen(ctx, numbers...)
	if err != nil {
		return nil, err
	}
	lots := make([]*ent.Lot, len(numbers))
	for i, id := range numbers {
		lots[i] = found[id]
	}
	return lots, nil
}

// position says what became of a top-up's lots: what was withdrawn by refunds and written off at expiry was not used.
func (s *Service) position(ctx context.Context, t *ent.TopUp, lots []*ent.Lot) (Position, error) {
	p := Position{Paid: money.Fen(t.PayFen), Bonus: money.Fen(t.BonusFen), Terms: t.Terms}
	if t.PaidAt != nil {
		p.PaidAt = *t.PaidAt
	}
	refunds, err := s.Store.Client(ctx).TopUpRefund.Query().Where(topuprefund.TopUpID(t.ID), topuprefund.StateNEQ(enum.TopUpRefundRejected)).All(ctx)
	if err != nil {
		return p, err
	}
	p.UsedPrincipal, p.UsedBonus = p.Paid, p.Bonus
	for _, r := range refunds {
		p.Refunded += money.Fen(r.AmountFen)
		p.UsedPrincipal -= money.Fen(r.PrincipalFen)
		p.UsedBonus -= money.Fen(r.BonusFen)
	}
	for _, l := range lots {
		p.Held += money.Fen(l.Held)
		if l.Kind == enum.LotPrincipal {
			p.LeftPrincipal += money.Fen(l.Remaining)
			p.UsedPrincipal -= money.Fen(l.Remaining + l.Held)
			continue
		}
		p.LeftBonus += money.Fen(l.Remaining)
		p.UsedBonus -= money.Fen(l.Remaining + l.Held)
		expired, err := s.expired(ctx, l.ID)
		if err != nil {
			return p, err
		}
		p.UsedBonus -= expired
	}
	return p, nil
}

// expired is what of a lot was written off at its expiry.
func (s *Service) expired(ctx context.Context, lotID int64) (money.Fen, error) {
	client := s.Store.Client(ctx)
	movements, err := client.LotMovement.Query().Where(lotmovement.LotID(lotID), lotmovement.RemainingChangeLT(0)).All(ctx)
	if err != nil || len(movements) == 0 {
		return 0, err
	}
	postings := make([]int64, len(movements))
	for i, m := range movements {
		postings[i] = m.PostingID
	}
	expiries, err := client.LedgerPosting.Query().Where(ledgerposting.IDIn(postings...), ledgerposting.KindEQ(enum.PostBonusExpiry)).IDs(ctx)
	if err != nil {
		return 0, err
	}
	var sum money.Fen
	for _, m := range movements {
		for _, id := range expiries {
			if m.PostingID == id {
				sum -= money.Fen(m.RemainingChange)
			}
		}
	}
	return sum, nil
}

// underRefund says whether a refund of the top-up is under way.
func (s *Service) underRefund(ctx context.Context, topUpID int64) (bool, error) {
	return s.Store.Client(ctx).TopUpRefund.Query().Where(topuprefund.OpenTopUpID(topUpID)).Exist(ctx)
}

// refundable reads a top-up that the viewer may refund: NOT_FOUND, TOP_UP_NOT_PAID.
func (s *Service) refundable(ctx context.Context, topUpID int64) (*ent.TopUp, error) {
	t, err := s.Store.Client(ctx).TopUp.Query().Where(topup.ID(topUpID)).Only(auth.WithinBrand(ctx))
	if ent.IsNotFound(err) {
		err = apperr.New(apperr.NotFound)
	}
	if err == nil {
		err = s.Orgs.Require(ctx, auth.RefundTopUps, t.OrgID)
	}
	if err == nil && t.State != enum.TopUpPaid && t.State != enum.TopUpRefunded {
		err = apperr.New(apperr.TopUpNotPaid)
	}
	if err != nil {
		return nil, apperr.OfInput(err, "topUpId")
	}
	return t, nil
}

func refundSubject(id int64) ids.ID { return ids.ID{Kind: ids.TopUpRefund, Value: id} }
