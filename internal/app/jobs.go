package app

import (
	"context"
	"sync"
	"time"

	"dongxiao/auth"
	"dongxiao/domain/coupon"
	"dongxiao/domain/payment"
	"dongxiao/domain/topup"
	"dongxiao/internal/idempotency"
	"dongxiao/internal/jobs"
	"dongxiao/internal/outbox"
)

// sweepChunk is how many due rows a sweep takes at once.
const sweepChunk = 500

// runJobs does the periodic work until ctx ends. Each job runs on one of the servers at a time.
func (a *App) runJobs(ctx context.Context) {
	effects := outbox.New(outbox.Options{Store: a.Database, Clock: a.Clock, Redis: a.Redis, Log: a.Log, Measure: a.Metrics.Outbox,
		Observe: func(topic string, took time.Duration, err error) { a.Metrics.Job("outbox "+topic, took, err) }})
	effects.Handle(payment.ShippingTopic, a.Payments.UploadShipping)
	effects.Handle(topup.GiftTopic, a.TopUps.Give)
	effects.Handle(coupon.EventTopic, a.Coupons.HandleEvent)
	effects.Handle(coupon.ReminderTopic, a.Coupons.Remind)
	if err := effects.Start(); err != nil {
		a.Log.ErrorContext(ctx, "the outbox's workers could not be started; another server carries its messages out", "error", err)
	}
	defer effects.Close()

	runner := jobs.New(jobs.Options{Store: a.Database, Clock: a.Clock, Log: a.Log, Observe: a.Metrics.Job})
	runner.Register("outbox relay", time.Second, effects.Relay)
	runner.Register("outbox clean-up", time.Hour, effects.DeleteDone)
	runner.Register("payment sweep", time.Second, a.Payments.Sweep)
	runner.Register("payment reconciliation", 15*time.Minute, a.Payments.ReconcileDue)
	runner.Register("coupon expiry", time.Minute, sweep(a.Coupons.ExpireDue))
	runner.Register("coupon reminders", 10*time.Minute, sweep(a.Coupons.RemindDue))
	runner.Register("coupon transfer expiry", time.Minute, sweep(a.Coupons.ExpireTransfers))
	runner.Register("coupon withdrawal", 5*time.Second, sweep(a.Coupons.RevokeWithdrawn))
	runner.Register("coupon birthdays", 15*time.Minute, a.Coupons.GiveBirthdays)
	runner.Register("coupon issue", 2*time.Second, a.Coupons.RunIssueJobs)
	runner.Register("wallet hold expiry", 5*time.Second, sweep(a.Wallets.ExpireHolds))
	runner.Register("wallet bonus expiry", time.Minute, sweep(a.Wallets.ExpireBonus))
	runner.Register("level periods", 10*time.Minute, sweep(a.Members.EndPeriods))
	runner.Register("points", time.Minute, sweep(a.Points.SettleDue))
	runner.Register("clearing statements", time.Hour, sweep(a.Clearings.MakeDue))
	runner.Register("member event clean-up", time.Hour, func(ctx context.Context) error {
		return a.Redemptions.Events.DeleteOld(ctx, a.Clock.Now())
	})
	runner.Register("session clean-up", time.Hour, a.Identity.DeleteEndedSessions)
	runner.Register("idempotency key clean-up", time.Hour, func(ctx context.Context) error {
		return idempotency.DeleteOld(ctx, a.Database, a.Clock.Now())
	})
	var working sync.WaitGroup
	working.Go(func() { a.Payments.Work(ctx) })
	runner.Run(ctx)
	working.Wait()
}

// sweep takes due rows until there are none, or until the server stops.
func sweep(take func(ctx context.Context, limit int) (int, error)) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		for ctx.Err() == nil {
			if n, err := take(auth.Operator(ctx), sweepChunk); err != nil || n == 0 {
				return err
			}
		}
		return ctx.Err()
	}
}
