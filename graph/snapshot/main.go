// Command snapshot writes the composed schema to schema.snapshot.graphql, which reviews read and front ends generate their types from.
// It refuses a change that breaks a client (see Breaking) unless schema.breaking.md records it. Run it through make generate.
package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
)

//go:generate go run dongxiao/graph/snapshot ../..

const (
	sources      = "schema/*.graphql"
	snapshotFile = "schema.snapshot.graphql"
	recordFile   = "schema.breaking.md"
)

func main() {
	root := "."
	if len(os.Args) > 1 {
		root = os.Args[1]
	}
	if err := update(root); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// update writes the snapshot of the repository at root. It leaves the old one where the change breaks clients and is not recorded.
func update(root string) error {
	schema, err := compose(os.DirFS(root))
	if err != nil {
		return err
	}
	if err := compare(os.DirFS(root), schema); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(root, snapshotFile), []byte(printed(schema)), 0o600)
}

// compose reads the hand-written schema as one.
func compose(repository fs.FS) (*ast.Schema, error) {
	names, err := fs.Glob(repository, sources)
	if err != nil {
		return nil, err
	}
	var files []*ast.Source
	for _, name := range names {
		text, err := fs.ReadFile(repository, name)
		if err != nil {
			return nil, err
		}
		files = append(files, &ast.Source{Name: name, Input: string(text)})
	}
	return gqlparser.LoadSchema(files...)
}

// printed is the schema as one document, types in alphabetical order, with descriptions.
func printed(schema *ast.Schema) string {
	var text strings.Builder
	text.WriteString("# Composed from schema/*.graphql by make generate. DO NOT EDIT.\n\n")
	formatter.NewFormatter(&text, formatter.WithIndent("  ")).FormatSchema(schema)
	return text.String()
}

// compare fails where the schema breaks clients of the snapshot in a way that is not recorded. Without a snapshot nothing breaks.
func compare(repository fs.FS, schema *ast.Schema) error {
	text, err := fs.ReadFile(repository, snapshotFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	old, err := gqlparser.LoadSchema(&ast.Source{Name: snapshotFile, Input: string(text)})
	if err != nil {
		return fmt.Errorf("read the snapshot: %w", err)
	}
	record, err := fs.ReadFile(repository, recordFile)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	var unrecorded []string
	for _, change := range Breaking(old, schema) {
		if !strings.Contains(string(record), "- "+change+":") {
			unrecorded = append(unrecorded, "- "+change)
		}
	}
	if len(unrecorded) > 0 {
		return fmt.Errorf("the schema breaks clients that are in use:\n%s\nKeep what they need, or record each line in %s with the reason after a colon",
			strings.Join(unrecorded, "\n"), recordFile)
	}
	return nil
}
