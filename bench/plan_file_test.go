package bench_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/price"
)

// documentedPlan is the example in the doc comment of ReadPlan.
func documentedPlan(t testing.TB) string {
	file, err := parser.ParseFile(token.NewFileSet(), "plan_file.go", nil, parser.ParseComments)
	require.NoError(t, err)
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Name.Name != "ReadPlan" {
			continue
		}
		var b strings.Builder
		for _, c := range f.Doc.List {
			if line, ok := strings.CutPrefix(c.Text, "//\t"); ok {
				b.WriteString(line + "\n")
			}
		}
		return b.String()
	}
	t.Fatal("ReadPlan is not there")
	return ""
}

func TestReadPlanReadsItsExample(t *testing.T) {
	got, err := bench.ReadPlan(strings.NewReader(documentedPlan(t)), "plan.yaml")
	require.NoError(t, err)
	amount := 4.5
	require.Equal(t, bench.PlanFile{
		Out:     "nightly.jsonl",
		Pricing: bench.Pricing{USDPerHour: &amount, Charge: price.ChargeUsed},
		Entries: []bench.PlanEntry{{
			Line: 10, Device: "nvml:0", Precision: "f32", Length: bench.Length{Duration: 10 * time.Second}, Repeats: 3,
			Workloads: []string{"resnet50", "bert-base"}, Scenarios: []bench.ScenarioName{bench.SingleStream, bench.Offline},
		}, {
			Line: 12, Device: "nvml:0", Precision: "f32", Length: bench.Length{Duration: 10 * time.Second}, Repeats: 6,
			Workloads: []string{"smollm2-135m"}, Scenarios: []bench.ScenarioName{bench.SingleStream}, ISL: 128, OSL: 64,
		}},
	}, got)
}

func TestReadPlanWords(t *testing.T) {
	got, err := bench.ReadPlan(strings.NewReader(`workload: gemm # a comment
engine: "native"
batch: 4
seq-len: 128
min-queries: 7
seed: 0
provider: aws
instance-type: g6.xlarge
region: us-east-1
market: spot
price: 1
ort-lib: lib/libonnxruntime.so
pjrt-plugin: plugin.so
nrt-lib: /opt/libnrt.so.1
`), "p")
	require.NoError(t, err)
	zero, one := uint64(0), 1.0
	require.Equal(t, bench.PlanFile{
		Pricing:  bench.Pricing{USDPerHour: &one, Provider: "aws", InstanceType: "g6.xlarge", Region: "us-east-1", Market: "spot"},
		Software: bench.Software{ONNXRuntime: "lib/libonnxruntime.so", PJRTPlugin: "plugin.so", NeuronRuntime: "/opt/libnrt.so.1"},
		Entries:  []bench.PlanEntry{{Line: 1, Workloads: []string{"gemm"}, Engines: []string{"native"}, Batch: 4, SeqLen: 128, Length: bench.Length{MinQueries: 7}, Seed: &zero}},
	}, got)
}

