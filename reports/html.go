package reports

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/accelbench/accelbench/internal/english"
)

// What a page is made of; all of it stands in the page.
var (
	//go:embed html/page.html
	pageSource string
	//go:embed html/page.css
	pageStyle string
	//go:embed html/page.js
	pageScript string

	pageTemplate = template.Must(template.New("page").Parse(pageSource))
)

// page is what the template shows.
type page struct {
	Policy   string // Content-Security-Policy
	Title    string
	Alerts   []string
	Contents []htmlBlock // the headings
	Blocks   []htmlBlock
	Style    template.CSS
	Script   template.JS
}

// htmlBlock is a block with everything the template has to know; Kind says which fields are meant.
type htmlBlock struct {
	Kind   string
	ID     string // of a heading, unlike any other
	Text   string // a heading, a paragraph, a summary, a code block or what a figure says
	Items  List
	Blocks []htmlBlock
	Table  htmlTable
	SVG    template.HTML
}

// htmlTable is a table. Properties are names with their values: nobody sorts them.
type htmlTable struct {
	Properties bool
	Columns    []htmlColumn
	Rows       [][]htmlCell
	Open       int // rows that are shown at first, 0 for all
}

type htmlColumn struct {
	Name   string
	Number bool
}

type htmlCell struct {
	Text   string
	Number bool
	Value  string // the number to sort by; empty if there is none
	Hover  string
	Short  bool   // of words that stand on one line
	Tone   string // good, bad, open: what a verdict means; none: nothing is known or meant to be
}

// shortCell is the most characters of a cell that is not broken into lines.
const shortCell = 24

// Class is the cell's, or empty.
func (c htmlCell) Class() string {
	number, short := "", ""
	switch {
	case c.Number:
		number = "number"
	case c.Short:
		short = "short"
	}
	return english.Joined(" ", number, short, c.Tone)
}

// HTML writes the document as one file that works offline: light and dark, with sortable tables, values that show when pointed
// at, and figures. It loads nothing, its Content-Security-Policy forbids that, and without scripts everything is there.
func HTML(w io.Writer, d Document) error {
	p := page{Title: oneLine(d.Title), Style: template.CSS(pageStyle), Script: template.JS(pageScript)} //nolint:gosec // our own files
	for _, alert := range d.Alerts {
		p.Alerts = append(p.Alerts, oneLine(alert))
	}
	drawn := drawnBlocks{used: map[string]bool{}, styles: []string{pageStyle}}
	p.Blocks = drawn.blocks(d.Blocks)
	for _, b := range p.Blocks {
		if b.Kind == "heading" {
			p.Contents = append(p.Contents, b)
		}
	}
	p.Policy = "default-src 'none'; script-src " + hashOf(pageScript) + "; style-src"
	for _, style := range drawn.styles {
		p.Policy += " " + hashOf(style)
	}
	p.Policy += "; img-src data:; base-uri 'none'; form-action 'none'"
	// The whole page first: of a page that cannot be drawn nothing is written.
	var out bytes.Buffer
	if err := pageTemplate.Execute(&out, p); err != nil {
		return fmt.Errorf("writing HTML: %w", err)
	}
	if _, err := out.WriteTo(w); err != nil {
		return fmt.Errorf("writing HTML: %w", err)
	}
	return nil
}

// hashOf is how a policy names an inline script or style sheet that it allows.
func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// drawnBlocks makes blocks ready for the template, and collects what has to be told apart or allowed in the whole page.
type drawnBlocks struct {
	used   map[string]bool // ids
	styles []string        // style sheets of the page and of its figures, each once
}

func (d *drawnBlocks) blocks(blocks []Block) []htmlBlock {
	var out []htmlBlock
	for _, b := range blocks {
		switch x := b.(type) {
		case Heading:
			out = append(out, htmlBlock{Kind: "heading", Text: oneLine(string(x)), ID: d.id(string(x))})
		case Paragraph:
			kind := "paragraph"
			if x.Strong {
				kind = "strong"
			}
			out = append(out, htmlBlock{Kind: kind, Text: oneLine(x.Text)})
		case List:
			list := make(List, len(x))
			for i, item := range x {
				list[i] = oneLine(item)
			}
			out = append(out, htmlBlock{Kind: "list", Items: list})
		case Code:
			out = append(out, htmlBlock{Kind: "code", Text: strings.Join(codeLines(x.Text), "\n")})
		case Details:
			out = append(out, htmlBlock{Kind: "details", Text: oneLine(x.Summary), Blocks: d.blocks(x.Blocks)})
		case Table:
			out = append(out, htmlBlock{Kind: "table", Table: htmlTableOf(x)})
		case Figure:
			out = append(out, d.figure(x))
		}
	}
	return out
}

// figure is the drawing if it is harmless, else the sentence that says what it shows.
func (d *drawnBlocks) figure(f Figure) htmlBlock {
	svg, styles, err := harmless(f.SVG)
	if err != nil {
		return htmlBlock{Kind: "paragraph", Text: oneLine(f.Says)}
	}
	for _, style := range styles {
		if !slices.Contains(d.styles, style) {
			d.styles = append(d.styles, style)
		}
	}
	return htmlBlock{Kind: "figure", Text: oneLine(f.Says), SVG: template.HTML(svg)} //nolint:gosec // written anew, by rules
}

// id makes a name of a heading that links can have: lower-case letters, digits and hyphens.
func (d *drawnBlocks) id(heading string) string {
	words := strings.FieldsFunc(strings.ToLower(heading), func(r rune) bool {
		return r > unicode.MaxASCII || !wordRune(r)
	})
	base := english.Joined("-", append([]string{"section"}, words...)...)
	id := base
	for n := 2; d.used[id]; n++ {
		id = base + "-" + strconv.Itoa(n)
	}
	d.used[id] = true
	return id
}

func htmlTableOf(t Table) htmlTable {
	out := htmlTable{Properties: len(t.Columns) == 2}
	if t.Open > 0 && t.Open < len(t.Rows) {
		out.Open = t.Open
	}
	for _, c := range t.Columns {
		out.Columns = append(out.Columns, htmlColumn{oneLine(c.Name), c.Align == Right})
		out.Properties = out.Properties && c.Align == Left
	}
	for i, row := range t.Rows {
		var line []htmlCell
		for j, text := range row {
			cell := htmlCell{Text: oneLine(text), Number: t.Columns[j].Align == Right, Short: utf8.RuneCountInString(text) <= shortCell,
				Tone: tone(t.Columns[j].Name, text)}
			if x, ok := sortKey(text); ok && cell.Number {
				cell.Value = strconv.FormatFloat(x, 'f', -1, 64)
			}
			if t.Hover != nil {
				cell.Hover = oneLine(t.Hover[i][j])
			}
			line = append(line, cell)
		}
		out.Rows = append(out.Rows, line)
	}
	return out
}

// tones are the verdicts by what they mean to the reader.
var tones = map[string]string{
	"valid": "good", "met": "good", "improved": "good", "reached": "good", "supported": "good", "passed": "good",
	"invalid": "bad", "failed": "bad", "missed": "bad", "regressed": "bad", "refuted": "bad", "wrong": "bad",
	"undecided": "open", "unsupported": "open", "interrupted": "open",
}

// tone of a cell: only columns of verdicts have words that mean good or bad.
func tone(column, text string) string {
	switch {
	case text == "" || text == NA || text == none:
		return "none"
	case column == "Verdict" || column == "Status" || column == "Outcome":
		first, _, _ := strings.Cut(text, " ")
		return tones[strings.Trim(first, "*,;:")]
	}
	return ""
}
