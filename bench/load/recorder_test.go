package load_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench/load"
	"github.com/accelbench/accelbench/devices"
)

// straggling keeps the first sample that it is given until all others, which it answers at once, are done.
type straggling struct {
	after int
	first uint64
	given int
	ids   map[uint64]struct{}
}

func (s *straggling) Issue(_ context.Context, samples []devices.Sample, rec devices.Recorder) error {
	for _, q := range samples {
		s.ids[q.ID] = struct{}{}
		if s.given++; s.given == 1 {
			s.first = q.ID
			time.Sleep(ms)
			continue
		}
		rec.Done(q.ID, nil)
	}
	if s.given == s.after {
		time.Sleep(time.Second)
		rec.Done(s.first, nil)
	}
	return nil
}

func (s *straggling) Close() error { return nil }

// However long a sample takes, and however many pass it by, it keeps its time and its id is its own.
func TestOneStragglerAmongAMillion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 1_000_000
		sys := &straggling{after: n, ids: map[uint64]struct{}{}}
		out := load.New(sys, load.Concurrency{N: 2}, load.Settings{MinQueries: n}).Run(t.Context())
		require.Zero(t, out.Errors, out.FirstError)
		require.Equal(t, int64(n), out.Samples)
		require.Len(t, sys.ids, n)
		require.Equal(t, 2, out.MostInFlight)
		require.Equal(t, int64(time.Second+ms), out.Latency.Max())
		before, ok := out.Latency.ValueAtRank(n - 2)
		require.True(t, ok)
		require.Zero(t, before)
	})
}

// muddled completes every sample well and does one thing more.
type muddled struct {
	more  func(rec devices.Recorder, id uint64, n int)
	calls int
}

func (m *muddled) Issue(_ context.Context, samples []devices.Sample, rec devices.Recorder) error {
	rec.DoneAll(samples, nil)
	m.more(rec, samples[0].ID, m.calls)
	m.calls++
	return nil
}

func (m *muddled) Close() error { return nil }

// A call for a sample that is not in flight is one error, and changes nothing else.
func TestStrayCallsAreErrors(t *testing.T) {
	var earlier uint64
	for _, c := range []struct {
		name string
		more func(rec devices.Recorder, id uint64, n int)
	}{
		{"done twice", func(rec devices.Recorder, id uint64, _ int) { rec.Done(id, nil) }},
		{"done twice, with an error", func(rec devices.Recorder, id uint64, _ int) { rec.Done(id, errors.New("late")) }},
		{"done twice, at once", func(rec devices.Recorder, id uint64, _ int) { rec.DoneAll([]devices.Sample{{ID: id}}, nil) }},
		{"a first token after the end", func(rec devices.Recorder, id uint64, _ int) { rec.First(id) }},
		{"tokens after the end", func(rec devices.Recorder, id uint64, _ int) { rec.Tokens(id, 3) }},
		{"the next use of the slot", func(rec devices.Recorder, id uint64, _ int) { rec.Done(id+1<<24, nil) }},
		{"no such slot", func(rec devices.Recorder, id uint64, _ int) { rec.Done(id|(1<<24-1), nil) }},
		{"a sample of long ago", func(rec devices.Recorder, id uint64, n int) {
			if n == 0 {
				earlier = id
			}
			rec.Done(earlier, nil)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			out := load.New(&muddled{more: c.more}, load.Stream{Samples: 1}, load.Settings{MinQueries: 7, UnitsPerSample: 2}).Run(t.Context())
			require.Equal(t, int64(7), out.Errors)
			require.ErrorContains(t, out.FirstError, "not in flight")
			require.Equal(t, int64(7), out.Samples)
			require.Equal(t, int64(14), out.Units)
			require.Equal(t, int64(7), out.Latency.Count())
			require.Nil(t, out.TTFT)
			require.False(t, out.Broken)

			out = load.New(&muddled{more: c.more}, load.Stream{Samples: 1}, load.Settings{MinQueries: 70}).Run(t.Context())
			require.Equal(t, int64(load.MaxErrors), out.Errors)
			require.True(t, out.Broken, "as by any other error")

			_, err := load.New(&muddled{more: c.more}, load.Stream{Samples: 1}, load.Settings{}).WarmUp(t.Context())
			require.ErrorContains(t, err, "not in flight")
		})
	}
}

