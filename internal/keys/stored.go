package keys

import (
	"crypto/rand"
	"fmt"
	"slices"
	"time"
)

// Purpose is what a stored key is for. A key is used for nothing else.
type Purpose string

// The purposes.
const (
	// TokenSigning is the seed of an Ed25519 key that signs access tokens.
	TokenSigning Purpose = "TOKEN_SIGNING"
	// Hash keys the hashes of phones and openids, which must be found but not read. It is never rotated, see Rotate.
	Hash Purpose = "HASH"
	// MemberCode keys the members' rotating codes, one derived secret a brand.
	MemberCode Purpose = "MEMBER_CODE"
	// Cursor authenticates list cursors.
	Cursor Purpose = "CURSOR"
	// Refresh derives the successors of refresh tokens.
	Refresh Purpose = "REFRESH"
	// Data seals personal data and other secrets that rows keep.
	Data Purpose = "DATA"
)

// Purposes lists all purposes; an installation has at least one key of each.
func Purposes() []Purpose { return []Purpose{TokenSigning, Hash, MemberCode, Cursor, Refresh, Data} }

// lifetimes is how long what a key made is accepted after the key was superseded; a purpose without an entry keeps its keys for ever.
var lifetimes = map[Purpose]time.Duration{
	TokenSigning: time.Hour,      // a token lives 15 minutes
	MemberCode:   time.Hour,      // a code lives two minutes and is told apart for ten
	Cursor:       48 * time.Hour, // a list may stay open in a pocket
	Refresh:      time.Hour,      // a predecessor is answered again for 30 seconds
}

// State is what operators see of a stored key.
type State string

// The states. What a ring obeys is StoredKey.RetiresAt.
const (
	Active  State = "ACTIVE"
	Retired State = "RETIRED" // superseded by a newer key
)

// RotationLead is how long a new key waits before it is used, so that every server has loaded it when the first token signed with it arrives.
// Servers load their keys again more often than that.
const RotationLead = 5 * time.Minute

const secretSize = 32

// StoredKey is a row of the keys table.
type StoredKey struct {
	// ID is the row's id; Generate leaves it to the store.
	ID      int64
	Purpose Purpose
	// KeyID is the key's public name, the kid of tokens: 26 random letters and digits.
	KeyID string
	// Sealed is the secret of 32 bytes, sealed under the master key and bound to purpose and KeyID.
	Sealed    []byte
	State     State
	CreatedAt time.Time
	// RetiresAt is when it is trusted for nothing any more; zero for never. Set it to the present to withdraw a key that leaked.
	RetiresAt time.Time
}

// Generate makes a new random key for a purpose. A ring uses it at once where it is the only one of its purpose, otherwise after RotationLead.
func Generate(master *Master, purpose Purpose, now time.Time) StoredKey {
	secret := make([]byte, secretSize)
	_, _ = rand.Read(secret) // never fails, see crypto/rand
	k := StoredKey{Purpose: purpose, KeyID: rand.Text(), State: Active, CreatedAt: now.UTC().Truncate(time.Microsecond)}
	k.Sealed = master.Seal(secret, k.associatedData())
	return k
}

// Missing lists the purposes that have no usable key among the rows: what to Generate before NewRing succeeds. The caller holds a lock, so
// that two servers that start together do not both make them.
func Missing(stored []StoredKey, now time.Time) []Purpose {
	return slices.DeleteFunc(Purposes(), func(p Purpose) bool {
		return slices.ContainsFunc(stored, func(k StoredKey) bool { return k.Purpose == p && k.usable(now) })
	})
}

// Rotate makes a successor for the keys of one purpose and gives the rows that it supersedes, changed: they go on until the successor takes over after
// RotationLead, and are accepted until what they made has expired (data keys for ever, because rows stay sealed under them). HASH is refused: a hash
// under another key finds nothing, so it can only be replaced by hashing every row again.
func Rotate(master *Master, stored []StoredKey, purpose Purpose, now time.Time) (successor StoredKey, superseded []StoredKey, err error) {
	if !slices.Contains(Purposes(), purpose) {
		return StoredKey{}, nil, fmt.Errorf("there are no keys of purpose %q", purpose)
	}
	if purpose == Hash {
		return StoredKey{}, nil, fmt.Errorf("%s cannot be rotated: nothing hashed before would be found again", Hash)
	}
	successor = Generate(master, purpose, now)
	for _, k := range stored {
		if k.Purpose != purpose || k.State == Retired || !k.usable(now) {
			continue
		}
		k.State = Retired
		if lifetime, ok := lifetimes[purpose]; ok {
			k.RetiresAt = successor.CreatedAt.Add(RotationLead + lifetime)
		}
		superseded = append(superseded, k)
	}
	return successor, superseded, nil
}

// Reseal seals every row again under the master key in force and gives those that changed. Run it with old and new master key configured; once
// it has been stored, the old one can be dropped. It refuses when any row does not open.
func Reseal(master *Master, stored []StoredKey) ([]StoredKey, error) {
	var changed []StoredKey
	for _, k := range stored {
		secret, err := master.Open(k.Sealed, k.associatedData())
		if err != nil {
			return nil, fmt.Errorf("key %s (%s): %w", k.KeyID, k.Purpose, err)
		}
		if !master.sealer.isCurrent(k.Sealed) {
			k.Sealed = master.Seal(secret, k.associatedData())
			changed = append(changed, k)
		}
	}
	return changed, nil
}

func (k StoredKey) usable(now time.Time) bool { return k.RetiresAt.IsZero() || now.Before(k.RetiresAt) }

func (k StoredKey) associatedData() []byte {
	return AssociatedData("key "+string(k.Purpose)+" "+k.KeyID, 0)
}
