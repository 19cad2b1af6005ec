package stat

import (
	"slices"

	"github.com/montanaflynn/stats"
)

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
	median, err := stats.Median(sorted)
	if _, ok := known(median, err == nil); !ok {
		return 0, 0, 0, false
	}
	return median, sorted[from-1], sorted[to-1], true
}
