package bench_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/devices"
)

func TestReplicas(t *testing.T) {
	clean(t)
	for name, c := range map[string]struct {
		scenario    bench.ScenarioName
		service     bench.Service
		lanes       int // 0: no queue
		batching    devices.Batching
		concurrency int
	}{
		"one session alone":       {bench.Offline, bench.Service{}, 0, devices.StaticBatching, 0},
		"offline, three sessions": {bench.Offline, bench.Service{Replicas: 3}, 3, devices.StaticBatching, 0},
		"concurrency":             {bench.Concurrency, bench.Service{}, 1, devices.DynamicBatching, 2},
		"concurrency, one by one": {bench.Concurrency, bench.Service{Batching: devices.StaticBatching}, 1, devices.StaticBatching, 2},
	} {
		t.Run(name, func(t *testing.T) {
			p := plan("good", short)
			p.Scenario, p.Service, p.Concurrency, p.Rate = c.scenario, c.service, c.concurrency, 500
			r := one(t, runner(), p)
			require.Equal(t, bench.OK, r.Status, r.Reason)
			requireValid(t, r)
			require.Len(t, r.Lanes, c.lanes)
			require.Equal(t, string(c.batching), r.Scenario.Batching)
			require.Equal(t, max(c.lanes, 1), r.Scenario.Replicas)
			require.Equal(t, c.batching == devices.DynamicBatching, r.Scenario.MaxWaitNS != nil)
			if r.Scenario.MaxWaitNS != nil {
				require.Equal(t, int64(c.service.MaxWait), *r.Scenario.MaxWaitNS)
			}
			// Each lane is checked before, within and after, each time 8 elements.
			require.GreaterOrEqual(t, r.Checks.Elements, int64(max(c.lanes, 1)*3*8))
			require.True(t, r.Checks.Passed)
			if c.lanes == 0 {
				return
			}
			var samples int64
			for _, lane := range r.Lanes {
				samples += lane.Samples
				require.LessOrEqual(t, lane.BusyNS, *r.ElapsedNS+int64(100*time.Millisecond))
				require.Equal(t, lane.Samples, lane.Batches)
				require.GreaterOrEqual(t, lane.BusyNS, lane.Batches*int64(time.Millisecond))
				require.Positive(t, lane.Batches, "every session works")
			}
			require.Equal(t, r.Counts.Samples, samples, "of the timed part only")
			if c.concurrency > 0 {
				require.LessOrEqual(t, r.Counts.MostInFlight, int64(c.concurrency))
			}
		})
	}
}

// Samples of different queries share executions, and every row is checked.
func TestDynamicBatches(t *testing.T) {
	clean(t)
	p := plan("good", short)
	p.Workload, p.Scenario, p.Options.Batch, p.Concurrency, p.MinQueries = "memcopy", bench.Concurrency, 2, 4, 8
	p.MaxWait = time.Second // four in flight fill batches of two at once
	r := one(t, runner(), p)
	require.Equal(t, bench.OK, r.Status, r.Reason)
	require.Len(t, r.Lanes, 1)
	require.Equal(t, r.Counts.Samples, r.Lanes[0].Samples)
	require.Greater(t, 10*r.Lanes[0].Samples, 15*r.Lanes[0].Batches, "samples share executions")
	require.LessOrEqual(t, r.Lanes[0].Samples, 2*r.Lanes[0].Batches)
	require.Equal(t, int64(time.Second), *r.Scenario.MaxWaitNS)
	require.Equal(t, "golden", r.Checks.Kind)
	require.True(t, r.Checks.Passed)
	require.LessOrEqual(t, r.Counts.MostInFlight, int64(4))
}

// A session that is wrong fails the run, whichever it is.
func TestEveryReplicaIsChecked(t *testing.T) {
	clean(t)
	p := plan("one-lane-wrong", short)
	p.Scenario, p.MinQueries = bench.Offline, 100
	require.Equal(t, bench.OK, one(t, runner(), p).Status, "the first session is right")
	p.Replicas = 3
	r := one(t, runner(), p)
	require.Equal(t, bench.Failed, r.Status)
	require.Regexp(t, "wrong output (within|after) the timed part", r.Reason)
	require.False(t, r.Checks.Passed)
	require.InDelta(t, 1, r.Checks.Error, 0.9)
}

func TestReplicasNeedTheirMemory(t *testing.T) {
	clean(t)
	p := plan("good", short)
	p.Replicas, p.Scenario = 2, bench.Offline
	b := base()
	target := b.Targets["fake:0"]
	w, err := tiny(p)
	require.NoError(t, err)
	one := uint64(w.Memory().Total())
	target.FreeBytes = &one
	b.Targets["fake:0"] = target
	results := slices.Collect(runner().Run(t.Context(), []bench.Plan{p}, b))
	require.Equal(t, bench.Unsupported, results[0].Status)
	require.Contains(t, results[0].Reason, "needs ")
	p.Replicas = 1
	results = slices.Collect(runner().Run(t.Context(), []bench.Plan{p}, b))
	require.Equal(t, bench.OK, results[0].Status, results[0].Reason)
}

// Runs are added while the interval over them is wider than was asked for, and never beyond the most.
func TestTargetIntervalAddsRuns(t *testing.T) {
	clean(t)
	p := plan("good", short)
	p.TargetInterval, p.MaxDuration, p.Repeats, p.MaxRepeats = 1e-9, short, 2, 4
	other := plan("good", short)
	results := slices.Collect(runner().Run(t.Context(), []bench.Plan{p, other}, base()))
	require.Len(t, results, 5)
	var repeats []int
	for _, r := range results {
		require.Equal(t, bench.OK, r.Status, r.Reason)
		if r.Scenario.TargetInterval != nil {
			require.Equal(t, 1e-9, *r.Scenario.TargetInterval)
			require.Equal(t, int64(short), *r.Scenario.MaxDurationNS)
			repeats = append(repeats, r.Repeat)
		}
	}
	require.Equal(t, []int{0, 1, 2, 3}, repeats)

	p.TargetInterval, p.MaxRepeats = 0.999, 50 // a few runs of a fake are more alike than that, on whatever machine
	results = slices.Collect(runner().Run(t.Context(), []bench.Plan{p}, base()))
	require.Less(t, len(results), 50)

	p.MaxRepeats = 4
	p.Engine = "runerror" // runs that do not count never make it tight: the bound holds
	results = slices.Collect(runner().Run(t.Context(), []bench.Plan{p}, base()))
	require.Len(t, results, 4)
	p.Engine = "unsupported"
	require.Len(t, slices.Collect(runner().Run(t.Context(), []bench.Plan{p}, base())), 1)
}

// A run goes on until its own interval is as narrow, to its longest duration.
func TestTargetIntervalLengthensARun(t *testing.T) {
	clean(t)
	p := plan("good", short)
	p.TargetInterval, p.MaxDuration, p.MaxRepeats = 1e-9, 4*short, 1
	r := one(t, runner(), p)
	require.GreaterOrEqual(t, *r.ElapsedNS, int64(4*short))
	p.TargetInterval, p.MaxDuration = 0.999, time.Hour
	require.Equal(t, bench.OK, one(t, runner(), p).Status, "or it would not have ended yet")
}
