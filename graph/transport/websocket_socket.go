package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/gorilla/websocket"

	"dongxiao/internal/apperr"
)

// socket is one client's connection. Three goroutines serve it until it ends: the caller reads, one writes, and after connection_ack
// one watches over its right to live; each operation has its own.
type socket struct {
	options  options
	executor graphql.GraphExecutor
	headers  http.Header
	queue    chan outgoing
	ctx      context.Context // ends when the socket must
	cancel   context.CancelFunc
	tasks    sync.WaitGroup

	mu            sync.Mutex
	connection    *websocket.Conn // nil until the upgrade
	closing       bool            // the first who closes decides how
	closeFrame    []byte          // the frame to say goodbye with; none where the client has gone
	flush         bool            // what waits in the queue is written before the frame
	initialised   bool            // connection_init came
	authenticated context.Context // nil until connection_ack; operations run under it
	stopping      bool            // the server stops: nothing new begins
	active        map[string]*operation
	running       int           // goroutines of operations, those that a client has completed included
	idle          chan struct{} // closed when running is 0 again, where somebody waits for it
}

// outgoing is one message on its way to the client.
type outgoing struct {
	data      []byte
	operation *operation // nil where the message belongs to none
}

// serve runs the socket to its end, and returns when nothing of it is left.
func (s *socket) serve(connection *websocket.Conn) {
	s.mu.Lock()
	s.connection = connection
	if s.closing {
		s.limitGoodbye()
	}
	s.mu.Unlock()

	s.heard(s.options.InitTimeout + s.options.CloseTimeout)
	connection.SetPingHandler(func(data string) error {
		s.throttle()
		s.heard(2 * s.options.KeepAlive)
		_ = connection.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(s.options.CloseTimeout))
		return nil
	})
	connection.SetPongHandler(func(string) error {
		s.throttle()
		s.heard(2 * s.options.KeepAlive)
		return nil
	})

	s.tasks.Go(s.write)
	initTimeout := time.AfterFunc(s.options.InitTimeout, func() {
		s.mu.Lock()
		late := s.authenticated == nil
		s.mu.Unlock()
		if late {
			s.close(closeInitTimeout, "Connection initialisation timeout")
		}
	})
	if connection.Subprotocol() == "" {
		s.close(closeSubprotocol, "Subprotocol not acceptable")
	}
	s.read()
	initTimeout.Stop()
	s.gone()
	_ = connection.Close()
	s.tasks.Wait()
}

// heard puts the time off at which a silent client is given up, unless the socket is closing.
func (s *socket) heard(patience time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closing {
		_ = s.connection.SetReadDeadline(time.Now().Add(patience))
	}
}

// throttle holds the reader back where the client sends too fast.
func (s *socket) throttle() { _ = s.options.limiter.Wait(s.ctx) }

// close ends the socket with a close frame, once: what waits in the queue is dropped.
func (s *socket) close(code int, reason string) {
	s.end(websocket.FormatCloseMessage(code, reason), false)
}

// gone ends a socket whose client has left, or can no longer be spoken to.
func (s *socket) gone() { s.end(nil, false) }

func (s *socket) end(frame []byte, flush bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return
	}
	s.closing, s.closeFrame, s.flush = true, frame, flush
	if s.connection != nil {
		s.limitGoodbye()
	}
	s.cancel()
}

// limitGoodbye bounds what is still read and written, a write in progress included. Callers hold the lock.
func (s *socket) limitGoodbye() {
	_ = s.connection.NetConn().SetDeadline(time.Now().Add(s.options.CloseTimeout))
}

// refuse ends the socket because of an error of InitFunc or Recheck.
func (s *socket) refuse(err error) {
	if refused := refusal(err); refused != nil {
		s.close(closeForbidden, string(refused.Code))
		return
	}
	s.close(websocket.CloseTryAgainLater, string(apperr.Unavailable))
}

