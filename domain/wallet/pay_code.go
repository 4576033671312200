package wallet

import (
	"context"
	"time"

	"dongxiao/auth"
	"dongxiao/domain/redemption"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/member"
	"dongxiao/ent/wallet"
	"dongxiao/ent/walletpayment"
	"dongxiao/internal/apperr"
	"dongxiao/internal/money"
)

// OfferPayCode says what may be taken for a pay code at a store (redemption.StoredValue). Staff with ChargeWallets at the store call it. It changes nothing and does
// not use the code up. Refusals: those of Charge, but for the amount's.
func (s *Service) OfferPayCode(ctx context.Context, payCode string, storeID int64) (*redemption.Value, error) {
	v := auth.FromContext(ctx)
	code, err := s.readPayCode(v.BrandID, payCode)
	if err != nil {
		return nil, err
	}
	if !v.Can(auth.ChargeWallets) {
		return nil, apperr.New(apperr.NotFound).At("input", "storeId")
	}
	within := auth.WithinBrand(ctx)
	client := s.Store.Client(within)
	m, err := client.Member.Query().Where(member.Number(code.MemberNumber)).Only(within)
	if ent.IsNotFound(err) {
		return nil, apperr.New(apperr.PayCodeInvalid).At("input", "payCode")
	}
	if err != nil {
		return nil, err
	}
	w, err := client.Wallet.Query().Where(wallet.MemberID(m.ID)).Only(within)
	if ent.IsNotFound(err) || err == nil && !code.Of(w.Generation) {
		return nil, apperr.New(apperr.PayCodeInvalid).At("input", "payCode")
	}
	if err != nil {
		return nil, err
	}
	at, err := s.counterAt(within, v, auth.ChargeWallets, storeID)
	if err != nil {
		return nil, apperr.OfInput(err, "storeId")
	}
	if m.PersonID == v.PersonID {
		return nil, apperr.New(apperr.SelfCharge)
	}
	if err := takesPart(m); err != nil {
		return nil, err
	}
	if err := usable(w); err != nil {
		return nil, err
	}
	settings, err := s.Settings(within)
	if err != nil {
		return nil, err
	}
	lots, err := s.LotsOf(within, m.ID)
	if err != nil {
		return nil, err
	}
	return &redemption.Value{Member: m, Available: Payable(lots, settings.BonusCap, at.shop.Path, s.Clock.Now()), ConfirmAbove: settings.ConfirmAboveFen}, nil
}

// ChargePayCode is Charge as redemption calls it.
func (s *Service) ChargePayCode(ctx context.Context, payCode string, storeID int64, amount money.Fen, key string) (*ent.WalletPayment, error) {
	return s.Charge(ctx, Charge{PayCode: payCode, StoreID: storeID, Amount: amount, IdempotencyKey: key})
}

// TakenAt is the stored value that was taken at a store in [from, until), less what was given back since, by staff and shift (redemption.StoredValue). The caller
// has authorised the viewer for the store.
func (s *Service) TakenAt(ctx context.Context, storeID int64, from, until time.Time) ([]redemption.Taken, error) {
	ctx = auth.WithinBrand(ctx)
	rows, err := s.Store.Client(ctx).WalletPayment.Query().Where(walletpayment.OrgID(storeID), walletpayment.CreatedAtGTE(from), walletpayment.CreatedAtLT(until),
		walletpayment.StateEQ(enum.WalletPaymentCaptured), walletpayment.SourceEQ(enum.WalletPaymentTill), walletpayment.StaffIDNotNil()).All(ctx)
	taken := make([]redemption.Taken, len(rows))
	for i, p := range rows {
		taken[i] = redemption.Taken{StaffID: *p.StaffID, ShiftID: p.ShiftID, Payments: 1, Value: money.Fen(p.CapturedFen - p.RefundedFen)}
	}
	return taken, err
}
