package stat_test

import (
	"math"
	"math/rand/v2"
	"testing"

	moremath "github.com/aclements/go-moremath/stats"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/bench/stat"
)

// Differences of two sides of three runs, by hand: 1 2 4 and 5 9 10 differ by 1 3 4 | 5 7 8 | 6 8 9.
func TestMannWhitneyByHand(t *testing.T) {
	shift, ok := stat.MannWhitney([]float64{4, 1, 2}, []float64{10, 5, 9})
	require.True(t, ok)
	require.InDelta(t, 6, shift.Estimate(), 1e-12)
	low, high, ok := shift.Interval(0.9) // 2 of 20 orders
	require.True(t, ok)
	require.Equal(t, [2]float64{1, 9}, [2]float64{low, high})
	low, high, ok = shift.Interval(0.8) // 4 of 20 orders
	require.True(t, ok)
	require.Equal(t, [2]float64{3, 8}, [2]float64{low, high})
	_, _, ok = shift.Interval(0.91)
	require.False(t, ok, "three runs a side are too few for 91 %")
	require.InDelta(t, 0.1, shift.Level(0), 1e-12)
	require.InDelta(t, 0.1, shift.Level(9.5), 1e-12)
	require.InDelta(t, 0.2, shift.Level(1), 1e-12, "an interval that ends at the edge holds it")
	require.InDelta(t, 1, shift.Level(6), 1e-12)
}

// Hollander, Wolfe and Chicken, table 3.1 and example 3.3: the depression factor of nine patients before and after; the estimate is
// -0.46 and the interval at 96.1 % (-0.786, -0.010).
func TestSignedRankOfTheTextbook(t *testing.T) {
	before := []float64{1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30}
	after := []float64{0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29}
	shift, ok := stat.SignedRank(before, after)
	require.True(t, ok)
	require.InDelta(t, -0.46, shift.Estimate(), 1e-9)
	low, high, ok := shift.Interval(0.96)
	require.True(t, ok)
	require.InDelta(t, -0.786, low, 1e-9)
	require.InDelta(t, -0.010, high, 1e-9)
	require.InDelta(t, 20.0/512, shift.Level(0), 1e-12)
}

// The levels are those of the library's distribution, at every place that an edge can have.
func TestMannWhitneyAgainstTheLibrary(t *testing.T) {
	for _, n := range [][2]int{{1, 1}, {2, 5}, {6, 6}, {7, 4}, {10, 10}, {20, 13}} {
		base := series(n[0], func(i int) float64 { return math.Sqrt(2) * float64(i) })
		head := series(n[1], func(i int) float64 { return math.Pi * float64(i) })
		shift, ok := stat.MannWhitney(base, head)
		require.True(t, ok)
		dist := moremath.UDist{N1: n[0], N2: n[1]}
		for edge := -30.1; edge < 65; edge += 1.7 {
			u := 0
			for _, b := range base {
				for _, h := range head {
					if h-b < edge {
						u++
					}
				}
			}
			least := min(u, n[0]*n[1]-u)
			require.InDelta(t, min(1, 2*dist.CDF(float64(least))), shift.Level(edge), 1e-9, "%v at %v", n, edge)
		}
	}
}

// Every one of the 2^n signs of the ranks is counted.
func TestSignedRankAgainstItsDefinition(t *testing.T) {
	const n = 10
	differences := series(n, func(i int) float64 { return float64(i + 1) })
	zeros := make([]float64, n)
	for edge := -0.25; edge < 12; edge += 0.5 {
		shift, ok := stat.SignedRank(zeros, differences)
		require.True(t, ok)
		above := 0 // Walsh averages
		for i := range n {
			for j := i; j < n; j++ {
				if (differences[i]+differences[j])/2 >= edge {
					above++
				}
			}
		}
		least, all, few := min(above, n*(n+1)/2-above), 0, 0
		for signs := range 1 << n {
			sum := 0
			for i := range n {
				if signs>>i&1 == 1 {
					sum += i + 1
				}
			}
			all++
			if sum <= least {
				few++
			}
		}
		require.InDelta(t, min(1, 2*float64(few)/float64(all)), shift.Level(edge), 1e-12, "edge %v", edge)
	}
}

