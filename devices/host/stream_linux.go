package host

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
)

// Start starts a command that goes on until what it returns is closed: closing kills the command with all that it started and
// waits for it. The kernel kills it when this process dies.
func Start(name string, args ...string) (io.ReadCloser, error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	cmd := exec.Command(name, args...)
	cmd.Stdout = write
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	s := &stream{File: read, stop: make(chan struct{}), gone: make(chan error, 1)}
	started := make(chan error)
	go s.supervise(cmd, started)
	err = <-started
	closed := write.Close()
	if err = errors.Join(err, closed); err != nil {
		return nil, errors.Join(fmt.Errorf("starting %s: %w", name, err), read.Close())
	}
	return s, nil
}

// stream is the output of a running command.
type stream struct {
	*os.File
	once sync.Once
	stop chan struct{}
	gone chan error
}

// supervise keeps the thread that started the command, to which its life is bound. It waits for the command only when that is to
// end: until then a command that died keeps its number, so that nobody else is killed in its place.
func (s *stream) supervise(cmd *exec.Cmd, started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := cmd.Start()
	started <- err
	if err != nil {
		return
	}
	<-s.stop
	err = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	if err != nil {
		_ = cmd.Process.Kill() // at least itself, so that there is an end to wait for
	}
	_ = cmd.Wait() // how it died is known
	s.gone <- err
}

// Close ends the command. Further calls do nothing.
func (s *stream) Close() error {
	var err error
	s.once.Do(func() {
		close(s.stop)
		if err = <-s.gone; err != nil {
			err = fmt.Errorf("killing a command: %w", err)
		}
		err = errors.Join(err, s.File.Close())
	})
	return err
}
