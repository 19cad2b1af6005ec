package stat

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// The statistic against its definition in the paper, sum by sum.
func TestBestSplitMaximisesTheEnergyStatistic(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 5))
	for range 50 {
		n := 6 + r.IntN(20)
		xs := autoregressive(r, n, 0, 0, 1)
		best, want := math.Inf(-1), 0
		for k := segmentNeeds; k <= n-segmentNeeds; k++ {
			for end := k + segmentNeeds; end <= n; end++ {
				if q := energyStatistic(xs[:k], xs[k:end]); q > best+1e-9 {
					best, want = q, k
				}
			}
		}
		got, ok := bestSplit(xs)
		require.True(t, ok)
		require.Equal(t, want, got)
	}
	_, ok := bestSplit(make([]float64, 2*segmentNeeds-1))
	require.False(t, ok)
}

func energyStatistic(xs, ys []float64) float64 {
	n, m := float64(len(xs)), float64(len(ys))
	across, left, right := 0.0, 0.0, 0.0
	for i, x := range xs {
		for _, y := range ys {
			across += math.Abs(x - y)
		}
		for _, other := range xs[i+1:] {
			left += math.Abs(x - other)
		}
	}
	for i, y := range ys {
		for _, other := range ys[i+1:] {
			right += math.Abs(y - other)
		}
	}
	return n * m / (n + m) * (2/(n*m)*across - left/(n*(n-1)/2) - right/(m*(m-1)/2))
}

// The promise of docs/history.md, by simulation with a fixed seed: how often noise alone is called a change, and how soon and how
// exactly a step of 5 % is found at noise of 2 % between entries.
func TestChangesBySimulation(t *testing.T) {
	const noise, tolerance = 0.02, 0.03
	r := rand.New(rand.NewPCG(41, 43))
	share := func(draw func() []float64, is func([]Change) bool) float64 {
		hits := 0
		for range trials {
			changes, ok := Changes(draw(), math.Log1p(tolerance))
			require.True(t, ok)
			if is(changes) {
				hits++
			}
		}
		return float64(hits) / trials
	}
	anything := func(c []Change) bool { return len(c) > 0 }
	for _, length := range []int{30, 60, 120} {
		alarms := share(func() []float64 { return autoregressive(r, length, 0, 0, noise) }, anything)
		t.Log("independent noise,", length, "points: false alarms", alarms)
		require.LessOrEqual(t, alarms, 0.02, length)
	}

	// Without a least magnitude the p-value is all that keeps noise out.
	small := 0
	for range trials {
		changes, ok := Changes(autoregressive(r, 60, 0, 0, noise), 0)
		require.True(t, ok)
		small += min(len(changes), 1)
	}
	t.Log("independent noise, 60 points, no least magnitude: false alarms", float64(small)/trials)
	require.LessOrEqual(t, float64(small)/trials, 0.04)

	// What the promise does not hold for: neighbours that resemble each other, and drift.
	correlated := share(func() []float64 { return autoregressive(r, 60, 0.5, 0, noise) }, anything)
	drift := share(func() []float64 {
		xs := autoregressive(r, 60, 0, 0, noise)
		for i := range xs {
			xs[i] += 0.001 * float64(i)
		}
		return xs
	}, anything)
	t.Log("called changes: correlation 0.5", correlated, "drift of 0.1 % a point", drift)
	require.Greater(t, correlated, 0.05)
	require.Greater(t, drift, 0.5)

	for _, test := range []struct {
		points int
		least  float64
	}{{3, 0.65}, {5, 0.9}, {10, 0.97}} {
		step := func() []float64 {
			xs := autoregressive(r, 60+test.points, 0, 0, noise)
			for i := 60; i < len(xs); i++ {
				xs[i] += math.Log(0.95)
			}
			return xs
		}
		found := share(step, anything)
		near := share(step, func(c []Change) bool { return len(c) > 0 && math.Abs(float64(c[len(c)-1].Index-60)) <= 2 })
		t.Log("a step of 5 % after", test.points, "points: found", found, "within 2 places", near)
		require.GreaterOrEqual(t, found, test.least, test.points)
		require.GreaterOrEqual(t, near, 0.9*test.least, test.points)
	}
}

// A further number lies in the interval as often as it says.
func TestPredictionIntervalBySimulation(t *testing.T) {
	r := rand.New(rand.NewPCG(47, 53))
	for _, n := range []int{2, 5, 20} {
		inside := 0
		for range 4 * trials {
			xs := autoregressive(r, n+1, 0, 3, 0.02)
			low, high, ok := PredictionInterval(xs[:n], 0.95)
			require.True(t, ok)
			if low <= xs[n] && xs[n] <= high {
				inside++
			}
		}
		require.InDelta(t, 0.95, float64(inside)/(4*trials), 0.015, n)
	}
}
