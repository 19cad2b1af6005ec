//go:build cgo && linux

package hlo_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/workloads/stablehlo/mlir"
)

// rebuild makes a module that the interpreter runs out of HLO: tuples become lists of values, calls the instructions of what they call.
// It holds instructions to what XLA's verifier asks of them.
func rebuild(t testing.TB, m moduleProto) *mlir.Module {
	b := builder{t, map[number]computationProto{}}
	names, ids := map[string]bool{}, map[number]bool{}
	for _, c := range m.Computations {
		require.False(t, names[c.Name] || ids[c.ID], c.Name)
		names[c.Name], ids[c.ID] = true, true
		for _, i := range c.Instructions {
			require.False(t, names[i.Name] || ids[i.ID], i.Name)
			names[i.Name], ids[i.ID] = true, true
			for _, called := range i.Called {
				require.Contains(t, b.computations, called, "callees come before callers")
			}
		}
		b.computations[c.ID] = c
	}
	entry := m.Computations[len(m.Computations)-1]
	require.Equal(t, m.EntryName, entry.Name)
	require.Equal(t, m.EntryID, entry.ID)
	require.Equal(t, entry.ProgramShape, m.HostShape)
	r, root := b.region(entry)
	f := &mlir.Func{Name: "main", Body: r}
	for _, v := range root {
		f.Results = append(f.Results, mlir.Result{Type: v.Type})
	}
	require.Equal(t, "TUPLE", entry.ProgramShape.Result.ElementType)
	return &mlir.Module{Funcs: []*mlir.Func{f}}
}

type builder struct {
	t            testing.TB
	computations map[number]computationProto
}

func (b builder) values(s shapeProto) []*mlir.Value {
	out := []*mlir.Value{}
	for _, t := range s.arrays(b.t) {
		out = append(out, &mlir.Value{Type: t})
	}
	return out
}

// region is a computation whose parameters, taken apart, are arguments.
func (b builder) region(c computationProto) (*mlir.Region, []*mlir.Value) {
	r := &mlir.Region{}
	var params [][]*mlir.Value
	for _, s := range c.ProgramShape.Parameters {
		v := b.values(s)
		params = append(params, v)
		r.Args = append(r.Args, v...)
	}
	require.Len(b.t, c.ProgramShape.Names, len(params))
	ops, root := b.instructions(c, params)
	ops = append(ops, &mlir.Op{Name: "stablehlo.return", Operands: root})
	r.Ops = ops
	return r, root
}

// instructions gives the operations of a computation and its root.
func (b builder) instructions(c computationProto, params [][]*mlir.Value) (ops []*mlir.Op, root []*mlir.Value) {
	values := map[number][]*mlir.Value{}
	for _, i := range c.Instructions {
		var in [][]*mlir.Value
		for _, id := range i.Operands {
			require.Contains(b.t, values, id, "operands come before their users")
			in = append(in, values[id])
		}
		flat := slices.Concat(in...)
		switch i.Opcode {
		case "parameter":
			values[i.ID] = params[int(i.ParameterNumber)]
			for n, v := range params[int(i.ParameterNumber)] {
				require.Equal(b.t, i.Shape.arrays(b.t)[n], v.Type)
			}
			continue
		case "tuple", "opt-barrier":
			values[i.ID] = flat
			require.Len(b.t, i.Shape.arrays(b.t), len(flat))
			continue
		case "get-tuple-element":
			values[i.ID] = in[0][int(i.TupleIndex) : int(i.TupleIndex)+1]
			require.Equal(b.t, i.Shape.arrays(b.t)[0], values[i.ID][0].Type)
			continue
		case "call":
			callee := b.computations[i.Called[0]]
			inner, out := b.instructions(callee, in)
			ops, values[i.ID] = append(ops, inner...), out
			continue
		}
		op := &mlir.Op{Operands: flat, Results: b.values(i.Shape), Attrs: mlir.Attrs{}}
		b.translate(op, i, in)
		ops, values[i.ID] = append(ops, op), op.Results
	}
	require.Contains(b.t, values, c.RootID)
	for n, v := range values[c.RootID] {
		require.Equal(b.t, c.ProgramShape.Result.arrays(b.t)[n], v.Type)
	}
	return ops, values[c.RootID]
}

