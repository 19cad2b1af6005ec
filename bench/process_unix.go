//go:build unix

package bench

import (
	"fmt"
	"os"
	"syscall"
)

// WorkerOutput is the pipe to the parent in a worker process. Children of the worker do not inherit it, so that it ends
// when the worker does.
func WorkerOutput() *os.File {
	syscall.CloseOnExec(WorkerFD)
	return os.NewFile(WorkerFD, "events")
}

// killGroup kills the process and what it has started: a worker leads a process group of its own.
func killGroup(p *os.Process) {
	// It fails only if the process has just ended.
	_ = syscall.Kill(-p.Pid, syscall.SIGKILL)
}

// death describes an end that was not a success; empty for an exit with code 0.
func death(state *os.ProcessState) string {
	if state == nil {
		return ""
	}
	status, ok := state.Sys().(syscall.WaitStatus)
	switch {
	case ok && status.Signaled() && status.Signal() == syscall.SIGKILL:
		return "killed by signal: killed (out of memory?)"
	case ok && status.Signaled():
		return "killed by signal: " + status.Signal().String()
	case state.ExitCode() != 0:
		return fmt.Sprintf("exit code %d", state.ExitCode())
	}
	return ""
}
