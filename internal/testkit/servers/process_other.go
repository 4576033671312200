//go:build !linux

package servers

import "syscall"

// childAttributes gives the server a session of its own. Only Linux can tie its life to this process.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setsid: true}
}
