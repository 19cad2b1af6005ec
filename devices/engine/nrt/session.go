package nrt

import (
	"context"
	"errors"
	"fmt"

	"github.com/accelbench/accelbench/devices/engine/nrt/libnrt"
	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/stablehlo"
)

// session runs the phases of a standard workload.
//
// Parameters are on the device once, for all phases. A state has two tensors: an execution reads one and writes the other, and
// they change places. The program thereby copies what it does not change of a state, which costs memory bandwidth of the chip.
type session struct {
	workload *workloads.Workload
	place    place
	phases   []*graphProgram
	shared   map[string]*libnrt.Tensor // parameters by port
	states   map[string]*state
	err      error // the first error: it ended the session's use
}

// state is a value that lives between calls.
type state struct {
	port    stablehlo.Port
	tensors [2]*libnrt.Tensor
	now     int // which of them holds the value
}

// graphProgram is the program of a phase with its tensors.
type graphProgram struct {
	*program
	built   built
	graph   *workloads.Graph
	in, out []*libnrt.Tensor // of the graph's inputs and outputs; an input that the program does not use is nil
	sets    map[string][2]*libnrt.Set
}

// add loads a program and allocates the tensors that are its own.
func (s *session) add(b built) error {
	loaded, err := s.place.load(b.neff)
	if err != nil {
		return err
	}
	p := &graphProgram{program: loaded, built: b, graph: s.workload.Phases[len(s.phases)].Graph, sets: map[string][2]*libnrt.Set{}}
	p.built.neff = nil // the runtime has its copy
	s.phases = append(s.phases, p)
	used := map[string]bool{}
	for i, port := range b.Args {
		info, ok := p.inputs[inputName(i)]
		used[inputName(i)] = true
		if ok { // a compiler may drop what a program does not use
			if err := check(info, port.DType, port.Bytes()); err != nil {
				return fmt.Errorf("argument %s: %w", port.Name, err)
			}
		}
		switch port.Role {
		case stablehlo.Input:
			var t *libnrt.Tensor
			if ok {
				if t, err = s.place.allocate(port.Name, port.Bytes()); err != nil {
					return err
				}
			}
			p.in = append(p.in, t)
		case stablehlo.State:
			s.state(port)
		}
	}
	written := map[string]bool{}
	for i, port := range b.Results {
		info, ok := p.outputs[outputName(i)]
		written[outputName(i)] = true
		if !ok {
			return fmt.Errorf("the program has no %s, which is %s: its outputs are not named as expected", outputName(i), port.Name)
		}
		if err := check(info, port.DType, port.Bytes()); err != nil {
			return fmt.Errorf("result %s: %w", port.Name, err)
		}
		if port.Role == stablehlo.State {
			s.state(port)
			continue
		}
		t, err := s.place.allocate(port.Name, port.Bytes())
		if err != nil {
			return err
		}
		p.out = append(p.out, t)
	}
	if len(p.inputs) == 0 && len(b.Args) > 0 {
		return errors.New("the program has no inputs")
	}
	return errors.Join(unexpected("inputs", p.inputs, func(name string) bool { return used[name] }),
		unexpected("outputs", p.outputs, func(name string) bool { return written[name] }))
}

// state makes the state of a port, which programs share by its name.
func (s *session) state(port stablehlo.Port) {
	if s.states[port.Name] == nil {
		s.states[port.Name] = &state{port: port}
	}
}

// parameters are the ports of all phases, each once, that a program uses.
func (s *session) parameters() []stablehlo.Port {
	var out []stablehlo.Port
	seen := map[string]bool{}
	for _, p := range s.phases {
		for i, port := range p.built.Args {
			if _, ok := p.inputs[inputName(i)]; ok && port.Role == stablehlo.Param && !seen[port.Name] {
				seen[port.Name] = true
				out = append(out, port)
			}
		}
	}
	return out
}

// need is the memory of parameters and states.
func (s *session) need() int64 {
	var sum int64
	for _, port := range s.parameters() {
		sum += port.Bytes()
	}
	for _, st := range s.states {
		sum += 2 * st.port.Bytes()
	}
	return sum
}

// zeros is how much of a state is written at a time.
const zeros = 4 << 20

// clear allocates the states and fills them with zeros: attention weighs rows that were not written by zero, and zero times what
// may lie in the memory is no number.
func (s *session) clear() error {
	empty := make([]byte, zeros)
	for name, st := range s.states {
		for i := range st.tensors {
			t, err := s.place.allocate(name, st.port.Bytes())
			if err != nil {
				return err
			}
			st.tensors[i] = t
			for at := int64(0); at < t.Size(); at += zeros {
				if err := t.Write(empty[:min(zeros, t.Size()-at)], at); err != nil {
					return fmt.Errorf("clearing state %s: %w", name, err)
				}
			}
		}
	}
	return nil
}