func enum(kind, value string) mlir.Enum { return mlir.Enum{Kind: kind, Value: value} }

func record(name string, pairs ...any) mlir.Struct {
	s := mlir.Struct{Name: name, Fields: mlir.Attrs{}}
	for i := 0; i < len(pairs); i += 2 {
		switch v := pairs[i+1].(type) {
		case []number:
			s.Fields[pairs[i].(string)] = mlir.Ints(ints(v))
		case number:
			s.Fields[pairs[i].(string)] = int64(v)
		}
	}
	return s
}

func (b builder) translate(op *mlir.Op, i instructionProto, in [][]*mlir.Value) {
	t, name := b.t, strings.ReplaceAll(i.Opcode, "-", "_")
	dims := mlir.Ints(ints(i.Dimensions))
	for _, id := range i.Called {
		r, _ := b.region(b.computations[id])
		op.Regions = append(op.Regions, r)
	}
	switch name {
	case "constant":
		op.Attrs["value"] = i.Literal.dense(t)
	case "iota":
		op.Attrs["iota_dimension"] = int64(dims[0])
	case "broadcast":
		name = "broadcast_in_dim"
		op.Attrs["broadcast_dimensions"] = dims
		require.True(t, slices.IsSorted(dims))
		for n, d := range dims {
			require.Equal(t, in[0][0].Type.Shape[n], op.Results[0].Type.Shape[d], "HLO broadcasts no dimension of one element")
		}
	case "select", "clamp":
		for _, v := range op.Operands {
			require.Equal(t, op.Results[0].Type.Shape, v.Type.Shape)
		}
	case "convert":
		require.False(t, op.Results[0].Type.Elem == mlir.I1 && in[0][0].Type.Elem != mlir.I1)
	case "transpose":
		op.Attrs["permutation"] = dims
	case "reverse", "reduce":
		op.Attrs["dimensions"] = dims
	case "concatenate", "sort":
		op.Attrs["dimension"] = int64(dims[0])
	case "slice":
		var start, limit, stride mlir.Ints
		for _, d := range i.Slices {
			start, limit, stride = append(start, int(d.Start)), append(limit, int(d.Limit)), append(stride, int(d.Stride))
		}
		op.Attrs["start_indices"], op.Attrs["limit_indices"], op.Attrs["strides"] = start, limit, stride
	case "dynamic_slice":
		op.Attrs["slice_sizes"] = mlir.Ints(ints(i.DynamicSizes))
	case "pad":
		var low, high, interior mlir.Ints
		for _, d := range i.Padding.Dimensions {
			low, high, interior = append(low, int(d.Low)), append(high, int(d.High)), append(interior, int(d.Interior))
		}
		op.Attrs["edge_padding_low"], op.Attrs["edge_padding_high"], op.Attrs["interior_padding"] = low, high, interior
	case "compare":
		op.Attrs["comparison_direction"], op.Attrs["compare_type"] = enum("comparison_direction", i.Direction), enum("comparison_type", i.Comparison)
		require.NotEmpty(t, i.Comparison)
	case "dot":
		name = "dot_general"
		op.Attrs["dot_dimension_numbers"] = record("dot", "lhs_batching_dimensions", i.Dot.LHSBatch, "rhs_batching_dimensions", i.Dot.RHSBatch,
			"lhs_contracting_dimensions", i.Dot.LHSContracting, "rhs_contracting_dimensions", i.Dot.RHSContracting)
	case "gather":
		g := i.Gather
		op.Attrs["dimension_numbers"] = record("gather", "offset_dims", g.Offset, "collapsed_slice_dims", g.Collapsed, "operand_batching_dims", g.OperandBatching,
			"start_indices_batching_dims", g.StartBatching, "start_index_map", g.StartIndexMap, "index_vector_dim", g.IndexVector)
		op.Attrs["slice_sizes"] = mlir.Ints(ints(i.GatherSizes))
	case "scatter":
		s := i.Scatter
		op.Attrs["scatter_dimension_numbers"] = record("scatter", "update_window_dims", s.Window, "inserted_window_dims", s.Inserted, "input_batching_dims", s.InputBatching,
			"scatter_indices_batching_dims", s.IndexBatching, "scatter_dims_to_operand_dims", s.ToOperand, "index_vector_dim", s.IndexVector)
	case "convolution", "reduce_window":
		b.window(op, i, name)
	case "while":
		// The body is the first of the two, as in XLA.
		op.Regions[0], op.Regions[1] = op.Regions[1], op.Regions[0]
		require.Len(t, in, 1)
	case "conditional":
		name = "if"
		for n, r := range op.Regions {
			// Each branch takes its own tuple.
			require.Len(t, r.Args, len(in[n+1]))
			bind(r, r.Args, in[n+1])
			r.Args = nil
		}
		op.Operands = in[0]
	case "erf":
		name = "chlo.erf"
	}
	if !strings.Contains(name, ".") {
		name = "stablehlo." + name
	}
	op.Name = name
}

