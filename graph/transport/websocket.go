package transport

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"

	"dongxiao/internal/apperr"
)

// subprotocol is the one that is spoken: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
const subprotocol = "graphql-transport-ws"

// The close codes of the protocol, beside those of RFC 6455. Reasons are fixed words: nothing that a client sent is echoed.
const (
	closeBadRequest       = 4400 // a message that the protocol does not know
	closeUnauthorized     = 4401 // an operation before connection_ack
	closeForbidden        = 4403 // the person may not go on; the reason is the code of the refusal, such as TOKEN_EXPIRED
	closeSubprotocol      = 4406 // graphql-transport-ws was not offered
	closeInitTimeout      = 4408 // no connection_init, or it could not be answered in time
	closeSubscriberExists = 4409 // a live operation has this id
	closeTooManyInits     = 4429 // a second connection_init
)

// Websocket carries queries, mutations and subscriptions over graphql-transport-ws, and no other sub-protocol. The zero value works;
// every field is read when a socket opens. It must be used by pointer and before the transports of plain HTTP.
//
// Authentication is the InitFunc's, from connection_init. A person who may not go on, at the start or later, is closed with 4403 and
// the refusal's code as the reason: the protocol's client libraries come back after 4403 with a fresh token, and take 4401 as final.
// Where the right could not be told because of a fault of ours, or the client reads too slowly, the code is 1013 (try again later).
type Websocket struct {
	// InitFunc authenticates the socket from connection_init's payload, which is nil where there was none and is as hostile as any
	// input. The context that it returns must be made from the one it is given; operations run under it, and WithExpiry may be set
	// on it. The payload's "language" has replaced Accept-Language in it. Nil lets everybody in.
	InitFunc func(ctx context.Context, payload map[string]any) (context.Context, error)
	// Recheck is asked every RecheckInterval (default 2 s) whether the socket may stay.
	Recheck         Recheck
	RecheckInterval time.Duration
	// CheckOrigin may refuse a browser's Origin. Nil allows all, because WeChat sends odd ones (weapp://…, none at all) and because
	// the socket is authenticated by a token in connection_init, never by a cookie that another site could borrow.
	CheckOrigin func(r *http.Request) bool

	// InitTimeout is how long connection_init and its InitFunc may take: default 5 s.
	InitTimeout time.Duration
	// KeepAlive is the time between the server's pings: default 15 s. A client silent for twice as long is gone.
	KeepAlive time.Duration
	// WriteTimeout is how long one message may take to be written, and to wait for its place in the queue: default 10 s. A client
	// that reads more slowly is cut.
	WriteTimeout time.Duration
	// CloseTimeout is how long the last messages and the close handshake may take: default 1 s.
	CloseTimeout time.Duration

	// MaxMessageBytes bounds one message of a client: default 64 KiB, above it 1009.
	MaxMessageBytes int64
	// MaxOperations bounds the operations that run at once on one socket: default 10. One more is refused alone.
	MaxOperations int
	// MaxSockets bounds the sockets of this process: default 20,000. One more is refused with 503.
	MaxSockets int
	// MaxQueue bounds the messages that wait to be written to one socket: default 32.
	MaxQueue int
	// MessageRate and MessageBurst bound how fast a client's messages are read, pings included; what comes faster waits in the
	// network: default 20 in a second after 50 at once.
	MessageRate  float64
	MessageBurst int

	// Now is the clock that an expiry is compared with: default time.Now.
	Now func() time.Time

	mu      sync.Mutex
	sockets map[*socket]struct{}
	stopped bool
	drained chan struct{} // closed when the last socket has ended after Close began
	buffers sync.Pool
}

var _ graphql.Transport = (*Websocket)(nil)

// Supports says whether the request asks for a websocket.
func (t *Websocket) Supports(r *http.Request) bool { return websocket.IsWebSocketUpgrade(r) }