func TestRanksNeedRuns(t *testing.T) {
	for _, c := range []struct {
		confidence   float64
		pairs, sides int
	}{{0.9, 5, 3}, {0.95, 6, 4}, {0.975, 7, 5}, {1 - 0.05/3, 7, 5}, {0.99, 8, 5}, {0.999, 11, 7}, {0.96875, 6, 4}} {
		require.Equal(t, c.pairs, stat.SignedRankNeeds(c.confidence), "%v", c.confidence)
		require.Equal(t, c.sides, stat.MannWhitneyNeeds(c.confidence), "%v", c.confidence)
		for n := 1; n < 13; n++ {
			xs := series(n, func(i int) float64 { return float64(i * i) })
			paired, ok := stat.SignedRank(xs, series(n, wave))
			require.True(t, ok)
			_, _, ok = paired.Interval(c.confidence)
			require.Equal(t, n >= c.pairs, ok, "%d pairs at %v", n, c.confidence)
			two, ok := stat.MannWhitney(xs, xs)
			require.True(t, ok)
			_, _, ok = two.Interval(c.confidence)
			require.Equal(t, n >= c.sides, ok, "%d runs at %v", n, c.confidence)
		}
	}
	for _, bad := range []float64{0, 1, -1, math.NaN()} {
		require.Zero(t, stat.SignedRankNeeds(bad))
		require.Zero(t, stat.MannWhitneyNeeds(bad))
	}
}

// Where the exact distribution ends the normal one goes on without a step.
func TestRanksOfManyRuns(t *testing.T) {
	r := rand.New(rand.NewPCG(71, 73))
	draw := func(n int) []float64 { return series(n, func(int) float64 { return r.NormFloat64() }) }
	width := func(shift stat.RankShift, ok bool) float64 {
		low, high, in := shift.Interval(0.95)
		require.True(t, ok && in)
		return (high - low) / 2
	}
	for _, n := range []int{50, 51, 100, 101, 200} {
		// Of normal figures with deviation 1 the efficiency is 3/pi.
		want := 1.96 * math.Sqrt(math.Pi/3/float64(n))
		require.InEpsilon(t, want, width(stat.SignedRank(make([]float64, n), draw(n))), 0.25, "%d pairs", n)
		require.InEpsilon(t, want*math.Sqrt2, width(stat.MannWhitney(draw(n), draw(n))), 0.25, "%d runs", n)
	}
}

func TestRankIntervalsCover(t *testing.T) {
	r := rand.New(rand.NewPCG(79, 83))
	skewed := func() float64 { return math.Exp(r.NormFloat64()) }
	// Ties come from values on a grid: intervals only grow.
	coarse := func() float64 { return math.Round(2 * r.NormFloat64()) }
	for name, draw := range map[string]func() float64{"skewed": skewed, "ties": coarse} {
		for _, n := range []int{6, 10, 15} {
			share, least := coverage(3000, func() bool {
				shift, ok := stat.MannWhitney(series(n, func(int) float64 { return draw() }), series(n, func(int) float64 { return 1 + draw() }))
				low, high, in := shift.Interval(0.95)
				return ok && in && low <= 1 && 1 <= high
			})
			require.GreaterOrEqual(t, share, least, "%s, %d runs", name, n)
			share, least = coverage(3000, func() bool {
				shift, ok := stat.SignedRank(series(n, func(int) float64 { return draw() }), series(n, func(int) float64 { return 1 + draw() }))
				low, high, in := shift.Interval(0.95)
				return ok && in && low <= 1 && 1 <= high
			})
			require.GreaterOrEqual(t, share, least, "%s, %d pairs", name, n)
		}
	}
}

