package load_test

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench/load"
	"github.com/accelbench/accelbench/bench/load/arrival"
	"github.com/accelbench/accelbench/devices"
)

// uneven are times of service that no lane can mistake for each other.
func uneven(n int) time.Duration {
	return time.Duration(3+n*7%11)*ms + time.Duration(n)*time.Microsecond
}

// schedule are the first n times of arrival.
func schedule(s arrival.Spec, n int) []time.Duration {
	out, next := make([]time.Duration, n), arrival.New(s)
	for i := range out {
		out[i] = time.Duration(next.Next())
	}
	return out
}

// fifo are the ends of jobs that arrive at the given times, on the lane that is free first. A lane takes up to most of those that
// are there.
func fifo(arrivals []time.Duration, lanes, most int, took func(n int) time.Duration) (ends []time.Duration) {
	free := make([]time.Duration, lanes)
	for call := 0; len(ends) < len(arrivals); call++ {
		slices.Sort(free)
		first := len(ends)
		start := max(free[0], arrivals[first])
		free[0] = start + took(call)
		for i := first; i < len(arrivals) && i < first+most && arrivals[i] <= start; i++ {
			ends = append(ends, free[0])
		}
	}
	return ends
}

func TestServerLatenciesAreThoseOfTheQueue(t *testing.T) {
	for _, c := range []struct {
		name         string
		spec         arrival.Spec
		lanes, batch int
		took         func(n int) time.Duration
	}{
		{"constant arrivals, idle system", arrival.Spec{Process: arrival.Constant, Rate: 100}, 1, 1, always(4 * ms)},
		{"constant arrivals, more than the system can take", arrival.Spec{Process: arrival.Constant, Rate: 100}, 1, 1, always(13 * ms)},
		{"constant arrivals, uneven service", arrival.Spec{Process: arrival.Constant, Rate: 120}, 1, 1, uneven},
		{"Poisson arrivals, uneven service", arrival.Spec{Process: arrival.Poisson, Rate: 110, Seed: 3}, 1, 1, uneven},
		{"bursts on three lanes", arrival.Spec{Process: arrival.Gamma, Shape: 0.3, Rate: 200, Seed: 4}, 3, 1, always(14 * ms)},
		{"Poisson arrivals in dynamic batches", arrival.Spec{Process: arrival.Poisson, Rate: 300, Seed: 5}, 1, 4, always(11 * ms)},
		{"ramp", arrival.Spec{Process: arrival.Constant, Rate: 50, RateEnd: 150, Span: 2 * time.Second}, 1, 1, always(10 * ms)},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const queries = 300
				sessions := make([]devices.Session, c.lanes)
				for i := range sessions {
					sessions[i] = &session{took: c.took}
				}
				q := queued(t, tiny(c.batch, 1), devices.BatchPolicy{Batching: devices.DynamicBatching}, sessions...)
				out := load.New(q, serving(c.spec), load.Settings{MinQueries: queries, Pool: 4}).Run(t.Context())

				arrivals := schedule(c.spec, queries)
				ends := fifo(arrivals, c.lanes, c.batch, c.took)
				want := make([]time.Duration, queries)
				for i := range want {
					want[i] = ends[i] - arrivals[i]
				}
				requireDurations(t, want, out.Latency)
				require.Equal(t, slices.Max(ends), out.Elapsed)
				require.Equal(t, int64(queries), out.Queries)
				require.Equal(t, arrivals[queries-1], out.Schedule.Last)
				require.Equal(t, arrivals[queries-1], out.Schedule.Issued)
				requireDurations(t, repeated(queries, 0), out.Schedule.Lateness)
				require.Zero(t, out.Schedule.Awake, "nothing takes time here but waiting")
			})
		})
	}
}

