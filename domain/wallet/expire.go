package wallet

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"entgo.io/ent/dialect/sql"

	"dongxiao/auth"
	"dongxiao/domain/ledger"
	"dongxiao/domain/memberevent"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/ledgerposting"
	"dongxiao/ent/lot"
	"dongxiao/ent/walletpayment"
	"dongxiao/internal/apperr"
	"dongxiao/internal/money"
)

// ExpireHolds gives back what payments hold whose time is over, at most limit of them, in all brands for an operator and in one for its
// system, and tells how many. It is for the periodic sweep, which
// calls again while it gets work done; several servers may at once.
func (s *Service) ExpireHolds(ctx context.Context, limit int) (int, error) {
	now := s.Clock.Now()
	due, err := s.Store.Client(ctx).WalletPayment.Query().Where(walletpayment.StateIn(enum.WalletPaymentAwaiting, enum.WalletPaymentHeld),
		walletpayment.ExpiresAtLTE(now)).Order(walletpayment.ByExpiresAt()).Limit(limit).All(ctx)
	if err != nil {
		return 0, err
	}
	done, faults := 0, error(nil)
	for _, p := range due {
		within := auth.System(ctx, p.BrandID)
		err := s.Store.WithTx(within, func(ctx context.Context) error {
			return s.end(ctx, p, p.State, enum.WalletPaymentExpired, walletpayment.ExpiresAtLTE(now))
		})
		switch apperr.CodeOf(err) {
		case "":
			done++
		case apperr.PaymentStateInvalid, apperr.PaymentExpired: // another was faster
		default:
			faults = errors.Join(faults, fmt.Errorf("expire wallet payment %d: %w", p.ID, err))
		}
	}
	return done, faults
}

// ExpireBonus writes off what is left of bonus lots whose time is over, at most limit of them, in all brands for an operator and in one for
// its system, and tells how many. What a lot holds stays
// held; what of it comes back is written off by a later sweep. It is for the periodic sweep, which calls again while it gets work done; several servers may
// at once. Nothing depends on it but the balance that is shown: what is expired is never spent.
func (s *Service) ExpireBonus(ctx context.Context, limit int) (int, error) {
	now := s.Clock.Now()
	due, err := s.Store.Client(ctx).Lot.Query().Where(lot.ExpiredAtIsNil(), lot.ExpiresAtLTE(now), lot.KindEQ(enum.LotBonus)).
		Order(lot.ByExpiresAt(), lot.ByID(sql.OrderAsc())).Limit(limit).All(ctx)
	if err != nil {
		return 0, err
	}
	done, faults := 0, error(nil)
	for _, row := range due {
		wrote, err := s.expireLot(auth.System(ctx, row.BrandID), row)
		if err != nil {
			faults = errors.Join(faults, fmt.Errorf("expire lot %d: %w", row.ID, err))
		} else if wrote {
			done++
		}
	}
	return done, faults
}

// expireLot writes off what is left of a lot, and says whether it did. A lot of which nothing is left is marked, so that the sweep finds it no more.
func (s *Service) expireLot(ctx context.Context, row *ent.Lot) (wrote bool, err error) {
	err = s.Store.WithTx(ctx, func(ctx context.Context) error {
		wrote = false
		m, _, err := s.lockBoth(ctx, row.MemberID)
		if err != nil {
			return err
		}
		book, err := s.Ledger.Lock(ctx, row.MemberID, enum.AssetStoredValue)
		if err != nil {
			return err
		}
		lots, err := book.Reopen(ctx, row.ID)
		if err != nil {
			return err
		}
		found, now := lots[row.ID], s.Clock.Now()
		if found.ExpiredAt != nil {
			return nil
		}
		wrote = true
		if found.Remaining == 0 {
			return s.Store.Client(ctx).Lot.Update().Where(lot.ID(row.ID), lot.Remaining(0)).SetExpiredAt(now).Exec(ctx)
		}
		left := found.Remaining
		before, err := s.Store.Client(ctx).LedgerPosting.Query().Where(ledgerposting.KindEQ(enum.PostBonusExpiry), ledgerposting.SubjectID(row.ID)).Count(ctx)
		if err != nil {
			return err
		}
		if err := s.change(ctx, row.MemberID, -money.Fen(left)); err != nil {
			return err
		}
		if _, err := book.Post(ctx, ledger.Posting{Kind: enum.PostBonusExpiry, Key: "bonus-expiry:" + strconv.FormatInt(row.ID, 10) + ":" + strconv.Itoa(before+1),
			SubjectID: row.ID, OrgID: row.IssuerOrgID, At: now, Lots: []ledger.LotChange{{Lot: found, Remaining: -left}},
			Entries: []ledger.Entry{{Account: ledger.Account{Kind: enum.AccountBonusExpired, OwnerID: row.IssuerOrgID}, Amount: left}}}); err != nil {
			return err
		}
		return s.Events.AppendLocked(ctx, m, enum.EventWalletChanged, memberevent.About{})
	})
	return wrote, err
}
