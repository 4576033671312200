package auth

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"

	"dongxiao/internal/keys"
)

// jsonWebKey is an Ed25519 public key as RFC 8037 writes it.
type jsonWebKey struct {
	KeyType   string `json:"kty"`
	Curve     string `json:"crv"`
	X         string `json:"x"`
	KeyID     string `json:"kid"`
	Use       string `json:"use"`
	Algorithm string `json:"alg"`
}

// JWKS is the JSON Web Key Set of the keys whose access tokens may still live, sorted by kid, so that other services can verify tokens. A new
// key is in it for five minutes before the first token signed with it (keys.RotationLead): it may be cached that long.
func JWKS(ring *keys.Ring) []byte {
	public := ring.VerifyingKeys()
	set := struct {
		Keys []jsonWebKey `json:"keys"`
	}{}
	for _, id := range slices.Sorted(maps.Keys(public)) {
		set.Keys = append(set.Keys, jsonWebKey{KeyType: "OKP", Curve: "Ed25519", X: base64.RawURLEncoding.EncodeToString(public[id]), KeyID: id, Use: "sig", Algorithm: "EdDSA"})
	}
	encoded, err := json.Marshal(set)
	if err != nil { // strings always encode
		panic(err)
	}
	return encoded
}
