package stablehlo

import (
	"fmt"
	"slices"

	"github.com/accelbench/accelbench/workloads"
)

// shares say how a workload is shared out over devices: which axis of which parameter or state is split evenly, so that each
// device holds one part. What is not in axis is whole on every device, as all inputs and outputs are.
//
// The rules are those of tensor parallelism as Megatron-LM has it (Shoeybi et al. 2019, section 3): a product that leads to heads or
// to the inner values of a feed-forward is split by columns, with its bias; the product that ends these by rows, so that the devices'
// sums have to be added up once. Between the two every device computes its own heads and columns alone. Caches are split by heads,
// experts by their inner columns, the matrix of the logits by vocabulary; norms, routers and tables of embeddings are whole, but a
// table that makes the logits as well is split as these want it.
type shares struct {
	parts int
	axis  map[string]int
	// used are the parameters that some product needs whole.
	used map[string]bool
}

// whole is the axis of what is not split.
const whole = -1

// of is the axis along which a port is split.
func (s shares) of(port string) int {
	if axis, ok := s.axis[port]; ok {
		return axis
	}
	return whole
}

// share is the port with the axis along which it is split, which of a transposed matrix is the other one.
func (s shares) share(p Port) Port {
	p.Shard = s.of(p.Name)
	if p.Turned && p.Shard != whole {
		p.Shard = 1 - p.Shard
	}
	return p
}

// sharesOf finds how w is shared out over so many devices. The error wraps [ErrUnsupported]: there is no rule, or something does
// not divide.
func sharesOf(w *workloads.Workload, parts int) (shares, error) {
	s := shares{max(parts, 1), map[string]int{}, map[string]bool{}}
	if s.parts == 1 {
		return s, nil
	}
	for _, phase := range w.Phases {
		if err := s.ruled(phase.Graph); err != nil {
			return s, err
		}
	}
	for _, phase := range w.Phases {
		if err := s.phase(phase.Graph); err != nil {
			return s, err
		}
	}
	return s, nil
}

// ruled is nil if there are rules for the graph: it has attention, whose heads divide, and nothing that is no part of encoders and
// decoders.
func (s shares) ruled(g *workloads.Graph) error {
	why := "it has no attention"
	for _, n := range g.Nodes {
		switch n.Op {
		case workloads.OpAttention:
			why = ""
			if n.Attr.KVHeads%s.parts != 0 {
				return fmt.Errorf("its %d KV heads do not divide by %d: %w", n.Attr.KVHeads, s.parts, ErrUnsupported)
			}
		case workloads.OpEmbedding, workloads.OpLinear, workloads.OpAdd, workloads.OpMul, workloads.OpRelu, workloads.OpGelu, workloads.OpSilu,
			workloads.OpMoE, workloads.OpLayerNorm, workloads.OpRMSNorm, workloads.OpRope, workloads.OpLast:
		default:
			return noRule("it has operation " + string(n.Op))
		}
	}
	if why != "" {
		return noRule(why)
	}
	return nil
}

func noRule(why string) error {
	return fmt.Errorf("there is no rule for it (%s), run it on each device with --devices: %w", why, ErrUnsupported)
}

// phase goes through a graph and knows of each value whether devices hold it whole or their columns of it.
func (s shares) phase(g *workloads.Graph) error {
	split := map[*workloads.Value]bool{}
	for _, n := range g.Nodes {
		var err error
		switch n.Op {
		case workloads.OpLinear:
			split[n.Out], err = s.linear(g, n, split[n.In[0]])
		case workloads.OpAttention:
			split[n.Out], err = s.attention(n, split)
		case workloads.OpRope, workloads.OpRelu, workloads.OpGelu, workloads.OpSilu:
			split[n.Out] = split[n.In[0]]
		case workloads.OpMul:
			if split[n.Out] = split[n.In[0]]; split[n.In[0]] != split[n.In[1]] {
				err = s.mixed(n)
			}
		case workloads.OpMoE:
			if err = s.wholes(n, split); err == nil {
				err = s.experts(n)
			}
		default:
			err = s.wholes(n, split)
		}
		if err != nil {
			return err
		}
	}
	for _, v := range g.Outputs {
		if split[v] && !slices.ContainsFunc(g.Nodes, func(n *workloads.Node) bool { return n.Out == v && n.Op == workloads.OpLinear }) {
			return fmt.Errorf("output %s is split: %w", v.Name, ErrUnsupported)
		}
	}
	return nil
}

