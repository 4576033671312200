// Package persisted keeps the operations that front ends may run: in production a request names one of them, or carries exactly
// its text; anything else is refused on every transport.
//
// A front end (face) writes its documents under clients/<face>/*.graphql: any number of operations and fragments per file, names
// unique within the face. What a client sends is not the file but a body made of it: one operation with the fragments it uses,
// printed canonically. The body's SHA-256 is its id.
package persisted

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
)

// Document is one operation as a client sends it.
type Document struct {
	// ID is the lower-case hex SHA-256 of Body.
	ID string `json:"id"`
	// Body is the operation and the fragments it uses, in canonical form.
	Body string `json:"body"`
}

// Manifest gives the documents of each face by operation name. The tree's first level are faces, named as folders in any case
// (clients/storefront) and as auth.Face in the result (STOREFRONT); a folder without .graphql files is no face.
func Manifest(tree fs.FS) (map[string]map[string]Document, error) {
	files, err := fs.Glob(tree, "*/*.graphql")
	if err != nil {
		return nil, err
	}
	sources := make(map[string]*ast.QueryDocument)
	for _, file := range files {
		text, err := fs.ReadFile(tree, file)
		if err != nil {
			return nil, err
		}
		doc, err := parser.ParseQuery(&ast.Source{Name: file, Input: string(text)})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		face := strings.ToUpper(path.Dir(file))
		if sources[face] == nil {
			sources[face] = &ast.QueryDocument{}
		}
		sources[face].Operations = append(sources[face].Operations, doc.Operations...)
		sources[face].Fragments = append(sources[face].Fragments, doc.Fragments...)
	}
	manifest := make(map[string]map[string]Document, len(sources))
	for face, source := range sources {
		if manifest[face], err = bundles(source); err != nil {
			return nil, fmt.Errorf("clients of %s: %w", face, err)
		}
	}
	return manifest, nil
}

func bundles(source *ast.QueryDocument) (map[string]Document, error) {
	fragments := make(map[string]bool)
	for _, fragment := range source.Fragments {
		if fragments[fragment.Name] {
			return nil, fmt.Errorf("fragment %s is defined twice", fragment.Name)
		}
		fragments[fragment.Name] = true
	}
	documents := make(map[string]Document, len(source.Operations))
	for _, operation := range source.Operations {
		if operation.Name == "" {
			return nil, errors.New("an operation has no name")
		}
		if _, twice := documents[operation.Name]; twice {
			return nil, fmt.Errorf("operation %s is defined twice", operation.Name)
		}
		body, err := Bundle(operation, source.Fragments)
		if err != nil {
			return nil, err
		}
		documents[operation.Name] = Document{ID: ID(body), Body: body}
	}
	return documents, nil
}

// ID is the id of a body.
func ID(body string) string {
	sum := sha256.Sum256([]byte(body))
	return hex.EncodeToString(sum[:])
}

// Bundle prints an operation and the fragments it uses, those by name: the same text wherever in the files they stand.
func Bundle(operation *ast.OperationDefinition, fragments ast.FragmentDefinitionList) (string, error) {
	used := make(map[string]*ast.FragmentDefinition)
	var unknown error
	var walk func(set ast.SelectionSet)
	walk = func(set ast.SelectionSet) {
		for _, selection := range set {
			switch s := selection.(type) {
			case *ast.Field:
				walk(s.SelectionSet)
			case *ast.InlineFragment:
				walk(s.SelectionSet)
			case *ast.FragmentSpread:
				if used[s.Name] != nil {
					continue
				}
				definition := fragments.ForName(s.Name)
				if definition == nil {
					unknown = fmt.Errorf("operation %s uses an unknown fragment %s", operation.Name, s.Name)
					continue
				}
				used[s.Name] = definition
				walk(definition.SelectionSet)
			}
		}
	}
	walk(operation.SelectionSet)
	if unknown != nil {
		return "", unknown
	}
	doc := &ast.QueryDocument{Operations: ast.OperationList{operation}}
	for _, name := range slices.Sorted(maps.Keys(used)) {
		doc.Fragments = append(doc.Fragments, used[name])
	}
	var text strings.Builder
	formatter.NewFormatter(&text, formatter.WithIndent("  ")).FormatQueryDocument(doc)
	return strings.TrimSpace(text.String()) + "\n", nil
}

// List is the allow-list of every face.
type List struct {
	names        []string
	byID, byBody map[entry]Document
	// anyFace has each body by id whatever its face, for development.
	anyFace map[string]string
}

type entry struct{ face, key string }

// Load reads the documents and validates each against the schema; one that does not fit fails, with every reason, so that the
// server does not start with a client it cannot serve.
func Load(tree fs.FS, schema *ast.Schema) (*List, error) {
	manifest, err := Manifest(tree)
	if err != nil {
		return nil, err
	}
	list := &List{byID: make(map[entry]Document), byBody: make(map[entry]Document), anyFace: make(map[string]string)}
	var failures []error
	for face, documents := range manifest {
		for name, document := range documents {
			parsed, err := parser.ParseQuery(&ast.Source{Name: name, Input: document.Body})
			if err == nil {
				if errs := validator.ValidateWithRules(schema, parsed, nil); len(errs) > 0 {
					err = errs
				}
			}
			if err != nil {
				failures = append(failures, fmt.Errorf("clients of %s: operation %s: %w", face, name, err))
				continue
			}
			list.byID[entry{face, document.ID}] = document
			list.byBody[entry{face, document.Body}] = document
			list.anyFace[document.ID] = document.Body
			if !slices.Contains(list.names, name) {
				list.names = append(list.names, name)
			}
		}
	}
	return list, errors.Join(failures...)
}

// Names lists the names of the operations, for metrics and logs: each once, whatever its face.
func (l *List) Names() []string { return l.names }

// Bodies lists every document once, whatever its face.
func (l *List) Bodies() []string { return slices.Sorted(maps.Values(l.anyFace)) }
