package selftest

import "fmt"

// Unit is the SI unit of a figure.
type Unit string

// A Share is a part of 1: of one CPU, or of a time.
const (
	Seconds Unit = "s"
	Bytes   Unit = "B"
	Share   Unit = "1"
)

// Figure says what is measured and what it is compared with.
type Figure struct {
	// Name is the key in JSON; it ends in the unit, or holds it.
	Name string
	Text string
	Unit Unit
	// AtMost is the bar that the figure is held to; nil if there is none.
	AtMost *float64
	// LoadGen is what MLPerf's LoadGen 6.0.17 took for the same with a null system, tracing off, on another machine: two
	// virtual Zen 4 cores, Linux 6.18. It is nil where that was not measured.
	LoadGen *float64
}

// The waits whose lateness is measured.
const (
	spin  = "spin"
	sleep = "sleep"
)

// rate is a number of queries per second at which lateness is measured, with what LoadGen, which sleeps, took there: the
// percentiles of its lateness in seconds and its share of one CPU.
type rate struct {
	perSecond     float64
	p50, p90, cpu float64
}

func rates() []rate {
	return []rate{
		{perSecond: 1_000, p50: 80.7e-6, p90: 104.1e-6, cpu: 0.03},
		{perSecond: 10_000, p50: 68.2e-6, p90: 88.2e-6, cpu: 0.14},
		{perSecond: 100_000, p50: 44.1e-6, p90: 76.5e-6, cpu: 0.41},
	}
}

const mebi = 1 << 20

// Figures are all figures, in the order in which they are shown.
func Figures() []Figure {
	list := []Figure{
		{"single_stream_overhead_seconds", "single-stream, per query", Seconds, at(150e-9), at(1124e-9)},
		{"server_overhead_seconds", "server behind its schedule, per query", Seconds, at(250e-9), at(1128e-9)},
		{"offline_overhead_seconds_per_sample", "offline, per sample", Seconds, at(40e-9), at(86e-9)},
		{"memory_bytes_10m_queries", "peak memory of 10 million queries", Bytes, at(64 * mebi), at(4465 * mebi)},
		{"after_run_seconds_10m_queries", "work after 10 million queries", Seconds, at(50e-3), at(2.11)},
	}
	for _, wait := range []string{spin, sleep} {
		for _, r := range rates() {
			list = append(list, lateness(wait, r)...)
		}
	}
	return append(list,
		Figure{"queue_handover_p50_seconds", "hand-over to an idle lane by spin, p50", Seconds, nil, nil},
		Figure{"queue_handover_p90_seconds", "hand-over to an idle lane by spin, p90", Seconds, nil, nil},
		Figure{"queue_handover_sleep_p50_seconds", "hand-over to an idle lane by sleep, p50", Seconds, nil, nil},
		Figure{"queue_handover_sleep_p90_seconds", "hand-over to an idle lane by sleep, p90", Seconds, nil, nil},
		Figure{"clock_read_seconds", "reading the clock", Seconds, nil, nil},
		Figure{"clock_resolution_seconds", "least step of the clock", Seconds, nil, nil})
}

func lateness(wait string, r rate) []Figure {
	text := fmt.Sprintf("lateness at %.0f/s by %s", r.perSecond, wait)
	p50, p90 := Figure{latenessName(wait, "p50", r), text + ", p50", Seconds, nil, &r.p50}, Figure{latenessName(wait, "p90", r), text + ", p90", Seconds, nil, &r.p90}
	if wait == spin {
		p50.AtMost, p90.AtMost = at(3e-6), at(10e-6)
	}
	return []Figure{p50, p90,
		{latenessName(wait, "p99", r), text + ", p99", Seconds, nil, nil},
		{cpuName(wait, r), fmt.Sprintf("share of one CPU at %.0f/s by %s", r.perSecond, wait), Share, nil, &r.cpu}}
}

func latenessName(wait, percentile string, r rate) string {
	return fmt.Sprintf("%s_lateness_%s_seconds_at_%.0f_per_second", wait, percentile, r.perSecond)
}

func cpuName(wait string, r rate) string {
	return fmt.Sprintf("%s_cpu_share_at_%.0f_per_second", wait, r.perSecond)
}

func at(x float64) *float64 { return &x }
