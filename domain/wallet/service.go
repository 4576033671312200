// Package wallet keeps stored value (储值): a member's wallet, what is spent, held and given back of it, and its pay codes.
//
// Lock order: the idempotency key, the row that the act is about (a payment, a top-up), the member, the member's wallet row, the member's accounts and lots
// (ledger.Lock), the stripes of the orgs' accounts, clearing lines. Whoever moves stored value of a member holds the wallet's row before
// ledger.Lock, by Move, Reserve or a guarded update of its own.
package wallet

import (
	"context"

	"dongxiao/auth"
	"dongxiao/domain/clearing"
	"dongxiao/domain/ledger"
	"dongxiao/domain/member"
	"dongxiao/domain/memberevent"
	"dongxiao/domain/org"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/wallet"
	"dongxiao/internal/apperr"
	"dongxiao/internal/clock"
	"dongxiao/internal/cursor"
	"dongxiao/internal/keyring"
	"dongxiao/internal/money"
	"dongxiao/internal/store"
)

// Options of New; all are needed.
type Options struct {
	Store    *store.Store
	Clock    clock.Clock
	Keyring  *keyring.Keyring
	Ledger   *ledger.Ledger
	Orgs     *org.Service
	Roots    *org.Roots
	Members  *member.Service
	Clearing *clearing.Service
	Events   *memberevent.Log
	// Cursors is asked for anew for each list, because its keys rotate.
	Cursors func() *cursor.Codec
}

// Service keeps wallets.
type Service struct{ Options }

// New makes the service.
func New(o Options) *Service { return &Service{o} }

// Open gives the member's wallet and makes it, with its accounts, where there is none yet. Services call it for members that they have authorised; it joins
// the caller's transaction.
func (s *Service) Open(ctx context.Context, memberID int64) (*ent.Wallet, error) {
	ctx = auth.WithinBrand(ctx)
	query := s.Store.Client(ctx).Wallet.Query().Where(wallet.MemberID(memberID))
	if row, err := query.Clone().Only(ctx); !ent.IsNotFound(err) {
		return row, err
	}
	var row *ent.Wallet
	err := s.Store.WithTx(ctx, func(ctx context.Context) error {
		err := s.Store.Client(ctx).Wallet.Create().SetMemberID(memberID).Exec(ctx)
		if err != nil && !store.IsDuplicate(err, wallet.Table, "member_id") {
			return err
		}
		if row, err = s.lock(ctx, memberID); err != nil {
			return err
		}
		_, err = s.Ledger.Lock(ctx, memberID, enum.AssetStoredValue)
		return err
	})
	return row, err
}

// lock locks the wallet's row until the transaction ends and gives it as it is; NOT_FOUND where the member has none.
func (s *Service) lock(ctx context.Context, memberID int64) (*ent.Wallet, error) {
	row, err := store.Locked(s.Store, s.Store.Client(ctx).Wallet.Query().Where(wallet.MemberID(memberID))).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, apperr.New(apperr.NotFound)
	}
	return row, err
}

// Move locks the wallet's row and changes what it holds and what it keeps room for by these amounts, with one guarded update in the caller's transaction.
// It does not look at the cap: who brings new value has called Reserve, and turns what was reserved into balance; who gives back what the member had
// before needs no room. It refuses with WALLET_CLOSED, and with CONFLICT where there is less than is to be taken.
func (s *Service) Move(ctx context.Context, memberID int64, balance, pending money.Fen) (*ent.Wallet, error) {
	ctx = auth.WithinBrand(ctx)
	client := s.Store.Client(ctx)
	n, err := client.Wallet.Update().Where(wallet.MemberID(memberID), wallet.StateNEQ(enum.WalletClosed), atLeast(wallet.FieldBalanceFen, balance),
		atLeast(wallet.FieldPendingFen, pending)).AddBalanceFen(int64(balance)).AddPendingFen(int64(pending)).Save(ctx)
	if err != nil {
		return nil, err
	}
	row, err := client.Wallet.Query().Where(wallet.MemberID(memberID)).Only(ctx)
	switch {
	case ent.IsNotFound(err):
		return nil, apperr.New(apperr.NotFound)
	case err != nil || n == 1:
		return row, err
	case row.State == enum.WalletClosed:
		return nil, apperr.New(apperr.WalletClosed)
	}
	return nil, apperr.New(apperr.Conflict)
}

// Reserve keeps room in the wallet for value that is to come: pending_fen grows by both amounts, under guard of the brand's cap, in the caller's transaction.
// Move(…, +value, −value) uses the room, Move(…, 0, −value) gives it up. Where the settings count principal alone, bonus that is reserved but did not come
// yet counts as well, so that a wallet never passes its cap. It refuses with BALANCE_CAP_EXCEEDED and the room that is left, WALLET_FROZEN,
// WALLET_CLOSED, and with INVALID_INPUT for amounts that are not positive.
func (s *Service) Reserve(ctx context.Context, memberID int64, principal, bonus money.Fen) error {
	total, err := principal.Add(bonus)
	if err != nil || principal <= 0 || bonus < 0 {
		return apperr.New(apperr.InvalidInput, "field", "amount", "reason", "> 0")
	}
	ctx = auth.WithinBrand(ctx)
	settings, err := s.Settings(ctx)
	if err != nil {
		return err
	}
	row, err := s.lock(ctx, memberID)
	if err != nil {
		return err
	}
	if err := usable(row); err != nil {
		return err
	}
	counted, asked := money.Fen(row.BalanceFen), total
	if settings.CapCountsPrincipalAlone {
		book, err := s.Ledger.Lock(ctx, memberID, enum.AssetStoredValue)
		if err != nil {
			return err
		}
		counted, asked = money.Fen(book.Balance(enum.AccountPrincipal)+book.Balance(enum.AccountPrincipalHeld)), principal
	}
	if room := max(0, settings.BalanceCapFen-counted-money.Fen(row.PendingFen)); asked > room {
		return apperr.New(apperr.BalanceCapExceeded, "cap", settings.BalanceCapFen.Yuan(), "room", room.Yuan())
	}
	_, err = s.Move(ctx, memberID, 0, total)
	return err
}

// usable gives why nothing can be spent from or put into the wallet; nil where it can.
func usable(w *ent.Wallet) error {
	switch w.State {
	case enum.WalletFrozen:
		return apperr.New(apperr.WalletFrozen)
	case enum.WalletClosed:
		return apperr.New(apperr.WalletClosed)
	}
	return nil
}
