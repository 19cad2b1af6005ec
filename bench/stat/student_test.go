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

// Quantiles of tables, and of the two distributions that have a formula.
func TestStudentQuantile(t *testing.T) {
	for _, c := range []struct{ level, freedom, want float64 }{
		{0.05, 1, 12.7062047}, {0.05, 2, 4.30265273}, {0.05, 9, 2.26215716}, {0.01, 9, 3.24983554}, {0.05, 30, 2.04227246},
		{0.001, 3, 12.9239786}, {0.5, 5, 0.726686844},
	} {
		require.InEpsilon(t, c.want, stat.StudentQuantile(c.level, c.freedom), 1e-6, "%v at %v", c.level, c.freedom)
	}
	require.InDelta(t, 1.959964, stat.StudentQuantile(0.05, 1e12), 3e-4)
	for _, level := range []float64{1e-12, 1e-6, 0.01, 0.3, 0.9, 0.999} {
		require.InEpsilon(t, 1/math.Tan(math.Pi*level/2), stat.StudentQuantile(level, 1), 1e-9, "%v", level)
		a := 1 - level // t = a sqrt(2/(1-a^2)) at two degrees of freedom
		require.InEpsilon(t, a*math.Sqrt(2/(level*(1+a))), stat.StudentQuantile(level, 2), 1e-9, "%v", level)
	}
	require.True(t, math.IsInf(stat.StudentQuantile(0, 3), 1))
}

func TestStudentQuantileInvertsTheDistribution(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		level := math.Pow(10, rapid.Float64Range(-8, -1e-3).Draw(t, "log10 level"))
		freedom := math.Pow(10, rapid.Float64Range(0, 5).Draw(t, "log10 freedom"))
		q := stat.StudentQuantile(level, freedom)
		tails := 2 * (1 - moremath.TDist{V: min(freedom, 1e4)}.CDF(q))
		require.InEpsilon(t, level, tails, 1e-5, "%v at %v", q, freedom)
	})
}

// Textbook: Student's ten patients (1908), hours of sleep gained by two drugs; t = 4.0621 and 1.8608, p = 0.002833 and 0.07939.
func TestStudentsSleep(t *testing.T) {
	a := []float64{0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0}
	b := []float64{1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4}
	paired, ok := stat.PairedT(a, b)
	require.True(t, ok)
	require.InDelta(t, 1.58, paired.Estimate(), 1e-9)
	require.InDelta(t, 0.002833, paired.Level(0), 1e-6)
	low, high, ok := paired.Interval(0.95)
	require.True(t, ok)
	require.InDelta(t, 0.7001142, low, 1e-6)
	require.InDelta(t, 2.4598858, high, 1e-6)
	welch, ok := stat.Welch(a, b)
	require.True(t, ok)
	require.InDelta(t, 17.776474, welch.Freedom, 1e-5)
	require.InDelta(t, 0.07939414, welch.Level(0), 1e-7)
	low, high, ok = welch.Interval(0.95)
	require.True(t, ok)
	require.InDelta(t, -0.2054832, low, 1e-6)
	require.InDelta(t, 3.3654832, high, 1e-6)
}

func TestShiftsOfConstants(t *testing.T) {
	base, head := []float64{0.1, 0.1, 0.1}, []float64{0.3, 0.3, 0.3}
	for name, of := range map[string]func(base, head []float64) (stat.TShift, bool){"Welch": stat.Welch, "paired": stat.PairedT} {
		shift, ok := of(base, head)
		require.True(t, ok, name)
		low, high, ok := shift.Interval(0.999)
		require.True(t, ok, name)
		require.Equal(t, low, high, name)
		require.InDelta(t, 0.2, low, 1e-15, name)
		require.Zero(t, shift.Level(0), name)
		require.InDelta(t, 1, shift.Level(shift.Value), 0, name)
	}
}

func TestNoShift(t *testing.T) {
	two := []float64{1, 2}
	for name, c := range map[string]struct{ base, head []float64 }{
		"none": {nil, nil}, "one": {[]float64{1}, []float64{2}}, "nan": {two, []float64{1, math.NaN()}},
		"inf": {[]float64{1, math.Inf(-1)}, two}, "difference too large": {[]float64{-math.MaxFloat64, 0}, []float64{math.MaxFloat64, 1}},
	} {
		for which, of := range map[string]func(base, head []float64) (stat.TShift, bool){"Welch": stat.Welch, "paired": stat.PairedT} {
			_, ok := of(c.base, c.head)
			require.False(t, ok, "%s, %s", name, which)
		}
	}
	_, ok := stat.PairedT(two, []float64{1, 2, 3})
	require.False(t, ok, "unlike lengths")
	shift, _ := stat.Welch(two, two)
	for _, confidence := range []float64{0, 1, math.NaN()} {
		_, _, ok := shift.Interval(confidence)
		require.False(t, ok)
	}
}

// The interval at 1 minus the level of an edge ends at that edge.
func TestIntervalEndsAtTheEdgeOfItsLevel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := rapid.SliceOfN(rapid.Float64Range(-1, 1), 2, 12)
		base, head := draw.Draw(t, "base"), draw.Draw(t, "head")
		shift, ok := stat.Welch(base, head)
		require.True(t, ok)
		edge := rapid.Float64Range(-3, 3).Draw(t, "edge")
		level := shift.Level(edge)
		if level < 1e-9 || level > 0.999 {
			t.Skip("the edge is too far, or the estimate itself")
		}
		low, high, ok := shift.Interval(1 - level)
		require.True(t, ok)
		require.InDelta(t, 0, min(math.Abs(low-edge), math.Abs(high-edge)), 1e-5*(1+shift.Error), "%v to %v", low, high)
	})
}

// At 95 % Welch's interval holds the shift in 92.5 % where few runs of one side are much noisier than many of the other: its degrees of
// freedom are estimated from those few. Sides of one length keep the level.
func TestWelchCovers(t *testing.T) {
	r := rand.New(rand.NewPCG(61, 67))
	for _, c := range []struct {
		base, head int
		least      float64
	}{{2, 2, 0.94}, {3, 3, 0.94}, {5, 5, 0.94}, {10, 10, 0.94}, {4, 10, 0.935}, {3, 10, 0.95}, {10, 3, 0.95}, {2, 10, 0.95}, {2, 40, 0.95}} {
		share, _ := coverage(10_000, func() bool {
			base := series(c.base, func(int) float64 { return 2 * r.NormFloat64() })
			head := series(c.head, func(int) float64 { return 1 + r.NormFloat64() })
			shift, ok := stat.Welch(base, head)
			low, high, in := shift.Interval(0.95)
			return ok && in && low <= 1 && 1 <= high
		})
		t.Logf("%d and %d runs: %.3f", c.base, c.head, share)
		require.GreaterOrEqual(t, share, c.least, "%d and %d runs", c.base, c.head)
	}
}

func BenchmarkStudentQuantile(b *testing.B) {
	for i := range b.N {
		stat.StudentQuantile(0.05/float64(1+i%5), 2+float64(i%100))
	}
}

func BenchmarkInvCDF(b *testing.B) {
	for i := range b.N {
		moremath.InvCDF(moremath.TDist{V: 2 + float64(i%100)})(0.05 / float64(1+i%5))
	}
}
