package transport

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"dongxiao/internal/apperr"
)

// Recheck says whether the person behind a socket or a stream may still go on. It is given the context that was authenticated.
// A refusal (an *apperr.Error) ends the socket for good; any other error means that it cannot be told now, and ends it too, in a way
// that lets the client come back. It is called often, so it should read from a cache of a second or so.
type Recheck func(ctx context.Context) error

type expiryKey struct{}

// WithExpiry says when the right to ask ends: the expiry of the access token. Sockets and streams that run under ctx end then, and the
// client connects again with a fresh token. Without it they may live as long as they like.
func WithExpiry(ctx context.Context, expiry time.Time) context.Context {
	return context.WithValue(ctx, expiryKey{}, expiry)
}

func expiryOf(ctx context.Context) (time.Time, bool) {
	expiry, ok := ctx.Value(expiryKey{}).(time.Time)
	return expiry, ok && !expiry.IsZero()
}

// lifetime is what ends a socket or a stream that nobody closes.
type lifetime struct {
	recheck  Recheck
	interval time.Duration
	now      func() time.Time
}

func newLifetime(recheck Recheck, interval time.Duration, now func() time.Time) lifetime {
	if now == nil {
		now = time.Now
	}
	return lifetime{recheck, positive(interval, 2*time.Second), now}
}

// watch returns nil when ctx ends, and otherwise why whoever runs under it must stop.
func (l lifetime) watch(ctx context.Context) error {
	var expired <-chan time.Time
	if expiry, ok := expiryOf(ctx); ok {
		timer := time.NewTimer(expiry.Sub(l.now()))
		defer timer.Stop()
		expired = timer.C
	}
	var due <-chan time.Time
	if l.recheck != nil {
		ticker := time.NewTicker(l.interval)
		defer ticker.Stop()
		due = ticker.C
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-expired:
			return apperr.New(apperr.TokenExpired)
		case <-due:
			if err := l.check(ctx); err != nil {
				if ctx.Err() != nil {
					return nil
				}
				return err
			}
		}
	}
}

// check calls Recheck, for at most one interval.
func (l lifetime) check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, l.interval)
	defer cancel()
	return guarded(ctx, func() error { return l.recheck(ctx) })
}

// errPanicked stands for a panic that was logged.
var errPanicked = errors.New("panic")

// guarded turns a panic of the function into an error, and logs it: a goroutine of ours must not end the process.
func guarded(ctx context.Context, function func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			slog.ErrorContext(ctx, "panic in a transport", "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
			err = errPanicked
		}
	}()
	return function()
}

// refusal gives the user's error in err's chain, or nil where err is a fault of ours that may have passed a moment later.
func refusal(err error) *apperr.Error {
	refused, ok := errors.AsType[*apperr.Error](err)
	if !ok {
		return nil
	}
	switch refused.Code {
	case apperr.Internal, apperr.Unavailable, apperr.RateLimited:
		return nil
	}
	return refused
}
