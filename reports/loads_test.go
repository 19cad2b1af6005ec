package reports

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/load"
	"github.com/accelbench/accelbench/devices"
)

func deployed(workload, unit string, scenario bench.ScenarioName) bench.Result {
	r := result(workload, unit, scenario)
	r.Engine = devices.EngineInfo{Name: "onnxruntime", Version: "1.30.0", Kind: devices.Deployed, Threads: ptr(2)}
	return r
}

// served is a run of the server scenario.
func served(rate float64) bench.Result {
	r := deployed("resnet50", "image", bench.Server)
	r.Scenario.Batching, r.Scenario.Replicas = "dynamic", 1
	r.Scenario.Arrival = &bench.Arrival{Process: "poisson", RatePerSecond: rate, Seed: 1, Wait: bench.WaitSleep}
	r.Counts.MostInFlight = 7
	return r
}

func delivery(rate float64) *bench.Delivery {
	return &bench.Delivery{Lateness: *distribution(900, 0.061, 0.07, 0.09), Offered: rate, Issued: rate * 0.9995, Answered: rate * 0.999,
		Awake: 0.013, Hashes: []string{"3f2a9c0011223344", "a9c0011223344556"}}
}

func p99Limit() bench.Limit {
	return bench.Limit{Metric: load.Latency, Percentile: 0.99, Bound: 15 * time.Millisecond}
}

// alone makes a row of a number of runs like the first.
func alone(first bench.Result, runs int, e *bench.Estimate, latency *bench.Distribution) bench.Summary {
	s := summary(first, e, latency)
	s.Results = s.Results[:min(runs, 3)]
	s.Valid = len(s.Results)
	if e != nil {
		e.Runs = s.Valid
	}
	if s.Valid == 1 && e != nil {
		e.Interval, e.Spread = nil, nil
	}
	return s
}

// probed is a row of a search at a rate: its steps in order, which all met the limit or missed it.
func probed(rate float64, over int64, steps map[int]bench.Role, latency *bench.Distribution) bench.Summary {
	first := served(rate)
	first.Latency = &bench.Latency{Count: 900}
	first.Limits = []bench.LimitCount{{Limit: p99Limit(), Over: &over}}
	first.Scenario.MinQueries = 459
	s := bench.Summary{Status: bench.OK, Throughput: estimate(rate, 0.1, 0.01), Latency: latency, Delivery: delivery(rate),
		Limits: []bench.LimitSummary{{Limit: p99Limit(), Samples: 900 * int64(len(steps)), Over: over * int64(len(steps)), Met: over < 2}}}
	for step := range 20 {
		role, ok := steps[step]
		if !ok {
			continue
		}
		r := first
		r.ID = fmt.Sprint("probe", step)
		r.Scenario.Probe = &bench.Probe{Search: "5ea7c4", Step: step, Role: role, Confirm: 3, Least: 0.05, Most: 200}
		if over > 100 {
			r.Ended, r.Validity = bench.EndedLimit, bench.Validity{Reasons: []string{"overloaded: 53 queries/s were offered and 41/s answered"}}
		}
		s.Results = append(s.Results, r)
	}
	s.First, s.Valid, s.Throughput.Runs = s.Results[0], len(s.Results), len(s.Results)
	if s.Valid == 1 {
		s.Throughput.Interval, s.Throughput.Spread = nil, nil
	}
	if !s.First.Validity.Valid {
		s.Valid, s.Invalid, s.Invalidated, s.Throughput, s.Latency, s.Delivery = 0, s.Valid, s.Throughput, nil, nil, nil
		s.Reasons = s.First.Validity.Reasons
	}
	return s
}

func search() []bench.Summary {
	first := deployed("resnet50", "image", bench.Offline)
	first.Scenario.Probe = &bench.Probe{Search: "5ea7c4", Role: bench.RoleCapacity, Confirm: 3}
	return []bench.Summary{
		alone(first, 1, estimate(53.2, 0, 0), nil),
		probed(37.1, 0, map[int]bench.Role{1: bench.RoleBracket, 4: bench.RoleConfirm, 5: bench.RoleConfirm, 6: bench.RoleConfirm},
			distribution(3600, 9.1, 11.2, 13.9)),
		probed(74.2, 300, map[int]bench.Role{2: bench.RoleBracket}, nil),
		probed(38.9, 40, map[int]bench.Role{3: bench.RoleBisect}, distribution(900, 9.9, 13.1, 16.2)),
	}
}

