package main

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/internal/app"
	"dongxiao/internal/config"
	"dongxiao/internal/store"
)

// homeOf is a server of the home and how one shopper asks it.
func homeOf(t testing.TB, e *environment, caching string) func(shopper homeRequest) *httptest.ResponseRecorder {
	configuration, err := config.Parse("--environment=development", "--database="+e.mariaDB.URL(databaseName), "--redis="+e.redisServer.URL(),
		"--public-url="+homeIssuer, "--explorer=off", "--simulator=off", "--wechat-url=http://127.0.0.1:1", "--cost-per-minute=1000000000",
		"--cost-burst=1000000000", caching)
	require.NoError(t, err)
	a, err := app.New(t.Context(), app.Options{Config: configuration, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	t.Cleanup(a.Close)
	handler := a.Handler()
	return func(shopper homeRequest) *httptest.ResponseRecorder {
		ctx, statements := store.CollectStatements(context.Background())
		r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/graphql", bytes.NewReader(shopper.body))
		r.Header.Set("Authorization", "Bearer "+shopper.token)
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		require.NotContains(t, w.Body.String(), `"errors"`)
		w.Header().Set("Statements", strings.Join(statements.List(), "\n"))
		return w
	}
}

func newEnvironment(t testing.TB) (*environment, []homeRequest) {
	e, err := start(t.Context(), time.Second)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, e.stop()) })
	requests, err := e.homeRequests(t.Context())
	require.NoError(t, err)
	return e, requests
}

// The home's budget: what the operation itself sends. Whether the session still holds is read once a second for each session beside it.
func TestStatementsOfTheHome(t *testing.T) {
	t.Parallel()
	e, requests := newEnvironment(t)
	for _, c := range []struct {
		caching string
		most    int
	}{{"--no-cache", 5}, {"--cache", 2}} {
		ask := homeOf(t, e, c.caching)
		ask(requests[0])
		for range 2 {
			statements := ask(requests[0]).Header().Get("Statements")
			require.LessOrEqual(t, strings.Count(statements, "\n")+1, c.most, "%s:\n%s", c.caching, statements)
		}
	}
}

func BenchmarkHome(b *testing.B) {
	e, requests := newEnvironment(b)
	for name, caching := range map[string]string{"uncached": "--no-cache", "cached": "--cache"} {
		b.Run(name, func(b *testing.B) {
			ask := homeOf(b, e, caching)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				ask(requests[i%len(requests)])
			}
		})
	}
}
