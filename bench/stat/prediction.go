package stat

import (
	"math"

	moremath "github.com/aclements/go-moremath/stats"
)

// PredictionInterval is where one further number of the same kind lies with the given confidence, 0 < confidence < 1, if the
// numbers are independent and normal: mean +- t s sqrt(1 + 1/n) with Student's t of n-1 degrees of freedom and the standard
// deviation s of the sample. It is wider than [MeanInterval], which is about the mean. ok is false for fewer than two numbers and
// as for [Mean].
func PredictionInterval(xs []float64, confidence float64) (low, high float64, ok bool) {
	if _, ok := Mean(xs); !ok || len(xs) < 2 || !inside(confidence) {
		return 0, 0, false
	}
	mean, lowMean, _ := moremath.MeanCI(xs, confidence)
	half := (mean - lowMean) * math.Sqrt(float64(len(xs))+1)
	low, high = mean-half, mean+half
	if !finite(low, high) {
		return 0, 0, false
	}
	return low, high, true
}
