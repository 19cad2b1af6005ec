package devices

import (
	"slices"
	"sync/atomic"
	"time"
)

// phaseClock measures how long each phase of a decoder runs. It has no times for a workload of one phase, which is timed
// from outside and must not pay for reading the clock.
type phaseClock struct {
	times   []time.Duration
	current atomic.Int32 // the phase that runs, -1 for none
	since   time.Time    // when it began
}

func (c *phaseClock) init(phases int) {
	c.current.Store(-1)
	if phases > 1 {
		c.times = make([]time.Duration, phases)
	}
}

// enter tells which phase runs from now on. The clock is read where the phase changes, not at every call.
func (c *phaseClock) enter(phase int) {
	if c.times == nil || int(c.current.Load()) == phase {
		return
	}
	c.charge()
	c.current.Store(int32(phase))
}

// charge adds the time since the last change of phase to the phase that ran.
func (c *phaseClock) charge() {
	now := time.Now()
	if phase := c.current.Load(); phase >= 0 {
		c.times[phase] += now.Sub(c.since)
	}
	c.since = now
}

// stop ends an execution.
func (c *phaseClock) stop() {
	if c.times != nil {
		c.charge()
		c.current.Store(-1)
	}
}

// PhaseTimes is the wall time for which each phase has run since [Batched.ResetPhaseTimes], the making of its inputs and
// the noting of its tokens included; nil for a workload of one phase. It is valid when nothing is in flight.
func (s *Batched) PhaseTimes() []time.Duration { return slices.Clone(s.clock.times) }

// ResetPhaseTimes starts the phase times from zero. Nothing may be in flight.
func (s *Batched) ResetPhaseTimes() { clear(s.clock.times) }

// Phase is the index of the phase that runs now, -1 when none does and for a workload of one phase. It may be called
// from any goroutine.
func (s *Batched) Phase() int { return int(s.clock.current.Load()) }
