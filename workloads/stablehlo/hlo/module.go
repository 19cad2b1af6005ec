package hlo

import (
	"errors"
	"fmt"
	"slices"

	"github.com/accelbench/accelbench/workloads/stablehlo/mlir"
)

// ErrUnsupported is wrapped by errors for what has no form in HLO, or none that this package writes.
var ErrUnsupported = errors.New("cannot be written as HLO")

// mayAlias is the kind of alias that a donated argument asks for: the compiler may use its buffer for the result.
const mayAlias = 1

// Write writes a module whose entry is main. The entry gives a tuple of all results, also of one. Arguments with the attribute
// tf.aliasing_output share the buffer of the result of that number. Errors name the operation and its line.
func Write(m *mlir.Module) ([]byte, error) {
	w := &writer{module: m, functions: map[string]*callee{}}
	out, err := w.write()
	if err != nil {
		return nil, fmt.Errorf("writing module %s as HLO: %w", m.Name, err)
	}
	return out, nil
}

type writer struct {
	module       *mlir.Module
	computations []message
	nextID       int
	functions    map[string]*callee // nil while they are being written
}

// callee is a computation that instructions name by its number.
type callee struct {
	id     int
	name   string
	params []shape
	result shape
}

func (w *writer) id() int {
	w.nextID++
	return w.nextID
}

func (w *writer) write() ([]byte, error) {
	f := w.module.Func("main")
	if f == nil {
		return nil, errors.New("there is no function @main")
	}
	if n, ok := w.module.Attrs["stablehlo.num_partitions"].(int64); ok && n > 1 || len(w.module.Meshes) > 0 {
		return nil, fmt.Errorf("a module for several devices: %w", ErrUnsupported)
	}
	w.functions["main"] = nil
	c := w.newComputation("main")
	entry, err := c.function(f, func(values []ref) ref { return c.tuple(values) })
	if err != nil {
		return nil, err
	}
	var m message
	m.text(1, w.name())
	m.text(2, entry.name)
	for _, c := range w.computations {
		m.bytes(3, c)
	}
	m.message(4, entry.programShape)
	m.int(5, 1)
	m.int(6, entry.id)
	if err := w.aliases(&m, f); err != nil {
		return nil, err
	}
	return m, nil
}

func (w *writer) name() string {
	if w.module.Name == "" {
		return "module"
	}
	return w.module.Name
}

func (w *writer) aliases(m *message, f *mlir.Func) error {
	var entries []message
	for i, attrs := range f.ArgAttrs {
		for _, name := range sorted(attrs) {
			if name != "tf.aliasing_output" {
				return fmt.Errorf("line %d: argument %d has attribute %s: %w", f.Line, i, name, ErrUnsupported)
			}
			at, ok := attrs[name].(int64)
			if !ok || at < 0 || int(at) >= len(f.Results) || !f.Results[at].Type.Equal(f.Body.Args[i].Type) {
				return fmt.Errorf("line %d: argument %d aliases result %v, which does not have its type", f.Line, i, attrs[name])
			}
			var e message
			e.ints(1, []int{int(at)})
			e.int(2, i)
			e.int(4, mayAlias)
			entries = append(entries, e)
		}
	}
	if entries != nil {
		m.message(8, func(m *message) {
			for _, e := range entries {
				m.bytes(1, e)
			}
		})
	}
	return nil
}

func sorted(attrs mlir.Attrs) []string {
	var out []string
	for name := range attrs {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// call is the computation of a function, written once.
func (w *writer) call(name string) (*callee, error) {
	if c, ok := w.functions[name]; ok {
		if c == nil {
			return nil, fmt.Errorf("@%s calls itself: %w", name, ErrUnsupported)
		}
		return c, nil
	}
	f := w.module.Func(name)
	if f == nil {
		return nil, fmt.Errorf("there is no function @%s", name)
	}
	w.functions[name] = nil
	c := w.newComputation(name)
	made, err := c.function(f, c.together)
	if err != nil {
		return nil, err
	}
	w.functions[name] = made
	return made, nil
}

// programShape writes a ProgramShapeProto.
func (c *callee) programShape(m *message) {
	for _, p := range c.params {
		m.message(1, p.write)
	}
	m.message(2, c.result.write)
	for i := range c.params {
		m.bytes(3, fmt.Appendf(nil, "arg%d", i))
	}
}
