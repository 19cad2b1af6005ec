package reports

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench/compare"
	"github.com/accelbench/accelbench/bench/price"
)

func throughputMetric() compare.Metric {
	return compare.Metric{Name: "throughput", Unit: "images/s", Better: compare.Higher, Method: compare.Mean}
}

func p99Metric() compare.Metric {
	return compare.Metric{Name: "latency.p99", Unit: "ns", Better: compare.Lower, Method: compare.Rank}
}

// delta is a metric with a ratio whose interval is that much to both sides.
func delta(m compare.Metric, v compare.Verdict, base, ratio, half float64) compare.Delta {
	return compare.Delta{Metric: m, Gated: true, Base: base, Head: base * ratio, BaseRuns: 10, HeadRuns: 10, Paired: true, Ratio: &ratio,
		Interval: &compare.Interval{Low: ratio - half, High: ratio + half}, Confidence: 0.9875, Verdict: v}
}

func comparisonOf(cases ...compare.Case) compare.Comparison {
	return compare.Comparison{Tolerance: 0.03, Confidence: 0.95, Gate: []string{"throughput", "latency.p99"}, Cases: cases}
}

func compareOptions() ComparisonOptions {
	return ComparisonOptions{Base: Side{Name: "v1.jsonl", Files: []string{"v1.jsonl"}}, Head: Side{Name: "v2", Files: []string{"a.jsonl", "b.jsonl"}},
		Command: "accelbench compare v1.jsonl v2"}
}

func resnetCase(deltas ...compare.Delta) compare.Case {
	return compare.Case{Name: "resnet50 f32, offline with onnxruntime on Xeon", Deltas: deltas,
		Base: compare.Subject{IDs: []string{"a"}}, Head: compare.Subject{IDs: []string{"b"}}}
}

// mixed has every verdict, and all that a comparison can have to say.
func mixed() (compare.Comparison, ComparisonOptions) {
	undecided := delta(p99Metric(), compare.Undecided, 18.2e6, 1.02, 0.03)
	undecided.Needs = ptr(6)
	lost := delta(throughputMetric(), compare.Undecided, 9, 1.031, 0.002)
	lost.Reason, lost.Paired = "more than 1000 further runs would be needed: the change is about as large as the tolerance", false
	few := delta(p99Metric(), compare.Undecided, 1e6, 1, 0)
	few.Interval, few.BaseRuns, few.HeadRuns, few.Paired, few.Needs = nil, 3, 2, false, ptr(4)
	few.Reason = "needs 6 runs of each side"
	zero := delta(compare.Metric{Name: "allocs/op", Unit: "allocs/op", Better: compare.Lower}, compare.Regressed, 0, 1, 0)
	zero.Ratio, zero.Interval, zero.Head, zero.Reason = nil, nil, 5, "from 0 to 5"
	slow := delta(throughputMetric(), compare.Regressed, 54.2, 0.949, 0.009)
	p50 := delta(compare.Metric{Name: "latency.p50", Unit: "ns", Better: compare.Lower, Method: compare.Rank}, compare.Regressed, 17e6, 1.05, 0.01)
	p50.Gated = false
	widgets := delta(compare.Metric{Name: "widgets", Unit: "widgets"}, compare.Undecided, 3, 1.5, 0.1)
	widgets.Gated = false
	bert := compare.Case{Name: "bert-base f32, server, poisson 20/s with onnxruntime on Xeon | _x_", Deltas: []compare.Delta{lost, few},
		Differences: []compare.Difference{{Field: "driver", Base: "570.1", Head: "580.2"}, {Field: "device", Base: "A", Head: "B", Identity: true}}}
	resnet := resnetCase(slow, undecided, p50, widgets)
	resnet.Differences = []compare.Difference{{Field: "driver", Base: "570.1", Head: "580.2"}, {Field: "governor", Base: "", Head: "performance"}}
	gemm := compare.Case{Name: "gemm f32, offline with native on Xeon", Deltas: []compare.Delta{
		delta(throughputMetric(), compare.Improved, 10, 1.1, 0.0049), delta(p99Metric(), compare.Unchanged, 5e5, 0.9996, 0.0004), zero}}
	c := comparisonOf(bert, resnet, gemm)
	c.New = []string{"dlrm-v2-capped f32, offline with native on Xeon"}
	c.Problems = []compare.Problem{{Case: "whisper-tiny f32", Metric: "latency.p99", Text: "head does not have it: p99 needs 441 samples in a run, had 6"}}
	c.Notes = []string{"resnet50: 1 of 10 runs of base gave no figures: contended"}
	c.Verdict = compare.Regressed
	opts := compareOptions()
	opts.Warnings = []string{"v1.jsonl:11: the last line was cut short by a crash and is left out"}
	dear := c7i()
	dear.AmountUSDPerHour, dear.InstanceType = 0.12, "c8i.large"
	opts.Worth = []compare.Worth{
		{Case: resnet.Name, Base: price.Of(&price.Quantity{Value: 54.2}, "image", c7i()), Head: price.Of(&price.Quantity{Value: 51.4}, "image", dear),
			Ratio: ptr(0.706), Interval: &compare.Interval{Low: 0.699, High: 0.713}, Confidence: 0.9875, Harness: []string{"native"}},
		{Case: gemm.Name, Unpriced: "this machine is no known cloud instance", Confidence: 0.95},
	}
	return c, opts
}

