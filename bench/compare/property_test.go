package compare_test

import (
	"encoding/json"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/bench/compare"
)

// drawSeries are the runs of one side, around 100 times a factor.
func drawSeries(t *rapid.T, label string, m compare.Metric, n int) compare.Series {
	by := rapid.SampledFrom([]float64{0.9, 0.96, 0.97, 1, 1.03, 1.04, 1.1}).Draw(t, label+" factor")
	noise := rapid.SampledFrom([]float64{0, 0.1, 1, 4}).Draw(t, label+" noise")
	xs := rapid.SliceOfN(rapid.Float64Range(-1, 1), n, n).Draw(t, label)
	for i := range xs {
		xs[i] = by * (100 + noise*xs[i])
	}
	return of(m, values(xs...))
}

// drawSides are two sides with two gated metrics in the same rounds.
func drawSides(t *rapid.T) (base, head compare.Subject, opts compare.Options) {
	n := rapid.IntRange(1, 12).Draw(t, "runs")
	opts.Unpaired = rapid.Bool().Draw(t, "unpaired")
	var sides [2]compare.Subject
	for i, name := range []string{"base ", "head "} {
		sides[i] = subject(drawSeries(t, name+"speed", speed(), n), drawSeries(t, name+"p99", p99(), n))
	}
	return sides[0], sides[1], opts
}

func deltas(base, head compare.Subject, opts compare.Options) []compare.Delta {
	return compare.Compare([]compare.Subject{base}, []compare.Subject{head}, opts).Cases[0].Deltas
}

func TestSidesMirrorEachOther(t *testing.T) {
	mirrored := map[compare.Verdict]compare.Verdict{compare.Regressed: compare.Improved, compare.Improved: compare.Regressed,
		compare.Unchanged: compare.Unchanged, compare.Undecided: compare.Undecided}
	rapid.Check(t, func(t *rapid.T) {
		base, head, opts := drawSides(t)
		there, back := deltas(base, head, opts), deltas(head, base, opts)
		for i := range there {
			a, b := there[i], back[i]
			require.InEpsilon(t, *a.Ratio, 1 / *b.Ratio, 1e-9)
			require.Equal(t, []float64{a.Base, a.Head}, []float64{b.Head, b.Base})
			if a.Confidence != b.Confidence || a.Interval == nil {
				continue // 3 % less is not the inverse of 3 % more, so that another may come first
			}
			require.InEpsilon(t, a.Interval.Low, 1/b.Interval.High, 1e-9)
			require.InEpsilon(t, a.Interval.High, 1/b.Interval.Low, 1e-9)
			if !betweenEdges(a.Interval.Low) && !betweenEdges(a.Interval.High) {
				require.Equal(t, a.Verdict, mirrored[b.Verdict])
			}
		}
	})
}

// betweenEdges tells of a ratio whose inverse lies on the other side of its edge.
func betweenEdges(ratio float64) bool {
	const tolerance, slack = compare.Tolerance, 1e-9
	return ratio > 1-tolerance-slack && ratio < 1/(1+tolerance)+slack || ratio > 1+tolerance-slack && ratio < 1/(1-tolerance)+slack
}

func TestUnitsDoNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base, head, opts := drawSides(t)
		before := deltas(base, head, opts)
		const by = 1 << 20 // exact
		for _, side := range []compare.Subject{base, head} {
			for i := range side.Series {
				side.Series[i].Values = scaled(side.Series[i].Values, by)
			}
		}
		for i, d := range deltas(base, head, opts) {
			require.InEpsilon(t, *before[i].Ratio, *d.Ratio, 1e-9)
			require.InEpsilon(t, before[i].Base*by, d.Base, 1e-9)
			if d.Interval != nil && !betweenEdges(d.Interval.Low) && !betweenEdges(d.Interval.High) {
				require.Equal(t, before[i].Verdict, d.Verdict)
			}
		}
	})
}

func TestOrderOfRunsDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base, head, opts := drawSides(t)
		before := deltas(base, head, opts)
		for i := range base.Series {
			slices.Reverse(base.Series[i].Values)
			head.Series[i].Values = rapid.Permutation(head.Series[i].Values).Draw(t, "order")
		}
		require.Equal(t, before, deltas(base, head, opts))
	})
}

