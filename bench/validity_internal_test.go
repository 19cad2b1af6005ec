package bench

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench/load"
	"github.com/accelbench/accelbench/bench/stat"
)

func repeated(n int, value time.Duration) *stat.Histogram {
	h := stat.NewHistogram()
	for range n {
		h.Record(int64(value))
	}
	return h
}

// served is a clean run of the server scenario: 1000 queries in 10 s, each answered after 10 ms and issued 10 us late.
func served() (*Result, load.Outcome) {
	r := &Result{Scenario: Scenario{Name: Server, Arrival: &Arrival{RatePerSecond: 100}}, Counts: Counts{Queries: 1000, Samples: 1000, Units: 1000},
		Buckets: evenly(200, 50*time.Millisecond, 5)}
	o := load.Outcome{Queries: 1000, Samples: 1000, Units: 1000, Elapsed: 10*time.Second + 10*time.Millisecond,
		Latency: repeated(1000, 10*time.Millisecond), MostInFlight: 7,
		Schedule: &load.Schedule{Last: 10 * time.Second, Issued: 10*time.Second + 10*time.Microsecond, Lateness: repeated(1000, 10*time.Microsecond)}}
	return r, o
}

// looped is a clean run of a closed loop of 250 slices, with noise of a few percent.
func looped() *Result {
	r := &Result{Scenario: Scenario{Name: Concurrency}, Buckets: evenly(250, 40*time.Millisecond, 100)}
	random := rand.New(rand.NewPCG(3, 4))
	r.Counts = Counts{Queries: 25_000, Samples: 25_000}
	for i := range r.Buckets.Units {
		r.Buckets.Units[i] += int64(random.IntN(11)) - 5
		r.Counts.Units += r.Buckets.Units[i]
	}
	return r
}

func evenly(n int, width time.Duration, units int64) *Buckets {
	b := &Buckets{WidthNS: int64(width), Units: make([]int64, n)}
	for i := range b.Units {
		b.Units[i] = units
	}
	return b
}

func TestCleanRunsAreValid(t *testing.T) {
	r, o := served()
	require.Empty(t, loadReasons(r, o))
	for _, name := range []ScenarioName{SingleStream, MultiStream, Offline, Concurrency} {
		r := looped()
		r.Scenario.Name = name
		require.Empty(t, loadReasons(r, load.Outcome{Queries: 1000, Samples: 1000}))
	}
	require.Empty(t, loadReasons(&Result{}, load.Outcome{}), "nothing was measured")
	require.Empty(t, loadReasons(&Result{}, load.Outcome{Schedule: &load.Schedule{Lateness: stat.NewHistogram()}}))
}

