package keys

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
)

// The errors of opening sealed bytes.
var (
	// ErrUnknownKey says that the bytes name a key that is not loaded, or are not in the format at all.
	ErrUnknownKey = errors.New("keys: sealed under an unknown key")
	// ErrNotAuthentic says that the bytes were changed, or belong to another purpose or brand.
	ErrNotAuthentic = errors.New("keys: sealed bytes are not authentic")
)

const (
	sealVersion = 1
	keyNameSize = 4
	headerSize  = 1 + keyNameSize
)

type keyName [keyNameSize]byte

// sealer encrypts with AES-256-GCM under the first of its keys and decrypts under any. The format is a version byte, four bytes that name the
// key, and what GCM makes: a random nonce of 12 bytes, the ciphertext and a tag of 16. The first five bytes are authenticated too. One key is good for
// 2³² messages.
type sealer struct {
	current keyName
	ciphers map[keyName]cipher.AEAD
}

// newSealer makes a sealer; the first secret is the one that seals.
func newSealer(secrets [][]byte) (*sealer, error) {
	s := &sealer{ciphers: make(map[keyName]cipher.AEAD, len(secrets))}
	for i, secret := range secrets {
		name := nameOf(secret)
		if _, taken := s.ciphers[name]; taken {
			return nil, fmt.Errorf("two keys share the name %x: make another key", name)
		}
		block, err := aes.NewCipher(expand(secret, "dongxiao seal v1", 32))
		if err != nil {
			return nil, err
		}
		s.ciphers[name], err = cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			s.current = name
		}
	}
	return s, nil
}

func nameOf(secret []byte) keyName {
	return keyName(expand(secret, "dongxiao key name v1", keyNameSize))
}

func (s *sealer) seal(plaintext, associatedData []byte) []byte {
	header := append([]byte{sealVersion}, s.current[:]...)
	return s.ciphers[s.current].Seal(header, nil, plaintext, append(header[:headerSize:headerSize], associatedData...))
}

func (s *sealer) open(sealed, associatedData []byte) ([]byte, error) {
	if len(sealed) < headerSize || sealed[0] != sealVersion {
		return nil, ErrUnknownKey
	}
	aead, ok := s.ciphers[keyName(sealed[1:headerSize])]
	if !ok {
		return nil, ErrUnknownKey
	}
	header := sealed[:headerSize:headerSize]
	plaintext, err := aead.Open(nil, nil, sealed[headerSize:], append(header, associatedData...))
	if err != nil {
		return nil, ErrNotAuthentic
	}
	return plaintext, nil
}

// isCurrent says whether the bytes are sealed under the key that seals now.
func (s *sealer) isCurrent(sealed []byte) bool {
	return len(sealed) >= headerSize && sealed[0] == sealVersion && keyName(sealed[1:headerSize]) == s.current
}
