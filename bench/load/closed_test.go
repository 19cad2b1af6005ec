package load_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench/load"
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
		g := load.New(sys, load.Stream{Samples: 1}, load.Settings{Duration: 20 * ms, Pool: 1})
		_, err := g.WarmUp(t.Context())
		require.NoError(t, err)
		out := g.Run(t.Context())
		require.Equal(t, int64(20), out.Samples)
		require.Equal(t, 20*ms, out.Elapsed)

		g = load.New(sys, load.Offline{}, load.Settings{Duration: 20 * ms, Pool: 1, Batch: 4})
		_, err = g.WarmUp(t.Context())
		require.NoError(t, err)
		out = g.Run(t.Context())
		require.GreaterOrEqual(t, out.Elapsed, 20*ms)
		require.Equal(t, out.Samples, out.Units)
		require.NoError(t, sys.Close())
	})
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
