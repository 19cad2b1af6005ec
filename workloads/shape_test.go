package workloads_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/workloads"
)

func TestInferShapeErrors(t *testing.T) {
	f := func(shape ...int) *workloads.Value {
		return &workloads.Value{Name: "v", Kind: workloads.Input, DType: workloads.F32, Shape: shape}
	}
	ids := func(shape ...int) *workloads.Value {
		v := f(shape...)
		v.DType = workloads.I32
		return v
	}
	cache := func(shape ...int) *workloads.Value {
		v := f(shape...)
		v.Kind = workloads.State
		return v
	}
	heads := workloads.Attr{Heads: 4, KVHeads: 2, HeadDim: 8}
	tests := []struct {
		op   workloads.Op
		attr workloads.Attr
		in   []*workloads.Value
		want string
	}{
		{"tanh", workloads.Attr{}, nil, `unknown operation "tanh"`},
		{workloads.OpAdd, workloads.Attr{}, []*workloads.Value{f(1)}, "add takes [2] inputs, got 1"},
		{workloads.OpAdd, workloads.Attr{}, []*workloads.Value{f(1), f(2)}, "add: input v has shape [2], want [1]"},
		{workloads.OpEmbedding, workloads.Attr{}, []*workloads.Value{f(3, 2), f(1, 1)}, "input 1 (v) is f32, want i32"},
		{workloads.OpEmbedding, workloads.Attr{}, []*workloads.Value{f(3), ids(1, 1)}, "want [V,D]"},
		{workloads.OpLinear, workloads.Attr{}, []*workloads.Value{f(2, 3), f(4, 3)}, "input v has shape [2 3], want [...,4]"},
		{workloads.OpLinear, workloads.Attr{Transposed: true}, []*workloads.Value{f(2, 3), f(4, 3), f(3)}, "has shape [3], want [4]"},
		{workloads.OpLinear, workloads.Attr{}, []*workloads.Value{f(2, 3), f(3)}, "want two dimensions"},
		{workloads.OpConv2D, workloads.Attr{Kernel: 3}, []*workloads.Value{f(1, 5, 5, 2), f(3, 3, 2, 4)}, "stride 0"},
		{workloads.OpConv2D, workloads.Attr{Kernel: 3, Stride: 1, Pad: 3}, []*workloads.Value{f(1, 5, 5, 2), f(3, 3, 2, 4)}, "pad 3"},
		{workloads.OpConv2D, workloads.Attr{Kernel: 3, Stride: 1}, []*workloads.Value{f(1, 5, 5, 2), f(3, 3, 1, 4)}, "want [3,3,2,O]"},
		{workloads.OpMaxPool, workloads.Attr{Kernel: 3, Stride: 1}, []*workloads.Value{f(1, 2, 5, 2)}, "an image of at least 3"},
		{workloads.OpMaxPool, workloads.Attr{Kernel: 3, Stride: 1}, []*workloads.Value{f(2, 5, 2)}, "want [B,H,W,C]"},
		{workloads.OpGlobalAvgPool, workloads.Attr{}, []*workloads.Value{f(2, 5, 2)}, "want [B,H,W,C]"},
		{workloads.OpRMSNorm, workloads.Attr{}, []*workloads.Value{f(2, 5), f(5)}, "positive eps"},
		{workloads.OpLayerNorm, workloads.Attr{Eps: 1}, []*workloads.Value{f(2, 5), f(5), f(4)}, "has shape [4], want [5]"},
		{workloads.OpRope, workloads.Attr{HeadDim: 3, Theta: 1}, []*workloads.Value{f(1, 2, 6), ids(1)}, "even head_dim"},
		{workloads.OpRope, workloads.Attr{HeadDim: 2, Theta: 1}, []*workloads.Value{f(1, 2, 6), ids(2)}, "has shape [2], want [1]"},
		{workloads.OpAttention, workloads.Attr{Heads: 3, KVHeads: 2, HeadDim: 8}, []*workloads.Value{f(), f(), f()}, "want a multiple"},
		{workloads.OpAttention, heads, []*workloads.Value{f(1, 5, 30), f(1, 5, 16), f(1, 5, 16)}, "want [B,...,32]"},
		{workloads.OpAttention, heads, []*workloads.Value{f(1, 5, 32), f(1, 5, 16), f(1, 4, 16)}, "has shape [1 4 16], want [1 5 16]"},
		{workloads.OpAttention, heads, []*workloads.Value{f(1, 5, 32), f(1, 5, 16), f(1, 5, 16), cache(1, 4, 16), cache(1, 4, 16), ids(1)}, "a state [1,>=5,16]"},
		{workloads.OpAttention, heads, []*workloads.Value{f(1, 5, 32), f(1, 5, 16), f(1, 5, 16), f(1, 9, 16), cache(1, 9, 16), ids(1)}, "a state"},
		{workloads.OpAttention, heads, []*workloads.Value{f(1, 5, 32), f(1, 5, 16), f(1, 5, 16), cache(1, 9, 16), cache(1, 8, 16), ids(1)}, "has shape [1 8 16], want [1 9 16]"},
		{workloads.OpLast, workloads.Attr{}, []*workloads.Value{f(2, 5)}, "want [B,S,D]"},
	}
	for _, test := range tests {
		_, err := workloads.InferShape(test.op, test.attr, test.in)
		require.ErrorContains(t, err, test.want)
	}
}

// TestValidate damages a good graph in one place at a time.
func TestValidate(t *testing.T) {
	tests := []struct {
		want   string
		damage func(g *workloads.Graph)
	}{
		{"has ID 7 at place 0", func(g *workloads.Graph) { g.Values[0].ID = 7 }},
		{"has shape [1 0 1024]", func(g *workloads.Graph) { g.Values[0].Shape = []int{1, 0, 1024} }},
		{"param w.weight has no generator", func(g *workloads.Graph) { g.Values[1].Param = nil }},
		{"input x has no generator", func(g *workloads.Graph) { g.Values[0].Fill = nil }},
		{"uses linear.0 before it is computed", func(g *workloads.Graph) { g.Nodes[0].In[0] = g.Nodes[0].Out }},
		{"input x has shape [1 1024 9], want [...,1024]", func(g *workloads.Graph) { g.Values[0].Shape = []int{1, 1024, 9} }},
		{"output linear.0 is computed [1 1024 9]", func(g *workloads.Graph) { g.Values[2].Shape = []int{1, 1024, 9} }},
		{"output linear.0 is never computed", func(g *workloads.Graph) { g.Nodes = nil }},
	}
	for _, test := range tests {
		g := find(t, "gemm", workloads.Options{}).Phases[0].Graph
		require.NoError(t, g.Validate())
		test.damage(g)
		require.ErrorContains(t, g.Validate(), test.want)
	}
}
