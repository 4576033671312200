package membercode

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"dongxiao/internal/apperr"
)

var minute = time.Date(2026, 3, 1, 8, 30, 0, 0, time.UTC)

func newCodec(t testing.TB, seeds ...byte) *Codec {
	t.Helper()
	var secrets [][]byte
	for _, s := range seeds {
		secrets = append(secrets, bytes.Repeat([]byte{s}, 32))
	}
	c, err := New(secrets)
	require.NoError(t, err)
	return c
}

func issue(t testing.TB, c *Codec, number int64, purpose Purpose, at time.Time) Code {
	t.Helper()
	code, err := c.Issue(number, purpose, at)
	require.NoError(t, err)
	return code
}

func TestIssueAndVerify(t *testing.T) {
	t.Parallel()
	c := newCodec(t, 1)
	code := issue(t, c, 1234567890, Redeem, minute.Add(20*time.Second))
	require.Regexp(t, `^9[0-9]{19}$`, code.Digits)
	require.Equal(t, minute.Add(2*time.Minute), code.ExpiresAt)
	number, key, err := c.Verify(code.Digits, Redeem, minute.Add(25*time.Second))
	require.NoError(t, err)
	require.EqualValues(t, 1234567890, number)
	require.Equal(t, code.NonceKey, key)
}

func TestWindows(t *testing.T) {
	t.Parallel()
	c := newCodec(t, 1)
	// Windows whose last digit is 0, 9 and 4: the cycle must not matter.
	for _, from := range []time.Time{minute, minute.Add(9 * time.Minute), minute.Add(4 * time.Minute)} {
		code := issue(t, c, 77, Redeem, from.Add(59*time.Second))
		for _, w := range []struct {
			at   time.Duration
			code apperr.Code
		}{
			{-time.Second, apperr.MemberCodeInvalid}, // not yet made
			{0, ""},
			{59 * time.Second, ""},
			{119*time.Second + 999*time.Millisecond, ""},
			{120 * time.Second, apperr.MemberCodeExpired},
			{9*time.Minute + 59*time.Second, apperr.MemberCodeExpired},
			{10 * time.Minute, apperr.MemberCodeInvalid},
			{24 * time.Hour, apperr.MemberCodeInvalid},
		} {
			number, key, err := c.Verify(code.Digits, Redeem, from.Add(w.at))
			require.Equal(t, w.code, apperr.CodeOf(err), w.at)
			if w.code != "" {
				require.Zero(t, number)
				require.Empty(t, key)
			}
		}
	}
}

func TestScreenshotFailsAfterTwoMinutes(t *testing.T) {
	t.Parallel()
	c := newCodec(t, 1)
	rapid.Check(t, func(t *rapid.T) {
		made := minute.Add(time.Duration(rapid.Int64Range(0, int64(24*time.Hour)).Draw(t, "made")))
		later := time.Duration(rapid.Int64Range(int64(2*time.Minute), int64(9*time.Minute)).Draw(t, "later"))
		code, err := c.Issue(5, Redeem, made)
		require.NoError(t, err)
		_, _, err = c.Verify(code.Digits, Redeem, made.Add(later))
		require.Equal(t, apperr.MemberCodeExpired, apperr.CodeOf(err))
		require.LessOrEqual(t, code.ExpiresAt.Sub(made), 2*time.Minute)
		require.Greater(t, code.ExpiresAt.Sub(made), time.Minute)
		for _, at := range []time.Time{made, made.Add(time.Minute), code.ExpiresAt.Add(-time.Nanosecond)} {
			_, _, err = c.Verify(code.Digits, Redeem, at)
			require.NoError(t, err)
		}
		_, _, err = c.Verify(code.Digits, Redeem, code.ExpiresAt)
		require.Equal(t, apperr.MemberCodeExpired, apperr.CodeOf(err))
	})
}

