package nrt

import (
	"fmt"
	"os"
	"slices"
	"sync"

	"github.com/accelbench/accelbench/devices/engine/nrt/libnrt"
)

// neuronRuntime is the started runtime of this process. It is started with the first session and ended with the last, since it holds
// its cores for as long as it runs.
type neuronRuntime struct {
	mu       sync.Mutex
	reserved []int // the cores, by the machine's numbers; nil before the start
	sessions []int // on each
}

// place is a logical core with a session on it.
type place struct {
	*libnrt.Library
	core  int // counted from the first reserved one, as the runtime counts
	leave func()
}

// enter starts the runtime on the cores, if it is not started, and gives the one with the fewest sessions.
func (r *neuronRuntime) enter(l *libnrt.Library, c cores) (place, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.reserved == nil:
		// os.Setenv also sets the variable for C, with cgo as without.
		if err := os.Setenv(visibleCores, writeCores(c.ids)); err != nil {
			return place{}, fmt.Errorf("choosing cores: %w", err)
		}
		if err := l.Init(); err != nil {
			return place{}, fmt.Errorf("starting the Neuron runtime on the cores %s: %w", writeCores(c.ids), err)
		}
		r.reserved, r.sessions = c.ids, make([]int, len(c.ids))
		if n, err := l.VisibleCores(); err == nil && n < len(c.ids) {
			r.end(l)
			return place{}, fmt.Errorf("starting the Neuron runtime on the cores %s: it gives this process %d of them", writeCores(c.ids), n)
		}
	case !slices.Equal(r.reserved, c.ids):
		return place{}, fmt.Errorf("this process has reserved the cores %s and the runtime takes no second choice: run on the cores %s in a "+
			"process of its own", writeCores(r.reserved), writeCores(c.ids))
	}
	core := slices.Index(r.sessions, slices.Min(r.sessions))
	r.sessions[core]++
	var once sync.Once
	return place{l, core, func() { once.Do(func() { r.left(l, core) }) }}, nil
}

// left ends the runtime with its last session.
func (r *neuronRuntime) left(l *libnrt.Library, core int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sessions[core]--
	if slices.Max(r.sessions) == 0 {
		r.end(l)
	}
}

func (r *neuronRuntime) end(l *libnrt.Library) {
	l.Close()
	r.reserved, r.sessions = nil, nil
}
