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

// Ranks of tables for the sign test: 1 and 6 of 6, 2 and 9 of 10, 6 and 15 of 20.
func TestMedianInterval(t *testing.T) {
	for _, c := range []struct {
		n                 int
		median, low, high float64
	}{{6, 3.5, 1, 6}, {8, 4.5, 1, 8}, {9, 5, 2, 8}, {10, 5.5, 2, 9}, {20, 10.5, 6, 15}} {
		xs := series(c.n, func(i int) float64 { return float64(i + 1) })
		rand.New(rand.NewPCG(1, 1)).Shuffle(c.n, func(i, j int) { xs[i], xs[j] = xs[j], xs[i] })
		given := slices.Clone(xs)
		median, low, high, ok := stat.MedianInterval(xs, 0.95)
		require.True(t, ok)
		require.Equal(t, [3]float64{c.median, c.low, c.high}, [3]float64{median, low, high}, "n %d", c.n)
		require.Equal(t, given, xs, "the numbers keep their order")
	}
	for name, xs := range map[string][]float64{
		"none": nil, "five": {1, 2, 3, 4, 5}, "nan": {1, 2, 3, 4, 5, math.NaN()}, "inf": {1, 2, 3, 4, 5, 6, math.Inf(-1)},
	} {
		_, _, _, ok := stat.MedianInterval(xs, 0.95)
		require.False(t, ok, name)
	}
	_, _, _, ok := stat.MedianInterval([]float64{1, 2, 3, 4, 5}, 0.9)
	require.True(t, ok, "five are enough at 90 %")
}

func TestMedianIsInsideItsInterval(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		xs := rapid.SliceOfN(rapid.Float64(), 6, 40).Draw(t, "xs")
		median, low, high, ok := stat.MedianInterval(xs, 0.95)
		require.True(t, ok)
		require.True(t, low <= median && median <= high, "%v in %v to %v", median, low, high)
	})
}

func TestMedianIntervalCovers(t *testing.T) {
	r := rand.New(rand.NewPCG(19, 23))
	for _, n := range []int{6, 10, 15} {
		share, least := coverage(2000, func() bool {
			_, low, high, ok := stat.MedianInterval(series(n, func(int) float64 { return r.ExpFloat64() }), 0.95)
			return ok && low <= math.Ln2 && math.Ln2 <= high
		})
		require.GreaterOrEqual(t, share, least, "n %d", n)
	}
}
