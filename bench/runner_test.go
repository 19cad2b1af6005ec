package bench_test

import (
	"context"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/stat"
	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/workloads"
)

const short = 60 * time.Millisecond

// clean fails the test if goroutines or child processes are left.
func clean(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Cleanup(func() {
		for limit := time.Now().Add(3 * time.Second); runtime.NumGoroutine() > before && time.Now().Before(limit); {
			time.Sleep(5 * time.Millisecond)
		}
		require.LessOrEqual(t, runtime.NumGoroutine(), before, "goroutines left")
		_, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil)
		require.ErrorIs(t, err, syscall.ECHILD, "a child process is left")
	})
}

func one(t *testing.T, r *bench.Runner, p bench.Plan) bench.Result {
	t.Helper()
	results := slices.Collect(r.Run(t.Context(), []bench.Plan{p}, base()))
	require.Len(t, results, 1)
	return results[0]
}

// requireValid allows for a machine so busy that the load generator was late, which says nothing about the rest.
func requireValid(t *testing.T, r bench.Result) {
	t.Helper()
	for _, reason := range r.Validity.Reasons {
		require.True(t, r.Scenario.Name == bench.Server && strings.HasPrefix(reason, "generator late: "), reason)
	}
	require.Equal(t, len(r.Validity.Reasons) == 0, r.Validity.Valid)
}

func total(xs []int64) (sum int64) {
	for _, x := range xs {
		sum += x
	}
	return sum
}

func TestRunMeasures(t *testing.T) {
	clean(t)
	for _, scenario := range bench.Scenarios() {
		p := plan("good", short)
		p.Scenario, p.Asked = scenario, true
		r := one(t, runner(), p)
		require.Equal(t, bench.OK, r.Status, r.Reason)
		requireValid(t, r)
		require.Equal(t, bench.Schema, r.Schema)
		require.Equal(t, "session", r.Session)
		require.NotEmpty(t, r.ID)
		require.True(t, r.Asked)
		require.Equal(t, 2, r.DevicesPresent)
		require.Equal(t, base().PassedOver, r.PassedOver)
		require.Equal(t, "no price given", r.Unpriced)
		require.Equal(t, "fake:0", r.Device.ID)
		require.Equal(t, "good", r.Engine.Name)
		require.Equal(t, "1", r.Engine.Version)
		require.Equal(t, "a copy", r.Workload.Title)
		require.Equal(t, scenario, r.Scenario.Name)

		require.GreaterOrEqual(t, *r.ElapsedNS, int64(short))
		require.Positive(t, r.Counts.Samples)
		require.Equal(t, 2*r.Counts.Samples, r.Counts.Units)
		require.Equal(t, r.Counts.Units, total(r.Buckets.Units))
		require.Zero(t, r.Counts.Errors)
		require.Positive(t, *r.Scenario.WarmupNS)
		require.Positive(t, r.Setup.FirstQueryNS)
		require.GreaterOrEqual(t, len(r.Readings), 2)
		require.NotNil(t, r.Noise.CPUOverWall)
		require.Nil(t, r.Noise.StealFraction)
		require.Equal(t, "reference", r.Checks.Kind)
		require.True(t, r.Checks.Passed)
		// Each sample of the pool before, as far as time allows, one within, one after.
		require.Zero(t, r.Checks.Elements%8)
		require.GreaterOrEqual(t, r.Checks.Elements, int64(3*8))
		require.LessOrEqual(t, r.Checks.Elements, int64(5*8))
		require.Nil(t, r.Phases)
		if scenario == bench.Offline {
			require.Nil(t, r.Latency)
			continue
		}
		require.Equal(t, r.Counts.Queries, r.Latency.Count)
		require.GreaterOrEqual(t, r.Latency.MinNS, int64(time.Millisecond))
		_, err := stat.DecodeHistogram(r.Latency.Histogram, r.Latency.MinNS, r.Latency.MaxNS)
		require.NoError(t, err)
	}
}

