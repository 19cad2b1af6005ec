package workloads_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/workloads"
)

func TestCatalogue(t *testing.T) {
	require.Equal(t, []string{"memcopy", "gemm", "resnet50", "bert-base", "bert-large", "dlrm-v2-capped", "whisper-tiny",
		"whisper-large-v3", "sdxl-unet", "smollm2-135m", "llama3.2-1b", "llama3.1-8b", "mixtral-8x7b", "gpt-oss-20b"}, workloads.Names())
	var everyday []string
	for i, e := range workloads.Catalogue() {
		if e.Everyday {
			everyday = append(everyday, e.Name)
		}
		w := find(t, e.Name, workloads.Options{})
		require.Equal(t, workloads.Names()[i], e.Name)
		for _, precision := range e.Precisions {
			require.Equal(t, precision, find(t, e.Name, workloads.Options{Precision: precision}).Options.Precision)
		}
		require.Equal(t, []string{w.Name, w.Title, w.Family, w.Unit, w.Options.Precision},
			[]string{e.Name, e.Title, e.Family, e.Unit, e.Precisions[0]})
		effective := map[string]int{"batch": w.Options.Batch, "seq-len": w.Options.SeqLen, "isl": w.Options.ISL, "osl": w.Options.OSL}
		for _, r := range e.Options {
			require.Equal(t, r.Default, effective[r.Option])
			delete(effective, r.Option)
		}
		for option, value := range effective {
			require.Zero(t, value, "%s has no %s", e.Name, option)
		}
		require.NotEmpty(t, w.Data)
		require.Positive(t, w.Pool)
		for _, p := range w.Phases {
			require.NoError(t, p.Graph.Validate())
			require.Equal(t, w.Options.Batch, p.Graph.Batch)
		}
	}
	require.Equal(t, []string{"memcopy", "gemm", "resnet50", "bert-base", "smollm2-135m"}, everyday)
}

func TestBadOptions(t *testing.T) {
	tests := []struct {
		name    string
		options workloads.Options
		want    string
	}{
		{"bert", workloads.Options{}, `unknown workload "bert": the workloads are, nearest first, bert-base, `},
		{"resnet", workloads.Options{}, `unknown workload "resnet": the workloads are, nearest first, resnet50, `},
		{"SmolLM2", workloads.Options{}, `nearest first, smollm2-135m, `},
		{"", workloads.Options{}, `unknown workload ""`},
		{"gemm", workloads.Options{Batch: -1}, "workload gemm: batch is -1, allowed are 1 to 4096"},
		{"gemm", workloads.Options{Batch: 4097}, "workload gemm: batch is 4097, allowed are 1 to 4096"},
		{"gemm", workloads.Options{SeqLen: 5}, "workload gemm has no option seq-len (got 5): leave it out"},
		{"resnet50", workloads.Options{ISL: 5}, "workload resnet50 has no option isl (got 5): leave it out"},
		{"bert-base", workloads.Options{OSL: 5}, "workload bert-base has no option osl (got 5): leave it out"},
		{"bert-base", workloads.Options{SeqLen: 513}, "workload bert-base: seq-len is 513, allowed are 1 to 512"},
		{"bert-base", workloads.Options{SeqLen: -1}, "workload bert-base: seq-len is -1, allowed are 1 to 512"},
		{"smollm2-135m", workloads.Options{SeqLen: 5}, "workload smollm2-135m has no option seq-len (got 5): leave it out"},
		{"smollm2-135m", workloads.Options{ISL: 8192}, "workload smollm2-135m: isl is 8192, allowed are 1 to 8191"},
		{"smollm2-135m", workloads.Options{ISL: 8000, OSL: 193}, "workload smollm2-135m: isl+osl is 8193, allowed are 2 to 8192"},
		{"whisper-tiny", workloads.Options{ISL: 448}, "workload whisper-tiny: isl is 448, allowed are 1 to 447"},
		{"whisper-tiny", workloads.Options{ISL: 400, OSL: 49}, "workload whisper-tiny: isl+osl is 449, allowed are 2 to 448"},
		{"sdxl-unet", workloads.Options{SeqLen: 77}, "workload sdxl-unet has no option seq-len (got 77): leave it out"},
		{"gemm", workloads.Options{Precision: "int4"}, `precision "int4": precision not available: it is defined in f32, f16, bf16, int8, fp8`},
		{"gpt-oss-20b", workloads.Options{Precision: "fp8"}, `precision "fp8": precision not available: it is defined in f32, f16, bf16, int8, int4`},
		{"resnet50", workloads.Options{Precision: "fp8"}, `precision "fp8": precision not available: it is defined in f32, f16, bf16, int8`},
		{"sdxl-unet", workloads.Options{Precision: "int8"}, `precision "int8": precision not available: it is defined in f32, f16, bf16`},
	}
	for _, test := range tests {
		_, err := workloads.Find(test.name, test.options)
		require.ErrorContains(t, err, test.want)
	}
	var unknown *workloads.UnknownError
	_, err := workloads.Find("bert", workloads.Options{})
	require.ErrorAs(t, err, &unknown)
	require.ElementsMatch(t, workloads.Names(), unknown.Known)
	var option *workloads.OptionError
	_, err = workloads.Find("gemm", workloads.Options{Batch: -1})
	require.ErrorAs(t, err, &option)
	_, err = workloads.Find("gemm", workloads.Options{Precision: "int4"})
	require.ErrorIs(t, err, workloads.ErrPrecision)
}

