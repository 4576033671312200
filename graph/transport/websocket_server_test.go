package transport_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/require"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"dongxiao/graph/persisted"
	"dongxiao/graph/transport"
	"dongxiao/internal/apperr"
)

// patience is how long a test waits for what must come; nothing waits this long unless it fails.
const patience = 20 * time.Second

// streamServer is a GraphQL server over both streaming transports, whose resolvers the test steers.
type streamServer struct {
	*httptest.Server
	socket  *transport.Websocket
	sse     *transport.SSE
	events  chan string   // what the subscription "events" tells
	release chan struct{} // lets the query "block" and the mutation "pay" answer
	live    atomic.Int64  // operations whose context has not ended
	stuck   atomic.Int64  // subscriptions to "stubborn" that began
}

// newStreamServer starts a server until the test ends, and then checks that nothing of it is left running.
func newStreamServer(t *testing.T, socket *transport.Websocket, sse *transport.SSE) *streamServer {
	t.Helper()
	s := &streamServer{socket: socket, sse: sse, events: make(chan string), release: make(chan struct{})}
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: `
		type Query { name: String! find(id: Int!): String! block: String! explode: String! broken: String }
		type Mutation { pay: String! }
		type Subscription { events: String! denied: String! flood: String! explode: String! stubborn: String! }
	`})
	operations, err := persisted.Load(fstest.MapFS{
		"storefront/name.graphql": &fstest.MapFile{Data: []byte("query Name { name }")},
	}, schema)
	require.NoError(t, err)
	server, err := transport.NewServer(&graphql.ExecutableSchemaMock{
		SchemaFunc:     func() *ast.Schema { return schema },
		ComplexityFunc: func(context.Context, string, string, int, map[string]any) (int, bool) { return 1, true },
		ExecFunc:       s.execute,
	}, transport.Options{
		Development: true,
		Operations:  operations,
		Face:        func(context.Context) string { return "STOREFRONT" },
		RequestID:   func(context.Context) string { return "request" },
		Logger:      slog.New(slog.DiscardHandler),
		Streams:     []graphql.Transport{sse, socket},
	})
	require.NoError(t, err)
	s.Server = httptest.NewServer(transport.Language(server))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		require.NoError(t, s.sse.Close(ctx))
		_ = s.socket.Close(ctx)
		s.Close()
		require.Zero(t, s.socket.Sockets())
		require.Zero(t, s.sse.Streams())
		s.running(t, 0)
	})
	return s
}

// execute does what the generated code would: one root field by its name.
func (s *streamServer) execute(ctx context.Context) graphql.ResponseHandler {
	operation := graphql.GetOperationContext(ctx)
	field := operation.Operation.SelectionSet[0].(*ast.Field).Name
	data := func(value string) *graphql.Response {
		text, _ := json.Marshal(value)
		return &graphql.Response{Data: fmt.Appendf(nil, "{\n%q: %s}", field, text)}
	}
	s.live.Add(1)
	context.AfterFunc(ctx, func() { s.live.Add(-1) })
	once := func(resolve func(ctx context.Context) *graphql.Response) graphql.ResponseHandler {
		done := false
		return func(ctx context.Context) *graphql.Response {
			if done {
				return nil
			}
			done = true
			return resolve(ctx)
		}
	}
	switch field {
	case "name", "find":
		return once(func(context.Context) *graphql.Response { return data("test") })
	case "broken":
		return once(func(ctx context.Context) *graphql.Response {
			graphql.AddError(ctx, apperr.New(apperr.NotFound))
			return &graphql.Response{Data: []byte(`{"broken":null}`)}
		})
	case "block", "pay":
		return once(func(ctx context.Context) *graphql.Response {
			select {
			case <-s.release:
				return data("done")
			case <-ctx.Done():
				return nil
			}
		})
	case "denied":
		graphql.AddError(ctx, apperr.New(apperr.Forbidden))
		return nil
	case "explode":
		return func(context.Context) *graphql.Response { panic("explode") }
	case "flood":
		return func(context.Context) *graphql.Response { return data(strings.Repeat("x", 32<<10)) }
	case "stubborn": // heeds its context only when it is let go
		return func(context.Context) *graphql.Response {
			s.stuck.Add(1)
			<-s.release
			return nil
		}
	default:
		return func(ctx context.Context) *graphql.Response {
			select {
			case event, ok := <-s.events:
				if ok {
					return data(event)
				}
			case <-ctx.Done():
			}
			return nil
		}
	}
}

