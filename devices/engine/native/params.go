package native

import (
	"context"
	"fmt"
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
}

// weight is one parameter still to be made.
type weight struct {
	value   *workloads.Value
	packing packing
	k, n    int // of the product; 0 for a parameter that is not packed
}

// weightOf describes the second operand of a product.
func weightOf(n *workloads.Node) weight {
	v := n.In[1]
	last := v.Shape[len(v.Shape)-1]
	w := weight{value: v, packing: packing{v.Name, n.Attr.Transposed && n.Op == workloads.OpLinear}, n: last}
	w.k = workloads.Elements(v.Shape) / last
	if w.packing.transposed {
		w.k, w.n = w.n, w.k
	}
	return w
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
			if n != nil && i == 1 {
				if w := weightOf(n); !seenPacked[w.packing] {
					seenPacked[w.packing] = true
					packed = append(packed, w)
				}
			} else if !seenRaw[v.Name] {
				seenRaw[v.Name] = true
				raw = append(raw, v)
			}
		}
		return nil
	}
	for _, p := range plans {
		for _, level := range p.steps {
			for _, s := range level {
				product := s.node
				if s.node.Op != workloads.OpLinear && s.node.Op != workloads.OpConv2D || s.fromRows {
					product = nil
				}
				if err := visit(product, s.node.In); err != nil {
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

// make makes all parameters. Weights that are only packed pass through one buffer as large as the largest of them, in groups:
// the elements of a group are generated in parallel, then its members are packed in parallel.
func (m *maker) make(ctx context.Context, raw []*workloads.Value, packed []weight) error {
	m.params = &params{raw: map[string][]float32{}, packed: map[packing]*kernel.PackedB{}}
	var fills []filling
	for _, v := range raw {
		dst := alignedFloats(workloads.Elements(v.Shape))
		m.params.raw[v.Name] = dst
		fills = append(fills, filling{v, dst})
	}
	m.fill(fills)

	size := 0
	var ready, through []weight
	for _, w := range packed {
		if m.params.raw[w.value.Name] != nil {
			ready = append(ready, w)
			continue
		}
		through = append(through, w)
		size = max(size, w.k*w.n)
	}
	m.packAll(ready, func(i int) []float32 { return m.params.raw[ready[i].value.Name] })

	buf := make([]float32, size)
	for len(through) > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		group, used := 0, 0
		fills = fills[:0]
		for group < len(through) && used+through[group].k*through[group].n <= size {
			n := through[group].k * through[group].n
			fills = append(fills, filling{through[group].value, buf[used : used+n]})
			used += n
			group++
		}
		m.fill(fills)
		m.packAll(through[:group], func(i int) []float32 { return fills[i].dst })
		through = through[group:]
	}
	return ctx.Err()
}

type filling struct {
	value *workloads.Value
	dst   []float32
}

// fill generates parameters in chunks.
func (m *maker) fill(fills []filling) {
	start := time.Now()
	var chunks tasks
	for _, f := range fills {
		for lo := 0; lo < len(f.dst); lo += fillChunk {
			part := f.dst[lo:min(lo+fillChunk, len(f.dst))]
			chunks = append(chunks, func() { f.value.Param.Fill(f.value.Name, lo, part) })
		}
	}
	m.pool.do(chunks, len(chunks))
	m.synthesis += time.Since(start)
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