// TestBadLuck makes runs with everything that can happen to a worker, one after another: the sweep goes on.
func TestBadLuck(t *testing.T) {
	clean(t)
	cases := []struct {
		engine, workload, device string
		precision                string
		want                     bench.Status
		reason                   string // a part of it
	}{
		{engine: "wrong", want: bench.Failed, reason: "wrong output before the timed part, call 0: error "},
		{engine: "wrong-later", want: bench.Failed, reason: "wrong output within the timed part"},
		{engine: "lazy", want: bench.Failed, reason: "wrong output "},
		{engine: "loaderror", want: bench.Failed, reason: "loading tiny"},
		{engine: "runerror", want: bench.Failed, reason: "running call 0 of tiny"},
		{engine: "panic", want: bench.Failed, reason: "the worker died: exit code 2: panic: fault asked for by the test"},
		{engine: "exit", want: bench.Failed, reason: "the worker died: exit code 7"},
		{engine: "killed", want: bench.Failed, reason: "the worker died: killed by signal: killed (out of memory?)"},
		{engine: "segfault", want: bench.Failed, reason: "exit code 2: vendor library: assertion failed / SIGABRT: abort"},
		{engine: "garbage", want: bench.Failed, reason: `the worker wrote what is no event: "hello"`},
		{engine: "chatty", want: bench.OK},
		{engine: "unsupported", want: bench.Unsupported, reason: "no such operation"},
		{engine: "absent", want: bench.Unsupported, reason: "libfake.so"},
		{engine: "nonesuch", want: bench.Failed, reason: `unknown engine "nonesuch"`},
		{engine: "good", workload: "huge", want: bench.Unsupported, reason: "needs 1024.0 GiB, 16.0 GiB available on fake:0"},
		{engine: "good", workload: "nonesuch", want: bench.Failed, reason: `unknown workload "nonesuch"`},
		{engine: "good", precision: "f8", want: bench.Unsupported, reason: `precision "f8"`},
		{engine: "good", device: "fake:7", want: bench.Unsupported, reason: "device fake:7: absent"},
		{engine: "good", want: bench.OK},
	}
	var plans []bench.Plan
	for _, c := range cases {
		p := plan(c.engine, short)
		p.Options.Precision = c.precision
		if c.workload != "" {
			p.Workload = c.workload
		}
		if c.device != "" {
			p.Device = c.device
		}
		plans = append(plans, p)
	}
	results := slices.Collect(runner().Run(t.Context(), plans, base()))
	require.Len(t, results, len(cases))
	for i, c := range cases {
		r := results[i]
		require.Equal(t, c.want, r.Status, "%s: %s", c.engine, r.Reason)
		require.Contains(t, r.Reason, c.reason)
		require.Equal(t, c.want == bench.OK, r.Validity.Valid, "%s: %v", c.engine, r.Validity.Reasons)
		require.Equal(t, plans[i].Device, r.Device.ID)
		require.Equal(t, c.engine, r.Engine.Name)
	}
	require.False(t, results[0].Checks.Passed)
	require.InDelta(t, 0.01, results[0].Checks.Error, 0.01)
	require.NotNil(t, results[1].ElapsedNS, "what was measured before the check failed is kept")
}

func TestHangIsKilledAndNotRepeated(t *testing.T) {
	clean(t)
	for _, engine := range []string{"hang", "deaf"} {
		r := runner()
		r.Deadline = func(bench.Plan, *workloads.Workload) time.Duration { return time.Second }
		p := plan(engine, short)
		p.Repeats = 3
		result := one(t, r, p)
		require.Equal(t, bench.Failed, result.Status)
		require.Equal(t, "no answer within 1s (stage measure): the worker was killed", result.Reason)
	}
}

// TestHangingQueryIsGivenUp has a worker that notices the hang itself; the sweep goes on with other plans.
func TestHangingQueryIsGivenUp(t *testing.T) {
	clean(t)
	for _, engine := range []string{"hang", "deaf"} {
		p := plan(engine, short)
		p.Repeats, p.QueryDeadline = 3, 300*time.Millisecond
		results := slices.Collect(runner().Run(t.Context(), []bench.Plan{p, plan("good", short)}, base()))
		require.Len(t, results, 2, "a plan that hangs is not repeated")
		require.Equal(t, bench.Failed, results[0].Status)
		require.Equal(t, "a query hangs: session 1 of engine "+engine+" on fake:0 has computed tiny for more than 300ms without an answer, "+
			"so the run was given up; if that can be right, raise --query-deadline", results[0].Reason)
		require.Equal(t, bench.OK, results[1].Status, results[1].Reason)
	}
}

