package transport

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"dongxiao/internal/apperr"
)

const mediaEvents = "text/event-stream"

// SSE carries one operation over server-sent events: the "distinct connections mode" of
// https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md by POST. It must be used by pointer and be asked before HTTP.
//
// The caller is authenticated by the middleware before it, as over HTTP; WithExpiry on the request's context ends the stream. Refusals
// of the document come as a next event with errors, then complete, as the protocol wants. A person who may not go on is told so in
// the same way. A stream that ends without complete (the server stops, the right could not be told, the client reads too slowly) is
// to be opened again.
type SSE struct {
	// Recheck is asked every RecheckInterval (default 2 s) whether the stream may stay.
	Recheck         Recheck
	RecheckInterval time.Duration
	// Heartbeat is the time between comments that keep the connection from looking idle: default 15 s.
	Heartbeat time.Duration
	// WriteTimeout is how long one event may take to be written: default 10 s. A client that reads more slowly is cut.
	WriteTimeout time.Duration
	// MaxStreams bounds the streams of this process: default 20,000. One more is refused with 503.
	MaxStreams int
	// MaxBody bounds a request's body in bytes: default MaxRequest.
	MaxBody int64
	// Now is the clock that an expiry is compared with: default time.Now.
	Now func() time.Time

	mu      sync.Mutex
	streams int
	stopped chan struct{} // closed by Close; nil until the first stream
	drained chan struct{} // closed when the last stream has ended after Close began
}

var _ graphql.Transport = (*SSE)(nil)

// Supports says whether the client would rather have events than a JSON response. Some clients list text/event-stream last for
// every operation; those get their queries answered over HTTP.
func (t *SSE) Supports(r *http.Request) bool {
	return r.Method == http.MethodPost && prefersEvents(r.Header.Get("Accept"))
}

// prefersEvents says whether text/event-stream is acceptable, and named before every JSON type of the same quality.
func prefersEvents(accept string) bool {
	best, events := 0.0, false
	for part := range strings.SplitSeq(accept, ",") {
		media, options, err := mime.ParseMediaType(strings.TrimSpace(part))
		if err != nil || (media != mediaEvents && media != mediaJSON && media != mediaResponse) {
			continue
		}
		quality := 1.0
		if q, ok := options["q"]; ok {
			if quality, err = strconv.ParseFloat(q, 64); err != nil {
				continue
			}
		}
		if quality > best {
			best, events = quality, media == mediaEvents
		}
	}
	return events
}

// Do serves one stream until its operation is complete.
func (t *SSE) Do(w http.ResponseWriter, r *http.Request, executor graphql.GraphExecutor) {
	start := graphql.Now()
	stopped, ok := t.enter()
	if !ok {
		w.Header().Set("Retry-After", "5")
		refuseRequest(w, r, http.StatusServiceUnavailable, apperr.New(apperr.Unavailable))
		return
	}
	defer t.leave()
	params, status, refused := readRequest(w, r, positive(t.MaxBody, MaxRequest))
	if refused != nil {
		refuseRequest(w, r, status, refused)
		return
	}
	params.Headers = r.Header
	params.ReadTime = graphql.TraceTiming{Start: start, End: graphql.Now()}

	events := &eventWriter{w, http.NewResponseController(w), positive(t.WriteTimeout, 10*time.Second)}
	if err := events.open(); err != nil {
		if errors.Is(err, http.ErrNotSupported) {
			slog.ErrorContext(r.Context(), "transport: the response writer can neither flush nor set deadlines", "error", err)
			refuseRequest(w, r, http.StatusServiceUnavailable, apperr.New(apperr.Unavailable))
		}
		return
	}
	t.stream(r.Context(), events, executor, params, stopped)
}

