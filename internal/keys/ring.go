package keys

import (
	"cmp"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"
)

// Ring is what was read from the stored keys at one moment. It never changes: the application loads a new one every minute and swaps it in an
// atomic pointer. It is safe for concurrent use.
type Ring struct {
	signingID string
	signing   ed25519.PrivateKey
	verifying map[string]ed25519.PublicKey
	hashing   []byte
	data      *sealer
	secrets   map[Purpose][][]byte // the current one first
}

type openedKey struct {
	StoredKey
	secret []byte
}

// NewRing opens the usable rows and decides which of each purpose is in force at now: the newest that is at least RotationLead old, otherwise the oldest.
// For HASH it is always the oldest. It fails when a purpose has no key (see Missing) or a row does not open under the master key.
func NewRing(master *Master, stored []StoredKey, now time.Time) (*Ring, error) {
	opened := map[Purpose][]openedKey{}
	for _, k := range stored {
		if !k.usable(now) {
			continue
		}
		secret, err := master.Open(k.Sealed, k.associatedData())
		if err != nil {
			return nil, fmt.Errorf("key %s (%s): %w", k.KeyID, k.Purpose, err)
		}
		if len(secret) != secretSize {
			return nil, fmt.Errorf("key %s (%s) has %d bytes instead of %d", k.KeyID, k.Purpose, len(secret), secretSize)
		}
		opened[k.Purpose] = append(opened[k.Purpose], openedKey{k, secret})
	}

	r := &Ring{verifying: map[string]ed25519.PublicKey{}, secrets: map[Purpose][][]byte{}}
	for _, purpose := range Purposes() {
		own := opened[purpose]
		if len(own) == 0 {
			return nil, fmt.Errorf("there is no key for %s", purpose)
		}
		currentFirst(own, now)
		for _, k := range own {
			r.secrets[purpose] = append(r.secrets[purpose], k.secret)
		}
	}

	r.hashing = oldest(opened[Hash]).secret
	for i, k := range opened[TokenSigning] {
		private := ed25519.NewKeyFromSeed(k.secret)
		r.verifying[k.KeyID] = private.Public().(ed25519.PublicKey)
		if i == 0 {
			r.signingID, r.signing = k.KeyID, private
		}
	}
	var err error
	r.data, err = newSealer(r.secrets[Data])
	return r, err
}

func byAge(a, b openedKey) int {
	return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.KeyID, b.KeyID))
}

func oldest(own []openedKey) openedKey { return slices.MinFunc(own, byAge) }

// currentFirst sorts the keys of one purpose from new to old and then moves the one in force to the front.
func currentFirst(own []openedKey, now time.Time) {
	slices.SortFunc(own, func(a, b openedKey) int { return byAge(b, a) })
	current := slices.IndexFunc(own, func(k openedKey) bool { return !k.CreatedAt.Add(RotationLead).After(now) })
	if current < 0 {
		current = len(own) - 1
	}
	k := own[current]
	copy(own[1:current+1], own[:current])
	own[0] = k
}

// Format prints no key, whatever the verb: a Ring may end up in a log by accident.
func (r *Ring) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "keys.Ring(sealed)") }

// Signing gives the key that signs access tokens now, and its public name.
func (r *Ring) Signing() (keyID string, private ed25519.PrivateKey) { return r.signingID, r.signing }

// Verifying gives the public key of that name while its tokens may still live.
func (r *Ring) Verifying(keyID string) (ed25519.PublicKey, bool) {
	k, ok := r.verifying[keyID]
	return k, ok
}

// VerifyingKeys gives all public keys by name, for the JWKS.
func (r *Ring) VerifyingKeys() map[string]ed25519.PublicKey { return maps.Clone(r.verifying) }

// Hash is a keyed hash of a value that must be found but not read, such as a phone or an openid: 43 letters of base64url. Without the key a
// stolen table cannot be searched for known phones. Equal values of different purposes, or of different brands, have unrelated hashes. It
// survives a new master key.
func (r *Ring) Hash(purpose string, brandID int64, value string) string {
	mac := hmac.New(sha256.New, r.hashing)
	var frame [16]byte
	binary.BigEndian.PutUint64(frame[:8], uint64(brandID))
	binary.BigEndian.PutUint64(frame[8:], uint64(len(purpose)))
	mac.Write(frame[:])
	mac.Write([]byte(purpose))
	mac.Write([]byte(value))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// Seal encrypts personal data and other secrets that a row keeps, under the data key in force. Bind it with AssociatedData(column, brandID).
// It adds 33 bytes.
func (r *Ring) Seal(plaintext, associatedData []byte) []byte {
	return r.data.seal(plaintext, associatedData)
}

// Open decrypts what Seal wrote under any data key. The error is ErrUnknownKey or ErrNotAuthentic.
func (r *Ring) Open(sealed, associatedData []byte) ([]byte, error) {
	return r.data.open(sealed, associatedData)
}

// Secrets gives the secrets of MEMBER_CODE, CURSOR or REFRESH for a brand (0 for the installation), 32 bytes each: the one in force first, then those
// that are still accepted. They are derived from the stored keys, so that a brand's secret says nothing about another's, and a new brand has
// one at once.
func (r *Ring) Secrets(purpose Purpose, brandID int64) [][]byte {
	switch purpose {
	case MemberCode, Cursor, Refresh:
	default:
		panic(fmt.Sprintf("keys: the secrets of %s are not given out", purpose))
	}
	derived := make([][]byte, len(r.secrets[purpose]))
	for i, secret := range r.secrets[purpose] {
		derived[i] = expand(secret, string(AssociatedData("dongxiao secret v1 "+string(purpose), brandID)), secretSize)
	}
	return derived
}
