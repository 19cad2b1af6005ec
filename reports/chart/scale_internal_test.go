package chart

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// values of any size that has a place on an axis.
func values() *rapid.Generator[[]float64] {
	one := rapid.Custom(func(t *rapid.T) float64 {
		return rapid.Float64Range(-10, 10).Draw(t, "mantissa") * math.Pow10(rapid.IntRange(-95, 95).Draw(t, "power"))
	})
	near := rapid.Custom(func(t *rapid.T) []float64 {
		at := rapid.Float64Range(-1e9, 1e9).Draw(t, "at")
		return rapid.SliceOfN(rapid.Float64Range(at-1, at+1), 1, 9).Draw(t, "near")
	})
	return rapid.OneOf(rapid.SliceOf(one), near)
}

func TestTicksCoverTheData(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		xs := values().Draw(t, "values")
		for name, s := range map[string]scale{"new": newScale(xs, 100, 500), "zero": zeroScale(xs, 100, 500), "near": nearScale(xs, 100, 500)} {
			require.GreaterOrEqual(t, len(s.ticks), 2, name)
			require.LessOrEqual(t, len(s.ticks), 14, name)
			require.True(t, slices.IsSorted(s.ticks), "%v", s.ticks)
			for _, x := range xs {
				if !drawable(x) {
					continue
				}
				require.LessOrEqual(t, s.ticks[0], x, name)
				require.GreaterOrEqual(t, s.ticks[len(s.ticks)-1], x, name)
				at := s.at(x)
				require.True(t, at >= 100 && at <= 500, "%v at %v", x, at)
			}
			for i := 1; i < len(s.ticks); i++ {
				require.Greater(t, s.at(s.ticks[i]), s.at(s.ticks[i-1]), "%s: %v", name, s.ticks)
			}
		}
	})
}

// TestTicksCoverWhatLiesJustBesideThem: dividing rounds a value just below a tick to the tick.
func TestTicksCoverWhatLiesJustBesideThem(t *testing.T) {
	for k := 1; k < 3000; k++ {
		x := math.Nextafter(float64(k)/1e6, 0) // the double of 1e-6 lies below it
		s := nearScale([]float64{x, x + 4e-6}, 0, 100)
		require.LessOrEqual(t, s.ticks[0], x)
		require.Greater(t, s.ticks[1], x)
	}
}

func TestScalesKeepTheOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		xs := values().Draw(t, "values")
		slices.Sort(xs)
		s := newScale(xs, 500, 100) // upright: from below to above
		for i := 1; i < len(xs); i++ {
			require.LessOrEqual(t, s.at(xs[i]), s.at(xs[i-1]))
		}
	})
}

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		unit string
		xs   []float64
		of   func([]float64, float64, float64) scale
		want []string
	}{
		{"images/s", []float64{57.3, 8.94}, newScale, []string{"0", "20", "40", "60"}},
		{"images/s", []float64{57.3, 0.4}, newScale, []string{"0.2", "0.5", "1", "2", "5", "10", "20", "50", "100"}},
		{"images/s", []float64{57.3, 0.4}, zeroScale, []string{"0", "20", "40", "60"}},
		{"tokens/s", []float64{120e3}, zeroScale, []string{"0", "50 k", "100 k", "150 k"}},
		{Nanoseconds, []float64{1.7e6, 2e6}, newScale, []string{"0", "0.5 ms", "1 ms", "1.5 ms", "2 ms"}},
		{Nanoseconds, []float64{9e3, 2e9}, newScale, []string{"1 µs", "10 µs", "100 µs", "1 ms", "10 ms", "100 ms", "1 s", "10 s"}},
		{"", []float64{0.94, 1.03}, nearScale, []string{"0.94", "0.96", "0.98", "1", "1.02", "1.04"}},
		{"W", nil, zeroScale, []string{"0", "0.2", "0.4", "0.6", "0.8", "1"}},
		{"", []float64{1e9}, nearScale, []string{"940 M", "960 M", "980 M", "1000 M", "1020 M", "1040 M", "1060 M"}},
	} {
		require.Equal(t, c.want, c.of(c.xs, 0, 100).tickTexts(c.unit), "%v", c.xs)
	}
}

func TestTextsAreCutWhereTheyDoNotFit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, room := rapid.String().Draw(t, "text"), rapid.Float64Range(20, 900).Draw(t, "room")
		require.LessOrEqual(t, width(fit(s, room, textSize), textSize), room)
		lines := wrap(s, room, textSize, 3)
		require.LessOrEqual(t, len(lines), 3)
		for _, line := range lines {
			require.LessOrEqual(t, width(line, textSize), room)
		}
	})
	require.Equal(t, "short", fit("short", 100, textSize))
	require.Equal(t, []string{"a b", "c d"}, wrap("a b c d", 28, textSize, 3))
}

func TestLabelsDoNotOverlap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, p := &canvas{}, placer{turns: beside()}
		for range rapid.IntRange(1, 24).Draw(t, "labels") {
			at := place{rapid.Float64Range(100, 120).Draw(t, "x"), rapid.Float64Range(100, 120).Draw(t, "y")}
			c.place(&p, label{"A", at})
		}
		for i, a := range p.taken {
			for _, b := range p.taken[:i] {
				require.False(t, a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
			}
		}
		require.NotEmpty(t, p.taken)
	})
}

func TestFrontIsWhatNoneBeats(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := Pareto{}
		for range rapid.IntRange(0, 20).Draw(t, "offers") {
			p.Offers = append(p.Offers, Offer{X: float64(rapid.IntRange(1, 9).Draw(t, "x")), Y: float64(rapid.IntRange(1, 9).Draw(t, "y")),
				Hollow: rapid.Bool().Draw(t, "hollow")})
		}
		front := p.Front()
		for i, a := range p.Offers {
			beaten := false
			for _, b := range p.Offers {
				beaten = beaten || !b.Hollow && b.X <= a.X && b.Y <= a.Y && b != a && (b.X < a.X || b.Y < a.Y)
			}
			require.Equal(t, !a.Hollow && !beaten, slices.Contains(front, i))
		}
	})
}

func TestGapsStayGaps(t *testing.T) {
	nan := math.NaN()
	lines, thinned := segments([]Moment{{0, 1}, {1, 2}, {2, nan}, {3, 4}, {4, 5}, {3, 1}, {4, 1}})
	require.Equal(t, [][]Moment{{{0, 1}, {1, 2}}, {{3, 4}, {4, 5}}, {{4, 1}}}, lines)
	require.False(t, thinned)
	var long []Moment
	for i := range 5000 {
		x := 100.0
		if i == 1234 {
			x = 900
		}
		long = append(long, Moment{float64(i), x})
	}
	lines, thinned = segments(long)
	require.True(t, thinned)
	require.Len(t, lines, 1)
	require.Less(t, len(lines[0]), mostPoints+1)
	require.Contains(t, lines[0], Moment{1234, 900}, "a short peak is not lost")
}
