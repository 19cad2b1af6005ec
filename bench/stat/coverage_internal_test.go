package stat

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// autoregressive is n values of an AR(1) process with correlation phi, mean and deviation.
func autoregressive(r *rand.Rand, n int, phi, mean, deviation float64) []float64 {
	xs := make([]float64, n)
	x := r.NormFloat64()
	for i := range xs {
		xs[i] = mean + deviation*x
		x = phi*x + math.Sqrt(1-phi*phi)*r.NormFloat64()
	}
	return xs
}

// latencies are lognormal with sigma 0.4, in the unit of their median, and correlate by phi before the exponential.
func latencies(r *rand.Rand, n int, phi float64) []float64 {
	xs := autoregressive(r, n, phi, 0, 0.4)
	for i := range xs {
		xs[i] = math.Exp(xs[i])
	}
	return xs
}

// warmUp takes a ramp of 40 that fades over 10 values from the start of a series.
func warmUp(xs []float64) []float64 {
	for i := range xs {
		xs[i] -= 40 * math.Exp(-float64(i)/10)
	}
	return xs
}

var p99OfLatencies = math.Exp(0.4 * 2.3263478740408408)

// A method gives an interval, or says with ok == false that there are too few values for one.
type method func(xs []float64) (low, high float64, ok bool)

// kept is the share of trials in which a method keeps its word: it gives no interval, or one that holds the truth.
// The seed is fixed.
func kept(truth float64, draw func(r *rand.Rand) []float64, interval method) float64 {
	r, kept := rand.New(rand.NewPCG(29, 31)), 0
	for range trials {
		if low, high, ok := interval(draw(r)); !ok || low <= truth && truth <= high {
			kept++
		}
	}
	return float64(kept) / trials
}

const trials = 1000

// honest is the least share of trials in which a 95 % interval must be kept: batch means are known to reach 0.94 at a
// correlation of 0.5, and four standard errors of the simulation are 0.03.
const honest = 0.94 - 0.03

func naive(xs []float64) (low, high float64, ok bool) { return MeanInterval(xs, Confidence) }

func batched(xs []float64) (low, high float64, ok bool) {
	interval, ok := BatchMeans(xs, Confidence)
	return interval.Low, interval.High, ok
}

func orderStatistics(xs []float64) (low, high float64, ok bool) {
	from, to, ok := QuantileRanks(int64(len(xs)), 0.99, Confidence)
	if !ok {
		return 0, 0, false
	}
	slices.Sort(xs)
	return xs[from-1], xs[to-1], true
}

// bootstrap is the percentile bootstrap of the p99, by 100 resamples.
func bootstrap(xs []float64) (low, high float64, ok bool) {
	slices.Sort(xs)
	r, n := rand.New(rand.NewPCG(61, math.Float64bits(xs[0]))), len(xs)
	p99s, drawn := make([]float64, 100), make([]int, n)
	for i := range p99s {
		clear(drawn)
		for range n {
			drawn[r.IntN(n)]++
		}
		at, above := n-1, drawn[n-1]
		for above < n-int(0.99*float64(n-1)) {
			at--
			above += drawn[at]
		}
		p99s[i] = xs[at]
	}
	slices.Sort(p99s)
	return p99s[2], p99s[97], true
}

func TestMethodsKeepTheirWord(t *testing.T) {
	throughput := func(phi float64) func(r *rand.Rand) []float64 {
		return func(r *rand.Rand) []float64 { return autoregressive(r, 300, phi, 100, 3) }
	}
	latency := func(n int) func(r *rand.Rand) []float64 {
		return func(r *rand.Rand) []float64 { return latencies(r, n, 0) }
	}
	for name, c := range map[string]struct {
		truth    float64
		draw     func(r *rand.Rand) []float64
		interval method
		want     bool
	}{
		"mean, independent, naive":       {100, throughput(0), naive, true},
		"mean, independent, batches":     {100, throughput(0), batched, true},
		"mean, phi 0.5, naive":           {100, throughput(0.5), naive, false},
		"mean, phi 0.5, batches":         {100, throughput(0.5), batched, true},
		"mean, phi 0.8, naive":           {100, throughput(0.8), naive, false},
		"mean, phi 0.8, batches":         {100, throughput(0.8), batched, true},
		"p99 of 100, bootstrap":          {p99OfLatencies, latency(100), bootstrap, false},
		"p99 of 100, order statistics":   {p99OfLatencies, latency(100), orderStatistics, true},
		"p99 of 300, bootstrap":          {p99OfLatencies, latency(300), bootstrap, false},
		"p99 of 441, order statistics":   {p99OfLatencies, latency(441), orderStatistics, true},
		"p99 of 1 000, order statistics": {p99OfLatencies, latency(1000), orderStatistics, true},
	} {
		t.Run(name, func(t *testing.T) {
			share := kept(c.truth, c.draw, c.interval)
			t.Logf("%.3f", share)
			require.Equal(t, c.want, share >= honest, "%.3f", share)
		})
	}
}

// agrees holds for two shares simulated apart, of `trials` here and theirs there: within four standard errors of the
// difference, and the rounding of the published one.
func agrees(t *testing.T, want float64, theirs int, got float64) {
	t.Helper()
	p := min(max(want, 0.002), 0.998)
	sigma := math.Sqrt(p * (1 - p) * (1/float64(trials) + 1/float64(theirs)))
	require.InDelta(t, want, got, 4*sigma+0.0005)
}

// The table of percentiles in the project's facts on comparing results (section 3, 400 trials): the p99 by order statistics.
// An upper rank beyond the sample is no bound; QuantileRanks then gives no interval.
func TestCoverageOfPercentiles(t *testing.T) {
	for _, c := range []struct {
		n                 int64
		independent, phi9 float64
		width             float64 // of the independent, relative; 0 for an infinite one
	}{{100, 0.995, 0.910, 0}, {300, 0.968, 0.843, 0}, {1000, 0.950, 0.618, 0.23}, {5000, 0.980, 0.625, 0.09}} {
		if testing.Short() && c.n == 5000 {
			continue // most of the time
		}
		from, to := lowRank(c.n, 0.99, 0.025), c.n+1-lowRank(c.n, 0.01, 0.025)
		_, _, ok := QuantileRanks(c.n, 0.99, Confidence)
		require.Equal(t, c.width > 0, ok)
		width := 0.0
		interval := func(xs []float64) (low, high float64, ok bool) {
			slices.Sort(xs)
			if to > c.n {
				return xs[from-1], math.Inf(1), true
			}
			width += (xs[to-1] - xs[from-1]) / p99OfLatencies / trials
			return xs[from-1], xs[to-1], true
		}
		agrees(t, c.independent, 400, kept(p99OfLatencies, func(r *rand.Rand) []float64 { return latencies(r, int(c.n), 0) }, interval))
		require.InDelta(t, c.width, width, 0.015)
		agrees(t, c.phi9, 400, kept(p99OfLatencies, func(r *rand.Rand) []float64 { return latencies(r, int(c.n), 0.9) }, interval))
	}
}
