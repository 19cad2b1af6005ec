package example

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/reference"
)

// NewEngine gives the engine for abacuses. Where it calls the reference executor, a real one calls the vendor's runtime.
func NewEngine() devices.Engine { return engine{} }

type engine struct{}

// Name is the word in flags and results.
func (engine) Name() string { return "fingers" }

// Probe runs nothing: a device of another kind is unsupported, software that is not installed would be absent.
func (engine) Probe(dev devices.Info) (devices.EngineInfo, error) {
	if dev.Backend != "abacus" {
		return devices.EngineInfo{}, fmt.Errorf("engine fingers on device %s: it computes on abacuses only: %w", dev.ID, devices.ErrUnsupported)
	}
	return devices.EngineInfo{Name: "fingers", Version: "10", Kind: devices.Harness}, nil
}

// Supports says before anything is loaded what would not work, and what it needs.
func (engine) Supports(dev devices.Info, w *workloads.Workload) error {
	need := w.Memory().Total()
	switch {
	case w.Options.Precision != workloads.Full:
		return fmt.Errorf("workload %s on device %s: precision %s, it computes in f32 only: %w", w.Name, dev.ID, w.Options.Precision, devices.ErrUnsupported)
	case dev.MemoryBytes != nil && uint64(need) > *dev.MemoryBytes:
		return fmt.Errorf("workload %s on device %s: needs %.3g GiB: %w", w.Name, dev.ID, float64(need)/(1<<30), devices.ErrUnsupported)
	}
	return nil
}

// Load makes the workload ready; every step that takes time is reported by its name.
func (e engine) Load(ctx context.Context, dev devices.Device, w *workloads.Workload) (devices.Loaded, error) {
	if err := errors.Join(ctx.Err(), e.Supports(dev.Info(), w)); err != nil {
		return devices.Loaded{}, fmt.Errorf("loading %s on %s: %w", w.Name, dev.Info().ID, err)
	}
	begun := time.Now()
	s := &session{workload: w, device: dev.Info().ID}
	return devices.Loaded{Session: s, Load: time.Since(begun)}, nil
}

type session struct {
	workload *workloads.Workload
	device   string
	states   *reference.States
	closed   bool
}

// Run computes one call. The outputs are in out when it returns: nothing is left in flight.
func (s *session) Run(ctx context.Context, phase int, in, out []workloads.Tensor) error {
	if s.closed {
		return fmt.Errorf("running %s on %s: the session is closed", s.workload.Name, s.device)
	}
	if phase == 0 {
		s.states = &reference.States{} // the first phase begins a new sequence
	}
	results, err := reference.Run(ctx, s.workload.Phases[phase].Graph, in, s.states)
	if err != nil {
		return fmt.Errorf("running %s on %s, phase %s: %w", s.workload.Name, s.device, s.workload.Phases[phase].Name, err)
	}
	for o, values := range results {
		for i, v := range values {
			if out[o].F32 != nil {
				out[o].F32[i] = float32(v)
			} else {
				out[o].I32[i] = int32(v)
			}
		}
	}
	return ctx.Err()
}

// Close gives everything back; a second call does nothing.
func (s *session) Close() error {
	s.closed, s.states = true, nil
	return nil
}
