package load

import (
	"context"
	"time"

	"github.com/accelbench/accelbench/bench/load/arrival"
	"github.com/accelbench/accelbench/bench/stat"
)

// leastPatience is how long the rest of a schedule may take to be served, at the rate at which its beginning was, before it is given up.
const leastPatience = 10 * time.Second

// Server issues queries of one sample by a schedule, whatever the system does: MLPerf's server scenario when the arrivals
// are Poisson. Latency runs from the scheduled time, so that it holds the time that a query waits in the harness: a system
// that stalls is charged for every query that it kept waiting. The schedule ends when its next time lies beyond the least
// duration and there are enough queries; the run ends with the last completion.
type Server struct {
	Schedule arrival.Spec
	// Wait waits for the time of a query.
	Wait Wait
	// Enter, if set, prepares the thread of the generator and returns what undoes that.
	Enter func() (leave func())
}

func (Server) warmup(s Settings) int { return s.Batch * s.Lanes }

func (Server) prepare(r *recorder) {
	r.latency, r.ttft = stat.NewHistogram(), stat.NewHistogram()
}

func (a Server) issue(ctx context.Context, r *run) {
	if a.Enter != nil {
		defer a.Enter()()
	}
	schedule, late := arrival.New(a.Schedule), stat.NewHistogram()
	var hash arrival.Hash
	var last, issued, asleep int64
	r.rec.start = time.Now()
	for ctx.Err() == nil {
		at := schedule.Next()
		if r.over(at, r.queries) {
			break
		}
		now, slept, ok := a.Wait(ctx, r.rec.start, at)
		asleep += slept
		if !ok {
			break
		}
		late.Record(now - at)
		samples := r.samples(1)
		hash.Add(at, samples[0].Index)
		if r.rec.admit(samples, at) >= MaxInFlight {
			r.overrun = true
		}
		last, issued = at, now
		if !r.give(ctx, samples) || r.overrun {
			break
		}
	}
	r.schedule = &Schedule{Last: time.Duration(last), Issued: time.Duration(issued), Lateness: late, Hash: hash.Sum(),
		Awake: time.Duration(max(issued-asleep, 0))}
	if r.overrun = r.overrun || r.rec.hopeless(max(last, int64(leastPatience))); r.overrun {
		r.rec.stop() // nobody waits for a queue that was not to be served
	}
	r.rec.wait(1)
}
