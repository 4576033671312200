package wallet

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/money"
	"dongxiao/internal/store"
)

var (
	noon    = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	later   = noon.Add(time.Hour)
	soon    = noon.Add(time.Minute)
	path    = "/" + store.PathSegment(1) + "/" + store.PathSegment(5) + "/" + store.PathSegment(70) + "/"
	yuanLot = func(id int64, kind enum.LotKind, remaining int64, expires *time.Time) *ent.Lot {
		return &ent.Lot{ID: id, Kind: kind, Remaining: remaining, ScopeOrgID: 1, ExpiresAt: expires}
	}
)

func TestAllocateByOrder(t *testing.T) {
	t.Parallel()
	lots := []*ent.Lot{
		yuanLot(1, enum.LotPrincipal, 1000, nil), yuanLot(2, enum.LotBonus, 100, &later), yuanLot(3, enum.LotPrincipal, 500, nil),
		yuanLot(4, enum.LotBonus, 60, &soon), yuanLot(5, enum.LotBonus, 40, nil), yuanLot(6, enum.LotBonus, 900, &noon),
		{ID: 7, Kind: enum.LotPrincipal, Remaining: 900, ScopeOrgID: 7}, {ID: 8, Kind: enum.LotPoints, Remaining: 900, ScopeOrgID: 1},
		{ID: 9, Kind: enum.LotPrincipal, Remaining: 300, ScopeOrgID: 70},
	}
	type taken struct{ lot, amount int64 }
	for name, row := range map[string]struct {
		amount money.Fen
		order  enum.SpendOrder
		cap    money.BasisPoints
		want   []taken
	}{
		"soonest":              {200, enum.SpendSoonestExpiring, money.Whole, []taken{{4, 60}, {2, 100}, {1, 40}}},
		"soonest, all":         {2000, enum.SpendSoonestExpiring, money.Whole, []taken{{4, 60}, {2, 100}, {1, 1000}, {3, 500}, {5, 40}, {9, 300}}},
		"soonest, capped":      {199, enum.SpendSoonestExpiring, 3500, []taken{{4, 60}, {2, 9}, {1, 130}}},
		"soonest, no bonus":    {200, enum.SpendSoonestExpiring, 0, []taken{{1, 200}}},
		"principal first":      {1850, enum.SpendPrincipalFirst, money.Whole, []taken{{1, 1000}, {3, 500}, {9, 300}, {4, 50}}},
		"bonus first":          {250, enum.SpendBonusFirst, money.Whole, []taken{{4, 60}, {2, 100}, {5, 40}, {1, 50}}},
		"bonus first, capped":  {100, enum.SpendBonusFirst, 5000, []taken{{4, 50}, {1, 50}}},
		"proportional":         {100, enum.SpendProportional, money.Whole, []taken{{1, 50}, {3, 25}, {9, 15}, {4, 3}, {2, 5}, {5, 2}}},
		"proportional, capped": {100, enum.SpendProportional, 500, []taken{{1, 53}, {3, 26}, {9, 16}, {4, 2}, {2, 2}, {5, 1}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			takes, err := Allocate(lots, row.amount, row.order, row.cap, path, noon)
			require.NoError(t, err)
			var got []taken
			for _, take := range takes {
				got = append(got, taken{take.Lot.ID, take.Amount})
			}
			require.Equal(t, row.want, got)
		})
	}
	for _, amount := range []money.Fen{0, -1, math.MinInt64} {
		_, err := Allocate(lots, amount, enum.SpendSoonestExpiring, money.Whole, path, noon)
		require.Equal(t, apperr.InvalidInput, apperr.CodeOf(err))
	}
	_, err := Allocate(lots, 2001, enum.SpendSoonestExpiring, money.Whole, path, noon)
	require.Equal(t, apperr.New(apperr.WalletInsufficient, "usable", "20.00"), err)
	_, err = Allocate(lots, math.MaxInt64, enum.SpendProportional, 1, path, noon)
	require.Equal(t, apperr.WalletInsufficient, apperr.CodeOf(err))
}

func drawLots(t *rapid.T) []*ent.Lot {
	lots := make([]*ent.Lot, rapid.IntRange(0, 8).Draw(t, "lots"))
	for i := range lots {
		kind := rapid.SampledFrom([]enum.LotKind{enum.LotPrincipal, enum.LotBonus}).Draw(t, "kind")
		expires := rapid.SampledFrom([]*time.Time{nil, &noon, &soon, &later}).Draw(t, "expires")
		if kind == enum.LotPrincipal {
			expires = nil
		}
		lots[i] = yuanLot(int64(i+1), kind, rapid.OneOf(rapid.Int64Range(0, 20), rapid.Int64Range(0, 1_000_000)).Draw(t, "remaining"), expires)
		lots[i].ScopeOrgID = rapid.SampledFrom([]int64{1, 5, 70, 7, 2}).Draw(t, "scope")
	}
	return lots
}

var orders = []enum.SpendOrder{enum.SpendSoonestExpiring, enum.SpendPrincipalFirst, enum.SpendBonusFirst, enum.SpendProportional}

// Whatever the lots, the order and the cap: what is payable can be paid to the fen, a fen more cannot, and no rule is broken.
func TestAllocateProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		lots := drawLots(t)
		order := rapid.SampledFrom(orders).Draw(t, "order")
		bonusCap := money.BasisPoints(rapid.OneOf(rapid.Int64Range(0, 10_000), rapid.SampledFrom([]int64{0, 10_000, 5_000})).Draw(t, "cap"))
		most := Payable(lots, bonusCap, path, noon)
		_, err := Allocate(lots, most+1, order, bonusCap, path, noon)
		require.Equal(t, apperr.New(apperr.WalletInsufficient, "usable", most.Yuan()), err)
		if most == 0 {
			return
		}
		amount := money.Fen(rapid.OneOf(rapid.Int64Range(1, int64(most)), rapid.Just(int64(most))).Draw(t, "amount"))
		takes, err := Allocate(lots, amount, order, bonusCap, path, noon)
		require.NoError(t, err)
		var total, bonus money.Fen
		seen := map[int64]bool{}
		for i, take := range takes {
			require.Positive(t, take.Amount)
			require.LessOrEqual(t, take.Amount, take.Lot.Remaining)
			require.True(t, take.Lot.ExpiresAt == nil || noon.Before(*take.Lot.ExpiresAt))
			require.Contains(t, []int64{1, 5, 70}, take.Lot.ScopeOrgID)
			require.False(t, seen[take.Lot.ID])
			seen[take.Lot.ID] = true
			total += money.Fen(take.Amount)
			if take.Lot.Kind == enum.LotBonus {
				bonus += money.Fen(take.Amount)
			}
			if i > 0 && order == enum.SpendPrincipalFirst {
				require.False(t, takes[i-1].Lot.Kind == enum.LotBonus && take.Lot.Kind == enum.LotPrincipal)
			}
			if i > 0 && order == enum.SpendSoonestExpiring {
				require.LessOrEqual(t, compareExpiry(takes[i-1].Lot.ExpiresAt, take.Lot.ExpiresAt), 0)
			}
		}
		require.Equal(t, amount, total)
		require.LessOrEqual(t, int64(bonus)*10_000, int64(amount)*int64(bonusCap))
	})
}
