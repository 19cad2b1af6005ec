package bench_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/load"
	"github.com/accelbench/accelbench/bench/load/arrival"
	"github.com/accelbench/accelbench/devices"
)

// The lines were written by the version before there were schedules, queues, searches and groups. By hand, as that version summed
// them up: 190, 200 and 210 tokens in 2 s each are 100 +- 12.4207 tokens/s.
func TestOlderResultsMeanTheSame(t *testing.T) {
	results, warnings, err := bench.ReadFile("testdata/before-load.jsonl")
	require.NoError(t, err)
	require.Empty(t, warnings)
	s := single(t, results, bench.SummarizeOptions{})
	require.Equal(t, 3, s.Valid)
	require.InDelta(t, 100, s.Throughput.Value, 1e-9)
	require.InDelta(t, 87.57931144124834, s.Throughput.Interval.Low, 1e-9)
	require.InDelta(t, 112.42068855875166, s.Throughput.Interval.High, 1e-9)
	require.Equal(t, 2000895.0, *s.Latency.P50.Value)
	require.Equal(t, bench.Interval{Low: 1000447, High: 3000000}, *s.Latency.P50.Interval)
	require.Equal(t, 3000.0, *s.TPOT.P50.Value)
	require.InDelta(t, 0.1, *s.Share.MeasuredFLOPs, 1e-12)
	require.InDelta(t, 50, s.Performance.PerDollarHour.Value, 1e-9)
	require.Equal(t, []string{"throughput differs by 10.0 % between runs"}, s.Warnings)
	require.Nil(t, s.Delivery)
	require.Nil(t, s.Occupancy)
	require.Empty(t, s.Limits)
	require.Nil(t, s.Energy)
	require.Empty(t, bench.LoadPeaks(results))

	// A run of today with the same settings is a repeat of them.
	today := results[0]
	today.ID, today.Scenario.Replicas = "today", 1
	require.Len(t, bench.Summarize(append(results, today), bench.SummarizeOptions{}), 1)
	schema := compiled(t)
	for text := range strings.Lines(read(t, "testdata/before-load.jsonl")) {
		require.NoError(t, validate(t, schema, text), "older lines follow the schema of today")
	}
}

func TestCheckOfLoads(t *testing.T) {
	for want, spoil := range map[string]func(*bench.Result){
		"counts.most_in_flight: expected 0 or more, found -1":                func(r *bench.Result) { r.Counts.MostInFlight = -1 },
		"scenario.replicas: expected 0 or more, found -2":                    func(r *bench.Result) { r.Scenario.Replicas = -2 },
		"limits.limit.percentile: expected a share between 0 and 1, found 1": func(r *bench.Result) { r.Limits[0].Limit.Percentile = 1 },
		"limits.limit.percentile: expected a share between 0 and 1, found 0": func(r *bench.Result) { r.Limits[0].Limit.Percentile = 0 },
		"limits.over: expected 0 or more, found -1":                          func(r *bench.Result) { r.Limits[0].Over = ptr(int64(-1)) },
		"scenario.arrival.rate_per_s: expected 0 or more, found -1":          func(r *bench.Result) { r.Scenario.Arrival.RatePerSecond = -1 },
		"scenario.arrival.rate_per_s: expected 0 or more, found NaN":         func(r *bench.Result) { r.Scenario.Arrival.RatePerSecond = math.NaN() },
		"group: expected an index below the size, found 1 of 1":              func(r *bench.Result) { r.Group.Index = 1 },
		"group: expected an index below the size, found -1 of 1":             func(r *bench.Result) { r.Group.Index = bench.Whole },
		"group: expected an index below the size, found 0 of 0":              func(r *bench.Result) { r.Group.Size = 0 },
		"group.id: expected a text":                                          func(r *bench.Result) { r.Group.ID = "" },
		"scenario.probe.search: expected a text":                             func(r *bench.Result) { r.Scenario.Probe.Search = "" },
		"generator.lateness: no histogram of 9 durations: it counts 2":       func(r *bench.Result) { r.Generator.Lateness.Count = 9 },
	} {
		f, err := bench.OpenFile(t.TempDir() + "/r.jsonl")
		require.NoError(t, err)
		r := full(t, 0)
		spoil(&r)
		require.ErrorContains(t, f.Append(r), want)
		require.NoError(t, f.Close())
	}
	r := full(t, 0)
	r.Generator.Lateness, r.Limits[0].Over, r.Group, r.Scenario.Arrival, r.Scenario.Probe = nil, nil, nil, nil, nil
	_, _, err := bench.Read(strings.NewReader(line(t, r)), "x")
	require.NoError(t, err, "what is not known need not be there")
}