// failedSearch is one whose every load missed the limit.
func failedSearch() []bench.Summary {
	rows := search()[:1]
	return append(rows, probed(37.1, 300, map[int]bench.Role{1: bench.RoleBracket}, nil),
		probed(0.05, 40, map[int]bench.Role{2: bench.RoleBracket}, distribution(900, 19, 23.1, 26.2)))
}

// sweep has its knee at the second of four concurrencies.
func sweep() []bench.Summary {
	var rows []bench.Summary
	for i, x := range []struct {
		concurrency              int
		perSecond, p50, p90, p99 float64
	}{{8, 46.1, 171, 180, 199}, {1, 20.2, 49.1, 50.2, 52.3}, {2, 35.3, 56.4, 58.1, 61.7}, {4, 44.2, 89.9, 93.1, 104}} {
		first := deployed("bert-base", "sequence", bench.Concurrency)
		first.Workload.Batch, first.Counts.MostInFlight = 4, int64(x.concurrency)
		first.Scenario.Batching, first.Scenario.Concurrency, first.Scenario.MaxWaitNS = "dynamic", &x.concurrency, ptr(int64(5e6))
		s := summary(first, estimate(x.perSecond, 0.2, 0.01), distribution(900, x.p50, x.p90, x.p99))
		s.Occupancy = &bench.Occupancy{SamplesPerBatch: min(4, float64(x.concurrency)) * 0.97, Busy: 0.5 + 0.1*float64(i)}
		rows = append(rows, s)
	}
	return rows
}

// machine is two GPUs at once: the whole, then each.
func machine() []bench.Summary {
	var rows []bench.Summary
	for index := bench.Whole; index < 2; index++ {
		r := served(20)
		r.Engine.Threads, r.Peak.Measured, r.DevicesPresent = nil, nil, 2
		r.Noise = bench.Noise{}
		r.Scenario.Arrival.RateEndPerSecond, r.Scenario.Replicas = ptr(100.0), 2
		r.Device = devices.Info{Backend: "nvml", ID: "2 x nvml", Name: "NVIDIA H100 80GB HBM3", MemoryBytes: ptr(uint64(80) << 30)}
		r.Group = &bench.Group{ID: "9", Size: 2, Index: index}
		s := summary(r, estimate(60, 0.4, 0.01), distribution(1800, 7.3, 8.1, 9.4))
		if index != bench.Whole {
			a := *r.Scenario.Arrival
			a.RatePerSecond, a.RateEndPerSecond = 10, ptr(50.0)
			r.Scenario.Arrival, r.Device.ID = &a, fmt.Sprintf("nvml:%d", index)
			s = summary(r, estimate(30, 0.2, 0.01), distribution(900, 7.2, 8.1, 9.4))
			s.Delivery, s.Occupancy = delivery(30), &bench.Occupancy{SamplesPerBatch: 1, Busy: 0.44}
			s.Energy = &bench.Energy{Joules: 12600, Watts: 421, JoulesPerUnit: 14.03, UnitsPerJoule: 1 / 14.03, UnitsPerSecondPerMW: 1e6 / 14.03,
				Source: "counter", Method: "nvml_energy_counter", Ticked: true, CrossCheck: ptr(0.034), IdleWatts: ptr(71.5)}
			s.UnderLoad = &bench.UnderLoad{ClockMHz: ptr(1755.0), MaxClockMHz: ptr(1980.0), TemperatureC: ptr(64.0),
				Throttled: []bench.ThrottledShare{{Reason: "power-cap", Share: 0.412}}, ThrottledSource: "counters",
				PCIeGeneration: ptr(5), PCIeGenerationMax: ptr(5), PCIeWidth: ptr(16), PCIeWidthMax: ptr(16),
				PowerLimitWatts: ptr(700.0), PowerLimitDefaultWatts: ptr(700.0), UtilizationPercent: ptr(99.0),
				TensorActivePercent: ptr(41.3), MemoryBandwidthPercent: ptr(71.0)}
			s.Unpriced = "priced as part of the whole"
		}
		rows = append(rows, s)
	}
	whole := priced(rows[:1], c7i())
	return append(whole, rows[1:]...)
}