// bind puts values of the outside in place of arguments.
func bind(r *mlir.Region, args, values []*mlir.Value) {
	for _, op := range r.Ops {
		for i, v := range op.Operands {
			if at := slices.Index(args, v); at >= 0 {
				op.Operands[i] = values[at]
			}
		}
		for _, nested := range op.Regions {
			bind(nested, args, values)
		}
	}
}

func (b builder) window(op *mlir.Op, i instructionProto, name string) {
	var size, stride, dilation, base, padding mlir.Ints
	var reversed mlir.Bools
	for _, d := range i.Window.Dimensions {
		size, stride = append(size, int(d.Size)), append(stride, int(d.Stride))
		dilation, base = append(dilation, int(d.WindowDilation)), append(base, int(d.BaseDilation))
		padding, reversed = append(padding, int(d.PaddingLow), int(d.PaddingHigh)), append(reversed, d.WindowReversal)
		require.Positive(b.t, int(d.Size)*int(d.Stride)*int(d.WindowDilation)*int(d.BaseDilation))
	}
	op.Attrs["window_strides"], op.Attrs["padding"] = stride, padding
	if name == "reduce_window" {
		op.Attrs["window_dimensions"], op.Attrs["window_dilations"], op.Attrs["base_dilations"] = size, dilation, base
		return
	}
	c := i.Convolution
	op.Attrs["lhs_dilation"], op.Attrs["rhs_dilation"], op.Attrs["window_reversal"] = base, dilation, reversed
	op.Attrs["feature_group_count"], op.Attrs["batch_group_count"] = int64(i.FeatureGroups), int64(i.BatchGroups)
	for n, at := range c.KernelSpatial {
		require.Equal(b.t, size[n], op.Operands[1].Type.Shape[int(at)])
	}
	dims := func(first string, a number, last string, z number, spatial []number) []string {
		out := make([]string, len(spatial)+2)
		out[int(a)], out[int(z)] = first, last
		for n, at := range spatial {
			out[int(at)] = strconv.Itoa(n)
		}
		require.NotContains(b.t, out, "", fmt.Sprint(out))
		return out
	}
	op.Attrs["dimension_numbers"] = mlir.Conv{Input: dims("b", c.InputBatch, "f", c.InputFeature, c.InputSpatial),
		Kernel: dims("i", c.KernelIn, "o", c.KernelOut, c.KernelSpatial), Output: dims("b", c.OutputBatch, "f", c.OutputFeature, c.OutputSpatial)}
}
