package wallet

import (
	"context"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/walletpayment"
	"dongxiao/internal/apperr"
	"dongxiao/internal/money"
)

// visible reads a payment that the viewer may see: the member its own, staff those of their orgs.
func (s *Service) visible(ctx context.Context, id int64) (*ent.WalletPayment, error) {
	p, err := s.Store.Client(ctx).WalletPayment.Get(ctx, id)
	if ent.IsNotFound(err) {
		return nil, apperr.New(apperr.NotFound).At("input", "id")
	}
	return p, err
}

// Payment reads a payment: the member its own, staff with ReadWalletPayments those of their orgs. It refuses with NOT_FOUND.
func (s *Service) Payment(ctx context.Context, id int64) (*ent.WalletPayment, error) {
	p, err := s.Store.Client(auth.WithinBrand(ctx)).WalletPayment.Get(auth.WithinBrand(ctx), id)
	if ent.IsNotFound(err) {
		return nil, apperr.New(apperr.NotFound)
	}
	if v := auth.FromContext(ctx); err == nil && (v.MemberID == 0 || v.MemberID != p.MemberID || v.Face != auth.Storefront) {
		err = s.Orgs.Require(ctx, auth.ReadWalletPayments, p.OrgID)
	}
	if err != nil {
		return nil, err
	}
	return p, nil
}

// Confirm spends what a payment at the till holds. The member calls it, with the pay password where one is set; to confirm again answers with the payment. One
// transaction changes the state (a conditional write), the lots, the clearing and the member's events.
//
// Refusals: NOT_FOUND, PAYMENT_STATE_INVALID, PAYMENT_EXPIRED, WALLET_FROZEN, WALLET_CLOSED, MEMBER_FROZEN, and those of the password:
// PAY_PASSWORD_REQUIRED, PAY_PASSWORD_WRONG with the tries that are left, PAY_PASSWORD_LOCKED.
func (s *Service) Confirm(ctx context.Context, id int64, password string) (*ent.WalletPayment, error) {
	p, err := s.ownTill(ctx, id)
	if err != nil || p.State == enum.WalletPaymentCaptured {
		return p, err
	}
	if p.State != enum.WalletPaymentAwaiting {
		return nil, s.stateRefusal(auth.WithinBrand(ctx), id)
	}
	if err := s.checkPassword(ctx, p.MemberID, password); err != nil {
		return nil, err
	}
	within := auth.WithinBrand(ctx)
	err = s.Store.WithTx(within, func(ctx context.Context) error {
		now := s.Clock.Now()
		n, err := s.Store.Client(ctx).WalletPayment.Update().Where(walletpayment.ID(id), walletpayment.StateEQ(enum.WalletPaymentAwaiting), walletpayment.ExpiresAtGT(now)).
			SetState(enum.WalletPaymentCaptured).SetCapturedFen(p.AmountFen).SetCapturedAt(now).Save(ctx)
		if err != nil {
			return err
		}
		if n != 1 {
			return s.stateRefusal(ctx, id)
		}
		m, w, err := s.lockBoth(ctx, p.MemberID)
		if err != nil {
			return err
		}
		if err := takesPart(m); err != nil {
			return err
		}
		if err := usable(w); err != nil {
			return err
		}
		if err := s.capture(ctx, p, money.Fen(p.AmountFen), now); err != nil {
			return err
		}
		return s.tell(ctx, m, p, enum.EventWalletChanged)
	})
	return s.after(within, id, err, enum.WalletPaymentCaptured)
}

// Decline gives back what a payment at the till holds, because the member does not want it. The member calls it; to decline again changes nothing. Refusals:
// NOT_FOUND, PAYMENT_STATE_INVALID, PAYMENT_EXPIRED.
func (s *Service) Decline(ctx context.Context, id int64) (*ent.WalletPayment, error) {
	p, err := s.ownTill(ctx, id)
	if err != nil || p.State == enum.WalletPaymentDeclined {
		return p, err
	}
	within := auth.WithinBrand(ctx)
	err = s.Store.WithTx(within, func(ctx context.Context) error {
		return s.end(ctx, p, enum.WalletPaymentAwaiting, enum.WalletPaymentDeclined)
	})
	return s.after(within, id, err, enum.WalletPaymentDeclined)
}

// Cancel takes back a payment that still waits for the member. Staff with ChargeWallets at the store call it; to cancel again changes nothing. It is audited. Refusals:
// NOT_FOUND, PAYMENT_STATE_INVALID, PAYMENT_EXPIRED.
func (s *Service) Cancel(ctx context.Context, id int64) (*ent.WalletPayment, error) {
	p, err := s.visible(auth.WithinBrand(ctx), id)
	if err != nil {
		return nil, err
	}
	if err := s.Orgs.Require(ctx, auth.ChargeWallets, p.OrgID); err != nil {
		return nil, apperr.OfInput(err, "id")
	}
	if p.State == enum.WalletPaymentReleased && p.Source == enum.WalletPaymentTill {
		return p, nil
	}
	within := auth.WithinBrand(ctx)
	err = s.Store.WithTx(within, func(ctx context.Context) error {
		if err := s.end(ctx, p, enum.WalletPaymentAwaiting, enum.WalletPaymentReleased); err != nil {
			return err
		}
		return s.record(ctx, p, "walletPaymentCancel", map[string]any{"state": p.State}, map[string]any{"state": enum.WalletPaymentReleased}, "")
	})
	return s.after(within, id, err, enum.WalletPaymentReleased)
}

// ownTill is the viewer's own payment at a till.
func (s *Service) ownTill(ctx context.Context, id int64) (*ent.WalletPayment, error) {
	p, err := s.visible(ctx, id)
	if err == nil && (p.MemberID != auth.FromContext(ctx).MemberID || p.Source != enum.WalletPaymentTill) {
		err = apperr.New(apperr.NotFound).At("input", "id")
	}
	if err != nil {
		return nil, err
	}
	return p, nil
}

// after answers with the payment as it is now. What another call has done meanwhile counts as done.
func (s *Service) after(ctx context.Context, id int64, err error, done enum.WalletPaymentState) (*ent.WalletPayment, error) {
	if err != nil && apperr.CodeOf(err) != apperr.PaymentStateInvalid {
		return nil, err
	}
	p, readErr := s.Store.Client(ctx).WalletPayment.Get(ctx, id)
	if readErr != nil {
		return nil, readErr
	}
	if p.State == done {
		return p, nil
	}
	return nil, err
}
