package main

import (
	"bytes"
	"context"
	"encoding/json"
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
func homeOf(t testing.TB, e *environment, caching string) func(shopper homeRequest) (answer []byte, statements []string) {
	configuration, err := config.Parse("--environment=development", "--database="+e.mariaDB.URL(databaseName), "--redis="+e.redisServer.URL(),
		"--public-url="+homeIssuer, "--explorer=off", "--simulator=off", "--wechat-url=http://127.0.0.1:1", "--cost-per-minute=1000000000",
		"--cost-burst=1000000000", caching)
	require.NoError(t, err)
	a, err := app.New(t.Context(), app.Options{Config: configuration, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	t.Cleanup(a.Close)
	handler := a.Handler()
	return func(shopper homeRequest) ([]byte, []string) {
		ctx, statements := store.CollectStatements(context.Background())
		r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/graphql", bytes.NewReader(shopper.body))
		r.Header.Set("Authorization", "Bearer "+shopper.token)
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		require.NotContains(t, w.Body.String(), `"errors"`)
		return w.Body.Bytes(), ofOperation(statements.List())
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

func TestHome(t *testing.T) {
	t.Parallel()
	e, requests := newEnvironment(t)
	t.Run("statements of the home", func(t *testing.T) { statementsOfTheHome(t, e, requests) })
	t.Run("the handwritten home answers the same", func(t *testing.T) { handwrittenHomeAnswersTheSame(t, e, requests) })
	t.Run("statements of every operation", func(t *testing.T) { statementsOfEveryOperation(t, e) })
}

// The home's budget, see ofOperation.
func statementsOfTheHome(t *testing.T, e *environment, requests []homeRequest) {
	for _, c := range []struct {
		caching string
		most    int
	}{{"--no-cache", 5}, {"--cache", 2}} {
		ask := homeOf(t, e, c.caching)
		ask(requests[0])
		for range 2 {
			_, statements := ask(requests[0])
			require.LessOrEqual(t, len(statements), c.most, "%s:\n%s", c.caching, strings.Join(statements, "\n"))
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

// What the home is measured against reads and answers the same.
func handwrittenHomeAnswersTheSame(t *testing.T, e *environment, requests []homeRequest) {
	served := homeOf(t, e, "--no-cache")
	c, err := config.Parse("--environment=development", "--database="+e.mariaDB.URL(databaseName), "--redis="+e.redisServer.URL())
	require.NoError(t, err)
	for _, cached := range []bool{false, true} {
		plain, closePlain, err := plainServer(t.Context(), c, slog.New(slog.DiscardHandler), cached)
		require.NoError(t, err)
		t.Cleanup(closePlain)
		for _, shopper := range append(requests[:8:8], requests[0]) {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", bytes.NewReader(shopper.body))
			r.Header.Set("Authorization", "Bearer "+shopper.token)
			w := httptest.NewRecorder()
			plain.ServeHTTP(w, r)
			var want, got struct{ Data json.RawMessage }
			require.NoError(t, json.Unmarshal(w.Body.Bytes(), &want), w.Body.String())
			answer, _ := served(shopper)
			require.NoError(t, json.Unmarshal(answer, &got))
			require.JSONEq(t, string(want.Data), string(got.Data))
		}
	}
}

// The list of statements has every operation that there is an example of, and each runs. Their budgets are tests of the app.
func statementsOfEveryOperation(t *testing.T, e *environment) {
	counts, err := e.countOperations(t.Context())
	require.NoError(t, err)
	for _, c := range counts {
		if c.operation == "RedemptionConfirm" || c.operation == "Home" || c.operation == "WalletCharge" {
			require.NotEmpty(t, c.statements, "%s %s", c.face, c.operation)
		}
	}
	amortised, err := e.amortisedClaim(t.Context())
	require.NoError(t, err)
	require.Less(t, amortised.Value, 1.0)
}
