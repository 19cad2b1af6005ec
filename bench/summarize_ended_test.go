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
