package hlotest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/accelbench/accelbench/workloads/stablehlo/mlir"
)

// ErrUnsupported is wrapped by errors for operations that the interpreter does not know.
var ErrUnsupported = errors.New("not supported by the interpreter")

// Array is a dense tensor, row-major, little-endian, as the host buffers of PJRT: truth values take one byte each.
type Array struct {
	Type mlir.Type
	Data []byte
}

func newArray(t mlir.Type) Array { return Array{t, make([]byte, t.Bytes())} }

// Run executes main. Arguments that are donated are ordinary arguments: nothing of in is changed, though results may share its
// memory. Errors name the operation and its line.
func Run(ctx context.Context, m *mlir.Module, in []Array) ([]Array, error) {
	f := m.Func("main")
	if f == nil {
		return nil, errors.New("running a module: there is no function @main")
	}
	for i, a := range in {
		if len(a.Data) != a.Type.Bytes() {
			return nil, fmt.Errorf("running @main: argument %d: %s has %d bytes, want %d", i, a.Type, len(a.Data), a.Type.Bytes())
		}
	}
	x := &executor{ctx: ctx, module: m, last: map[*mlir.Op][]*mlir.Value{}}
	out, err := x.call(f, in)
	if err != nil {
		return nil, fmt.Errorf("running @main: %w", err)
	}
	return out, nil
}

type executor struct {
	ctx    context.Context
	module *mlir.Module
	// last has the values of a region that no operation after this one uses, so that their memory can go.
	last map[*mlir.Op][]*mlir.Value
}

// scope holds the values of a region; those of the regions around it are outside.
type scope struct {
	values map[*mlir.Value]Array
	outer  *scope
}

func (s *scope) get(v *mlir.Value) Array {
	for ; s != nil; s = s.outer {
		if a, ok := s.values[v]; ok {
			return a
		}
	}
	panic("value %" + v.Name + " is not there")
}

func (x *executor) call(f *mlir.Func, in []Array) ([]Array, error) {
	args := f.Body.Args
	if len(in) != len(args) {
		return nil, fmt.Errorf("line %d: @%s takes %d arguments, given %d", f.Line, f.Name, len(args), len(in))
	}
	for i, a := range in {
		if !a.Type.Equal(args[i].Type) {
			return nil, fmt.Errorf("line %d: @%s: argument %d is %s, given %s", f.Line, f.Name, i, args[i].Type, a.Type)
		}
	}
	return x.region(f.Body, in, nil)
}

// region evaluates operations on arrays of the declared types.
func (x *executor) region(r *mlir.Region, in []Array, outer *scope) ([]Array, error) {
	s := &scope{values: make(map[*mlir.Value]Array, len(in)+len(r.Ops)), outer: outer}
	for i, v := range r.Args {
		s.values[v] = in[i]
	}
	x.markLast(r)
	for _, op := range r.Ops {
		if err := x.ctx.Err(); err != nil {
			return nil, op.Errorf("%w", err)
		}
		operands := make([]Array, len(op.Operands))
		for i, v := range op.Operands {
			operands[i] = s.get(v)
		}
		if op == r.Return() {
			return operands, nil
		}
		results, err := x.evaluate(op, operands, s)
		if err != nil {
			return nil, err
		}
		for i, v := range op.Results {
			s.values[v] = results[i]
		}
		for _, v := range x.last[op] {
			delete(s.values, v)
		}
	}
	return nil, errors.New("a region without a return")
}

func (x *executor) markLast(r *mlir.Region) {
	if _, done := x.last[r.Return()]; done {
		return
	}
	x.last[r.Return()] = nil
	own := map[*mlir.Value]bool{}
	for _, v := range r.Args {
		own[v] = true
	}
	at := map[*mlir.Value]*mlir.Op{}
	var use func(op, inside *mlir.Op)
	use = func(op, inside *mlir.Op) {
		for _, v := range inside.Operands {
			if own[v] {
				at[v] = op
			}
		}
		for _, nested := range inside.Regions {
			for _, o := range nested.Ops {
				use(op, o)
			}
		}
	}
	for _, op := range r.Ops {
		use(op, op)
		for _, v := range op.Results {
			own[v], at[v] = true, op
		}
	}
	for v, op := range at {
		if op != r.Return() {
			x.last[op] = append(x.last[op], v)
		}
	}
}

