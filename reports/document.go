package reports

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/internal/english"
	"github.com/accelbench/accelbench/internal/names"
)

// NA is how an unknown value prints.
const NA = "n/a"

// Document is finished content in reading order.
type Document struct {
	// Alerts are what must be read before anything else: they stand above the title.
	Alerts []string
	Title  string
	// Badge is the verdict in two words; nil if there is none to tell.
	Badge  *Badge
	Blocks []Block
	// Sheet is what the CSV format writes, Data what the JSON format writes, Checks those that report to CI, Benchmarks the one in
	// Go's benchmark format, Results the one of result lines; the other formats write the rest. A form for which a document has
	// nil is an error that wraps [ErrNoForm]; one for which it has an empty list is empty.
	Sheet      Sheet
	Data       any
	Checks     []Check
	Benchmarks []Benchmark
	Results    []bench.Result
}

// Outcome of a check.
type Outcome string

// The outcomes. Open is undecided, or could not be checked without that being a failure.
const (
	Passed Outcome = "passed"
	Failed Outcome = "failed"
	Open   Outcome = "open"
	Broken Outcome = "broken" // what should have been checked could not be
)

// Check is something that was judged: a run's validity, a gated metric.
type Check struct {
	Suite   string // what was measured
	Name    string // what was judged
	Outcome Outcome
	Text    string // one line that says why
}

// Benchmark is one run in Go's benchmark format: a name, configuration and values with units.
type Benchmark struct {
	Name   string // as after Benchmark: Resnet50/precision=f32/scenario=offline
	Config []ConfigLine
	Runs   int64 // iterations
	Values []BenchmarkValue
}

// ConfigLine is a configuration key with its value. Keys begin with a lower-case letter and have no space.
type ConfigLine struct{ Key, Value string }

// BenchmarkValue is a value with its unit, and which way is better.
type BenchmarkValue struct {
	Value  float64
	Unit   string // images/s, p99-ns
	Higher bool   // is better
}

// Block is a Heading, Paragraph, Table, List, Code, Details or Figure.
type Block interface{ block() }

// Heading starts a section.
type Heading string

// Paragraph is running text. Strong text is what a hurried reader must see.
type Paragraph struct {
	Text   string
	Strong bool
}

// List is a list of one-line items.
type List []string

// Code is text to be shown, and copied, as it is.
type Code struct{ Language, Text string }

// Details are blocks that may be folded away under a summary line.
type Details struct {
	Summary string
	Blocks  []Block
}

// Figure is a chart. Formats that cannot show it leave it out: everything in it also stands in a table.
type Figure struct {
	// Name is that of a file without .svg: lower-case letters, digits and hyphens, unlike that of any other figure of the document.
	Name string
	// Says is the sentence that says what to see; it stands in the chart and is its text for those who cannot see it.
	Says string
	// SVG is a complete, self-contained drawing that says what to see as well; the same data give the same bytes. HTML shows it
	// within the page, next to others: it has no ids, links or style attributes, and its style sheet holds for itself alone.
	SVG string
	// Path is where a copy lies, seen from the document; empty if there is none. Markdown shows only figures with a path.
	Path string
}

// Badge is the result in a few words, to be drawn and linked where there is room for no more.
type Badge struct {
	Label   string // what was measured
	Text    string // what came of it
	Outcome Outcome
	// Path is where a drawing of it lies, seen from the document; Markdown shows a badge with a path.
	Path string
}

// Align says where the text of a column stands.
type Align int

// Text stands left, numbers stand right.
const (
	Left Align = iota
	Right
)

// Column is the head of a table column.
type Column struct {
	Name  string
	Align Align
}

// Table is a table of finished text. Every row has as many cells as there are columns.
type Table struct {
	Columns []Column
	Rows    [][]string
	// Open is how many rows a reader sees at first where the others can be folded away; 0 is all.
	Open int
	// Hover is what a cell has to say beside its text to those who ask: its value in full precision, its interval. It has the
	// shape of Rows, or is empty; the formats that cannot hide it leave it out.
	Hover [][]string
}

// Sheet is a table of values: strings, numbers, bools and times, nil for unknown. Keys name the columns with their units:
// throughput_per_s. Every row has as many values as there are keys. It may hold more than the tables that a reader sees.
type Sheet struct {
	Keys []string
	Rows [][]any
}

func (Heading) block()   {}
func (Paragraph) block() {}
func (List) block()      {}
func (Code) block()      {}
func (Details) block()   {}
func (Table) block()     {}
func (Figure) block()    {}

// field is a column of a table of T.
type field[T any] struct {
	name  string
	align Align
	of    func(T) string
}

// hover is what the cells of a column of that name say beside their text.
type hover[T any] struct {
	column string
	of     func(T) string
}

func tableOf[T any](rows []T, fields []field[T], hovers ...hover[T]) Table {
	t := Table{Rows: make([][]string, len(rows))}
	if len(hovers) > 0 {
		t.Hover = make([][]string, len(rows))
	}
	for _, f := range fields {
		t.Columns = append(t.Columns, Column{f.name, f.align})
		at := slices.IndexFunc(hovers, func(h hover[T]) bool { return h.column == f.name })
		for i, row := range rows {
			t.Rows[i] = append(t.Rows[i], f.of(row))
			switch {
			case at >= 0:
				t.Hover[i] = append(t.Hover[i], hovers[at].of(row))
			case t.Hover != nil:
				t.Hover[i] = append(t.Hover[i], "")
			}
		}
	}
	return t
}

// split makes of tables with folded rows a table of the open ones and Details with the others, for formats that cannot fold rows.
func split(blocks []Block) []Block {
	var out []Block
	for _, b := range blocks {
		t, ok := b.(Table)
		if !ok || t.Open == 0 || len(t.Rows) <= t.Open {
			out = append(out, b)
			continue
		}
		rest := Table{Columns: t.Columns, Rows: t.Rows[t.Open:]}
		out = append(out, Table{Columns: t.Columns, Rows: t.Rows[:t.Open]},
			Details{Summary: english.Count(len(rest.Rows), "further row"), Blocks: []Block{rest}})
	}
	return out
}

// key is a column of a sheet of T.
type key[T any] struct {
	name string
	of   func(T) any
}

func sheetOf[T any](rows []T, keys []key[T]) Sheet {
	s := Sheet{Rows: make([][]any, len(rows))}
	for _, k := range keys {
		s.Keys = append(s.Keys, k.name)
		for i, row := range rows {
			s.Rows[i] = append(s.Rows[i], k.of(row))
		}
	}
	return s
}

// Format writes a document in one form.
type Format func(io.Writer, Document) error

// Formats names the forms.
func Formats() []string {
	return []string{"markdown", "text", "html", "json", "csv", "junit", "github", "gobench", "jsonl"}
}

// Lookup finds the format of that name.
func Lookup(name string) (Format, error) {
	switch name {
	case "markdown":
		return Markdown, nil
	case "text":
		return PlainText, nil
	case "html":
		return HTML, nil
	case "json":
		return JSON, nil
	case "csv":
		return CSV, nil
	case "junit":
		return JUnit, nil
	case "github":
		return GitHub, nil
	case "gobench":
		return GoBench, nil
	case "jsonl":
		return ResultLines, nil
	}
	return nil, fmt.Errorf("unknown format %q: the formats are, nearest first, %s", name, strings.Join(names.Nearest(name, Formats()), ", "))
}
