package onnx

import (
	"fmt"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/accelbench/accelbench/workloads"
)

// emitter writes one graph. The first error is kept in err and silences the rest, so that a lowering reads as a list of
// operators.
type emitter struct {
	*shared
	options Options
	// float is the element type of activations: Float, or Float16 at half precision.
	float int32
	// positions bounds the positions that tokens can have: the length of the longest cache, or what the calls reach.
	positions int
	used      map[string]bool
	// rows and planes are the names of values in the layout of the graph, channels last, and with the channels on axis 1.
	rows, planes map[*workloads.Value]string
	// codes are values in bytes.
	codes   map[*workloads.Value]coding
	memos   map[string]string
	uses    map[*workloads.Value]int
	nodes   message // GraphProto.node
	inline  message // GraphProto.initializer, those with their data inside
	infos   []Port  // GraphProto.value_info
	contrib bool    // whether a com.microsoft operator occurs
	weights []Weight
	inputs  []Port
	outputs []Port
	states  []StatePort
	err     error
}

func newEmitter(w *workloads.Workload, s *shared, o Options) *emitter {
	e := &emitter{shared: s, options: o, float: Float, used: map[string]bool{}, rows: map[*workloads.Value]string{},
		planes: map[*workloads.Value]string{}, codes: map[*workloads.Value]coding{}, memos: map[string]string{}, uses: map[*workloads.Value]int{}}
	e.positions = w.Options.ISL + w.Options.OSL
	if w.Options.Precision == workloads.Half {
		e.float = Float16
	}
	for _, n := range s.graph.Nodes {
		for _, v := range n.In {
			e.uses[v]++
		}
		switch {
		case n.Op == workloads.OpAttention && len(n.In) > 3:
			e.positions = max(e.positions, n.In[3].Shape[1])
		case n.Op == workloads.OpRope:
			e.positions = max(e.positions, n.In[0].Shape[1])
		}
	}
	for _, v := range s.graph.Outputs {
		e.uses[v]++
	}
	return e
}

// begin declares the inputs. Parameters get their names first, so that these are the same in all models of a workload.
func (e *emitter) begin() {
	for _, v := range e.graph.Params() {
		e.used[v.Name] = true
	}
	for _, v := range e.graph.Inputs() {
		port := Port{Name: e.fresh(v.Name), Type: Float, Shape: e.dims(v)}
		if v.DType == workloads.I32 {
			port.Type = Int32
		}
		e.inputs = append(e.inputs, port)
		name := port.Name
		if v.DType == workloads.F32 {
			name = e.convert(name+".cast", name, Float, e.float)
		}
		e.rows[v] = name
	}
}

// fail keeps the first error.
func (e *emitter) fail(err error) {
	if e.err == nil {
		e.err = err
	}
}

// fresh is base, or base with a number if that name is taken.
func (e *emitter) fresh(base string) string {
	name := base
	for i := 2; e.used[name]; i++ {
		name = fmt.Sprintf("%s.%d", base, i)
	}
	e.used[name] = true
	return name
}

// memo is what write gave the first time it was asked for under this key: the name of a constant or of a result that several
// nodes use.
func (e *emitter) memo(key string, write func() string) string {
	if name, ok := e.memos[key]; ok {
		return name
	}
	name := write()
	e.memos[key] = name
	return name
}

// op adds an operator of ai.onnx with one output, named base if that is free, and returns the output's name.
func (e *emitter) op(base, op string, in []string, attrs ...attribute) string {
	return e.call("", op, in, []string{base}, attrs...)[0]
}

// microsoft adds an operator of com.microsoft; out are the wanted names of its outputs, empty for those left out.
func (e *emitter) microsoft(op string, in, out []string, attrs ...attribute) []string {
	e.contrib = true
	return e.call("com.microsoft", op, in, out, attrs...)
}

// call adds an operator and returns the names of its outputs: those wanted, or with numbers where these are taken.
func (e *emitter) call(domain, op string, in, out []string, attrs ...attribute) []string {
	names := make([]string, len(out))
	for i, base := range out {
		if base != "" {
			names[i] = e.fresh(base)
		}
	}
	e.nodes.bytes(1, node{name: names[0], domain: domain, op: op, in: in, out: names, attrs: attrs}.encode())
	return names
}

// convert casts x between element types; equal types leave it as it is.
func (e *emitter) convert(base, x string, from, to int32) string {
	if from == to {
		return x
	}
	return e.op(base, "Cast", []string{x}, intAttr("to", int(to)))
}

// reshape gives x the dimensions dims, of which one may be -1.
func (e *emitter) reshape(base, x string, dims ...int64) string {
	return e.op(base, "Reshape", []string{x, e.ints(dims...)})
}

