package ids

import (
	"math"
	"math/rand/v2"
	"sync/atomic"
	"time"
)

const (
	// counterBits is the part of an id below its millisecond.
	counterBits = 22
	// epochMillis is 2025-01-01T00:00:00Z; 41 bits of milliseconds after it reach into the year 2094.
	epochMillis = 1735689600000
	maxMillis   = 1<<41 - 1
)

// sequence makes rising ids. It is a type of its own so that tests can set the time and start several, as several servers would.
type sequence struct {
	last atomic.Int64
	now  func() time.Time
}

var process = &sequence{now: time.Now}

// Next makes the id of a new row: 41 bits of milliseconds since 2025 and 22 bits of counter, which starts at a random place in the lower
// half each millisecond. Ids are positive, rise strictly within a process, and are about in the order of time across processes.
//
// Servers do not talk to each other about ids, so two may make the same one: with one id each in the same millisecond, once in two million
// times. The primary key is what guarantees uniqueness: the insert that comes second fails and is tried again with a new id.
func Next() int64 { return process.next() }

func (s *sequence) next() int64 {
	millis := min(max(s.now().UnixMilli()-epochMillis, 0), maxMillis)
	for {
		last := s.last.Load()
		// The same millisecond, a clock that was set back, or more ids than a millisecond holds: go on counting from the last one.
		id := last + 1
		if millis > last>>counterBits {
			id = millis<<counterBits | (1 + rand.Int64N(1<<(counterBits-1)))
		}
		if id <= 0 { // the year 2094 has come
			id = math.MaxInt64
		}
		if s.last.CompareAndSwap(last, id) {
			return id
		}
	}
}

// TimeOf is when the id was made, to the millisecond: for debugging and for sweeps by age, never for decisions about money.
func TimeOf(id int64) time.Time {
	return time.UnixMilli(id>>counterBits + epochMillis).UTC()
}
