package servers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"time"
)

const (
	// startTimeout is generous because test machines are often busy; a healthy server is ready within a second.
	startTimeout = 60 * time.Second
	stopTimeout  = 30 * time.Second
)

var errNotRunning = errors.New("the server is not running")

// process is one server: a command line that can be started again after it ended.
type process struct {
	path      string
	arguments []string
	logPath   string

	mutex   sync.Mutex
	command *exec.Cmd
	exited  chan struct{} // closed when command has ended; nil before the first start
}

// start runs the command line. It fails when the server already runs.
func (p *process) start() error {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.running() {
		return fmt.Errorf("%s is running already", filepath.Base(p.path))
	}
	log, err := os.OpenFile(p.logPath, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	command := exec.Command(p.path, p.arguments...)
	command.Stdout, command.Stderr = log, log
	command.SysProcAttr = childAttributes()

	// Linux kills the child when the thread that started it ends, not the process, so that thread waits for the child.
	started, exited := make(chan error, 1), make(chan struct{})
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(exited)
		defer func() { _ = log.Close() }()
		err := command.Start()
		started <- err
		if err == nil {
			_ = command.Wait()
		}
	}()
	if err := <-started; err != nil {
		return err
	}
	p.command, p.exited = command, exited
	return nil
}

// running needs the mutex.
func (p *process) running() bool {
	if p.exited == nil {
		return false
	}
	select {
	case <-p.exited:
		return false
	default:
		return true
	}
}

// signal sends s and waits until the server has ended; a server that takes longer than stopTimeout is killed. A server that does
// not run is an error.
func (p *process) signal(s syscall.Signal) error {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if !p.running() {
		return errNotRunning
	}
	if err := p.command.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-p.exited:
		return nil
	case <-time.After(stopTimeout):
		err := p.command.Process.Kill()
		<-p.exited
		return errors.Join(fmt.Errorf("%s did not end within %s", filepath.Base(p.path), stopTimeout), err)
	}
}

// end kills the server if it runs.
func (p *process) end() error {
	if err := p.signal(syscall.SIGKILL); !errors.Is(err, errNotRunning) {
		return err
	}
	return nil
}

// restart ends the server in its own orderly way if it runs, starts it again and waits until it is ready.
func (p *process) restart(ctx context.Context, ready func(context.Context) error) error {
	if err := p.signal(syscall.SIGTERM); err != nil && !errors.Is(err, errNotRunning) {
		return err
	}
	if err := p.start(); err != nil {
		return err
	}
	return p.await(ctx, ready)
}

// id is the process id, 0 when the server does not run.
func (p *process) id() int {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if !p.running() {
		return 0
	}
	return p.command.Process.Pid
}

// await asks ready until it answers nil. It gives up when the server has ended or after startTimeout, and then tells the end of
// the server's log.
func (p *process) await(ctx context.Context, ready func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	p.mutex.Lock()
	exited := p.exited
	p.mutex.Unlock()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		err := ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-exited:
			return fmt.Errorf("%s ended while starting; its log ends with:\n%s", filepath.Base(p.path), logTail(p.logPath))
		case <-ctx.Done():
			return fmt.Errorf("%s did not get ready: %w; its log ends with:\n%s", filepath.Base(p.path), err, logTail(p.logPath))
		case <-tick.C:
		}
	}
}

// logTail is the last 4 KiB of a log.
func logTail(path string) []byte {
	log, err := os.ReadFile(path)
	if err != nil {
		return []byte(err.Error())
	}
	return bytes.TrimSpace(log[max(0, len(log)-4096):])
}

// freePort picks a TCP port on the loopback address that is free now. Somebody else may take it before the server does: then
// the server ends while starting, and startOnFreePort picks another.
func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

// startOnFreePort calls start with a free port until the server it starts is not turned away from the port.
func startOnFreePort(logPath string, start func(port int) error) error {
	for attempt := 1; ; attempt++ {
		port, err := freePort()
		if err != nil {
			return err
		}
		err = start(port)
		if err == nil || attempt == 5 || !bytes.Contains(logTail(logPath), []byte("Address already in use")) {
			return err
		}
	}
}

// find gives the path of an installed program. Debian keeps servers in /usr/sbin, which is not on everybody's PATH.
func find(name string) (string, error) {
	path, err := exec.LookPath(name)
	if err == nil {
		return path, nil
	}
	for _, folder := range []string{"/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin"} {
		if path, err := exec.LookPath(filepath.Join(folder, name)); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s is not installed: %s", name, installSentence())
}