func TestRoundTripOfEveryMember(t *testing.T) {
	t.Parallel()
	c := newCodec(t, 1)
	check := func(t require.TestingT, number int64, purpose Purpose, at time.Time) {
		code, err := c.Issue(number, purpose, at)
		require.NoError(t, err)
		require.Len(t, code.Digits, Length)
		got, key, err := c.Verify(code.Digits, purpose, at)
		require.NoError(t, err)
		require.Equal(t, number, got)
		require.Equal(t, code.NonceKey, key)
		require.LessOrEqual(t, len(key), 48)
		for _, other := range []Purpose{Redeem, Pay, LookUp} {
			if _, _, err := c.Verify(code.Digits, other, at); other != purpose {
				require.Error(t, err)
			}
		}
	}
	for _, number := range []int64{1, 9, MaxMemberNumber - 1, MaxMemberNumber} {
		check(t, number, Redeem, minute)
	}
	rapid.Check(t, func(t *rapid.T) {
		check(t, rapid.Int64Range(1, MaxMemberNumber).Draw(t, "number"), rapid.SampledFrom([]Purpose{Redeem, Pay, LookUp}).Draw(t, "purpose"),
			time.Unix(rapid.Int64Range(0, 1<<36).Draw(t, "at"), 0))
	})
}

func TestIssueRefuses(t *testing.T) {
	t.Parallel()
	c := newCodec(t, 1)
	for _, number := range []int64{0, -1, MaxMemberNumber + 1, math.MaxInt64, math.MinInt64} {
		_, err := c.Issue(number, Redeem, minute)
		require.Error(t, err)
	}
	_, err := c.Issue(1, "OTHER", minute)
	require.Error(t, err)
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	_, err := New(nil)
	require.Error(t, err)
	_, err = New([][]byte{make([]byte, 16)})
	require.Error(t, err)
}

func TestVerifyRefuses(t *testing.T) {
	t.Parallel()
	c := newCodec(t, 1)
	good := issue(t, c, 1234567890, Redeem, minute).Digits
	for name, digits := range map[string]string{
		"empty":          "",
		"short":          good[:19],
		"long":           good + "0",
		"another prefix": "8" + good[1:],
		"another window": good[:1] + "1" + good[2:],
		"last digit":     good[:19] + string('0'+(good[19]-'0'+1)%10),
		"a letter":       good[:19] + "a",
		"a sign":         good[:2] + "+" + good[3:],
		"an underscore":  good[:3] + "_" + good[4:],
		"a blank":        " " + good[:19],
		"full-width":     "９" + good[3:],
		"zeros":          "90" + strings.Repeat("0", 18),
		"nines":          "90" + strings.Repeat("9", 18),
		"very long":      strings.Repeat("9", 1<<20),
		"a payment code": "13" + good[2:],
		"not UTF-8":      "9\xff" + good[2:],
	} {
		_, _, err := c.Verify(digits, Redeem, minute)
		require.Equal(t, apperr.MemberCodeInvalid, apperr.CodeOf(err), name)
	}
	for name, verify := range map[string]error{
		"another brand":   second(newCodec(t, 2).Verify(good, Redeem, minute)),
		"another purpose": second(c.Verify(good, Pay, minute)),
		"no purpose":      second(c.Verify(good, "", minute)),
	} {
		require.Equal(t, apperr.MemberCodeInvalid, apperr.CodeOf(verify), name)
	}
}

func second(_ int64, _ string, err error) error { return err }

func TestRotationOfTheSecret(t *testing.T) {
	t.Parallel()
	old, both := newCodec(t, 1), newCodec(t, 2, 1)
	code := issue(t, old, 77, Redeem, minute)
	number, key, err := both.Verify(code.Digits, Redeem, minute)
	require.NoError(t, err)
	require.EqualValues(t, 77, number)
	require.Equal(t, code.NonceKey, key)
	_, _, err = both.Verify(code.Digits, Redeem, minute.Add(5*time.Minute))
	require.Equal(t, apperr.MemberCodeExpired, apperr.CodeOf(err))
	_, _, err = old.Verify(issue(t, both, 77, Redeem, minute).Digits, Redeem, minute)
	require.Equal(t, apperr.MemberCodeInvalid, apperr.CodeOf(err))
}

// All members show their codes in two neighbouring minutes: each code is one member's, and each nonce key one code's.
func TestNoTwoMembersCollide(t *testing.T) {
	t.Parallel()
	c := newCodec(t, 1)
	owner, codes := map[string]int64{}, map[string]string{}
	for number := int64(1); number <= 5000; number++ {
		for _, at := range []time.Time{minute, minute.Add(time.Minute)} {
			code := issue(t, c, number, Redeem, at)
			_, taken := owner[code.Digits]
			require.False(t, taken)
			owner[code.Digits] = number
			_, taken = codes[code.NonceKey]
			require.False(t, taken)
			codes[code.NonceKey] = code.Digits
		}
	}
	for digits, number := range owner {
		got, _, err := c.Verify(digits, Redeem, minute.Add(time.Minute))
		require.NoError(t, err)
		require.Equal(t, number, got)
	}
}

