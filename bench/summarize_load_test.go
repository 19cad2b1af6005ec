package bench_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/load"
)

// plain is a valid run of a closed loop, alone, with slices of 10 ms.
func plain(t require.TestingT, n int, units ...int64) bench.Result {
	r := full(t, n)
	r.Scenario = bench.Scenario{Name: bench.Concurrency, DurationNS: 1e9, Batching: "dynamic", Replicas: 1, Concurrency: ptr(4)}
	r.Group, r.Ended, r.Phases, r.Generator, r.Limits, r.Price = nil, "", nil, nil, nil, nil
	r.Buckets = &bench.Buckets{WidthNS: 1e7, Units: units}
	r.Counts, r.Workload.Batch = bench.Counts{}, 1
	for _, u := range units {
		r.Counts.Units += u
	}
	r.Counts.Samples = r.Counts.Units
	r.ElapsedNS = ptr(int64(len(units)) * 1e7)
	return r
}

// warming are 100 slices and a last one: the first 20 have 10 units each, the others 100, or 101 by turns.
func warming() []int64 {
	units := make([]int64, 101)
	for i := range units {
		units[i] = 100 + int64(i%2)
		if i < 20 {
			units[i] = 10
		}
	}
	return units
}

// By hand: 20 slices of 10 units, then 40 of 100 and 40 of 101, then the last with 100: 200 + 8040 + 100 units in 1.01 s. Without the
// 0.2 s of warm-up 8140 in 0.81 s.
func TestWarmUpIsCut(t *testing.T) {
	s := single(t, []bench.Result{plain(t, 0, warming()...)}, bench.SummarizeOptions{})
	require.InDelta(t, 8140/0.81, s.Throughput.Value, 1e-6)
	// The rest in ten batches of eight slices has 100.5 units a slice in each: nothing varies.
	require.InDelta(t, 10050, s.Throughput.Within.Low, 1e-6)
	require.InDelta(t, 10050, s.Throughput.Within.High, 1e-6)

	for name, change := range map[string]func(*bench.Result){
		"too few completions":  func(r *bench.Result) { r.Counts.Samples = 1999 },
		"too few batches":      func(r *bench.Result) { r.Workload.Batch = 5 },
		"a schedule's pace":    func(r *bench.Result) { r.Scenario.Name = bench.Server },
		"no slices":            func(r *bench.Result) { r.Buckets = nil },
		"too few slices":       func(r *bench.Result) { r.Buckets.Units = r.Buckets.Units[:40] },
		"slices that say less": func(r *bench.Result) { r.Counts.Samples, r.Buckets.Units = 1999, r.Buckets.Units[:60] },
	} {
		r := plain(t, 0, warming()...)
		change(&r)
		s := single(t, []bench.Result{r}, bench.SummarizeOptions{})
		require.InDelta(t, 8340/1.01, s.Throughput.Value, 1e-6, name)
	}
	r := plain(t, 0, warming()...)
	r.Counts.Samples = 2000
	require.InDelta(t, 8140/0.81, single(t, []bench.Result{r}, bench.SummarizeOptions{}).Throughput.Value, 1e-6)
}

func TestWithinIsForASingleRun(t *testing.T) {
	one := single(t, []bench.Result{plain(t, 0, warming()...)}, bench.SummarizeOptions{})
	require.NotNil(t, one.Throughput.Within)
	require.Nil(t, one.Throughput.Interval)
	two := single(t, []bench.Result{plain(t, 0, warming()...), plain(t, 1, warming()...)}, bench.SummarizeOptions{})
	require.Nil(t, two.Throughput.Within)
	require.NotNil(t, two.Throughput.Interval)
	few := plain(t, 0, warming()[:30]...)
	require.Nil(t, single(t, []bench.Result{few}, bench.SummarizeOptions{}).Throughput.Within)
}

// By hand: the medians of six runs of three latencies are 1 to 6 ms; the median of these is 3.5 ms, and with six the interval of 95 %
// is from the least to the largest.
func TestPercentilesOverRunsNeedSix(t *testing.T) {
	var runs []bench.Result
	for i := range int64(6) {
		r := plain(t, int(i), warming()...)
		values := make([]int64, 100)
		for j := range values {
			values[j] = (6 - i) * 1e6
		}
		r.Latency = latencies(t, values...)
		runs = append(runs, r)
		got := single(t, runs, bench.SummarizeOptions{}).Latency.P50.Runs
		if i < 5 {
			require.Nil(t, got)
			continue
		}
		require.Equal(t, 6, got.Runs)
		require.InEpsilon(t, 3.5e6, got.Median, 1e-3)
		require.InEpsilon(t, 1e6, got.Interval.Low, 1e-3)
		require.InEpsilon(t, 6e6, got.Interval.High, 1e-3)
	}
	s := single(t, runs, bench.SummarizeOptions{})
	require.Nil(t, s.Latency.P99.Runs, "no run has 441 samples")
	require.NotNil(t, s.Latency.P90.Runs)
	runs[3].Latency = latencies(t, 1, 2, 3) // too few for its own percentile
	require.Nil(t, single(t, runs, bench.SummarizeOptions{}).Latency.P50.Runs)
}

