package devices

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Batching says which samples may share an execution.
type Batching string

const (
	// StaticBatching forms batches from the samples of one query, that is of one Issue, in chunks of at most the lanes'
	// batch size.
	StaticBatching Batching = "static"
	// DynamicBatching joins the samples of different queries in the order in which they came.
	DynamicBatching Batching = "dynamic"
)

// BatchPolicy says how a [Queue] forms batches.
type BatchPolicy struct {
	// Batching is static if it is empty.
	Batching Batching
	// MaxBatch and MaxWait are for dynamic batching: an execution starts when MaxBatch samples wait or the oldest has
	// waited MaxWait. MaxBatch is at most the lanes' batch size, which 0 stands for. With a MaxWait of 0 a free lane takes
	// what is there at once. The runtime's timers may be a millisecond late in a process that is otherwise idle, and a wait
	// is that much longer.
	MaxBatch int
	MaxWait  time.Duration
}

// errClosed is the end of the samples that wait when a queue is closed.
var errClosed = errors.New("issuing to the queue: it is closed")

// Queue is a System that puts a queue before one or more lanes. Issue only queues, so that it can be driven by open-loop
// and by concurrent load; each lane is a goroutine with a loaded session of its own, and a free lane takes the oldest
// batch. A batch smaller than the session's is filled up as [Batched] does.
//
// Samples of different queries join only if these were issued with the same context and the same recorder, which must
// therefore be comparable, as pointers are; a query that cannot be joined starts the batch before it at once.
//
// When a context is done, the samples of its queries that wait end with its error as soon as a lane is free, without
// being executed. When a session fails, its samples, all that wait and all that come end with that error. Recorders are
// called from the lanes' goroutines and must not close the queue. Steady state allocates nothing.
type Queue struct {
	policy BatchPolicy
	max    int // samples of a batch
	start  time.Time
	lanes  []*lane
	ended  sync.WaitGroup // the lanes

	mu       sync.Mutex
	queries  ring[query]
	samples  ring[Sample]
	idle     int   // lanes that wait and have not been called
	watching int   // those among the waiting that time the oldest sample
	err      error // why the queue takes no more
	closed   bool
	call     chan struct{} // room for a call to every lane, so that calling never blocks

	closing  sync.Once
	closeErr error
}

// query is what is left of the samples of one Issue.
type query struct {
	ctx     context.Context
	rec     Recorder
	left    int
	joins   bool // the query before it, with which it shares context and recorder
	arrived time.Duration
}

// NewQueue makes a queue before the lanes, at least one, and closes them when it is closed. Batches are of the smallest
// lane's size. A policy that cannot be followed is the error of every Issue.
func NewQueue(lanes []*Batched, p BatchPolicy) *Queue {
	q := &Queue{policy: p, start: time.Now(), call: make(chan struct{}, len(lanes))}
	if q.policy.Batching == "" {
		q.policy.Batching = StaticBatching
	}
	switch q.policy.Batching {
	case StaticBatching:
		q.policy.MaxWait = 0
	case DynamicBatching:
		q.max = max(p.MaxBatch, 0)
	default:
		q.err = fmt.Errorf("issuing to the queue: batching %q is not known; use %s or %s", p.Batching, StaticBatching, DynamicBatching)
	}
	if len(lanes) == 0 {
		q.err = errors.New("issuing to the queue: it has no lane; load at least one session")
	}
	for _, sys := range lanes {
		if q.max == 0 || sys.batch < q.max {
			q.max = sys.batch
		}
	}
	for _, sys := range lanes {
		l := &lane{queue: q, sys: sys, samples: make([]Sample, q.max)}
		q.lanes = append(q.lanes, l)
		q.ended.Go(l.serve)
	}
	return q
}

