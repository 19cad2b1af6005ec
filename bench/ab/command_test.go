package ab_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/ab"
	"github.com/accelbench/accelbench/devices"
)

func result(id, workload string, status bench.Status) bench.Result {
	elapsed := int64(1e9)
	r := bench.Result{Schema: bench.Schema, ID: id, Status: status, Reason: "why", Device: devices.Info{ID: "cpu", Backend: "cpu"},
		Workload: bench.WorkloadInfo{Name: workload}, Scenario: bench.Scenario{Name: bench.Offline}}
	if status == bench.OK {
		r.ElapsedNS, r.Reason = &elapsed, ""
	}
	return r
}

// lines is a file of result lines that a command can print.
func lines(t *testing.T, results ...bench.Result) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "lines")
	var b bytes.Buffer
	for _, r := range results {
		require.NoError(t, json.NewEncoder(&b).Encode(r))
	}
	require.NoError(t, os.WriteFile(path, b.Bytes(), 0o600))
	return path
}

func command(line string) *ab.Command {
	return &ab.Command{Line: line, Stderr: &bytes.Buffer{}, Deadline: 20 * time.Second, ReadText: func(text []byte) error {
		if !bytes.HasPrefix(text, []byte("Benchmark")) {
			return errors.New("no benchmark")
		}
		return nil
	}}
}

func turn(round int) ab.Turn {
	return ab.Turn{Trial: "t", Side: bench.SideHead, Pair: 1, Round: round, Place: 2}
}

func TestCommandKnowsItsPlace(t *testing.T) {
	c := command(`echo "Benchmark$ACCELBENCH_SIDE 1 $ACCELBENCH_ROUND ns/op"; echo to standard error >&2`)
	out := c.Run(t.Context(), turn(7))
	require.Equal(t, ab.Output{Text: []byte("Benchmarkhead 1 7 ns/op")}, out)
	require.Equal(t, "to standard error\n", c.Stderr.(*bytes.Buffer).String())
}

func TestCommandPairsWhatItsResultsAreOf(t *testing.T) {
	c := command("cat " + lines(t, result("1", "gemm", bench.OK), result("2", "memcopy", bench.OK)))
	out := c.Run(t.Context(), turn(1))
	require.Empty(t, out.Failure)
	require.Equal(t, &bench.Trial{ID: "t", Side: bench.SideHead, Pair: 1, Round: 1, Place: 2}, out.Results[0].Trial)
	require.Equal(t, 2, out.Results[1].Trial.Pair)

	c.Line = "cat " + lines(t, result("3", "memcopy", bench.OK), result("4", "resnet50", bench.Failed))
	out = c.Run(t.Context(), turn(2))
	require.Empty(t, out.Failure, "one of them has figures")
	require.Equal(t, 2, out.Results[0].Trial.Pair, "what came before has its number")
	require.Equal(t, 3, out.Results[1].Trial.Pair)
}

func TestHowCommandsFail(t *testing.T) {
	for name, test := range map[string]struct {
		line, want string
		kept       string // how what is kept of it begins
	}{
		"exit code":         {"echo Benchmark; exit 4", "the command ended with exit code 4", "Benchmark"},
		"code of results":   {"cat " + lines(t, result("1", "gemm", bench.OK)) + "; exit 1", "the command ended with exit code 1", "{"},
		"no such command":   {"/no/such/command", "the command ended with exit code 127", ""},
		"signal":            {"echo Benchmark; kill -SEGV $$", "the command ended with signal: segmentation fault", "Benchmark"},
		"nothing":           {"true", "printed nothing on standard output", ""},
		"spaces":            {"echo; echo '  '", "printed nothing on standard output", ""},
		"no benchmark":      {"echo hello", "no benchmark", "hello"},
		"no result":         {"echo '{\"schema\": 1}'", "reading what the command printed: standard output:1:", "{"},
		"failed results":    {"cat " + lines(t, result("1", "gemm", bench.Failed)), "why", ""},
		"code 3 of a text":  {"echo Benchmark; exit 3", "exit code 3", "Benchmark"},
		"the same again":    {"cat " + lines(t, result("1", "gemm", bench.OK), result("1", "gemm", bench.OK)), "came before: the command has to measure anew", "{"},
		"more than is kept": {"head -c 70000000 /dev/zero", "more than 64 MiB on standard output and was killed: let it log to standard error", "\x00"},
	} {
		t.Run(name, func(t *testing.T) {
			out := command(test.line).Run(t.Context(), turn(1))
			require.Contains(t, out.Failure, test.want)
			require.Empty(t, out.Text)
			require.Equal(t, test.kept == "", len(out.Unjudged) == 0)
			require.True(t, bytes.HasPrefix(out.Unjudged, []byte(test.kept)))
			require.LessOrEqual(t, len(out.Unjudged), ab.MaxOutput)
		})
	}
	invalid := "cat " + lines(t, result("1", "gemm", bench.OK)) + "; exit 3"
	require.Empty(t, command(invalid).Run(t.Context(), turn(1)).Failure, "invalid results say so themselves")
	failed := command("cat "+lines(t, result("1", "gemm", bench.Failed))).Run(t.Context(), turn(1))
	require.Len(t, failed.Results, 1, "a failed run is kept")
	require.NotNil(t, failed.Results[0].Trial)
}

func TestAResultOfAnotherRoundIsNoRun(t *testing.T) {
	c := command("cat " + lines(t, result("1", "gemm", bench.OK)))
	require.Empty(t, c.Run(t.Context(), turn(1)).Failure)
	require.Contains(t, c.Run(t.Context(), turn(2)).Failure, `the result "1" came before`)
}

// gone waits until a process whose id a command wrote to a file has ended.
func gone(t *testing.T, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		state, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
		return syscall.Kill(pid, 0) != nil || err == nil && strings.Contains(string(state), ") Z ")
	}, 10*time.Second, 20*time.Millisecond, "process %d lives", pid)
}

func TestNothingIsLeftOfACommand(t *testing.T) {
	child := filepath.Join(t.TempDir(), "child")
	leaves := "sleep 600 >/dev/null 2>&1 & echo $! > " + child + "; echo Benchmark"
	require.Empty(t, command(leaves).Run(t.Context(), turn(1)).Failure)
	gone(t, child)

	require.NoError(t, os.Remove(child), "it would say that all is well before the next one has written")
	slow := command("echo so far; sleep 600 & echo $! > " + child + "; wait")
	slow.Deadline = 2 * time.Second
	killed := slow.Run(t.Context(), turn(1))
	require.Contains(t, killed.Failure, "took longer than 2s and was killed; --deadline allows more")
	require.Equal(t, "so far", string(killed.Unjudged))
	gone(t, child)

	ctx, cancel := context.WithCancel(t.Context())
	stubborn := command("trap '' TERM; sleep 600 & echo $! > " + child + ".new; mv " + child + ".new " + child + "; wait; wait")
	require.NoError(t, os.Remove(child))
	go func() {
		for ctx.Err() == nil {
			if _, err := os.Stat(child); err == nil {
				cancel()
			}
			time.Sleep(10 * time.Millisecond)
		}
	}()
	require.Equal(t, "interrupted", stubborn.Run(ctx, turn(1)).Failure)
	gone(t, child)
}