// By hand: 50 queries after the first in 2 s scheduled and 2.5 s issued, answered in 4 s, awake for 0.5 s; and 100 in 2 s, 2 s, 2 s, 1 s.
func TestDelivery(t *testing.T) {
	a, b := plain(t, 0, warming()...), plain(t, 1, warming()...)
	a.Counts.Queries, b.Counts.Queries = 51, 101
	a.ElapsedNS, b.ElapsedNS = ptr(int64(4e9)), ptr(int64(2e9))
	a.Generator = &bench.Generator{Lateness: latencies(t, 1000), ScheduledNS: 2e9, IssuedNS: 25e8, Hash: "b", AwakeNS: 5e8}
	b.Generator = &bench.Generator{Lateness: latencies(t, 3000, 4000), ScheduledNS: 2e9, IssuedNS: 2e9, Hash: "a", AwakeNS: 1e9}
	d := single(t, []bench.Result{a, b}, bench.SummarizeOptions{}).Delivery
	require.InDelta(t, (25.0+50)/2, d.Offered, 1e-9)
	require.InDelta(t, (20.0+50)/2, d.Issued, 1e-9)
	require.InDelta(t, (12.5+50)/2, d.Answered, 1e-9)
	require.InDelta(t, (0.2+0.5)/2, d.Awake, 1e-9)
	require.ElementsMatch(t, []string{"a", "b"}, d.Hashes)
	require.Equal(t, int64(3), d.Lateness.P50.Count)
	require.InEpsilon(t, 4000, d.Lateness.Max, 1e-3)

	b.Generator.Hash = "b"
	require.Equal(t, []string{"b"}, single(t, []bench.Result{a, b}, bench.SummarizeOptions{}).Delivery.Hashes)
	a.Generator, b.Generator = nil, nil
	require.Nil(t, single(t, []bench.Result{a, b}, bench.SummarizeOptions{}).Delivery)
	a.Generator = &bench.Generator{Lateness: latencies(t, 1000)} // nothing was issued after the start
	require.Nil(t, single(t, []bench.Result{a}, bench.SummarizeOptions{}).Delivery)
}

// By hand: 30 + 10 + 20 samples in 10 + 10 + 10 batches; busy for 1 of 2 s, 2 of 2 s, and 1 of 4 s.
func TestOccupancy(t *testing.T) {
	a, b := plain(t, 0, warming()...), plain(t, 1, warming()...)
	a.Lanes, a.ElapsedNS = []bench.Lane{{Samples: 30, Batches: 10, BusyNS: 1e9}, {Samples: 10, Batches: 10, BusyNS: 2e9}}, ptr(int64(2e9))
	b.Lanes, b.ElapsedNS = []bench.Lane{{Samples: 20, Batches: 10, BusyNS: 1e9}}, ptr(int64(4e9))
	got := single(t, []bench.Result{a, b}, bench.SummarizeOptions{}).Occupancy
	require.InDelta(t, 2, got.SamplesPerBatch, 1e-12)
	require.InDelta(t, (0.5+1+0.25)/3, got.Busy, 1e-12)
	a.Lanes, b.Lanes = nil, []bench.Lane{{}}
	require.Nil(t, single(t, []bench.Result{a, b}, bench.SummarizeOptions{}).Occupancy)
}

// By hand, with n(t) of early stopping for p50: of 40 samples 12 may miss, of 80 29.
func TestLimitsOverRuns(t *testing.T) {
	limit := bench.Limit{Metric: load.Latency, Percentile: 0.5, Bound: time.Millisecond}
	limited := func(n int, over int64) bench.Result {
		r := plain(t, n, warming()...)
		r.Latency = latencies(t, make([]int64, 40)...)
		r.Limits = []bench.LimitCount{{Limit: limit, Over: &over}}
		return r
	}
	a, b := limited(0, 13), limited(1, 12)
	require.Equal(t, []bench.LimitSummary{{Limit: limit, Samples: 40, Over: 13}}, single(t, []bench.Result{a}, bench.SummarizeOptions{}).Limits)
	require.Equal(t, []bench.LimitSummary{{Limit: limit, Samples: 80, Over: 25, Met: true}},
		single(t, []bench.Result{a, b}, bench.SummarizeOptions{}).Limits)
	require.False(t, single(t, []bench.Result{limited(0, 15), limited(1, 15)}, bench.SummarizeOptions{}).Limits[0].Met)

	// A run that a miss has ended was cut short, so that its counts prove nothing for it.
	a.Ended = bench.EndedLimit
	require.False(t, single(t, []bench.Result{a, limited(1, 0)}, bench.SummarizeOptions{}).Limits[0].Met)
	// An invalid run has seen what it has seen, and a failed one nothing.
	b.Validity = bench.Validity{Reasons: []string{"late"}}
	require.Equal(t, int64(12), single(t, []bench.Result{b}, bench.SummarizeOptions{}).Limits[0].Over)
	b.Status = bench.Failed
	require.Empty(t, single(t, []bench.Result{b}, bench.SummarizeOptions{}).Limits)
	// Another limit of another run is not added.
	c := limited(2, 40)
	c.Limits[0].Limit.Bound = time.Second
	require.Equal(t, int64(0), single(t, []bench.Result{limited(0, 0), c}, bench.SummarizeOptions{}).Limits[0].Over)
	c.Limits[0].Over, c.Limits[0].Limit = nil, limit
	require.False(t, single(t, []bench.Result{c}, bench.SummarizeOptions{}).Limits[0].Met, "nothing was measured")
}
