package bench_test

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench"
)

// alive tells whether a process runs; one that ended and was not waited for does not. Without /proc every process that
// can be signalled counts.
func alive(pid int) bool {
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return syscall.Kill(pid, 0) == nil
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(rest, "Z")
}

// TestKillingTheParentLeavesNoOrphan kills it at random moments of a run.
func TestKillingTheParentLeavesNoOrphan(t *testing.T) {
	dir := t.TempDir()
	for range 12 {
		killParent(t, "parent", dir, time.Duration(rand.IntN(250))*time.Millisecond)
	}
	requireDead(t, dir)
}

// TestKernelKillsWorkerThatIgnoresItsLifeline has a worker that reads nothing.
func TestKernelKillsWorkerThatIgnoresItsLifeline(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux binds a child's life to its parent's")
	}
	dir := t.TempDir()
	killParent(t, "careless", dir, 300*time.Millisecond)
	requireDead(t, dir)
}

func killParent(t *testing.T, role, dir string, after time.Duration) {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), roleVariable+"="+role, pidsVariable+"="+dir, "TMPDIR="+t.TempDir())
	require.NoError(t, cmd.Start())
	time.Sleep(after)
	require.NoError(t, cmd.Process.Kill())
	_ = cmd.Wait() // killed
}

// requireDead wants every worker that left its id in dir to be gone soon.
func requireDead(t *testing.T, dir string) {
	t.Helper()
	time.Sleep(200 * time.Millisecond) // a worker that had just begun leaves its id, if it lives
	pids, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.NotEmpty(t, pids, "no worker ever ran")
	for _, entry := range pids {
		pid, err := strconv.Atoi(entry.Name())
		require.NoError(t, err)
		for limit := time.Now().Add(5 * time.Second); alive(pid) && time.Now().Before(limit); {
			time.Sleep(10 * time.Millisecond)
		}
		require.False(t, alive(pid), "worker %d outlives its parent", pid)
	}
}

// TestLifeline starts a worker without the kernel's help, and lets go of it while its engine does not listen.
func TestLifeline(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	for _, engine := range []string{"deaf", "slow"} {
		read, write, err := os.Pipe()
		require.NoError(t, err)
		cmd := exec.Command(self)
		cmd.Env = append(os.Environ(), roleVariable+"=worker")
		cmd.ExtraFiles = []*os.File{write}
		lifeline, err := cmd.StdinPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		require.NoError(t, write.Close())
		p := plan(engine, time.Minute)
		job, err := json.Marshal(bench.Job{Kind: bench.JobMeasure, Backend: "fake", Plan: &p, Result: &bench.Result{}})
		require.NoError(t, err)
		_, err = lifeline.Write(append(job, '\n'))
		require.NoError(t, err)
		stage := make([]byte, 1)
		_, err = read.Read(stage) // it is at work
		require.NoError(t, err)
		time.Sleep(50 * time.Millisecond)
		require.NoError(t, lifeline.Close())
		hangs := time.AfterFunc(5*time.Second, func() { _ = cmd.Process.Kill() })
		var exit *exec.ExitError
		require.ErrorAs(t, cmd.Wait(), &exit)
		hangs.Stop()
		require.Equal(t, 3, exit.ExitCode())
		require.NoError(t, read.Close())
	}
}

func TestWorkerOfBadJobs(t *testing.T) {
	for _, c := range []struct{ name, in, wantOut, wantErr string }{
		{"nothing", "", "", "reading the job"},
		{"no JSON", "measure this", "", "reading the job"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out bytes.Buffer
			err := bench.Worker(t.Context(), strings.NewReader(c.in), &out, catalogue())
			require.ErrorContains(t, err, c.wantErr)
			require.Empty(t, out.String())
		})
	}
	for _, job := range []string{`{}`, `{"kind":"dance"}`, `{"kind":"measure"}`} {
		read, write, err := os.Pipe()
		require.NoError(t, err)
		_, err = write.WriteString(job + "\n")
		require.NoError(t, err)
		var out bytes.Buffer
		require.NoError(t, bench.Worker(t.Context(), read, &out, catalogue()))
		require.Contains(t, out.String(), `{"error":"this worker cannot do a job of kind`)
		require.NoError(t, write.Close())
		require.NoError(t, read.Close())
	}
}
