package pubsub

import (
	"context"
	"errors"
	"time"
)

const (
	batchSize       = 128 // messages in one pipeline
	publishAttempts = 6   // about 3 s with the pauses between them
	publishTimeout  = 5 * time.Second
)

// errQueueFull is logged, never returned: nobody who publishes can do anything about it.
var errQueueFull = errors.New("the queue is full")

// Publish sends the payload to every subscriber of the channel, in every process. It never blocks and never fails: it is called after
// a commit, and the business is done whether or not anybody hears of it. What Redis does not take within some seconds is given up,
// and every subscriber is told of a gap when it is back. The payload must not be changed afterwards; ctx is not kept.
func (b *Broker) Publish(_ context.Context, channel string, payload []byte) {
	if payload == nil {
		payload = []byte{} // nil means a gap to those who receive
	}
	select {
	case <-b.accepting.Done():
		return
	default:
	}
	select {
	case b.queue <- message{channel, payload}:
	default:
		b.lost.Store(true)
	}
}

// publishAll carries messages to Redis in the order in which they came, many to a round trip.
func (b *Broker) publishAll() {
	announce := time.NewTicker(time.Second)
	defer announce.Stop()
	for {
		select {
		case m := <-b.queue:
			b.publishBatch(m)
		case <-announce.C:
			b.announceLoss()
		case <-b.running.Done():
			return
		case <-b.accepting.Done():
			for len(b.queue) > 0 && b.running.Err() == nil {
				b.publishBatch(<-b.queue)
			}
			b.announceLoss()
			return
		}
	}
}

// publishBatch sends the first message and what waits behind it. A repeat after an answer that was lost may send some twice.
func (b *Broker) publishBatch(first message) {
	batch := []message{first}
	for len(batch) < batchSize && len(b.queue) > 0 {
		batch = append(batch, <-b.queue)
	}
	var err error
	for attempt := range publishAttempts {
		if attempt > 0 && !pause(b.running, backoff(attempt-1)) {
			break
		}
		if batch, err = b.send(batch); len(batch) == 0 {
			return
		}
	}
	b.lost.Store(true)
	b.warn("messages could not be published", err, "messages", len(batch))
}

// send gives the messages that were not taken: of a cluster with a broken node it may be some.
func (b *Broker) send(batch []message) (left []message, err error) {
	ctx, cancel := context.WithTimeout(b.running, publishTimeout)
	defer cancel()
	pipeline := b.client.Pipeline()
	for _, m := range batch {
		pipeline.Publish(ctx, m.channel, m.payload)
	}
	commands, err := pipeline.Exec(ctx)
	if err == nil {
		return nil, nil
	}
	for i, command := range commands {
		if command.Err() != nil {
			left = append(left, batch[i])
		}
	}
	if len(left) == 0 { // a connection that is refused by the server fails without marking the commands
		left = batch
	}
	return left, err
}

// announceLoss tells every process, once Redis answers again, that messages were dropped here.
func (b *Broker) announceLoss() {
	if !b.lost.Swap(false) {
		return
	}
	if len(b.queue) == cap(b.queue) {
		b.warn("messages were dropped", errQueueFull)
	}
	if _, err := b.send([]message{{controlChannel, []byte{}}}); err != nil {
		b.lost.Store(true)
	}
}
