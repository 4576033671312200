package quote

import (
	"slices"

	"dongxiao/internal/money"
)

// basket is what a basket still costs while the steps take off it, one after the other. Lines go by their index.
type basket struct {
	left []money.Fen
	// pieces are how many of each line are not free yet.
	pieces  []int64
	freight money.Fen
}

// newBasket is the basket at activity prices.
func newBasket(lines []Line, freight money.Fen) *basket {
	b := &basket{left: make([]money.Fen, len(lines)), pieces: make([]int64, len(lines)), freight: freight}
	for i, line := range lines {
		price := line.UnitPrice
		if line.ActivityPrice != nil {
			price = min(price, *line.ActivityPrice)
		}
		b.left[i], b.pieces[i] = price*money.Fen(line.Quantity), line.Quantity
	}
	return b
}

// copyTo makes to equal to b.
func (b *basket) copyTo(to *basket) {
	to.left = append(to.left[:0], b.left...)
	to.pieces = append(to.pieces[:0], b.pieces...)
	to.freight = b.freight
}

func (b *basket) clone() *basket {
	return &basket{slices.Clone(b.left), slices.Clone(b.pieces), b.freight}
}

// cost is what the lines still cost.
func (b *basket) cost(lines []int) money.Fen {
	var sum money.Fen
	for _, i := range lines {
		sum += b.left[i]
	}
	return sum
}

// takeOff takes an amount off the lines, in proportion to what they cost, and gives the part of each. The amount is at most their cost.
func (b *basket) takeOff(lines []int, amount money.Fen) []money.Fen {
	weights := make([]int64, len(lines))
	for n, i := range lines {
		weights[n] = int64(b.left[i])
	}
	parts := split(amount, weights)
	for n, i := range lines {
		b.left[i] -= parts[n]
	}
	return parts
}

// dearest is the line of which one piece costs most, and what it costs, rounded up to a fen; -1 where none has a piece left that is not free.
func (b *basket) dearest(lines []int) (line int, price money.Fen) {
	line = -1
	for _, i := range lines {
		if b.pieces[i] == 0 {
			continue
		}
		pieces := money.Fen(b.pieces[i])
		if each := (b.left[i] + pieces - 1) / pieces; line < 0 || each > price {
			line, price = i, each
		}
	}
	return line, price
}

// split is money.Split where it cannot fail: Input.check has bounded the sums, and there are lines and no negative amounts.
func split(total money.Fen, weights []int64) []money.Fen {
	parts, err := money.Split(total, weights)
	if err != nil {
		panic(err) // a fault of this package
	}
	return parts
}
