package jwks_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/internal/keys"
	"dongxiao/rest/jwks"
)

func TestHandler(t *testing.T) {
	t.Parallel()
	current, err := keys.ParseMasterKey(keys.DevelopmentMasterKey)
	require.NoError(t, err)
	master, err := keys.NewMaster(current, nil)
	require.NoError(t, err)
	now := time.Date(2026, 11, 22, 2, 0, 0, 0, time.UTC)
	var stored []keys.StoredKey
	for _, purpose := range keys.Missing(nil, now) {
		stored = append(stored, keys.Generate(master, purpose, now))
	}
	ring, err := keys.NewRing(master, stored, now)
	require.NoError(t, err)
	keyID, _ := ring.Signing()
	handler := jwks.Handler(func() *keys.Ring { return ring })

	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, jwks.Path, nil))
	require.Equal(t, http.StatusOK, answer.Code)
	require.Equal(t, "application/jwk-set+json", answer.Header().Get("Content-Type"))
	require.Contains(t, answer.Body.String(), `"kid":"`+keyID+`"`)
	require.NotContains(t, answer.Body.String(), `"d"`)

	answer = httptest.NewRecorder()
	handler.ServeHTTP(answer, httptest.NewRequest(http.MethodPost, jwks.Path, nil))
	require.Equal(t, http.StatusMethodNotAllowed, answer.Code)
	require.Equal(t, "GET, HEAD", answer.Header().Get("Allow"))
}
