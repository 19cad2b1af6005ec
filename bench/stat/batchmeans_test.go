package stat_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/bench/stat"
)

// Ten batches of two whose means are 0, 1, 0, 1, ...: mean 0.5, deviation 0.527046, t(0.975, 9) = 2.262157.
func TestBatchMeansByHand(t *testing.T) {
	xs := series(20, func(i int) float64 { return float64(i/2%2) + wave(i) })
	got, ok := stat.BatchMeans(xs, 0.95)
	require.True(t, ok)
	half := 2.262157 * 0.527046 / math.Sqrt(10)
	require.InDelta(t, 0.5, got.Mean, 1e-12)
	require.InDelta(t, 0.5-half, got.Low, 1e-5)
	require.InDelta(t, 0.5+half, got.High, 1e-5)
	require.InDelta(t, -0.9, got.Lag1, 1e-12) // nine products of -1/4 over ten squares of 1/4
	require.Equal(t, 10, got.Batches)
	require.False(t, got.Correlated)
}

func TestBatchMeans(t *testing.T) {
	for name, c := range map[string]struct {
		xs         []float64
		mean       float64
		batches    int
		correlated bool
	}{
		"constant": {series(40, func(int) float64 { return 3 }), 3, 10, false},
		// The two values that are left out are the first.
		"does not divide": {append([]float64{1e6, 1e6}, series(100, func(i int) float64 { return 5 + wave(i/10) })...), 5, 10, false},
		// Ten batches follow one another in pairs (lag 1 is 0.52), five do not (0.03).
		"longer batches": {series(100, func(i int) float64 { return []float64{0, 1, 1, 0, 0}[i/20] }), 0.4, 5, false},
		"trend":          {series(100, func(i int) float64 { return float64(i) }), 49.5, 5, true},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := stat.BatchMeans(c.xs, 0.95)
			require.True(t, ok)
			require.InDelta(t, c.mean, got.Mean, 1e-9)
			require.Equal(t, c.batches, got.Batches)
			require.Equal(t, c.correlated, got.Correlated)
			require.Equal(t, c.correlated, got.Lag1 > 0.2)
		})
	}
	twenty := series(20, wave)
	for name, xs := range map[string][]float64{
		"none": nil, "too few": series(19, wave), "nan": append([]float64{math.NaN()}, twenty...),
		"inf in what is left out": append([]float64{math.Inf(1)}, twenty...),
	} {
		got, ok := stat.BatchMeans(xs, 0.95)
		require.False(t, ok, name)
		require.Zero(t, got, name)
	}
	for _, confidence := range []float64{0, 1, math.NaN()} {
		_, ok := stat.BatchMeans(twenty, confidence)
		require.False(t, ok, "confidence %v", confidence)
	}
}

func TestBatchMeansMovesWithItsUnit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		xs := rapid.SliceOfN(rapid.Float64Range(0, 1000), 20, 120).Draw(t, "xs")
		plain, ok := stat.BatchMeans(xs, 0.95)
		require.True(t, ok)
		require.True(t, plain.Low <= plain.Mean && plain.Mean <= plain.High)
		scaled, ok := stat.BatchMeans(series(len(xs), func(i int) float64 { return 8 * xs[i] }), 0.95)
		require.True(t, ok)
		plain.Mean, plain.Low, plain.High = 8*plain.Mean, 8*plain.Low, 8*plain.High
		require.Equal(t, plain, scaled)
	})
}
