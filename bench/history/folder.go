package history

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/accelbench/accelbench/bench"
)

// folder is a history in a directory: ID.jsonl are the results of an entry, as accelbench run wrote them, and ID.json is its
// header. A results file makes an entry, also one that somebody put there under any name; a header alone does not, so that the
// results file, written last, decides whether an entry is there. Entries of two branches are different files and merge by themselves.
type folder struct{ path string }

// HeaderSchema names the form of the header of an entry in a folder.
const HeaderSchema = "accelbench.history-entry/v1"

// header is what ID.json holds.
type header struct {
	Schema string `json:"schema"`
	Entry
	// Results are the IDs of the results.
	Results []string `json:"results"`
}

const (
	resultsEnding = ".jsonl"
	headerEnding  = ".json"
	headerMost    = 8 << 20 // bytes
)

func (f folder) Add(words Words, results []bench.Result) (added Entry, known int, err error) {
	if err := words.check(); err != nil {
		return Entry{}, 0, err
	}
	if err := os.MkdirAll(f.path, 0o755); err != nil {
		return Entry{}, 0, f.writing(err)
	}
	headers, err := f.headers()
	if err != nil {
		return Entry{}, 0, err
	}
	there := map[string]bool{}
	for _, h := range headers {
		for _, id := range h.Results {
			there[id] = true
		}
	}
	fresh := unknownResults(results, func(id string) bool { return there[id] })
	if len(fresh) == 0 {
		return Entry{}, len(results), nil
	}
	var lines bytes.Buffer
	h := header{Schema: HeaderSchema, Entry: newEntry(words, fresh)}
	for _, r := range fresh {
		line, err := json.Marshal(r)
		if err != nil {
			return Entry{}, 0, fmt.Errorf("adding to history %s: encoding result %q: %w", f.path, r.ID, err)
		}
		lines.Write(append(line, '\n'))
		h.Results = append(h.Results, r.ID)
	}
	if err := f.writeHeader(h); err != nil {
		return Entry{}, 0, err
	}
	if err := f.write(h.ID+resultsEnding, lines.Bytes()); err != nil {
		return Entry{}, 0, err
	}
	return h.Entry, len(results) - len(fresh), nil
}

func (f folder) Entries() ([]Entry, error) {
	headers, err := f.headers()
	if err != nil {
		return nil, err
	}
	entries := make([]Entry, len(headers))
	for i, h := range headers {
		entries[i] = h.Entry
	}
	sortEntries(entries)
	return entries, nil
}

func (f folder) Results(id string) ([]bench.Result, []string, error) {
	path := filepath.Join(f.path, id+resultsEnding)
	results, warnings, err := bench.ReadFile(path)
	for i, w := range warnings { // they go into reports, and a path may tell who made them
		warnings[i] = strings.Replace(w, path, "entry "+id, 1)
	}
	if errors.Is(err, bench.ErrNoResults) {
		return nil, append(warnings, fmt.Sprintf("entry %s holds no results", id)), nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("reading history: %w", err)
	}
	return results, warnings, nil
}

func (f folder) Mark(id string, verdict Verdict) error {
	headers, err := f.headers()
	if err != nil {
		return err
	}
	at := slices.IndexFunc(headers, func(h header) bool { return h.ID == id })
	if at < 0 {
		return noEntry("there is no entry %q", id)
	}
	headers[at].Verdict = verdict
	return f.writeHeader(headers[at])
}

// headers are those of all results files.
func (f folder) headers() ([]header, error) {
	files, err := os.ReadDir(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, absent(f.path, err)
	}
	if err != nil {
		return nil, fmt.Errorf("reading history: %w", err)
	}
	var headers []header
	for _, file := range files {
		id, ok := strings.CutSuffix(file.Name(), resultsEnding)
		if !ok || id == "" || file.IsDir() || strings.HasPrefix(id, ".") {
			continue
		}
		h, err := f.header(id)
		if errors.Is(err, fs.ErrNotExist) {
			h, err = f.headless(id)
		}
		if err != nil {
			return nil, err
		}
		headers = append(headers, h)
	}
	return headers, nil
}

