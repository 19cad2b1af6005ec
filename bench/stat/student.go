package stat

import (
	"math"

	"github.com/aclements/go-moremath/mathx"
	moremath "github.com/aclements/go-moremath/stats"
	"github.com/montanaflynn/stats"
)

// A TShift estimates by how much the values of one series lie above those of another, by their means: the difference of the
// means, its standard error and the degrees of freedom of Student's t. Of logarithms it is that of a ratio.
type TShift struct {
	Value, Error, Freedom float64
}

// Welch is the shift from base to head of independent series whose variances may differ. Where both are constant the error is 0. Its
// intervals keep their level (TestWelchCovers). ok is false for fewer than two numbers a side and for one that is not finite.
func Welch(base, head []float64) (shift TShift, ok bool) {
	b, okB := meanError(base)
	h, okH := meanError(head)
	if !okB || !okH {
		return TShift{}, false
	}
	shift.Value = h.Value - b.Value
	shift.Error, shift.Freedom = WelchError(b.Error*b.Error, b.Freedom, h.Error*h.Error, h.Freedom)
	return shift, finite(shift.Value, shift.Error, shift.Freedom)
}

// scarce degrees of freedom of one side alone: from two or three numbers the variance comes out far too small at times, and Welch's
// degrees of freedom large with it, so that an interval at 95 % against ten numbers misses in 10 or 6 %. The degrees of freedom of the
// smaller side alone, which are the least that Welch's can be, never promise too much.
const scarce = 3

// WelchError is the standard error of the difference of two independent means, given the variance of each mean and its degrees of
// freedom, with the degrees of freedom that the difference has (B. L. Welch, Biometrika 34, 1947), or those of the smaller side where
// these are scarce.
func WelchError(base, baseFreedom, head, headFreedom float64) (err, freedom float64) {
	sum := base + head
	if sum == 0 {
		return 0, min(baseFreedom, headFreedom)
	}
	if few := min(baseFreedom, headFreedom); few < scarce && baseFreedom != headFreedom {
		return math.Sqrt(sum), few
	}
	share := base / sum // so that no square overflows
	return math.Sqrt(sum), 1 / (share*share/baseFreedom + (1-share)*(1-share)/headFreedom)
}

// PairedT is the shift from base to head where base[i] and head[i] were measured under the same circumstances: Student's t of
// their differences. ok is false for fewer than two pairs, for sides of unlike lengths, and for a number that is not finite.
func PairedT(base, head []float64) (shift TShift, ok bool) {
	differences, ok := differencesOf(base, head)
	if !ok {
		return TShift{}, false
	}
	return meanError(differences)
}

func differencesOf(base, head []float64) (differences []float64, ok bool) {
	if len(base) != len(head) || !finite(base...) || !finite(head...) {
		return nil, false
	}
	differences = make([]float64, len(base))
	for i := range base {
		differences[i] = head[i] - base[i]
	}
	return differences, finite(differences...)
}

// meanError is the mean of a series as a shift from 0.
func meanError(xs []float64) (shift TShift, ok bool) {
	mean, ok := Mean(xs)
	if !ok || len(xs) < 2 {
		return TShift{}, false
	}
	n := float64(len(xs))
	if constant(xs) {
		return TShift{Value: xs[0], Freedom: n - 1}, true // rounding would leave an error of some 1e-16
	}
	deviation, err := stats.StandardDeviationSample(xs)
	return TShift{Value: mean, Error: deviation / math.Sqrt(n), Freedom: n - 1}, err == nil && finite(deviation)
}

func constant(xs []float64) bool {
	for _, x := range xs {
		if x != xs[0] {
			return false
		}
	}
	return true
}

// Estimate is the shift.
func (s TShift) Estimate() float64 { return s.Value }

// Interval is the two-sided interval of the shift, 0 < confidence < 1: a point where the error is 0. ok is false for another
// confidence.
func (s TShift) Interval(confidence float64) (low, high float64, ok bool) {
	if !inside(confidence) {
		return 0, 0, false
	}
	half := 0.0
	if s.Error > 0 {
		half = s.Error * StudentQuantile(1-confidence, s.Freedom)
	}
	return s.Value - half, s.Value + half, finite(half)
}

// Level is 1 minus the confidence of the two-sided interval that ends at edge: the p-value of the hypothesis that the shift is edge.
func (s TShift) Level(edge float64) float64 {
	distance := math.Abs(s.Value - edge)
	switch {
	case distance == 0:
		return 1
	case s.Error == 0 || math.IsInf(edge, 0):
		return 0
	}
	return studentTails(distance/s.Error, s.Freedom)
}

// mostFreedom bounds the degrees of freedom: beyond it Student's t is the normal distribution to within 1e-4, and the library's
// incomplete beta function takes more steps than it allows itself.
const mostFreedom = 1e4

// studentTails is P(|T| > t) for t > 0.
func studentTails(t, freedom float64) float64 {
	v := min(freedom, mostFreedom)
	return mathx.BetaInc(v/(v+t*t), v/2, 0.5) // as a tail: one less the distribution function has no digits left far out
}

// StudentQuantile is the t beyond which, on either side together, lies the share level of Student's t distribution: 12.7 for 0.05 at
// one degree of freedom, 1.96 at many. It is +Inf below 1e-300. Levels are 0 < level < 1, degrees of freedom above 0.
//
// It solves log P(|T| > t) = log level for log t by Newton's method within a bracket: both ends of the distribution are nearly
// straight lines or parabolas there, and it takes a few steps where bisection takes fifty. It starts at the first term of the expansion
// around the normal quantile (R. A. Fisher and E. A. Cornish, Technometrics 2, 1960).
func StudentQuantile(level, freedom float64) float64 {
	dist := moremath.TDist{V: min(freedom, mostFreedom)}
	if level < 1e-300 {
		return math.Inf(1)
	}
	const steps, content = 100, 1e-12
	z := math.Sqrt2 * math.Erfinv(1-max(level, 1e-15))
	low, high, u := math.Inf(-1), math.Inf(1), math.Log(z+(z*z*z+z)/(4*dist.V)) // of log t
	for range steps {
		t := math.Exp(u)
		tails := studentTails(t, freedom)
		miss := math.Log(tails / level)
		if miss > 0 {
			low = u
		} else {
			high = u
		}
		next := u + miss*tails/(2*t*dist.PDF(t))
		if !(next > low && next < high) { // also where it is no number
			next = max(min((low+high)/2, u+3), u-3)
		}
		if math.Abs(next-u) < content || next == u {
			return math.Exp(next)
		}
		u = next
	}
	return math.Exp(u)
}
