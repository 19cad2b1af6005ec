package workloads_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/workloads"
)

func TestCatalogue(t *testing.T) {
	require.Equal(t, []string{"memcopy", "gemm", "resnet50", "bert-base", "smollm2-135m"}, workloads.Names())
	for i, e := range workloads.Catalogue() {
		w := find(t, e.Name, workloads.Options{})
		require.Equal(t, workloads.Names()[i], e.Name)
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
		{"gemm", workloads.Options{Precision: "bf16"}, `workload gemm: precision "bf16": precision not available: it is defined in f32`},
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
	_, err = workloads.Find("gemm", workloads.Options{Precision: "int8"})
	require.ErrorIs(t, err, workloads.ErrPrecision)
}

// TestHashes pins the computations: a change here makes earlier results of a workload incomparable with later ones, and
// asks for new golden values.
func TestHashes(t *testing.T) {
	want := map[string][]string{
		"memcopy":      {"1dd2d7f37d34cb8b"},
		"gemm":         {"2345fbf5b36ce6d7"},
		"resnet50":     {"b2eefd70cf2c9941"},
		"bert-base":    {"68d628c2903f353c"},
		"smollm2-135m": {"7937f567f46e64c6", "b2a0adf7be71f80d"},
	}
	for _, name := range workloads.Names() {
		var got []string
		for _, p := range find(t, name, workloads.Options{}).Phases {
			got = append(got, p.Graph.Hash())
		}
		require.Equal(t, want[name], got, name)
	}
	require.NotEqual(t, find(t, "gemm", workloads.Options{Batch: 2}).Phases[0].Graph.Hash(), want["gemm"][0])
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

// TestPhasesShare: the phases of a decoder mean the same parameters and states by the same names.
func TestPhasesShare(t *testing.T) {
	w := find(t, "smollm2-135m", workloads.Options{ISL: 5, OSL: 3})
	shared := func(g *workloads.Graph) map[string]any {
		out := map[string]any{}
		for _, v := range append(g.Params(), g.States()...) {
			out[v.Name] = []any{v.Kind, v.Shape, v.Param}
		}
		return out
	}
	require.Equal(t, shared(w.Phases[0].Graph), shared(w.Phases[1].Graph))
	require.Len(t, w.Phases[0].Graph.States(), 60)
	require.Equal(t, []int{1, 8, 192}, w.Phases[0].Graph.States()[0].Shape)
	require.Equal(t, 3, w.Calls())
	for c, want := range [][2]int{{0, 0}, {1, 5}, {1, 6}} {
		phase, position := w.Phase(c)
		require.Equal(t, want, [2]int{phase, position})
	}
}
