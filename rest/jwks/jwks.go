// Package jwks publishes the keys that verify access tokens, for other services of the house.
package jwks

import (
	"net/http"

	"dongxiao/auth"
	"dongxiao/internal/keys"
)

// Path is where the handler is to be registered, for GET.
const Path = "/.well-known/jwks.json"

// Handler answers with the JSON Web Key Set of the moment. It may be kept for a minute: a new key is in the set for five before it signs.
func Handler(ring func() *keys.Ring) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		w.Header().Set("Content-Type", "application/jwk-set+json")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "public, max-age=60")
		_, _ = w.Write(auth.JWKS(ring()))
	})
}
