package devices_test

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

	"github.com/accelbench/accelbench/devices"
)

// group is samples that ended together.
type group struct {
	at  time.Duration
	ids []uint64
	err error
}

// journal is a Recorder that keeps what ended when.
type journal struct {
	mu    sync.Mutex
	start time.Time
	done  []group
}

func newJournal() *journal { return &journal{start: time.Now()} }

func (j *journal) First(uint64)       {}
func (j *journal) Tokens(uint64, int) {}
func (j *journal) Done(id uint64, err error) {
	j.DoneAll([]devices.Sample{{ID: id}}, err)
}

func (j *journal) DoneAll(samples []devices.Sample, err error) {
	g := group{at: time.Since(j.start), err: err}
	for _, s := range samples {
		g.ids = append(g.ids, s.ID)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.done = append(j.done, g)
}

// ended tells how often each sample ended.
func (j *journal) ended() map[uint64]int {
	j.mu.Lock()
	defer j.mu.Unlock()
	times := map[uint64]int{}
	for _, g := range j.done {
		for _, id := range g.ids {
			times[id]++
		}
	}
	return times
}

// lanesOf loads a session on each lane, with graphs for the given batch.
func lanesOf(batch, osl int, sessions ...devices.Session) []*devices.Batched {
	lanes := make([]*devices.Batched, len(sessions))
	for i, s := range sessions {
		lanes[i] = devices.NewSystem(s, copying(batch, 8, osl))
	}
	return lanes
}

// newQueue makes a queue before the sessions, and closes it when the test ends, however it ends.
func newQueue(t *testing.T, batch, osl int, p devices.BatchPolicy, sessions ...devices.Session) *devices.Queue {
	q := devices.NewQueue(lanesOf(batch, osl, sessions...), p)
	t.Cleanup(func() { _ = q.Close() })
	return q
}

// settle lets time pass until all that happens in it has happened.
func settle(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func taking(d time.Duration) *timed { return &timed{phases: []time.Duration{d, d}} }

// numbered are n samples from the given id on.
func numbered(id uint64, n int) []devices.Sample {
	out := make([]devices.Sample, n)
	for i := range out {
		out[i] = devices.Sample{ID: id + uint64(i), Index: i}
	}
	return out
}

// arrival is a query of n samples at a time.
type arrival struct {
	at time.Duration
	n  int
}

// drive issues the arrivals, numbered from 0 on, and waits until everything has ended. It reuses the buffer of the
// samples, as the load generator does.
func drive(t *testing.T, q *devices.Queue, arrivals []arrival) *journal {
	t.Helper()
	j, id := newJournal(), uint64(0)
	var buffer [64]devices.Sample
	for _, a := range arrivals {
		time.Sleep(a.at - time.Since(j.start))
		samples := buffer[:copy(buffer[:], numbered(id, a.n))]
		require.NoError(t, q.Issue(t.Context(), samples, j))
		require.Equal(t, a.at, time.Since(j.start), "Issue does not wait")
		id += uint64(a.n)
	}
	settle(time.Hour)
	require.NoError(t, q.Close())
	return j
}

// TestQueueIsFirstInFirstOut: one lane, random arrivals, a constant time of service, so that the latencies follow from
// Lindley's recursion to the nanosecond.
func TestQueueIsFirstInFirstOut(t *testing.T) {
	const service = 10 * ms
	for _, policy := range []devices.BatchPolicy{{}, {Batching: devices.DynamicBatching}} {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(1, 2))
			var arrivals []arrival
			var ends []time.Duration
			var at, free time.Duration
			for range 2000 {
				at += time.Duration(random.ExpFloat64() * float64(service) / 0.9)
				arrivals = append(arrivals, arrival{at, 1})
				free = max(free, at) + service
				ends = append(ends, free)
			}
			q := newQueue(t, 1, 0, policy, taking(service))
			j := drive(t, q, arrivals)
			require.Len(t, j.done, len(ends))
			for i, g := range j.done {
				require.Equal(t, group{at: ends[i], ids: []uint64{uint64(i)}}, g)
			}
			require.Equal(t, []devices.LaneCount{{Samples: 2000, Batches: 2000, Busy: 2000 * service}}, q.Lanes())
		})
	}
}

