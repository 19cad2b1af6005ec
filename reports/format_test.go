package reports

import (
	"bytes"
	"encoding/csv"
	"flag"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares a document in one format with testdata/name.
func golden(t *testing.T, name string, format Format, d Document) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, format(&out, d))
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, out.Bytes(), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), out.String())
	return out.String()
}

// goldens compares a document in all formats.
func goldens(t *testing.T, name string, d Document) {
	t.Helper()
	golden(t, name+".md", Markdown, d)
	golden(t, name+".txt", PlainText, d)
	golden(t, name+".json", JSON, d)
	golden(t, name+".csv", CSV, d)
}

// lineGoldens compares a document in the forms for programs that it has.
func lineGoldens(t *testing.T, name string, d Document) {
	t.Helper()
	if d.Checks != nil {
		golden(t, name+".junit.xml", JUnit, d)
		golden(t, name+".github.txt", GitHub, d)
	}
	if d.Benchmarks != nil {
		golden(t, name+".bench", GoBench, d)
	}
	if d.Results != nil {
		golden(t, name+".jsonl", ResultLines, d)
	}
}

func everything() Document {
	return Document{
		Alerts: []string{"Read this first."},
		Title:  "All blocks",
		Blocks: []Block{
			Paragraph{Text: "A paragraph with *stars*, snake_case, _edges_, <b>tags</b>, a <= b, A&amp;B, A & B, [link](x) and `ticks`."},
			Paragraph{Text: "Strong.", Strong: true},
			Paragraph{Text: strings.Repeat("A long line goes on and on. ", 6)},
			Heading("A heading"),
			Table{
				Columns: []Column{{"name", Left}, {"value", Right}},
				Rows:    [][]string{{"pipe | and\nnewline", "1"}, {"", "12.5 ± 0.1 µs"}, {`back\slash|`, "\x1b[31mred"}},
			},
			List{"an item", "@org/team is not told, nor is a@b.example", "# no heading", "- no list", "1. no number", "-5 stays", strings.Repeat("long item ", 15)},
			Code{Language: "sh", Text: "echo '```'\nls | wc\x1b[2J\n"},
			Details{Summary: "More <of> this by @org", Blocks: []Block{Paragraph{Text: "Folded."}, List{"a", "b"}}},
		},
		Sheet: Sheet{
			Keys: []string{"text", "number", "integer", "yes", "time"},
			Rows: [][]any{
				{"plain, with comma", 0.1 + 0.2, 3, true, time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC)},
				{"=1+1", math.NaN(), int64(-3), nil, nil}, {`"quoted"`, math.Inf(1), nil, false, nil},
			},
		},
		Data: map[string]any{"a": 1, "b": []string{"<x>"}},
		Checks: []Check{
			{"suite, a", "good", Passed, "+1.0 % (0.2 to 1.8)"}, {"suite, a", "bad: 100%", Failed, "50 % slower,\nsee below\x00"},
			{"b", "open <&\"'>", Open, "needs 6 runs"}, {"b", "broken", Broken, "nothing to compare \x1b[31m with"},
		},
		Benchmarks: []Benchmark{
			{Name: "A name/key=a b", Config: []ConfigLine{{"cpu", "Fast CPU\nUnit x"}, {"Odd Key", "v"}, {"empty", ""}}, Runs: 12,
				Values: []BenchmarkValue{{12.5, "images/s", true}, {1e6, "p99-ns", false}, {math.NaN(), "J/image", false}}},
			{Name: "Other", Values: []BenchmarkValue{{0.1 + 0.2, "images/s", true}}},
			{Name: "Nothing", Values: []BenchmarkValue{{math.Inf(1), "images/s", true}}},
		},
		Results: []bench.Result{{Schema: bench.Schema, ID: "1", Reason: "<&>\n"}},
	}
}

func TestFormatsOfEveryBlock(t *testing.T) {
	goldens(t, "formats/all", everything())
	lineGoldens(t, "formats/all", everything())
	golden(t, "formats/all.html", HTML, everything())
}

func TestLookup(t *testing.T) {
	for _, name := range Formats() {
		format, err := Lookup(name)
		require.NoError(t, err)
		require.NoError(t, format(&bytes.Buffer{}, everything()))
	}
	_, err := Lookup("markdwn")
	require.EqualError(t, err, `unknown format "markdwn": the formats are, nearest first, markdown, html, gobench, text, json, csv, junit, github, jsonl`)
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, os.ErrClosed }

