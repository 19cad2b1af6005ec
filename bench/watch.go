package bench

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// lostError tells that a worker gave no result.
type lostError struct {
	reason  string
	hung    bool
	stopped bool // the context was done
}

func (e *lostError) Error() string { return e.reason }

// gate holds the workers of a group until all of them are ready. The nil gate holds nobody.
type gate struct {
	mu      sync.Mutex
	waiting int           // members that are not ready yet
	open    chan struct{} // closed when all are
	broken  chan struct{} // closed when one ended before
	why     string        // set before broken is closed
}

func newGate(members int) *gate {
	return &gate{waiting: members, open: make(chan struct{}), broken: make(chan struct{})}
}

// ready notes that a member waits.
func (g *gate) ready() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.waiting--; g.waiting == 0 && g.why == "" {
		close(g.open)
	}
}

// leave notes that a member has ended; before the gate opened that ends the others.
func (g *gate) leave(why string) {
	if g == nil {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.waiting > 0 && g.why == "" {
		g.why = why
		close(g.broken)
	}
}

// work runs one job in a worker and returns its last event. hear gets the stages, if it is not nil.
func (r *Runner) work(ctx context.Context, job Job, deadline time.Duration, hear func(stageEvent)) (event, error) {
	return r.workAt(ctx, job, deadline, hear, nil)
}

// workAt is work for one of the workers at a gate.
func (r *Runner) workAt(ctx context.Context, job Job, deadline time.Duration, hear func(stageEvent), g *gate) (event, error) {
	if ctx.Err() != nil {
		return event{}, &lostError{reason: "interrupted before it began", stopped: true}
	}
	p, err := start(r.Command, r.Env, job)
	if err != nil {
		return event{}, err
	}
	w := watcher{p: p, hear: hear, deadline: deadline, grace: r.Grace, gate: g}
	if w.grace == 0 {
		w.grace = defaultGrace
	}
	return w.watch(ctx)
}

// watcher follows one worker to its end.
type watcher struct {
	p               *process
	hear            func(stageEvent)
	deadline, grace time.Duration
	gate            *gate
	open            <-chan struct{} // the gate's, from the time on at which the worker waits at it
	last            *event
	stage           Stage      // the last one that began, empty before the first
	lost            *lostError // why it was killed
	stopped         bool
}

func (w *watcher) watch(ctx context.Context) (event, error) {
	limit := time.NewTimer(w.deadline)
	defer limit.Stop()
	stop, events := ctx.Done(), w.p.events
	var broken <-chan struct{}
	if w.gate != nil {
		broken = w.gate.broken
	}
	var exit error
	for exited := w.p.exit; events != nil || exited != nil; {
		select {
		case e, ok := <-events:
			if !ok {
				events = nil
				if w.p.garbage != nil && w.last == nil {
					w.kill(&lostError{reason: w.p.garbage.Error()})
				}
				continue
			}
			if w.note(e) {
				limit.Reset(teardown)
			}
		case exit = <-exited:
			exited = nil
		case <-stop:
			stop = nil
			w.stopped = true
			w.p.stop()
			limit.Reset(w.grace)
		case <-w.open:
			w.open, broken = nil, nil
			w.p.tell(command{Start: true})
		case <-broken:
			broken = nil
			if ctx.Err() != nil {
				continue // the other was interrupted, as this one is
			}
			w.kill(&lostError{reason: "not begun, because another device of the same run failed: " + w.gate.why})
		case <-limit.C:
			w.expire()
		}
	}
	switch {
	case w.last != nil:
		return *w.last, nil
	case w.lost != nil:
		return event{}, w.lost
	}
	return event{}, &lostError{reason: w.p.explain(exit), stopped: w.stopped}
}

// note takes an event and reports whether it is the last one that counts.
func (w *watcher) note(e event) bool {
	if e.final() {
		if w.last != nil {
			return false
		}
		w.last = &e
		return true
	}
	if e.Stage.Stage == StageReady && w.gate != nil {
		w.gate.ready()
		w.open = w.gate.open
	}
	w.stage = e.Stage.Stage
	if w.hear != nil && w.last == nil {
		w.hear(*e.Stage)
	}
	return false
}

func (w *watcher) expire() {
	switch {
	case w.last != nil:
		w.kill(nil)
	case w.stopped:
		w.kill(&lostError{reason: fmt.Sprintf("interrupted, and the worker did not stop within %s", w.grace), stopped: true})
	default:
		during := ""
		if w.stage != "" {
			during = fmt.Sprintf(" (stage %s)", w.stage)
		}
		w.kill(&lostError{reason: fmt.Sprintf("no answer within %s%s: the worker was killed", w.deadline, during), hung: true})
	}
}

func (w *watcher) kill(why *lostError) {
	if w.lost == nil {
		w.lost = why
	}
	w.p.kill()
}