// Time to the first token runs from the scheduled time, whether a query waits in the system's queue or, because the system
// blocks, in the harness; time per output token does not hold the wait.
func TestServerTokensCountFromTheSchedule(t *testing.T) {
	const queries, prefill, decode, tokens = 20, 8 * ms, 4 * ms, 5
	const service = prefill + (tokens-1)*decode
	phases := func(n int) time.Duration {
		if n%tokens == 0 {
			return prefill
		}
		return decode
	}
	for _, c := range []struct {
		name    string
		gap     time.Duration
		blocked bool // the system works within Issue
	}{
		{"idle", 50 * ms, false},
		{"overloaded", 20 * ms, false},
		{"overloaded and blocking", 20 * ms, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var sys devices.System = devices.NewSystem(&session{took: phases}, tiny(1, tokens))
				if !c.blocked {
					sys = queued(t, tiny(1, tokens), devices.BatchPolicy{}, &session{took: phases})
				}
				spec := arrival.Spec{Process: arrival.Constant, Rate: float64(time.Second / c.gap)}
				out := load.New(sys, serving(spec), load.Settings{MinQueries: queries, Pool: 4}).Run(t.Context())
				var ttft, latency, late []time.Duration
				for i := range time.Duration(queries) {
					wait := i * max(service-c.gap, 0)
					ttft, latency = append(ttft, wait+prefill), append(latency, wait+service)
					if !c.blocked {
						wait = 0
					}
					late = append(late, wait)
				}
				requireDurations(t, ttft, out.TTFT)
				requireDurations(t, latency, out.Latency)
				requireDurations(t, repeated(queries, decode), out.TPOT)
				requireDurations(t, late, out.Schedule.Lateness)
				require.Equal(t, int64(queries*tokens), out.Units)
			})
		})
	}
}

// A stall of a second at a hundred queries per second keeps about a hundred queries waiting. An open loop charges all of
// them, a closed one, which stops asking meanwhile, charges one: coordinated omission.
func TestStallOfASecond(t *testing.T) {
	const bound = 100 * ms
	stalling := func(n int) time.Duration {
		if n == 300 {
			return time.Second
		}
		return ms
	}
	for _, c := range []struct {
		name    string
		arrival load.Arrival
		inline  bool
		want    int64 // samples above the bound
		wantP99 time.Duration
	}{
		// The query j after the one that stalls ends at 1000+j ms and arrived at 10j: 1000-9j is above 100 for j = 0..99.
		{"server", evenly(100), false, 100, 919 * ms},
		{"server, the stall blocks the harness", evenly(100), true, 100, 919 * ms},
		{"single-stream", load.Stream{Samples: 1}, true, 1, ms},
		{"one client", load.Concurrency{N: 1}, false, 1, ms},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var sys devices.System = devices.NewSystem(&session{took: stalling}, tiny(1, 1))
				if !c.inline {
					sys = queued(t, tiny(1, 1), devices.BatchPolicy{}, &session{took: stalling})
				}
				out := load.New(sys, c.arrival, load.Settings{Duration: 10 * time.Second, Pool: 4,
					Limits: []load.Limit{{Metric: load.Latency, Bound: int64(bound), Most: -1}}}).Run(t.Context())
				require.Equal(t, []int64{c.want}, out.Over)
				require.Equal(t, int64(time.Second), out.Latency.Max())
				p99, ok := out.Latency.Quantile(0.99)
				require.True(t, ok)
				require.InEpsilon(t, c.wantP99, p99, 0.001)
			})
		})
	}
}

// A system that blocks delays the issue, which the lateness tells, but never the schedule.
func TestSlowSystemDelaysNoSchedule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const queries = 200
		spec := arrival.Spec{Process: arrival.Poisson, Rate: 100, Seed: 9}
		run := func(took time.Duration) (load.Outcome, *spy) {
			sys := newSpy(devices.NewSystem(&session{took: always(took)}, tiny(1, 1)))
			return load.New(sys, serving(spec), load.Settings{MinQueries: queries, Pool: 4, Seed: 1}).Run(t.Context()), sys
		}
		fast, _ := run(0)
		slow, seen := run(15 * ms)

		arrivals := schedule(spec, queries)
		ends := fifo(arrivals, 1, 1, always(15*ms))
		late, issued := make([]time.Duration, queries), make([]time.Duration, queries)
		for i := range late {
			issued[i] = ends[i] - 15*ms
			late[i] = issued[i] - arrivals[i]
		}
		requireDurations(t, late, slow.Schedule.Lateness)
		require.Equal(t, issued, seen.times)
		require.Equal(t, issued[queries-1], slow.Schedule.Issued)
		require.Equal(t, fast.Schedule.Last, slow.Schedule.Last)
		require.Equal(t, fast.Schedule.Hash, slow.Schedule.Hash)
		var idle, free time.Duration
		for i, at := range arrivals {
			idle += max(at-free, 0)
			free = ends[i]
		}
		require.Equal(t, issued[queries-1]-idle, slow.Schedule.Awake, "all but the waiting")
	})
}

