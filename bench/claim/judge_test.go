package claim_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/claim"
	"github.com/accelbench/accelbench/bench/price"
	"github.com/accelbench/accelbench/bench/rank"
	"github.com/accelbench/accelbench/bench/rank/ranktest"
	"github.com/accelbench/accelbench/devices"
)

type machine = ranktest.Machine

func judged(t require.TestingT, text string, machines ...machine) claim.Judgement {
	c, err := claim.Parse(text)
	require.NoError(t, err)
	return claim.Judge(c, ranktest.Rows(machines...))
}

// near are three runs at 0.1 % about a throughput.
func near(x float64) []float64 { return []float64{0.999 * x, x, 1.001 * x} }

func TestVerdicts(t *testing.T) {
	a, b := machine{Type: "a", USD: 1, PerSecond: near(150)}, machine{Type: "b", USD: 1, PerSecond: near(100)}
	for text, want := range map[string]claim.Verdict{
		"a >= 1.4 x b on perf_per_dollar_hour":           claim.Supported,
		"a > 1.4 x b on perf_per_dollar_hour":            claim.Supported,
		"a <= 1.6 x b on throughput":                     claim.Supported,
		"a < 1.6 x b on units_per_dollar":                claim.Supported,
		"a >= 1.6 x b on perf_per_dollar_hour":           claim.Refuted,
		"a > 1.6 x b on perf_per_dollar_hour":            claim.Refuted,
		"a <= 1.4 x b on throughput":                     claim.Refuted,
		"a >= 1.5 x b on perf_per_dollar_hour":           claim.Undecided,
		"a <= 0.7 x b on usd_per_million_units":          claim.Supported,
		"a <= 0.6 x b on usd_per_million_units":          claim.Refuted,
		"b <= 0.7 x a on throughput":                     claim.Supported,
		"A >= 1.4 x B on throughput":                     claim.Supported, // names in upper and lower case alike
		"a >= b on throughput for resnet50 f32":          claim.Supported,
		"engine=onnx*,instance_type=a > b on throughput": claim.Supported,
	} {
		j := judged(t, text, a, b)
		require.Equal(t, want, j.Verdict, "%s: %s", text, j.Reason)
		require.Equal(t, want == claim.Undecided, j.Reason != "", text)
	}
	a.USD = 2
	require.Equal(t, claim.Refuted, judged(t, "a >= b on perf_per_dollar_hour", a, b).Verdict, "150 for 2 dollars against 100 for 1")
}

func TestUndecidedSaysWhy(t *testing.T) {
	a, b := machine{Type: "a", USD: 1, PerSecond: near(150)}, machine{Type: "b", USD: 1, PerSecond: near(100)}
	with := func(m machine, change func(*machine)) machine { change(&m); return m }
	const text = "a >= 1.4 x b on perf_per_dollar_hour for resnet50"
	for name, c := range map[string]struct {
		text     string
		machines []machine
		want     string
	}{
		"nothing":          {text, nil, "no results of a"},
		"one side":         {text, []machine{a}, "no results of b; there are a"},
		"another workload": {text, []machine{a, with(b, func(m *machine) { m.Workload = "gemm" })}, "no results of b for resnet50; there are gemm f32, offline"},
		"harness":          {text, []machine{a, with(b, func(m *machine) { m.Kind = devices.Harness })}, "no results of b that count: harness engine"},
		"unlike precision": {text, []machine{a, with(b, func(m *machine) { m.Precision = "bf16" })},
			"nothing that both sides measured is alike: a has resnet50 f32, offline; b has resnet50 bf16, offline"},
		"several precisions": {text, []machine{a, b, with(a, func(m *machine) { m.Precision = "bf16" }), with(b, func(m *machine) { m.Precision = "bf16" })},
			"both sides measured several things: resnet50 f32, offline; resnet50 bf16, offline; say which in the claim"},
		"markets":      {text, []machine{a, with(b, func(m *machine) { m.Market = price.MarketSpot })}, "the prices are of unlike markets: a is on-demand, b is spot; price both alike"},
		"wrong market": {text + " in spot", []machine{a, with(b, func(m *machine) { m.Market = price.MarketSpot })}, "a has no spot price; price both alike"},
		"two markets": {text, []machine{a, b, with(a, func(m *machine) { m.Market, m.Batch = price.MarketSpot, 2 }), with(b, func(m *machine) { m.Market, m.Batch = price.MarketSpot, 2 })},
			"both sides have prices of several markets: say in which"},
		"no price":     {text, []machine{with(a, func(m *machine) { m.USD = 0 }), b}, "a: no price: not asked for"},
		"no prices":    {text, []machine{with(a, func(m *machine) { m.USD = 0 }), with(b, func(m *machine) { m.USD = 0 })}, "a: no price: not asked for; b: no price: not asked for"},
		"one run":      {text, []machine{with(a, func(m *machine) { m.PerSecond = m.PerSecond[:1] }), b}, "needs 2 valid runs of each side, has 1 and 3"},
		"no latency":   {"a <= b on latency.p99", []machine{a, b}, "a: no latency: the offline scenario has none"},
		"same results": {"a >= a on throughput", []machine{a}, "both sides are the same results: a, onnxruntime 1.23, batch 1"},
		"failed": {text, []machine{a, with(b, func(m *machine) {
			m.Change = func(r *bench.Result) { r.Status, r.Reason = bench.Failed, "out of memory" }
		})},
			"no results of b that count: no valid run: out of memory"},
	} {
		j := judged(t, c.text, c.machines...)
		require.Equal(t, claim.Undecided, j.Verdict, name)
		require.Contains(t, j.Reason, c.want, name)
	}
}

