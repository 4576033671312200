package cache

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"dongxiao/auth"
	"dongxiao/graph/transport"
)

// maxKey is the longest description of a field that is kept; a document that is longer in one field is computed each time.
const maxKey = 16 << 10

// coordinateType is the input whose numbers are rounded to thousandths of a degree, about 100 m, so that people in one street share an answer.
const coordinateType = "CoordinateInput"

// key is the hash of all that an answer depends on.
type key [sha256.Size]byte

var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 2048); return &b }}

// keyOf hashes app, brand, language, field, arguments and selection, as they are after variables, @skip and @include. Every text has its length in front,
// so that no two fields are described by the same bytes. It is false for what cannot be kept.
func keyOf(ctx context.Context, operation *graphql.OperationContext, field graphql.CollectedField, visitor auth.Viewer) (k key, ok bool) {
	buffer := buffers.Get().(*[]byte)
	d := description{variables: operation.Variables, bytes: (*buffer)[:0]}
	d.bytes = binary.BigEndian.AppendUint64(d.bytes, uint64(visitor.AppID))
	d.bytes = binary.BigEndian.AppendUint64(d.bytes, uint64(visitor.BrandID))
	d.text(string(transport.LanguageOf(ctx)))
	d.text(field.Name)
	d.arguments(field.Field)
	ok = d.selection(field.Selections)
	if ok {
		k = sha256.Sum256(d.bytes)
	}
	*buffer = d.bytes
	buffers.Put(buffer)
	return k, ok
}

// description is what is hashed.
type description struct {
	variables map[string]any
	bytes     []byte
}

func (d *description) text(s string) {
	d.bytes = append(binary.AppendUvarint(d.bytes, uint64(len(s))), s...)
}

// selection describes what is asked for below a field; false where it is too long or deferred.
func (d *description) selection(set ast.SelectionSet) bool {
	d.bytes = append(d.bytes, '{')
	for _, selected := range set {
		var below ast.SelectionSet
		switch selected := selected.(type) {
		case *ast.Field:
			if !d.included(selected.Directives) {
				continue
			}
			d.bytes = append(d.bytes, 'f')
			d.text(selected.Alias)
			d.text(selected.Name)
			d.arguments(selected)
			below = selected.SelectionSet
		case *ast.InlineFragment:
			if !d.included(selected.Directives) {
				continue
			}
			if selected.Directives.ForName("defer") != nil {
				return false
			}
			d.bytes = append(d.bytes, 't')
			d.text(selected.TypeCondition)
			below = selected.SelectionSet
		case *ast.FragmentSpread:
			if !d.included(selected.Directives) {
				continue
			}
			if selected.Definition == nil || selected.Directives.ForName("defer") != nil {
				return false
			}
			d.bytes = append(d.bytes, 't')
			d.text(selected.Definition.TypeCondition)
			below = selected.Definition.SelectionSet
		}
		if len(d.bytes) > maxKey || len(below) > 0 && !d.selection(below) {
			return false
		}
	}
	d.bytes = append(d.bytes, '}')
	return len(d.bytes) <= maxKey
}

// included resolves @skip and @include.
func (d *description) included(directives ast.DirectiveList) bool {
	for _, directive := range directives {
		if directive.Name != "skip" && directive.Name != "include" {
			continue
		}
		if is, ok := directive.ArgumentMap(d.variables)["if"].(bool); !ok || is != (directive.Name == "include") {
			return false
		}
	}
	return true
}

// arguments describes a field's arguments in the order of the schema, with defaults.
func (d *description) arguments(field *ast.Field) {
	if field.Definition == nil || len(field.Definition.Arguments) == 0 {
		return
	}
	given := field.ArgumentMap(d.variables)
	for _, argument := range field.Definition.Arguments {
		if value, ok := given[argument.Name]; ok {
			d.text(argument.Name)
			d.value(value, argument.Type.Name() == coordinateType)
		}
	}
	d.bytes = append(d.bytes, ')')
}

// value describes an argument. Where rounded is true, numbers are rounded to thousandths.
func (d *description) value(value any, rounded bool) {
	switch v := value.(type) {
	case nil:
		d.bytes = append(d.bytes, 'n')
	case bool:
		d.bytes = strconv.AppendBool(append(d.bytes, 'b'), v)
	case string:
		d.bytes = append(d.bytes, 's')
		d.text(v)
	case []any:
		d.bytes = append(d.bytes, '[')
		for _, element := range v {
			d.value(element, rounded)
		}
		d.bytes = append(d.bytes, ']')
	case map[string]any:
		d.bytes = append(d.bytes, '{')
		for _, name := range slices.Sorted(maps.Keys(v)) {
			d.text(name)
			d.value(v[name], rounded)
		}
		d.bytes = append(d.bytes, '}')
	case json.Number:
		d.number(v.String(), rounded)
	default: // numbers of the document
		d.number(fmt.Sprint(v), rounded)
	}
}

func (d *description) number(written string, rounded bool) {
	d.bytes = append(d.bytes, '#')
	if rounded {
		if n, err := strconv.ParseFloat(written, 64); err == nil {
			written = strconv.FormatFloat(math.Round(n*1000)/1000, 'f', -1, 64)
		}
	}
	d.text(written)
}
