package listing_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"dongxiao/internal/apperr"
	"dongxiao/internal/cursor"
	"dongxiao/internal/listing"
)

func TestWindow(t *testing.T) {
	t.Parallel()
	n, err := listing.Window(nil, 100)
	require.NoError(t, err)
	require.Equal(t, 20, n)
	n, err = listing.Window(nil, 10)
	require.NoError(t, err)
	require.Equal(t, 10, n)
	for _, first := range []int{1, 100} {
		n, err = listing.Window(&first, 100)
		require.NoError(t, err)
		require.Equal(t, first, n)
	}
	for _, first := range []int{0, -1, 101} {
		_, err = listing.Window(&first, 100)
		require.Equal(t, apperr.PageSizeInvalid, apperr.CodeOf(err))
	}
}

func TestPagesFollowEachOther(t *testing.T) {
	t.Parallel()
	codec := cursor.New([][]byte{[]byte("a secret of thirty-two bytes ....")})
	list := listing.Of(codec, 7, "numbers", "odd", 3)
	read := func(after *string, n int) *listing.Page[int64] {
		var from int64
		some, err := list.After(after, &from)
		require.NoError(t, err)
		require.Equal(t, after != nil, some)
		var rows []int64
		for i := from + 1; i <= 5 && len(rows) < n+1; i++ {
			rows = append(rows, i)
		}
		page, err := listing.Cut(list, rows, n, func(v int64) []any { return []any{v} })
		require.NoError(t, err)
		return page
	}
	first := read(nil, 3)
	require.Equal(t, []int64{1, 2, 3}, first.Nodes)
	require.True(t, first.HasNext)
	second := read(&first.EndCursor, 3)
	require.Equal(t, []int64{4, 5}, second.Nodes)
	require.False(t, second.HasNext)
	third := read(&second.EndCursor, 3)
	require.Empty(t, third.Nodes)
	require.False(t, third.HasNext)
	require.Empty(t, third.EndCursor)

	var from int64
	for _, other := range []listing.List{
		listing.Of(codec, 8, "numbers", "odd", 3), listing.Of(codec, 7, "letters", "odd", 3), listing.Of(codec, 7, "numbers", "odd"),
		listing.Of(codec, 7, "numbers", "odd", 4), listing.Of(codec, 7, "numbers", "odd 3"), listing.Of(codec, 7, "numbers odd", 3),
	} {
		_, err := other.After(&first.EndCursor, &from)
		require.Equal(t, apperr.CursorInvalid, apperr.CodeOf(err))
	}
	empty := ""
	_, err := list.After(&empty, &from)
	require.Equal(t, apperr.CursorInvalid, apperr.CodeOf(err))
}
