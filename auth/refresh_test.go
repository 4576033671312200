package auth

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"dongxiao/internal/apperr"
	"dongxiao/internal/ids"
)

var refreshSecrets = [][]byte{bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)}

func TestRefreshRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		token := NewRefresh(refreshSecrets, rapid.Int64Range(1, math.MaxInt64).Draw(t, "session"))
		require.LessOrEqual(t, len(token.Token()), maxRefreshLength)
		parsed, err := ParseRefresh(token.Token())
		require.NoError(t, err)
		require.Equal(t, token, parsed)
		require.Equal(t, token.Hash(), parsed.Hash())
		require.Len(t, token.Hash(), 43)
		require.NotEqual(t, token, NewRefresh(refreshSecrets, token.SessionID))
	})
}

func TestRefreshSuccessors(t *testing.T) {
	t.Parallel()
	first := NewRefresh(refreshSecrets, 231234567890123456)
	second := first.Next(refreshSecrets)
	require.Equal(t, first.SessionID, second.SessionID)
	require.Equal(t, second, first.Next(refreshSecrets), "the predecessor gets the same successor")
	require.NotEqual(t, first, second)
	require.NotEqual(t, second, second.Next(refreshSecrets))

	other := first
	other.SessionID++
	require.NotEqual(t, second.secret, other.Next(refreshSecrets).secret, "bound to the session")

	again, ok := first.NextWithHash(refreshSecrets, second.Hash())
	require.True(t, ok)
	require.Equal(t, second, again)
	rotated := [][]byte{bytes.Repeat([]byte{3}, 32), refreshSecrets[0]}
	again, ok = first.NextWithHash(rotated, second.Hash())
	require.True(t, ok, "the key was rotated in between")
	require.Equal(t, second, again)
	_, ok = first.NextWithHash(refreshSecrets, second.Next(refreshSecrets).Hash())
	require.False(t, ok, "not the immediate predecessor")
	_, ok = NewRefresh(refreshSecrets, first.SessionID).NextWithHash(refreshSecrets, second.Hash())
	require.False(t, ok)
}

func TestRefreshIsStable(t *testing.T) {
	t.Parallel()
	// Tokens in the field: neither format nor derivation may change. The first one has no mark: it was given out before there were any.
	token := Refresh{SessionID: 231234567890123456}
	require.Equal(t, "rt_ssn_fZ29hGTdTw8v_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", token.Token())
	require.Equal(t, "0MsZSlxnPXu_kelCqkpj89Q__0k0-f2GdpmAA1nlQv0", token.Hash())
	require.Equal(t, "rt_ssn_fZ29hGTdTw8v_oXlY77ACZiMwoKMoNOdCgDMF_21m2sZwjoGEhduxrUI", token.Next(refreshSecrets).Token())
}

func TestRefreshKnowsItsOwn(t *testing.T) {
	t.Parallel()
	token := NewRefresh(refreshSecrets, 231234567890123456)
	for range 3 {
		require.True(t, token.Genuine(refreshSecrets))
		require.True(t, token.Genuine([][]byte{bytes.Repeat([]byte{3}, 32), refreshSecrets[0]}), "the key was rotated in between")
		require.False(t, token.Genuine([][]byte{bytes.Repeat([]byte{3}, 32)}), "another server's")
		other := token
		other.SessionID++
		require.False(t, other.Genuine(refreshSecrets), "bound to the session")
		for i := range token.secret {
			forged := token
			forged.secret[i] ^= 1
			require.False(t, forged.Genuine(refreshSecrets), i)
		}
		token = token.Next(refreshSecrets)
	}
}

func TestParseRefreshRefuses(t *testing.T) {
	t.Parallel()
	good := NewRefresh(refreshSecrets, 231234567890123456).Token()
	for name, text := range map[string]string{
		"empty":           "",
		"prefix only":     "rt_",
		"no prefix":       good[3:],
		"another prefix":  "at_" + good[3:],
		"secret short":    good[:len(good)-1],
		"secret long":     good + "A",
		"loose last bits": good[:len(good)-1] + "B",
		"line break":      good[:len(good)-1] + "\n",
		"padding":         good[:len(good)-1] + "=",
		"standard base64": good[:len(good)-2] + "+A",
		"another kind":    "rt_" + ids.Encode(ids.Member, 231234567890123456) + good[len(good)-44:],
		"no session":      "rt__" + good[len(good)-43:],
		"no separator":    strings.Replace(good, good[len(good)-44:], "x"+good[len(good)-43:], 1),
		"very long":       "rt_" + strings.Repeat("A", 1<<20),
		"blank":           " " + good,
	} {
		_, err := ParseRefresh(text)
		require.Equal(t, apperr.RefreshTokenInvalid, apperr.CodeOf(err), name)
	}
}

func TestRefreshPrintsNoSecret(t *testing.T) {
	t.Parallel()
	token := NewRefresh(refreshSecrets, 5)
	require.Equal(t, strings.Repeat("auth.Refresh(secret) ", 4), fmt.Sprintf("%v %+v %#v %s ", token, token, token, token))
}

func FuzzParseRefresh(f *testing.F) {
	f.Add(NewRefresh(refreshSecrets, 1).Token())
	f.Add(NewRefresh(refreshSecrets, math.MaxInt64).Token())
	f.Add("rt_ssn_" + strings.Repeat("2", 10) + "_" + strings.Repeat("A", 43))
	f.Add("rt_\x00")
	f.Fuzz(func(t *testing.T, text string) {
		if token, err := ParseRefresh(text); err == nil {
			require.Equal(t, text, token.Token())
		} else {
			require.Equal(t, apperr.RefreshTokenInvalid, apperr.CodeOf(err))
		}
	})
}
