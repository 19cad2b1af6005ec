package load_test

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench/load"
	"github.com/accelbench/accelbench/devices"
)

func TestSingleStream(t *testing.T) {
	for _, c := range []struct {
		name       string
		settings   load.Settings
		times      []time.Duration // the first is the warm-up's first query
		wantWarm   load.Warmup
		wantN      int64
		wantTook   time.Duration
		wantLowest time.Duration
		wantMost   time.Duration
	}{
		{
			name:     "duration decides",
			settings: load.Settings{Duration: 100 * ms, MinQueries: 3, Pool: 4, UnitsPerSample: 2},
			times:    []time.Duration{30 * ms, 10 * ms},
			wantWarm: load.Warmup{Queries: 1, Elapsed: 30 * ms, FirstQuery: 30 * ms, Rate: 1 / 0.030},
			wantN:    10, wantTook: 100 * ms, wantLowest: 10 * ms, wantMost: 10 * ms,
		},
		{
			name:     "queries decide, warm-up of several",
			settings: load.Settings{Duration: 100 * ms, MinQueries: 40, Pool: 4},
			times:    []time.Duration{5 * ms, 3 * ms, 3 * ms, 7 * ms},
			wantWarm: load.Warmup{Queries: 3, Elapsed: 11 * ms, FirstQuery: 5 * ms, Rate: 2 / 0.006},
			wantN:    40, wantTook: 280 * ms, wantLowest: 7 * ms, wantMost: 7 * ms,
		},
		{
			name:     "the query in flight ends after the duration",
			settings: load.Settings{Duration: 100 * ms},
			times:    []time.Duration{20 * ms, 30 * ms, 40 * ms},
			wantWarm: load.Warmup{Queries: 1, Elapsed: 20 * ms, FirstQuery: 20 * ms, Rate: 1 / 0.020},
			wantN:    3, wantTook: 110 * ms, wantLowest: 30 * ms, wantMost: 40 * ms,
		},
		{
			name:     "no minimum is one query",
			settings: load.Settings{},
			times:    []time.Duration{2 * ms},
			wantWarm: load.Warmup{Queries: 1, Elapsed: 2 * ms, FirstQuery: 2 * ms, Rate: 500},
			wantN:    1, wantTook: 2 * ms, wantLowest: 2 * ms, wantMost: 2 * ms,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sys := &sleeper{times: c.times}
				g := load.New(sys, load.Stream{Samples: 1}, c.settings)
				warm, err := g.WarmUp(t.Context())
				require.NoError(t, err)
				require.Equal(t, c.wantWarm, warm)

				time.Sleep(time.Second) // what happens between the parts does not count
				out := g.Run(t.Context())
				require.Equal(t, c.wantTook, out.Elapsed)
				require.Equal(t, c.wantN, out.Queries)
				require.Equal(t, c.wantN, out.Samples)
				require.Equal(t, c.wantN*int64(max(c.settings.UnitsPerSample, 1)), out.Units)
				require.Equal(t, out.Units, sum(out.Slices))
				require.Equal(t, c.wantN, out.Latency.Count())
				require.Equal(t, int64(c.wantLowest), out.Latency.Min())
				require.Equal(t, int64(c.wantMost), out.Latency.Max())
				require.Nil(t, out.TTFT)
				require.Nil(t, out.TPOT)
				require.Zero(t, out.Errors)
				require.NoError(t, out.FirstError)
				require.False(t, out.Interrupted)
				for _, n := range sys.issued {
					require.Equal(t, 1, n)
				}
			})
		})
	}
}

func TestAsynchronousSystem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sys := &async{answer: func(int) (time.Duration, error) { return ms, nil }}
		out := load.New(sys, load.Stream{Samples: 1}, load.Settings{Duration: 20 * ms, Pool: 1}).Run(t.Context())
		require.Equal(t, int64(20), out.Samples)
		require.Equal(t, 20*ms, out.Elapsed)
		require.NoError(t, sys.Close())
	})
	synctest.Test(t, func(t *testing.T) {
		sys := &async{answer: func(n int) (time.Duration, error) { return time.Duration(n+1) * ms, nil }}
		g := load.New(sys, load.Offline{}, load.Settings{Duration: 20 * ms, Pool: 1, Batch: 4})
		_, err := g.WarmUp(t.Context()) // 4 samples in 4 ms, which promise 22 in 20 ms
		require.NoError(t, err)
		out := g.Run(t.Context())
		require.Equal(t, 28*ms, out.Elapsed)
		require.Equal(t, int64(24), out.Samples)
		require.NoError(t, sys.Close())
	})
}

