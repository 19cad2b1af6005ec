package onnxruntime

import (
	"context"
	"errors"
	"fmt"

	"github.com/accelbench/accelbench/devices/engine/onnxruntime/ort"
	"github.com/accelbench/accelbench/workloads"
)

var errClosed = errors.New("the session is closed")

// session runs the phases of one workload.
//
// Steady state allocates nothing: the tensors of a pool and the outputs that are kept are bound once each, and a context is
// watched until another one comes.
//
// The caller's thread is one of those that compute. It is not locked to the goroutine: one that comes back from a call finds its
// thread again, and a program in C with a single thread is no faster (see BenchmarkOverhead).
type session struct {
	engine   string
	workload *workloads.Workload
	phases   []*phase
	models   []*model
	states   map[string]*ort.Value // by the workload's name of the state
	weights  *weights              // nil until they are made
	watch    watch
	err      error // the first error: it ended the session's use
}

// phase is a model with the values of one phase bound to it.
type phase struct {
	*model
	graph   *workloads.Graph
	inputs  []*workloads.Value
	binding *ort.Binding
	in, out []*port
}

// Run executes one phase. A first phase that starts anew needs no clearing of states: attention reads the rows of its caches
// only up to the position of the call, and other states are written in the first phase.
func (s *session) Run(ctx context.Context, phase int, in, out []workloads.Tensor) error {
	if s.err == nil {
		if err := s.run(ctx, phase, in, out); err != nil {
			s.err = fmt.Errorf("engine %s, workload %s, phase %d: %w", s.engine, s.workload.Name, phase, err)
		}
	}
	return s.err
}

func (s *session) run(ctx context.Context, phase int, in, out []workloads.Tensor) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if phase < 0 || phase >= len(s.phases) {
		return fmt.Errorf("there are %d phases", len(s.phases))
	}
	p := s.phases[phase]
	if err := workloads.Match("inputs", p.inputs, in); err != nil {
		return err
	}
	if err := workloads.Match("outputs", p.graph.Outputs, out); err != nil {
		return err
	}
	options, err := s.watch.over(ctx)
	if err != nil {
		return err
	}
	if err := p.run(options, in, out); err != nil {
		return caused(ctx, err)
	}
	return p.assert()
}

func (p *phase) run(options *ort.RunOptions, in, out []workloads.Tensor) error {
	for i := range in {
		if err := p.in[i].set(&in[i]); err != nil {
			return err
		}
	}
	for i := range out {
		if err := p.out[i].set(&out[i]); err != nil {
			return err
		}
	}
	if p.target.onCPU() {
		return p.binding.Run(options)
	}
	if err := p.binding.SynchronizeInputs(); err != nil {
		return err
	}
	if err := p.binding.Run(options); err != nil {
		return err
	}
	return p.binding.SynchronizeOutputs()
}

// Close releases bindings before values and values before sessions: a state may belong to the session of another model.
func (s *session) Close() error {
	if errors.Is(s.err, errClosed) {
		return nil
	}
	s.err = errClosed
	var errs []error
	for _, p := range s.phases {
		if p == nil {
			continue // loading ended before it
		}
		errs = append(errs, p.binding.Close())
		for _, port := range p.in {
			errs = append(errs, port.forget())
		}
		for _, port := range p.out {
			errs = append(errs, port.forget())
		}
	}
	for _, v := range s.states {
		errs = append(errs, v.Close())
	}
	for _, m := range s.models {
		errs = append(errs, m.close())
	}
	if s.weights != nil {
		errs = append(errs, s.weights.remove())
	}
	errs = append(errs, s.watch.close())
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("closing workload %s in engine %s: %w", s.workload.Name, s.engine, err)
	}
	return nil
}