func TestComparisonGoldens(t *testing.T) {
	c, opts := mixed()
	d := Comparison(c, opts)
	goldens(t, "compare/mixed", d)
	lineGoldens(t, "compare/mixed", d)

	unchanged := comparisonOf(resnetCase(delta(throughputMetric(), compare.Unchanged, 54.2, 1.001, 0.01), delta(p99Metric(), compare.Unchanged, 2e7, 0.99, 0.015)))
	unchanged.Verdict = compare.Unchanged
	golden(t, "compare/unchanged.md", Markdown, Comparison(unchanged, compareOptions()))

	opts = compareOptions()
	opts.Worth = []compare.Worth{{Case: "resnet50", Base: price.Of(&price.Quantity{Value: 10}, "image", c7i()), Head: price.Of(&price.Quantity{Value: 13.4}, "image", c7i()),
		Ratio: ptr(1.34), Interval: &compare.Interval{Low: 1.31, High: 1.37}, Confidence: 0.95}}
	improved := comparisonOf(resnetCase(delta(throughputMetric(), compare.Improved, 10, 1.34, 0.03)))
	improved.Verdict = compare.Improved
	golden(t, "compare/improved.md", Markdown, Comparison(improved, opts))

	refused := comparisonOf()
	refused.Verdict = compare.Undecided
	refused.Problems = []compare.Problem{{Case: "resnet50 f32, offline", Text: "base and head differ in engine (onnxruntime, native); compare them all the same with --allow-mixed", Refused: true}}
	golden(t, "compare/refused.md", Markdown, Comparison(refused, compareOptions()))
	lineGoldens(t, "compare/refused", Comparison(refused, compareOptions()))
}

// TestLostRuns: a verdict that does without some of the runs says so in its first line, and to those that read annotations alone.
func TestLostRuns(t *testing.T) {
	for verdict, want := range map[compare.Verdict]string{
		compare.Unchanged: "Unchanged: 1 metric within 3 %; 4 runs gave no figures",
		compare.Improved:  "Improved: resnet50 f32, offline with onnxruntime on Xeon: throughput 20.0 % higher (19.0 to 21.0); 4 runs gave no figures",
		compare.Undecided: "Undecided: resnet50 f32, offline with onnxruntime on Xeon: throughput 20.0 % higher (19.0 to 21.0); 4 runs gave no figures",
		compare.Regressed: "Regressed: resnet50 f32, offline with onnxruntime on Xeon: throughput 20.0 % higher (19.0 to 21.0); 4 runs gave no figures",
	} {
		one := resnetCase(delta(throughputMetric(), verdict, 54.2, 1.2, 0.01))
		one.Base.Runs, one.Base.Bad, one.Head.Runs, one.Head.Bad = 10, 1, 10, 2
		opts := compareOptions()
		opts.Lost = 1
		d := Comparison(comparisonOf(one), opts)
		require.Equal(t, want, d.Title)
		require.Equal(t, Check{Suite: "accelbench compare", Name: "runs", Outcome: Open, Text: "4 runs gave no figures: the verdicts do without them"},
			d.Checks[len(d.Checks)-1])
	}
}

