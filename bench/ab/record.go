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
type Record struct {
	file  *bench.File // nil: nothing is saved
	kept  []bench.Result
	saved int
	texts map[place]*bytes.Buffer
	files map[string]*os.File // of texts, by side
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
	if len(out.Text) == 0 {
		return nil
	}
	text := fmt.Sprintf("trial: %s\nside: %s\nround: %d\n\n%s\n\n", t.Trial, t.Side, t.Round, bytes.TrimSpace(out.Text))
	at := place{t.Trial, t.Side}
	if r.texts[at] == nil {
		r.texts[at] = &bytes.Buffer{}
	}
	r.texts[at].WriteString(text)
	return r.save(t.Side, text)
}

// save appends a text to the file of its side, and waits until it is on the disk.
func (r *Record) save(side, text string) error {
	if r.file == nil {
		return nil
	}
	if r.files[side] == nil {
		f, err := os.OpenFile(TextPath(r.file.Path(), side), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
		if err != nil {
			return fmt.Errorf("saving what %s printed: %w; choose another file with --out", side, err)
		}
		r.files[side] = f
	}
	_, err := r.files[side].WriteString(text)
	if err == nil {
		err = r.files[side].Sync()
	}
	if err != nil {
		return fmt.Errorf("saving what %s printed: %w; make room, or choose another file with --out", side, err)
	}
	return nil
}

// TextPath is the file of a side's texts beside a results file: a.jsonl has a.base.txt and a.head.txt.
func TextPath(results, side string) string {
	return strings.TrimSuffix(results, ".jsonl") + "." + side + ".txt"
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
		if f := r.files[side]; f != nil {
			out = append(out, f.Name())
		}
	}
	return out
}

// Close closes the files of texts.
func (r *Record) Close() error {
	var errs []error
	for _, f := range r.files {
		errs = append(errs, f.Close())
	}
	return errors.Join(errs...)
}
