package limits

import (
	"context"
	"maps"
	"slices"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/stretchr/testify/require"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"dongxiao/internal/apperr"
)

func newGate(t testing.TB, limits Limits) *Gate {
	t.Helper()
	gate, err := NewGate(shop, limits)
	require.NoError(t, err)
	return gate
}

// codeOf is the code that a failure of the gate carries, in either of its two ways.
func codeOf(err *gqlerror.Error) apperr.Code {
	if err == nil {
		return ""
	}
	if code, ok := err.Extensions["code"].(string); ok {
		return apperr.Code(code)
	}
	return apperr.CodeOf(err)
}

// start does what a transport does up to execution.
func start(t testing.TB, gate *Gate, extensions []graphql.HandlerExtension, request *graphql.RawParams) (*graphql.OperationContext, gqlerror.List) {
	t.Helper()
	exec := executor.New(&graphql.ExecutableSchemaMock{SchemaFunc: func() *ast.Schema { return shop }})
	exec.SetQueryCache(gate)
	exec.SetParserTokenLimit(1) // were the executor to parse by itself, every test would fail
	exec.Use(gate)
	for _, extension := range extensions {
		exec.Use(extension)
	}
	return exec.CreateOperationContext(graphql.StartOperationTrace(t.Context()), request)
}

func TestHostileDocumentsAreRefused(t *testing.T) {
	t.Parallel()
	accepted := map[string]bool{ // bounded work, and what they ask for is paid by cost
		"aliases of connections": true, "deep inline fragments": true, "introspection, wide": true, "one field again and again": true,
		"overlapping, abstract": true, "overlapping, nested": true, "too dear": true, "too dear for an int": true,
	}
	codes := map[string]apperr.Code{
		"fragments that double": apperr.QueryTooWide, "fragments that double, unused": apperr.QueryTooWide,
		"fragments that double, of spreads only": apperr.QueryTooWide, "fragments in a circle": apperr.ValidationFailed,
		"a chain of fragments": apperr.QueryTooWide, "1,000 aliases": apperr.QueryTooManyAliases,
		"overlapping, by fragments": apperr.QueryTooWide, "deep nesting": apperr.QueryTooManyTokens,
		"deep values": apperr.QueryTooManyTokens, "introspection, nested": apperr.QueryTooDeep, "directives": apperr.QueryTooManyDirectives,
		"directives on fragments": apperr.QueryTooManyDirectives, "unknown directives": apperr.QueryTooManyDirectives,
		"many operations": apperr.QueryTooManyTokens, "tokens": apperr.QueryTooManyTokens, "comments": apperr.QueryTooManyTokens,
		"a megabyte of tokens": apperr.BodyTooLarge, "a megabyte of braces": apperr.BodyTooLarge, "a string without end": apperr.ParseFailed, "nothing": apperr.BadRequest, "not GraphQL": apperr.ParseFailed,
		"bytes": apperr.ParseFailed,
	}
	gate := newGate(t, Default())
	for name, query := range hostile {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := gate.check(query)
			switch {
			case accepted[name]:
				require.Nil(t, err)
			case codes[name] != "":
				require.Equal(t, codes[name], codeOf(err))
			default:
				require.Equal(t, apperr.ValidationFailed, codeOf(err))
			}
		})
	}
}

// TestGateHandsOverTheDocument goes through the executor, whose own parser would refuse everything.
func TestGateHandsOverTheDocument(t *testing.T) {
	t.Parallel()
	gate := newGate(t, Default())
	query := `query q($n: Int) { products(first: $n) { nodes { id name } } }`
	first, errs := start(t, gate, nil, &graphql.RawParams{Query: query, Variables: map[string]any{"n": int64(3)}})
	require.Empty(t, errs)
	require.Equal(t, "q", first.Operation.Name)
	second, errs := start(t, gate, nil, &graphql.RawParams{Query: query, Variables: map[string]any{"n": int64(5)}})
	require.Empty(t, errs)
	require.Same(t, first.Doc, second.Doc, "checked once")
	require.Equal(t, &Cost{Requested: 1 + 3*3, Limit: 10_000}, first.Stats.GetExtension(costKey))
	require.Equal(t, &Cost{Requested: 1 + 5*3, Limit: 10_000}, second.Stats.GetExtension(costKey))

	_, errs = start(t, gate, nil, &graphql.RawParams{Query: "{ free brand { nothing } }"})
	require.Len(t, errs, 1)
	require.Equal(t, errcode.ValidationFailed, errs[0].Extensions["code"])
	require.NotContains(t, errs[0].Message, "Did you mean")
}

