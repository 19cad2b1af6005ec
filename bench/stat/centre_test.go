package stat_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/bench/stat"
)

func TestCentres(t *testing.T) {
	for name, c := range map[string]struct {
		of   func([]float64) (float64, bool)
		xs   []float64
		want float64
		ok   bool
	}{
		"geometric mean": {stat.GeometricMean, []float64{8, 1, 1}, 2, true}, "geometric mean of none": {stat.GeometricMean, nil, 0, false},
		"geometric mean with 0": {stat.GeometricMean, []float64{0, 1}, 0, false}, "geometric mean below 0": {stat.GeometricMean, []float64{-1}, 0, false},
		"median": {stat.Median, []float64{9, 1, 2}, 2, true}, "median of four": {stat.Median, []float64{9, 1, 2, 4}, 3, true},
		"median of none": {stat.Median, nil, 0, false}, "median with NaN": {stat.Median, []float64{1, math.NaN(), 2}, 0, false},
		"median of large numbers": {stat.Median, []float64{math.MaxFloat64, math.MaxFloat64}, math.MaxFloat64, true},
	} {
		x, ok := c.of(c.xs)
		require.Equal(t, c.ok, ok, name)
		require.InDelta(t, c.want, x, 1e-12, name)
	}
}

// Equal numbers have themselves as centre, to the last bit, and no order matters.
func TestCentresStayWithinTheNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		xs := rapid.SliceOfN(rapid.Float64Range(math.SmallestNonzeroFloat64, math.MaxFloat64), 1, 9).Draw(t, "xs")
		turned := rapid.Permutation(xs).Draw(t, "turned")
		for _, of := range []func([]float64) (float64, bool){stat.GeometricMean, stat.Median} {
			x, ok := of(xs)
			require.True(t, ok)
			again, _ := of(turned)
			require.Equal(t, x, again)
			same, _ := of([]float64{xs[0], xs[0], xs[0]})
			require.Equal(t, xs[0], same)
		}
	})
}
