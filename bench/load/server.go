package load

import (
	"context"
	"sync/atomic"
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
	r.drain(ctx, max(time.Duration(last), leastPatience, r.patience()))
}

// patience is the time of some executions, as the warm-up took them: long queries are no queue.
func (r *run) patience() time.Duration {
	const executions = 5
	if r.rate <= 0 {
		return 0
	}
	return time.Duration(executions * float64(r.settings.Batch*r.settings.Lanes) / r.rate * float64(time.Second))
}

// drain waits for what is in flight, unless that would take, or takes, longer than the patience: nobody waits for a queue that was not to be
// served. A run that has ended for another reason is not called hopeless besides.
func (r *run) drain(ctx context.Context, patience time.Duration) {
	if r.overrun = r.overrun || ctx.Err() == nil && r.rec.hopeless(patience, r.rate); r.overrun {
		r.rec.stop()
	}
	var late atomic.Bool
	giveUp := time.AfterFunc(patience, func() {
		if ctx.Err() == nil {
			late.Store(true)
			r.rec.stop()
		}
	})
	r.rec.wait(1)
	giveUp.Stop()
	r.overrun = r.overrun || late.Load()
}