// Each threshold at its border: what lies on it is valid, what lies beyond is not.
func TestScheduleReasonsAtTheirBorders(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*load.Outcome)
		reason string // empty for none
	}{
		"5 % of the median late": {func(o *load.Outcome) { o.Schedule.Lateness = repeated(1000, 495*time.Microsecond) }, ""},
		"more than 5 % late": {func(o *load.Outcome) { o.Schedule.Lateness = repeated(1000, 510*time.Microsecond) },
			"generator late: p99 of the time from schedule to issue is 510"},
		"one in a hundred late": {func(o *load.Outcome) {
			o.Schedule.Lateness = repeated(990, 0)
			o.Schedule.Lateness.Merge(repeated(10, time.Second))
		}, "generator late: p99"},
		"one in two hundred late": {func(o *load.Outcome) {
			o.Schedule.Lateness = repeated(995, 0)
			o.Schedule.Lateness.Merge(repeated(5, time.Second))
		}, ""},
		"too few for p99: one of 76 late": {func(o *load.Outcome) {
			o.Schedule.Lateness = repeated(75, 0)
			o.Schedule.Lateness.Merge(repeated(1, time.Second))
		}, ""},
		"too few for p99: one of ten late": {func(o *load.Outcome) {
			o.Schedule.Lateness = repeated(66, 0)
			o.Schedule.Lateness.Merge(repeated(10, time.Second))
		}, "generator late: p90"},
		"too few for p90: most late": {func(o *load.Outcome) {
			o.Schedule.Lateness = repeated(10, 0)
			o.Schedule.Lateness.Merge(repeated(12, time.Second))
		}, "generator late: p50"},
		"99 us late, with short latencies": {func(o *load.Outcome) {
			o.Latency, o.Elapsed = repeated(1000, 10*time.Microsecond), 10*time.Second
			o.Schedule.Lateness = repeated(1000, 99*time.Microsecond)
		}, ""},
		"102 us late, with short latencies": {func(o *load.Outcome) {
			o.Latency, o.Elapsed = repeated(1000, 10*time.Microsecond), 10*time.Second
			o.Schedule.Lateness = repeated(1000, 102*time.Microsecond)
		}, "(limit 100µs)"},
		"late, and no latency known": {func(o *load.Outcome) {
			o.Latency, o.Schedule.Lateness = nil, repeated(1000, time.Millisecond)
		}, "generator late: p99"},
		"99 % of the rate":       {func(o *load.Outcome) { o.Schedule.Issued = o.Schedule.Last * 100 / 99 }, ""},
		"less than 99 %":         {func(o *load.Outcome) { o.Schedule.Issued = o.Schedule.Last*100/99 + time.Millisecond }, "generator late: it issued at 99.0 % of the offered rate"},
		"drained in 5 %":         {func(o *load.Outcome) { o.Elapsed = o.Schedule.Last + 549*time.Millisecond }, ""},
		"drained in more":        {func(o *load.Outcome) { o.Elapsed = o.Schedule.Last + 552*time.Millisecond }, "overloaded: 100 queries/s were asked for and 94.77/s answered; the last answer came 552ms after"},
		"drained, but missed":    {func(o *load.Outcome) { o.Elapsed, o.Missed = time.Minute, true }, ""},
		"drained, interrupted":   {func(o *load.Outcome) { o.Elapsed, o.Interrupted = time.Minute, true }, ""},
		"drained, none answered": {func(o *load.Outcome) { o.Elapsed, o.Latency = time.Minute, stat.NewHistogram() }, ""},
		"overrun": {func(o *load.Outcome) {
			o.Elapsed, o.Overrun, o.MostInFlight, o.Schedule.Lateness = time.Minute, true, 1<<20, repeated(1000, time.Second)
		}, "overloaded: 1048576 samples were waiting"},
	} {
		t.Run(name, func(t *testing.T) {
			r, o := served()
			c.change(&o)
			got := loadReasons(r, o)
			if c.reason == "" {
				require.Empty(t, got)
				return
			}
			require.Len(t, got, 1)
			require.Contains(t, got[0], c.reason)
		})
	}
}

func TestNeverSteadyIsJudgedWhereTheSystemSetsThePace(t *testing.T) {
	fall := func(r *Result) *Result { // by a tenth, steadily
		for i := range r.Buckets.Units {
			r.Buckets.Units[i] -= r.Buckets.Units[i] * int64(i) / 2500
		}
		return r
	}
	reasons := loadReasons(fall(looped()), load.Outcome{})
	require.Len(t, reasons, 1)
	require.Contains(t, reasons[0], "never steady: the throughput of the second half differs from that of the first by -5.")

	r, o := served()
	r.Buckets = fall(looped()).Buckets
	r.Counts = looped().Counts
	require.Empty(t, loadReasons(r, o), "a schedule dictates the throughput")

	r = looped() // a warm-up that ends is cut, not complained of
	for i := range 25 {
		r.Buckets.Units[i] = 20
	}
	require.Empty(t, loadReasons(r, load.Outcome{}))

	r = fall(looped()) // 249 whole slices, joined by fours, are 62: 619 completions are too few for ten in each
	r.Counts.Samples = 619
	require.Empty(t, loadReasons(r, load.Outcome{}))
	r.Counts.Samples = 620
	require.NotEmpty(t, loadReasons(r, load.Outcome{}))
	r.Counts.Samples, r.Phases = 50, &Phases{} // but every token is a completion
	require.NotEmpty(t, loadReasons(r, load.Outcome{}))
}