// goAway ends the socket for a server that stops: subscriptions at once, queries and mutations when they are done or ctx ends.
func (s *socket) goAway(ctx context.Context) {
	s.mu.Lock()
	s.stopping = true
	for _, o := range s.active {
		if o.subscription {
			o.silence()
		}
	}
	idle := make(chan struct{})
	if s.running == 0 {
		close(idle)
	} else {
		s.idle = idle
	}
	s.mu.Unlock()
	select {
	case <-idle:
	case <-ctx.Done():
	case <-s.ctx.Done():
	}
	s.end(websocket.FormatCloseMessage(websocket.CloseGoingAway, "Going away"), true)
}

// finished counts an operation's goroutine out.
func (s *socket) finished() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running--; s.running == 0 && s.idle != nil {
		close(s.idle)
		s.idle = nil
	}
}

// read takes messages until the connection fails. After the socket began to close it only waits for the client's close frame: a
// connection that is cut with unread data would take our own close frame away from the client.
func (s *socket) read() {
	for {
		s.throttle()
		kind, reader, err := s.connection.NextReader()
		if err != nil {
			return
		}
		if s.ctx.Err() != nil {
			continue
		}
		if kind != websocket.TextMessage {
			s.close(closeBadRequest, "Invalid message")
			continue
		}
		data, err := io.ReadAll(io.LimitReader(reader, s.options.MaxMessageBytes+1))
		switch {
		case err != nil:
			return
		case int64(len(data)) > s.options.MaxMessageBytes:
			s.close(websocket.CloseMessageTooBig, "Message too big")
			continue
		}
		s.heard(2 * s.options.KeepAlive)
		s.handle(data)
	}
}

// write sends what is queued, and pings, until the socket ends; then it says goodbye.
func (s *socket) write() {
	ping := time.NewTicker(s.options.KeepAlive)
	defer ping.Stop()
	for {
		var err error
		select {
		case <-s.ctx.Done():
			s.goodbye()
			return
		case message := <-s.queue:
			err = s.writeMessage(message)
		case <-ping.C:
			err = s.connection.WriteControl(websocket.PingMessage, nil, time.Now().Add(s.options.WriteTimeout))
		}
		if err != nil {
			s.gone()
			_ = s.connection.Close() // wakes the reader
			return
		}
	}
}

func (s *socket) writeMessage(message outgoing) error {
	if o := message.operation; o != nil && o.silent.Load() {
		return nil
	}
	_ = s.connection.SetWriteDeadline(time.Now().Add(s.options.WriteTimeout))
	return s.connection.WriteMessage(websocket.TextMessage, message.data)
}

func (s *socket) goodbye() {
	s.end(websocket.FormatCloseMessage(websocket.CloseGoingAway, "Going away"), false) // where the request's context ended, not the socket's
	s.mu.Lock()
	frame, flush := s.closeFrame, s.flush
	s.mu.Unlock()
	deadline := time.Now().Add(s.options.CloseTimeout)
	_ = s.connection.SetWriteDeadline(deadline)
	for flush {
		select {
		case message := <-s.queue:
			if message.operation != nil && message.operation.silent.Load() {
				continue
			}
			if s.connection.WriteMessage(websocket.TextMessage, message.data) != nil {
				return
			}
			continue
		default:
		}
		break
	}
	if frame != nil {
		_ = s.connection.WriteControl(websocket.CloseMessage, frame, deadline)
	}
}

// errGone stops an operation whose socket has ended or whose client does not want it any more.
var errGone = errors.New("the client has gone")

// send queues a message. Where the queue is full it waits, which holds the operation back, and cuts the client where that takes too long.
func (s *socket) send(ctx context.Context, message outgoing) error {
	select {
	case s.queue <- message:
		return nil
	default:
	}
	timer := time.NewTimer(s.options.WriteTimeout)
	defer timer.Stop()
	select {
	case s.queue <- message:
		return nil
	case <-ctx.Done():
		return errGone
	case <-timer.C:
		s.close(websocket.CloseTryAgainLater, "Messages are not read")
		return fmt.Errorf("%w: it does not read", errGone)
	}
}
