// Package native is the engine inside the program: it runs every standard workload in f32 on the CPU, needs nothing but the
// binary, and is credible but modest.
//
// The flow: [New] makes the engine; Load turns each phase's graph into steps (fuse.go: a product takes its bias, activation
// and residual along), the steps into levels of independent work (plan.go) with one memory plan for all activations
// (memory.go), generates the parameters and packs the weights (params.go), and starts the workers (pool.go); Run executes
// level after level (session.go), each step split into tasks (product.go, convolution.go, attention.go, moe.go, groupnorm.go,
// rope.go, rows.go).
//
// The room's one rule: after Load nothing is allocated, and what is computed does not depend on the number of threads.
package native

import (
	"context"
	"fmt"
	"runtime"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/engine/native/kernel"
	"github.com/accelbench/accelbench/workloads"
)

// Name is the engine's name in flags and results.
const Name = "native"

// Options configure the engine.
type Options struct {
	// Version is the program's version: the engine is part of it.
	Version string
	// Threads is the number of CPU threads to compute with; 0 takes every CPU that this process may use.
	Threads int
}

type engine struct {
	version string
	threads int
	set     *kernel.Set
}

// New returns the engine with the fastest kernels of this CPU.
func New(o Options) devices.Engine {
	threads := o.Threads
	if threads <= 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	return &engine{version: o.Version, threads: threads, set: kernel.Best()}
}

func (e *engine) Name() string { return Name }

func (e *engine) Probe(dev devices.Info) (devices.EngineInfo, error) {
	if dev.Backend != "cpu" {
		return devices.EngineInfo{}, fmt.Errorf("engine native on device %s: it computes on the cpu only: %w", dev.ID, devices.ErrUnsupported)
	}
	threads := e.threads
	return devices.EngineInfo{
		Name:    Name,
		Version: e.version,
		Kind:    devices.Harness,
		Threads: &threads,
		Details: []devices.Detail{{Name: "kernels", Value: e.set.Name, Source: "cpuid"}},
	}, nil
}

func (e *engine) Supports(dev devices.Info, w *workloads.Workload) error {
	if _, err := e.Probe(dev); err != nil {
		return err
	}
	const other = "ONNX Runtime serves it: accelbench setup onnxruntime"
	if w.File != nil && w.File.Format == workloads.NEFF {
		return fmt.Errorf("engine native, workload %s: a NEFF file runs on a Neuron chip only, in engine nrt: %w", w.Name, devices.ErrUnsupported)
	}
	if w.File != nil {
		return fmt.Errorf("engine native, workload %s: it runs graphs, not model files; %s: %w", w.Name, other, devices.ErrUnsupported)
	}
	switch p := w.Options.Precision; p {
	case "", workloads.Full:
	case workloads.BFloat16, workloads.Float8, workloads.Half:
		return fmt.Errorf("engine native, workload %s: precision %s, it computes in f32 only; %s is for accelerators: %w", w.Name, p, p, devices.ErrUnsupported)
	default:
		return fmt.Errorf("engine native, workload %s: precision %s, it computes in f32 only; %s: %w", w.Name, p, other, devices.ErrUnsupported)
	}
	for _, phase := range w.Phases {
		for _, v := range phase.Graph.Params() {
			if v.Param != nil && v.Param.Bits > 0 {
				return fmt.Errorf("engine native, workload %s: %s is quantised, it computes in f32 only; %s: %w",
					w.Name, v.Name, other, devices.ErrUnsupported)
			}
		}
		if _, err := fuse(phase.Graph); err != nil {
			return fmt.Errorf("engine native, workload %s, phase %s: %w", w.Name, phase.Name, err)
		}
	}
	return nil
}

func (e *engine) Load(ctx context.Context, dev devices.Device, w *workloads.Workload) (devices.Loaded, error) {
	if err := e.Supports(dev.Info(), w); err != nil {
		return devices.Loaded{}, err
	}
	loaded, err := load(ctx, e.set, e.threads, w)
	if err != nil {
		return devices.Loaded{}, fmt.Errorf("loading workload %s into engine native: %w", w.Name, err)
	}
	return loaded, nil
}
