package main

import (
	"context"
	"fmt"
	"os"

	"github.com/urfave/cli/v2"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/amd"
	"github.com/accelbench/accelbench/devices/cpu"
	"github.com/accelbench/accelbench/devices/engine/native"
	"github.com/accelbench/accelbench/devices/engine/nrt"
	"github.com/accelbench/accelbench/devices/engine/onnxruntime"
	"github.com/accelbench/accelbench/devices/engine/pjrt"
	"github.com/accelbench/accelbench/devices/gaudi"
	"github.com/accelbench/accelbench/devices/host"
	"github.com/accelbench/accelbench/devices/neuron"
	"github.com/accelbench/accelbench/devices/nvml"
	"github.com/accelbench/accelbench/devices/tpu"
)

// catalogue lists what this program knows, each list in order of preference: accelerators before the CPU.
func (s software) catalogue() bench.Catalogue {
	return bench.Catalogue{
		Backends: backends(nvml.Options{}, cpu.New()),
		Engines: func(threads int) []devices.Engine {
			return []devices.Engine{
				onnxruntime.New(onnxruntime.Options{Name: onnxruntime.Name, Find: s.findLibrary, Threads: threads}),
				onnxruntime.New(onnxruntime.Options{Name: onnxruntime.TensorRT, Find: s.findLibrary, Threads: threads}),
				pjrt.New(s.pjrt()),
				nrt.New(neuronOptions()),
				native.New(native.Options{Version: tool().Version, Threads: threads}),
			}
		},
		Machine: host.Live(),
		Peak:    s.measurePeak,
	}
}

// backends are the kinds of devices.
func backends(o nvml.Options, processors devices.Backend) []devices.Backend {
	return []devices.Backend{nvml.New(o), neuron.New(), amd.New(), tpu.New(), gaudi.New(), processors}
}

// newRunner starts workers from this very program, for a command with engineFlags.
func newRunner(c *cli.Context) (*bench.Runner, error) {
	s, err := softwareOfFlags(c)
	if err != nil {
		return nil, err
	}
	return s.workers()
}

// workers are started from this very program, and told of the software.
func (s software) workers() (*bench.Runner, error) {
	// On Linux this is the running program even when its file is deleted or replaced while it measures.
	self := "/proc/self/exe"
	if _, err := os.Stat(self); err != nil {
		if self, err = os.Executable(); err != nil {
			return nil, fmt.Errorf("finding this program's own file, which runs the measurements: %w", err)
		}
	}
	return &bench.Runner{Command: []string{self, workerName}, Env: s.variables(), Deadline: deadline, PeakDeadline: peakDeadline}, nil
}

// findAll asks every backend, each in a worker of its own.
func findAll(ctx context.Context, r *bench.Runner) ([]bench.Inventory, error) {
	var out []bench.Inventory
	known := software{}.catalogue()
	for _, b := range known.Backends {
		inventory, err := r.Find(ctx, b.Name())
		if err != nil {
			return nil, err
		}
		out = append(out, inventory)
	}
	return out, nil
}
