package devices

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

// LaneCount is what one lane of a [Queue] has executed without an error: samples, executions, and the wall time of these.
// Samples / (Batches * batch size) is the batch occupancy.
type LaneCount struct {
	Samples, Batches int64
	Busy             time.Duration
}

// lane is a session and the goroutine that feeds it from the queue.
type lane struct {
	queue   *Queue
	sys     *Batched
	samples []Sample // of the batch in flight, with room for the largest
	run     execution
	timer   *time.Timer

	done, batches, busy atomic.Int64
}

func (l *lane) serve() {
	q := l.queue
	l.timer = time.NewTimer(time.Hour)
	l.timer.Stop()
	q.mu.Lock()
	defer q.mu.Unlock()
	for {
		now := q.now()
		switch n, wait := q.next(now); {
		case n == 0 && q.closed:
			return
		case n == 0:
			l.park()
		case wait > 0:
			l.watch(q.queries.at(0).ctx, wait)
		default:
			l.execute(n, now)
		}
	}
}

// park waits for a call. It gives the lock back meanwhile, as all of these do.
func (l *lane) park() {
	q := l.queue
	q.idle++
	q.mu.Unlock()
	<-q.call
	q.mu.Lock()
}

// watch waits until the oldest sample has waited long enough, or its context is done, or the lane is called.
func (l *lane) watch(ctx context.Context, wait time.Duration) {
	q := l.queue
	q.idle++
	q.watching++
	q.mu.Unlock()
	called := false
	l.timer.Reset(wait)
	select {
	case <-q.call:
		called = true
		l.timer.Stop()
	case <-l.timer.C:
	case <-ctx.Done():
		l.timer.Stop()
	}
	q.mu.Lock()
	q.watching--
	if called {
		return
	}
	// A call that is under way is answered here: whichever lane it was for, one fewer waits now.
	select {
	case <-q.call:
	default:
		q.idle--
	}
}

// execute takes the oldest n samples and runs them to their end, or ends them with the error of the queue.
func (l *lane) execute(n int, now time.Duration) {
	q := l.queue
	batch := l.samples[:n]
	ctx, rec := q.take(batch)
	q.alert(now)
	err := q.err
	q.mu.Unlock()
	if err != nil {
		rec.DoneAll(batch, err)
	} else {
		l.run = execution{Recorder: rec, lane: l, began: time.Now()}
		err = l.sys.Issue(ctx, batch, &l.run)
		l.run = execution{}
	}
	q.mu.Lock()
	// A query that is given up is no failure. If that cut an execution off, its session says so at the next one.
	if q.err == nil && err != nil && !errors.Is(err, ctx.Err()) {
		q.err = err
	}
}

// execution is the recorder of one batch. It counts before it tells the end, so that the counts are complete for whoever
// waits for the samples.
type execution struct {
	Recorder
	lane  *lane
	began time.Time
}

func (e *execution) DoneAll(samples []Sample, err error) {
	if err == nil {
		e.lane.busy.Add(int64(time.Since(e.began)))
		e.lane.batches.Add(1)
		e.lane.done.Add(int64(len(samples)))
	}
	e.Recorder.DoneAll(samples, err)
}