func TestReadPlanRefuses(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"nothing":             {"", "p:1:1: expected a plan, found nothing"},
		"comments only":       {"# nothing\n", "p:1:1: expected a plan, found nothing"},
		"an empty mapping":    {"{}\n", "p:1:1: expected a plan, found nothing"},
		"a list":              {"- workload: gemm\n", "expected a plan: words with values"},
		"a text":              {"gemm\n", "p:1:1: expected a plan: words with values, such as workload: resnet50; found the text \"gemm\""},
		"unknown word":        {"device: cpu\nworkloads: gemm\n", `p:2:1: unknown word "workloads"; the nearest known: workload`},
		"flag in snake case":  {"seq_len: 1\n", `p:1:1: unknown word "seq_len"; the nearest known: seq-len`},
		"unknown in runs":     {"runs:\n  - workload: gemm\n    repeat: 3\n", `p:3:5: unknown word "repeat"; the nearest known: repeats`},
		"duration no unit":    {"duration: 10\n", "p:1:11: duration: expected a duration with its unit, such as 10s, found the number 10"},
		"duration bad":        {"duration: ten\n", `p:1:11: duration: expected a duration above 0 with its unit, such as 10s or 1m30s, found "ten"`},
		"duration negative":   {"duration: -5s\n", `found "-5s"`},
		"batch text":          {"batch: many\n", `p:1:8: batch: expected a whole number of 1 or more, found the text "many"`},
		"batch 0":             {"batch: 0\n", "expected a whole number of 1 or more, found the number 0"},
		"batch fraction":      {"batch: 1.5\n", "expected a whole number of 1 or more, found the number 1.5"},
		"batch huge":          {"batch: 99999999999\n", "expected a whole number"},
		"seed negative":       {"seed: -1\n", "expected a whole number of 0 or more, found the number -1"},
		"device number":       {"device: 0\n", "expected a text, found the number 0"},
		"device empty":        {"device:\n", "expected a text, found nothing"},
		"workload object":     {"workload:\n  name: gemm\n", "workload: expected a text, found words with values"},
		"workload empty list": {"workload: []\n", "found an empty list"},
		"scenario unknown":    {"scenario: [offline, online]\n", `p:1:21: scenario: unknown scenario "online"; known: single-stream multi-stream server offline concurrency`},
		"price 0":             {"price: 0\n", "bad value: price 0"},
		"price text":          {"price: cheap\n", "expected USD per hour, a number such as 4.5"},
		"price infinite":      {"price: .inf\n", "expected USD per hour"},
		"market unknown":      {"market: black\n", `unknown market "black"`},
		"charge unknown":      {"charge: half\n", `unknown charge "half"`},
		"price in runs":       {"runs:\n  - price: 3\n", "p:2:5: price stands at the top of the plan only"},
		"a library in runs":   {"runs:\n  - ort-lib: a.so\n", "p:2:5: ort-lib stands at the top of the plan only"},
		"a library of lists":  {"ort-lib: [a.so]\n", "expected a text, found a list"},
		"runs empty":          {"runs: []\n", "runs: expected a list of at least one entry, found an empty list"},
		"runs no list":        {"runs: gemm\n", "runs: expected a list"},
		"entry no mapping":    {"runs: [gemm]\n", "p:1:8: expected an entry of runs"},
		"no YAML":             {"device: [cpu\n", "expected YAML"},
		"twice":               {"batch: 1\nbatch: 2\n", "p:2:1: expected YAML"},
		"two documents":       {"batch: 1\n---\nbatch: 2\n", "expected one YAML document"},
		"an alias":            {"device: &a cpu\nengine: *a\n", "YAML that plans do not use"},
		"a tag":               {"device: !!binary aaaa\n", "YAML that plans do not use"},
		"too long":            {strings.Repeat("#", bench.MaxYAML+1), "expected a plan of at most 65536 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := bench.ReadPlan(strings.NewReader(c.text), "p")
			var syntax *bench.SyntaxError
			require.ErrorAs(t, err, &syntax)
			require.ErrorContains(t, err, c.want)
		})
	}
}

// The parser recurses; the bound on the size bounds its depth and its time.
func TestReadPlanSurvivesDepth(t *testing.T) {
	for _, s := range []string{"[", "{", "- ", "? ", "{a: ", "!a ", "&a ", "a: "} {
		start := time.Now()
		_, err := bench.ReadPlan(strings.NewReader(strings.Repeat(s, bench.MaxYAML/len(s))), "p")
		require.Error(t, err)
		t.Logf("%q took %s", s, time.Since(start))
	}
}

func FuzzReadPlan(f *testing.F) {
	f.Add(documentedPlan(f))
	for _, s := range []string{"", "a: [", "runs:\n- {}\n", "? a\n: b\n", "- - - -", "a: |\n  b", "<<: *a", "\"\\x\": 1", "runs: [[[[[[", "{{{{"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		plan, err := bench.ReadPlan(strings.NewReader(text), "p")
		if err != nil {
			var syntax *bench.SyntaxError
			require.ErrorAs(t, err, &syntax)
			require.Positive(t, syntax.Line)
			require.Positive(t, syntax.Column)
			return
		}
		require.NotEmpty(t, plan.Entries)
	})
}
