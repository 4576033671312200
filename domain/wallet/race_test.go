package wallet_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/domain/wallet"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/ent/lot"
	"dongxiao/internal/apperr"
	"dongxiao/internal/money"
	"dongxiao/internal/testkit"
	"dongxiao/internal/testkit/valuekit"
)

// together runs f so many times at once and counts what each gave.
func together(n int, f func(i int) error) map[apperr.Code]int {
	var wait sync.WaitGroup
	var mu sync.Mutex
	codes := map[apperr.Code]int{}
	begin := make(chan struct{})
	for i := range n {
		wait.Go(func() {
			<-begin
			err := f(i)
			mu.Lock()
			defer mu.Unlock()
			codes[apperr.CodeOf(err)]++
		})
	}
	close(begin)
	wait.Wait()
	return codes
}

func TestRaceOfSpenders(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s := open(t, w)
		s.give(t, 700, 300, s.elsewhere)
		codes, keys := s.codes(t, 64), make([]string, 64)
		for i := range keys {
			keys[i] = s.key()
		}
		ctx := s.as(t, s.clerk)
		got := together(64, func(i int) error {
			_, err := s.Charge(ctx, wallet.Charge{PayCode: codes[i], StoreID: w.Store1.ID, Amount: 100, IdempotencyKey: keys[i]})
			return err
		})
		require.Equal(t, map[apperr.Code]int{"": 10, apperr.WalletInsufficient: 54}, got)
		s.holds(t, 0, 0, 0)
	})
}

// codes are so many codes to pay with, no two the same.
func (s *shop) codes(t testing.TB, n int) []string {
	t.Helper()
	seen := map[string]bool{}
	var list []string
	for len(list) < n {
		if code := s.code(t); !seen[code] {
			seen[code], list = true, append(list, code)
		}
	}
	return list
}

func TestRaceOfOneKey(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s := open(t, w)
		s.give(t, 100, 0, nil)
		c := wallet.Charge{PayCode: s.code(t), StoreID: w.Store1.ID, Amount: 100, IdempotencyKey: s.key()}
		ctx := s.as(t, s.clerk)
		var id atomic.Int64
		got := together(32, func(int) error {
			p, err := s.Charge(ctx, c)
			if err == nil && !id.CompareAndSwap(0, p.ID) && id.Load() != p.ID {
				t.Errorf("one key made two payments")
			}
			return err
		})
		require.Equal(t, map[apperr.Code]int{"": 32}, got)
		s.holds(t, 0, 0, 0)
	})
}

func TestRaceOfSpendingAndRefunding(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s := open(t, w)
		s.give(t, 900, 100, s.elsewhere)
		p := s.mustCharge(t, 1000)
		codes, keys := s.codes(t, 32), make([]string, 64)
		for i := range keys {
			keys[i] = s.key()
		}
		clerk, manager := s.as(t, s.clerk), s.as(t, s.manager)
		var spent atomic.Int64
		got := together(64, func(i int) error {
			if i%2 == 0 {
				_, err := s.Charge(clerk, wallet.Charge{PayCode: codes[i/2], StoreID: w.Store1.ID, Amount: 100, IdempotencyKey: keys[i]})
				if err == nil {
					spent.Add(100)
				}
				return err
			}
			_, err := s.Refund(manager, p.ID, 100, "退货", keys[i])
			return err
		})
		require.Equal(t, 22, got[apperr.RefundExceedsPaid], "%v", got)
		require.Equal(t, 10+int(spent.Load()/100), got[""], "%v", got)
		b, err := s.BalanceOf(s.system, s.member.ID)
		require.NoError(t, err)
		require.EqualValues(t, 1000-spent.Load(), b.Total())
	})
}

func TestRaceOfCaptureAndExpiry(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s := open(t, w)
		s.give(t, 1000, 0, nil)
		p, err := s.Hold(s.system, wallet.Order{MemberID: s.member.ID, OrgID: w.Store1.ID, ID: 7, Amount: 400, ExpiresAt: w.Clock.Now().Add(time.Minute)})
		require.NoError(t, err)
		w.Clock.Advance(time.Minute)
		got := together(32, func(i int) error {
			if i%2 == 0 {
				_, err := s.Capture(s.system, p.ID, 400)
				return err
			}
			_, err := s.ExpireHolds(s.system, 10)
			return err
		})
		p, err = s.Payment(s.as(t, s.clerk), p.ID)
		require.NoError(t, err)
		if p.State == enum.WalletPaymentCaptured {
			require.Equal(t, map[apperr.Code]int{"": 32}, got)
			s.holds(t, 600, 0, 0)
		} else {
			require.Equal(t, enum.WalletPaymentExpired, p.State)
			require.Equal(t, map[apperr.Code]int{"": 16, apperr.PaymentExpired: 16}, got)
			s.holds(t, 1000, 0, 0)
		}
	})
}

