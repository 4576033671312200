package wallet

import (
	"context"

	"dongxiao/auth"
	"dongxiao/domain/audit"
	"dongxiao/domain/memberevent"
	"dongxiao/domain/org"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/lot"
	"dongxiao/ent/wallet"
	"dongxiao/internal/apperr"
	"dongxiao/internal/money"
	"dongxiao/internal/text"
)

// lostReason is why a wallet was frozen whose member says that the phone is lost (挂失).
const lostReason = "挂失"

// Transitions of a wallet:
//
//	ACTIVE → FROZEN  Lost by the member; Freeze by staff
//	FROZEN → ACTIVE  Unfreeze; Reissue, which voids pay codes and password
//	ACTIVE → CLOSED  Leave, where nothing is in it; final
//	FROZEN → CLOSED  Leave, where nothing is in it; final

// Lost freezes the viewer's own wallet (挂失): nothing is spent from it until the store unfreezes it or issues it anew. What is frozen stays so. Refusals:
// NOT_FOUND, WALLET_CLOSED.
func (s *Service) Lost(ctx context.Context) (*ent.Wallet, error) {
	m, err := s.member(ctx)
	if err != nil {
		return nil, err
	}
	ctx = auth.WithinBrand(ctx)
	w, err := s.Open(ctx, m.ID)
	if err != nil || w.State == enum.WalletFrozen {
		return w, err
	}
	err = s.Store.WithTx(ctx, func(ctx context.Context) error {
		return s.freeze(ctx, m.ID, lostReason)
	})
	return s.read(ctx, m.ID, err)
}

// Freeze freezes a member's wallet. Staff with ManageWallets call it for members in their scope; it is audited. What is frozen stays so. What was held before for an
// order may still be captured. The own wallet is for colleagues to manage, or for Lost.
// Refusals: NOT_FOUND, REASON_REQUIRED, INVALID_INPUT, SELF_SERVICE, WALLET_CLOSED.
func (s *Service) Freeze(ctx context.Context, memberID int64, reason string) (*ent.Wallet, error) {
	return s.manage(ctx, memberID, "walletFreeze", reason, func(ctx context.Context, w *ent.Wallet) error {
		if w.State == enum.WalletFrozen {
			return nil
		}
		return s.freeze(ctx, memberID, reason)
	})
}

// Unfreeze makes a frozen wallet usable again. Who may, and refusals, as for Freeze.
func (s *Service) Unfreeze(ctx context.Context, memberID int64, reason string) (*ent.Wallet, error) {
	return s.manage(ctx, memberID, "walletUnfreeze", reason, func(ctx context.Context, w *ent.Wallet) error {
		return s.Store.Client(ctx).Wallet.Update().Where(wallet.ID(w.ID)).SetState(enum.WalletActive).ClearFrozenAt().SetFrozenReason("").Exec(ctx)
	})
}

// Reissue issues a wallet anew after a loss: pay codes that were made before are void, the pay password is gone, and it is usable. The value in it is
// untouched. Who may, and refusals, as for Freeze.
func (s *Service) Reissue(ctx context.Context, memberID int64, reason string) (*ent.Wallet, error) {
	return s.manage(ctx, memberID, "walletReissue", reason, func(ctx context.Context, w *ent.Wallet) error {
		return s.Store.Client(ctx).Wallet.Update().Where(wallet.ID(w.ID)).SetState(enum.WalletActive).ClearFrozenAt().SetFrozenReason("").AddGeneration(1).
			SetPasswordHash("").SetPasswordFailures(0).ClearPasswordLockedUntil().Exec(ctx)
	})
}

