package reports

import (
	"strings"

	"github.com/accelbench/accelbench/bench"
)

// loadKeys are how the load came and was served, what it was held to, and what it took.
func loadKeys() []key[row] {
	keys := []key[row]{
		{"name", func(r row) any { return r.name }},
		{"preset", func(r row) any { return r.First.Scenario.Preset }},
		{"arrival", arrived(func(a bench.Arrival) any { return a.Process })},
		{"arrival_shape", arrived(func(a bench.Arrival) any { return value(a.Shape) })},
		{"rate_per_s", arrived(func(a bench.Arrival) any { return a.RatePerSecond })},
		{"rate_end_per_s", arrived(func(a bench.Arrival) any { return value(a.RateEndPerSecond) })},
		{"arrival_wait", arrived(func(a bench.Arrival) any { return a.Wait })},
		{"concurrency", func(r row) any { return value(r.First.Scenario.Concurrency) }},
		{"batching", func(r row) any { return r.First.Scenario.Batching }},
		{"max_wait_ns", func(r row) any { return value(r.First.Scenario.MaxWaitNS) }},
		{"replicas", func(r row) any { return unset(r.First.Scenario.Replicas) }},
		{"devices_at_once", func(r row) any { return r.First.Identity().GroupSize }},
		{"search", func(r row) any { return r.First.Identity().Search }},
		{"at_peak", func(r row) any { return r.atPeak }},
		{"ended_runs", func(r row) any { return r.ended() }},
		{"limits", func(r row) any {
			var out []string
			for _, l := range r.Limits {
				out = append(out, limitText(l.Limit)+" "+limitVerdict(l))
			}
			return strings.Join(out, "; ")
		}},
		{"throughput_within_low_per_s", estimated(func(e bench.Estimate) any { return end(e.Within, low) })},
		{"throughput_within_high_per_s", estimated(func(e bench.Estimate) any { return end(e.Within, high) })},
	}
	for _, d := range []struct {
		name string
		of   func(bench.Delivery) any
	}{
		{"offered_per_s", func(d bench.Delivery) any { return d.Offered }},
		{"issued_per_s", func(d bench.Delivery) any { return d.Issued }},
		{"answered_per_s", func(d bench.Delivery) any { return d.Answered }},
		{"late_p50_ns", func(d bench.Delivery) any { return value(d.Lateness.P50.Value) }},
		{"late_p99_ns", func(d bench.Delivery) any { return value(d.Lateness.P99.Value) }},
		{"late_max_ns", func(d bench.Delivery) any { return d.Lateness.Max }},
		{"generator_awake", func(d bench.Delivery) any { return d.Awake }},
		{"schedule_hashes", func(d bench.Delivery) any { return strings.Join(d.Hashes, " ") }},
	} {
		keys = append(keys, key[row]{d.name, partial(func(r row) *bench.Delivery { return r.Delivery }, d.of)})
	}
	keys = append(keys,
		key[row]{"samples_per_batch", partial(func(r row) *bench.Occupancy { return r.Occupancy }, func(o bench.Occupancy) any { return o.SamplesPerBatch })},
		key[row]{"busy", partial(func(r row) *bench.Occupancy { return r.Occupancy }, func(o bench.Occupancy) any { return o.Busy })})
	for _, e := range []struct {
		name string
		of   func(bench.Energy) any
	}{
		{"energy_joules", func(e bench.Energy) any { return e.Joules }},
		{"mean_watts", func(e bench.Energy) any { return e.Watts }},
		{"joules_per_unit", func(e bench.Energy) any { return e.JoulesPerUnit }},
		{"units_per_joule", func(e bench.Energy) any { return e.UnitsPerJoule }},
		{"units_per_s_per_mw", func(e bench.Energy) any { return e.UnitsPerSecondPerMW }},
		{"idle_watts", func(e bench.Energy) any { return value(e.IdleWatts) }},
		{"energy_cross_check", func(e bench.Energy) any { return value(e.CrossCheck) }},
		{"energy_source", func(e bench.Energy) any { return e.Source }},
		{"energy_method", func(e bench.Energy) any { return e.Method }},
	} {
		keys = append(keys, key[row]{e.name, partial(func(r row) *bench.Energy { return r.Energy }, e.of)})
	}
	keys = append(keys, key[row]{"energy_scope", func(r row) any {
		if r.Energy == nil {
			return nil
		}
		return r.First.Device.Metered()
	}}, key[row]{"unmetered", func(r row) any { return r.Unmetered }})
	keys = append(keys, stateKeys()...)
	for _, d := range []struct {
		prefix string
		of     func(row) *bench.Distribution
	}{
		{"", func(r row) *bench.Distribution { return r.Latency }},
		{"ttft_", func(r row) *bench.Distribution { return r.TTFT }},
		{"tpot_", func(r row) *bench.Distribution { return r.TPOT }},
	} {
		keys = append(keys, runKeys(d.prefix, d.of)...)
	}
	return keys
}

