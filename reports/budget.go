package reports

import (
	"bytes"
	"slices"
	"sort"

	"github.com/accelbench/accelbench/internal/english"
)

// budget is the most bytes of a Markdown document. GitHub refuses a comment or an issue of more than 65,536 characters ("Body is
// too long", the answer of its REST API); what an action puts around the document has room in the rest.
const budget = 64_000

// The least rows of a table or items of a list that are worth keeping, and the most bytes of a line that stays in any case.
const (
	leastRows = 5
	lineBytes = 1000
)

// fit makes a document small enough for Markdown. It gives up what a hurried reader misses least: folded parts, from the last
// to the first; then the ends of the longest tables and lists; then everything from some block on. Each tells that it is
// gone. Alerts, the title and strong paragraphs stay.
func fit(d Document) Document {
	size := markdownSize(d)
	if size <= budget {
		return d
	}
	d.Blocks = unfolded(d.Blocks, size-budget)
	if markdownSize(d) > budget {
		d = shortened(d)
	}
	if markdownSize(d) > budget {
		d = clipped(d)
	}
	return d
}

// markdownSize is the length of the document as it would be without a budget.
func markdownSize(d Document) int {
	var out bytes.Buffer
	_ = wholeMarkdown(&out, d) // a buffer takes everything
	return out.Len()
}

// blockSize is what a block adds to a document: its own bytes and the empty line before it.
func blockSize(b Block) int { return markdownSize(Document{Blocks: []Block{b}}) + 1 }

// unfolded replaces Details by their summary, the last first, until so many bytes are saved.
func unfolded(blocks []Block, excess int) []Block {
	out := slices.Clone(blocks)
	for i := len(out) - 1; i >= 0 && excess > 0; i-- {
		x, ok := out[i].(Details)
		if !ok {
			continue
		}
		short := Paragraph{Text: cut(x.Summary, lineBytes/4, "…") + ": left out here to keep within 64 KB; HTML has it."}
		if saved := blockSize(x) - blockSize(short); saved > 0 {
			out[i], excess = short, excess-saved
		}
	}
	return out
}

// shortened cuts tables and lists to the most rows with which the document fits, or to the least worth keeping.
func shortened(d Document) Document {
	longest := leastRows
	for _, b := range d.Blocks {
		longest = max(longest, length(b))
	}
	with := func(rows int) Document {
		out := d
		out.Blocks = nil
		for _, b := range d.Blocks {
			out.Blocks = append(out.Blocks, first(b, rows)...)
		}
		return out
	}
	dropped := sort.Search(longest-leastRows, func(n int) bool { return markdownSize(with(longest-n)) <= budget })
	return with(longest - dropped)
}

func length(b Block) int {
	switch x := b.(type) {
	case Table:
		return len(x.Rows)
	case List:
		return len(x)
	}
	return 0
}

// first is a table or a list with its first rows or items, and how many are gone; any other block as it is.
func first(b Block, rows int) []Block {
	gone := length(b) - rows
	if gone <= 0 {
		return []Block{b}
	}
	const why = " left out here to keep within 64 KB; "
	if x, ok := b.(List); ok {
		return []Block{x[:rows], Paragraph{Text: english.Count(gone, "item") + why + "HTML has all."}}
	}
	x := b.(Table) // nothing else has a length
	x.Rows = x.Rows[:rows]
	return []Block{x, Paragraph{Text: english.Count(gone, "row") + why + "HTML, JSON and CSV have all."}}
}

// clipped ends the document where the budget does. What has to stay is kept first, in short if there is much of it.
func clipped(d Document) Document {
	const end = "Cut off here to keep within 64 KB; HTML has all of it."
	out := Document{Title: clip(d.Title)}
	left := budget - markdownSize(out) - blockSize(Paragraph{Text: end})
	for _, alert := range d.Alerts {
		alert = clip(alert)
		if size := blockSize(Paragraph{Text: alert, Strong: true}); size <= left {
			out.Alerts, left = append(out.Alerts, alert), left-size
		}
	}
	stays := map[int]Block{}
	for i, b := range d.Blocks {
		if p, ok := b.(Paragraph); ok && p.Strong {
			p.Text = clip(p.Text)
			if size := blockSize(p); size <= left {
				stays[i], left = p, left-size
			}
		}
	}
	ended := false
	for i, b := range d.Blocks {
		if strong, ok := stays[i]; ok {
			out.Blocks = append(out.Blocks, strong)
			continue
		}
		size := blockSize(b)
		if ended || size > left {
			if !ended {
				out.Blocks = append(headless(out.Blocks), Paragraph{Text: end})
			}
			ended = true
			continue
		}
		out.Blocks, left = append(out.Blocks, b), left-size
	}
	return out
}

// headless leaves out a heading that nothing follows.
func headless(blocks []Block) []Block {
	if n := len(blocks); n > 0 {
		if _, ok := blocks[n-1].(Heading); ok {
			return blocks[:n-1]
		}
	}
	return blocks
}

// clip shortens text so that it takes at most about lineBytes, however much of it has to be escaped.
func clip(s string) string {
	for most := lineBytes; len(escape(s)) > lineBytes; most /= 2 {
		s = cut(s, most, "…")
	}
	return s
}
