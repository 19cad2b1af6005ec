package stat

import "slices"

// Median is the middle number, or the mean of the two in the middle. ok is false for an empty sample and for a number that is not finite.
func Median(xs []float64) (median float64, ok bool) {
	if !finite(xs...) {
		return 0, false
	}
	return middle(slices.Sorted(slices.Values(xs))), true
}

// middle is the median of sorted numbers. It halves first, so that large ones do not overflow, and stays between the two where halving
// the smallest makes 0 of them.
func middle(sorted []float64) float64 {
	low, high := sorted[(len(sorted)-1)/2], sorted[len(sorted)/2]
	return min(max(low/2+high/2, low), high)
}

// MedianInterval is the median, and the order statistics between which the median of the population lies with at least the
// given confidence, 0 < confidence < 1, whatever the distribution: the interval for figures of separate runs that are no
// means, as percentiles are. See [QuantileRanks]. ok is false below the least number that gives a finite interval, 6 at 95 %,
// and for a number that is not finite.
func MedianInterval(xs []float64, confidence float64) (median, low, high float64, ok bool) {
	from, to, ok := QuantileRanks(int64(len(xs)), 0.5, confidence)
	if !ok || !finite(xs...) {
		return 0, 0, 0, false
	}
	sorted := slices.Sorted(slices.Values(xs))
	return middle(sorted), sorted[from-1], sorted[to-1], true
}
