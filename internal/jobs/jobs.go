// Package jobs runs periodic work on one server at a time, under leases in the database.
//
// A lease is a row (name, holder, expires_at). A server takes it with one conditional write once it has expired, renews it while it works, and after
// the work leaves it until the next run is due, so that with any number of servers a job runs about once in its period. A server that dies falls
// silent, and another takes over when the lease runs out. A lease is no lock: a server that was stopped for longer than its lease may still be
// working for a moment when the next one begins. So every job is such that two at once do no harm: it changes rows by conditional writes.
package jobs

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	mathrand "math/rand/v2"
	"runtime/debug"
	"sync"
	"time"

	"dongxiao/auth"
	"dongxiao/ent/lease"
	"dongxiao/internal/clock"
	"dongxiao/internal/store"
)

const (
	// leaseTime is how long a silent server keeps a job.
	leaseTime = 30 * time.Second
	// releaseTimeout bounds the last write of a run that was told to stop.
	releaseTimeout = 3 * time.Second
	// firstWait is the longest wait before a server first tries its jobs: not all servers at once, not all jobs at once.
	firstWait = 3 * time.Second
)

// Options of New.
type Options struct {
	Store *store.Store
	Clock clock.Clock
	Log   *slog.Logger
	// Observe is told of every run; nil for nobody.
	Observe func(job string, took time.Duration, err error)
}

// Runner runs the jobs of one server.
type Runner struct {
	Options
	holder string
	jobs   []job
}

type job struct {
	name  string
	every time.Duration
	run   func(ctx context.Context) error
}

// New makes a runner that has no jobs yet.
func New(o Options) *Runner { return &Runner{Options: o, holder: rand.Text()} }

// Register adds a job before Run. Of all servers one runs it about every so often, from the start of one run to the start of the next. Its context
// reaches all brands and ends when the server stops or has lost the lease; a run may take as long as it likes, also for ever.
func (r *Runner) Register(name string, every time.Duration, run func(ctx context.Context) error) {
	r.jobs = append(r.jobs, job{name, every, run})
}

// Run tries the jobs until ctx ends, and returns when the last one has stopped.
func (r *Runner) Run(ctx context.Context) {
	ctx = auth.Operator(ctx)
	var running sync.WaitGroup
	for _, j := range r.jobs {
		running.Go(func() {
			for wait := mathrand.N(min(firstWait, j.every)); pause(ctx, wait); wait = jitter(j.every) {
				if err := r.attempt(ctx, j); err != nil && ctx.Err() == nil {
					r.Log.ErrorContext(ctx, "a job failed; it is tried again in its next period", "job", j.name, "error", err)
				}
			}
		})
	}
	running.Wait()
}

// attempt runs the job if its lease can be taken. The error is the job's, or that of the lease.
func (r *Runner) attempt(ctx context.Context, j job) error {
	started := r.Clock.Now()
	taken, err := r.take(ctx, j.name, started)
	if err != nil || !taken {
		return err
	}
	running, stop := context.WithCancelCause(ctx)
	var renewing sync.WaitGroup
	renewing.Go(func() { r.renew(running, stop, j.name) })
	start := time.Now()
	err = call(running, j.run)
	if cause := context.Cause(running); errors.Is(cause, errLost) {
		err = errors.Join(cause, err)
	}
	stop(nil)
	renewing.Wait()
	if r.Observe != nil && !(ctx.Err() != nil && errors.Is(err, context.Canceled)) {
		r.Observe(j.name, time.Since(start), err)
	}
	return errors.Join(err, r.release(ctx, j.name, started.Add(j.every)))
}

// call turns a panic into an error, so that one job does not end the server.
func call(ctx context.Context, run func(ctx context.Context) error) (err error) {
	defer func() {
		if recovered := recover(); recovered != nil {
			err = fmt.Errorf("panic: %v\n%s", recovered, debug.Stack())
		}
	}()
	return run(ctx)
}

var errLost = errors.New("the lease was lost")

// take takes an expired lease; the row is made at the first try.
func (r *Runner) take(ctx context.Context, name string, now time.Time) (bool, error) {
	client := r.Store.Client(ctx)
	n, err := client.Lease.Update().Where(lease.Name(name), lease.ExpiresAtLTE(now)).SetHolder(r.holder).SetExpiresAt(now.Add(leaseTime)).Save(ctx)
	if err != nil || n == 1 {
		return n == 1, err
	}
	known, err := client.Lease.Query().Where(lease.Name(name)).Exist(ctx)
	if err != nil || known {
		return false, err
	}
	err = client.Lease.Create().SetName(name).SetHolder(r.holder).SetExpiresAt(now.Add(leaseTime)).Exec(ctx)
	if store.IsDuplicate(err, lease.Table, "name") {
		return false, nil
	}
	return err == nil, err
}

// renew keeps the lease until ctx ends, and ends the run where another server has it or it could not be kept in time.
func (r *Runner) renew(ctx context.Context, stop context.CancelCauseFunc, name string) {
	kept := time.Now()
	for pause(ctx, leaseTime/6) {
		n, err := r.Store.Client(ctx).Lease.Update().Where(lease.Name(name), lease.Holder(r.holder)).SetExpiresAt(r.Clock.Now().Add(leaseTime)).Save(ctx)
		switch {
		case err == nil && n == 1:
			kept = time.Now()
		case err == nil:
			stop(errLost)
		case time.Since(kept) > leaseTime*2/3:
			stop(errors.Join(errLost, err))
		}
	}
}

// release leaves the lease until the next run is due.
func (r *Runner) release(ctx context.Context, name string, next time.Time) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTimeout)
	defer cancel()
	return r.Store.Client(ctx).Lease.Update().Where(lease.Name(name), lease.Holder(r.holder)).SetExpiresAt(next).Exec(ctx)
}

// jitter is about the period: 90 to 110 percent of it.
func jitter(every time.Duration) time.Duration {
	return every*9/10 + mathrand.N(every/5+1)
}

// pause waits and says whether ctx still runs.
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
