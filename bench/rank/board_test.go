package rank_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/price"
	"github.com/accelbench/accelbench/bench/rank"
	"github.com/accelbench/accelbench/bench/rank/ranktest"
	"github.com/accelbench/accelbench/devices"
)

func byType() rank.Options { return rank.Options{By: []rank.Dimension{rank.InstanceType}} }

// around are three runs at 1 % about a throughput.
func around(x float64) []float64 { return []float64{0.99 * x, x, 1.01 * x} }

func machine(name string, usd float64, perSecond ...float64) ranktest.Machine {
	return ranktest.Machine{Type: name, USD: usd, PerSecond: perSecond}
}

// only is the one list of the one board.
func only(t require.TestingT, boards []rank.Board) rank.List {
	require.Len(t, boards, 1)
	require.Len(t, boards[0].Lists, 1)
	return boards[0].Lists[0]
}

// ranks are the names with the first and the last rank of each.
func ranks(l rank.List) map[string][2]int {
	out := map[string][2]int{}
	for _, e := range l.Entries {
		out[e.Name()] = [2]int{e.First, e.Last}
	}
	return out
}

func TestRanksAreTiesWhereIntervalsOverlap(t *testing.T) {
	l := only(t, rank.Boards(ranktest.Rows(
		machine("slow", 1, around(50)...), machine("best", 1, around(100)...), machine("as-good", 2, around(199)...), machine("dear", 4, around(300)...),
	), byType()))
	require.Equal(t, map[string][2]int{"best": {1, 2}, "as-good": {1, 2}, "dear": {3, 3}, "slow": {4, 4}}, ranks(l))
	require.Equal(t, 6, l.Pairs)
	require.Equal(t, price.MarketOnDemand, l.Market)
	require.Nil(t, l.Entries[0].Against)
	require.InDelta(t, 100.0/75, l.Entries[2].Against.Ratio, 1e-9, "per dollar")
	require.True(t, l.Entries[2].Against.Differs)
	require.False(t, l.Entries[1].Against.Differs)
	require.Less(t, l.Entries[1].Against.Interval.Low, 1.0)
	require.Greater(t, l.Entries[1].Against.Interval.High, 1.0)
}

// Tying is not passed on: the first and the last differ, and the one in the middle may be either.
func TestTiesAreNotTransitive(t *testing.T) {
	l := only(t, rank.Boards(ranktest.Rows(
		machine("a", 1, around(102)...), machine("b", 1, around(100)...), machine("c", 1, around(98)...),
	), byType()))
	require.Equal(t, map[string][2]int{"a": {1, 2}, "b": {1, 3}, "c": {2, 3}}, ranks(l))
}

// Holm's procedure by hand: of three pairs, the clearest is held to 0.05/3, the next to 0.05/2, the last to 0.05.
func TestLevelsAreHolms(t *testing.T) {
	l := only(t, rank.Boards(ranktest.Rows(machine("a", 1, around(200)...), machine("b", 1, around(150)...), machine("c", 1, around(100)...)), byType()))
	require.InDelta(t, 1-0.05/3, l.Entries[2].Against.Confidence, 1e-12)
	require.InDelta(t, 1-0.05, l.Entries[1].Against.Confidence, 1e-12, "b against c is clearer than a against b")
}

func TestWhatCannotBeRanked(t *testing.T) {
	rows := ranktest.Rows(
		machine("ok", 1, around(100)...),
		ranktest.Machine{Type: "harness", USD: 1, PerSecond: around(900), Engine: "native", Kind: devices.Harness},
		machine("free", 0, around(900)...),
		ranktest.Machine{Type: "unchecked", USD: 1, PerSecond: around(900), Change: func(r *bench.Result) { r.Checks = nil }},
		ranktest.Machine{Type: "wrong", USD: 1, PerSecond: around(900), Change: func(r *bench.Result) { r.Checks.Passed = false }},
		ranktest.Machine{Type: "proof", USD: 1, PerSecond: around(900), Change: func(r *bench.Result) { r.Checks.Kind = "proof-size only" }},
		ranktest.Machine{Type: "throttled", USD: 1, PerSecond: around(900), Change: func(r *bench.Result) {
			r.Validity = bench.Validity{Reasons: []string{"throttled"}}
		}},
		ranktest.Machine{Type: "broken", USD: 1, PerSecond: around(900), Change: func(r *bench.Result) { r.Status, r.Reason = bench.Failed, "out of memory" }},
	)
	boards := rank.Boards(rows, byType())
	require.Equal(t, map[string][2]int{"ok": {1, 1}}, ranks(only(t, boards)))
	reasons := map[string]string{}
	for _, o := range boards[0].Out {
		reasons[o.Name()] = o.Reason
	}
	require.Equal(t, map[string]string{"harness": "harness engine", "free": "no price: not asked for", "unchecked": "its output was not checked",
		"wrong": "its output is wrong", "proof": "checked: proof-size only", "throttled": "no valid run: throttled", "broken": "no valid run: out of memory"}, reasons)
}

