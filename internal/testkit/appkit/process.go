package appkit

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/internal/app"
	"dongxiao/internal/config"
)

// processVariable has the arguments of a server that the test program is to be instead of testing.
const processVariable = "DONGXIAO_TEST_SERVER"

// Process is a server in a process of its own, which a test may kill outright.
type Process struct {
	Server
	arguments []string
	command   *exec.Cmd
}

// RunServer makes the test program a server where Start has started it, until it is killed; otherwise it does nothing. TestMain calls it first.
func RunServer() {
	encoded, ok := os.LookupEnv(processVariable)
	if !ok {
		return
	}
	fmt.Fprintln(os.Stderr, "server:", runServer(encoded))
	os.Exit(1)
}

func runServer(encoded string) error {
	var arguments []string
	if err := json.Unmarshal([]byte(encoded), &arguments); err != nil {
		return err
	}
	c, err := config.Parse(arguments...)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return err
	}
	ctx := context.Background()
	a, err := app.New(ctx, app.Options{Config: c, Logger: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))})
	if err != nil {
		return err
	}
	return a.Serve(ctx, listener, nil, nil)
}

// Start starts a server in a process of its own, on a free port that it keeps when it is started again. TestMain must call RunServer.
func (i *Installation) Start(t testing.TB) *Process {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := free.Addr().String()
	require.NoError(t, free.Close())
	i.publish(address)
	p := &Process{Server: Server{URL: "http://" + address, Address: address}, arguments: i.arguments(t, "--listen="+address)}
	p.Restart(t)
	t.Cleanup(p.Kill)
	return p
}

// Restart starts the server again after Kill, and waits until it answers.
func (p *Process) Restart(t testing.TB) {
	t.Helper()
	encoded, err := json.Marshal(p.arguments)
	require.NoError(t, err)
	program, err := os.Executable()
	require.NoError(t, err)
	p.command = exec.Command(program)
	p.command.Env = append(os.Environ(), processVariable+"="+string(encoded))
	p.command.Stderr = os.Stderr
	require.NoError(t, p.command.Start())
	require.Eventually(t, func() bool {
		answer, err := http.Get(p.URL + "/readyz")
		if err != nil {
			return false
		}
		defer answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	}, time.Minute, 20*time.Millisecond)
}

// Kill ends the process as a power cut would: nothing is finished, nothing is told.
func (p *Process) Kill() {
	_ = p.command.Process.Kill()
	_ = p.command.Wait()
}
