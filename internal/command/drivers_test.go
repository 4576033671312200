package command

import (
	"bytes"
	"encoding/json"
	"io"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

// TestDriversLogAsTheRest is not parallel: the drivers' loggers are the process's.
func TestDriversLogAsTheRest(t *testing.T) {
	var out bytes.Buffer
	Session{Stderr: &out}.logger("info", true)
	t.Cleanup(func() { Session{Stderr: io.Discard}.logger("info", true) })
	c := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1", MaxRetries: -1})
	require.Error(t, c.Ping(t.Context()).Err())
	require.NoError(t, c.Close())
	driverLog{Session{Stderr: &out}.logger("info", true), "redis"}.Print("connection refused", 1)
	for _, line := range bytes.Split(bytes.TrimSpace(out.Bytes()), []byte("\n")) {
		var entry struct{ Msg, Driver, Said string }
		require.NoError(t, json.Unmarshal(line, &entry), "%s", line)
		require.Equal(t, "redis", entry.Driver)
		require.Contains(t, entry.Said, "connection refused")
	}
	require.NotEmpty(t, out.Bytes())
}
