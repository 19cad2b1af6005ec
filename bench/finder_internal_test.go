package bench

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// mostProbes is more than any search may take: a run is seconds, and this is hours of them.
const mostProbes = 2000

// probing drives a finder with a system that meets a load or not, and returns the loads that it tried.
func probing(t require.TestingT, f *finder, meets func(load float64) bool) (tried []float64) {
	for {
		x, _, ok := f.next()
		if !ok {
			return tried
		}
		tried = append(tried, x)
		require.Less(t, len(tried), mostProbes, "the search does not end")
		f.observe(meets(x))
	}
}

// found is the load that all confirming runs met; 0 if there is none.
func (f *finder) found() float64 {
	if f.role == RoleConfirm && f.confirmed >= f.repeats {
		return f.low
	}
	return 0
}

func TestFinderFindsRates(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		threshold := math.Pow(10, rapid.Float64Range(-2, 4).Draw(t, "log threshold"))
		start := math.Pow(10, rapid.Float64Range(-2, 4).Draw(t, "log start"))
		repeats := rapid.IntRange(1, 5).Draw(t, "repeats")
		f := newFinder(start, 1e-3, 1e5, repeats)
		tried := probing(t, f, func(x float64) bool { return x <= threshold })
		require.NotZero(t, f.found(), "tried %v", tried)
		require.LessOrEqual(t, f.found(), threshold)
		require.GreaterOrEqual(t, f.found(), threshold/searchStep/1.0001)
		require.LessOrEqual(t, len(tried), 30+repeats, "tried %v", tried)
	})
}

func TestFinderFindsWholeNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		threshold := rapid.IntRange(1, mostTop-1).Draw(t, "threshold")
		start := rapid.IntRange(1, mostTop).Draw(t, "start")
		f := newFinder(float64(start), 1, mostTop, 2)
		f.whole = true
		tried := probing(t, f, func(x float64) bool {
			require.Equal(t, math.Trunc(x), x)
			require.GreaterOrEqual(t, x, 1.0)
			return x <= float64(threshold)
		})
		require.Equal(t, float64(threshold), f.found(), "tried %v", tried)
		require.LessOrEqual(t, len(tried), 30)
	})
}

func TestFinderAtItsBounds(t *testing.T) {
	for name, c := range map[string]struct {
		start, bottom, top float64
		whole              bool
		meets              bool
		last               float64 // load that was tried
	}{
		"no concurrency meets":       {1, 1, 8, true, false, 1},
		"every concurrency meets":    {1, 1, 8, true, true, 8},
		"none below a start":         {5, 1, 8, true, false, 1},
		"start above the top":        {20, 1, 8, true, true, 20},
		"no rate meets":              {16, 1, 100, false, false, 1},
		"every rate meets":           {16, 1, 100, false, true, 100},
		"the top is a doubling":      {25, 1, 100, false, true, 100},
		"the bottom itself is tried": {1, 1, 100, false, false, 1},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFinder(c.start, c.bottom, c.top, 3)
			f.whole = c.whole
			tried := probing(t, f, func(float64) bool { return c.meets })
			require.Equal(t, c.last, tried[len(tried)-1], "tried %v", tried)
			require.Zero(t, f.found())
		})
	}
}

// However the runs come out, the search ends, never confirms what missed, and tries no load between its bounds twice but to
// confirm it.
func TestFinderEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		whole := rapid.Bool().Draw(t, "whole")
		start := float64(rapid.IntRange(1, 5000).Draw(t, "start"))
		bottom, top := 1.0, float64(mostTop)
		if !whole {
			bottom = start * rateBottom
			top = start * rateTop
		}
		f := newFinder(start, bottom, top, rapid.IntRange(1, 4).Draw(t, "repeats"))
		f.whole = whole
		// Enemies fit together well: those that meet in the long run but fail the last confirmation.
		share := rapid.IntRange(1, 6).Draw(t, "one in so many misses")
		seed := rapid.Uint64().Draw(t, "seed")
		r := rand.New(rand.NewPCG(seed, 1))
		missed, confirmed := map[float64]bool{}, map[float64]int{}
		probing(t, f, func(x float64) bool {
			require.GreaterOrEqual(t, x, bottom)
			met := r.IntN(share+1) > 0
			missed[x] = missed[x] || !met
			if met && f.role == RoleConfirm {
				confirmed[x]++
			}
			return met
		})
		if f.found() > 0 {
			require.False(t, missed[f.found()])
			require.Equal(t, f.repeats, confirmed[f.found()], "each step lower is confirmed anew")
		}
	})
}

// The worst enemy lets everything pass but the last confirming run: the search goes down all the way, in steps of a share.
func TestFinderEndsWhenNothingIsConfirmed(t *testing.T) {
	for _, whole := range []bool{true, false} {
		f := newFinder(1, 1, mostTop, 3)
		f.whole = whole
		bracketed := false
		tried := probing(t, f, func(x float64) bool {
			if f.role == RoleConfirm {
				bracketed = true
				return f.confirmed < f.repeats-1
			}
			return x < mostTop
		})
		require.True(t, bracketed)
		require.Less(t, len(tried), 600)
		require.Zero(t, f.found())
	}
}

// A system whose chance to meet the limits falls smoothly with the load, from 1 to 0 around a hundred: what three runs confirm
// has a good chance in a further one.
func TestFinderUnderNoise(t *testing.T) {
	const searches = 2000
	for name, whole := range map[string]bool{"rate": false, "concurrency": true} {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(7, 7))
			chance := func(x float64) float64 { return 1 / (1 + math.Pow(x/100, 20)) }
			var sum float64
			bad := 0
			for range searches {
				f := newFinder(1+r.Float64()*300, 1, 1e4, 3)
				f.x = math.Floor(f.x)
				f.whole = whole
				probing(t, f, func(x float64) bool { return r.Float64() < chance(x) })
				require.NotZero(t, f.found())
				sum += chance(f.found())
				if chance(f.found()) < 0.5 {
					bad++
				}
			}
			t.Logf("mean chance %.3f, below one half in %.3f", sum/searches, float64(bad)/searches)
			require.Greater(t, sum/searches, 0.8)
			require.Less(t, float64(bad)/searches, 0.1)
		})
	}
}
