package onnxruntime

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/engine/onnxruntime/ort"
	"github.com/accelbench/accelbench/workloads"
)

// fileSession runs a user's model file. The library allocates the outputs of each run, whose shapes only it knows, and they are
// copied to the caller.
type fileSession struct {
	*model
	engine   string
	workload *workloads.Workload
	inputs   []*workloads.Value
	ports    []*port
	names    []string
	values   []*ort.Value // of the inputs in the next run
	outNames []string
	watch    watch
	err      error // the first error: it ended the session's use
}

func (e *engine) loadFile(l opened, t target, w *workloads.Workload) (devices.Loaded, error) {
	start := time.Now()
	m, err := e.newModel(l, t, w.Options.Precision, func(o ort.Options) (*ort.Session, error) {
		return l.NewSessionFromFile(w.File.Path, o)
	})
	if err != nil {
		return devices.Loaded{}, err
	}
	options, err := l.NewRunOptions()
	if err != nil {
		return devices.Loaded{}, errors.Join(err, m.close())
	}
	s := &fileSession{model: m, engine: e.name, workload: w, watch: watch{options: options}}
	if err := s.describe(l); err != nil {
		return devices.Loaded{}, errors.Join(err, s.Close())
	}
	return devices.Loaded{Session: s, Compile: time.Since(start)}, nil
}

// describe finds the model's inputs and outputs.
func (s *fileSession) describe(l opened) error {
	graph := s.workload.Phases[0].Graph
	s.inputs = graph.Inputs()
	s.values = make([]*ort.Value, len(s.inputs))
	for i, v := range s.inputs {
		p, err := newPort(l.Library, v.Name, v, func(_ string, v *ort.Value) error {
			s.values[i] = v
			return nil
		})
		if err != nil {
			return err
		}
		s.ports, s.names = append(s.ports, p), append(s.names, v.Name)
	}
	outputs, err := s.session.Outputs()
	if err != nil {
		return err
	}
	for _, out := range outputs {
		s.outNames = append(s.outNames, out.Name)
		if !out.IsTensor {
			return fmt.Errorf("output %s is a sequence, a map or an optional, only tensors can be passed: %w", out.Name, devices.ErrUnsupported)
		}
		if _, err := dtypeOf(out.Type); err != nil {
			return fmt.Errorf("output %s: %w", out.Name, err)
		}
	}
	if len(outputs) != len(graph.Outputs) {
		return fmt.Errorf("the model has %d outputs and the workload %d", len(outputs), len(graph.Outputs))
	}
	return nil
}

func (s *fileSession) Run(ctx context.Context, phase int, in, out []workloads.Tensor) error {
	if s.err == nil {
		if err := s.run(ctx, phase, in, out); err != nil {
			s.err = fmt.Errorf("engine %s, workload %s: %w", s.engine, s.workload.Name, err)
		}
	}
	return s.err
}

func (s *fileSession) run(ctx context.Context, phase int, in, out []workloads.Tensor) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	switch {
	case phase != 0:
		return fmt.Errorf("phase %d: a model file has one", phase)
	case len(out) != len(s.outNames):
		return fmt.Errorf("%d outputs, the model has %d", len(out), len(s.outNames))
	}
	if err := workloads.Match("inputs", s.inputs, in); err != nil {
		return err
	}
	for i := range in {
		if err := s.ports[i].set(&in[i]); err != nil {
			return err
		}
	}
	options, err := s.watch.over(ctx)
	if err != nil {
		return err
	}
	results, err := s.session.Run(options, s.names, s.values, s.outNames)
	if err != nil {
		return caused(ctx, err)
	}
	var errs []error
	for i, v := range results {
		if v == nil {
			errs = append(errs, fmt.Errorf("output %s was not computed", s.outNames[i]))
			continue
		}
		if err := replace(&out[i], v); err != nil {
			errs = append(errs, fmt.Errorf("output %s: %w", s.outNames[i], err))
		}
		errs = append(errs, v.Close())
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return s.assert()
}

// Close releases the values before the session.
func (s *fileSession) Close() error {
	if errors.Is(s.err, errClosed) {
		return nil
	}
	s.err = errClosed
	var errs []error
	for _, p := range s.ports {
		errs = append(errs, p.forget())
	}
	if err := errors.Join(append(errs, s.close(), s.watch.close())...); err != nil {
		return fmt.Errorf("closing workload %s in engine %s: %w", s.workload.Name, s.engine, err)
	}
	return nil
}
