package history_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/history"
	"github.com/accelbench/accelbench/devices"
)

// The test binary is also a process that adds to a history until it is killed.

func unknown() history.Words { return history.Words{Verdict: history.Unknown} }

func start() time.Time { return time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC) }

// runs are failed runs of which nothing is known but what they were.

func runs(after time.Duration, prefix string, n int) []bench.Result {
	var out []bench.Result
	for i := range n {
		out = append(out, bench.Result{
			Schema: bench.Schema, ID: fmt.Sprint(prefix, i), Status: bench.Failed, Reason: "out of memory",
			StartedAt: start().Add(after + time.Duration(i)*time.Second),
			Device:    devices.Info{ID: "cpu", Backend: "cpu"}, Workload: bench.WorkloadInfo{Name: "gemm"}, Scenario: bench.Scenario{Name: bench.Offline},
		})
	}
	return out
}

// stores runs a test with both kinds.

func stores(t *testing.T, test func(t *testing.T, path string)) {
	t.Run("folder", func(t *testing.T) { test(t, filepath.Join(t.TempDir(), "history")+"/") })
	t.Run("database", func(t *testing.T) { test(t, filepath.Join(t.TempDir(), "a #1?%20.db")) })
}

func open(t *testing.T, path string) history.Store {
	t.Helper()
	store, err := history.Open(path)
	require.NoError(t, err)
	return store
}

func TestStores(t *testing.T) {
	stores(t, func(t *testing.T, path string) {
		store := open(t, path)
		_, err := store.Entries()
		require.ErrorIs(t, err, fs.ErrNotExist)
		require.ErrorContains(t, err, "accelbench history add makes it")
		require.ErrorIs(t, store.Mark("x", history.Good), fs.ErrNotExist)

		// Later results first: the order is that of time.
		words := history.Words{Commit: "1a2b3c4d5e6f", Branch: "main", Tag: "v1.2", Note: "new driver; it's \"odd\"", Verdict: history.Good}
		later, known, err := store.Add(words, runs(time.Hour, "b", 3))
		require.NoError(t, err)
		require.Zero(t, known)
		require.Regexp(t, `^2026-11-01T130000Z-1a2b3c4d-[0-9a-f]{6}$`, later.ID)
		require.Equal(t, history.Entry{ID: later.ID, Measured: start().Add(time.Hour), Words: words, Runs: 3}, later)
		first, _, err := store.Add(unknown(), runs(0, "a", 2))
		require.NoError(t, err)
		require.Regexp(t, `^2026-11-01T120000Z-nocommit-`, first.ID)

		entries, err := open(t, path).Entries()
		require.NoError(t, err)
		require.Equal(t, []history.Entry{first, later}, entries)
		results, warnings, err := store.Results(later.ID)
		require.NoError(t, err)
		require.Empty(t, warnings)
		require.Equal(t, runs(time.Hour, "b", 3), results)

		// What is there already is not added again; what is new besides is.
		again, known, err := store.Add(words, runs(time.Hour, "b", 3))
		require.NoError(t, err)
		require.Equal(t, 3, known)
		require.Zero(t, again)
		more, known, err := store.Add(words, append(runs(time.Hour, "b", 3), runs(2*time.Hour, "c", 1)...))
		require.NoError(t, err)
		require.Equal(t, 3, known)
		require.Equal(t, 1, more.Runs)
		twice, known, err := store.Add(words, append(runs(3*time.Hour, "d", 2), runs(3*time.Hour, "d", 2)...))
		require.NoError(t, err)
		require.Equal(t, []int{2, 2}, []int{known, twice.Runs})

		require.NoError(t, store.Mark(later.ID, history.Bad))
		require.ErrorIs(t, store.Mark("2026", history.Bad), history.ErrNoEntry)
		entries, err = store.Entries()
		require.NoError(t, err)
		require.Equal(t, history.Bad, entries[1].Verdict)
		require.Equal(t, words.Note, entries[1].Note)
		require.Len(t, entries, 4)
	})
}

// Whoever adds the same results, in whatever order, gets the same entry.

func TestTheIDFollowsFromTheResults(t *testing.T) {
	results := runs(0, "a", 3)
	e, _, err := open(t, t.TempDir()).Add(unknown(), results)
	require.NoError(t, err)
	slices.Reverse(results)
	again, _, err := open(t, filepath.Join(t.TempDir(), "h.db")).Add(unknown(), results)
	require.NoError(t, err)
	require.Equal(t, e, again)
	other, _, err := open(t, t.TempDir()).Add(unknown(), results[:2])
	require.NoError(t, err)
	require.NotEqual(t, e.ID, other.ID)
}

// What fails on the way leaves nothing of the entry.

