package native

import (
	"fmt"
	"slices"

	"github.com/accelbench/accelbench/devices/engine/native/kernel"
	"github.com/accelbench/accelbench/workloads"
)

// buffer is the memory of one value. Those of inputs and outputs are set in each call, to the caller's tensors.
type buffer struct {
	f []float32
	i []int32
}

// op is a step bound to its memory, or one of the stages of a step that needs all of one before the next.
type op interface {
	job
	// prepare does what must precede the tasks: it checks ids and positions, and fills what the tasks share.
	prepare() error
	// count is the number of tasks, after prepare.
	count() int
}

// level is a set of ops that do not depend on each other; they run as one job.
type level struct {
	ops []op
	// inline says that the work is less than what handing it out costs.
	inline bool
}

func (l *level) run(w *worker, task int) {
	for _, o := range l.ops {
		if n := o.count(); task >= n {
			task -= n
			continue
		}
		o.run(w, task)
		return
	}
}

// inlineWork is the number of operations that one core does in about the time in which another one takes up work.
const inlineWork = 1 << 14

// plan is one phase, planned: before bind it has shapes only.
type plan struct {
	graph  *workloads.Graph
	steps  [][]*step // by level
	blocks map[*workloads.Value]*block
	// scratch is the memory that steps need while they run.
	scratch map[*workloads.Node]*block
	floats  int // of all blocks

	values  map[*workloads.Value]*buffer
	fed     []*workloads.Value // the graph's inputs
	inputs  []*buffer
	outputs []*buffer
	direct  []bool // by output: ops write it to the caller's tensor
	levels  []*level
}

// newPlan fuses the graph, finds which steps may run together and lays out the activations.
func newPlan(g *workloads.Graph) (*plan, error) {
	steps, err := fuse(g)
	if err != nil {
		return nil, err
	}
	p := &plan{graph: g, blocks: map[*workloads.Value]*block{}, scratch: map[*workloads.Node]*block{},
		values: map[*workloads.Value]*buffer{}}
	made := map[*workloads.Value]int{} // the level that computes a value, or that touched a state last
	for _, s := range steps {
		at := 0
		for _, v := range s.reads() {
			if l, ok := made[v]; ok {
				at = max(at, l+1)
			} else if v.Kind == workloads.Computed {
				return nil, fmt.Errorf("graph %s: %s is read before it is computed", g.Name, v.Name)
			}
		}
		for _, v := range s.reads() {
			if v.Kind == workloads.State {
				made[v] = at
			}
		}
		made[s.out] = at
		if at == len(p.steps) {
			p.steps = append(p.steps, nil)
		}
		p.steps[at] = append(p.steps[at], s)
	}
	p.layOut()
	return p, nil
}

// layOut gives every computed value, and what steps need besides, its place in the activation memory.
func (p *plan) layOut() {
	var all []*block
	need := func(v *workloads.Value, at int) {
		if v.Kind != workloads.Computed || slices.Contains(p.graph.Outputs, v) {
			return // the caller's memory
		}
		b := p.blocks[v]
		if b == nil {
			b = &block{size: workloads.Elements(v.Shape), first: at}
			p.blocks[v] = b
			all = append(all, b)
		}
		b.last = max(b.last, at)
	}
	for at, steps := range p.steps {
		for _, s := range steps {
			for _, v := range s.reads() {
				need(v, at)
			}
			need(s.out, at)
			if s.up != nil {
				need(s.up.Out, at)
			}
			if n := scratchFloats(s.node); n > 0 {
				p.scratch[s.node] = &block{size: n, first: at, last: at}
				all = append(all, p.scratch[s.node])
			}
		}
	}
	p.floats = place(all)
}

// memory is what the phases of a session share.
type memory struct {
	set     *kernel.Set
	threads int
	arena   []float32
	states  map[string][]float32
	params  *params
	ones    []float32
}

