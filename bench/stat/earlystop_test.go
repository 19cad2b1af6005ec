package stat_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/bench/stat"
)

// The values of LoadGen's own estimator.
func TestEarlyStoppingNeedsOfLoadGen(t *testing.T) {
	overs := []int64{0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000}
	for p, wants := range map[float64][]int64{
		0.50:  {7, 11, 14, 22, 35, 59, 128, 237, 451, 1078, 2108, 4151},
		0.90:  {44, 64, 81, 127, 197, 325, 681, 1246, 2337, 5518, 10722, 21011},
		0.95:  {90, 130, 165, 259, 398, 656, 1372, 2504, 4691, 11064, 21483, 42077},
		0.97:  {152, 219, 277, 433, 667, 1097, 2293, 4182, 7831, 18458, 35831, 70165},
		0.99:  {459, 662, 838, 1307, 2010, 3304, 6898, 12571, 23527, 55427, 107569, 210600},
		0.999: {4603, 6636, 8403, 13105, 20140, 33097, 69058, 125826, 235427, 554510, 1076032, 2106479},
	} {
		for i, over := range overs {
			needs, ok := stat.EarlyStoppingNeeds(p, over)
			require.True(t, ok)
			require.Equal(t, wants[i], needs, "p %v over %d", p, over)
			require.True(t, stat.EarlyStoppingMet(p, needs, over))
			require.False(t, stat.EarlyStoppingMet(p, needs-1, over))
			most, ok := stat.EarlyStoppingMost(p, needs-1)
			require.Equal(t, over > 0, ok, "p %v over %d", p, over)
			require.Equal(t, max(over-1, 0), most, "p %v over %d", p, over)
		}
	}
}

// The t-th largest is reported; the values of LoadGen's own estimator.
func TestEarlyStoppingRankOfLoadGen(t *testing.T) {
	for _, c := range []struct {
		p    float64
		n, t int64
	}{
		{0.90, 64, 1}, {0.90, 100, 3}, {0.90, 662, 48}, {0.90, 1000, 78}, {0.90, 1e4, 930}, {0.90, 1e5, 9779}, {0.90, 1e6, 99302},
		{0.99, 662, 1}, {0.99, 1000, 2}, {0.99, 1e4, 77}, {0.99, 1e5, 927}, {0.99, 1e6, 9768},
	} {
		rank, ok := stat.EarlyStoppingRank(c.p, c.n)
		require.True(t, ok)
		require.Equal(t, c.n-c.t+1, rank, "p %v n %d", c.p, c.n)
		most, ok := stat.EarlyStoppingMost(c.p, c.n)
		require.True(t, ok)
		require.Equal(t, c.t, most, "p %v n %d", c.p, c.n)
	}
	for p, floor := range map[float64]int64{0.5: 11, 0.9: 64, 0.95: 130, 0.99: 662, 0.999: 6636} {
		rank, ok := stat.EarlyStoppingRank(p, floor)
		require.True(t, ok)
		require.Equal(t, floor, rank, "the largest of the fewest")
		_, ok = stat.EarlyStoppingRank(p, floor-1)
		require.False(t, ok, "p %v", p)
	}
}

func TestEarlyStoppingRefuses(t *testing.T) {
	for _, p := range []float64{0, 1, -1, 2, math.NaN(), math.Inf(1), math.SmallestNonzeroFloat64} {
		_, ok := stat.EarlyStoppingNeeds(p, 3)
		require.False(t, ok, "p %v", p)
		_, ok = stat.EarlyStoppingMost(p, 1000)
		require.False(t, ok, "p %v", p)
		_, ok = stat.EarlyStoppingRank(p, 1000)
		require.False(t, ok, "p %v", p)
		require.False(t, stat.EarlyStoppingMet(p, 1000, 0), "p %v", p)
	}
	for _, over := range []int64{-1, math.MinInt64, 1e10, math.MaxInt64} {
		_, ok := stat.EarlyStoppingNeeds(0.99, over)
		require.False(t, ok, "over %d", over)
		require.False(t, stat.EarlyStoppingMet(0.99, 1e6, over), "over %d", over)
	}
	for _, n := range []int64{0, -1, math.MinInt64, 1e10 + 1, math.MaxInt64} {
		_, ok := stat.EarlyStoppingMost(0.99, n)
		require.False(t, ok, "n %d", n)
	}
	_, ok := stat.EarlyStoppingNeeds(1-1e-12, 0)
	require.False(t, ok, "needs 4.6e12")
}

