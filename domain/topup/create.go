package topup

import (
	"context"
	"time"

	"dongxiao/auth"
	"dongxiao/domain/payment"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/member"
	"dongxiao/ent/predicate"
	"dongxiao/ent/topuptier"
	"dongxiao/internal/apperr"
	"dongxiao/internal/idempotency"
	"dongxiao/internal/ids"
	"dongxiao/internal/money"
	"dongxiao/internal/store"
)

// payWithin is how long a member has to pay a top-up.
const payWithin = 30 * time.Minute

// Create begins a top-up by WeChat Pay. It is for members on STOREFRONT. In one transaction it keeps room in the wallet under the brand's cap, counts the
// tier's limits, and writes the payment and the top-up in state PENDING. Paying it is payment.Prepare, outside; while it is not paid within half an hour, room and limits
// are given back. A repeat with the same key gets the first top-up in its present state.
//
// Refusals: FORBIDDEN (no member), NOT_FOUND, TIER_NOT_OFFERED, MEMBER_FROZEN, MEMBER_CANCELLED, WALLET_FROZEN, WALLET_CLOSED, BALANCE_CAP_EXCEEDED (with the
// room that is left), TOP_UP_LIMIT_REACHED, MERCHANT_ACCOUNT_MISSING, STORE_CLOSED, IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_KEY_INVALID.
func (s *Service) Create(ctx context.Context, tierID int64, key string) (*ent.TopUp, error) {
	v := auth.FromContext(ctx)
	if v.MemberID == 0 {
		return nil, apperr.New(apperr.Forbidden)
	}
	ctx = auth.WithinBrand(ctx)
	call := idempotency.Call{ActorID: v.PersonID, Operation: "topUpCreate", Key: key, Input: tierID}
	id, _, err := idempotency.Do(ctx, s.Store, call, func(ctx context.Context) (int64, error) { return s.create(ctx, v, tierID) })
	if err != nil {
		return nil, err
	}
	return s.Store.Client(ctx).TopUp.Get(ctx, id)
}

func (s *Service) create(ctx context.Context, v auth.Viewer, tierID int64) (int64, error) {
	m, err := s.lockMember(ctx, member.ID(v.MemberID))
	if err != nil {
		return 0, err
	}
	tier, err := s.offered(ctx, tierID)
	if err != nil {
		return 0, apperr.OfInput(err, "tierId")
	}
	id := ids.Next()
	create, err := s.begin(ctx, id, tier, m)
	if err != nil {
		return 0, err
	}
	now := s.Clock.Now()
	paid, err := s.Payments.Create(ctx, payment.NewPayment{Purpose: enum.PayTopUp, SubjectID: id, OrgID: tier.OrgID, AppID: v.AppID, PersonID: v.PersonID,
		MemberID: m.ID, Description: "储值充值 " + tier.Name, Amount: money.Fen(tier.PayFen), ExpiresAt: now.Add(payWithin)})
	if err != nil {
		return 0, apperr.OfInput(err, "tierId")
	}
	if err := create.SetState(enum.TopUpPending).SetTender(enum.TenderWeChatPay).SetPaymentID(paid.ID).SetCreatedAt(now).Exec(ctx); err != nil {
		return 0, err
	}
	return id, apperr.OfInput(s.keepOpen(ctx, tier.OrgID), "tierId")
}

// begin is what top-ups of both kinds begin with, inside the caller's transaction, which holds the member's row: the wallet, the room in it and the tier's
// limits. It gives the row to write, without its state and tender.
func (s *Service) begin(ctx context.Context, id int64, tier *ent.TopUpTier, m *ent.Member) (*ent.TopUpCreate, error) {
	w, err := s.Wallets.Open(ctx, m.ID)
	if err != nil {
		return nil, err
	}
	if err := s.Wallets.Reserve(ctx, m.ID, money.Fen(tier.PayFen), tier.Terms.BonusFen); err != nil {
		return nil, err
	}
	if err := s.take(ctx, tier, m); err != nil {
		return nil, apperr.OfInput(err, "tierId")
	}
	return s.Store.Client(ctx).TopUp.Create().SetID(id).SetWalletID(w.ID).SetMemberID(m.ID).SetOrgID(tier.OrgID).SetTierID(tier.ID).SetPayFen(tier.PayFen).
		SetBonusFen(int64(tier.Terms.BonusFen)).SetTerms(tier.Terms), nil
}

// offered reads a tier that is offered now: NOT_FOUND, TIER_NOT_OFFERED.
func (s *Service) offered(ctx context.Context, tierID int64) (*ent.TopUpTier, error) {
	tier, err := s.Store.Client(ctx).TopUpTier.Query().Where(topuptier.ID(tierID)).Only(ctx)
	now := s.Clock.Now()
	switch {
	case ent.IsNotFound(err), err == nil && tier.State == enum.TierDraft:
		return nil, apperr.New(apperr.NotFound)
	case err != nil:
		return nil, err
	case tier.State != enum.TierActive, now.Before(tier.StartsAt), !now.Before(tier.EndsAt):
		return nil, apperr.New(apperr.TierNotOffered)
	}
	return tier, nil
}

// lockMember reads a member and keeps it as it is until the commit; why it takes no part, where it does not.
func (s *Service) lockMember(ctx context.Context, where predicate.Member) (*ent.Member, error) {
	m, err := store.Locked(s.Store, s.Store.Client(ctx).Member.Query().Where(where)).Only(ctx)
	switch {
	case ent.IsNotFound(err):
		return nil, apperr.New(apperr.NotFound)
	case err != nil:
		return nil, err
	case m.State == enum.MemberFrozen:
		return nil, apperr.New(apperr.MemberFrozen)
	case m.State == enum.MemberCancelled:
		return nil, apperr.New(apperr.MemberCancelled)
	}
	return m, nil
}
