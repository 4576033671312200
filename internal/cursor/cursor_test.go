package cursor

import (
	"bytes"
	"encoding/base64"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"dongxiao/internal/apperr"
)

const list = "coupons state=EFFECTIVE order=-created_at,-id"

var (
	at    = time.Date(2026, 3, 1, 8, 0, 0, 123456000, time.UTC)
	codec = New([][]byte{bytes.Repeat([]byte{1}, 32)})
)

func encode(t testing.TB, values ...any) string {
	t.Helper()
	text, err := codec.Encode(7, list, values...)
	require.NoError(t, err)
	return text
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	text := encode(t, at, "鸡尾酒", int64(-5))
	require.Equal(t, text, encode(t, at, "鸡尾酒", int64(-5)), "the same row has the same cursor")
	require.Regexp(t, `^[A-Za-z0-9_-]{1,80}$`, text)
	var (
		when time.Time
		name string
		id   int64
	)
	require.NoError(t, codec.Decode(text, 7, list, &when, &name, &id))
	require.Equal(t, at, when)
	require.Equal(t, "鸡尾酒", name)
	require.EqualValues(t, -5, id)
	require.NoError(t, codec.Decode(encode(t), 7, list))
}

func TestRoundTripOfAnything(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var (
			brand = rapid.Int64().Draw(t, "brand")
			name  = rapid.String().Draw(t, "list")
			id    = rapid.Int64().Draw(t, "id")
			text  = rapid.StringN(0, -1, 200).Draw(t, "text")
			when  = time.UnixMicro(rapid.Int64Range(math.MinInt64/4, math.MaxInt64/4).Draw(t, "time")).UTC()
		)
		cursor, err := codec.Encode(brand, name, id, text, when)
		require.NoError(t, err)
		require.LessOrEqual(t, len(cursor), MaxLength)
		var (
			gotID   int64
			gotText string
			gotWhen time.Time
		)
		require.NoError(t, codec.Decode(cursor, brand, name, &gotID, &gotText, &gotWhen))
		require.Equal(t, []any{id, text, when}, []any{gotID, gotText, gotWhen})

		place := rapid.IntRange(0, len(cursor)-1).Draw(t, "place")
		letter := string(rapid.Byte().Draw(t, "letter"))
		if changed := cursor[:place] + letter + cursor[place+1:]; changed != cursor {
			require.Equal(t, apperr.CursorInvalid, apperr.CodeOf(codec.Decode(changed, brand, name, &gotID, &gotText, &gotWhen)))
		}
		require.Equal(t, apperr.CursorInvalid, apperr.CodeOf(codec.Decode(cursor, brand+1, name, &gotID, &gotText, &gotWhen)))
		require.Equal(t, apperr.CursorInvalid, apperr.CodeOf(codec.Decode(cursor, brand, name+"x", &gotID, &gotText, &gotWhen)))
		require.Equal(t, []any{id, text, when}, []any{gotID, gotText, gotWhen})
	})
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	good := encode(t, at, int64(5))
	var (
		when time.Time
		id   int64
		text string
	)
	require.NoError(t, codec.Decode(good, 7, list, &when, &id))
	when, id = time.Time{}, 0
	raw, err := base64.RawURLEncoding.DecodeString(good)
	require.NoError(t, err)

	for name, err := range map[string]error{
		"empty":               codec.Decode("", 7, list, &when, &id),
		"another brand":       codec.Decode(good, 8, list, &when, &id),
		"another filter":      codec.Decode(good, 7, strings.Replace(list, "EFFECTIVE", "USED", 1), &when, &id),
		"another order":       codec.Decode(good, 7, list+",name", &when, &id),
		"fewer values":        codec.Decode(good, 7, list, &when),
		"more values":         codec.Decode(good, 7, list, &when, &id, &text),
		"other types":         codec.Decode(good, 7, list, &id, &when),
		"a string":            codec.Decode(good, 7, list, &when, &text),
		"an unsupported type": codec.Decode(good, 7, list, &when, new(int)),
		"another key":         New([][]byte{bytes.Repeat([]byte{2}, 32)}).Decode(good, 7, list, &when, &id),
		"no key":              New(nil).Decode(good, 7, list, &when, &id),
		"cut":                 codec.Decode(good[:len(good)-1], 7, list, &when, &id),
		"longer":              codec.Decode(good+"A", 7, list, &when, &id),
		"a line break":        codec.Decode(good[:4]+"\n"+good[4:], 7, list, &when, &id),
		"padding":             codec.Decode(good+"=", 7, list, &when, &id),
		"standard base64":     codec.Decode("+"+good[1:], 7, list, &when, &id),
		"another version":     codec.Decode(base64.RawURLEncoding.EncodeToString(append([]byte{2}, raw[1:]...)), 7, list, &when, &id),
		"MAC alone":           codec.Decode(base64.RawURLEncoding.EncodeToString(raw[:macSize]), 7, list, &when, &id),
		"very long":           codec.Decode(strings.Repeat("A", 1<<20), 7, list, &when, &id),
		"a plain number":      codec.Decode("20", 7, list, &when, &id),
	} {
		require.Equal(t, apperr.CursorInvalid, apperr.CodeOf(err), name)
	}
	require.Zero(t, when)
	require.Zero(t, id)
}

// What a key holder wrote badly must not panic either: parse sees it only behind a right MAC.
func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for name, data := range map[string][]byte{
		"unknown tag":        {9},
		"no number":          {tagInt},
		"an endless number":  append([]byte{tagInt}, bytes.Repeat([]byte{0x80}, 11)...),
		"no length":          {tagString},
		"too long a length":  {tagString, 5, 'a'},
		"an enormous length": {tagString, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1},
	} {
		_, ok := parse(data)
		require.False(t, ok, name)
	}
}

func TestEncodeRefuses(t *testing.T) {
	t.Parallel()
	_, err := codec.Encode(7, list, 5)
	require.Error(t, err, "int")
	_, err = codec.Encode(7, list, 1.5)
	require.Error(t, err, "float")
	_, err = codec.Encode(7, list, strings.Repeat("x", 400))
	require.Error(t, err, "too long")
}

func TestRotation(t *testing.T) {
	t.Parallel()
	rotated := New([][]byte{bytes.Repeat([]byte{2}, 32), bytes.Repeat([]byte{1}, 32)})
	var id int64
	old := encode(t, int64(5))
	require.NoError(t, rotated.Decode(old, 7, list, &id))
	fresh, err := rotated.Encode(7, list, int64(5))
	require.NoError(t, err)
	require.NotEqual(t, old, fresh)
}

func FuzzDecode(f *testing.F) {
	good := encode(f, at, int64(5))
	f.Add(good)
	f.Add(good[1:])
	f.Add("")
	f.Add("AQ")
	f.Fuzz(func(t *testing.T, text string) {
		var (
			when time.Time
			id   int64
		)
		err := codec.Decode(text, 7, list, &when, &id)
		require.Equal(t, text == good, err == nil)
		if err != nil {
			require.Equal(t, apperr.CursorInvalid, apperr.CodeOf(err))
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add([]byte{tagInt, 5, tagString, 1, 'a', tagTime, 0})
	f.Add([]byte{tagString, 0xff})
	f.Fuzz(func(t *testing.T, data []byte) {
		values, ok := parse(data)
		if !ok {
			require.Empty(t, values)
			return
		}
		require.LessOrEqual(t, 2*len(values), len(data))
	})
}

func BenchmarkEncode(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		_, _ = codec.Encode(7, list, at, int64(231234567890123456))
	}
}
