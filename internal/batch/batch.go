// Package batch commits many callers' requests for one hot row together (group commit).
//
// A counter that everybody wants (the stock of a coupon, of a flash sale) is one database row, and the database carries out one
// durable commit on it at a time. So requests for one key are collected while a commit for that key is in flight and go into the next
// one: the longer a commit takes, the more it carries. Nothing waits for company: a request that finds a free worker starts at once,
// so with few callers it is as fast as without batching.
//
// Correctness never rests on this package: many servers batch the same key at once, and the database decides.
package batch

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"dongxiao/internal/apperr"
)

// Options tune a Batcher. A zero field means its default.
type Options struct {
	// MaxSize is the most requests in one commit. Default 100: beyond it, statements grow longer faster than commits grow fewer.
	MaxSize int
	// WorkersPerKey is how many commits for one key may be in flight. Default 2: while one waits for its commit to be durable, the
	// other prepares. More only wait for the same row lock.
	WorkersPerKey int
	// MaxQueue is the most requests that wait for one key, those being committed not counted. Default 10,000; the next is UNAVAILABLE.
	MaxQueue int
	// Timeout is the deadline of each commit. Default 10 s.
	Timeout time.Duration
	// ShouldSplit says of an error of the whole commit that a single request may have caused it (a duplicate key), so that it is worth
	// committing the halves apart: in the end only the guilty caller gets the error. Default: never. The failed commit must have
	// changed nothing.
	ShouldSplit func(error) bool
	// Observe is told the size and duration of each commit that returned, failed ones and repeated halves included. It must be safe for concurrent
	// use and fast. Default: nobody is told.
	Observe func(size int, duration time.Duration)
}

// Result is the answer to one request: its value, or the error that is its caller's alone.
type Result[Res any] struct {
	Value Res
	Err   error
}

// ErrResults is what all callers of a commit get that answered with fewer or more results than it had requests.
var ErrResults = errors.New("batch: the commit did not give one result for each request")

// Batcher collects requests per key. Make it with New, one per kind of request, and Close it at shutdown.
type Batcher[K comparable, Req, Res any] struct {
	options Options
	commit  func(context.Context, K, []Req) ([]Result[Res], error)
	// context is the ancestor of each commit's context; abandon ends it when Close runs out of patience.
	context context.Context
	abandon context.CancelFunc

	mu      sync.Mutex
	lanes   map[K]*lane[Req, Res]
	workers int           // of all lanes together.
	drained chan struct{} // made by Close, closed when the last worker has ended.
}

// lane holds what waits for one key. It is in the map only while it has a worker, so idle keys cost nothing.
type lane[Req, Res any] struct {
	waiting *list.List // of *call
	workers int
}

// call is one caller's request on its way.
type call[Req, Res any] struct {
	request Req
	element *list.Element // nil as soon as a worker has taken the call; guarded by Batcher.mu.
	answer  chan Result[Res]
}

// New makes a Batcher. commit carries out all requests of one batch (at least one, at most MaxSize, in order of arrival) and answers
// each in its place, or fails as a whole having changed nothing. Its context carries a deadline and nothing of any caller: no
// viewer, no cancellation, no trace. A panic in commit becomes an error for the callers of that batch.
func New[K comparable, Req, Res any](options Options, commit func(ctx context.Context, key K, requests []Req) ([]Result[Res], error)) *Batcher[K, Req, Res] {
	if options.MaxSize <= 0 {
		options.MaxSize = 100
	}
	if options.WorkersPerKey <= 0 {
		options.WorkersPerKey = 2
	}
	if options.MaxQueue <= 0 {
		options.MaxQueue = 10_000
	}
	if options.Timeout <= 0 {
		options.Timeout = 10 * time.Second
	}
	b := &Batcher[K, Req, Res]{options: options, commit: commit, lanes: make(map[K]*lane[Req, Res])}
	b.context, b.abandon = context.WithCancel(context.Background())
	return b
}

// Do hands request to a commit for key and waits for its own answer.
//
// It gives UNAVAILABLE where the key's queue is full, the batcher is closed, or ctx ends first. A caller whose ctx ends while its
// request still waits takes the request back, and nothing happens; one whose request is being committed stops waiting, and the
// commit goes on: it may still succeed. So a request needs an idempotency key that a repeat finds its outcome by. The error wraps
// ctx's own where that was the reason.
func (b *Batcher[K, Req, Res]) Do(ctx context.Context, key K, request Req) (Res, error) {
	var none Res
	if err := ctx.Err(); err != nil {
		return none, apperr.New(apperr.Unavailable).Because(err)
	}
	c := &call[Req, Res]{request: request, answer: make(chan Result[Res], 1)}
	l, err := b.enqueue(key, c)
	if err != nil {
		return none, err
	}
	select {
	case result := <-c.answer:
		return result.Value, result.Err
	case <-ctx.Done():
	}
	b.mu.Lock()
	if c.element != nil {
		l.waiting.Remove(c.element)
		c.element = nil
	}
	b.mu.Unlock()
	select {
	case result := <-c.answer: // It came at the same moment: knowing is better than not knowing.
		return result.Value, result.Err
	default:
		return none, apperr.New(apperr.Unavailable).Because(ctx.Err())
	}
}

