package limits

import (
	"fmt"
	"strings"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// shop is a schema with the shapes that matter here: connections, interfaces, unions, weights, inputs.
var shop = gqlparser.MustLoadSchema(&ast.Source{Name: "shop.graphql", Input: `
	directive @cost(weight: Int! = 1, multipliers: [String!]) on FIELD_DEFINITION
	directive @tag(name: String) repeatable on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT | QUERY | FRAGMENT_DEFINITION | VARIABLE_DEFINITION

	interface Node { id: ID! }
	interface Named { name: String! }
	type Product implements Node & Named {
		id: ID! name: String! price: Int! brand: Brand! similar(first: Int = 10): ProductConnection! tags(prefix: String, limit: Int): [String!]!
	}
	type Brand implements Node & Named { id: ID! name: String! owner: String products(first: Int, last: Int, after: String): ProductConnection! parent: Brand }
	type Store implements Node { id: ID! name: String address: String! brand: Brand! }
	type ProductConnection { edges: [ProductEdge!]! nodes: [Product!]! totalCount: Int! @cost(weight: 50) }
	type ProductEdge { node: Product! cursor: String! }
	union Hit = Product | Brand | Store
	input Filter { name: String tags: [String!] below: Filter kind: Kind }
	enum Kind { WINE BEER }
	type Query {
		node(id: ID!): Node
		product(id: ID): Product
		products(first: Int, last: Int, filter: Filter): ProductConnection!
		search(text: String!, limit: Int): [Hit!]! @cost(weight: 10, multipliers: ["limit"])
		brand: Brand!
		free: String @cost(weight: 0)
	}
	type Mutation { rename(id: ID!, name: String!): Product }
	type Subscription { priced: Product! }
`})

// hostile are documents that are meant to cost more than they look.
var hostile = map[string]string{
	"fragments that double":                  doubling(25),
	"fragments that double, unused":          "{ free } " + doubling(25),
	"fragments that double, of spreads only": spreadsOnly(30),
	"fragments in a circle":                  "{ ...a } fragment a on Query { ...b } fragment b on Query { brand { ...c } } fragment c on Brand { ...c }",
	"a chain of fragments":                   chain(60),
	"1,000 aliases":                          "{" + repeat(300, func(i int) string { return fmt.Sprintf("a%d:free ", i) }) + "}",
	"aliases of connections":                 "{" + repeat(50, func(i int) string { return fmt.Sprintf("a%d:products(first:100){nodes{id}} ", i) }) + "}",
	"one field again and again":              "{ product {" + strings.Repeat("name ", 480) + "} }",
	"overlapping, nested":                    "{" + strings.Repeat("brand{parent{parent{parent{parent{name}}}}}", 60) + "}",
	"overlapping, by fragments":              "{" + strings.Repeat("...f brand{...b} ", 60) + "} fragment f on Query { brand { ...b } } fragment b on Brand { name parent { name owner id } }",
	"overlapping, abstract":                  "{ search(text:\"\") {" + strings.Repeat("...on Node{id ...on Product{brand{id}} ...on Store{brand{name}}} ", 18) + "} }",
	"deep nesting":                           "{brand" + strings.Repeat("{parent", 490) + "{id}" + strings.Repeat("}", 490) + "}",
	"deep inline fragments":                  "{" + strings.Repeat("...{", 300) + "free" + strings.Repeat("}", 300) + "}",
	"deep values":                            "{ products(filter:" + strings.Repeat("{below:", 300) + "null" + strings.Repeat("}", 300) + "){totalCount} }",
	"deep lists":                             "{ products(first:" + strings.Repeat("[", 400) + strings.Repeat("]", 400) + "){totalCount} }",
	"deep types":                             "query(" + "$a:" + strings.Repeat("[", 400) + "Int" + strings.Repeat("]", 400) + "){free}",
	"introspection, nested":                  "{__schema{types{" + strings.Repeat("fields{type{", 60) + "name" + strings.Repeat("}}", 60) + "}}}",
	"introspection, wide":                    "{" + repeat(40, func(i int) string { return fmt.Sprintf("s%d:__schema{types{fields{args{name}}}} ", i) }) + "}",
	"directives":                             "{ free " + strings.Repeat("@tag ", 400) + "}",
	"directives on fragments":                "{" + strings.Repeat("...f ", 20) + "} fragment f on Query " + strings.Repeat("@tag ", 20) + "{ free }",
	"unknown fields":                         "{" + repeat(480, func(i int) string { return fmt.Sprintf("x%d ", i) }) + "}",
	"unknown fields, long":                   "{ product {" + repeat(480, func(i int) string { return "descriptionOfThePrice" + strings.Repeat("y", 40) + " " }) + "} }",
	"unknown arguments":                      "{ products(" + repeat(240, func(i int) string { return fmt.Sprintf("first%d:1 ", i) }) + "){totalCount} }",
	"unknown fragments":                      "{" + repeat(300, func(i int) string { return fmt.Sprintf("...f%d ", i) }) + "}",
	"unknown directives":                     "{ free " + repeat(300, func(i int) string { return fmt.Sprintf("@d%d ", i) }) + "}",
	"many operations":                        repeat(100, func(i int) string { return fmt.Sprintf("query q%d{...f}", i) }) + " fragment f on Query {" + strings.Repeat("free ", 400) + "}",
	"many variables":                         "query(" + repeat(230, func(i int) string { return fmt.Sprintf("$v%d:Int ", i) }) + "){free}",
	"many enum values":                       "{ products(filter:{" + repeat(300, func(i int) string { return "kind:WIME " }) + "}){totalCount} }",
	"too dear":                               "{ products(first:100){nodes{similar(first:100){nodes{similar(first:100){nodes{id}}}}}} }",
	"too dear for an int":                    "{ products(first:100){nodes{similar(first:100){nodes{similar(first:100){nodes{similar(first:100){nodes{similar(first:100){nodes{id}}}}}}}}}} }",
	"a megabyte of tokens":                   "{" + strings.Repeat("a ", 120_000) + "}",
	"a megabyte of braces":                   strings.Repeat("{a", 120_000),
	"tokens":                                 "{" + strings.Repeat("a ", 16_000) + "}",
	"comments":                               strings.Repeat("#\n", 16_000) + "{free}",
	"space":                                  strings.Repeat(" ,", 16_000) + "{nothing}",
	"a string without end":                   `{ product(id:"` + strings.Repeat("x", 32_000),
	"a long name":                            "{" + strings.Repeat("x", 32_000) + "}",
	"a long string":                          `{ product(id:"` + strings.Repeat(`\u0041`, 5_000) + `"){nothing} }`,
	"a long block string":                    `{ product(id:"""` + strings.Repeat("\n  \\\"\"\" ", 4_000) + `"""){nothing} }`,
	"a long number":                          "{ product(id:" + strings.Repeat("9", 32_000) + "){nothing} }",
	"@defer":                                 "{ ...@defer{ free } }",
	"nothing":                                " ",
	"no operation":                           "fragment f on Query { free }",
	"not GraphQL":                            "<html>",
	"bytes":                                  "\x00\xff{",
}

func repeat(n int, item func(i int) string) string {
	var text strings.Builder
	for i := range n {
		text.WriteString(item(i))
	}
	return text.String()
}

// doubling is the document of under 1,000 bytes that gqlgen's complexity takes many seconds to refuse.
func doubling(levels int) string {
	return "query d{...f0}" + repeat(levels, func(i int) string { return fmt.Sprintf("fragment f%d on Query{...f%d ...f%d}", i, i+1, i+1) }) +
		fmt.Sprintf("fragment f%d on Query{free}", levels)
}

func spreadsOnly(levels int) string {
	return "{...f0}" + repeat(levels, func(i int) string { return fmt.Sprintf("fragment f%d on Query{...f%d ...f%d}", i, i+1, i+1) })
}

func chain(length int) string {
	return "{...f0}" + repeat(length, func(i int) string { return fmt.Sprintf("fragment f%d on Query{free node free ...f%d}", i, i+1) }) +
		fmt.Sprintf("fragment f%d on Query{free}", length)
}
