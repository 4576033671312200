package transport_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/require"

	"dongxiao/graph/transport"
	"dongxiao/internal/apperr"
)

func newSocketServer(t *testing.T, socket *transport.Websocket) *streamServer {
	t.Helper()
	return newStreamServer(t, socket, &transport.SSE{})
}

func TestWebsocketOperations(t *testing.T) {
	t.Parallel()
	s := newSocketServer(t, &transport.Websocket{})
	c := connect(t, s)

	c.subscribe("q", "{ name }")
	c.expect("next", "q", `{"data":{"name":"test"},"extensions":{"cost":{"requested":1,"limit":10000}}}`)
	c.expect("complete", "q", "")

	c.subscribe("m", "mutation { pay }")
	s.release <- struct{}{}
	require.Contains(t, string(c.receive().Payload), `"done"`)
	c.expect("complete", "m", "")

	c.subscribe("s", "subscription { events }")
	for _, event := range []string{"one", "two"} {
		s.tell(t, event)
		m := c.receive()
		require.Equal(t, "next", m.Type)
		require.Contains(t, string(m.Payload), event)
	}
	close(s.events)
	c.expect("complete", "s", "")
	s.running(t, 0)

	c.subscribe("e", "{ broken }") // an error while executing is part of a result
	m := c.receive()
	require.Equal(t, "next", m.Type)
	require.Contains(t, string(m.Payload), `"NOT_FOUND"`)
	require.Contains(t, string(m.Payload), `"data":{"broken":null}`)
	c.expect("complete", "e", "")
}

func TestWebsocketErrorsBeforeExecution(t *testing.T) {
	t.Parallel()
	s := newSocketServer(t, &transport.Websocket{})
	c := connect(t, s)
	for query, code := range map[string]apperr.Code{
		"{":                        apperr.ParseFailed,
		"{ unknown }":              apperr.ValidationFailed,
		"{ find }":                 apperr.ValidationFailed,
		"subscription { denied }":  apperr.Forbidden,
		"{ explode }":              apperr.Internal,
		"subscription { explode }": apperr.Internal,
	} {
		c.subscribe("x", query) // the id is free again each time
		c.expectRefusal("x", code)
	}
	c.send(`{"type":"subscribe","id":"x","payload":{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"` + strings.Repeat("0", 64) + `"}}}}`)
	require.Equal(t, "PersistedQueryNotFound", c.expectRefusal("x", apperr.PersistedNotFound))
	c.subscribe("x", "{ name }") // and the socket has lived through all of it
	require.Equal(t, "next", c.receive().Type)
	s.running(t, 0)
}

