package load

import (
	"context"
	"time"

	"github.com/accelbench/accelbench/devices"
)

// run is the state of one sequence of queries.
type run struct {
	*Generator
	rec      *recorder
	order    *order
	buffer   []devices.Sample
	queries  int64
	err      error // of Issue
	asked    int64 // nanoseconds since the start at which More was asked last
	overrun  bool
	schedule *Schedule
}

func (g *Generator) newRun(rec *recorder, room int) *run {
	rec.reserve(room)
	rec.start = time.Now()
	return &run{Generator: g, rec: rec, order: newOrder(g.settings.Seed, g.settings.Pool)}
}

// samples takes the next n samples of the order.
func (r *run) samples(n int) []devices.Sample {
	if cap(r.buffer) < n {
		r.buffer = make([]devices.Sample, n)
	}
	r.buffer = r.buffer[:n]
	for i := range r.buffer {
		r.buffer[i].Index = r.order.index()
	}
	return r.buffer
}

// query issues a query of n samples, waits until nothing is in flight, and tells what is known then and whether another
// one may follow.
func (r *run) query(ctx context.Context, n int, at int64) (state, bool) {
	samples := r.samples(n)
	r.rec.admit(samples, at)
	return r.hand(ctx, samples)
}

func (r *run) hand(ctx context.Context, samples []devices.Sample) (state, bool) {
	more := r.give(ctx, samples)
	now := r.rec.wait(1)
	return now, more && ctx.Err() == nil
}

// give hands samples over and reports whether the system takes more.
func (r *run) give(ctx context.Context, samples []devices.Sample) bool {
	if err := r.sys.Issue(ctx, samples, r.rec); err != nil {
		if ctx.Err() == nil {
			r.err = err
		}
		return false
	}
	r.queries++
	return true
}

// over tells whether a run that is so old, in nanoseconds, and has so many queries may end.
func (r *run) over(end, queries int64) bool {
	s := &r.settings
	if queries == 0 || end < int64(s.Duration) || queries < int64(s.MinQueries) {
		return false
	}
	if s.More == nil || end >= int64(s.MaxDuration) {
		return true
	}
	if end < r.asked+r.asked/20 {
		return false
	}
	r.asked = end
	width, units := r.rec.progress()
	return !s.More(width, units)
}

// cause says why a query was the last.
func (r *run) cause(ctx context.Context) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case r.rec.firstErr != nil:
		return r.rec.firstErr
	}
	return r.err
}
