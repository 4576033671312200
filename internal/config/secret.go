package config

import (
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"log/slog"
)

// masked is what every way of printing a Secret shows.
const masked = "***"

// Secret is a setting that no log, error or %v may show. Reveal is the only way to its value.
type Secret string

// String is always "***", also for the empty secret, so that a log does not even tell whether one is set.
func (Secret) String() string { return masked }

// GoString keeps %#v from showing the value.
func (Secret) GoString() string { return masked }

// LogValue keeps slog from showing the value.
func (Secret) LogValue() slog.Value { return slog.StringValue(masked) }

// MarshalText keeps JSON and other encodings from showing the value.
func (Secret) MarshalText() ([]byte, error) { return []byte(masked), nil }

// Reveal gives the value itself, for the one place that uses it.
func (s Secret) Reveal() string { return string(s) }

// MasterKey is an AES-256 key under which every secret in the database is encrypted.
type MasterKey [32]byte

// String is always "***".
func (MasterKey) String() string { return masked }

// GoString keeps %#v from showing the key.
func (MasterKey) GoString() string { return masked }

// LogValue keeps slog from showing the key.
func (MasterKey) LogValue() slog.Value { return slog.StringValue(masked) }

// MarshalText keeps JSON and other encodings from showing the key.
func (MasterKey) MarshalText() ([]byte, error) { return []byte(masked), nil }

// DevelopmentMasterKey is the master key of every development installation. It is published on purpose: with it a demo's data
// can be opened anywhere, and production refuses it. In base64: ZG9uZ3hpYW8tZGV2ZWxvcG1lbnQtb25seS1rZXktMDE=
var DevelopmentMasterKey = MasterKey([]byte("dongxiao-development-only-key-01"))

var (
	errKeyLength = errors.New("must be 32 random bytes in base64, as `openssl rand -base64 32` prints them")
	errKeyWeak   = errors.New("must be 32 random bytes; this key repeats one byte")
)

// parseMasterKey decodes 32 bytes of standard base64. Its errors never show the input.
func parseMasterKey(s Secret) (MasterKey, error) {
	raw, err := base64.StdEncoding.DecodeString(s.Reveal())
	if err != nil || len(raw) != len(MasterKey{}) {
		return MasterKey{}, errKeyLength
	}
	weak := true
	for _, b := range raw {
		weak = weak && b == raw[0]
	}
	if weak {
		return MasterKey{}, errKeyWeak
	}
	return MasterKey(raw), nil
}

// equal compares two keys without telling by its time where they differ.
func (k MasterKey) equal(other MasterKey) bool {
	return subtle.ConstantTimeCompare(k[:], other[:]) == 1
}
