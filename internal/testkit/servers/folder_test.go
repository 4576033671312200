package servers

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestFoldersStayLocked: a folder that its maker has forgotten is not swept as long as the process lives, one that is removed is gone.
func TestFoldersStayLocked(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	forgotten, err := newFolder()
	require.NoError(t, err)
	path := forgotten.path
	forgotten = nil
	for range 3 {
		runtime.GC()
		time.Sleep(time.Millisecond) // finalizers run in a goroutine of their own
	}
	sweep(os.TempDir(), time.Now().Add(time.Hour))
	require.FileExists(t, filepath.Join(path, lockName))
	held.Range(func(f, _ any) bool {
		if f := f.(*folder); f.path == path {
			forgotten = f
		}
		return true
	})
	require.NoError(t, forgotten.remove())
	require.NoDirExists(t, path)
}
