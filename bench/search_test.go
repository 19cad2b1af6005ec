package bench_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/load"
	"github.com/accelbench/accelbench/devices"
)

// seeking is a plan of a search on the engine that takes 20 ms for each sample.
func seeking(scenario bench.ScenarioName, bound time.Duration) bench.Plan {
	p := plan("slow", 150*time.Millisecond)
	p.Scenario, p.FindPeak, p.Repeats, p.Arrivals = scenario, true, 2, bench.Arrivals{}
	p.Limits, p.MinQueries = []bench.Limit{{Metric: load.Latency, Percentile: 0.5, Bound: bound}}, 1
	return p
}

func roles(results []bench.Result) (out []bench.Role) {
	for _, r := range results {
		out = append(out, r.Scenario.Probe.Role)
	}
	return out
}

// Samples wait for one another: with N in flight each takes 20 N ms at least, so that 55 ms are kept by two and never by three.
func TestSearchFindsConcurrency(t *testing.T) {
	clean(t)
	results := slices.Collect(runner().Run(t.Context(), []bench.Plan{seeking(bench.Concurrency, 55*time.Millisecond)}, base()))
	searches := map[string]bool{}
	for i, r := range results {
		require.Equal(t, bench.OK, r.Status, r.Reason)
		require.Equal(t, i, r.Scenario.Probe.Step)
		require.Equal(t, 2, r.Scenario.Probe.Confirm)
		require.Equal(t, bench.Concurrency, r.Scenario.Name)
		require.GreaterOrEqual(t, r.Counts.Samples, int64(11), "as many as one late sample of p50 may be one of")
		searches[r.Scenario.Probe.Search] = true
	}
	require.Len(t, searches, 1, "a search is made once, whatever the repeats")
	require.Equal(t, bench.RoleBracket, results[0].Scenario.Probe.Role)
	require.Equal(t, bench.RoleConfirm, results[len(results)-1].Scenario.Probe.Role)

	peaks := bench.LoadPeaks(results)
	require.Len(t, peaks, 1)
	p := peaks[0]
	require.Equal(t, bench.PeakReached, p.Status, p.Reason)
	require.Equal(t, "in flight", p.Unit)
	require.LessOrEqual(t, *p.Load, 2.0)
	require.LessOrEqual(t, *p.Missed, 3.0)
	require.Equal(t, 2, p.Confirmed)
	require.Equal(t, len(results), p.Tried)
	require.Equal(t, results[0].ID, p.First.ID)

	r := runner()
	start := seeking(bench.Concurrency, 10*time.Millisecond) // nothing keeps to half the time of a sample
	start.Concurrency = 2
	results = slices.Collect(r.Run(t.Context(), []bench.Plan{start}, base()))
	require.Len(t, results, 2)
	require.Equal(t, []int{2, 1}, []int{*results[0].Scenario.Concurrency, *results[1].Scenario.Concurrency})
	p = bench.LoadPeaks(results)[0]
	require.Equal(t, bench.PeakNotReached, p.Status)
	require.Nil(t, p.Load)
	require.Contains(t, p.Reason, "missed even at 1 in flight")
}

// One session answers 50 queries a second at most, so that no more keep the median below 70 ms for long.
func TestSearchFindsRate(t *testing.T) {
	clean(t)
	search := seeking(bench.Server, 70*time.Millisecond)
	search.Duration, search.Repeats = 300*time.Millisecond, 1
	results := slices.Collect(runner().Run(t.Context(), []bench.Plan{search}, base()))
	require.Equal(t, bench.RoleCapacity, results[0].Scenario.Probe.Role)
	require.Equal(t, bench.Offline, results[0].Scenario.Name)
	require.Empty(t, results[0].Limits)
	require.Equal(t, bench.RoleBracket, results[1].Scenario.Probe.Role)
	late := false
	for i, r := range results[1:] {
		require.Equal(t, bench.OK, r.Status, r.Reason)
		require.Equal(t, i+1, r.Scenario.Probe.Step)
		require.Equal(t, bench.Server, r.Scenario.Name)
		require.Len(t, r.Limits, 1)
		late = late || slices.ContainsFunc(r.Validity.Reasons, func(s string) bool { return strings.HasPrefix(s, "generator late") })
	}
	p := bench.LoadPeaks(results)[0]
	require.Equal(t, "queries/s", p.Unit)
	require.Equal(t, len(results)-1, p.Tried)
	if p.Status == bench.PeakNotReached && late { // a machine too busy for any schedule
		require.Contains(t, p.Reason, "generator late")
		return
	}
	require.Equal(t, bench.PeakReached, p.Status, p.Reason)
	require.Less(t, *p.Load, 120.0)
	require.Greater(t, *p.Load, 50.0/1024)
	if !late {
		require.Contains(t, roles(results), bench.RoleBisect)
	}
}

