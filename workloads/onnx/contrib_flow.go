package onnx

import (
	"fmt"
	"slices"

	"github.com/accelbench/accelbench/workloads"
)

// needsDeployed is the lowering of what the portable dialect does not have.
func needsDeployed(what string) lowering {
	return func(e *emitter, _ *workloads.Node) {
		e.fail(fmt.Errorf("%s in the %s dialect: %w: use the %s one", what, e.options.Dialect, ErrUnsupported, Deployed))
	}
}

// producer is the node that computes v, nil for inputs, parameters and states.
func (e *emitter) producer(v *workloads.Value) *workloads.Node {
	i := slices.IndexFunc(e.graph.Nodes, func(n *workloads.Node) bool { return n.Out == v })
	if i < 0 {
		return nil
	}
	return e.graph.Nodes[i]
}

// consumer is the one node that uses v, once and nothing but it; nil if there are more or none, or v is an output.
func (e *emitter) consumer(v *workloads.Value) *workloads.Node {
	if e.uses[v] != 1 {
		return nil
	}
	i := slices.IndexFunc(e.graph.Nodes, func(n *workloads.Node) bool { return slices.Contains(n.In, v) })
	if i < 0 {
		return nil
	}
	return e.graph.Nodes[i]
}

// normOf is the first node of the given operation that normalises v.
func (e *emitter) normOf(v *workloads.Value, op workloads.Op) *workloads.Node {
	i := slices.IndexFunc(e.graph.Nodes, func(n *workloads.Node) bool { return n.Op == op && n.In[0] == v })
	if i < 0 {
		return nil
	}
	return e.graph.Nodes[i]
}

// written tells whether an earlier node has written v along with its own output.
func (e *emitter) written(v *workloads.Value) bool {
	_, coded := e.codes[v]
	return e.rows[v] != "" || e.planes[v] != "" || coded
}
