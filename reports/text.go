package reports

import (
	"bufio"
	"io"
	"strings"
	"unicode/utf8"
)

// textWidth is where lines of running text break; tables are as wide as they are.
const textWidth = 100

// PlainText writes the document for a terminal: aligned columns, no markup.
func PlainText(w io.Writer, d Document) error {
	b := bufio.NewWriter(w)
	for _, alert := range d.Alerts {
		wrapped(b, "! ", alert)
		write(b, "\n")
	}
	if d.Title != "" {
		underlined(b, d.Title, "=")
	}
	textBlocks(b, split(d.Blocks), d.Title == "")
	return b.Flush()
}

func underlined(b *bufio.Writer, title, with string) {
	title = oneLine(title)
	write(b, title, "\n", strings.Repeat(with, utf8.RuneCountInString(title)), "\n")
}

func textBlocks(b *bufio.Writer, blocks []Block, first bool) {
	for _, block := range blocks {
		if _, drawn := block.(Figure); drawn {
			continue
		}
		if !first {
			write(b, "\n")
		}
		first = false
		switch x := block.(type) {
		case Heading:
			underlined(b, string(x), "-")
		case Paragraph:
			wrapped(b, "", x.Text)
		case List:
			for _, item := range x {
				wrapped(b, "- ", item)
			}
		case Code:
			for _, line := range codeLines(x.Text) {
				write(b, "    ", line, "\n")
			}
		case Details:
			wrapped(b, "", x.Summary+":")
			write(b, "\n")
			textBlocks(b, x.Blocks, true)
		case Table:
			textTable(b, x)
		}
	}
}

// wrapped writes text in lines of at most textWidth where its words allow, the mark in front and space under the mark.
func wrapped(b *bufio.Writer, mark, text string) {
	write(b, mark)
	column := len(mark)
	for i, word := range strings.Fields(visible(text)) {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case column+1+n > textWidth:
			write(b, "\n", strings.Repeat(" ", len(mark)))
			column = len(mark)
		default:
			write(b, " ")
			column++
		}
		write(b, word)
		column += n
	}
	write(b, "\n")
}

func textTable(b *bufio.Writer, t Table) {
	lines := t.lines(oneLine)
	width := widths(lines, len(t.Columns))
	for _, line := range lines {
		var out strings.Builder
		for i, text := range line {
			if i > 0 {
				out.WriteString("  ")
			}
			out.WriteString(pad(text, width[i], t.Columns[i].Align))
		}
		write(b, strings.TrimRight(out.String(), " "), "\n")
	}
}