// stream runs the operation in its own goroutine, and writes: its responses, heartbeats, and why it had to end.
func (t *SSE) stream(ctx context.Context, events *eventWriter, executor graphql.GraphExecutor, params *graphql.RawParams, stopped <-chan struct{}) {
	var tasks sync.WaitGroup
	defer tasks.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	responses := make(chan []byte)
	kinds := make(chan ast.Operation, 1)
	finished := make(chan *graphql.Response, 1)
	tasks.Go(func() {
		finished <- execute(ctx, executor, params, func(kind ast.Operation) { kinds <- kind }, func(response []byte) error {
			select {
			case responses <- response:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	})
	ended := make(chan error, 1)
	tasks.Go(func() {
		if err := newLifetime(t.Recheck, t.RecheckInterval, t.Now).watch(ctx); err != nil {
			ended <- err
		}
	})
	heartbeat := time.NewTicker(positive(t.Heartbeat, 15*time.Second))
	defer heartbeat.Stop()
	var stop <-chan struct{} // heeded by subscriptions; queries and mutations finish
	for {
		var err error
		select {
		case response := <-responses:
			err = events.next(response)
		case <-heartbeat.C:
			err = events.heartbeat()
		case kind := <-kinds:
			if kind == ast.Subscription {
				stop = stopped
			}
		case failed := <-finished:
			if ctx.Err() == nil {
				events.finish(failed)
			}
			return
		case err := <-ended:
			if refused := refusal(err); refused != nil {
				events.finish(present(ctx, executor, refused))
			}
			return
		case <-stop:
			return
		case <-ctx.Done():
			return
		}
		if err != nil {
			return
		}
	}
}

// enter takes a place for a stream, and gives what is closed when the server stops.
func (t *SSE) enter() (stopped <-chan struct{}, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.stopped == nil {
		t.stopped = make(chan struct{})
	}
	select {
	case <-t.stopped:
		return nil, false
	default:
	}
	if t.streams >= positive(t.MaxStreams, 20_000) {
		return nil, false
	}
	t.streams++
	return t.stopped, true
}

func (t *SSE) leave() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.streams--; t.streams == 0 && t.drained != nil {
		close(t.drained)
		t.drained = nil
	}
}

// Streams counts the open streams of this process, for a metric.
func (t *SSE) Streams() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.streams
}

// Close ends the subscriptions, without complete, so that clients open them again with the next server; queries and mutations
// finish. It is called before the HTTP server's Shutdown, which would wait for the streams. New ones are refused from the start.
// It returns ctx's error where streams were left.
func (t *SSE) Close(ctx context.Context) error {
	t.mu.Lock()
	if t.stopped == nil {
		t.stopped = make(chan struct{})
	}
	select {
	case <-t.stopped:
	default:
		close(t.stopped)
	}
	if t.streams == 0 {
		t.mu.Unlock()
		return nil
	}
	if t.drained == nil {
		t.drained = make(chan struct{})
	}
	drained := t.drained
	t.mu.Unlock()
	select {
	case <-drained:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// readRequest reads a POST's request, or the status and refusal where that fails.
func readRequest(w http.ResponseWriter, r *http.Request, most int64) (*graphql.RawParams, int, *apperr.Error) {
	if encoding := r.Header.Get("Content-Encoding"); !isJSON(r.Header.Get("Content-Type")) || (encoding != "" && encoding != "identity") {
		return nil, http.StatusUnsupportedMediaType, apperr.New(apperr.BadRequest)
	}
	if r.ContentLength > most {
		return nil, http.StatusRequestEntityTooLarge, apperr.New(apperr.BodyTooLarge)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	if err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return nil, http.StatusRequestEntityTooLarge, apperr.New(apperr.BodyTooLarge)
		}
		return nil, http.StatusBadRequest, apperr.New(apperr.BadRequest)
	}
	params, refused := DecodeRequest(body)
	return params, statusOf(refused), refused
}

// eventWriter writes events, each at once and within the timeout.
type eventWriter struct {
	w          http.ResponseWriter
	controller *http.ResponseController
	timeout    time.Duration
}

// open sends the headers, and lifts the server's limit on reading: the body was read, and what remains is to notice a client that
// leaves. An ErrNotSupported comes before anything was written.
func (e *eventWriter) open() error {
	if err := e.controller.SetReadDeadline(time.Time{}); err != nil {
		return err
	}
	header := e.w.Header()
	header.Set("Content-Type", mediaEvents+"; charset=utf-8")
	header.Set("Cache-Control", "no-store, no-transform")
	header.Set("X-Accel-Buffering", "no") // nginx would hold events back
	header.Set("X-Content-Type-Options", "nosniff")
	return e.heartbeat()
}

func (e *eventWriter) heartbeat() error { return e.write([]byte(":\n\n")) }

// next sends a response. Line ends inside it are white space between JSON's tokens, and would end the event.
func (e *eventWriter) next(response []byte) error {
	return e.write([]byte("event: next\ndata: " + lineEnds.Replace(string(response)) + "\n\n"))
}

var lineEnds = strings.NewReplacer("\n", " ", "\r", " ")

// finish sends what failed, if anything, and the end. The empty data line makes a browser's EventSource hear of it.
func (e *eventWriter) finish(failed *graphql.Response) {
	if failed != nil && e.next(encode(failed)) != nil {
		return
	}
	if e.write([]byte("event: complete\ndata:\n\n")) == nil {
		_ = e.controller.SetWriteDeadline(time.Time{}) // the connection may serve another request
	}
}

func (e *eventWriter) write(event []byte) error {
	if err := e.controller.SetWriteDeadline(time.Now().Add(e.timeout)); err != nil {
		return err
	}
	if _, err := e.w.Write(event); err != nil {
		return err
	}
	return e.controller.Flush()
}
