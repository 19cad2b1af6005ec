package devices_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/workloads"
)

// obedient is a session that looks at its context at the end of each call, and is of no more use after an error.
type obedient struct {
	took  time.Duration
	calls int
	err   error
}

func (s *obedient) Run(ctx context.Context, _ int, _, _ []workloads.Tensor) error {
	s.calls++
	if s.err == nil {
		time.Sleep(s.took)
		s.err = ctx.Err()
	}
	return s.err
}

func (s *obedient) Close() error { return nil }

func TestCancelEndsWhatWaits(t *testing.T) {
	for _, c := range []struct {
		name      string
		policy    devices.BatchPolicy
		samples   int
		wantCalls int
		wantAt    time.Duration // the end of all
	}{
		{"behind a running batch", devices.BatchPolicy{}, 50, 1, 100 * ms},
		{"for others to join", devices.BatchPolicy{Batching: devices.DynamicBatching, MaxWait: time.Hour}, 1, 0, 30 * ms},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				session := &obedient{took: 100 * ms}
				q := newQueue(t, 2, 0, c.policy, session)
				ctx, cancel := context.WithCancel(t.Context())
				j := newJournal()
				require.NoError(t, q.Issue(ctx, numbered(0, c.samples), j))
				time.Sleep(30 * ms)
				cancel()
				require.ErrorIs(t, q.Issue(ctx, numbered(1000, 1), j), context.Canceled)
				settle(time.Minute)
				require.Len(t, j.ended(), c.samples+1)
				for id, times := range j.ended() {
					require.Equal(t, 1, times, "sample %d", id)
				}
				for _, g := range j.done {
					require.ErrorIs(t, g.err, context.Canceled)
					require.LessOrEqual(t, g.at, c.wantAt)
				}
				require.Equal(t, c.wantCalls, session.calls)
				require.Equal(t, []devices.LaneCount{{}}, q.Lanes(), "what was given up was not executed")
			})
		})
	}
}

// TestCancelOfOneQueryLeavesTheNext: a cancelled query is no failure of the queue, unless it ended the session.
func TestCancelOfOneQueryLeavesTheNext(t *testing.T) {
	for _, c := range []struct {
		name     string
		cancelAt time.Duration
		wantErr  error
	}{
		{"that waited", 30 * ms, nil},
		{"that ran", 130 * ms, context.Canceled},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q := newQueue(t, 1, 0, devices.BatchPolicy{}, &obedient{took: 100 * ms})
				ctx, cancel := context.WithCancel(t.Context())
				j, given, next := newJournal(), newJournal(), newJournal()
				require.NoError(t, q.Issue(t.Context(), numbered(0, 1), j))
				require.NoError(t, q.Issue(ctx, numbered(1, 1), given))
				require.NoError(t, q.Issue(t.Context(), numbered(2, 1), next))
				time.Sleep(c.cancelAt)
				cancel()
				settle(time.Minute)
				require.NoError(t, j.done[0].err)
				require.ErrorIs(t, given.done[0].err, context.Canceled)
				require.ErrorIs(t, next.done[0].err, c.wantErr)
				require.ErrorIs(t, q.Issue(t.Context(), numbered(3, 1), next), c.wantErr)
			})
		})
	}
}

// TestFailingSessionEndsEverything: what another lane has in flight still ends well.
func TestFailingSessionEndsEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bad := taking(50 * ms)
		bad.failAt = 2
		q := newQueue(t, 2, 0, devices.BatchPolicy{}, bad, taking(70*ms))
		j := newJournal()
		require.NoError(t, q.Issue(t.Context(), numbered(0, 20), j))
		settle(time.Minute)
		broken := "running call 0 of copying: broken"
		require.Len(t, j.ended(), 20)
		good := 0
		for _, g := range j.done {
			if g.err == nil {
				good += len(g.ids)
				continue
			}
			require.EqualError(t, g.err, broken)
			require.Equal(t, 100*ms, g.at, "waiting samples end when the session fails")
		}
		require.Equal(t, 6, good, "one batch of the failing lane, two of the other")
		require.EqualError(t, q.Issue(t.Context(), numbered(20, 2), j), broken)
		require.Equal(t, 1, j.ended()[21])
		require.ElementsMatch(t, []devices.LaneCount{{Samples: 2, Batches: 1, Busy: 50 * ms}, {Samples: 4, Batches: 2, Busy: 140 * ms}}, q.Lanes())
	})
}