// The nonce gives a member a new code within the minute, and codes of one member have nothing in common.
func TestCodesOfOneMemberCannotBeLinked(t *testing.T) {
	t.Parallel()
	c := newCodec(t, 1)
	distinct := map[string]bool{}
	var counts [Length][10]int
	const tries = 2000
	for i := range tries {
		code := issue(t, c, 1, Redeem, minute.Add(time.Duration(i)*time.Minute))
		distinct[code.Digits] = true
		for place, digit := range []byte(code.Digits) {
			counts[place][digit-'0']++
		}
	}
	require.Len(t, distinct, tries)
	for place := 2; place < Length; place++ {
		for digit, n := range counts[place] {
			require.InDelta(t, tries/10, n, 100, fmt.Sprintf("digit %d at place %d", digit, place))
		}
	}
	within := map[string]bool{}
	for range 50 {
		within[issue(t, c, 1, Redeem, minute).NonceKey] = true
	}
	require.Greater(t, len(within), 30)
}

// A guess passes the check once in 100,000 times, and then names a member at random.
func TestGuessing(t *testing.T) {
	t.Parallel()
	c := newCodec(t, 1)
	random := rand.New(rand.NewPCG(1, 2))
	passed := 0
	for range 200_000 {
		if _, _, err := c.Verify(fmt.Sprintf("90%018d", random.Uint64N(1_000_000_000_000_000_000)), Redeem, minute); err == nil {
			passed++
		}
	}
	require.LessOrEqual(t, passed, 10)
}

func FuzzVerify(f *testing.F) {
	c := newCodec(f, 1)
	f.Add(issue(f, c, 1, Redeem, minute).Digits, int64(0))
	f.Add("90000000000000000000", int64(60))
	f.Add("", int64(-1))
	f.Add("99999999999999999999", int64(math.MaxInt64))
	f.Fuzz(func(t *testing.T, digits string, seconds int64) {
		number, key, err := c.Verify(digits, Redeem, time.Unix(seconds, 0))
		switch code := apperr.CodeOf(err); code {
		case "":
			require.NotEmpty(t, key)
			require.True(t, number >= 1 && number <= MaxMemberNumber)
		case apperr.MemberCodeInvalid, apperr.MemberCodeExpired:
			require.Empty(t, key)
			require.Zero(t, number)
		default:
			t.Fatalf("unexpected code %s", code)
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	c := newCodec(b, 1)
	code := issue(b, c, 1234567890, Redeem, minute)
	b.ReportAllocs()
	for b.Loop() {
		_, _, _ = c.Verify(code.Digits, Redeem, minute)
	}
}

// A wallet that is issued anew voids the codes made before.
func TestPayCodesAreOfAGeneration(t *testing.T) {
	t.Parallel()
	c := newCodec(t, 1)
	rapid.Check(t, func(t *rapid.T) {
		number, generation := rapid.Int64Range(1, MaxMemberNumber).Draw(t, "number"), rapid.IntRange(1, 1000).Draw(t, "generation")
		code, err := c.IssuePay(number, generation, minute)
		require.NoError(t, err)
		got, err := c.VerifyPay(code.Digits, minute.Add(time.Minute))
		require.NoError(t, err)
		require.Equal(t, number, got.MemberNumber)
		require.Equal(t, code.NonceKey, got.NonceKey)
		require.True(t, got.Of(generation))
		for later := 1; later < generations; later++ {
			require.False(t, got.Of(generation+later))
		}
		_, _, err = c.Verify(code.Digits, Redeem, minute)
		require.Equal(t, apperr.MemberCodeInvalid, apperr.CodeOf(err))
		_, err = c.VerifyPay(code.Digits, minute.Add(2*time.Minute))
		require.Equal(t, apperr.MemberCodeExpired, apperr.CodeOf(err))
	})
	_, err := c.VerifyPay(issue(t, c, 77, Redeem, minute).Digits, minute)
	require.Equal(t, apperr.MemberCodeInvalid, apperr.CodeOf(err))
}