func TestTheBestConfigurationStandsForItsGroup(t *testing.T) {
	batch := func(n int, x float64) ranktest.Machine {
		return ranktest.Machine{Type: "m", USD: 1, Batch: n, PerSecond: around(x)}
	}
	l := only(t, rank.Boards(ranktest.Rows(batch(1, 50), batch(8, 90), batch(32, 70), machine("n", 1, around(60)...)), byType()))
	require.Len(t, l.Entries, 2)
	require.Equal(t, "onnxruntime 1.23, batch 8", l.Entries[0].Configuration)
	require.Len(t, l.Entries[0].Others, 2)
	require.Equal(t, "onnxruntime 1.23, batch 32", l.Entries[0].Others[0].Configuration, "best first")
}

func TestMarketsAndContestsAreRankedApart(t *testing.T) {
	boards := rank.Boards(ranktest.Rows(
		machine("a", 1, around(100)...),
		ranktest.Machine{Type: "b", USD: 0.3, Market: price.MarketSpot, PerSecond: around(100)},
		ranktest.Machine{Type: "a", USD: 1, Precision: "bf16", PerSecond: around(200)},
	), byType())
	require.Len(t, boards, 2)
	require.Len(t, boards[0].Lists, 2)
	require.Equal(t, price.MarketSpot, boards[0].Lists[1].Market)
	require.Equal(t, "resnet50 bf16, offline", boards[1].Contest.String())

	byBoth := rank.Options{By: []rank.Dimension{rank.InstanceType, rank.Precision}, Metric: rank.Throughput}
	l := only(t, rank.Boards(ranktest.Rows(machine("a", 0, around(100)...), ranktest.Machine{Type: "a", Precision: "bf16", PerSecond: around(200)}), byBoth))
	require.Equal(t, "a, bf16", l.Entries[0].Name(), "grouped by precision, precisions are compared")
	require.Empty(t, l.Market, "throughput is not about money")
}

func TestDirectionBelongsToTheMetric(t *testing.T) {
	fast := ranktest.Machine{Type: "fast", USD: 9, PerSecond: []float64{1, 1, 1, 1, 1, 1}, LatencyMS: []float64{10, 10.1, 10.2, 10.3, 10.4, 10.5}}
	slow := ranktest.Machine{Type: "slow", USD: 1, PerSecond: []float64{1, 1, 1, 1, 1, 1}, LatencyMS: []float64{20, 20.1, 20.2, 20.3, 20.4, 20.5}}
	how := byType()
	for metric, first := range map[rank.Metric]string{rank.P99: "fast", rank.P50: "fast", rank.PerDollarHour: "slow", rank.PerDollar: "slow", rank.PerMillion: "slow"} {
		how.Metric = metric
		l := only(t, rank.Boards(ranktest.Rows(slow, fast), how))
		require.Equal(t, first, l.Entries[0].Name(), metric)
		require.Equal(t, [2]int{1, 1}, ranks(l)[first], metric)
		require.Greater(t, l.Entries[1].Against.Ratio, 1.0, "the first is better, whichever way that is")
	}
	fast.LatencyMS, fast.PerSecond = fast.LatencyMS[:5], fast.PerSecond[:5]
	how.Metric = rank.P99
	l := only(t, rank.Boards(ranktest.Rows(slow, fast), how))
	require.Equal(t, "needs 6 valid runs of each side, has 5 and 6", swapped(l.Entries[1].Against.Reason))
	require.Equal(t, [2]int{1, 2}, ranks(l)["fast"])
}

// swapped leaves the order of the two numbers open: which side is the first depends on the direction.
func swapped(reason string) string {
	if reason == "needs 6 valid runs of each side, has 6 and 5" {
		return "needs 6 valid runs of each side, has 5 and 6"
	}
	return reason
}

