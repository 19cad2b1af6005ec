package reference_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/reference"
)

func TestBadCalls(t *testing.T) {
	embed := func(id int32) *net {
		n := newNet(t)
		n.node(workloads.OpEmbedding, workloads.Attr{}, n.floats([]float32{1, 2}, 2, 1), n.ints([]int32{id}, 1, 1))
		return n
	}
	bag := func(id int32) *net {
		n := newNet(t)
		n.node(workloads.OpEmbeddingBag, workloads.Attr{}, n.floats([]float32{1, 2}, 2, 1), n.ints([]int32{0, id}, 1, 2))
		return n
	}
	cached := func(position int32) *net {
		n := newNet(t)
		at := n.ints([]int32{position}, 1)
		x := func() value { return n.floats([]float32{1, 2}, 1, 2, 1) }
		n.node(workloads.OpAttention, workloads.Attr{Heads: 1, KVHeads: 1, HeadDim: 1}, x(), x(), x(),
			n.cache("k", 1, 4, 1), n.cache("v", 1, 4, 1), at)
		return n
	}
	tests := []struct {
		name string
		net  *net
		in   func(in []workloads.Tensor) []workloads.Tensor
		want string
	}{
		{"id too large", embed(2), nil, "id 2 in a table of 2 rows"},
		{"id negative", embed(-1), nil, "id -1 in a table of 2 rows"},
		{"bag of bad ids", bag(2), nil, "id 2 in a table of 2 rows"},
		{"beyond the cache", cached(3), nil, "2 rows at position 3 in a cache of 4"},
		{"before the cache", cached(-1), nil, "2 rows at position -1 in a cache of 4"},
		{"too few inputs", embed(0), func(in []workloads.Tensor) []workloads.Tensor { return in[:1] }, "takes 2 inputs, got 1"},
		{"short input", embed(0), func(in []workloads.Tensor) []workloads.Tensor {
			return []workloads.Tensor{{DType: workloads.F32, F32: []float32{1}}, in[1]}
		}, "takes 2 elements of f32, got 1 of f32"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			in := test.net.in
			if test.in != nil {
				in = test.in(in)
			}
			_, err := reference.Run(t.Context(), test.net.graph, in, nil)
			require.ErrorContains(t, err, test.want)
		})
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := reference.Run(canceled, embed(0).graph, embed(0).in, nil)
	require.ErrorIs(t, err, context.Canceled)
}

func TestStateOfAnotherShape(t *testing.T) {
	n := newNet(t)
	at := n.ints([]int32{0}, 1)
	x := n.floats([]float32{1}, 1, 1, 1)
	n.node(workloads.OpAttention, workloads.Attr{Heads: 1, KVHeads: 1, HeadDim: 1}, x, x, x, n.cache("k", 1, 4, 1), n.cache("v", 1, 4, 1), at)
	n.run()
	n.graph.Values[2].Shape = []int{1, 5, 1}
	n.graph.Values[3].Shape = []int{1, 5, 1}
	_, err := reference.Run(t.Context(), n.graph, n.in, &n.state)
	require.ErrorContains(t, err, "has 5 elements, got one with 4")
}

// TestParameters: the executor sees the generator's float32 values, also beyond one block of generation.
func TestParameters(t *testing.T) {
	n := newNet(t)
	one := n.floats([]float32{1}, 1, 1)
	spec := &workloads.ParamSpec{Seed: 3, Scale: 0.5}
	w := n.add(&workloads.Value{Name: "w", Kind: workloads.Param, DType: workloads.F32, Shape: []int{1, 10000}, Param: spec})
	n.node(workloads.OpLinear, workloads.Attr{}, one, w)
	want := make([]float32, 10000)
	require.NoError(t, w.Generate(0, want))
	got := n.run()
	for i := range want {
		require.Equal(t, float64(want[i]), got[i])
	}
}
