package bench_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench"
)

// A run that was ended says that a limit was missed, and nothing else: its throughput is that of a queue that was filling up.
func TestEndedRunsGiveNoFigures(t *testing.T) {
	whole, ended := plain(t, 0, warming()...), plain(t, 1, warming()[:20]...)
	limit := func(over int64) []bench.LimitCount {
		return []bench.LimitCount{{Limit: bound, Over: &over}}
	}
	whole.Limits, ended.Limits, ended.Ended = limit(0), limit(3), bench.EndedLimit
	alone := single(t, []bench.Result{whole}, bench.SummarizeOptions{})
	both := single(t, []bench.Result{whole, ended}, bench.SummarizeOptions{})
	require.Equal(t, alone.Throughput, both.Throughput)
	require.Equal(t, alone.Latency, both.Latency)
	require.Equal(t, [2]int{1, 1}, [2]int{both.Valid, both.Ended})
	require.False(t, both.Limits[0].Met)
	require.Equal(t, int64(3), both.Limits[0].Over)

	only := single(t, []bench.Result{ended}, bench.SummarizeOptions{})
	require.Nil(t, only.Throughput)
	require.Nil(t, only.Latency)
	require.NotNil(t, only.Invalidated, "a hint at its size")
	require.Equal(t, bench.OK, only.Status)
	require.Equal(t, "no valid run", only.Unpriced)
}

// A target that the caps did not let be reached is said.
func TestTargetThatWasNotReached(t *testing.T) {
	run := func(n int, elapsed int64, target float64) bench.Result {
		r := plain(t, n, warming()[:30]...)
		r.ElapsedNS, r.Scenario.TargetInterval = ptr(elapsed), &target
		return r
	}
	for target, said := range map[float64]bool{0.0001: true, 0.5: false} {
		s := single(t, []bench.Result{run(0, 1e9, target), run(1, 101e7, target), run(2, 1e9, target)}, bench.SummarizeOptions{})
		require.Equal(t, said, len(s.Warnings) == 1, "%v", s.Warnings)
		if said {
			require.Contains(t, s.Warnings[0], "not within 0.01 % on either side, as was asked for, after 3 valid runs")
		}
	}
}
