package bench_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/devices"
)

// pair is a base with two devices.
func pair() bench.Base {
	b := base()
	second := b.Targets["fake:0"]
	second.Info = devices.Info{Backend: "fake", ID: "fake:1", Name: "fake device"}
	b.Targets["fake:1"] = second
	return b
}

func both(engine string, duration time.Duration) bench.Plan {
	p := plan(engine, duration)
	p.Peers = []string{"fake:1"}
	return p
}

func onBoth(t *testing.T, r *bench.Runner, b bench.Base, plans ...bench.Plan) []bench.Result {
	t.Helper()
	results := slices.Collect(r.Run(t.Context(), plans, b))
	require.Zero(t, len(results)%2)
	for i := 0; i < len(results); i += 2 {
		require.Equal(t, []string{"fake:0", "fake:1"}, []string{results[i].Device.ID, results[i+1].Device.ID})
		require.Equal(t, results[i].Group.ID, results[i+1].Group.ID)
		require.Equal(t, []int{2, 0, 2, 1}, []int{results[i].Group.Size, results[i].Group.Index, results[i+1].Group.Size, results[i+1].Group.Index})
		require.NotEqual(t, results[i].ID, results[i+1].ID)
	}
	return results
}

func TestGroupRunsTogether(t *testing.T) {
	clean(t)
	server, closed := both("good", 2*short), both("good", short)
	server.Scenario, server.Rate, server.Repeats = bench.Server, 400, 2
	closed.Scenario, closed.Concurrency = bench.Concurrency, 3
	results := onBoth(t, runner(), pair(), server, closed)
	require.Len(t, results, 6)
	for _, r := range results {
		require.Equal(t, bench.OK, r.Status, r.Reason)
		require.Positive(t, r.Counts.Samples)
		require.True(t, r.Checks.Passed)
		require.NotNil(t, r.Setup)
	}
	a, b := results[0], results[1]
	require.Equal(t, []float64{200, 200}, []float64{a.Scenario.Arrival.RatePerSecond, b.Scenario.Arrival.RatePerSecond})
	require.NotEqual(t, a.Generator.Hash, b.Generator.Hash, "equal schedules would come in pairs")
	again := results[4:]
	if results[4].Scenario.Name == bench.Concurrency {
		again = results[2:]
	}
	require.NotEqual(t, a.Group.ID, again[0].Group.ID)
	var inFlight []int
	for _, r := range results {
		if r.Scenario.Name == bench.Concurrency {
			inFlight = append(inFlight, *r.Scenario.Concurrency)
			require.LessOrEqual(t, r.Counts.MostInFlight, int64(*r.Scenario.Concurrency))
		}
	}
	require.Equal(t, []int{2, 1}, inFlight)

	// In the rows of the report the two are one device, and each is one.
	rows := bench.Summarize(results[:2], bench.SummarizeOptions{})
	require.Len(t, rows, 3)
	require.Equal(t, "2 x fake", rows[0].First.Device.ID)
	require.Equal(t, a.Counts.Units+b.Counts.Units, rows[0].First.Counts.Units)
}

// The timed part of a fast device begins when the slow one is ready, and not before.
func TestGroupBeginsTogether(t *testing.T) {
	clean(t)
	var stages []string
	r := runner()
	r.Progress = func(p bench.Progress) { stages = append(stages, string(p.Stage)) }
	p := both("good", short)
	results := onBoth(t, r, pair(), p)
	require.Equal(t, bench.OK, results[0].Status, results[0].Reason)
	ready, last := 0, 0
	for i, s := range stages {
		if s == string(bench.StageReady) {
			ready, last = ready+1, i
		}
	}
	require.Equal(t, 2, ready)
	first := slices.Index(stages, string(bench.StageMeasure))
	require.Greater(t, first, slices.Index(stages, string(bench.StageReady)))
	require.NotContains(t, stages[:last], string(bench.StageMeasure))
}

// A device that fails before the start ends the others with its reason, and the sweep goes on.
func TestGroupThatCannotBegin(t *testing.T) {
	clean(t)
	for engine, want := range map[string]struct {
		status bench.Status
		reason string
	}{
		"loaderror": {bench.Failed, "loading tiny"}, "unsupported": {bench.Unsupported, "no such operation"},
		"wrong": {bench.Failed, "wrong output before"},
	} {
		results := onBoth(t, runner(), pair(), both(engine, short), both("good", short))
		require.Len(t, results, 4)
		for _, r := range results[:2] { // both fail, and one of them may have been stopped by the other
			require.NotEqual(t, bench.OK, r.Status)
			require.Regexp(t, want.reason, r.Reason)
		}
		require.True(t, results[0].Status == want.status || results[1].Status == want.status)
		require.Equal(t, bench.OK, results[2].Status, results[2].Reason)
	}

	missing := both("good", time.Hour)
	missing.Peers, missing.Repeats = []string{"fake:9"}, 2
	results := slices.Collect(runner().Run(t.Context(), []bench.Plan{missing}, pair()))
	require.Len(t, results, 2, "it is not repeated")
	require.Equal(t, bench.Failed, results[0].Status)
	require.Equal(t, "not begun, because another device of the same run failed: fake:9: device fake:9: absent", results[0].Reason)
	require.Equal(t, bench.Unsupported, results[1].Status)
	require.Nil(t, results[0].ElapsedNS)
}

// What happens to a device in the timed part is its own.
func TestGroupLosesOneWithin(t *testing.T) {
	clean(t)
	p := both("second-dies", 2*short)
	p.MinQueries = 200 // beyond the call with which it dies, which lies beyond the warm-up
	results := onBoth(t, runner(), pair(), p)
	require.Equal(t, bench.OK, results[0].Status, results[0].Reason)
	require.Positive(t, results[0].Counts.Samples)
	require.Equal(t, bench.Failed, results[1].Status)
	require.Contains(t, results[1].Reason, "killed by signal")
	rows := bench.Summarize(results, bench.SummarizeOptions{})
	require.Equal(t, bench.Failed, rows[0].Status)
	require.Contains(t, rows[0].Reasons[0], "fake:1: the worker died")
}

func TestGroupInterrupted(t *testing.T) {
	clean(t)
	for _, stage := range []bench.Stage{bench.StageMeasure, bench.StageReady, bench.StageLoad} {
		p := both("second-waits", 5*time.Second)
		if stage == bench.StageMeasure {
			p.Engine = "good"
		}
		r := runner()
		r.Grace = 300 * time.Millisecond
		results := interruptOn(t, r, pair(), stage, 100*time.Millisecond, p, p)
		require.Len(t, results, 2)
		for _, r := range results {
			require.Equal(t, bench.Interrupted, r.Status, "%s: %s", stage, r.Reason)
		}
	}
}

func TestConsumerMayBreakWithinAGroup(t *testing.T) {
	clean(t)
	n := 0
	for range runner().Run(t.Context(), []bench.Plan{both("good", short), both("good", short)}, pair()) {
		n++
		break
	}
	require.Equal(t, 1, n)
}
