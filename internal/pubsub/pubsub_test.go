package pubsub

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

// patience is how long a test waits for what must come; nothing waits this long unless it fails.
const patience = 20 * time.Second

// start runs a broker on the server at address until the test ends.
func start(t *testing.T, address string) *Broker {
	t.Helper()
	client := redis.NewUniversalClient(&redis.UniversalOptions{Addrs: []string{address}, DialTimeout: time.Second, MaxRetries: -1})
	b := newBroker(client, slog.New(slog.DiscardHandler), 50*time.Millisecond)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = b.Close(ctx)
		_ = client.Close()
	})
	return b
}

// next takes one payload; ok is false where the channel was closed.
func next(t *testing.T, messages <-chan []byte) (payload []byte, ok bool) {
	t.Helper()
	select {
	case payload, ok = <-messages:
		return payload, ok
	case <-time.After(patience):
		require.Fail(t, "nothing came")
		return nil, false
	}
}

func requireGap(t *testing.T, messages <-chan []byte) {
	t.Helper()
	payload, ok := next(t, messages)
	require.True(t, ok)
	require.Nil(t, payload)
}

// requirePayload skips gaps, which may come at any time.
func requirePayload(t *testing.T, messages <-chan []byte, want string) {
	t.Helper()
	for {
		payload, ok := next(t, messages)
		require.True(t, ok)
		if payload != nil {
			require.Equal(t, want, string(payload))
			return
		}
	}
}

func subscribe(t *testing.T, b *Broker, channel string) <-chan []byte {
	t.Helper()
	messages, err := b.Subscribe(t.Context(), channel)
	require.NoError(t, err)
	return messages
}

func TestFanOutOverProcesses(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	first, second := start(t, server.Addr()), start(t, server.Addr())

	a, b := subscribe(t, first, "member:1"), subscribe(t, first, "member:1")
	c, other := subscribe(t, second, "member:1"), subscribe(t, second, "member:2")
	for _, messages := range []<-chan []byte{a, b, c, other} {
		requireGap(t, messages)
	}

	second.Publish(t.Context(), "member:1", []byte("claimed"))
	second.Publish(t.Context(), "member:1", nil)
	for _, messages := range []<-chan []byte{a, b, c} {
		requirePayload(t, messages, "claimed")
		requirePayload(t, messages, "") // empty, yet no gap
	}
	first.Publish(t.Context(), "member:2", []byte("other"))
	requirePayload(t, other, "other") // and nothing of member:1 before it
}

func TestOneRedisSubscriptionPerChannel(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	b := start(t, server.Addr())

	first, cancelFirst := context.WithCancel(t.Context())
	second, cancelSecond := context.WithCancel(t.Context())
	x, err := b.Subscribe(first, "c")
	require.NoError(t, err)
	y, err := b.Subscribe(second, "c")
	require.NoError(t, err)
	requireGap(t, x)
	requireGap(t, y)
	require.Equal(t, 1, server.PubSubNumSub("c")["c"])

	z := subscribe(t, b, "c") // joins what is live: told at once
	requireGap(t, z)
	require.Equal(t, 1, server.PubSubNumSub("c")["c"])

	cancelFirst()
	_, ok := next(t, x)
	require.False(t, ok, "a subscription ends with its context")
	b.Publish(t.Context(), "c", []byte("still"))
	requirePayload(t, y, "still")
	requirePayload(t, z, "still")

	only, cancelOnly := context.WithCancel(t.Context())
	w, err := b.Subscribe(only, "d")
	require.NoError(t, err)
	requireGap(t, w)
	cancelOnly()
	require.Eventually(t, func() bool { return server.PubSubNumSub("d")["d"] == 0 }, patience, 5*time.Millisecond)
	requireGap(t, subscribe(t, b, "d"))
	cancelSecond()
}

func TestSlowSubscriberGetsGapAndBlocksNobody(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	b := start(t, server.Addr())
	slow, quick := subscribe(t, b, "c"), subscribe(t, b, "c")
	requireGap(t, slow)
	requireGap(t, quick)

	const count = bufferSize + 10
	for i := range count {
		b.Publish(t.Context(), "c", fmt.Appendf(nil, "%d", i))
		requirePayload(t, quick, fmt.Sprint(i))
	}
	require.Eventually(t, func() bool { return len(slow) == count-bufferSize }, patience, time.Millisecond)
	requireGap(t, slow) // in place of the first 65
	requirePayload(t, slow, fmt.Sprint(bufferSize+1))
}

func TestReconnectTellsGap(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	b := start(t, server.Addr())
	messages := subscribe(t, b, "c")
	requireGap(t, messages)

	server.Close()
	late := subscribe(t, b, "late") // subscribing needs no Redis
	b.Publish(t.Context(), "c", []byte("kept"))
	require.NoError(t, server.Restart())

	requireGap(t, messages)
	requireGap(t, late)
	b.Publish(t.Context(), "late", []byte("after"))
	requirePayload(t, late, "after")
}

func TestHalfOpenConnectionIsReplaced(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	proxy := newProxy(t, server.Addr())
	b := start(t, proxy.address())
	messages := subscribe(t, b, "c")
	requireGap(t, messages)

	proxy.swallow() // connections stay open, nothing comes through any more; new ones work
	requireGap(t, messages)
	b.Publish(t.Context(), "c", []byte("again"))
	requirePayload(t, messages, "again")
}

