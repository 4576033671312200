package graph

import (
	"context"
	"strconv"

	"entgo.io/ent/dialect/sql"

	"dongxiao/ent"
	"dongxiao/graph/model"
	"dongxiao/internal/money"
)

// walletBalanceColumn is what withWalletBalance adds to members.
const walletBalanceColumn = "wallet_balance"

// withWalletBalance reads with members what their wallets hold, so that a screen that shows it takes no statement more.
func withWalletBalance(s *sql.Selector) {
	s.AppendSelectExprAs(sql.Expr("COALESCE((SELECT w.balance_fen FROM wallets w WHERE w.brand_id = "+s.C("brand_id")+" AND w.member_id = "+s.C("id")+"), 0)"), walletBalanceColumn)
}

// walletBalanceOf is what the member's wallet holds, where withWalletBalance read it.
func walletBalanceOf(m *ent.Member) (money.Fen, bool) {
	value, err := m.Value(walletBalanceColumn)
	if err != nil {
		return 0, false
	}
	switch v := value.(type) {
	case int64:
		return money.Fen(v), true
	case []byte:
		n, err := strconv.ParseInt(string(v), 10, 64)
		return money.Fen(n), err == nil
	}
	return 0, false
}

// walletPaymentPayload answers mutations of a payment with stored value.
func walletPaymentPayload(ctx context.Context, p *ent.WalletPayment, err error) (*model.WalletPaymentPayload, error) {
	refusals, err := refuse(ctx, "WalletErrorCode", err)
	return &model.WalletPaymentPayload{Payment: p, UserErrors: refusals}, err
}

// walletPayload answers mutations of a wallet.
func walletPayload(ctx context.Context, w *ent.Wallet, err error) (*model.WalletPayload, error) {
	refusals, err := refuse(ctx, "WalletErrorCode", err)
	return &model.WalletPayload{Wallet: w, UserErrors: refusals}, err
}

func (r *Resolver) storedValueSettings(ctx context.Context) (*model.StoredValueSettings, error) {
	s, version, err := r.Wallets.SettingsOf(ctx)
	if err != nil {
		return nil, err
	}
	return &model.StoredValueSettings{SpendOrder: s.SpendOrder, BonusCap: s.BonusCap, BalanceCap: s.BalanceCapFen, CapCountsPrincipalAlone: s.CapCountsPrincipalAlone,
		ConfirmAbove: s.ConfirmAboveFen, CheckRefundsAbove: s.CheckRefundsAboveFen, ClearingFee: s.ClearingFee, Version: version}, nil
}
