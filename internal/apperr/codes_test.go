package apperr

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
)

var placeholder = regexp.MustCompile(`\{[^}]*\}`)

// codes reads the constants of codes.go: the compiler does not list them.
func codes(t *testing.T) []Code {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "codes.go", nil, 0)
	require.NoError(t, err)
	var list []Code
	ast.Inspect(file, func(node ast.Node) bool {
		if spec, ok := node.(*ast.ValueSpec); ok && len(spec.Values) == 1 {
			if kind, ok := spec.Type.(*ast.Ident); ok && kind.Name == "Code" {
				value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
				require.NoError(t, err)
				list = append(list, Code(value))
			}
		}
		return true
	})
	require.NotEmpty(t, list)
	return list
}

func TestEveryCodeHasItsSentenceInBothLanguages(t *testing.T) {
	t.Parallel()
	list := codes(t)
	form := regexp.MustCompile(`^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$`)
	for i, code := range list {
		require.NotContains(t, list[:i], code, "two codes have one name")
		require.Regexp(t, form, code)
		m, ok := messages[code]
		require.True(t, ok, "%s has no sentence", code)
		require.True(t, slices.ContainsFunc([]rune(m.zh), func(r rune) bool { return unicode.Is(unicode.Han, r) }), "%s is not said in Chinese: %s", code, m.zh)
		require.NotEmpty(t, m.en, "%s is not said in English", code)
		require.False(t, slices.ContainsFunc([]rune(m.en), func(r rune) bool { return unicode.Is(unicode.Han, r) }), "%s: %s", code, m.en)
		zh, en := placeholder.FindAllString(m.zh, -1), placeholder.FindAllString(m.en, -1)
		slices.Sort(zh)
		slices.Sort(en)
		require.Equal(t, slices.Compact(zh), slices.Compact(en), "%s says other things in one language than in the other", code)
	}
	for signs, m := range reasons {
		for _, text := range []string{m.zh, m.en} {
			require.NotContains(t, text, "{", signs)
		}
		require.True(t, slices.ContainsFunc([]rune(m.zh), func(r rune) bool { return unicode.Is(unicode.Han, r) }), signs)
		require.False(t, slices.ContainsFunc([]rune(m.en), func(r rune) bool { return unicode.Is(unicode.Han, r) }), signs)
		e := New(TemplateInvalid, "reason", signs)
		require.Contains(t, e.Message(Chinese), m.zh)
		require.Contains(t, e.Message(English), m.en)
	}
	for code := range messages {
		require.Contains(t, list, code, "a sentence without a code")
	}
}
