package stat

import (
	"math"
	"slices"

	moremath "github.com/aclements/go-moremath/stats"
	"github.com/montanaflynn/stats"
)

// Mean is the arithmetic mean. ok is false for an empty sample, one with a number that is not finite, and one whose mean is
// not finite.
func Mean(xs []float64) (mean float64, ok bool) {
	if !finite(xs...) {
		return 0, false
	}
	mean, err := stats.Mean(xs)
	return known(mean, err == nil)
}

// GeometricMean never leaves the range of the numbers, as rounding might. ok is false for an empty sample and for a number that is
// not finite or not above 0.
func GeometricMean(xs []float64) (mean float64, ok bool) {
	if !finite(xs...) || slices.Min(xs) <= 0 {
		return 0, false
	}
	sorted := slices.Sorted(slices.Values(xs)) // the same for every order
	logs := make([]float64, len(sorted))
	for i, x := range sorted {
		logs[i] = math.Log(x)
	}
	logarithm, ok := Mean(logs)
	return min(max(math.Exp(logarithm), sorted[0]), sorted[len(sorted)-1]), ok
}

// MeanInterval is the two-sided interval of the mean by Student's t with n-1 degrees of freedom, 0 < confidence < 1. It
// asks for independent numbers, as the figures of separate runs are. ok is false for fewer than two numbers and as for
// [Mean].
func MeanInterval(xs []float64, confidence float64) (low, high float64, ok bool) {
	if _, ok := Mean(xs); !ok || len(xs) < 2 || !inside(confidence) {
		return 0, 0, false
	}
	_, low, high = moremath.MeanCI(xs, confidence)
	if !finite(low, high) {
		return 0, 0, false
	}
	return low, high, true
}

// Spread is (max-min)/mean. ok is false for fewer than two numbers, a mean that is not above 0, and as for [Mean].
func Spread(xs []float64) (spread float64, ok bool) {
	mean, ok := Mean(xs)
	if !ok || len(xs) < 2 || mean <= 0 {
		return 0, false
	}
	low, high := moremath.Bounds(xs)
	return known((high-low)/mean, true)
}

func known(x float64, ok bool) (float64, bool) {
	if !ok || !finite(x) {
		return 0, false
	}
	return x, true
}

func finite(xs ...float64) bool {
	for _, x := range xs {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return false
		}
	}
	return len(xs) > 0
}