// inBubble runs one case of a property in virtual time. The case returns what is wrong, since rapid has to be told of it
// outside of the bubble.
func inBubble(t *testing.T, rt *rapid.T, run func(t *testing.T) string) {
	var wrong string
	synctest.Test(t, func(t *testing.T) { wrong = run(t) })
	if wrong != "" {
		rt.Fatal(wrong)
	}
}

// TestEverySampleEndsOnce: whatever the policy and the arrivals are, whichever query is cancelled, whichever session
// fails and whenever the queue is closed.
func TestEverySampleEndsOnce(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		batch, count := rapid.IntRange(1, 5).Draw(rt, "batch"), rapid.IntRange(1, 4).Draw(rt, "lanes")
		policy := devices.BatchPolicy{
			Batching: rapid.SampledFrom([]devices.Batching{devices.StaticBatching, devices.DynamicBatching}).Draw(rt, "batching"),
			MaxBatch: rapid.IntRange(0, 6).Draw(rt, "max batch"),
			MaxWait:  time.Duration(rapid.IntRange(0, 20).Draw(rt, "max wait")) * ms,
		}
		failAt, cancelAt := rapid.IntRange(0, 20).Draw(rt, "fail at"), rapid.IntRange(0, 60).Draw(rt, "cancel at")
		closeAt := rapid.IntRange(0, 200).Draw(rt, "close at")
		sizes := rapid.SliceOfN(rapid.IntRange(1, 12), 1, 40).Draw(rt, "queries")
		seed := rapid.Uint64().Draw(rt, "seed")
		inBubble(t, rt, func(t *testing.T) string {
			random := rand.New(rand.NewPCG(seed, 0))
			sessions := make([]devices.Session, count)
			for i := range sessions {
				s := taking(time.Duration(random.IntN(10)) * ms)
				s.failAt = failAt * (i % 2)
				sessions[i] = s
			}
			q := newQueue(t, batch, 0, policy, sessions...)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			contexts, journals := []context.Context{t.Context(), ctx}, []*journal{newJournal(), newJournal()}
			id := uint64(0)
			closed := make(chan struct{})
			go func() {
				defer close(closed)
				time.Sleep(time.Duration(closeAt) * ms)
				_ = q.Close()
			}()
			for i, n := range sizes {
				if i == cancelAt {
					cancel()
				}
				_ = q.Issue(contexts[random.IntN(5)/4], numbered(id, n), journals[random.IntN(5)/4])
				id += uint64(n)
				time.Sleep(time.Duration(random.IntN(4)) * ms)
			}
			<-closed
			ended := journals[0].ended()
			for id, times := range journals[1].ended() {
				ended[id] += times
			}
			if len(ended) != int(id) {
				return fmt.Sprintf("%d of %d samples ended", len(ended), id)
			}
			for id, times := range ended {
				if times != 1 {
					return fmt.Sprintf("sample %d ended %d times", id, times)
				}
			}
			return ""
		})
	})
}

