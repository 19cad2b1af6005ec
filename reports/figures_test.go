package reports

import (
	"bytes"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/price"
	"github.com/accelbench/accelbench/bench/stat"
	"github.com/accelbench/accelbench/devices"
)

func figuresOf(d Document) []Figure {
	var out []Figure
	for _, b := range d.Blocks {
		if f, ok := b.(Figure); ok {
			out = append(out, f)
		}
	}
	return out
}

// goldenFigure compares a figure's drawing with testdata/figures.
func goldenFigure(t *testing.T, name string, f Figure) {
	t.Helper()
	path := filepath.Join("testdata", "figures", name+".svg")
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(f.SVG), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), f.SVG)
}

// answering gives the runs of a row latencies around a median: n of them in all.
func answering(t *testing.T, s bench.Summary, n int, medianMS float64) bench.Summary {
	t.Helper()
	for i := range s.Results {
		h := stat.NewHistogram()
		for k := range n / 3 {
			h.Record(int64(1e6 * medianMS * (0.7 + 0.6*float64(k)/float64(n/3))))
		}
		text, err := h.Encode()
		require.NoError(t, err)
		s.Results[i].Latency = &bench.Latency{Histogram: text, Count: h.Count(), MinNS: h.Min(), MaxNS: h.Max()}
	}
	s.First = s.Results[0]
	return s
}

// rented are two batches and two engines of one model, priced, with what its sensors read.
func rented(t *testing.T) []bench.Summary {
	one := answering(t, summary(deployed("resnet50", "image", bench.SingleStream), estimate(54.2, 1.1, 0.02), distribution(1500, 18, 19, 21)), 1500, 18)
	four := deployed("resnet50", "image", bench.MultiStream)
	four.Workload.Batch = 4
	batch := answering(t, summary(four, estimate(61.7, 0.9, 0.02), distribution(420, 64, 66, 0)), 420, 64)
	own := answering(t, summary(result("resnet50", "image", bench.SingleStream), estimate(8.94, 0.12, 0.02), distribution(54, 111, 115, 0)), 54, 111)
	rows := priced([]bench.Summary{one, batch, own}, c7i())
	for i := range rows {
		for k := range rows[i].Results {
			for n := range 20 {
				rows[i].Results[k].Readings = append(rows[i].Results[k].Readings, devices.Reading{
					Time: now().Add(time.Duration(100*i+10*k)*time.Minute + time.Duration(n)*time.Second), PowerWatts: ptr(90 + float64(n+i)), ClockMHz: ptr(3100 - float64(n))})
			}
		}
		rows[i].Energy = &bench.Energy{Joules: 190, Watts: 95, JoulesPerUnit: 1.7, UnitsPerJoule: 0.59, UnitsPerSecondPerMW: 59e4, Source: "counter"}
	}
	rows[0].Results[0].Readings[5].PowerWatts = nil
	return rows
}

func TestFiguresOfAReport(t *testing.T) {
	for _, c := range []struct {
		name string
		rows []bench.Summary
		want map[string]string
	}{
		{"rented", rented(t), map[string]string{
			"throughput-images": "resnet50 f32, batch 4, multi-stream, onnxruntime has the highest throughput: 61.7 images/s, 1.14 times the next " +
				"(resnet50 f32, single-stream, onnxruntime).",
			"latency": "At p90 latencies go from 22.3 ms (resnet50 f32, single-stream, onnxruntime) to 137 ms (resnet50 f32, single-stream, native).",
			"price-performance-resnet50-images": "As measured no deployed row beats resnet50 f32, single-stream, onnxruntime (0.457 USD per million images at p50 18.0 ms) " +
				"and resnet50 f32, batch 4, multi-stream, onnxruntime (0.402 USD per million images at p50 64.0 ms) in both cost and latency.",
			"sensors-cpu-of-c7i-large": "Over 9 runs: power from 90.0 to 111 W; clock from 3081 to 3100 MHz.",
		}},
		{"sweep", sweep(), map[string]string{
			"throughput-sequences": "bert-base f32, batch 4, concurrency 8, dynamic batching, max wait 5 ms has the highest throughput: 46.1 sequences/s, 1.04 times the next " +
				"(bert-base f32, batch 4, concurrency 4, dynamic batching, max wait 5 ms).",
			"curve-bert-base": "From 1 to 8 in flight throughput becomes 2.28 times as high and the median latency becomes 3.48 times as long; the knee is at 2 in flight.",
		}},
		{"llm", llm(), map[string]string{
			"throughput-output-tokens": "smollm2-135m f32, osl 32, single-stream, onnxruntime has the highest throughput: 41.3 output tokens/s, 1.39 times the next " +
				"(smollm2-135m f32, osl 32, single-stream, native).",
			"price-performance-smollm2-135m-output-tokens": "As measured no deployed row beats smollm2-135m f32, osl 32, single-stream, onnxruntime " +
				"(0.600 USD per million output tokens at p50 790 ms) in cost or latency.",
		}},
		{"one row of each unit", quick(), map[string]string{}},
		{"nothing", nil, map[string]string{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := map[string]string{}
			for _, f := range figuresOf(New(c.rows, options())) {
				got[f.Name] = f.Says
				require.Contains(t, f.SVG, "<svg")
				require.Empty(t, f.Path)
				goldenFigure(t, f.Name, f)
			}
			require.Equal(t, c.want, got)
		})
	}
}