// Under a schedule the throughput is what was asked for, and a latency that of the load.
func TestWhatWasAskedForSupportsNothing(t *testing.T) {
	at := func(name string, rate float64) machine {
		return machine{Type: name, USD: 1, PerSecond: near(rate), LatencyMS: []float64{5, 5, 5}, Change: func(r *bench.Result) {
			r.Scenario.Name, r.Scenario.Arrival = bench.Server, &bench.Arrival{Process: "poisson", RatePerSecond: rate}
		}}
	}
	a, b := at("a", 150), at("b", 100)
	for _, metric := range []string{"throughput", "perf_per_dollar_hour"} {
		j := judged(t, "a >= 1.4 x b on "+metric, a, b)
		require.Equal(t, claim.Undecided, j.Verdict)
		require.Equal(t, "a: its throughput is the 150/s that were asked for; run --find-peak finds what it can do", j.Reason)
	}
	require.Contains(t, judged(t, "a <= b on latency.p99", a, b).Reason, "nothing that both sides measured is alike: a has resnet50 f32, server, poisson 150/s")
}

// Of a sweep, a claim names the load that it speaks of.
func TestALoadOfASweep(t *testing.T) {
	at := func(name string, rate float64, ms ...float64) machine {
		return machine{Type: name, Session: fmt.Sprint(name, rate), PerSecond: []float64{9, 9, 9, 9, 9, 9}, LatencyMS: ms, Change: func(r *bench.Result) {
			r.ID += r.Session
			r.Scenario.Name, r.Scenario.Arrival = bench.Server, &bench.Arrival{Process: "poisson", RatePerSecond: rate}
		}}
	}
	sweep := []machine{at("a", 10.5, 1, 1.1, 1.2, 1.3, 1.4, 1.5), at("a", 20, 9, 9.1, 9.2, 9.3, 9.4, 9.5), at("b", 10.5, 3, 3.1, 3.2, 3.3, 3.4, 3.5),
		at("b", 20, 3, 3.1, 3.2, 3.3, 3.4, 3.5)}
	require.Contains(t, judged(t, "a <= b on latency.p50", sweep...).Reason, "both sides measured several things: resnet50 f32, server, poisson 10.5/s; resnet50 f32, server, poisson 20/s; say which")
	low := judged(t, "a <= b on latency.p50 for resnet50, rate 10.5", sweep...)
	require.Equal(t, claim.Supported, low.Verdict, low.Reason)
	require.Equal(t, 1, low.Left.Of, "other loads are not chosen from")
	require.Equal(t, claim.Refuted, judged(t, "a <= b on latency.p50 for resnet50, rate 20", sweep...).Verdict)
	require.Contains(t, judged(t, "a <= b on latency.p50 for resnet50, rate 15", sweep...).Reason, "no results of a for resnet50, rate 15; there are")

	inFlight := func(name string, n int, x float64) machine {
		return machine{Type: name, PerSecond: near(x), Change: func(r *bench.Result) {
			r.ID += fmt.Sprint(n)
			r.Scenario.Name, r.Scenario.Concurrency = bench.Server, &n
		}}
	}
	sweep = []machine{inFlight("a", 1, 100), inFlight("a", 8, 500), inFlight("b", 1, 90), inFlight("b", 8, 700)}
	require.Equal(t, claim.Supported, judged(t, "a > b on throughput for resnet50, concurrency 1", sweep...).Verdict)
	require.Equal(t, claim.Refuted, judged(t, "a > b on throughput for resnet50, concurrency 8", sweep...).Verdict)
	require.Contains(t, judged(t, "a > b on throughput for resnet50, concurrency 4", sweep...).Reason, "no results of a for resnet50, concurrency 4")
}

