package pubsub

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// errSilent ends a session whose server neither sends nor answers pings: a connection that hangs half open.
var errSilent = errors.New("no answer from Redis")

// listen holds one session after the other until the broker closes.
func (b *Broker) listen() {
	ctx, cancel := context.WithCancel(b.running)
	defer cancel()
	defer context.AfterFunc(b.accepting, cancel)()
	for failures := 0; ctx.Err() == nil; failures++ {
		started := time.Now()
		err := b.session(ctx)
		if ctx.Err() != nil {
			return
		}
		if time.Since(started) > time.Minute {
			failures = 0
		}
		b.warn("the subscription was lost", err)
		if !pause(ctx, backoff(failures)) {
			return
		}
	}
}

// session subscribes to everything that is wanted and hands out what comes, until the connection fails. Each session has its own
// PubSub: the client's own reconnecting hides the gap, and its health check does not notice a server that only stops answering.
func (b *Broker) session(ctx context.Context) (err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	connection := b.client.Subscribe(ctx)
	context.AfterFunc(ctx, func() { _ = connection.Close() })
	var heard atomic.Int64
	heard.Store(time.Now().UnixNano())
	written := make(chan struct{})
	go func() {
		defer close(written)
		cancel(b.writeSession(ctx, connection, &heard))
	}()
	defer func() {
		cancel(err)
		err = context.Cause(ctx)
		<-written
		b.sessionLost()
	}()

	b.sessionStarted()
	for {
		received, err := connection.Receive(ctx)
		if err != nil {
			return err
		}
		heard.Store(time.Now().UnixNano())
		switch received := received.(type) {
		case *redis.Subscription:
			if received.Kind == "subscribe" {
				b.confirmed(received.Channel)
			}
		case *redis.Message:
			b.received(received.Channel, []byte(received.Payload))
		}
	}
}

// writeSession tells Redis which channels are wanted as they change, and asks whether it is there when it is silent.
func (b *Broker) writeSession(ctx context.Context, connection *redis.PubSub, heard *atomic.Int64) error {
	if err := connection.Subscribe(ctx, controlChannel); err != nil {
		return err
	}
	heard.Store(time.Now().UnixNano())
	silence := time.NewTicker(b.ping)
	defer silence.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-b.kick:
			added, removed := b.changes()
			if len(added) > 0 {
				if err := connection.Subscribe(ctx, added...); err != nil {
					return err
				}
			}
			if len(removed) > 0 {
				if err := connection.Unsubscribe(ctx, removed...); err != nil {
					return err
				}
			}
		case <-silence.C:
			switch quiet := time.Since(time.Unix(0, heard.Load())); {
			case quiet > 3*b.ping:
				return errSilent
			case quiet >= b.ping:
				if err := connection.Ping(ctx); err != nil {
					return err
				}
			}
		}
	}
}

// changes takes what the session must tell Redis and marks it told. A channel that nobody wants any more is forgotten; whoever wants
// it again starts a new topic, whose SUBSCRIBE follows on the same connection, so the last confirmation is always the true one.
func (b *Broker) changes() (added, removed []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for channel := range b.dirty {
		t := b.topics[channel]
		switch {
		case t == nil:
		case len(t.subscribers) == 0:
			if t.sent {
				removed = append(removed, channel)
			}
			delete(b.topics, channel)
		case !t.sent:
			t.sent = true
			added = append(added, channel)
		}
	}
	clear(b.dirty)
	return added, removed
}

// sessionStarted makes the writer subscribe to everything.
func (b *Broker) sessionStarted() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for channel := range b.topics {
		b.touch(channel)
	}
}

// sessionLost forgets what the lost connection knew.
func (b *Broker) sessionLost() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, t := range b.topics {
		t.sent, t.live = false, false
	}
}

// confirmed says that Redis has the subscription from now on: whatever was published before may have been missed.
func (b *Broker) confirmed(channel string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.topics[channel]
	if t == nil {
		return
	}
	t.live = true
	for subscriber := range t.subscribers {
		deliver(subscriber, nil)
	}
}

// received hands a message to the channel's subscribers, or the word of messages lost elsewhere to all of them.
func (b *Broker) received(channel string, payload []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if channel == controlChannel {
		for _, t := range b.topics {
			for subscriber := range t.subscribers {
				deliver(subscriber, nil)
			}
		}
		return
	}
	if t := b.topics[channel]; t != nil {
		for subscriber := range t.subscribers {
			deliver(subscriber, payload)
		}
	}
}
