package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"dongxiao/internal/config"
	"dongxiao/internal/wechatsim"
)

// stageRoles are what the test binary does where a test starts it anew, by its first argument.
var stageRoles = map[string]func() int{
	"wechatsim": func() int { return Main(os.Args[1:], os.Stdout, os.Stderr) },
	"child:tells": func() int {
		fmt.Println("setting:", os.Getenv("DONGXIAO_MASTER_KEY"), "added:", os.Getenv("ADDED"))
		fmt.Fprintln(os.Stderr, strings.Repeat("long", childLine))
		fmt.Fprint(os.Stderr, "last words")
		return 0
	},
	"child:fails": func() int { fmt.Fprintln(os.Stderr, "no"); return 3 },
	"child:waits": func() int {
		asked := make(chan os.Signal, 1)
		signal.Notify(asked, syscall.SIGTERM)
		fmt.Println("waiting")
		<-asked
		fmt.Println("stopping")
		return 0
	},
}

// output collects what children say.
type output struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.all.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.all.String()
}

// heard makes a Ready of what a child says.
func (o *output) heard(text string) func(context.Context) error {
	return func(context.Context) error {
		if strings.Contains(o.String(), text) {
			return nil
		}
		return errors.New("not yet")
	}
}

func TestChildIsStartedAndStopped(t *testing.T) {
	t.Parallel()
	var out output
	child, err := StartChild(t.Context(), ChildOptions{Name: "one", Arguments: []string{"child:waits"}, Ready: out.heard("waiting"), Output: &out})
	require.NoError(t, err)
	select {
	case <-child.Done():
		t.Fatal("it ended by itself")
	default:
	}
	child.Stop()
	child.Stop()
	require.Equal(t, "one | waiting\none | stopping\n", out.String())
}

func TestChildEndsWithItsContext(t *testing.T) {
	t.Parallel()
	var out output
	ctx, cancel := context.WithCancel(t.Context())
	child, err := StartChild(ctx, ChildOptions{Name: "one", Arguments: []string{"child:waits"}, Ready: out.heard("waiting"), Output: &out})
	require.NoError(t, err)
	cancel()
	<-child.Done()
}

func TestChildThatEndsIsNotReady(t *testing.T) {
	t.Parallel()
	for role, want := range map[string]string{"child:fails": "exit status 3", "child:tells": "exit status 0"} {
		var out output
		_, err := StartChild(t.Context(), ChildOptions{Name: "one", Arguments: []string{role}, Ready: out.heard("never said"), Output: &out})
		require.ErrorContains(t, err, "one ended before it was ready: "+want)
	}
}

func TestChildInheritsNoSettings(t *testing.T) {
	t.Setenv("DONGXIAO_MASTER_KEY", "private")
	var out output
	child, err := StartChild(t.Context(), ChildOptions{Name: "one", Arguments: []string{"child:tells"}, Environment: []string{"ADDED=yes"}, Output: &out})
	require.NoError(t, err)
	<-child.Done()
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	require.Contains(t, lines, "one | setting:  added: yes")
	require.Contains(t, lines, "one | last words")
	require.Contains(t, lines, "one | "+strings.Repeat("long", childLine)[:childLine], "a long line is cut")
	require.Len(t, lines, 3)
}

// freeAddress is a loopback address that nothing listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	return listener.Addr().String()
}

func TestSimulatorAsChild(t *testing.T) {
	t.Parallel()
	settings, err := config.Parse("--simulator-listen="+freeAddress(t), "--simulator-control="+freeAddress(t))
	require.NoError(t, err)
	var out output
	child, err := StartSimulator(t.Context(), Session{Stderr: &out}, settings)
	require.NoError(t, err)
	remote := wechatsim.NewRemote("http://" + settings.SimulatorControl)
	require.NoError(t, remote.Register(t.Context(), wechatsim.App{AppID: "wx0123456789abcdef", Secret: "secret"}))

	_, err = StartSimulator(t.Context(), Session{Stderr: io.Discard}, settings)
	require.ErrorContains(t, err, "--simulator-listen", "the port is taken")
	child.Stop()
	require.Error(t, remote.Ready(t.Context()))
	require.Contains(t, out.String(), "wechatsim | ")
}
