package arrival

import "math"

const nanosecondsPerSecond = 1e9

// Schedule is the sequence of arrival times of a [Spec], of fixed size however many they are. It is not safe for
// concurrent use.
type Schedule struct {
	source  Source
	process Process
	gamma   gamma

	total float64 // sum of the gaps of unit rate so far
	last  int64   // nanoseconds of the latest arrival

	// The ramp: from the rate start, with the square of the rate growing by slope per arrival, until ramped arrivals are
	// expected, spanNS nanoseconds from the start. All zero without a ramp.
	start, slope, ramped, spanNS float64
	rate                         float64 // per second, after the ramp
}

// New starts the schedule of a spec that is valid.
//
// Its integers are of a stream of their own, for the order of the samples comes of the same seed, and when queries arrive
// must not depend on which they are. The complement is for the first integer, which that order uses.
func New(spec Spec) *Schedule {
	origin := NewSource(^spec.Seed)
	s := &Schedule{source: NewSource(origin.Uint64()), process: spec.Process, rate: spec.Rate}
	switch spec.Process {
	case Gamma:
		s.gamma = newGamma(spec.Shape)
	case Constant:
		// The first of equal gaps ends at 0, so that a whole number of seconds has rate arrivals in each.
		s.total = -1
	}
	if spec.RateEnd > 0 {
		seconds := spec.Span.Seconds()
		s.start, s.rate = spec.Rate, spec.RateEnd
		s.slope = mul(2, spec.RateEnd-spec.Rate) / seconds
		s.ramped = mul(mul(0.5, spec.Rate+spec.RateEnd), seconds)
		s.spanNS = float64(spec.Span)
	}
	return s
}

// Next is the time of the next arrival in nanoseconds since the start, rounded to the nearest. It is at least 0 and never
// less than the one before. Beyond the range of int64, 292 years, it stays at the greatest.
func (s *Schedule) Next() int64 {
	s.total += s.gap()
	// Of gaps shorter than an ulp of the time, the root in time can go back by one.
	s.last = max(s.last, nanoseconds(s.time()))
	return s.last
}

// gap is the next gap of the process at unit rate: its mean is 1.
func (s *Schedule) gap() float64 {
	switch s.process {
	case Poisson:
		return -ln(s.source.unit())
	case Gamma:
		return s.gamma.gap(&s.source)
	default:
		return 1
	}
}

// time is when total arrivals are expected, in nanoseconds: the inverse of the cumulative rate. On the ramp that rate is
// start*t + slope*t*t/4 after t seconds, slope being twice the change of the rate per second; the root is written so that
// nothing cancels when the slope is small.
func (s *Schedule) time() float64 {
	if s.total < s.ramped {
		// Next to the end of a ramp towards 0, rounding can bring the square of the rate below it.
		square := max(mul(s.start, s.start)+mul(s.slope, s.total), 0)
		return mul(2*nanosecondsPerSecond, s.total) / (s.start + math.Sqrt(square))
	}
	return s.spanNS + mul(nanosecondsPerSecond, s.total-s.ramped)/s.rate
}

// nanoseconds is t rounded to an integer, at most the greatest.
func nanoseconds(t float64) int64 {
	if t < 1<<63 {
		return int64(t + 0.5)
	}
	return math.MaxInt64
}
