package hlo

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/accelbench/accelbench/workloads/stablehlo/mlir"
)

// computation collects the instructions of a function or a region.
type computation struct {
	w            *writer
	id           int
	name         string
	instructions []message
	params       []shape
	values       map[*mlir.Value]ref
	// constants of the functions and regions around: HLO must repeat them where they are used.
	constants map[*mlir.Value]*mlir.Op
}

// ref is an instruction with its shape.
type ref struct {
	id    int
	shape shape
}

func (r ref) array() mlir.Type { return r.shape.arrays[0] }

func (w *writer) newComputation(name string) *computation {
	id := w.id()
	return &computation{w: w, id: id, name: fmt.Sprintf("%s.%d", name, id), values: map[*mlir.Value]ref{}, constants: map[*mlir.Value]*mlir.Op{}}
}

// within starts the computation of a region of this one.
func (c *computation) within(name string) *computation {
	inner := c.w.newComputation(name)
	for v, op := range c.constants {
		inner.constants[v] = op
	}
	return inner
}

// add appends an instruction; attributes writes the fields that are its own.
func (c *computation) add(opcode string, s shape, operands []ref, attributes func(m *message)) ref {
	r := ref{c.w.id(), s}
	var m message
	m.text(1, fmt.Sprintf("%s.%d", opcode, r.id))
	m.text(2, opcode)
	m.message(3, s.write)
	if attributes != nil {
		attributes(&m)
	}
	m.int(35, r.id)
	var ids []int
	for _, o := range operands {
		ids = append(ids, o.id)
	}
	m.ints(36, ids)
	c.instructions = append(c.instructions, m)
	return r
}

func (c *computation) parameter(s shape) ref {
	n := len(c.params)
	c.params = append(c.params, s)
	return c.add("parameter", s, nil, func(m *message) { m.int(9, n) })
}

func (c *computation) tuple(values []ref) ref {
	s := shape{tuple: true}
	for _, v := range values {
		s.arrays = append(s.arrays, v.array())
	}
	return c.add("tuple", s, values, nil)
}

// together is one value as it is, any other number as a tuple.
func (c *computation) together(values []ref) ref {
	if len(values) == 1 {
		return values[0]
	}
	return c.tuple(values)
}

// apart are the elements of a tuple, or the one array.
func (c *computation) apart(r ref) []ref {
	if !r.shape.tuple {
		return []ref{r}
	}
	var out []ref
	for i, t := range r.shape.arrays {
		out = append(out, c.add("get-tuple-element", array(t), []ref{r}, func(m *message) { m.int(13, i) }))
	}
	return out
}

// finish appends the computation to the module.
func (c *computation) finish(root ref) *callee {
	made := &callee{id: c.id, name: c.name, params: c.params, result: root.shape}
	var m message
	m.text(1, c.name)
	for _, i := range c.instructions {
		m.bytes(2, i)
	}
	m.message(4, made.programShape)
	m.int(5, c.id)
	m.int(6, root.id)
	c.w.computations = append(c.w.computations, m)
	return made
}

// function writes a function with one parameter per argument.
func (c *computation) function(f *mlir.Func, join func([]ref) ref) (*callee, error) {
	for _, a := range f.Body.Args {
		if err := known(a.Type); err != nil {
			return nil, fmt.Errorf("line %d: @%s: %w", f.Line, f.Name, err)
		}
		c.values[a] = c.parameter(array(a.Type))
	}
	out, err := c.operations(f.Body)
	if err != nil {
		return nil, err
	}
	return c.finish(join(out)), nil
}

func known(t mlir.Type) error {
	if primitive(t.Elem) == 0 {
		return fmt.Errorf("elements of %s: %w", t.Elem, ErrUnsupported)
	}
	return nil
}

// operations writes those of a region and gives what it returns.
func (c *computation) operations(r *mlir.Region) ([]ref, error) {
	for _, op := range r.Ops {
		var operands []ref
		for _, v := range op.Operands {
			o, err := c.value(op, v)
			if err != nil {
				return nil, err
			}
			operands = append(operands, o)
		}
		if op == r.Return() {
			return operands, nil
		}
		for _, v := range op.Results {
			if err := known(v.Type); err != nil {
				return nil, op.Errorf("%w", err)
			}
		}
		results, err := c.operation(op, operands)
		if err != nil {
			return nil, err
		}
		if len(results) != len(op.Results) {
			return nil, op.Errorf("%d results: %w", len(op.Results), ErrUnsupported)
		}
		for i, v := range op.Results {
			if !results[i].array().Equal(v.Type) {
				return nil, op.Errorf("result %d is %s, declared as %s", i, results[i].array(), v.Type)
			}
			if c.values[v] = results[i]; op.Name == "stablehlo.constant" {
				c.constants[v] = op
			}
		}
	}
	return nil, fmt.Errorf("a region without a return")
}

func (c *computation) value(op *mlir.Op, v *mlir.Value) (ref, error) {
	if r, ok := c.values[v]; ok {
		return r, nil
	}
	if constant := c.constants[v]; constant != nil {
		r, err := c.constant(constant)
		c.values[v] = r
		return r, err
	}
	return ref{}, op.Errorf("%%%s comes from outside of its region: %w", v.Name, ErrUnsupported)
}

// reducer writes a region with one parameter per argument.
func (c *computation) reducer(r *mlir.Region, name string) (*callee, error) {
	inner := c.within(name)
	for _, a := range r.Args {
		inner.values[a] = inner.parameter(array(a.Type))
	}
	out, err := inner.operations(r)
	if err != nil {
		return nil, err
	}
	return inner.finish(inner.together(out)), nil
}

// closure writes a region whose one parameter is a tuple: its arguments, and the values from around it that it uses, which it
// gives back if so asked by pass.
func (c *computation) closure(r *mlir.Region, name string, captured []*mlir.Value, finish func(inner *computation, out, captured []ref) ref) (*callee, error) {
	inner := c.within(name)
	param := shape{tuple: true}
	all := append(append([]*mlir.Value{}, r.Args...), captured...)
	for _, v := range all {
		param.arrays = append(param.arrays, v.Type)
	}
	elements := inner.apart(inner.parameter(param))
	for i, v := range all {
		inner.values[v] = elements[i]
	}
	out, err := inner.operations(r)
	if err != nil {
		return nil, err
	}
	return inner.finish(finish(inner, out, elements[len(r.Args):])), nil
}

// captures are the values that regions use and do not define, in the order of their use.
func captures(regions []*mlir.Region) []*mlir.Value {
	own, seen := map[*mlir.Value]bool{}, map[*mlir.Value]bool{}
	var out []*mlir.Value
	var walk func(r *mlir.Region)
	walk = func(r *mlir.Region) {
		for _, a := range r.Args {
			own[a] = true
		}
		for _, op := range r.Ops {
			for _, v := range op.Operands {
				if !own[v] && !seen[v] {
					seen[v] = true
					out = append(out, v)
				}
			}
			for _, nested := range op.Regions {
				walk(nested)
			}
			for _, v := range op.Results {
				own[v] = true
			}
		}
	}
	for _, r := range regions {
		walk(r)
	}
	return out
}

// list writes a packed list into an instruction.
func list(field protowire.Number, values []int) func(m *message) {
	return func(m *message) { m.ints(field, values) }
}