func (f folder) header(id string) (header, error) {
	path := filepath.Join(f.path, id+headerEnding)
	info, err := os.Stat(path)
	if err != nil {
		return header{}, fmt.Errorf("reading history: %w", err)
	}
	if info.Size() > headerMost {
		return header{}, fmt.Errorf("reading history: %s: %w: %d bytes, at most %d", path, ErrNotHistory, info.Size(), headerMost)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return header{}, fmt.Errorf("reading history: %w", err)
	}
	h, err := parseHeader(text, id)
	if err != nil {
		return header{}, fmt.Errorf("reading history: %s: %w", path, err)
	}
	return h, nil
}

// parseHeader reads the header of the entry of that ID.
func parseHeader(text []byte, id string) (header, error) {
	var h header
	if err := json.Unmarshal(text, &h); err != nil {
		return header{}, fmt.Errorf("%w: the header of an entry is expected: %w; restore it, or delete it: the results are in the file beside it",
			ErrNotHistory, err)
	}
	switch {
	case h.Schema != HeaderSchema:
		return header{}, fmt.Errorf("%w: schema %q, expected %q: another version of accelbench wrote it", ErrNotHistory, h.Schema, HeaderSchema)
	case h.ID != id:
		return header{}, fmt.Errorf("%w: it is the header of entry %q: give both files of an entry the same name", ErrNotHistory, h.ID)
	case h.Measured.IsZero(), h.Runs < 0:
		return header{}, fmt.Errorf("%w: the time of measuring, or the number of runs, is missing", ErrNotHistory)
	}
	if err := h.check(); err != nil {
		return header{}, fmt.Errorf("%w: %w", ErrNotHistory, err)
	}
	return h, nil
}

// headless is the header of a results file that somebody put there.
func (f folder) headless(id string) (header, error) {
	results, _, err := f.Results(id)
	if err != nil {
		return header{}, err
	}
	h := header{Schema: HeaderSchema, Entry: Entry{ID: id, Words: Words{Verdict: Unknown}}}
	if len(results) > 0 {
		h.Entry = newEntry(h.Words, results)
		h.ID = id
	}
	for _, r := range results {
		h.Results = append(h.Results, r.ID)
	}
	return h, nil
}

func (f folder) writeHeader(h header) error {
	text, err := json.MarshalIndent(h, "", "  ")
	if err != nil {
		return fmt.Errorf("adding to history %s: encoding a header: %w", f.path, err)
	}
	return f.write(h.ID+headerEnding, append(text, '\n'))
}

// write makes a file appear whole or not at all.
func (f folder) write(name string, content []byte) error {
	temp, err := os.CreateTemp(f.path, ".adding-*")
	if err != nil {
		return f.writing(err)
	}
	_, err = temp.Write(content)
	if err == nil {
		err = temp.Chmod(0o644)
	}
	if err == nil {
		err = temp.Sync()
	}
	err = errors.Join(err, temp.Close())
	if err == nil {
		err = os.Rename(temp.Name(), filepath.Join(f.path, name))
	}
	if err != nil {
		return f.writing(errors.Join(err, os.Remove(temp.Name())))
	}
	return f.sync()
}

// sync makes names last. A file system that cannot do so is no reason to stop.
func (f folder) sync() error {
	dir, err := os.Open(f.path)
	if err != nil {
		return f.writing(err)
	}
	_ = dir.Sync()
	return dir.Close()
}

func (f folder) writing(err error) error {
	switch {
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return fmt.Errorf("adding to history %s: it may not be written; choose another with --store: %w", f.path, err)
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("adding to history %s: disk full; the entries before are safe: %w", f.path, err)
	}
	return fmt.Errorf("adding to history %s: %w", f.path, err)
}
