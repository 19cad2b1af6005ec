package bench

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench/load"
	"github.com/accelbench/accelbench/bench/stat"
)

// By hand: 100/s for 10 s are 1000 queries, and five deviations of the square root of it more, 1158.1, rounded up.
func TestSearchesEndRunsThatMissForCertain(t *testing.T) {
	p := Plan{Scenario: Server, Arrivals: Arrivals{Rate: 100}, Length: Length{Duration: 10 * time.Second, MinQueries: 500},
		Limits: []Limit{{Metric: load.TTFT, Percentile: 0.99, Bound: time.Second}}}
	require.Equal(t, int64(1159), p.mostQueries())
	require.Equal(t, []load.Limit{{Metric: load.TTFT, Bound: 1e9, Most: -1}}, p.generatorLimits(), "only runs of a search end early")

	p.Probe = &Probe{}
	most, ok := stat.EarlyStoppingMost(0.99, 1159)
	require.True(t, ok)
	require.Equal(t, []load.Limit{{Metric: load.TTFT, Bound: 1e9, Most: most}}, p.generatorLimits())

	p.MinQueries = 5000
	require.Equal(t, int64(5000), p.mostQueries())
	p.RateEnd = 1000
	require.Greater(t, p.mostQueries(), int64(10_000))
	for _, change := range []func(*Plan){
		func(p *Plan) { p.TargetInterval = 0.01 },
		func(p *Plan) { p.Scenario = Concurrency },
		func(p *Plan) { p.Rate, p.RateEnd, p.MinQueries = 1, 0, 1 }, // too few to meet the limit at all: nothing to judge by
	} {
		q := p
		change(&q)
		require.Equal(t, int64(-1), q.generatorLimits()[0].Most)
	}
}
