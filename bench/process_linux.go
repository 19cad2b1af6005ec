package bench

import (
	"os/exec"
	"syscall"
)

// bindToParent puts the worker in a process group of its own, so that the terminal's Ctrl-C reaches only the parent, and
// lets the kernel kill it when the thread that started it dies.
func bindToParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
