package observe_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/internal/apperr"
	"dongxiao/internal/observe"
)

// log collects lines written by several goroutines.
type log struct {
	mu  sync.Mutex
	out bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.String()
}

// line waits for the line with that message, for the access log is written after the answer.
func (l *log) line(t *testing.T, message string) map[string]any {
	t.Helper()
	var found map[string]any
	require.Eventually(t, func() bool {
		for text := range strings.Lines(l.String()) {
			var line map[string]any
			if json.Unmarshal([]byte(text), &line) == nil && line["msg"] == message {
				found = line
				return true
			}
		}
		return false
	}, 10*time.Second, time.Millisecond, message)
	return found
}

type server struct {
	*httptest.Server
	log     *log
	metrics *observe.Metrics
}

// serve starts a server whose mux has one handler.
func serve(t *testing.T, pattern string, handler http.HandlerFunc, proxies ...netip.Prefix) server {
	t.Helper()
	l, metrics, mux := &log{}, observe.NewMetrics([]string{"Home"}), http.NewServeMux()
	mux.HandleFunc(pattern, handler)
	s := httptest.NewServer(observe.Middleware(observe.MiddlewareOptions{Logger: observe.NewLogger(l, slog.LevelInfo, true), Metrics: metrics, TrustedProxies: proxies, Traced: true})(mux))
	t.Cleanup(s.Close)
	return server{Server: s, log: l, metrics: metrics}
}

// scrape gives the metrics as Prometheus would read them.
func scrape(t *testing.T, m *observe.Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	observe.AdminHandler(m).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	require.Equal(t, http.StatusOK, w.Code)
	return w.Body.String()
}

func get(t *testing.T, url string, header http.Header) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	for name, values := range header {
		r.Header[name] = values
	}
	answer, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return answer, string(body)
}

func TestRequestID(t *testing.T) {
	t.Parallel()
	s := serve(t, "GET /", func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, observe.RequestID(r.Context())) })
	for _, row := range []struct {
		sent []string
		kept bool
	}{
		{[]string{"abcdefgh"}, true},
		{[]string{"A.b_c-1234567890"}, true},
		{[]string{strings.Repeat("x", 64)}, true},
		{nil, false},
		{[]string{""}, false},
		{[]string{"short"}, false},
		{[]string{strings.Repeat("x", 65)}, false},
		{[]string{"with spaces here"}, false},
		{[]string{"quote\"quote"}, false},
		{[]string{"汉字汉字汉字"}, false},
		{[]string{"abcdefgh", "ijklmnop"}, false},
	} {
		answer, body := get(t, s.URL, http.Header{"X-Request-Id": row.sent})
		require.Equal(t, body, answer.Header.Get("X-Request-Id"))
		require.Regexp(t, `^[A-Za-z0-9._-]{8,64}$`, body)
		if row.kept {
			require.Equal(t, row.sent[0], body)
		} else {
			require.NotContains(t, row.sent, body)
		}
	}
}

func TestAccessLog(t *testing.T) {
	t.Parallel()
	s := serve(t, "GET /things/{id}", func(w http.ResponseWriter, r *http.Request) {
		observe.SetOperation(r.Context(), "Home")
		observe.SetErrorCode(r.Context(), apperr.OutOfStock)
		observe.SetErrorCode(r.Context(), apperr.NotFound)
		observe.SetViewer(r.Context(), auth.Viewer{BrandID: 7, PersonID: 8})
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, "12345")
	})
	answer, _ := get(t, s.URL+"/things/private-path?token=private-query", nil)
	line := s.log.line(t, "request")
	require.NotContains(t, s.log.String(), "private")
	for key, value := range map[string]any{
		"method": "GET", "route": "GET /things/{id}", "status": 418.0, "bytes": 5.0, "operation": "Home", "error_code": "OUT_OF_STOCK",
		"brand_id": 7.0, "person_id": 8.0, "client": "127.0.0.1", "request_id": answer.Header.Get("X-Request-Id"),
	} {
		require.Equal(t, value, line[key], key)
	}
	require.Contains(t, scrape(t, s.metrics), `dongxiao_http_request_seconds_count{method="GET",route="GET /things/{id}",status="418"} 1`)
}