func TestBatchesForm(t *testing.T) {
	const service = 100 * ms
	dynamic := func(maxBatch int, wait time.Duration) devices.BatchPolicy {
		return devices.BatchPolicy{Batching: devices.DynamicBatching, MaxBatch: maxBatch, MaxWait: wait}
	}
	for _, c := range []struct {
		name     string
		lanes    int
		policy   devices.BatchPolicy
		arrivals []arrival
		want     []group
	}{
		{"static: a query is a batch", 1, devices.BatchPolicy{Batching: devices.StaticBatching},
			[]arrival{{0, 2}, {0, 1}, {50 * ms, 4}},
			[]group{{at: 100 * ms, ids: []uint64{0, 1}}, {at: 200 * ms, ids: []uint64{2}}, {at: 300 * ms, ids: []uint64{3, 4, 5, 6}}}},
		{"static: a large query goes in chunks", 1, devices.BatchPolicy{},
			[]arrival{{0, 9}, {0, 1}},
			[]group{{at: 100 * ms, ids: []uint64{0, 1, 2, 3}}, {at: 200 * ms, ids: []uint64{4, 5, 6, 7}}, {at: 300 * ms, ids: []uint64{8}}, {at: 400 * ms, ids: []uint64{9}}}},
		{"static: a wait is for dynamic batching", 1, devices.BatchPolicy{Batching: devices.StaticBatching, MaxWait: time.Second},
			[]arrival{{7 * ms, 1}}, []group{{at: 107 * ms, ids: []uint64{0}}}},
		{"static: chunks of one query share the lanes", 2, devices.BatchPolicy{},
			[]arrival{{0, 8}, {1 * ms, 2}},
			[]group{{at: 100 * ms, ids: []uint64{0, 1, 2, 3}}, {at: 100 * ms, ids: []uint64{4, 5, 6, 7}}, {at: 200 * ms, ids: []uint64{8, 9}}}},
		{"no wait: a free lane takes what is there", 1, dynamic(4, 0),
			[]arrival{{0, 1}, {10 * ms, 1}, {20 * ms, 1}, {30 * ms, 4}},
			[]group{{at: 100 * ms, ids: []uint64{0}}, {at: 200 * ms, ids: []uint64{1, 2, 3, 4}}, {at: 300 * ms, ids: []uint64{5, 6}}}},
		{"a lone sample starts after its wait", 1, dynamic(4, 30*ms),
			[]arrival{{7 * ms, 1}}, []group{{at: 137 * ms, ids: []uint64{0}}}},
		{"a full batch starts at once", 1, dynamic(4, 30*ms),
			[]arrival{{0, 1}, {10 * ms, 2}, {20 * ms, 1}}, []group{{at: 120 * ms, ids: []uint64{0, 1, 2, 3}}}},
		{"the wait is the oldest sample's", 1, dynamic(4, 30*ms),
			[]arrival{{0, 1}, {10 * ms, 1}, {29 * ms, 1}, {31 * ms, 1}},
			[]group{{at: 130 * ms, ids: []uint64{0, 1, 2}}, {at: 230 * ms, ids: []uint64{3}}}},
		{"a query may be split", 1, dynamic(4, 30*ms),
			[]arrival{{0, 3}, {10 * ms, 3}},
			[]group{{at: 110 * ms, ids: []uint64{0, 1, 2, 3}}, {at: 210 * ms, ids: []uint64{4, 5}}}},
		{"a smaller MaxBatch", 1, dynamic(2, 30*ms),
			[]arrival{{0, 3}},
			[]group{{at: 100 * ms, ids: []uint64{0, 1}}, {at: 200 * ms, ids: []uint64{2}}}},
		{"MaxBatch is bounded by the lanes' batch", 1, dynamic(99, time.Second),
			[]arrival{{0, 4}}, []group{{at: 100 * ms, ids: []uint64{0, 1, 2, 3}}}},
		{"while the lane is busy arrivals join and wait on", 1, dynamic(4, 150*ms),
			[]arrival{{0, 4}, {20 * ms, 1}, {60 * ms, 1}},
			[]group{{at: 100 * ms, ids: []uint64{0, 1, 2, 3}}, {at: 270 * ms, ids: []uint64{4, 5}}}},
		{"an idle lane takes what fills up while another is busy", 2, dynamic(4, 30*ms),
			[]arrival{{0, 4}, {10 * ms, 3}, {20 * ms, 2}},
			[]group{{at: 100 * ms, ids: []uint64{0, 1, 2, 3}}, {at: 120 * ms, ids: []uint64{4, 5, 6, 7}}, {at: 200 * ms, ids: []uint64{8}}}},
		{"lanes run side by side", 3, dynamic(1, 0),
			[]arrival{{0, 2}, {40 * ms, 3}},
			[]group{{at: 100 * ms, ids: []uint64{0}}, {at: 100 * ms, ids: []uint64{1}}, {at: 140 * ms, ids: []uint64{2}},
				{at: 200 * ms, ids: []uint64{3}}, {at: 200 * ms, ids: []uint64{4}}}},
		{"a later sample's wait is timed anew", 2, dynamic(2, 30*ms),
			[]arrival{{0, 1}, {10 * ms, 1}, {20 * ms, 1}},
			[]group{{at: 110 * ms, ids: []uint64{0, 1}}, {at: 150 * ms, ids: []uint64{2}}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var sessions []devices.Session
				for range c.lanes {
					sessions = append(sessions, taking(service))
				}
				q := newQueue(t, 4, 0, c.policy, sessions...)
				j := drive(t, q, c.arrivals)
				require.ElementsMatch(t, c.want, j.done, "%v", j.done)
				var batches int64
				for _, l := range q.Lanes() {
					require.Equal(t, time.Duration(l.Batches)*service, l.Busy)
					batches += l.Batches
				}
				require.EqualValues(t, len(c.want), batches)
			})
		})
	}
}

