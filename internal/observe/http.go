package observe

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/felixge/httpsnoop"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"

	"dongxiao/internal/apperr"
)

const (
	maxForwarded = 1024 // bytes of X-Forwarded-For that are read
	maxStack     = 16 << 10
)

// MiddlewareOptions are what Middleware needs.
type MiddlewareOptions struct {
	Logger  *slog.Logger
	Metrics *Metrics
	// TrustedProxies are the networks whose X-Forwarded-For and traceparent are believed.
	TrustedProxies []netip.Prefix
	// Traced makes a span for each request; leave it off where no collector takes them.
	Traced bool
}

// Middleware is the outermost handler. It gives each request its id (told in X-Request-Id) and client address, logs it by the
// pattern that its mux matched, never by its path or query, measures it, and answers INTERNAL where a handler panics. It keeps
// Flusher, Hijacker and the deadlines of http.ResponseController.
func Middleware(options MiddlewareOptions) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		var handler http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { options.serve(w, r, next) })
		if options.Traced {
			handler = otelhttp.NewHandler(handler, "http", otelhttp.WithPublicEndpointFn(func(r *http.Request) bool {
				peer, ok := peerOf(r)
				return !ok || !trusted(options.TrustedProxies, peer)
			}))
		}
		return handler
	}
}

func (o MiddlewareOptions) serve(w http.ResponseWriter, r *http.Request, next http.Handler) {
	known := &request{id: requestIDFrom(r.Header.Values("X-Request-Id")), client: clientIP(r, o.TrustedProxies)}
	ctx := context.WithValue(r.Context(), requestKey{}, known)
	inner := r.WithContext(ctx)
	w.Header().Set("X-Request-Id", known.id)

	start := time.Now()
	status, bytes, hijacked := 0, int64(0), false
	wrapped := httpsnoop.Wrap(w, httpsnoop.Hooks{
		WriteHeader: func(original httpsnoop.WriteHeaderFunc) httpsnoop.WriteHeaderFunc {
			return func(code int) {
				if status == 0 && (code >= 200 || code == http.StatusSwitchingProtocols) {
					status = code
				}
				original(code)
			}
		},
		Write: func(original httpsnoop.WriteFunc) httpsnoop.WriteFunc {
			return func(b []byte) (int, error) {
				if status == 0 {
					status = http.StatusOK
				}
				n, err := original(b)
				bytes += int64(n)
				return n, err
			}
		},
		ReadFrom: func(original httpsnoop.ReadFromFunc) httpsnoop.ReadFromFunc {
			return func(source io.Reader) (int64, error) {
				if status == 0 {
					status = http.StatusOK
				}
				n, err := original(source)
				bytes += n
				return n, err
			}
		},
		Hijack: func(original httpsnoop.HijackFunc) httpsnoop.HijackFunc {
			return func() (net.Conn, *bufio.ReadWriter, error) {
				hijacked = true
				return original()
			}
		},
	})
	defer func() {
		recovered := recover()
		abort := recovered == http.ErrAbortHandler
		if recovered != nil && !abort {
			o.Metrics.panics.Inc()
			o.Logger.ErrorContext(ctx, "panic in a handler", "route", route(inner), "panic", fmt.Sprint(recovered), "stack", stack())
			SetErrorCode(ctx, apperr.Internal)
			// An answer that has begun can only be cut off, so that the client does not take it for whole.
			abort = status != 0 || hijacked
			if !abort {
				writeInternal(wrapped, r, known.id)
			}
		}
		if status == 0 {
			status = http.StatusOK
			if hijacked {
				status = http.StatusSwitchingProtocols
			}
		}
		o.finish(inner, known, status, bytes, time.Since(start))
		if abort {
			panic(http.ErrAbortHandler)
		}
	}()
	next.ServeHTTP(wrapped, inner)
}

// stack is the stack of the panic, for the log alone.
func stack() string {
	trace := debug.Stack()
	return string(trace[:min(len(trace), maxStack)])
}

