package wallet

import (
	"context"

	"dongxiao/auth"
	"dongxiao/domain/redemption"
	"dongxiao/ent"
	"dongxiao/ent/member"
	"dongxiao/ent/wallet"
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
