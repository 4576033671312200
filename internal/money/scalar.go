package money

import (
	"encoding/json"
	"io"
	"strconv"

	"dongxiao/internal/apperr"
)

// MarshalGQL writes the amount as a JSON integer.
func (f Fen) MarshalGQL(w io.Writer) {
	_, _ = io.WriteString(w, strconv.FormatInt(int64(f), 10)) // A broken connection shows when the response is flushed.
}

// UnmarshalGQL reads a JSON integer, or a string with the same digits, because a client's numbers may be shorter than 64 bits. Fractions,
// exponents, leading zeros, a plus sign and what does not fit into an int64 are INVALID_INPUT. Whether an amount may be zero or
// negative is for the service to say.
func (f *Fen) UnmarshalGQL(v any) error {
	n, ok := integer(v)
	if !ok {
		return apperr.New(apperr.InvalidInput, "field", "Fen", "reason", "-9223372036854775808–9223372036854775807")
	}
	*f = Fen(n)
	return nil
}

// MarshalGQL writes the rate as a JSON integer.
func (b BasisPoints) MarshalGQL(w io.Writer) {
	_, _ = io.WriteString(w, strconv.FormatInt(int64(b), 10))
}

// UnmarshalGQL reads a rate as Fen reads an amount, and refuses what is not within 0 to 10,000 with INVALID_INPUT.
func (b *BasisPoints) UnmarshalGQL(v any) error {
	n, ok := integer(v)
	if !ok || n < 0 || n > int64(Whole) {
		return apperr.New(apperr.InvalidInput, "field", "BasisPoints", "reason", "0–10000")
	}
	*b = BasisPoints(n)
	return nil
}

// integer reads what gqlgen hands to a scalar: int64 for a literal, json.Number or string for a variable. A float64 is a literal
// with a fraction or an exponent.
func integer(v any) (int64, bool) {
	var text string
	switch v := v.(type) {
	case int64:
		return v, true
	case int:
		return int64(v), true
	case json.Number:
		text = string(v)
	case string:
		text = v
	default:
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || strconv.FormatInt(n, 10) != text {
		return 0, false
	}
	return n, true
}
