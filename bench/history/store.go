package history

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/accelbench/accelbench/bench"
)

// Store keeps entries. Every method opens what it needs and closes it again, so that several processes may use a store at the
// same time.
type Store interface {
	// Add keeps the results that are not in the store yet, as one entry, and tells how many were there before. The entry is the
	// zero one if there was nothing new. Once it returns, the entry is on the disk; a process killed before leaves the store as it
	// was.
	Add(words Words, results []bench.Result) (added Entry, known int, err error)
	// Entries are all entries in the order of time.
	Entries() ([]Entry, error)
	// Results are those of an entry, in the order in which they were added. Warnings say what could not be read.
	Results(id string) (results []bench.Result, warnings []string, err error)
	// Mark changes the verdict of an entry.
	Mark(id string, verdict Verdict) error
}

// Open is the store at a path: a folder where a directory is or the path ends in a slash, else a database. Nothing is made before
// something is added, and nothing that is there is read yet.
func Open(path string) (Store, error) {
	if path == "" {
		return nil, badWord("the path of the history is empty")
	}
	if strings.HasSuffix(path, "/") || strings.HasSuffix(path, string(filepath.Separator)) {
		return folder{filepath.Clean(path)}, nil
	}
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return folder{path}, nil
	case err == nil && !info.Mode().IsRegular():
		return nil, fmt.Errorf("opening history %s: %w: neither a file nor a directory", path, ErrNotHistory)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("opening history: %w", err)
	}
	return database{path}, nil
}

// absent is the error of a history that nothing was added to.
func absent(path string, err error) error {
	return fmt.Errorf("reading history %s: it is not there: accelbench history add makes it: %w", path, err)
}

// unknownResults are the results whose IDs are not known, each once.
func unknownResults(results []bench.Result, known func(id string) bool) []bench.Result {
	var out []bench.Result
	seen := map[string]bool{}
	for _, r := range results {
		if !known(r.ID) && !seen[r.ID] {
			out = append(out, r)
		}
		seen[r.ID] = true
	}
	return out
}
