package transport_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/graph/transport"
	"dongxiao/internal/apperr"
)

func newEventServer(t *testing.T, sse *transport.SSE) *streamServer {
	t.Helper()
	return newStreamServer(t, &transport.Websocket{}, sse)
}

// eventStream is a client of graphql-sse.
type eventStream struct {
	*http.Response
	t     *testing.T
	lines *bufio.Reader
	leave context.CancelFunc
}

func open(t *testing.T, s *streamServer, body, accept string) *eventStream {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL, strings.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", accept)
	response, err := s.Client().Do(request)
	require.NoError(t, err)
	t.Cleanup(func() { cancel(); _ = response.Body.Close() })
	return &eventStream{response, t, bufio.NewReader(response.Body), cancel}
}

// ask opens a stream, which begins with a comment that shows it open.
func ask(t *testing.T, s *streamServer, query string) *eventStream {
	t.Helper()
	e := open(t, s, `{"query":"`+query+`"}`, "text/event-stream")
	require.Equal(t, http.StatusOK, e.StatusCode)
	require.Equal(t, "text/event-stream; charset=utf-8", e.Header.Get("Content-Type"))
	require.Equal(t, "no", e.Header.Get("X-Accel-Buffering"))
	require.Equal(t, ":\n", e.block())
	return e
}

// block reads up to the empty line.
func (e *eventStream) block() string {
	e.t.Helper()
	var block strings.Builder
	for {
		line, err := e.lines.ReadString('\n')
		require.NoError(e.t, err)
		if line == "\n" {
			return block.String()
		}
		block.WriteString(line)
	}
}

// event reads the next event, past heartbeats.
func (e *eventStream) event() string {
	e.t.Helper()
	for {
		if block := e.block(); block != ":\n" {
			return block
		}
	}
}

// expectEnd reads complete and the end.
func (e *eventStream) expectComplete() {
	e.t.Helper()
	require.Equal(e.t, "event: complete\ndata:\n", e.event())
	e.expectEnd()
}

func (e *eventStream) expectEnd() {
	e.t.Helper()
	rest, err := io.ReadAll(e.lines)
	require.NoError(e.t, err)
	require.Empty(e.t, strings.ReplaceAll(string(rest), ":\n\n", ""))
}

// expectRefusal reads a next event with one error of the code, and complete.
func (e *eventStream) expectRefusal(code apperr.Code) {
	e.t.Helper()
	event := e.event()
	require.True(e.t, strings.HasPrefix(event, "event: next\ndata: {\"errors\":["), event)
	require.Contains(e.t, event, `"code":"`+string(code)+`"`)
	require.NotContains(e.t, event, `"data":`)
	e.expectComplete()
}

func TestSSEOperations(t *testing.T) {
	t.Parallel()
	s := newEventServer(t, &transport.SSE{})

	e := ask(t, s, "{ name }")
	require.Equal(t, "event: next\ndata: {\"data\":{ \"name\": \"test\"},\"extensions\":{\"cost\":{\"requested\":1,\"limit\":10000}}}\n", e.event())
	e.expectComplete()

	e = ask(t, s, "mutation { pay }")
	s.release <- struct{}{}
	require.Contains(t, e.event(), `"done"`)
	e.expectComplete()

	e = ask(t, s, "subscription { events }")
	for _, event := range []string{"one", "two"} {
		s.tell(t, event)
		require.Contains(t, e.event(), event)
	}
	close(s.events)
	e.expectComplete()

	e = ask(t, s, "{ broken }")
	require.Contains(t, e.event(), `"data":{"broken":null}`)
	e.expectComplete()
}

func TestSSEErrorsBeforeExecution(t *testing.T) {
	t.Parallel()
	s := newEventServer(t, &transport.SSE{})
	for query, code := range map[string]apperr.Code{
		"{":                        apperr.ParseFailed,
		"{ unknown }":              apperr.ValidationFailed,
		"subscription { denied }":  apperr.Forbidden,
		"{ explode }":              apperr.Internal,
		"subscription { explode }": apperr.Internal,
	} {
		ask(t, s, query).expectRefusal(code)
	}
}

