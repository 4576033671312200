package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

func load(t *testing.T, text string) *ast.Schema {
	t.Helper()
	schema, err := gqlparser.LoadSchema(&ast.Source{Input: text})
	require.NoError(t, err)
	return schema
}

func TestSnapshotIsTheSchema(t *testing.T) {
	t.Parallel()
	repository := os.DirFS("../..")
	schema, err := compose(repository)
	require.NoError(t, err)
	require.NoError(t, compare(repository, schema))
	snapshot, err := os.ReadFile("../../" + snapshotFile)
	require.NoError(t, err)
	require.True(t, printed(schema) == string(snapshot), "the schema changed in a way that breaks no client: run make generate and commit %s", snapshotFile)
	require.Equal(t, string(snapshot), printed(load(t, string(snapshot))), "the snapshot does not mean what it was made from")
}

const old = `
	interface Node { id: ID! }
	type Query implements Node { id: ID! shop(near: Place, first: Int! = 20, city: String): [Shop!] both: Both }
	type Shop implements Node { id: ID! name: String! open: Boolean }
	type Stall { id: ID! }
	union Both = Shop | Stall
	enum Mood { GOOD BAD }
	scalar Time
	input Place { north: Float! east: Float note: String = "here" mood: [Mood] }
`

func TestBreaking(t *testing.T) {
	t.Parallel()
	rows := []struct {
		new     string
		changes []string
	}{
		{old, nil},
		{`
			"What is harmless."
			interface Node { id: ID! }
			interface Named { name: String! }
			type Query implements Node { id: ID! shop(near: Place, first: Int = 10, city: String, kind: Int! = 1): [Shop!]! both: Both more: Int! }
			type Shop implements Node & Named { id: ID! name: String! open: Boolean! }
			type Stall { id: ID! }
			type Cart { id: ID! }
			union Both = Shop | Stall | Cart
			enum Mood { BAD GOOD FINE }
			scalar Time
			scalar Date
			input Place { north: Float east: Float note: String = "there" mood: [Mood] more: Int also: Int! = 1 }
		`, nil},
		{`
			interface Node { id: ID! }
			type Query { id: ID shop(near: Place!, first: Int!, kind: Int!): [Shop] }
			interface Shop { id: ID! name: [String!] open: String }
			type Stall { id: String! }
			enum Mood { GOOD }
			input Place { north: Float! east: Float! note: [String] mood: [Mood!] more: Int! }
		`, []string{
			"type Both was removed",
			"value Mood.BAD was removed",
			"field Place.east changed from Float to Float!",
			"field Place.note changed from String to [String]",
			"field Place.mood changed from [Mood] to [Mood!]",
			"field Place.more was added and is required",
			"type Query parted from Node",
			"field Query.id changed from ID! to ID",
			"field Query.shop changed from [Shop!] to [Shop]",
			"argument Query.shop(near) changed from Place to Place!",
			"argument Query.shop(first) became required",
			"argument Query.shop(city) was removed",
			"argument Query.shop(kind) was added and is required",
			"field Query.both was removed",
			"type Shop became another kind of type",
			"field Stall.id changed from ID! to String!",
			"type Time was removed",
		}},
		{`
			interface Node { id: ID! }
			type Query implements Node { id: ID! shop(near: Place, first: Int! = 20, city: String): [Shop!] both: Both }
			type Shop implements Node { id: ID! name: String! open: Boolean }
			type Stall { id: ID! }
			union Both = Shop
			enum Mood { GOOD BAD }
			scalar Time
			input Place { north: Float! east: Float mood: [Mood] }
		`, []string{"type Both parted from Stall", "field Place.note was removed"}},
	}
	for _, row := range rows {
		require.Equal(t, row.changes, Breaking(load(t, old), load(t, row.new)))
	}
}

// TestUpdate: the first snapshot is written, a harmless change too; a breaking one only when it is on record.
func TestUpdate(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	write := func(name, text string) {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(root, name), []byte(text), 0o600))
	}
	snapshot := func() string {
		text, err := os.ReadFile(filepath.Join(root, snapshotFile))
		require.NoError(t, err)
		return string(text)
	}
	write("schema/a.graphql", `type Query { a(x: String! = "\"y\""): Int "What b is." b: Int }`)
	require.NoError(t, update(root))
	require.Contains(t, snapshot(), "What b is.")

	write("schema/b.graphql", "extend type Query { c: Int }")
	require.NoError(t, update(root))
	require.Contains(t, snapshot(), "c: Int")

	before := snapshot()
	write("schema/a.graphql", "type Query { b: Int }")
	require.ErrorContains(t, update(root), "- field Query.a was removed\n")
	require.Equal(t, before, snapshot())

	write(recordFile, "- field Query.a was removed: nobody used it\n")
	require.NoError(t, update(root))
	require.NotContains(t, snapshot(), "a(")

	write("schema/a.graphql", "type Query {")
	require.ErrorContains(t, update(root), "schema/a.graphql")
}
