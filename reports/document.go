package reports

import (
	"fmt"
	"io"
	"strings"

	"github.com/accelbench/accelbench/internal/names"
)

// NA is how an unknown value prints.
const NA = "n/a"

// Document is finished content in reading order.
type Document struct {
	// Alerts are what must be read before anything else: they stand above the title.
	Alerts []string
	Title  string
	Blocks []Block
	// Sheet is what the CSV format writes, Data what the JSON format writes; the other formats write the rest.
	Sheet Sheet
	Data  any
}

// Block is a Heading, Paragraph, Table, List, Code or Details.
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

// field is a column of a table of T.
type field[T any] struct {
	name  string
	align Align
	of    func(T) string
}

func tableOf[T any](rows []T, fields []field[T]) Table {
	t := Table{Rows: make([][]string, len(rows))}
	for _, f := range fields {
		t.Columns = append(t.Columns, Column{f.name, f.align})
		for i, row := range rows {
			t.Rows[i] = append(t.Rows[i], f.of(row))
		}
	}
	return t
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
func Formats() []string { return []string{"markdown", "text", "json", "csv"} }

// Lookup finds the format of that name.
func Lookup(name string) (Format, error) {
	switch name {
	case "markdown":
		return Markdown, nil
	case "text":
		return PlainText, nil
	case "json":
		return JSON, nil
	case "csv":
		return CSV, nil
	}
	return nil, fmt.Errorf("unknown format %q: the formats are, nearest first, %s", name, strings.Join(names.Nearest(name, Formats()), ", "))
}
