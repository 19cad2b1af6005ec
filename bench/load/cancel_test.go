package load_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench/load"
	"github.com/accelbench/accelbench/bench/load/arrival"
	"github.com/accelbench/accelbench/devices"
)

func TestCancelKeepsWhatWasMeasured(t *testing.T) {
	for _, c := range []struct {
		name    string
		arrival load.Arrival
		lanes   int // behind a queue; 0: the system works within Issue
		batch   int
		want    int64 // samples; the execution in flight counts, as it ends well
		took    time.Duration
	}{
		{"single-stream", load.Stream{Samples: 1}, 0, 1, 6, 60 * ms},
		{"multi-stream", load.Stream{Samples: 8}, 0, 4, 24, 60 * ms}, // two executions per query
		{"concurrency", load.Concurrency{N: 3}, 1, 1, 6, 60 * ms},
		{"concurrency on lanes", load.Concurrency{N: 5}, 2, 1, 12, 60 * ms},
		{"offline", load.Offline{}, 0, 2, 12, 60 * ms},
		{"server", evenly(1000), 1, 1, 6, 60 * ms},
		{"server, blocked", evenly(1000), 0, 1, 6, 60 * ms},
		{"server that waits for its next query", evenly(30), 1, 1, 2, 43333333},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var inner devices.System = devices.NewSystem(&session{took: always(10 * ms)}, tiny(c.batch, 1))
				if c.lanes > 0 {
					inner = queued(t, tiny(c.batch, 1), devices.BatchPolicy{}, lanes(c.lanes, 10*ms)...)
				}
				g := load.New(inner, c.arrival, load.Settings{Duration: time.Minute, Pool: 2})
				_, err := g.WarmUp(t.Context())
				require.NoError(t, err)
				ctx, cancel := context.WithCancel(t.Context())
				start := time.Now()
				time.AfterFunc(55*ms, cancel)
				out := g.Run(ctx)
				require.LessOrEqual(t, time.Since(start), 60*ms)
				require.True(t, out.Interrupted)
				require.False(t, out.Broken || out.Missed || out.Overrun)
				require.Zero(t, out.Errors)
				require.NoError(t, out.FirstError)
				require.Equal(t, c.want, out.Samples)
				require.Equal(t, c.want, out.Units)
				require.Equal(t, out.Units, sum(out.Slices))
				require.Equal(t, c.took, out.Elapsed)
				switch c.arrival.(type) {
				case load.Offline:
				case load.Stream:
					require.Equal(t, out.Queries, out.Latency.Count(), "the query in flight ended well")
				default:
					require.Equal(t, out.Samples, out.Latency.Count())
				}
			})
		})
	}
}

// A schedule whose next query is far away ends with the context all the same.
func TestCancelBeforeTheFirstQuery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 30*ms)
		defer cancel()
		start := time.Now()
		rare := serving(arrival.Spec{Process: arrival.Poisson, Rate: 1e-6})
		out := load.New(null{}, rare, load.Settings{}).Run(ctx)
		require.Equal(t, 30*ms, time.Since(start))
		require.True(t, out.Interrupted)
		require.Zero(t, out.Queries)
		require.Zero(t, out.Elapsed)
		require.Zero(t, out.Latency.Count())
		require.Zero(t, out.Schedule.Lateness.Count())
		require.Empty(t, out.Slices)
	})
}

// A context that ends by its deadline ends what is in flight as well as one that is cancelled does: neither is an error.
func TestDeadlineIsNoError(t *testing.T) {
	for _, a := range []load.Arrival{load.Stream{Samples: 8}, load.Concurrency{N: 20}, load.Offline{}, evenly(1000)} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 55*ms)
			defer cancel()
			q := queued(t, tiny(1, 1), devices.BatchPolicy{}, lanes(1, 10*ms)...)
			out := load.New(q, a, load.Settings{Duration: time.Minute, MinQueries: 100}).Run(ctx)
			require.True(t, out.Interrupted)
			require.False(t, out.Broken)
			require.Zero(t, out.Errors)
			require.NoError(t, out.FirstError)
			require.Equal(t, int64(6), out.Samples)
		})
	}
}

func TestCancelledWarmUp(t *testing.T) {
	for _, a := range everyArrival() {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(55*ms, cancel)
			warm, err := load.New(a.system(t), a.arrival, load.Settings{Duration: time.Hour}).WarmUp(ctx)
			require.ErrorIs(t, err, context.Canceled)
			require.Equal(t, 5, warm.Queries)
		})
	}
}
