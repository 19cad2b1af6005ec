package reports

import (
	"fmt"
	"slices"
	"strings"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/internal/english"
)

// Finding is something that a reader of the figures should know.
type Finding struct {
	// Kind is failed, invalid, interrupted, unsupported, passed-over, ended, peak, noise, device, price, samples, runs, warning.
	Kind string `json:"kind"`
	// Rows are the rows that it is about; none if it is about all.
	Rows []string `json:"rows,omitempty"`
	Text string   `json:"text"`
}

// shownFindings is the most findings that a reader sees; JSON has them all.
const shownFindings = 30

func findingBlocks(findings []Finding) []Block {
	blocks := []Block{Heading("Findings")}
	var list List
	for _, f := range findings[:min(len(findings), shownFindings)] {
		list = append(list, f.sentence())
	}
	if left := len(findings) - len(list); left > 0 {
		list = append(list, english.Count(left, "further finding")+" left out here; JSON has all.")
	}
	if len(list) == 0 {
		list = List{"None."}
	}
	return append(blocks, list)
}

func (f Finding) sentence() string {
	const most = 6
	rows := strings.Join(f.Rows[:min(len(f.Rows), most)], "; ")
	if left := len(f.Rows) - most; left > 0 {
		rows += fmt.Sprintf("; and %s", english.Count(left, "other row"))
	}
	label := strings.ToUpper(f.Kind[:1]) + f.Kind[1:]
	if rows != "" {
		label += " (" + rows + ")"
	}
	return shorten(label + ": " + f.Text)
}

// findings are in order of weight. Rows with the same text share one.
func (v view) findings() []Finding {
	out := []Finding{} // never null in JSON
	add := func(kind, row, text string) {
		i := slices.IndexFunc(out, func(f Finding) bool { return f.Kind == kind && f.Text == text })
		switch {
		case i < 0 && row == "":
			out = append(out, Finding{Kind: kind, Text: text})
		case i < 0:
			out = append(out, Finding{Kind: kind, Rows: []string{row}, Text: text})
		case row != "" && !slices.Contains(out[i].Rows, row):
			out[i].Rows = append(out[i].Rows, row)
		}
	}
	for _, p := range v.passedOver() {
		add("passed-over", "", p.sentence())
	}
	for _, kind := range []string{"failed", "invalid", "interrupted", "unsupported"} {
		rows := v.all
		if kind == "invalid" {
			rows = v.rows // overload is what a search looks for
		}
		for _, r := range rows {
			for _, reason := range r.reasons(kind) {
				add(kind, r.name, reason)
			}
		}
	}
	for _, p := range v.peaks {
		for _, reason := range v.otherThanOverload(p) {
			add("invalid", v.peakName(p)+", runs of a search", reason)
		}
		if p.Status != bench.PeakReached {
			add("peak", v.peakName(p), p.sentence())
		}
	}
	for _, r := range v.rows {
		for _, text := range r.endings() {
			add("ended", r.name, text)
		}
	}
	for _, text := range v.noise() {
		add("noise", "", text)
	}
	for _, r := range v.rows {
		for _, text := range r.watched() {
			add("device", r.name, text)
		}
	}
	for _, r := range v.rows {
		if p := r.Performance; p != nil {
			for _, caveat := range p.Price.Caveats(v.opts.Now) {
				add("price", "", pricePlace(p.Price)+": "+caveat)
			}
		}
	}
	for _, r := range v.rows {
		var said []string // above, about the price
		if r.Performance != nil {
			said = r.Performance.Price.Caveats(v.opts.Now)
		}
		for _, warning := range r.Warnings {
			if !slices.Contains(said, warning) {
				add("warning", r.name, warning)
			}
		}
	}
	for _, warning := range v.opts.Warnings {
		add("warning", "", warning)
	}
	for _, r := range v.rows {
		if text := r.fewSamples(); text != "" {
			add("samples", r.name, text)
		}
		if r.Throughput != nil && r.Throughput.Runs == 1 {
			add("runs", r.name, "one valid run has no interval and no spread: nobody knows how far the next one would be off; use --repeats")
		}
	}
	if slices.ContainsFunc(v.rows, withinRuns) {
		add("samples", "", "the intervals of percentiles, in CSV and JSON, are within runs and so lower bounds: other runs may differ by more")
	}
	return out
}

// withinRuns tells whether a row has a percentile that is not shown over runs.
func withinRuns(r row) bool {
	if r.Latency == nil {
		return false
	}
	return slices.ContainsFunc([]bench.Quantile{r.Latency.P50, r.Latency.P90, r.Latency.P99}, func(q bench.Quantile) bool {
		return q.Value != nil && q.Runs == nil
	})
}

// reasons are those of the runs that ended in that way, each once.
func (r row) reasons(kind string) []string {
	counted := map[string]int{"failed": r.Failed, "invalid": r.Invalid, "interrupted": r.Interrupted, "unsupported": r.Unsupported}
	if counted[kind] == 0 {
		return nil
	}
	var out, alike []string
	more := map[string]int{}
	add := func(reason string) {
		reason = strings.TrimPrefix(reason, kind+": ") // which the kind says already
		switch pattern := withoutNumbers(reason); {
		case reason == "":
		case slices.Contains(alike, pattern):
			more[pattern]++
		default:
			out, alike = append(out, reason), append(alike, pattern)
		}
	}
	for _, x := range r.runs() {
		switch {
		case string(x.Status) == kind:
			add(x.Reason)
		case kind == "invalid" && x.Status == bench.OK && !x.Validity.Valid:
			for _, reason := range x.Validity.Reasons {
				add(reason)
			}
		}
	}
	if len(out) == 0 {
		out = append(out, "no reason is recorded")
	}
	for i, pattern := range alike {
		if n := more[pattern]; n > 0 {
			out[i] += fmt.Sprintf(" (and %s alike)", english.Count(n, "more run"))
		}
	}
	return out
}

// withoutNumbers is what reasons of the same kind share.
func withoutNumbers(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '.' {
			return -1
		}
		return r
	}, s)
}

// fewSamples says which percentiles a row has too few latencies for.
func (r row) fewSamples() string {
	if r.Latency == nil {
		return ""
	}
	var lacking []string
	for _, q := range []bench.Quantile{r.Latency.P50, r.Latency.P90, r.Latency.P99} {
		if q.Value == nil && q.Needs > 0 {
			lacking = append(lacking, fmt.Sprintf("p%s (needs %d)", digits(100*q.P, 2), q.Needs))
		}
	}
	if len(lacking) == 0 {
		return ""
	}
	return fmt.Sprintf("%s too few for %s; the slowest took %s",
		english.Are(int(r.Latency.P50.Count), "latency"), strings.Join(lacking, ", "), nanoseconds(r.Latency.Max))
}
