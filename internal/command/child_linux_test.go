package command

import (
	"context"
	"fmt"
	"io"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

func init() {
	// child:parent starts a child and waits for ever.
	stageRoles["child:parent"] = func() int {
		if _, err := StartChild(context.Background(), ChildOptions{Name: "grandchild", Arguments: []string{"child:holds"}, Output: io.Discard}); err != nil {
			return 1
		}
		select {}
	}
	// child:holds opens the named pipe of its environment, and holds it until a signal ends it.
	stageRoles["child:holds"] = func() int {
		pipe, err := os.OpenFile(os.Getenv("HELD"), os.O_WRONLY, 0)
		if err != nil {
			return 1
		}
		_, _ = pipe.WriteString("held")
		select {}
	}
}

// TestChildDiesWithItsParent kills a process outright. Its child holds a named pipe, which reads as ended once nobody holds it.
func TestChildDiesWithItsParent(t *testing.T) {
	t.Parallel()
	path := t.TempDir() + "/held"
	require.NoError(t, unix.Mkfifo(path, 0o600))
	program, err := os.Executable()
	require.NoError(t, err)
	parent, err := os.StartProcess(program, []string{program, "child:parent"}, &os.ProcAttr{Env: append(os.Environ(), "HELD="+path), Files: []*os.File{nil, nil, os.Stderr}})
	require.NoError(t, err)
	pipe, err := os.Open(path) // waits until the grandchild opens its end
	require.NoError(t, err)
	defer pipe.Close()
	held := make([]byte, 4)
	_, err = io.ReadFull(pipe, held)
	require.NoError(t, err)
	require.Equal(t, "held", string(held))
	require.NoError(t, parent.Kill())
	_, err = parent.Wait()
	require.NoError(t, err)
	rest, err := io.ReadAll(pipe)
	require.NoError(t, err)
	require.Empty(t, rest)
}

// TestProgressOnATerminal shows a bar on a pseudo-terminal.
func TestProgressOnATerminal(t *testing.T) {
	t.Parallel()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	require.NoError(t, err)
	defer master.Close()
	require.NoError(t, unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0))
	number, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	require.NoError(t, err)
	terminal, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	require.NoError(t, err)
	p := NewProgress(terminal, "members", 10)
	p.Set(5, 10)
	p.Set(12, 20)
	p.Finish()
	require.NoError(t, terminal.Close())
	shown := make([]byte, 64<<10)
	n, err := master.Read(shown)
	require.NoError(t, err)
	require.Contains(t, string(shown[:n]), "members")
	require.Contains(t, string(shown[:n]), "\r", "one line is drawn again and again")
}
