package ids

import (
	"bytes"
	"io"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var _ graphql.Marshaler = ID{}

func TestNextRisesUnderConcurrency(t *testing.T) {
	t.Parallel()
	const workers, each = 8, 2000
	made := make([][]int64, workers)
	var wait sync.WaitGroup
	for w := range workers {
		wait.Go(func() {
			for range each {
				made[w] = append(made[w], Next())
			}
		})
	}
	wait.Wait()
	seen := map[int64]bool{}
	for _, own := range made {
		require.True(t, slices.IsSorted(own))
		for _, id := range own {
			require.Positive(t, id)
			require.False(t, seen[id])
			seen[id] = true
		}
	}
	require.Len(t, seen, workers*each)
}

func TestNextFollowsTheClock(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC)
	s := &sequence{now: func() time.Time { return at }}
	first := s.next()
	require.Equal(t, at, TimeOf(first))
	require.Equal(t, first+1, s.next(), "the same millisecond counts on")
	at = at.Add(-time.Hour)
	require.Equal(t, first+2, s.next(), "a clock set back does not go back")
	at = at.Add(2 * time.Hour)
	require.Equal(t, at, TimeOf(s.next()))

	other := &sequence{now: s.now}
	require.NotEqual(t, s.last.Load(), other.next(), "two processes start at different places")
}

func TestNextIsNeverNegative(t *testing.T) {
	t.Parallel()
	for _, at := range []time.Time{time.Unix(0, 0), time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2094, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(3000, 1, 1, 0, 0, 0, 0, time.UTC)} {
		s := &sequence{now: func() time.Time { return at }}
		for range 3 {
			require.Positive(t, s.next())
		}
	}
	s := &sequence{now: func() time.Time { return time.Date(3000, 1, 1, 0, 0, 0, 0, time.UTC) }}
	s.last.Store(math.MaxInt64)
	require.Positive(t, s.next())
}

func TestEncodeIsStable(t *testing.T) {
	t.Parallel()
	// Clients keep ids: these may never change.
	require.Equal(t, "cpn_RtqvBTZhYk", Encode(Coupon, 1))
	require.Equal(t, "cpn_sVMgbNH6yk", Encode(Coupon, 2))
	require.Equal(t, "mbr_fZ29hGTdTw8v", Encode(Member, 231234567890123456))
	require.Equal(t, "mbr_FTcGwM6V6xrQ", Encode(Member, 231234567890123457))
	require.Equal(t, "mbr_vqCqCXRrBTBQK", Encode(Member, math.MaxInt64))
	require.Empty(t, Encode(Coupon, 0))
	require.Empty(t, Encode(Coupon, -1))
}

func TestEncodeEqualsLibrary(t *testing.T) {
	t.Parallel()
	check := func(n int64) {
		want, err := library.Encode([]uint64{uint64(n)})
		require.NoError(t, err)
		public := Encode(Page, n)
		require.Equal(t, "pag_"+want, public)
		id, ok := Decode(Page, public)
		require.True(t, ok)
		require.Equal(t, n, id)
		require.LessOrEqual(t, len(public), MaxLength)
		require.GreaterOrEqual(t, len(public), tagLength+1+minLength)
	}
	for _, n := range []int64{1, 48, 49, int64(leastUnpadded) - 1, int64(leastUnpadded), int64(leastUnpadded) + 1, math.MaxInt64 - 1, math.MaxInt64} {
		check(n)
	}
	rapid.Check(t, func(t *rapid.T) { check(rapid.Int64Range(1, math.MaxInt64).Draw(t, "id")) })
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	good := Encode(Coupon, 231234567890123456)
	overflow, err := library.Encode([]uint64{math.MaxUint64})
	require.NoError(t, err)
	pair, err := library.Encode([]uint64{5, 6})
	require.NoError(t, err)
	zero, err := library.Encode([]uint64{0})
	require.NoError(t, err)
	for name, s := range map[string]string{
		"empty":                "",
		"no tag":               good[4:],
		"another kind":         Encode(Member, 231234567890123456),
		"unknown kind":         "xyz" + good[3:],
		"upper case tag":       "CPN" + good[3:],
		"another separator":    "cpn-" + good[4:],
		"a letter more":        good + "2",
		"a letter less":        good[:len(good)-1],
		"a letter outside":     good[:len(good)-1] + "a",
		"space before":         " " + good,
		"space after":          good + " ",
		"zero":                 "cpn_" + zero,
		"beyond int64":         "cpn_" + overflow,
		"two numbers":          "cpn_" + pair,
		"very long":            "cpn_" + strings.Repeat("2", 1<<20),
		"not UTF-8":            "cpn_\xff\xfe2345678901",
		"Chinese":              "cpn_优惠券优",
		"another padding":      flipLast(Encode(Coupon, 1)),
		"plain number":         "231234567890123456",
		"one letter too short": "cpn_" + good[4:13],
	} {
		_, ok := Decode(Coupon, s)
		require.False(t, ok, name)
	}
}

