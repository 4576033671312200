package main

import (
	"sync/atomic"
	"time"
)

// side adds up what the turns of one side of a comparison took.
type side struct {
	// done counts what was done and statements what was sent for it, by both sides or by this one alone: a turn looks at what its own measure added.
	done, statements *atomic.Int64

	count, sent int64
	cpu         time.Duration
}

// turn lets measure have one turn and gives its rate.
func (s *side) turn(e *environment, measure func() (float64, error)) (float64, error) {
	count, sent := s.done.Load(), s.statements.Load()
	before, err := e.cpu()
	if err != nil {
		return 0, err
	}
	rate, err := measure()
	if err != nil {
		return 0, err
	}
	after, err := e.cpu()
	s.count += s.done.Load() - count
	s.sent += s.statements.Load() - sent
	s.cpu += after - before
	return rate, err
}

// each is how many statements one of what was done took.
func (s *side) each() float64 { return float64(s.sent) / float64(max(s.count, 1)) }

// microseconds is how much CPU time one of what was done took.
func (s *side) microseconds() float64 {
	return float64(s.cpu.Microseconds()) / float64(max(s.count, 1))
}