func TestHealthChecksAreQuiet(t *testing.T) {
	t.Parallel()
	fail := false
	s := serve(t, "GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if fail {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	get(t, s.URL+"/readyz", nil)
	fail = true
	get(t, s.URL+"/readyz", nil)
	require.Equal(t, 503.0, s.log.line(t, "request")["status"])
	require.Equal(t, 1, strings.Count(s.log.String(), "\n"))
}

func TestPanicBecomesInternal(t *testing.T) {
	t.Parallel()
	s := serve(t, "/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=60")
		w.Header().Set("Content-Length", "3")
		panic("the private reason, token=private-token")
	})
	for language, message := range map[string]string{"zh-CN": "系统开小差了", "en": "Something went wrong"} {
		answer, body := get(t, s.URL, http.Header{"Accept-Language": {language}})
		require.Equal(t, http.StatusInternalServerError, answer.StatusCode)
		require.Equal(t, "no-store", answer.Header.Get("Cache-Control"))
		var got struct {
			Errors []struct {
				Message    string
				Extensions struct{ Code, RequestID string }
			}
		}
		require.NoError(t, json.Unmarshal([]byte(body), &got))
		require.Len(t, got.Errors, 1)
		require.Contains(t, got.Errors[0].Message, message)
		require.Equal(t, "INTERNAL", got.Errors[0].Extensions.Code)
		require.Equal(t, answer.Header.Get("X-Request-Id"), got.Errors[0].Extensions.RequestID)
		require.NotContains(t, body, "private")
		require.NotContains(t, body, "goroutine")
	}
	line := s.log.line(t, "panic in a handler")
	require.Contains(t, line["stack"], "http_test.go")
	require.Contains(t, line["panic"], "the private reason")
	require.NotContains(t, s.log.String(), "private-token")
	require.Equal(t, "INTERNAL", s.log.line(t, "request")["error_code"])
	require.Contains(t, scrape(t, s.metrics), "dongxiao_http_panics_total 2")
}

func TestPanicAfterTheAnswerBeganCutsItOff(t *testing.T) {
	t.Parallel()
	for _, reason := range []any{"reason", http.ErrAbortHandler} {
		s := serve(t, "/", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "half")
			_ = http.NewResponseController(w).Flush()
			panic(reason)
		})
		answer, err := http.Get(s.URL)
		require.NoError(t, err)
		_, err = io.ReadAll(answer.Body)
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		require.NoError(t, answer.Body.Close())
		require.Equal(t, 200.0, s.log.line(t, "request")["status"])
		require.Equal(t, reason == "reason", strings.Contains(s.log.String(), "panic in a handler"))
	}
}

func TestSocketsPassThrough(t *testing.T) {
	t.Parallel()
	s := serve(t, "/", func(w http.ResponseWriter, _ *http.Request) {
		connection, buffered, err := w.(http.Hijacker).Hijack()
		if err != nil {
			panic(err)
		}
		defer connection.Close()
		_, _ = buffered.WriteString("HTTP/1.1 101 Switching Protocols\r\n\r\nhello")
		_ = buffered.Flush()
	})
	connection, err := net.Dial("tcp", s.Listener.Addr().String())
	require.NoError(t, err)
	defer connection.Close()
	_, err = io.WriteString(connection, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	require.NoError(t, err)
	all, err := io.ReadAll(bufio.NewReader(connection))
	require.NoError(t, err)
	require.True(t, strings.HasSuffix(string(all), "hello"))
	require.Equal(t, 101.0, s.log.line(t, "request")["status"])
}

func TestCopiedBodiesAreCounted(t *testing.T) {
	t.Parallel()
	s := serve(t, "/", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.Copy(w, io.LimitReader(strings.NewReader("123456789"), 7))
	})
	_, body := get(t, s.URL, nil)
	require.Equal(t, "1234567", body)
	line := s.log.line(t, "request")
	require.Equal(t, []any{200.0, 7.0}, []any{line["status"], line["bytes"]})
}

