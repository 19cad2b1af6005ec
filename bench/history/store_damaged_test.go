package history_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/accelbench/accelbench/bench/history"
)

func TestOpenRefusesWhatIsNoHistory(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	other := filepath.Join(dir, "other.db")
	change(t, other, "CREATE TABLE songs (title TEXT)")
	versioned := filepath.Join(dir, "versioned.db")
	change(t, versioned, "CREATE TABLE songs (title TEXT); PRAGMA user_version = 1")
	for name, path := range map[string]string{
		"another database that counts its versions": versioned, "a text": write("notes.txt", strings.Repeat("shopping list\n", 100)), "a results file": write("r.jsonl", `{"schema":"accelbench.result/v1"}`+"\n"),
		"another database": other, "a device": os.DevNull,
	} {
		store, err := history.Open(path)
		if err == nil {
			_, err = store.Entries()
		}
		require.ErrorIs(t, err, history.ErrNotHistory, name)
		if store != nil {
			_, _, err = store.Add(unknown(), runs(0, "a", 1))
			require.ErrorIs(t, err, history.ErrNotHistory, name)
		}
	}
	_, err := history.Open("")
	require.ErrorIs(t, err, history.ErrBadWord)
	_, err = history.Open(filepath.Join(other, "below"))
	require.Error(t, err)
}

func TestADatabaseOfANewerProgramIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "h.db")
	_, _, err := open(t, path).Add(unknown(), runs(0, "a", 1))
	require.NoError(t, err)
	change(t, path, "PRAGMA user_version = 2")
	_, err = open(t, path).Entries()
	require.ErrorIs(t, err, history.ErrNotHistory)
	require.ErrorContains(t, err, "have version 2, this program reads 1")
	_, _, err = open(t, path).Add(unknown(), runs(0, "b", 1))
	require.ErrorIs(t, err, history.ErrNotHistory)
}

func change(t *testing.T, path, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	_, err = db.Exec(statement)
	require.NoError(t, err)
	require.NoError(t, db.Close())
}

func TestADamagedDatabaseIsToldApart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "h.db")
	for i := range 5 {
		_, _, err := open(t, path).Add(unknown(), runs(time.Duration(i)*time.Hour, fmt.Sprintf("r%d-", i), 50))
		require.NoError(t, err)
	}
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	for _, size := range []int{10, 100, 4096, 5000, len(whole) / 2, len(whole) - 4096} {
		require.NoError(t, os.WriteFile(path, whole[:size], 0o600))
		entries, err := open(t, path).Entries()
		for _, e := range entries {
			if err == nil {
				_, _, err = open(t, path).Results(e.ID)
			}
		}
		require.ErrorIs(t, err, history.ErrNotHistory, size)
	}
	for statement, say := range map[string]string{
		`UPDATE entries SET measured = 'yesterday'`: "its time", `UPDATE entries SET verdict = 'fine'`: "fine", `UPDATE entries SET runs = 'many'`: "cannot be read",
	} {
		require.NoError(t, os.WriteFile(path, whole, 0o600))
		change(t, path, statement)
		_, err := open(t, path).Entries()
		require.ErrorIs(t, err, history.ErrNotHistory, statement)
		require.ErrorContains(t, err, say)
	}
	require.NoError(t, os.WriteFile(path, nil, 0o600)) // made by a process that was killed then
	entries, err := open(t, path).Entries()
	require.NoError(t, err)
	require.Empty(t, entries)
	_, _, err = open(t, path).Add(unknown(), runs(0, "a", 1))
	require.NoError(t, err)
}
