package stat_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	moremath "github.com/aclements/go-moremath/stats"
	"github.com/montanaflynn/stats"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/bench/stat"
)

var percentiles = []float64{0.5, 0.9, 0.95, 0.99, 0.999}

func TestMinSamples(t *testing.T) {
	asked := []int64{6, 39, 76, 441, 4401}
	exact := []int64{6, 36, 72, 368, 3688}
	for i, p := range percentiles {
		require.Equal(t, asked[i], stat.MinSamples(p, 0.95), "p %v", p)
		// A confidence beside 0.95 takes the formula alone.
		require.Equal(t, exact[i], stat.MinSamples(p, math.Nextafter(0.95, 0)), "p %v", p)
		_, _, ok := stat.QuantileRanks(asked[i]-1, p, 0.95)
		require.False(t, ok)
		_, _, ok = stat.QuantileRanks(asked[i], p, 0.95)
		require.True(t, ok)
	}
	require.Equal(t, stat.MinSamples(0.01, 0.9), stat.MinSamples(0.99, 0.9))
	for _, bad := range []float64{0, 1, -1, 2, math.NaN(), math.Inf(1)} {
		require.Zero(t, stat.MinSamples(bad, 0.95))
		require.Zero(t, stat.MinSamples(0.5, bad))
		_, _, ok := stat.QuantileRanks(1000, bad, 0.95)
		require.False(t, ok)
	}
}

// The ranks are the innermost ones whose tails are each at most 2.5 %, by the library's distribution function.
func TestQuantileRanksAgainstBinomial(t *testing.T) {
	const slack = 1e-9
	for _, p := range percentiles {
		for n := stat.MinSamples(p, 0.95); n < 20_000; n += 1 + n/10 {
			low, high, ok := stat.QuantileRanks(n, p, 0.95)
			require.True(t, ok)
			cdf := moremath.BinomialDist{N: int(n), P: p}.CDF
			below := func(rank int64) float64 { return cdf(float64(rank - 1)) } // P(K < rank)
			require.LessOrEqual(t, below(low), 0.025+slack, "n %d p %v", n, p)
			require.Greater(t, below(low+1), 0.025-slack, "n %d p %v", n, p)
			require.LessOrEqual(t, 1-below(high), 0.025+slack, "n %d p %v", n, p)
			require.Greater(t, 1-below(high-1), 0.025-slack, "n %d p %v", n, p)
		}
	}
}

func TestQuantileRanksOfLargeSamples(t *testing.T) {
	for _, n := range []int64{1e6, 1e8, 1e10} {
		for _, p := range percentiles {
			low, high, ok := stat.QuantileRanks(n, p, 0.95)
			require.True(t, ok)
			half := 1.959964 * math.Sqrt(float64(n)*p*(1-p))
			require.InEpsilon(t, float64(n)*p-half, float64(low), 0.2*half/float64(n), "n %d p %v", n, p)
			require.InEpsilon(t, float64(n)*p+half, float64(high), 0.2*half/float64(n), "n %d p %v", n, p)
		}
	}
}

// coverage is the share of trials in which the interval holds the truth, which must not be below the nominal level by more
// than three standard errors.
func coverage(trials int, covers func() bool) (share, least float64) {
	hits := 0
	for range trials {
		if covers() {
			hits++
		}
	}
	return float64(hits) / float64(trials), 0.95 - 3*math.Sqrt(0.95*0.05/float64(trials))
}

func TestQuantileIntervalCovers(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 11))
	for _, c := range []struct {
		n int
		p float64
	}{{6, 0.5}, {101, 0.5}, {39, 0.9}, {300, 0.9}, {441, 0.99}, {1000, 0.99}} {
		truth := -math.Log(1 - c.p) // of the exponential distribution
		low, high, ok := stat.QuantileRanks(int64(c.n), c.p, 0.95)
		require.True(t, ok)
		xs := make([]float64, c.n)
		share, least := coverage(1000, func() bool {
			for i := range xs {
				xs[i] = r.ExpFloat64()
			}
			slices.Sort(xs)
			return xs[low-1] <= truth && truth <= xs[high-1]
		})
		require.GreaterOrEqual(t, share, least, "n %d p %v", c.n, c.p)
	}
}

func TestMeanIntervalCovers(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 5))
	for _, n := range []int{2, 3, 5, 10} {
		xs := make([]float64, n)
		draw := func() {
			for i := range xs {
				xs[i] = 100 + 3*r.NormFloat64()
			}
		}
		share, least := coverage(2000, func() bool {
			draw()
			low, high, ok := stat.MeanInterval(xs, 0.95)
			return ok && low <= 100 && 100 <= high
		})
		require.GreaterOrEqual(t, share, least, "n %d", n)
		require.Less(t, share, 0.97, "n %d: too wide", n)
		// The check has teeth: the normal quantile in place of Student's is caught.
		share, least = coverage(2000, func() bool {
			draw()
			mean, _ := stat.Mean(xs)
			deviation, _ := stats.StandardDeviationSample(xs)
			return math.Abs(mean-100) <= 1.96*deviation/math.Sqrt(float64(n))
		})
		require.Less(t, share, least, "n %d: the normal quantile passes", n)
	}
}

// Textbook: 1, 2, 3 have mean 2, deviation 1, and t(0.975, 2) = 4.302653.
func TestMeanOfThree(t *testing.T) {
	xs := []float64{1, 2, 3}
	mean, ok := stat.Mean(xs)
	require.True(t, ok)
	require.InDelta(t, 2, mean, 1e-12)
	low, high, ok := stat.MeanInterval(xs, 0.95)
	require.True(t, ok)
	require.InDelta(t, 2-4.302653/math.Sqrt(3), low, 1e-5)
	require.InDelta(t, 2+4.302653/math.Sqrt(3), high, 1e-5)
	spread, ok := stat.Spread(xs)
	require.True(t, ok)
	require.InDelta(t, 1, spread, 1e-12)
}

func TestNothingOutOfNothing(t *testing.T) {
	for name, xs := range map[string][]float64{
		"empty": {}, "nan": {1, math.NaN(), 2}, "inf": {1, math.Inf(1), 3}, "minus inf": {math.Inf(-1), 1},
	} {
		t.Run(name, func(t *testing.T) {
			_, ok := stat.Mean(xs)
			require.False(t, ok)
			_, ok = stat.Spread(xs)
			require.False(t, ok)
			_, _, ok = stat.MeanInterval(xs, 0.95)
			require.False(t, ok)
		})
	}
	one := []float64{5}
	_, ok := stat.Mean(one)
	require.True(t, ok)
	_, _, ok = stat.MeanInterval(one, 0.95)
	require.False(t, ok)
	_, ok = stat.Spread(one)
	require.False(t, ok)
	_, ok = stat.Spread([]float64{0, 0})
	require.False(t, ok)
	_, _, ok = stat.MeanInterval([]float64{1, 2}, 1)
	require.False(t, ok)
}

func TestFiguresAreFinite(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		xs := rapid.SliceOfN(rapid.Float64(), 0, 12).Draw(t, "xs")
		low, high, ok := stat.MeanInterval(xs, 0.95)
		require.False(t, ok && !(low <= high), "%v to %v", low, high)
		for _, f := range []func([]float64) (float64, bool){stat.Mean, stat.Spread} {
			x, _ := f(xs)
			require.False(t, math.IsNaN(x) || math.IsInf(x, 0))
		}
	})
}
