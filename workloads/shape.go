package workloads

import (
	"fmt"
	"slices"
)

// InferShape is the shape of what op computes from the inputs in. The error says which input does not fit, with its shape.
func InferShape(op Op, attr Attr, in []*Value) ([]int, error) {
	want, known := arity[op]
	if !known {
		return nil, fmt.Errorf("unknown operation %q", op)
	}
	if op == OpConcat {
		want = []int{max(len(in), 2)}
	}
	if !slices.Contains(want, len(in)) {
		return nil, fmt.Errorf("%s takes %v inputs, got %d", op, want, len(in))
	}
	for i, v := range in {
		t := F32
		if i == integerInput[op] && i > 0 {
			t = I32
		}
		if v.DType != t {
			return nil, fmt.Errorf("%s: input %d (%s) is %s, want %s", op, i, v.Name, v.DType, t)
		}
	}
	shape, err := infer(op, attr, in)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	return shape, nil
}

// arity lists the numbers of inputs that each operation takes; concat takes any number from 2.
var arity = map[Op][]int{
	OpEmbedding: {2}, OpLinear: {2, 3}, OpConv2D: {2, 3}, OpMaxPool: {1}, OpGlobalAvgPool: {1}, OpAdd: {2}, OpMul: {2},
	OpRelu: {1}, OpGelu: {1}, OpSilu: {1}, OpLayerNorm: {3}, OpRMSNorm: {2}, OpRope: {2}, OpAttention: {3, 6, 7}, OpLast: {1},
	OpCopy: {1}, OpSigmoid: {1}, OpAddRows: {2}, OpConcat: {2}, OpUpsample: {1}, OpConv1D: {2, 3}, OpEmbeddingBag: {2},
	OpGroupNorm: {3}, OpStore: {2}, OpMoE: {5, 8},
}

// integerInput is the input that holds ids or a position, for the operations that have one.
var integerInput = map[Op]int{OpEmbedding: 1, OpEmbeddingBag: 1, OpRope: 1, OpAttention: 5}

func infer(op Op, attr Attr, in []*Value) ([]int, error) {
	x := in[0].Shape
	switch op {
	case OpRelu, OpGelu, OpSilu, OpSigmoid, OpCopy:
		return x, nil
	case OpAddRows, OpConcat, OpUpsample, OpConv1D, OpEmbeddingBag, OpGroupNorm, OpStore, OpMoE:
		return inferMore(op, attr, in)
	case OpAdd, OpMul:
		return x, expect(in[1], x...)
	case OpEmbedding:
		if len(x) != 2 || len(in[1].Shape) != 2 {
			return nil, misfit(in[0], "[V,D] and ids [B,S]")
		}
		return []int{in[1].Shape[0], in[1].Shape[1], x[1]}, nil
	case OpLinear:
		return inferLinear(attr, in)
	case OpConv2D, OpMaxPool:
		return inferWindow(op, attr, in)
	case OpGlobalAvgPool:
		if len(x) != 4 {
			return nil, misfit(in[0], "[B,H,W,C]")
		}
		return []int{x[0], x[3]}, nil
	case OpLayerNorm, OpRMSNorm:
		if len(x) == 0 || attr.Eps <= 0 {
			return nil, misfit(in[0], "[...,D] and a positive eps")
		}
		for _, v := range in[1:] {
			if err := expect(v, x[len(x)-1]); err != nil {
				return nil, err
			}
		}
		return x, nil
	case OpRope:
		if len(x) != 3 || attr.HeadDim < 2 || attr.HeadDim%2 != 0 || x[2]%attr.HeadDim != 0 || attr.Theta <= 0 {
			return nil, misfit(in[0], "[B,S,heads*head_dim] with an even head_dim, and a positive theta")
		}
		return x, expect(in[1], 1)
	case OpAttention:
		return inferAttention(attr, in)
	default: // OpLast
		if len(x) != 3 {
			return nil, misfit(in[0], "[B,S,D]")
		}
		return []int{x[0], x[2]}, nil
	}
}

func inferLinear(attr Attr, in []*Value) ([]int, error) {
	x, w := in[0].Shape, in[1].Shape
	if len(w) != 2 {
		return nil, misfit(in[1], "two dimensions")
	}
	k, n := w[0], w[1]
	if attr.Transposed {
		k, n = n, k
	}
	if len(x) < 2 || x[len(x)-1] != k {
		return nil, misfit(in[0], fmt.Sprintf("[...,%d]", k))
	}
	if len(in) == 3 {
		if err := expect(in[2], n); err != nil {
			return nil, err
		}
	}
	return append(slices.Clone(x[:len(x)-1]), n), nil
}