func TestOverflowTellsEveryProcess(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	publisher, listener := start(t, server.Addr()), start(t, server.Addr())
	messages := subscribe(t, listener, "c")
	requireGap(t, messages)

	publisher.lost.Store(true)
	requireGap(t, messages)
	require.False(t, publisher.lost.Load())

	// A full queue never blocks and is remembered.
	stuck := newBroker(redis.NewUniversalClient(&redis.UniversalOptions{Addrs: []string{"192.0.2.1:6379"}, DialTimeout: time.Minute}), slog.New(slog.DiscardHandler), time.Minute)
	for range 2*queueSize + batchSize {
		stuck.Publish(t.Context(), "c", []byte("x"))
	}
	require.True(t, stuck.lost.Load())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, stuck.Close(ctx), context.Canceled)
}

func TestClose(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	listener, b := start(t, server.Addr()), start(t, server.Addr())
	messages := subscribe(t, listener, "c")
	requireGap(t, messages)
	mine := subscribe(t, b, "c")
	requireGap(t, mine)

	for i := range 1000 {
		b.Publish(t.Context(), "c", fmt.Appendf(nil, "%d", i))
	}
	received := make(chan int)
	go func() { // either every message in order, or gaps in place of some
		last := -1
		for payload := range messages {
			if payload != nil {
				_, _ = fmt.Sscan(string(payload), &last)
			}
			if last == 999 {
				break
			}
		}
		received <- last
	}()
	require.NoError(t, b.Close(t.Context()))
	require.Equal(t, 999, <-received)
	for {
		if _, ok := next(t, mine); !ok {
			break
		}
	}
	_, err := b.Subscribe(t.Context(), "c")
	require.ErrorIs(t, err, ErrClosed)
	b.Publish(t.Context(), "c", []byte("late")) // ignored
	require.NoError(t, b.Close(t.Context()))
}

func TestManySubscribersComeAndGo(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	b := start(t, server.Addr())
	var tasks sync.WaitGroup
	for worker := range 8 {
		tasks.Go(func() {
			for i := range 30 {
				ctx, cancel := context.WithCancel(t.Context())
				channel := fmt.Sprint("c", (worker+i)%3)
				messages, err := b.Subscribe(ctx, channel)
				if err == nil {
					<-messages
					b.Publish(ctx, channel, []byte("x"))
					<-messages
				}
				cancel()
			}
		})
	}
	done := make(chan struct{})
	go func() { tasks.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(patience):
		require.Fail(t, "a subscriber hears nothing")
	}
	require.Eventually(t, func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		return len(b.topics) == 0
	}, patience, 5*time.Millisecond)
}

// TestRefusingServer publishes to a server that answers every command with an error: nothing counts as sent.
func TestRefusingServer(t *testing.T) {
	t.Parallel()
	refused := miniredis.RunT(t)
	refused.RequireAuth("secret")
	b := start(t, refused.Addr())
	left, err := b.send([]message{{"c", []byte("x")}, {"d", []byte("y")}})
	require.Error(t, err)
	require.Len(t, left, 2)
	refused.RequireAuth("")
	left, err = b.send(left)
	require.NoError(t, err)
	require.Empty(t, left)
}

// TestClusterClient runs the broker through the cluster client, whose pub/sub connection picks its own node.
func TestClusterClient(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	client := redis.NewUniversalClient(&redis.UniversalOptions{Addrs: []string{server.Addr()}, IsClusterMode: true})
	b := New(client, slog.New(slog.DiscardHandler))
	messages := subscribe(t, b, "c")
	requireGap(t, messages)
	b.Publish(t.Context(), "c", []byte("x"))
	requirePayload(t, messages, "x")
	require.NoError(t, b.Close(t.Context()))
	require.NoError(t, client.Close())
}

// proxy carries connections to a server until it is told to swallow what they send.
type proxy struct {
	listener net.Listener
	mu       sync.Mutex
	silent   []*bool
}

func newProxy(t *testing.T, target string) *proxy {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p := &proxy{listener: listener}
	var open sync.Map
	t.Cleanup(func() {
		_ = listener.Close()
		open.Range(func(c, _ any) bool { _ = c.(net.Conn).Close(); return true })
	})
	go func() {
		for {
			in, err := listener.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", target)
			if err != nil {
				_ = in.Close()
				continue
			}
			open.Store(in, true)
			open.Store(out, true)
			silent := new(bool)
			p.mu.Lock()
			p.silent = append(p.silent, silent)
			p.mu.Unlock()
			go p.carry(out, in, silent)
			go p.carry(in, out, silent)
		}
	}()
	return p
}

func (p *proxy) address() string { return p.listener.Addr().String() }

func (p *proxy) swallow() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, silent := range p.silent {
		*silent = true
	}
}

func (p *proxy) carry(to, from net.Conn, silent *bool) {
	defer to.Close()
	buffer := make([]byte, 4096)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		p.mu.Lock()
		swallowed := *silent
		p.mu.Unlock()
		if !swallowed {
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
	}
}
