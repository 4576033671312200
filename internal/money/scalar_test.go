package money_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"dongxiao/internal/apperr"
	"dongxiao/internal/money"

	"github.com/stretchr/testify/require"
)

func TestFenScalar(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		in   any
		want money.Fen
	}{
		{int64(1990), 1990},
		{7, 7},
		{json.Number("-5"), -5},
		{"0", 0},
		{"9223372036854775807", most},
		{json.Number("-9223372036854775808"), least},
	} {
		got := money.Fen(42)
		require.NoError(t, got.UnmarshalGQL(row.in), "%v", row.in)
		require.Equal(t, row.want, got)
	}
	for _, in := range []any{
		nil, true, 1.0, 1.5, float32(2), json.Number("1.0"), json.Number("1e3"), json.Number("9223372036854775808"),
		"", " 1", "1 ", "+1", "-0", "007", "1_000", "0x10", "1.5", "一", "-9223372036854775809", []any{int64(1)}, map[string]any{},
	} {
		got := money.Fen(42)
		err := got.UnmarshalGQL(in)
		require.Equal(t, apperr.InvalidInput, apperr.CodeOf(err), "%v", in)
		require.Equal(t, money.Fen(42), got, "a refused value changes nothing")
	}
}

func TestBasisPointsScalar(t *testing.T) {
	t.Parallel()
	for _, in := range []any{int64(0), int64(10_000), json.Number("250"), "10000"} {
		var got money.BasisPoints
		require.NoError(t, got.UnmarshalGQL(in), "%v", in)
	}
	for _, in := range []any{nil, int64(-1), int64(10_001), json.Number("1e2"), 0.5, "", int64(math.MaxInt64)} {
		var got money.BasisPoints
		require.Equal(t, apperr.InvalidInput, apperr.CodeOf(got.UnmarshalGQL(in)), "%v", in)
	}
}

// FuzzFenScalar: what is accepted is written back as the very same text, and a refusal does not echo the input.
func FuzzFenScalar(f *testing.F) {
	for _, seed := range []string{"0", "-1", "1e9", "1.0", "9223372036854775807", "9223372036854775808", "+1", "00", "-", "１"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, in := range []any{text, json.Number(text)} {
			var amount money.Fen
			if err := amount.UnmarshalGQL(in); err != nil {
				require.Equal(t, apperr.InvalidInput, apperr.CodeOf(err))
				continue
			}
			var out strings.Builder
			amount.MarshalGQL(&out)
			require.Equal(t, text, out.String())
		}
		var rate money.BasisPoints
		if rate.UnmarshalGQL(text) == nil {
			require.True(t, rate >= 0 && rate <= money.Whole)
			var out strings.Builder
			rate.MarshalGQL(&out)
			require.Equal(t, text, out.String())
		}
	})
}
