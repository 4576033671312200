package money_test

import (
	"math"
	"math/big"
	"testing"

	"dongxiao/internal/money"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

const (
	most  = money.Fen(math.MaxInt64)
	least = money.Fen(math.MinInt64)
)

func TestSumsRefuseOverflow(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name string
		do   func() (money.Fen, error)
		want money.Fen
		err  error
	}{
		{"add", func() (money.Fen, error) { return money.Fen(2).Add(-5) }, -3, nil},
		{"add to the most", func() (money.Fen, error) { return (most - 1).Add(1) }, most, nil},
		{"add past the most", func() (money.Fen, error) { return most.Add(1) }, 0, money.ErrOverflow},
		{"add past the least", func() (money.Fen, error) { return least.Add(-1) }, 0, money.ErrOverflow},
		{"add least twice", func() (money.Fen, error) { return least.Add(least) }, 0, money.ErrOverflow},
		{"add the extremes", func() (money.Fen, error) { return most.Add(least) }, -1, nil},
		{"subtract the least from zero", func() (money.Fen, error) { return money.Fen(0).Sub(least) }, 0, money.ErrOverflow},
		{"subtract the least from itself", func() (money.Fen, error) { return least.Sub(least) }, 0, nil},
		{"subtract from the least", func() (money.Fen, error) { return least.Sub(1) }, 0, money.ErrOverflow},
		{"multiply", func() (money.Fen, error) { return money.Fen(-299).Mul(3) }, -897, nil},
		{"multiply the least by minus one", func() (money.Fen, error) { return least.Mul(-1) }, 0, money.ErrOverflow},
		{"multiply up to the least", func() (money.Fen, error) { return (least / 2).Mul(2) }, least, nil},
		{"multiply past the most", func() (money.Fen, error) { return (most/2 + 1).Mul(2) }, 0, money.ErrOverflow},
		{"sum of nothing", func() (money.Fen, error) { return money.Sum() }, 0, nil},
		{"sum", func() (money.Fen, error) { return money.Sum(1, 2, -7) }, -4, nil},
		{"sum past the most", func() (money.Fen, error) { return money.Sum(most, 1, -1) }, 0, money.ErrOverflow},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			got, err := row.do()
			require.ErrorIs(t, err, row.err)
			require.Equal(t, row.want, got)
		})
	}
}

// TestSumsEqualBigIntegers compares with arithmetic that cannot overflow.
func TestSumsEqualBigIntegers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Int64().Draw(t, "a"), rapid.Int64().Draw(t, "b")
		x, y := big.NewInt(a), big.NewInt(b)
		same := func(got money.Fen, err error, want *big.Int) {
			if !want.IsInt64() {
				require.ErrorIs(t, err, money.ErrOverflow)
				return
			}
			require.NoError(t, err)
			require.Equal(t, want.Int64(), int64(got))
		}
		sum, err := money.Fen(a).Add(money.Fen(b))
		same(sum, err, new(big.Int).Add(x, y))
		difference, err := money.Fen(a).Sub(money.Fen(b))
		same(difference, err, new(big.Int).Sub(x, y))
		product, err := money.Fen(a).Mul(b)
		same(product, err, new(big.Int).Mul(x, y))
	})
}

func TestPercentRoundsHalvesAwayFromZero(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		amount money.Fen
		rate   money.BasisPoints
		want   money.Fen
	}{
		{1000, 1250, 125},
		{100, 1250, 13},
		{-100, 1250, -13},
		{99, 50, 0},
		{100, 50, 1},
		{12345, 0, 0},
		{12345, 10_000, 12345},
		{most, 10_000, most},
		{least, 10_000, least},
		{most, 5_000, 1 << 62},
	} {
		got, err := money.Percent(row.amount, row.rate)
		require.NoError(t, err)
		require.Equal(t, row.want, got, "%d of %d", row.rate, row.amount)
	}
	for _, rate := range []money.BasisPoints{-1, 10_001, math.MaxInt64, math.MinInt64} {
		_, err := money.Percent(1, rate)
		require.ErrorIs(t, err, money.ErrRate)
	}
}

func TestPercentEqualsBigIntegers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		amount := rapid.Int64().Draw(t, "amount")
		rate := rapid.Int64Range(0, 10_000).Draw(t, "rate")
		want := new(big.Int).Mul(new(big.Int).Abs(big.NewInt(amount)), big.NewInt(rate))
		want.Div(want.Add(want, big.NewInt(5000)), big.NewInt(10_000))
		if amount < 0 {
			want.Neg(want)
		}
		got, err := money.Percent(money.Fen(amount), money.BasisPoints(rate))
		require.NoError(t, err)
		require.Equal(t, want.Int64(), int64(got))
	})
}