// A stale completion does not end the sample that has the slot now.
func TestStaleCompletionLeavesTheSlotsNextSample(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var earlier []uint64
		sys := &sleeper{times: []time.Duration{10 * ms}}
		stale := system(func(ctx context.Context, samples []devices.Sample, rec devices.Recorder) error {
			for _, id := range earlier {
				rec.Done(id, nil)
			}
			earlier = []uint64{samples[0].ID}
			return sys.Issue(ctx, samples, rec)
		})
		out := load.New(stale, load.Stream{Samples: 1}, load.Settings{MinQueries: 6}).Run(t.Context())
		require.Equal(t, int64(5), out.Errors)
		requireDurations(t, repeated(6, 10*ms), out.Latency)
	})
}

// system is a System of a function.
type system func(ctx context.Context, samples []devices.Sample, rec devices.Recorder) error

func (f system) Issue(ctx context.Context, samples []devices.Sample, rec devices.Recorder) error {
	return f(ctx, samples, rec)
}
func (f system) Close() error { return nil }

// Completions of all kinds from many goroutines at once, in any order. The race detector watches.
func TestCompletionsFromManyGoroutines(t *testing.T) {
	for _, a := range []load.Arrival{load.Stream{Samples: 64}, load.Concurrency{N: 64}, load.Offline{}, evenly(1e6)} {
		t.Run(fmt.Sprintf("%T", a), func(t *testing.T) {
			const tokens, workers = 3, 4
			type work struct {
				samples []devices.Sample
				rec     devices.Recorder
			}
			queue := make(chan work, 1<<16)
			var done sync.WaitGroup
			for w := range workers {
				done.Go(func() {
					for job := range queue {
						for _, s := range job.samples {
							job.rec.First(s.ID)
							job.rec.Tokens(s.ID, tokens-1)
						}
						if w%2 == 0 {
							job.rec.DoneAll(job.samples, nil)
							continue
						}
						for _, i := range rand.Perm(len(job.samples)) {
							job.rec.Done(job.samples[i].ID, nil)
						}
					}
				})
			}
			sys := system(func(_ context.Context, samples []devices.Sample, rec devices.Recorder) error {
				for len(samples) > 0 {
					n := min(5, len(samples))
					queue <- work{append([]devices.Sample{}, samples[:n]...), rec}
					samples = samples[n:]
				}
				return nil
			})
			out := load.New(sys, a, load.Settings{MinQueries: 2000, Pool: 7}).Run(t.Context())
			close(queue)
			done.Wait()
			require.NoError(t, out.FirstError)
			require.GreaterOrEqual(t, out.Samples, int64(2000))
			require.Equal(t, out.Samples*tokens, out.Units)
			require.Equal(t, out.Units, sum(out.Slices))
			require.Equal(t, out.Samples, out.TPOT.Count())
			if a != (load.Offline{}) {
				require.Equal(t, out.Queries, out.Latency.Count())
				require.Equal(t, out.Samples, out.TTFT.Count())
			}
		})
	}
}

// A system that reports tokens without a first one has its first token when it reports the first of them.
func TestTokensWithoutAFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sys := system(func(_ context.Context, samples []devices.Sample, rec devices.Recorder) error {
			time.Sleep(6 * ms)
			rec.Tokens(samples[0].ID, 2)
			time.Sleep(9 * ms)
			rec.Tokens(samples[0].ID, 2)
			rec.Done(samples[0].ID, nil)
			return nil
		})
		out := load.New(sys, load.Stream{Samples: 1}, load.Settings{MinQueries: 5}).Run(t.Context())
		requireDurations(t, repeated(5, 6*ms), out.TTFT)
		requireDurations(t, repeated(5, 3*ms), out.TPOT)
		require.Equal(t, int64(20), out.Units)
	})
}
