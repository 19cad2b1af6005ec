package workloads_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/workloads"
)

func floats(shape ...int) *workloads.Value {
	return &workloads.Value{Name: "v", Kind: workloads.Input, DType: workloads.F32, Shape: shape}
}

func ids(shape ...int) *workloads.Value {
	return &workloads.Value{Name: "v", Kind: workloads.Input, DType: workloads.I32, Shape: shape}
}

func state(shape ...int) *workloads.Value {
	return &workloads.Value{Name: "v", Kind: workloads.State, DType: workloads.F32, Shape: shape}
}

// experts are the inputs of a mixture of 8 experts of 5 channels over rows of 3, with biases.
func experts() []*workloads.Value {
	return []*workloads.Value{floats(2, 7, 3), floats(2, 7, 8), floats(8, 3, 5), floats(8, 3, 5), floats(8, 5, 3), floats(8, 5),
		floats(8, 5), floats(8, 3)}
}

func TestInferMoreShapes(t *testing.T) {
	heads := workloads.Attr{Heads: 4, KVHeads: 2, HeadDim: 8}
	tests := []struct {
		op   workloads.Op
		attr workloads.Attr
		in   []*workloads.Value
		want []int
	}{
		{workloads.OpSigmoid, workloads.Attr{}, []*workloads.Value{floats(2, 3)}, []int{2, 3}},
		{workloads.OpAddRows, workloads.Attr{}, []*workloads.Value{floats(2, 5, 6, 3), floats(2, 3)}, []int{2, 5, 6, 3}},
		{workloads.OpConcat, workloads.Attr{}, []*workloads.Value{floats(2, 5, 3), floats(2, 5, 1), floats(2, 5, 4)}, []int{2, 5, 8}},
		{workloads.OpUpsample, workloads.Attr{}, []*workloads.Value{floats(2, 5, 6, 3)}, []int{2, 10, 12, 3}},
		{workloads.OpConv1D, workloads.Attr{Kernel: 3, Stride: 2, Pad: 1}, []*workloads.Value{floats(2, 10, 3), floats(3, 3, 4), floats(4)}, []int{2, 5, 4}},
		{workloads.OpConv1D, workloads.Attr{Kernel: 3, Stride: 1}, []*workloads.Value{floats(2, 10, 3), floats(3, 3, 4)}, []int{2, 8, 4}},
		{workloads.OpEmbeddingBag, workloads.Attr{}, []*workloads.Value{floats(9, 4), ids(2, 7)}, []int{2, 4}},
		{workloads.OpGroupNorm, workloads.Attr{Groups: 2, Eps: 1}, []*workloads.Value{floats(2, 5, 6, 4), floats(4), floats(4)}, []int{2, 5, 6, 4}},
		{workloads.OpStore, workloads.Attr{}, []*workloads.Value{floats(2, 5, 4), state(2, 5, 4)}, []int{2, 5, 4}},
		{workloads.OpMoE, workloads.Attr{TopK: 2}, experts()[:5], []int{2, 7, 3}},
		{workloads.OpMoE, workloads.Attr{TopK: 8, Clamp: 7}, experts(), []int{2, 7, 3}},
		{workloads.OpAttention, heads, []*workloads.Value{floats(2, 5, 6, 32), state(2, 9, 16), state(2, 9, 16)}, []int{2, 5, 6, 32}},
		{workloads.OpAttention, heads, []*workloads.Value{floats(2, 5, 32), floats(2, 5, 16), floats(2, 5, 16), state(2, 9, 16), state(2, 9, 16), ids(1), floats(4)}, []int{2, 5, 32}},
	}
	for _, test := range tests {
		got, err := workloads.InferShape(test.op, test.attr, test.in)
		require.NoError(t, err, test.op)
		require.Equal(t, test.want, got, test.op)
	}
}

