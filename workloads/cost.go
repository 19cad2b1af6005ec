package workloads

import "math"

// Cost is the work that a computation asks for, whoever does it.
type Cost struct {
	// FLOPs counts a multiply-add as 2: convolutions, matrix products and the two products of attention; causal attention
	// once, so without the half that a mask throws away. Norms, activations, softmax, pooling, rotation, sums and gathers
	// do not count. ResNet-50 v1.5 has 8.178 GFLOP, twice the 4.089 G multiply-adds published with torchvision.
	FLOPs int64
	// Bytes is the traffic that no implementation avoids when caches keep nothing between calls and all within one: each
	// weight once, of embedding tables only the gathered rows unless a product uses the table too, the key-value rows of
	// earlier positions read and those of this call written, inputs and outputs.
	Bytes int64
}

// Cost is the work of call c for the whole batch.
func (w *Workload) Cost(c int) Cost {
	phase, position := w.Phase(c)
	return w.Phases[phase].Graph.cost(position, sizes(w.Options.Precision))
}

// FLOPsPerUnit is the work of a whole query per unit of throughput: for decoders, prefill included, per output token.
func (w *Workload) FLOPsPerUnit() float64 { return w.perUnit(func(c Cost) int64 { return c.FLOPs }) }

// BytesPerUnit is the least memory traffic of a whole query per unit of throughput, at this batch.
func (w *Workload) BytesPerUnit() float64 { return w.perUnit(func(c Cost) int64 { return c.Bytes }) }

func (w *Workload) perUnit(of func(Cost) int64) float64 {
	var sum int64
	for c := range w.Calls() {
		sum += of(w.Cost(c))
	}
	return float64(sum) / float64(w.Options.Batch*w.UnitsPerSample)
}

func (g *Graph) cost(position int, size size) Cost {
	var c Cost
	whole := map[*Value]bool{} // read in full by some node
	gathered := map[*Value]int64{}
	for _, n := range g.Nodes {
		c.FLOPs += n.flops(position)
		switch n.Op {
		case OpEmbedding, OpEmbeddingBag:
			ids := n.In[1]
			gathered[n.In[0]] += size.part(n.In[0], Elements(ids.Shape)*n.In[0].Shape[1])
			whole[ids] = true
			continue
		case OpMoE:
			c.Bytes += n.expertBytes(size)
			whole[n.In[0]], whole[n.In[1]] = true, true
			continue
		}
		for _, v := range n.In {
			if v.Kind == State && !whole[v] && (n.Op != OpAttention || len(n.In) == 3) {
				c.Bytes += size.of(v) // once, even if this call both stores and reads it
			}
			whole[v] = true
		}
		if n.Op == OpAttention && len(n.In) > 3 {
			cache := n.In[3]
			c.Bytes += 2 * size.part(cache, cache.Shape[0]*n.cacheRows(position)*cache.Shape[2])
		}
	}
	for _, v := range g.Values {
		switch {
		case v.Kind == Input, v.Kind == Param && whole[v]:
			c.Bytes += size.of(v)
		case v.Kind == Param:
			c.Bytes += gathered[v]
		}
	}
	for _, v := range g.Outputs {
		c.Bytes += size.of(v)
	}
	return c
}

// cacheRows are the positions of the cache that a call reads or writes: with a window only those that it can see.
func (n *Node) cacheRows(position int) int {
	rows := n.In[1].Shape[1]
	if n.Attr.Window > 0 {
		position = min(position, n.Attr.Window-1)
	}
	return position + rows
}

// expertBytes are the weights of the experts that the rows of a call choose: of each kind that many of the E matrices as
// independent, uniformly choosing rows make distinct, E (1 - (1 - k/E)^rows). A trained router spreads less.
func (n *Node) expertBytes(size size) int64 {
	experts := float64(n.In[2].Shape[0])
	rows := float64(Elements(n.In[0].Shape) / n.In[0].Shape[2])
	share := 1 - math.Pow(1-float64(n.Attr.TopK)/experts, rows)
	var all int64
	for _, v := range n.In[2:] {
		all += size.of(v)
	}
	return int64(share * float64(all))
}

