package appkit

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/require"
)

// patience is how long a message that must come may take on a busy machine.
const patience = 15 * time.Second

// Socket is a client's websocket, which speaks graphql-transport-ws.
type Socket struct {
	*websocket.Conn
}

// Message is one message of the server.
type Message struct {
	Type    string
	ID      string
	Payload json.RawMessage
}

// Response is the payload of a next message.
func (m Message) Response() *Response { return parse(0, nil, m.Payload) }

// Codes are the codes of an error message.
func (m Message) Codes() []string {
	var errs []Error
	_ = json.Unmarshal(m.Payload, &errs)
	var codes []string
	for _, e := range errs {
		codes = append(codes, e.Extensions.Code)
	}
	return codes
}

// Dial opens a socket to the server without connection_init.
func (s *Server) Dial(t testing.TB, subprotocols ...string) *Socket {
	t.Helper()
	if subprotocols == nil {
		subprotocols = []string{"graphql-transport-ws"}
	}
	dialer := websocket.Dialer{Subprotocols: subprotocols, HandshakeTimeout: patience}
	connection, response, err := dialer.Dial("ws"+strings.TrimPrefix(s.URL, "http")+"/graphql", http.Header{})
	require.NoError(t, err)
	_ = response.Body.Close()
	t.Cleanup(func() { _ = connection.Close() })
	return &Socket{connection}
}

// Socket opens a socket and signs it in.
func (c *Client) Socket(t testing.TB) *Socket {
	t.Helper()
	s := c.Server.Dial(t)
	s.Send(t, Variables{"type": "connection_init", "payload": Variables{"authorization": "Bearer " + c.Token, "app": c.App}})
	require.Equal(t, "connection_ack", s.Next(t).Type)
	return s
}

// Subscribe opens a socket with one subscription whose id is "1". It returns when the server listens for events.
func (c *Client) Subscribe(t testing.TB, operation string, variables Variables) *Socket {
	t.Helper()
	s := c.Socket(t)
	s.Subscribe(t, "1", c.Request(operation, variables))
	return s
}

// Subscribe starts an operation.
func (s *Socket) Subscribe(t testing.TB, id string, request Variables) {
	t.Helper()
	s.Send(t, Variables{"type": "subscribe", "id": id, "payload": request})
}

// Send writes one message.
func (s *Socket) Send(t testing.TB, message any) {
	t.Helper()
	require.NoError(t, s.WriteJSON(message))
}

// Next is the next message that is no ping.
func (s *Socket) Next(t testing.TB) Message {
	t.Helper()
	require.NoError(t, s.SetReadDeadline(time.Now().Add(patience)))
	for {
		var m Message
		require.NoError(t, s.ReadJSON(&m))
		if m.Type != "ping" {
			return m
		}
	}
}

// Closed waits for the server to close the socket and gives code and reason; messages before it are dropped.
func (s *Socket) Closed(t testing.TB) (int, string) {
	t.Helper()
	require.NoError(t, s.SetReadDeadline(time.Now().Add(patience)))
	for {
		_, _, err := s.ReadMessage()
		if err == nil {
			continue
		}
		var closed *websocket.CloseError
		require.True(t, errors.As(err, &closed), "no close frame but %v", err)
		return closed.Code, closed.Text
	}
}

// Silent asserts that nothing but a pong follows: the server has said all that it had to say about what happened before.
func (s *Socket) Silent(t testing.TB) {
	t.Helper()
	s.Send(t, Variables{"type": "ping"})
	m := s.Next(t)
	require.Equal(t, "pong", m.Type, "%s", m.Payload)
}