// TestJoinedDevices measures on two devices as one: one result, which names both.
func TestJoinedDevices(t *testing.T) {
	clean(t)
	const both = "fake:0+fake:1"
	b := base()
	b.Targets[both] = bench.Target{Present: 2, Candidate: bench.Candidate{Info: devices.Info{Backend: "fake", ID: both}}}
	here, gone := plan("good", short), plan("good", short)
	here.Device, gone.Device = both, "fake:0+fake:9"
	b.Targets[gone.Device] = bench.Target{Candidate: bench.Candidate{Info: devices.Info{Backend: "fake", ID: gone.Device}}}
	results := slices.Collect(runner().Run(t.Context(), []bench.Plan{here, gone}, b))
	require.Len(t, results, 2)
	require.Equal(t, bench.OK, results[0].Status, results[0].Reason)
	require.Equal(t, both, results[0].Device.ID)
	require.Equal(t, []string{"fake:0", "fake:1"}, results[0].Device.Members)
	require.Equal(t, bench.Unsupported, results[1].Status)
	require.Contains(t, results[1].Reason, "opening device fake:9: absent")
}

func TestOrderIsRepeatByRepeat(t *testing.T) {
	clean(t)
	a, b, c := plan("good", short), plan("unsupported", short), plan("good", short)
	a.Repeats, b.Repeats, c.Repeats, c.Scenario = 2, 2, 1, bench.Offline
	var seen []bench.Progress
	r := runner()
	r.Progress = func(p bench.Progress) { seen = append(seen, p) }
	ids := map[string]bool{}
	var got []string
	for result := range r.Run(t.Context(), []bench.Plan{a, b, c}, base()) {
		got = append(got, result.Engine.Name+" "+string(result.Scenario.Name)+" "+string(rune('0'+result.Repeat)))
		ids[result.ID] = true
	}
	require.Equal(t, []string{"good single-stream 0", "unsupported single-stream 0", "good offline 0", "good single-stream 1"}, got)
	require.Len(t, ids, 4)

	var stages []bench.Stage
	for _, p := range seen {
		require.Equal(t, 5, p.Runs)
		if p.Run == 3 {
			require.Equal(t, 1, p.Repeat)
			stages = append(stages, p.Stage)
		}
	}
	require.Equal(t, []bench.Stage{bench.StageLoad, bench.StageCheck, bench.StageWarmup, bench.StageMeasure}, stages)
	require.Equal(t, bench.StageReference, seen[0].Stage)
	require.NotNil(t, seen[0].Fraction)
	computed := 0
	for _, p := range seen {
		if p.Stage == bench.StageReference && *p.Fraction == 1 {
			computed++
		}
	}
	require.Equal(t, 1, computed, "reference values are computed once per workload")
}

// interruptAt cancels some time after the stage begins.
func interruptAt(t *testing.T, r *bench.Runner, stage bench.Stage, delay time.Duration, plans ...bench.Plan) []bench.Result {
	t.Helper()
	return interruptOn(t, r, base(), stage, delay, plans...)
}

func interruptOn(t *testing.T, r *bench.Runner, b bench.Base, stage bench.Stage, delay time.Duration, plans ...bench.Plan) []bench.Result {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r.Progress = func(p bench.Progress) {
		if p.Stage == stage {
			time.AfterFunc(delay, cancel)
		}
	}
	return slices.Collect(r.Run(ctx, plans, b))
}

func TestInterrupt(t *testing.T) {
	clean(t)
	t.Run("keeps what was measured", func(t *testing.T) {
		p := plan("slow", 5*time.Second)
		p.Repeats = 2
		results := interruptAt(t, runner(), bench.StageMeasure, 300*time.Millisecond, p, p)
		require.Len(t, results, 1)
		r := results[0]
		require.Equal(t, bench.Interrupted, r.Status)
		require.Contains(t, r.Reason, "interrupted after ")
		require.Contains(t, r.Reason, " of 5s")
		require.False(t, r.Validity.Valid)
		require.Positive(t, r.Counts.Samples)
		require.Equal(t, r.Counts.Units, total(r.Buckets.Units))
		require.Zero(t, r.Counts.Errors)
	})
	t.Run("an engine that listens ends early", func(t *testing.T) {
		results := interruptAt(t, runner(), bench.StageLoad, 100*time.Millisecond, plan("hang", 5*time.Second))
		require.Len(t, results, 1)
		require.Equal(t, bench.Interrupted, results[0].Status)
	})
	t.Run("an engine that does not listen is killed", func(t *testing.T) {
		r := runner()
		r.Grace = 300 * time.Millisecond
		results := interruptAt(t, r, bench.StageWarmup, 100*time.Millisecond, plan("deaf", 200*time.Millisecond))
		require.Len(t, results, 1)
		require.Equal(t, bench.Interrupted, results[0].Status)
		require.Equal(t, "interrupted, and the worker did not stop within 300ms", results[0].Reason)
	})
	t.Run("before the first run", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		results := slices.Collect(runner().Run(ctx, []bench.Plan{plan("good", short), plan("good", short)}, base()))
		require.Len(t, results, 1)
		require.Equal(t, bench.Interrupted, results[0].Status)
	})
	t.Run("while reference values are computed", func(t *testing.T) {
		results := interruptAt(t, runner(), bench.StageReference, 0, plan("good", short), plan("good", short))
		require.NotEmpty(t, results)
		require.Equal(t, bench.Interrupted, results[len(results)-1].Status)
	})
}

