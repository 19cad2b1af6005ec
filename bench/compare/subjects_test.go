package compare_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/compare"
	"github.com/accelbench/accelbench/bench/stat"
	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/host"
)

func ptr[T any](x T) *T { return &x }

// latency is that of so many queries of 1 ms to 1 ms and n us.
func latency(t *testing.T, n int) *bench.Latency {
	t.Helper()
	h := stat.NewHistogram()
	for i := range n {
		h.Record(int64(1_000_000 + 1000*(i+1)))
	}
	text, err := h.Encode()
	require.NoError(t, err)
	return &bench.Latency{Histogram: text, Count: h.Count(), MinNS: h.Min(), MaxNS: h.Max()}
}

// run is a valid one with 500 queries in 2 s.
func run(t *testing.T, id string, change func(*bench.Result)) bench.Result {
	t.Helper()
	r := bench.Result{
		Schema: bench.Schema, ID: id, Status: bench.OK, Validity: bench.Validity{Valid: true},
		Tool:  bench.Tool{Version: "v1.2", Commit: "0123456789abcdef0123456789abcdef01234567", Dirty: ptr(true)},
		Host:  host.Host{CPUModel: ptr("EPYC 9R14"), Kernel: ptr("6.1"), MemoryBytes: ptr(uint64(16 << 30))},
		Cloud: host.Cloud{Provider: ptr("aws"), InstanceType: ptr("g6.xlarge")},
		Device: devices.Info{Backend: "nvml", ID: "nvml:0", Name: "NVIDIA L4", Driver: "550",
			Details: []devices.Detail{{Name: "power_limit", Value: 72.0, Unit: "W"}, {Name: "ecc_uncorrected", Value: 3}}},
		Engine: devices.EngineInfo{Name: "onnxruntime", Version: "1.23", Threads: ptr(4),
			Details: []devices.Detail{{Name: devices.LibraryDigest, Value: "abc"}}},
		Workload:  bench.WorkloadInfo{Name: "resnet50", Unit: "image", Precision: "f32", Batch: 4, Hash: "h"},
		Scenario:  bench.Scenario{Name: bench.SingleStream, DurationNS: int64(2 * time.Second), Batching: "static"},
		Counts:    bench.Counts{Queries: 500, Samples: 500, Units: 500},
		ElapsedNS: ptr(int64(2e9)),
		Latency:   latency(t, 500),
	}
	if change != nil {
		change(&r)
	}
	return r
}

func seriesOf(t *testing.T, s compare.Subject, name string) compare.Series {
	t.Helper()
	for _, series := range s.Series {
		if series.Metric.Name == name {
			return series
		}
	}
	require.Fail(t, "no series", "%s of %v", name, s)
	return compare.Series{}
}

func fieldOf(s compare.Subject, name string) compare.Field {
	for _, f := range s.Fields {
		if f.Name == name {
			return f
		}
	}
	return compare.Field{}
}

func TestSubjectOfResults(t *testing.T) {
	subjects, notes := compare.Subjects([]bench.Result{
		run(t, "1", nil),
		run(t, "2", func(r *bench.Result) { r.Latency = latency(t, 100); r.Device.Driver = "555" }),
		run(t, "3", func(r *bench.Result) { r.Status, r.Reason = bench.Failed, "out of memory" }),
		run(t, "4", func(r *bench.Result) { r.Validity = bench.Validity{Reasons: []string{"throttled"}} }),
		run(t, "5", func(r *bench.Result) { r.Ended = bench.EndedLimit }),
	})
	require.Empty(t, notes)
	require.Len(t, subjects, 1)
	s := subjects[0]
	require.Equal(t, "resnet50 f32, batch 4, single-stream with onnxruntime on NVIDIA L4", s.Name)
	require.Equal(t, [2]int{5, 3}, [2]int{s.Runs, s.Bad})
	require.Equal(t, []string{"out of memory", "throttled", "ended before its time: limit"}, s.Reasons)
	require.Equal(t, compare.Series{Metric: compare.Metric{Name: "throughput", Unit: "images/s", Better: compare.Higher, Method: compare.Mean},
		Values: []compare.Value{{X: 250}, {X: 250}}}, seriesOf(t, s, compare.Throughput))
	p50 := seriesOf(t, s, compare.LatencyP50)
	require.Len(t, p50.Values, 2)
	require.InEpsilon(t, 1_251_000, p50.Values[0].X, 0.002)
	p99 := seriesOf(t, s, compare.LatencyP99)
	require.Equal(t, compare.Metric{Name: "latency.p99", Unit: "ns", Better: compare.Lower, Method: compare.Rank}, p99.Metric)
	require.Len(t, p99.Values, 1)
	require.InEpsilon(t, 1_496_000, p99.Values[0].X, 0.002)
	require.Equal(t, "p99 needs 441 samples in a run, had 100", p99.Missing)

	for name, want := range map[string]compare.Field{
		"device": {Value: "NVIDIA L4 (nvml)", Identity: true}, "engine": {Value: "onnxruntime", Identity: true}, "threads": {Value: "4", Identity: true},
		"CPU": {Value: "EPYC 9R14", Identity: true}, "instance": {Value: "aws g6.xlarge", Identity: true}, "definition of the workload": {Value: "h", Identity: true},
		"devices at once": {Value: "1", Identity: true}, "device id": {Value: "nvml:0"}, "driver": {Value: "550 | 555"}, "engine version": {Value: "1.23"},
		"engine: library sha256": {Value: "abc"}, "device: power limit": {Value: "72 W"}, "device: ecc uncorrected": {}, "governor": {},
		"memory": {Value: "16.0 GiB"}, "least duration": {Value: "2s"}, "accelbench": {Value: "v1.2 0123456789 with changes"},
	} {
		got := fieldOf(s, name)
		got.Name = ""
		require.Equal(t, want, got, name)
	}
}

