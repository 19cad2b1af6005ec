package rank_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/load"
	"github.com/accelbench/accelbench/bench/rank"
	"github.com/accelbench/accelbench/bench/rank/ranktest"
)

// under is a run of the server scenario at a rate, with so many queries over a limit of 15 ms.
func under(rate float64, over int64, probe *bench.Probe) func(*bench.Result) {
	return func(r *bench.Result) {
		r.Scenario.Name, r.Scenario.Probe = bench.Server, probe
		r.Scenario.Arrival = &bench.Arrival{Process: "poisson", RatePerSecond: rate}
		r.Limits = []bench.LimitCount{{Limit: bench.Limit{Metric: load.Latency, Percentile: 0.5, Bound: 15 * time.Millisecond}, Over: &over}}
	}
}

func loaded(name string, change func(*bench.Result)) ranktest.Machine {
	return ranktest.Machine{Type: name, USD: 1, PerSecond: []float64{10}, LatencyMS: []float64{10}, Session: name, Change: change}
}

func TestAMissedLimitHasNoRank(t *testing.T) {
	boards := rank.Boards(ranktest.Rows(loaded("keeps", under(10, 0, nil)), loaded("misses", under(10, 400, nil))), rank.Options{By: byType().By, Metric: rank.P50})
	require.Len(t, only(t, boards).Entries, 1)
	require.Equal(t, "misses", boards[0].Out[0].Name())
	require.Equal(t, "missed its limit: latency p50 <= 15ms", boards[0].Out[0].Reason)
	require.Equal(t, "resnet50 f32, server, poisson 10/s, latency p50 <= 15ms", boards[0].Contest.String())
}

// A rate that was asked for says nothing of what a machine can do: whoever asks for more would have done more for the money.
func TestARateThatWasAskedForIsNoThroughput(t *testing.T) {
	rows := ranktest.Rows(loaded("asked for little", under(10, 0, nil)), loaded("asked for much", under(20, 0, nil)))
	for _, m := range []rank.Metric{rank.Throughput, rank.PerDollarHour, rank.PerDollar, rank.PerMillion} {
		boards := rank.Boards(rows, rank.Options{By: byType().By, Metric: m})
		require.Empty(t, boards[0].Lists, m)
		require.Len(t, boards[0].Out, 2, m)
		require.Equal(t, "its throughput is the 10/s that were asked for; run --find-peak finds what it can do", boards[0].Out[0].Reason)
	}
}

// A latency is that of a load: a machine that was asked for less is not the faster one.
func TestLatenciesAreComparedAtOneLoad(t *testing.T) {
	rows := ranktest.Rows(loaded("a", under(10, 0, nil)), loaded("b", under(20, 0, nil)), loaded("c", under(20, 0, nil)))
	boards := rank.Boards(rows, rank.Options{By: byType().By, Metric: rank.P50})
	require.Len(t, boards, 2)
	require.Equal(t, "resnet50 f32, server, poisson 10/s, latency p50 <= 15ms", boards[0].Contest.String())
	require.Len(t, boards[1].Lists[0].Entries, 2)
}

// Of a search only the load that it found is a configuration; what it tried on the way, met or missed, is none.
func TestOfASearchOnlyThePeakIsRanked(t *testing.T) {
	step := func(n int, rate float64, over int64, role bench.Role, most float64) ranktest.Machine {
		probe := &bench.Probe{Search: "s", Step: n, Role: role, Confirm: 1, Least: 1, Most: most}
		m := loaded("m", under(rate, over, probe))
		m.Session, m.Batch = m.Session+string(role), n+1
		change := m.Change
		m.Change = func(r *bench.Result) { change(r); r.Workload.Batch = 1 }
		return m
	}
	search := func(most float64) []ranktest.Machine {
		return []ranktest.Machine{step(0, 5, 0, bench.RoleBracket, most), step(1, 10, 0, bench.RoleBracket, most), step(2, 20, 400, bench.RoleBracket, most),
			step(3, 10, 0, bench.RoleConfirm, most)}
	}
	l := only(t, rank.Boards(ranktest.Rows(search(100)...), byType()))
	require.Len(t, l.Entries, 1)
	require.Empty(t, l.Entries[0].Others)
	require.Equal(t, "onnxruntime 1.23, batch 1, poisson 10/s", l.Entries[0].Configuration)

	require.Empty(t, rank.Boards(ranktest.Rows(search(100)[:3]...), byType()), "the search did not come to its end")
}

// Devices that ran at once are ranked, and paid for, together.
func TestDevicesAtOnceAreOneMachine(t *testing.T) {
	device := func(i int) ranktest.Machine {
		return ranktest.Machine{Type: "m", USD: 1, PerSecond: []float64{100}, Batch: 1 + i, Change: func(r *bench.Result) {
			r.Workload.Batch = 1
			r.Device.ID, r.Device.Backend, r.Device.Name = []string{"nvml:0", "nvml:1"}[i], "nvml", "L4"
			r.Group = &bench.Group{ID: "g", Size: 2, Index: i}
			r.DevicesPresent, r.Price.AcceleratorCount = 2, nil
		}}
	}
	how := rank.Options{By: []rank.Dimension{rank.Device}, Metric: rank.PerDollarHour}
	boards := rank.Boards(ranktest.Rows(device(0), device(1)), how)
	require.Empty(t, boards[0].Out, "a device alone is nothing to be rented")
	l := only(t, boards)
	require.Len(t, l.Entries, 1)
	require.Equal(t, "2 x L4", l.Entries[0].Name())
	require.InEpsilon(t, 200, *l.Entries[0].Value, 1e-6)
}

// Energies are compared within one scope: a figure that leaves out the host is no better for it.
func TestEnergiesAreComparedInOneScope(t *testing.T) {
	metered := func(name, backend, scope string, joules ...float64) ranktest.Machine {
		return ranktest.Machine{Type: name, PerSecond: []float64{1e8, 1e8, 1e8}, Joules: joules, Change: func(r *bench.Result) {
			r.Device.Backend, r.Device.EnergyScope = backend, scope
		}}
	}
	unmetered := metered("d", "cpu", "")
	boards := rank.Boards(ranktest.Rows(metered("a", "cpu", "", 2.99, 3, 3.01), metered("b", "cpu", "", 1.99, 2, 2.01),
		metered("c", "nvml", "", 0.99, 1, 1.01), unmetered, metered("e", "amd", "the whole GPU", 4, 4, 4)), rank.Options{By: byType().By, Metric: rank.JoulesPerUnit})
	require.Len(t, boards, 3)
	cpu := boards[0].Lists[0]
	require.Equal(t, "resnet50 f32, offline, energy of CPU package", boards[0].Contest.String())
	require.Equal(t, map[string][2]int{"b": {1, 1}, "a": {2, 2}}, ranks(cpu), "less is better")
	require.InDelta(t, 2, *cpu.Entries[0].Value, 1e-4)
	require.InDelta(t, 1.5, cpu.Entries[1].Against.Ratio, 1e-4)
	require.Equal(t, "no energy was measured", boards[0].Out[0].Reason)
	require.Equal(t, "resnet50 f32, offline, energy of accelerator only", boards[1].Contest.String())
	require.Equal(t, "resnet50 f32, offline, energy of the whole GPU", boards[2].Contest.String())
	require.Len(t, rank.Boards(ranktest.Rows(metered("a", "cpu", "", 3), metered("c", "nvml", "", 1)), rank.Options{By: byType().By, Metric: rank.Throughput}), 1,
		"other metrics do not mind")
}
