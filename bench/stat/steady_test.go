package stat_test

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/bench/stat"
)

// series is n values, each f of its index.
func series(n int, f func(i int) float64) []float64 {
	xs := make([]float64, n)
	for i := range xs {
		xs[i] = f(i)
	}
	return xs
}

// wave is noise without chance: its mean over two neighbours is 0.
func wave(i int) float64 { return float64(i%2*2 - 1) }

func TestMSER5(t *testing.T) {
	for name, c := range map[string]struct {
		xs  []float64
		cut int
	}{
		"constant":                {series(100, func(int) float64 { return 0.1 }), 0},
		"steady":                  {series(100, func(i int) float64 { return 100 + wave(i) }), 0},
		"one slow batch":          {series(100, func(i int) float64 { return 100 - 50*max(0, min(1, float64(5-i))) + wave(i) }), 5},
		"slow for 17":             {series(100, func(i int) float64 { return 100 - 50*max(0, min(1, float64(17-i))) + wave(i) }), 20},
		"fast for 20":             {series(100, func(i int) float64 { return 100 + 50*max(0, min(1, float64(20-i))) + wave(i) }), 20},
		"slow for more than half": {series(100, func(i int) float64 { return 100 - 50*max(0, min(1, float64(70-i))) }), 0},
		"ramp over half":          {series(100, func(i int) float64 { return min(100, 2*float64(i)) }), 50},
		"ramp over half, odd":     {series(113, func(i int) float64 { return min(100, 2*float64(i)) }), 50},
		"last four have no vote":  {append(series(100, func(int) float64 { return 100 }), 1, 2, 3, 4), 0},
		"fewest":                  {series(50, func(i int) float64 { return 100 - 50*max(0, min(1, float64(25-i))) }), 25},
		"nearly another batch":    {series(54, func(i int) float64 { return 100 - 50*max(0, min(1, float64(25-i))) }), 25},
	} {
		t.Run(name, func(t *testing.T) {
			cut, ok := stat.MSER5(c.xs)
			require.True(t, ok)
			require.Equal(t, c.cut, cut)
		})
	}
	for name, xs := range map[string][]float64{
		"none": nil, "too few": make([]float64, 49),
		"nan": append(make([]float64, 60), math.NaN()), "inf": append(make([]float64, 60), math.Inf(1)),
	} {
		_, ok := stat.MSER5(xs)
		require.False(t, ok, name)
		require.False(t, stat.NeverSteady(xs), name)
	}
}

// marginalError is White's statistic for d batches cut off, in two passes.
func marginalError(xs []float64, d int) float64 {
	var batches []float64
	for batch := range slices.Chunk(xs[:len(xs)/5*5], 5) {
		batches = append(batches, (batch[0]+batch[1]+batch[2]+batch[3]+batch[4])/5)
	}
	rest, mean, squares := batches[d:], 0.0, 0.0
	for _, b := range rest {
		mean += b / float64(len(rest))
	}
	for _, b := range rest {
		squares += (b - mean) * (b - mean)
	}
	return squares / float64(len(rest)*len(rest))
}

func TestMSER5IsItsDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		xs := rapid.SliceOfN(rapid.Float64Range(-1000, 1000), 50, 130).Draw(t, "xs")
		cut, ok := stat.MSER5(xs)
		require.True(t, ok)
		require.Zero(t, cut%5)
		bound := len(xs) / 5 / 2
		require.LessOrEqual(t, cut/5, bound)
		got := marginalError(xs, cut/5)
		for d := range bound + 1 {
			require.LessOrEqual(t, got, marginalError(xs, d)*(1+1e-9)+1e-12, "d %d", d)
		}
	})
}

func TestLevelChange(t *testing.T) {
	for name, c := range map[string]struct {
		xs   []float64
		want float64
	}{
		"none": {[]float64{5, 5}, 0}, "up": {[]float64{9, 11}, 0.2}, "down": {[]float64{11, 11, 9, 9}, -0.2},
		"the middle one": {[]float64{90, 100, 110}, 0.2}, "from nothing": {[]float64{0, 4}, 2},
	} {
		change, ok := stat.LevelChange(c.xs)
		require.True(t, ok, name)
		require.InDelta(t, c.want, change, 1e-12, name)
	}
	for name, xs := range map[string][]float64{
		"empty": nil, "one": {1}, "zero": {0, 0}, "negative": {-1, -2}, "nan": {1, math.NaN()}, "inf": {1, math.Inf(1)},
	} {
		_, ok := stat.LevelChange(xs)
		require.False(t, ok, name)
	}
}

func TestNeverSteady(t *testing.T) {
	for name, c := range map[string]struct {
		xs   []float64
		want bool
	}{
		"constant":           {series(130, func(int) float64 { return 7 }), false},
		"stalled":            {make([]float64, 130), false},
		"drift of 10 %":      {series(130, func(i int) float64 { return 95 + float64(i)/13 }), true},
		"drift down":         {series(130, func(i int) float64 { return 105 - float64(i)/13 }), true},
		"drift of 5 %":       {series(130, func(i int) float64 { return 100 + float64(i)/26 }), false},
		"warm-up of a third": {series(130, func(i int) float64 { return min(100, 60+float64(i)) + wave(i) }), false},
		"warm-up of all":     {series(130, func(i int) float64 { return 60 + float64(i)/4 + wave(i) }), true},
		"throttled late":     {series(130, func(i int) float64 { return 100 - 20*max(0, min(1, float64(i-80))) + wave(i) }), true},
		// 11 completions in the first half and 10 in the second: a difference of 10 % that is no drift.
		"coarse": {series(130, func(i int) float64 { return max(0, 1-float64((i+6)%6)) * wave(i+1) * wave(i+1) }), false},
		"short":  {series(49, func(i int) float64 { return float64(i) }), false},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.want, stat.NeverSteady(c.xs)) })
	}
}