func TestIdentitySeparatesLoads(t *testing.T) {
	seen := map[bench.Identity]string{}
	of := func(change func(*bench.Result)) bench.Identity {
		r := full(t, 0)
		change(&r)
		return r.Identity()
	}
	for name, change := range map[string]func(*bench.Result){
		"as it is":       func(*bench.Result) {},
		"rate":           func(r *bench.Result) { r.Scenario.Arrival.RatePerSecond = 26 },
		"end of a ramp":  func(r *bench.Result) { r.Scenario.Arrival.RateEndPerSecond = ptr(60.0) },
		"no ramp":        func(r *bench.Result) { r.Scenario.Arrival.RateEndPerSecond = nil },
		"process":        func(r *bench.Result) { r.Scenario.Arrival.Process = "poisson" },
		"shape":          func(r *bench.Result) { r.Scenario.Arrival.Shape = ptr(2.0) },
		"no schedule":    func(r *bench.Result) { r.Scenario.Arrival = nil },
		"concurrency":    func(r *bench.Result) { r.Scenario.Concurrency = ptr(5) },
		"no concurrency": func(r *bench.Result) { r.Scenario.Concurrency = nil },
		"batching":       func(r *bench.Result) { r.Scenario.Batching = "static" },
		"wait":           func(r *bench.Result) { r.Scenario.MaxWaitNS = ptr(int64(2)) },
		"replicas":       func(r *bench.Result) { r.Scenario.Replicas = 3 },
		"group":          func(r *bench.Result) { r.Group.Size = 2 },
		"search":         func(r *bench.Result) { r.Scenario.Probe.Search = "t" },
		"no search":      func(r *bench.Result) { r.Scenario.Probe = nil },
		"scenario":       func(r *bench.Result) { r.Scenario.Name = bench.Server },
	} {
		id := of(change)
		require.Empty(t, seen[id], "%s is as %s", name, seen[id])
		seen[id] = name
	}
	// Conditions of a run, and what came of it, make no other thing of it.
	same := of(func(*bench.Result) {})
	for name, change := range map[string]func(*bench.Result){
		"seed of the schedule":       func(r *bench.Result) { r.Scenario.Arrival.Seed = 99 },
		"wait of the generator":      func(r *bench.Result) { r.Scenario.Arrival.Wait = bench.WaitSleep },
		"place in the group":         func(r *bench.Result) { r.Group.ID = "h" },
		"step of the search":         func(r *bench.Result) { r.Scenario.Probe.Step, r.Scenario.Probe.Role = 7, bench.RoleConfirm },
		"limits":                     func(r *bench.Result) { r.Limits, r.Ended = nil, "" },
		"target":                     func(r *bench.Result) { r.Scenario.TargetInterval, r.Scenario.MaxDurationNS = nil, nil },
		"preset":                     func(r *bench.Result) { r.Scenario.Preset = "" },
		"no group is a group of one": func(r *bench.Result) { r.Group = nil },
	} {
		require.Equal(t, same, of(change), name)
	}
}

