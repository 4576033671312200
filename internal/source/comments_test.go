// Package source_test reads the project's own source and holds it to what the compiler does not check.
package source_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vektah/gqlparser/v2"
	gqlast "github.com/vektah/gqlparser/v2/ast"
)

// root is the folder of the module.
const root = "../.."

// file is one Go file that people wrote.
type file struct {
	// path is from the root, with slashes.
	path   string
	syntax *ast.File
}

// handwritten parses every Go file that is neither generated nor a test.
func handwritten(t *testing.T) []file {
	t.Helper()
	var files []file
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() {
			if name == "node_modules" || name == "testdata" || strings.HasPrefix(name, ".") && path != root {
				return fs.SkipDir
			}
			return nil
		}
		if filepath.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		syntax, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		if !ast.IsGenerated(syntax) {
			short, err := filepath.Rel(root, path)
			if err != nil {
				return err
			}
			files = append(files, file{filepath.ToSlash(short), syntax})
		}
		return nil
	})
	require.NoError(t, err)
	require.Greater(t, len(files), 200, "the walk has found the project")
	return files
}

// TestExportedNamesAreDescribed wants a comment at every exported name; one comment may stand for a group of constants or variables.
func TestExportedNamesAreDescribed(t *testing.T) {
	t.Parallel()
	var bare []string
	for _, f := range handwritten(t) {
		for _, name := range undescribed(f.syntax) {
			bare = append(bare, f.path+": "+name)
		}
	}
	require.Empty(t, bare, "what is exported has a comment that says what the reader cannot see")
}

// undescribed lists the exported names of a file that have no comment.
func undescribed(syntax *ast.File) []string {
	var bare []string
	for _, declaration := range syntax.Decls {
		switch d := declaration.(type) {
		case *ast.FuncDecl:
			if d.Doc == nil && d.Name.IsExported() && (d.Recv == nil || ast.IsExported(receiver(d))) && !implements(d) {
				bare = append(bare, d.Name.Name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch s := spec.(type) {
				case *ast.TypeSpec:
					if s.Name.IsExported() && d.Doc == nil && s.Doc == nil && s.Comment == nil {
						bare = append(bare, s.Name.Name)
					}
				case *ast.ValueSpec:
					for _, name := range s.Names {
						if name.IsExported() && d.Doc == nil && s.Doc == nil && s.Comment == nil {
							bare = append(bare, name.Name)
						}
					}
				}
			}
		}
	}
	return bare
}

// implements says whether gqlgen writes the method: it gives the resolvers of a type, whose generated interface is described.
func implements(d *ast.FuncDecl) bool {
	if d.Recv == nil || receiver(d) != "Resolver" || d.Type.Results == nil {
		return false
	}
	result, ok := d.Type.Results.List[0].Type.(*ast.SelectorExpr)
	return ok && strings.HasSuffix(result.Sel.Name, "Resolver")
}

// receiver is the name of the type that a method belongs to.
func receiver(d *ast.FuncDecl) string {
	expression := d.Recv.List[0].Type
	for {
		switch e := expression.(type) {
		case *ast.StarExpr:
			expression = e.X
		case *ast.IndexExpr:
			expression = e.X
		case *ast.IndexListExpr:
			expression = e.X
		case *ast.Ident:
			return e.Name
		default:
			return ""
		}
	}
}

// TestSchemaIsDescribed wants a description at every type, field, argument, enum value and directive of the schema.
func TestSchemaIsDescribed(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob(filepath.Join(root, "schema", "*.graphql"))
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	var sources []*gqlast.Source
	for _, path := range paths {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		sources = append(sources, &gqlast.Source{Name: path, Input: string(text)})
	}
	schema, err := gqlparser.LoadSchema(sources...)
	require.NoError(t, err)
	var bare []string
	check := func(description string, name ...string) {
		if strings.TrimSpace(description) == "" {
			bare = append(bare, strings.Join(name, "."))
		}
	}
	arguments := func(list gqlast.ArgumentDefinitionList, name ...string) {
		for _, a := range list {
			check(a.Description, append(name, a.Name)...)
		}
	}
	for _, d := range schema.Directives {
		if d.Position != nil && d.Position.Src.BuiltIn {
			continue
		}
		check(d.Description, "@"+d.Name)
		arguments(d.Arguments, "@"+d.Name)
	}
	for _, d := range schema.Types {
		if d.BuiltIn {
			continue
		}
		check(d.Description, d.Name)
		for _, f := range d.Fields {
			if strings.HasPrefix(f.Name, "__") {
				continue
			}
			check(f.Description, d.Name, f.Name)
			arguments(f.Arguments, d.Name, f.Name)
		}
		for _, v := range d.EnumValues {
			check(v.Description, d.Name, v.Name)
		}
	}
	require.Empty(t, bare, "what a client sees is described")
}
