package compare_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench/compare"
)

func speed() compare.Metric {
	return compare.Metric{Name: compare.Throughput, Unit: "images/s", Better: compare.Higher, Method: compare.Mean}
}

func p99() compare.Metric {
	return compare.Metric{Name: compare.LatencyP99, Unit: "ns", Better: compare.Lower, Method: compare.Rank}
}

// values of runs in rounds 1, 2, ...
func values(xs ...float64) []compare.Value {
	out := make([]compare.Value, len(xs))
	for i, x := range xs {
		out[i] = compare.Value{X: x, Round: i + 1}
	}
	return out
}

// scaled are values times a factor.
func scaled(vs []compare.Value, by float64) []compare.Value {
	out := make([]compare.Value, len(vs))
	for i, v := range vs {
		out[i] = compare.Value{X: v.X * by, Round: v.Round}
	}
	return out
}

func subject(series ...compare.Series) compare.Subject {
	s := compare.Subject{Key: "k", Name: "resnet50", Series: series}
	if len(series) > 0 {
		s.Runs = len(series[0].Values)
	}
	return s
}

func of(m compare.Metric, vs []compare.Value) compare.Series {
	return compare.Series{Metric: m, Values: vs}
}

var ten = []float64{100, 101, 99.5, 100.2, 100.7, 99.8, 100.1, 99.9, 100.4, 99.6}

func TestVerdictFollowsDirection(t *testing.T) {
	other := values(100.1, 100.9, 99.6, 100.3, 100.6, 99.7, 100.2, 99.8, 100.3, 99.9)
	for _, c := range []struct {
		metric compare.Metric
		by     float64
		want   compare.Verdict
	}{
		{speed(), 0.90, compare.Regressed}, {speed(), 1.10, compare.Improved}, {speed(), 1, compare.Unchanged},
		{speed(), 0.9703, compare.Undecided}, {speed(), 1.0294, compare.Undecided},
		{p99(), 0.90, compare.Improved}, {p99(), 1.10, compare.Regressed}, {p99(), 1, compare.Unchanged},
		{p99(), 0.9703, compare.Undecided}, {p99(), 1.0294, compare.Undecided},
	} {
		for _, unpaired := range []bool{false, true} {
			got := compare.Compare([]compare.Subject{subject(of(c.metric, values(ten...)))},
				[]compare.Subject{subject(of(c.metric, scaled(other, c.by)))}, compare.Options{Unpaired: unpaired})
			require.Empty(t, got.Problems)
			d := got.Cases[0].Deltas[0]
			text, err := json.Marshal(got)
			require.NoError(t, err)
			require.Equal(t, c.want, got.Verdict, "%s x %v, unpaired %v: %s", c.metric.Name, c.by, unpaired, text)
			require.Equal(t, !unpaired, d.Paired)
			require.InDelta(t, c.by, *d.Ratio, 0.002)
			require.Less(t, d.Interval.Low, *d.Ratio)
			require.Greater(t, d.Interval.High, *d.Ratio)
		}
	}
}
