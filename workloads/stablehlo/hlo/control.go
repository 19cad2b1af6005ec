package hlo

import (
	"slices"

	"github.com/accelbench/accelbench/workloads/stablehlo/mlir"
)

// withReducer writes the operations that apply a region of scalars.
func (c *computation) withReducer(op *mlir.Op, name string, in []ref) ([]ref, error) {
	f := op.Fields()
	if len(op.Regions) != 1 || len(in) == 0 {
		return nil, op.Errorf("with %d regions and %d operands: %w", len(op.Regions), len(in), ErrUnsupported)
	}
	region, err := c.reducer(op.Regions[0], name)
	if err != nil {
		return nil, err
	}
	var types []mlir.Type
	for _, v := range op.Results {
		types = append(types, v.Type)
	}
	rank := len(in[0].array().Shape)
	var own func(m *message)
	opcode := name
	switch name {
	case "reduce":
		own = list(14, f.NeedInts("dimensions"))
	case "reduce_window":
		opcode = "reduce-window"
		w := window{size: f.NeedIntsOf("window_dimensions", rank), stride: f.IntsOf("window_strides", rank, 1),
			dilation: f.IntsOf("window_dilations", rank, 1), base: f.IntsOf("base_dilations", rank, 1), reversed: make([]bool, rank)}
		w.low, w.high = edges(f.IntsOf("padding", 2*rank, 0))
		own = w.write
	case "sort":
		dim, stable := f.Int("dimension", rank-1), f.Bool("is_stable")
		own = func(m *message) {
			m.ints(14, []int{dim})
			m.truth(60, stable)
		}
	case "scatter":
		own = scatter(f)
	}
	r := c.add(opcode, result(types), in, func(m *message) {
		own(m)
		m.ints(38, []int{region.id})
	})
	return c.apart(r), f.Err()
}

func scatter(f *mlir.Fields) func(m *message) {
	d := f.Struct("scatter_dimension_numbers")
	return func(m *message) {
		m.message(48, func(m *message) {
			m.ints(1, d.Ints("update_window_dims"))
			m.ints(2, d.Ints("inserted_window_dims"))
			m.ints(3, d.Ints("scatter_dims_to_operand_dims"))
			m.int(4, d.Int("index_vector_dim", 0))
			m.ints(5, d.Ints("input_batching_dims"))
			m.ints(6, d.Ints("scatter_indices_batching_dims"))
		})
		m.truth(67, f.Bool("indices_are_sorted"))
		m.truth(69, f.Bool("unique_indices"))
	}
}

// outer are the instructions of values that regions use from around them.
func (c *computation) outer(op *mlir.Op, captured []*mlir.Value) ([]ref, error) {
	var out []ref
	for _, v := range captured {
		r, err := c.value(op, v)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

// while: the state is a tuple of the operands and of what the regions use from around them, which stays.
func (c *computation) while(op *mlir.Op, in []ref) ([]ref, error) {
	if len(op.Regions) != 2 {
		return nil, op.Errorf("with %d regions: %w", len(op.Regions), ErrUnsupported)
	}
	for _, r := range op.Regions {
		if len(r.Args) != len(in) {
			return nil, op.Errorf("has %d operands, and a region of %d", len(in), len(r.Args))
		}
	}
	if n := len(op.Regions[0].Return().Operands); n != 1 {
		return nil, op.Errorf("has a condition of %d values", n)
	}
	captured := captures(op.Regions)
	extra, err := c.outer(op, captured)
	if err != nil {
		return nil, err
	}
	condition, err := c.closure(op.Regions[0], "condition", captured, func(_ *computation, out, _ []ref) ref { return out[0] })
	if err != nil {
		return nil, err
	}
	body, err := c.closure(op.Regions[1], "body", captured, func(inner *computation, out, captured []ref) ref {
		return inner.tuple(append(out, captured...))
	})
	if err != nil {
		return nil, err
	}
	state := c.tuple(append(in, extra...))
	if !slices.EqualFunc(body.result.arrays, state.shape.arrays, mlir.Type.Equal) {
		return nil, op.Errorf("has a body that does not give what it takes")
	}
	r := c.add("while", state.shape, []ref{state}, func(m *message) { m.ints(38, []int{body.id, condition.id}) })
	return c.apart(r)[:len(in)], nil
}

// conditional: each branch takes a tuple of what it uses from around it.
func (c *computation) conditional(op *mlir.Op, in []ref) ([]ref, error) {
	if len(op.Regions) != 2 || len(in) != 1 {
		return nil, op.Errorf("with %d regions and %d operands: %w", len(op.Regions), len(in), ErrUnsupported)
	}
	operands := []ref{in[0]}
	var ids []int
	var s shape
	for _, r := range op.Regions {
		captured := captures([]*mlir.Region{r})
		extra, err := c.outer(op, captured)
		if err != nil {
			return nil, err
		}
		branch, err := c.closure(r, "branch", captured, func(inner *computation, out, _ []ref) ref { return inner.together(out) })
		if err != nil {
			return nil, err
		}
		operands = append(operands, c.tuple(extra))
		ids = append(ids, branch.id)
		s = branch.result
	}
	return c.apart(c.add("conditional", s, operands, list(38, ids))), nil
}

func (c *computation) call(op *mlir.Op, in []ref) ([]ref, error) {
	f := op.Fields()
	name := f.Symbol("callee")
	if f.Err() != nil {
		return nil, f.Err()
	}
	callee, err := c.w.call(name)
	if err != nil {
		return nil, op.Errorf("%w", err)
	}
	for i, p := range callee.params {
		if len(in) != len(callee.params) || !in[i].array().Equal(p.arrays[0]) {
			return nil, op.Errorf("operands are not what @%s takes", name)
		}
	}
	return c.apart(c.add("call", callee.result, in, list(38, []int{callee.id}))), nil
}

// customCall: the layouts of operands and results are row-major, as everywhere.
func (c *computation) customCall(op *mlir.Op, in []ref) ([]ref, error) {
	f := op.Fields()
	target, ok := op.Attrs["call_target_name"].(string)
	config, isText := op.Attrs["backend_config"].(string)
	if !ok || f.Has("backend_config") && !isText || f.Has("operand_layouts") || f.Has("result_layouts") {
		return nil, op.Errorf("with these attributes: %w", ErrUnsupported)
	}
	var types []mlir.Type
	for _, v := range op.Results {
		types = append(types, v.Type)
	}
	r := c.add("custom-call", result(types), in, func(m *message) {
		m.text(28, target)
		m.text(43, config)
		m.truth(65, f.Bool("has_side_effect"))
		m.int(77, f.Int("api_version", 1))
	})
	return c.apart(r), f.Err()
}