// official are rows of the preset mlperf.
func official() []bench.Summary {
	bound := func(d *bench.Distribution) *bench.Distribution {
		for _, q := range []*bench.Quantile{&d.P50, &d.P90, &d.P99} {
			q.BoundNeeds = map[float64]int64{0.5: 11, 0.9: 64, 0.99: 662}[q.P]
			if q.Value != nil && q.Count >= q.BoundNeeds {
				q.Bound = ptr(*q.Value * 1.02)
			}
		}
		return d
	}
	single := deployed("resnet50", "image", bench.SingleStream)
	multi := deployed("resnet50", "image", bench.MultiStream)
	multi.Scenario.SamplesPerQuery = bench.MultiStreamSamples
	server := served(12.5)
	server.Scenario.Arrival.Process, server.Scenario.Arrival.Shape = "gamma", ptr(0.5)
	rows := []bench.Summary{
		alone(single, 1, estimate(8.94, 0, 0), bound(distribution(5400, 111.2, 114.9, 130))),
		alone(multi, 1, estimate(9.9, 0, 0), bound(distribution(500, 880, 901, 950))),
		alone(server, 1, estimate(12.4, 0, 0), bound(distribution(7500, 3.1, 4.4, 6.1))),
	}
	rows[0].Throughput.Within = &bench.Interval{Low: 8.81, High: 9.05}
	rows[2].Limits = []bench.LimitSummary{{Limit: p99Limit(), Samples: 7500, Over: 12, Met: true},
		{Limit: bench.Limit{Metric: load.TTFT, Percentile: 0.999, Bound: 2500 * time.Millisecond}, Samples: 7500, Over: 44}}
	rows[2].Results[0].Ended = bench.EndedOverrun
	rows[2].First = rows[2].Results[0]
	for i := range rows {
		rows[i].First.Scenario.Preset = "mlperf"
	}
	return rows
}

// manyRuns have percentiles over runs, the energy of phases, and a warm-up that MSER-5 finds in the first run.
func manyRuns() []bench.Summary {
	rows := llm()[1:]
	rows[0].Valid = 6
	for _, q := range []*bench.Quantile{&rows[0].Latency.P50, &rows[0].Latency.P90, &rows[0].TTFT.P50} {
		v := *q.Value
		q.Runs = &bench.RunsQuantile{Median: v * 1.001, Interval: bench.Interval{Low: v * 0.98, High: v * 1.03}, Runs: 6}
	}
	rows[0].Energy = &bench.Energy{Joules: 420, Watts: 70.2, JoulesPerUnit: 0.1702, UnitsPerJoule: 1 / 0.1702,
		UnitsPerSecondPerMW: 1e6 / 0.1702, Source: "integrated", Phases: []bench.PhaseEnergy{
			{Name: "prefill", Joules: 120.4, Watts: 88.1, Readings: 20}, {Name: "decode", Joules: 299.6, Watts: 64.8, Readings: 80}}}
	slices := &bench.Buckets{WidthNS: 20e6, Units: make([]int64, 101)}
	for i := range slices.Units {
		slices.Units[i] = 40 + int64(math.Round(3*math.Sin(float64(i))))
		if i < 15 {
			slices.Units[i] = 20
		}
	}
	rows[0].Results[0].Buckets, rows[0].Results[0].Counts = slices, bench.Counts{Samples: 3700, Units: 3700}
	return rows
}

func TestLoadGoldens(t *testing.T) {
	for name, rows := range map[string][]bench.Summary{
		"search": search(), "failed-search": failedSearch(), "sweep": sweep(), "machine": machine(), "mlperf": official(), "runs": manyRuns(),
	} {
		t.Run(name, func(t *testing.T) { goldens(t, "load/"+name, New(rows, options())) })
	}
}

func TestHeadlineTellsThePeak(t *testing.T) {
	headline := New(append(search(), quick()...), options()).Data.(Data).Headline
	require.Contains(t, headline, "keeps p99 <= 15 ms up to 37.1 queries/s (missed at 38.9; 3 of 3 confirming runs): resnet50 f32 (server, poisson 37.1/s, from a search)")
	headline = New(failedSearch(), options()).Data.(Data).Headline
	require.Contains(t, headline, "resnet50 f32, server, poisson: not reached, no load keeps p99 <= 15 ms: missed even at 0.05 queries/s")
	require.Contains(t, New(append(failedSearch(), quick()...), options()).Data.(Data).Headline, "resnet50 f32 (single-stream)")
}

