package limits

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"pgregory.net/rapid"

	"dongxiao/internal/apperr"
)

func parse(t require.TestingT, query string) *ast.QueryDocument {
	doc, err := parser.ParseQuery(&ast.Source{Input: query})
	require.NoError(t, err)
	return doc
}

func TestCheckCounts(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		query string
		want  Report
	}{
		"fields":           {"{ a b { c d { e } } }", Report{Depth: 3, Width: 5, Visited: 5}},
		"aliases":          {"{ x: a b: b y: c { z: d } }", Report{Depth: 2, Width: 4, Aliases: 3, Visited: 4}},
		"directives":       {"query ($v: Int @v) @o { a @s ...f @t ...@i { b } } fragment f on Q @d { c }", Report{Depth: 1, Width: 5, Directives: 6, Visited: 5}},
		"inline fragments": {"{ ... on Q { a { ... { b } } } }", Report{Depth: 2, Width: 4, Visited: 4}},
		"fragments count each time they are spread, and are walked once": {
			"{ a { ...f } b { ...f } ...f } fragment f on T { x: c d }", Report{Depth: 2, Width: 11, Aliases: 3, Visited: 7}},
		"unknown fragment":  {"{ ...none }", Report{Width: 1, Visited: 1}},
		"operations add up": {"query a { x } query b { y { z } }", Report{Depth: 2, Width: 3, Visited: 3}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report, err := Check(parse(t, row.query), Default())
			require.Nil(t, err)
			require.Equal(t, row.want, report)
		})
	}
}

func TestCheckAtTheLimit(t *testing.T) {
	t.Parallel()
	nested := func(depth int) string { return strings.Repeat("{a", depth) + strings.Repeat("}", depth) }
	for name, row := range map[string]struct {
		within, beyond string
		code           apperr.Code
		limit          string
	}{
		"depth":              {nested(12), nested(13), apperr.QueryTooDeep, "12"},
		"depth by fragments": {"{...f} fragment f on Q {a" + nested(11) + "}", "{b{...f}} fragment f on Q {a" + nested(11) + "}", apperr.QueryTooDeep, "12"},
		"width":              {"{" + strings.Repeat("a ", 500) + "}", "{" + strings.Repeat("a ", 501) + "}", apperr.QueryTooWide, "500"},
		"aliases":            {"{" + strings.Repeat("x:a ", 50) + "}", "{" + strings.Repeat("x:a ", 51) + "}", apperr.QueryTooManyAliases, "50"},
		"directives":         {"{a" + strings.Repeat("@d", 50) + "}", "{a" + strings.Repeat("@d", 51) + "}", apperr.QueryTooManyDirectives, "50"},
		"operations together": {"query x" + "{" + strings.Repeat("a ", 250) + "} query y {" + strings.Repeat("a ", 250) + "}",
			"query x" + "{" + strings.Repeat("a ", 251) + "} query y {" + strings.Repeat("a ", 250) + "}", apperr.QueryTooWide, "500"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Check(parse(t, row.within), Default())
			require.Nil(t, err)
			_, err = Check(parse(t, row.beyond), Default())
			require.NotNil(t, err)
			require.Equal(t, row.code, err.Code)
			require.Equal(t, row.limit, err.Params["limit"])
		})
	}
}

func TestIntrospectionIsFreeOnlyOnRequest(t *testing.T) {
	t.Parallel()
	query := "{ __schema { types " + strings.Repeat("{ ofType ", 14) + "{ name }" + strings.Repeat("}", 14) + "} }"
	limits := Default()
	_, err := Check(parse(t, query), limits)
	require.NotNil(t, err)
	limits.FreeIntrospection = true
	report, err := Check(parse(t, query), limits)
	require.Nil(t, err)
	require.Equal(t, 1, report.Depth)
	report, err = Check(parse(t, introspection), limits)
	require.Nil(t, err)
	require.Equal(t, 1, report.Depth)
	_, err = Check(parse(t, "{ a "+strings.Repeat("{ a", 12)+strings.Repeat("}", 12)+" __typename }"), limits)
	require.NotNil(t, err, "only introspection is free")
}

// introspection is the shape of the query that GraphiQL and code generators send.
const introspection = `query IntrospectionQuery { __schema { queryType { name } types { ...FullType } directives { name args { ...InputValue } } } }
	fragment FullType on __Type { kind name fields(includeDeprecated: true) { name args { ...InputValue } type { ...TypeRef } }
		inputFields { ...InputValue } interfaces { ...TypeRef } enumValues { name } possibleTypes { ...TypeRef } }
	fragment InputValue on __InputValue { name type { ...TypeRef } defaultValue }
	fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
		ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } } }`

// TestCheckDoesNoMoreWorkThanTheDocumentIsLong counts instead of timing: however a document multiplies itself, each of its selections is
// looked at once at most.
func TestCheckDoesNoMoreWorkThanTheDocumentIsLong(t *testing.T) {
	t.Parallel()
	for name, query := range hostile {
		doc, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: query}, 1000)
		if err != nil {
			continue
		}
		report, _ := Check(doc, Default())
		require.LessOrEqual(t, report.Visited, 1000, name)
		require.LessOrEqual(t, report.Width, 2*500, name)
	}
	// The one that takes 2^25 steps to expand.
	require.Less(t, len(doubling(25)), 1100)
	report, err := Check(parse(t, doubling(25)), Default())
	require.Equal(t, apperr.QueryTooWide, err.Code)
	require.LessOrEqual(t, report.Visited, 3*25)
}

// expand is the plain definition of the counts, without memory.
func expand(doc *ast.QueryDocument, set ast.SelectionSet) measure {
	var m measure
	for _, selection := range set {
		one := measure{width: 1}
		switch s := selection.(type) {
		case *ast.Field:
			inner := expand(doc, s.SelectionSet)
			inner.depth++
			one = one.and(inner)
			if s.Alias != s.Name {
				one.aliases++
			}
			one.directives += len(s.Directives)
		case *ast.InlineFragment:
			one = one.and(expand(doc, s.SelectionSet))
			one.directives += len(s.Directives)
		case *ast.FragmentSpread:
			definition := doc.Fragments.ForName(s.Name)
			one = one.and(expand(doc, definition.SelectionSet))
			one.directives += len(s.Directives) + len(definition.Directives)
		}
		m = m.and(one)
	}
	return m
}

func TestCheckAgreesWithExpansion(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		doc := parse(t, drawDocument(t))
		want := expand(doc, doc.Operations[0].SelectionSet)
		limits := Limits{Depth: 1000, Width: 100_000, Aliases: 100_000, Directives: 100_000}
		report, err := Check(doc, limits)
		require.Nil(t, err)
		require.Equal(t, want, measure{report.Depth, report.Width, report.Aliases, report.Directives})
	})
}
