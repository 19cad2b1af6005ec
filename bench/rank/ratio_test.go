package rank_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/bench/rank"
	"github.com/accelbench/accelbench/bench/rank/ranktest"
)

func sample(xs ...float64) rank.Sample { return rank.Sample{Values: xs, Runs: len(xs), Sessions: 1} }

// Two runs a side, by hand: means of logs log(2) apart, each variance (0.1)^2/2, so that the error is 0.1 with two degrees of
// freedom, of which the 97.5 % quantile is 4.3027.
func TestRatioByHand(t *testing.T) {
	d := 0.1
	a, b := sample(2*math.Exp(d/math.Sqrt2), 2*math.Exp(-d/math.Sqrt2)), sample(math.Exp(d/math.Sqrt2), math.Exp(-d/math.Sqrt2))
	r, reason := rank.Throughput.Compare(a, b)
	require.Empty(t, reason)
	require.InDelta(t, 2, r.Value, 1e-12)
	in := r.Interval(0.95)
	require.InDelta(t, 2*math.Exp(-4.3027*d), in.Low, 1e-4)
	require.InDelta(t, 2*math.Exp(4.3027*d), in.High, 1e-4)
	require.InDelta(t, 0.05, r.Level(in.Low), 1e-6)
}

func TestTooFewRunsSayHowManyItTakes(t *testing.T) {
	r, reason := rank.Throughput.Compare(sample(3), sample(1, 1.1))
	require.Equal(t, "needs 2 valid runs of each side, has 1 and 2", reason)
	require.Nil(t, r.Interval(0.95))
	require.Equal(t, 1.0, r.Level(1))
	_, reason = rank.P99.Compare(sample(1, 2, 3, 4, 5), sample(1, 2, 3, 4, 5, 6))
	require.Equal(t, "needs 6 valid runs of each side, has 5 and 6", reason)
	_, ok := r.Further(2, 0.95)
	require.False(t, ok)
}

func TestRatioProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.SampledFrom(rank.Metrics()).Draw(t, "metric")
		draw := func(name string) rank.Sample {
			return sample(rapid.SliceOfN(rapid.Float64Range(50, 200), 6, 9).Draw(t, name)...)
		}
		a, b := draw("a"), draw("b")
		there, _ := m.Compare(a, b)
		back, _ := m.Compare(b, a)
		require.InEpsilon(t, 1, there.Value*back.Value, 1e-9)
		x, y := there.Interval(0.95), back.Interval(0.95)
		require.InEpsilon(t, 1, x.Low*y.High, 1e-9, "swapping the sides mirrors the interval")
		require.LessOrEqual(t, x.Low, there.Value*(1+1e-12))
		require.GreaterOrEqual(t, x.High, there.Value*(1-1e-12))
		by := rapid.Float64Range(0.01, 100).Draw(t, "by")
		for i := range a.Values {
			a.Values[i] *= by
		}
		scaled, _ := m.Compare(a, b)
		require.InEpsilon(t, by, scaled.Value/there.Value, 1e-9, "a fixed price only shifts")
		require.InEpsilon(t, x.High/x.Low, scaled.Interval(0.95).High/scaled.Interval(0.95).Low, 1e-9)
	})
}

