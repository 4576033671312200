package limits

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"
	"pgregory.net/rapid"
)

// drawDocument draws a query of the shop with aliases, fragments and a tendency to conflict.
func drawDocument(t *rapid.T) string {
	var fragments []string
	var set func(parent string, depth int) string
	set = func(parent string, depth int) string {
		var text strings.Builder
		text.WriteString("{ ")
		for range rapid.IntRange(1, 3).Draw(t, "selections") {
			alias := rapid.SampledFrom([]string{"", "", "", "x:", "y:"}).Draw(t, "alias")
			directive := rapid.SampledFrom([]string{"", "", "", "@tag "}).Draw(t, "directive")
			leaf := func(names ...string) {
				text.WriteString(alias + rapid.SampledFrom(names).Draw(t, "leaf") + " " + directive)
			}
			child := func(field, of string) { text.WriteString(alias + field + " " + directive + set(of, depth-1)) }
			kind := rapid.IntRange(0, 5).Draw(t, "kind")
			if depth == 0 {
				kind = 0
			}
			switch {
			case kind == 1: // inline fragment on a type that fits
				on := rapid.SampledFrom(fitting[parent]).Draw(t, "type")
				text.WriteString("... on " + on + " " + directive + set(on, depth-1))
			case kind == 2: // a new fragment, spread once or twice
				on := rapid.SampledFrom(fitting[parent]).Draw(t, "type")
				body := set(on, depth-1)
				name := fmt.Sprintf("f%d", len(fragments))
				fragments = append(fragments, "fragment "+name+" on "+on+" "+body)
				text.WriteString(strings.Repeat("..."+name+" "+directive, rapid.IntRange(1, 2).Draw(t, "times")))
			case kind >= 3 && parent == "Product":
				child("brand", "Brand")
			case kind >= 3 && parent == "Brand":
				child("parent", "Brand")
			case kind >= 3 && parent == "Store":
				child("brand", "Brand")
			case parent == "Product":
				leaf("id", "name", "price", `tags`, `tags(limit:1)`, `tags(limit:2)`, "__typename")
			case parent == "Brand":
				leaf("id", "name", "owner", "__typename")
			case parent == "Store":
				leaf("id", "name", "address")
			case parent == "Node":
				leaf("id", "__typename")
			case parent == "Named":
				leaf("name", "__typename")
			default:
				leaf("__typename")
			}
		}
		text.WriteString("} ")
		return text.String()
	}
	var text strings.Builder
	for range rapid.IntRange(1, 3).Draw(t, "roots") {
		root := rapid.SampledFrom([]struct{ field, of string }{
			{"node(id:1)", "Node"}, {`hits: search(text:"")`, "Hit"}, {"product", "Product"}, {"brand", "Brand"}, {"x: brand", "Brand"}, {"x: product", "Product"},
		}).Draw(t, "root")
		text.WriteString(root.field + " " + set(root.of, 3))
	}
	return "{ " + text.String() + "} " + strings.Join(fragments, " ")
}

var fitting = map[string][]string{
	"Node": {"Node", "Product", "Brand", "Store", "Named"}, "Hit": {"Product", "Brand", "Store", "Node", "Named"},
	"Product": {"Product", "Node", "Named"}, "Brand": {"Brand", "Node", "Named"}, "Store": {"Store", "Node"},
	"Named": {"Named", "Product", "Brand", "Node"},
}

// pairwise is the specification's own definition (FieldsInSetCanMerge, SameResponseShape), every pair at every level.
type pairwise struct{ check overlapCheck }

func (p pairwise) fields(set ast.SelectionSet) map[string][]*ast.Field {
	fields := make(map[string][]*ast.Field)
	for _, g := range p.check.collect([]ast.SelectionSet{set}) {
		fields[g[0].Alias] = g
	}
	return fields
}

func (p pairwise) merged(a, b *ast.Field) ast.SelectionSet {
	return append(append(ast.SelectionSet{}, a.SelectionSet...), b.SelectionSet...)
}

