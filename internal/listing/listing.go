// Package listing pages through lists: a window of n rows after a cursor, read as n + 1 so that it is known whether more follow.
package listing

import (
	"fmt"
	"strings"

	"dongxiao/internal/apperr"
	"dongxiao/internal/cursor"
)

// Sizes of a page.
const (
	// Default is how many rows a page has where the caller does not say.
	Default = 20
	// Max is the most that a list of the API gives at once.
	Max = 100
)

// Page is one page of a list.
type Page[T any] struct {
	Nodes []T
	// HasNext says whether more rows follow.
	HasNext bool
	// EndCursor is the position of the last node; empty on an empty page.
	EndCursor string
}

// Window is how many rows a page is to have: Default where first is nil, otherwise first. It gives PAGE_SIZE_INVALID unless that is 1 to most.
func Window(first *int, most int) (int, error) {
	if first == nil {
		return min(Default, most), nil
	}
	if *first < 1 || *first > most {
		return 0, apperr.New(apperr.PageSizeInvalid, "limit", most)
	}
	return *first, nil
}

// List is one list of one brand: a cursor made for it is good for no other.
type List struct {
	codec   *cursor.Codec
	brandID int64
	name    string
}

// Of names a list by what is listed and by every argument that filters it.
func Of(codec *cursor.Codec, brandID int64, name string, filters ...any) List {
	var b strings.Builder
	b.WriteString(name)
	for _, f := range filters {
		text := fmt.Sprint(f)
		fmt.Fprintf(&b, " %d:%s", len(text), text)
	}
	return List{codec, brandID, b.String()}
}

// After reads the sort values of the row to go on after (see cursor.Codec.Decode); false without a cursor. It gives CURSOR_INVALID.
func (l List) After(after *string, destinations ...any) (bool, error) {
	if after == nil {
		return false, nil
	}
	if err := l.codec.Decode(*after, l.brandID, l.name, destinations...); err != nil {
		return false, err
	}
	return true, nil
}

// Cut makes the page of size n from at most n + 1 rows; sortValues gives a row's values in the order of the list, the last one unique.
func Cut[T any](l List, rows []T, n int, sortValues func(T) []any) (*Page[T], error) {
	p := &Page[T]{Nodes: rows}
	if len(rows) > n {
		p.Nodes, p.HasNext = rows[:n], true
	}
	if len(p.Nodes) == 0 {
		return p, nil
	}
	var err error
	p.EndCursor, err = l.codec.Encode(l.brandID, l.name, sortValues(p.Nodes[len(p.Nodes)-1])...)
	return p, err
}
