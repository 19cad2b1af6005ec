package onnxruntime

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/engine/onnxruntime/ort"
	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/onnx"
)

// write is the workload as people deploy it with this library. The error of what cannot be written wraps ErrUnsupported.
func (t target) write(w *workloads.Workload) ([]*onnx.Model, error) {
	o := onnx.Options{Dialect: onnx.Deployed, Accuracy: t.accuracy(w)}
	if !t.onCPU() {
		o.Experts = onnx.FusedExperts
	}
	models, err := onnx.Write(w, o)
	if errors.Is(err, onnx.ErrUnsupported) {
		err = fmt.Errorf("%w: %w", err, devices.ErrUnsupported)
	}
	return models, err
}

func (e *engine) load(ctx context.Context, dev devices.Info, w *workloads.Workload) (devices.Loaded, error) {
	if err := ctx.Err(); err != nil {
		return devices.Loaded{}, err
	}
	t, err := targetOf(e.name, dev)
	if err != nil {
		return devices.Loaded{}, err
	}
	if err := t.supports(w); err != nil {
		return devices.Loaded{}, err
	}
	l, err := e.ready(dev, t)
	if err != nil {
		return devices.Loaded{}, err
	}
	if !t.onCPU() {
		if err := e.sees(dev); err != nil {
			return devices.Loaded{}, err
		}
	}
	if w.File != nil {
		return e.loadFile(l, t, w)
	}
	return e.loadGraphs(ctx, l, t, w)
}

// loadGraphs makes a session of a standard workload. Compile is writing, optimising and packing, which the library does in
// one, Load is making and binding the states.
func (e *engine) loadGraphs(ctx context.Context, l opened, t target, w *workloads.Workload) (loaded devices.Loaded, err error) {
	options, err := l.NewRunOptions()
	if err != nil {
		return loaded, err
	}
	s := &session{engine: e.name, workload: w, phases: make([]*phase, len(w.Phases)), states: map[string]*ort.Value{},
		watch: watch{options: options}}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	start := time.Now()
	models, err := t.write(w)
	if err != nil {
		return loaded, err
	}
	loaded.Compile = time.Since(start)

	start = time.Now()
	if s.weights, err = generate(ctx, models); err != nil {
		return loaded, err
	}
	loaded.Synthesis = time.Since(start)

	for _, written := range models {
		if err := ctx.Err(); err != nil {
			return loaded, err
		}
		start = time.Now()
		m, err := e.newModel(l, t, w.Options.Precision, func(o ort.Options) (*ort.Session, error) {
			path, err := s.weights.model(written)
			if err != nil {
				return nil, err
			}
			return l.NewSessionFromFile(path, o)
		})
		if err != nil {
			return loaded, fmt.Errorf("model %s: %w", written.Name, err)
		}
		s.models = append(s.models, m)
		loaded.Compile += time.Since(start)

		start = time.Now()
		if err := s.connect(l.Library, m, written); err != nil {
			return loaded, fmt.Errorf("model %s: %w", written.Name, err)
		}
		loaded.Load += time.Since(start)
	}
	// Where this fails, Close tries again.
	_ = s.weights.remove()
	loaded.Session = s
	return loaded, ctx.Err()
}

// connect binds the states of a model and makes the ports of the phases that it serves.
func (s *session) connect(l *ort.Library, m *model, written *onnx.Model) error {
	for _, i := range written.Phases {
		graph := s.workload.Phases[i].Graph
		p := &phase{model: m, graph: graph, inputs: graph.Inputs()}
		var err error
		if p.binding, err = m.session.NewBinding(); err != nil {
			return err
		}
		s.phases[i] = p
		for _, state := range written.States {
			if err := s.bindState(l, p, state); err != nil {
				return fmt.Errorf("state %s: %w", state.Name, err)
			}
		}
		for k, v := range p.inputs {
			port, err := newPort(l, written.Inputs[k].Name, v, p.binding.BindInput)
			if err != nil {
				return err
			}
			port.eager = !m.target.onCPU()
			if size := workloads.Elements(v.Shape) * int(v.DType.Bytes()); size <= copied {
				port.fixed = make([]byte, size)
			}
			p.in = append(p.in, port)
		}
		for k, v := range graph.Outputs {
			port, err := newPort(l, written.Outputs[k].Name, v, p.binding.BindOutput)
			if err != nil {
				return err
			}
			p.out = append(p.out, port)
		}
	}
	return nil
}

// bindState binds one buffer to the input and the output of a state: attention writes the new rows of its caches in place.
func (s *session) bindState(l *ort.Library, p *phase, state onnx.StatePort) error {
	v := s.states[state.Name]
	if v == nil {
		var err error
		if v, err = newState(l, p.model, state); err != nil {
			return err
		}
		s.states[state.Name] = v
	}
	if state.In != "" {
		if err := p.binding.BindInput(state.In, v); err != nil {
			return err
		}
	}
	if state.Out != "" {
		return p.binding.BindOutput(state.Out, v)
	}
	return nil
}

// newState allocates a state where its model computes. The memory of an accelerator is not zero at first; see session.Run for
// why nothing of it is read before it is written.
func newState(l *ort.Library, m *model, state onnx.StatePort) (*ort.Value, error) {
	elem := ort.ElemType(state.Type)
	if !m.target.onCPU() {
		return m.session.NewDeviceValue(m.target.memory, elem, state.Shape)
	}
	size, err := elem.ByteSize(state.Shape)
	if err != nil {
		return nil, err
	}
	return l.NewValue(make([]byte, size), elem, state.Shape)
}