func TestConsumerMayBreak(t *testing.T) {
	clean(t)
	n := 0
	for range runner().Run(t.Context(), []bench.Plan{plan("good", short), plan("deaf", time.Hour)}, base()) {
		n++
		break
	}
	require.Equal(t, 1, n)
}

func TestWorkerThatCannotStart(t *testing.T) {
	clean(t)
	r := runner()
	r.Command = []string{"/nonexistent/accelbench"}
	result := one(t, r, plan("good", short))
	require.Equal(t, bench.Failed, result.Status)
	require.Contains(t, result.Reason, "starting the worker: ")
	_, err := r.Find(t.Context(), "fake")
	require.Error(t, err)
}

func TestWorkerThatIsNone(t *testing.T) {
	clean(t)
	r := runner()
	r.Command = []string{"/bin/sh", "-c", "echo usage: something >&2"}
	result := one(t, r, plan("good", short))
	require.Equal(t, bench.Failed, result.Status)
	require.Equal(t, "the worker ended without a result: usage: something", result.Reason)
}

func TestFind(t *testing.T) {
	clean(t)
	r := runner()
	found, err := r.Find(t.Context(), "fake")
	require.NoError(t, err)
	require.Equal(t, "fake", found.Backend)
	require.Len(t, found.Devices, 6)
	require.Equal(t, "fake device", found.Devices[0].Info.Name)
	require.Equal(t, uint64(16<<30), *found.Devices[0].FreeBytes)
	require.Nil(t, found.Devices[1].FreeBytes)
	require.Equal(t, "one is warm", found.Problems[0].Text)
	engines := found.Devices[0].Engines
	require.Equal(t, "good", engines[0].Name)
	require.NotNil(t, engines[0].Info)
	last := engines[len(engines)-1]
	require.Nil(t, last.Info)
	require.Contains(t, last.Reason, "libfake.so")

	found, err = r.Find(t.Context(), "none")
	require.NoError(t, err)
	require.Contains(t, found.Absent, "no library")
	require.Empty(t, found.Devices)

	found, err = r.Find(t.Context(), "broken")
	require.NoError(t, err)
	require.Equal(t, "driver is confused", found.Problems[0].Text)

	found, err = r.Find(t.Context(), "crashing")
	require.NoError(t, err)
	require.Equal(t, "looking for crashing devices: the worker died: exit code 9: libcrash: version mismatch", found.Problems[0].Text)

	found, err = r.Find(t.Context(), "haunted")
	require.NoError(t, err)
	require.Empty(t, found.Problems, "the device itself is fine")
	require.Len(t, found.Devices, 1)
	for _, e := range found.Devices[0].Engines {
		switch e.Name {
		case "haunted", "haunted-too":
			require.Nil(t, e.Info)
			require.Equal(t, "engine "+e.Name+" could not be probed: the worker died: exit code 9: libhaunted: wrong version", e.Reason)
		case "good":
			require.NotNil(t, e.Info, e.Reason)
		}
	}

	_, err = r.Find(t.Context(), "nonesuch")
	require.ErrorContains(t, err, `unknown backend "nonesuch"`)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = r.Find(ctx, "fake")
	require.Error(t, err)
}

func TestPeak(t *testing.T) {
	clean(t)
	peak, err := runner().Peak(t.Context(), base().Targets["fake:0"].Info)
	require.NoError(t, err)
	require.InDelta(t, 1e9, *peak.FLOPs, 0)
	info := base().Targets["fake:0"].Info
	info.ID = "fake:8"
	_, err = runner().Peak(t.Context(), info)
	require.ErrorContains(t, err, "fake:8")

	r := runner()
	r.PeakDeadline = func(dev devices.Info) time.Duration {
		require.Equal(t, "fake:0", dev.ID)
		return time.Nanosecond
	}
	_, err = r.Peak(t.Context(), base().Targets["fake:0"].Info)
	require.ErrorContains(t, err, "measuring the peaks of fake:0: no answer within 1ns")
}
