package auth

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"dongxiao/internal/apperr"
	"dongxiao/internal/ids"
)

// PredecessorWindow is how long after a rotation the immediate predecessor is still answered, with the same successor: an answer lost on a bad
// network must not end the sign-in. Any older token ends it.
const PredecessorWindow = 30 * time.Second

const (
	refreshPrefix       = "rt_"
	refreshSecretLength = 43 // 32 bytes in base64url
	maxRefreshLength    = len(refreshPrefix) + ids.MaxLength + 1 + refreshSecretLength
)

// Refresh is a refresh token: rt_<the session's public id>_<43 letters of secret>. Only its hash is stored. Each use replaces it by a successor
// that follows from it and a key of the server, so that a lost successor can be made again without having been kept anywhere.
//
// The first half of the secret is 128 bits that nobody can guess; the second half is a mark under a key of the server, by which it knows a token that it once
// gave out, however old: only such a token may end a session.
type Refresh struct {
	SessionID int64
	secret    [32]byte
}

// NewRefresh makes the first token of a session, at random, marked under the current REFRESH secret.
func NewRefresh(secrets [][]byte, sessionID int64) Refresh {
	t := Refresh{SessionID: sessionID}
	_, _ = rand.Read(t.secret[:half]) // never fails, see crypto/rand
	copy(t.secret[half:], t.mark(secrets[0]))
	return t
}

// half is the length of either half of a secret.
const half = 16

// mark is the second half of a secret, which follows from the first.
func (t Refresh) mark(secret []byte) []byte {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("refresh token"))
	mac.Write(t.secret[:half])
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(t.SessionID)))
	return mac.Sum(nil)[:half]
}

// Genuine says whether the server gave the token out at some time, under one of the REFRESH secrets that it still has.
func (t Refresh) Genuine(secrets [][]byte) bool {
	return slices.ContainsFunc(secrets, func(secret []byte) bool { return hmac.Equal(t.mark(secret), t.secret[half:]) })
}

// ParseRefresh reads a token strictly: it must be exactly what Token writes. The error is REFRESH_TOKEN_INVALID.
func ParseRefresh(token string) (Refresh, error) {
	if len(token) > maxRefreshLength {
		return Refresh{}, apperr.New(apperr.RefreshTokenInvalid)
	}
	rest, ok := strings.CutPrefix(token, refreshPrefix)
	at := len(rest) - refreshSecretLength - 1
	if !ok || at < 0 || rest[at] != '_' {
		return Refresh{}, apperr.New(apperr.RefreshTokenInvalid)
	}
	sessionID, ok := ids.Decode(ids.Session, rest[:at])
	if !ok {
		return Refresh{}, apperr.New(apperr.RefreshTokenInvalid)
	}
	t := Refresh{SessionID: sessionID}
	secret, err := base64.RawURLEncoding.Strict().DecodeString(rest[at+1:])
	if err != nil || copy(t.secret[:], secret) != len(t.secret) {
		return Refresh{}, apperr.New(apperr.RefreshTokenInvalid)
	}
	return t, nil
}

// Token is the text for the client.
func (t Refresh) Token() string {
	return refreshPrefix + ids.Encode(ids.Session, t.SessionID) + "_" + base64.RawURLEncoding.EncodeToString(t.secret[:])
}

// Format prints no secret, whatever the verb: a token may end up in a log by accident.
func (t Refresh) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "auth.Refresh(secret)") }

// Hash is what is stored and compared: SHA-256 of the token in 43 letters of base64url. A secret of 256 random bits needs no slow hash.
func (t Refresh) Hash() string {
	sum := sha256.Sum256([]byte(t.Token()))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// Next is the successor under the current REFRESH secret, the first of keys.Ring.Secrets(keys.Refresh, 0).
func (t Refresh) Next(secrets [][]byte) Refresh { return t.next(secrets[0]) }

// NextWithHash is the successor that was given out when t was used before, known by its stored hash. It is found although the REFRESH key was
// rotated in between; not found means that t is no predecessor of the token in force.
func (t Refresh) NextWithHash(secrets [][]byte, hash string) (Refresh, bool) {
	for _, secret := range secrets {
		if n := t.next(secret); hmac.Equal([]byte(n.Hash()), []byte(hash)) {
			return n, true
		}
	}
	return Refresh{}, false
}

func (t Refresh) next(secret []byte) Refresh {
	mac := hmac.New(sha256.New, secret)
	mac.Write(t.secret[:])
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(t.SessionID)))
	n := Refresh{SessionID: t.SessionID}
	copy(n.secret[:half], mac.Sum(nil))
	copy(n.secret[half:], n.mark(secret))
	return n
}
