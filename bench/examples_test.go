package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"dongxiao/clients"
	"dongxiao/graph/persisted"
)

// Every operation of every front end has an example, and every example is one of an operation.
func TestEveryOperationHasAnExample(t *testing.T) {
	t.Parallel()
	manifest, err := persisted.Manifest(clients.Files)
	require.NoError(t, err)
	unused := map[string]bool{}
	for _, list := range []map[string]example{examples, valueExamples} {
		for key := range list {
			require.False(t, unused[key], "%s has two", key)
			unused[key] = true
		}
	}
	for face, operations := range manifest {
		for name, document := range operations {
			operation, err := parse(document)
			require.NoError(t, err)
			require.NotNil(t, exampleOf(face, name, operation), "%s %s needs variables: say in bench/examples.go how it is run", face, name)
			delete(unused, name)
			delete(unused, face+" "+name)
		}
	}
	require.Empty(t, unused, "examples of no operation")
}
