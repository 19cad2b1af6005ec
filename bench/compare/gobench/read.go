package gobench

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/perf/benchfmt"

	"github.com/accelbench/accelbench/bench"
)

// MaxSize is the most bytes of a file.
const MaxSize = 64 << 20

// ErrTooLong is wrapped when a text has more than [MaxSize]: figures are few bytes, so the rest is a log.
var ErrTooLong = errors.New("let the command log to standard error")

// The configuration lines that an interleaved comparison writes, and the one that names the package of Go's benchmarks.
const (
	trialKey = "trial"
	sideKey  = "side"
	roundKey = "round"
	pkgKey   = "pkg"
)

// Run is one line with figures.
type Run struct {
	// Name is the full name of the benchmark without the word Benchmark, sub-benchmarks and number of CPUs included.
	Name   string
	Config []Config
	Values []Value
	// Trial is the id of an interleaved comparison, Side is base or head and Round 1 or more in its output; empty and 0 elsewhere.
	Trial string
	Side  string
	Round int
}

// Config is a configuration line that holds for a run.
type Config struct{ Key, Value string }

// Value is a figure in base units: seconds and bytes, whatever the text had.
type Value struct {
	X    float64
	Unit string
	// Written is the unit as it stood in the text.
	Written string
}

// Reader reads files of the format. The zero value is ready.
type Reader struct{ in benchfmt.Reader }

// Read reads the runs of a text; name stands in errors and warnings. Lines that belong to nothing are skipped, as the format asks. A
// line that begins like a benchmark and is none is a [*bench.SyntaxError], unless it is the last one and has no end: then it was cut
// and becomes a warning. A text without figures is an error that wraps [bench.ErrNoResults].
func (r *Reader) Read(from io.Reader, name string) (runs []Run, warnings []string, err error) {
	text, err := io.ReadAll(io.LimitReader(from, MaxSize+1))
	switch {
	case err != nil:
		return nil, nil, fmt.Errorf("reading benchmarks: %s: %w", name, err)
	case len(text) > MaxSize:
		return nil, nil, fmt.Errorf("reading benchmarks: %s is longer than %d MiB: %w", name, MaxSize>>20, ErrTooLong)
	}
	text, warnings = withoutCut(text, name)
	warnings = append(warnings, failures(text, name)...)
	r.in.Reset(bytes.NewReader(text), name)
	for r.in.Scan() {
		switch record := r.in.Result().(type) {
		case *benchfmt.SyntaxError:
			return nil, nil, &bench.SyntaxError{File: name, Line: record.Line, Column: 1, Err: errors.New(record.Msg)}
		case *benchfmt.UnitMetadata:
			if err := sound(record, name); err != nil {
				return nil, nil, err
			}
		case *benchfmt.Result:
			run, err := runOf(record, name)
			if err != nil {
				return nil, nil, err
			}
			runs = append(runs, run)
		}
	}
	if err := r.in.Err(); err != nil {
		return nil, nil, fmt.Errorf("reading benchmarks: %w: %w", err, bench.ErrNotResults)
	}
	if len(runs) == 0 {
		return nil, warnings, fmt.Errorf("%s %w: no line of Go's benchmark format and no result line", name, bench.ErrNoResults)
	}
	return runs, warnings, nil
}

// withoutCut leaves out a last line of a benchmark that has no end: half a number still reads as a number.
func withoutCut(text []byte, name string) ([]byte, []string) {
	start := bytes.LastIndexByte(text, '\n') + 1
	last := text[start:]
	if !bytes.HasPrefix(last, []byte("Benchmark")) {
		return text, nil
	}
	line := bytes.Count(text[:start], []byte("\n")) + 1
	return text[:start], []string{fmt.Sprintf("%s:%d: the last line was cut short by a crash and is left out", name, line)}
}

// failures are the lines by which go test says that benchmarks failed: those give no figures, which nobody would see otherwise.
func failures(text []byte, name string) []string {
	var out []string
	number := 0
	for line := range strings.Lines(string(text)) {
		number++
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "--- FAIL: ") || strings.HasPrefix(line, "FAIL\t") || strings.HasPrefix(line, "panic: ") {
			out = append(out, fmt.Sprintf("%s:%d: a benchmark failed: %s", name, number, line))
		}
	}
	return out
}

// sound refuses a direction that is none: it would count as unknown, and so take the unit out of the gate.
func sound(m *benchfmt.UnitMetadata, name string) error {
	if m.Key != "better" || m.Value == "higher" || m.Value == "lower" {
		return nil
	}
	_, line := m.Pos()
	return &bench.SyntaxError{File: name, Line: line, Column: 1,
		Err: fmt.Errorf("unit %s is better=%s: expected better=higher or better=lower", m.OrigUnit, m.Value)}
}

// runOf copies what the reader will overwrite.
func runOf(record *benchfmt.Result, name string) (Run, error) {
	run := Run{Name: record.Name.String()}
	for _, v := range record.Values {
		value := Value{X: v.Value, Unit: Unit(v.Unit), Written: v.Unit} // the library leaves the unit of a 0 as it was
		if v.OrigUnit != "" {
			value.Written = v.OrigUnit
		}
		run.Values = append(run.Values, value)
	}
	for _, c := range record.Config {
		value := string(c.Value)
		switch c.Key {
		case trialKey:
			run.Trial = value
		case sideKey:
			run.Side = value
		case roundKey:
			round, err := strconv.Atoi(value)
			if err != nil || round < 1 {
				_, line := record.Pos()
				return Run{}, &bench.SyntaxError{File: name, Line: line, Column: 1,
					Err: fmt.Errorf("round %q holds for this line: expected a whole number of 1 or more", value)}
			}
			run.Round = round
		default:
			run.Config = append(run.Config, Config{c.Key, value})
		}
	}
	slices.SortFunc(run.Config, func(a, b Config) int { return strings.Compare(a.Key, b.Key) })
	return run, nil
}

// OfSide are the runs that an interleaved comparison made on that side.
func OfSide(runs []Run, side string) []Run {
	var out []Run
	for _, r := range runs {
		if r.Side == side {
			out = append(out, r)
		}
	}
	return out
}