func TestSessionsAreTheUnitWhereThereAreSeveral(t *testing.T) {
	day := func(name string, xs ...float64) ranktest.Machine {
		return ranktest.Machine{Type: "m", USD: 1, Session: name, PerSecond: xs}
	}
	rows := ranktest.Rows(day("monday", 100, 100.1, 99.9), day("friday", 110, 110.1, 109.9))
	require.Len(t, rows, 1)
	s, reason := rank.Throughput.Sample(rows[0])
	require.Empty(t, reason)
	require.True(t, s.PerSession)
	require.Equal(t, 6, s.Runs)
	require.Equal(t, 2, s.Sessions)
	require.InDeltaSlice(t, []float64{100, 110}, s.Values, 1e-3)

	one, _ := rank.Throughput.Sample(ranktest.Rows(day("monday", 100, 100.1, 99.9))[0])
	require.False(t, one.PerSession)
	require.Len(t, one.Values, 3)
}

func TestMatrix(t *testing.T) {
	how := rank.Options{By: []rank.Dimension{rank.InstanceType}, Across: rank.Precision}
	boards := rank.Boards(ranktest.Rows(
		machine("a", 1, around(100)...), ranktest.Machine{Type: "a", USD: 1, Batch: 8, PerSecond: around(150)},
		ranktest.Machine{Type: "a", USD: 1, Precision: "bf16", PerSecond: around(200)}, machine("b", 1, around(50)...),
		ranktest.Machine{Type: "b", Precision: "bf16", PerSecond: around(200)},
		ranktest.Machine{Type: "c", USD: 0.1, Market: price.MarketSpot, PerSecond: around(10)},
	), how)
	require.Len(t, boards, 1)
	require.Empty(t, boards[0].Lists)
	m := boards[0].Matrix[0]
	require.Equal(t, []string{"bf16", "f32"}, m.Columns)
	require.Equal(t, []string{"a", "b", "c"}, []string{m.Lines[0].Name, m.Lines[1].Name, m.Lines[2].Name})
	require.Equal(t, 8, m.Lines[0].Cells[1].Row.Summary.First.Workload.Batch, "the best at the crossing")
	require.Nil(t, m.Lines[1].Cells[0].Row)
	require.Equal(t, "no price: not asked for", m.Lines[1].Cells[0].Reason)
	require.Equal(t, "not measured", m.Lines[2].Cells[0].Reason)
	require.Equal(t, "its price is spot", m.Lines[2].Cells[1].Reason)
}

func TestRankProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(t, "machines")
		var machines []ranktest.Machine
		for i := range n {
			runs := rapid.SliceOfN(rapid.Float64Range(90, 110), 1, 4).Draw(t, "runs")
			machines = append(machines, machine(string(rune('a'+i)), rapid.Float64Range(0.5, 2).Draw(t, "usd"), runs...))
		}
		l := only(t, rank.Boards(ranktest.Rows(machines...), byType()))
		better := 0
		for i, e := range l.Entries {
			require.LessOrEqual(t, e.First, e.Last)
			require.LessOrEqual(t, e.First, i+1, "no more are better than stand above")
			require.GreaterOrEqual(t, e.Last, i+1)
			if e.Against != nil && e.Against.Differs {
				better++
				require.Greater(t, e.Against.Interval.Low, 1.0, "the interval shown agrees with the verdict")
			}
		}
		require.Equal(t, n-better, l.Entries[0].Last)

		// Neither the order of the files nor a price that is twice as high everywhere changes a rank.
		slices.Reverse(machines)
		for i := range machines {
			machines[i].USD *= 2
		}
		require.Equal(t, ranks(l), ranks(only(t, rank.Boards(ranktest.Rows(machines...), byType()))))
	})
}

// TestRanksKeepTheirPromise: of machines that are equally good, none is put above another in more than 5 % of the rankings.
func TestRanksKeepTheirPromise(t *testing.T) {
	trials := 500
	if testing.Short() {
		trials = 200
	}
	random := rand.New(rand.NewPCG(1, 2))
	wrong := 0
	for range trials {
		var machines []ranktest.Machine
		for i := range 4 {
			var runs []float64
			for range 4 {
				runs = append(runs, 100*math.Exp(0.02*random.NormFloat64()))
			}
			machines = append(machines, machine(string(rune('a'+i)), 1, runs...))
		}
		for _, e := range only(t, rank.Boards(ranktest.Rows(machines...), byType())).Entries {
			if e.First > 1 {
				wrong++
				break
			}
		}
	}
	share := float64(wrong) / float64(trials)
	t.Logf("%.1f %% of %d rankings put one of four equal machines above another", 100*share, trials)
	require.LessOrEqual(t, share, 0.05+3*math.Sqrt(0.05*0.95/float64(trials)))
	require.Positive(t, wrong, "the test can see a wrong order")
}

