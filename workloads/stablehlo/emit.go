package stablehlo

import (
	"slices"

	"github.com/gomlx/compute/dtypes"

	"github.com/accelbench/accelbench/workloads"
)

// emitter writes the graph of a phase.
type emitter struct {
	*code
	storage
	graph  *workloads.Graph
	caches caches
	shares shares
	routers
	program *Program
	// floats is the type of values, as the library names it.
	floats dtypes.DType
	values map[*workloads.Value]value
	// levels and scales are the two arguments of quantised parameters.
	levels, scales map[*workloads.Value]value
	// states are the contents of the states at the present place in the order of nodes.
	states map[*workloads.Value]value
	memos  map[string]value
	// opening tells the first of several phases, which runs once per query and from position 0.
	opening bool
}

func newEmitter(w *workloads.Workload, phase int, o Options) (*emitter, error) {
	s, err := storageOf(w.Options.Precision)
	if err != nil {
		return nil, err
	}
	caches, err := cachesOf(w)
	if err != nil {
		return nil, err
	}
	shares, err := sharesOf(w, o.Partitions)
	if err != nil {
		return nil, err
	}
	g := w.Phases[phase].Graph
	e := &emitter{code: newCode(g.Name, shares.parts), storage: s, graph: g, caches: caches, shares: shares, routers: routersOf(w), floats: dtype(s.values),
		program: &Program{Name: g.Name, Parts: shares.parts}, values: map[*workloads.Value]value{}, levels: map[*workloads.Value]value{},
		scales: map[*workloads.Value]value{}, states: map[*workloads.Value]value{}, memos: map[string]value{},
		opening: phase == 0 && len(w.Phases) > 1}
	return e, nil
}

func (e *emitter) write() (*Program, error) {
	text, err := e.build(func() ([]value, []Port) {
		e.declare()
		for _, n := range e.graph.Nodes {
			lowerings[n.Op](e, n)
		}
		return e.results(), e.program.Results
	})
	if err != nil {
		return nil, err
	}
	e.program.Text = text
	return e.program, nil
}

// declare adds the arguments.
func (e *emitter) declare() {
	add := func(p Port) value {
		if p = e.shares.share(p); p.Role == Input {
			p.Shard = whole
		}
		e.program.Args = append(e.program.Args, p)
		return e.argument(p)
	}
	for _, v := range e.graph.Inputs() {
		x := add(Port{Role: Input, Name: v.Name, DType: v.DType, Shape: v.Shape, Result: -1})
		if v.DType == workloads.F32 {
			x = e.narrow(x)
		}
		e.values[v] = x
	}
	for _, v := range e.graph.Params() {
		ports := e.ports(v, e.routers[v.Name])
		x := add(ports[0])
		if len(ports) == 1 {
			e.values[v] = x
			continue
		}
		if ports[0].Turned {
			x = e.transpose(x, 1, 0) // products take it as it lies
		}
		e.levels[v], e.scales[v] = x, add(ports[1])
	}
	written := writtenStates(e.graph)
	result := len(e.graph.Outputs)
	for _, v := range e.graph.States() {
		p := Port{Role: State, Name: v.Name, DType: e.storage.values, Shape: e.caches.shape(v), Result: -1}
		if slices.Contains(written, v) {
			p.Result = result
			result++
		}
		e.states[v] = add(p)
	}
}

// results are the outputs in the types of the graph, then the states that were written.
func (e *emitter) results() []value {
	var out []value
	add := func(p Port, x value) {
		p.Result = -1
		e.program.Results = append(e.program.Results, p)
		out = append(out, x)
	}
	for _, v := range e.graph.Outputs {
		x := e.get(v)
		if v.DType == workloads.F32 {
			x = e.wide(x)
		}
		add(Port{Role: Output, Name: v.Name, DType: v.DType, Shape: v.Shape, Shard: whole}, e.reshape(x, v.Shape...))
	}
	for i, v := range e.graph.States() {
		p := e.program.Args[len(e.program.Args)-len(e.graph.States())+i]
		if p.Result >= 0 {
			add(p, e.states[v])
		}
	}
	return out
}

// narrow is x in the type of values.
func (e *emitter) narrow(x value) value { return e.convert(x, e.floats) }

// get is a value in the type of values; those that the router of a mixture makes are 32-bit.
func (e *emitter) get(v *workloads.Value) value {
	if v.Kind == workloads.State {
		return e.states[v]
	}
	if e.levels[v] != nil {
		return e.dequantised(v)
	}
	return e.values[v]
}

// set gives the output of a node its content, in the type of values.
func (e *emitter) set(n *workloads.Node, x value) { e.values[n.Out] = e.narrow(x) }

// memo is what write gave the first time it was asked for under this key.
func (e *emitter) memo(key string, write func() value) value {
	if e.memos[key] == nil {
		e.memos[key] = write()
	}
	return e.memos[key]
}

// writtenStates are the states that a graph writes.
func writtenStates(g *workloads.Graph) []*workloads.Value {
	var out []*workloads.Value
	for _, n := range g.Nodes {
		switch {
		case n.Op == workloads.OpStore:
			out = append(out, n.In[1])
		case cached(n):
			out = append(out, n.In[3], n.In[4])
		}
	}
	return out
}

// cached tells attention with a cache.
func cached(n *workloads.Node) bool { return n.Op == workloads.OpAttention && len(n.In) > 3 }
