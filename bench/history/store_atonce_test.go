package history_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench/history"
)

const roleVariable = "ACCELBENCH_HISTORY_ROLE"

func TestMain(m *testing.M) {
	if path := os.Getenv(roleVariable); path != "" {
		addForever(path)
	}
	os.Exit(m.Run())
}

func addForever(path string) {
	store, err := history.Open(path)
	for i := 0; err == nil; i++ {
		_, _, err = store.Add(unknown(), runs(time.Duration(i)*time.Minute, fmt.Sprintf("k%d-", i), 40))
		fmt.Println(i)
	}
	panic(err)
}

func TestManyWritersAtOnceAllLand(t *testing.T) {
	stores(t, func(t *testing.T, path string) {
		const writers = 8
		var done sync.WaitGroup
		errs := make([]error, writers)
		for i := range writers {
			store := open(t, path)
			done.Go(func() {
				_, _, errs[i] = store.Add(unknown(), runs(time.Duration(i)*time.Hour, fmt.Sprintf("w%d-", i), 5))
			})
		}
		done.Wait()
		for _, err := range errs {
			require.NoError(t, err)
		}
		entries, err := open(t, path).Entries()
		require.NoError(t, err)
		require.Len(t, entries, writers)
	})
}

func TestReadersSeeWholeEntries(t *testing.T) {
	stores(t, func(t *testing.T, path string) {
		first, _, err := open(t, path).Add(unknown(), runs(-time.Hour, "first", 1))
		require.NoError(t, err)
		done := make(chan error)
		go func() {
			var err error
			for i := 0; i < 25 && err == nil; i++ {
				_, _, err = open(t, path).Add(unknown(), runs(time.Duration(i)*time.Hour, fmt.Sprintf("r%d-", i), 300))
			}
			done <- err
		}()
		for adding := true; adding; {
			select {
			case err := <-done:
				require.NoError(t, err)
				adding = false
			default:
			}
			entries, err := open(t, path).Entries()
			require.NoError(t, err)
			for _, e := range entries[max(0, len(entries)-1):] {
				results, warnings, err := open(t, path).Results(e.ID)
				require.NoError(t, err)
				require.Empty(t, warnings)
				if e.ID != first.ID {
					require.Len(t, results, 300)
				}
			}
		}
	})
}

func TestTheSameResultsAtOnceGiveOneEntry(t *testing.T) {
	stores(t, func(t *testing.T, path string) {
		var done sync.WaitGroup
		for range 6 {
			store := open(t, path)
			done.Go(func() { _, _, _ = store.Add(unknown(), runs(0, "same", 5)) })
		}
		done.Wait()
		entries, err := open(t, path).Entries()
		require.NoError(t, err)
		require.Len(t, entries, 1)
		require.Equal(t, 5, entries[0].Runs)
	})
}

func TestAKillLosesAtMostTheEntryBeingAdded(t *testing.T) {
	stores(t, func(t *testing.T, path string) {
		total := 0
		for attempt := range 10 {
			worker := exec.Command(os.Args[0])
			worker.Env = append(os.Environ(), roleVariable+"="+path)
			out, err := worker.StdoutPipe()
			require.NoError(t, err)
			require.NoError(t, worker.Start())
			lines := bufio.NewScanner(out)
			for lines.Scan() {
				var added int
				_, err := fmt.Sscan(lines.Text(), &added)
				require.NoError(t, err)
				if total = max(total, added+1); total%5 == 0 {
					break
				}
			}
			time.Sleep(time.Duration(attempt) * 300 * time.Microsecond) // into the middle of the next one
			require.NoError(t, worker.Process.Kill())
			_ = worker.Wait()
			entries, err := open(t, path).Entries()
			require.NoError(t, err)
			require.GreaterOrEqual(t, len(entries), total)
			for _, e := range entries {
				results, warnings, err := open(t, path).Results(e.ID)
				require.NoError(t, err)
				require.Empty(t, warnings)
				require.Len(t, results, 40)
			}
			total = len(entries)
		}
		_, _, err := open(t, path).Add(unknown(), runs(-time.Hour, "after", 1))
		require.NoError(t, err)
	})
}