// TestHeadlines are what a pull request's comment begins with.
func TestHeadlines(t *testing.T) {
	slow := delta(throughputMetric(), compare.Regressed, 54.2, 0.949, 0.009)
	late := delta(p99Metric(), compare.Regressed, 54.2, 1.2, 0.01)
	open := delta(p99Metric(), compare.Undecided, 54.2, 1.02, 0.03)
	open.Needs = ptr(6)
	far := open
	far.Needs = nil
	few := open
	few.Interval, few.Needs = nil, ptr(1)
	even := few
	even.Ratio, even.Paired = ptr(1.0), false
	unpaired := open
	unpaired.Paired, unpaired.Needs = false, ptr(1)
	good := delta(throughputMetric(), compare.Improved, 54.2, 1.2, 0.01)
	same := delta(throughputMetric(), compare.Unchanged, 54.2, 1, 0.01)
	problem := compare.Problem{Case: "resnet50", Text: "gone: base has it and head does not"}
	const resnet = "resnet50 f32, offline with onnxruntime on Xeon: "
	for want, of := range map[string]struct {
		deltas   []compare.Delta
		problems []compare.Problem
	}{
		"Regressed: " + resnet + "throughput 5.1 % lower (4.2 to 6.0)":                                              {[]compare.Delta{slow}, nil},
		"Regressed: " + resnet + "latency.p99 20.0 % higher (19.0 to 21.0), and 1 further metric":                   {[]compare.Delta{slow, late, open}, nil},
		"Regressed: " + resnet + "latency.p99 20.0 % higher (19.0 to 21.0)":                                         {[]compare.Delta{late, good}, []compare.Problem{problem}},
		"Undecided: " + resnet + "latency.p99 +2.0 % (-1.0 to +5.0); about 6 further rounds would decide":           {[]compare.Delta{open, good}, nil},
		"Undecided: " + resnet + "latency.p99 +2.0 % (-1.0 to +5.0)":                                                {[]compare.Delta{far}, nil},
		"Undecided: " + resnet + "latency.p99 +2.0 %, no interval; at least 1 further round to be judged":           {[]compare.Delta{few}, nil},
		"Undecided: " + resnet + "latency.p99 0.0 %, no interval; at least 1 further run of each side to be judged": {[]compare.Delta{even}, nil},
		"Undecided: " + resnet + "latency.p99 +2.0 % (-1.0 to +5.0); about 1 further run of each side would decide": {[]compare.Delta{unpaired}, nil},
		"Improved: " + resnet + "throughput 20.0 % higher (19.0 to 21.0)":                                           {[]compare.Delta{good, same}, nil},
		"Unchanged: 2 metrics within 3 %":                                                                           {[]compare.Delta{same, same}, nil},
		"Could not compare: gone: base has it and head does not: resnet50":                                          {[]compare.Delta{same}, []compare.Problem{problem}},
		"Could not compare: gone: base has it and head does not: resnet50, and 1 further problem":                   {[]compare.Delta{good, open}, []compare.Problem{problem, problem}},
		"Could not compare: nothing was measured that decides":                                                      {nil, nil},
	} {
		c := comparisonOf(resnetCase(of.deltas...))
		c.Problems = of.problems
		d := Comparison(c, compareOptions())
		require.Equal(t, want, d.Title)
		var out bytes.Buffer
		require.NoError(t, Markdown(&out, d))
		first, _, _ := strings.Cut(out.String(), "\n")
		require.Equal(t, "# "+want, first, "the verdict is the first line")
		require.NotEmpty(t, d.Checks)
		passed := true
		for _, check := range d.Checks {
			passed = passed && check.Outcome == Passed
		}
		require.Equal(t, strings.HasPrefix(want, "Improved") || strings.HasPrefix(want, "Unchanged"), passed, "nothing but these passes: %v", d.Checks)
	}
}