func TestRankShiftsHoldTogether(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := rapid.SliceOfN(rapid.Float64Range(-10, 10), 8, 20)
		base, head := draw.Draw(t, "base"), draw.Draw(t, "head")
		one, ok := stat.MannWhitney(base, head)
		require.True(t, ok)
		other, ok := stat.MannWhitney(head, base)
		require.True(t, ok)
		require.InDelta(t, one.Estimate(), -other.Estimate(), 1e-12)
		confidence := rapid.Float64Range(0.5, 0.99).Draw(t, "confidence")
		low, high, ok := one.Interval(confidence)
		require.True(t, ok)
		require.True(t, low <= one.Estimate() && one.Estimate() <= high)
		l, h, ok := other.Interval(confidence)
		require.True(t, ok)
		require.InDeltaSlice(t, []float64{low, high}, []float64{-h, -l}, 1e-12)
		// An interval lies beyond an edge if, and only if, the level of the edge is small enough for it.
		edge := rapid.Float64Range(-20, 20).Draw(t, "edge")
		beyond := edge < low || edge > high
		require.Equal(t, beyond, one.Level(edge) <= (1-confidence)*(1+1e-12), "level %v", one.Level(edge))
	})
}

func TestNoRankShift(t *testing.T) {
	for name, c := range map[string]struct{ base, head []float64 }{
		"none": {nil, nil}, "nan": {[]float64{1}, []float64{math.NaN()}}, "inf": {[]float64{math.Inf(1)}, []float64{1}},
		"difference too large": {[]float64{-math.MaxFloat64}, []float64{math.MaxFloat64}},
	} {
		_, ok := stat.MannWhitney(c.base, c.head)
		require.False(t, ok, name)
		_, ok = stat.SignedRank(c.base, c.head)
		require.False(t, ok, name)
	}
	_, ok := stat.SignedRank([]float64{1}, []float64{1, 2})
	require.False(t, ok, "unlike lengths")
}

// Ten signs have 1024 orders. The sums of ranks up to 8 come in 25 of them, 9 in 8 more: 2 x 25/1024 is the level at 95 %.
func TestTheLevelThatSignedRanksHave(t *testing.T) {
	require.InDelta(t, 50.0/1024, stat.SignedRankLevel(10, 0.95), 1e-12)
	require.InDelta(t, 2.0/64, stat.SignedRankLevel(6, 0.95), 1e-12)
	require.InDelta(t, 2.0/64, stat.SignedRankLevel(6, 1-2.0/64), 1e-12, "a level that it has exactly")
	require.Zero(t, stat.SignedRankLevel(5, 0.95))
}

// The figures of docs/statistics.md: at 95 % the interval by ranks holds the shift where both sides are alike or of one length, and not
// where few runs of one side are four times as scattered as many of the other.
func TestMannWhitneyCovers(t *testing.T) {
	r := rand.New(rand.NewPCG(71, 73))
	for _, c := range []struct {
		base, head  int
		noise       float64
		least, most float64
	}{{6, 6, 1, 0.94, 0.97}, {10, 10, 1, 0.94, 0.97}, {6, 40, 1, 0.94, 0.97}, {10, 10, 4, 0.915, 0.945}, {6, 40, 4, 0.805, 0.85}} {
		share, _ := coverage(3_000, func() bool {
			base := series(c.base, func(int) float64 { return c.noise * r.NormFloat64() })
			head := series(c.head, func(int) float64 { return 1 + r.NormFloat64() })
			shift, ok := stat.MannWhitney(base, head)
			low, high, in := shift.Interval(0.95)
			return ok && in && low <= 1 && 1 <= high
		})
		t.Logf("%d and %d runs, noise %g: %.3f", c.base, c.head, c.noise, share)
		require.GreaterOrEqual(t, share, c.least)
		require.LessOrEqual(t, share, c.most)
	}
}