func TestEnergiesOfOneScope(t *testing.T) {
	metered := func(name, backend string, joules ...float64) machine {
		return machine{Type: name, PerSecond: []float64{1e8, 1e8, 1e8}, Joules: joules, Change: func(r *bench.Result) { r.Device.Backend = backend }}
	}
	a, b, c := metered("a", "nvml", 0.99, 1, 1.01), metered("b", "nvml", 1.99, 2, 2.01), metered("c", "cpu", 3.99, 4, 4.01)
	j := judged(t, "a <= 0.6 x b on joules_per_unit", a, b, c)
	require.Equal(t, claim.Supported, j.Verdict, j.Reason)
	require.InDelta(t, 0.5, *j.Ratio, 1e-4)
	require.InDelta(t, 1, *j.Left.Value, 1e-4)
	require.Equal(t, claim.Refuted, judged(t, "a <= 0.4 x b on joules_per_unit", a, b).Verdict)

	j = judged(t, "a <= 0.6 x c on joules_per_unit", a, b, c)
	require.Equal(t, claim.Undecided, j.Verdict)
	require.Equal(t, "the energies are of unlike scopes: a has resnet50 f32, offline, energy of accelerator only; c has resnet50 f32, offline, energy of CPU package", j.Reason)
	require.Nil(t, j.Ratio)
	require.Equal(t, claim.Supported, judged(t, "a >= 0.9 x c on throughput", a, c).Verdict, "other metrics do not mind")

	c.Joules = nil
	require.Equal(t, "c: no energy was measured", judged(t, "a <= 0.6 x c on joules_per_unit", a, c).Reason)
}

func TestAPrecisionPerSide(t *testing.T) {
	a := machine{Type: "a", Precision: "fp8", PerSecond: near(900)}
	b := machine{Type: "b", Precision: "f16", PerSecond: near(100)}
	require.Equal(t, claim.Supported, judged(t, "instance_type=a,precision=fp8 >= 8 x instance_type=b,precision=f16 on throughput", a, b).Verdict)
}

func TestTheBestOfEachSide(t *testing.T) {
	side := func(name string, batch int, x float64) machine {
		return machine{Type: name, USD: 1, Batch: batch, PerSecond: near(x)}
	}
	j := judged(t, "a >= 2 x b on perf_per_dollar_hour", side("a", 1, 100), side("a", 8, 250), side("b", 1, 100), side("b", 8, 90))
	require.Equal(t, claim.Supported, j.Verdict)
	require.Equal(t, 8, j.Left.Summary.First.Workload.Batch)
	require.Equal(t, 1, j.Right.Summary.First.Workload.Batch)
	require.Equal(t, 2, j.Left.Of)
	cheap := judged(t, "a <= 0.5 x b on usd_per_million_units", side("a", 1, 100), side("a", 8, 250), side("b", 1, 100), side("b", 8, 90))
	require.Equal(t, 8, cheap.Left.Summary.First.Workload.Batch, "the best is the cheapest")
}

// Equal machines, one of which tried ten configurations: that it is the better one is supported in one of forty cases at most.
func TestTheBestOfManySupportsNoMoreThanPromised(t *testing.T) {
	const trials, promised = 200, 0.025
	random := rand.New(rand.NewPCG(9, 10))
	runs := func() []float64 {
		var out []float64
		for range 5 {
			out = append(out, 100*math.Exp(0.02*random.NormFloat64()))
		}
		return out
	}
	wrong, plain := 0.0, 0.0
	for range trials {
		machines := []machine{{Type: "b", USD: 1, PerSecond: runs()}}
		for batch := range 10 {
			machines = append(machines, machine{Type: "a", USD: 1, Batch: 1 + batch, PerSecond: runs()})
		}
		j := judged(t, "a > b on perf_per_dollar_hour", machines...)
		require.Equal(t, 10, j.Left.Of)
		if j.Verdict == claim.Supported {
			wrong++
		}
		if r, _ := rank.PerDollarHour.Compare(j.Left.Sample, j.Right.Sample); r.Interval(0.95).Low > 1 {
			plain++
		}
	}
	t.Logf("supported in %.1f %%, at a fixed 95 %% in %.1f %%", 100*wrong/trials, 100*plain/trials)
	require.LessOrEqual(t, wrong, trials*promised+3*math.Sqrt(trials*promised*(1-promised)))
	require.Greater(t, plain, 2*trials*promised, "without the price of the choice the promise would not hold")
}

