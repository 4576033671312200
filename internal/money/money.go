// Package money holds amounts in integer fen (分, a hundredth of a yuan) and the only ways to calculate with them.
//
// Nothing here loses or makes a fen: sums refuse overflow, a split adds up to its total, and the one place that rounds (Percent)
// says how. Floating point never touches an amount.
package money

import (
	"errors"
	"math"
	"math/bits"
	"slices"
	"strconv"
)

// Fen is an amount in hundredths of a yuan. Negative amounts are refunds, debits and the like.
type Fen int64

// BasisPoints is a rate in hundredths of a percent: 10,000 is the whole. As GraphQL input it is 0 to 10,000.
type BasisPoints int64

// Whole is the rate of 100 %.
const Whole BasisPoints = 10_000

// Faults of the caller: input is validated before it is calculated with, so a client never causes them.
var (
	ErrOverflow  = errors.New("money: the amount does not fit into 64 bits")
	ErrNoWeights = errors.New("money: an amount cannot be split into no parts")
	ErrWeight    = errors.New("money: a weight is negative")
	ErrRate      = errors.New("money: the rate is not between 0 and 10,000 basis points")
)

// Add gives f + other, or ErrOverflow.
func (f Fen) Add(other Fen) (Fen, error) {
	sum := f + other
	if (f > 0 && other > 0 && sum < 0) || (f < 0 && other < 0 && sum >= 0) {
		return 0, ErrOverflow
	}
	return sum, nil
}

// Sub gives f − other, or ErrOverflow.
func (f Fen) Sub(other Fen) (Fen, error) {
	difference := f - other
	if (other < 0 && difference < f) || (other > 0 && difference > f) {
		return 0, ErrOverflow
	}
	return difference, nil
}

// Mul gives f × n (a price times a count), or ErrOverflow.
func (f Fen) Mul(n int64) (Fen, error) {
	high, low := bits.Mul64(magnitude(f), magnitude(n))
	if high != 0 {
		return 0, ErrOverflow
	}
	return signed(low, (f < 0) != (n < 0))
}

// Sum adds amounts up, or gives ErrOverflow where a partial sum does not fit.
func Sum(amounts ...Fen) (Fen, error) {
	var total Fen
	for _, amount := range amounts {
		var err error
		if total, err = total.Add(amount); err != nil {
			return 0, err
		}
	}
	return total, nil
}

// Percent gives rate of amount, rounded to the nearest fen with halves away from zero (四舍五入): 12.5 fen are 13, and −12.5 are −13,
// so that the refund of a percentage is exactly what was charged. It gives ErrRate for a rate outside 0 to 10,000.
//
// Two percentages of one amount may add up to more than the amount: share an amount out with Split.
func Percent(amount Fen, rate BasisPoints) (Fen, error) {
	if rate < 0 || rate > Whole {
		return 0, ErrRate
	}
	high, low := bits.Mul64(magnitude(amount), uint64(rate))
	low, carry := bits.Add64(low, uint64(Whole)/2, 0)
	quotient, _ := bits.Div64(high+carry, low, uint64(Whole)) // high < Whole, since rate ≤ Whole.
	return signed(quotient, amount < 0)
}

// Split shares total out in proportion to weights by the largest remainder: every part is its exact share rounded down or up to a
// fen, and the parts add up to total. Of equal remainders the earlier part gets the fen, so the answer depends on nothing but
// the arguments. A negative total is split like the positive one with its sign changed, so a refund mirrors the charge. A weight of
// zero gets nothing, unless all are zero: then the parts are equal.
//
// It gives ErrNoWeights, ErrWeight for a negative weight, and ErrOverflow where the weights' sum does not fit into an int64.
func Split(total Fen, weights []int64) ([]Fen, error) {
	if len(weights) == 0 {
		return nil, ErrNoWeights
	}
	var sum int64
	for _, weight := range weights {
		if weight < 0 {
			return nil, ErrWeight
		}
		if weight > math.MaxInt64-sum {
			return nil, ErrOverflow
		}
		sum += weight
	}
	if sum == 0 {
		weights, sum = slices.Repeat([]int64{1}, len(weights)), int64(len(weights))
	}

	whole := magnitude(total)
	left := whole
	shares := make([]uint64, len(weights))
	remainders := make([]uint64, len(weights))
	order := make([]int, len(weights))
	for i, weight := range weights {
		high, low := bits.Mul64(whole, uint64(weight))
		shares[i], remainders[i] = bits.Div64(high, low, uint64(sum)) // weight ≤ sum, so the quotient is at most whole.
		left -= shares[i]
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case remainders[a] > remainders[b]:
			return -1
		case remainders[a] < remainders[b]:
			return 1
		}
		return 0
	})
	for _, i := range order[:left] { // left < the number of remainders that are not zero.
		shares[i]++
	}

	parts := make([]Fen, len(weights))
	for i, share := range shares {
		part, err := signed(share, total < 0)
		if err != nil {
			return nil, err
		}
		parts[i] = part
	}
	return parts, nil
}

// Yuan writes the amount in yuan with two decimals, as messages and bills show it: 1234 is "12.34", −5 is "-0.05".
func (f Fen) Yuan() string {
	m := magnitude(f)
	text := strconv.FormatUint(m/100, 10) + "." + strconv.FormatUint(m%100+100, 10)[1:]
	if f < 0 {
		return "-" + text
	}
	return text
}

// magnitude is |n| without the overflow of the smallest int64.
func magnitude[N ~int64](n N) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

// signed is the inverse of magnitude.
func signed(m uint64, negative bool) (Fen, error) {
	switch {
	case negative && m <= 1<<63:
		return Fen(-m), nil
	case !negative && m <= math.MaxInt64:
		return Fen(m), nil
	}
	return 0, ErrOverflow
}