// bind makes the ops.
func (p *plan) bind(m *memory) error {
	p.fed = p.graph.Inputs()
	for _, v := range p.fed {
		b := &buffer{}
		p.values[v] = b
		p.inputs = append(p.inputs, b)
	}
	for v, b := range p.blocks {
		p.values[v] = &buffer{f: m.arena[b.offset : b.offset+b.size : b.offset+b.size]}
	}
	for _, v := range p.graph.States() {
		p.values[v] = &buffer{f: m.states[v.Name]}
	}
	for _, v := range p.graph.Params() {
		p.values[v] = &buffer{f: m.params.raw[v.Name]}
	}
	for _, v := range p.graph.Outputs {
		direct := v.Kind == workloads.Computed && p.values[v] == nil
		if direct {
			p.values[v] = &buffer{}
		}
		p.outputs, p.direct = append(p.outputs, p.values[v]), append(p.direct, direct)
	}
	b := &binder{memory: m, values: p.values, scratch: p.scratch, angles: map[angleKey]*angles{}}
	for _, steps := range p.steps {
		var stages []*level
		work := 0
		for _, s := range steps {
			ops, err := b.ops(s)
			if err != nil {
				return fmt.Errorf("graph %s, %s of %s: %w", p.graph.Name, s.node.Op, s.out.Name, err)
			}
			for i, o := range ops {
				if i == len(stages) {
					stages = append(stages, &level{})
				}
				stages[i].ops = append(stages[i].ops, o)
			}
			work += operations(s)
		}
		for _, l := range stages {
			l.inline = work < inlineWork
		}
		p.levels = append(p.levels, stages...)
	}
	return nil
}

// operations estimates the arithmetic of a step, in units of about a tenth of a nanosecond of one core.
func operations(s *step) int {
	out := workloads.Elements(s.out.Shape)
	switch s.node.Op {
	case workloads.OpLinear, workloads.OpConv2D, workloads.OpConv1D:
		return out * workloads.Elements(s.node.In[1].Shape) / s.node.Out.Shape[len(s.node.Out.Shape)-1]
	case workloads.OpMoE:
		return 3 * out * s.node.Attr.TopK * s.node.In[2].Shape[2]
	case workloads.OpAttention:
		return 4 * out * rowsOf(s.node.In[len(s.node.In)/2])
	case workloads.OpEmbeddingBag:
		return out * s.node.In[1].Shape[1]
	case workloads.OpMaxPool:
		return out * s.node.Attr.Kernel * s.node.Attr.Kernel
	case workloads.OpGlobalAvgPool:
		return workloads.Elements(s.node.In[0].Shape)
	}
	return 4 * out
}

// scratchFloats is the memory that a step needs while it runs.
func scratchFloats(n *workloads.Node) int {
	if n.Op == workloads.OpMoE {
		return mixtureFloats(n)
	}
	return 0
}

// rowsOf is the number of rows of a batch entry: all axes but the first and the last.
func rowsOf(v *workloads.Value) int { return workloads.Elements(v.Shape[1 : len(v.Shape)-1]) }

// binder makes ops of steps.
type binder struct {
	*memory
	values  map[*workloads.Value]*buffer
	scratch map[*workloads.Node]*block
	angles  map[angleKey]*angles
}

// ops makes the stages of a step, mostly one.
func (b *binder) ops(s *step) ([]op, error) {
	switch s.node.Op {
	case workloads.OpMoE:
		return b.mixture(s.node), nil
	case workloads.OpGroupNorm:
		return b.groupNorm(s.node), nil
	}
	o, err := b.op(s)
	return []op{o}, err
}

func (b *binder) op(s *step) (op, error) {
	n := s.node
	if s.fromRows {
		return b.tied(n), nil
	}
	switch n.Op {
	case workloads.OpLinear, workloads.OpConv2D, workloads.OpConv1D:
		return b.product(s), nil
	case workloads.OpAttention:
		return b.attention(n), nil
	case workloads.OpEmbedding:
		return b.embedding(n), nil
	case workloads.OpEmbeddingBag:
		return b.embeddingBag(n), nil
	case workloads.OpMaxPool:
		return b.maxPool(n), nil
	case workloads.OpGlobalAvgPool:
		return b.globalAvgPool(n), nil
	case workloads.OpUpsample:
		return b.upsample(n), nil
	case workloads.OpConcat:
		return b.concat(n), nil
	case workloads.OpAddRows:
		return b.addRows(n), nil
	case workloads.OpRope:
		return b.rope(n), nil
	case workloads.OpLast:
		return b.last(n), nil
	}
	return b.rowwise(n)
}
