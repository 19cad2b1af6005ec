package arrival

import (
	"fmt"
	"time"
)

// Process is how the gaps between arrivals are distributed.
type Process string

const (
	// Poisson has exponential gaps: arrivals that know nothing of each other.
	Poisson Process = "poisson"
	// Constant has equal gaps.
	Constant Process = "constant"
	// Gamma has gaps of a gamma distribution. Its shape is vLLM's burstiness: 1 is Poisson, below comes in bursts, above is
	// smoother. The squared coefficient of variation of the gaps is 1/shape.
	Gamma Process = "gamma"
)

const (
	maxRate  = 1e9 // one arrival per nanosecond, the unit of the schedule
	minShape = 0.05
	maxShape = 1000
)

// Spec is what a schedule follows from, entirely.
type Spec struct {
	Process Process
	Shape   float64       // of the gamma distribution; 0 for the other processes
	Rate    float64       // mean arrivals per second; with a ramp, those at its start
	RateEnd float64       // above 0 the rate changes linearly from Rate to RateEnd over Span, and stays there
	Span    time.Duration // of the ramp; 0 without one
	Seed    uint64
}

// Validate says why no schedule can be made of the spec.
func (s Spec) Validate() error {
	switch s.Process {
	case Poisson, Constant:
		if s.Shape != 0 {
			return fmt.Errorf("checking arrivals: shape %v with process %s: a shape needs process %s", s.Shape, s.Process, Gamma)
		}
	case Gamma:
		if !(s.Shape >= minShape && s.Shape <= maxShape) {
			return fmt.Errorf("checking arrivals: shape %v: process %s takes one from %v to %v, 1 being as Poisson", s.Shape, Gamma,
				minShape, maxShape)
		}
	default:
		return fmt.Errorf("checking arrivals: unknown process %q: there are %s, %s and %s", s.Process, Poisson, Constant, Gamma)
	}
	if !validRate(s.Rate) {
		return fmt.Errorf("checking arrivals: rate %v per second: it must be above 0 and at most %v", s.Rate, maxRate)
	}
	if s.RateEnd == 0 {
		if s.Span != 0 {
			return fmt.Errorf("checking arrivals: span %v without a final rate: a ramp needs both, a steady rate neither", s.Span)
		}
		return nil
	}
	if !validRate(s.RateEnd) {
		return fmt.Errorf("checking arrivals: final rate %v per second: it must be above 0 and at most %v, or 0 for no ramp",
			s.RateEnd, maxRate)
	}
	if s.Span <= 0 {
		return fmt.Errorf("checking arrivals: ramp to %v per second over a span of %v: it needs a span above 0", s.RateEnd, s.Span)
	}
	return nil
}

func validRate(perSecond float64) bool {
	return perSecond > 0 && perSecond <= maxRate
}
