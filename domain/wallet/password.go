package wallet

import (
	"context"
	"math"
	"strconv"
	"time"

	"golang.org/x/crypto/bcrypt"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/wallet"
	"dongxiao/internal/apperr"
)

const (
	// PasswordTries is how many wrong pay passwords lock it.
	PasswordTries = 5
	// PasswordLock is how long it is locked.
	PasswordLock = 15 * time.Minute
	// passwordCost is of bcrypt. Six digits have few enough values that no cost protects a stolen hash: what is hashed is keyed with the installation's own secret.
	passwordCost = bcrypt.MinCost + 4
)

// SetPassword sets the pay password, six digits, by which the member confirms payments at the till. The member calls it; where one is set, with the former one,
// which counts as a try. Refusals: PAY_PASSWORD_NOT_ALLOWED, WALLET_FROZEN, WALLET_CLOSED, MEMBER_FROZEN, and those of the former password.
func (s *Service) SetPassword(ctx context.Context, former, password string) (*ent.Wallet, error) {
	if !allowed(password) {
		return nil, apperr.New(apperr.PayPasswordNotAllowed).At("input", "password")
	}
	m, err := s.member(ctx)
	if err != nil {
		return nil, err
	}
	if err := takesPart(m); err != nil {
		return nil, err
	}
	ctx = auth.WithinBrand(ctx)
	w, err := s.Open(ctx, m.ID)
	if err != nil {
		return nil, err
	}
	if err := usable(w); err != nil {
		return nil, err
	}
	if err := s.checkPassword(ctx, m.ID, former); err != nil {
		return nil, apperr.OfInput(err, "former")
	}
	hash, err := bcrypt.GenerateFromPassword(s.keyed(m.ID, m.BrandID, password), passwordCost)
	if err != nil {
		return nil, err
	}
	// The former hash is the guard: of two at once, or of one beside a wallet issued anew, one wins.
	n, err := s.Store.Client(ctx).Wallet.Update().Where(wallet.MemberID(m.ID), wallet.StateEQ(enum.WalletActive), wallet.PasswordHash(w.PasswordHash), wallet.Generation(w.Generation)).
		SetPasswordHash(string(hash)).SetPasswordFailures(0).ClearPasswordLockedUntil().Save(ctx)
	if err != nil {
		return nil, err
	}
	if n != 1 {
		return nil, apperr.New(apperr.Conflict)
	}
	return s.Store.Client(ctx).Wallet.Get(ctx, w.ID)
}

// checkPassword passes where the wallet has no pay password, or has this one. A try is counted, and committed, before the password is looked at, so that many at
// once are no more tries than one after the other.
func (s *Service) checkPassword(ctx context.Context, memberID int64, password string) error {
	ctx = auth.WithinBrand(ctx)
	var w *ent.Wallet
	err := s.Store.WithTx(ctx, func(ctx context.Context) (err error) {
		if w, err = s.lock(ctx, memberID); err != nil || w.PasswordHash == "" {
			return err
		}
		now := s.Clock.Now()
		if w.PasswordLockedUntil != nil {
			if wait := w.PasswordLockedUntil.Sub(now); wait > 0 {
				return apperr.New(apperr.PayPasswordLocked, "minutes", strconv.Itoa(int(math.Ceil(wait.Minutes())))).At("input", "password")
			}
			w.PasswordFailures = 0
		}
		if password == "" {
			return apperr.New(apperr.PayPasswordRequired).At("input", "password")
		}
		w.PasswordFailures++
		update := s.Store.Client(ctx).Wallet.Update().Where(wallet.MemberID(memberID)).SetPasswordFailures(w.PasswordFailures).ClearPasswordLockedUntil()
		if w.PasswordFailures >= PasswordTries {
			update.SetPasswordLockedUntil(now.Add(PasswordLock))
		}
		return update.Exec(ctx)
	})
	if err != nil || w.PasswordHash == "" {
		return err
	}
	if bcrypt.CompareHashAndPassword([]byte(w.PasswordHash), s.keyed(memberID, w.BrandID, password)) != nil {
		if w.PasswordFailures >= PasswordTries {
			return apperr.New(apperr.PayPasswordLocked, "minutes", strconv.Itoa(int(PasswordLock/time.Minute))).At("input", "password")
		}
		return apperr.New(apperr.PayPasswordWrong, "left", PasswordTries-w.PasswordFailures).At("input", "password")
	}
	return s.Store.Client(ctx).Wallet.Update().Where(wallet.MemberID(memberID)).SetPasswordFailures(0).ClearPasswordLockedUntil().Exec(ctx)
}

// keyed is what is hashed: a hash under the installation's secret, of 64 letters at most, which bcrypt takes whole.
func (s *Service) keyed(memberID, brandID int64, password string) []byte {
	return []byte(s.Keyring.Ring().Hash("pay password "+strconv.FormatInt(memberID, 10), brandID, password))
}

// allowed says whether the password is six digits, not all the same and no sequence up or down.
func allowed(password string) bool {
	if len(password) != 6 {
		return false
	}
	steps := map[int]bool{}
	for i := range len(password) {
		if password[i] < '0' || password[i] > '9' {
			return false
		}
		if i > 0 {
			steps[int(password[i])-int(password[i-1])] = true
		}
	}
	return len(steps) > 1 || !steps[0] && !steps[1] && !steps[-1]
}
