package explorer

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"dongxiao/auth"
)

// Example is one documented operation that the page opens as a tab.
type Example struct {
	// Name is the operation's name in the document; it names the tab.
	Name string `json:"name"`
	// Description says what it does and what to look at, plain text.
	Description string `json:"description"`
	// Document holds exactly one operation and the fragments that it uses.
	Document string `json:"document"`
	// Variables is a JSON object, or empty. The value of each property idempotencyKey in it is made anew when the example is opened.
	Variables string `json:"variables"`
}

// maximumDocumentTokens bounds what the parser takes from one file, far above any document of ours.
const maximumDocumentTokens = 20_000

// definition is one operation or fragment as it is written in its file.
type definition struct {
	text    string
	comment string
	spreads []string
}

// Examples reads the documented operations of a face from fsys, which has a folder per face, its name in lower case:
// storefront/Home.graphql with the variables to try in storefront/Home.variables.json (the operation's name; the latter may be
// missing). The comment lines right above an operation describe it. Fragments may stand in any file of the face. Queries come
// first, then mutations and subscriptions, each by name. A face without a folder has no examples; a file that cannot be
// parsed, an operation without a name or comment, a name used twice, a missing fragment, and variables that are not a JSON object
// are errors that name the file.
func Examples(fsys fs.FS, face auth.Face) ([]Example, error) {
	folder := strings.ToLower(string(face))
	names, err := fs.Glob(fsys, folder+"/*.graphql")
	if err != nil {
		return nil, fmt.Errorf("explorer: listing the documents of %s: %w", folder, err)
	}
	fragments := map[string]definition{}
	type operation struct {
		definition
		name, file string
		kind       ast.Operation
	}
	var operations []operation
	for _, name := range names {
		content, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("explorer: %w", err)
		}
		source := &ast.Source{Name: name, Input: string(content)}
		document, err := parser.ParseQueryWithTokenLimit(source, maximumDocumentTokens)
		if err != nil {
			return nil, fmt.Errorf("explorer: %w", err)
		}
		texts := split(document, source.Input)
		for _, fragment := range document.Fragments {
			if _, found := fragments[fragment.Name]; found {
				return nil, fmt.Errorf("explorer: %s: the fragment %s is defined twice", name, fragment.Name)
			}
			fragments[fragment.Name] = definition{text: texts[fragment.Position.Start].text, spreads: spreads(fragment.SelectionSet)}
		}
		for _, found := range document.Operations {
			text := texts[found.Position.Start]
			switch {
			case found.Name == "":
				return nil, fmt.Errorf("explorer: %s: an operation has no name", name)
			case text.comment == "":
				return nil, fmt.Errorf("explorer: %s: the operation %s has no comment above it that describes it", name, found.Name)
			case slices.ContainsFunc(operations, func(other operation) bool { return other.name == found.Name }):
				return nil, fmt.Errorf("explorer: %s: the operation %s is defined twice", name, found.Name)
			}
			text.spreads = spreads(found.SelectionSet)
			operations = append(operations, operation{definition: text, name: found.Name, file: name, kind: found.Operation})
		}
	}
	order := []ast.Operation{ast.Query, ast.Mutation, ast.Subscription}
	slices.SortFunc(operations, func(a, b operation) int {
		return cmp.Or(cmp.Compare(slices.Index(order, a.kind), slices.Index(order, b.kind)), strings.Compare(a.name, b.name))
	})
	examples := make([]Example, 0, len(operations))
	for _, operation := range operations {
		document, err := assemble(operation.definition, fragments)
		if err != nil {
			return nil, fmt.Errorf("explorer: %s: %w", operation.file, err)
		}
		variables, err := readVariables(fsys, path.Join(folder, operation.name+".variables.json"))
		if err != nil {
			return nil, err
		}
		examples = append(examples, Example{
			Name: operation.name, Description: operation.comment, Document: document, Variables: variables,
		})
	}
	return examples, nil
}

// split cuts the text of a document into its definitions, each with the comment lines right above it, by their starting
// position. The parser counts positions in runes.
func split(document *ast.QueryDocument, input string) map[int]definition {
	runes := []rune(input)
	var starts []int
	for _, operation := range document.Operations {
		starts = append(starts, operation.Position.Start)
	}
	for _, fragment := range document.Fragments {
		starts = append(starts, fragment.Position.Start)
	}
	slices.Sort(starts)
	found := make(map[int]definition, len(starts))
	previous := 0
	for i, start := range starts {
		body := string(runes[start:])
		if i+1 < len(starts) {
			body = string(runes[start:starts[i+1]])
		}
		body = withoutTrailingComments(body)
		comment, lines := commentAbove(string(runes[previous:start]))
		found[start] = definition{text: lines + body, comment: comment}
		previous = start
	}
	return found
}

// withoutTrailingComments cuts blank lines and the comment lines of what follows off the end of a definition.
func withoutTrailingComments(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for len(lines) > 0 {
		last := strings.TrimSpace(lines[len(lines)-1])
		if last != "" && !strings.HasPrefix(last, "#") {
			break
		}
		lines = lines[:len(lines)-1]
	}
	return strings.Join(lines, "\n")
}

// commentAbove takes the comment lines that end the text and gives what they say, and the lines themselves.
func commentAbove(text string) (comment, lines string) {
	var said, kept []string
	all := strings.Split(strings.TrimSuffix(strings.ReplaceAll(text, "\r\n", "\n"), "\n"), "\n")
	for _, line := range slices.Backward(all) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "#") {
			break
		}
		said = append(said, strings.TrimSpace(strings.TrimLeft(line, "#")))
		kept = append(kept, line+"\n")
	}
	slices.Reverse(said)
	slices.Reverse(kept)
	return strings.TrimSpace(strings.Join(said, "\n")), strings.Join(kept, "")
}

// assemble writes the operation and every fragment that it reaches, in the order in which they are first used.
func assemble(operation definition, fragments map[string]definition) (string, error) {
	texts := []string{operation.text}
	var seen []string
	pending := operation.spreads
	for len(pending) > 0 {
		name := pending[0]
		pending = pending[1:]
		if slices.Contains(seen, name) {
			continue
		}
		fragment, found := fragments[name]
		if !found {
			return "", fmt.Errorf("the fragment %s is defined in no file of the face", name)
		}
		seen = append(seen, name)
		texts = append(texts, fragment.text)
		pending = append(slices.Clone(pending), fragment.spreads...)
	}
	return strings.Join(texts, "\n\n") + "\n", nil
}

// spreads lists the fragments that a selection names, at any depth.
func spreads(selection ast.SelectionSet) []string {
	var names []string
	for _, selected := range selection {
		switch s := selected.(type) {
		case *ast.Field:
			names = append(names, spreads(s.SelectionSet)...)
		case *ast.InlineFragment:
			names = append(names, spreads(s.SelectionSet)...)
		case *ast.FragmentSpread:
			names = append(names, s.Name)
		}
	}
	return names
}

// readVariables reads the variables to try; a missing file means none.
func readVariables(fsys fs.FS, name string) (string, error) {
	content, err := fs.ReadFile(fsys, name)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("explorer: %w", err)
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(content, &object); err != nil || object == nil {
		return "", fmt.Errorf("explorer: %s: the variables must be a JSON object", name)
	}
	return string(bytes.TrimSpace(content)), nil
}
