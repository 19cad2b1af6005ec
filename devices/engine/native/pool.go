package native

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/accelbench/accelbench/devices/engine/native/kernel"
)

// spinTime is how long a worker without work looks for more before it sleeps. Waking a sleeper costs several microseconds, the
// tasks of a decode step last about ten; the gap between two steps is shorter than this.
const spinTime = 50 * time.Microsecond

// worker is one thread's own memory.
type worker struct {
	scratch kernel.Scratch
	patches patchFiller
	rows    rowFiller
	heads   headScratch
	sums    []float32 // of channels
	idle    parking
}

// job is work that splits into tasks that do not depend on each other.
type job interface {
	run(w *worker, task int)
}

// pool runs jobs on a fixed number of workers; worker 0 is the caller of do, the others are goroutines.
type pool struct {
	workers []*worker
	spin    bool
	group   sync.WaitGroup

	// The job in progress. It is written before ticket and read after a task was taken from it: as long as a task is not
	// finished, do does not return and the job stays.
	job   job
	tasks int
	round uint32

	_      [64]byte
	ticket atomic.Uint64 // round<<32 + the number of tasks not yet taken
	_      [56]byte
	left   atomic.Int64 // tasks not yet finished
	_      [56]byte
	closed atomic.Bool
	caller parking
}

// newPool starts threads-1 goroutines. Close ends them.
func newPool(threads int) *pool {
	// A spinning worker must not hold the CPU that another one needs to get on.
	p := &pool{spin: threads <= runtime.GOMAXPROCS(0)}
	p.caller = newParking(func() bool { return p.left.Load() == 0 })
	for range max(threads, 1) {
		w := &worker{idle: newParking(func() bool { return uint32(p.ticket.Load()) > 0 || p.closed.Load() })}
		w.patches.bind()
		w.rows.bind()
		p.workers = append(p.workers, w)
	}
	for _, w := range p.workers[1:] {
		p.group.Go(func() {
			for !p.closed.Load() {
				p.take(w)
				w.idle.wait(p.spin)
			}
		})
	}
	return p
}

// do runs all tasks of the job and returns when they are finished.
func (p *pool) do(j job, tasks int) {
	if tasks <= 1 || len(p.workers) == 1 {
		p.doInline(j, tasks)
		return
	}
	p.job, p.tasks = j, tasks
	p.round++
	p.left.Store(int64(tasks))
	p.ticket.Store(uint64(p.round)<<32 + uint64(tasks))
	for _, w := range p.workers[1:min(len(p.workers), tasks)] {
		w.idle.wake()
	}
	p.take(p.workers[0])
	p.caller.wait(p.spin)
}

// doInline runs all tasks on the caller.
func (p *pool) doInline(j job, tasks int) {
	for t := range tasks {
		j.run(p.workers[0], t)
	}
}

// take runs tasks until none is left to take.
func (p *pool) take(w *worker) {
	for {
		t := p.ticket.Load()
		n := int(uint32(t))
		if n == 0 {
			return
		}
		if !p.ticket.CompareAndSwap(t, t-1) {
			continue
		}
		p.job.run(w, p.tasks-n)
		if p.left.Add(-1) == 0 {
			p.caller.wake()
		}
	}
}

// close ends the goroutines and waits for them.
func (p *pool) close() {
	p.closed.Store(true)
	for _, w := range p.workers[1:] {
		w.idle.wake()
	}
	p.group.Wait()
}

// parking lets one goroutine wait for a condition that others bring about and then announce by wake.
type parking struct {
	ready  func() bool
	parked atomic.Bool
	token  chan struct{}
}

func newParking(ready func() bool) parking {
	return parking{ready: ready, token: make(chan struct{}, 1)}
}

// wait returns when the condition holds. It looks for a short while, if it may, and then sleeps.
func (k *parking) wait(spin bool) {
	if spin && k.look() {
		return
	}
	for !k.ready() {
		k.parked.Store(true)
		// A condition that came true before parked was visible announced itself to nobody.
		if k.ready() && k.parked.CompareAndSwap(true, false) {
			return
		}
		<-k.token
	}
}

func (k *parking) look() bool {
	const looksPerYield = 2048
	start := time.Now()
	for i := 1; !k.ready(); i++ {
		switch {
		case i%looksPerYield == 0:
			runtime.Gosched()
		case i%64 == 0 && time.Since(start) > spinTime:
			return false
		}
	}
	return true
}

// wake ends the sleep of wait; the condition must hold or have held.
func (k *parking) wake() {
	if k.parked.CompareAndSwap(true, false) {
		k.token <- struct{}{}
	}
}