func inferWindow(op Op, attr Attr, in []*Value) ([]int, error) {
	x := in[0].Shape
	if len(x) != 4 {
		return nil, misfit(in[0], "[B,H,W,C]")
	}
	if attr.Kernel < 1 || attr.Stride < 1 || attr.Pad < 0 || attr.Pad >= attr.Kernel {
		return nil, fmt.Errorf("kernel %d, stride %d, pad %d: want kernel >= 1, stride >= 1, 0 <= pad < kernel",
			attr.Kernel, attr.Stride, attr.Pad)
	}
	h, w := x[1]+2*attr.Pad-attr.Kernel, x[2]+2*attr.Pad-attr.Kernel
	if h < 0 || w < 0 {
		return nil, misfit(in[0], fmt.Sprintf("an image of at least %d with its padding", attr.Kernel))
	}
	channels := x[3]
	if op == OpConv2D {
		f := in[1].Shape
		if len(f) != 4 || f[0] != attr.Kernel || f[1] != attr.Kernel || f[2] != x[3] {
			return nil, misfit(in[1], fmt.Sprintf("[%d,%d,%d,O]", attr.Kernel, attr.Kernel, x[3]))
		}
		channels = f[3]
		if len(in) == 3 {
			if err := expect(in[2], channels); err != nil {
				return nil, err
			}
		}
	}
	return []int{x[0], h/attr.Stride + 1, w/attr.Stride + 1, channels}, nil
}

func inferAttention(attr Attr, in []*Value) ([]int, error) {
	q := in[0].Shape
	if attr.Heads < 1 || attr.KVHeads < 1 || attr.HeadDim < 1 || attr.Heads%attr.KVHeads != 0 {
		return nil, fmt.Errorf("%d heads of %d over %d key heads: want a multiple", attr.Heads, attr.HeadDim, attr.KVHeads)
	}
	kv := attr.KVHeads * attr.HeadDim
	if len(in) == 3 {
		return q, inferRows(attr, in, kv)
	}
	if len(q) != 3 || q[2] != attr.Heads*attr.HeadDim {
		return nil, misfit(in[0], fmt.Sprintf("[B,S,%d]", attr.Heads*attr.HeadDim))
	}
	for _, v := range in[1:3] {
		if err := expect(v, q[0], q[1], kv); err != nil {
			return nil, err
		}
	}
	if len(in) == 7 {
		if err := expect(in[6], attr.Heads); err != nil {
			return nil, err
		}
	}
	for _, v := range in[3:5] {
		if len(v.Shape) != 3 || v.Kind != State || v.Shape[0] != q[0] || v.Shape[1] < q[1] || v.Shape[2] != kv {
			return nil, misfit(v, fmt.Sprintf("a state [%d,>=%d,%d]", q[0], q[1], kv))
		}
	}
	if err := expect(in[4], in[3].Shape...); err != nil {
		return nil, err
	}
	return q, expect(in[5], 1)
}

// inferRows checks attention without a cache.
func inferRows(attr Attr, in []*Value, kv int) error {
	q, k := in[0].Shape, in[1].Shape
	switch {
	case len(q) < 3 || q[len(q)-1] != attr.Heads*attr.HeadDim:
		return misfit(in[0], fmt.Sprintf("[B,...,%d]", attr.Heads*attr.HeadDim))
	case len(k) < 3 || k[0] != q[0] || k[len(k)-1] != kv:
		return misfit(in[1], fmt.Sprintf("[%d,...,%d]", q[0], kv))
	case attr.Causal && !slices.Equal(q[:len(q)-1], k[:len(k)-1]):
		return misfit(in[1], fmt.Sprintf("the rows of q, %v, since it is causal", q[:len(q)-1]))
	}
	return expect(in[2], k...)
}

func expect(v *Value, shape ...int) error {
	if slices.Equal(v.Shape, shape) {
		return nil
	}
	return misfit(v, fmt.Sprint(shape))
}

func misfit(v *Value, want string) error {
	return fmt.Errorf("input %s has shape %v, want %s", v.Name, v.Shape, want)
}

// Validate reports the first thing that is wrong with the graph: an ID out of order, a dimension below 1, a value used
// before it is computed, a parameter or input without its generator, or an operation whose output has another shape than
// its inputs ask for.
func (g *Graph) Validate() error {
	ready := map[*Value]bool{}
	for i, v := range g.Values {
		if v.ID != i {
			return fmt.Errorf("graph %s: value %s has ID %d at place %d", g.Name, v.Name, v.ID, i)
		}
		for _, d := range v.Shape {
			if d < 1 {
				return fmt.Errorf("graph %s: value %s has shape %v", g.Name, v.Name, v.Shape)
			}
		}
		if (v.Kind == Param && v.Param == nil) || (v.Kind == Input && v.Fill == nil) {
			return fmt.Errorf("graph %s: %s %s has no generator", g.Name, v.Kind, v.Name)
		}
		ready[v] = v.Kind != Computed
	}
	for i, n := range g.Nodes {
		for _, v := range n.In {
			if !ready[v] {
				return fmt.Errorf("graph %s: node %d (%s) uses %s before it is computed", g.Name, i, n.Op, v.Name)
			}
		}
		shape, err := InferShape(n.Op, n.Attr, n.In)
		if err != nil {
			return fmt.Errorf("graph %s: node %d: %w", g.Name, i, err)
		}
		if err := expect(n.Out, shape...); err != nil || n.Out.Kind != Computed {
			return fmt.Errorf("graph %s: node %d (%s): output %s is %s %v, want computed %v",
				g.Name, i, n.Op, n.Out.Name, n.Out.Kind, n.Out.Shape, shape)
		}
		ready[n.Out] = true
	}
	for _, v := range g.Outputs {
		if !ready[v] {
			return fmt.Errorf("graph %s: output %s is never computed", g.Name, v.Name)
		}
	}
	return nil
}
