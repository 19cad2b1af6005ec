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

// TestTheChoiceOfTheBestIsPaidFor: sides that are alike, each the best of several configurations that are all alike. At a fixed 95 % the
// best of ten is called better than one about one time in eight; at the confidence after the choice, in one of forty at most.
func TestTheChoiceOfTheBestIsPaidFor(t *testing.T) {
	const trials = 2000
	const promised = 0.025
	random := rand.New(rand.NewPCG(5, 6))
	best := func(m rank.Metric, configurations, runs int) rank.Sample {
		var out rank.Sample
		for i := range configurations {
			xs := make([]float64, runs)
			for i := range xs {
				xs[i] = math.Exp(0.02 * random.NormFloat64())
			}
			if s := sample(xs...); i == 0 || m.Value(s) > m.Value(out) {
				out = s
			}
		}
		return out
	}
	better := func(m rank.Metric, k, l, runs int) (fixed, after float64) {
		for range trials {
			r, reason := m.Compare(best(m, k, runs), best(m, l, runs))
			require.Empty(t, reason)
			if r.Interval(0.95).Low > 1 {
				fixed += 1.0 / trials
			}
			if in := r.Interval(rank.AfterChoice(0.95, k, l)); in != nil && in.Low > 1 {
				after += 1.0 / trials
			}
		}
		return fixed, after
	}
	for _, c := range []struct {
		metric     rank.Metric
		k, l, runs int
	}{{rank.Throughput, 1, 1, 10}, {rank.Throughput, 10, 1, 3}, {rank.Throughput, 10, 1, 10}, {rank.Throughput, 1, 10, 10}, {rank.Throughput, 4, 3, 5},
		{rank.Throughput, 10, 10, 10}, {rank.P99, 10, 1, 8}, {rank.P99, 3, 1, 12}} {
		fixed, after := better(c.metric, c.k, c.l, c.runs)
		t.Logf("%s, best of %d against best of %d, %d runs: better in %.1f %% at 95 %%, in %.1f %% after the choice", c.metric, c.k, c.l, c.runs, 100*fixed, 100*after)
		require.LessOrEqual(t, after, promised+3*math.Sqrt(promised*(1-promised)/trials))
		if c.k == 10 && c.l == 1 {
			require.Greater(t, fixed, 3*promised, "without it the promise would not hold")
			require.Positive(t, after, "the test can see a wrong order")
		}
	}
}

func TestMoreConfidenceNeedsMoreRuns(t *testing.T) {
	six := sample(1, 2, 3, 4, 5, 6)
	r, reason := rank.P99.Compare(six, sample(11, 12, 13, 14, 15, 16))
	require.Empty(t, reason)
	require.Empty(t, r.Missing(0.95))
	at := rank.AfterChoice(0.95, 10, 10)
	require.InDelta(t, 0.9995, at, 1e-12)
	require.Nil(t, r.Interval(at))
	require.Equal(t, "needs 8 valid runs of each side, has 6 and 6", r.Missing(at), "2 of 3432 orders of seven runs a side are more than 0.05 %")
	six.PerSession = true
	r, _ = rank.P99.Compare(six, sample(11, 12, 13, 14, 15, 16))
	require.Equal(t, "needs 8 valid runs, or sessions, of each side, has 6 and 6", r.Missing(at))
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