// TestHashes pins the computations: a change here makes earlier results of a workload incomparable with later ones, and
// asks for new golden values.
func TestHashes(t *testing.T) {
	want := map[string][]string{
		"memcopy f32":           {"1dd2d7f37d34cb8b"},
		"gemm f32":              {"2345fbf5b36ce6d7"},
		"gemm int8":             {"be271bd0e0d0bce0"},
		"gemm fp8":              {"43990b5141c0afc3"},
		"resnet50 f32":          {"b2eefd70cf2c9941"},
		"resnet50 int8":         {"6f8b7b6d58cf32bb"},
		"bert-base f32":         {"68d628c2903f353c"},
		"bert-base int8":        {"14b9349d5a0d20cf"},
		"bert-base fp8":         {"af8255b21f820427"},
		"bert-large f32":        {"fc907024361a643c"},
		"bert-large int8":       {"71ccd306fb782c0e"},
		"dlrm-v2-capped f32":    {"1cab583242b3ed47"},
		"whisper-tiny f32":      {"2e35b677a6fdb227", "34a6967baa82c18a"},
		"whisper-tiny int8":     {"62ed32b6d9fcf4c6", "1f811f1601406a42"},
		"whisper-large-v3 f32":  {"12d8b7986ab0c6ba", "690a32d695db4df8"},
		"whisper-large-v3 int8": {"1891b67a7fdbf3c8", "c7032357b32d7483"},
		"sdxl-unet f32":         {"655059de38585c46"},
		"smollm2-135m f32":      {"7937f567f46e64c6", "b2a0adf7be71f80d"},
		"smollm2-135m int8":     {"c331ac86b1f62e2b", "6fc4d28f4fd81f2c"},
		"smollm2-135m fp8":      {"da57dc3e08740b08", "7552509611944ba9"},
		"smollm2-135m int4":     {"0a00311c0d2ab462", "87918601f82f7dd7"},
		"llama3.2-1b f32":       {"6e19a9d9989857c5", "d0619de36b4af7e1"},
		"llama3.2-1b int8":      {"0ae8b67217cf6f0a", "bb11eba81ea6ca9a"},
		"llama3.2-1b fp8":       {"ba4d0022f5c561c1", "dffe27da637894f7"},
		"llama3.2-1b int4":      {"9b4d574703651605", "6802cf39700d515f"},
		"llama3.1-8b f32":       {"9d9d5de5e48fbce2", "daebd3fc400a564a"},
		"llama3.1-8b int8":      {"c15a472cf4352c26", "034dd64833d0ba4b"},
		"llama3.1-8b fp8":       {"dbd3fc74f64f700c", "f8c7b8df4933769f"},
		"llama3.1-8b int4":      {"55db2f0817282b83", "9e17d1f448adffb4"},
		"mixtral-8x7b f32":      {"20f05d4ad20fb5e4", "fa5199677fa69e27"},
		"mixtral-8x7b int8":     {"909d455ff5a07f46", "ac0afed4c27edaa6"},
		"mixtral-8x7b int4":     {"820d7e60ab5a50d0", "99fcab21ebeadfee"},
		"gpt-oss-20b f32":       {"ce9ebc1433cf982e", "77b18273bb4c41df"},
		"gpt-oss-20b int8":      {"daeb18136cb293e6", "1c92b4fe07cd1510"},
		"gpt-oss-20b int4":      {"58e00a8c888c4278", "6b06583028a2c780"},
	}
	for _, e := range workloads.Catalogue() {
		for _, precision := range e.Precisions {
			var got []string
			for _, p := range find(t, e.Name, workloads.Options{Precision: precision}).Phases {
				got = append(got, p.Graph.Hash())
			}
			if precision == workloads.Half || precision == workloads.BFloat16 {
				precision = workloads.Full // the same graph
			}
			require.Equal(t, want[e.Name+" "+precision], got, "%s %s", e.Name, precision)
		}
	}
	require.NotEqual(t, find(t, "gemm", workloads.Options{Batch: 2}).Phases[0].Graph.Hash(), want["gemm f32"][0])
}

