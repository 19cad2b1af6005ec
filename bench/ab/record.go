package ab

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/accelbench/accelbench/bench"
)

// Record keeps what experiments gave, in memory and in files, turn by turn: a crash loses at most the turn in flight. Results are
// appended to one file. Texts are appended to one file a side, each behind lines of configuration that tell its place:
//
//	trial: 1f3a
//	side: base
//	round: 3
//
// What a command printed in a turn without figures is appended to a file of its own, which nothing judges:
//
//	# trial 1f3a, round 4: the command ended with exit code 1
type Record struct {
	file  *bench.File // nil: nothing is saved
	kept  []bench.Result
	saved int
	texts map[place]*bytes.Buffer
	files map[string]*os.File // of texts, by path
}

type place struct{ trial, side string }

// NewRecord keeps results in the file as well, and texts beside it, unless it is nil. The file stays the caller's.
func NewRecord(file *bench.File) *Record {
	return &Record{file: file, texts: map[place]*bytes.Buffer{}, files: map[string]*os.File{}}
}

// Keep keeps what a turn gave. An error is that of saving; in memory it is kept all the same.
func (r *Record) Keep(t Turn, out Output) error {
	r.kept = append(r.kept, out.Results...)
	if r.file != nil {
		for _, result := range out.Results {
			if err := r.file.Append(result); err != nil {
				return fmt.Errorf("saving a result: %w", err)
			}
			r.saved++
		}
	}
	if len(out.Unjudged) > 0 {
		reason := strings.Join(strings.Fields(out.Failure), " ") // on one line
		return r.save(t.Side, r.failedPath(t.Side), fmt.Sprintf("# trial %s, round %d: %s\n%s\n\n", t.Trial, t.Round, reason, out.Unjudged))
	}
	if len(out.Text) == 0 {
		return nil
	}
	text := fmt.Sprintf("trial: %s\nside: %s\nround: %d\n\n%s\n\n", t.Trial, t.Side, t.Round, bytes.TrimSpace(out.Text))
	at := place{t.Trial, t.Side}
	if r.texts[at] == nil {
		r.texts[at] = &bytes.Buffer{}
	}
	r.texts[at].WriteString(text)
	return r.save(t.Side, r.textPath(t.Side), text)
}

// save appends a text of a side to a file, and waits until it is on the disk.
func (r *Record) save(side, path, text string) error {
	if path == "" {
		return nil
	}
	if r.files[path] == nil {
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
		if err != nil {
			return fmt.Errorf("saving what %s printed: %w; choose another file with --out", side, err)
		}
		r.files[path] = f
	}
	_, err := r.files[path].WriteString(text)
	if err == nil {
		err = r.files[path].Sync()
	}
	if err != nil {
		return fmt.Errorf("saving what %s printed: %w; make room, or choose another file with --out", side, err)
	}
	return nil
}

// failedEnd is the end of the name of a file with what failing commands printed.
const failedEnd = ".failed.txt"

// textPath is the file of a side's texts beside the results file: a.jsonl has a.base.txt and a.head.txt. Results that go nowhere have
// nothing beside them.
func (r *Record) textPath(side string) string {
	if r.file == nil || r.file.Path() == os.DevNull {
		return ""
	}
	return strings.TrimSuffix(r.file.Path(), ".jsonl") + "." + side + ".txt"
}

// failedPath is the file of what a side's failing commands printed: a.jsonl has a.base.failed.txt and a.head.failed.txt.
func (r *Record) failedPath(side string) string {
	if path := r.textPath(side); path != "" {
		return strings.TrimSuffix(path, ".txt") + failedEnd
	}
	return ""
}

// OfFailures tells whether a file is, by its name, one with what failing commands printed: there may be benchmarks in it, which do not
// count.
func OfFailures(path string) bool {
	return strings.HasSuffix(path, "."+bench.SideBase+failedEnd) || strings.HasSuffix(path, "."+bench.SideHead+failedEnd)
}

// Results are those of an experiment, of both sides, in order.
func (r *Record) Results(trial string) []bench.Result {
	var out []bench.Result
	for _, result := range r.kept {
		if result.Trial.ID == trial {
			out = append(out, result)
		}
	}
	return out
}

// All are the results of all experiments.
func (r *Record) All() []bench.Result { return r.kept }

// Saved counts the results that are in the file.
func (r *Record) Saved() int { return r.saved }

// Text is what a side printed in an experiment, with the place of each round; empty if it gave results.
func (r *Record) Text(trial, side string) string {
	if b := r.texts[place{trial, side}]; b != nil {
		return b.String()
	}
	return ""
}

// Files are the paths of the texts that were saved.
func (r *Record) Files() []string {
	var out []string
	for _, side := range []string{bench.SideBase, bench.SideHead} {
		if path := r.textPath(side); r.files[path] != nil {
			out = append(out, path)
		}
	}
	return out
}

// FailedFile is the path of what failing commands of a side printed; empty if nothing was saved.
func (r *Record) FailedFile(side string) string {
	if path := r.failedPath(side); r.files[path] != nil {
		return path
	}
	return ""
}

// Close closes the files of texts.
func (r *Record) Close() error {
	var errs []error
	for _, f := range r.files {
		errs = append(errs, f.Close())
	}
	return errors.Join(errs...)
}
