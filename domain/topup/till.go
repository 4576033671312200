package topup

import (
	"context"
	"fmt"

	"dongxiao/auth"
	"dongxiao/domain/audit"
	"dongxiao/domain/ledger"
	"dongxiao/domain/membercode"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/idempotencykey"
	"dongxiao/ent/member"
	"dongxiao/internal/apperr"
	"dongxiao/internal/idempotency"
	"dongxiao/internal/ids"
	"dongxiao/internal/keys"
	"dongxiao/internal/money"
	"dongxiao/internal/store"
)

// nonceOperation is the operation of the idempotency rows that use up member codes for top-ups; their actor is the member.
const nonceOperation = "topUpMemberCode"

// TillTopUp is what CreateAtTill needs.
type TillTopUp struct {
	// MemberCode is the rotating code that the member shows, of the purpose REDEEM.
	MemberCode      string
	StoreID, TierID int64
	// Tender is CASH or CARD.
	Tender         enum.Tender
	IdempotencyKey string
}

// CreateAtTill takes the money of a top-up at the till, in cash or by the store's card terminal. Staff with WORK_TILL at the store call it, in a shift of their
// own that is open there; the store is the issuer of the tier. One transaction uses the code up, writes the top-up as PAID with its value, and books the money
// to the shift. A repeat with the same key gets the same top-up, though the code is used by then.
//
// Refusals: INVALID_INPUT, NOT_FOUND (store, tier), TIER_NOT_OFFERED, MEMBER_CODE_INVALID, MEMBER_CODE_EXPIRED, MEMBER_CODE_USED, MEMBER_FROZEN,
// MEMBER_CANCELLED, PHONE_REQUIRED (a wallet is a named account), SELF_SERVICE, SHIFT_NOT_OPEN, STORE_CLOSED, WALLET_FROZEN, WALLET_CLOSED, BALANCE_CAP_EXCEEDED,
// TOP_UP_LIMIT_REACHED, IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_KEY_INVALID.
func (s *Service) CreateAtTill(ctx context.Context, in TillTopUp) (*ent.TopUp, error) {
	if in.Tender != enum.TenderCash && in.Tender != enum.TenderCard {
		return nil, apperr.Invalid("tender", "CASH, CARD")
	}
	v := auth.FromContext(ctx)
	ctx = auth.WithinBrand(ctx)
	call := idempotency.Call{ActorID: v.PersonID, Operation: "topUpAtTill", Key: in.IdempotencyKey, Input: struct {
		Code        string
		Store, Tier int64
		Tender      enum.Tender
	}{in.MemberCode, in.StoreID, in.TierID, in.Tender}}
	id, _, err := idempotency.Do(ctx, s.Store, call, func(ctx context.Context) (int64, error) { return s.createAtTill(ctx, v, in) })
	if err != nil {
		return nil, err
	}
	return s.Store.Client(ctx).TopUp.Get(ctx, id)
}

