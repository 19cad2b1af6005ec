package bench_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/stat"
)

// answered gives a run the latencies 1 to n ms.
func answered(t *testing.T, r bench.Result, n int64) bench.Result {
	t.Helper()
	h := stat.NewHistogram()
	for i := range n {
		h.Record((i + 1) * 1e6)
	}
	text, err := h.Encode()
	require.NoError(t, err)
	r.Latency = &bench.Latency{Histogram: text, Count: n, MinNS: h.Min(), MaxNS: h.Max()}
	return r
}

func TestLatencyCurveEndsWhereSamplesDo(t *testing.T) {
	ps := []float64{0.25, 0.5, 0.9, 0.99, 0.995, 0.999}
	between := answered(t, run(t, 0, 200, 2e9), 420)
	require.Len(t, single(t, []bench.Result{between}, bench.SummarizeOptions{}).LatencyCurve([]float64{0.5, 0.99, 0.9905}), 1,
		"nothing beyond the p99 that the table refuses, whatever the bare formula allows")
	for n, want := range map[int64]int{5: 0, 6: 1, 38: 2, 39: 3, 440: 3, 441: 4, 4400: 5, 4401: 6} {
		r := answered(t, run(t, 0, 200, 2e9), n)
		curve := single(t, []bench.Result{r}, bench.SummarizeOptions{}).LatencyCurve(ps)
		require.Len(t, curve, want, n)
	}
}

func TestLatencyCurveIsOfTheValidRuns(t *testing.T) {
	good, more, bad, slow := answered(t, run(t, 0, 200, 2e9), 100), answered(t, run(t, 1, 200, 2e9), 100), answered(t, run(t, 2, 200, 2e9), 4000), run(t, 3, 200, 2e9)
	slow.Latency = nil
	bad.Validity = bench.Validity{Reasons: []string{"noise"}}
	s := single(t, []bench.Result{good, more, bad, slow}, bench.SummarizeOptions{})
	curve := s.LatencyCurve([]float64{0.5, 0.9, 0.99})
	require.Len(t, curve, 2, "200 samples have no p99")
	require.EqualValues(t, 200, curve[0].Count)
	require.InEpsilon(t, 51e6, *curve[0].Value, 0.001)
	require.Equal(t, *s.Latency.P90.Value, *curve[1].Value, "as the table has it")
	require.Empty(t, bench.Summary{}.LatencyCurve([]float64{0.5}))
}
