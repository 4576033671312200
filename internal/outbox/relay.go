package outbox

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/hibiken/asynq"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/outboxmessage"
)

const (
	relayInterval = 500 * time.Millisecond
	// page and maxPages bound what one round looks at.
	page     = 200
	maxPages = 20
	// measureRounds is every how many rounds the backlog is measured: some ten seconds.
	measureRounds = 20
	// handOverPause is when rows that Redis did not take are due again.
	handOverPause = 5 * time.Second
)

// Relay hands due rows over until ctx ends. It is a periodic job: one server does it, under the job's lease, for as long as it can.
func (o *Outbox) Relay(ctx context.Context) error {
	ctx = auth.Operator(ctx)
	for round := 0; ; round++ {
		if round%measureRounds == 0 {
			if err := o.measure(ctx); err != nil {
				return err
			}
		}
		if _, err := o.handOver(ctx); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(relayInterval):
		}
	}
}

// handOver leases what is due and free and gives it to the workers; it tells how many.
func (o *Outbox) handOver(ctx context.Context) (handed int, err error) {
	if len(o.handlers) == 0 {
		return 0, nil
	}
	now := o.Clock.Now()
	client := o.Store.Client(ctx)
	// Partitions seen in this round: the first of each is taken, the others wait for it.
	seen := map[partitionKey]bool{}
	var lastDue time.Time
	var lastID int64
	for range maxPages {
		query := client.OutboxMessage.Query().Where(outboxmessage.StateEQ(enum.OutboxPending), outboxmessage.DueAtLTE(now),
			outboxmessage.TopicIn(slices.Collect(maps.Keys(o.handlers))...))
		if lastID != 0 {
			query.Where(outboxmessage.Or(outboxmessage.DueAtGT(lastDue), outboxmessage.And(outboxmessage.DueAt(lastDue), outboxmessage.IDGT(lastID))))
		}
		rows, err := query.Order(outboxmessage.ByDueAt(), outboxmessage.ByID()).Limit(page).All(ctx)
		if err != nil || len(rows) == 0 {
			return handed, err
		}
		lastDue, lastID = rows[len(rows)-1].DueAt, rows[len(rows)-1].ID
		if err := o.markBusy(ctx, rows, now, seen); err != nil {
			return handed, err
		}
		for _, row := range rows {
			if key := (partitionKey{row.BrandID, row.Partition}); row.Partition != "" {
				if seen[key] {
					continue
				}
				seen[key] = true
			}
			ok, err := o.handOverRow(ctx, row, now)
			if err != nil {
				return handed, err
			}
			if ok {
				handed++
			}
		}
		if len(rows) < page {
			return handed, nil
		}
	}
	return handed, nil
}

type partitionKey struct {
	brandID   int64
	partition string
}

// markBusy marks the partitions of the rows of which another row is with a worker or waits for its next attempt.
func (o *Outbox) markBusy(ctx context.Context, rows []*ent.OutboxMessage, now time.Time, seen map[partitionKey]bool) error {
	var partitions []string
	for _, row := range rows {
		if row.Partition != "" {
			partitions = append(partitions, row.Partition)
		}
	}
	if len(partitions) == 0 {
		return nil
	}
	slices.Sort(partitions)
	busy, err := o.Store.Client(ctx).OutboxMessage.Query().Where(outboxmessage.StateEQ(enum.OutboxPending), outboxmessage.DueAtGT(now),
		outboxmessage.PartitionIn(slices.Compact(partitions)...)).Select(outboxmessage.FieldBrandID, outboxmessage.FieldPartition).All(ctx)
	for _, row := range busy {
		seen[partitionKey{row.BrandID, row.Partition}] = true
	}
	return err
}

// handOverRow leases one row by a conditional write and enqueues its next attempt; false where another relay was faster or Redis did not take it.
func (o *Outbox) handOverRow(ctx context.Context, row *ent.OutboxMessage, now time.Time) (bool, error) {
	client := o.Store.Client(ctx)
	leased := now.Add(leaseTime)
	n, err := client.OutboxMessage.Update().Where(outboxmessage.ID(row.ID), outboxmessage.StateEQ(enum.OutboxPending),
		outboxmessage.Attempts(row.Attempts), outboxmessage.DueAtLTE(now)).SetDueAt(leased).Save(ctx)
	if err != nil || n != 1 {
		return false, err
	}
	ctx = context.WithoutCancel(ctx) // a server that is told to stop hands over what it has leased, or the row waits until the lease ends
	// The same attempt has the same task, so that a row handed over again while its task still waits is not queued twice.
	_, err = o.client.EnqueueContext(ctx, asynq.NewTask(queue, encodeTask(row.ID, row.Attempts)), asynq.Queue(queue),
		asynq.TaskID(fmt.Sprintf("%d-%d", row.ID, row.Attempts)), asynq.MaxRetry(100), asynq.Timeout(leaseTime))
	if err == nil || errors.Is(err, asynq.ErrTaskIDConflict) {
		return true, nil
	}
	o.Log.WarnContext(ctx, "outbox: Redis did not take a message; it stays in the database", "topic", row.Topic, "error", err)
	return false, client.OutboxMessage.Update().Where(outboxmessage.ID(row.ID), outboxmessage.StateEQ(enum.OutboxPending),
		outboxmessage.Attempts(row.Attempts), outboxmessage.DueAt(leased)).SetDueAt(now.Add(handOverPause)).Exec(ctx)
}

// measure tells how much is due, and logs what nobody carries out.
func (o *Outbox) measure(ctx context.Context) error {
	now := o.Clock.Now()
	var backlog []struct {
		Topic string `json:"topic"`
		Count int    `json:"count"`
	}
	client := o.Store.Client(ctx)
	due := client.OutboxMessage.Query().Where(outboxmessage.StateEQ(enum.OutboxPending), outboxmessage.DueAtLTE(now))
	if err := due.Clone().GroupBy(outboxmessage.FieldTopic).Aggregate(ent.Count()).Scan(ctx, &backlog); err != nil {
		return err
	}
	pending, lag := 0, time.Duration(0)
	for _, b := range backlog {
		pending += b.Count
		if o.handlers[b.Topic] == nil {
			o.Log.ErrorContext(ctx, "outbox: messages of a topic that this version does not know stay where they are", "topic", b.Topic, "messages", b.Count)
		}
	}
	if pending > 0 {
		oldest, err := due.Clone().Order(outboxmessage.ByDueAt()).First(ctx)
		if err != nil && !ent.IsNotFound(err) {
			return err
		}
		if oldest != nil {
			lag = now.Sub(oldest.DueAt)
		}
	}
	if o.Measure != nil {
		o.Measure(pending, lag)
	}
	return nil
}
