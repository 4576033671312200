package limits

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator"
	"pgregory.net/rapid"
)

func planFor(t require.TestingT, query string) *Plan {
	doc := parse(t, query)
	require.Empty(t, validator.ValidateWithRules(shop, doc, Rules()))
	return NewPlan(doc.Operations[0])
}

func TestCost(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]int{
		`{ free }`:                         1, // nothing is quite free
		`{ free brand { id name } }`:       3,
		`{ __typename }`:                   1,
		`{ product { tags(limit: 100) } }`: 2, // limit is no multiplier there
		// a connection: itself, and page × what is below
		`{ products(first: 3) { nodes { id } } }`:          1 + 3*2,
		`{ products(last: 3) { nodes { id } } }`:           1 + 3*2,
		`{ products { nodes { id } } }`:                    1 + 20*2,
		`{ products(first: null) { nodes { id } } }`:       1 + 20*2,
		`{ products(first: 0) { nodes { id } } }`:          1 + 20*2,
		`{ products(first: -5) { nodes { id } } }`:         1 + 20*2,
		`{ products(first: 9999) { nodes { id } } }`:       1 + 100*2,
		`{ products(first: 2147483647) { nodes { id } } }`: 1 + 100*2,
		`{ products(first: 2, last: 4) { nodes { id } } }`: 1 + 4*2,
		// the SDL's default, weight and multipliers
		`{ product { similar { nodes { id } } } }`:                                1 + 1 + 10*2,
		`{ products(first: 2) { totalCount } }`:                                   1 + 2*50,
		`{ search(text: "x") { __typename } }`:                                    10 + 20,
		`{ search(text: "x", limit: 5) { __typename } }`:                          10 + 5,
		`{ products(first: 4) { nodes { similar(first: 5) { nodes { id } } } } }`: 1 + 4*(1+1+5*2),
		// fragments cost what they stand for
		`{ products(first: 4) { ...p ... on ProductConnection { ...p } } } fragment p on ProductConnection { nodes { id } }`: 1 + 4*4,
	} {
		plan := planFor(t, query)
		require.Empty(t, plan.scaled, "%s: no variables, so all is summed beforehand", query)
		require.Equal(t, want, plan.Cost(nil), query)
	}
}

func TestCostOfVariables(t *testing.T) {
	t.Parallel()
	query := `query($n: Int, $m: Int) { products(first: $n, last: 2) { nodes { similar(first: $m) { nodes { id } } } } free }`
	plan := planFor(t, query)
	for _, row := range []struct {
		n, m any
		want int
	}{
		{int64(4), int64(5), 1 + 4*(1+1+5*2)},
		{json.Number("4"), 5, 1 + 4*(1+1+5*2)},
		{4.0, 5.0, 1 + 4*(1+1+5*2)},
		{nil, nil, 1 + 2*(1+1+10*2)},
		{int64(-4), int64(0), 1 + 2*(1+1+10*2)},
		{int64(1 << 40), json.Number("1e999"), 1 + 100*(1+1+100*2)},
		{"4", true, 1 + 2*(1+1+10*2)},
	} {
		require.Equal(t, row.want, plan.Cost(map[string]any{"n": row.n, "m": row.m}), "%v %v", row.n, row.m)
	}
	require.Equal(t, 1+2*(1+1+10*2), plan.Cost(nil))
}

// TestVariablesCostAsLiterals: the same page sizes, written or passed, cost the same.
func TestVariablesCostAsLiterals(t *testing.T) {
	t.Parallel()
	const literal = `{ products(first: 7) { nodes { similar(first: 8) { nodes { id brand { products(first: 9) { nodes { id } } } } } } } }`
	const variable = `query($a: Int, $b: Int, $c: Int) { products(first: $a) { nodes { ...f } } }
		fragment f on Product { similar(first: $b) { nodes { id brand { products(first: $c) { nodes { id } } } } } }`
	require.Equal(t, planFor(t, literal).Cost(nil), planFor(t, variable).Cost(map[string]any{"a": 7, "b": 8, "c": 9}))
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(0, 200)
		variables := map[string]any{"a": size.Draw(t, "a"), "b": size.Draw(t, "b"), "c": size.Draw(t, "c")}
		cost := planFor(t, variable).Cost(variables)
		require.Positive(t, cost)
		for name, value := range variables {
			more := map[string]any{"a": variables["a"], "b": variables["b"], "c": variables["c"]}
			more[name] = max(value.(int), 20) + 1
			require.GreaterOrEqual(t, planFor(t, variable).Cost(more), cost)
		}
	})
}

func TestCostSaturates(t *testing.T) {
	t.Parallel()
	plan := Plan{fixed: maximumCost}
	for range 10 {
		next := Plan{scaled: []scaled{{factor: 100, size: size{fallback: 100}, children: plan}}}
		next.add(maximumCost, plan)
		plan = next
	}
	require.Equal(t, maximumCost, plan.Cost(nil))
	require.Equal(t, 0, multiply(0, maximumCost))
	require.Equal(t, 0, multiply(maximumCost, 0))
}

func TestCostOfUnknownDefinitions(t *testing.T) {
	t.Parallel()
	plan := NewPlan(&ast.OperationDefinition{SelectionSet: ast.SelectionSet{&ast.Field{Name: "x"}, &ast.FragmentSpread{Name: "y"}}})
	require.Equal(t, 1, plan.Cost(nil))
}
