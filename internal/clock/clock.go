// Package clock gives the one time that decides: the database's.
//
// Windows, expiries and deadlines are compared on many servers whose own clocks differ; each server keeps a clock at the time of the
// database that they share. All times are UTC and cut to microseconds, which is what a datetime(6) column keeps, so a time that
// was stored and read again equals the one that was written.
package clock

import (
	"sync"
	"time"
)

// Clock tells the time. Whoever decides something by the time takes a Clock, so that tests can move it.
type Clock interface {
	// Now is the present time in UTC, cut to microseconds.
	Now() time.Time
}

// cut brings a time into the form that every Clock answers in: UTC, microseconds, no monotonic reading.
func cut(t time.Time) time.Time {
	return t.UTC().Truncate(time.Microsecond)
}

// Manual is a Clock for tests that stands still until it is moved. It is safe for concurrent use.
type Manual struct {
	mu  sync.Mutex
	now time.Time
}

// NewManual makes a clock that stands at now.
func NewManual(now time.Time) *Manual {
	return &Manual{now: cut(now)}
}

// Now implements Clock.
func (m *Manual) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

// Advance moves the clock by d (back where d is negative) and gives the new time.
func (m *Manual) Advance(d time.Duration) time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now = cut(m.now.Add(d))
	return m.now
}

// Set moves the clock to now.
func (m *Manual) Set(now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now = cut(now)
}
