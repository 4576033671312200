// Package keys seals secrets under the installation's master key and holds the secrets that were loaded: those that sign tokens, hash phone
// numbers, seal personal data. It knows no database: rows come and go as StoredKey.
package keys

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// MasterKeySize is the length of a master key in bytes.
const MasterKeySize = 32

// DevelopmentMasterKey is the master key of `go run .`. It is published, so everything sealed under it is readable by everyone: production
// refuses it (see Master.IsDevelopment).
const DevelopmentMasterKey = "ZG9uZ3hpYW8gZGV2ZWxvcG1lbnQga2V5IDEyMzQ1Njc="

// ParseMasterKey reads a master key from the configuration: 32 bytes in standard base64, as `openssl rand -base64 32` prints them. The error
// never contains the key.
func ParseMasterKey(text string) ([]byte, error) {
	key, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || len(text) != base64.StdEncoding.EncodedLen(MasterKeySize) || len(key) != MasterKeySize {
		return nil, fmt.Errorf("a master key is %d bytes in base64, 44 characters; make one with: openssl rand -base64 32", MasterKeySize)
	}
	if bytes.Count(key, key[:1]) == len(key) {
		return nil, errors.New("the master key is one byte repeated; make one with: openssl rand -base64 32")
	}
	return key, nil
}

// Master is the master key in force and, while keys are moved to a new one, its predecessor. It is safe for concurrent use.
type Master struct {
	sealer      *sealer
	derivation  []byte
	development bool
}

// NewMaster makes a Master from the key in force and its predecessor, which may be nil. Both are 32 bytes and differ.
func NewMaster(current, previous []byte) (*Master, error) {
	if len(current) != MasterKeySize {
		return nil, fmt.Errorf("the master key has %d bytes instead of %d", len(current), MasterKeySize)
	}
	m := &Master{derivation: expand(current, "dongxiao master derive v1", 32), development: isDevelopment(current)}
	secrets := [][]byte{current}
	if previous != nil {
		if len(previous) != MasterKeySize {
			return nil, fmt.Errorf("the previous master key has %d bytes instead of %d", len(previous), MasterKeySize)
		}
		if bytes.Equal(current, previous) {
			return nil, errors.New("the previous master key is the same as the master key")
		}
		m.development = m.development || isDevelopment(previous)
		secrets = append(secrets, previous)
	}
	var err error
	m.sealer, err = newSealer(secrets)
	return m, err
}

// IsDevelopment says whether the published development key is in use, as the key in force or its predecessor. Production must not start then.
func (m *Master) IsDevelopment() bool { return m.development }

// Format prints no key, whatever the verb: a Master may end up in a log by accident.
func (m *Master) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "keys.Master(sealed)") }

// Seal encrypts under the key in force, see sealer. What a user's row keeps is sealed with Ring.Seal instead, so that a new master key means
// sealing a few key rows again and not every row.
func (m *Master) Seal(plaintext, associatedData []byte) []byte {
	return m.sealer.seal(plaintext, associatedData)
}

// Open decrypts what Seal wrote under the key in force or its predecessor. The error is ErrUnknownKey or ErrNotAuthentic.
func (m *Master) Open(sealed, associatedData []byte) ([]byte, error) {
	return m.sealer.open(sealed, associatedData)
}

// Derive gives a 32-byte key for a purpose and a brand (0 for the installation). It changes with the master key: use it only for what lives
// minutes, and a stored key for everything that must be found or opened later.
func (m *Master) Derive(purpose string, brandID int64) []byte {
	return expand(m.derivation, string(AssociatedData(purpose, brandID)), 32)
}

// AssociatedData binds sealed bytes to what they are and whose they are: bytes moved to another brand, or to another column, do not open.
// Brand 0 is the installation. The encoding is unambiguous for every purpose.
func AssociatedData(purpose string, brandID int64) []byte {
	return append(binary.BigEndian.AppendUint64(nil, uint64(brandID)), purpose...)
}

func isDevelopment(key []byte) bool {
	return base64.StdEncoding.EncodeToString(key) == DevelopmentMasterKey
}

// expand derives a key by HKDF-SHA256. It cannot fail for the few bytes asked for here.
func expand(secret []byte, info string, size int) []byte {
	key, err := hkdf.Key(sha256.New, secret, nil, info, size)
	if err != nil {
		panic(err)
	}
	return key
}
