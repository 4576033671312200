package persisted

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

var schema = gqlparser.MustLoadSchema(&ast.Source{Input: `
	type Query { me: Person product(id: ID, note: String): Product }
	type Mutation { rename(name: String!): Person }
	type Person { name: String! friend: Person }
	type Product { id: ID! name: String! price(places: Int = 2): String! }
`})

func tree(files ...string) fstest.MapFS {
	result := fstest.MapFS{}
	for i := 0; i < len(files); i += 2 {
		result[files[i]] = &fstest.MapFile{Data: []byte(files[i+1])}
	}
	return result
}

var clients = tree(
	"storefront/product.graphql", "# what the product page shows\nquery Product($id: ID!) { product(id: $id) { ...card } } fragment card on Product { ...title price(places:1) }",
	"storefront/fragments.graphql", "fragment title on Product { id, name }\nfragment person on Person { name friend { ...name } } fragment name on Person { name }",
	"storefront/me.graphql", "query Me { me { ...person } }\nmutation Rename($name: String!) { rename(name: $name) { name } }",
	"staff/me.graphql", "query Me { me { name } }",
	"typescript/client.ts", "not GraphQL",
	"README.md", "not GraphQL",
)

func TestManifest(t *testing.T) {
	t.Parallel()
	manifest, err := Manifest(clients)
	require.NoError(t, err)
	require.Len(t, manifest, 2)
	require.Len(t, manifest["STOREFRONT"], 3)
	require.Len(t, manifest["STAFF"], 1)

	product := manifest["STOREFRONT"]["Product"]
	require.Equal(t, `query Product ($id: ID!) {
  product(id: $id) {
    ... card
  }
}
fragment card on Product {
  ... title
  price(places: 1)
}
fragment title on Product {
  id
  name
}
`, product.Body)
	require.Equal(t, ID(product.Body), product.ID)
	require.Regexp(t, "^[0-9a-f]{64}$", product.ID)
	require.NotEqual(t, manifest["STAFF"]["Me"].ID, manifest["STOREFRONT"]["Me"].ID)
}

// TestBodiesDoNotDependOnTheFiles: comments, order and the spread over files leave no trace in the id.
func TestBodiesDoNotDependOnTheFiles(t *testing.T) {
	t.Parallel()
	a, err := Manifest(tree("staff/a.graphql", "query A { me { ...x ...y } } fragment x on Person { name } fragment y on Person { friend { name } }"))
	require.NoError(t, err)
	b, err := Manifest(tree("staff/z.graphql", "# note\nfragment y on Person{friend{name}} query   A{me{...x,...y}}", "staff/b.graphql", "fragment x on Person{name}\nfragment unused on Person{name}"))
	require.NoError(t, err)
	require.Equal(t, a, b)
}

// TestBodiesMeanTheSame: what is printed parses, and prints the same again.
func TestBodiesMeanTheSame(t *testing.T) {
	t.Parallel()
	for _, query := range []string{
		`query Q($a: [Int!]! = [1, 2], $b: Filter = {name: "x\"y\n", kind: WINE, none: null}) @o(x: 1.5) { a: f(v: $a, w: {s: "\u4e2d\\", b: true}) @include(if: $b) { ... on T @x { y } ... @skip(if: true) { z } } }`,
		"query Q { f(text: \"\"\"\n  block \\\"\"\" text\n    indented\n\"\"\") }",
		`subscription S { s }`,
		`mutation M { m(n: -3, e: E, l: [[1], []], o: {}) }`,
	} {
		doc, err := parser.ParseQuery(&ast.Source{Input: query})
		require.NoError(t, err)
		body, bundleErr := Bundle(doc.Operations[0], doc.Fragments)
		require.NoError(t, bundleErr)
		again, err := parser.ParseQuery(&ast.Source{Input: body})
		require.NoError(t, err, body)
		second, bundleErr := Bundle(again.Operations[0], again.Fragments)
		require.NoError(t, bundleErr)
		require.Equal(t, body, second)
		require.Equal(t, values(doc), values(again), body)
	}
}

// values lists a document's literals as they are meant.
func values(doc *ast.QueryDocument) []string {
	var list []string
	var value func(v *ast.Value)
	value = func(v *ast.Value) {
		if v == nil {
			return
		}
		if len(v.Children) == 0 {
			list = append(list, v.Raw)
		}
		for _, child := range v.Children {
			list = append(list, child.Name)
			value(child.Value)
		}
	}
	for _, variable := range doc.Operations[0].VariableDefinitions {
		list = append(list, variable.Variable, variable.Type.String())
		value(variable.DefaultValue)
	}
	var set func(s ast.SelectionSet)
	set = func(s ast.SelectionSet) {
		for _, selection := range s {
			switch s := selection.(type) {
			case *ast.Field:
				list = append(list, s.Alias, s.Name)
				for _, argument := range s.Arguments {
					list = append(list, argument.Name)
					value(argument.Value)
				}
				for _, directive := range s.Directives {
					list = append(list, directive.Name)
				}
				set(s.SelectionSet)
			case *ast.InlineFragment:
				list = append(list, s.TypeCondition)
				set(s.SelectionSet)
			}
		}
	}
	set(doc.Operations[0].SelectionSet)
	return list
}

func TestManifestRefuses(t *testing.T) {
	t.Parallel()
	for reason, files := range map[string]fstest.MapFS{
		"Unexpected":                   tree("staff/a.graphql", "quary"),
		"has no name":                  tree("staff/a.graphql", "{ me { name } }"),
		"operation A is defined twice": tree("staff/a.graphql", "query A { me { name } }", "staff/b.graphql", "query A { me { name } }"),
		"fragment f is defined twice":  tree("staff/a.graphql", "fragment f on Person { name } fragment f on Person { name }"),
		"unknown fragment g":           tree("staff/a.graphql", "query A { me { ...f } } fragment f on Person { ...g }"),
	} {
		_, err := Manifest(files)
		require.ErrorContains(t, err, reason)
	}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	list, err := Load(clients, schema)
	require.NoError(t, err)
	require.Len(t, list.Bodies(), 4)

	_, err = Load(tree("staff/a.graphql", "query A { nothing } query B { me { nothing } } query C { me { ...f } } fragment f on Person { ...f }"), schema)
	for _, name := range []string{"STAFF", "operation A", "operation B", "operation C"} {
		require.ErrorContains(t, err, name)
	}
}

func TestLoadOfManyIsComplete(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	for i := range 200 {
		fmt.Fprintf(&text, "query Q%d { me { name x%d: name } }\n", i, i)
	}
	list, err := Load(tree("console/all.graphql", text.String()), schema)
	require.NoError(t, err)
	require.Len(t, list.Bodies(), 200)
}
