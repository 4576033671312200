package health_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/rest/health"
)

type answer struct {
	Status string
	Checks map[string]string
}

// ask gives status and body of a path.
func ask(t *testing.T, h *health.Health, path string) (int, answer) {
	t.Helper()
	mux, w := http.NewServeMux(), httptest.NewRecorder()
	h.Register(mux)
	mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	require.Equal(t, "no-store", w.Header().Get("Cache-Control"))
	require.NotContains(t, w.Body.String(), "private")
	var a answer
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &a))
	return w.Code, a
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func TestReadyTellsWhatFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := health.New(quiet(),
			health.Check{Name: "database", Run: func(context.Context) error { return nil }},
			health.Check{Name: "redis", Run: func(context.Context) error { return errors.New("dial private-host: refused") }},
			health.Check{Name: "slow", Run: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }},
			health.Check{Name: "broken", Run: func(context.Context) error { panic("private") }},
		)
		start := time.Now()
		code, a := ask(t, h, "/readyz")
		require.Equal(t, time.Second, time.Since(start), "checks run at once, a second at most")
		require.Equal(t, http.StatusServiceUnavailable, code)
		require.Equal(t, answer{"unavailable", map[string]string{"database": "ok", "redis": "failed", "slow": "timed out", "broken": "failed"}}, a)
		code, a = ask(t, h, "/healthz")
		require.Equal(t, http.StatusOK, code)
		require.Equal(t, answer{Status: "ok"}, a)
	})
}

func TestReadyIsCachedAndShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var runs atomic.Int32
		h := health.New(quiet(), health.Check{Name: "database", Run: func(context.Context) error {
			time.Sleep(100 * time.Millisecond)
			runs.Add(1)
			return nil
		}})
		var callers sync.WaitGroup
		for range 20 {
			callers.Go(func() {
				code, _ := ask(t, h, "/readyz")
				require.Equal(t, http.StatusOK, code)
			})
		}
		callers.Wait()
		require.EqualValues(t, 1, runs.Load())
		time.Sleep(499 * time.Millisecond)
		ask(t, h, "/readyz")
		require.EqualValues(t, 1, runs.Load())
		time.Sleep(time.Millisecond)
		ask(t, h, "/readyz")
		require.EqualValues(t, 2, runs.Load())
	})
}

func TestHangingChecksDoNotPileUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var runs atomic.Int32
		release := make(chan struct{})
		h := health.New(quiet(), health.Check{Name: "database", Run: func(context.Context) error {
			runs.Add(1)
			<-release
			return nil
		}})
		for range 5 {
			code, a := ask(t, h, "/readyz")
			require.Equal(t, http.StatusServiceUnavailable, code)
			require.Equal(t, "timed out", a.Checks["database"])
			time.Sleep(time.Second)
		}
		require.EqualValues(t, 1, runs.Load())
		close(release)
		synctest.Wait()
		code, _ := ask(t, h, "/readyz")
		require.Equal(t, http.StatusOK, code)
	})
}

func TestStoppingIsNotReadyButAlive(t *testing.T) {
	t.Parallel()
	h := health.New(quiet(), health.Check{Name: "database", Run: func(context.Context) error { return nil }})
	code, _ := ask(t, h, "/readyz")
	require.Equal(t, http.StatusOK, code)
	h.Stop()
	code, a := ask(t, h, "/readyz")
	require.Equal(t, http.StatusServiceUnavailable, code)
	require.Equal(t, answer{Status: "stopping"}, a)
	code, _ = ask(t, h, "/healthz")
	require.Equal(t, http.StatusOK, code)
}

func TestChangesAreLoggedOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		var failure error
		h := health.New(slog.New(slog.NewTextHandler(&out, nil)), health.Check{Name: "redis", Run: func(context.Context) error { return failure }})
		for _, failure = range []error{nil, errors.New("refused"), errors.New("refused"), nil, nil} {
			ask(t, h, "/readyz")
			time.Sleep(time.Second)
		}
		require.Equal(t, 1, strings.Count(out.String(), "not ready"))
		require.Contains(t, out.String(), "refused")
		require.Equal(t, 1, strings.Count(out.String(), "ready again"))
	})
}
