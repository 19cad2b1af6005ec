package reports

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/internal/english"
)

// none is what stands where nothing is meant to be: an offline run has no latency.
const none = "–"

// results is the table of what was measured.
func (v view) results() []Block {
	fields := append(v.identity(), []field[row]{
		{"Throughput", Right, func(r row) string { return r.throughput() }},
		{"p50", Right, func(r row) string { return r.latency(p50) }},
		{"p90", Right, func(r row) string { return r.latency(p90) }},
		{"p99", Right, func(r row) string { return r.latency(p99) }},
		{"Of peak", Right, share},
		{"Runs (spread)", Right, func(r row) string { return fmt.Sprint(r.Valid) + spread(r.Throughput) }},
		{"Check", Left, check},
		{"Verdict", Left, verdict},
	}...)
	blocks := []Block{Heading("Results")}
	if !v.severalEngines {
		blocks = append(blocks, Paragraph{Text: "Engine: " + v.engine() + "."})
	}
	blocks = append(blocks, folded(v.rows, fields, resultHovers()...)...)
	for _, note := range v.resultNotes() {
		blocks = append(blocks, Paragraph{Text: note})
	}
	if slices.ContainsFunc(v.rows, func(r row) bool { return r.Invalidated != nil }) {
		blocks = append(blocks, Paragraph{Text: "In parentheses: the throughput of invalid runs, a hint at its size and no result."})
	}
	return blocks
}

// resultNotes say what the table shows beside the usual.
func (v view) resultNotes() []string {
	var out []string
	if n := len(v.all) - len(v.rows); n > 0 {
		out = append(out, "Left out: "+english.Count(n, "row")+" of what searches tried on their way; CSV and JSON have all.")
	}
	if slices.ContainsFunc(v.rows, overRuns) {
		out = append(out, "A percentile with a range is the median of the percentiles of the runs with its 95 % interval over runs, the one that counts.")
	}
	if slices.ContainsFunc(v.rows, func(r row) bool { return r.Throughput != nil && r.Throughput.Within != nil }) {
		out = append(out, "A range within a run, by batch means, is a lower bound of the uncertainty: other runs may differ by more.")
	}
	return append(out, v.warmupCuts()...)
}

func overRuns(r row) bool {
	return r.Latency != nil && (r.Latency.P50.Runs != nil || r.Latency.P90.Runs != nil || r.Latency.P99.Runs != nil)
}

// warmupCuts tell of which rows MSER-5 cut something off, in one sentence.
func (v view) warmupCuts() []string {
	const most = 6
	var cuts []string
	for _, r := range v.rows {
		longest, n := time.Duration(0), 0
		for _, x := range r.runs() {
			if c := x.WarmupCut(); c > 0 && x.Status == bench.OK && x.Validity.Valid {
				longest, n = max(longest, c), n+1
			}
		}
		if n > 0 {
			cuts = append(cuts, fmt.Sprintf("%s (up to %s in %d of %s)", r.name, nanoseconds(float64(longest)), n, english.Count(r.Valid, "run")))
		}
	}
	if len(cuts) == 0 {
		return nil
	}
	text := "Cut off as warm-up by MSER-5, and not in the throughput: " + strings.Join(cuts[:min(len(cuts), most)], "; ")
	if left := len(cuts) - most; left > 0 {
		text += "; and " + english.Count(left, "other row")
	}
	return []string{shorten(text + ".")}
}

// throughput is that of the valid runs, or in parentheses that of the invalid ones.
func (r row) throughput() string {
	unit := r.First.Workload.Unit
	if e := r.Invalidated; e != nil {
		return "(" + throughput(&bench.Estimate{Value: e.Value}, unit) + ")"
	}
	return throughput(r.Throughput, unit)
}

// engine is the one engine of all rows.
func (v view) engine() string {
	e := v.rows[0].First.Engine
	return orNA(engineName(v.rows[0].First)) + kindText(e.Kind)
}

func kindText(kind devices.EngineKind) string {
	if kind == "" {
		return ""
	}
	return " (" + string(kind) + ")"
}

// tokens is the table of the latencies that only decoders have.
func (v view) tokens() []Block {
	var rows []row
	for _, r := range v.rows {
		if r.TTFT != nil || r.TPOT != nil {
			rows = append(rows, r)
		}
	}
	if len(rows) == 0 {
		return nil
	}
	fields := append(v.identity(), field[row]{"Output tokens/s", Right, func(r row) string { return rate(r.Throughput) }})
	for _, q := range []struct {
		name string
		of   func(bench.Distribution) bench.Quantile
	}{{"p50", p50}, {"p90", p90}, {"p99", p99}} {
		fields = append(fields, field[row]{"TTFT " + q.name, Right, func(r row) string { return quantile(r.TTFT, q.of) }})
	}
	for _, q := range []struct {
		name string
		of   func(bench.Distribution) bench.Quantile
	}{{"p50", p50}, {"p90", p90}, {"p99", p99}} {
		fields = append(fields, field[row]{"TPOT " + q.name, Right, func(r row) string { return quantile(r.TPOT, q.of) }})
	}
	blocks := append([]Block{Heading("Token latencies")}, folded(rows, fields, tokenHovers()...)...)
	return append(blocks, Paragraph{Text: "TTFT is the time to the first output token of a query, TPOT the time per output token " +
		"after it, (latency - TTFT) / (tokens - 1)."})
}

