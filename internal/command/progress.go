package command

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progressLine is the least time between two lines where there is no terminal.
const progressLine = 3 * time.Second

// Progress shows how far a long piece of work has come: as a bar on a terminal, otherwise as a line every few seconds, so that a log
// stays readable. It may be used by several goroutines.
type Progress struct {
	mu    sync.Mutex
	w     io.Writer
	what  string
	bar   *progressbar.ProgressBar
	total int
	done  int
	start time.Time
	told  time.Time
}

// NewProgress begins to show work of total steps; total may be 0 where it is not known yet.
func NewProgress(w io.Writer, what string, total int) *Progress {
	p := &Progress{w: w, what: what, total: total, start: time.Now(), told: time.Now()}
	if file, ok := w.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		p.bar = progressbar.NewOptions(max(total, 1), progressbar.OptionSetWriter(w), progressbar.OptionSetDescription(what), progressbar.OptionShowCount(),
			progressbar.OptionSetPredictTime(true), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
	}
	return p
}

// Set tells how many steps are done, and of how many.
func (p *Progress) Set(done, total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if total != p.total && p.bar != nil {
		p.bar.ChangeMax(max(total, 1))
	}
	p.done, p.total = done, total
	if p.bar != nil {
		_ = p.bar.Set(min(done, max(total, 1)))
		return
	}
	if time.Since(p.told) >= progressLine {
		p.told = time.Now()
		p.line()
	}
}

// Add tells that n more steps are done.
func (p *Progress) Add(n int) {
	p.mu.Lock()
	done, total := p.done+n, p.total
	p.mu.Unlock()
	p.Set(done, total)
}

// Finish ends the display with one line that says how long it took.
func (p *Progress) Finish() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		_ = p.bar.Finish()
	}
	_, _ = fmt.Fprintf(p.w, "%s: %d done in %s\n", p.what, p.done, time.Since(p.start).Round(100*time.Millisecond))
}

func (p *Progress) line() {
	if p.total > 0 {
		_, _ = fmt.Fprintf(p.w, "%s: %d of %d (%d%%)\n", p.what, p.done, p.total, 100*p.done/p.total)
		return
	}
	_, _ = fmt.Fprintf(p.w, "%s: %d\n", p.what, p.done)
}