// TestDecoderThroughTheQueue: the tokens of each query come in order, at its recorder, with the queue's padding unseen.
func TestDecoderThroughTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		session := &timed{phases: []time.Duration{7 * ms, 2 * ms}}
		lanes := lanesOf(3, 3, session)
		q := devices.NewQueue(lanes, devices.BatchPolicy{Batching: devices.DynamicBatching, MaxWait: 5 * ms})
		t.Cleanup(func() { _ = q.Close() })
		var l log
		require.NoError(t, q.Issue(t.Context(), numbered(1, 1), &l))
		require.NoError(t, q.Issue(t.Context(), numbered(2, 1), &l))
		settle(5*ms + 8*ms)
		require.Equal(t, 1, lanes[0].Phase(), "while it runs")
		settle(time.Hour)
		require.Equal(t, log{"first 1", "first 2", "tokens 1 1", "tokens 2 1", "tokens 1 1", "tokens 2 1", "done 1 <nil>", "done 2 <nil>"}, l)
		require.Equal(t, []time.Duration{7 * ms, 4 * ms}, lanes[0].PhaseTimes())
		require.Equal(t, []devices.LaneCount{{Samples: 2, Batches: 1, Busy: 11 * ms}}, q.Lanes())
	})
}

// TestRecordersAndContextsAreNotMixed: what cannot be joined starts at once, since nothing more can come to it.
func TestRecordersAndContextsAreNotMixed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(t, 4, 0, devices.BatchPolicy{Batching: devices.DynamicBatching, MaxWait: time.Second}, taking(100*ms))
		a, b := newJournal(), newJournal()
		other, cancel := context.WithCancel(t.Context())
		defer cancel()
		require.NoError(t, q.Issue(t.Context(), numbered(0, 1), a))
		require.NoError(t, q.Issue(t.Context(), numbered(1, 1), b))
		require.NoError(t, q.Issue(other, numbered(2, 2), b))
		settle(time.Minute)
		require.Equal(t, []group{{at: 100 * ms, ids: []uint64{0}}}, a.done)
		require.Equal(t, []group{{at: 200 * ms, ids: []uint64{1}}, {at: 1100 * ms, ids: []uint64{2, 3}}}, b.done)
	})
}

func TestPolicyThatCannotBeFollowed(t *testing.T) {
	for _, c := range []struct {
		name   string
		lanes  []*devices.Batched
		policy devices.BatchPolicy
		want   string
	}{
		{"no lane", nil, devices.BatchPolicy{}, "issuing to the queue: it has no lane; load at least one session"},
		{"unknown batching", lanesOf(1, 0, taking(0)), devices.BatchPolicy{Batching: "continuous"},
			`issuing to the queue: batching "continuous" is not known; use static or dynamic`},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := devices.NewQueue(c.lanes, c.policy)
			j := newJournal()
			require.EqualError(t, q.Issue(t.Context(), numbered(0, 2), j), c.want)
			require.Equal(t, map[uint64]int{0: 1, 1: 1}, j.ended())
			require.NoError(t, q.Close())
		})
	}
}

var errClosing = errors.New("stuck")

// sticky is a session that cannot be closed.
type sticky struct {
	timed
	closes int
}

func (s *sticky) Close() error {
	s.closes++
	return fmt.Errorf("closing: %w", errClosing)
}

func TestCloseDuringWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		session := &sticky{timed: *taking(100 * ms)}
		q := newQueue(t, 2, 0, devices.BatchPolicy{}, session, taking(100*ms), taking(100*ms))
		j := newJournal()
		require.NoError(t, q.Issue(t.Context(), numbered(0, 9), j))
		time.Sleep(30 * ms)
		require.ErrorIs(t, q.Close(), errClosing)
		require.Equal(t, 100*ms, time.Since(j.start), "it waits for what runs and starts nothing more")
		require.ErrorIs(t, q.Close(), errClosing)
		require.Equal(t, 1, session.closes)
		ended := map[uint64]error{}
		for _, g := range j.done {
			for _, id := range g.ids {
				ended[id] = g.err
			}
		}
		require.Len(t, ended, 9)
		for id, err := range ended {
			if id < 6 {
				require.NoError(t, err, "sample %d was running", id)
			} else {
				require.EqualError(t, err, "issuing to the queue: it is closed")
			}
		}
		require.EqualError(t, q.Issue(t.Context(), numbered(9, 1), j), "issuing to the queue: it is closed")
		require.Equal(t, 1, j.ended()[9])
	})
}

func TestCloseWakesALaneThatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(t, 2, 0, devices.BatchPolicy{Batching: devices.DynamicBatching, MaxWait: time.Hour}, taking(ms), taking(ms))
		j := newJournal()
		require.NoError(t, q.Issue(t.Context(), numbered(0, 1), j))
		synctest.Wait()
		require.NoError(t, q.Close())
		require.Zero(t, time.Since(j.start))
		require.Equal(t, map[uint64]int{0: 1}, j.ended())
	})
}