func TestInferMoreShapeErrors(t *testing.T) {
	heads := workloads.Attr{Heads: 4, KVHeads: 2, HeadDim: 8}
	causal := heads
	causal.Causal = true
	three := workloads.Attr{Kernel: 3, Stride: 1}
	tests := []struct {
		op   workloads.Op
		attr workloads.Attr
		in   []*workloads.Value
		want string
	}{
		{workloads.OpAddRows, workloads.Attr{}, []*workloads.Value{floats(2, 5, 3), floats(2, 5)}, "has shape [2 5], want [2 3]"},
		{workloads.OpAddRows, workloads.Attr{}, []*workloads.Value{floats(3), floats(3)}, "want [B,...,D]"},
		{workloads.OpConcat, workloads.Attr{}, []*workloads.Value{floats(2, 3)}, "concat takes [2] inputs, got 1"},
		{workloads.OpConcat, workloads.Attr{}, []*workloads.Value{floats(2, 3), floats(2, 3), floats(3, 3)}, "want [2] before the last axis"},
		{workloads.OpConcat, workloads.Attr{}, []*workloads.Value{floats(2, 3), floats(2, 1, 3)}, "want [2] before the last axis"},
		{workloads.OpConcat, workloads.Attr{}, []*workloads.Value{floats(3), floats(3)}, "want [B,...,D]"},
		{workloads.OpUpsample, workloads.Attr{}, []*workloads.Value{floats(2, 5, 3)}, "want [B,H,W,C]"},
		{workloads.OpConv1D, workloads.Attr{Kernel: 3}, []*workloads.Value{floats(2, 9, 3), floats(3, 3, 4)}, "stride 0"},
		{workloads.OpConv1D, three, []*workloads.Value{floats(2, 2, 3), floats(3, 3, 4)}, "at least 3 rows"},
		{workloads.OpConv1D, three, []*workloads.Value{floats(2, 9, 3), floats(3, 2, 4)}, "want [3,3,O]"},
		{workloads.OpConv1D, three, []*workloads.Value{floats(2, 9, 3), floats(3, 3, 4), floats(3)}, "has shape [3], want [4]"},
		{workloads.OpEmbeddingBag, workloads.Attr{}, []*workloads.Value{floats(9, 4), floats(2, 7)}, "input 1 (v) is f32, want i32"},
		{workloads.OpEmbeddingBag, workloads.Attr{}, []*workloads.Value{floats(9, 4), ids(2)}, "want [V,D]"},
		{workloads.OpGroupNorm, workloads.Attr{Groups: 3, Eps: 1}, []*workloads.Value{floats(2, 4), floats(4), floats(4)}, "in 3 groups"},
		{workloads.OpGroupNorm, workloads.Attr{Groups: 2}, []*workloads.Value{floats(2, 4), floats(4), floats(4)}, "positive eps"},
		{workloads.OpGroupNorm, workloads.Attr{Groups: 2, Eps: 1}, []*workloads.Value{floats(2, 4), floats(4), floats(3)}, "want [4]"},
		{workloads.OpStore, workloads.Attr{}, []*workloads.Value{floats(2, 4), floats(2, 4)}, "is input, want a state"},
		{workloads.OpStore, workloads.Attr{}, []*workloads.Value{floats(2, 4), state(2, 5)}, "has shape [2 5], want [2 4]"},
		{workloads.OpMoE, workloads.Attr{TopK: 9}, experts(), "at least top_k 9 experts"},
		{workloads.OpMoE, workloads.Attr{}, experts(), "at least top_k 0 experts, 1 or more"},
		{workloads.OpMoE, workloads.Attr{TopK: 1}, experts()[:6], "moe takes [5 8] inputs, got 6"},
		{workloads.OpMoE, workloads.Attr{TopK: 1}, append(experts()[:7], floats(8, 5)), "has shape [8 5], want [8 3]"},
		{workloads.OpAttention, heads, []*workloads.Value{floats(2, 5, 32), floats(1, 9, 16), floats(1, 9, 16)}, "want [2,...,16]"},
		{workloads.OpAttention, causal, []*workloads.Value{floats(2, 5, 32), floats(2, 9, 16), floats(2, 9, 16)}, "since it is causal"},
		{workloads.OpAttention, heads, []*workloads.Value{floats(2, 5, 32), floats(2, 5, 16), floats(2, 5, 16), state(2, 9, 16), state(2, 9, 16), ids(1), floats(2)}, "has shape [2], want [4]"},
	}
	for _, test := range tests {
		_, err := workloads.InferShape(test.op, test.attr, test.in)
		require.ErrorContains(t, err, test.want)
	}
}