// Issue queues the samples and returns at once. It may be called from any goroutine. The Go scheduler lets the called lane
// run when the issuer sleeps or yields, else only tens of microseconds later, when another thread steals it: an issuer
// that spins until its next query should yield once after Issue.
func (q *Queue) Issue(ctx context.Context, samples []Sample, rec Recorder) error {
	if len(samples) == 0 {
		return nil
	}
	now, err := q.now(), ctx.Err()
	q.mu.Lock()
	if q.err != nil {
		err = q.err
	}
	if err != nil {
		q.mu.Unlock()
		rec.DoneAll(samples, err)
		return err
	}
	added := query{ctx: ctx, rec: rec, left: len(samples), arrived: now}
	if q.queries.n > 0 {
		last := q.queries.at(q.queries.n - 1)
		added.joins = last.ctx == ctx && last.rec == rec
	}
	q.queries.push(added)
	q.samples.reserve(len(samples))
	for _, s := range samples {
		q.samples.push(s)
	}
	q.alert(now)
	q.mu.Unlock()
	return nil
}

// now is the time by which samples wait: since the queue was made, and 0 where nothing waits by time.
func (q *Queue) now() time.Duration {
	if q.policy.MaxWait <= 0 {
		return 0
	}
	return time.Since(q.start)
}

// next is the size of the oldest batch and how long it is still to wait for further samples. A size of 0 means that
// nothing is queued.
func (q *Queue) next(now time.Duration) (n int, wait time.Duration) {
	if q.queries.n == 0 {
		return 0, 0
	}
	oldest := q.queries.at(0)
	n = min(oldest.left, q.max)
	if q.policy.Batching == StaticBatching {
		return n, 0
	}
	i := 1
	for ; n < q.max && i < q.queries.n && q.queries.at(i).joins; i++ {
		n = min(n+q.queries.at(i).left, q.max)
	}
	if n == q.max || i < q.queries.n || q.policy.MaxWait <= 0 || q.err != nil || oldest.ctx.Err() != nil {
		return n, 0
	}
	return n, max(oldest.arrived+q.policy.MaxWait-now, 0)
}

// alert calls an idle lane if there is something for it to do: a batch to take, or the oldest sample's wait to be timed.
// A lane that takes a batch alerts the next one, so that one call is enough.
func (q *Queue) alert(now time.Duration) {
	if q.idle == 0 {
		return
	}
	if n, wait := q.next(now); n > 0 && (wait == 0 || q.watching == 0) {
		q.idle--
		q.call <- struct{}{}
	}
}

// take moves the oldest n samples, all of one context and recorder, which it returns.
func (q *Queue) take(into []Sample) (context.Context, Recorder) {
	oldest := *q.queries.at(0)
	for i := range into {
		into[i] = q.samples.pop()
	}
	for n := len(into); n > 0; {
		first := q.queries.at(0)
		taken := min(n, first.left)
		n, first.left = n-taken, first.left-taken
		if first.left == 0 {
			q.queries.pop()
		}
	}
	return oldest.ctx, oldest.rec
}

// Lanes counts what each lane has executed since the queue was made. It is complete when nothing is in flight.
func (q *Queue) Lanes() []LaneCount {
	counts := make([]LaneCount, len(q.lanes))
	for i, l := range q.lanes {
		counts[i] = LaneCount{Samples: l.done.Load(), Batches: l.batches.Load(), Busy: time.Duration(l.busy.Load())}
	}
	return counts
}

// Close lets the executions in flight come to their end, ends the samples that wait with an error, and closes every
// lane's session. Further calls return what the first one did.
func (q *Queue) Close() error {
	q.closing.Do(func() {
		q.mu.Lock()
		q.closed = true
		if q.err == nil {
			q.err = errClosed
		}
		for ; q.idle > 0; q.idle-- {
			q.call <- struct{}{}
		}
		q.mu.Unlock()
		q.ended.Wait()
		errs := make([]error, len(q.lanes))
		for i, l := range q.lanes {
			errs[i] = l.sys.Close()
		}
		q.closeErr = errors.Join(errs...)
	})
	return q.closeErr
}

var _ System = (*Queue)(nil)