// bound are the sets of a phase for where its states are now. There are few such places, as states move together.
func (s *session) bound(p *graphProgram) ([2]*libnrt.Set, error) {
	var where []byte
	for _, ports := range [][]stablehlo.Port{p.built.Args, p.built.Results} {
		for _, port := range ports {
			if port.Role == stablehlo.State {
				where = append(where, '0'+byte(s.states[port.Name].now))
			}
		}
	}
	if sets, ok := p.sets[string(where)]; ok {
		return sets, nil
	}
	in, out := map[string]*libnrt.Tensor{}, map[string]*libnrt.Tensor{}
	inputs := p.in
	for i, port := range p.built.Args {
		var t *libnrt.Tensor
		switch port.Role {
		case stablehlo.Input:
			t, inputs = inputs[0], inputs[1:]
		case stablehlo.Param:
			t = s.shared[port.Name]
		case stablehlo.State:
			st := s.states[port.Name]
			t = st.tensors[st.now]
		}
		if _, ok := p.inputs[inputName(i)]; ok {
			in[inputName(i)] = t
		}
	}
	outputs := p.out
	for i, port := range p.built.Results {
		if port.Role == stablehlo.Output {
			out[outputName(i)], outputs = outputs[0], outputs[1:]
			continue
		}
		st := s.states[port.Name]
		out[outputName(i)] = st.tensors[1-st.now]
	}
	var sets [2]*libnrt.Set
	for side, tensors := range []map[string]*libnrt.Tensor{in, out} {
		set, err := s.place.set(tensors)
		if err != nil {
			if sets[0] != nil {
				sets[0].Close()
			}
			return sets, err
		}
		sets[side] = set
	}
	p.sets[string(where)] = sets
	return sets, nil
}

// Run executes one phase. A first phase that starts anew needs no clearing of states: attention gives no weight to rows beyond
// the position of the call, and other states are written in the first phase.
func (s *session) Run(ctx context.Context, phase int, in, out []workloads.Tensor) error {
	return s.guard(phase, func(p *graphProgram) error {
		if err := workloads.Match("outputs", p.graph.Outputs, out); err != nil {
			return err
		}
		return s.run(ctx, p, in, out)
	})
}

// Advance is Run for outputs that nobody reads: they stay on the device until the next execution.
func (s *session) Advance(ctx context.Context, phase int, in []workloads.Tensor) error {
	return s.guard(phase, func(p *graphProgram) error { return s.run(ctx, p, in, nil) })
}

// guard keeps the first error, after which the session is of no more use.
func (s *session) guard(phase int, call func(*graphProgram) error) error {
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
func (s *session) run(ctx context.Context, p *graphProgram, in, out []workloads.Tensor) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := workloads.Match("inputs", p.graph.Inputs(), in); err != nil {
		return err
	}
	sets, err := s.bound(p)
	if err != nil {
		return err
	}
	for i, t := range p.in {
		if t == nil {
			continue
		}
		if err := t.Write(in[i].Bytes(), 0); err != nil {
			return fmt.Errorf("input %d: %w", i, err)
		}
	}
	for i, t := range p.out[:len(out)] {
		if !marked(&out[i]) {
			continue
		}
		// What the last execution left must not pass for what this one computes.
		if err := t.Write(out[i].Bytes(), 0); err != nil {
			return fmt.Errorf("output %d: %w", i, err)
		}
	}
	if err := p.Execute(sets[0], sets[1]); err != nil {
		return err
	}
	for _, port := range p.built.Results {
		if port.Role == stablehlo.State {
			st := s.states[port.Name]
			st.now = 1 - st.now
		}
	}
	for i, t := range p.out[:len(out)] {
		if err := t.Read(out[i].Bytes(), 0); err != nil {
			return fmt.Errorf("output %d: %w", i, err)
		}
	}
	return nil
}

// Close gives up sets, tensors, programs and the core, in this order.
func (s *session) Close() error {
	if errors.Is(s.err, errClosed) {
		return nil
	}
	s.err = errClosed
	var tensors []*libnrt.Tensor
	for _, p := range s.phases {
		for _, sets := range p.sets {
			sets[0].Close()
			sets[1].Close()
		}
		tensors = append(append(tensors, p.in...), p.out...)
	}
	for _, t := range s.shared {
		tensors = append(tensors, t)
	}
	for _, st := range s.states {
		tensors = append(tensors, st.tensors[:]...)
	}
	for _, t := range tensors {
		if t != nil {
			t.Close()
		}
	}
	var errs []error
	for _, p := range s.phases {
		errs = append(errs, p.Close())
	}
	s.place.leave()
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("closing workload %s in engine %s: %w", s.workload.Name, Name, err)
	}
	return nil
}
