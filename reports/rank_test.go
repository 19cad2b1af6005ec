package reports

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/claim"
	"github.com/accelbench/accelbench/bench/price"
	"github.com/accelbench/accelbench/bench/rank"
	"github.com/accelbench/accelbench/bench/rank/ranktest"
	"github.com/accelbench/accelbench/devices"
)

// near are three runs at 0.2 % about a throughput.
func near(x float64) []float64 { return []float64{0.998 * x, x, 1.002 * x} }

// fleet are two machines that are alike for the money, one that is dearer, one that is cheap on another market, and two that cannot be
// ranked.
func fleet() []ranktest.Machine {
	return []ranktest.Machine{
		{Type: "c7i.large", USD: 0.08925, PerSecond: near(57)},
		{Type: "c7i.large", USD: 0.08925, Batch: 4, PerSecond: near(60)},
		{Type: "c8g.large", USD: 0.07976, PerSecond: near(69), Session: "monday"},
		{Type: "c8g.large", USD: 0.07976, PerSecond: near(69.1), Session: "tuesday"},
		{Type: "c8a.large", USD: 0.10777, PerSecond: near(93.2)},
		{Type: "p5.48xlarge", USD: 19.2531, Market: price.MarketSpot, PerSecond: near(9000)},
		{Type: "c8i.large", USD: 0.09371, Engine: "native", Kind: devices.Harness, PerSecond: near(20)},
		{Type: "m8g.large", PerSecond: near(70)},
	}
}

func rankingOf(machines []ranktest.Machine, how rank.Options) Document {
	rows := ranktest.Rows(machines...)
	return Ranking(rank.Boards(rows, how), how, Options{Files: []string{"c7i.jsonl", "others.jsonl"}, Warnings: []string{"others.jsonl:9: the last line was cut short"}})
}

func TestRankingGoldens(t *testing.T) {
	byType := rank.Options{By: []rank.Dimension{rank.InstanceType}}
	goldens(t, "rank/instances", rankingOf(fleet(), byType))

	pivot := byType
	pivot.Across, pivot.Metric = rank.Precision, rank.PerMillion
	goldens(t, "rank/pivot", rankingOf([]ranktest.Machine{
		{Type: "c7i.large", USD: 0.08925, PerSecond: near(57)}, {Type: "c7i.large", USD: 0.08925, Precision: "bf16", PerSecond: near(101)},
		{Type: "c8g.large", USD: 0.07976, PerSecond: near(69)}, {Type: "c8g.large", Precision: "bf16", PerSecond: near(99)},
		{Type: "c8a.large", USD: 0.10777, PerSecond: near(93)},
	}, pivot))

	latency := byType
	latency.Metric = rank.P99
	six := []float64{20, 20, 20, 20, 20, 20}
	golden(t, "rank/latency.md", Markdown, rankingOf([]ranktest.Machine{
		{Type: "fast", PerSecond: six, LatencyMS: []float64{10, 10.1, 10.2, 10.3, 10.4, 10.5}},
		{Type: "slow", PerSecond: six, LatencyMS: []float64{20, 20.1, 20.2, 20.3, 20.4, 20.5}},
		{Type: "few", PerSecond: six[:3], LatencyMS: []float64{15, 15.1, 15.2}},
	}, latency))
	golden(t, "rank/none.md", Markdown, rankingOf(fleet()[6:], byType))
}

// Figures of several machines say in one sentence who is better per dollar, and what that means for the cost.
func TestTheHeadlineOfARanking(t *testing.T) {
	how := rank.Options{By: []rank.Dimension{rank.InstanceType}}
	machine := func(name string, x float64) ranktest.Machine {
		return ranktest.Machine{Type: name, USD: 1, PerSecond: near(x)}
	}
	for _, c := range []struct {
		machines []ranktest.Machine
		want     string
	}{
		{[]ranktest.Machine{machine("b", 100), machine("a", 140)},
			"resnet50 f32, offline, on-demand: a is 40.0 % (39.4 to 40.6) better per dollar than b = 28.6 % (28.2 to 28.9) lower cost per image."},
		{[]ranktest.Machine{machine("b", 100), machine("a", 100.1)}, "resnet50 f32, offline, on-demand: a and b are alike within their intervals."},
		{[]ranktest.Machine{machine("b", 100), machine("a", 100.1), machine("c", 50)},
			"resnet50 f32, offline, on-demand: a and b are alike within their intervals; a is 100 % (99 to 101) better per dollar than c = 50.0 % (49.7 to 50.4) lower cost per image."},
		{[]ranktest.Machine{machine("a", 100)}, "resnet50 f32, offline, on-demand: a is the only one that can be ranked."},
		{[]ranktest.Machine{{Type: "a", USD: 1, PerSecond: []float64{100}}, machine("b", 50)},
			"resnet50 f32, offline, on-demand: a and b cannot be told apart: needs 2 valid runs of each side, has 1 and 3."},
		{nil, "Nothing can be ranked: the reasons are below."},
	} {
		d := rankingOf(c.machines, how)
		require.Equal(t, Paragraph{Text: c.want, Strong: true}, d.Blocks[0])
	}
}