func TestProbesAreNoAlarm(t *testing.T) {
	d := New(search(), options()).Data.(Data)
	require.Len(t, d.Rows, 4)
	for _, f := range d.Findings {
		require.NotContains(t, []string{"invalid", "ended", "peak", "runs"}, f.Kind)
	}
	contended := search()
	contended[3].Results[0].Validity = bench.Validity{Reasons: []string{"overloaded: 38.9", "contended: 2 threads got 1.31 CPUs"}}
	require.Contains(t, New(contended, options()).Data.(Data).Findings, Finding{Kind: "invalid",
		Rows: []string{"resnet50 f32, server, poisson, runs of a search"}, Text: "contended: 2 threads got 1.31 CPUs"})
	stopped := options()
	stopped.Interrupted = true
	require.Equal(t, Paragraph{Text: "The measurement was interrupted after 7 runs; this is what was measured until then.", Strong: true},
		New(search(), stopped).Blocks[1], "no number of runs was planned")
	broken := search()
	broken[2].Results[0].Status, broken[2].Results[0].Reason = bench.Failed, "the worker was killed"
	broken[2].Status, broken[2].Failed, broken[2].Invalid = bench.Failed, 1, 0
	kinds := map[string]bool{}
	for _, f := range New(broken, options()).Data.(Data).Findings {
		kinds[f.Kind] = true
	}
	require.True(t, kinds["failed"], "what broke is told")
	require.True(t, kinds["peak"], "and that the search is unfinished")
}

// A search is judged in the order in which it went: an invalid run that was made again does not count.
func TestSearchesAreJudgedInTheirOrder(t *testing.T) {
	rows := search()
	first := &rows[1].Results[0]
	again := *first
	first.Validity = bench.Validity{Reasons: []string{"contended"}}
	for i := range rows[1:] {
		for j := range rows[i+1].Results {
			probe := *rows[i+1].Results[j].Scenario.Probe
			probe.Step++
			if i == 0 && j == 0 {
				probe.Step = 1
			}
			rows[i+1].Results[j].Scenario.Probe = &probe
		}
	}
	probe := *again.Scenario.Probe
	probe.Step = 2
	again.Scenario.Probe = &probe
	rows[1].Results = append(rows[1].Results, again) // last in the row, second in the search
	peaks := New(rows, options()).Data.(Data).Peaks
	require.Len(t, peaks, 1)
	require.Equal(t, bench.PeakReached, peaks[0].Status)
	require.Equal(t, 37.1, *peaks[0].Load)
}

func TestKnee(t *testing.T) {
	curve := func(rows []bench.Summary) Curve {
		v := newView(rows, options())
		c := v.curves()
		require.Len(t, c, 1)
		return c[0]
	}
	rows := sweep()
	c := curve(rows)
	require.Equal(t, []CurvePoint{{1, 1}, {2, 2}, {4, 3}, {8, 0}}, c.Points)
	require.Equal(t, 2.0, *c.Knee)
	require.True(t, c.Passed)
	v := newView(rows, options())
	require.Contains(t, v.kneeText(c), "The knee is at 2 in flight")

	rising := []bench.Summary{rows[1], rows[2]}
	require.Contains(t, v.kneeText(curve(rising)), "No knee was reached: throughput over median latency is largest at the last load, 2 in flight")
	invalid := sweep()[0]
	invalid.Throughput, invalid.Latency, invalid.Valid, invalid.Invalid = nil, nil, 0, 3
	require.Contains(t, v.kneeText(curve(append(rising, invalid))), "at 2 in flight, the highest load with valid figures")
	none := rows[1]
	none.Latency = nil
	require.Contains(t, v.kneeText(curve([]bench.Summary{none, invalid})), "No knee")
	require.Empty(t, newView(rows[:1], options()).curves(), "one load is no curve")
	require.Empty(t, newView(machine(), options()).curves(), "a ramp has no one load")
	shares := machine()[1:]
	for i := range shares {
		shares[i].First.Scenario.Arrival = &bench.Arrival{Process: "poisson", RatePerSecond: float64(10 + i)}
		shares[i].First.Device.ID = "nvml:0"
	}
	require.Empty(t, newView(shares, options()).curves(), "the devices of a group are no curve of their own")
}