// The interval, the price at which the claim turns and the further runs are all at the confidence after the choice.
func TestConfidenceAfterAChoice(t *testing.T) {
	side := func(name string, batch int, x float64) machine {
		return machine{Type: name, USD: 1, Batch: batch, PerSecond: near(x)}
	}
	const text = "a >= 1.498 x b on perf_per_dollar_hour"
	one := judged(t, text, side("a", 8, 150), side("b", 1, 100))
	require.InDelta(t, 0.95, one.Confidence, 1e-12)
	invalid := side("a", 64, 90)
	invalid.Change = func(r *bench.Result) { r.Validity = bench.Validity{Reasons: []string{"throttled"}} }
	many := judged(t, text, side("a", 1, 90), side("a", 2, 80), side("a", 8, 150), side("b", 1, 100), side("b", 2, 60), invalid)
	require.InDelta(t, 1-0.05/6, many.Confidence, 1e-12)
	require.Less(t, many.Interval.Low, one.Interval.Low)
	require.Less(t, many.Turn.Interval.Low, one.Turn.Interval.Low)
	require.Equal(t, claim.Undecided, many.Verdict)
	require.Greater(t, *many.Further, *one.Further)

	unpriced := []machine{side("a", 1, 90), side("a", 8, 150), side("b", 1, 100)}
	unpriced[0].USD, unpriced[1].USD = 0, 0
	broken := judged(t, text, unpriced...)
	require.InDelta(t, 0.975, broken.Confidence, 1e-12)
	unpriced[0].Type = "other"
	require.Less(t, broken.Turn.Interval.Low, judged(t, text, unpriced...).Turn.Interval.Low)
}

// A spot price on one side only does not enter, however good it is.
func TestBothSidesHaveOneMarket(t *testing.T) {
	a, b := machine{Type: "a", USD: 1, PerSecond: near(150)}, machine{Type: "b", USD: 1, PerSecond: near(100)}
	spot := machine{Type: "a", USD: 0.1, Market: price.MarketSpot, Batch: 2, PerSecond: near(150)}
	j := judged(t, "a >= 2 x b on perf_per_dollar_hour", a, spot, b)
	require.Equal(t, claim.Refuted, j.Verdict, j.Reason)
	require.Equal(t, price.MarketOnDemand, j.Left.Summary.Performance.Price.Market)
}

func TestPercentilesNeedSixRuns(t *testing.T) {
	latencies := func(name string, ms float64, n int) machine {
		m := machine{Type: name}
		for i := range n {
			m.PerSecond, m.LatencyMS = append(m.PerSecond, 1), append(m.LatencyMS, ms*(1+0.001*float64(i)))
		}
		return m
	}
	require.Equal(t, claim.Supported, judged(t, "a <= 0.6 x b on latency.p99", latencies("a", 5, 6), latencies("b", 10, 6)).Verdict)
	five := judged(t, "a <= 0.6 x b on latency.p99", latencies("a", 5, 5), latencies("b", 10, 6))
	require.Equal(t, claim.Undecided, five.Verdict)
	require.Contains(t, five.Reason, "needs 6 valid runs of each side")
	require.NotNil(t, five.Ratio, "the ratio is shown without an interval")
	require.Nil(t, five.Interval)
}

func TestMoreRunsAreAskedFor(t *testing.T) {
	j := judged(t, "a >= 1.4 x b on throughput", machine{Type: "a", PerSecond: []float64{135, 150, 165}}, machine{Type: "b", PerSecond: near(100)})
	require.Equal(t, claim.Undecided, j.Verdict)
	require.NotNil(t, j.Further)
	require.Contains(t, j.Reason, "further runs of each side would decide")
	require.LessOrEqual(t, j.Interval.Low, 1.4)
}

