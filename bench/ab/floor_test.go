package ab_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench/ab"
	"github.com/accelbench/accelbench/bench/compare"
)

// ofValues is a comparison of one gated metric, round by round.
func ofValues(m compare.Metric, base, head []float64) compare.Comparison {
	subject := func(xs []float64) []compare.Subject {
		s := compare.Series{Metric: m}
		for i, x := range xs {
			s.Values = append(s.Values, compare.Value{X: x, Round: i + 1})
		}
		return []compare.Subject{{Key: "a", Name: "gemm", Series: []compare.Series{s}}}
	}
	return compare.Compare(subject(base), subject(head), compare.Options{Gate: []string{m.Name}})
}

func throughput() compare.Metric {
	return compare.Metric{Name: "throughput", Unit: "1/s", Better: compare.Higher, Method: compare.Mean}
}

func TestFloorTellsNoiseWithinRoundsFromThatBetween(t *testing.T) {
	e := math.Exp
	// Differences of 0.02 and -0.02 around means of 0 and 0.1: their variances by hand are 0.0008 and 0.005.
	floors := ab.Floors(ofValues(throughput(), []float64{e(-0.01), e(0.11)}, []float64{e(0.01), e(0.09)}), []int{5})
	require.Len(t, floors, 1)
	f := floors[0]
	require.Equal(t, "gemm", f.Case)
	require.Equal(t, 2, f.Rounds)
	require.InDelta(t, math.Sqrt(0.0008/2), *f.Within, 1e-12)
	require.InDelta(t, math.Sqrt(0.005-0.0008/4), *f.Between, 1e-12)
	require.InDelta(t, 1+(0.005-0.0002)/0.0004, *f.Gain, 1e-9)

	constant := ab.Floors(ofValues(throughput(), []float64{5, 5, 5}, []float64{5, 5, 5}), []int{5})[0]
	require.Zero(t, *constant.Within)
	require.Nil(t, constant.Gain, "nothing to gain where nothing varies")
	require.InDelta(t, compare.Tolerance, *constant.Visible[0].Change, 1e-12, "all that is beyond the tolerance")

	one := ab.Floors(ofValues(throughput(), []float64{5}, []float64{6}), []int{5})[0]
	require.Nil(t, one.Within)
	require.Empty(t, one.Visible)
}

func TestWhatRanksCannotSee(t *testing.T) {
	p99 := compare.Metric{Name: "latency.p99", Unit: "ns", Better: compare.Lower, Method: compare.Rank}
	f := ab.Floors(ofValues(p99, []float64{5, 6, 7}, []float64{6, 5, 7}), []int{5, 6, 10})[0]
	require.Nil(t, f.Visible[0].Change)
	require.Equal(t, 6, f.Visible[0].Needs)
	require.NotNil(t, f.Visible[1].Change)
	require.Less(t, *f.Visible[2].Change, *f.Visible[1].Change)
}

// TestTheSmallestVisibleChangeIsSeen: a slowdown of the size that a floor names is called a regression about as often as it says, by the
// comparison itself.
func TestTheSmallestVisibleChangeIsSeen(t *testing.T) {
	const trials, own, shared = 1500, 0.015, 0.03
	metrics := simulate(0, 0, own, shared).metrics
	for name, metric := range map[string]int{"higher is better": 0, "lower is better": 1, "by ranks": 2} {
		t.Run(name, func(t *testing.T) {
			for _, rounds := range []int{3, 5, 10, 20} {
				// A floor of many rounds knows the noise.
				quiet := simulate(99, 0, own, shared)
				quiet.metrics = metrics[metric : metric+1]
				for round := 1; round <= 1000; round++ {
					for _, s := range []string{"base", "head"} {
						require.NoError(t, quiet.keep(ab.Turn{Side: s, Round: round}, ab.Output{}))
					}
				}
				c := quiet.judge(compare.Confidence)
				c.Cases[0].Deltas = c.Cases[0].Deltas[:1]
				v := ab.Floors(c, []int{rounds})[0].Visible[0]
				if v.Change == nil {
					require.Less(t, rounds, v.Needs)
					continue
				}
				found := 0
				for i := range trials {
					s := simulate(uint64(1000+i), *v.Change, own, shared)
					s.metrics = metrics[metric : metric+1]
					for round := 1; round <= rounds; round++ {
						for _, side := range []string{"base", "head"} {
							require.NoError(t, s.keep(ab.Turn{Side: side, Round: round}, ab.Output{}))
						}
					}
					if s.judge(compare.Confidence).Verdict == compare.Regressed {
						found++
					}
				}
				require.InDelta(t, ab.Power, float64(found)/trials, 0.025, "%d rounds, a change of %.1f %%", rounds, 100**v.Change)
			}
		})
	}
}