func TestScheduleHashFollowsFromTheSeeds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hash := func(took time.Duration, arrivals, samples uint64) string {
			sys := devices.NewSystem(&session{took: always(took)}, tiny(1, 1))
			s := load.Settings{Duration: time.Second, Pool: 8, Seed: samples}
			return load.New(sys, serving(arrival.Spec{Process: arrival.Poisson, Rate: 50, Seed: arrivals}), s).Run(t.Context()).Schedule.Hash
		}
		same := hash(0, 1, 1)
		for _, took := range []time.Duration{0, 3 * ms, 200 * ms} {
			require.Equal(t, same, hash(took, 1, 1), "a system that takes %v", took)
		}
		require.NotEqual(t, same, hash(0, 2, 1), "another seed of the arrivals")
		require.NotEqual(t, same, hash(0, 1, 2), "another seed of the samples")
	})
}

// What the system sees is the schedule, and for a Poisson schedule it is a Poisson process: exponential gaps by the
// Kolmogorov-Smirnov statistic, as many arrivals per window as their dispersion allows, no memory from gap to gap.
func TestIssuedQueriesArePoisson(t *testing.T) {
	const queries, rate, windows = 10000, 1000.0, 100
	seen := func(t *testing.T, spec arrival.Spec) (times []time.Duration) {
		synctest.Test(t, func(t *testing.T) {
			sys := newSpy(null{})
			out := load.New(sys, serving(spec), load.Settings{MinQueries: queries, Pool: 4}).Run(t.Context())
			require.Equal(t, int64(queries), out.Queries)
			require.Equal(t, schedule(spec, queries), sys.times)
			times = sys.times
		})
		return times
	}
	// One in a thousand: 1.95 for KS; 4 normal deviations for the others.
	fits := func(times []time.Duration) (ks, dispersion, memory float64) {
		gaps, counts := make([]float64, queries), make([]float64, windows)
		before := time.Duration(0)
		for i, at := range times {
			gaps[i], before = (at-before).Seconds()*rate, at
			if w := int(at.Seconds() * rate / (queries / windows)); w < windows {
				counts[w]++
			}
		}
		for i := 1; i < len(gaps); i++ {
			memory += (gaps[i] - 1) * (gaps[i-1] - 1)
		}
		var squares float64
		for _, n := range counts[:windows-5] { // the last may be cut by the end
			squares += (n - queries/windows) * (n - queries/windows)
		}
		slices.Sort(gaps)
		for i, g := range gaps {
			p := 1 - math.Exp(-g)
			ks = max(ks, p-float64(i)/queries, float64(i+1)/queries-p)
		}
		n := windows - 5.0
		return ks * math.Sqrt(queries), (squares/(queries/windows) - n) / math.Sqrt(2*n), memory / math.Sqrt(queries)
	}
	for seed := range uint64(3) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			ks, dispersion, memory := fits(seen(t, arrival.Spec{Process: arrival.Poisson, Rate: rate, Seed: seed}))
			require.Less(t, ks, 1.95)
			require.InDelta(t, 0, dispersion, 4)
			require.InDelta(t, 0, memory, 4)
		})
	}
	t.Run("what is no Poisson process is told", func(t *testing.T) {
		ks, dispersion, _ := fits(seen(t, arrival.Spec{Process: arrival.Gamma, Shape: 0.7, Rate: rate}))
		require.Greater(t, ks, 1.95)
		require.Greater(t, dispersion, 2.0)
	})
}
