package load_test

import (
	"context"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench/load"
	"github.com/accelbench/accelbench/bench/load/arrival"
	"github.com/accelbench/accelbench/devices"
)

// unpaced is a server in real time that is always late, so that it need not wait.
func unpaced() load.Server {
	return load.Server{Schedule: arrival.Spec{Process: arrival.Poisson, Rate: 1e9}, Wait: load.TimerWait}
}

// metered looks at the memory when a query passes and when a later one does.
type metered struct {
	devices.System
	from, to, n   int
	before, after runtime.MemStats
}

func (m *metered) Issue(ctx context.Context, samples []devices.Sample, rec devices.Recorder) error {
	switch m.n++; m.n {
	case m.from:
		runtime.GC()
		runtime.ReadMemStats(&m.before)
	case m.to:
		runtime.ReadMemStats(&m.after)
	}
	return m.System.Issue(ctx, samples, rec)
}

// Once a run is under way it allocates nothing, whatever the arrival: all that is allocated in ten thousand queries, by
// whichever goroutine of the process, is a few things of the runtime and, where queries queue, room for as many as that.
func TestSteadyStateAllocatesNothing(t *testing.T) {
	for _, c := range []struct {
		name    string
		arrival load.Arrival
		queued  bool
		tokens  int
	}{
		{"single-stream", load.Stream{Samples: 1}, false, 1},
		{"multi-stream", load.Stream{Samples: 8}, false, 1},
		{"multi-stream behind a queue", load.Stream{Samples: 8}, true, 1},
		{"concurrency", load.Concurrency{N: 4}, true, 1},
		{"concurrency with tokens", load.Concurrency{N: 4}, true, 3},
		{"server", unpaced(), false, 1},
		{"server behind a queue", unpaced(), true, 1},
		{"server that sleeps", load.Server{Schedule: arrival.Spec{Process: arrival.Poisson, Rate: 1e5}, Wait: load.SleepWait}, true, 1},
		{"server that spins", load.Server{Schedule: arrival.Spec{Process: arrival.Poisson, Rate: 1e5}, Wait: load.SpinWait(runtime.Gosched)}, true, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			const from, to = 1000, 11000
			var inner devices.System = devices.NewSystem(idle{}, tiny(1, c.tokens))
			if c.queued {
				inner = queued(t, tiny(1, c.tokens), devices.BatchPolicy{}, idle{}, idle{})
			}
			sys := &metered{System: inner, from: from, to: to}
			limits := []load.Limit{{Metric: load.TTFT, Bound: 1, Most: -1}, {Metric: load.Latency, Bound: 1, Most: -1}}
			out := load.New(sys, c.arrival, load.Settings{MinQueries: to, Pool: 8, Limits: limits}).Run(t.Context())
			require.GreaterOrEqual(t, out.Queries, int64(to))
			require.Less(t, sys.after.Mallocs-sys.before.Mallocs, uint64((to-from)/100))
		})
	}
}

// Two million queries need no more memory than a thousand.
func TestMemoryDoesNotGrowWithQueries(t *testing.T) {
	queries := 2_000_000
	if raceDetector {
		queries /= 20 // it is twenty times as slow
	}
	for _, c := range []struct {
		name    string
		arrival load.Arrival
	}{{"single-stream", load.Stream{Samples: 1}}, {"concurrency", load.Concurrency{N: 16}}, {"server", unpaced()}} {
		t.Run(c.name, func(t *testing.T) {
			sys := &metered{System: null{}, from: 1000, to: queries}
			out := load.New(sys, c.arrival, load.Settings{MinQueries: queries, Pool: 8}).Run(t.Context())
			require.Equal(t, int64(queries), out.Samples)
			// All that was allocated bounds what the heap can have grown.
			require.Less(t, sys.after.TotalAlloc-sys.before.TotalAlloc, uint64(1<<20))
		})
	}
}
