package reference

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/internal/half"
	"github.com/accelbench/accelbench/workloads"
)

// storage emulates an engine that keeps every tensor in a type of few bits and computes each operation exactly in between:
// what it errs by is what a tolerance has to leave room for.
type storage struct {
	round func(float64) float64
	// factor, if not nil, is what a product with quantised weights makes of its other factor before it multiplies.
	factor func([]float64) []float64
}

func bfloat16(x float64) float64 { return float64(half.FromBFloat16(half.BFloat16(float32(x)))) }

func float16(x float64) float64 { return float64(half.FromFloat16(half.Float16(float32(x)))) }

// tensorE4M3 rounds to e4m3 under one scale for the tensor, which makes its largest magnitude the largest of the format.
func tensorE4M3(x []float64) []float64 {
	var largest float64
	for _, v := range x {
		largest = max(largest, math.Abs(v))
	}
	scale := float32(largest) / 448
	return each(x, func(v float64) float64 {
		return float64(half.FromE4M3(half.E4M3(min(max(float32(v)/scale, -448), 448)))) * float64(scale)
	})
}

func emulated(precision string) storage {
	switch precision {
	case workloads.Half:
		return storage{round: float16}
	case workloads.Float8:
		return storage{bfloat16, tensorE4M3}
	}
	return storage{round: bfloat16}
}

// node runs a node whose inputs are stored and stores its output.
func (s storage) node(t *testing.T, r *run, n *workloads.Node) {
	t.Helper()
	for _, v := range n.In {
		// Of tables only rows are generated, and rounded as the node's output.
		if v.Kind == workloads.Param && n.Op != workloads.OpEmbedding && n.Op != workloads.OpEmbeddingBag && v.Param.Bits == 0 && r.floats[v] == nil {
			r.floats[v] = each(r.value(v), s.round)
		}
	}
	x := n.In[0]
	exact := r.floats[x]
	if s.factor != nil && n.Op == workloads.OpLinear && n.In[1].Kind == workloads.Param && n.In[1].Param.Bits > 0 {
		r.floats[x] = s.factor(exact)
	}
	require.NoError(t, r.node(t.Context(), n))
	if r.uses[x] > 0 && exact != nil {
		r.floats[x] = exact
	}
	r.floats[n.Out] = each(r.floats[n.Out], s.round)
}

// worst is the largest error of the emulation of a sample, over the positions below the input's length of a decoder.
func (s storage) worst(t *testing.T, w *workloads.Workload, g *workloads.Golden, sample int) float64 {
	t.Helper()
	graph := w.Phases[0].Graph
	in := w.NewInputs(0)
	w.Fill(0, []int{sample}, in)
	r, err := newRun(graph, in, nil)
	require.NoError(t, err)
	for _, v := range graph.Inputs() {
		if v.DType == workloads.F32 {
			r.floats[v] = each(r.floats[v], s.round)
		}
	}
	for i, n := range graph.Nodes {
		if n.Op == workloads.OpLast {
			return s.tails(t, r, w, g, sample, graph.Nodes[i:])
		}
		s.node(t, r, n)
	}
	return checked(t, w, g, sample, r.value(graph.Outputs[0]))
}

func (s storage) tails(t *testing.T, r *run, w *workloads.Workload, g *workloads.Golden, sample int, nodes []*workloads.Node) float64 {
	t.Helper()
	hidden, width := r.value(nodes[0].In[0]), nodes[0].Out.Shape[1]
	for _, n := range nodes {
		for _, v := range n.In {
			r.uses[v] += len(g.Rows)
		}
	}
	var worst float64
	for _, p := range w.GoldenPositions() {
		if p >= w.Options.ISL {
			break
		}
		r.floats[nodes[0].Out] = hidden[p*width : (p+1)*width]
		for _, n := range nodes[1:] {
			s.node(t, r, n)
		}
		o := w.Options
		o.ISL = p + 1
		at, err := workloads.Find(w.Name, o)
		require.NoError(t, err)
		worst = max(worst, checked(t, at, g, sample, r.value(r.graph.Outputs[0])))
	}
	return worst
}

func checked(t *testing.T, w *workloads.Workload, g *workloads.Golden, sample int, out []float64) float64 {
	t.Helper()
	f := make([]float32, len(out))
	for i, v := range out {
		f[i] = float32(v)
	}
	check, err := g.Check(w, 0, []int{sample}, []workloads.Tensor{{DType: workloads.F32, Shape: []int{len(f)}, F32: f}})
	require.NoError(t, err)
	require.Positive(t, check.Elements)
	return check.Error
}

// TestRoundingIsWithinTolerance emulates what the tolerances were measured with, at sizes that seconds suffice for: rounding errs by
// less than the tolerance, and by enough to show that it was done.
func TestRoundingIsWithinTolerance(t *testing.T) {
	for _, tt := range []struct {
		name    string
		options workloads.Options
		least   float64
	}{
		{"gemm", workloads.Options{Precision: workloads.Half}, 2e-4},
		{"gemm", workloads.Options{Precision: workloads.BFloat16}, 2e-3},
		{"gemm", workloads.Options{Precision: workloads.Float8}, 2e-2},
		{"bert-base", workloads.Options{Precision: workloads.BFloat16, SeqLen: 128}, 5e-3},
		{"bert-base", workloads.Options{Precision: workloads.Float8, SeqLen: 128}, 2e-2},
		{"resnet50", workloads.Options{Precision: workloads.BFloat16}, 2e-3},
		{"smollm2-135m", workloads.Options{Precision: workloads.BFloat16, ISL: 33, OSL: 1}, 2e-2},
		{"smollm2-135m", workloads.Options{Precision: workloads.Float8, ISL: 33, OSL: 1}, 1e-1},
	} {
		t.Run(tt.name+" "+tt.options.Precision, func(t *testing.T) {
			if tt.name != "gemm" && (testing.Short()) {
				t.Skip("takes seconds")
			}
			w, err := workloads.Find(tt.name, tt.options)
			require.NoError(t, err)
			g, ok := w.Golden()
			require.True(t, ok)
			tolerance, ok := w.Tolerance()
			require.True(t, ok)
			got := emulated(tt.options.Precision).worst(t, w, g, 0)
			require.Less(t, got, tolerance)
			require.Greater(t, got, tt.least)
		})
	}
}
