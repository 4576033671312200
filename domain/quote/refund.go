package quote

import (
	"slices"
	"strconv"

	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/money"
)

// Return is how many pieces of a line come back.
type Return struct {
	LineID, Quantity int64
}

// Refunded is what has been refunded of a quote so far; the zero value is nothing.
type Refunded struct {
	// Lines are the pieces that came back, each line at most once.
	Lines []Return
	// Money is what was given back, of lines and freight together.
	Money money.Fen
}

// Refund is what one refund gives back.
type Refund struct {
	// Money is what is given back, of which StoredValue goes back to stored value, before Rest goes back the way it came. Freight is the part of Money that
	// was paid for delivery: it comes back with the last piece.
	Money, StoredValue, Rest, Freight money.Fen
	// Withheld is what was deducted because what is kept has fallen under the threshold of a coupon; negative where a deduction of an earlier refund is
	// given back, because what it was for has come back as well.
	Withheld money.Fen
	// Points are how many go back to the member, PointsWorth what they had paid.
	Points      int64
	PointsWorth money.Fen
	// Coupons has every coupon of the quote, in the order of Uses.
	Coupons []Standing
	// Refunded is what has been refunded afterwards: for the next Refund.
	Refunded Refunded
}

// Standing is what is left of the use of a coupon after a refund.
type Standing struct {
	CouponID int64
	// Discount is what of the discount still stands; Shares is what each funder bears of it.
	Discount money.Fen
	Shares   []Share
	// BelowThreshold means that what is kept has fallen under the threshold, or that nothing is kept; a gift is owed back then where Repricing is WITHDRAW.
	BelowThreshold bool
}

// Refund says what comes back when pieces of lines come back, after what was refunded already. It gives INVALID_INPUT for a line that the quote does not
// have, and for more pieces than are left of one.
//
// Every piece gives back its share of what was paid for its line, so that the parts of a line add up to it. Where what is kept falls under the
// threshold of a coupon with the policy WITHDRAW, the discount that the kept pieces had from it is deducted, from this refund and, as far as that is
// too small, from later ones: never below zero. What is kept is measured by what it cost when it was that coupon's turn. Whoever returns
// everything, in any order and in any number of refunds, gets back exactly what was paid: with nothing kept, nothing is deducted.
func (q *Quote) Refund(done Refunded, returned []Return) (*Refund, error) {
	before, err := q.pieces(done.Lines, nil)
	if err != nil {
		return nil, err
	}
	after, err := q.pieces(returned, before)
	if err != nil {
		return nil, err
	}
	was, is := q.after(before), q.after(after)
	if done.Money < 0 || done.Money > was.lines+was.freight {
		return nil, apperr.Invalid("money", "≤ "+(was.lines+was.freight).Yuan())
	}
	r := &Refund{Points: is.points - was.points, PointsWorth: is.pointsWorth - was.pointsWorth, Freight: is.freight - was.freight}

	// What should have come back by now, and what has.
	due := is.lines + is.freight - is.lost
	r.Money = max(due-done.Money, 0)
	r.Refunded.Money = done.Money + r.Money
	r.Withheld = is.lines + is.freight - was.lines - was.freight - r.Money
	r.StoredValue = min(r.Refunded.Money, q.StoredValue) - min(done.Money, q.StoredValue)
	r.Rest = r.Money - r.StoredValue
	for i, line := range q.Lines {
		if after[i] > 0 {
			r.Refunded.Lines = append(r.Refunded.Lines, Return{line.LineID, after[i]})
		}
	}
	r.Coupons = q.standings(is, r.Refunded.Money-due)
	return r, nil
}

// pieces counts the returned pieces of each line, on top of those before.
func (q *Quote) pieces(returned []Return, before []int64) ([]int64, error) {
	count := make([]int64, len(q.Lines))
	copy(count, before)
	for _, back := range returned {
		i := slices.IndexFunc(q.Lines, func(line PricedLine) bool { return line.LineID == back.LineID })
		if i < 0 {
			return nil, apperr.Invalid("lines", "id")
		}
		if left := q.Lines[i].Quantity - count[i]; back.Quantity < 1 || back.Quantity > left {
			return nil, apperr.Invalid("quantity", "≤ "+strconv.FormatInt(left, 10))
		}
		count[i] += back.Quantity
	}
	return count, nil
}

// position is how the books of a quote stand once pieces have come back.
type position struct {
	// lines, freight, points and pointsWorth are what was paid for what has come back.
	lines, freight money.Fen
	points         int64
	pointsWorth    money.Fen
	// kept is what each coupon took off what is kept; below says which coupons have lost their threshold.
	kept  []money.Fen
	below []bool
	// lost is what is deducted for them.
	lost money.Fen
}

// after is the position when so many pieces of each line have come back.
func (q *Quote) after(returned []int64) position {
	p := position{kept: make([]money.Fen, len(q.Uses)), below: make([]bool, len(q.Uses))}
	all := true
	quantity := make(map[int64][2]int64, len(q.Lines))
	for i, line := range q.Lines {
		p.lines += part(line.Amount, returned[i], line.Quantity)
		p.points += int64(part(money.Fen(line.Points), returned[i], line.Quantity))
		p.pointsWorth += part(line.PointsWorth, returned[i], line.Quantity)
		all = all && returned[i] == line.Quantity
		quantity[line.LineID] = [2]int64{returned[i], line.Quantity}
	}
	if all {
		p.freight = q.Freight
	}
	for i, use := range q.Uses {
		var base money.Fen
		for _, on := range use.Lines {
			n := quantity[on.LineID]
			base += on.Before - part(on.Before, n[0], n[1])
			p.kept[i] += on.Discount - part(on.Discount, n[0], n[1])
		}
		if use.Kind == enum.CouponFreight && !all {
			p.kept[i] = use.Discount
		}
		p.below[i] = all || base < use.Threshold
		if p.below[i] && use.Repricing == enum.RepriceWithdraw {
			p.lost += p.kept[i]
		}
	}
	return p
}

// standings says what stands of each coupon. Deductions that found no money to be taken from still stand, as parts of the coupons that were withdrawn.
func (q *Quote) standings(p position, notDeducted money.Fen) []Standing {
	withdrawn := make([]int64, len(q.Uses))
	for i, use := range q.Uses {
		if p.below[i] && use.Repricing == enum.RepriceWithdraw {
			withdrawn[i] = int64(p.kept[i])
		}
	}
	var standing []money.Fen
	if notDeducted > 0 {
		standing = split(notDeducted, withdrawn)
	}
	list := make([]Standing, len(q.Uses))
	for i, use := range q.Uses {
		discount := p.kept[i]
		switch {
		case withdrawn[i] > 0 && standing != nil:
			discount = standing[i]
		case withdrawn[i] > 0:
			discount = 0
		}
		list[i] = Standing{CouponID: use.CouponID, Discount: discount, Shares: share(discount, use.Shares), BelowThreshold: p.below[i]}
	}
	return list
}

// part is the share of so many pieces of a quantity, rounded down; all of them have the whole.
func part(amount money.Fen, pieces, quantity int64) money.Fen {
	return amount * money.Fen(pieces) / money.Fen(quantity)
}