func TestSSEBadRequests(t *testing.T) {
	t.Parallel()
	s := newEventServer(t, &transport.SSE{})
	for name, test := range map[string]struct {
		body, contentType, encoding string
		status                      int
		code                        apperr.Code
	}{
		"malformed":          {`{"query":"secret`, "application/json", "", 400, apperr.BadRequest},
		"no query":           {`{}`, "application/json", "", 400, apperr.BadRequest},
		"a batch":            {`[{"query":"{ name }"}]`, "application/json", "", 400, apperr.BadRequest},
		"other type":         {`{"query":"{ name }"}`, "text/plain", "", 415, apperr.BadRequest},
		"no type":            {`{"query":"{ name }"}`, "", "", 415, apperr.BadRequest},
		"compressed":         {`{"query":"{ name }"}`, "application/json", "gzip", 415, apperr.BadRequest},
		"too large":          {`{"query":"` + strings.Repeat("x", 256<<10) + `"}`, "application/json", "", 413, apperr.BodyTooLarge},
		"too large, chunked": {`chunked` + strings.Repeat("x", 256<<10), "application/json", "", 413, apperr.BodyTooLarge},
	} {
		var body io.Reader = strings.NewReader(test.body)
		if strings.HasPrefix(test.body, "chunked") {
			body = io.MultiReader(body) // hides the length
		}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL, body)
		require.NoError(t, err)
		request.Header.Set("Accept", "text/event-stream")
		request.Header.Set("Content-Type", test.contentType)
		if test.encoding != "" {
			request.Header.Set("Content-Encoding", test.encoding)
		}
		response, err := s.Client().Do(request)
		require.NoError(t, err, name)
		text, err := io.ReadAll(response.Body)
		require.NoError(t, err, name)
		_ = response.Body.Close()
		require.Equal(t, test.status, response.StatusCode, name)
		require.Equal(t, "application/json; charset=utf-8", response.Header.Get("Content-Type"), name)
		require.Contains(t, string(text), `"`+string(test.code)+`"`, name)
		require.NotContains(t, string(text), "secret", name)
	}
}

func TestSSEAccept(t *testing.T) {
	t.Parallel()
	s := newEventServer(t, &transport.SSE{})
	for accept, events := range map[string]bool{
		"text/event-stream":                                                     true,
		"text/event-stream, application/json":                                   true,
		"text/event-stream, */*":                                                true,
		"application/json;q=0.5, text/event-stream;q=0.9":                       true,
		"application/graphql-response+json, text/event-stream, multipart/mixed": false,
		"application/json, text/event-stream":                                   false,
		"text/event-stream;q=0, application/json":                               false,
		"text/event-stream;q=0.1, application/json":                             false,
		"text/event-stream;q=x, application/json":                               false,
		"*/*": false,
	} {
		e := open(t, s, `{"query":"{ name }"}`, accept)
		require.Equal(t, events, strings.HasPrefix(e.Header.Get("Content-Type"), "text/event-stream"), accept)
	}
}

func TestSSEHeartbeat(t *testing.T) {
	t.Parallel()
	s := newEventServer(t, &transport.SSE{Heartbeat: 5 * time.Millisecond})
	e := ask(t, s, "subscription { events }")
	for range 3 {
		require.Equal(t, ":\n", e.block())
	}
	s.tell(t, "after")
	require.Contains(t, e.event(), "after")
}

func TestSSEClientLeaves(t *testing.T) {
	t.Parallel()
	s := newEventServer(t, &transport.SSE{})
	e := ask(t, s, "subscription { events }")
	s.tell(t, "x")
	require.Contains(t, e.event(), "x")
	require.Equal(t, 1, s.sse.Streams())
	e.leave()
	s.running(t, 0)
	require.Eventually(t, func() bool { return s.sse.Streams() == 0 }, patience, time.Millisecond)
}

func TestSSESlowConsumerIsCut(t *testing.T) {
	t.Parallel()
	s := newEventServer(t, &transport.SSE{WriteTimeout: 50 * time.Millisecond})
	e := ask(t, s, "subscription { flood }")
	e.event()
	require.Eventually(t, func() bool { return s.sse.Streams() == 0 }, patience, time.Millisecond)
	_, err := io.ReadAll(e.lines)
	require.Error(t, err)
}