// enqueue puts c into the lane of key and starts a worker where the lane may have one more.
func (b *Batcher[K, Req, Res]) enqueue(key K, c *call[Req, Res]) (*lane[Req, Res], error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.drained != nil {
		return nil, apperr.New(apperr.Unavailable).Because(errors.New("batch: closed"))
	}
	l := b.lanes[key]
	if l == nil {
		l = &lane[Req, Res]{waiting: list.New()}
		b.lanes[key] = l
	}
	if l.waiting.Len() >= b.options.MaxQueue {
		return nil, apperr.New(apperr.Unavailable).Because(errors.New("batch: the key's queue is full"))
	}
	c.element = l.waiting.PushBack(c)
	if l.workers < b.options.WorkersPerKey {
		l.workers++
		b.workers++
		go b.work(key, l)
	}
	return l, nil
}

// work commits batches of one lane until nothing waits there.
func (b *Batcher[K, Req, Res]) work(key K, l *lane[Req, Res]) {
	for {
		calls := b.take(key, l)
		if len(calls) == 0 {
			return
		}
		b.run(key, calls)
	}
}

// take gives the next batch, or none and counts the worker out: in one critical section, so that no request is left without a worker.
func (b *Batcher[K, Req, Res]) take(key K, l *lane[Req, Res]) []*call[Req, Res] {
	b.mu.Lock()
	defer b.mu.Unlock()
	if l.waiting.Len() == 0 {
		b.workers--
		if l.workers--; l.workers == 0 {
			delete(b.lanes, key)
		}
		if b.workers == 0 && b.drained != nil {
			close(b.drained)
		}
		return nil
	}
	calls := make([]*call[Req, Res], 0, min(l.waiting.Len(), b.options.MaxSize))
	for len(calls) < cap(calls) {
		c := l.waiting.Remove(l.waiting.Front()).(*call[Req, Res])
		c.element = nil
		calls = append(calls, c)
	}
	return calls
}

// run commits calls and answers each; where the commit failed by what may be one request's fault, it does so with the halves, one
// after the other.
func (b *Batcher[K, Req, Res]) run(key K, calls []*call[Req, Res]) {
	results, split, err := b.attempt(key, calls)
	switch {
	case err == nil:
		for i, c := range calls {
			c.answer <- results[i]
		}
	case split && len(calls) > 1:
		b.run(key, calls[:len(calls)/2])
		b.run(key, calls[len(calls)/2:])
	default:
		for _, c := range calls {
			c.answer <- Result[Res]{Err: err}
		}
	}
}

// attempt calls commit once and says of its error whether the halves are to be tried.
func (b *Batcher[K, Req, Res]) attempt(key K, calls []*call[Req, Res]) (results []Result[Res], split bool, err error) {
	if b.context.Err() != nil {
		return nil, false, apperr.New(apperr.Unavailable).Because(errors.New("batch: closed before the request's turn"))
	}
	defer func() {
		if value := recover(); value != nil {
			reason := fmt.Sprintf("%T", value) // No more than its type: the value may hold what a client sent.
			if fault, ok := value.(runtime.Error); ok {
				reason = fault.Error()
			}
			slog.Error("batch: a commit panicked", "reason", reason, "stack", string(debug.Stack()))
			results, split, err = nil, false, fmt.Errorf("batch: the commit panicked: %s", reason)
		}
	}()
	ctx, cancel := context.WithTimeout(b.context, b.options.Timeout)
	defer cancel()
	requests := make([]Req, len(calls))
	for i, c := range calls {
		requests[i] = c.request
	}
	start := time.Now()
	results, err = b.commit(ctx, key, requests)
	if b.options.Observe != nil {
		b.options.Observe(len(calls), time.Since(start))
	}
	if err == nil && len(results) != len(calls) {
		err = ErrResults
	}
	split = err != nil && b.options.ShouldSplit != nil && b.options.ShouldSplit(err)
	return results, split, err
}

// Close refuses new requests and waits until those that wait have been committed and answered. Where ctx ends first, commits in flight
// are cancelled, what still waits is answered UNAVAILABLE, and Close returns ctx's error without waiting for them. It may be called
// more than once.
func (b *Batcher[K, Req, Res]) Close(ctx context.Context) error {
	b.mu.Lock()
	if b.drained == nil {
		b.drained = make(chan struct{})
		if b.workers == 0 {
			close(b.drained)
		}
	}
	b.mu.Unlock()
	select {
	case <-b.drained:
		b.abandon()
		return nil
	case <-ctx.Done():
		b.abandon()
		return ctx.Err()
	}
}
