package compare

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// The metrics of results by name, see [Subjects].
const (
	Throughput    = "throughput"
	LatencyP50    = "latency.p50"
	LatencyP90    = "latency.p90"
	LatencyP99    = "latency.p99"
	TTFTP50       = "ttft.p50"
	TTFTP99       = "ttft.p99"
	TPOTP50       = "tpot.p50"
	TPOTP99       = "tpot.p99"
	JoulesPerUnit = "energy.joules_per_unit"
)

// DefaultGate are the metrics that decide where nothing else is asked for: few and independent of each other.
func DefaultGate() []string { return []string{Throughput, LatencyP99} }

// ofResults are the metrics that results can have.
func ofResults() []string {
	return []string{Throughput, LatencyP50, LatencyP90, LatencyP99, TTFTP50, TTFTP99, TPOTP50, TPOTP99, JoulesPerUnit}
}

// ErrGate is wrapped by the errors about a gate that cannot be kept.
var ErrGate = errors.New("gate")

// CheckGate refuses a gate that names a metric which neither side knows, which follows from another in every subject, or whose better
// direction is not known. The error wraps [ErrGate]. An empty gate is the default one.
func CheckGate(gate []string, base, head []Subject) error {
	var known, measured []string
	for _, s := range slices.Concat(base, head) {
		for _, series := range s.Series {
			if !slices.Contains(known, series.Metric.Name) {
				known = append(known, series.Metric.Name)
			}
			if len(series.Values) > 0 && !slices.Contains(measured, series.Metric.Name) {
				measured = append(measured, series.Metric.Name)
			}
		}
	}
	for _, name := range gate {
		if !slices.Contains(known, name) {
			switch {
			case len(measured) == 0:
				return fmt.Errorf("%w: no metric is called %q: there are none", ErrGate, name)
			case slices.Contains(ofResults(), name):
				return fmt.Errorf("%w: neither side has %s: there are %s", ErrGate, name, strings.Join(measured, ", "))
			}
			return fmt.Errorf("%w: no metric is called %q: there are %s", ErrGate, name, strings.Join(measured, ", "))
		}
		if reason := refusal(name, slices.Concat(base, head)); reason != "" {
			return fmt.Errorf("%w: %s %s", ErrGate, name, reason)
		}
	}
	return nil
}

// refusal says why a metric can decide in no subject.
func refusal(name string, subjects []Subject) string {
	reason := ""
	for _, s := range subjects {
		switch m := s.series(name).Metric; {
		case m.Name == "":
		case m.decides():
			return ""
		case m.Follows != "":
			reason = "follows from " + m.Follows + " and is never gated"
		default:
			reason = "cannot decide: which way it is better is not known"
		}
	}
	return reason
}

func (m Metric) decides() bool { return m.Follows == "" && m.Better != "" }

// gateOf names the metrics that decide a case.
func gateOf(p pair, asked []string) []string {
	named, usual := false, DefaultGate()
	var measured, out []string
	for _, m := range metricsOf(p.base, p.head) {
		named = named || slices.Contains(usual, m.Name)
		if !m.decides() {
			continue
		}
		measured = append(measured, m.Name)
		if slices.Contains(usual, m.Name) && len(asked) == 0 || slices.Contains(asked, m.Name) {
			out = append(out, m.Name)
		}
	}
	if len(asked) == 0 && !named {
		return measured
	}
	return out
}
