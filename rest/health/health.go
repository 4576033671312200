// Package health answers /healthz and /readyz, by which a supervisor restarts the server and a load balancer picks it.
package health

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

const (
	checkTimeout = time.Second
	// cacheFor is how long an answer is given again, so that asking often costs the database nothing.
	cacheFor = 500 * time.Millisecond
)

// Check is one thing without which the server cannot do its work.
type Check struct {
	// Name is shown to whoever asks.
	Name string
	// Run says what is wrong, for the log alone. It gets one second.
	Run func(context.Context) error
}

// Health knows whether the server can work. Make it with New.
type Health struct {
	logger   *slog.Logger
	checks   []Check
	stopping atomic.Bool

	turn   chan struct{} // holds one token, which guards all below; held while the checks run, so that callers share one run
	report report
	at     time.Time
	busy   []chan struct{} // by check: a run that outlived its time and has not ended yet
}

// report is the answer of /readyz.
type report struct {
	Status string            `json:"status"`
	Checks map[string]string `json:"checks,omitempty"`
}

// What a report says of the server and of each check.
const (
	statusOK          = "ok"
	statusUnavailable = "unavailable"
	statusStopping    = "stopping"
	checkFailed       = "failed"
	checkTimedOut     = "timed out"
)

var errTimedOut = errors.New("gave no answer in time")

// New makes a Health of these checks; logger is told when a check begins or ceases to fail.
func New(logger *slog.Logger, checks ...Check) *Health {
	return &Health{logger: logger, checks: checks, turn: make(chan struct{}, 1), busy: make([]chan struct{}, len(checks))}
}

// Register adds GET /healthz and GET /readyz.
func (h *Health) Register(mux *http.ServeMux) {
	mux.HandleFunc("GET /healthz", h.live)
	mux.HandleFunc("GET /readyz", h.ready)
}

// Stop makes /readyz answer 503 from now on. Call it first at shutdown, while requests are still served.
func (h *Health) Stop() { h.stopping.Store(true) }

// live says that the process runs and answers; nothing else, for a restart mends nothing else.
func (h *Health) live(w http.ResponseWriter, _ *http.Request) { answer(w, report{Status: statusOK}) }

// ready says whether requests should be sent here.
func (h *Health) ready(w http.ResponseWriter, _ *http.Request) {
	if h.stopping.Load() {
		answer(w, report{Status: statusStopping})
		return
	}
	answer(w, h.current())
}

func answer(w http.ResponseWriter, r report) {
	body, _ := json.Marshal(r)
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if r.Status != statusOK {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_, _ = w.Write(body)
}

// current is the cached report, or a new one. It does not end with the request that asked for it, since others get it too.
func (h *Health) current() report {
	h.turn <- struct{}{}
	defer func() { <-h.turn }()
	if !h.at.IsZero() && time.Since(h.at) < cacheFor {
		return h.report
	}
	errs := make([]error, len(h.checks))
	var running sync.WaitGroup
	for i := range h.checks {
		running.Go(func() { errs[i] = h.run(i) })
	}
	running.Wait()
	next := report{Status: statusOK, Checks: map[string]string{}}
	for i, check := range h.checks {
		state := statusOK
		if errs[i] != nil {
			next.Status, state = statusUnavailable, checkFailed
			if errors.Is(errs[i], errTimedOut) || errors.Is(errs[i], context.DeadlineExceeded) {
				state = checkTimedOut
			}
		}
		next.Checks[check.Name] = state
		h.tell(check.Name, h.report.Checks[check.Name], state, errs[i])
	}
	h.report, h.at = next, time.Now()
	return next
}

// tell logs a check that changed.
func (h *Health) tell(name, before, now string, err error) {
	switch {
	case now != statusOK && now != before:
		h.logger.Warn("not ready", "check", name, "error", err)
	case now == statusOK && before != "" && before != statusOK:
		h.logger.Info("ready again", "check", name)
	}
}

// run gives a check its second, and waits no longer even if the check does not heed its context. While such a run goes on, no
// other is started: the check counts as failed, and hanging runs cannot pile up.
func (h *Health) run(i int) error {
	if h.busy[i] != nil {
		select {
		case <-h.busy[i]:
			h.busy[i] = nil
		default:
			return errTimedOut
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), checkTimeout)
	ended, result := make(chan struct{}), make(chan error, 1)
	go func() {
		defer cancel()
		defer close(ended)
		defer func() {
			if r := recover(); r != nil {
				result <- fmt.Errorf("panic: %v", r)
			}
		}()
		result <- h.checks[i].Run(ctx)
	}()
	select {
	case err := <-result:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-result: // it heeded the context
		return err
	default:
		h.busy[i] = ended
		return errTimedOut
	}
}
