package observe_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"

	"dongxiao/internal/observe"
)

// TestTracesReachTheCollector sets OpenTelemetry's global provider, so it runs alone, before the parallel tests.
func TestTracesReachTheCollector(t *testing.T) {
	got := make(chan string, 8)
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got <- r.URL.Path + string(body)
	}))
	defer collector.Close()
	shutdown, err := observe.SetUp(t.Context(), observe.Tracing{Endpoint: collector.URL, Ratio: 1, Version: "v1.2.3", Environment: "production", Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	_, span := otel.Tracer("test").Start(t.Context(), "the span")
	span.End()
	require.NoError(t, shutdown(t.Context()))
	sent := <-got
	for _, part := range []string{"/v1/traces", "the span", "dongxiao", "v1.2.3", "production"} {
		require.True(t, strings.Contains(sent, part), part)
	}
}

func TestWithoutEndpointNothingIsTraced(t *testing.T) {
	t.Parallel()
	shutdown, err := observe.SetUp(t.Context(), observe.Tracing{})
	require.NoError(t, err)
	require.NoError(t, shutdown(t.Context()))
}
