package wallet

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"
	"time"

	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/money"
	"dongxiao/internal/store"
)

// Take is what a payment takes of one lot.
type Take struct {
	Lot *ent.Lot
	// Amount is in fen, above 0.
	Amount int64
}

// Allocate says which lots pay an amount at an org, in the order in which they are taken. It is pure. The lots may be in any order; usable are those
// of which something remains, which are not expired at now, and whose scope has the org in its subtree. Bonus pays at most bonusCap of the amount,
// rounded down.
//
// With SpendProportional principal and bonus share the amount by what is usable of each, and the lots of each by what remains of them, by the largest
// remainder; bonus beyond its cap is paid by principal. The other orders take lot after lot: the soonest expiring first, lots without expiry last, the
// older first. It refuses with WALLET_INSUFFICIENT and the most that could be paid here, and with INVALID_INPUT unless the amount is positive.
func Allocate(lots []*ent.Lot, amount money.Fen, order enum.SpendOrder, bonusCap money.BasisPoints, orgPath string, now time.Time) ([]Take, error) {
	if amount <= 0 || bonusCap < 0 || bonusCap > money.Whole {
		return nil, apperr.Invalid("amount", "> 0")
	}
	var principal, bonus money.Fen
	var open []*ent.Lot
	for _, lot := range lots {
		if !spendable(lot, orgPath, now) {
			continue
		}
		var err error
		if lot.Kind == enum.LotBonus {
			bonus, err = bonus.Add(money.Fen(lot.Remaining))
		} else {
			principal, err = principal.Add(money.Fen(lot.Remaining))
		}
		if err != nil {
			return nil, err
		}
		open = append(open, lot)
	}
	if _, err := principal.Add(bonus); err != nil {
		return nil, err
	}
	most := min(bonus, share(amount, bonusCap))
	if amount-most > principal {
		return nil, apperr.New(apperr.WalletInsufficient, "usable", payable(principal, bonus, bonusCap).Yuan())
	}
	slices.SortFunc(open, func(a, b *ent.Lot) int {
		return cmp.Or(compareKinds(order, a, b), compareExpiry(a.ExpiresAt, b.ExpiresAt), cmp.Compare(a.ID, b.ID))
	})
	if order == enum.SpendProportional {
		return proportional(open, amount, principal, bonus, most)
	}
	left := map[enum.LotKind]money.Fen{enum.LotPrincipal: principal, enum.LotBonus: most}
	var takes []Take
	for _, lot := range open {
		take := min(amount, money.Fen(lot.Remaining), left[lot.Kind])
		if take > 0 {
			takes = append(takes, Take{lot, int64(take)})
			amount, left[lot.Kind] = amount-take, left[lot.Kind]-take
		}
	}
	return takes, nil
}

// proportional shares the amount out over lots that are sorted by kind.
func proportional(lots []*ent.Lot, amount, principal, bonus, most money.Fen) ([]Take, error) {
	parts, err := money.Split(amount, []int64{int64(principal), int64(bonus)})
	if err != nil {
		return nil, err
	}
	if over := parts[1] - most; over > 0 {
		parts[0], parts[1] = parts[0]+over, parts[1]-over
	}
	var takes []Take
	for i, kind := range []enum.LotKind{enum.LotPrincipal, enum.LotBonus} {
		var of []*ent.Lot
		var weights []int64
		for _, lot := range lots {
			if lot.Kind == kind {
				of, weights = append(of, lot), append(weights, lot.Remaining)
			}
		}
		if parts[i] == 0 {
			continue
		}
		shares, err := money.Split(parts[i], weights)
		if err != nil {
			return nil, err
		}
		for j, lot := range of {
			if shares[j] > 0 {
				takes = append(takes, Take{lot, int64(shares[j])})
			}
		}
	}
	return takes, nil
}

// spendable says whether something of the lot could be spent at the org.
func spendable(lot *ent.Lot, orgPath string, now time.Time) bool {
	return (lot.Kind == enum.LotPrincipal || lot.Kind == enum.LotBonus) && lot.Remaining > 0 && (lot.ExpiresAt == nil || now.Before(*lot.ExpiresAt)) &&
		strings.Contains(orgPath, "/"+store.PathSegment(lot.ScopeOrgID)+"/")
}

// Payable is the most that the lots could pay at the org at once.
func Payable(lots []*ent.Lot, bonusCap money.BasisPoints, orgPath string, now time.Time) money.Fen {
	var principal, bonus money.Fen
	for _, lot := range lots {
		if !spendable(lot, orgPath, now) {
			continue
		}
		if lot.Kind == enum.LotBonus {
			bonus += money.Fen(lot.Remaining)
		} else {
			principal += money.Fen(lot.Remaining)
		}
	}
	return payable(principal, bonus, bonusCap)
}

// payable is the largest amount of which bonus under its cap leaves no more than principal: amount − ⌊amount × cap⌋ ≤ principal.
func payable(principal, bonus money.Fen, bonusCap money.BasisPoints) money.Fen {
	all := principal + bonus
	if bonusCap == money.Whole {
		return all
	}
	rest := uint64(money.Whole - bonusCap)
	high, low := bits.Mul64(uint64(principal), uint64(money.Whole))
	if high >= rest {
		return all
	}
	most, _ := bits.Div64(high, low, rest)
	return money.Fen(min(most, uint64(all)))
}

// share is rate of amount, rounded down: bonus never pays more than its cap.
func share(amount money.Fen, rate money.BasisPoints) money.Fen {
	high, low := bits.Mul64(uint64(amount), uint64(rate))
	part, _ := bits.Div64(high, low, uint64(money.Whole))
	return money.Fen(part)
}

// compareKinds sorts the kind first that the order spends first.
func compareKinds(order enum.SpendOrder, a, b *ent.Lot) int {
	rank := func(kind enum.LotKind) int {
		if kind == enum.LotBonus {
			return 1
		}
		return 0
	}
	switch order {
	case enum.SpendPrincipalFirst, enum.SpendProportional:
		return cmp.Compare(rank(a.Kind), rank(b.Kind))
	case enum.SpendBonusFirst:
		return cmp.Compare(rank(b.Kind), rank(a.Kind))
	}
	return 0
}

// compareExpiry sorts by expiry; what never expires comes last.
func compareExpiry(a, b *time.Time) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	return a.Compare(*b)
}