func (e *emitter) transpose(base, x string, perm ...int) string {
	return e.op(base, "Transpose", []string{x}, intsAttr("perm", perm...))
}

// stateIn declares the graph's input for a state, of the given shape, which is that of the state's port.
func (e *emitter) stateIn(v *workloads.Value, shape []int64) string {
	s := e.state(v, shape)
	if s.In == "" {
		s.In = e.fresh(v.Name)
	}
	return s.In
}

// stateOut makes x the content of the state from this call on. It is a value of its own in the graph, whatever else x is.
func (e *emitter) stateOut(v *workloads.Value, shape []int64, x string) {
	s := e.state(v, shape)
	if s.Out != "" {
		e.fail(errTwice(v))
		return
	}
	s.Out = e.op(v.Name+".out", "Identity", []string{x})
}

// errTwice is for states that are used before they are written, or written twice: engines run nodes in an order of their own,
// and the input and the output of a state share a buffer.
func errTwice(v *workloads.Value) error {
	return fmt.Errorf("state %s: %w: it is read or written before this in the same call", v.Name, ErrUnsupported)
}

// state is the port of a state. Whoever uses a state within a model gives it the same shape.
func (e *emitter) state(v *workloads.Value, shape []int64) *StatePort {
	i := slices.IndexFunc(e.states, func(s StatePort) bool { return s.Name == v.Name })
	if i < 0 {
		e.states = append(e.states, StatePort{Name: v.Name, Type: e.float, Shape: shape})
		return &e.states[len(e.states)-1]
	}
	if !slices.Equal(e.states[i].Shape, shape) {
		e.fail(fmt.Errorf("state %s: %w: it is used as %v and as %v", v.Name, ErrUnsupported, e.states[i].Shape, shape))
	}
	return &e.states[i]
}

// output makes v an output of the model: 32-bit, in the layout of the graph, and a value of its own.
func (e *emitter) output(v *workloads.Value) {
	port := Port{Name: e.get(v), Type: Float, Shape: e.dims(v)}
	switch {
	case v.DType == workloads.I32:
		port.Type = Int32
		port.Name = e.op(v.Name+".out", "Identity", []string{port.Name})
	case e.float != Float:
		port.Name = e.convert(v.Name+".out", port.Name, e.float, Float)
	case !e.computed(port.Name):
		port.Name = e.op(v.Name+".out", "Identity", []string{port.Name})
	}
	e.outputs = append(e.outputs, port)
}

// computed tells whether name is the result of an operator that is not an output yet: an input or a constant cannot be one.
func (e *emitter) computed(name string) bool {
	port := func(p Port) bool { return p.Name == name }
	state := func(s StatePort) bool { return s.In == name || s.Out == name }
	_, constant := e.memos["weight "+name]
	return !constant && !slices.ContainsFunc(e.inputs, port) && !slices.ContainsFunc(e.outputs, port) &&
		!slices.ContainsFunc(e.states, state)
}

func (e *emitter) finish() (*Model, error) {
	for _, v := range e.graph.Outputs {
		e.output(v)
	}
	if e.err != nil {
		return nil, e.err
	}
	m := &Model{Name: e.name, Phases: e.phases, Weights: e.weights, Inputs: e.inputs, Outputs: e.outputs, States: e.states}
	m.parts = e.parts()
	return m, nil
}

// parts are the fields of the model that do not depend on where its weights lie.
func (e *emitter) parts() parts {
	graph := append(message{}, e.nodes...)
	graph.text(2, e.name)
	graph = append(graph, e.inline...)
	described := map[string]bool{} // what has its type and shape already
	describe := func(field protowire.Number, p Port) {
		if !described[p.Name] && p.Name != "" {
			graph.bytes(field, valueInfo(p.Name, p.Type, p.Shape))
		}
		described[p.Name] = true
	}
	for _, p := range e.inputs {
		describe(11, p)
	}
	for _, s := range e.states {
		describe(11, Port{s.In, s.Type, s.Shape})
	}
	for _, p := range e.outputs {
		describe(12, p)
	}
	for _, s := range e.states {
		describe(12, Port{s.Out, s.Type, s.Shape})
	}
	for _, p := range e.infos {
		describe(13, p)
	}
	return parts{ir: irVersion(e.options.Opset), opset: e.options.Opset, contrib: e.contrib, graph: graph}
}

// irVersion is the version of the file format that came with a version of the operators.
func irVersion(opset int) int64 {
	switch {
	case opset < 19:
		return 8
	case opset < 21:
		return 9
	}
	return 10
}
