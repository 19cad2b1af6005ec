package native

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/engine/native/kernel"
	"github.com/accelbench/accelbench/workloads"
)

// params holds the parameters of all phases by name, each in the layouts in which some op reads it: as generated, or packed
// for products. Most are kept in one layout only.
type params struct {
	raw    map[string][]float32
	packed map[packing]*kernel.PackedB
}

// packing names a packed weight.
type packing struct {
	name       string
	transposed bool
	expert     int // of a mixture
}

// weight is one matrix still to be packed: a parameter, or the part of it that belongs to one expert.
type weight struct {
	value   *workloads.Value
	packing packing
	k, n    int // of the product
	first   int // element of the parameter
}

// weightOf describes the second operand of a product.
func weightOf(n *workloads.Node) weight {
	v := n.In[1]
	last := v.Shape[len(v.Shape)-1]
	w := weight{value: v, packing: packing{name: v.Name, transposed: n.Attr.Transposed && n.Op == workloads.OpLinear}, n: last}
	w.k = workloads.Elements(v.Shape) / last
	if w.packing.transposed {
		w.k, w.n = w.n, w.k
	}
	return w
}

// expertWeight describes the matrix of one expert in a parameter [E,K,N].
func expertWeight(v *workloads.Value, expert int) weight {
	k, n := v.Shape[1], v.Shape[2]
	return weight{value: v, packing: packing{name: v.Name, expert: expert}, k: k, n: n, first: expert * k * n}
}

// weights lists the matrices that a node reads packed from its input i; none if it reads that as it lies.
func weights(n *workloads.Node, i int) []weight {
	switch {
	case isProduct(n) && i == 1:
		return []weight{weightOf(n)}
	case n.Op == workloads.OpMoE && i >= 2 && i < 5:
		var out []weight
		for e := range n.In[i].Shape[0] {
			out = append(out, expertWeight(n.In[i], e))
		}
		return out
	}
	return nil
}

// needs lists the parameters that the plans read, each layout once.
func needs(plans []*plan) (raw []*workloads.Value, packed []weight, err error) {
	specs := map[string]*workloads.Value{}
	seenRaw, seenPacked := map[string]bool{}, map[packing]bool{}
	visit := func(n *workloads.Node, ins []*workloads.Value) error {
		for i, v := range ins {
			if v.Kind != workloads.Param {
				continue
			}
			first, known := specs[v.Name]
			switch {
			case v.Param == nil:
				return fmt.Errorf("parameter %s has no generator: %w", v.Name, devices.ErrUnsupported)
			case known && (*first.Param != *v.Param || workloads.Elements(first.Shape) != workloads.Elements(v.Shape)):
				return fmt.Errorf("parameter %s differs between two graphs: %w", v.Name, devices.ErrUnsupported)
			}
			specs[v.Name] = v
			var matrices []weight
			if n != nil {
				matrices = weights(n, i)
			}
			for _, w := range matrices {
				if !seenPacked[w.packing] {
					seenPacked[w.packing] = true
					packed = append(packed, w)
				}
			}
			if len(matrices) == 0 && !seenRaw[v.Name] {
				seenRaw[v.Name] = true
				raw = append(raw, v)
			}
		}
		return nil
	}
	for _, p := range plans {
		for _, level := range p.steps {
			for _, s := range level {
				node := s.node
				if s.fromRows {
					node = nil // it packs nothing
				}
				if err := visit(node, s.node.In); err != nil {
					return nil, nil, err
				}
				if s.up != nil {
					if err := visit(s.up, s.up.In); err != nil {
						return nil, nil, err
					}
				}
				if s.add != nil {
					if err := visit(nil, []*workloads.Value{s.add}); err != nil {
						return nil, nil, err
					}
				}
			}
		}
		for _, v := range p.graph.Outputs {
			if err := visit(nil, []*workloads.Value{v}); err != nil {
				return nil, nil, err
			}
		}
	}
	return raw, packed, nil
}