// identity are the columns that tell rows apart, as few as do.
func (v view) identity() []field[row] {
	fields := []field[row]{
		{"Workload", Left, func(r row) string { return r.workload }},
		{"Scenario", Left, func(r row) string { return r.scenario }},
	}
	if v.severalEngines {
		fields = append(fields, field[row]{"Engine", Left, func(r row) string { return orNA(r.engine) }})
	}
	if v.severalDevices {
		fields = append(fields, field[row]{"Device", Left, func(r row) string { return v.labels[place(r.First)] }})
	}
	return fields
}

// folded is a table whose rows beyond some are folded away.
func folded[T any](rows []T, fields []field[T], hovers ...hover[T]) []Block {
	t := tableOf(rows, fields, hovers...)
	t.Open = openRows
	return []Block{t}
}

// brief is a table of a section that few readers need in full.
func brief[T any](rows []T, fields []field[T], hovers ...hover[T]) []Block {
	t := tableOf(rows, fields, hovers...)
	t.Open = briefRows
	return []Block{t}
}

// over makes columns of rows columns of what has a row.
func over[T any](fields []field[row], of func(T) row) []field[T] {
	var out []field[T]
	for _, f := range fields {
		out = append(out, field[T]{f.name, f.align, func(x T) string { return f.of(of(x)) }})
	}
	return out
}

func p50(d bench.Distribution) bench.Quantile { return d.P50 }
func p90(d bench.Distribution) bench.Quantile { return d.P90 }
func p99(d bench.Distribution) bench.Quantile { return d.P99 }

// latency is a percentile of a row: unknown where it should be known.
func (r row) latency(of func(bench.Distribution) bench.Quantile) string {
	if r.Latency == nil && r.First.Scenario.Name != bench.Offline {
		return NA
	}
	return quantile(r.Latency, of)
}

func quantile(d *bench.Distribution, of func(bench.Distribution) bench.Quantile) string {
	if d == nil {
		return none
	}
	return quantileText(of(*d))
}

// quantileText is the median over runs with its interval where there are enough runs, else the percentile of all runs together.
func quantileText(q bench.Quantile) string {
	switch {
	case q.Runs != nil:
		return nanosecondRange(q.Runs.Median, q.Runs.Interval.Low, q.Runs.Interval.High)
	case q.Value != nil:
		return nanoseconds(*q.Value)
	case q.Needs > 0:
		return fmt.Sprintf("needs n >= %d", q.Needs)
	}
	return NA
}

// central is the one figure for a percentile: the median over runs, else that of all runs together; nil if unknown.
func central(q bench.Quantile) *float64 {
	if q.Runs != nil {
		return &q.Runs.Median
	}
	return q.Value
}

func rate(e *bench.Estimate) string {
	switch {
	case e == nil:
		return NA
	case e.Interval == nil:
		return number(e.Value)
	}
	return plusMinus(e.Value, e.Interval.High-e.Value)
}

// share is the larger share of a peak and says of which: measured peaks where there are any, else the maker's.
func share(r row) string {
	s := r.Share
	if text := larger(s.MeasuredFLOPs, "FLOP/s", s.MeasuredBytes, "bandwidth"); text != "" {
		if s.MeasuredFLOPs == nil && r.First.Workload.FLOPsPerUnit != nil && *r.First.Workload.FLOPsPerUnit > 0 {
			text += ", FLOP/s " + NA // no peak was measured in this precision
		}
		return text
	}
	return orNA(larger(s.MFU, "spec FLOP/s", s.MBU, "spec bandwidth"))
}

func larger(a *float64, nameA string, b *float64, nameB string) string {
	switch {
	case a == nil && b == nil:
		return ""
	case b == nil || a != nil && *a >= *b:
		return percent(*a) + " " + nameA
	}
	return percent(*b) + " " + nameB
}

func spread(e *bench.Estimate) string {
	if e == nil || e.Spread == nil {
		return ""
	}
	return " (" + percent(*e.Spread) + ")"
}

// worst is the check with the largest error over the runs of a row, a failed one before one that passed; nil without any.
func worst(r row) *bench.Checks {
	var out *bench.Checks
	for _, x := range r.runs() {
		c := x.Checks
		if c != nil && (out == nil || out.Passed && !c.Passed || out.Passed == c.Passed && c.Error > out.Error) {
			out = c
		}
	}
	return out
}

func check(r row) string {
	c := worst(r)
	switch {
	case c == nil && r.outcome() == "valid":
		return "not checked"
	case c == nil || c.Elements == 0:
		return none
	case c.Passed:
		return fmt.Sprintf("ok %s <= %s%s", sci(c.Error), sci(c.Tolerance), checkNote(c))
	case !(c.Error > c.Tolerance): // what is wrong is no number
		return "wrong"
	}
	return fmt.Sprintf("wrong %s > %s", sci(c.Error), sci(c.Tolerance))
}

// verdict is that of the row, and of how many of its runs if not of all.
func verdict(r row) string {
	if n := r.total(); r.Valid > 0 && n != r.Valid {
		return fmt.Sprintf("valid (%d of %d)", r.Valid, n)
	}
	return r.outcome()
}