func (p pairwise) canMerge(set ast.SelectionSet) bool {
	for _, fields := range p.fields(set) {
		for i, a := range fields {
			for _, b := range fields[i:] {
				if !p.sameShape(a, b) {
					return false
				}
				if a.ObjectDefinition.Name != b.ObjectDefinition.Name && a.ObjectDefinition.Kind == ast.Object && b.ObjectDefinition.Kind == ast.Object {
					continue
				}
				if a.Name != b.Name || !sameArguments(a.Arguments, b.Arguments) || !p.canMerge(p.merged(a, b)) {
					return false
				}
			}
		}
	}
	return true
}

func (p pairwise) sameShape(a, b *ast.Field) bool {
	if p.check.conflicting(a.Definition.Type, b.Definition.Type) {
		return false
	}
	for _, fields := range p.fields(p.merged(a, b)) {
		for i, x := range fields {
			for _, y := range fields[i+1:] {
				if !p.sameShape(x, y) {
					return false
				}
			}
		}
	}
	return true
}

func TestOverlapAgreesWithTheSpecification(t *testing.T) {
	t.Parallel()
	conflicts := 0
	rapid.Check(t, func(t *rapid.T) {
		query := drawDocument(t)
		doc := parse(t, query)
		errs := validator.ValidateWithRules(shop, doc, rules.NewRules(overlapRule))
		merges := pairwise{overlapCheck{schema: shop}}.canMerge(doc.Operations[0].SelectionSet)
		require.Equal(t, merges, len(errs) == 0, "%s: %v", query, errs)
		if !merges {
			conflicts++
		}
	})
	require.Positive(t, conflicts)
}

func TestOverlapTellsValuesApart(t *testing.T) {
	t.Parallel()
	for query, valid := range map[string]bool{
		`{ products(filter:{name:"a",tags:["x"]}){totalCount} products(filter:{tags:["x"],name:"a"}){totalCount} }`: true,
		`{ products(filter:{tags:["x"]}){totalCount} products(filter:{tags:["y"]}){totalCount} }`:                   false,
		`{ products(filter:{name:"x"}){totalCount} products(filter:{name:"y"}){totalCount} }`:                       false,
		`query($n:Int){ products(first:$n){totalCount} products(first:$n){totalCount} }`:                            true,
		`query($n:Int,$m:Int){ products(first:$n){totalCount} products(first:$m){totalCount} }`:                     false,
		`{ node(id:1) { ...on Product { x: name } ...on Store { x: name } } }`:                                      false, // String! and String
		`{ node(id:1) { ...on Product { x: name } ...on Store { x: address } } }`:                                   true,
		`{ node(id:1) { ...on Product { x: name } ...on Brand { x: brandless } } }`:                                 true, // unknown: another rule's
	} {
		errs := validator.ValidateWithRules(shop, parse(t, query), rules.NewRules(overlapRule))
		require.Equal(t, valid, len(errs) == 0, query)
	}
}

// TestOverlapIsBounded builds what makes the partition by object types multiply: fields of an interface meet those of every type, on
// every level.
func TestOverlapIsBounded(t *testing.T) {
	t.Parallel()
	var sdl, level strings.Builder
	sdl.WriteString("interface I { i: I } type Query { i: I }\n")
	for i := range 12 {
		fmt.Fprintf(&sdl, "type T%d implements I { i: I }\n", i)
		fmt.Fprintf(&level, "...on T%d{i%%s}", i)
	}
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: sdl.String()})
	query := "{__typename}"
	for range 6 {
		query = "{i" + query + strings.ReplaceAll(level.String(), "%s", "{__typename}") + "}"
	}
	doc := parse(t, "{i"+query+"}")
	errs := validator.ValidateWithRules(schema, doc, rules.NewRules(overlapRule))
	require.Len(t, errs, 1)
	require.Contains(t, errs[0].Message, "too many to compare")
}