// With no price of one side, its throughput still tells at which price the claim would turn: 150 against 100 units/s at 2 USD/h, for 1.5
// times as many per dollar, at 2 USD/h as well.
func TestBreakEvenPrice(t *testing.T) {
	a, b := machine{Type: "a", PerSecond: near(150)}, machine{Type: "b", USD: 2, PerSecond: near(100)}
	j := judged(t, "a >= 1.5 x b on perf_per_dollar_hour", a, b)
	require.Equal(t, "a", j.Turn.Of)
	require.InEpsilon(t, 2, j.Turn.USDPerHour, 1e-6)
	require.True(t, j.Turn.Below)
	require.True(t, j.Turn.Part)
	require.Nil(t, j.Left.Value)
	require.InEpsilon(t, 50, *j.Right.Value, 1e-5)
	require.Nil(t, j.Ratio, "none on the metric")

	for _, c := range []struct {
		text       string
		aUSD, bUSD float64
		of         string
		turn       float64
		below      bool
	}{
		{"a <= 0.5 x b on usd_per_million_units", 0, 2, "a", 1.5, true},
		{"b <= 0.5 x a on usd_per_million_units", 0, 2, "a", 6, false},
		{"b >= 0.5 x a on perf_per_dollar_hour", 0, 2, "a", 1.5, false},
		{"a >= 1.5 x b on perf_per_dollar_hour", 2, 0, "b", 2, false},
	} {
		a.USD, b.USD = c.aUSD, c.bUSD
		j := judged(t, c.text, a, b)
		require.Equal(t, c.of, j.Turn.Of, c.text)
		require.InEpsilon(t, c.turn, j.Turn.USDPerHour, 1e-6, c.text)
		require.Equal(t, c.below, j.Turn.Below, c.text)
	}
}

// TestJudgementProperties: swapping the sides mirrors the verdict; the price at which the claim turns is exactly where the verdict
// changes.
func TestJudgementProperties(t *testing.T) {
	mirror := map[claim.Relation]claim.Relation{claim.AtLeast: claim.AtMost, claim.AtMost: claim.AtLeast, claim.MoreThan: claim.LessThan, claim.LessThan: claim.MoreThan}
	rapid.Check(t, func(t *rapid.T) {
		runs := func(name string) []float64 { return rapid.SliceOfN(rapid.Float64Range(95, 105), 2, 5).Draw(t, name) }
		a := machine{Type: "a", USD: rapid.Float64Range(0.5, 2).Draw(t, "usd of a"), PerSecond: runs("a")}
		b := machine{Type: "b", USD: rapid.Float64Range(0.5, 2).Draw(t, "usd of b"), PerSecond: runs("b")}
		c := claim.Claim{
			Left: instance("a"), Right: instance("b"), Factor: rapid.Float64Range(0.3, 3).Draw(t, "factor"),
			Relation: rapid.SampledFrom([]claim.Relation{claim.AtLeast, claim.AtMost, claim.MoreThan, claim.LessThan}).Draw(t, "relation"),
			Metric:   rapid.SampledFrom([]rank.Metric{rank.PerDollarHour, rank.PerDollar, rank.PerMillion}).Draw(t, "metric"),
		}
		j := claim.Judge(c, ranktest.Rows(a, b))
		swapped := claim.Claim{Left: c.Right, Right: c.Left, Factor: 1 / c.Factor, Relation: mirror[c.Relation], Metric: c.Metric}
		back := claim.Judge(swapped, ranktest.Rows(b, a))
		require.Equal(t, j.Verdict, back.Verdict)
		require.InEpsilon(t, 1, *j.Ratio**back.Ratio, 1e-9)
		if j.Interval.High/j.Interval.Low < 1+1e-9 {
			return // equal runs: the point itself is all there is
		}

		at := func(usd float64) claim.Verdict {
			a := a
			a.USD = usd
			return claim.Judge(c, ranktest.Rows(a, b)).Verdict
		}
		below, above := claim.Supported, claim.Refuted
		if !j.Turn.Below {
			below, above = above, below
		}
		const inside, outside = 1 + 1e-6, 1 - 1e-6
		require.Equal(t, below, at(j.Turn.Interval.Low*outside))
		require.Equal(t, claim.Undecided, at(j.Turn.Interval.Low*inside))
		require.Equal(t, claim.Undecided, at(j.Turn.USDPerHour))
		require.Equal(t, claim.Undecided, at(j.Turn.Interval.High*outside))
		require.Equal(t, above, at(j.Turn.Interval.High*inside))
		require.False(t, math.IsNaN(j.Turn.USDPerHour))
	})
}