func TestSSERecheck(t *testing.T) {
	t.Parallel()
	var answer atomic.Pointer[error]
	s := newEventServer(t, &transport.SSE{RecheckInterval: 5 * time.Millisecond, Recheck: func(context.Context) error {
		if err := answer.Load(); err != nil {
			return *err
		}
		return nil
	}})
	for err, refused := range map[error]apperr.Code{
		apperr.New(apperr.StaffSuspended): apperr.StaffSuspended,
		errors.New("database is away"):    "", // the stream ends without complete: to be opened again
	} {
		answer.Store(nil)
		e := ask(t, s, "subscription { events }")
		s.tell(t, "x")
		require.Contains(t, e.event(), "x")
		answer.Store(&err)
		if refused != "" {
			e.expectRefusal(refused)
		} else {
			e.expectEnd()
		}
		s.running(t, 0)
	}
}

func TestSSEExpiry(t *testing.T) {
	t.Parallel()
	s := newEventServer(t, &transport.SSE{})
	inner := s.Config.Handler
	s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inner.ServeHTTP(unwrapper{w}, r.WithContext(transport.WithExpiry(r.Context(), time.Now().Add(30*time.Millisecond))))
	})
	ask(t, s, "subscription { events }").expectRefusal(apperr.TokenExpired)
}

func TestSSETooManyStreams(t *testing.T) {
	t.Parallel()
	s := newEventServer(t, &transport.SSE{MaxStreams: 1})
	e := ask(t, s, "subscription { events }")
	refused := open(t, s, `{"query":"{ name }"}`, "text/event-stream")
	require.Equal(t, http.StatusServiceUnavailable, refused.StatusCode)
	require.NotEmpty(t, refused.Header.Get("Retry-After"))
	e.leave()
	require.Eventually(t, func() bool { return s.sse.Streams() == 0 }, patience, time.Millisecond)
	ask(t, s, "{ name }")
}

func TestSSEServerStops(t *testing.T) {
	t.Parallel()
	s := newEventServer(t, &transport.SSE{})
	listening, paying := ask(t, s, "subscription { events }"), ask(t, s, "mutation { pay }")
	s.running(t, 2)
	closed := make(chan error, 1)
	go func() { closed <- s.sse.Close(context.Background()) }()
	listening.expectEnd() // without complete
	require.Equal(t, http.StatusServiceUnavailable, open(t, s, `{"query":"{ name }"}`, "text/event-stream").StatusCode)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, s.sse.Close(ctx), context.Canceled) // the payment still runs
	s.release <- struct{}{}
	require.Contains(t, paying.event(), "done")
	paying.expectComplete()
	require.NoError(t, <-closed)
}

// TestSSEOutlivesTheServersTimeouts: an HTTP server's limits are made for short requests, and one connection serves several.
func TestSSEOutlivesTheServersTimeouts(t *testing.T) {
	t.Parallel()
	s := newEventServer(t, &transport.SSE{Heartbeat: 20 * time.Millisecond, WriteTimeout: patience})
	limited := httptest.NewUnstartedServer(s.Config.Handler)
	limited.Config.ReadTimeout = 300 * time.Millisecond
	limited.Config.WriteTimeout = 300 * time.Millisecond
	var connections atomic.Int64
	limited.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	limited.Start()
	defer limited.Close()
	s.URL = limited.URL
	for range 2 {
		e := ask(t, s, "subscription { events }")
		for range 25 { // half a second and more
			require.Equal(t, ":\n", e.block())
		}
		s.tell(t, "late")
		require.Contains(t, e.event(), "late")
		s.events <- "last"
		require.Contains(t, e.event(), "last")
		e.leave()
		s.running(t, 0)
	}
	for range 3 {
		e := ask(t, s, "{ name }")
		e.event()
		e.expectComplete()
	}
	require.Equal(t, int64(3), connections.Load(), "complete streams leave the connection fit for the next request")
}

func TestSSEWithoutFlush(t *testing.T) {
	t.Parallel()
	s := newEventServer(t, &transport.SSE{})
	request := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(`{"query":"{ name }"}`))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "text/event-stream")
	recorder := httptest.NewRecorder()
	s.Config.Handler.ServeHTTP(recorder, request)
	require.Equal(t, http.StatusServiceUnavailable, recorder.Code)
	require.Contains(t, recorder.Body.String(), "UNAVAILABLE")
}
