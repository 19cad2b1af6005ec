package native

import (
	"fmt"
	"slices"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/workloads"
)

// activation is what a product does to its elements before they leave the cache.
type activation int

const (
	linear activation = iota
	relu
	gelu
	silu
)

// step is a node with the element-wise nodes that follow it and that it takes along.
type step struct {
	node *workloads.Node
	// out is the output of the last node taken along, last its index in the graph.
	out  *workloads.Value
	last int

	// A product computes act(node + add); with up, it computes act(node) * up.
	add *workloads.Value
	act activation
	up  *workloads.Node
	// fromRows says that the product reads its weight as the rows that an embedding gathers from: one copy serves both.
	fromRows bool
}

// plain says that a product takes nothing along yet.
func (s *step) plain() bool { return s.add == nil && s.act == linear && s.up == nil }

// reads lists the values that the step needs.
func (s *step) reads() []*workloads.Value {
	in := slices.Clone(s.node.In)
	if s.up != nil {
		in = append(in, s.up.In...)
	}
	if s.add != nil {
		in = append(in, s.add)
	}
	return in
}

// fuse turns a graph into steps, in an order in which they can run.
func fuse(g *workloads.Graph) ([]*step, error) {
	if err := g.Validate(); err != nil {
		return nil, fmt.Errorf("%w: %w", devices.ErrUnsupported, err)
	}
	uses := map[*workloads.Value]int{}
	for _, n := range g.Nodes {
		for _, v := range n.In {
			uses[v]++
		}
	}
	for _, v := range g.Outputs {
		uses[v]++
	}
	var steps []*step
	products := map[*workloads.Value]*step{} // by output: the products that may take their only reader along
	for i, n := range g.Nodes {
		for _, v := range constants(n) {
			if v.Kind != workloads.Param {
				return nil, fmt.Errorf("node %d (%s): %s is not a parameter: %w", i, n.Op, v.Name, devices.ErrUnsupported)
			}
		}
		if s := taker(n, products); s != nil {
			if s.up != nil {
				gone := products[s.up.Out]
				steps = slices.DeleteFunc(steps, func(t *step) bool { return t == gone })
				delete(products, s.up.Out)
			}
			delete(products, s.out)
			s.out, s.last = n.Out, i
			if uses[s.out] == 1 {
				products[s.out] = s
			}
			continue
		}
		s := &step{node: n, out: n.Out, last: i}
		steps = append(steps, s)
		if uses[n.Out] == 1 && isProduct(n) && !slices.ContainsFunc(n.In, isState) {
			products[n.Out] = s
		}
	}
	slices.SortFunc(steps, func(a, b *step) int { return a.last - b.last })
	tie(g, steps)
	return steps, nil
}

// isProduct tells the nodes that multiply by one weight and can take along what follows them.
func isProduct(n *workloads.Node) bool {
	return n.Op == workloads.OpLinear || n.Op == workloads.OpConv2D || n.Op == workloads.OpConv1D
}

// isState tells the values that a step must read in its turn: a product that takes others along runs in theirs.
func isState(v *workloads.Value) bool { return v.Kind == workloads.State }

// constants are the inputs of a node that must be parameters, since they are packed once.
func constants(n *workloads.Node) []*workloads.Value {
	switch n.Op {
	case workloads.OpConv2D, workloads.OpConv1D:
		return n.In[1:2]
	case workloads.OpMoE:
		return n.In[2:5]
	}
	return nil
}

// mostTiedRows is the number of rows up to which a product with a gathered table takes it as it lies. One row takes a quarter
// longer so than with a packed copy (7 % of a decode step of a small model, where the copy is a sixth of all memory); each further
// row would take its time again.
const mostTiedRows = 1

// tie marks the products that share their weight with an embedding and need no packed copy of it.
func tie(g *workloads.Graph, steps []*step) {
	gathered := map[*workloads.Value]bool{}
	for _, n := range g.Nodes {
		if n.Op == workloads.OpEmbedding {
			gathered[n.In[0]] = true
		}
	}
	for _, s := range steps {
		n := s.node
		s.fromRows = n.Op == workloads.OpLinear && n.Attr.Transposed && len(n.In) == 2 && gathered[n.In[1]] && s.plain() &&
			workloads.Elements(n.Out.Shape)/n.In[1].Shape[0] <= mostTiedRows
	}
}

// taker returns the product that takes node n along, with n added to it, or nil.
func taker(n *workloads.Node, products map[*workloads.Value]*step) *step {
	s := products[n.In[0]]
	switch n.Op {
	case workloads.OpRelu, workloads.OpGelu:
		if s != nil && s.act == linear && s.up == nil {
			s.act = map[workloads.Op]activation{workloads.OpRelu: relu, workloads.OpGelu: gelu}[n.Op]
			return s
		}
	case workloads.OpSilu:
		if s != nil && s.plain() {
			s.act = silu
			return s
		}
	case workloads.OpAdd:
		return takeAdd(n, s, products[n.In[1]])
	case workloads.OpMul:
		t := products[n.In[1]]
		if t != nil && t.act == silu {
			s, t = t, s
		}
		if s != nil && t != nil && s.act == silu && s.add == nil && s.up == nil && t.plain() &&
			s.node.Op == workloads.OpLinear && t.node.Op == workloads.OpLinear {
			s.up = t.node
			return s
		}
	}
	return nil
}

// takeAdd gives an addition to the later of its two operands that can take it, so that what the product reads lives no longer
// than it must.
func takeAdd(n *workloads.Node, a, b *step) *step {
	first, second := n.In[1], n.In[0] // what is added if the product is a, or b
	if a == nil || !a.plain() || b != nil && b.plain() && b.last > a.last {
		a, first = b, second
	}
	if a == nil || !a.plain() || isState(first) {
		return nil
	}
	a.add = first
	return a
}
