package bench

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench/load"
	"github.com/accelbench/accelbench/bench/load/arrival"
	"github.com/accelbench/accelbench/bench/stat"
)

// queued is a run of one session that serves each query in the same time, by the recursion of a queue.
func queued(spec arrival.Spec, service, length time.Duration) (*Result, load.Outcome) {
	latency, late := stat.NewHistogram(), stat.NewHistogram()
	schedule := arrival.New(spec)
	var last, free, busy, n int64
	for at := schedule.Next(); at < int64(length); at = schedule.Next() {
		last = at
		free = max(free, at) + int64(service)
		busy += int64(service)
		latency.Record(free - at)
		late.Record(0)
		n++
	}
	r := &Result{Scenario: Scenario{Name: Server, Arrival: &Arrival{RatePerSecond: spec.Rate}}, Lanes: []Lane{{BusyNS: busy}}}
	return r, load.Outcome{Queries: n, Samples: n, Units: n, Elapsed: time.Duration(free), Latency: latency,
		Schedule: &load.Schedule{Last: time.Duration(last), Issued: time.Duration(last), Lateness: late}}
}

// How often runs of 10 s are called overloaded: hardly ever where the system keeps up, bursts or not; nearly always where it is offered
// a fifth more than it can do. In between, 10 s cannot tell.
func TestOverloadRates(t *testing.T) {
	const trials = 400
	for _, c := range []struct {
		process     arrival.Process
		shape       float64
		service     time.Duration
		utilisation float64
		least, most float64 // share of runs
	}{
		{arrival.Poisson, 0, 10 * time.Millisecond, 0.8, 0, 0.01},
		{arrival.Poisson, 0, 100 * time.Millisecond, 0.8, 0, 0.02},
		{arrival.Poisson, 0, 100 * time.Millisecond, 0.9, 0, 0.06},
		{arrival.Gamma, 0.2, 100 * time.Millisecond, 0.5, 0, 0.02},
		{arrival.Gamma, 0.05, 100 * time.Millisecond, 0.3, 0, 0.1}, // some 30 queries, which come as one burst at times
		{arrival.Poisson, 0, 10 * time.Millisecond, 1.2, 0.99, 1},
		{arrival.Poisson, 0, 100 * time.Millisecond, 1.3, 0.65, 1},
		{arrival.Constant, 0, 10 * time.Millisecond, 1.1, 1, 1},
	} {
		found := 0
		for seed := range trials {
			spec := arrival.Spec{Process: c.process, Shape: c.shape, Rate: c.utilisation / c.service.Seconds(), Seed: uint64(seed)}
			r, o := queued(spec, c.service, 10*time.Second)
			for _, reason := range scheduleReasons(r, o, o.Schedule) {
				require.True(t, Overloaded(reason), reason)
				found++
			}
		}
		share := float64(found) / trials
		t.Logf("%s shape %v, %v, utilisation %v: %.3f overloaded", c.process, c.shape, c.service, c.utilisation, share)
		require.GreaterOrEqual(t, share, c.least, "%+v", c)
		require.LessOrEqual(t, share, c.most, "%+v", c)
	}
}

// A last query that waits for others to fill its batch is late by that, and nothing is overloaded.
func TestMaxWaitIsNoOverload(t *testing.T) {
	r, o := served()
	o.Elapsed = o.Schedule.Last + 3*time.Second
	require.Len(t, loadReasons(r, o), 1)
	wait := int64(3 * time.Second)
	r.Scenario.MaxWaitNS = &wait
	require.Empty(t, loadReasons(r, o))
}

// Bursts make more queries than Poisson's bound allows for.
func TestMostQueriesHoldsForBursts(t *testing.T) {
	for _, shape := range []float64{0.05, 0.2, 1, 4} {
		p := Plan{Scenario: Server, Arrivals: Arrivals{Rate: 50, Arrival: arrival.Gamma, Shape: shape}, Length: Length{Duration: 2 * time.Second, MinQueries: 1}}
		most := p.mostQueries()
		for seed := range 3000 {
			p.Seed = uint64(seed)
			schedule, n := arrival.New(p.schedule()), int64(0)
			for schedule.Next() < int64(p.Duration) {
				n++
			}
			require.LessOrEqual(t, n, most, "shape %v", shape)
		}
	}
}
