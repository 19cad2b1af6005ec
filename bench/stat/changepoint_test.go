package stat_test

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/bench/stat"
)

// levels are segments of constant level with a small ripple, so that every test of a split has a variance.
func levels(lengths []int, values ...float64) []float64 {
	var xs []float64
	for i, n := range lengths {
		for j := range n {
			xs = append(xs, values[i]+0.001*float64(j%3-1))
		}
	}
	return xs
}

func indices(changes []stat.Change) []int {
	out := []int{}
	for _, c := range changes {
		out = append(out, c.Index)
	}
	return out
}

func TestChanges(t *testing.T) {
	for name, test := range map[string]struct {
		xs    []float64
		least float64
		want  []int
	}{
		"none":                      {levels([]int{40}, 1), 0, []int{}},
		"one":                       {levels([]int{20, 20}, 1, 1.05), 0.03, []int{20}},
		"up and down":               {levels([]int{20, 8, 20}, 1, 1.05, 1), 0.03, []int{20, 28}},
		"a staircase":               {levels([]int{15, 15, 15}, 1, 1.05, 1.1), 0.03, []int{15, 30}},
		"the last three":            {levels([]int{40, 3}, 1, 0.9), 0.03, []int{40}},
		"below the least magnitude": {levels([]int{20, 20}, 1, 1.02), 0.03, []int{}},
		"at no least magnitude":     {levels([]int{20, 20}, 1, 1.02), 0, []int{20}},
		"across windows":            {levels([]int{70, 80, 50}, 1, 1.05, 1), 0.03, []int{70, 150}},
		"an outlier at the end":     {append(levels([]int{39}, 1), 1.2), 0.03, []int{}},
		"an outlier within":         {slices.Concat(levels([]int{20}, 1), []float64{0.8}, levels([]int{20}, 1)), 0.03, []int{}},
		"an outlier and no least":   {append(levels([]int{39}, 1), 1.2), 0, []int{}},
		"constant":                  {slices.Repeat([]float64{2}, 30), 0, []int{}},
		"without any variance":      {append(slices.Repeat([]float64{2}, 15), slices.Repeat([]float64{3}, 15)...), 0.03, []int{15}},
	} {
		t.Run(name, func(t *testing.T) {
			changes, ok := stat.Changes(test.xs, test.least)
			require.True(t, ok)
			require.Equal(t, test.want, indices(changes))
			again, _ := stat.Changes(test.xs, test.least)
			require.Equal(t, changes, again)
		})
	}
}

// The levels on both sides reach to the next change, not to the ends.
func TestChangesTellTheLevels(t *testing.T) {
	changes, ok := stat.Changes(levels([]int{15, 15, 15}, 1, 2, 4), 0.03)
	require.True(t, ok)
	require.Len(t, changes, 2)
	for i, want := range []struct{ before, after float64 }{{1, 2}, {2, 4}} {
		require.InDelta(t, want.before, changes[i].Before, 1e-9)
		require.InDelta(t, want.after, changes[i].After, 1e-9)
		require.LessOrEqual(t, changes[i].P, 0.001)
	}
}

func TestChangesRefuse(t *testing.T) {
	long := levels([]int{40}, 1)
	for name, test := range map[string]struct {
		xs    []float64
		least float64
	}{
		"too few":          {long[:stat.ChangesNeed-1], 0},
		"nothing":          {nil, 0},
		"not a number":     {append([]float64{math.NaN()}, long...), 0},
		"an infinity":      {append([]float64{math.Inf(1)}, long...), 0},
		"a negative least": {long, -1},
		"a least of NaN":   {long, math.NaN()},
	} {
		_, ok := stat.Changes(test.xs, test.least)
		require.False(t, ok, name)
	}
	_, ok := stat.Changes(long[:stat.ChangesNeed], 0)
	require.True(t, ok)
}

// Of logarithms: another unit adds a constant. A mirrored series has the same changes the other way; a reversed one, within one
// window, has them from the other end.
func TestChangesKeepUnderShiftAndMirror(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(stat.ChangesNeed, 130).Draw(t, "n")
		step := rapid.IntRange(3, n-3).Draw(t, "step")
		size := rapid.Float64Range(0.04, 0.3).Draw(t, "size")
		shift := float64(rapid.IntRange(-8, 8).Draw(t, "shift")) // few bits: sums stay exact enough for ties to fall alike
		xs := make([]float64, n)
		for i := range xs {
			xs[i] = math.Round(1024*rapid.Float64Range(-0.02, 0.02).Draw(t, "x")) / 65536
			if i >= step {
				xs[i] += math.Round(1024*size) / 1024
			}
		}
		want, ok := stat.Changes(xs, 0.03)
		require.True(t, ok)
		require.Contains(t, indices(want), step)
		shifted, mirrored, reversed := make([]float64, n), make([]float64, n), slices.Clone(xs)
		slices.Reverse(reversed)
		for i, x := range xs {
			shifted[i], mirrored[i] = x+shift, -x
		}
		for name, other := range map[string][]float64{"shifted": shifted, "mirrored": mirrored} {
			got, _ := stat.Changes(other, 0.03)
			require.Equal(t, indices(want), indices(got), name)
		}
		if n <= 50 {
			got, _ := stat.Changes(reversed, 0.03)
			require.Contains(t, indices(got), n-step)
		}
	})
}

func TestPredictionInterval(t *testing.T) {
	low, high, ok := stat.PredictionInterval([]float64{1, 2, 3, 4, 5}, 0.95)
	require.True(t, ok)
	half := 2.7764451051977987 * math.Sqrt(2.5) * math.Sqrt(1+1.0/5) // t of 4 degrees at 0.975, s, and the new number's own share
	require.InDelta(t, 3-half, low, 1e-6)
	require.InDelta(t, 3+half, high, 1e-6)
	low, high, ok = stat.PredictionInterval([]float64{7, 7, 7}, 0.99)
	require.True(t, ok)
	require.Equal(t, []float64{7, 7}, []float64{low, high})
	for name, test := range map[string]struct {
		xs         []float64
		confidence float64
	}{
		"one number": {[]float64{1}, 0.95}, "none": {nil, 0.95}, "not a number": {[]float64{1, math.NaN()}, 0.95},
		"no confidence": {[]float64{1, 2}, 0}, "certainty": {[]float64{1, 2}, 1}, "beyond numbers": {[]float64{math.MaxFloat64, -math.MaxFloat64}, 0.95},
	} {
		_, _, ok := stat.PredictionInterval(test.xs, test.confidence)
		require.False(t, ok, name)
	}
}
