package arrival

import (
	"math"
	"sort"
	"testing"
	"time"

	"github.com/aclements/go-moremath/mathx"
	"github.com/aclements/go-moremath/stats"
	"github.com/stretchr/testify/require"
)

// The seeds are fixed, so that these tests pass or fail for ever; each bound is one that a right generator misses for
// about one seed in a thousand, or fewer.

type fit struct {
	name string
	spec Spec
	cdf  func(gap float64) float64 // at unit rate
	cv2  float64                   // squared coefficient of variation of the gaps
}

func gammaFit(name string, shape float64, seed uint64) fit {
	return fit{name, Spec{Process: Gamma, Shape: shape, Rate: 1000, Seed: seed},
		func(gap float64) float64 { return mathx.GammaInc(shape, shape*gap) }, 1 / shape}
}

func fits() []fit {
	exponential := func(gap float64) float64 { return -math.Expm1(-gap) }
	list := []fit{
		{"poisson", Spec{Process: Poisson, Rate: 1000, Seed: 1}, exponential, 1},
		{"poisson, another seed", Spec{Process: Poisson, Rate: 1000, Seed: 2}, exponential, 1},
		// Of shape 1 gamma must be what Poisson is, though drawn another way.
		{"gamma 1", Spec{Process: Gamma, Shape: 1, Rate: 1000, Seed: 3}, exponential, 1},
	}
	for i, shape := range []float64{0.05, 0.25, 0.9999, 1.0001, 2.5, 20} {
		list = append(list, gammaFit("gamma", shape, uint64(i)))
	}
	return list
}

func TestGapsFitTheirDistribution(t *testing.T) {
	const n, bins = 200000, 200
	for _, f := range fits() {
		s := New(f.spec)
		// A gap's place in its own distribution is uniform.
		places := make([]float64, n)
		counts := make([]float64, bins)
		for i := range places {
			places[i] = f.cdf(s.gap())
			counts[min(int(places[i]*bins), bins-1)]++
		}

		sort.Float64s(places)
		distance := 0.0 // Kolmogorov and Smirnov's
		for i, p := range places {
			distance = max(distance, p-float64(i)/n, float64(i+1)/n-p)
		}
		require.Less(t, distance*math.Sqrt(n), 1.95, "%s %v", f.name, f.spec.Shape)

		// Equal bins weigh the tails as much as the middle. Of 199 degrees of freedom, 266 is the quantile 0.999.
		chi2 := 0.0
		for _, count := range counts {
			chi2 += (count - n/bins) * (count - n/bins) / (n / bins)
		}
		require.Less(t, chi2, 266.0, "%s %v", f.name, f.spec.Shape)
	}
}

// The bins above end at the quantile 0.995; the largest gap of many is beyond it.
func TestGapsReachFarIntoTheTail(t *testing.T) {
	const n = 1000000
	for _, f := range fits() {
		s := New(f.spec)
		largest := 0.0
		for range n {
			largest = max(largest, s.gap())
		}
		// n times the tail beyond the largest is exponential of mean 1.
		tail := n * (1 - f.cdf(largest))
		require.True(t, tail > 0.0005 && tail < 7.6, "%s %v: %v", f.name, f.spec.Shape, tail)
	}
}

func TestGapsAreIndependentAndOfMeanOne(t *testing.T) {
	const n = 1000000
	for _, f := range fits() {
		s := New(f.spec)
		gaps := make([]float64, n)
		for i := range gaps {
			gaps[i] = s.gap()
		}
		mean := stats.Mean(gaps)
		require.InDelta(t, 1, mean, 3.3*math.Sqrt(f.cv2/n), "%s %v", f.name, f.spec.Shape)

		// Of two and three gaps on: normals are drawn in pairs.
		for lag := 1; lag <= 3; lag++ {
			product := 0.0
			for i := lag; i < n; i++ {
				product += (gaps[i] - mean) * (gaps[i-lag] - mean)
			}
			require.InDelta(t, 0, product/(n*f.cv2), 3.3/math.Sqrt(n), "%s %v lag %d", f.name, f.spec.Shape, lag)
		}
	}
}

// The variance of the counts in windows over their mean: 1 of Poisson arrivals, 0 of constant ones, and of a renewal
// process the squared coefficient of variation of its gaps once the windows are long.
func TestCountsAreDispersedAsTheProcessSays(t *testing.T) {
	const windows, perWindow = 1000, 1000
	list := append(fits(), fit{"constant", Spec{Process: Constant, Rate: 1000}, nil, 0})
	for _, f := range list {
		s := New(f.spec)
		counts := make([]float64, windows)
		for at := s.Next(); at < windows*int64(time.Second); at = s.Next() {
			counts[at/int64(time.Second)]++
		}
		mean, variance := stats.Mean(counts), stats.Variance(counts)
		require.InDelta(t, perWindow, mean, 3.3*math.Sqrt(perWindow*f.cv2/windows), "%s %v", f.name, f.spec.Shape)
		// 3.3 standard deviations of a variance, and a bias of the order of cv2 gaps in a window.
		share := 3.3*math.Sqrt(2.0/windows) + f.cv2/perWindow
		require.InDelta(t, f.cv2, variance/mean, f.cv2*share, "%s %v", f.name, f.spec.Shape)
	}
}

func TestRampsFollowTheIntegralOfTheRate(t *testing.T) {
	const span = 10 * time.Second
	for _, c := range []struct{ from, to float64 }{{1000, 20000}, {20000, 1000}, {5000, 5000}, {1e-3, 10000}, {10000, 1e-3}} {
		for _, f := range append(fits(), fit{"constant", Spec{Process: Constant}, nil, 0}) {
			spec := f.spec
			spec.Rate, spec.RateEnd, spec.Span = c.from, c.to, span
			require.NoError(t, spec.Validate())
			expected := func(second float64) float64 {
				ramp := min(second, 10)
				return c.from*ramp + (c.to-c.from)/20*ramp*ramp + c.to*(second-ramp)
			}
			s := New(spec)
			var counts [15]float64
			for at := s.Next(); at < 15e9; at = s.Next() {
				counts[at/1e9]++
			}
			for second, count := range counts {
				want := expected(float64(second+1)) - expected(float64(second))
				// 4.5 standard deviations, and what one burst may hold.
				require.InDelta(t, want, count, 4.5*math.Sqrt(want*f.cv2)+1+5*f.cv2, "%v: second %d", spec, second)
			}
		}
	}
}
