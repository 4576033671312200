package topup

import (
	"context"
	"fmt"
	"time"

	"dongxiao/auth"
	"dongxiao/domain/ledger"
	"dongxiao/domain/memberevent"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/member"
	entorg "dongxiao/ent/org"
	"dongxiao/ent/topup"
	"dongxiao/internal/money"
	"dongxiao/internal/outbox"
	"dongxiao/internal/store"
)

// Apply makes what a payment paid for (payment.Payable): PENDING becomes PAID, the reserved room becomes balance, the lots are made with the posting
// TOP_UP, and the gifts are handed to the outbox. Where that is not possible any more (the top-up is not PENDING, the member or the org is gone, another amount was
// paid) it answers false, so that the money goes back, and a top-up that still waited is closed.
func (s *Service) Apply(ctx context.Context, p *ent.Payment) (bool, error) {
	ctx = auth.WithinBrand(ctx)
	t, err := s.lockTopUp(ctx, p.SubjectID)
	if err != nil {
		return false, err
	}
	if t.State != enum.TopUpPending || t.PaymentID == nil || *t.PaymentID != p.ID || p.PaidAt == nil {
		return false, nil
	}
	// A frozen member's money is as good as any, so only who left is refused.
	m, err := store.Locked(s.Store, s.Store.Client(ctx).Member.Query().Where(member.ID(t.MemberID))).Only(ctx)
	if err != nil {
		return false, err
	}
	open, err := s.Store.Client(ctx).Org.Query().Where(entorg.ID(t.OrgID), entorg.StateEQ(enum.OrgActive)).Exist(ctx)
	if err != nil {
		return false, err
	}
	if !open || m.State == enum.MemberCancelled || p.PaidFen != t.PayFen {
		return false, s.close(ctx, t)
	}
	return true, s.pay(ctx, t, *p.PaidAt)
}

// Close gives up a top-up whose payment was closed unpaid (payment.Payable): room and limits are given back. A top-up that does not wait is left as it is.
func (s *Service) Close(ctx context.Context, p *ent.Payment) error {
	ctx = auth.WithinBrand(ctx)
	t, err := s.lockTopUp(ctx, p.SubjectID)
	if err != nil || t.State != enum.TopUpPending {
		return err
	}
	return s.close(ctx, t)
}

func (s *Service) close(ctx context.Context, t *ent.TopUp) error {
	n, err := s.Store.Client(ctx).TopUp.Update().Where(topup.ID(t.ID), topup.StateEQ(enum.TopUpPending)).SetState(enum.TopUpClosed).SetClosedAt(s.Clock.Now()).Save(ctx)
	if err != nil || n != 1 {
		return err
	}
	if _, err := s.Wallets.Move(ctx, t.MemberID, 0, -value(t)); err != nil {
		return err
	}
	return s.giveBack(ctx, t.TierID, t.MemberID)
}

// pay makes a top-up PAID that is PENDING and locked; the caller holds the member's row.
func (s *Service) pay(ctx context.Context, t *ent.TopUp, paidAt time.Time) error {
	update := s.Store.Client(ctx).TopUp.Update().Where(topup.ID(t.ID), topup.StateEQ(enum.TopUpPending)).SetState(enum.TopUpPaid).SetPaidAt(paidAt).
		SetNillableBonusExpiresAt(bonusExpiry(t, paidAt))
	n, err := update.Save(ctx)
	if err != nil {
		return err
	}
	if n != 1 {
		return fmt.Errorf("top-up %d changed under its lock", t.ID)
	}
	return s.issue(ctx, t, paidAt)
}

// issue turns reserved room into value, after the row of the top-up is PAID: balance, lots, gifts, and the member's event.
func (s *Service) issue(ctx context.Context, t *ent.TopUp, paidAt time.Time) error {
	if _, err := s.Wallets.Move(ctx, t.MemberID, value(t), -value(t)); err != nil {
		return err
	}
	book, err := s.Ledger.Lock(ctx, t.MemberID, enum.AssetStoredValue)
	if err != nil {
		return err
	}
	grant := ledger.Grant{Kind: enum.LotPrincipal, SourceID: t.ID, IssuerOrgID: t.OrgID, ScopeOrgID: t.Terms.ScopeOrgID, Amount: t.PayFen}
	posting := ledger.Posting{Kind: enum.PostTopUp, Key: fmt.Sprintf("TOP_UP:%d", t.ID), OrgID: t.OrgID, SubjectID: t.ID, At: paidAt, Grants: []ledger.Grant{grant},
		Entries: []ledger.Entry{{Account: ledger.Account{Kind: enum.AccountPrincipalIssued, OwnerID: t.OrgID}, Amount: -t.PayFen}}}
	if t.BonusFen > 0 {
		grant.Kind, grant.Amount, grant.Funders, grant.ExpiresAt = enum.LotBonus, t.BonusFen, t.Terms.Funders, bonusExpiry(t, paidAt)
		posting.Grants = append(posting.Grants, grant)
		posting.Entries = append(posting.Entries, ledger.Entry{Account: ledger.Account{Kind: enum.AccountBonusIssued, OwnerID: t.OrgID}, Amount: -t.BonusFen})
	}
	if _, err := book.Post(ctx, posting); err != nil {
		return err
	}
	awaited, err := s.Coupons.Awaited(ctx, enum.CouponByTopUp)
	if err != nil {
		return err
	}
	if len(t.Terms.Coupons) > 0 || awaited {
		if err := outbox.Write(ctx, s.Store, s.Clock.Now(), GiftTopic, "", giftMessage{t.ID}); err != nil {
			return err
		}
	}
	return s.tell(ctx, t)
}

// value is principal and bonus of a top-up.
func value(t *ent.TopUp) money.Fen { return money.Fen(t.PayFen + t.BonusFen) }

// bonusExpiry is when the bonus of a top-up that was paid then expires; nil for never. Principal never does.
func bonusExpiry(t *ent.TopUp, paidAt time.Time) *time.Time {
	if t.BonusFen == 0 || t.Terms.BonusDays == 0 {
		return nil
	}
	return new(paidAt.AddDate(0, 0, t.Terms.BonusDays))
}

// tell gives the member the event that value came or went with the top-up.
func (s *Service) tell(ctx context.Context, t *ent.TopUp) error {
	return s.Events.Append(ctx, t.MemberID, enum.EventWalletChanged, memberevent.About{TopUpID: t.ID})
}