// A query of eight samples ends with the last of them, whichever that is.
func TestMultiStream(t *testing.T) {
	t.Run("the last of eight", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			const queries = 24
			// In query k, sample k%8 takes 10+k ms and the others at most 8.
			sys := newSpy(&async{answer: func(n int) (time.Duration, error) {
				if k := n / 8; n%8 == k%8 {
					return time.Duration(10+k) * ms, nil
				}
				return time.Duration(n%8+1) * ms, nil
			}})
			out := load.New(sys, load.Stream{Samples: 8}, load.Settings{MinQueries: queries, Pool: 5, UnitsPerSample: 3}).Run(t.Context())
			var want, issued []time.Duration
			var end time.Duration
			for k := range queries {
				want, issued = append(want, time.Duration(10+k)*ms), append(issued, end)
				end += want[k]
			}
			requireDurations(t, want, out.Latency)
			require.Equal(t, issued, sys.times, "each query when the one before is done")
			require.Equal(t, end, out.Elapsed)
			require.Equal(t, [3]int64{queries, 8 * queries, 24 * queries}, [3]int64{out.Queries, out.Samples, out.Units})
			require.Equal(t, 8, out.MostInFlight)
			require.Nil(t, out.Schedule)
		})
	})
	t.Run("in batches of three", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			sys := devices.NewSystem(&session{took: always(10 * ms)}, tiny(3, 1))
			out := load.New(sys, load.Stream{Samples: 8}, load.Settings{Duration: 90 * ms, Pool: 4}).Run(t.Context())
			requireDurations(t, repeated(3, 30*ms), out.Latency)
			require.Equal(t, 90*ms, out.Elapsed)
		})
	})
	t.Run("a query with a failed sample has no latency", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			sys := &async{answer: func(n int) (time.Duration, error) {
				if n == 8+3 {
					return 50 * ms, errors.New("broken")
				}
				return 10 * ms, nil
			}}
			out := load.New(sys, load.Stream{Samples: 8}, load.Settings{MinQueries: 5, Pool: 4}).Run(t.Context())
			requireDurations(t, repeated(4, 10*ms), out.Latency)
			require.Equal(t, [3]int64{5, 39, 1}, [3]int64{out.Queries, out.Samples, out.Errors})
			require.Equal(t, 90*ms, out.Elapsed, "it took its time all the same")
		})
	})
}

// N clients that do not think keep N queries in flight, from the first to the last issue.
func TestConcurrency(t *testing.T) {
	for _, c := range []struct {
		name        string
		n, lanes    int
		settings    load.Settings
		want        int // queries
		wantTook    time.Duration
		wantLatency []time.Duration // of the first; those after them are as the last of these
	}{
		{"a lane for each", 4, 4, load.Settings{Duration: time.Second}, 400, time.Second, []time.Duration{10 * ms}},
		{"more lanes than clients", 1, 4, load.Settings{Duration: time.Second}, 100, time.Second, []time.Duration{10 * ms}},
		{"one lane for four", 4, 1, load.Settings{Duration: time.Second}, 103, 1030 * ms,
			[]time.Duration{10 * ms, 20 * ms, 30 * ms, 40 * ms}},
		{"queries decide", 2, 2, load.Settings{Duration: 10 * ms, MinQueries: 41}, 41, 210 * ms, []time.Duration{10 * ms}},
		{"one query", 8, 2, load.Settings{}, 1, 10 * ms, []time.Duration{10 * ms}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c.settings.Pool = 3
				sys := newSpy(queued(t, tiny(1, 1), devices.BatchPolicy{}, lanes(c.lanes, 10*ms)...))
				out := load.New(sys, load.Concurrency{N: c.n}, c.settings).Run(t.Context())
				require.Equal(t, int64(c.want), out.Queries)
				require.Equal(t, int64(c.want), out.Samples)
				require.Equal(t, c.wantTook, out.Elapsed)
				rest := repeated(c.want-len(c.wantLatency), c.wantLatency[len(c.wantLatency)-1])
				requireDurations(t, slices.Concat(c.wantLatency, rest), out.Latency)
				for i, flight := range sys.flights {
					require.LessOrEqual(t, flight, c.n)
					if i+1 < c.want && sys.times[i+1] > sys.times[i] { // of the last one others may have ended in the same instant
						require.Equal(t, min(c.n, c.want), flight, "in flight when time goes on after issue %d", i)
					}
				}
				require.Equal(t, min(c.n, c.want), out.MostInFlight)
				require.Nil(t, out.Schedule)
			})
		})
	}
}

func TestSameSeedSameSamples(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		order := func(seed uint64) []int {
			sys := &sleeper{times: []time.Duration{ms}}
			g := load.New(sys, load.Stream{Samples: 1}, load.Settings{Duration: 50 * ms, Pool: 16, Seed: seed})
			_, err := g.WarmUp(t.Context())
			require.NoError(t, err)
			sys.order = nil
			g.Run(t.Context())
			return sys.order
		}
		require.Equal(t, order(3), order(3))
		require.NotEqual(t, order(3), order(4))
	})
}
