package history

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzHeader: whatever a header holds, reading it gives an entry that can be shown, or an error that says that it is none.
func FuzzHeader(f *testing.F) {
	f.Add([]byte(`{"schema":"accelbench.history-entry/v1","id":"e","measured":"2026-11-01T12:00:00Z","commit":"1a2b","branch":"main","tag":"v1",` +
		`"note":"","verdict":"good","runs":2,"results":["a","b"]}`))
	f.Add([]byte(`{"schema":"accelbench.history-entry/v1","id":"e","measured":"0001-01-01T00:00:00Z"}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, text []byte) {
		h, err := parseHeader(text, "e")
		if err != nil {
			require.ErrorIs(t, err, ErrNotHistory)
			return
		}
		require.Equal(t, "e", h.ID)
		require.NoError(t, h.check())
		again, err := json.Marshal(h)
		require.NoError(t, err)
		read, err := parseHeader(again, "e")
		require.NoError(t, err)
		require.True(t, h.Measured.Equal(read.Measured))
		require.Equal(t, h.Words, read.Words)
	})
}

// FuzzFolder: a folder with any results file is read, or refused with an error.
func FuzzFolder(f *testing.F) {
	f.Add([]byte("{}\n"))
	f.Add([]byte(`{"schema":"accelbench.result/v1","id":"r0","started_at":"2026-11-01T12:00:00Z","device":{"id":"cpu"},"workload":{"name":"gemm"},` +
		`"scenario":{"name":"offline"},"status":"failed"}`))
	f.Fuzz(func(t *testing.T, lines []byte) {
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(dir, "e.jsonl"), lines, 0o600))
		entries, err := folder{dir}.Entries()
		if err != nil {
			return
		}
		require.Len(t, entries, 1)
		results, _, err := folder{dir}.Results("e")
		require.NoError(t, err)
		require.Len(t, results, entries[0].Runs)
	})
}

// FuzzBaseline: any word finds an entry or says why not.
func FuzzBaseline(f *testing.F) {
	for _, spec := range []string{"last-good", "branch=main", "tag=v1", "2026", "a", "=", "x=y", ""} {
		f.Add(spec)
	}
	f.Fuzz(func(t *testing.T, spec string) {
		entries := []Entry{{ID: "a", Words: Words{Verdict: Good, Branch: "main"}}, {ID: "b", Words: Words{Verdict: Bad, Tag: "v1"}}}
		e, err := Baseline(entries, spec)
		if err == nil {
			require.Equal(t, "a", e.ID)
		}
	})
}
