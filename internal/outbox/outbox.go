// Package outbox carries out effects on the outside (payments, messages) that were decided in a transaction: after it, at least once.
//
// The row is the truth. A relay on one server leases due rows and hands them to asynq's workers on all servers, through Redis; a row is done only
// when its handler has come back without error, and a row whose worker died, or whose task Redis lost, is due again when its lease runs out. So
// losing Redis delays, and never loses. A handler may run twice for one row, also at the same time where it outlives its lease, so what it does
// must bear repeating: it passes the row's id on as the idempotency key of the other side.
package outbox

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"dongxiao/auth"
	"dongxiao/ent/enum"
	"dongxiao/ent/outboxmessage"
	"dongxiao/internal/clock"
	"dongxiao/internal/store"
)

const (
	// leaseTime is how long a handed-over row stays away. A handler gets ten seconds less.
	leaseTime = time.Minute
	// maxAttempts is after how many a row is given up; with the pauses between them some nine hours pass.
	maxAttempts = 20
	// maxPause bounds the pause between two attempts.
	maxPause = time.Hour
	// retention is how long done rows are kept.
	retention = 7 * 24 * time.Hour
	// workers is how many handlers run at once on one server.
	workers = 8
	queue   = "outbox"
)

// Message is one effect to carry out.
type Message struct {
	// ID names the effect for ever: the idempotency key to pass on.
	ID      int64
	BrandID int64
	Topic   string
	// Payload is what Write was given, as JSON.
	Payload json.RawMessage
	// Attempt counts from 1.
	Attempt int
}

// Handler carries out one kind of effect, as the system within the message's brand. It has until its context ends. Its error is kept at the row
// and logged, so it names no secret and no personal data.
type Handler func(ctx context.Context, m Message) error

// Options of New.
type Options struct {
	Store *store.Store
	Clock clock.Clock
	Redis redis.UniversalClient
	Log   *slog.Logger
	// Observe is told of every attempt; nil for nobody.
	Observe func(topic string, took time.Duration, err error)
	// Measure is told every few seconds how many rows are due and how long the oldest has been; nil for nobody.
	Measure func(pending int, lag time.Duration)
}

// Outbox is the workers of one server and, where it holds the lease of the job, the relay.
type Outbox struct {
	Options
	handlers map[string]Handler
	client   *asynq.Client
	server   *asynq.Server
}

// New makes an outbox without handlers.
func New(o Options) *Outbox {
	return &Outbox{Options: o, handlers: map[string]Handler{}, client: asynq.NewClientFromRedisClient(o.Redis)}
}

// Handle registers the handler of a topic, before Start.
func (o *Outbox) Handle(topic string, h Handler) { o.handlers[topic] = h }

// Write puts an effect into the transaction of ctx, for the viewer's brand; now is the transaction's time. Messages of one partition are carried
// out one at a time, about in the order in which they were written; an empty partition has no order. The payload becomes JSON: ids, never secrets or
// personal data. Write into a partition only while holding a lock that belongs to it, such as the row it is named after.
func Write(ctx context.Context, s *store.Store, now time.Time, topic, partition string, payload any) error {
	data, err := json.Marshal(payload)
	if err != nil {
		return fmt.Errorf("write to the outbox: %w", err)
	}
	return s.Client(ctx).OutboxMessage.Create().SetTopic(topic).SetPartition(partition).SetPayload(data).SetDueAt(now).Exec(ctx)
}

// Start starts this server's workers; without handlers there is nothing to start.
func (o *Outbox) Start() error {
	if len(o.handlers) == 0 {
		return nil
	}
	o.server = asynq.NewServerFromRedisClient(o.Redis, asynq.Config{
		Concurrency: workers, Queues: map[string]int{queue: 1}, TaskCheckInterval: 500 * time.Millisecond, ShutdownTimeout: 10 * time.Second,
		// A task comes back by itself only where its worker died; the row's attempt number tells whether it still matters.
		RetryDelayFunc: func(int, error, *asynq.Task) time.Duration { return time.Second },
		Logger:         logger{o.Log}, LogLevel: asynq.WarnLevel,
	})
	return o.server.Start(asynq.HandlerFunc(o.work))
}

// Close lets the handlers under way finish, for ten seconds; what does not comes back after its lease.
func (o *Outbox) Close() {
	if o.server != nil {
		o.server.Shutdown()
	}
}

// DeleteDone deletes rows that have been done for a week, in all brands, a thousand at a time. A periodic job calls it.
func (o *Outbox) DeleteDone(ctx context.Context) error {
	const chunk = 1000
	ctx = auth.Operator(ctx)
	limit := o.Clock.Now().Add(-retention)
	for {
		// Done rows keep the due time of their last lease, which the index has.
		ids, err := o.Store.Client(ctx).OutboxMessage.Query().Where(outboxmessage.StateEQ(enum.OutboxDone), outboxmessage.DueAtLT(limit)).Limit(chunk).IDs(ctx)
		if err != nil || len(ids) == 0 {
			return err
		}
		if _, err := o.Store.Client(ctx).OutboxMessage.Delete().Where(outboxmessage.IDIn(ids...)).Exec(ctx); err != nil {
			return err
		}
	}
}

// logger passes asynq's warnings on.
type logger struct{ log *slog.Logger }

func (l logger) Debug(args ...any) { l.log.Debug("asynq: " + fmt.Sprint(args...)) }
func (l logger) Info(args ...any)  { l.log.Debug("asynq: " + fmt.Sprint(args...)) }
func (l logger) Warn(args ...any)  { l.log.Warn("asynq: " + fmt.Sprint(args...)) }
func (l logger) Error(args ...any) { l.log.Error("asynq: " + fmt.Sprint(args...)) }
func (l logger) Fatal(args ...any) { l.log.Error("asynq: " + fmt.Sprint(args...)) }