func TestFastestClaimsNoMoreThanTheIntervals(t *testing.T) {
	single := func(name string, x, half float64) row {
		r := row{Summary: summary(deployed("resnet50", "image", bench.Offline), estimate(x, half, 0), nil), name: name}
		if half == 0 {
			r.Throughput.Interval = nil
		}
		return r
	}
	other := single("d", 70, 1)
	other.First.Workload.Name = "vit"
	for _, c := range []struct {
		rows []row
		want string
	}{
		{[]row{single("a", 50, 1), single("b", 60, 1)}, "b has the highest throughput: 60.0 images/s, 1.20 times the next (a)."},
		{[]row{single("a", 50, 6), single("b", 60, 5)}, "b and a are alike within their intervals: about 60.0 images/s."},
		{[]row{single("a", 50, 6), single("b", 60, 5), single("c", 59, 1)},
			"3 rows are alike within their intervals, at about 60.0 images/s; the highest figure is that of b."},
		{[]row{single("a", 50, 0), single("b", 60, 1)},
			"b has the highest throughput: 60.0 images/s, 1.20 times the next (a); without intervals of both, which take several runs, this may be noise."},
		{[]row{single("a", 0, 0), single("b", 60, 0)},
			"b has the highest throughput: 60.0 images/s; without intervals of both, which take several runs, this may be noise."},
		{[]row{single("a", 50, 1), other}, "From 50.0 images/s (a) to 70.0 images/s (d); rows of different workloads are different tasks."},
	} {
		require.Equal(t, c.want, fastest(c.rows, "images"))
	}
}

func TestLatenciesThatOverlapAreAlike(t *testing.T) {
	rows := []bench.Summary{
		answering(t, summary(deployed("resnet50", "image", bench.SingleStream), estimate(54, 1, 0), distribution(1500, 18, 19, 21)), 90, 18),
		answering(t, summary(deployed("vit", "image", bench.SingleStream), estimate(53, 1, 0), distribution(1500, 18, 19, 21)), 1500, 18.1),
	}
	all := newView(rows, options())
	f := all.latencies()[0].(Figure)
	require.Equal(t, "At p90 latencies are alike within their intervals: 22.3 ms (resnet50 f32, single-stream) to 22.4 ms (vit f32, single-stream).", f.Says)
	one := newView(rows[1:], options())
	require.Equal(t, "vit f32, single-stream: half of the latencies are within 18.1 ms, 99 % within 23.4 ms.", one.latencies()[0].(Figure).Says)
	few := newView([]bench.Summary{answering(t, rows[0], 36, 18)}, options())
	require.Empty(t, few.latencies(), "36 samples have no p90")
}

func TestCurveWithinItsIntervals(t *testing.T) {
	rows := sweep()
	for i := range rows {
		rows[i].Throughput = estimate(rows[i].Throughput.Value, 30, 0)
		rows[i].Limits = []bench.LimitSummary{{Limit: p99Limit(), Samples: 900}}
	}
	v := newView(rows, options())
	f, ok := v.curveFigure(v.curves()[0], "bert-base")
	require.True(t, ok)
	require.Contains(t, f.Says, "throughput stays the same within its intervals")
	require.Contains(t, f.SVG, "limit: p99 &lt;= 15 ms")
	require.Contains(t, f.SVG, ">2 (knee)<")

	for i := range rows[1:] {
		rows[i].Throughput, rows[i].Valid = nil, 0
	}
	v = newView(rows, options())
	_, ok = v.curveFigure(v.curves()[0], "bert-base")
	require.False(t, ok, "one load is no curve")
}

func TestCurvesOfOneWorkloadHaveNamesOfTheirOwn(t *testing.T) {
	rows := append(sweep(), sweep()...)
	for i := range rows[4:] {
		rows[4+i].First.Workload.Precision = "bf16"
	}
	var names []string
	for _, f := range figuresOf(New(rows, options())) {
		names = append(names, f.Name)
	}
	require.Equal(t, []string{"throughput-sequences", "curve-bert-base", "curve-bert-base-2"}, names)
}

// A shorter text, or a machine that may be taken away, is cheaper and is not what the others are held against.
func TestAFrontIsOfOneThing(t *testing.T) {
	for name, change := range map[string]func(*bench.Summary){
		"lengths": func(s *bench.Summary) { s.First.Workload.ISL = ptr(128) },
		"market":  func(s *bench.Summary) { s.Performance.Price.Market = price.MarketSpot },
	} {
		rows := rented(t)
		require.Len(t, newView(rows, options()).paretos(), 1)
		change(&rows[0])
		all := newView(rows, options()).paretos()
		require.Len(t, all, 1, "one row alone is no front: %s", name)
		require.NotContains(t, all[0].(Figure).Says, "resnet50 f32, single-stream, onnxruntime", name)
	}
}