// TestBatchesKeepToThePolicy: no batch is too large or of several queries where that is not wanted, samples start in
// order, and with dynamic batching and a free lane none waits longer than MaxWait.
func TestBatchesKeepToThePolicy(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		maxBatch := rapid.IntRange(1, 5).Draw(rt, "max batch")
		wait := time.Duration(rapid.IntRange(0, 9).Draw(rt, "max wait")) * ms
		batching := rapid.SampledFrom([]devices.Batching{devices.StaticBatching, devices.DynamicBatching}).Draw(rt, "batching")
		sizes := rapid.SliceOfN(rapid.IntRange(1, 9), 1, 30).Draw(rt, "queries")
		gaps := rapid.SliceOfN(rapid.IntRange(0, 12), len(sizes), len(sizes)).Draw(rt, "gaps")
		inBubble(t, rt, func(t *testing.T) string {
			// More lanes than batches: one is always free.
			sessions := make([]devices.Session, 300)
			for i := range sessions {
				sessions[i] = taking(time.Hour)
			}
			q := newQueue(t, 5, 0, devices.BatchPolicy{Batching: batching, MaxBatch: maxBatch, MaxWait: wait}, sessions...)
			j := newJournal()
			var queryOf []int
			var issued []time.Duration
			for i, n := range sizes {
				time.Sleep(time.Duration(gaps[i]) * ms)
				_ = q.Issue(t.Context(), numbered(uint64(len(queryOf)), n), j)
				for range n {
					queryOf, issued = append(queryOf, i), append(issued, time.Since(j.start))
				}
			}
			settle(2 * time.Hour)
			for _, g := range j.done {
				first, last := g.ids[0], g.ids[len(g.ids)-1]
				if int(last-first) != len(g.ids)-1 {
					return fmt.Sprintf("batch %v is not in order", g.ids)
				}
				started := g.at - time.Hour
				if batching == devices.StaticBatching {
					if len(g.ids) > 5 || queryOf[first] != queryOf[last] || started != issued[first] {
						return fmt.Sprintf("batch %v of queries %d to %d, issued at %v, started at %v", g.ids, queryOf[first], queryOf[last], issued[first], started)
					}
					continue
				}
				full, due := len(g.ids) == maxBatch && started == issued[last], started == issued[first]+wait
				if len(g.ids) > maxBatch || !full && !due || started > issued[first]+wait {
					return fmt.Sprintf("batch %v, issued at %v, started at %v", g.ids, issued[first], started)
				}
			}
			return ""
		})
	})
}

// counter is a Recorder that only counts, and tells when the count is reached.
type counter struct {
	silent
	left    atomic.Int64
	reached chan struct{}
}

func (c *counter) DoneAll(samples []devices.Sample, _ error) {
	if c.left.Add(-int64(len(samples))) == 0 {
		c.reached <- struct{}{}
	}
}

func TestQueueAllocatesNothing(t *testing.T) {
	for _, policy := range []devices.BatchPolicy{
		{},
		{Batching: devices.DynamicBatching},
		{Batching: devices.DynamicBatching, MaxWait: time.Microsecond},
	} {
		q := newQueue(t, 4, 3, policy, &copier{quiet: true}, &copier{quiet: true})
		rec, ctx := &counter{reached: make(chan struct{}, 1)}, t.Context()
		one, many := samples(0), samples(0, 1, 2, 3, 0, 1)
		require.Zero(t, testing.AllocsPerRun(100, func() {
			rec.left.Store(7)
			_, _ = q.Issue(ctx, one, rec), q.Issue(ctx, many, rec)
			<-rec.reached
		}), "%+v", policy)
	}
}

// TestQueueKeepsNoRecorder: a queue outlives the recorders of many runs.
func TestQueueKeepsNoRecorder(t *testing.T) {
	q := newQueue(t, 4, 0, devices.BatchPolicy{}, &copier{quiet: true})
	run := func() weak.Pointer[counter] {
		rec := &counter{reached: make(chan struct{}, 1)}
		rec.left.Store(1)
		require.NoError(t, q.Issue(t.Context(), samples(0), rec))
		<-rec.reached
		return weak.Make(rec)
	}
	rec := run()
	require.Eventually(t, func() bool {
		runtime.GC()
		return rec.Value() == nil
	}, time.Minute, ms)
}