// TestManyConfigurationsAreNoAdvantage: the same where one of them tried ten configurations, all alike.
func TestManyConfigurationsAreNoAdvantage(t *testing.T) {
	const trials = 200
	random := rand.New(rand.NewPCG(7, 8))
	runs := func() []float64 {
		var out []float64
		for range 4 {
			out = append(out, 100*math.Exp(0.02*random.NormFloat64()))
		}
		return out
	}
	apart, plain := 0, 0
	for range trials {
		machines := []ranktest.Machine{machine("b", 1, runs()...), machine("c", 1, runs()...)}
		for batch := range 10 {
			machines = append(machines, ranktest.Machine{Type: "a", USD: 1, Batch: 1 + batch, PerSecond: runs()})
		}
		l := only(t, rank.Boards(ranktest.Rows(machines...), byType()))
		if slices.ContainsFunc(l.Entries, func(e rank.Entry) bool { return e.First > 1 }) {
			apart++
		}
		if r, _ := rank.PerDollarHour.Compare(l.Entries[0].Sample, l.Entries[2].Sample); r.Level(1) < 0.05/3 {
			plain++
		}
	}
	t.Logf("%d of %d rankings put one of three equal machines above another; without the price of the choice, %d", apart, trials, plain)
	require.LessOrEqual(t, float64(apart), trials*0.05+3*math.Sqrt(trials*0.05*0.95))
	require.Greater(t, plain, apart, "the choice has its price")
}

// Holm's levels after a choice, by hand: the best of three against the best of two is held to a sixth. What cannot be ranked was not
// chosen from.
func TestLevelsAfterAChoice(t *testing.T) {
	batch := func(name string, n int, x float64) ranktest.Machine {
		return ranktest.Machine{Type: name, USD: 1, Batch: n, PerSecond: around(x)}
	}
	throttled := batch("a", 64, 90)
	throttled.Change = func(r *bench.Result) { r.Validity = bench.Validity{Reasons: []string{"throttled"}} }
	spot := batch("a", 128, 90)
	spot.Market = price.MarketSpot
	rows := ranktest.Rows(batch("a", 1, 100), batch("a", 8, 90), batch("a", 16, 80), throttled, spot, batch("b", 1, 50), batch("b", 8, 40))
	l := rank.Boards(rows, byType())[0].Lists[0]
	pair := l.Entries[1].Against
	require.Equal(t, [2]int{3, 2}, pair.Of)
	require.InDelta(t, 1-0.05/6, pair.Confidence, 1e-12)
	require.True(t, pair.Differs)

	one := ranktest.Rows(batch("a", 1, 100), batch("a", 8, 90), batch("b", 1, 97.5))
	pair = rank.Boards(one, byType())[0].Lists[0].Entries[1].Against
	alone, _ := rank.PerDollarHour.Compare(sample(around(100)...), sample(around(97.5)...))
	require.Less(t, alone.Level(1), 0.05)
	require.False(t, pair.Differs, "the best of two alone would differ; as the best of two it does not")
	require.Less(t, pair.Interval.Low, 1.0, "the interval shown agrees")
}

// By ranks, six runs are enough for one pair at 95 %, but not for the best of ten against the best of ten.
func TestAPairWithoutAnIntervalSaysWhatItTakes(t *testing.T) {
	var machines []ranktest.Machine
	for batch := range 10 {
		for i, name := range []string{"a", "b"} {
			m := ranktest.Machine{Type: name, Batch: 1 + batch}
			for run := range 6 {
				m.PerSecond, m.LatencyMS = append(m.PerSecond, 1), append(m.LatencyMS, float64(10+10*i)+float64(batch)/10+float64(run)/100)
			}
			machines = append(machines, m)
		}
	}
	l := only(t, rank.Boards(ranktest.Rows(machines...), rank.Options{By: byType().By, Metric: rank.P99}))
	require.Nil(t, l.Entries[1].Against.Interval)
	require.False(t, l.Entries[1].Against.Differs)
	require.Equal(t, "needs 8 valid runs of each side, has 6 and 6", l.Entries[1].Against.Reason)
}

func TestNamesOfMetricsAndDimensions(t *testing.T) {
	for _, m := range rank.Metrics() {
		got, err := rank.ParseMetric(string(m))
		require.NoError(t, err)
		require.Equal(t, m, got)
	}
	for _, d := range rank.Dimensions() {
		got, err := rank.ParseDimension(string(d))
		require.NoError(t, err)
		require.Equal(t, d, got)
	}
	_, err := rank.ParseMetric("throughputs")
	require.ErrorIs(t, err, bench.ErrUnknownName)
	require.ErrorContains(t, err, `unknown metric "throughputs": known are, nearest first, throughput`)
	_, err = rank.ParseDimension("instance-type")
	require.ErrorContains(t, err, "instance_type")
}
