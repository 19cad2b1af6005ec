package reports

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/bench/price"
)

func TestSortKeys(t *testing.T) {
	for cell, want := range map[string]float64{
		"54.2 ± 2.5 images/s": 54.2, "18.2 ms": 0.0182, "456 µs": 0.000456, "2292 ± 73 k": 2.292e6, "12.3 (12.1 to 12.6) ms": 0.0123,
		"(4232 MiB/s)": 4232 << 20, "61 % FLOP/s": 61, "3 (2.1 %)": 3, "USD 3.5": 3.5, "$0.089": 0.089, "3 min 5 s": 185, "2 h 5 min": 7500,
		"1.00e+20": 1e20, "25.6 M": 25.6e6, "8.18 GFLOP": 8.18e9, "241 GFLOP/s": 241e9, "12 / 900": 12, "2 of 3": 2, "-5 %": -5, "−5 %": -5, "+3 %": 3,
		"0": 0, "0 s": 0, "0 % to 2 %": 0, "4.00 GiB": 4 << 30, "102 ± 0.5 k": 102_000, "8.94 ± 0.12 images/s (1 run; within it at least 8 to 9)": 8.94,
		"1.06": 1.06, "15 tokens/s": 15, "30 gemms/s": 30, "0.00272 (0.00271 to 0.00273)": 0.00272, "7 kilograms": 7,
	} {
		got, ok := sortKey(cell)
		require.True(t, ok, cell)
		require.InEpsilon(t, 1+want, 1+got, 1e-12, cell)
	}
	for _, cell := range []string{"", NA, none, "needs n >= 441", "no price", "ok 3e-6 <= 1e-4", "resnet50 f32", "-", "."} {
		_, ok := sortKey(cell)
		require.False(t, ok, cell)
	}
}

// What the tables write must be read as what it stands for, to the three digits that are written.
func TestSortKeysReadWhatTablesWrite(t *testing.T) {
	positive := rapid.Custom(func(t *rapid.T) float64 {
		return rapid.Float64Range(1, 10).Draw(t, "mantissa") * math.Pow10(rapid.IntRange(-4, 9).Draw(t, "power"))
	})
	rapid.Check(t, func(t *rapid.T) {
		x := positive.Draw(t, "x")
		// One digit behind another may round up.
		for cell, want := range map[string]float64{
			nanoseconds(x): x / 1e9, nanosecondRange(x, x*0.9, x*1.1): x / 1e9, binary(x): x, decimal(x, "FLOP"): x, decimal(x, ""): x, number(x): x, number(x) + " images/s": x,
			plusMinus(x, x/20) + " images/s": x, percent(x): 100 * x, linear(price.Quantity{Value: x}): x,
			reciprocal(price.Quantity{Value: x, Interval: &price.Interval{Low: x / 2, High: 2 * x}}): x,
		} {
			got, ok := sortKey(cell)
			require.True(t, ok, cell)
			require.InEpsilon(t, want, got, 0.06, cell)
		}
		if seconds := time.Duration(x) * time.Second; x < 1e6 && x >= 1 {
			got, ok := sortKey(span(seconds))
			require.True(t, ok)
			require.InDelta(t, seconds.Seconds(), got, 60, span(seconds))
		}
	})
}

const svgStart = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8">`

func TestOnlyDrawingsAreShown(t *testing.T) {
	page := func(svg string) string {
		var out bytes.Buffer
		require.NoError(t, HTML(&out, Document{Title: "t", Blocks: []Block{Figure{Name: "f", Says: "What <to> see.", SVG: svg}}}))
		return out.String()
	}
	good := page(svgStart + `<title>a &lt; b</title><style>.x{fill:red}a>b{}</style><rect class="x" width="8" height="8"/></svg>`)
	require.Contains(t, good, `<svg viewBox="0 0 8 8"><title>a &lt; b</title><style>.x{fill:red}a&gt;b{}</style><rect class="x" width="8" height="8"></rect></svg>`)
	require.Contains(t, good, strings.ReplaceAll(strings.ReplaceAll(hashOf(".x{fill:red}a>b{}"), "'", "&#39;"), "+", "&#43;"), "the policy allows its style")
	for name, bad := range map[string]string{
		"script":       svgStart + `<script>alert(1)</script></svg>`,
		"event":        svgStart + `<rect onclick="x()"/></svg>`,
		"load":         strings.Replace(svgStart, ">", ` OnLoad="x()">`, 1) + `</svg>`,
		"link":         svgStart + `<a href="https://example.com"><rect/></a></svg>`,
		"use":          svgStart + `<use href="#x"/></svg>`,
		"reference":    svgStart + `<rect xlink:href="x" xmlns:xlink="http://www.w3.org/1999/xlink"/></svg>`,
		"image":        svgStart + `<image width="1"/></svg>`,
		"foreign":      svgStart + `<foreignObject><p xmlns="http://www.w3.org/1999/xhtml">x</p></foreignObject></svg>`,
		"style":        svgStart + `<rect style="fill:red"/></svg>`,
		"id":           svgStart + `<rect id="x"/></svg>`,
		"url":          svgStart + `<rect fill="URL(https://example.com)"/></svg>`,
		"animation":    svgStart + `<animate attributeName="x"/></svg>`,
		"comment":      svgStart + `<!-- --></svg>`,
		"instruction":  `<?xml version="1.0"?>` + svgStart + `</svg>`,
		"type":         `<!DOCTYPE svg>` + svgStart + `</svg>`,
		"nested":       svgStart + svgStart + `</svg></svg>`,
		"two":          svgStart + `</svg>` + svgStart + `</svg>`,
		"other":        `<p xmlns="http://www.w3.org/2000/svg">x</p>`,
		"no namespace": `<svg></svg>`,
		"unclosed":     svgStart + `<g>`,
		"nothing":      "", "text": "svg",
	} {
		_, _, err := harmless(bad)
		require.Error(t, err, name)
		require.Contains(t, page(bad), "<p>What &lt;to&gt; see.</p>", name)
		require.NotContains(t, page(bad), "<svg", name)
	}
}

