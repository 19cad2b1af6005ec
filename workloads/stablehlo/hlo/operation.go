package hlo

import (
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/accelbench/accelbench/workloads/stablehlo/mlir"
)

// operation writes one operation and gives its results.
func (c *computation) operation(op *mlir.Op, in []ref) ([]ref, error) {
	name := strings.TrimPrefix(op.Name, "stablehlo.")
	switch name {
	case "reduce", "reduce_window", "sort", "scatter":
		return c.withReducer(op, name, in)
	case "while":
		return c.while(op, in)
	case "if":
		return c.conditional(op, in)
	case "func.call":
		return c.call(op, in)
	case "custom_call":
		return c.customCall(op, in)
	case "optimization_barrier":
		t := c.tuple(in)
		return c.apart(c.add("opt-barrier", t.shape, []ref{t}, nil)), nil
	}
	if len(op.Results) != 1 {
		return nil, op.Errorf("with %d results: %w", len(op.Results), ErrUnsupported)
	}
	r, err := c.single(op, name, in)
	return []ref{r}, err
}

// single writes an operation with one result and without regions.
func (c *computation) single(op *mlir.Op, name string, in []ref) (ref, error) {
	t, f := op.Results[0].Type, op.Fields()
	s, rank := array(t), len(t.Shape)
	if least := operands(name); len(in) < least {
		return ref{}, op.Errorf("has %d operands, wants %d", len(in), least)
	}
	var r ref
	switch name {
	case "constant":
		return c.constant(op)
	case "broadcast_in_dim":
		dims := f.NeedInts("broadcast_dimensions")
		if !fits(in[0].array().Shape, t.Shape, dims) {
			return ref{}, op.Errorf("%s does not become %s by %v", in[0].array(), t, dims)
		}
		r = c.broadcast(in[0], t, dims)
	case "compare":
		direction, kind := f.Enum("comparison_direction"), f.Enum("compare_type")
		if kind == "" {
			kind = comparisonType(in[0].array().Elem)
		}
		r = c.compare(s, in, direction, kind)
	case "convert":
		if t.Elem == mlir.I1 && in[0].array().Elem != mlir.I1 {
			// HLO's convert to truth values is not defined by the specification; this is: true of all but 0.
			e := in[0].array().Elem
			zero := c.scalar(e, make([]byte, e.Bytes()))
			r = c.compare(s, []ref{in[0], c.broadcast(zero, in[0].array(), nil)}, "NE", comparisonType(e))
			break
		}
		r = c.add("convert", s, in, nil)
	case "select", "clamp":
		// Scalars that stand for all elements are written out.
		for i, v := range in {
			in[i] = c.broadcastScalar(v, t)
		}
		r = c.add(name, s, in, nil)
	case "iota":
		r = c.add(name, s, in, list(14, []int{f.NeedInt("iota_dimension")}))
	case "reshape":
		r = c.add(name, s, in, nil)
	case "bitcast_convert":
		r = c.add("bitcast-convert", s, in, nil)
	case "transpose":
		r = c.add(name, s, in, list(14, f.NeedInts("permutation")))
	case "reverse":
		r = c.add(name, s, in, list(14, f.NeedInts("dimensions")))
	case "concatenate":
		r = c.add(name, s, in, list(14, []int{f.NeedInt("dimension")}))
	case "slice":
		start, limit, stride := f.NeedIntsOf("start_indices", rank), f.NeedIntsOf("limit_indices", rank), f.NeedIntsOf("strides", rank)
		r = c.add(name, s, in, func(m *message) { triples(m, 17, start, limit, stride) })
	case "dynamic_slice":
		r = c.add("dynamic-slice", s, in, list(20, f.NeedInts("slice_sizes")))
	case "dynamic_update_slice":
		r = c.add("dynamic-update-slice", s, in, nil)
	case "pad":
		low, high, interior := f.NeedIntsOf("edge_padding_low", rank), f.NeedIntsOf("edge_padding_high", rank), f.NeedIntsOf("interior_padding", rank)
		r = c.add(name, s, in, func(m *message) {
			m.message(21, func(m *message) { triples(m, 1, low, high, interior) })
		})
	case "gather":
		r = c.gather(s, in, f)
	case "dot_general":
		r = c.dot(s, in, f)
	case "convolution":
		r = c.convolution(s, in, f)
	default:
		opcode := elementwise(name)
		if opcode == "" {
			return ref{}, op.Errorf("%w", ErrUnsupported)
		}
		for i, v := range in {
			if !slices.Equal(v.array().Shape, t.Shape) {
				return ref{}, op.Errorf("operand %d is %s, the result %s", i, v.array(), t)
			}
		}
		r = c.add(opcode, s, in, nil)
	}
	return r, f.Err()
}