func TestWebsocketCloseCodes(t *testing.T) {
	t.Parallel()
	s := newSocketServer(t, &transport.Websocket{})
	long := strings.Repeat("国", 128)
	for name, test := range map[string]struct {
		before bool // before connection_ack
		send   []string
		code   int
	}{
		"operation before init":     {true, []string{`{"type":"subscribe","id":"1","payload":{"query":"{ name }"}}`}, 4401},
		"second init":               {false, []string{`{"type":"connection_init"}`}, 4429},
		"two inits at once":         {true, []string{`{"type":"connection_init"}`, `{"type":"connection_init"}`}, 4429},
		"duplicate id":              {false, []string{`{"type":"subscribe","id":"1","payload":{"query":"subscription { events }"}}`, `{"type":"subscribe","id":"1","payload":{"query":"{ name }"}}`}, 4409},
		"longest id twice":          {false, []string{`{"type":"subscribe","id":"` + long + `","payload":{"query":"subscription { events }"}}`, `{"type":"subscribe","id":"` + long + `","payload":{"query":"{ name }"}}`}, 4409},
		"not JSON":                  {false, []string{`{`}, 4400},
		"empty":                     {true, []string{``}, 4400},
		"no object":                 {false, []string{`["connection_init"]`}, 4400},
		"two objects":               {false, []string{`{"type":"ping"} {"type":"ping"}`}, 4400},
		"null":                      {false, []string{`null`}, 4400},
		"unknown type":              {false, []string{`{"type":"start","id":"1"}`}, 4400},
		"type of the server":        {false, []string{`{"type":"next","id":"1","payload":{}}`}, 4400},
		"type is no string":         {false, []string{`{"type":1}`}, 4400},
		"id is no string":           {false, []string{`{"type":"subscribe","id":1,"payload":{"query":"{ name }"}}`}, 4400},
		"no id":                     {false, []string{`{"type":"subscribe","payload":{"query":"{ name }"}}`}, 4400},
		"empty id":                  {false, []string{`{"type":"subscribe","id":"","payload":{"query":"{ name }"}}`}, 4400},
		"id too long":               {false, []string{`{"type":"subscribe","id":"` + long + `x","payload":{"query":"{ name }"}}`}, 4400},
		"complete without id":       {false, []string{`{"type":"complete"}`}, 4400},
		"no payload":                {false, []string{`{"type":"subscribe","id":"1"}`}, 4400},
		"payload is no object":      {false, []string{`{"type":"subscribe","id":"1","payload":"{ name }"}`}, 4400},
		"no query":                  {false, []string{`{"type":"subscribe","id":"1","payload":{}}`}, 4400},
		"query is no string":        {false, []string{`{"type":"subscribe","id":"1","payload":{"query":{}}}`}, 4400},
		"variables are a list":      {false, []string{`{"type":"subscribe","id":"1","payload":{"query":"{ name }","variables":[]}}`}, 4400},
		"nested without end":        {false, []string{`{"type":"subscribe","id":"1","payload":{"query":"{ name }","variables":{"a":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `}}}`}, 4400},
		"init payload is no object": {true, []string{`{"type":"connection_init","payload":[]}`}, 4400},
		"ping payload is no object": {true, []string{`{"type":"ping","payload":1}`}, 4400},
		"message too big":           {true, []string{`{"type":"ping","payload":{"x":"` + strings.Repeat("x", 64<<10) + `"}}`}, 1009},
		"far too big":               {false, []string{strings.Repeat("x", 4<<20)}, 1009},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var c *client
			if test.before {
				c = dial(t, s, nil, "graphql-transport-ws")
			} else {
				c = connect(t, s)
			}
			for _, text := range test.send {
				if err := c.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
					break // the server has closed already
				}
			}
			reason := c.expectClose(test.code)
			require.NotContains(t, reason, "国")
		})
	}
	t.Run("binary", func(t *testing.T) {
		t.Parallel()
		c := connect(t, s)
		require.NoError(t, c.WriteMessage(websocket.BinaryMessage, []byte(`{"type":"ping"}`)))
		c.expectClose(4400)
	})
	t.Run("no sub-protocol", func(t *testing.T) {
		t.Parallel()
		dial(t, s, nil).expectClose(4406)
	})
	t.Run("the old sub-protocol", func(t *testing.T) {
		t.Parallel()
		dial(t, s, nil, "graphql-ws").expectClose(4406)
	})
}

func TestWebsocketIsNoUpgrade(t *testing.T) {
	t.Parallel()
	s := newSocketServer(t, &transport.Websocket{})
	for name, change := range map[string]func(*http.Request){
		"wrong version": func(r *http.Request) { r.Header.Set("Sec-WebSocket-Version", "8") },
		"no key":        func(r *http.Request) { r.Header.Del("Sec-WebSocket-Key") },
		"post":          func(r *http.Request) { r.Method = http.MethodPost },
	} {
		request, err := http.NewRequest(http.MethodGet, s.URL, nil)
		require.NoError(t, err)
		for key, value := range map[string]string{"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
			"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Accept-Language": "en"} {
			request.Header.Set(key, value)
		}
		change(request)
		response, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		_ = response.Body.Close()
		require.GreaterOrEqual(t, response.StatusCode, 400, name)
		require.Less(t, response.StatusCode, 500, name)
		require.Contains(t, string(body), `"BAD_REQUEST"`, name)
	}
}

func TestWebsocketOrigin(t *testing.T) {
	t.Parallel()
	header := http.Header{"Origin": {"weapp://wechat-game-runtime"}}
	dial(t, newSocketServer(t, &transport.Websocket{}), header, "graphql-transport-ws").send(`{"type":"ping"}`)

	s := newSocketServer(t, &transport.Websocket{CheckOrigin: func(*http.Request) bool { return false }})
	_, response, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(s.URL, "http"), header)
	require.Error(t, err)
	require.Equal(t, http.StatusForbidden, response.StatusCode)
}

func TestWebsocketPing(t *testing.T) {
	t.Parallel()
	s := newSocketServer(t, &transport.Websocket{KeepAlive: time.Second})
	c := dial(t, s, nil, "graphql-transport-ws")
	pinged := make(chan struct{}, 100)
	answer := c.PingHandler()
	c.SetPingHandler(func(data string) error {
		select {
		case pinged <- struct{}{}:
		default:
		}
		return answer(data)
	})
	c.send(`{"type":"ping"}`) // before connection_init too
	require.Equal(t, message{Type: "pong"}, c.receive())
	c.send(`{"type":"ping","payload":{"at":12345678901234567890,"x":["国"]}}`)
	c.expect("pong", "", `{"at":12345678901234567890,"x":["国"]}`)
	c.send(`{"type":"ping","payload":null}`)
	require.Equal(t, message{Type: "pong"}, c.receive())
	c.send(`{"type":"pong","payload":{}}`)

	c.send(`{"type":"connection_init"}`)
	require.Equal(t, "connection_ack", c.receive().Type)
	c.subscribe("1", "{ block }")
	go func() {
		for range 3 { // idle for longer than a silent client may be, kept by its pongs
			<-pinged
		}
		s.release <- struct{}{}
	}()
	c.expect("next", "1", "")
}

func TestWebsocketSilentClientIsGivenUp(t *testing.T) {
	t.Parallel()
	s := newSocketServer(t, &transport.Websocket{KeepAlive: 200 * time.Millisecond})
	c := connect(t, s)
	c.SetPingHandler(func(string) error { return nil }) // answers no ping
	c.subscribe("1", "subscription { events }")
	require.NoError(t, c.SetReadDeadline(time.Now().Add(patience)))
	_, _, err := c.ReadMessage()
	require.Error(t, err)
	s.running(t, 0)
}

func TestWebsocketInit(t *testing.T) {
	t.Parallel()
	type key struct{}
	var seen atomic.Value
	s := newSocketServer(t, &transport.Websocket{InitFunc: func(ctx context.Context, payload map[string]any) (context.Context, error) {
		seen.Store(transport.LanguageOf(ctx))
		switch payload["token"] {
		case "expired":
			return nil, apperr.New(apperr.TokenExpired)
		case "busy":
			return nil, errors.New("database is away")
		case "panic":
			panic("init")
		case "wait":
			<-ctx.Done()
			return nil, ctx.Err()
		}
		return context.WithValue(ctx, key{}, payload["token"]), nil
	}})
	open := func(payload string, header http.Header) *client {
		c := dial(t, s, header, "graphql-transport-ws")
		c.send(`{"type":"connection_init"` + payload + `}`)
		return c
	}
	require.Equal(t, "TOKEN_EXPIRED", open(`,"payload":{"token":"expired"}`, nil).expectClose(4403))
	require.Equal(t, "UNAVAILABLE", open(`,"payload":{"token":"busy"}`, nil).expectClose(1013))
	require.Equal(t, "UNAVAILABLE", open(`,"payload":{"token":"panic"}`, nil).expectClose(1013))

	c := open(`,"payload":{"token":"wait"}`, nil)
	c.subscribe("1", "{ name }") // while InitFunc works
	c.expectClose(4401)
	c = open(`,"payload":{"token":"wait"}`, nil)
	require.NoError(t, c.Close()) // a client that leaves ends InitFunc

	for _, test := range []struct {
		payload, header string
		language        apperr.Language
		sentence        string
	}{
		{``, "", apperr.Chinese, "不符"},
		{`,"payload":null`, "en-GB", apperr.English, "does not fit"},
		{`,"payload":{"language":"en"}`, "zh-CN", apperr.English, "does not fit"},
		{`,"payload":{"language":"zh-CN"}`, "en", apperr.Chinese, "不符"},
		{`,"payload":{"language":["en"]}`, "", apperr.Chinese, "不符"},
	} {
		c := open(test.payload, http.Header{"Accept-Language": {test.header}})
		require.Equal(t, "connection_ack", c.receive().Type)
		require.Equal(t, test.language, seen.Load())
		c.subscribe("1", "{ unknown }")
		require.Contains(t, c.expectRefusal("1", apperr.ValidationFailed), test.sentence)
	}
}

func TestWebsocketInitTimeout(t *testing.T) {
	t.Parallel()
	s := newSocketServer(t, &transport.Websocket{
		InitTimeout: 20 * time.Millisecond,
		InitFunc: func(ctx context.Context, _ map[string]any) (context.Context, error) {
			<-ctx.Done()
			return ctx, nil
		},
	})
	dial(t, s, nil, "graphql-transport-ws").expectClose(4408)
	c := dial(t, s, nil, "graphql-transport-ws")
	c.send(`{"type":"connection_init"}`)
	c.expectClose(4408)
}

func TestWebsocketTooManyOperations(t *testing.T) {
	t.Parallel()
	s := newSocketServer(t, &transport.Websocket{})
	c := connect(t, s)
	for i := range 10 {
		c.subscribe(fmt.Sprint(i), "subscription { events }")
	}
	s.running(t, 10)
	c.subscribe("more", "{ name }")
	require.Contains(t, c.expectRefusal("more", apperr.TooManySubscriptions), "10")

	c.send(`{"type":"complete","id":"3"}`)
	c.subscribe("more", "{ name }") // the place is free at once, and so is the id that was refused
	c.expect("next", "more", "")
	c.expect("complete", "more", "")
	s.running(t, 9)
}

func TestWebsocketStubbornOperationsAreBounded(t *testing.T) {
	t.Parallel()
	s := newSocketServer(t, &transport.Websocket{MaxOperations: 2})
	defer close(s.release)
	c := connect(t, s)
	for i := range 4 { // completed, yet still at work
		c.subscribe(fmt.Sprint(i), "subscription { stubborn }")
		require.Eventually(t, func() bool { return s.stuck.Load() == int64(i+1) }, patience, time.Millisecond)
		c.send(fmt.Sprintf(`{"type":"complete","id":"%d"}`, i))
	}
	c.subscribe("5", "{ name }")
	c.expectRefusal("5", apperr.TooManySubscriptions)
}

func TestWebsocketComplete(t *testing.T) {
	t.Parallel()
	s := newSocketServer(t, &transport.Websocket{})
	c := connect(t, s)
	c.send(`{"type":"complete","id":"unknown"}`)
	c.subscribe("1", "subscription { events }")
	s.tell(t, "first")
	c.expect("next", "1", "")
	c.send(`{"type":"complete","id":"1"}`)
	s.running(t, 0)
	c.subscribe("1", "subscription { events }") // the id may be used again
	s.tell(t, "second")
	require.Contains(t, string(c.receive().Payload), "second") // and nothing of the old one came between
	require.NoError(t, c.Close())
	s.running(t, 0)
}

func TestWebsocketTooManySockets(t *testing.T) {
	t.Parallel()
	s := newSocketServer(t, &transport.Websocket{MaxSockets: 1})
	c := connect(t, s)
	require.Equal(t, 1, s.socket.Sockets())
	_, response, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(s.URL, "http"), nil)
	require.Error(t, err)
	require.Equal(t, http.StatusServiceUnavailable, response.StatusCode)
	require.NotEmpty(t, response.Header.Get("Retry-After"))
	require.NoError(t, c.Close())
	require.Eventually(t, func() bool { return s.socket.Sockets() == 0 }, patience, time.Millisecond)
	connect(t, s)
}

func TestWebsocketSlowConsumerIsCut(t *testing.T) {
	t.Parallel()
	s := newSocketServer(t, &transport.Websocket{WriteTimeout: 50 * time.Millisecond, MaxQueue: 2})
	c := connect(t, s)
	c.subscribe("1", "subscription { flood }")
	c.expect("next", "1", "")
	s.running(t, 0) // the client stops reading, and the flood ends
	require.Eventually(t, func() bool { return s.socket.Sockets() == 0 }, patience, time.Millisecond)
}

func TestWebsocketBackPressureLosesNothing(t *testing.T) {
	t.Parallel()
	s := newSocketServer(t, &transport.Websocket{MaxQueue: 1})
	c := connect(t, s)
	c.subscribe("1", "subscription { events }")
	go func() {
		for i := range 500 {
			s.events <- fmt.Sprintf("event %d.", i)
		}
		close(s.events)
	}()
	for i := range 500 {
		require.Contains(t, string(c.receive().Payload), fmt.Sprintf("event %d.", i))
	}
	c.expect("complete", "1", "")
}

func TestWebsocketFastMessagesWait(t *testing.T) {
	t.Parallel()
	s := newSocketServer(t, &transport.Websocket{MessageRate: 200, MessageBurst: 1})
	c := connect(t, s)
	start := time.Now()
	for range 40 {
		c.send(`{"type":"ping"}`)
	}
	for range 40 {
		c.expect("pong", "", "")
	}
	require.Greater(t, time.Since(start), 150*time.Millisecond)
}

// unwrapper is a middleware's writer that offers nothing but Unwrap.
type unwrapper struct{ inner http.ResponseWriter }

func (u unwrapper) Header() http.Header         { return u.inner.Header() }
func (u unwrapper) Write(b []byte) (int, error) { return u.inner.Write(b) }
func (u unwrapper) WriteHeader(status int)      { u.inner.WriteHeader(status) }
func (u unwrapper) Unwrap() http.ResponseWriter { return u.inner }

func TestWebsocketManyClients(t *testing.T) {
	t.Parallel()
	s := newSocketServer(t, &transport.Websocket{RecheckInterval: time.Millisecond, Recheck: func(context.Context) error { return nil }})
	var tasks sync.WaitGroup
	for range 8 {
		c := connect(t, s)
		tasks.Go(func() {
			for i := range 10 {
				id := fmt.Sprint(i)
				c.subscribe(id, "{ name }")
				c.expect("next", id, "")
				c.expect("complete", id, "")
				c.subscribe("s", "subscription { events }")
				c.send(`{"type":"complete","id":"s"}`)
			}
			_ = c.Close()
		})
	}
	tasks.Wait()
	s.running(t, 0)
}

// FuzzWebsocketMessage sends one message of the fuzzer's and expects that the server still answers others.
func FuzzWebsocketMessage(f *testing.F) {
	for _, seed := range []string{`{"type":"subscribe","id":"1","payload":{"query":"{ name }"}}`, `{"type":"connection_init","payload":{"language":"en"}}`,
		`{"type":"complete","id":"1"}`, `{"type":"ping","payload":{}}`, `{"type":"pong"}`, `null`, `{"id":null}`, "\xff{"} {
		f.Add([]byte(seed), true)
		f.Add([]byte(seed), false)
	}
	f.Fuzz(func(t *testing.T, data []byte, initialised bool) {
		s := newSocketServer(t, &transport.Websocket{})
		c := dial(t, s, nil, "graphql-transport-ws")
		if initialised {
			c.send(`{"type":"connection_init"}`)
		}
		if len(data) > 1<<20 {
			return
		}
		_ = c.WriteMessage(websocket.TextMessage, data)
		other := connect(t, s)
		other.subscribe("1", "{ name }")
		other.expect("next", "1", "")
	})
}
