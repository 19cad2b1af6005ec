package reports

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// oversized needs every means of keeping within the budget but the last.
func oversized() Document {
	row := func(i int) []string { return []string{fmt.Sprintf("workload %d", i), fmt.Sprintf("%d.5 images/s", i)} }
	table := Table{Columns: []Column{{"Workload", Left}, {"Throughput", Right}}, Open: 1500}
	for i := range 1600 {
		table.Rows = append(table.Rows, row(i))
	}
	short := table
	short.Rows, short.Open = table.Rows[:3], 0
	var findings List
	for i := range 1400 {
		findings = append(findings, fmt.Sprintf("finding %d, with some words to it", i))
	}
	return Document{
		Alerts: []string{"Read this first."}, Title: "Oversized",
		Blocks: []Block{
			Paragraph{Text: "The headline.", Strong: true}, Heading("Small"), short, Heading("Large"), table, findings,
			Details{Summary: "Method", Blocks: []Block{Paragraph{Text: strings.Repeat("How it was done. ", 100)}}},
			Code{Language: "sh", Text: "accelbench run"},
		},
	}
}

func TestAnOversizedReport(t *testing.T) {
	text := golden(t, "formats/oversized.md", Markdown, oversized())
	require.LessOrEqual(t, len(text), budget)
	require.Greater(t, len(text), budget-500, "nothing is given up that has room")
}

func TestWhatIsGivenUpFirst(t *testing.T) {
	long := func(n int) Paragraph { return Paragraph{Text: strings.Repeat("word ", n/5)} }
	of := func(blocks ...Block) string {
		var out bytes.Buffer
		require.NoError(t, Markdown(&out, Document{Title: "t", Blocks: blocks}))
		require.LessOrEqual(t, out.Len(), budget)
		return out.String()
	}
	t.Run("the last details", func(t *testing.T) {
		text := of(Details{"first", []Block{long(25_000)}}, Details{"second", []Block{long(25_000)}}, Details{"third", []Block{long(25_000)}})
		require.Equal(t, 2, strings.Count(text, "<details>"))
		require.Contains(t, text, "\nthird: left out here to keep within 64 KB; HTML has it.\n")
	})
	t.Run("details before rows", func(t *testing.T) {
		table := Table{Columns: []Column{{"n", Right}}}
		for i := range 4000 {
			table.Rows = append(table.Rows, []string{fmt.Sprint(i)})
		}
		text := of(Details{"first", []Block{long(40_000)}}, table)
		require.Contains(t, text, "| 3999 |")
		require.NotContains(t, text, "<details>")
	})
	t.Run("then everything from a block on, but not what is strong", func(t *testing.T) {
		text := of(long(30_000), Heading("kept"), long(30_000), Heading("gone"), long(30_000), Paragraph{"short", false}, Paragraph{"strong", true})
		require.Contains(t, text, "## kept")
		require.NotContains(t, text, "gone", "no heading of nothing")
		require.NotContains(t, text, "short")
		require.Regexp(t, `\n\nCut off here to keep within 64 KB; HTML has all of it\.\n\n\*\*strong\*\*\n$`, text)
	})
	t.Run("of long alerts and strong paragraphs the beginning stays", func(t *testing.T) {
		var out bytes.Buffer
		require.NoError(t, Markdown(&out, Document{Alerts: []string{"alert " + long(70_000).Text}, Title: "title " + long(70_000).Text,
			Blocks: []Block{Paragraph{"strong " + long(70_000).Text, true}}}))
		require.LessOrEqual(t, out.Len(), 3*lineBytes+100)
		require.Regexp(t, `^\*\*alert word .*…\*\*\n\n# title word .*…\n\n\*\*strong word .*…\*\*\n$`, out.String())
	})
	t.Run("with room for the sentence that says so", func(t *testing.T) {
		var many []Block
		for range 10_000 {
			many = append(many, Paragraph{Text: "a word"})
		}
		require.Contains(t, of(many...), "Cut off here")
	})
	t.Run("no details that are shorter than what would replace them", func(t *testing.T) {
		require.Contains(t, of(Details{"long", []Block{long(65_000)}}, Details{"empty", nil}), "<summary>empty</summary>")
	})
	t.Run("a document that fits is left alone", func(t *testing.T) {
		d := Document{Title: "t", Blocks: []Block{Details{"d", []Block{long(budget - 60)}}}}
		require.LessOrEqual(t, markdownSize(d), budget)
		require.Equal(t, d, fit(d))
	})
}

var fenceLine = regexp.MustCompile("(?m)^```+")

func TestMarkdownHoldsItsBudget(t *testing.T) {
	words := rapid.Custom(func(t *rapid.T) string {
		return strings.Repeat(rapid.SampledFrom([]string{"word ", "&amp;", "|*_`", "é", "\n# x "}).Draw(t, "piece"), rapid.SampledFrom([]int{0, 1, 50, 3_000, 14_000}).Draw(t, "times"))
	})
	var block func(depth int) *rapid.Generator[Block]
	block = func(depth int) *rapid.Generator[Block] {
		return rapid.Custom(func(t *rapid.T) Block {
			switch rapid.IntRange(0, 5+depth).Draw(t, "kind") {
			case 0:
				return Heading(words.Draw(t, "heading"))
			case 1:
				return Paragraph{words.Draw(t, "text"), rapid.Bool().Draw(t, "strong")}
			case 2:
				return List(rapid.SliceOfN(words, 1, 8).Draw(t, "items"))
			case 3:
				return Code{"sh", words.Draw(t, "code")}
			case 4, 5:
				text, n := words.Draw(t, "cell"), rapid.SampledFrom([]int{0, 1, 40, 700}).Draw(t, "rows")
				table := Table{Columns: []Column{{"a", Left}, {"b", Right}}, Open: rapid.IntRange(0, 50).Draw(t, "open")}
				for i := range n {
					table.Rows = append(table.Rows, []string{text[:len(text)/(n+1)], fmt.Sprint(i)})
				}
				return table
			}
			return Details{words.Draw(t, "summary"), rapid.SliceOfN(block(0), 0, 3).Draw(t, "folded")}
		})
	}
	rapid.Check(t, func(t *rapid.T) {
		d := Document{
			Alerts: rapid.SliceOfN(words, 0, 3).Draw(t, "alerts"), Title: "title " + words.Draw(t, "title"),
			Blocks: rapid.SliceOfN(block(1), 0, 8).Draw(t, "blocks"),
		}
		var out bytes.Buffer
		require.NoError(t, Markdown(&out, d))
		text := out.String()
		require.LessOrEqual(t, len(text), budget)
		require.Regexp(t, `(^|\n)# title`, text)
		require.Zero(t, len(fenceLine.FindAllString(text, -1))%2, "an open fence")
		require.Equal(t, strings.Count(text, "\n</details>\n"), strings.Count(text, "<details><summary>"))
		if len(d.Blocks) > 0 {
			if p, ok := d.Blocks[0].(Paragraph); ok && p.Strong && p.Text == "word " {
				require.Contains(t, text, "**word**")
			}
		}
	})
}
