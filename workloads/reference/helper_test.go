package reference_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/reference"
)

// net is a graph whose parameters are fed as inputs, so that tests choose their values.
type net struct {
	t     testing.TB
	graph *workloads.Graph
	in    []workloads.Tensor
	state reference.States
}

func newNet(t testing.TB) *net { return &net{t: t, graph: &workloads.Graph{Name: "test", Batch: 1}} }

func (n *net) add(v *workloads.Value) *workloads.Value {
	v.ID = len(n.graph.Values)
	n.graph.Values = append(n.graph.Values, v)
	return v
}

func (n *net) floats(data []float32, shape ...int) *workloads.Value {
	require.Len(n.t, data, workloads.Elements(shape))
	n.in = append(n.in, workloads.Tensor{DType: workloads.F32, Shape: shape, F32: data})
	return n.add(&workloads.Value{Kind: workloads.Input, DType: workloads.F32, Shape: shape,
		Fill: &workloads.InputSpec{Kind: workloads.FillUniform}})
}

func (n *net) ints(data []int32, shape ...int) *workloads.Value {
	require.Len(n.t, data, workloads.Elements(shape))
	n.in = append(n.in, workloads.Tensor{DType: workloads.I32, Shape: shape, I32: data})
	return n.add(&workloads.Value{Kind: workloads.Input, DType: workloads.I32, Shape: shape,
		Fill: &workloads.InputSpec{Kind: workloads.FillIota}})
}

func (n *net) cache(name string, shape ...int) *workloads.Value {
	return n.add(&workloads.Value{Name: name, Kind: workloads.State, DType: workloads.F32, Shape: shape})
}

func (n *net) node(op workloads.Op, attr workloads.Attr, in ...*workloads.Value) *workloads.Value {
	n.t.Helper()
	shape, err := workloads.InferShape(op, attr, in)
	require.NoError(n.t, err)
	out := n.add(&workloads.Value{Kind: workloads.Computed, DType: workloads.F32, Shape: shape})
	n.graph.Nodes = append(n.graph.Nodes, &workloads.Node{Op: op, In: in, Out: out, Attr: attr})
	n.graph.Outputs = []*workloads.Value{out}
	return out
}

// run executes the graph and returns the output of the last node.
func (n *net) run() []float64 {
	n.t.Helper()
	out, err := reference.Run(n.t.Context(), n.graph, n.in, &n.state)
	require.NoError(n.t, err)
	return out[0]
}

// runErr executes a graph that may fail.
func runErr(n *net) ([][]float64, error) {
	return reference.Run(n.t.Context(), n.graph, n.in, &n.state)
}

// random fills a slice with the generator of parameters.
func random(name string, n int) []float32 {
	out := make([]float32, n)
	v := workloads.Value{Name: name, Param: &workloads.ParamSpec{Seed: 7, Scale: 1.0 / (1 << 21)}}
	if err := v.Generate(0, out); err != nil {
		panic(err) // generated parameters have no errors
	}
	return out
}