func TestAnEntryIsAddedWholeOrNotAtAll(t *testing.T) {
	stores(t, func(t *testing.T, path string) {
		bad := runs(0, "a", 3)
		bad[2].Noise.StealFraction = new(float64)
		*bad[2].Noise.StealFraction = math.NaN() // which JSON cannot hold
		_, _, err := open(t, path).Add(unknown(), bad)
		require.ErrorContains(t, err, "encoding result")
		entries, err := open(t, path).Entries()
		require.NoError(t, err)
		require.Empty(t, entries)
	})
	// The header is written first: without it there is no entry, and neither with it alone.
	e, _, err := open(t, t.TempDir()).Add(unknown(), runs(0, "a", 2))
	require.NoError(t, err)
	for _, ending := range []string{".json", ".jsonl"} {
		dir := t.TempDir()
		require.NoError(t, os.Mkdir(filepath.Join(dir, e.ID+ending), 0o755)) // in the way of the file
		_, _, err := open(t, dir).Add(unknown(), runs(0, "a", 2))
		require.Error(t, err, ending)
		entries, err := open(t, dir).Entries()
		require.NoError(t, err, ending)
		require.Empty(t, entries, ending)
	}
}

func TestBadWordsAreRefused(t *testing.T) {
	stores(t, func(t *testing.T, path string) {
		for name, words := range map[string]history.Words{
			"no verdict": {}, "a verdict that is none": {Verdict: "fine"}, "two lines": {Note: "a\nb", Verdict: history.Good},
			"too long": {Branch: strings.Repeat("x", 1001), Verdict: history.Good}, "no text": {Tag: "\xff", Verdict: history.Good},
		} {
			_, _, err := open(t, path).Add(words, runs(0, "a", 1))
			require.ErrorIs(t, err, history.ErrBadWord, name)
		}
		require.NoFileExists(t, path)
		require.NoDirExists(t, path)
	})
}

// Whoever reads while another adds sees whole entries.

// The same results at once give one entry, whoever comes first.

func TestAFolderTakesWhatIsPutThere(t *testing.T) {
	dir := t.TempDir()
	var lines strings.Builder
	for _, r := range runs(0, "a", 2) {
		line, err := json.Marshal(r)
		require.NoError(t, err)
		lines.Write(append(line, '\n'))
	}
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	write("nightly.jsonl", lines.String())
	write("README.md", "Our results.")
	write("2026-11-01T120000Z-orphan-000000.json", "{") // of an entry that a kill cut: the results never came
	store := open(t, dir)
	entries, err := store.Entries()
	require.NoError(t, err)
	require.Equal(t, []history.Entry{{ID: "nightly", Measured: start(), Words: unknown(), Runs: 2}}, entries)
	_, known, err := store.Add(unknown(), runs(0, "a", 2))
	require.NoError(t, err)
	require.Equal(t, 2, known)
	require.NoError(t, store.Mark("nightly", history.Good))
	entries, err = store.Entries()
	require.NoError(t, err)
	require.Equal(t, history.Good, entries[0].Verdict)

	for text, say := range map[string]string{
		"{": "the header of an entry is expected", `{"schema":"accelbench.history-entry/v2"}`: "another version", `{"schema":"accelbench.history-entry/v1","id":"x"}`: "of entry \"x\"",
		`{"schema":"accelbench.history-entry/v1","id":"nightly"}`:                                                             "the time of measuring",
		`{"schema":"accelbench.history-entry/v1","id":"nightly","measured":"2026-11-01T12:00:00Z","runs":2,"verdict":"fine"}`: "fine",
	} {
		write("nightly.json", text)
		_, err := store.Entries()
		require.ErrorIs(t, err, history.ErrNotHistory, text)
		require.ErrorContains(t, err, say)
		require.ErrorContains(t, err, "nightly.json")
	}
	require.NoError(t, os.Remove(filepath.Join(dir, "nightly.json")))
	write("nightly.jsonl", "{}\n")
	_, err = store.Entries()
	var syntax *bench.SyntaxError
	require.ErrorAs(t, err, &syntax)
	write("nightly.jsonl", "")
	entries, err = store.Entries()
	require.NoError(t, err)
	require.Zero(t, entries[0].Runs)
}

// A folder keeps plain results files, so that every other command reads them.

func TestAFolderHoldsPlainResults(t *testing.T) {
	dir := t.TempDir()
	e, _, err := open(t, dir).Add(unknown(), runs(0, "a", 2))
	require.NoError(t, err)
	results, warnings, err := bench.ReadFile(filepath.Join(dir, e.ID+".jsonl"))
	require.NoError(t, err)
	require.Empty(t, warnings)
	require.Equal(t, runs(0, "a", 2), results)
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, files, 2)
}