// fillChunk is the number of elements that one task generates: a fraction of a millisecond.
const fillChunk = 1 << 18

// maker generates and packs parameters with all workers, and keeps the time of both.
type maker struct {
	set             *kernel.Set
	pool            *pool
	params          *params
	synthesis, pack time.Duration
}

// mostPassing bounds the buffer that weights pass through where the largest of them does not: 256 MiB hold enough weights of a
// large model to keep all workers packing.
const mostPassing = 1 << 26

// make makes all parameters. Weights that are only packed pass in groups through one buffer, which holds the largest of them
// and else a small part of the model: the elements of a group are generated in parallel, then its members are packed in
// parallel.
func (m *maker) make(ctx context.Context, raw []*workloads.Value, packed []weight) error {
	m.params = &params{raw: map[string][]float32{}, packed: map[packing]*kernel.PackedB{}}
	var fills []filling
	for _, v := range raw {
		dst := alignedFloats(workloads.Elements(v.Shape))
		m.params.raw[v.Name] = dst
		fills = append(fills, filling{v, 0, dst})
	}
	if err := m.fill(fills); err != nil {
		return err
	}

	size, total := 0, 0
	var ready, through []weight
	for _, w := range packed {
		if m.params.raw[w.value.Name] != nil {
			ready = append(ready, w)
			continue
		}
		through = append(through, w)
		size, total = max(size, w.k*w.n), total+w.k*w.n
	}
	size = max(size, min(total/8, mostPassing))
	m.packAll(ready, func(i int) []float32 { return m.params.raw[ready[i].value.Name][ready[i].first:] })

	buf := make([]float32, size)
	for len(through) > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		group, used := 0, 0
		fills = fills[:0]
		for group < len(through) && used+through[group].k*through[group].n <= size {
			w := through[group]
			n := w.k * w.n
			fills = append(fills, filling{w.value, w.first, buf[used : used+n]})
			used += n
			group++
		}
		if err := m.fill(fills); err != nil {
			return err
		}
		m.packAll(through[:group], func(i int) []float32 { return fills[i].dst })
		through = through[group:]
	}
	return ctx.Err()
}

// filling is a part of a parameter, from an element on.
type filling struct {
	value *workloads.Value
	first int
	dst   []float32
}

// fill generates parameters in chunks.
func (m *maker) fill(fills []filling) error {
	start := time.Now()
	var chunks tasks
	var failed atomic.Pointer[error]
	for _, f := range fills {
		chunk := f.value.Chunk(fillChunk)
		for lo := 0; lo < len(f.dst); lo += chunk {
			part := f.dst[lo:min(lo+chunk, len(f.dst))]
			chunks = append(chunks, func() {
				if err := f.value.Generate(f.first+lo, part); err != nil {
					failed.Store(&err)
				}
			})
		}
	}
	m.pool.do(chunks, len(chunks))
	m.synthesis += time.Since(start)
	if err := failed.Load(); err != nil {
		return fmt.Errorf("reading parameters: %w", *err)
	}
	return nil
}

// packAll packs weights, one task each; source gives the elements of weight i.
func (m *maker) packAll(ws []weight, source func(i int) []float32) {
	start := time.Now()
	out := make([]*kernel.PackedB, len(ws))
	var each tasks
	for i, w := range ws {
		each = append(each, func() {
			if w.packing.transposed {
				out[i] = m.set.PackBT(w.k, w.n, source(i), w.k)
			} else {
				out[i] = m.set.PackB(w.k, w.n, source(i), w.n)
			}
		})
	}
	m.pool.do(each, len(each))
	for i, w := range ws {
		m.params.packed[w.packing] = out[i]
	}
	m.pack += time.Since(start)
}

// tasks is a job of closures, for loading, where allocation does not matter.
type tasks []func()

func (t tasks) run(_ *worker, task int) { t[task]() }