func (s shares) mixed(n *workloads.Node) error {
	return fmt.Errorf("%s has inputs of which some are split: %w", n.Out.Name, ErrUnsupported)
}

// wholes is an error if an input of the node is split.
func (s shares) wholes(n *workloads.Node, split map[*workloads.Value]bool) error {
	if slices.ContainsFunc(n.In, func(v *workloads.Value) bool { return split[v] }) {
		return s.mixed(n)
	}
	return nil
}

// linear splits the matrix of a product: by rows if its input is split, by columns if what it makes stays split up to a product by
// rows, or if it makes wide outputs. The result tells whether what it makes is split.
func (s shares) linear(g *workloads.Graph, n *workloads.Node, rows bool) (bool, error) {
	weight, k := n.In[1], sumAxis(n)
	switch {
	case rows:
		return false, s.place(weight, k) // the bias is added once, after the sum
	case s.ends(g, n.Out), slices.Contains(g.Outputs, n.Out) && weight.Shape[1-k] >= weight.Shape[k]:
		for i, v := range n.In[1:] {
			axis := []int{1 - k, 0}[i] // of the matrix, of the bias
			if err := s.place(v, axis); err != nil {
				return false, err
			}
		}
		return true, nil
	}
	for _, v := range n.In[1:] {
		if err := s.place(v, whole); err != nil {
			return false, err
		}
	}
	return false, nil
}

// ends tells whether all that is made of the columns of v goes, by operations on heads or single columns, into products, which can
// then be split by rows.
func (s shares) ends(g *workloads.Graph, v *workloads.Value) bool {
	if slices.Contains(g.Outputs, v) {
		return false
	}
	used := false
	for _, n := range g.Nodes {
		at := slices.Index(n.In, v)
		if at < 0 {
			continue
		}
		used = true
		switch n.Op {
		case workloads.OpLinear:
			if at > 0 {
				return false
			}
		case workloads.OpRope, workloads.OpMul, workloads.OpRelu, workloads.OpGelu, workloads.OpSilu, workloads.OpAttention:
			if !s.ends(g, n.Out) {
				return false
			}
		default:
			return false
		}
	}
	return used
}

// attention splits by key heads, so that each device has the query heads of its keys. Queries, keys and values are split or none is.
func (s shares) attention(n *workloads.Node, split map[*workloads.Value]bool) (bool, error) {
	q, k, v := split[n.In[0]], split[n.In[1]], split[n.In[2]]
	if q != k || q != v {
		return false, s.mixed(n)
	}
	if !q {
		return false, nil
	}
	if cached(n) {
		s.axis[n.In[3].Name], s.axis[n.In[4].Name] = 1, 1 // [B,KVHeads,T,HeadDim]
	}
	if len(n.In) == 7 {
		return true, s.place(n.In[6], 0)
	}
	return true, nil
}

// experts splits each expert by its inner columns.
func (s shares) experts(n *workloads.Node) error {
	for at, axis := range map[int]int{gateAt: 2, upAt: 2, downAt: 1, gateBiasAt: 1, upBiasAt: 1} {
		if at < len(n.In) {
			if err := s.place(n.In[at], axis); err != nil {
				return err
			}
		}
	}
	return nil
}

// place splits a parameter along an axis, with its scales if it is quantised.
func (s shares) place(v *workloads.Value, axis int) error {
	old, known := s.axis[v.Name]
	if s.used[v.Name] && axis != whole || known && old != axis {
		return fmt.Errorf("%s is wanted in two ways: %w", v.Name, ErrUnsupported)
	}
	if axis == whole {
		s.used[v.Name] = true
		return nil
	}
	if v.Shape[axis]%s.parts != 0 {
		return fmt.Errorf("%s is %v, and %d does not divide by %d: %w", v.Name, v.Shape, v.Shape[axis], s.parts, ErrUnsupported)
	}
	s.axis[v.Name] = axis
	if v.Param.Bits == 0 {
		return nil
	}
	groups := scaleShape(v)
	switch {
	case len(groups) != len(v.Shape) || groups[axis] == 1 && v.Shape[axis] != v.Param.Block:
		return fmt.Errorf("the groups of %s lie across its axes: %w", v.Name, ErrUnsupported)
	case groups[axis] == 1: // all of the sum shares a scale, and so do the devices
		return nil
	case groups[axis]%s.parts != 0:
		return fmt.Errorf("%s has %d groups of %d, and these do not divide by %d: %w", v.Name, groups[axis], v.Param.Block, s.parts, ErrUnsupported)
	}
	s.axis[v.Name+scaleEnd] = axis
	return nil
}