// figuresByName are the figures of a document, by their names.
func figuresByName(d Document) map[string]Figure {
	out := map[string]Figure{}
	for _, b := range d.Blocks {
		if f, ok := b.(Figure); ok {
			out[f.Name] = f
		}
	}
	return out
}

func TestFiguresOfARanking(t *testing.T) {
	how := rank.Options{By: []rank.Dimension{rank.InstanceType}}
	d := rankingOf(fleet(), how)
	figures := figuresByName(d)
	require.Len(t, figures, 1, "one entry is no figure")
	bars := figures["ranking-resnet50-f32-offline-on-demand"]
	require.Equal(t, "c8g.large and c8a.large are alike within their intervals; c8g.large is 29 % (20 to 38) better per dollar than c7i.large = "+
		"22 % (17 to 28) lower cost per image (98.75 % interval, since the best of 2 was chosen).", bars.Says)
	for _, name := range []string{"c8g.large", "c8a.large", "c7i.large"} {
		require.Contains(t, bars.SVG, name)
	}
	require.NotContains(t, bars.SVG, "c8i.large", "what has no rank is not drawn")
	require.Equal(t, &Badge{Label: "best per dollar", Text: "c8g.large or 1 more", Outcome: Passed}, d.Badge)
	require.Equal(t, Open, rankingOf(nil, how).Badge.Outcome)

	served := func(name string, usd, ms float64) ranktest.Machine {
		return ranktest.Machine{Type: name, USD: usd, PerSecond: near(100), LatencyMS: []float64{ms, ms, ms}}
	}
	figures = figuresByName(rankingOf([]ranktest.Machine{served("cheap", 1, 20), served("fast", 2, 10), served("neither", 3, 30)}, how))
	require.Len(t, figures, 2)
	front := figures["price-performance-resnet50-f32-single-stream-on-demand-ima"]
	require.Contains(t, front.Says, "no deployed row beats cheap")
	require.NotContains(t, front.Says, "neither,")
}

// What may be taken away at any time is cheaper, and beats nothing that stays: also where a ranking by latency has both in one list.
func TestAFrontHasOneKindOfContract(t *testing.T) {
	served := func(name string, market price.Market, usd float64) ranktest.Machine {
		return ranktest.Machine{Type: name, USD: usd, Market: market, PerSecond: near(100), LatencyMS: []float64{10, 10, 10}}
	}
	how := rank.Options{By: []rank.Dimension{rank.InstanceType}, Metric: rank.P50}
	figures := figuresByName(rankingOf([]ranktest.Machine{served("spot", price.MarketSpot, 1), served("mine", price.MarketOwned, 2), served("list", "", 3),
		served("list too", "", 4)}, how))
	require.Len(t, figures, 2, "the bars and one front")
	front := figures["price-performance-resnet50-f32-single-stream-on-demand-ima"]
	require.Contains(t, front.Says, "no deployed row beats list, onnxruntime")
	require.NotContains(t, front.SVG, "spot")
}

// Sensors of one device see its package, those of another its whole board: energies stand with what they are of.
func TestEnergyInARankingHasItsScope(t *testing.T) {
	metered := func(name, backend string) ranktest.Machine {
		return ranktest.Machine{Type: name, USD: 1, PerSecond: []float64{1e8}, Joules: []float64{2}, Change: func(r *bench.Result) { r.Device.Backend = backend }}
	}
	var text strings.Builder
	how := rank.Options{By: []rank.Dimension{rank.InstanceType}, Metric: rank.JoulesPerUnit}
	require.NoError(t, Markdown(&text, rankingOf([]ranktest.Machine{metered("a", "cpu"), metered("b", "nvml")}, how)))
	require.Contains(t, text.String(), "2.00 J (CPU package)")
	require.Contains(t, text.String(), "resnet50 f32, offline, energy of accelerator only: b is the only one that can be ranked")
	require.Contains(t, text.String(), "2.00 J (accelerator only)")
}

func TestOwnIntervals(t *testing.T) {
	s := ranktest.Rows(ranktest.Machine{Type: "m", USD: 2, PerSecond: []float64{99, 100, 101, 100, 99, 101}, LatencyMS: []float64{10, 11, 12, 13, 14, 15}})[0]
	in := s.Throughput.Interval
	require.Equal(t, in, ownInterval(rank.Throughput, s))
	require.InEpsilon(t, in.Low/2, ownInterval(rank.PerDollarHour, s).Low, 1e-9)
	require.InEpsilon(t, in.High*1800, ownInterval(rank.PerDollar, s).High, 1e-9)
	require.InEpsilon(t, 1e6/(in.High*1800), ownInterval(rank.PerMillion, s).Low, 1e-9)
	require.Equal(t, &s.Latency.P99.Runs.Interval, ownInterval(rank.P99, s))
	require.Equal(t, &s.Latency.P50.Runs.Interval, ownInterval(rank.P50, s))
	require.Nil(t, ownInterval(rank.JoulesPerUnit, s))
	s.Performance = nil
	require.Nil(t, ownInterval(rank.PerDollarHour, s))
}