func TestRaceOfHoldsAndFreeze(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s := open(t, w)
		s.give(t, 3200, 0, nil)
		me := s.as(t, s.shopper)
		got := together(33, func(i int) error {
			if i == 16 {
				_, err := s.Lost(me)
				return err
			}
			_, err := s.Hold(s.system, wallet.Order{MemberID: s.member.ID, OrgID: w.Store1.ID, ID: int64(i + 1), Amount: 100, ExpiresAt: w.Clock.Now().Add(time.Minute)})
			return err
		})
		held := got[""] - 1
		require.Equal(t, 33, got[""]+got[apperr.WalletFrozen], "%v", got)
		b, err := s.BalanceOf(s.system, s.member.ID)
		require.NoError(t, err)
		require.EqualValues(t, held*100, b.Held)
		require.EqualValues(t, 3200-held*100, b.Principal)
	})
}

// A part of what is held is captured, given back in parts, and what is left of an expired bonus is written off, once and once more.
func TestOrdersAndRefunds(t *testing.T) {
	t.Parallel()
	for _, order := range []enum.SpendOrder{enum.SpendSoonestExpiring, enum.SpendProportional} {
		t.Run(string(order), func(t *testing.T) {
			t.Parallel()
			testkit.Each(t, func(t *testing.T, w *testkit.World) {
				s := open(t, w)
				s.set(t, func(d *document.StoredValueSettings) { d.SpendOrder = order })
				soon := w.Clock.Now().Add(time.Hour)
				s.give(t, 1000, 500, func(in *valuekit.TopUp) {
					in.StoreID, in.BonusExpiresAt = w.Store2.ID, &soon
					in.Funders = []document.Funder{{OrgID: w.Root.ID, BasisPoints: 3333}, {OrgID: w.Store2.ID, BasisPoints: 6667}}
				})
				p, err := s.Hold(s.system, wallet.Order{MemberID: s.member.ID, OrgID: w.Store1.ID, ID: 7, Amount: 900, ExpiresAt: soon})
				require.NoError(t, err)
				again, err := s.Hold(s.system, wallet.Order{MemberID: s.member.ID, OrgID: w.Store1.ID, ID: 7, Amount: 900, ExpiresAt: soon})
				require.NoError(t, err)
				require.Equal(t, p.ID, again.ID)
				_, err = s.Capture(s.system, p.ID, 901)
				refused(t, apperr.InvalidInput, err)
				_, err = s.Capture(s.system, p.ID, 601)
				require.NoError(t, err)
				_, err = s.Release(s.system, p.ID)
				refused(t, apperr.PaymentStateInvalid, err)
				want := map[enum.SpendOrder][2]int64{enum.SpendSoonestExpiring: {899, 0}, enum.SpendProportional: {599, 300}}[order]
				s.holds(t, money.Fen(want[0]), money.Fen(want[1]), 0)
				w.Clock.Advance(time.Hour)
				s.sweep(t)
				s.holds(t, money.Fen(want[0]), 0, 0)
				_, err = s.RefundOrder(s.system, p.ID, 602, "退货")
				refused(t, apperr.RefundExceedsPaid, err)
				for _, part := range []int64{1, 100, 500} {
					_, err = s.RefundOrder(s.system, p.ID, money.Fen(part), "退货")
					require.NoError(t, err)
				}
				refunded := w.Store.Client(s.system).WalletPayment.GetX(s.system, p.ID)
				require.EqualValues(t, 601, refunded.RefundedFen)
				bonus := w.Store.Client(s.system).Lot.Query().Where(lot.MemberID(s.member.ID), lot.KindEQ(enum.LotBonus)).OnlyX(s.system)
				require.True(t, bonus.ExpiresAt.Equal(soon), "the old expiry is kept")
				require.Equal(t, 1000+bonus.Remaining, balance(t, s))
				s.sweep(t)
				s.holds(t, 1000, 0, 0)
				testkit.VerifyBrand(t, w.Store, w.Brand.ID)
			})
		})
	}
}

func balance(t testing.TB, s *shop) int64 {
	t.Helper()
	b, err := s.BalanceOf(s.system, s.member.ID)
	require.NoError(t, err)
	return int64(b.Total())
}
