package model

import (
	"errors"

	"github.com/99designs/gqlgen/graphql"
)

// errText refuses a number that comes as a string in the variables, as GraphQL asks; gqlgen's own scalars read it, "NaN" among them.
var errText = errors.New("a number is not written as a string")

// MarshalInt writes an Int.
func MarshalInt(n int) graphql.Marshaler { return graphql.MarshalInt(n) }

// UnmarshalInt reads an Int from a number.
func UnmarshalInt(v any) (int, error) {
	if _, text := v.(string); text {
		return 0, errText
	}
	return graphql.UnmarshalInt(v)
}

// MarshalInt64 writes an Int that is kept in 64 bits.
func MarshalInt64(n int64) graphql.Marshaler { return graphql.MarshalInt64(n) }

// UnmarshalInt64 reads an Int that is kept in 64 bits from a number.
func UnmarshalInt64(v any) (int64, error) {
	if _, text := v.(string); text {
		return 0, errText
	}
	return graphql.UnmarshalInt64(v)
}

// MarshalFloat writes a Float.
func MarshalFloat(f float64) graphql.Marshaler { return graphql.MarshalFloat(f) }

// UnmarshalFloat reads a Float from a number.
func UnmarshalFloat(v any) (float64, error) {
	if _, text := v.(string); text {
		return 0, errText
	}
	return graphql.UnmarshalFloat(v)
}