// A rate far below what the device can do is tried, although no search would go there by itself.
func TestSearchStartsAtTheRateGiven(t *testing.T) {
	clean(t)
	search := seeking(bench.Server, time.Second)
	search.Engine, search.Rate, search.Duration, search.Repeats = "good", 0.5, short, 1
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r := runner()
	r.Progress = func(p bench.Progress) {
		if p.Plan.Scenario == bench.Server && p.Stage == bench.StageMeasure {
			cancel() // its first query comes in seconds only
		}
	}
	results := slices.Collect(r.Run(ctx, []bench.Plan{search}, base()))
	require.Len(t, results, 2)
	require.Equal(t, bench.RoleCapacity, results[0].Scenario.Probe.Role)
	require.Equal(t, 0.5, results[1].Scenario.Arrival.RatePerSecond)
}

func TestSearchThatCannotRunEndsNothingElse(t *testing.T) {
	clean(t)
	for _, engine := range []string{"unsupported", "loaderror"} {
		for _, scenario := range []bench.ScenarioName{bench.Server, bench.Concurrency} {
			search := seeking(scenario, time.Second)
			search.Engine = engine
			results := slices.Collect(runner().Run(t.Context(), []bench.Plan{search, plan("good", short)}, base()))
			require.Len(t, results, 2)
			require.NotEqual(t, bench.OK, results[0].Status)
			require.Equal(t, bench.OK, results[1].Status)
			p := bench.LoadPeaks(results)
			require.Len(t, p, 1)
			require.Equal(t, bench.PeakUnfinished, p[0].Status)
			require.Contains(t, p[0].Reason, results[0].Reason)
		}
	}
}

// Runs on a device that is throttled are made again, three in all; when none of a search was ever valid, it ends.
func TestSearchWhereNothingIsValid(t *testing.T) {
	clean(t)
	b := base()
	hot := b.Targets["fake:0"]
	hot.Info = devices.Info{Backend: "fake", ID: "fake:hot"}
	b.Targets["fake:hot"] = hot
	search := seeking(bench.Concurrency, time.Minute)
	search.Device, search.Engine, search.Concurrency, search.Duration = "fake:hot", "good", 2, short
	results := slices.Collect(runner().Run(t.Context(), []bench.Plan{search}, b))
	var tried []int
	for _, r := range results {
		require.Contains(t, r.Validity.Reasons, "the device was throttled: thermal")
		tried = append(tried, *r.Scenario.Concurrency)
	}
	require.Equal(t, []int{2, 2, 2}, tried)
	p := bench.LoadPeaks(results)[0]
	require.Equal(t, bench.PeakUnfinished, p.Status)
	require.Equal(t, "no run was valid: the device was throttled: thermal", p.Reason)
}

func TestSearchInterrupted(t *testing.T) {
	clean(t)
	results := interruptAt(t, runner(), bench.StageMeasure, 50*time.Millisecond, seeking(bench.Concurrency, time.Second), plan("good", short))
	last := results[len(results)-1]
	require.Equal(t, bench.Interrupted, last.Status)
	require.NotNil(t, last.Scenario.Probe, "nothing begins after an interruption")
	require.Equal(t, bench.PeakUnfinished, bench.LoadPeaks(results)[0].Status)
	require.Contains(t, bench.LoadPeaks(results)[0].Reason, "interrupted")
}
