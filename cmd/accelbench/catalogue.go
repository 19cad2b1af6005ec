package main

import (
	"context"
	"fmt"
	"os"
	"runtime"

	"github.com/urfave/cli/v2"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/amd"
	"github.com/accelbench/accelbench/devices/cpu"
	"github.com/accelbench/accelbench/devices/cpu/peak"
	"github.com/accelbench/accelbench/devices/engine/native"
	"github.com/accelbench/accelbench/devices/engine/onnxruntime"
	"github.com/accelbench/accelbench/devices/engine/onnxruntime/library"
	"github.com/accelbench/accelbench/devices/gaudi"
	"github.com/accelbench/accelbench/devices/host"
	"github.com/accelbench/accelbench/devices/neuron"
	"github.com/accelbench/accelbench/devices/nvml"
	"github.com/accelbench/accelbench/devices/tpu"
)

// catalogue lists what this program knows, each list in order of preference: accelerators before the CPU.
func catalogue() bench.Catalogue {
	return bench.Catalogue{
		Backends: backends(nvml.Options{}, cpu.New()),
		Engines: func(threads int) []devices.Engine {
			return []devices.Engine{
				onnxruntime.New(onnxruntime.Options{Name: onnxruntime.Name, Find: findLibrary, Threads: threads}),
				onnxruntime.New(onnxruntime.Options{Name: onnxruntime.TensorRT, Find: findLibrary, Threads: threads}),
				native.New(native.Options{Version: tool().Version, Threads: threads}),
			}
		},
		Machine: host.Live(),
		Peak:    measurePeak,
	}
}

// backends are the kinds of devices.
func backends(o nvml.Options, processors devices.Backend) []devices.Backend {
	return []devices.Backend{nvml.New(o), neuron.New(), amd.New(), tpu.New(), gaudi.New(), processors}
}

// hasPeakLoops tells whether the peaks of a device can be measured.
func hasPeakLoops(dev devices.Info) bool { return dev.Backend == (cpu.Backend{}).Name() }

// measurePeak measures the peaks of a device with loops that share no code with any engine.
func measurePeak(ctx context.Context, dev devices.Device) (*bench.MeasuredPeak, error) {
	if !hasPeakLoops(dev.Info()) {
		return nil, nil
	}
	// As many threads as the engines take: GOMAXPROCS knows the cgroup quota, the affinity mask does not.
	p, err := peak.Measure(ctx, nil, peak.Options{Threads: runtime.GOMAXPROCS(0)})
	if err != nil {
		return nil, err
	}
	out := &bench.MeasuredPeak{Threads: p.Threads, ReadBytesPerSecond: &p.ReadBytesPerSecond, CPUOverWall: p.CPUOverWall,
		Method: fmt.Sprintf("%s; %s, streams per thread: %d", p.Method, p.ReadMethod, p.Streams)}
	if !p.LowerBound {
		out.FLOPs = &p.FlopsF32
	}
	return out, nil
}

// libraryVariable tells a worker the value of --ort-lib.
const libraryVariable = "ACCELBENCH_ORT_LIB"

// libraryFlag is the flag of the commands that use engines.
func libraryFlag() cli.Flag {
	return &cli.StringFlag{Name: "ort-lib", Usage: "ONNX Runtime library to use (default: ORT_LIB, the cache, the system, a Python environment)"}
}

// namedLibrary tells how the user named the library: then no other one, and no other engine, takes its place.
func namedLibrary(c *cli.Context) string {
	if c.String("ort-lib") != "" {
		return "--ort-lib"
	}
	for _, name := range []library.Source{library.SourceEnv, library.SourceDylib} {
		if os.Getenv(string(name)) != "" {
			return string(name)
		}
	}
	return ""
}

// findLibrary finds the ONNX Runtime library, in a worker.
func findLibrary() (library.Found, error) {
	return library.Find(library.Here(os.Getenv(libraryVariable)))
}

// newRunner starts workers from this very program.
func newRunner(c *cli.Context) (*bench.Runner, error) {
	// On Linux this is the running program even when its file is deleted or replaced while it measures.
	self := "/proc/self/exe"
	if _, err := os.Stat(self); err != nil {
		if self, err = os.Executable(); err != nil {
			return nil, fmt.Errorf("finding this program's own file, which runs the measurements: %w", err)
		}
	}
	r := &bench.Runner{Command: []string{self, workerName}}
	if path := c.String("ort-lib"); path != "" {
		if _, err := os.Stat(path); err != nil {
			return nil, fmt.Errorf("finding the library of --ort-lib: %w", err)
		}
		r.Env = append(r.Env, libraryVariable+"="+absolute(path))
	}
	return r, nil
}

// findAll asks every backend, each in a worker of its own.
func findAll(ctx context.Context, r *bench.Runner) ([]bench.Inventory, error) {
	var out []bench.Inventory
	for _, b := range catalogue().Backends {
		inventory, err := r.Find(ctx, b.Name())
		if err != nil {
			return nil, err
		}
		out = append(out, inventory)
	}
	return out, nil
}
