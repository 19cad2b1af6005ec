package bench

import (
	"context"
	"fmt"
	"time"
)

// The limits of one execution of a batch in the timed part, when the plan has none: generous, because they only tell a
// device that hangs from a slow one. The first query includes what software does once.
const (
	leastQueryDeadline  = 30 * time.Second
	queryDeadlineFactor = 20
)

// queryDeadline is how long an execution may take after one that took first.
func (p Plan) queryDeadline(first time.Duration) time.Duration {
	if p.QueryDeadline > 0 {
		return p.QueryDeadline
	}
	return max(leastQueryDeadline, queryDeadlineFactor*first)
}

// pulsing is a lane as the watchdog sees it.
type pulsing interface {
	// Pulse counts the beginnings and the ends of executions: it is odd while one is in flight.
	Pulse() uint64
}

// watchdog finds an execution that does not end. It sees a deadline late by a tenth at most, and reads no clock in the timed path.
type watchdog struct {
	lanes []pulsing
	limit time.Duration
}

// watch waits until an execution has exceeded the limit, and tells which lane hangs; or until the context is done.
func (w watchdog) watch(ctx context.Context) (lane int, hung bool) {
	type beat struct {
		pulse uint64
		since time.Time
	}
	last := make([]beat, len(w.lanes))
	ticks := time.NewTicker(max(w.limit/10, time.Millisecond))
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return 0, false
		case now := <-ticks.C:
			for i, l := range w.lanes {
				switch p := l.Pulse(); {
				case p != last[i].pulse || last[i].since.IsZero():
					last[i] = beat{p, now}
				case p%2 == 1 && now.Sub(last[i].since) >= w.limit:
					return i, true
				}
			}
		}
	}
}

// guard gives the run up when an execution takes longer than the limit. The returned function ends that.
func (m *measurement) guard(ctx context.Context, limit time.Duration) (stop func()) {
	ctx, stop = context.WithCancel(context.WithoutCancel(ctx)) // a stopped run may hang as well
	dog := watchdog{limit: limit}
	for _, lane := range m.lanes {
		dog.lanes = append(dog.lanes, lane)
	}
	go func() {
		lane, hung := dog.watch(ctx)
		if !hung {
			return
		}
		m.out.giveUp(fmt.Sprintf("a query hangs: session %d of engine %s on %s has computed %s for more than %s without an answer, so the run was given up; "+
			"if that can be right, raise --query-deadline", lane+1, m.job.Plan.Engine, m.job.Plan.Device, m.workload.Name, limit))
	}()
	return stop
}