func TestAdvantageInTheWordsOfTheMetric(t *testing.T) {
	p := rank.Pair{Ratio: 1.25}
	for m, want := range map[rank.Metric]string{
		rank.Throughput: "25.0 % faster than b", rank.JoulesPerUnit: "better than b: 20.0 % less energy per image", rank.P99: "better than b: 20.0 % lower p99",
		rank.PerMillion: "25.0 % better per dollar than b = 20.0 % lower cost per image",
	} {
		require.Equal(t, want, advantage(m, "image", p, "b"))
	}
}

func judgedClaim(t *testing.T, text string, machines ...ranktest.Machine) claim.Judgement {
	c, err := claim.Parse(text)
	require.NoError(t, err)
	return claim.Judge(c, ranktest.Rows(machines...))
}

func TestClaimGoldens(t *testing.T) {
	c8g := ranktest.Machine{Type: "c8g.4xlarge", USD: 0.63808, PerSecond: near(600)}
	c8i := ranktest.Machine{Type: "c8i.4xlarge", USD: 0.74968, PerSecond: near(500)}
	trn2 := ranktest.Machine{Type: "trn2.48xlarge", Workload: "llama3.1-8b", PerSecond: near(9000)}
	p5en := ranktest.Machine{Type: "p5en.48xlarge", Workload: "llama3.1-8b", USD: 63.296, PerSecond: near(12000)}
	const text = "c8g.4xlarge >= 1.4 x c8i.4xlarge on perf_per_dollar_hour for resnet50"
	goldens(t, "claims/supported", Claim(judgedClaim(t, text, c8g, c8i), Options{Files: []string{"r.jsonl"}}))
	golden(t, "claims/break-even.md", Markdown, Claim(judgedClaim(t, "trn2.48xlarge >= 1.3 x p5en.48xlarge on perf_per_dollar_hour", trn2, p5en), Options{}))
	golden(t, "claims/nothing.md", Markdown, Claim(judgedClaim(t, text), Options{}))

	statements, err := claim.Public()
	require.NoError(t, err)
	var judged []JudgedClaim
	for _, s := range statements {
		judged = append(judged, JudgedClaim{s, claim.Judge(s.Claim, ranktest.Rows(c8g, c8i, trn2, p5en))})
	}
	goldens(t, "claims/public", Claims(judged, Options{}))
}

// The interval of a best of many stands with its level and with why it is that wide.
func TestTheLevelOfAClaimStandsWithItsInterval(t *testing.T) {
	around := func(x float64) []float64 { return []float64{0.99 * x, x, 1.01 * x} }
	machines := []ranktest.Machine{{Type: "b", PerSecond: around(100)}}
	for batch := range 10 {
		machines = append(machines, ranktest.Machine{Type: "a", Batch: 1 + batch, PerSecond: around(150 - float64(batch))})
	}
	const text = "a >= 1.4 x b on throughput"
	require.Equal(t, "Supported: the ratio is 1.50 (1.43 to 1.57; 99.5 % interval, since the best of 10 was chosen), and the claim is that it is >= 1.4.",
		verdictWords(judgedClaim(t, text, machines...)))
	require.Equal(t, "1.50 (1.47 to 1.53)", ratioWords(judgedClaim(t, text, machines[:2]...)))
	require.Equal(t, "99.75 % interval, since the best of 10 and the best of 2 were chosen", choiceWords(0.9975, 10, 2))
}

func TestClaimsAreChecks(t *testing.T) {
	a, b := ranktest.Machine{Type: "a", PerSecond: near(150)}, ranktest.Machine{Type: "b", PerSecond: near(100)}
	for text, want := range map[string]Outcome{"a >= 1.4 x b on throughput": Passed, "a >= 1.6 x b on throughput": Failed, "a >= 1.5 x b on throughput": Open} {
		checks := Claim(judgedClaim(t, text, a, b), Options{}).Checks
		require.Len(t, checks, 1)
		require.Equal(t, want, checks[0].Outcome, text)
	}
}

func TestTurnInWords(t *testing.T) {
	j := claim.Judgement{Left: &claim.Side{}, Turn: &claim.Turn{Of: "a", USDPerHour: 2, Interval: &bench.Interval{Low: 1.9, High: 2.1}}}
	require.Equal(t, "As a matter of price, the claim holds from 2.00 USD/h for a, with everything else as it is: it would be supported above 2.10, "+
		"and refuted below 1.90.", turnWords(j))
	j.Turn.Below = true
	require.Contains(t, turnWords(j), "holds up to 2.00 USD/h for a, with everything else as it is: it would be supported below 1.90, and refuted above 2.10.")
	require.Empty(t, turnWords(claim.Judgement{}))
	require.False(t, strings.Contains(turnWords(j), "now"), "no price, no price now")
}
