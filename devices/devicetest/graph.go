package devicetest

import (
	"fmt"

	"github.com/accelbench/accelbench/workloads"
)

// Graph is a graph in the making, for tests of engines. Values of one name are one value; a shape that does not fit panics.
type Graph struct {
	workloads.Graph
	named map[string]*workloads.Value
}

// NewGraph starts a graph.
func NewGraph(name string, batch int) *Graph {
	return &Graph{Graph: workloads.Graph{Name: name, Batch: batch}, named: map[string]*workloads.Value{}}
}

// Add adds a value, or finds the one of its name.
func (g *Graph) Add(v workloads.Value) *workloads.Value {
	if old := g.named[v.Name]; old != nil {
		return old
	}
	v.ID = len(g.Values)
	g.Values = append(g.Values, &v)
	g.named[v.Name] = &v
	return &v
}

// Input is uniform in [-1, 1).
func (g *Graph) Input(name string, shape ...int) *workloads.Value {
	return g.Add(workloads.Value{Name: name, Kind: workloads.Input, DType: workloads.F32, Shape: shape,
		Fill: &workloads.InputSpec{Kind: workloads.FillUniform}})
}

// IDs are below vocab.
func (g *Graph) IDs(name string, vocab int, shape ...int) *workloads.Value {
	return g.Add(workloads.Value{Name: name, Kind: workloads.Input, DType: workloads.I32, Shape: shape,
		Fill: &workloads.InputSpec{Kind: workloads.FillTokens, Vocab: vocab}})
}

// Position is where a call starts.
func (g *Graph) Position() *workloads.Value {
	return g.Add(workloads.Value{Name: "position", Kind: workloads.Input, DType: workloads.I32, Shape: []int{1},
		Fill: &workloads.InputSpec{Kind: workloads.FillPosition}})
}

// Param is uniform in [-1, 1).
func (g *Graph) Param(name string, shape ...int) *workloads.Value {
	return g.Add(workloads.Value{Name: name, Kind: workloads.Param, DType: workloads.F32, Shape: shape,
		Param: &workloads.ParamSpec{Seed: 7, Scale: 1.0 / (1 << 21)}})
}

// State lives between calls.
func (g *Graph) State(name string, shape ...int) *workloads.Value {
	return g.Add(workloads.Value{Name: name, Kind: workloads.State, DType: workloads.F32, Shape: shape})
}

// Node computes.
func (g *Graph) Node(op workloads.Op, attr workloads.Attr, in ...*workloads.Value) *workloads.Value {
	shape, err := workloads.InferShape(op, attr, in)
	if err != nil {
		panic(err)
	}
	out := g.Add(workloads.Value{Name: fmt.Sprintf("%s.%d", op, len(g.Nodes)), Kind: workloads.Computed, DType: workloads.F32, Shape: shape})
	g.Nodes = append(g.Nodes, &workloads.Node{Op: op, In: in, Out: out, Attr: attr})
	return out
}
