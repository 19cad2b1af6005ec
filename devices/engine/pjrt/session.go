package pjrt

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/accelbench/accelbench/devices/engine/pjrt/client"
	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/stablehlo"
)

var errClosed = errors.New("the session is closed")

// session runs the phases of one workload. Parameters and states stay on the device; a state that a program writes gives its memory
// to the result that takes its place.
type session struct {
	engine   *engine
	client   *shared
	workload *workloads.Workload
	form     stablehlo.Options
	phases   []*phaseProgram
	params   map[string]*client.Buffer // by the name of the port
	states   map[string]*client.Buffer
	err      error // the first error: it ended the session's use
}

// phaseProgram is a compiled program with its ports.
type phaseProgram struct {
	program         *client.Executable
	args, results   []stablehlo.Port
	inputs, outputs []stablehlo.Port // those of args and results
	donate          []bool
}

// Run executes one phase. A call in the plugin cannot be interrupted: the context counts before and after it.
func (s *session) Run(ctx context.Context, phase int, in, out []workloads.Tensor) error {
	return s.guard(phase, func(p *phaseProgram) error {
		if err := fit("outputs", p.outputs, out); err != nil {
			return err
		}
		return s.run(ctx, p, in, out)
	})
}

// Advance is Run for outputs that nobody reads: they are freed where they are.
func (s *session) Advance(ctx context.Context, phase int, in []workloads.Tensor) error {
	return s.guard(phase, func(p *phaseProgram) error { return s.run(ctx, p, in, nil) })
}

// guard keeps the first error, after which the session is of no more use.
func (s *session) guard(phase int, call func(*phaseProgram) error) error {
	if s.err != nil {
		return s.err
	}
	err := fmt.Errorf("there are %d phases", len(s.phases))
	if phase >= 0 && phase < len(s.phases) {
		err = call(s.phases[phase])
	}
	if err != nil {
		s.err = fmt.Errorf("engine %s, workload %s, phase %d: %w", Name, s.workload.Name, phase, err)
	}
	return s.err
}

// run executes a program, and fetches as many of its outputs as there are tensors for.
func (s *session) run(ctx context.Context, p *phaseProgram, in, out []workloads.Tensor) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := fit("inputs", p.inputs, in); err != nil {
		return err
	}
	args, inputs, err := s.gather(p, in)
	defer func() { _ = closeAll(inputs) }() // nothing hangs on them
	if err != nil {
		return err
	}
	results, err := p.program.Run(args, p.donate)
	if err != nil {
		return fmt.Errorf("executing: %w", err)
	}
	if err := s.scatter(p, results, out); err != nil {
		return err
	}
	return ctx.Err()
}

// gather lists the arguments of a call, and uploads its inputs.
func (s *session) gather(p *phaseProgram, in []workloads.Tensor) (args, inputs []*client.Buffer, err error) {
	args = make([]*client.Buffer, len(p.args))
	for i, a := range p.args {
		switch a.Role {
		case stablehlo.Param:
			args[i] = s.params[a.Name]
		case stablehlo.State:
			args[i] = s.states[a.Name]
		default:
			b, err := s.client.Upload(in[len(inputs)].Bytes(), a.DType, a.Shape)
			if err != nil {
				return nil, inputs, fmt.Errorf("copying input %s to the device: %w", a.Name, err)
			}
			inputs = append(inputs, b)
			args[i] = b
		}
	}
	return args, inputs, nil
}

// scatter puts states in their place and fetches outputs.
func (s *session) scatter(p *phaseProgram, results []*client.Buffer, out []workloads.Tensor) error {
	if len(results) != len(p.results) {
		return errors.Join(fmt.Errorf("executing: it gave %d results, not %d", len(results), len(p.results)), closeAll(results))
	}
	for i, a := range p.args {
		if a.Result < 0 {
			continue
		}
		// The old buffer was donated; where a plugin copies all the same, it is freed here.
		if err := s.states[a.Name].Close(); err != nil {
			return fmt.Errorf("freeing argument %d: %w", i, err)
		}
		s.states[a.Name], results[a.Result] = results[a.Result], nil
	}
	defer func() { _ = closeAll(results) }()
	k := 0
	for i, r := range p.results {
		if r.Role != stablehlo.Output || k == len(out) {
			continue
		}
		if err := results[i].Download(out[k].Bytes()); err != nil {
			return fmt.Errorf("fetching output %s: %w", r.Name, err)
		}
		k++
	}
	return nil
}

// Close frees what the session has on the device, and the client with the last session.
func (s *session) Close() error {
	if errors.Is(s.err, errClosed) {
		return nil
	}
	s.err = errClosed
	var errs []error
	for _, p := range s.phases {
		errs = append(errs, p.program.Close())
	}
	for _, list := range []map[string]*client.Buffer{s.params, s.states} {
		for _, b := range list {
			errs = append(errs, b.Close())
		}
	}
	s.params, s.states, s.phases = nil, nil, nil
	return errors.Join(append(errs, s.engine.release(s.client))...)
}

// ports are those of a role.
func ports(list []stablehlo.Port, role stablehlo.Role) []stablehlo.Port {
	return slices.DeleteFunc(slices.Clone(list), func(p stablehlo.Port) bool { return p.Role != role })
}

// fit is nil if the tensors are those of the ports.
func fit(what string, want []stablehlo.Port, have []workloads.Tensor) error {
	if len(have) != len(want) {
		return fmt.Errorf("%d %s, the program has %d", len(have), what, len(want))
	}
	for i, p := range want {
		if t := &have[i]; t.DType != p.DType || int64(len(t.Bytes())) != p.Bytes() {
			return fmt.Errorf("%s: %s has %d bytes of %s, the program wants %v of %s", what, p.Name, len(t.Bytes()), t.DType, p.Shape, p.DType)
		}
	}
	return nil
}
