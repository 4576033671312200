package keys

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var start = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

func newMaster(t testing.TB, current, previous byte) *Master {
	t.Helper()
	var old []byte
	if previous != 0 {
		old = masterKey(previous)
	}
	m, err := NewMaster(masterKey(current), old)
	require.NoError(t, err)
	return m
}

func masterKey(seed byte) []byte {
	key := bytes.Repeat([]byte{seed}, MasterKeySize)
	key[0] ^= 0xff
	return key
}

func complete(master *Master, at time.Time) []StoredKey {
	var stored []StoredKey
	for _, p := range Missing(nil, at) {
		stored = append(stored, Generate(master, p, at))
	}
	return stored
}

func newRing(t testing.TB, master *Master, stored []StoredKey, now time.Time) *Ring {
	t.Helper()
	r, err := NewRing(master, stored, now)
	require.NoError(t, err)
	return r
}

func TestParseMasterKey(t *testing.T) {
	t.Parallel()
	key, err := ParseMasterKey(DevelopmentMasterKey)
	require.NoError(t, err)
	require.Len(t, key, MasterKeySize)
	for _, text := range []string{
		"", "short", DevelopmentMasterKey + "\n", DevelopmentMasterKey[1:], DevelopmentMasterKey + "AAAA",
		base64.RawStdEncoding.EncodeToString(key), base64.StdEncoding.EncodeToString(make([]byte, MasterKeySize)),
	} {
		_, err := ParseMasterKey(text)
		require.Error(t, err)
		if len(text) > 8 {
			require.NotContains(t, err.Error(), text[:8])
		}
	}
}

func TestNewMaster(t *testing.T) {
	t.Parallel()
	development, err := ParseMasterKey(DevelopmentMasterKey)
	require.NoError(t, err)
	for _, c := range []struct {
		name              string
		current, previous []byte
		ok, development   bool
	}{
		{"one key", masterKey(1), nil, true, false},
		{"two keys", masterKey(1), masterKey(2), true, false},
		{"development", development, nil, true, true},
		{"development before", masterKey(1), development, true, true},
		{"the same twice", masterKey(1), masterKey(1), false, false},
		{"too short", masterKey(1)[1:], nil, false, false},
		{"none", nil, nil, false, false},
		{"previous too short", masterKey(1), []byte{}, false, false},
	} {
		m, err := NewMaster(c.current, c.previous)
		if !c.ok {
			require.Error(t, err, c.name)
			continue
		}
		require.NoError(t, err, c.name)
		require.Equal(t, c.development, m.IsDevelopment(), c.name)
	}
}

func TestSealRoundTrip(t *testing.T) {
	t.Parallel()
	m := newMaster(t, 1, 0)
	rapid.Check(t, func(t *rapid.T) {
		plaintext := rapid.SliceOf(rapid.Byte()).Draw(t, "plaintext")
		associated := AssociatedData(rapid.String().Draw(t, "purpose"), rapid.Int64().Draw(t, "brand"))
		sealed := m.Seal(plaintext, associated)
		require.NotEqual(t, sealed, m.Seal(plaintext, associated), "the nonce is random")
		opened, err := m.Open(sealed, associated)
		require.NoError(t, err)
		require.True(t, bytes.Equal(plaintext, opened))

		at := rapid.IntRange(0, len(sealed)-1).Draw(t, "at")
		changed := bytes.Clone(sealed)
		changed[at] ^= byte(rapid.IntRange(1, 255).Draw(t, "change"))
		_, err = m.Open(changed, associated)
		require.Error(t, err)
		_, err = m.Open(sealed[:at], associated)
		require.Error(t, err)
	})
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	m := newMaster(t, 1, 0)
	sealed := m.Seal([]byte("13800138000"), AssociatedData("phone", 7))
	_, err := m.Open(sealed, AssociatedData("phone", 8))
	require.ErrorIs(t, err, ErrNotAuthentic, "another brand")
	_, err = m.Open(sealed, AssociatedData("openid", 7))
	require.ErrorIs(t, err, ErrNotAuthentic, "another purpose")
	_, err = newMaster(t, 2, 0).Open(sealed, AssociatedData("phone", 7))
	require.ErrorIs(t, err, ErrUnknownKey)
	_, err = m.Open(append([]byte{2}, sealed[1:]...), AssociatedData("phone", 7))
	require.ErrorIs(t, err, ErrUnknownKey, "another version")
	_, err = m.Open(nil, nil)
	require.ErrorIs(t, err, ErrUnknownKey)

	opened, err := newMaster(t, 2, 1).Open(sealed, AssociatedData("phone", 7))
	require.NoError(t, err, "the predecessor still opens")
	require.Equal(t, "13800138000", string(opened))
}

