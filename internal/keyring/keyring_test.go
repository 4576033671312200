package keyring_test

import (
	"encoding/base64"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"dongxiao/internal/keyring"
	"dongxiao/internal/keys"
	"dongxiao/internal/testkit"
)

// TestAnotherMasterKey: who starts with another master key learns which setting is wrong.
func TestAnotherMasterKey(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		key, err := keys.ParseMasterKey(base64.StdEncoding.EncodeToString([]byte("another key of thirty-two bytes!")))
		require.NoError(t, err)
		master, err := keys.NewMaster(key, nil)
		require.NoError(t, err)
		_, err = keyring.Open(t.Context(), w.Store, master, w.Clock, slog.New(slog.DiscardHandler))
		require.ErrorIs(t, err, keys.ErrUnknownKey)
		require.ErrorContains(t, err, "DONGXIAO_MASTER_KEY")
	})
}
