package servers

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

const (
	folderPrefix = "dongxiao-servers-"
	lockName     = "owner.lock"

	// staleAfter keeps the sweep away from a folder that its owner has made but not locked yet.
	staleAfter = time.Minute
)

// folder is a temporary folder that belongs to this process as long as the lock inside is held. The kernel lets go of the lock
// when the process dies in whatever way, which is how the next process knows that the folder is stale.
type folder struct {
	path string
	lock *os.File
}

var sweepOnce sync.Once

// held keeps the folders of this process from the garbage collector, which closes the files of what nobody refers to, and unlocks them by that.
var held sync.Map

// newFolder makes a folder for one server, after removing (once in a process) those that dead processes left behind.
func newFolder() (*folder, error) {
	sweepOnce.Do(func() { sweep(os.TempDir(), time.Now()) })
	path, err := os.MkdirTemp("", folderPrefix)
	if err != nil {
		return nil, fmt.Errorf("make a folder for a test server: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(path, lockName), os.O_CREATE|os.O_RDWR, 0o600)
	if err == nil {
		err = syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock the folder of a test server: %w", err), os.RemoveAll(path))
	}
	f := &folder{path: path, lock: lock}
	held.Store(f, true)
	return f, nil
}

// join gives the path of name inside the folder.
func (f *folder) join(name string) string { return filepath.Join(f.path, name) }

// remove deletes the folder with everything inside and gives up the lock.
func (f *folder) remove() error {
	held.Delete(f)
	return errors.Join(os.RemoveAll(f.path), f.lock.Close())
}

// sweep removes the folders under parent whose owner is dead. What it cannot open or lock belongs to somebody else and stays.
func sweep(parent string, now time.Time) {
	paths, err := filepath.Glob(filepath.Join(parent, folderPrefix+"*"))
	if err != nil {
		return
	}
	for _, path := range paths {
		if info, err := os.Lstat(path); err != nil || !info.IsDir() || now.Sub(info.ModTime()) < staleAfter {
			continue
		}
		lock, err := os.OpenFile(filepath.Join(path, lockName), os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			continue
		}
		if syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
			_ = os.RemoveAll(path)
		}
		_ = lock.Close()
	}
}