func TestAFailedWriteIsTold(t *testing.T) {
	for _, name := range Formats() {
		format, err := Lookup(name)
		require.NoError(t, err)
		require.ErrorIs(t, format(brokenWriter{}, everything()), os.ErrClosed, name)
	}
	require.ErrorIs(t, CSV(&bytes.Buffer{}, Document{}), ErrNoForm)
}

func TestCSVDefusesFormulas(t *testing.T) {
	for _, evil := range []string{`=cmd|' /C calc'!A0`, "+1", "-1+2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1"} {
		var out bytes.Buffer
		require.NoError(t, CSV(&out, Document{Sheet: Sheet{Keys: []string{"k"}, Rows: [][]any{{evil}}}}))
		rows, err := csv.NewReader(&out).ReadAll()
		require.NoError(t, err)
		require.Equal(t, byte('\''), rows[1][0][0], evil)
	}
	for value, want := range map[any]string{-1.5: "-1.5", int64(-2): "-2", "a=b": "a=b", "": ""} {
		require.Equal(t, want, csvValue(value))
	}
}

func TestEscapeLeavesPlainTextAlone(t *testing.T) {
	for _, plain := range []string{
		"usd_per_hour is 3", "p99 needs n >= 441", "a <= b -> c", "issue #3", "-5 %", "--price 0.17", "1.5 (2)", "AT&T & Co",
		"24.9 ± 0.3 images/s", "a] b", "2026-07-20", "–", "a@b.example", "lone @ and @", "@", "10 @ 5", "@-x",
	} {
		require.Equal(t, plain, escape(plain))
	}
	for text, want := range map[string]string{
		"_edge": `\_edge`, "edge_": `edge\_`, "a__b": `a\_\_b`, "*": `\*`, "a|b": `a\|b`, "a\\|b": `a\\\|b`, "<script>": `\<script>`,
		"&lt;": "&amp;lt;", "&#60;": "&amp;#60;", "- a": `\- a`, "---": `\---`, "- - -": `\- - -`, "# a": `\# a`, "> a": `\> a`,
		"12. a": `12\. a`, "1) a": `1\) a`, "===": `\===`, "  \n x \u202e y": "x y", "$x$": `\$x\$`, "~~x~~": `\~\~x\~\~`, "+ x": `\+ x`,
		"@org/team": "@&#8203;org/team", "by @a and (@b).": "by @&#8203;a and (@&#8203;b).", "@@a": "@@&#8203;a", "/@7": "/@&#8203;7",
		"|@a": `\|@&#8203;a`, "_@a": `\_@&#8203;a`, "é@a": "é@&#8203;a", "@_a": `@&#8203;\_a`, "&@a": "&@&#8203;a", "@&#8203;a": "@&amp;#8203;a",
	} {
		require.Equal(t, want, escape(text))
	}
}

// splitRow reads a line of a table as GitHub's parser does: a backslash takes the character after it with it.
func splitRow(line string) []string {
	var cells []string
	var cell strings.Builder
	for i := 0; i < len(line); i++ {
		switch {
		case line[i] == '\\' && i+1 < len(line):
			cell.WriteByte(line[i+1])
			i++
		case line[i] == '|':
			cells = append(cells, strings.TrimSpace(cell.String()))
			cell.Reset()
		default:
			cell.WriteByte(line[i])
		}
	}
	return append(cells, strings.TrimSpace(cell.String()))
}

