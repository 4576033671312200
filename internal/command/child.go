package command

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	childStart = 15 * time.Second      // until it must be ready
	childPoll  = 50 * time.Millisecond // between two questions whether it is
	childGrace = 5 * time.Second       // from SIGTERM to SIGKILL
	childLine  = 64 << 10              // bytes of a line of output that are passed on
)

// ChildOptions say which process to start.
type ChildOptions struct {
	// Name stands before each line of its output.
	Name string
	// Arguments are its command line: the program is this one.
	Arguments []string
	// Environment is added to this process's, less every DONGXIAO_ variable: settings, secrets among them, are not inherited.
	Environment []string
	// Ready is asked until it gives nil. Nil means that a started process is ready.
	Ready func(context.Context) error
	// Output takes the process's output, line by line.
	Output io.Writer
}

// Child is a process that runs for this one and does not outlive it.
type Child struct {
	name string
	stop context.CancelFunc
	done chan struct{}
	err  error // set before done is closed
}

// StartChild starts this program anew with other arguments and waits until it is ready. It ends when ctx ends or Stop is called:
// SIGTERM first, SIGKILL five seconds later. On Linux the kernel ends it as well when this process dies in whatever way.
// It is in a process group of its own, so a ctrl-C in the terminal reaches this process alone, which stops its child when it is done.
func StartChild(ctx context.Context, options ChildOptions) (*Child, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program to start %s: %w", options.Name, err)
	}
	ctx, cancel := context.WithCancel(ctx)
	process := exec.CommandContext(ctx, program, options.Arguments...)
	process.Env = append(environment(), options.Environment...)
	process.Cancel = func() error { return process.Process.Signal(syscall.SIGTERM) }
	process.WaitDelay = childGrace
	process.SysProcAttr = childAttributes()
	reader, writer := io.Pipe()
	process.Stdout, process.Stderr = writer, writer
	c := &Child{name: options.Name, stop: cancel, done: make(chan struct{})}
	started := make(chan error)
	go func() {
		// The kernel ties the child to the thread that started it, so this thread must live as long.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := process.Start()
		started <- err
		if err == nil {
			c.err = process.Wait()
		}
		_ = writer.Close()
	}()
	go func() {
		defer close(c.done)
		passOn(options.Output, options.Name, reader)
	}()
	if err := <-started; err != nil {
		cancel()
		<-c.done
		return nil, fmt.Errorf("start %s: %w", options.Name, err)
	}
	if err := c.waitUntil(ctx, options.Ready); err != nil {
		c.Stop()
		return nil, err
	}
	return c, nil
}

// Done is closed when the process has ended and its output was passed on.
func (c *Child) Done() <-chan struct{} { return c.done }

// Stop ends the process and waits until it has ended. It may be called more than once.
func (c *Child) Stop() {
	c.stop()
	<-c.done
}

// waitUntil asks until the process is ready, or has ended, or took too long.
func (c *Child) waitUntil(ctx context.Context, ready func(context.Context) error) error {
	if ready == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, childStart)
	defer cancel()
	poll := time.NewTicker(childPoll)
	defer poll.Stop()
	for {
		select {
		case <-c.done:
			if c.err == nil {
				c.err = errors.New("exit status 0")
			}
			return fmt.Errorf("%s ended before it was ready: %w", c.name, c.err)
		default:
		}
		err := ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-c.done:
		case <-poll.C:
		case <-ctx.Done():
			return fmt.Errorf("%s was not ready in time: %w", c.name, err)
		}
	}
}

// environment is this process's environment without our settings.
func environment() []string {
	var kept []string
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "DONGXIAO_") {
			kept = append(kept, variable)
		}
	}
	return kept
}

// outputs lets the children of this process write whole lines.
var outputs sync.Mutex

// passOn copies lines, with the name before each, until there are no more. Very long lines are cut.
func passOn(w io.Writer, name string, r io.Reader) {
	lines := bufio.NewReaderSize(r, childLine)
	for {
		line, tooLong, err := lines.ReadLine()
		if err != nil {
			return
		}
		outputs.Lock()
		_, _ = fmt.Fprintf(w, "%s | %s\n", name, line)
		outputs.Unlock()
		for tooLong && err == nil {
			_, tooLong, err = lines.ReadLine()
		}
	}
}
