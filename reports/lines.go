package reports

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/internal/english"
)

// resultLines are the runs of all rows as they were saved: what stands for a group of devices never was.
func (v view) resultLines() []bench.Result {
	out := []bench.Result{}
	for _, r := range v.all {
		for _, run := range r.runs() {
			if run.Group == nil || run.Group.Index != bench.Whole {
				out = append(out, run)
			}
		}
	}
	return out
}

// checks are the verdicts on the rows, one each; what a search tried on its way is judged by none.
func (v view) checks() []Check {
	out := []Check{}
	for _, r := range v.rows {
		c := Check{Suite: "accelbench run", Name: r.name, Outcome: Passed, Text: english.Joined(": ", verdict(r), strings.Join(r.Reasons, "; "))}
		switch {
		case r.Failed > 0 || r.Invalid > 0:
			c.Outcome = Failed
		case r.Interrupted > 0:
			c.Outcome = Broken
		case r.Valid == 0:
			c.Outcome = Open // unsupported, or ended by a limit
		}
		if c.Outcome == Passed && r.Throughput != nil {
			c.Text = english.Joined(", ", c.Text, r.throughput())
		}
		out = append(out, c)
	}
	return out
}

// benchmarks are the valid runs of the rows. The devices of a group are in the one that stands for them all.
func (v view) benchmarks() []Benchmark {
	out := []Benchmark{}
	taken := map[string]int{}
	for _, r := range v.rows {
		if r.member() || r.Valid == 0 {
			continue
		}
		name, config := benchmarkName(r.First), benchmarkConfig(r.First)
		key := fmt.Sprint(name, config)
		if taken[key]++; taken[key] > 1 {
			name += fmt.Sprintf("/no=%d", taken[key])
		}
		for _, run := range r.runs() {
			if values := figures(run); len(values) > 0 {
				out = append(out, Benchmark{Name: name, Config: config, Runs: run.Counts.Queries, Values: values})
			}
		}
	}
	return out
}

// benchmarkName has what was computed and how it was asked for, in the form of Go's sub-benchmarks.
func benchmarkName(r bench.Result) string {
	parts := []string{capital(r.Workload.Name)}
	add := func(key, value string) {
		if value != "" {
			parts = append(parts, key+"="+strings.ReplaceAll(value, "/", "_"))
		}
	}
	number := func(n *int) string {
		if n == nil || *n == 0 {
			return ""
		}
		return fmt.Sprint(*n)
	}
	add("precision", r.Workload.Precision)
	add("batch", number(&r.Workload.Batch))
	add("seq-len", number(r.Workload.SeqLen))
	add("isl", number(r.Workload.ISL))
	add("osl", number(r.Workload.OSL))
	add("scenario", string(r.Scenario.Name))
	add("concurrency", number(r.Scenario.Concurrency))
	if a := r.Scenario.Arrival; a != nil {
		add("arrival", a.Process)
		add("rate", amount(a.RatePerSecond))
		add("rate-end", maybeText(a.RateEndPerSecond))
	}
	if r.Scenario.Replicas > 1 {
		add("replicas", number(&r.Scenario.Replicas))
	}
	if r.Group != nil && r.Group.Size > 1 {
		add("devices", number(&r.Group.Size))
	}
	return strings.Join(parts, "/")
}

func maybeText(x *float64) string {
	if x == nil {
		return ""
	}
	return amount(*x)
}

// capital begins a name as Go's benchmarks begin.
func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return "Unnamed"
	}
	return string(unicode.ToUpper(r)) + s[n:]
}

// benchmarkConfig is what must be alike for figures to be compared: benchstat makes a table of its own for each configuration.
// Versions are not among it, since those are what people compare.
func benchmarkConfig(r bench.Result) []ConfigLine {
	var out []ConfigLine
	for _, c := range []ConfigLine{
		{"goarch", orEmpty(r.Host.Arch)}, {"cpu", orEmpty(r.Host.CPUModel)}, {"instance-type", orEmpty(r.Cloud.InstanceType)},
		{"device", r.Device.Name}, {"engine", r.Engine.Name},
	} {
		if c.Value != "" {
			out = append(out, c)
		}
	}
	return out
}

func orEmpty(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}

// figures are what one run measured, as the summary of that run alone has them: none if it is not valid.
func figures(run bench.Result) []BenchmarkValue {
	rows := bench.Summarize([]bench.Result{run}, bench.SummarizeOptions{})
	if len(rows) != 1 {
		return nil
	}
	s := rows[0]
	var out []BenchmarkValue
	unit := strings.ReplaceAll(unitName(run), " ", "-")
	if s.Throughput != nil {
		out = append(out, BenchmarkValue{Value: s.Throughput.Value, Unit: english.Plural(unit) + "/s", Higher: true})
	}
	for _, d := range []struct {
		prefix string
		of     *bench.Distribution
	}{{"", s.Latency}, {"ttft-", s.TTFT}, {"tpot-", s.TPOT}} {
		if d.of == nil {
			continue
		}
		for _, q := range []struct {
			name string
			of   bench.Quantile
		}{{"p50", d.of.P50}, {"p90", d.of.P90}, {"p99", d.of.P99}} {
			if q.of.Value != nil {
				out = append(out, BenchmarkValue{Value: *q.of.Value, Unit: d.prefix + q.name + "-ns"})
			}
		}
	}
	if s.Energy != nil {
		out = append(out, BenchmarkValue{Value: s.Energy.JoulesPerUnit, Unit: "J/" + unit})
	}
	return out
}