// tell hands an event to one live subscription.
func (s *streamServer) tell(t *testing.T, event string) {
	t.Helper()
	select {
	case s.events <- event:
	case <-time.After(patience):
		require.Fail(t, "no subscription listens")
	}
}

// running waits until so many operations live.
func (s *streamServer) running(t *testing.T, count int64) {
	t.Helper()
	require.Eventually(t, func() bool { return s.live.Load() == count }, patience, time.Millisecond)
}

// client is a client of graphql-transport-ws that says exactly what the test wants.
type client struct {
	*websocket.Conn
	t *testing.T
}

// message is a message of the protocol, either way.
type message struct {
	Type    string          `json:"type"`
	ID      string          `json:"id,omitempty"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

func dial(t *testing.T, s *streamServer, header http.Header, subprotocols ...string) *client {
	t.Helper()
	dialer := websocket.Dialer{Subprotocols: subprotocols, HandshakeTimeout: patience}
	connection, _, err := dialer.Dial("ws"+strings.TrimPrefix(s.URL, "http"), header)
	require.NoError(t, err)
	t.Cleanup(func() { _ = connection.Close() })
	return &client{connection, t}
}

// connect dials and sends connection_init.
func connect(t *testing.T, s *streamServer) *client {
	t.Helper()
	c := dial(t, s, nil, "graphql-transport-ws")
	c.send(`{"type":"connection_init"}`)
	require.Equal(t, message{Type: "connection_ack"}, c.receive())
	return c
}

func (c *client) send(text string) {
	c.t.Helper()
	require.NoError(c.t, c.WriteMessage(websocket.TextMessage, []byte(text)))
}

func (c *client) subscribe(id, query string) {
	c.t.Helper()
	payload, _ := json.Marshal(map[string]any{"query": query})
	text, _ := json.Marshal(message{Type: "subscribe", ID: id, Payload: payload})
	c.send(string(text))
}

func (c *client) receive() message {
	c.t.Helper()
	require.NoError(c.t, c.SetReadDeadline(time.Now().Add(patience)))
	_, data, err := c.ReadMessage()
	require.NoError(c.t, err)
	var m message
	require.NoError(c.t, json.Unmarshal(data, &m))
	return m
}

// expect receives a message with the payload given as JSON.
func (c *client) expect(kind, id, payload string) {
	c.t.Helper()
	m := c.receive()
	require.Equal(c.t, [2]string{kind, id}, [2]string{m.Type, m.ID}, "payload %s", m.Payload)
	if payload != "" {
		require.JSONEq(c.t, payload, string(m.Payload))
	}
}

// expectRefusal receives an error message with one error of the code, and gives its sentence.
func (c *client) expectRefusal(id string, code apperr.Code) string {
	c.t.Helper()
	m := c.receive()
	require.Equal(c.t, [2]string{"error", id}, [2]string{m.Type, m.ID}, "payload %s", m.Payload)
	var errs []struct {
		Message    string
		Extensions struct{ Code apperr.Code }
	}
	require.NoError(c.t, json.Unmarshal(m.Payload, &errs))
	require.Len(c.t, errs, 1)
	require.Equal(c.t, code, errs[0].Extensions.Code)
	return errs[0].Message
}

// expectClose reads up to the server's close frame, and gives its reason.
func (c *client) expectClose(code int) string {
	c.t.Helper()
	require.NoError(c.t, c.SetReadDeadline(time.Now().Add(patience)))
	for {
		_, _, err := c.ReadMessage()
		if err == nil {
			continue
		}
		closed, ok := errors.AsType[*websocket.CloseError](err)
		require.True(c.t, ok, "%v", err)
		require.Equal(c.t, code, closed.Code, closed.Text)
		return closed.Text
	}
}