func FuzzMarkdownTable(f *testing.F) {
	for _, seed := range []string{"a", "|", `\|`, `\\|`, "a\nb", "\r|\t", "`|`", "<!--", "</details>", "&#124;", "\u2028", "\xff|", "| --- |", `\`, "@org/team", "&#8203;", "@|@a"} {
		f.Add(seed, "x")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		var out bytes.Buffer
		table := Table{Columns: []Column{{a, Left}, {b, Right}, {"c", Left}}, Rows: [][]string{{a, b, a}, {b, a, b}}}
		require.NoError(t, Markdown(&out, Document{Blocks: []Block{table}}))
		lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
		require.Len(t, lines, 4)
		for i, line := range lines {
			cells := splitRow(line)
			require.Len(t, cells, 5, "%q", line)
			require.True(t, utf8.ValidString(line))
			if i == 2 {
				cells[1] = strings.ReplaceAll(cells[1], noMention, "")
				require.Equal(t, strings.ReplaceAll(oneLine(a), "&", ""), strings.ReplaceAll(strings.ReplaceAll(cells[1], "&amp;", "&"), "&", ""))
			}
			require.False(t, tagStart.MatchString(strings.TrimLeft(cells[1], " ")) && !strings.Contains(line, `\<`))
		}
	})
}

// FuzzLines holds every format to its lines: no text from outside adds one, starts a block, or moves a terminal's cursor.
func FuzzLines(f *testing.F) {
	for _, seed := range []string{"", "# a", "1. a", "\n\n# a", "\x1b[2J", "---", "    code", "```", "<details>", "\u202e", "__", "$$"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d := Document{Title: "t", Blocks: []Block{List{"x" + s, s}, Paragraph{Text: "y " + s}, Details{Summary: s, Blocks: []Block{Heading("h")}}}}
		var out bytes.Buffer
		require.NoError(t, Markdown(&out, d))
		require.Equal(t, 13, strings.Count(out.String(), "\n")+1, "%q", out.String())
		for _, line := range strings.Split(out.String(), "\n")[2:6] {
			if line != "" {
				require.Regexp(t, `^(- |y)`, line)
			}
		}
		out.Reset()
		require.NoError(t, PlainText(&out, d))
		for _, r := range strings.ReplaceAll(out.String(), "\n", "") {
			require.False(t, r < ' ' || r == 0x7f, "%q", out.String())
		}
	})
}

func TestNumbers(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{digits(0, 3), "0"}, {digits(999.6, 3), "1000"}, {digits(-1.2345, 3), "-1.23"}, {digits(0.000012345, 3), "0.0000123"},
		{digits(math.NaN(), 3), NA}, {digits(math.Inf(-1), 3), NA}, {digits(1e20, 3), "1.00e+20"},
		{number(24.93), "24.9"}, {number(28734), "28730"}, {number(1042.4), "1042"}, {number(999.6), "1000"}, {number(0.12), "0.120"},
		{amount(0.1785), "0.1785"}, {amount(98.32), "98.32"}, {amount(36.87), "36.87"}, {amount(100), "100"}, {amount(3), "3"},
		{amount(1e-7), "0.0000001"}, {amount(1200000), "1200000"},
		{plusMinus(24.93, 0.31), "24.9 ± 0.3"}, {plusMinus(24.93, 0.003), "24.9 ± 0.003"}, {plusMinus(24.93, 0), "24.9 ± 0"},
		{plusMinus(28734, 12.3), "28730 ± 12"}, {plusMinus(5, math.NaN()), "5.00"},
		{sci(3.14e-6), "3.1e-6"}, {sci(1e-4), "1e-4"}, {sci(0), "0"}, {sci(math.Inf(1)), NA}, {sci(2), "2"}, {sci(0.31), "0.31"},
		{nanoseconds(0), "0 s"}, {nanoseconds(456_000), "456 µs"}, {nanoseconds(12_340_000), "12.3 ms"}, {nanoseconds(999_600), "1.00 ms"},
		{nanoseconds(3.2e12), "3200 s"}, {nanoseconds(math.NaN()), NA}, {nanoseconds(12), "12.0 ns"},
		{span(45 * time.Second), "45 s"}, {span(185 * time.Second), "3 min 5 s"}, {span(2*time.Hour + 5*time.Minute), "2 h 5 min"},
		{binary(0), "0 B"}, {binary(4 << 30), "4.00 GiB"}, {binary(512), "512 B"},
		{decimal(8.178e9, "FLOP"), "8.18 GFLOP"}, {decimal(25_557_032, ""), "25.6 M"}, {decimal(0, "FLOP"), "0 FLOP"}, {decimal(0, ""), "0"},
		{percent(0.613), "61 %"}, {percent(0.034), "3.4 %"}, {percent(0), "0 %"}, {percent(1.234), "123 %"}, {percent(math.NaN()), NA},
		{percent(0.999), "100 %"},
		{maybe[float64](nil, number), NA},
	} {
		require.Equal(t, c.want, c.got)
	}
}
