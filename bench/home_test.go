package main

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/internal/app"
	"dongxiao/internal/config"
	"dongxiao/internal/store"
)

// The home's budget: what the operation itself sends. Whether the session still holds is read once a second for each session beside it.
func TestStatementsOfTheHome(t *testing.T) {
	t.Parallel()
	e, err := start(t.Context(), time.Second)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, e.stop()) })
	requests, err := e.homeRequests(t.Context())
	require.NoError(t, err)
	for _, c := range []struct {
		argument string
		most     int
	}{{"--no-cache", 5}, {"--cache", 2}} {
		configuration, err := config.Parse("--environment=development", "--database="+e.mariaDB.URL(databaseName), "--redis="+e.redisServer.URL(),
			"--public-url="+homeIssuer, "--explorer=off", "--simulator=off", "--wechat-url=http://127.0.0.1:1", c.argument)
		require.NoError(t, err)
		a, err := app.New(t.Context(), app.Options{Config: configuration, Logger: slog.New(slog.DiscardHandler)})
		require.NoError(t, err)
		t.Cleanup(a.Close)
		handler := a.Handler()
		ask := func(shopper homeRequest) []string {
			ctx, statements := store.CollectStatements(context.Background())
			r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/graphql", bytes.NewReader(shopper.body))
			r.Header.Set("Authorization", "Bearer "+shopper.token)
			r.Header.Set("Content-Type", "application/json")
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			require.NotContains(t, w.Body.String(), `"errors"`)
			return statements.List()
		}
		ask(requests[0])
		for range 2 {
			list := ask(requests[0])
			require.LessOrEqual(t, len(list), c.most, "%s: %q", c.argument, list)
		}
	}
}
