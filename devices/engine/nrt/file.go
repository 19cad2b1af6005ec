package nrt

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/engine/nrt/libnrt"
	"github.com/accelbench/accelbench/workloads"
)

var errClosed = errors.New("the session is closed")

// fileSession runs the user's NEFF file.
type fileSession struct {
	workload *workloads.Workload
	place    place
	program  *program // nil until it is loaded
	inputs   []*workloads.Value
	in, out  []*libnrt.Tensor
	results  []workloads.Tensor // types and shapes of the outputs
	sets     [2]*libnrt.Set     // inputs, outputs
	err      error              // the first error: it ended the session's use
}

func (e *engine) loadFile(ctx context.Context, l opened, dev devices.Info, c cores, w *workloads.Workload) (loaded devices.Loaded, err error) {
	start := time.Now()
	content, err := os.ReadFile(w.File.Path)
	if err != nil {
		return loaded, fmt.Errorf("reading the NEFF: %w", errors.Unwrap(err))
	}
	p, err := e.runtime.enter(l.Library, c)
	if err != nil {
		return loaded, err
	}
	s := &fileSession{workload: w, place: p, inputs: w.Phases[0].Graph.Inputs()}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if s.program, err = p.load(content); err != nil {
		return loaded, fmt.Errorf("loading the NEFF on %s: %w", dev.ID, err)
	}
	if err := s.bind(); err != nil {
		return loaded, err
	}
	loaded.Session, loaded.Load = s, time.Since(start)
	return loaded, ctx.Err()
}

// bind allocates the tensors and binds them by name.
func (s *fileSession) bind() error {
	graph := s.workload.Phases[0].Graph
	named := [2]map[string]*libnrt.Tensor{{}, {}}
	for side, values := range [][]*workloads.Value{s.inputs, graph.Outputs} {
		infos, what := s.program.inputs, "input"
		if side == 1 {
			infos, what = s.program.outputs, "output"
		}
		for _, v := range values {
			info, ok := infos[v.Name]
			if !ok {
				return fmt.Errorf("the runtime knows no %s %s of the NEFF, which its neff.json names", what, v.Name)
			}
			bytes := int64(workloads.Elements(v.Shape)) * v.DType.Bytes()
			if side == 1 {
				bytes = int64(workloads.Elements(info.Shape)) * v.DType.Bytes() // a workload's outputs have no shape before
			}
			if err := check(info, v.DType, bytes); err != nil {
				return fmt.Errorf("%s: %w", what, err)
			}
			t, err := s.place.allocate(v.Name, info.Bytes)
			if err != nil {
				return err
			}
			named[side][v.Name] = t
			if side == 0 {
				s.in = append(s.in, t)
				continue
			}
			s.out = append(s.out, t)
			s.results = append(s.results, workloads.Tensor{DType: v.DType, Shape: info.Shape})
		}
		if err := unexpected(what+"s", infos, func(name string) bool { return named[side][name] != nil }); err != nil {
			return err
		}
		var err error
		if s.sets[side], err = s.place.set(named[side]); err != nil {
			return err
		}
	}
	return nil
}

func (s *fileSession) Run(ctx context.Context, phase int, in, out []workloads.Tensor) error {
	if s.err == nil {
		if err := s.run(ctx, phase, in, out); err != nil {
			s.err = fmt.Errorf("engine %s, workload %s: %w", Name, s.workload.Name, err)
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
	case len(out) != len(s.out):
		return fmt.Errorf("%d outputs, the model has %d", len(out), len(s.out))
	}
	if err := workloads.Match("inputs", s.inputs, in); err != nil {
		return err
	}
	for i := range in {
		if err := s.in[i].Write(in[i].Bytes(), 0); err != nil {
			return fmt.Errorf("input %s: %w", s.inputs[i].Name, err)
		}
	}
	if err := s.program.Execute(s.sets[0], s.sets[1]); err != nil {
		return err
	}
	for i, t := range s.out {
		like := &s.results[i]
		if have := int64(len(out[i].Bytes())); out[i].DType != like.DType || have != t.Size() {
			out[i] = workloads.NewTensor(like.DType, like.Shape)
		}
		out[i].Shape = like.Shape
		if err := t.Read(out[i].Bytes(), 0); err != nil {
			return fmt.Errorf("output %d: %w", i, err)
		}
	}
	return nil
}

// Close gives up sets, tensors, program and core, in this order.
func (s *fileSession) Close() error {
	if errors.Is(s.err, errClosed) {
		return nil
	}
	s.err = errClosed
	for _, set := range s.sets {
		if set != nil {
			set.Close()
		}
	}
	for _, list := range [][]*libnrt.Tensor{s.in, s.out} {
		for _, t := range list {
			t.Close()
		}
	}
	var err error
	if s.program != nil {
		err = s.program.Close()
	}
	s.place.leave()
	if err != nil {
		return fmt.Errorf("closing workload %s in engine %s: %w", s.workload.Name, Name, err)
	}
	return nil
}
