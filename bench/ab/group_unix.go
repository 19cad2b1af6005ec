//go:build unix

package ab

import (
	"os"
	"os/exec"
	"syscall"
)

// inGroup runs a command in a process group of its own. At the end of its context the group is asked to end, so that a container's
// client can stop the container, and killed when it does not. Whatever is left of the group afterwards is killed.
func inGroup(cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = grace
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	if err := cmd.Start(); err != nil {
		return err
	}
	err := cmd.Wait()
	// It fails only if nothing is left.
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	return err
}

// signalName names the signal that ended a process; empty if none did.
func signalName(state *os.ProcessState) string {
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return status.Signal().String()
	}
	return ""
}
