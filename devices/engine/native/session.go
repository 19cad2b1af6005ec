package native

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/engine/native/kernel"
	"github.com/accelbench/accelbench/workloads"
)

var errClosed = errors.New("the session is closed")

// session executes the phases of one workload. Arena and states are shared by the phases: one phase runs at a time.
type session struct {
	workload *workloads.Workload
	plans    []*plan
	memory   *memory
	pool     *pool
	err      error // the first error: it ended the session's use
}

func load(ctx context.Context, set *kernel.Set, threads int, w *workloads.Workload) (devices.Loaded, error) {
	var out devices.Loaded
	start := time.Now()
	s := &session{workload: w, memory: &memory{set: set, threads: threads, states: map[string][]float32{}}}
	arena := 0
	for _, phase := range w.Phases {
		p, err := newPlan(phase.Graph)
		if err != nil {
			return out, err
		}
		s.plans = append(s.plans, p)
		arena = max(arena, p.floats)
	}
	raw, packed, err := needs(s.plans)
	if err != nil {
		return out, err
	}
	out.Compile = time.Since(start)

	s.pool = newPool(threads)
	m := maker{set: set, pool: s.pool}
	if err := m.make(ctx, raw, packed); err != nil {
		s.pool.close()
		return out, fmt.Errorf("making parameters: %w", err)
	}
	out.Synthesis, out.Load = m.synthesis, m.pack

	start = time.Now()
	s.memory.params = m.params
	s.memory.arena = alignedFloats(arena)
	if err := s.bind(); err != nil {
		s.pool.close()
		return out, err
	}
	// What passed through while packing is garbage now; a run that reports its memory must not carry it.
	debug.FreeOSMemory()
	out.Load += time.Since(start)
	out.Session = s
	return out, nil
}

// bind makes states and ops, and grows the workers' memory to its final size.
func (s *session) bind() error {
	widest := 1
	for _, p := range s.plans {
		for _, v := range p.graph.States() {
			n := workloads.Elements(v.Shape)
			if have, ok := s.memory.states[v.Name]; !ok {
				s.memory.states[v.Name] = alignedFloats(n)
			} else if len(have) != n {
				return fmt.Errorf("state %s differs between two graphs: %w", v.Name, devices.ErrUnsupported)
			}
		}
		for _, v := range p.graph.Values {
			if len(v.Shape) > 0 {
				widest = max(widest, v.Shape[len(v.Shape)-1])
			}
		}
	}
	s.memory.ones = make([]float32, max(widest, rowFloats))
	for i := range s.memory.ones {
		s.memory.ones[i] = 1
	}
	var growing []grower
	for _, p := range s.plans {
		if err := p.bind(s.memory); err != nil {
			return err
		}
		for _, l := range p.levels {
			for _, o := range l.ops {
				if g, ok := o.(grower); ok {
					growing = append(growing, g)
				}
			}
		}
	}
	for _, w := range s.pool.workers {
		w.grow(s.memory.set, growing)
	}
	return nil
}

// grower is an op whose tasks need memory of the worker.
type grower interface {
	// grow makes the worker's memory large enough for any task.
	grow(w *worker)
}

// grow makes the memory that the kernels and ops would otherwise allocate when they first need it: the largest block of a
// product, an incomplete panel, a row of zeros, and what the growing ops ask for.
func (w *worker) grow(set *kernel.Set, growing []grower) {
	k, n := set.KC, 8*set.NR+1
	b := set.PackB(k, n, make([]float32, k*n), n)
	c := make([]float32, set.MC*n)
	nothing := func([]float32, int, int, int, int, int) {}
	set.GemmFill(set.MC, k, nothing, b, nil, kernel.InitZero, c, n, 0, n, &w.scratch)
	set.Gemm(1, make([]float32, k), k, b, nil, kernel.InitZero, c, n, 0, n, &w.scratch)
	for _, g := range growing {
		g.grow(w)
	}
}

func (s *session) Run(ctx context.Context, phase int, in, out []workloads.Tensor) error {
	if s.err == nil {
		if err := s.run(ctx, phase, in, out); err != nil {
			s.err = fmt.Errorf("engine native, workload %s, phase %d: %w", s.workload.Name, phase, err)
		}
	}
	return s.err
}

func (s *session) run(ctx context.Context, phase int, in, out []workloads.Tensor) error {
	if phase < 0 || phase >= len(s.plans) {
		return fmt.Errorf("there are %d phases", len(s.plans))
	}
	p := s.plans[phase]
	if err := p.feed(in, out); err != nil {
		return err
	}
	if phase == 0 {
		for _, state := range s.memory.states {
			clear(state)
		}
	}
	for _, l := range p.levels {
		if err := ctx.Err(); err != nil {
			return err
		}
		tasks := 0
		for _, o := range l.ops {
			if err := o.prepare(); err != nil {
				return err
			}
			tasks += o.count()
		}
		if l.inline {
			s.pool.doInline(l, tasks)
		} else {
			s.pool.do(l, tasks)
		}
	}
	for i, b := range p.outputs {
		if !p.direct[i] {
			copy(out[i].F32, b.f)
			copy(out[i].I32, b.i)
		}
	}
	return nil
}

// feed checks the tensors of a call and points the buffers of inputs and outputs at them.
func (p *plan) feed(in, out []workloads.Tensor) error {
	if err := fits("inputs", p.fed, in); err != nil {
		return err
	}
	if err := fits("outputs", p.graph.Outputs, out); err != nil {
		return err
	}
	for i := range in {
		p.inputs[i].f, p.inputs[i].i = in[i].F32, in[i].I32
	}
	for i, direct := range p.direct {
		if direct {
			p.outputs[i].f = out[i].F32
		}
	}
	return nil
}

func fits(what string, want []*workloads.Value, have []workloads.Tensor) error {
	if len(have) != len(want) {
		return fmt.Errorf("%d %s, the graph has %d", len(have), what, len(want))
	}
	for i, v := range want {
		n := len(have[i].F32)
		if v.DType == workloads.I32 {
			n = len(have[i].I32)
		}
		if have[i].DType != v.DType || n != workloads.Elements(v.Shape) {
			return fmt.Errorf("%s: %s has %d elements of %s, the graph wants %v of %s", what, v.Name, n, have[i].DType, v.Shape, v.DType)
		}
	}
	return nil
}

// Close ends the workers. Closing twice is no error.
func (s *session) Close() error {
	if !errors.Is(s.err, errClosed) {
		s.pool.close()
		s.err = errClosed
	}
	return nil
}
