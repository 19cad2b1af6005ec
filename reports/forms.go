package reports

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// ErrNoForm is wrapped when a document has nothing for a form.
var ErrNoForm = errors.New("the document has nothing for this form")

// form checks that a document has what a form writes; the error names the forms that it has.
func (d Document) form(name string, there bool) error {
	if there {
		return nil
	}
	has := []string{"markdown", "text", "html"}
	for _, f := range []struct {
		name  string
		there bool
	}{
		{"json", d.Data != nil}, {"csv", len(d.Sheet.Keys) > 0}, {"junit", d.Checks != nil}, {"github", d.Checks != nil},
		{"gobench", d.Benchmarks != nil}, {"jsonl", d.Results != nil},
	} {
		if f.there {
			has = append(has, f.name)
		}
	}
	return fmt.Errorf("--format %s: %w: it comes as %s", name, ErrNoForm, strings.Join(has, ", "))
}

// ResultLines writes the document's results as a results file has them: one JSON object a line.
func ResultLines(w io.Writer, d Document) error {
	if err := d.form("jsonl", d.Results != nil); err != nil {
		return err
	}
	b := bufio.NewWriter(w)
	for _, r := range d.Results {
		line, err := json.Marshal(r)
		if err != nil {
			return fmt.Errorf("writing result lines: %w", err)
		}
		write(b, string(line), "\n")
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("writing result lines: %w", err)
	}
	return nil
}
