//go:build !linux

package command

import "syscall"

// childAttributes has nothing to ask for: only Linux can end a child together with its parent.
func childAttributes() *syscall.SysProcAttr { return nil }