func TestCostIsRefused(t *testing.T) {
	t.Parallel()
	gate := newGate(t, Default())
	for _, name := range []string{"too dear", "too dear for an int", "aliases of connections"} {
		operation, errs := start(t, gate, nil, &graphql.RawParams{Query: hostile[name]})
		require.Len(t, errs, 1, name)
		require.Equal(t, apperr.QueryTooComplex, codeOf(errs[0]), name)
		require.Greater(t, operation.Stats.GetExtension(costKey).(*Cost).Requested, 10_000)
	}
}

func TestGateForgetsLongDocuments(t *testing.T) {
	t.Parallel()
	gate := newGate(t, Default())
	long := "{ free } #" + repeat(recentLength, func(int) string { return "x" })
	_, errs := start(t, gate, nil, &graphql.RawParams{Query: long})
	require.Empty(t, errs)
	_, kept := gate.recent.Get(t.Context(), long)
	require.False(t, kept)
	for range 2 {
		_, errs = start(t, gate, nil, &graphql.RawParams{Query: "{ free }"})
		require.Empty(t, errs)
	}
	_, kept = gate.recent.Get(t.Context(), "{ free }")
	require.True(t, kept)
}

func TestPinnedDocumentsAreChecked(t *testing.T) {
	t.Parallel()
	gate := newGate(t, Default())
	require.NoError(t, gate.Pin("{ free }"))
	require.Error(t, gate.Pin("{ nothing }"))
	require.Error(t, gate.Pin(hostile["1,000 aliases"]))
	require.Len(t, gate.pinned, 1)
}

func TestNewGateChecksCostDirectives(t *testing.T) {
	t.Parallel()
	for _, directive := range []string{`@cost(weight: -1)`, `@cost(multipliers: ["limit"])`} {
		schema := gqlparser.MustLoadSchema(&ast.Source{Input: `directive @cost(weight: Int! = 1, multipliers: [String!]) on FIELD_DEFINITION
			type Query { list(first: Int): [Int] ` + directive + ` }`})
		_, err := NewGate(schema, Default())
		require.ErrorContains(t, err, "Query.list")
	}
}

func TestGateBelongsToItsSchema(t *testing.T) {
	t.Parallel()
	gate := newGate(t, Default())
	other := gqlparser.MustLoadSchema(&ast.Source{Input: `type Query { a: Int }`})
	require.Error(t, gate.Validate(&graphql.ExecutableSchemaMock{SchemaFunc: func() *ast.Schema { return other }}))
}

func TestCostIsTold(t *testing.T) {
	t.Parallel()
	gate := newGate(t, Default())
	operation, errs := start(t, gate, nil, &graphql.RawParams{Query: "{ free brand { id } }"})
	require.Empty(t, errs)
	ctx := graphql.WithOperationContext(t.Context(), operation)
	require.Equal(t, 2, CostOf(ctx).Requested)
	ctx = graphql.WithResponseContext(ctx, graphql.DefaultErrorPresenter, graphql.DefaultRecover)
	gate.InterceptResponse(ctx, func(ctx context.Context) *graphql.Response {
		require.Equal(t, &Cost{Requested: 2, Limit: 10_000}, graphql.GetExtension(ctx, "cost"))
		return nil
	})
	require.Nil(t, CostOf(t.Context()))
}

// FuzzGate finds that no document makes the gate or what follows it panic.
func FuzzGate(f *testing.F) {
	for _, query := range hostile {
		if len(query) < 4000 {
			f.Add(query)
		}
	}
	f.Add(`query q($a: [Filter!] = [{name: "x"}], $k: Kind) { products(first: 3, filter: {kind: $k}) { nodes { tags(limit: 1) } } }`)
	gate := newGate(f, Default())
	f.Fuzz(func(t *testing.T, query string) {
		operation, errs := start(t, gate, nil, &graphql.RawParams{Query: query, Variables: map[string]any{"a": []any{map[string]any{}}, "k": "WINE"}})
		if len(errs) == 0 {
			cost := operation.Stats.GetExtension(costKey).(*Cost)
			require.Positive(t, cost.Requested)
			require.LessOrEqual(t, cost.Requested, cost.Limit)
		}
	})
}

// BenchmarkRefusal is the CPU time of one refusal, parsing included: a few milliseconds at most.
func BenchmarkRefusal(b *testing.B) {
	gate := newGate(b, Default())
	for _, name := range slices.Sorted(maps.Keys(hostile)) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				_, _ = gate.check(hostile[name])
			}
		})
	}
}
