package main

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"dongxiao/clients"
	"dongxiao/graph/persisted"
)

func TestManifestIsWhatTheServerAccepts(t *testing.T) {
	t.Parallel()
	written, err := os.ReadFile("../manifest.json")
	require.NoError(t, err)
	text, err := manifest()
	require.NoError(t, err)
	require.True(t, string(text) == string(written), "an operation changed: run make generate and make clients, and commit what they write")
}

func TestOperationsFitTheSchema(t *testing.T) {
	t.Parallel()
	snapshot, err := os.ReadFile("../../schema.snapshot.graphql")
	require.NoError(t, err)
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: "schema.snapshot.graphql", Input: string(snapshot)})
	require.NoError(t, err)
	_, err = persisted.Load(clients.Files, schema)
	require.NoError(t, err)
}
