package topup

import (
	"math/bits"
	"time"

	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/money"
)

// Position is what has become of a top-up's value, all in fen. Principal and bonus are what it gave; the rest of each is used, withdrawn, expired, held or
// left.
type Position struct {
	// Paid is what the member paid, which is the principal, and Bonus what came on top.
	Paid, Bonus money.Fen
	// UsedPrincipal and UsedBonus are what was spent of it, less what came back by refunds of those purchases.
	UsedPrincipal, UsedBonus money.Fen
	// LeftPrincipal and LeftBonus are what may still be spent.
	LeftPrincipal, LeftBonus money.Fen
	// Held is what is held for payments under way.
	Held money.Fen
	// Refunded is what was given back, or is on its way, of the money already.
	Refunded money.Fen
	// PaidAt is when the money was paid.
	PaidAt time.Time
	Terms  document.TopUpTerms
}

// Used is what was spent of it, at list price: a fen of stored value pays a fen of the price.
func (p Position) Used() money.Fen { return p.UsedPrincipal + p.UsedBonus }

// Offer is what a refund of a top-up would do.
type Offer struct {
	Fault enum.RefundFault
	// Amount is the money that goes back; Principal and Bonus are the value that is withdrawn for it.
	Amount, Principal, Bonus money.Fen
	// Used is what was spent of the top-up at list price, and Deducted what is kept for it.
	Used, Deducted money.Fen
}

// OfferFor is the refund that a top-up has a right to, by whose fault it ends (DOMAIN.md §7; 法释〔2025〕4号 articles 14, 18 to 20):
//
//   - UNUSED: nothing of it was used and the days of the terms are not over: all of the money.
//   - MERCHANT: the used part is priced at the share that was paid for it, paid / (paid + bonus), rounded down to a fen, in the member's favour.
//   - MEMBER: the used part is priced at list price and the bonus withdrawn; terms may say that it is priced as for MERCHANT, which is never worse.
//
// All that is left of the value is withdrawn. The money is never below zero, and with what was refunded before never above what was paid: where a purchase is
// refunded to the stored value after the top-up's refund, another refund gives what that purchase had cost. Refusals: TOP_UP_HELD, TOP_UP_USED (UNUSED
// alone), TOP_UP_NOTHING_LEFT.
func OfferFor(p Position, fault enum.RefundFault, now time.Time) (Offer, error) {
	if p.Held > 0 {
		return Offer{}, apperr.New(apperr.TopUpHeld, "amount", p.Held.Yuan())
	}
	o := Offer{Fault: fault, Principal: p.LeftPrincipal, Bonus: p.LeftBonus, Used: p.Used()}
	switch {
	case fault == enum.FaultUnused:
		if o.Used > 0 || !now.Before(p.PaidAt.AddDate(0, 0, p.Terms.Refund.UnusedDays)) {
			return Offer{}, apperr.New(apperr.TopUpUsed, "days", p.Terms.Refund.UnusedDays)
		}
	case fault == enum.FaultMerchant || p.Terms.Refund.MemberFaultByShare:
		o.Deducted = share(o.Used, p.Paid, p.Bonus)
	default:
		o.Deducted = min(o.Used, p.Paid)
	}
	o.Amount = max(p.Paid-o.Deducted-p.Refunded, 0)
	if o.Amount == 0 {
		return Offer{}, apperr.New(apperr.TopUpNothingLeft)
	}
	return o, nil
}

// share is used × paid / (paid + bonus), rounded down; used is at most paid + bonus, so it is at most paid.
func share(used, paid, bonus money.Fen) money.Fen {
	high, low := bits.Mul64(uint64(used), uint64(paid))
	quotient, _ := bits.Div64(high, low, uint64(paid)+uint64(bonus))
	return money.Fen(quotient)
}