// finish measures and logs one request that was answered.
func (o MiddlewareOptions) finish(r *http.Request, known *request, status int, bytes int64, took time.Duration) {
	o.Metrics.request(r.Method, route(r), status, took)
	level := slog.LevelInfo
	if status < 400 && (r.Pattern == "/healthz" || r.Pattern == "/readyz" || strings.HasSuffix(r.Pattern, " /healthz") || strings.HasSuffix(r.Pattern, " /readyz")) {
		level = slog.LevelDebug
	}
	if !o.Logger.Enabled(r.Context(), level) {
		return
	}
	known.mu.Lock()
	defer known.mu.Unlock()
	attrs := []slog.Attr{
		slog.String("method", method(r.Method)), slog.String("route", route(r)), slog.Int("status", status), slog.Int64("bytes", bytes),
		slog.Float64("milliseconds", float64(took.Microseconds())/1000), slog.String("client", known.client.String()),
	}
	if known.operation != "" {
		attrs = append(attrs, slog.String("operation", known.operation))
	}
	if known.code != "" {
		attrs = append(attrs, slog.String("error_code", string(known.code)))
	}
	o.Logger.LogAttrs(r.Context(), level, "request", append(attrs, viewerAttrs(known.viewer)...)...)
}

// writeInternal answers as GraphQL does, which every client here understands.
func writeInternal(w http.ResponseWriter, r *http.Request, id string) {
	refusal := apperr.New(apperr.Internal)
	body, _ := json.Marshal(map[string]any{"errors": []any{map[string]any{
		"message":    refusal.Message(apperr.ParseLanguage(r.Header.Get("Accept-Language"))),
		"extensions": map[string]string{"code": string(refusal.Code), "requestId": id},
	}}})
	h := w.Header()
	for name := range h {
		if name != "X-Request-Id" && !strings.HasPrefix(name, "Access-Control-") {
			h.Del(name)
		}
	}
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(http.StatusInternalServerError)
	_, _ = w.Write(body)
}

// route is the pattern that the mux matched: a bounded set, unlike the path.
func route(r *http.Request) string {
	if r.Pattern == "" {
		return "none"
	}
	return r.Pattern
}

// method is the request's method, or "other", for clients choose it freely.
func method(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return m
	}
	return "other"
}

// peerOf is the address at the other end of the connection.
func peerOf(r *http.Request) (netip.Addr, bool) {
	address, err := netip.ParseAddrPort(r.RemoteAddr)
	return address.Addr().Unmap().WithZone(""), err == nil
}

func trusted(networks []netip.Prefix, address netip.Addr) bool {
	return slices.ContainsFunc(networks, func(network netip.Prefix) bool { return network.Contains(address) })
}

// clientIP is the connection's peer; where that is a trusted proxy, the last address in X-Forwarded-For that is not one. What
// stands further left was written by the client and is never believed.
func clientIP(r *http.Request, proxies []netip.Prefix) netip.Addr {
	client, ok := peerOf(r)
	if !ok || !trusted(proxies, client) {
		return client
	}
	forwarded := strings.Join(r.Header.Values("X-Forwarded-For"), ",")
	if len(forwarded) > maxForwarded {
		forwarded = forwarded[len(forwarded)-maxForwarded:]
	}
	hops := strings.Split(forwarded, ",")
	for _, hop := range slices.Backward(hops) {
		address, err := parseHop(strings.TrimSpace(hop))
		if err != nil {
			return client
		}
		client = address
		if !trusted(proxies, client) {
			return client
		}
	}
	return client
}

// parseHop reads an address with or without a port.
func parseHop(hop string) (netip.Addr, error) {
	if withPort, err := netip.ParseAddrPort(hop); err == nil {
		return withPort.Addr().Unmap().WithZone(""), nil
	}
	address, err := netip.ParseAddr(strings.Trim(hop, "[]"))
	return address.Unmap().WithZone(""), err
}
