package wallet

import (
	"context"
	"time"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/org"
	"dongxiao/ent/walletpayment"
	"dongxiao/internal/apperr"
	"dongxiao/internal/idempotency"
	"dongxiao/internal/ids"
	"dongxiao/internal/money"
	"dongxiao/internal/store"
)

// Order is what an order pays, or holds to pay later, with stored value.
type Order struct {
	MemberID, OrgID int64
	// ID is the order, which has at most one payment with stored value.
	ID     int64
	Amount money.Fen
	// ExpiresAt is when what is held is given back by itself.
	ExpiresAt time.Time
}

// Hold holds stored value for an order, inside the caller's transaction, which has authorised the member. For an order that has a payment it answers with that.
// What expires while it is held can still be captured.
//
// Refusals: INVALID_INPUT, NOT_FOUND, MEMBER_FROZEN, MEMBER_CANCELLED, WALLET_FROZEN, WALLET_CLOSED, WALLET_INSUFFICIENT with what can be used there,
// IDEMPOTENCY_KEY_REUSED (the order has a payment of another amount).
func (s *Service) Hold(ctx context.Context, o Order) (*ent.WalletPayment, error) {
	if o.Amount <= 0 || o.Amount > MaxPayment {
		return nil, invalidAmount(MaxPayment)
	}
	key := "order-" + ids.Encode(ids.WalletPayment, o.ID)
	hash, err := idempotency.Hash(o)
	if err != nil {
		return nil, err
	}
	var made *ent.WalletPayment
	err = s.Store.WithTx(auth.WithinBrand(ctx), func(ctx context.Context) error {
		m, w, err := s.lockBoth(ctx, o.MemberID)
		if ent.IsNotFound(err) {
			err = apperr.New(apperr.NotFound)
		}
		if err != nil {
			return err
		}
		if made, err = s.first(ctx, m.PersonID, key, hash); made != nil || err != nil {
			return err
		}
		if err := takesPart(m); err != nil {
			return err
		}
		if err := usable(w); err != nil {
			return err
		}
		shop, err := s.Store.Client(ctx).Org.Query().Where(org.ID(o.OrgID)).Only(ctx)
		if ent.IsNotFound(err) {
			err = apperr.New(apperr.NotFound)
		}
		if err != nil {
			return err
		}
		settings, err := s.Settings(ctx)
		if err != nil {
			return err
		}
		made, err = s.pay(ctx, draft{id: ids.Next(), wallet: w, shop: shop, amount: o.Amount, state: enum.WalletPaymentHeld, source: enum.WalletPaymentOrder, subject: &o.ID,
			actorID: m.PersonID, key: key, hash: hash, expires: &o.ExpiresAt}, settings)
		if err != nil {
			return err
		}
		return s.tell(ctx, m, made, enum.EventWalletChanged)
	})
	if err != nil {
		return nil, err
	}
	return made, nil
}

// Capture spends what an order's payment holds, all of it or a part, and gives the rest back, inside the caller's transaction. A frozen wallet does not stop it: what was
// held before is the order's. To capture the same again changes nothing.
//
// Refusals: NOT_FOUND, INVALID_INPUT, PAYMENT_STATE_INVALID, PAYMENT_EXPIRED.
func (s *Service) Capture(ctx context.Context, paymentID int64, amount money.Fen) (*ent.WalletPayment, error) {
	ctx = auth.WithinBrand(ctx)
	err := s.Store.WithTx(ctx, func(ctx context.Context) error {
		p, err := s.ofOrder(ctx, paymentID)
		if err != nil {
			return err
		}
		if amount <= 0 || int64(amount) > p.AmountFen {
			return invalidAmount(money.Fen(p.AmountFen))
		}
		now := s.Clock.Now()
		n, err := s.Store.Client(ctx).WalletPayment.Update().Where(walletpayment.ID(paymentID), walletpayment.StateEQ(enum.WalletPaymentHeld)).
			SetState(enum.WalletPaymentCaptured).SetCapturedFen(int64(amount)).SetCapturedAt(now).Save(ctx)
		if err != nil {
			return err
		}
		if n != 1 {
			if p, err := s.locked(ctx, paymentID); err != nil || p.State == enum.WalletPaymentCaptured && p.CapturedFen == int64(amount) {
				return err
			}
			return s.stateRefusal(ctx, paymentID)
		}
		m, _, err := s.lockBoth(ctx, p.MemberID)
		if err != nil {
			return err
		}
		if err := s.capture(ctx, p, amount, now); err != nil {
			return err
		}
		return s.tell(ctx, m, p, enum.EventWalletChanged)
	})
	return s.answer(ctx, paymentID, err)
}

// Release gives back what an order's payment holds, inside the caller's transaction. To release again changes nothing. Refusals: NOT_FOUND, PAYMENT_STATE_INVALID.
func (s *Service) Release(ctx context.Context, paymentID int64) (*ent.WalletPayment, error) {
	ctx = auth.WithinBrand(ctx)
	err := s.Store.WithTx(ctx, func(ctx context.Context) error {
		if _, err := s.ofOrder(ctx, paymentID); err != nil {
			return err
		}
		p, err := s.locked(ctx, paymentID)
		if err != nil || !holds(p.State) && p.State != enum.WalletPaymentCaptured {
			return err // released or expired before: nothing is held
		}
		return s.end(ctx, p, enum.WalletPaymentHeld, enum.WalletPaymentReleased)
	})
	return s.answer(ctx, paymentID, err)
}

// ofOrder is a payment of an order.
func (s *Service) ofOrder(ctx context.Context, id int64) (*ent.WalletPayment, error) {
	p, err := s.Store.Client(ctx).WalletPayment.Query().Where(walletpayment.ID(id), walletpayment.SourceEQ(enum.WalletPaymentOrder)).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, apperr.New(apperr.NotFound)
	}
	return p, err
}

// locked locks a payment's row and gives it as it is.
func (s *Service) locked(ctx context.Context, id int64) (*ent.WalletPayment, error) {
	p, err := store.Locked(s.Store, s.Store.Client(ctx).WalletPayment.Query().Where(walletpayment.ID(id))).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, apperr.New(apperr.NotFound)
	}
	return p, err
}

// answer reads the payment as it is now, unless it was refused.
func (s *Service) answer(ctx context.Context, id int64, err error) (*ent.WalletPayment, error) {
	if err != nil {
		return nil, err
	}
	return s.Store.Client(ctx).WalletPayment.Get(ctx, id)
}
