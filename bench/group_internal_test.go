package bench

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench/load"
	"github.com/accelbench/accelbench/bench/stat"
	"github.com/accelbench/accelbench/devices"
)

func latencyOf(t *testing.T, values ...int64) *Latency {
	h := stat.NewHistogram()
	for _, v := range values {
		h.Record(v)
	}
	l, err := latency(h)
	require.NoError(t, err)
	return l
}

func of[T any](x T) *T { return &x }

func member(t *testing.T, i int) Result {
	r := someResult()
	r.ID, r.Status, r.Group = string(rune('a'+i)), OK, &Group{ID: "g", Size: 2, Index: i}
	r.Device = devices.Info{Backend: "fake", ID: []string{"fake:0", "fake:1"}[i], UUID: "u", Details: []devices.Detail{{Name: "d"}}}
	r.Engine.Threads = of(4)
	r.Validity.Valid = true
	r.Latency = latencyOf(t, 1e6, int64(i+2)*1e6)
	limit := Limit{Metric: load.Latency, Percentile: 0.5, Bound: time.Millisecond}
	r.Limits = []LimitCount{{Limit: limit, Over: of(int64(i + 1))}}
	r.Counts = Counts{Queries: int64(10 * (i + 1)), Samples: int64(20 * (i + 1)), Units: int64(40 * (i + 1)), Errors: int64(i), MostInFlight: int64(3 + i)}
	r.ElapsedNS = of(int64(2e9 - i*1e9)) // the first is the slowest
	r.Scenario = Scenario{Name: Server, Arrival: &Arrival{RatePerSecond: 5, RateEndPerSecond: of(10.0), Seed: uint64(i)}, Concurrency: of(3 + i)}
	r.Phases = &Phases{TTFT: latencyOf(t, 7)}
	r.Checks = &Checks{Elements: 8, Error: 0.1 * float64(i+1), Passed: true}
	r.Buckets, r.Lanes, r.Readings = &Buckets{WidthNS: 1, Units: []int64{1}}, []Lane{{Samples: 1}}, make([]devices.Reading, 2)
	r.Generator = &Generator{ScheduledNS: 1}
	r.Noise.LoadAverage1 = of(1.0)
	return r
}

// By hand: 10+20 queries, 20+40 samples, 40+80 units, 0+1 errors; 2 s, the slowest; 2 times 5 to 10 queries/s; 3+4 in flight.
func TestMergedAddsUp(t *testing.T) {
	a, b := member(t, 0), member(t, 1)
	for _, order := range [][]Result{{a, b}, {b, a}} {
		m := merged(order)
		require.Equal(t, "g", m.ID)
		require.Equal(t, Group{ID: "g", Size: 2, Index: Whole}, *m.Group)
		require.Equal(t, OK, m.Status)
		require.Equal(t, Validity{Valid: true}, m.Validity)
		require.Equal(t, Counts{Queries: 30, Samples: 60, Units: 120, Errors: 1, MostInFlight: 7}, m.Counts)
		require.Equal(t, int64(2e9), *m.ElapsedNS)
		require.Equal(t, 10.0, m.Scenario.Arrival.RatePerSecond)
		require.Equal(t, 20.0, *m.Scenario.Arrival.RateEndPerSecond)
		require.Equal(t, 7, *m.Scenario.Concurrency)
		require.Equal(t, int64(3), *m.Limits[0].Over)
		require.Equal(t, []int64{4, 1e6, 3e6}, []int64{m.Latency.Count, m.Latency.MinNS, m.Latency.MaxNS})
		require.Equal(t, int64(2), m.Phases.TTFT.Count)
		require.Nil(t, m.Phases.TPOT)
		require.Equal(t, 0.2, m.Checks.Error)
		require.Equal(t, devices.Info{Backend: "fake", ID: "2 x fake"}, m.Device)
		// What cannot be added up is not there, rather than that of one device.
		require.Nil(t, m.Buckets)
		require.Nil(t, m.Lanes)
		require.Nil(t, m.Readings)
		require.Nil(t, m.Generator)
		require.Nil(t, m.Engine.Threads)
		require.Equal(t, Noise{}, m.Noise)
		require.NoError(t, a.check())
		require.Equal(t, member(t, 0), a, "the members are not changed")
		require.Equal(t, member(t, 1), b)
	}
	require.Equal(t, a, merged([]Result{a}))
}

