package reference

import (
	"cmp"
	"context"
	"fmt"
	"sync/atomic"

	"github.com/accelbench/accelbench/workloads"
)

// States are the tensors that graphs keep between calls, by name. The zero value is ready, and holds zeros.
type States struct {
	data map[string][]float64
}

func (s *States) get(v *workloads.Value) []float64 {
	if s.data == nil {
		s.data = map[string][]float64{}
	}
	if s.data[v.Name] == nil {
		s.data[v.Name] = make([]float64, workloads.Elements(v.Shape))
	}
	return s.data[v.Name]
}

// Run executes the graph once: in has its inputs, the result its outputs, row-major. States are read from and written to
// st; nil stands for fresh ones. The error is that of an invalid graph, of inputs or states that do not fit, of ids or
// positions out of range, or of the context.
func Run(ctx context.Context, g *workloads.Graph, in []workloads.Tensor, st *States) ([][]float64, error) {
	r, err := newRun(g, in, st)
	if err != nil {
		return nil, err
	}
	for _, n := range g.Nodes {
		if err := r.node(ctx, n); err != nil {
			return nil, err
		}
	}
	var out [][]float64
	for _, v := range g.Outputs {
		out = append(out, r.value(v))
	}
	return out, nil
}

// run is one execution: the tensors that are alive, and how many nodes still need each.
type run struct {
	graph  *workloads.Graph
	states *States
	floats map[*workloads.Value][]float64
	ints   map[*workloads.Value][]int32
	uses   map[*workloads.Value]int
	err    error // of reading a parameter
}

func newRun(g *workloads.Graph, in []workloads.Tensor, st *States) (*run, error) {
	if err := g.Validate(); err != nil {
		return nil, fmt.Errorf("reference: %w", err)
	}
	if st == nil {
		st = &States{}
	}
	r := &run{graph: g, states: st, floats: map[*workloads.Value][]float64{}, ints: map[*workloads.Value][]int32{},
		uses: map[*workloads.Value]int{}}
	inputs := g.Inputs()
	if len(in) != len(inputs) {
		return nil, fmt.Errorf("reference: graph %s takes %d inputs, got %d", g.Name, len(inputs), len(in))
	}
	for i, v := range inputs {
		if want := workloads.Elements(v.Shape); len(in[i].F32)+len(in[i].I32) != want || in[i].DType != v.DType {
			return nil, fmt.Errorf("reference: graph %s: input %s takes %d elements of %s, got %d of %s",
				g.Name, v.Name, want, v.DType, len(in[i].F32)+len(in[i].I32), in[i].DType)
		}
		r.ints[v] = in[i].I32
		if v.DType == workloads.F32 {
			r.floats[v] = widen(in[i].F32)
		}
	}
	for _, v := range g.States() {
		if got, want := len(st.get(v)), workloads.Elements(v.Shape); got != want {
			return nil, fmt.Errorf("reference: graph %s: state %s has %d elements, got one with %d", g.Name, v.Name, want, got)
		}
	}
	for _, n := range g.Nodes {
		for _, v := range n.In {
			r.uses[v]++
		}
	}
	for _, v := range g.Outputs {
		r.uses[v]++
	}
	return r, nil
}

// node executes n and drops the inputs that nothing needs any more.
func (r *run) node(ctx context.Context, n *workloads.Node) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("reference: graph %s: %w", r.graph.Name, err)
	}
	out, err := r.compute(n)
	if err = cmp.Or(err, r.err); err != nil {
		return fmt.Errorf("reference: graph %s: %s (%s): %w", r.graph.Name, n.Out.Name, n.Op, err)
	}
	for _, v := range n.In {
		if r.uses[v]--; r.uses[v] == 0 {
			delete(r.floats, v)
		}
	}
	r.floats[n.Out] = out
	return nil
}

// value is the data of v; parameters are generated on first use.
func (r *run) value(v *workloads.Value) []float64 {
	if v.Kind == workloads.State {
		return r.states.get(v)
	}
	if r.floats[v] == nil && v.Kind == workloads.Param {
		r.floats[v] = r.generate(v, 0, workloads.Elements(v.Shape))
	}
	return r.floats[v]
}

// part is n elements of v from the element first on: where only some of a parameter are wanted, only these are generated.
func (r *run) part(v *workloads.Value, first, n int) []float64 {
	if r.floats[v] == nil && v.Kind == workloads.Param {
		return r.generate(v, first, n)
	}
	return r.value(v)[first : first+n]
}

func (r *run) generate(v *workloads.Value, first, n int) []float64 {
	var failed atomic.Pointer[error]
	out := make([]float64, n)
	block := v.Chunk(4096)
	share((n+block-1)/block, func(i int) {
		part := out[i*block : min((i+1)*block, n)]
		small := make([]float32, len(part))
		if err := v.Generate(first+i*block, small); err != nil {
			failed.Store(&err)
		}
		for j, x := range small {
			part[j] = float64(x)
		}
	})
	if err := failed.Load(); err != nil {
		r.err = fmt.Errorf("reading parameter %s: %w", v.Name, *err)
	}
	return out
}

func widen(in []float32) []float64 {
	out := make([]float64, len(in))
	for i, x := range in {
		out[i] = float64(x)
	}
	return out
}
