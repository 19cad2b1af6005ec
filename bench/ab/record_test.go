package ab_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/ab"
)

func inTrial(r bench.Result, trial, side string, round int) bench.Result {
	r.Trial = &bench.Trial{ID: trial, Side: side, Pair: 1, Round: round, Place: 1}
	return r
}

func TestRecordKeepsTurnByTurn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.jsonl")
	file, err := bench.OpenFile(path)
	require.NoError(t, err)
	r := ab.NewRecord(file)
	require.NoError(t, r.Keep(turn(1), ab.Output{Results: []bench.Result{inTrial(result("1", "gemm", bench.OK), "t", bench.SideHead, 1)}}))
	saved, _, err := bench.ReadFile(path)
	require.NoError(t, err)
	require.Len(t, saved, 1, "it is on the disk before the next turn")

	base := ab.Turn{Trial: "t", Side: bench.SideBase, Pair: 1, Round: 2, Place: 1}
	require.NoError(t, r.Keep(base, ab.Output{Text: []byte("BenchmarkA 1 5 ns/op")}))
	text, err := os.ReadFile(filepath.Join(filepath.Dir(path), "a.base.txt"))
	require.NoError(t, err)
	require.Equal(t, "trial: t\nside: base\nround: 2\n\nBenchmarkA 1 5 ns/op\n\n", string(text))
	require.NoError(t, r.Keep(base, ab.Output{Failure: "no figures"}))
	require.Empty(t, r.FailedFile(bench.SideBase))
	require.NoError(t, r.Keep(base, ab.Output{Failure: "exit code 1:\nno figures", Unjudged: []byte("BenchmarkA 1 7 ns/op")}))
	failed := filepath.Join(filepath.Dir(path), "a.base.failed.txt")
	rest, err := os.ReadFile(failed)
	require.NoError(t, err)
	require.Equal(t, "# trial t, round 2: exit code 1: no figures\nBenchmarkA 1 7 ns/op\n\n", string(rest))
	require.Equal(t, failed, r.FailedFile(bench.SideBase))
	require.Empty(t, r.FailedFile(bench.SideHead))

	require.Len(t, r.Results("t"), 1)
	require.Empty(t, r.Results("another"))
	require.Equal(t, string(text), r.Text("t", bench.SideBase))
	require.Empty(t, r.Text("t", bench.SideHead))
	require.Empty(t, r.Text("another", bench.SideBase))
	require.Equal(t, 1, r.Saved())
	require.Equal(t, []string{filepath.Join(filepath.Dir(path), "a.base.txt")}, r.Files())
	require.NoError(t, r.Close())
	require.NoError(t, file.Close())
}

func TestARecordOfAnotherInvocationIsAddedTo(t *testing.T) {
	dir := t.TempDir()
	for range 2 {
		file, err := bench.OpenFile(filepath.Join(dir, "a.jsonl"))
		require.NoError(t, err)
		r := ab.NewRecord(file)
		require.NoError(t, r.Keep(turn(1), ab.Output{Text: []byte("BenchmarkA 1 5 ns/op")}))
		require.NoError(t, r.Close())
		require.NoError(t, file.Close())
	}
	text, err := os.ReadFile(filepath.Join(dir, "a.head.txt"))
	require.NoError(t, err)
	require.Equal(t, 2, strings.Count(string(text), "BenchmarkA"))
}

func TestWhatCannotBeSavedIsKeptInMemory(t *testing.T) {
	dir := t.TempDir()
	file, err := bench.OpenFile("/dev/full")
	if err != nil {
		t.Skip("no /dev/full: ", err)
	}
	r := ab.NewRecord(file)
	one := inTrial(result("1", "gemm", bench.OK), "t", bench.SideHead, 1)
	require.ErrorContains(t, r.Keep(turn(1), ab.Output{Results: []bench.Result{one}}), "disk full")
	require.Len(t, r.Results("t"), 1)
	require.Zero(t, r.Saved())
	require.NoError(t, file.Close())

	file, err = bench.OpenFile(filepath.Join(dir, "a.jsonl"))
	require.NoError(t, err)
	require.NoError(t, os.Mkdir(filepath.Join(dir, "a.head.txt"), 0o700))
	r = ab.NewRecord(file)
	require.ErrorContains(t, r.Keep(turn(1), ab.Output{Text: []byte("BenchmarkA 1 5 ns/op")}), "choose another file with --out")
	require.NotEmpty(t, r.Text("t", bench.SideHead))
	require.NoError(t, file.Close())

	nowhere, err := bench.OpenFile(os.DevNull)
	require.NoError(t, err)
	r = ab.NewRecord(nowhere)
	require.NoError(t, r.Keep(turn(1), ab.Output{Text: []byte("BenchmarkA 1 5 ns/op")}))
	require.NoError(t, r.Keep(turn(2), ab.Output{Failure: "why", Unjudged: []byte("what")}), "there is nothing beside nothing")
	require.Empty(t, r.Files())
	require.Empty(t, r.FailedFile(bench.SideHead))
	require.NoError(t, nowhere.Close())

	unsaved := ab.NewRecord(nil)
	require.NoError(t, unsaved.Keep(turn(1), ab.Output{Results: []bench.Result{one}, Text: []byte("BenchmarkA 1 5 ns/op")}))
	require.Len(t, unsaved.All(), 1)
	require.Empty(t, unsaved.Files())
}
