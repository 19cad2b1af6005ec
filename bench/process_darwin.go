package bench

import (
	"os/exec"
	"syscall"
)

// bindToParent puts the worker in a process group of its own, so that the terminal's Ctrl-C reaches only the parent. That
// the worker ends with its parent is left to the lifeline.
func bindToParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}