// TestRatioIntervalsCover: 95 % of the intervals hold the true ratio, at three runs a side and with unlike noise.
func TestRatioIntervalsCover(t *testing.T) {
	const trials, truth = 2000, 1.3
	random := rand.New(rand.NewPCG(3, 4))
	draw := func(n int, middle, noise float64) rank.Sample {
		var xs []float64
		for range n {
			xs = append(xs, middle*math.Exp(noise*random.NormFloat64()))
		}
		return sample(xs...)
	}
	for _, c := range []struct {
		metric      rank.Metric
		runs        int
		noiseA      float64
		noiseB      float64
		least, most float64
	}{{rank.PerDollarHour, 3, 0.03, 0.03, 0.94, 0.99}, {rank.PerDollarHour, 5, 0.15, 0.03, 0.935, 0.97}, {rank.P99, 6, 0.1, 0.1, 0.94, 1}} {
		held := 0
		for range trials {
			r, reason := c.metric.Compare(draw(c.runs, truth, c.noiseA), draw(c.runs, 1, c.noiseB))
			require.Empty(t, reason)
			if in := r.Interval(0.95); in.Low <= truth && truth <= in.High {
				held++
			}
		}
		share := float64(held) / trials
		t.Logf("%s, %d runs a side, noise %g and %g: %.3f", c.metric, c.runs, c.noiseA, c.noiseB, share)
		require.GreaterOrEqual(t, share, c.least)
		require.LessOrEqual(t, share, c.most)
	}
}

// TestTheBestOfManyIsTooGood is where the rules of rankings and claims have their figure from: machines that are alike, of which one
// tried ten configurations, all alike, and the other one. At 95 % the first is called better in one of forty pairs without the choice.
func TestTheBestOfManyIsTooGood(t *testing.T) {
	const trials = 2000
	random := rand.New(rand.NewPCG(5, 6))
	draw := func() rank.Sample {
		var xs []float64
		for range 10 {
			xs = append(xs, math.Exp(0.02*random.NormFloat64()))
		}
		return sample(xs...)
	}
	better := func(configurations int) float64 {
		n := 0
		for range trials {
			best := draw()
			for range configurations - 1 {
				if other := draw(); rank.Throughput.Value(other) > rank.Throughput.Value(best) {
					best = other
				}
			}
			r, _ := rank.Throughput.Compare(best, draw())
			if r.Interval(0.95).Low > 1 {
				n++
			}
		}
		return float64(n) / trials
	}
	require.InDelta(t, 0.025, better(1), 0.01)
	require.InDelta(t, 0.125, better(10), 0.025)
}

// TestFurtherRunsDecide: with as many runs more of the same spread, the interval leaves the edge out, and with one fewer it does not.
func TestFurtherRunsDecide(t *testing.T) {
	spread := func(n int, middle float64) rank.Sample { // n even; the variance of the logs is that of +-2 %
		var xs []float64
		s := 0.02 * math.Sqrt(float64(n-1)/float64(n))
		for i := range n {
			xs = append(xs, middle*math.Exp(s*float64(1-2*(i%2))))
		}
		return sample(xs...)
	}
	r, _ := rank.Throughput.Compare(spread(2, 1.01), spread(2, 1))
	n, ok := r.Further(1, 0.95)
	require.True(t, ok)
	total := 2 + n
	total += total % 2
	enough, _ := rank.Throughput.Compare(spread(total, 1.01), spread(total, 1))
	require.Greater(t, enough.Interval(0.95).Low, 1.0, "%d runs", total)
	few, _ := rank.Throughput.Compare(spread(total-4, 1.01), spread(total-4, 1))
	require.Less(t, few.Interval(0.95).Low, 1.0)

	same, _ := rank.Throughput.Compare(spread(2, 1), spread(2, 1))
	_, ok = same.Further(1, 0.95)
	require.False(t, ok, "no number of runs tells equal ones apart")
}

func TestMetricsOfMoney(t *testing.T) {
	row := ranktest.Rows(ranktest.Machine{Type: "m", USD: 2, PerSecond: []float64{100, 100}})[0]
	for m, want := range map[rank.Metric]float64{rank.Throughput: 100, rank.PerDollarHour: 50, rank.PerDollar: 180000, rank.PerMillion: 1e6 / 180000} {
		s, reason := m.Sample(row)
		require.Empty(t, reason)
		require.InEpsilon(t, want, m.Value(s), 1e-8, m)
	}
	for m, want := range map[rank.Metric]string{rank.P50: "no latency: the offline scenario has none", rank.JoulesPerUnit: "no energy was measured"} {
		_, reason := m.Sample(row)
		require.Equal(t, want, reason)
	}
}