// operands is how many an operation of this package's concern takes at least.
func operands(name string) int {
	switch name {
	case "constant", "iota":
		return 0
	case "select", "clamp":
		return 3
	case "compare", "dot_general", "convolution", "gather", "pad", "dynamic_update_slice", "add", "and", "atan2", "divide", "maximum",
		"minimum", "multiply", "or", "power", "remainder", "shift_left", "shift_right_arithmetic", "shift_right_logical", "subtract", "xor":
		return 2
	}
	return 1
}

// fits tells whether each dimension of an operand has its place in the result, with its size or with one element.
func fits(own, shape, dims []int) bool {
	seen := map[int]bool{}
	for i, d := range dims {
		if i >= len(own) || d < 0 || d >= len(shape) || seen[d] || own[i] != 1 && own[i] != shape[d] {
			return false
		}
		seen[d] = true
	}
	return len(dims) == len(own)
}

// elementwise is the opcode of an operation that has no attributes and operands of the shape of the result; "" for others.
func elementwise(name string) string {
	switch name {
	case "abs", "add", "and", "atan2", "cbrt", "ceil", "cosine", "divide", "exponential", "floor", "log", "logistic", "maximum",
		"minimum", "multiply", "negate", "not", "or", "popcnt", "power", "remainder", "rsqrt", "sign", "sine", "sqrt", "subtract",
		"tan", "tanh", "xor":
		return name
	case "count_leading_zeros":
		return "count-leading-zeros"
	case "exponential_minus_one":
		return "exponential-minus-one"
	case "is_finite":
		return "is-finite"
	case "log_plus_one":
		return "log-plus-one"
	case "round_nearest_afz":
		return "round-nearest-afz"
	case "round_nearest_even":
		return "round-nearest-even"
	case "shift_left":
		return "shift-left"
	case "shift_right_arithmetic":
		return "shift-right-arithmetic"
	case "shift_right_logical":
		return "shift-right-logical"
	case "chlo.erf":
		return "erf"
	}
	return ""
}

// triples writes one message of three numbers per dimension.
func triples(m *message, field protowire.Number, a, b, c []int) {
	for i := range a {
		m.message(field, func(m *message) {
			m.int(1, a[i])
			m.int(2, b[i])
			m.int(3, c[i])
		})
	}
}

func comparisonType(e mlir.Elem) string {
	switch {
	case e.Float():
		return "FLOAT"
	case e.Unsigned() || e == mlir.I1:
		return "UNSIGNED"
	}
	return "SIGNED"
}

func (c *computation) compare(s shape, in []ref, direction, kind string) ref {
	return c.add("compare", s, in, func(m *message) {
		m.text(63, direction)
		m.text(72, kind)
	})
}

func (c *computation) scalar(e mlir.Elem, data []byte) ref {
	d := mlir.Dense{Type: mlir.Type{Elem: e}, Data: data}
	return c.add("constant", array(d.Type), nil, func(m *message) { m.message(8, func(m *message) { literal(m, d) }) })
}

// constant writes a splat as a scalar that is broadcast.
func (c *computation) constant(op *mlir.Op) (ref, error) {
	f := op.Fields()
	d := f.Dense("value")
	if f.Err() != nil {
		return ref{}, f.Err()
	}
	if d.Splat {
		return c.broadcast(c.scalar(d.Type.Elem, d.Data), d.Type, nil), nil
	}
	return c.add("constant", array(d.Type), nil, func(m *message) { m.message(8, func(m *message) { literal(m, d) }) }), nil
}

func (c *computation) broadcastScalar(v ref, t mlir.Type) ref {
	if len(v.array().Shape) == len(t.Shape) {
		return v
	}
	return c.broadcast(v, mlir.Type{Elem: v.array().Elem, Shape: t.Shape}, nil)
}

// broadcast: HLO's keeps the sizes and the order of the dimensions, so that those of one element that grow are dropped before, and
// the others are sorted.
func (c *computation) broadcast(v ref, t mlir.Type, dims []int) ref {
	own := v.array()
	kept := mlir.Type{Elem: own.Elem}
	var to []int
	for i, d := range dims {
		if i < len(own.Shape) && (own.Shape[i] != 1 || t.Shape[d] == 1) {
			kept.Shape, to = append(kept.Shape, own.Shape[i]), append(to, d)
		}
	}
	if len(to) < len(dims) {
		v = c.add("reshape", array(kept), []ref{v}, nil)
	}
	if !slices.IsSorted(to) {
		order := make([]int, len(to))
		for i := range order {
			order[i] = i
		}
		slices.SortFunc(order, func(a, b int) int { return to[a] - to[b] })
		moved := mlir.Type{Elem: own.Elem}
		for _, i := range order {
			moved.Shape = append(moved.Shape, kept.Shape[i])
		}
		v = c.add("transpose", array(moved), []ref{v}, list(14, order))
		slices.Sort(to)
	}
	return c.add("broadcast", array(t), []ref{v}, list(14, to))
}
