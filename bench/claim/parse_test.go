package claim_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/claim"
	"github.com/accelbench/accelbench/bench/price"
	"github.com/accelbench/accelbench/bench/rank"
	"github.com/accelbench/accelbench/workloads"
)

func instance(name string) claim.Selector {
	return claim.Selector{{Dimension: rank.InstanceType, Value: name}}
}

func TestParse(t *testing.T) {
	for text, want := range map[string]claim.Claim{
		"trn2.48xlarge >= 1.30 x p5en.48xlarge on perf_per_dollar_hour for llama3.1-8b": {Left: instance("trn2.48xlarge"), Relation: claim.AtLeast,
			Factor: 1.3, Right: instance("p5en.48xlarge"), Metric: rank.PerDollarHour, Workload: "llama3.1-8b"},
		"a > b on throughput":                      {Left: instance("a"), Relation: claim.MoreThan, Factor: 1, Right: instance("b"), Metric: rank.Throughput},
		"a <= 0.75x b on usd_per_million_units":    {Left: instance("a"), Relation: claim.AtMost, Factor: 0.75, Right: instance("b"), Metric: rank.PerMillion},
		"a < 2 times b on latency.p99":             {Left: instance("a"), Relation: claim.LessThan, Factor: 2, Right: instance("b"), Metric: rank.P99},
		"a >= 1.5 b on joules_per_unit in spot":    {Left: instance("a"), Relation: claim.AtLeast, Factor: 1.5, Right: instance("b"), Metric: rank.JoulesPerUnit, Market: price.MarketSpot},
		"  a  >=  1e1  x\tb  on  units_per_dollar": {Left: instance("a"), Relation: claim.AtLeast, Factor: 10, Right: instance("b"), Metric: rank.PerDollar},
		"device='NVIDIA B200', precision=fp8 >= 9 x device=*H100*,precision=f16 on throughput for llama3.1-8b, scenario offline, isl 1024, osl 128, batch 4, seq-len 2 in on-demand": {
			Left: claim.Selector{{Dimension: rank.Device, Value: "NVIDIA B200"}, {Dimension: rank.Precision, Value: "fp8"}}, Relation: claim.AtLeast, Factor: 9,
			Right:  claim.Selector{{Dimension: rank.Device, Value: "*H100*"}, {Dimension: rank.Precision, Value: "f16"}},
			Metric: rank.Throughput, Workload: "llama3.1-8b", Scenario: bench.Offline, ISL: 1024, OSL: 128, Batch: 4, SeqLen: 2, Market: price.MarketOnDemand},
		"a >= b on latency.p50 for resnet50 bf16,scenario single-stream": {Left: instance("a"), Relation: claim.AtLeast, Factor: 1, Right: instance("b"),
			Metric: rank.P50, Workload: "resnet50", Precision: "bf16", Scenario: bench.SingleStream},
		"a <= 0.5 x b on latency.p99 for resnet50, scenario server, rate 32.5 in spot": {Left: instance("a"), Relation: claim.AtMost, Factor: 0.5,
			Right: instance("b"), Metric: rank.P99, Workload: "resnet50", Scenario: bench.Server, Rate: 32.5, Market: price.MarketSpot},
		"a > b on throughput for gemm f32, concurrency 8, rate 1e-3": {Left: instance("a"), Relation: claim.MoreThan, Factor: 1, Right: instance("b"),
			Metric: rank.Throughput, Workload: "gemm", Precision: "f32", Concurrency: 8, Rate: 0.001},
		"'on' > '2' on throughput for 'my model.onnx'": {Left: instance("on"), Relation: claim.MoreThan, Factor: 1, Right: instance("2"), Metric: rank.Throughput,
			Workload: "my model.onnx"},
	} {
		got, err := claim.Parse(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
		again, err := claim.Parse(got.String())
		require.NoError(t, err, got.String())
		require.Equal(t, got, again, got.String())
	}
}

func TestParseErrorsSayWhereAndWhat(t *testing.T) {
	for text, want := range map[string]string{
		"":                                               "column 1: expected an instance type, or conditions such as device='NVIDIA L4',precision=f16, on the left side; found the end",
		"a":                                              "column 2: expected a relation, >=, <=, > or <; found the end",
		"a == b on throughput":                           `column 3: expected a relation, >=, <=, > or <; found "=="`,
		"a >= 0 x b on throughput":                       `column 6: expected a factor above 0; found "0"`,
		"a >= -1 x b on throughput":                      `column 6: expected a factor above 0; found "-1"`,
		"a >= inf x b on throughput":                     `column 6: expected a factor above 0; found "inf"`,
		"a >= 1.3 x":                                     "column 11: expected a factor, such as 1.30 x, or the right side; found the end",
		"a >= 1.3 x b":                                   "column 13: expected on and a metric; found the end",
		"a >= 1.3 x b at throughput":                     `column 14: expected on and a metric; found "at"`,
		"a >= 1.3 x b on trhoughput":                     "column 17: expected a metric, nearest first one of throughput, ",
		"a >= b on throughput of gemm":                   `column 22: expected the end of the claim; found "of"`,
		"a >= b on throughput for":                       "column 25: expected a workload, such as resnet50; found the end",
		"a >= b on throughput for gemm fp16":             `column 31: expected a precision, nearest first one of f16, `,
		"a >= b on throughput for gemm, scenaro x":       `column 32: expected scenario, rate, concurrency, seq-len, isl, osl or batch; found "scenaro"`,
		"a >= b on throughput for gemm, scenario of":     `column 41: expected a scenario, nearest first one of offline, `,
		"a >= b on throughput for gemm, isl 0":           `column 36: expected a whole number of 1 or more after isl; found "0"`,
		"a >= b on throughput for gemm, rate 0":          `column 37: expected a number per second above 0 after rate; found "0"`,
		"a >= b on throughput for gemm, rate nan":        `column 37: expected a number per second above 0 after rate; found "nan"`,
		"a >= b on throughput for gemm, rate inf":        `column 37: expected a number per second above 0 after rate; found "inf"`,
		"a >= b on throughput for gemm, rate":            `column 36: expected a number per second above 0 after rate; found the end`,
		"a >= b on throughput for gemm, concurrency 1.5": `column 44: expected a whole number of 1 or more after concurrency; found "1.5"`,
		"a >= b on throughput in black":                  "column 25: expected a market, on-demand, spot, reserved, custom or owned; found \"black\"",
		"a >= b on throughput in":                        "column 24: expected a market, on-demand, spot, reserved, custom or owned; found the end",
		"type=a >= b on throughput":                      `column 1: unknown condition "type": known are, nearest first, `,
		"workload=a >= b on throughput":                  `column 1: unknown condition "workload": known are, nearest first, `,
		"device=a,device=b >= b on throughput":           "column 10: device was given twice",
		"device=a, >= b on throughput":                   `column 11: expected a condition after the comma; found ">="`,
		"device= >= b on throughput":                     `column 8: expected a value of device, found ""`,
		"device='a >= b on throughput":                   "column 8: expected one text between apostrophes, found 'a >= b on throughput",
		"device=a=b >= b on throughput":                  `column 8: expected a value, in apostrophes if it has special characters, found "a=b"`,
	} {
		_, err := claim.Parse(text)
		require.ErrorIs(t, err, claim.ErrSyntax, text)
		require.ErrorContains(t, err, want, text)
	}
	_, err := claim.Parse(string(make([]byte, claim.MaxLength+1)))
	require.ErrorContains(t, err, "at most 1000 bytes")
}

func drawn(t *rapid.T) claim.Claim {
	value := rapid.StringMatching(`[a-zA-Z0-9.*_ ()-]{0,8}[a-z0-9*)]`)
	side := func(name string) claim.Selector {
		var out claim.Selector
		for _, d := range rapid.SliceOfNDistinct(rapid.SampledFrom(rank.Dimensions()[:6]), 1, 3, rapid.ID).Draw(t, name) {
			v := value.Filter(func(s string) bool { return s[0] != ' ' }).Draw(t, name+" value")
			out = append(out, claim.Want{Dimension: d, Value: v})
		}
		return out
	}
	number := func(name string) int { return rapid.IntRange(0, 9999).Draw(t, name) }
	c := claim.Claim{
		Left: side("left"), Right: side("right"), Relation: rapid.SampledFrom([]claim.Relation{claim.AtLeast, claim.AtMost, claim.MoreThan, claim.LessThan}).Draw(t, "relation"),
		Factor: rapid.Float64Range(1e-6, 1e6).Draw(t, "factor"), Metric: rapid.SampledFrom(rank.Metrics()).Draw(t, "metric"),
		Market: rapid.SampledFrom([]price.Market{"", price.MarketOnDemand, price.MarketSpot}).Draw(t, "market"),
	}
	if rapid.Bool().Draw(t, "with a workload") {
		c.Workload = rapid.SampledFrom(workloads.Names()).Draw(t, "workload")
		c.Precision = rapid.SampledFrom(append([]string{""}, workloads.Precisions()...)).Draw(t, "precision")
		c.Scenario = rapid.SampledFrom(append([]bench.ScenarioName{""}, bench.Scenarios()...)).Draw(t, "scenario")
		c.SeqLen, c.ISL, c.OSL, c.Batch = number("seq-len"), number("isl"), number("osl"), number("batch")
		c.Concurrency = number("concurrency")
		c.Rate = rapid.OneOf(rapid.Just(0.0), rapid.Float64Range(1e-6, 1e6)).Draw(t, "rate")
	}
	return c
}

func TestStringIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawn(t)
		got, err := claim.Parse(c.String())
		require.NoError(t, err, c.String())
		require.Equal(t, c, got, c.String())
	})
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"", "a >= 1.30 x b on throughput for gemm f32, scenario offline, isl 2 in spot", "device='x y',precision=f16 < 'b' on latency.p99",
		"a <= b on latency.p99 for gemm, scenario server, rate 32.5, concurrency 8 in spot", "a > b on throughput for gemm, rate 1e400", "a > b on throughput for gemm, rate -0, concurrency",
		"a >= x x x on throughput", "a>=b", "''", "a >= 1x", ", , ,", "a >= '", "a >= b on throughput for ','", "\x00 > \xff on throughput"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := claim.Parse(text)
		if err != nil {
			require.ErrorIs(t, err, claim.ErrSyntax)
			var at *claim.ParseError
			require.ErrorAs(t, err, &at)
			require.GreaterOrEqual(t, at.Column, 1)
			require.LessOrEqual(t, at.Column, len(text)+1)
			return
		}
		again, err := claim.Parse(c.String())
		if len(c.String()) > claim.MaxLength {
			return // shorter ways to write a factor
		}
		require.NoError(t, err, c.String())
		require.Equal(t, c, again)
	})
}
