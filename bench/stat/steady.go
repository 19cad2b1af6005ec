package stat

import (
	"math"

	"github.com/montanaflynn/stats"
)

// mserBatch is the five of MSER-5; mserLeast the fewest batches that a cut is looked for in, so that at least five are left
// after the latest one.
const (
	mserBatch = 5
	mserLeast = 10
)

// MSER5 is the number of values at the start of a series, as the throughput of the slices of a run, that belong to its
// warm-up: a multiple of 5, at most half of the series.
//
// It is White's MSER-5 rule (1997): of the means b of batches of 5, m in all, the first d are cut off for the d <= m/2 with
// the least sum of (b - mean)^2 over what is left, divided by (m-d)^2; the least d of equals. Values behind the last full
// batch have no vote. ok is false for fewer than 50 values and for one that is not finite.
func MSER5(xs []float64) (cut int, ok bool) {
	m := len(xs) / mserBatch
	if m < mserLeast || !finite(xs...) {
		return 0, false
	}
	// Welford's recurrence from the end gives the mean and the squares of every tail in one pass.
	var mean, squares float64
	best := math.Inf(1)
	for d := m - 1; d >= 0; d-- {
		b, _ := Mean(xs[mserBatch*d : mserBatch*(d+1)])
		left := float64(m - d)
		delta := b - mean
		mean += delta / left
		squares += delta * (b - mean)
		if e := squares / (left * left); d <= m/2 && e <= best {
			best, cut = e, mserBatch*d
		}
	}
	return cut, true
}

// LevelChange is the mean of the second half of a series less that of the first, as a share of the mean of the whole; the
// middle one of an odd number counts for neither. ok is false for fewer than two values, a mean that is not above 0, and as
// for [Mean].
func LevelChange(xs []float64) (change float64, ok bool) {
	mean, ok := Mean(xs)
	if !ok || len(xs) < 2 || mean <= 0 {
		return 0, false
	}
	half := len(xs) / 2
	first, _ := Mean(xs[:half])
	second, ok := Mean(xs[len(xs)-half:])
	return known((second-first)/mean, ok)
}

// The thresholds of [NeverSteady].
const (
	steadyChange = 0.035 // of the whole series
	steadyRest   = 0.01  // of what MSER-5 leaves of it
	steadyTrend  = 0.8   // correlation of 10 batch means with time; chance exceeds it either way in 0.5 % of series
)

// NeverSteady says that a series did not come to rest, so that no cut makes its mean the mean of a steady state. Three
// things must hold:
//
//   - its level changes, by more than 3.5 % between its halves ([LevelChange]);
//   - that is a trend, not noise: the means of 10 batches correlate with time beyond 0.8, which a coarse series, as of a run
//     with a dozen completions, and a noisy one do not;
//   - the cut of [MSER5] does not cure it: what is left still changes in the same direction, by more than 1 %. A warm-up that
//     ends within the run passes.
//
// That the cut lies at its bound is no condition: of linear drifts of 10 % under independent noise of 3 %, MSER-5 cuts only a
// quarter to there. Of such drifts over 130 to 256 values this finds 95 % and more, and calls at most 1 % of steady series
// never steady, with noise of 3 % and an autocorrelation up to 0.8, or independent noise up to 30 %
// (TestNeverSteadyRates). Correlated noise hides drifts: at 0.8 it finds 59 % over 130 values. A warm-up that ends at half of
// the run is called never steady in 4 to 10 %. With 60 values at 0.8 it is wrong in 1.6 %. It is false for a series too
// short for [MSER5].
func NeverSteady(xs []float64) bool {
	cut, ok := MSER5(xs)
	if !ok {
		return false
	}
	change, ok := LevelChange(xs)
	if !ok || math.Abs(change) <= steadyChange {
		return false
	}
	rest, ok := LevelChange(xs[cut:])
	if !ok || rest*change <= 0 || math.Abs(rest) <= steadyRest {
		return false
	}
	batches := means(xs, batchCount)
	time := make([]float64, len(batches))
	for i := range time {
		time[i] = float64(i)
	}
	trend, err := stats.Correlation(batches, time)
	return err == nil && math.Abs(trend) > steadyTrend
}