// By hand: 101 slices, the last of which the end has cut, with 330 completions: joined by threes there are 33 of them, too few;
// with 500 joined by twos 50, of 10 completions each.
func TestSteadySlices(t *testing.T) {
	r := &Result{Buckets: evenly(101, time.Millisecond, 7), Counts: Counts{Samples: 500, Units: 707}}
	s := r.steadySlices()
	require.Equal(t, 2*time.Millisecond, s.width)
	require.Len(t, s.units, 50)
	for _, u := range s.units {
		require.Equal(t, 14.0, u)
	}
	r.Counts.Samples = 1000
	require.Len(t, r.steadySlices().units, 100)
	require.Equal(t, time.Millisecond, r.steadySlices().width)
	r.Counts.Samples = 330
	require.Nil(t, r.steadySlices().units)
	r.Buckets = nil
	require.Nil(t, r.steadySlices().units)
}

// recorded is what record makes of an outcome in the server scenario.
func recorded(o load.Outcome) (*measurement, error) {
	m := &measurement{Result: &Result{Scenario: Scenario{Name: Server}}, job: Job{Plan: &Plan{Scenario: Server}}}
	err := m.record(o)
	m.conclude(context.Background(), err)
	return m, err
}

// A run that ends because a limit is missed for certain has done its part of a search: it is valid.
func TestEndedByALimitIsValid(t *testing.T) {
	_, o := served()
	o.Missed, o.Elapsed = true, time.Minute
	m, err := recorded(o)
	require.NoError(t, err)
	require.Equal(t, EndedLimit, m.Ended)
	require.Equal(t, OK, m.Status)
	require.True(t, m.Validity.Valid, m.Validity.Reasons)
	require.Equal(t, Generator{Lateness: m.Generator.Lateness, ScheduledNS: 1e10, IssuedNS: 1e10 + 1e4}, *m.Generator)
	require.Equal(t, int64(7), m.Counts.MostInFlight)

	_, o = served()
	o.Missed, o.Overrun = true, true
	m, err = recorded(o)
	require.NoError(t, err)
	require.Equal(t, EndedOverrun, m.Ended)
	require.False(t, m.Validity.Valid)

	_, o = served()
	o.Errors, o.FirstError = 2, errors.New("lost the link")
	m, err = recorded(o)
	require.NoError(t, err)
	require.Equal(t, OK, m.Status)
	require.Equal(t, []string{"2 samples failed, the first with: lost the link"}, m.Validity.Reasons)

	o.Broken = true
	m, err = recorded(o)
	require.ErrorIs(t, err, o.FirstError)
	require.Equal(t, Failed, m.Status)
	require.True(t, strings.HasPrefix(m.Validity.Reasons[0], "lost the link"))
}

// One completion in each of ten batches is no certainty: equal counts say nothing about a rate.
func TestFewCompletionsAreNeverTight(t *testing.T) {
	narrow := wider(0.01, 2)
	require.True(t, narrow(time.Millisecond, evenly(101, time.Millisecond, 2).Units), "one sample in each slice")
	require.False(t, narrow(time.Millisecond, evenly(101, time.Millisecond, 20).Units), "ten")
	require.True(t, narrow(time.Millisecond, evenly(41, time.Millisecond, 20).Units), "too few slices")
	noisy := looped().Buckets.Units
	require.False(t, narrow(time.Millisecond, noisy))
	require.True(t, wider(1e-4, 2)(time.Millisecond, noisy))
}
