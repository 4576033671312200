package servers

import "syscall"

// childAttributes gives the server a session of its own, so that Ctrl-C in a terminal reaches the tests but not their servers,
// and lets the kernel kill it as soon as this process is gone.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL}
}