func TestShapes(t *testing.T) {
	tests := []struct {
		name    string
		options workloads.Options
		inputs  [][]int
		output  []int
		nodes   map[workloads.Op]int
	}{
		{"memcopy", workloads.Options{Batch: 2}, [][]int{{2, 1 << 24}}, []int{2, 1 << 24}, nil},
		{"gemm", workloads.Options{Batch: 2}, [][]int{{2, 1024, 1024}}, []int{2, 1024, 1024}, nil},
		{"resnet50", workloads.Options{Batch: 2}, [][]int{{2, 224, 224, 3}}, []int{2, 1000},
			map[workloads.Op]int{workloads.OpConv2D: 53, workloads.OpRelu: 49, workloads.OpAdd: 16, workloads.OpLinear: 1}},
		{"bert-base", workloads.Options{SeqLen: 128}, [][]int{{1, 128}, {1, 128}, {1, 128}}, []int{1, 128, 2},
			map[workloads.Op]int{workloads.OpAttention: 12, workloads.OpLayerNorm: 25, workloads.OpLinear: 73, workloads.OpGelu: 12}},
		{"dlrm-v2-capped", workloads.Options{Batch: 2}, dlrmInputs(2), []int{2, 1},
			map[workloads.Op]int{workloads.OpEmbeddingBag: 26, workloads.OpLinear: 14, workloads.OpMul: 3, workloads.OpSigmoid: 1}},
		{"whisper-tiny", workloads.Options{Batch: 2, ISL: 5}, [][]int{{2, 3000, 80}, {2, 1500}, {2, 5}, {2, 5}, {1}}, []int{2, 51865},
			map[workloads.Op]int{workloads.OpConv1D: 2, workloads.OpAttention: 12, workloads.OpStore: 8, workloads.OpLayerNorm: 22}},
		{"sdxl-unet", workloads.Options{Batch: 2}, [][]int{{2, 128, 128, 4}, {2, 77, 2048}, {2, 320}, {2, 2816}}, []int{2, 128, 128, 4},
			map[workloads.Op]int{workloads.OpAttention: 140, workloads.OpAddRows: 17, workloads.OpConcat: 9, workloads.OpUpsample: 2,
				workloads.OpGroupNorm: 46, workloads.OpConv2D: 51}},
		{"smollm2-135m", workloads.Options{Batch: 2, ISL: 5, OSL: 3}, [][]int{{2, 5}, {1}}, []int{2, 49152},
			map[workloads.Op]int{workloads.OpAttention: 30, workloads.OpRMSNorm: 61, workloads.OpLinear: 211, workloads.OpRope: 60}},
	}
	for _, test := range tests {
		w := find(t, test.name, test.options)
		g := w.Phases[0].Graph
		for i, v := range g.Inputs() {
			require.Equal(t, test.inputs[i], v.Shape, test.name)
		}
		require.Len(t, g.Inputs(), len(test.inputs))
		require.Equal(t, test.output, w.NewOutputs(0)[0].Shape)
		count := map[workloads.Op]int{}
		for _, n := range g.Nodes {
			count[n.Op]++
		}
		for op, want := range test.nodes {
			require.Equal(t, want, count[op], "%s %s", test.name, op)
		}
	}
}

// dlrmInputs are the dense features and the bags of published sizes, 214 rows per sample.
func dlrmInputs(batch int) [][]int {
	out := [][]int{{batch, 13}}
	for _, bag := range []int{3, 2, 1, 2, 6, 1, 1, 1, 1, 7, 3, 8, 1, 6, 9, 5, 1, 1, 1, 12, 100, 27, 10, 3, 1, 1} {
		out = append(out, []int{batch, bag})
	}
	return out
}

// TestPhasesShare: the phases of a workload mean the same parameters and states by the same names. Decoding needs no encoder.
func TestPhasesShare(t *testing.T) {
	shared := func(vs []*workloads.Value) map[string]any {
		out := map[string]any{}
		for _, v := range vs {
			out[v.Name] = []any{v.Kind, v.Shape, v.Param}
		}
		return out
	}
	for name, both := range map[string]int{"smollm2-135m": 272, "whisper-tiny": 88} {
		w := find(t, name, workloads.Options{ISL: 5, OSL: 3})
		prefill, decode := w.Phases[0].Graph, w.Phases[1].Graph
		params := shared(prefill.Params())
		for param, spec := range shared(decode.Params()) {
			require.Equal(t, params[param], spec, param)
		}
		require.Len(t, decode.Params(), both)
		require.Equal(t, shared(prefill.States()), shared(decode.States()))
	}
	w := find(t, "smollm2-135m", workloads.Options{ISL: 5, OSL: 3})
	require.Len(t, w.Phases[0].Graph.Params(), 272)
	require.Len(t, w.Phases[0].Graph.States(), 60)
	require.Equal(t, []int{1, 8, 192}, w.Phases[0].Graph.States()[0].Shape)
	require.Equal(t, 3, w.Calls())
	for c, want := range [][2]int{{0, 0}, {1, 5}, {1, 6}} {
		phase, position := w.Phase(c)
		require.Equal(t, want, [2]int{phase, position})
	}
}