// stateKeys are what the whole machine took, and the state of the device while it worked.
func stateKeys() []key[row] {
	var keys []key[row]
	for _, s := range []struct {
		name string
		of   func(bench.SystemEnergy) any
	}{
		{"system_watts", func(s bench.SystemEnergy) any { return s.Watts }},
		{"system_joules_per_unit", func(s bench.SystemEnergy) any { return s.JoulesPerUnit }},
		{"system_units_per_s_per_mw", func(s bench.SystemEnergy) any { return s.UnitsPerSecondPerMW }},
	} {
		keys = append(keys, key[row]{s.name, partial(func(r row) *bench.SystemEnergy { return r.System }, s.of)})
	}
	for _, u := range []struct {
		name string
		of   func(bench.UnderLoad) any
	}{
		{"clock_mhz", func(u bench.UnderLoad) any { return value(u.ClockMHz) }},
		{"max_clock_mhz", func(u bench.UnderLoad) any { return value(u.MaxClockMHz) }},
		{"throttled", func(u bench.UnderLoad) any { return unknownEmpty(throttledText(u)) }},
		{"hottest_c", func(u bench.UnderLoad) any { return value(u.TemperatureC) }},
		{"pcie_generation", func(u bench.UnderLoad) any { return value(u.PCIeGeneration) }},
		{"pcie_width", func(u bench.UnderLoad) any { return value(u.PCIeWidth) }},
		{"power_limit_watts", func(u bench.UnderLoad) any { return value(u.PowerLimitWatts) }},
	} {
		keys = append(keys, key[row]{u.name, partial(func(r row) *bench.UnderLoad { return r.UnderLoad }, u.of)})
	}
	return keys
}

// unknownEmpty leaves out what is not known, as sheets do.
func unknownEmpty(text string) any {
	if text == NA {
		return nil
	}
	return text
}

// runKeys are the percentiles over runs and MLPerf's early-stopping estimates.
func runKeys(prefix string, of func(row) *bench.Distribution) []key[row] {
	var keys []key[row]
	for _, q := range []struct {
		name string
		of   func(bench.Distribution) bench.Quantile
	}{{"p50", p50}, {"p90", p90}, {"p99", p99}} {
		name := prefix + q.name
		runs := func(get func(bench.RunsQuantile) any) func(row) any {
			return partial(of, func(d bench.Distribution) any {
				if r := q.of(d).Runs; r != nil {
					return get(*r)
				}
				return nil
			})
		}
		keys = append(keys,
			key[row]{name + "_over_runs_ns", runs(func(r bench.RunsQuantile) any { return r.Median })},
			key[row]{name + "_over_runs_low_ns", runs(func(r bench.RunsQuantile) any { return r.Interval.Low })},
			key[row]{name + "_over_runs_high_ns", runs(func(r bench.RunsQuantile) any { return r.Interval.High })},
			key[row]{name + "_early_stopping_ns", partial(of, func(d bench.Distribution) any { return value(q.of(d).Bound) })})
	}
	return keys
}

func arrived(of func(bench.Arrival) any) func(row) any {
	return partial(func(r row) *bench.Arrival { return r.First.Scenario.Arrival }, of)
}

// partial is a value of a part of a row that may be missing.
func partial[T any](part func(row) *T, of func(T) any) func(row) any {
	return func(r row) any {
		if p := part(r); p != nil {
			return of(*p)
		}
		return nil
	}
}