func TestParetoOfHarnessEngines(t *testing.T) {
	rows := rented(t)
	for i := range rows {
		rows[i].First.Engine.Kind = devices.Harness
	}
	f := newView(rows, options()).paretos()[0].(Figure)
	require.Contains(t, f.Says, "All of these are harness engines, which are not ranked")
	require.NotContains(t, f.SVG, "on the front")
}

func TestBadgeOfAReport(t *testing.T) {
	require.Equal(t, &Badge{Label: "resnet50 f32", Text: "54.2 images/s", Outcome: Passed}, New(rented(t), options()).Badge)
	require.Equal(t, &Badge{Label: "bert-base f32, batch 4", Text: "35.3 sequences/s", Outcome: Passed}, New(sweep(), options()).Badge, "at the knee")
	require.Equal(t, &Badge{Label: "accelbench", Text: "no valid run", Outcome: Open}, New(nil, options()).Badge)
}

// drawn is a document with figures and a badge.
func drawn() Document {
	return Document{
		Title: "Figures", Badge: &Badge{Label: "a]b", Text: "54.2 images/s", Outcome: Passed},
		Blocks: []Block{Paragraph{Text: "Before."}, Figure{Name: "one", Says: "It *says* [this] much.", SVG: "<svg/>"}, Paragraph{Text: "Between."},
			Details{Summary: "More", Blocks: []Block{Figure{Name: "two", Says: "Two.", SVG: "<svg>2</svg>"}}}},
	}
}

func TestOnlySavedFiguresAreShown(t *testing.T) {
	d := drawn()
	var text, plain bytes.Buffer
	require.NoError(t, Markdown(&text, d))
	require.Equal(t, "# Figures\n\nBefore.\n\nBetween.\n\n<details><summary>More</summary>\n\n\n</details>\n", text.String())

	files := map[string]string{}
	saved, err := d.SaveFigures(func(name, svg string) (string, error) {
		files[name] = svg
		return "a dir/(x)/" + name + ".svg", nil
	})
	require.NoError(t, err)
	require.Equal(t, drawn(), d, "the document itself is as it was")
	require.Equal(t, "<svg/>", files["one"])
	require.Equal(t, "<svg>2</svg>", files["two"])
	require.Contains(t, files[BadgeName], ">54.2 images/s<")
	text.Reset()
	require.NoError(t, Markdown(&text, saved))
	require.Equal(t, `# Figures

![a\]b: 54.2 images/s](a%20dir/%28x%29/badge.svg)

Before.

![It \*says\* \[this\] much.](a%20dir/%28x%29/one.svg)

Between.

<details><summary>More</summary>

![Two.](a%20dir/%28x%29/two.svg)

</details>
`, text.String())
	require.NoError(t, PlainText(&plain, saved))
	require.Equal(t, "Figures\n=======\n\nBefore.\n\nBetween.\n\nMore:\n\n", plain.String())
}

func TestFiguresThatCannotBeSaved(t *testing.T) {
	d, err := drawn().SaveFigures(func(name, _ string) (string, error) {
		if name == "two" {
			return "", errors.New("disk full")
		}
		return name + ".svg", nil
	})
	require.EqualError(t, err, "disk full")
	require.Equal(t, "one.svg", figuresOf(d)[0].Path)
	require.Empty(t, d.Badge.Path, "nothing is saved after an error")
}

func TestFigureNamesAreUnlike(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var blocks []Block
		for _, about := range rapid.SliceOfN(rapid.StringMatching(`[aB ./é-]{0,3}`), 0, 20).Draw(t, "abouts") {
			blocks = append(blocks, Figure{Name: figureName(rapid.SampledFrom([]string{"badge", "curve"}).Draw(t, "kind"), about)})
		}
		tellFiguresApart(blocks)
		var names []string
		for _, b := range blocks {
			name := b.(Figure).Name
			require.Regexp(t, `^[a-z0-9]+(-[a-z0-9]+)*$`, name)
			require.NotEqual(t, BadgeName, name)
			require.False(t, slices.Contains(names, name))
			names = append(names, name)
		}
	})
	require.Equal(t, "curve-a-very-long-name-of-a-model-that-nobody", figureName("curve", "A very long name of a model that nobody has ever seen"))
}

func TestUglyFiguresHarmNothing(t *testing.T) {
	rows := rented(t)
	for i := range rows {
		rows[i].First.Workload.Name = "<script>alert(1)</script>\x00" + strings.Repeat("x", 900)
		rows[i].Throughput = &bench.Estimate{Value: math.Inf(1), Interval: &bench.Interval{Low: math.NaN(), High: math.Inf(1)}, Runs: 3}
	}
	for _, f := range figuresOf(New(rows, options())) {
		require.NotContains(t, f.SVG, "<script")
		require.NotContains(t, f.SVG, "NaN")
		require.LessOrEqual(t, len([]rune(f.Says)), longest+60)
	}
}
