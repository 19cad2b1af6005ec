package history_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/accelbench/accelbench/bench/history"
)

// small is a file system of its own, or the test is skipped.
func small(t *testing.T, options string) string {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, options); err != nil {
		t.Skipf("a small file system cannot be mounted here: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(dir, unix.MNT_DETACH) })
	return dir
}

func TestAFullDiskLosesNothing(t *testing.T) {
	for name, file := range map[string]string{"folder": "history/", "database": "h.db"} {
		t.Run(name, func(t *testing.T) {
			dir := small(t, "size=256k")
			path := dir + "/" + file
			var err error
			added := 0
			for ; err == nil; added++ {
				require.Less(t, added, 1000)
				_, _, err = open(t, path).Add(unknown(), runs(time.Duration(added)*time.Hour, fmt.Sprintf("r%d-", added), 10))
			}
			require.ErrorContains(t, err, "disk full; the entries before are safe")
			entries, err := open(t, path).Entries()
			require.NoError(t, err)
			require.Len(t, entries, added-1)
			for _, e := range entries {
				results, _, err := open(t, path).Results(e.ID)
				require.NoError(t, err)
				require.Len(t, results, 10)
			}
			left, err := filepath.Glob(filepath.Join(path, ".adding-*"))
			require.NoError(t, err)
			require.Empty(t, left)
		})
	}
}

func TestAReadOnlyPlaceIsReadAndNotWritten(t *testing.T) {
	for name, file := range map[string]string{"folder": "history/", "database": "h.db"} {
		t.Run(name, func(t *testing.T) {
			dir := small(t, "size=1m")
			path := dir + "/" + file
			e, _, err := open(t, path).Add(unknown(), runs(0, "a", 2))
			require.NoError(t, err)
			require.NoError(t, unix.Mount("", dir, "", unix.MS_REMOUNT|unix.MS_RDONLY, ""))
			entries, err := open(t, path).Entries()
			require.NoError(t, err)
			require.Equal(t, []history.Entry{e}, entries)
			_, _, err = open(t, path).Add(unknown(), runs(time.Hour, "b", 2))
			require.ErrorContains(t, err, "may not be written")
			require.ErrorContains(t, open(t, path).Mark(e.ID, history.Good), "may not be written")
			_, _, err = open(t, filepath.Join(dir, "new.db")).Add(unknown(), runs(time.Hour, "b", 2))
			require.ErrorContains(t, err, "may not be written")
		})
	}
}

func TestADatabaseInADirectoryThatIsNotThere(t *testing.T) {
	_, _, err := open(t, filepath.Join(t.TempDir(), "no", "h.db")).Add(unknown(), runs(0, "a", 1))
	require.ErrorContains(t, err, "its directory is not there")
	_, err = os.Stat("h.db")
	require.ErrorIs(t, err, os.ErrNotExist)
}
