package load_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench/load"
	"github.com/accelbench/accelbench/devices"
)

const ms = time.Millisecond

// sleeper answers batches in the order in which they come: each takes the next of the given times, the last one for ever.
type sleeper struct {
	batch  int
	times  []time.Duration
	tokens int // reported, one after each equal part of the time
	fail   func(id uint64) error
	issued []int // sizes of Issue
	order  []int
	calls  int
}

func (s *sleeper) Issue(ctx context.Context, samples []devices.Sample, rec devices.Recorder) error {
	s.issued = append(s.issued, len(samples))
	for len(samples) > 0 {
		n := min(max(s.batch, 1), len(samples))
		if ctx.Err() != nil {
			for _, q := range samples {
				rec.Done(q.ID, ctx.Err())
			}
			return ctx.Err()
		}
		took := s.times[min(s.calls, len(s.times)-1)]
		s.calls++
		for k := range max(s.tokens, 1) {
			time.Sleep(took / time.Duration(max(s.tokens, 1)))
			for _, q := range samples[:n] {
				switch {
				case s.tokens == 0:
				case k == 0:
					rec.First(q.ID)
				default:
					rec.Tokens(q.ID, 1)
				}
			}
		}
		for _, q := range samples[:n] {
			s.order = append(s.order, q.Index)
			var err error
			if s.fail != nil {
				err = s.fail(q.ID)
			}
			rec.Done(q.ID, err)
		}
		samples = samples[n:]
	}
	return nil
}

func (s *sleeper) Close() error { return nil }

func sum(xs []int64) (total int64) {
	for _, x := range xs {
		total += x
	}
	return total
}

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

func TestOffline(t *testing.T) {
	for _, c := range []struct {
		name       string
		settings   load.Settings
		times      []time.Duration
		wantIssued []int // of the run
		wantTook   time.Duration
	}{
		{
			name:       "one query, ten per cent more than the warm-up's rate asks for, in whole batches",
			settings:   load.Settings{Duration: 1000 * ms, Batch: 4},
			times:      []time.Duration{100 * ms, 100 * ms},
			wantIssued: []int{44}, wantTook: 1100 * ms,
		},
		{
			name:       "least number of samples",
			settings:   load.Settings{Duration: 10 * ms, MinQueries: 50, Batch: 4},
			times:      []time.Duration{100 * ms},
			wantIssued: []int{52}, wantTook: 1300 * ms,
		},
		{
			name:     "a cold warm-up is made up for in the same window",
			settings: load.Settings{Duration: 1000 * ms, Batch: 1},
			times:    []time.Duration{500 * ms, 100 * ms},
			// 2/s promise 3 samples for 1 s; they take 300 ms, so 10/s promise 8 for the other 700 ms.
			wantIssued: []int{3, 8}, wantTook: 1100 * ms,
		},
		{
			name:       "a slow system gets one batch",
			settings:   load.Settings{Duration: 10 * ms, Batch: 8},
			times:      []time.Duration{3 * time.Second},
			wantIssued: []int{8}, wantTook: 3 * time.Second,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c.settings.Pool, c.settings.UnitsPerSample = 3, 5
				sys := &sleeper{batch: c.settings.Batch, times: c.times}
				g := load.New(sys, load.Offline{}, c.settings)
				_, err := g.WarmUp(t.Context())
				require.NoError(t, err)
				sys.issued = nil
				out := g.Run(t.Context())
				require.Equal(t, c.wantIssued, sys.issued)
				var samples int64
				for _, n := range sys.issued {
					samples += int64(n)
				}
				require.Equal(t, c.wantTook, out.Elapsed)
				require.Equal(t, samples, out.Samples)
				require.Equal(t, int64(len(sys.issued)), out.Queries)
				require.Equal(t, 5*samples, out.Units)
				require.Equal(t, out.Units, sum(out.Slices))
				require.Nil(t, out.Latency)
			})
		})
	}
}

func TestTokens(t *testing.T) {
	for _, c := range []struct {
		name               string
		arrival            load.Arrival
		tokens             int
		wantTTFT, wantTPOT int64 // 0: none
	}{
		{"single stream", load.Stream{Samples: 1}, 5, int64(8 * ms), int64(8 * ms)},
		{"one token has no TPOT", load.Stream{Samples: 1}, 1, int64(40 * ms), 0},
		{"offline has no TTFT", load.Offline{}, 5, 0, int64(8 * ms)},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sys := &sleeper{batch: 2, times: []time.Duration{40 * ms}, tokens: c.tokens}
				g := load.New(sys, c.arrival, load.Settings{Duration: time.Second, Batch: 2, Pool: 3, UnitsPerSample: c.tokens})
				_, err := g.WarmUp(t.Context())
				require.NoError(t, err)
				out := g.Run(t.Context())
				require.Equal(t, out.Samples*int64(c.tokens), out.Units)
				require.Equal(t, out.Units, sum(out.Slices))
				if c.wantTTFT == 0 {
					require.Nil(t, out.TTFT)
				} else {
					require.Equal(t, out.Samples, out.TTFT.Count())
					require.Equal(t, c.wantTTFT, out.TTFT.Min())
					require.Equal(t, c.wantTTFT, out.TTFT.Max())
				}
				if c.wantTPOT == 0 {
					require.Nil(t, out.TPOT)
				} else {
					require.Equal(t, out.Samples, out.TPOT.Count())
					require.Equal(t, c.wantTPOT, out.TPOT.Min())
				}
			})
		})
	}
}

