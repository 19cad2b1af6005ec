package load_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench/load"
	"github.com/accelbench/accelbench/devices"
)

// What is above a bound is over it; what is at it is not, and what a sample does not have is neither.
func TestOverCountsExactly(t *testing.T) {
	limits := []load.Limit{
		{Metric: load.Latency, Bound: int64(40*ms) - 1, Most: -1},
		{Metric: load.Latency, Bound: int64(40 * ms), Most: -1},
		{Metric: load.Latency, Bound: int64(80 * ms), Most: -1},
		{Metric: load.TTFT, Bound: int64(8*ms) - 1, Most: -1},
		{Metric: load.TTFT, Bound: int64(8 * ms), Most: -1},
		{Metric: load.TPOT, Bound: int64(8*ms) - 1, Most: -1},
		{Metric: load.TPOT, Bound: int64(8 * ms), Most: -1},
	}
	for _, c := range []struct {
		name   string
		tokens int
		want   []int64
	}{
		{"five tokens", 5, []int64{10, 7, 0, 10, 7, 10, 7}},
		{"one token has no TPOT", 1, []int64{10, 7, 0, 10, 10, 0, 0}},
		{"no tokens have no TTFT", 0, []int64{10, 7, 0, 0, 0, 0, 0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sys := &sleeper{times: []time.Duration{40 * ms, 40 * ms, 40 * ms, 80 * ms}, tokens: c.tokens}
				out := load.New(sys, load.Stream{Samples: 1}, load.Settings{MinQueries: 10, Limits: limits}).Run(t.Context())
				require.Equal(t, c.want, out.Over)
				require.False(t, out.Missed)
				require.Equal(t, int64(10), out.Samples)
			})
		})
	}
}

// A limit that is missed more than Most times ends the run at that sample. That is a finding, no interruption.
func TestMissedLimitEndsTheRun(t *testing.T) {
	const tokens, good, most = 5, 6, 3
	// The calls of the first samples are as the limits want them.
	slower := func(n int) time.Duration {
		if n < good*tokens {
			return 2 * ms
		}
		return 4 * ms
	}
	for _, a := range []struct {
		name    string
		arrival load.Arrival
	}{{"single-stream", load.Stream{Samples: 1}}, {"concurrency", load.Concurrency{N: 1}}, {"offline", load.Offline{}}, {"server", evenly(20)}} {
		for _, limit := range []load.Limit{
			{Metric: load.Latency, Bound: int64(10 * ms), Most: most},
			{Metric: load.TTFT, Bound: int64(2 * ms), Most: most},
			{Metric: load.TPOT, Bound: int64(2 * ms), Most: most},
		} {
			if a.name == "offline" && limit.Metric != load.TPOT {
				continue // its samples wait by nature
			}
			t.Run(a.name+"/"+string(limit.Metric), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					sys := newSpy(queued(t, tiny(1, tokens), devices.BatchPolicy{}, &session{took: slower}))
					out := load.New(sys, a.arrival, load.Settings{Duration: time.Hour, Limits: []load.Limit{limit}}).Run(t.Context())
					require.True(t, out.Missed)
					require.False(t, out.Interrupted || out.Broken || out.Overrun)
					require.Equal(t, []int64{most + 1}, out.Over)
					require.Equal(t, int64(good+most+1), out.Samples)
					require.Zero(t, out.Errors)
					require.Zero(t, sys.flight)
				})
			})
		}
	}
	t.Run("as often as allowed", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			limits := []load.Limit{{Metric: load.Latency, Bound: 1, Most: 10}}
			out := load.New(&sleeper{times: []time.Duration{ms}}, load.Stream{Samples: 1},
				load.Settings{MinQueries: 10, Limits: limits}).Run(t.Context())
			require.Equal(t, []int64{10}, out.Over)
			require.False(t, out.Missed)
		})
	})
}

// holding keeps its samples until the context is done.
type holding struct {
	mu   sync.Mutex
	held []devices.Sample
	once sync.Once
}

func (h *holding) Issue(ctx context.Context, samples []devices.Sample, rec devices.Recorder) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.held = append(h.held, samples...)
	h.once.Do(func() {
		context.AfterFunc(ctx, func() {
			h.mu.Lock()
			defer h.mu.Unlock()
			rec.DoneAll(h.held, ctx.Err())
		})
	})
	return nil
}

func (h *holding) Close() error { return nil }

// due is the wait for a schedule of which everything is due.
func due(_ context.Context, _ time.Time, at int64) (now, slept int64, ok bool) { return at, 0, true }

func TestOverrunEndsTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := evenly(1e6)
		server.Wait = due
		out := load.New(&holding{}, server, load.Settings{Duration: time.Hour}).Run(t.Context())
		require.True(t, out.Overrun)
		require.False(t, out.Interrupted, "nobody did")
		require.False(t, out.Missed || out.Broken)
		require.Equal(t, load.MaxInFlight, out.MostInFlight)
		require.Equal(t, int64(load.MaxInFlight), out.Queries)
		require.Zero(t, out.Samples)
		require.Zero(t, out.Errors)
		require.NoError(t, out.FirstError)
	})
}

// A queue that the schedule leaves behind is served if that takes no longer than the schedule, or ten seconds, and given up at once if
// it would.
func TestAHopelessQueueIsGivenUp(t *testing.T) {
	for name, c := range map[string]struct {
		perSecond float64
		length    time.Duration
		givenUp   bool
	}{
		// Sessions do 10/s. In 1 s 10 of 90 are done, 80 take 8 s; of 150 it is 14 s.
		"eight seconds after a second":    {90, time.Second, false},
		"fourteen seconds after a second": {150, time.Second, true},
		// In 30 s 300 of 570 are done, 270 take 27 s; of 630 it is 33 s.
		"as long as the schedule":  {19, 30 * time.Second, false},
		"longer than the schedule": {21, 30 * time.Second, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q := queued(t, tiny(1, 1), devices.BatchPolicy{}, lanes(1, 100*ms)...)
				out := load.New(q, evenly(c.perSecond), load.Settings{Duration: c.length}).Run(t.Context())
				require.Equal(t, c.givenUp, out.Overrun)
				require.False(t, out.Interrupted || out.Missed || out.Broken)
				if !c.givenUp {
					require.Equal(t, out.Queries, out.Samples)
					return
				}
				require.Less(t, out.Samples, out.Queries)
				require.Less(t, out.Elapsed, c.length+time.Second, "what was being computed was waited for, and no more")
			})
		})
	}
}

// Also when nothing was done while the schedule lasted: the warm-up tells how long a query takes. Five times as long is no queue.
func TestAHopelessQueueOfLongQueries(t *testing.T) {
	for queries, givenUp := range map[float64]bool{4: false, 20: true} {
		synctest.Test(t, func(t *testing.T) {
			q := queued(t, tiny(1, 1), devices.BatchPolicy{}, lanes(1, 30*time.Second)...)
			g := load.New(q, evenly(queries), load.Settings{Duration: time.Second})
			_, err := g.WarmUp(t.Context())
			require.NoError(t, err)
			out := g.Run(t.Context())
			require.Equal(t, givenUp, out.Overrun)
			require.Equal(t, !givenUp, out.Queries == out.Samples)
			require.Less(t, out.Elapsed, 5*30*time.Second)
		})
	}
}

// A system that becomes slow after the schedule is not waited for longer than the patience either.
func TestAQueueThatBecomesHopeless(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := func(n int) time.Duration {
			if n < 10 {
				return 100 * ms
			}
			return 9 * time.Second
		}
		q := queued(t, tiny(1, 1), devices.BatchPolicy{}, &session{took: slow})
		out := load.New(q, evenly(20), load.Settings{Duration: time.Second}).Run(t.Context())
		require.True(t, out.Overrun)
		require.False(t, out.Interrupted || out.Broken)
		require.Less(t, out.Samples, out.Queries)
	})
}

// A run that was interrupted, or whose limit was missed, beside a hopeless queue has ended for that reason.
func TestAHopelessQueueIsNoOtherReason(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := queued(t, tiny(1, 1), devices.BatchPolicy{}, lanes(1, 100*ms)...)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		out := load.New(q, evenly(1000), load.Settings{Duration: time.Minute}).Run(ctx)
		require.True(t, out.Interrupted)
		require.False(t, out.Overrun)
	})
	synctest.Test(t, func(t *testing.T) {
		q := queued(t, tiny(1, 1), devices.BatchPolicy{}, lanes(1, 100*ms)...)
		limit := load.Limit{Metric: load.Latency, Bound: int64(150 * ms), Most: 3}
		out := load.New(q, evenly(1000), load.Settings{Duration: time.Minute, Limits: []load.Limit{limit}}).Run(t.Context())
		require.True(t, out.Missed)
		require.False(t, out.Overrun || out.Interrupted)
	})
}
