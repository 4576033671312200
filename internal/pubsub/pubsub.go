// Package pubsub fans events out to the subscriptions of every server, through Redis's plain publish and subscribe.
//
// A message is a hint that something changed, never the truth: it may be lost, repeated, or come before the reader's own replica
// shows the change. Whoever cannot miss a change reads the database whenever the broker reports a gap (a nil payload), and that is
// also the first thing every subscription hears. So nothing depends on Redis but speed.
package pubsub

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// ErrClosed is returned by Subscribe after Close.
var ErrClosed = errors.New("pubsub: the broker is closed")

const (
	// bufferSize is how many messages wait for one subscriber before they are replaced by a gap.
	bufferSize = 64
	// queueSize is how many messages wait to be published before the newest are dropped (and every subscriber told of a gap).
	queueSize = 4096
	// controlChannel tells every process that messages were lost on their way to Redis.
	controlChannel = "dongxiao:pubsub:gap"
)

// Broker publishes for the whole process and holds the process's one subscription connection, shared by all local subscribers:
// one SUBSCRIBE per distinct channel, however many listen. It reconnects by itself. Its methods may be called concurrently.
type Broker struct {
	// Log is where the broker, and who follows through it, tells of troubles.
	Log    *slog.Logger
	client redis.UniversalClient
	queue  chan message
	kick   chan struct{} // has room for one: channels in dirty wait for the session
	ping   time.Duration // silence after which the connection is asked whether it lives; three times as long means it does not

	accepting context.Context // ends when Close begins
	stop      context.CancelFunc
	running   context.Context // ends when everything must stop
	abort     context.CancelFunc
	tasks     sync.WaitGroup

	lost atomic.Bool // messages were dropped, and subscribers must be told

	mu     sync.Mutex
	closed bool
	topics map[string]*topic
	dirty  map[string]struct{}
}

// message is one payload on its way to Redis.
type message struct {
	channel string
	payload []byte
}

// topic is one channel and its local subscribers.
type topic struct {
	subscribers map[chan []byte]struct{}
	sent        bool // SUBSCRIBE was written to the present connection
	live        bool // Redis confirmed it: nothing published from then on is missed
}

// New starts a broker on the client, which stays the caller's to close after the broker. The client may be of a single server, of
// sentinels or of a cluster; a cluster carries plain messages to all its nodes, so channel names need no hash tags.
func New(client redis.UniversalClient, log *slog.Logger) *Broker {
	return newBroker(client, log, 3*time.Second)
}

func newBroker(client redis.UniversalClient, log *slog.Logger, ping time.Duration) *Broker {
	b := &Broker{
		Log:    log,
		client: client,
		queue:  make(chan message, queueSize),
		kick:   make(chan struct{}, 1),
		ping:   ping,
		topics: map[string]*topic{},
		dirty:  map[string]struct{}{},
	}
	b.accepting, b.stop = context.WithCancel(context.Background())
	b.running, b.abort = context.WithCancel(context.Background())
	b.tasks.Go(b.publishAll)
	b.tasks.Go(b.listen)
	return b
}

// Subscribe listens to a channel until ctx ends or the broker is closed; then the returned channel is closed.
//
// A nil payload is a gap: what happened before may have been missed, so read the database now. It comes first, as soon as Redis has
// confirmed the subscription (at once where the process already listens), after every lost connection, and where the subscriber was
// too slow for its 64 waiting messages, which it then replaces. While Redis is away nothing comes, and a gap when it is back.
// Payloads are shared with other subscribers and must not be changed. The only error is ErrClosed.
func (b *Broker) Subscribe(ctx context.Context, channel string) (<-chan []byte, error) {
	subscriber := make(chan []byte, bufferSize)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil, ErrClosed
	}
	t := b.topics[channel]
	if t == nil {
		t = &topic{subscribers: map[chan []byte]struct{}{}}
		b.topics[channel] = t
		b.touch(channel)
	}
	t.subscribers[subscriber] = struct{}{}
	if t.live {
		deliver(subscriber, nil)
	}
	context.AfterFunc(ctx, func() { b.unsubscribe(channel, subscriber) })
	return subscriber, nil
}

func (b *Broker) unsubscribe(channel string, subscriber chan []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.topics[channel]
	if t == nil {
		return
	}
	if _, ok := t.subscribers[subscriber]; !ok {
		return
	}
	delete(t.subscribers, subscriber)
	close(subscriber)
	if len(t.subscribers) == 0 {
		b.touch(channel)
	}
}

// touch asks the session to compare the channel with what Redis was told. Callers hold the lock.
func (b *Broker) touch(channel string) {
	b.dirty[channel] = struct{}{}
	select {
	case b.kick <- struct{}{}:
	default:
	}
}

// deliver never blocks. A gap takes the place of everything that waits, because whoever reads the database after it has seen that
// too; a message that finds no room becomes a gap. Callers hold the lock, so that nobody else sends.
func deliver(subscriber chan []byte, payload []byte) {
	if payload != nil {
		select {
		case subscriber <- payload:
			return
		default:
		}
	}
	for {
		select {
		case <-subscriber:
			continue
		default:
		}
		break
	}
	subscriber <- nil
}

// Close publishes what waits, as long as ctx allows, and ends every subscription. It returns ctx's error where ctx ended first.
func (b *Broker) Close(ctx context.Context) error {
	b.stop()
	defer b.abort()
	finished := make(chan struct{})
	go func() {
		b.tasks.Wait()
		close(finished)
	}()
	var err error
	select {
	case <-finished:
	case <-ctx.Done():
		err = context.Cause(ctx)
	}

	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	for _, t := range b.topics {
		for subscriber := range t.subscribers {
			close(subscriber)
		}
	}
	clear(b.topics)
	return err
}

// pause waits for d and says whether ctx still runs.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// backoff is the wait before the attempt after the given number of failures: 100 ms, doubled up to 3.2 s.
func backoff(failures int) time.Duration {
	return 100 * time.Millisecond << min(failures, 5)
}

// warn logs a trouble with Redis. The client's errors name addresses and commands, never payloads.
func (b *Broker) warn(text string, err error, attributes ...any) {
	b.Log.Warn("pubsub: "+text, append(attributes, "error", err)...)
}