func FuzzHarmless(f *testing.F) {
	for _, seed := range []string{svgStart + "<g></g></svg>", svgStart + "<style><![CDATA[</style><script>]]></style></svg>", svgStart + `<text x="&quot;&gt;&#10;">&amp;&lt;</text></svg>`, "<svg"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, svg string) {
		clean, styles, err := harmless(svg)
		if err != nil {
			require.Empty(t, clean)
			return
		}
		// What was written is read as the same again: nothing hides in it.
		spaced := strings.Replace(clean, "<svg", `<svg xmlns="`+svgSpace+`"`, 1)
		again, stylesAgain, err := harmless(spaced)
		require.NoError(t, err)
		require.Equal(t, clean, again)
		require.Equal(t, styles, stylesAgain)
	})
}

// FuzzHTML holds the page to its shape: text from outside adds no tag and ends no attribute.
func FuzzHTML(f *testing.F) {
	for _, seed := range []string{"", "<script>", `" onclick="x`, "' x", "</style>", "<!--", "&lt;", "\x00", "\xff", "{{.}}", "javascript:", "n/a", "valid", "12 ms"} {
		f.Add(seed)
	}
	page := func(t *testing.T, s string) string {
		var out bytes.Buffer
		require.NoError(t, HTML(&out, Document{
			Alerts: []string{s}, Title: "t" + s,
			Blocks: []Block{
				Heading(s), Paragraph{Text: s}, Paragraph{s, true}, List{s}, Code{s, s}, Details{s, []Block{Paragraph{Text: s}}},
				Table{Columns: []Column{{s, Left}, {"b", Right}}, Rows: [][]string{{s, "1"}, {s, "2"}}, Hover: [][]string{{"h" + s, ""}, {"", ""}}},
				Figure{Name: "f", Says: s, SVG: svgStart + "</svg>"},
			},
		}))
		_, body, _ := strings.Cut(out.String(), "</style>")
		return body
	}
	f.Fuzz(func(t *testing.T, s string) {
		want, got := page(t, "a word of more than shortest cells have"), page(t, s)
		tags := func(page string) []string {
			var out []string
			for _, part := range strings.Split(page, "<")[1:] {
				tag, _, _ := strings.Cut(part, ">")
				out = append(out, strings.Fields(tag)[0])
			}
			return out
		}
		require.Equal(t, tags(want), tags(got))
		// A cell of known words has a class, of which the page says so by two quotes.
		require.LessOrEqual(t, strings.Count(got, `"`)-strings.Count(want, `"`), 2*2)
		require.Zero(t, strings.Count(got, `"`)%2)
	})
}

func TestHeadingsHaveNamesOfTheirOwn(t *testing.T) {
	d := drawnBlocks{used: map[string]bool{}}
	var ids []string
	for _, h := range []string{"Cost with native", "Cost with native", "Cost with native 2", "µ–µ", "", "A & B"} {
		ids = append(ids, d.id(h))
	}
	require.Equal(t, []string{"section-cost-with-native", "section-cost-with-native-2", "section-cost-with-native-2-2", "section", "section-2", "section-a-b"}, ids)
}

func TestOnlyVerdictsHaveTones(t *testing.T) {
	for _, c := range []struct{ column, text, want string }{
		{"Verdict", "valid", "good"}, {"Verdict", "valid (2 of 3)", "good"}, {"Verdict", "invalid", "bad"}, {"Verdict", "**regressed**", "bad"},
		{"Verdict", "undecided: needs 3 more runs", "open"}, {"Verdict", "something else", ""}, {"Workload", "valid", ""}, {"Workload", NA, "none"}, {"Verdict", "", "none"},
	} {
		require.Equal(t, c.want, tone(c.column, c.text), c)
	}
}

func TestHoversStandOverTheirColumns(t *testing.T) {
	table := tableOf([]int{1, 2}, []field[int]{
		{"a", Left, func(int) string { return "x" }}, {"b", Right, func(int) string { return "y" }},
	}, hover[int]{"b", func(n int) string { return strings.Repeat("!", n) }})
	require.Equal(t, [][]string{{"", "!"}, {"", "!!"}}, table.Hover)
	for _, d := range []Document{New(priced(quick(), c7i()), options()), New(llm(), options())} {
		for _, b := range d.Blocks {
			if table, ok := b.(Table); ok && table.Hover != nil {
				require.True(t, slices.ContainsFunc(table.Hover, func(row []string) bool { return strings.Join(row, "") != "" }), "%v", table.Columns)
				require.Len(t, table.Hover, len(table.Rows))
				require.Len(t, table.Hover[0], len(table.Columns))
			}
		}
	}
}
