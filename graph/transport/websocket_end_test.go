package transport_test

import (
	"context"
	"errors"
	"fmt"
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

func TestWebsocketRecheck(t *testing.T) {
	t.Parallel()
	var answer atomic.Pointer[error]
	s := newSocketServer(t, &transport.Websocket{RecheckInterval: 5 * time.Millisecond, Recheck: func(ctx context.Context) error {
		if err := answer.Load(); err != nil {
			return *err
		}
		return ctx.Err()
	}})
	for _, test := range []struct {
		err    error
		code   int
		reason string
	}{
		{fmt.Errorf("wrapped: %w", apperr.New(apperr.StaffSuspended)), 4403, "STAFF_SUSPENDED"},
		{apperr.New(apperr.SessionRevoked), 4403, "SESSION_REVOKED"},
		{apperr.New(apperr.Unavailable), 1013, "UNAVAILABLE"},
		{errors.New("database is away"), 1013, "UNAVAILABLE"},
	} {
		answer.Store(nil)
		c := connect(t, s)
		c.subscribe("1", "subscription { events }")
		s.tell(t, "x")
		c.expect("next", "1", "")
		answer.Store(&test.err)
		require.Equal(t, test.reason, c.expectClose(test.code))
		s.running(t, 0)
	}
}

func TestWebsocketRecheckThatHangsOrPanics(t *testing.T) {
	t.Parallel()
	for _, recheck := range []transport.Recheck{
		func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
		func(context.Context) error { panic("recheck") },
	} {
		s := newSocketServer(t, &transport.Websocket{RecheckInterval: 5 * time.Millisecond, Recheck: recheck})
		connect(t, s).expectClose(1013)
	}
}

func TestWebsocketExpiry(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	left := time.Hour
	var mu sync.Mutex
	s := newSocketServer(t, &transport.Websocket{
		Now: func() time.Time { return now },
		InitFunc: func(ctx context.Context, _ map[string]any) (context.Context, error) {
			mu.Lock()
			defer mu.Unlock()
			return transport.WithExpiry(ctx, now.Add(left)), nil
		},
	})
	c := connect(t, s)
	c.subscribe("1", "{ name }")
	c.expect("next", "1", "")

	for _, short := range []time.Duration{30 * time.Millisecond, 0, -time.Hour} {
		mu.Lock()
		left = short
		mu.Unlock()
		c := dial(t, s, nil, "graphql-transport-ws")
		c.send(`{"type":"connection_init"}`)
		require.Equal(t, "TOKEN_EXPIRED", c.expectClose(4403))
	}
}

func TestWebsocketServerStops(t *testing.T) {
	t.Parallel()
	s := newSocketServer(t, &transport.Websocket{})
	idle, paying := connect(t, s), connect(t, s)
	waiting := dial(t, s, nil, "graphql-transport-ws")
	paying.subscribe("s", "subscription { events }")
	paying.subscribe("m", "mutation { pay }")
	s.running(t, 2)

	closed := make(chan error, 1)
	go func() { closed <- s.socket.Close(context.Background()) }()
	idle.expectClose(1001)
	waiting.expectClose(1001)
	s.running(t, 1) // the subscription has ended, the payment has not
	paying.subscribe("late", "{ name }")
	s.release <- struct{}{}
	paying.expect("next", "m", "")
	paying.expect("complete", "m", "")
	require.NoError(t, paying.SetReadDeadline(time.Now().Add(patience)))
	_, _, err := paying.ReadMessage()
	require.True(t, websocket.IsCloseError(err, websocket.CloseGoingAway), "%v", err) // no complete for the subscription, nor the late one
	require.NoError(t, <-closed)

	_, response, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(s.URL, "http"), nil)
	require.Error(t, err)
	require.Equal(t, http.StatusServiceUnavailable, response.StatusCode)
}

func TestWebsocketServerStopsInTime(t *testing.T) {
	t.Parallel()
	s := newSocketServer(t, &transport.Websocket{CloseTimeout: 50 * time.Millisecond})
	c, deaf := connect(t, s), connect(t, s)
	c.subscribe("m", "mutation { pay }")
	deaf.subscribe("s", "subscription { stubborn }")
	s.running(t, 2)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, s.socket.Close(ctx), context.DeadlineExceeded)
	c.expectClose(1001)
	deaf.expectClose(1001)
	close(s.release)
}

func TestWebsocketRequestContextEnds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	s := newSocketServer(t, &transport.Websocket{})
	inner := s.Config.Handler
	s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { inner.ServeHTTP(unwrapper{w}, r.WithContext(ctx)) })
	c := connect(t, s)
	cancel()
	c.expectClose(1001)
}