func (s *Service) createAtTill(ctx context.Context, v auth.Viewer, in TillTopUp) (int64, error) {
	number, nonce, err := s.verifyCode(ctx, in.MemberCode)
	if err != nil {
		return 0, err
	}
	viewer := auth.NewContext(ctx, v)
	clerk, err := s.actor(viewer, auth.WorkTill, in.StoreID)
	if err != nil {
		return 0, apperr.OfInput(err, "storeId")
	}
	shift, err := s.ownShift(ctx, clerk.ID, in.StoreID)
	if err != nil {
		return 0, apperr.OfInput(err, "storeId")
	}
	m, err := s.lockMember(ctx, member.Number(number))
	if apperr.CodeOf(err) == apperr.NotFound {
		err = apperr.New(apperr.MemberCodeInvalid)
	}
	switch {
	case err != nil:
		return 0, apperr.OfInput(err, "memberCode")
	case m.PersonID == v.PersonID:
		return 0, apperr.New(apperr.SelfService).At("input", "memberCode")
	case m.State != enum.MemberRegistered:
		return 0, apperr.New(apperr.PhoneRequired).At("input", "memberCode")
	}
	tier, err := s.offered(ctx, in.TierID)
	if err == nil && tier.OrgID != in.StoreID {
		err = apperr.New(apperr.NotFound)
	}
	if err != nil {
		return 0, apperr.OfInput(err, "tierId")
	}
	id, now := ids.Next(), s.Clock.Now()
	client := s.Store.Client(ctx)
	err = client.IdempotencyKey.Create().SetActorID(m.ID).SetOperation(nonceOperation).SetKey(nonce).SetInputHash("").SetResultID(id).Exec(ctx)
	if store.IsDuplicate(err, idempotencykey.Table, "actor_id", "operation", "key") {
		return 0, apperr.New(apperr.MemberCodeUsed).At("input", "memberCode")
	}
	if err != nil {
		return 0, err
	}
	create, err := s.begin(ctx, id, tier, m)
	if err != nil {
		return 0, err
	}
	row := &ent.TopUp{BonusFen: int64(tier.Terms.BonusFen), Terms: tier.Terms}
	row, err = create.SetState(enum.TopUpPaid).SetTender(in.Tender).SetStaffID(clerk.ID).SetShiftID(shift.ID).SetCreatedAt(now).SetPaidAt(now).
		SetNillableBonusExpiresAt(bonusExpiry(row, now)).Save(ctx)
	if err != nil {
		return 0, err
	}
	if err := s.issue(ctx, row, now); err != nil {
		return 0, err
	}
	if err := s.receive(ctx, row); err != nil {
		return 0, err
	}
	if err := s.keepOpen(ctx, in.StoreID); err != nil {
		return 0, apperr.OfInput(err, "storeId")
	}
	return id, audit.Record(ctx, s.Store, audit.Change{OrgID: in.StoreID, Action: "topUpAtTill", Subject: topUpSubject(id),
		After: map[string]any{"member": ids.Encode(ids.Member, m.ID), "tier": ids.Encode(ids.TopUpTier, tier.ID), "pay": money.Fen(tier.PayFen), "tender": in.Tender}})
}

// receive books the money of a top-up to the shift that took it.
func (s *Service) receive(ctx context.Context, t *ent.TopUp) error {
	_, err := s.Ledger.Post(ctx, ledger.Posting{Kind: enum.PostTillReceipt, Key: receiptKey(t.ID), OrgID: t.OrgID, SubjectID: t.ID, At: *t.PaidAt,
		Entries: []ledger.Entry{{Account: tillAccount(t.Tender, *t.ShiftID), Amount: t.PayFen},
			{Account: ledger.Account{Kind: enum.AccountReceived, OwnerID: t.OrgID}, Amount: -t.PayFen}}})
	return err
}

// tillAccount is where the money of a tender lies in a shift.
func tillAccount(tender enum.Tender, shiftID int64) ledger.Account {
	if tender == enum.TenderCard {
		return ledger.Account{Kind: enum.AccountTillCard, OwnerID: shiftID}
	}
	return ledger.Account{Kind: enum.AccountTillCash, OwnerID: shiftID}
}

func receiptKey(topUpID int64) string { return fmt.Sprintf("TILL_RECEIPT:%d", topUpID) }

// verifyCode reads a rotating code of the viewer's brand; MEMBER_CODE_INVALID or MEMBER_CODE_EXPIRED.
func (s *Service) verifyCode(ctx context.Context, digits string) (memberNumber int64, nonceKey string, err error) {
	codec, err := membercode.New(s.Keyring.Ring().Secrets(keys.MemberCode, auth.FromContext(ctx).BrandID))
	if err != nil {
		return 0, "", err
	}
	number, nonce, err := codec.Verify(digits, membercode.Redeem, s.Clock.Now())
	return number, nonce, apperr.OfInput(err, "memberCode")
}

func topUpSubject(id int64) ids.ID { return ids.ID{Kind: ids.TopUp, Value: id} }