// manage changes a wallet in the viewer's scope, under its lock, with an audit entry and an event.
func (s *Service) manage(ctx context.Context, memberID int64, action, reason string, change func(ctx context.Context, w *ent.Wallet) error) (*ent.Wallet, error) {
	reason, err := text.Reason(reason, maxReason)
	if err != nil {
		return nil, err
	}
	if err := s.inScope(ctx, auth.ManageWallets, memberID); err != nil {
		return nil, apperr.OfInput(err, "memberId")
	}
	ctx = auth.WithinBrand(ctx)
	if _, err := s.Open(ctx, memberID); err != nil {
		return nil, err
	}
	err = s.Store.WithTx(ctx, func(ctx context.Context) error {
		m, w, err := s.lockBoth(ctx, memberID)
		if err != nil {
			return err
		}
		if m.PersonID == auth.FromContext(ctx).PersonID {
			return apperr.New(apperr.SelfService).At("input", "memberId")
		}
		if w.State == enum.WalletClosed {
			return apperr.New(apperr.WalletClosed)
		}
		if err := change(ctx, w); err != nil {
			return err
		}
		next, err := s.lock(ctx, memberID)
		if err != nil {
			return err
		}
		orgID, err := s.auditOrg(ctx, m)
		if err != nil {
			return err
		}
		snapshot := func(w *ent.Wallet) map[string]any {
			return map[string]any{"state": w.State, "generation": w.Generation}
		}
		if err := audit.Record(ctx, s.Store, audit.Change{OrgID: orgID, Action: action, Subject: w.NodeID(), Before: snapshot(w), After: snapshot(next), Reason: reason}); err != nil {
			return err
		}
		return s.Events.AppendLocked(ctx, m, enum.EventWalletChanged, memberevent.About{})
	})
	return s.read(ctx, memberID, err)
}

// freeze freezes an active wallet, by a conditional write.
func (s *Service) freeze(ctx context.Context, memberID int64, reason string) error {
	n, err := s.Store.Client(ctx).Wallet.Update().Where(wallet.MemberID(memberID), wallet.StateEQ(enum.WalletActive)).
		SetState(enum.WalletFrozen).SetFrozenAt(s.Clock.Now()).SetFrozenReason(reason).Save(ctx)
	if err != nil || n == 1 {
		return err
	}
	if w, err := s.lock(ctx, memberID); err != nil || w.State == enum.WalletFrozen {
		return err
	}
	return apperr.New(apperr.WalletClosed)
}

// Leave closes the wallets of members who are leaving, inside the transaction that erases them and holds their rows. It refuses with WALLET_NOT_EMPTY and what
// is left, where there is value in one or a top-up is under way.
func (s *Service) Leave(ctx context.Context, memberIDs []int64) error {
	ctx = auth.WithinBrand(ctx)
	for _, id := range memberIDs {
		w, err := s.lock(ctx, id)
		if apperr.CodeOf(err) == apperr.NotFound {
			continue
		}
		if err != nil {
			return err
		}
		n, err := s.Store.Client(ctx).Wallet.Update().Where(wallet.ID(w.ID), wallet.BalanceFen(0), wallet.PendingFen(0)).
			SetState(enum.WalletClosed).ClearFrozenAt().SetFrozenReason("").SetPasswordHash("").SetPasswordFailures(0).ClearPasswordLockedUntil().Save(ctx)
		if err != nil {
			return err
		}
		if n != 1 {
			return apperr.New(apperr.WalletNotEmpty, "amount", money.Fen(w.BalanceFen+w.PendingFen).Yuan())
		}
	}
	return nil
}

// member is the viewer's own membership; NOT_FOUND for a viewer who is none.
func (s *Service) member(ctx context.Context) (*ent.Member, error) {
	m, err := s.Store.Client(ctx).Member.Get(ctx, auth.FromContext(ctx).MemberID)
	if ent.IsNotFound(err) {
		return nil, apperr.New(apperr.NotFound)
	}
	return m, err
}

// inScope passes where the viewer holds the capability for the member: one in its scope, or one who has value that an org in its scope has issued. NOT_FOUND
// otherwise.
func (s *Service) inScope(ctx context.Context, c auth.Capability, memberID int64) error {
	if _, err := s.Members.Managed(ctx, c, memberID); apperr.CodeOf(err) != apperr.NotFound {
		return err
	}
	issued, err := s.Store.Client(ctx).Lot.Query().Where(lot.MemberID(memberID), org.ScopePredicate(ctx, c, lot.FieldIssuerOrgID)).Exist(auth.WithinBrand(ctx))
	if err == nil && !issued {
		err = apperr.New(apperr.NotFound)
	}
	return err
}

// auditOrg is the org in whose log changes of the member's wallet are: its home store, or the brand.
func (s *Service) auditOrg(ctx context.Context, m *ent.Member) (int64, error) {
	if m.HomeStoreID != nil {
		return *m.HomeStoreID, nil
	}
	return s.Roots.OfBrand(ctx)
}

// read answers with the wallet as it is now, unless it was refused.
func (s *Service) read(ctx context.Context, memberID int64, err error) (*ent.Wallet, error) {
	if err != nil {
		return nil, err
	}
	return s.Store.Client(ctx).Wallet.Query().Where(wallet.MemberID(memberID)).Only(ctx)
}