// flops is the work of one node in a call that starts at the given position.
func (n *Node) flops(position int) int64 {
	out := int64(Elements(n.Out.Shape))
	switch n.Op {
	case OpLinear:
		x := n.In[0].Shape
		return 2 * out * int64(x[len(x)-1])
	case OpConv2D:
		return 2 * out * int64(n.Attr.Kernel*n.Attr.Kernel*n.In[0].Shape[3])
	case OpConv1D:
		return 2 * out * int64(n.Attr.Kernel*n.In[0].Shape[2])
	case OpMoE:
		return 2 * out * int64(n.Attr.TopK*3*n.In[2].Shape[2])
	case OpAttention:
		return 4 * int64(n.Out.Shape[0]) * n.seen(position) * int64(n.Attr.Heads*n.Attr.HeadDim)
	}
	return 0
}

// seen counts the pairs of a query row and a key row that it sees, per batch entry.
func (n *Node) seen(position int) int64 {
	q, k := n.In[0].Shape, n.In[1].Shape
	rows := int64(Elements(q[1 : len(q)-1]))
	switch {
	case len(n.In) == 3 && !n.Attr.Causal:
		return rows * int64(Elements(k[1:len(k)-1]))
	case len(n.In) == 3:
		position = 0
	}
	if n.Attr.Window == 0 {
		return rows*int64(position) + rows*(rows+1)/2
	}
	var sum int64
	for row := range rows {
		sum += min(int64(position)+row+1, int64(n.Attr.Window))
	}
	return sum
}

// size tells how many bytes the values of a graph take at a precision: floats that are not quantised take perFloat.
type size struct{ perFloat int64 }

// scaleBytes is the size of the scale of a group of quantised weights, f32 in all precisions.
const scaleBytes = 4

// sizes at a precision. Models of quantised integers keep their other parameters, their activations and caches in f32, those
// of fp8 in bf16: activations are converted where a product takes them.
func sizes(precision string) size {
	switch precision {
	case Half, BFloat16, Float8:
		return size{2}
	}
	return size{4}
}

func (s size) of(v *Value) int64 { return s.part(v, Elements(v.Shape)) }

// part is the size of n elements of v.
func (s size) part(v *Value, n int) int64 {
	switch {
	case v.DType != F32:
		return int64(n) * v.DType.Bytes()
	case v.Kind == Param && v.Param != nil && v.Param.Bits > 0:
		return int64(n)*int64(v.Param.Bits)/8 + int64(n)/int64(v.Param.Block)*scaleBytes
	}
	return int64(n) * s.perFloat
}

// Memory is what a workload needs on a device, in bytes.
type Memory struct {
	Parameters  int64
	States      int64
	Activations int64
}

// Total is the sum of the parts.
func (m Memory) Total() int64 { return m.Parameters + m.States + m.Activations }

// Memory estimates the need at the workload's precision by element size. Parameters and states are exact for dense
// storage. Activations are those of the phase that needs most: inputs, outputs, and the largest sum of intermediate results
// that are alive at one time when nodes run in order and nothing is computed in place. Engines add their workspace (packed
// weights, algorithms' scratch memory); those that compute in place or fuse need less. A model file's need is not known
// from its inputs: its parameters count as its file's size.
func (w *Workload) Memory() Memory {
	size := sizes(w.Options.Precision)
	var m Memory
	if w.File != nil {
		m.Parameters = w.File.Bytes
	}
	for _, v := range w.Phases[0].Graph.Params() {
		m.Parameters += size.of(v)
	}
	for _, v := range w.states() {
		m.States += size.of(v)
	}
	for _, p := range w.Phases {
		m.Activations = max(m.Activations, p.Graph.activations(size))
	}
	return m
}

// states are those of all phases, each once.
func (w *Workload) states() []*Value {
	var out []*Value
	seen := map[string]bool{}
	for _, p := range w.Phases {
		for _, v := range p.Graph.States() {
			if !seen[v.Name] {
				seen[v.Name] = true
				out = append(out, v)
			}
		}
	}
	return out
}

// activations is the peak of live intermediate results plus inputs and outputs.
func (g *Graph) activations(size size) int64 {
	last := map[*Value]int{} // the node after which a value is free
	for i, n := range g.Nodes {
		last[n.Out] = i
		for _, v := range n.In {
			last[v] = i
		}
	}
	var fixed int64
	for _, v := range g.Inputs() {
		fixed += size.of(v)
	}
	for _, v := range g.Outputs {
		fixed += size.of(v)
		delete(last, v)
	}
	free := map[int]int64{}
	for v, i := range last {
		if v.Kind == Computed {
			free[i] += size.of(v)
		}
	}
	var live, peak int64
	for i, n := range g.Nodes {
		if _, counted := last[n.Out]; counted {
			live += size.of(n.Out)
		}
		peak = max(peak, live)
		live -= free[i]
	}
	return fixed + peak
}