func TestClientIP(t *testing.T) {
	t.Parallel()
	private, loopback := netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("127.0.0.0/8")
	for _, row := range []struct {
		name      string
		proxies   []netip.Prefix
		forwarded []string
		want      string
	}{
		{"no proxy is trusted", nil, []string{"1.2.3.4"}, "127.0.0.1"},
		{"another proxy is trusted", []netip.Prefix{private}, []string{"1.2.3.4"}, "127.0.0.1"},
		{"the proxy is trusted", []netip.Prefix{loopback}, []string{"1.2.3.4"}, "1.2.3.4"},
		{"what the client wrote is not believed", []netip.Prefix{loopback}, []string{"6.6.6.6, 1.2.3.4"}, "1.2.3.4"},
		{"several headers are one list", []netip.Prefix{loopback}, []string{"6.6.6.6", "1.2.3.4"}, "1.2.3.4"},
		{"a chain of proxies", []netip.Prefix{loopback, private}, []string{"6.6.6.6, 1.2.3.4, 10.1.1.1, 10.2.2.2"}, "1.2.3.4"},
		{"proxies all the way", []netip.Prefix{loopback, private}, []string{"10.1.1.1"}, "10.1.1.1"},
		{"with ports", []netip.Prefix{loopback}, []string{"1.2.3.4:5678"}, "1.2.3.4"},
		{"version 6", []netip.Prefix{loopback}, []string{"[2001:db8::1]:443"}, "2001:db8::1"},
		{"version 4 in version 6", []netip.Prefix{loopback, private}, []string{"1.2.3.4, ::ffff:10.1.1.1"}, "1.2.3.4"},
		{"nonsense", []netip.Prefix{loopback}, []string{"1.2.3.4, <script>"}, "127.0.0.1"},
		{"nothing", []netip.Prefix{loopback}, nil, "127.0.0.1"},
		{"far too long", []netip.Prefix{loopback}, []string{strings.Repeat("6.6.6.6, ", 500) + "1.2.3.4"}, "1.2.3.4"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, "/", func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.WriteString(w, observe.ClientIP(r.Context()).String())
			}, row.proxies...)
			_, body := get(t, s.URL, http.Header{"X-Forwarded-For": row.forwarded})
			require.Equal(t, row.want, body)
		})
	}
}

func TestUnknownRoutesAndMethodsShareOneLabel(t *testing.T) {
	t.Parallel()
	s := serve(t, "GET /known", func(http.ResponseWriter, *http.Request) {})
	for _, verb := range []string{"BREW", "STEEP", http.MethodGet} {
		r, err := http.NewRequestWithContext(t.Context(), verb, s.URL+"/"+verb, nil)
		require.NoError(t, err)
		answer, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
	}
	require.Eventually(t, func() bool {
		text := scrape(t, s.metrics)
		return strings.Contains(text, `dongxiao_http_request_seconds_count{method="other",route="none",status="404"} 2`) &&
			strings.Contains(text, `dongxiao_http_request_seconds_count{method="GET",route="none",status="404"} 1`)
	}, 10*time.Second, time.Millisecond)
}

func TestOutsideOfARequestNothingIsKnown(t *testing.T) {
	t.Parallel()
	observe.SetOperation(t.Context(), "Home")
	observe.SetErrorCode(t.Context(), apperr.Internal)
	observe.SetViewer(t.Context(), auth.Viewer{})
	require.Empty(t, observe.RequestID(t.Context()))
	require.False(t, observe.ClientIP(t.Context()).IsValid())
}

func FuzzClientIP(f *testing.F) {
	f.Add("1.2.3.4, 10.0.0.1", "127.0.0.1:1")
	f.Add("[::1]:80,fe80::1%eth0", "[::1]:2")
	f.Add(",,,", "@")
	networks := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128"), netip.MustParsePrefix("10.0.0.0/8")}
	metrics := observe.NewMetrics(nil)
	f.Fuzz(func(t *testing.T, forwarded, remote string) {
		handler := observe.Middleware(observe.MiddlewareOptions{Logger: slog.New(slog.DiscardHandler), Metrics: metrics, TrustedProxies: networks})(
			http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				require.Empty(t, observe.ClientIP(r.Context()).Zone())
				require.False(t, observe.ClientIP(r.Context()).Is4In6())
			}))
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = remote
		r.Header["X-Forwarded-For"] = []string{forwarded}
		handler.ServeHTTP(httptest.NewRecorder(), r)
	})
}

var errTest = errors.New("broken")
