package reports

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"strings"

	"golang.org/x/perf/benchfmt"
)

// GoBench writes the document's benchmarks in Go's benchmark format, so that benchstat and its kin read them: which way each unit is
// better, then a line for each run under the configuration that holds for it.
func GoBench(w io.Writer, d Document) error {
	if err := d.form("gobench", d.Benchmarks != nil); err != nil {
		return err
	}
	b := bufio.NewWriter(w)
	out := benchfmt.NewWriter(b)
	var err error
	note := func(e error) {
		if err == nil {
			err = e
		}
	}
	known := map[string]bool{}
	for _, run := range d.Benchmarks {
		for _, v := range run.Values {
			if unit := word(v.Unit); !known[unit] {
				known[unit] = true
				note(out.Write(&benchfmt.UnitMetadata{UnitMetadataKey: benchfmt.UnitMetadataKey{Unit: unit, Key: "better"}, OrigUnit: unit,
					Value: map[bool]string{true: "higher", false: "lower"}[v.Higher]}))
			}
		}
	}
	for _, run := range d.Benchmarks {
		if record := record(run); len(record.Values) > 0 {
			note(out.Write(record))
		}
	}
	note(b.Flush())
	if err != nil {
		return fmt.Errorf("writing Go's benchmark format: %w", err)
	}
	return nil
}

// record is a line of the format, which has no room for what is not finite.
func record(run Benchmark) *benchfmt.Result {
	r := &benchfmt.Result{Name: benchfmt.Name(word(run.Name)), Iters: int(max(run.Runs, 1))}
	for _, c := range run.Config {
		if value := oneLine(c.Value); value != "" {
			r.Config = append(r.Config, benchfmt.Config{Key: strings.ToLower(word(c.Key)), Value: []byte(value), File: true})
		}
	}
	for _, v := range run.Values {
		if !math.IsNaN(v.Value) && !math.IsInf(v.Value, 0) {
			r.Values = append(r.Values, benchfmt.Value{Value: v.Value, Unit: word(v.Unit)})
		}
	}
	return r
}

// word is a text as one field of a line.
func word(s string) string { return strings.ReplaceAll(oneLine(s), " ", "_") }