func TestErrorsAreCountedAndBounded(t *testing.T) {
	broken := errors.New("broken")
	t.Run("some", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			warm, n := true, 0
			sys := &sleeper{times: []time.Duration{10 * ms}, fail: func(uint64) error {
				if !warm {
					if n++; n%5 == 0 {
						return broken
					}
				}
				return nil
			}}
			g := load.New(sys, load.Stream{Samples: 1}, load.Settings{Duration: 100 * ms, Pool: 1})
			_, err := g.WarmUp(t.Context())
			require.NoError(t, err)
			warm = false
			out := g.Run(t.Context())
			require.Equal(t, int64(2), out.Errors)
			require.Equal(t, int64(8), out.Units)
			require.Equal(t, int64(8), out.Latency.Count())
			require.ErrorIs(t, out.FirstError, broken)
			require.False(t, out.Interrupted)
		})
	})
	t.Run("too many", func(t *testing.T) {
		for _, a := range []load.Arrival{load.Stream{Samples: 1}, load.Offline{}} {
			synctest.Test(t, func(t *testing.T) {
				sys := &sleeper{times: []time.Duration{10 * ms}}
				g := load.New(sys, a, load.Settings{Duration: time.Minute, Pool: 1})
				_, err := g.WarmUp(t.Context())
				require.NoError(t, err)
				sys.fail = func(uint64) error { return broken }
				out := g.Run(t.Context())
				require.Equal(t, int64(load.MaxErrors), out.Errors)
				require.False(t, out.Interrupted)
				require.True(t, out.Broken)
				require.Zero(t, out.Units)
			})
		}
	})
	t.Run("in the warm-up", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			sys := &sleeper{times: []time.Duration{10 * ms}, fail: func(uint64) error { return broken }}
			_, err := load.New(sys, load.Stream{Samples: 1}, load.Settings{Pool: 1}).WarmUp(t.Context())
			require.ErrorIs(t, err, broken)
		})
	})
}

func TestCancelKeepsWhatWasMeasured(t *testing.T) {
	for _, a := range []load.Arrival{load.Stream{Samples: 1}, load.Offline{}} {
		synctest.Test(t, func(t *testing.T) {
			sys := &sleeper{times: []time.Duration{10 * ms}}
			g := load.New(sys, a, load.Settings{Duration: time.Minute, Pool: 2})
			_, err := g.WarmUp(t.Context())
			require.NoError(t, err)
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(55*ms, cancel)
			out := g.Run(ctx)
			require.True(t, out.Interrupted)
			require.InDelta(t, 5.5, out.Units, 0.5) // the call in flight counts if the system ends it well
			require.Zero(t, out.Errors)
			require.Equal(t, out.Units, sum(out.Slices))
			require.Equal(t, out.Units*int64(10*ms), int64(out.Elapsed))
		})
	}
}

func TestCancelledWarmUp(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := load.New(&sleeper{times: []time.Duration{0}}, load.Stream{Samples: 1}, load.Settings{Pool: 1}).WarmUp(ctx)
	require.ErrorIs(t, err, context.Canceled)
}

// async answers each sample from a goroutine of its own.
type async struct{ wg sync.WaitGroup }

func (a *async) Issue(_ context.Context, samples []devices.Sample, rec devices.Recorder) error {
	for i, s := range samples {
		a.wg.Go(func() {
			time.Sleep(time.Duration(i+1) * ms)
			rec.Done(s.ID, nil)
		})
	}
	return nil
}

func (a *async) Close() error { a.wg.Wait(); return nil }

func TestAsynchronousSystem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sys := &async{}
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

// liar completes a sample twice and one that was never issued.
type liar struct{}

func (liar) Issue(_ context.Context, samples []devices.Sample, rec devices.Recorder) error {
	for _, s := range samples {
		rec.Done(s.ID, nil)
		rec.Done(s.ID, nil)
		rec.First(s.ID + 1)
	}
	return nil
}
func (liar) Close() error { return nil }

func TestStrayCompletionsAreErrors(t *testing.T) {
	_, err := load.New(liar{}, load.Stream{Samples: 1}, load.Settings{Pool: 1}).WarmUp(t.Context())
	require.ErrorContains(t, err, "completion of sample 0: not in flight")
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

func TestSteadyStateAllocatesNothing(t *testing.T) {
	run := func(queries int) float64 {
		g := load.New(null{}, load.Stream{Samples: 1}, load.Settings{MinQueries: queries, Pool: 8})
		_, err := g.WarmUp(t.Context())
		require.NoError(t, err)
		return testing.AllocsPerRun(3, func() { g.Run(t.Context()) })
	}
	require.InDelta(t, run(10), run(10000), 5)
}