// evaluate gives the results of one operation, of the types that it declares. A panic is the fault of the module: shapes that do not
// fit each other.
func (x *executor) evaluate(op *mlir.Op, in []Array, s *scope) (out []Array, err error) {
	defer func() {
		if p := recover(); p != nil {
			out, err = nil, op.Errorf("operands and attributes do not fit: %v", p)
			if _, unforeseen := p.(runtime.Error); unforeseen {
				err = fmt.Errorf("%w\n%s", err, debug.Stack())
			}
		}
	}()
	out, err = x.dispatch(op, in, s)
	if err != nil {
		return nil, err
	}
	if len(out) != len(op.Results) {
		return nil, op.Errorf("gives %d results, declares %d", len(out), len(op.Results))
	}
	for i, v := range op.Results {
		if !out[i].Type.Equal(v.Type) || len(out[i].Data) != v.Type.Bytes() {
			return nil, op.Errorf("result %d is %s, declared as %s", i, out[i].Type, v.Type)
		}
	}
	return out, nil
}

func (x *executor) dispatch(op *mlir.Op, in []Array, s *scope) ([]Array, error) {
	name, _ := strings.CutPrefix(op.Name, "stablehlo.")
	switch name {
	case "while":
		return x.while(op, in, s)
	case "if", "case":
		return x.branch(op, in, s)
	case "func.call":
		return x.funcCall(op, in)
	case "reduce":
		return x.reduce(op, in, s)
	case "reduce_window":
		return x.reduceWindow(op, in, s)
	case "sort":
		return x.sort(op, in, s)
	case "scatter":
		return x.scatter(op, in, s)
	case "optimization_barrier":
		return in, nil
	}
	if len(op.Results) != 1 {
		return nil, op.Errorf("with %d results: %w", len(op.Results), ErrUnsupported)
	}
	var out Array
	var err error
	switch name {
	case "dot_general":
		out, err = dotGeneral(op, in)
	case "convolution":
		out, err = convolution(op, in)
	default:
		var known bool
		if out, known, err = move(op, name, in); !known {
			out, err = pointwiseChecked(op, name, in)
		}
	}
	return []Array{out}, err
}

func (x *executor) funcCall(op *mlir.Op, in []Array) ([]Array, error) {
	f := op.Fields()
	name := f.Symbol("callee")
	if f.Err() != nil {
		return nil, f.Err()
	}
	callee := x.module.Func(name)
	if callee == nil {
		return nil, op.Errorf("there is no function @%s", name)
	}
	return x.call(callee, in)
}

func (x *executor) while(op *mlir.Op, in []Array, s *scope) ([]Array, error) {
	for {
		again, err := x.region(op.Regions[0], in, s)
		if err != nil {
			return nil, err
		}
		if again[0].Data[0] == 0 {
			return in, nil
		}
		if in, err = x.region(op.Regions[1], in, s); err != nil {
			return nil, err
		}
	}
}

// branch: if takes the first region where its operand is true; case takes the last where its index has none.
func (x *executor) branch(op *mlir.Op, in []Array, s *scope) ([]Array, error) {
	var chosen [1]int64
	loadNumbers(in[0], 0, chosen[:])
	i := int(chosen[0])
	if in[0].Type.Elem == mlir.I1 {
		i = 1 - i
	} else if i < 0 || i >= len(op.Regions) {
		i = len(op.Regions) - 1
	}
	return x.region(op.Regions[i], nil, s)
}

// lifted evaluates a region of scalars on n of each at once: arguments and results have n elements. Scalars from around the region
// stand for n equal ones.
func (x *executor) lifted(r *mlir.Region, in []Array, n int, outer *scope) ([]Array, error) {
	s := &scope{values: make(map[*mlir.Value]Array, len(in)+len(r.Ops)), outer: outer}
	for i, v := range r.Args {
		s.values[v] = in[i]
	}
	for _, op := range r.Ops {
		operands := make([]Array, len(op.Operands))
		for i, v := range op.Operands {
			operands[i] = s.get(v)
		}
		if op == r.Return() {
			for i, a := range operands {
				operands[i] = spread(a, n)
			}
			return operands, nil
		}
		name, _ := strings.CutPrefix(op.Name, "stablehlo.")
		if len(op.Results) != 1 || len(op.Results[0].Type.Shape) > 0 {
			return nil, op.Errorf("in a region of scalars: %w", ErrUnsupported)
		}
		var out Array
		var err error
		if name == "constant" {
			out, _, err = move(op, name, nil)
		} else {
			out, err = pointwise(op, name, operands, mlir.Type{Elem: op.Results[0].Type.Elem, Shape: []int{n}})
		}
		if err != nil {
			return nil, err
		}
		s.values[op.Results[0]] = out
	}
	return nil, errors.New("a region without a return")
}

// spread is a as n elements.
func spread(a Array, n int) Array {
	t := mlir.Type{Elem: a.Type.Elem, Shape: []int{n}}
	if a.Type.Elements() == n {
		return Array{t, a.Data}
	}
	out := newArray(t)
	copyStrided(t.Elem.Bytes(), []int{n}, out.Data, place{strides: []int{1}}, a.Data, place{strides: []int{0}})
	return out
}