func TestDerive(t *testing.T) {
	t.Parallel()
	m := newMaster(t, 1, 0)
	require.Len(t, m.Derive("sign-in", 7), 32)
	require.Equal(t, m.Derive("sign-in", 7), newMaster(t, 1, 2).Derive("sign-in", 7))
	for _, other := range [][]byte{m.Derive("sign-in", 8), m.Derive("sign-out", 7), newMaster(t, 2, 1).Derive("sign-in", 7)} {
		require.NotEqual(t, m.Derive("sign-in", 7), other)
	}
}

func TestRingNeedsEveryPurpose(t *testing.T) {
	t.Parallel()
	m := newMaster(t, 1, 0)
	stored := complete(m, start)
	require.Len(t, stored, len(Purposes()))
	require.Empty(t, Missing(stored, start))
	for i := range stored {
		without := append(append([]StoredKey{}, stored[:i]...), stored[i+1:]...)
		_, err := NewRing(m, without, start)
		require.ErrorContains(t, err, string(stored[i].Purpose))
		require.Equal(t, []Purpose{stored[i].Purpose}, Missing(without, start))
	}
	_, err := NewRing(newMaster(t, 2, 0), stored, start)
	require.ErrorIs(t, err, ErrUnknownKey)
}

func TestRowsCannotBeSwapped(t *testing.T) {
	t.Parallel()
	m := newMaster(t, 1, 0)
	stored := complete(m, start)
	stored[0].Sealed, stored[1].Sealed = stored[1].Sealed, stored[0].Sealed
	_, err := NewRing(m, stored, start)
	require.ErrorIs(t, err, ErrNotAuthentic)
}

func TestHash(t *testing.T) {
	t.Parallel()
	m := newMaster(t, 1, 0)
	stored := complete(m, start)
	r := newRing(t, m, stored, start)
	hash := r.Hash("phone", 7, "+8613800138000")
	require.Len(t, hash, 43)
	require.Equal(t, hash, r.Hash("phone", 7, "+8613800138000"))
	for _, other := range []string{
		r.Hash("phone", 8, "+8613800138000"), r.Hash("openid", 7, "+8613800138000"), r.Hash("phone", 7, "+8613800138001"),
		r.Hash("phone+", 7, "8613800138000"), newRing(t, m, complete(m, start), start).Hash("phone", 7, "+8613800138000"),
	} {
		require.NotEqual(t, hash, other)
	}

	// A second key by mistake changes nothing, and a new master key neither.
	stored = append(stored, Generate(m, Hash, start.Add(time.Hour)))
	require.Equal(t, hash, newRing(t, m, stored, start.Add(48*time.Hour)).Hash("phone", 7, "+8613800138000"))
	changed, err := Reseal(newMaster(t, 2, 1), stored)
	require.NoError(t, err)
	require.Equal(t, hash, newRing(t, newMaster(t, 2, 0), changed, start).Hash("phone", 7, "+8613800138000"))
	_, _, err = Rotate(m, stored, Hash, start)
	require.Error(t, err)
}

func TestSigningKeyRotation(t *testing.T) {
	t.Parallel()
	m := newMaster(t, 1, 0)
	stored := complete(m, start)
	old := newRing(t, m, stored, start)
	oldID, oldKey := old.Signing()

	at := start.Add(30 * 24 * time.Hour)
	successor, superseded, err := Rotate(m, stored, TokenSigning, at)
	require.NoError(t, err)
	require.Len(t, superseded, 1)
	require.Equal(t, oldID, superseded[0].KeyID)
	require.Equal(t, Retired, superseded[0].State)
	stored = append(stored[1:], superseded[0], successor)

	for _, c := range []struct {
		after   time.Duration
		signs   string
		trusted int
	}{
		{0, oldID, 2},
		{RotationLead - time.Second, oldID, 2},
		{RotationLead, successor.KeyID, 2},
		{RotationLead + time.Hour - time.Second, successor.KeyID, 2},
		{RotationLead + time.Hour, successor.KeyID, 1},
	} {
		r := newRing(t, m, stored, at.Add(c.after))
		id, private := r.Signing()
		require.Equal(t, c.signs, id, c.after)
		require.Len(t, r.VerifyingKeys(), c.trusted, c.after)
		public, ok := r.Verifying(id)
		require.True(t, ok)
		require.True(t, ed25519.Verify(public, []byte("x"), ed25519.Sign(private, []byte("x"))))
		_, ok = r.Verifying(oldID)
		require.Equal(t, c.trusted == 2, ok)
	}
	require.NotEmpty(t, oldKey)

	// A leaked key is withdrawn: its successor takes over at once.
	for i := range stored {
		if stored[i].KeyID == oldID {
			stored[i].RetiresAt = at
		}
	}
	id, _ := newRing(t, m, stored, at).Signing()
	require.Equal(t, successor.KeyID, id)
}