func TestSplit(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name    string
		total   money.Fen
		weights []int64
		want    []money.Fen
	}{
		{"thirds: the earlier gets the fen", 100, []int64{1, 1, 1}, []money.Fen{34, 33, 33}},
		{"a negative total mirrors", -100, []int64{1, 1, 1}, []money.Fen{-34, -33, -33}},
		{"the largest remainder", 10, []int64{1, 5, 3}, []money.Fen{1, 6, 3}},
		{"a zero weight gets nothing", 101, []int64{0, 1, 0, 1}, []money.Fen{0, 51, 0, 50}},
		{"all weights zero are equal", 5, []int64{0, 0, 0}, []money.Fen{2, 2, 1}},
		{"fewer fen than parts", 2, []int64{1, 1, 1, 1}, []money.Fen{1, 1, 0, 0}},
		{"nothing", 0, []int64{3, 4}, []money.Fen{0, 0}},
		{"one part", -7, []int64{9}, []money.Fen{-7}},
		{"extremes", least, []int64{math.MaxInt64 - 1, 1}, []money.Fen{least + 1, -1}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			got, err := money.Split(row.total, row.weights)
			require.NoError(t, err)
			require.Equal(t, row.want, got)
		})
	}
	_, err := money.Split(1, nil)
	require.ErrorIs(t, err, money.ErrNoWeights)
	_, err = money.Split(1, []int64{1, -1})
	require.ErrorIs(t, err, money.ErrWeight)
	_, err = money.Split(1, []int64{math.MaxInt64, 1})
	require.ErrorIs(t, err, money.ErrOverflow)
}

// checkSplit holds for every split: the parts add up, each is its exact share rounded down or up, and a zero weight gets nothing.
func checkSplit(t require.TestingT, total money.Fen, weights []int64) []money.Fen {
	parts, err := money.Split(total, weights)
	require.NoError(t, err)
	require.Len(t, parts, len(weights))
	sum, all := new(big.Int), new(big.Int)
	for i, part := range parts {
		sum.Add(sum, big.NewInt(int64(part)))
		all.Add(all, big.NewInt(weights[i]))
	}
	require.Equal(t, int64(total), sum.Int64())
	if all.Sign() == 0 {
		return parts
	}
	for i, part := range parts {
		// |part × all − total × weight| < all
		off := new(big.Int).Mul(big.NewInt(int64(part)), all)
		off.Sub(off, new(big.Int).Mul(big.NewInt(int64(total)), big.NewInt(weights[i])))
		require.Negative(t, off.CmpAbs(all), "part %d", i)
		if weights[i] == 0 {
			require.Zero(t, part)
		}
	}
	return parts
}

func TestSplitProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		total := money.Fen(rapid.Int64Min(-math.MaxInt64).Draw(t, "total"))
		weights := rapid.SliceOfN(rapid.OneOf(rapid.Just[int64](0), rapid.Int64Range(0, 9), rapid.Int64Range(0, math.MaxInt64/50)), 1, 50).Draw(t, "weights")
		parts := checkSplit(t, total, weights)
		mirrored := checkSplit(t, -total, weights)
		for i := range parts {
			require.Equal(t, -parts[i], mirrored[i])
			if i > 0 && weights[i-1] == weights[i] && total >= 0 {
				require.GreaterOrEqual(t, parts[i-1], parts[i], "of equal weights the earlier is served first")
			}
		}
	})
}

func FuzzSplit(f *testing.F) {
	f.Add(int64(100), int64(1), int64(1), int64(1))
	f.Add(int64(math.MinInt64), int64(0), int64(7), int64(math.MaxInt64/3))
	f.Add(int64(-1), int64(0), int64(0), int64(0))
	f.Fuzz(func(t *testing.T, total, a, b, c int64) {
		// Shifting keeps the weights positive and their sum within an int64.
		checkSplit(t, money.Fen(total), []int64{int64(uint64(a) >> 3), int64(uint64(b) >> 3), int64(uint64(c) >> 3)})
	})
}

func TestYuan(t *testing.T) {
	t.Parallel()
	for amount, want := range map[money.Fen]string{
		0: "0.00", 5: "0.05", -5: "-0.05", 10: "0.10", 1234: "12.34", -100: "-1.00",
		most: "92233720368547758.07", least: "-92233720368547758.08",
	} {
		require.Equal(t, want, amount.Yuan())
	}
}
