package outbox

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"time"

	"github.com/hibiken/asynq"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/outboxmessage"
)

// work carries out one attempt. It answers asynq without an error whatever happened, because the row, not the task, says what comes next; only
// where the database does not answer does the task come back.
func (o *Outbox) work(ctx context.Context, task *asynq.Task) error {
	id, attempts, ok := decodeTask(task.Payload())
	if !ok {
		return fmt.Errorf("outbox: a task that is none: %w", asynq.SkipRetry)
	}
	ctx = auth.Operator(ctx)
	m, err := o.begin(ctx, id, attempts)
	if err != nil || m == nil {
		return err
	}
	handling, cancel := context.WithTimeout(auth.System(ctx, m.BrandID), leaseTime-10*time.Second)
	defer cancel()
	start := time.Now()
	err = call(handling, o.handlers[m.Topic], *m)
	if o.Observe != nil {
		o.Observe(m.Topic, time.Since(start), err)
	}
	// The end is written although the server may be stopping.
	ending, cancelEnding := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancelEnding()
	if err := o.end(ending, *m, err); err != nil {
		o.Log.ErrorContext(ctx, "outbox: the end of an attempt could not be written; the message comes back after its lease", "topic", m.Topic, "message", m.ID, "error", err)
	}
	return nil
}

// begin counts the attempt and renews the row's lease by one conditional write: of several tasks for one attempt one goes on. It answers nil
// where this task has nothing to do any more.
func (o *Outbox) begin(ctx context.Context, id int64, attempts int) (*Message, error) {
	client := o.Store.Client(ctx)
	row, err := client.OutboxMessage.Query().Where(outboxmessage.ID(id)).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if o.handlers[row.Topic] == nil { // queued by a newer version, which will get it when the lease is over
		return nil, nil
	}
	n, err := client.OutboxMessage.Update().Where(outboxmessage.ID(id), outboxmessage.StateEQ(enum.OutboxPending), outboxmessage.Attempts(attempts)).
		AddAttempts(1).SetDueAt(o.Clock.Now().Add(leaseTime)).Save(ctx)
	if err != nil || n != 1 {
		return nil, err
	}
	return &Message{ID: row.ID, BrandID: row.BrandID, Topic: row.Topic, Payload: row.Payload, Attempt: attempts + 1}, nil
}

// end writes down how the attempt ended, unless a later attempt has begun.
func (o *Outbox) end(ctx context.Context, m Message, failure error) error {
	update := o.Store.Client(ctx).OutboxMessage.Update().Where(outboxmessage.ID(m.ID), outboxmessage.StateEQ(enum.OutboxPending), outboxmessage.Attempts(m.Attempt))
	now := o.Clock.Now()
	switch {
	case failure == nil:
		update.SetState(enum.OutboxDone).SetDoneAt(now).SetLastError("")
	case m.Attempt >= maxAttempts:
		o.Log.ErrorContext(ctx, "outbox: a message was given up", "topic", m.Topic, "message", m.ID, "error", failure)
		update.SetState(enum.OutboxDead).SetLastError(shorten(failure))
	default:
		o.Log.WarnContext(ctx, "outbox: an attempt failed", "topic", m.Topic, "message", m.ID, "attempt", m.Attempt, "error", failure)
		update.SetDueAt(now.Add(pauseAfter(m.Attempt))).SetLastError(shorten(failure))
	}
	n, err := update.Save(ctx)
	if err == nil && n != 1 {
		o.Log.WarnContext(ctx, "outbox: a handler outlived its lease", "topic", m.Topic, "message", m.ID, "attempt", m.Attempt)
	}
	return err
}

// call turns a panic into an error.
func call(ctx context.Context, h Handler, m Message) (err error) {
	defer func() {
		if recovered := recover(); recovered != nil {
			err = errors.New(string(debug.Stack()))
			err = fmt.Errorf("panic: %v: %w", recovered, err)
		}
	}()
	return h(ctx, m)
}

// pauseAfter is the pause after a failed attempt: 1 s doubled with each, at most an hour, and up to a fifth more so that not all come at once.
func pauseAfter(attempt int) time.Duration {
	pause := min(time.Second<<min(attempt-1, 12), maxPause)
	return pause + rand.N(pause/5)
}

// shorten fits an error into its column.
func shorten(err error) string {
	const most = 255
	letters := []rune(err.Error())
	return string(letters[:min(len(letters), most)])
}

// encodeTask names a row and how many attempts it has behind it.
func encodeTask(id int64, attempts int) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, uint64(id)), uint64(attempts))
}

func decodeTask(payload []byte) (id int64, attempts int, ok bool) {
	if len(payload) != 16 {
		return 0, 0, false
	}
	return int64(binary.BigEndian.Uint64(payload)), int(binary.BigEndian.Uint64(payload[8:])), true
}
