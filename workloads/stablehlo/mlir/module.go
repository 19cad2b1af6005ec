package mlir

import (
	"errors"
	"fmt"
)

// ErrSyntax is wrapped by the errors of [Parse].
var ErrSyntax = errors.New("not a module in generic form")

// Module is one text: functions that call each other. The program is the function main.
type Module struct {
	Name  string
	Attrs Attrs
	// Meshes are the sdy.mesh declarations, name to text.
	Meshes map[string]string
	Funcs  []*Func
}

// Func is the function of a name, or nil.
func (m *Module) Func(name string) *Func {
	for _, f := range m.Funcs {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// Func is one function. The arguments are those of its body.
type Func struct {
	Name string
	// ArgAttrs has one entry per argument, nil where there are none.
	ArgAttrs []Attrs
	Results  []Result
	Body     *Region
	Line     int
}

// Result is the type of one result of a function, with its attributes.
type Result struct {
	Type  Type
	Attrs Attrs
}

// Value is an argument or the result of an operation; its identity is the pointer.
type Value struct {
	Name string
	Type Type
}

// Region is a list of operations with arguments. The last operation returns; see [Region.Return].
type Region struct {
	Args []*Value
	Ops  []*Op
}

// Return is the operation that ends the region: its operands are what the region gives.
func (r *Region) Return() *Op { return r.Ops[len(r.Ops)-1] }

// Op is one operation, with its name in full: "stablehlo.add". Regions may use values of the functions and regions around them.
type Op struct {
	Name     string
	Operands []*Value
	Results  []*Value
	Attrs    Attrs
	Regions  []*Region
	Line     int
}

// Errorf makes an error that names the operation and its line.
func (o *Op) Errorf(format string, args ...any) error {
	return fmt.Errorf("line %d: %s: %w", o.Line, o.Name, fmt.Errorf(format, args...))
}

// returns tells whether the operation ends a region.
func (o *Op) returns() bool { return o.Name == "stablehlo.return" || o.Name == "func.return" }