func TestSubjectsAreToldApart(t *testing.T) {
	first, _ := compare.Subjects([]bench.Result{run(t, "1", nil)})
	for name, c := range map[string]struct {
		change    func(*bench.Result)
		key, same bool // the key is another one; the subject is the same
	}{
		"another id":     {change: func(*bench.Result) {}, same: true},
		"driver":         {change: func(r *bench.Result) { r.Device.Driver = "555" }, same: true},
		"engine version": {change: func(r *bench.Result) { r.Engine.Version = "1.24" }, same: true},
		"seed":           {change: func(r *bench.Result) { r.Scenario.Seed = 7 }, same: true},
		"duration":       {change: func(r *bench.Result) { r.Scenario.DurationNS = 1 }, same: true},
		"samples":        {change: func(r *bench.Result) { r.Scenario.SamplesPerQuery = 9 }, same: true},
		"engine":         {change: func(r *bench.Result) { r.Engine.Name = "native" }},
		"device":         {change: func(r *bench.Result) { r.Device.Name = "NVIDIA H100" }},
		"device id":      {change: func(r *bench.Result) { r.Device.ID = "nvml:1" }},
		"threads":        {change: func(r *bench.Result) { r.Engine.Threads = ptr(8) }},
		"hash":           {change: func(r *bench.Result) { r.Workload.Hash = "other" }},
		"instance":       {change: func(r *bench.Result) { r.Cloud.InstanceType = ptr("g6.2xlarge") }},
		"workload":       {change: func(r *bench.Result) { r.Workload.Name = "bert-base" }, key: true},
		"precision":      {change: func(r *bench.Result) { r.Workload.Precision = "int8" }, key: true},
		"batch":          {change: func(r *bench.Result) { r.Workload.Batch = 8 }, key: true},
		"output length":  {change: func(r *bench.Result) { r.Workload.OSL = ptr(8) }, key: true},
		"scenario":       {change: func(r *bench.Result) { r.Scenario.Name = bench.Offline }, key: true},
		"concurrency":    {change: func(r *bench.Result) { r.Scenario.Concurrency = ptr(4) }, key: true},
		"replicas":       {change: func(r *bench.Result) { r.Scenario.Replicas = 2 }, key: true},
		"rate":           {change: func(r *bench.Result) { r.Scenario.Arrival = &bench.Arrival{Process: "poisson", RatePerSecond: 20} }, key: true},
	} {
		t.Run(name, func(t *testing.T) {
			subjects, _ := compare.Subjects([]bench.Result{run(t, "1", nil), run(t, "2", c.change)})
			if c.same {
				require.Len(t, subjects, 1)
				return
			}
			require.Len(t, subjects, 2)
			require.Equal(t, first[0].Key, subjects[0].Key)
			require.Equal(t, c.key, subjects[0].Key != subjects[1].Key)
			if c.key || name == "engine" || name == "device" {
				require.NotEqual(t, subjects[0].Name, subjects[1].Name)
			}
		})
	}
}

