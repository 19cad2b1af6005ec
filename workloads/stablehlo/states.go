package stablehlo

import (
	"fmt"

	"github.com/accelbench/accelbench/workloads"
)

// heads is how the rows of a cache are cut into heads.
type heads struct{ count, dim int }

// caches are the states that attention keeps keys and values in, by name. On the device they are [B,count,T,dim].
type caches map[string]heads

// shape is that of a state on the device.
func (c caches) shape(v *workloads.Value) []int {
	h, ok := c[v.Name]
	if !ok {
		return v.Shape
	}
	return []int{v.Shape[0], h.count, v.Shape[1], h.dim}
}

// cachesOf finds the caches of all phases. A state that is a cache in one place and something else in another has no single
// shape.
func cachesOf(w *workloads.Workload) (caches, error) {
	out, other := caches{}, map[string]bool{}
	for _, phase := range w.Phases {
		for _, n := range phase.Graph.Nodes {
			for i, v := range n.In {
				h := heads{n.Attr.KVHeads, n.Attr.HeadDim}
				switch old, seen := out[v.Name]; {
				case v.Kind != workloads.State:
				case !cached(n) || i < 3:
					other[v.Name] = true
				case seen && old != h:
					return nil, fmt.Errorf("state %s is a cache of %v and of %v heads: %w", v.Name, old, h, ErrUnsupported)
				default:
					out[v.Name] = h
				}
			}
		}
	}
	for name := range out {
		if other[name] {
			return nil, fmt.Errorf("state %s is a cache and something else: %w", name, ErrUnsupported)
		}
	}
	return out, nil
}

// routers are the names of the parameters that make the logits of a mixture's router. These stay 32-bit, as deployments have
// them: where two logits are near, rounding would choose another expert.
type routers map[string]bool

func routersOf(w *workloads.Workload) routers {
	out := routers{}
	for _, phase := range w.Phases {
		logits := map[*workloads.Value]bool{}
		for _, n := range phase.Graph.Nodes {
			if n.Op == workloads.OpMoE {
				logits[n.In[1]] = true
			}
		}
		for _, n := range phase.Graph.Nodes {
			if n.Op != workloads.OpLinear || !logits[n.Out] {
				continue
			}
			for _, v := range n.In[1:] {
				if v.Kind == workloads.Param && v.Param.Bits == 0 {
					out[v.Name] = true
				}
			}
		}
	}
	return out
}
