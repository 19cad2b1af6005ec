package reports

import (
	"bufio"
	"io"
	"net/url"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

// Markdown writes the document in GitHub's flavour, within the size that GitHub takes. Tables are padded so that they also
// read as plain text.
func Markdown(w io.Writer, d Document) error {
	d.Blocks = split(d.Blocks)
	return wholeMarkdown(w, fit(d))
}

// wholeMarkdown writes all of the document, whatever its size.
func wholeMarkdown(w io.Writer, d Document) error {
	b := bufio.NewWriter(w)
	blocks := make([]Block, 0, len(d.Alerts))
	for _, alert := range d.Alerts {
		blocks = append(blocks, Paragraph{Text: alert, Strong: true})
	}
	markdownBlocks(b, blocks, true)
	if d.Title != "" {
		if len(d.Alerts) > 0 {
			write(b, "\n")
		}
		write(b, "# ", escape(d.Title), "\n")
	}
	first := d.Title == "" && len(d.Alerts) == 0
	if d.Badge != nil && d.Badge.Path != "" {
		if !first {
			write(b, "\n")
		}
		first = false
		write(b, markdownImage(d.Badge.Label+": "+d.Badge.Text, d.Badge.Path), "\n")
	}
	markdownBlocks(b, d.Blocks, first)
	return b.Flush()
}

// write leaves the error to the Flush at the end: a bufio.Writer keeps its first one.
func write(b *bufio.Writer, parts ...string) {
	for _, p := range parts {
		_, _ = b.WriteString(p)
	}
}

func markdownBlocks(b *bufio.Writer, blocks []Block, first bool) {
	for _, block := range blocks {
		if f, ok := block.(Figure); ok && f.Path == "" {
			continue
		}
		if !first {
			write(b, "\n")
		}
		first = false
		switch x := block.(type) {
		case Figure:
			write(b, markdownImage(x.Says, x.Path), "\n")
		case Heading:
			write(b, "## ", escape(string(x)), "\n")
		case Paragraph:
			write(b, markdownParagraph(x), "\n")
		case List:
			for _, item := range x {
				write(b, "- ", escape(item), "\n")
			}
		case Code:
			lines := codeLines(x.Text)
			fence := fenceFor(x.Text)
			write(b, fence, x.Language, "\n", strings.Join(lines, "\n"), "\n", fence, "\n")
		case Details:
			write(b, "<details><summary>", escapeHTML(x.Summary), "</summary>\n\n")
			markdownBlocks(b, x.Blocks, true)
			write(b, "\n</details>\n")
		case Table:
			markdownTable(b, x)
		}
	}
}

// markdownImage shows a file with what it says for those who cannot see it.
func markdownImage(says, path string) string {
	link := url.URL{Path: filepath.ToSlash(path)}
	return "![" + strings.ReplaceAll(escape(says), "]", `\]`) + "](" + link.String() + ")"
}

func markdownParagraph(p Paragraph) string {
	text := escape(p.Text)
	if p.Strong && text != "" {
		return "**" + text + "**"
	}
	return text
}

// fenceFor is longer than any run of backticks in the text.
func fenceFor(text string) string {
	longest, run := 0, 0
	for _, r := range text {
		if r == '`' {
			run++
			longest = max(longest, run)
		} else {
			run = 0
		}
	}
	return strings.Repeat("`", max(3, longest+1))
}

func markdownTable(b *bufio.Writer, t Table) {
	lines := t.lines(escape)
	width := widths(lines, len(t.Columns))
	for n, line := range lines {
		for i, text := range line {
			write(b, "| ", pad(text, width[i], t.Columns[i].Align), " ")
		}
		write(b, "|\n")
		if n > 0 {
			continue
		}
		for i, c := range t.Columns {
			if c.Align == Right {
				write(b, "| ", strings.Repeat("-", width[i]-1), ": ")
			} else {
				write(b, "| ", strings.Repeat("-", width[i]), " ")
			}
		}
		write(b, "|\n")
	}
}

// lines are the head and the rows, every text treated.
func (t Table) lines(treat func(string) string) [][]string {
	head := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		head[i] = treat(c.Name)
	}
	lines := [][]string{head}
	for _, row := range t.Rows {
		line := make([]string, len(row))
		for i, text := range row {
			line[i] = treat(text)
		}
		lines = append(lines, line)
	}
	return lines
}

func widths(lines [][]string, columns int) []int {
	out := make([]int, columns)
	for i := range out {
		out[i] = 3 // the least that a Markdown rule needs
	}
	for _, line := range lines {
		for i, text := range line {
			out[i] = max(out[i], utf8.RuneCountInString(text))
		}
	}
	return out
}

func pad(text string, width int, align Align) string {
	space := strings.Repeat(" ", max(0, width-utf8.RuneCountInString(text)))
	if align == Right {
		return space + text
	}
	return text + space
}
