package rank

import (
	"fmt"
	"slices"
	"strings"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/compare"
	"github.com/accelbench/accelbench/bench/stat"
)

// Metric is a figure by which machines are compared.
type Metric string

// The metrics. Units per second; units per second and USD per hour; units per USD; USD per million units; nanoseconds; joules
// per unit, within the scope of the device's sensors.
const (
	Throughput    Metric = "throughput"
	PerDollarHour Metric = "perf_per_dollar_hour"
	PerDollar     Metric = "units_per_dollar"
	PerMillion    Metric = "usd_per_million_units"
	P50           Metric = "latency.p50"
	P99           Metric = "latency.p99"
	JoulesPerUnit Metric = "joules_per_unit"
)

// Metrics are all of them.
func Metrics() []Metric {
	return []Metric{Throughput, PerDollarHour, PerDollar, PerMillion, P50, P99, JoulesPerUnit}
}

// ParseMetric reads the name of a metric. The error wraps [bench.ErrUnknownName].
func ParseMetric(text string) (Metric, error) {
	return oneOf("metric", text, Metrics())
}

// Better is the direction in which the metric is better.
func (m Metric) Better() compare.Direction {
	switch m {
	case PerMillion, P50, P99, JoulesPerUnit:
		return compare.Lower
	}
	return compare.Higher
}

// Priced tells whether the metric is about money.
func (m Metric) Priced() bool { return m == PerDollarHour || m == PerDollar || m == PerMillion }

// Method is how two samples of the metric are compared.
func (m Metric) Method() compare.Method {
	if m == P50 || m == P99 {
		return compare.Rank
	}
	return compare.Mean
}

// Sample are the figures of one row, one for each run, or for each session where there are sessions enough.
type Sample struct {
	Values   []float64 `json:"values"`
	Runs     int       `json:"runs"`
	Sessions int       `json:"sessions"`
	// PerSession tells that each value is that of a session: the geometric mean, or the median, of its runs. Runs of one session
	// share what differs from day to day and from machine to machine, so that a session is the unit of replication where
	// several were made.
	PerSession bool `json:"per_session"`
}

// Sample takes the figures of the valid runs of a row; without any, the text says why.
func (m Metric) Sample(s bench.Summary) (Sample, string) {
	if reason := m.asked(s); reason != "" {
		return Sample{}, reason
	}
	bySession := map[string][]float64{}
	var order []string
	var out Sample
	for _, r := range s.Results {
		if r.Status != bench.OK || !r.Validity.Valid || r.Ended != "" {
			continue
		}
		x := m.figure(r, s)
		if x == nil || *x <= 0 {
			continue
		}
		if bySession[r.Session] == nil {
			order = append(order, r.Session)
		}
		bySession[r.Session] = append(bySession[r.Session], *x)
		out.Values = append(out.Values, *x)
	}
	out.Runs, out.Sessions = len(out.Values), len(order)
	if out.Runs == 0 {
		return out, m.missing(s)
	}
	if out.Sessions >= m.Method().Least() {
		out.Values, out.PerSession = nil, true
		for _, session := range order {
			out.Values = append(out.Values, m.Value(Sample{Values: bySession[session]}))
		}
	}
	slices.Sort(out.Values) // the same for every order of the runs
	return out, ""
}

// Value is the middle of the sample: the geometric mean, or the median; 0 of none.
func (m Metric) Value(s Sample) float64 {
	x, _ := m.Method().Centre(s.Values)
	return x
}

// figure is that of one run, at the price that the row bears; nil if it is not known.
func (m Metric) figure(r bench.Result, row bench.Summary) *float64 {
	switch m {
	case JoulesPerUnit:
		if x, _, ok := r.JoulesPerUnit(); ok {
			return &x
		}
		return nil
	case P50, P99:
		if r.Latency == nil {
			return nil
		}
		ps, err := r.Latency.Percentiles(m.percentile())
		if err != nil {
			return nil
		}
		return ps[0].NS
	}
	x, ok := r.Throughput()
	switch {
	case !ok:
		return nil
	case !m.Priced():
		return &x
	case row.Performance == nil:
		return nil
	}
	x = m.At(x, row.Performance.Price.AmountUSDPerHour)
	return &x
}

func (m Metric) percentile() float64 {
	if m == P50 {
		return 0.5
	}
	return 0.99
}

// At is a metric about money for a throughput in units per second, above 0, at a price in USD per hour, above 0.
func (m Metric) At(perSecond, usdPerHour float64) float64 {
	switch m {
	case PerDollar:
		return perSecond * 3600 / usdPerHour
	case PerMillion:
		return usdPerHour / (perSecond * 3600) * 1e6
	}
	return perSecond / usdPerHour
}

// asked says of a row under a schedule that its throughput is the rate that was asked for, which is no figure of the machine: twice the
// rate would have been twice the throughput. Of a search it is the highest rate that kept the limits; empty then, and for all else.
func (m Metric) asked(s bench.Summary) string {
	scenario := s.First.Scenario
	if s.Valid == 0 || scenario.Arrival == nil || scenario.Probe != nil || m != Throughput && !m.Priced() {
		return ""
	}
	return fmt.Sprintf("its throughput is the %g/s that were asked for; run --find-peak finds what it can do", scenario.Arrival.RatePerSecond)
}

// missing says why a row has no figure.
func (m Metric) missing(s bench.Summary) string {
	switch {
	case s.Valid == 0:
		return "no valid run"
	case m.Priced() && s.Performance == nil:
		return NoPrice(s)
	case m == JoulesPerUnit && s.Unmetered != "":
		return "energy: " + s.Unmetered
	case m == JoulesPerUnit:
		return "no energy was measured"
	case (m == P50 || m == P99) && s.Latency == nil:
		return "no latency: the " + string(s.First.Scenario.Name) + " scenario has none"
	case m == P50 || m == P99:
		p := m.percentile()
		return fmt.Sprintf("p%.6g needs %d samples in a run", 100*p, stat.MinSamples(p, stat.Confidence))
	}
	return "no throughput"
}

// NoPrice says why a row has no price.
func NoPrice(s bench.Summary) string {
	reason := strings.TrimPrefix(s.Unpriced, "no price: ")
	if reason == "" {
		return "no price"
	}
	return "no price: " + reason
}