func TestReadPlanLoadWords(t *testing.T) {
	got, err := bench.ReadPlan(strings.NewReader(`workload: gemm
rate: 10
arrival: gamma
shape: 0.5
ramp-to: 20.5
concurrency: 4
batching: dynamic
max-wait: 5ms
replicas: 2
threads: 6
limit: [p99=15ms, ttft-p90=1s]
find-peak: true
target-interval: 1%
max-duration: 1m
max-repeats: 9
runs:
  - scenario: server
  - scenario: concurrency
    sweep: concurrency=1,2,4
    limit: p50=1s
    find-peak: false
`), "p")
	require.NoError(t, err)
	require.Len(t, got.Entries, 2)
	a, b := got.Entries[0], got.Entries[1]
	require.Equal(t, bench.Arrivals{Rate: 10, RateEnd: 20.5, Arrival: arrival.Gamma, Shape: 0.5, Concurrency: 4}, a.Arrivals)
	require.Equal(t, bench.Service{Batching: devices.DynamicBatching, MaxWait: 5 * time.Millisecond, Replicas: 2, Threads: 6}, a.Service)
	require.Equal(t, bench.Length{TargetInterval: 0.01, MaxDuration: time.Minute, MaxRepeats: 9}, a.Length)
	require.Equal(t, []bench.Limit{{Metric: load.Latency, Percentile: 0.99, Bound: 15 * time.Millisecond},
		{Metric: load.TTFT, Percentile: 0.9, Bound: time.Second}}, a.Limits)
	require.True(t, a.FindPeak)
	require.Nil(t, a.Sweep)
	require.Equal(t, a.Service, b.Service)
	require.Equal(t, &bench.Sweep{Scenario: bench.Concurrency, Values: []float64{1, 2, 4}}, b.Sweep)
	require.Len(t, b.Limits, 1, "an entry's own limits take the place of those at the top")
	require.False(t, b.FindPeak)

	for text, want := range map[string]string{
		"rate: 0\n":               "p:1:7: rate: expected a number above 0, found the number 0",
		"rate: -1\n":              "expected a number above 0, found the number -1",
		"rate: fast\n":            `expected a number above 0, found the text "fast"`,
		"rate: .nan\n":            "expected a number above 0",
		"rate: .inf\n":            "expected a number above 0",
		"shape: [1]\n":            "expected a number above 0, found a list",
		"arrival: bursty\n":       `p:1:10: arrival: bad plan: unknown arrival "bursty": known are, nearest first, `,
		"batching: dynamik\n":     `unknown batching "dynamik": known are, nearest first, dynamic, static`,
		"find-peak: yes\n":        `expected true or false, found the text "yes"`,
		"find-peak: 1\n":          "expected true or false, found the number 1",
		"limit: p99\n":            `p:1:8: limit: bad plan: limit "p99": a limit is a percentile with its bound`,
		"limit: [p99=1s, p9]\n":   `limit "p9"`,
		"limit: 5\n":              "expected a text, found the number 5",
		"sweep: batch=1\n":        "write rate=10,20,40 or concurrency=1,2,4",
		"sweep: [1, 2]\n":         "expected a text, found a list",
		"target-interval: 0.01\n": "expected a text, found the number 0.01",
		"target-interval: 100%\n": `"100%" is no percentage`,
		"max-wait: 5\n":           "expected a duration with its unit",
		"concurrency: 0\n":        "expected a whole number of 1 or more",
		"replicas: 1.5\n":         "expected a whole number of 1 or more",
	} {
		_, err := bench.ReadPlan(strings.NewReader(text), "p")
		var syntax *bench.SyntaxError
		require.ErrorAs(t, err, &syntax, text)
		require.ErrorContains(t, err, want)
	}
}

// A plan that goes to a worker and back is the same, whatever load it asks for.
func TestPlansOfLoadsSurviveThePipe(t *testing.T) {
	want := bench.Plan{Device: "a", Peers: []string{"b"}, Engine: "e", Workload: "w", Scenario: bench.Server,
		Arrivals: bench.Arrivals{Rate: 1, RateEnd: 2, Arrival: arrival.Gamma, Shape: 3, Concurrency: 4},
		Service:  bench.Service{Batching: devices.DynamicBatching, MaxWait: 1, Replicas: 2, Threads: 3},
		Length:   bench.Length{Duration: 1, MinQueries: 2, TargetInterval: 0.1, MaxDuration: 3, MaxRepeats: 4},
		Repeats:  1, Seed: 1<<64 - 1, ScheduleSeed: 1<<64 - 2, Limits: p99, FindPeak: true, Preset: "mlperf", Asked: true,
		Probe: &bench.Probe{Search: "s", Step: 1, Role: bench.RoleConfirm, Confirm: 2}}
	text, err := json.Marshal(want)
	require.NoError(t, err)
	var got bench.Plan
	require.NoError(t, json.Unmarshal(text, &got))
	require.Equal(t, want, got)
}
