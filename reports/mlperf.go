package reports

import (
	"fmt"

	"github.com/accelbench/accelbench/bench"
)

// mlperfPreset is the preset with MLPerf's settings.
const mlperfPreset = "mlperf"

// estimateOf is an early-stopping estimate of a row.
type estimateOf struct {
	row
	name string
	q    bench.Quantile
}

// mlperf is the table of what MLPerf would call the result of the rows that were made by its settings: the percentile that each of its
// scenarios reports.
func (v view) mlperf() []Block {
	var all []estimateOf
	preset := false
	for _, r := range v.rows {
		if r.First.Scenario.Preset != mlperfPreset {
			continue
		}
		preset = true
		add := func(name string, d *bench.Distribution, of func(bench.Distribution) bench.Quantile) {
			if d != nil {
				all = append(all, estimateOf{r, name, of(*d)})
			}
		}
		switch r.First.Scenario.Name {
		case bench.SingleStream:
			add("latency p90", r.Latency, p90)
		case bench.MultiStream:
			add("query latency p99", r.Latency, p99)
		case bench.Server:
			add("latency p99", r.Latency, p99)
			add("TTFT p99", r.TTFT, p99)
			add("TPOT p99", r.TPOT, p99)
		}
	}
	if !preset {
		return nil
	}
	blocks := []Block{Heading("MLPerf's settings"), Paragraph{Text: "Preset mlperf: MLPerf's durations, counts and seeds; no MLPerf result."}}
	if len(all) == 0 {
		return blocks
	}
	fields := append(over(v.identity(), func(e estimateOf) row { return e.row }), []field[estimateOf]{
		{"Percentile", Left, func(e estimateOf) string { return e.name }},
		{"Measured", Right, func(e estimateOf) string { return quantileText(e.q) }},
		{"Early-stopping estimate", Right, func(e estimateOf) string { return boundText(e.q) }},
		{"Samples", Right, func(e estimateOf) string { return fmt.Sprint(e.q.Count) }},
		{"Limits", Left, func(e estimateOf) string { return e.limitsMet() }},
	}...)
	blocks = append(blocks, brief(all, fields)...)
	return append(blocks, Paragraph{Text: "The early-stopping estimate is a one-sided 99 % bound under independence: the percentile is not above it."})
}

func boundText(q bench.Quantile) string {
	switch {
	case q.Bound != nil:
		return nanoseconds(*q.Bound)
	case q.BoundNeeds > 0:
		return fmt.Sprintf("needs n >= %d", q.BoundNeeds)
	}
	return NA
}
