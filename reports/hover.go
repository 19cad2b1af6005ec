package reports

import (
	"fmt"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/price"
	"github.com/accelbench/accelbench/internal/english"
)

// exact writes a number with six significant digits, twice what a table shows.
func exact(x float64) string { return digits(x, 6) }

// throughputHover is the throughput with its interval as low and high end.
func throughputHover(r row) string {
	e, unit := r.Throughput, " "+english.Plural(r.First.Workload.Unit)+"/s"
	if e == nil {
		return ""
	}
	out := exact(e.Value) + unit
	switch {
	case e.Interval != nil:
		out += fmt.Sprintf(", 95 %% interval over %s: %s to %s", english.Count(e.Runs, "run"), exact(e.Interval.Low), exact(e.Interval.High))
	case e.Within != nil:
		out += fmt.Sprintf(", within the one run at least %s to %s", exact(e.Within.Low), exact(e.Within.High))
	}
	return out
}

// latencyHover is a percentile in milliseconds, with its interval and the number of samples.
func latencyHover(d *bench.Distribution, of func(bench.Distribution) bench.Quantile) string {
	if d == nil {
		return ""
	}
	q := of(*d)
	ms := func(ns float64) string { return exact(ns / 1e6) }
	switch {
	case q.Runs != nil:
		return fmt.Sprintf("%s ms, median of %s, 95 %% interval %s to %s ms", ms(q.Runs.Median), english.Count(q.Runs.Runs, "run"),
			ms(q.Runs.Interval.Low), ms(q.Runs.Interval.High))
	case q.Value == nil:
		return ""
	case q.Interval == nil:
		return fmt.Sprintf("%s ms, n = %d", ms(*q.Value), q.Count)
	}
	return fmt.Sprintf("%s ms, within the runs at least %s to %s ms, n = %d", ms(*q.Value), ms(q.Interval.Low), ms(q.Interval.High), q.Count)
}

// quantityHover is a figure of price-performance with its interval.
func quantityHover(q price.Quantity) string {
	if q.Interval == nil {
		return exact(q.Value)
	}
	return fmt.Sprintf("%s, 95 %% interval %s to %s", exact(q.Value), exact(q.Interval.Low), exact(q.Interval.High))
}

// resultHovers are those of the columns of throughput and latency.
func resultHovers() []hover[row] {
	return []hover[row]{
		{"Throughput", throughputHover},
		{"p50", func(r row) string { return latencyHover(r.Latency, p50) }},
		{"p90", func(r row) string { return latencyHover(r.Latency, p90) }},
		{"p99", func(r row) string { return latencyHover(r.Latency, p99) }},
	}
}

func tokenHovers() []hover[row] {
	out := []hover[row]{{"Output tokens/s", throughputHover}}
	for _, q := range []struct {
		name string
		of   func(bench.Distribution) bench.Quantile
	}{{"p50", p50}, {"p90", p90}, {"p99", p99}} {
		out = append(out, hover[row]{"TTFT " + q.name, func(r row) string { return latencyHover(r.TTFT, q.of) }},
			hover[row]{"TPOT " + q.name, func(r row) string { return latencyHover(r.TPOT, q.of) }})
	}
	return out
}

func costHovers() []hover[row] {
	return []hover[row]{
		{"Units/s per USD/h", func(r row) string { return quantityHover(r.Performance.PerDollarHour) }},
		{"Units per USD", func(r row) string { return quantityHover(r.Performance.UnitsPerDollar) }},
		{"USD per million units", func(r row) string { return quantityHover(r.Performance.USDPerMillionUnits) }},
	}
}