func TestChangesInWords(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{changeText(ptr(0.949), &compare.Interval{Low: 0.94, High: 0.958}), "-5.1 % (-6.0 to -4.2)"},
		{changeText(ptr(1.0), nil), "0.0 %"},
		{changeText(ptr(0.9999), nil), "0.0 %"},
		{changeText(ptr(1.00012), &compare.Interval{Low: 1.0001, High: 1.00014}), "+0.012 % (+0.010 to +0.014)"},
		{changeText(ptr(2.0), &compare.Interval{Low: 1, High: 3}), "+100.0 % (0.0 to +200.0)"},
		{changeText(nil, nil), NA},
		{figure(2e-6, "sec/op"), "2.00 µs/op"}, {figure(2e-3, "p99-sec"), "2.00 ms"}, {figure(3, "sec"), "3.00 s"}, {figure(1.5e6, "ns"), "1.50 ms"},
		{figure(2048, "B/op"), "2.00 KiB/op"}, {figure(85.33e6, "B/s"), "85.3 MB/s"}, {figure(12.34, "images/s"), "12.3 images/s"}, {figure(7, ""), "7.00"},
		{level(0.95), "95 %"}, {level(1 - 0.05/3), "98.33 %"}, {level(1 - 0.05/4500), "99.999 %"}, {level(1 - 0.05/45000), "99.9999 %"}, {level(1), "100 %"}, {toleranceText(0.005), "0.5 %"},
	} {
		require.Equal(t, c.want, c.got)
	}
}

// TestALongComparisonStaysReadable: the worst are open, the rest is folded or counted, and a comment on GitHub takes it.
func TestALongComparisonStaysReadable(t *testing.T) {
	c := comparisonOf()
	for i := range 400 {
		k := resnetCase(delta(throughputMetric(), compare.Unchanged, 10, 1, 0.01), delta(p99Metric(), compare.Unchanged, 10, 1, 0.01))
		k.Name += fmt.Sprintf(", no. %d", i)
		if i == 399 {
			k.Deltas[0].Verdict, k.Deltas[0].Ratio = compare.Regressed, ptr(0.5)
		}
		c.Cases = append(c.Cases, k)
		c.Problems = append(c.Problems, compare.Problem{Case: k.Name, Text: strings.Repeat("gone ", 200)})
		c.Notes = append(c.Notes, strings.Repeat("note ", 200))
	}
	d := Comparison(c, compareOptions())
	var out bytes.Buffer
	require.NoError(t, Markdown(&out, d))
	require.Less(t, out.Len(), 64_000)
	_, table, _ := strings.Cut(out.String(), "| Case")
	require.Contains(t, strings.Split(table, "\n")[2], "regressed", "the worst comes first")
	require.Len(t, d.Sheet.Rows, 1200, "CSV has all, problems too")
}

func TestComparisonInJSON(t *testing.T) {
	c, opts := mixed()
	var out bytes.Buffer
	require.NoError(t, JSON(&out, Comparison(c, opts)))
	var data map[string]any
	require.NoError(t, json.Unmarshal(out.Bytes(), &data))
	require.Equal(t, "accelbench.comparison/v1", data["schema"])
	require.Equal(t, "regressed", data["verdict"])
	require.Len(t, data["cases"], 3)
	require.Equal(t, []any{"a.jsonl", "b.jsonl"}, data["head"].(map[string]any)["files"])
}