func TestThroughputOfAnOpenLoopFollowsFromItsRate(t *testing.T) {
	subjects, _ := compare.Subjects([]bench.Result{run(t, "1", func(r *bench.Result) {
		r.Scenario.Name, r.Scenario.Arrival = bench.Server, &bench.Arrival{Process: "poisson", RatePerSecond: 20}
	})})
	require.Equal(t, "the arrival rate", seriesOf(t, subjects[0], compare.Throughput).Metric.Follows)
	require.Equal(t, "resnet50 f32, batch 4, server, poisson 20/s with onnxruntime on NVIDIA L4", subjects[0].Name)
}

func TestTokensAndEnergy(t *testing.T) {
	start := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	subjects, _ := compare.Subjects([]bench.Result{run(t, "1", func(r *bench.Result) {
		r.ElapsedNS = ptr(int64(10e9))
		r.Phases = &bench.Phases{TTFT: latency(t, 500), TPOT: latency(t, 500)}
		r.Readings = []devices.Reading{{Time: start, EnergyJoules: ptr(100.0)}, {Time: start.Add(10 * time.Second), EnergyJoules: ptr(1100.0)}}
	})})
	for _, name := range []string{compare.TTFTP50, compare.TTFTP99, compare.TPOTP50, compare.TPOTP99} {
		require.Len(t, seriesOf(t, subjects[0], name).Values, 1, name)
	}
	energy := seriesOf(t, subjects[0], compare.JoulesPerUnit)
	require.Equal(t, compare.Metric{Name: "energy.joules_per_unit", Unit: "J/image", Better: compare.Lower, Method: compare.Mean}, energy.Metric)
	require.InDelta(t, 2, energy.Values[0].X, 1e-9)
}

func TestWhatIsNoRunOfItsOwn(t *testing.T) {
	member := func(id, group string, index int) bench.Result {
		return run(t, id, func(r *bench.Result) {
			r.Group = &bench.Group{ID: group, Size: 2, Index: index}
			r.Device.ID = fmt.Sprintf("nvml:%d", index)
		})
	}
	subjects, notes := compare.Subjects([]bench.Result{
		run(t, "1", func(r *bench.Result) { r.Scenario.Probe = &bench.Probe{Search: "s"} }),
		member("2", "g", 0), member("3", "g", 1), member("3", "g", 1), member("4", "half", 0),
	})
	require.Equal(t, []string{"left out, given twice: 1 result", "left out, no repeats of each other: 1 probe of searches",
		"left out, the run of a device is lacking: 1 run on several devices at once"}, notes)
	require.Len(t, subjects, 1)
	require.Equal(t, "resnet50 f32, batch 4, single-stream with onnxruntime on 2 x NVIDIA L4", subjects[0].Name)
	require.InDelta(t, 500, seriesOf(t, subjects[0], compare.Throughput).Values[0].X, 1e-9, "both devices together")
	require.Equal(t, "2", fieldOf(subjects[0], "devices at once").Value)
}

func TestSidesOfAnInterleavedComparison(t *testing.T) {
	var results []bench.Result
	for _, id := range []string{"first", "second"} {
		for round := 1; round <= 3; round++ {
			for _, side := range []string{bench.SideBase, bench.SideHead} {
				results = append(results, run(t, fmt.Sprint(id, side, round), func(r *bench.Result) {
					r.Trial = &bench.Trial{ID: id, Side: side, Pair: 1, Round: round, Place: 1}
					if side == bench.SideHead {
						r.Engine.Name, r.Workload.Precision = "native", "int8"
						r.Counts.Units = 1000
					}
				}))
			}
		}
	}
	base, _ := compare.Subjects(compare.Side(results, bench.SideBase))
	head, _ := compare.Subjects(compare.Side(results, bench.SideHead))
	require.Len(t, base, 2, "comparisons are not mixed")
	for _, f := range base[0].Fields {
		require.False(t, f.Identity, f.Name)
	}
	got := compare.Compare(base, head, compare.Options{Gate: []string{compare.Throughput}})
	require.Empty(t, got.Problems)
	require.Len(t, got.Cases, 2)
	d := got.Cases[0].Deltas[0]
	require.True(t, d.Paired)
	require.Equal(t, [2]int{3, 3}, [2]int{d.BaseRuns, d.HeadRuns})
	require.InDelta(t, 2, *d.Ratio, 1e-9)
	require.Equal(t, compare.Improved, got.Verdict)
	var differs []string
	for _, f := range got.Cases[0].Differences {
		differs = append(differs, f.Field)
	}
	require.Equal(t, "engine workload", strings.Join(differs, " "))
}