// binomialCDF is P(K <= k) of n trials at q, term by term from the definition.
func binomialCDF(n, k int64, q float64) (sum float64) {
	choose := 0.0 // log of n over i
	for i := range k + 1 {
		if i > 0 {
			choose += math.Log(float64(n-i+1)) - math.Log(float64(i))
		}
		sum += math.Exp(choose + float64(i)*math.Log(q) + float64(n-i)*math.Log1p(-q))
	}
	return sum
}

func TestEarlyStoppingIsItsDefinition(t *testing.T) {
	const slack = 1e-9
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.Float64Range(0.05, 0.999).Draw(t, "p")
		over := rapid.Int64Range(0, 300).Draw(t, "over")
		needs, ok := stat.EarlyStoppingNeeds(p, over)
		require.True(t, ok)
		require.LessOrEqual(t, binomialCDF(needs, over, 1-p), 0.01+slack)
		require.Greater(t, binomialCDF(needs-1, min(over, needs-1), 1-p), 0.01-slack)

		n := needs + rapid.Int64Range(0, 1000).Draw(t, "more")
		most, ok := stat.EarlyStoppingMost(p, n)
		require.True(t, ok)
		atMost, _ := stat.EarlyStoppingNeeds(p, most)
		above, _ := stat.EarlyStoppingNeeds(p, most+1)
		require.True(t, atMost <= n && n < above, "%d <= %d < %d", atMost, n, above)
	})
}

// With many queries the normal quantile 2.326348 tells the count.
func TestEarlyStoppingOfLargeSamples(t *testing.T) {
	for _, n := range []int64{1e7, 1e8, 1e9, 1e10} {
		for _, p := range percentiles {
			most, ok := stat.EarlyStoppingMost(p, n)
			require.True(t, ok)
			mean := float64(n) * (1 - p)
			below := 2.326348 * math.Sqrt(mean*p)
			require.InDelta(t, mean-below, float64(most), 0.01*below+3, "n %d p %v", n, p)
		}
	}
}

// The bound is below the true quantile in at most 1 % of samples.
func TestEarlyStoppingBounds(t *testing.T) {
	const trials = 3000
	r := rand.New(rand.NewPCG(13, 17))
	for _, c := range []struct {
		p float64
		n int
	}{{0.9, 64}, {0.9, 300}, {0.99, 662}} {
		rank, ok := stat.EarlyStoppingRank(c.p, int64(c.n))
		require.True(t, ok)
		truth := -math.Log(1 - c.p) // of the exponential distribution
		xs, misses := make([]float64, c.n), 0
		for range trials {
			for i := range xs {
				xs[i] = r.ExpFloat64()
			}
			slices.Sort(xs)
			if xs[rank-1] < truth {
				misses++
			}
		}
		require.LessOrEqual(t, float64(misses), 0.01*trials+3*math.Sqrt(0.01*trials), "p %v n %d", c.p, c.n)
	}
}

func BenchmarkEarlyStoppingRank(b *testing.B) {
	for b.Loop() {
		stat.EarlyStoppingRank(0.9, 1e6)
	}
}

func BenchmarkEarlyStoppingNeeds(b *testing.B) {
	for b.Loop() {
		stat.EarlyStoppingNeeds(0.9, 99302)
	}
}
