package workloads

import (
	"fmt"
	"slices"
)

// inferMore infers the shapes of the operations that only some families use.
func inferMore(op Op, attr Attr, in []*Value) ([]int, error) {
	x := in[0].Shape
	switch op {
	case OpAddRows:
		if len(x) < 2 {
			return nil, misfit(in[0], "[B,...,D]")
		}
		return x, expect(in[1], x[0], x[len(x)-1])
	case OpConcat:
		return inferConcat(in)
	case OpUpsample:
		if len(x) != 4 {
			return nil, misfit(in[0], "[B,H,W,C]")
		}
		return []int{x[0], 2 * x[1], 2 * x[2], x[3]}, nil
	case OpConv1D:
		return inferConv1D(attr, in)
	case OpEmbeddingBag:
		if len(x) != 2 || len(in[1].Shape) != 2 {
			return nil, misfit(in[0], "[V,D] and ids [B,L]")
		}
		return []int{in[1].Shape[0], x[1]}, nil
	case OpGroupNorm:
		if len(x) < 2 || attr.Eps <= 0 || attr.Groups < 1 || x[len(x)-1]%attr.Groups != 0 {
			return nil, misfit(in[0], fmt.Sprintf("[B,...,D] with D in %d groups, and a positive eps", attr.Groups))
		}
		for _, v := range in[1:] {
			if err := expect(v, x[len(x)-1]); err != nil {
				return nil, err
			}
		}
		return x, nil
	case OpStore:
		if in[1].Kind != State {
			return nil, fmt.Errorf("input %s is %s, want a state", in[1].Name, in[1].Kind)
		}
		return x, expect(in[1], x...)
	default: // OpMoE
		return inferMoE(attr, in)
	}
}

func inferConcat(in []*Value) ([]int, error) {
	shape := slices.Clone(in[0].Shape)
	if len(shape) < 2 {
		return nil, misfit(in[0], "[B,...,D]")
	}
	end := len(shape) - 1
	for _, v := range in[1:] {
		if len(v.Shape) != len(shape) || !slices.Equal(v.Shape[:end], shape[:end]) {
			return nil, misfit(v, fmt.Sprintf("%v before the last axis", shape[:end]))
		}
		shape[end] += v.Shape[end]
	}
	return shape, nil
}

func inferConv1D(attr Attr, in []*Value) ([]int, error) {
	x, w := in[0].Shape, in[1].Shape
	if attr.Kernel < 1 || attr.Stride < 1 || attr.Pad < 0 || attr.Pad >= attr.Kernel {
		return nil, fmt.Errorf("kernel %d, stride %d, pad %d: want kernel >= 1, stride >= 1, 0 <= pad < kernel",
			attr.Kernel, attr.Stride, attr.Pad)
	}
	if len(x) != 3 || x[1]+2*attr.Pad < attr.Kernel {
		return nil, misfit(in[0], fmt.Sprintf("[B,T,C] with at least %d rows with the padding", attr.Kernel))
	}
	if len(w) != 3 || w[0] != attr.Kernel || w[1] != x[2] {
		return nil, misfit(in[1], fmt.Sprintf("[%d,%d,O]", attr.Kernel, x[2]))
	}
	shape := []int{x[0], (x[1]+2*attr.Pad-attr.Kernel)/attr.Stride + 1, w[2]}
	if len(in) == 3 {
		return shape, expect(in[2], w[2])
	}
	return shape, nil
}

func inferMoE(attr Attr, in []*Value) ([]int, error) {
	x, gate := in[0].Shape, in[2].Shape
	if len(x) != 3 {
		return nil, misfit(in[0], "[B,S,D]")
	}
	if len(gate) != 3 || gate[1] != x[2] || attr.TopK < 1 || attr.TopK > gate[0] || attr.Clamp < 0 {
		return nil, misfit(in[2], fmt.Sprintf("[E,%d,F] with at least top_k %d experts, 1 or more", x[2], attr.TopK))
	}
	experts, d, f := gate[0], gate[1], gate[2]
	want := [][]int{x, {x[0], x[1], experts}, gate, gate, {experts, f, d}, {experts, f}, {experts, f}, {experts, d}}
	for i, v := range in {
		if err := expect(v, want[i]...); err != nil {
			return nil, err
		}
	}
	return x, nil
}