// Do serves one socket until it ends; the socket's context is the request's.
func (t *Websocket) Do(w http.ResponseWriter, r *http.Request, executor graphql.GraphExecutor) {
	s := &socket{
		options:  t.withDefaults(),
		executor: executor,
		headers:  r.Header,
		active:   map[string]*operation{},
	}
	s.queue = make(chan outgoing, s.options.MaxQueue)
	s.ctx, s.cancel = context.WithCancel(r.Context())
	defer s.cancel()
	if !t.register(s) {
		w.Header().Set("Retry-After", "5")
		refuseRequest(w, r, http.StatusServiceUnavailable, apperr.New(apperr.Unavailable))
		return
	}
	defer t.unregister(s)

	upgrader := websocket.Upgrader{
		HandshakeTimeout: s.options.WriteTimeout,
		ReadBufferSize:   1024,
		WriteBufferSize:  1024,
		WriteBufferPool:  &t.buffers,
		Subprotocols:     []string{subprotocol},
		CheckOrigin:      t.CheckOrigin,
		Error: func(w http.ResponseWriter, r *http.Request, status int, _ error) {
			code := apperr.BadRequest
			if status >= http.StatusInternalServerError {
				code = apperr.Unavailable
			}
			refuseRequest(w, r, status, apperr.New(code))
		},
	}
	if upgrader.CheckOrigin == nil {
		upgrader.CheckOrigin = func(*http.Request) bool { return true }
	}
	connection, err := upgrader.Upgrade(hijacker{w}, r, nil)
	if err != nil {
		return // answered by the upgrader
	}
	s.serve(connection)
}

// refuseRequest answers a request that never became a socket or a stream.
func refuseRequest(w http.ResponseWriter, r *http.Request, status int, refused *apperr.Error) {
	HTTP{}.refuse(&answer{w: w, media: mediaJSON}, r, status, refused)
}

// hijacker reaches the connection through a middleware's writer that only unwraps.
type hijacker struct{ http.ResponseWriter }

// Hijack takes the connection over.
func (h hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return http.NewResponseController(h.ResponseWriter).Hijack()
}

// options is Websocket's configuration with the defaults filled in.
type options struct {
	InitFunc        func(context.Context, map[string]any) (context.Context, error)
	lifetime        lifetime
	InitTimeout     time.Duration
	KeepAlive       time.Duration
	WriteTimeout    time.Duration
	CloseTimeout    time.Duration
	MaxMessageBytes int64
	MaxOperations   int
	MaxQueue        int
	limiter         *rate.Limiter
}

func (t *Websocket) withDefaults() options {
	return options{
		InitFunc:        t.InitFunc,
		lifetime:        newLifetime(t.Recheck, t.RecheckInterval, t.Now),
		InitTimeout:     positive(t.InitTimeout, 5*time.Second),
		KeepAlive:       positive(t.KeepAlive, 15*time.Second),
		WriteTimeout:    positive(t.WriteTimeout, 10*time.Second),
		CloseTimeout:    positive(t.CloseTimeout, time.Second),
		MaxMessageBytes: positive(t.MaxMessageBytes, 64<<10),
		MaxOperations:   positive(t.MaxOperations, 10),
		MaxQueue:        positive(t.MaxQueue, 32),
		limiter:         rate.NewLimiter(rate.Limit(positive(t.MessageRate, 20)), positive(t.MessageBurst, 50)),
	}
}

// positive is the value, or the default where the value was not set.
func positive[N int | int64 | float64 | time.Duration](value, standard N) N {
	if value > 0 {
		return value
	}
	return standard
}

func (t *Websocket) register(s *socket) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.stopped || len(t.sockets) >= positive(t.MaxSockets, 20_000) {
		return false
	}
	if t.sockets == nil {
		t.sockets = map[*socket]struct{}{}
	}
	t.sockets[s] = struct{}{}
	return true
}

func (t *Websocket) unregister(s *socket) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.sockets, s)
	if t.drained != nil && len(t.sockets) == 0 {
		close(t.drained)
		t.drained = nil
	}
}

// Sockets counts the open sockets of this process, for a metric.
func (t *Websocket) Sockets() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.sockets)
}

// Close lets running queries and mutations finish as long as ctx allows, then closes every socket with 1001 (going away) and waits for
// them. Subscriptions are not completed, because a client takes complete as the end, whereas after 1001 it subscribes again with the
// next server. New sockets are refused from the start. It returns ctx's error where it had to cut.
func (t *Websocket) Close(ctx context.Context) error {
	t.mu.Lock()
	t.stopped = true
	if len(t.sockets) == 0 {
		t.mu.Unlock()
		return nil
	}
	if t.drained == nil {
		t.drained = make(chan struct{})
	}
	drained := t.drained
	for s := range t.sockets {
		go s.goAway(ctx)
	}
	t.mu.Unlock()
	select {
	case <-drained:
		return nil
	case <-ctx.Done():
	}
	select {
	case <-drained:
	case <-time.After(2 * positive(t.CloseTimeout, time.Second)): // a resolver that does not heed its context is left behind
	}
	return context.Cause(ctx)
}
