package membercode

import (
	"encoding/hex"
	"math/bits"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// NIST's examples for FF1 with radix 10 (samples 1, 2, 4, 5, 7 and 8).
func TestPermutationIsFF1(t *testing.T) {
	t.Parallel()
	const (
		key128 = "2b7e151628aed2a6abf7158809cf4f3c"
		key192 = key128 + "ef4359d8d580aa4f"
		key256 = key192 + "7f036d6f04fc6a94"
		tweak  = "39383736353433323130"
	)
	for _, c := range []struct {
		key, tweak string
		encrypted  uint64
	}{
		{key128, "", 2433477484},
		{key128, tweak, 6124200773},
		{key192, "", 2830668132},
		{key192, tweak, 2496655549},
		{key256, "", 6657667009},
		{key256, tweak, 1001623463},
	} {
		key, err := hex.DecodeString(c.key)
		require.NoError(t, err)
		tweak, err := hex.DecodeString(c.tweak)
		require.NoError(t, err)
		p, err := newPermutation(key, 10)
		require.NoError(t, err)
		require.Equal(t, c.encrypted, p.encrypt(123456789, tweak))
		require.EqualValues(t, 123456789, p.decrypt(c.encrypted, tweak))
	}
}

func TestPermutationInverts(t *testing.T) {
	t.Parallel()
	p, err := newPermutation(make([]byte, 32), permutedDigits)
	require.NoError(t, err)
	const limit = 1_000_000_000_000_000_000
	check := func(t require.TestingT, n uint64, tweak []byte) {
		e := p.encrypt(n, tweak)
		require.Less(t, e, uint64(limit))
		require.Equal(t, n, p.decrypt(e, tweak))
		require.Equal(t, n, p.encrypt(p.decrypt(n, tweak), tweak))
	}
	for _, n := range []uint64{0, 1, 999_999_999, 1_000_000_000, limit - 1} {
		check(t, n, nil)
	}
	rapid.Check(t, func(t *rapid.T) {
		check(t, rapid.Uint64Range(0, limit-1).Draw(t, "n"), rapid.SliceOfN(rapid.Byte(), 0, 64).Draw(t, "tweak"))
	})
}

// One digit changed changes everything.
func TestPermutationSpreads(t *testing.T) {
	t.Parallel()
	p, err := newPermutation(make([]byte, 32), permutedDigits)
	require.NoError(t, err)
	changed := 0
	const tries = 2000
	for n := range uint64(tries) {
		changed += bits.OnesCount64(p.encrypt(n, nil) ^ p.encrypt(n+1, nil))
	}
	require.InDelta(t, 30, float64(changed)/tries, 2)
}
