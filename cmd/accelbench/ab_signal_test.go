package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestAnInterruptedComparisonReportsWhatThereIs: Ctrl-C in the middle of a round loses that round at most, ends the command with what it
// has started, and reports the rounds before.
func TestAnInterruptedComparisonReportsWhatThereIs(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "accelbench") // by this name the test binary is the program
	self, err := os.Executable()
	require.NoError(t, err)
	require.NoError(t, os.Symlink(self, program))
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	const side = `[ $ACCELBENCH_ROUND -lt 4 ] || { touch waiting; sleep 600; }; echo "BenchmarkA 1 $((1000 + ACCELBENCH_ROUND)) ns/op"`
	cmd := exec.CommandContext(ctx, program, "ab", "--base-cmd", side, "--head-cmd", side, "--rounds", "9", "--out", "r.jsonl")
	cmd.Dir = dir
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	require.NoError(t, cmd.Start())
	require.Eventually(t, func() bool {
		_, err := os.Stat(filepath.Join(dir, "waiting"))
		return err == nil
	}, 20*time.Second, 10*time.Millisecond, "it does not come to round 4: %s", &errs)
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	err = cmd.Wait()
	require.NoError(t, ctx.Err(), "it went on until it was killed: %s", errs.String())
	require.ErrorContains(t, err, "exit status 130")
	require.Contains(t, out.String(), "# Unchanged: ")
	require.Contains(t, out.String(), "3 rounds")
	require.Contains(t, out.String(), "interrupted in round 4 of 9: this is what there is")
	for _, side := range []string{"base", "head"} {
		text, err := os.ReadFile(filepath.Join(dir, "r."+side+".txt"))
		require.NoError(t, err)
		require.Equal(t, 3, strings.Count(string(text), "BenchmarkA"))
	}
}
