package workloads

import "fmt"

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
	return w.Phases[phase].Graph.cost(position)
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

func (g *Graph) cost(position int) Cost {
	var c Cost
	whole := map[*Value]bool{} // read in full by some node
	gathered := map[*Value]int64{}
	for _, n := range g.Nodes {
		c.FLOPs += n.flops(position)
		if n.Op == OpEmbedding {
			gathered[n.In[0]] += bytesOf(n.Out)
			whole[n.In[1]] = true
			continue
		}
		for _, v := range n.In {
			whole[v] = true
		}
		if n.Op == OpAttention && len(n.In) == 6 {
			cache, rows := n.In[3].Shape, position+n.In[1].Shape[1]
			c.Bytes += 2 * F32.Bytes() * int64(cache[0]) * int64(rows) * int64(cache[2])
		}
	}
	for _, v := range g.Values {
		switch {
		case v.Kind == Input, v.Kind == Param && whole[v]:
			c.Bytes += bytesOf(v)
		case v.Kind == Param:
			c.Bytes += gathered[v]
		}
	}
	for _, v := range g.Outputs {
		c.Bytes += bytesOf(v)
	}
	return c
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
	case OpAttention:
		rows := int64(n.Out.Shape[1])
		seen := rows * rows
		if len(n.In) == 6 || n.Attr.Causal {
			if len(n.In) == 3 {
				position = 0
			}
			seen = rows*int64(position) + rows*(rows+1)/2
		}
		return 4 * int64(n.Out.Shape[0]) * seen * int64(n.Attr.Heads*n.Attr.HeadDim)
	}
	return 0
}

func bytesOf(v *Value) int64 { return int64(Elements(v.Shape)) * v.DType.Bytes() }

// precisionBytes are the sizes of one element, for estimates of memory. int8 leaves out scales and zero points.
var precisionBytes = map[string]int64{"f32": 4, "bf16": 2, "f16": 2, "int8": 1}

// Memory is what a workload needs on a device, in bytes.
type Memory struct {
	Parameters  int64
	States      int64
	Activations int64
}

// Total is the sum of the parts.
func (m Memory) Total() int64 { return m.Parameters + m.States + m.Activations }

// Memory estimates the need at a precision (f32, bf16, f16, int8) by its element size. Parameters and states are exact
// for dense storage. Activations are those of the phase that needs most: inputs, outputs, and the largest sum of
// intermediate results that are alive at one time when nodes run in order and nothing is computed in place. Engines add
// their workspace (packed weights, algorithms' scratch memory); those that compute in place or fuse need less.
func (w *Workload) Memory(precision string) (Memory, error) {
	size, ok := precisionBytes[precision]
	if !ok {
		return Memory{}, fmt.Errorf("memory of workload %s: precision %q: %w: sizes are known for f32, bf16, f16, int8",
			w.Name, precision, ErrPrecision)
	}
	m := Memory{Parameters: w.Parameters * size}
	for _, v := range w.Phases[0].Graph.States() {
		m.States += int64(Elements(v.Shape)) * size
	}
	for _, p := range w.Phases {
		m.Activations = max(m.Activations, p.Graph.activations(size))
	}
	return m, nil
}

// activations is the peak of live intermediate results plus inputs and outputs, at a size per float element.
func (g *Graph) activations(size int64) int64 {
	bytes := func(v *Value) int64 {
		if v.DType == I32 {
			return bytesOf(v)
		}
		return int64(Elements(v.Shape)) * size
	}
	last := map[*Value]int{} // the node after which a value is free
	for i, n := range g.Nodes {
		last[n.Out] = i
		for _, v := range n.In {
			last[v] = i
		}
	}
	var fixed int64
	for _, v := range g.Inputs() {
		fixed += bytes(v)
	}
	for _, v := range g.Outputs {
		fixed += bytes(v)
		delete(last, v)
	}
	free := map[int]int64{}
	for v, i := range last {
		if v.Kind == Computed {
			free[i] += bytes(v)
		}
	}
	var live, peak int64
	for i, n := range g.Nodes {
		if _, counted := last[n.Out]; counted {
			live += bytes(n.Out)
		}
		peak = max(peak, live)
		live -= free[i]
	}
	return fixed + peak
}

// MemoryBytes is the total of [Workload.Memory].
func (w *Workload) MemoryBytes(precision string) (int64, error) {
	m, err := w.Memory(precision)
	return m.Total(), err
}
