package topup

import (
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/money"
)

var paidAt = time.Date(2026, 11, 22, 2, 0, 0, 0, time.UTC)

// position is a top-up of 1,000 yuan with 100 on top of which so much was used.
func position(usedPrincipal, usedBonus money.Fen) Position {
	return Position{Paid: 100_000, Bonus: 10_000, UsedPrincipal: usedPrincipal, UsedBonus: usedBonus, LeftPrincipal: 100_000 - usedPrincipal,
		LeftBonus: 10_000 - usedBonus, PaidAt: paidAt, Terms: document.TopUpTerms{BonusFen: 10_000, Refund: document.TopUpRefundTerm{UnusedDays: 7}}}
}

func TestOfferFor(t *testing.T) {
	t.Parallel()
	day := 24 * time.Hour
	for name, c := range map[string]struct {
		position Position
		fault    enum.RefundFault
		after    time.Duration
		amount   money.Fen
		code     apperr.Code
	}{
		"unused at once":                   {position(0, 0), enum.FaultUnused, 0, 100_000, ""},
		"unused at the last moment":        {position(0, 0), enum.FaultUnused, 7*day - 1, 100_000, ""},
		"unused too late":                  {position(0, 0), enum.FaultUnused, 7 * day, 0, apperr.TopUpUsed},
		"a fen used":                       {position(1, 0), enum.FaultUnused, 0, 0, apperr.TopUpUsed},
		"the merchant's, unused":           {position(0, 0), enum.FaultMerchant, 100 * day, 100_000, ""},
		"the merchant's, part":             {position(33_000, 0), enum.FaultMerchant, 100 * day, 70_000, ""},
		"the merchant's, rounded":          {position(1, 0), enum.FaultMerchant, 100 * day, 100_000, ""},
		"the merchant's, all":              {position(100_000, 10_000), enum.FaultMerchant, 100 * day, 0, apperr.TopUpNothingLeft},
		"the member's, unused":             {position(0, 0), enum.FaultMember, 100 * day, 100_000, ""},
		"the member's, part":               {position(33_000, 0), enum.FaultMember, 100 * day, 67_000, ""},
		"the member's, bonus used":         {position(33_000, 10_000), enum.FaultMember, 100 * day, 57_000, ""},
		"the member's, never below zero":   {position(95_000, 10_000), enum.FaultMember, 100 * day, 0, apperr.TopUpNothingLeft},
		"the member's, better by contract": {byShare(position(33_000, 0)), enum.FaultMember, 100 * day, 70_000, ""},
		"held":                             {holding(position(0, 0), 5), enum.FaultUnused, 0, 0, apperr.TopUpHeld},
		"a second one":                     {refunded(position(0, 0), 67_000), enum.FaultMember, 100 * day, 33_000, ""},
		"a second one of nothing":          {refunded(position(33_000, 0), 67_000), enum.FaultMember, 100 * day, 0, apperr.TopUpNothingLeft},
	} {
		o, err := OfferFor(c.position, c.fault, paidAt.Add(c.after))
		require.Equal(t, c.code, apperr.CodeOf(err), name)
		require.Equal(t, c.amount, o.Amount, name)
	}
}

func byShare(p Position) Position {
	p.Terms.Refund.MemberFaultByShare = true
	return p
}

func holding(p Position, held money.Fen) Position {
	p.Held, p.LeftPrincipal = held, p.LeftPrincipal-held
	return p
}

func refunded(p Position, amount money.Fen) Position {
	p.Refunded, p.LeftPrincipal, p.LeftBonus = amount, 0, 0
	return p
}

// TestOfferForProperties: whatever was used, a refund is between nothing and the price, the law's order holds (unused ≥ merchant's ≥ member's), using more
// never gives more, and better terms are never worse.
func TestOfferForProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		paid := money.Fen(rapid.Int64Range(1, 1<<50).Draw(t, "paid"))
		bonus := money.Fen(rapid.Int64Range(0, 1<<50).Draw(t, "bonus"))
		at := func(usedPrincipal, usedBonus money.Fen) Position {
			return Position{Paid: paid, Bonus: bonus, UsedPrincipal: usedPrincipal, UsedBonus: usedBonus, LeftPrincipal: paid - usedPrincipal,
				LeftBonus: bonus - usedBonus, PaidAt: paidAt, Terms: document.TopUpTerms{Refund: document.TopUpRefundTerm{UnusedDays: 7}}}
		}
		usedPrincipal := money.Fen(rapid.Int64Range(0, int64(paid)).Draw(t, "used principal"))
		usedBonus := money.Fen(rapid.Int64Range(0, int64(bonus)).Draw(t, "used bonus"))
		p := at(usedPrincipal, usedBonus)
		amount := func(p Position, fault enum.RefundFault) money.Fen {
			o, err := OfferFor(p, fault, paidAt)
			if err != nil {
				require.Contains(t, []apperr.Code{apperr.TopUpNothingLeft, apperr.TopUpUsed}, apperr.CodeOf(err))
				return 0
			}
			require.Equal(t, p.LeftPrincipal, o.Principal)
			require.Equal(t, p.LeftBonus, o.Bonus)
			require.Equal(t, paid-p.Refunded, o.Amount+o.Deducted)
			return o.Amount
		}
		merchant, member := amount(p, enum.FaultMerchant), amount(p, enum.FaultMember)
		require.LessOrEqual(t, merchant, paid)
		require.GreaterOrEqual(t, member, money.Fen(0))
		require.GreaterOrEqual(t, merchant, member)
		require.Equal(t, merchant, amount(byShare(p), enum.FaultMember))
		// In the member's favour by less than a fen: what is kept is no more than the exact share, and a fen more would be more.
		kept := paid - merchant
		require.LessOrEqual(t, product(kept, paid+bonus).Cmp(product(p.Used(), paid)), 0)
		require.Negative(t, product(p.Used(), paid).Cmp(product(kept+1, paid+bonus)))
		if p.Used() == 0 {
			require.Equal(t, paid, amount(p, enum.FaultUnused))
			require.Equal(t, paid, merchant)
			require.Equal(t, paid, member)
		} else {
			require.Zero(t, amount(p, enum.FaultUnused))
			less := at(max(usedPrincipal-1, 0), usedBonus)
			require.GreaterOrEqual(t, amount(less, enum.FaultMember), member)
			require.GreaterOrEqual(t, amount(less, enum.FaultMerchant), merchant)
		}
		// What a purchase had cost comes back by a second refund, and no more.
		second := at(0, 0)
		second.Refunded = member
		require.Equal(t, paid-member, amount(second, enum.FaultMember))
	})
}

// product is a × b without overflow.
func product(a, b money.Fen) *big.Int {
	return new(big.Int).Mul(big.NewInt(int64(a)), big.NewInt(int64(b)))
}
