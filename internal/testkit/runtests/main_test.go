package main

import (
	"database/sql"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	"dongxiao/internal/testkit/servers"
)

// commandVariable makes the test binary play runtests itself.
const commandVariable = "DONGXIAO_TEST_RUNTESTS"

func TestMain(m *testing.M) {
	if os.Getenv(commandVariable) != "" {
		main()
	}
	os.Exit(m.Run())
}

func runtests(t *testing.T, server string, arguments ...string) *exec.Cmd {
	t.Helper()
	command := exec.CommandContext(t.Context(), os.Args[0], arguments...)
	command.Env = append(os.Environ(), commandVariable+"=1", servers.MySQLVariable+"="+server, "TMPDIR="+t.TempDir())
	return command
}

func TestCommandGetsAServerAndItsCodeIsKept(t *testing.T) {
	t.Parallel()
	command := runtests(t, "", "--", "sh", "-c", `cat; echo "$`+servers.MySQLVariable+`"; echo seen >&2; exit 7`)
	command.Stdin = strings.NewReader("typed\n")
	var stderr strings.Builder
	command.Stderr = &stderr
	stdout, err := command.Output()
	var failed *exec.ExitError
	require.ErrorAs(t, err, &failed)
	require.Equal(t, 7, failed.ExitCode())
	require.Equal(t, "seen\n", stderr.String())
	lines := strings.Split(strings.TrimSpace(string(stdout)), "\n")
	require.Len(t, lines, 2)
	require.Equal(t, "typed", lines[0])

	config, err := mysql.ParseDSN(lines[1])
	require.NoError(t, err)
	config.Logger = &mysql.NopLogger{}
	connector, err := mysql.NewConnector(config)
	require.NoError(t, err)
	pool := sql.OpenDB(connector)
	defer func() { _ = pool.Close() }()
	require.Error(t, pool.Ping(), "the server is stopped with the command")
}

func TestNamedServerIsUsed(t *testing.T) {
	t.Parallel()
	output, err := runtests(t, "named", "sh", "-c", `echo "$`+servers.MySQLVariable+`"`).CombinedOutput()
	require.NoError(t, err)
	require.Equal(t, "named\n", string(output))
}

func TestInterruptEndsTheCommandAndThenTheServer(t *testing.T) {
	t.Parallel()
	command := runtests(t, "", "sh", "-c", `trap "echo interrupted; exit 3" INT; echo started; while :; do sleep 0.1; done`)
	folder := command.Env[len(command.Env)-1][len("TMPDIR="):]
	started := make(chan struct{})
	output := &notifyingWriter{started: started}
	command.Stdout = output
	require.NoError(t, command.Start())
	select {
	case <-started:
	case <-time.After(time.Minute):
		t.Fatal("the command did not start")
	}
	require.NoError(t, command.Process.Signal(syscall.SIGTERM))
	var failed *exec.ExitError
	require.ErrorAs(t, command.Wait(), &failed)
	require.Equal(t, 3, failed.ExitCode())
	require.Equal(t, "started\ninterrupted\n", output.text.String())
	left, err := filepath.Glob(filepath.Join(folder, "*"))
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestNothingToRun(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		arguments []string
		code      int
		says      string
	}{
		"no command":      {nil, 2, "usage:"},
		"only the dashes": {[]string{"--"}, 2, "usage:"},
		"unknown command": {[]string{"no-such-program"}, 1, "runtests:"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			output, err := runtests(t, "named", row.arguments...).CombinedOutput()
			var failed *exec.ExitError
			require.ErrorAs(t, err, &failed)
			require.Equal(t, row.code, failed.ExitCode())
			require.Contains(t, string(output), row.says)
		})
	}
}

// notifyingWriter keeps what is written and closes started at the first write.
type notifyingWriter struct {
	text    strings.Builder
	started chan struct{}
}

func (w *notifyingWriter) Write(p []byte) (int, error) {
	if w.text.Len() == 0 {
		close(w.started)
	}
	return w.text.Write(p)
}