func TestMergedTakesTheWorst(t *testing.T) {
	a, b := member(t, 0), member(t, 1)
	b.Validity = Validity{Reasons: []string{"throttled"}}
	b.Ended = EndedLimit
	m := merged([]Result{a, b})
	require.Equal(t, OK, m.Status)
	require.Equal(t, Validity{Reasons: []string{"fake:1: throttled"}}, m.Validity)
	require.Equal(t, EndedLimit, m.Ended)

	b = ended(b, Failed, "out of memory")
	b.ElapsedNS, b.Limits, b.Latency, b.Checks = nil, nil, nil, &Checks{Error: 0.01}
	for _, order := range [][]Result{{a, b}, {b, a}} {
		m = merged(order)
		require.Equal(t, Failed, m.Status)
		require.Equal(t, "fake:1: out of memory", m.Reason)
		require.False(t, m.Checks.Passed, "failed beats a larger error that passed")
		require.False(t, m.meets())
	}
}

// The whole of a group comes before its members, and only if no member is lacking.
func TestWithGroups(t *testing.T) {
	a, b, alone := member(t, 0), member(t, 1), someResult()
	id := func(results []Result) (out []string) {
		for _, r := range results {
			out = append(out, r.ID)
		}
		return out
	}
	require.Equal(t, []string{"r", "g", "a", "b"}, id(withGroups([]Result{alone, a, b})))
	require.Equal(t, []string{"g", "b", "r", "a"}, id(withGroups([]Result{b, alone, a})))
	require.Equal(t, []string{"b", "r"}, id(withGroups([]Result{b, alone})))
	alone.Group = &Group{ID: "x", Size: 1}
	require.Equal(t, []string{"r"}, id(withGroups([]Result{alone})))
	require.Equal(t, withGroups([]Result{a, b})[0], withGroups([]Result{b, a})[0], "the order of reading says nothing")
}

func TestMembersShareTheLoad(t *testing.T) {
	p := planned{Plan: Plan{Device: "a", Peers: []string{"b", "c"}, Seed: 5, Scenario: Server,
		Arrivals: Arrivals{Rate: 30, RateEnd: 60, Concurrency: 8}}}
	members := (&sequence{}).members(&p)
	require.Len(t, members, 3)
	seeds := map[uint64]bool{}
	for i, m := range members {
		require.Equal(t, []string{"a", "b", "c"}[i], m.Device)
		require.Empty(t, m.Peers)
		require.Equal(t, []float64{10, 20}, []float64{m.Rate, m.RateEnd})
		require.Equal(t, []int{3, 3, 2}[i], m.Concurrency)
		require.Equal(t, uint64(5), m.Seed)
		seeds[m.schedule().Seed] = true
	}
	require.Len(t, seeds, 3)

	// What was found out before stays, the plan follows the group's.
	p.members = members
	p.members[1].ready, p.Rate = true, 3
	members = (&sequence{}).members(&p)
	require.True(t, members[1].ready)
	require.Equal(t, 1.0, members[1].Rate)
}

func TestGate(t *testing.T) {
	closed := func(c chan struct{}) bool {
		select {
		case <-c:
			return true
		default:
			return false
		}
	}
	g := newGate(2)
	g.ready()
	require.False(t, closed(g.open))
	g.ready()
	require.True(t, closed(g.open))
	g.leave("a: too late to harm")
	require.False(t, closed(g.broken))

	g = newGate(3)
	g.ready()
	g.leave("b: no memory")
	g.leave("c: neither")
	require.True(t, closed(g.broken))
	require.Equal(t, "b: no memory", g.why)
	g.ready()
	g.ready()
	require.False(t, closed(g.open), "broken stays broken")
	(*gate)(nil).leave("alone")

	synctest.Test(t, func(t *testing.T) { // from any goroutine
		g := newGate(50)
		for range 50 {
			go g.ready()
		}
		<-g.open
		require.Zero(t, g.waiting)
	})
}