func TestRotateTwiceKeepsTheChain(t *testing.T) {
	t.Parallel()
	m := newMaster(t, 1, 0)
	stored := complete(m, start)
	apply := func(successor StoredKey, superseded []StoredKey, err error) {
		require.NoError(t, err)
		for _, s := range superseded {
			for i := range stored {
				if stored[i].KeyID == s.KeyID {
					stored[i] = s
				}
			}
		}
		stored = append(stored, successor)
	}
	apply(Rotate(m, stored, Cursor, start.Add(time.Hour)))
	apply(Rotate(m, stored, Cursor, start.Add(2*time.Hour)))
	r := newRing(t, m, stored, start.Add(3*time.Hour))
	require.Len(t, r.Secrets(Cursor, 0), 3)
	require.Len(t, r.Secrets(Refresh, 0), 1)
	require.Len(t, newRing(t, m, stored, start.Add(100*time.Hour)).Secrets(Cursor, 0), 1)
}

func TestDataKeysOpenForEver(t *testing.T) {
	t.Parallel()
	m := newMaster(t, 1, 0)
	stored := complete(m, start)
	associated := AssociatedData("phone", 7)
	first := newRing(t, m, stored, start).Seal([]byte("13800138000"), associated)
	successor, superseded, err := Rotate(m, stored, Data, start.Add(time.Hour))
	require.NoError(t, err)
	require.Len(t, superseded, 1)
	require.True(t, superseded[0].RetiresAt.IsZero())
	stored = append(stored, successor)

	r := newRing(t, m, stored, start.AddDate(10, 0, 0))
	opened, err := r.Open(first, associated)
	require.NoError(t, err)
	require.Equal(t, "13800138000", string(opened))
	second := r.Seal([]byte("13800138000"), associated)
	require.NotEqual(t, first[:headerSize], second[:headerSize], "the successor seals")
	_, err = r.Open(second, AssociatedData("phone", 8))
	require.ErrorIs(t, err, ErrNotAuthentic)
	_, err = newRing(t, m, complete(m, start), start).Open(second, associated)
	require.ErrorIs(t, err, ErrUnknownKey)
}

func TestSecrets(t *testing.T) {
	t.Parallel()
	m := newMaster(t, 1, 0)
	r := newRing(t, m, complete(m, start), start)
	seen := map[string]bool{}
	for _, p := range []Purpose{MemberCode, Cursor, Refresh} {
		for _, brand := range []int64{0, 1, 2} {
			secrets := r.Secrets(p, brand)
			require.Len(t, secrets, 1)
			require.Len(t, secrets[0], 32)
			require.Equal(t, secrets, r.Secrets(p, brand))
			seen[string(secrets[0])] = true
		}
	}
	require.Len(t, seen, 9)
	for _, p := range []Purpose{TokenSigning, Hash, Data, "OTHER"} {
		require.Panics(t, func() { r.Secrets(p, 0) })
	}
}

func TestReseal(t *testing.T) {
	t.Parallel()
	old, both, fresh := newMaster(t, 1, 0), newMaster(t, 2, 1), newMaster(t, 2, 0)
	stored := complete(old, start)
	changed, err := Reseal(old, stored)
	require.NoError(t, err)
	require.Empty(t, changed)

	changed, err = Reseal(both, stored)
	require.NoError(t, err)
	require.Len(t, changed, len(stored))
	a, b := newRing(t, old, stored, start), newRing(t, fresh, changed, start)
	require.Equal(t, a.VerifyingKeys(), b.VerifyingKeys())
	require.Equal(t, a.Secrets(Cursor, 0), b.Secrets(Cursor, 0))

	again, err := Reseal(fresh, changed)
	require.NoError(t, err)
	require.Empty(t, again)
	_, err = Reseal(fresh, stored)
	require.ErrorIs(t, err, ErrUnknownKey)
}

// What is printed by accident must not be a secret.
func TestMasterPrintsNothing(t *testing.T) {
	t.Parallel()
	m := newMaster(t, 1, 0)
	r := newRing(t, m, complete(m, start), start)
	for _, text := range []string{fmt.Sprintf("%v %+v %#v", m, m, m), fmt.Sprintf("%v %+v %#v", r, r, r)} {
		require.Regexp(t, `^keys\.\w+\(sealed\) keys\.\w+\(sealed\) keys\.\w+\(sealed\)$`, text)
	}
}

func FuzzOpen(f *testing.F) {
	m := newMaster(f, 1, 0)
	f.Add(m.Seal([]byte("x"), nil))
	f.Add([]byte{sealVersion})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, sealed []byte) {
		if _, err := m.Open(sealed, []byte("bound")); err == nil {
			t.Fatal("opened bytes that were never sealed")
		}
	})
}

func BenchmarkHash(b *testing.B) {
	m := newMaster(b, 1, 0)
	r := newRing(b, m, complete(m, start), start)
	b.ReportAllocs()
	for b.Loop() {
		r.Hash("phone", 7, "+8613800138000")
	}
}