// flipLast replaces the last letter by the next one of the alphabet.
func flipLast(s string) string {
	at := strings.IndexByte(alphabet, s[len(s)-1])
	return s[:len(s)-1] + string(alphabet[(at+1)%len(alphabet)])
}

func TestParse(t *testing.T) {
	t.Parallel()
	require.Len(t, kinds, 38)
	for _, kind := range kinds {
		require.Len(t, string(kind), tagLength)
		k, id, ok := Parse(Encode(kind, 77))
		require.True(t, ok)
		require.Equal(t, kind, k)
		require.EqualValues(t, 77, id)
	}
	_, _, ok := Parse("nop_" + Encode(App, 77)[4:])
	require.False(t, ok)
}

func TestMarshalGQL(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	ID{Coupon, 231234567890123456}.MarshalGQL(&b)
	require.Equal(t, `"`+Encode(Coupon, 231234567890123456)+`"`, b.String())
	require.Equal(t, Encode(Org, 5), ID{Org, 5}.String())
	b.Reset()
	ID{Kind: Coupon}.MarshalGQL(&b)
	require.Equal(t, "null", b.String())
}

// Neighbours must not look like neighbours: they share hardly any letter in place.
func TestNeighboursLookUnrelated(t *testing.T) {
	t.Parallel()
	same, all := 0, 0
	for id := Next(); all < 11*1000; id++ {
		a, b := Encode(Tag, id)[4:], Encode(Tag, id+1)[4:]
		for i := range min(len(a), len(b)) {
			all++
			if a[i] == b[i] {
				same++
			}
		}
	}
	require.Less(t, float64(same)/float64(all), 0.1)
}

func FuzzParse(f *testing.F) {
	f.Add("cpn_" + sourceAlphabet[:10])
	f.Add(Encode(Coupon, 1))
	f.Add(Encode(Member, math.MaxInt64))
	f.Add("mbr_\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00")
	f.Fuzz(func(t *testing.T, s string) {
		kind, id, ok := Parse(s)
		if !ok {
			require.Empty(t, kind)
			require.Zero(t, id)
			return
		}
		require.Equal(t, s, Encode(kind, id), "one number has one spelling")
		if decoded := library.Decode(s[4:]); len(decoded) > 0 {
			require.EqualValues(t, id, decoded[0])
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Encode(Coupon, 231234567890123456)
	}
}

func BenchmarkMarshalGQL(b *testing.B) {
	b.ReportAllocs()
	id := ID{Coupon, 231234567890123456}
	for b.Loop() {
		id.MarshalGQL(io.Discard)
	}
}

func BenchmarkDecode(b *testing.B) {
	b.ReportAllocs()
	s := Encode(Coupon, 231234567890123456)
	for b.Loop() {
		Decode(Coupon, s)
	}
}

func BenchmarkNext(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Next()
	}
}