func TestIntervalsHoldTheirRatio(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base, head, opts := drawSides(t)
		for _, d := range deltas(base, head, opts) {
			if d.Interval == nil {
				require.Equal(t, compare.Undecided, d.Verdict)
				require.NotEmpty(t, d.Reason)
				require.Positive(t, *d.Needs)
				continue
			}
			require.True(t, d.Interval.Low <= *d.Ratio && *d.Ratio <= d.Interval.High)
			const edge = 1e-9
			low, high := 1-compare.Tolerance, 1+compare.Tolerance
			switch d.Verdict {
			case compare.Unchanged:
				require.True(t, d.Interval.Low >= low-edge && d.Interval.High <= high+edge)
			case compare.Undecided:
				require.True(t, d.Interval.Low <= high+edge && d.Interval.High >= low-edge, "an interval beyond an edge")
				require.True(t, d.Interval.Low <= low+edge || d.Interval.High >= high-edge, "an interval within")
			default:
				require.True(t, d.Interval.Low >= high-edge || d.Interval.High <= low+edge)
				require.Equal(t, d.Verdict == compare.Improved, (*d.Ratio > 1) == (d.Metric.Better == compare.Higher))
			}
		}
	})
}

// One more metric to be sure of makes nobody surer of the others.
func TestMoreMetricsDecideNoSooner(t *testing.T) {
	gate := []string{compare.Throughput, compare.LatencyP99}
	rapid.Check(t, func(t *rapid.T) {
		base, head, opts := drawSides(t)
		opts.Gate = gate
		before := deltas(base, head, opts)
		other := speed()
		other.Name = "other"
		n := len(base.Series[0].Values)
		base.Series = append(base.Series, drawSeries(t, "base other", other, n))
		head.Series = append(head.Series, drawSeries(t, "head other", other, n))
		opts.Gate = append(slices.Clone(gate), other.Name)
		after := deltas(base, head, opts)
		for i, d := range before {
			if d.Verdict != compare.Regressed {
				require.NotEqual(t, compare.Regressed, after[i].Verdict, "%+v became %+v", d, after[i])
			}
			require.GreaterOrEqual(t, after[i].Confidence, d.Confidence-1e-12)
		}
	})
}

// The levels of Holm's procedure: as many steps as metrics are beyond their edge, one level for all the rest, and no more in all than
// 1 minus the confidence at any step.
func TestLevelsAreHolms(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.IntRange(1, 5).Draw(t, "metrics")
		var base, head compare.Subject
		for i := range m {
			metric := speed()
			metric.Name = string(rune('a' + i))
			base.Series = append(base.Series, drawSeries(t, "base "+metric.Name, metric, 6))
			head.Series = append(head.Series, drawSeries(t, "head "+metric.Name, metric, 6))
		}
		var beyond, rest []float64
		for _, d := range deltas(base, head, compare.Options{}) {
			require.True(t, d.Gated)
			if d.Verdict == compare.Regressed || d.Verdict == compare.Improved {
				beyond = append(beyond, 1-d.Confidence)
			} else {
				rest = append(rest, 1-d.Confidence)
			}
		}
		slices.Sort(beyond)
		for k, level := range beyond {
			require.InDelta(t, 0.05/float64(m-k), level, 1e-12)
		}
		for _, level := range rest {
			require.InDelta(t, 0.05/float64(m-len(beyond)), level, 1e-12)
		}
	})
}

// FuzzCompare: whatever the figures are, the comparison can be written, and says nothing certain of what is no figure.
func FuzzCompare(f *testing.F) {
	f.Add(100.0, 101.0, 99.0, 90.0, 0.0, 5.0, uint8(3))
	f.Add(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, uint8(0))
	f.Add(math.MaxFloat64, 1e-300, math.MaxFloat64, 1e300, 5e-324, math.Inf(1), uint8(7))
	f.Add(math.NaN(), -1.0, math.MaxFloat64, math.MaxFloat64, math.MaxFloat64, 1e-308, uint8(12))
	f.Fuzz(func(t *testing.T, a, b, c, d, e, g float64, n uint8) {
		xs := slices.Repeat([]float64{a, b, c}, int(n%5)+1)
		ys := slices.Repeat([]float64{d, e, g}, int(n%3)+1)
		base := subject(of(speed(), values(xs...)), of(p99(), values(ys...)))
		head := subject(of(speed(), values(ys...)), of(p99(), values(xs...)))
		got := compare.Compare([]compare.Subject{base}, []compare.Subject{head}, compare.Options{Unpaired: n%2 == 0, Tolerance: float64(n%4) / 2})
		_, err := json.Marshal(got)
		require.NoError(t, err)
		for _, x := range slices.Concat(xs, ys) {
			if math.IsNaN(x) || math.IsInf(x, 0) || x < 0 {
				require.NotEmpty(t, got.Problems)
				require.Empty(t, got.Cases[0].Deltas)
			}
		}
	})
}
