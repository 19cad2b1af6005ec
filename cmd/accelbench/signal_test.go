package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestASecondSignalEndsTheProgram: what does not hear the first, here a report that waits for somebody to write into a pipe,
// does not hold the terminal.
func TestASecondSignalEndsTheProgram(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := exec.Command("mkfifo", pipe).Run(); err != nil {
		t.Skip("no mkfifo: ", err)
	}
	program := filepath.Join(dir, "accelbench") // by this name the test binary is the program
	self, err := os.Executable()
	require.NoError(t, err)
	require.NoError(t, os.Symlink(self, program))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, "report", pipe)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	require.NoError(t, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case <-ended:
			require.NoError(t, ctx.Err(), "it went on until it was killed: %s", out.String())
			return
		case <-time.After(100 * time.Millisecond):
			_ = cmd.Process.Signal(os.Interrupt) // it may be gone
		}
	}
}
