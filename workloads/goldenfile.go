package workloads

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
)

// File is the name of the golden file: the workload, with the precision if its weights are quantised, and the sequence
// length if it has one.
func (g *Golden) File() string {
	name := g.Workload
	if quantised(g.Options.Precision) {
		name += "-" + g.Options.Precision
	}
	if g.Options.SeqLen > 0 {
		name += fmt.Sprintf("-%d", g.Options.SeqLen)
	}
	return name + ".json"
}

// goldenDigits are the significant digits kept in files: far below every tolerance, and above what the order of float64
// additions changes.
const goldenDigits = 9

// Write stores the golden values in dir under [Golden.File], values rounded to nine digits, one row per line.
func (g *Golden) Write(dir string) error {
	short := *g
	short.Rows = nil
	head, err := json.Marshal(short)
	if err != nil {
		return fmt.Errorf("writing golden values of %s: %w", g.Workload, err)
	}
	text := bytes.NewBuffer(bytes.TrimSuffix(head, []byte("null}")))
	text.WriteString("[\n")
	for i, r := range g.Rows {
		r.RMS = roundDigits(r.RMS)
		r.Values = slices.Clone(r.Values)
		for j, v := range r.Values {
			r.Values[j] = roundDigits(v)
		}
		line, err := json.Marshal(r)
		if err != nil {
			return fmt.Errorf("writing golden values of %s: %w", g.Workload, err)
		}
		text.Write(line)
		if i < len(g.Rows)-1 {
			text.WriteByte(',')
		}
		text.WriteByte('\n')
	}
	text.WriteString("]}\n")
	if _, err := ReadGolden(text.Bytes()); err != nil {
		return fmt.Errorf("writing golden values of %s: %w", g.Workload, err)
	}
	if err := os.WriteFile(filepath.Join(dir, g.File()), text.Bytes(), 0o644); err != nil {
		return fmt.Errorf("writing golden values of %s: %w", g.Workload, err)
	}
	return nil
}

func roundDigits(v float64) float64 {
	short, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', goldenDigits, 64), 64)
	if err != nil {
		return v // rounded up beyond the largest float64
	}
	return short
}

// ReadGolden parses a golden file. The error wraps [ErrGolden] and says what is wrong: text that is no such record,
// elements out of order or beyond the width, rows that repeat, lack values or are all zero.
func ReadGolden(text []byte) (*Golden, error) {
	var g Golden
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&g); err != nil {
		return nil, fmt.Errorf("reading golden values: %w: %w", ErrGolden, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("reading golden values: %w: text after the record", ErrGolden)
	}
	if len(g.Elements) == 0 || len(g.Rows) == 0 {
		return nil, fmt.Errorf("reading golden values of %s: %w: no elements or no rows", g.Workload, ErrGolden)
	}
	before := -1
	for _, e := range g.Elements {
		if e <= before || e >= g.Width {
			return nil, fmt.Errorf("reading golden values of %s: %w: element %d after %d in rows of %d",
				g.Workload, ErrGolden, e, before, g.Width)
		}
		before = e
	}
	type place struct{ sample, position int }
	seen := map[place]bool{}
	for i, r := range g.Rows {
		at := place{r.Sample, r.Position}
		switch {
		case len(r.Values) != len(g.Elements):
			return nil, fmt.Errorf("reading golden values of %s: %w: row %d has %d values for %d elements",
				g.Workload, ErrGolden, i, len(r.Values), len(g.Elements))
		case !(r.RMS > 0) || math.IsInf(r.RMS, 0):
			return nil, fmt.Errorf("reading golden values of %s: %w: row %d has rms %v", g.Workload, ErrGolden, i, r.RMS)
		case r.Sample < 0 || r.Position < 0 || seen[at]:
			return nil, fmt.Errorf("reading golden values of %s: %w: row %d is for sample %d, position %d, negative or again",
				g.Workload, ErrGolden, i, r.Sample, r.Position)
		}
		seen[at] = true
	}
	return &g, nil
}
