// Package pjrt is the engine that runs workloads through PJRT plugins, the form in which XLA's compiler comes for NVIDIA GPUs,
// TPUs, AMD GPUs and, as an experiment, Neuron: one StableHLO program for all of them.
//
// The flow: [New] makes the engine; Probe finds the plugin for the device's platform, loads it and reads its version (engine.go,
// package plugin); Load opens a client and makes sure that it computes on the asked device (join.go), decides whether the
// workload fits (memory.go), compiles a program for each phase, makes the parameters on the device and the states to zero
// (load.go); Run uploads inputs, executes, keeps the states where they are and fetches the outputs (session.go). [MeasurePeak]
// measures what the device can do at most, by the same way (peak.go).
//
// Devices that are joined (devices.Join) are served by one client that sees all of them: every program is compiled for as many
// partitions, every buffer has a part on each.
//
// The room's one rule: a figure is never labelled with a device that did not compute it. Platform and kind that the client
// tells must be those of the device; one process uses one device, or those that are joined.
//
// On no accelerator was anything of this ever run by this project's tests; they have a plugin of their own (package pjrttest).
package pjrt

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/engine/pjrt/client"
	"github.com/accelbench/accelbench/devices/engine/pjrt/plugin"
	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/stablehlo"
)

// Name is the engine's name in flags and results.
const Name = "pjrt"

// Options configure the engine.
type Options struct {
	// Places is where plugins are looked for; the zero value is this machine.
	Places plugin.Places
	// Experimental allows the platforms on which the route through PJRT is known to be fragile: Neuron.
	Experimental bool
}

type engine struct {
	places       plugin.Places
	experimental bool

	mu     sync.Mutex
	opened map[plugin.Platform]opening
	chosen string // the device for which the environment was set, empty before that
	shared *shared
}

// opening is a plugin, or why there is none.
type opening struct {
	opened
	err error
}

// opened is a plugin, and what results say about it.
type opened struct {
	*plugin.Plugin
	path   string
	source plugin.Source
	digest string
}

// shared is the client of this process and who uses it.
type shared struct {
	*client.Client
	kinds    []string // of the devices that are used, as the plugin names them
	sessions int
}

// New returns the engine. Nothing is looked for or loaded before the first probe.
func New(o Options) devices.Engine { return newEngine(o) }

func newEngine(o Options) *engine {
	if o.Places.FS == nil {
		o.Places = plugin.Here(o.Places.Flag)
	}
	return &engine{places: o.Places, experimental: o.Experimental, opened: map[plugin.Platform]opening{}}
}

func (e *engine) Name() string { return Name }

// parts is how many devices compute together.
func parts(dev devices.Info) int { return max(len(dev.Members), 1) }

// form is that of the programs for a device.
func form(dev devices.Info) stablehlo.Options { return stablehlo.Options{Partitions: parts(dev)} }

// platform is what serves a device; the error wraps ErrUnsupported.
func (e *engine) platform(dev devices.Info) (plugin.Platform, error) {
	switch dev.Backend {
	case "nvml":
		return plugin.CUDA, nil
	case "amd":
		return plugin.ROCm, nil
	case "tpu":
		return plugin.TPU, nil
	case "cpu":
		return plugin.CPU, nil
	case "neuron":
		if !e.experimental {
			return "", fmt.Errorf("engine %s on device %s: %w: the route to Neuron through PJRT is an experiment: allow it with --experimental",
				Name, dev.ID, devices.ErrUnsupported)
		}
		if parts(dev) > 1 {
			return "", fmt.Errorf("engine %s on device %s: %w: its experiment with Neuron is one of a single core", Name, dev.ID, devices.ErrUnsupported)
		}
		return plugin.Neuron, nil
	}
	return "", fmt.Errorf("engine %s: %w: no PJRT plugin is known for %s devices", Name, devices.ErrUnsupported, dev.Backend)
}

func (e *engine) Probe(dev devices.Info) (devices.EngineInfo, error) {
	platform, err := e.platform(dev)
	if err != nil {
		return devices.EngineInfo{}, err
	}
	o, err := e.open(dev, platform)
	if err != nil {
		return devices.EngineInfo{}, fmt.Errorf("engine %s on device %s: %w", Name, dev.ID, err)
	}
	return devices.EngineInfo{Name: Name, Version: o.String(), Kind: devices.Harness, Spans: platform != plugin.Neuron,
		Details: e.details(o, platform)}, nil
}

// open finds and loads the plugin for the platform, once, with the environment set for the device.
func (e *engine) open(dev devices.Info, platform plugin.Platform) (opened, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if o, known := e.opened[platform]; known {
		return o.opened, o.err
	}
	o, err := e.openOnce(dev, platform)
	e.opened[platform] = opening{o, err}
	return o, err
}

func (e *engine) openOnce(dev devices.Info, platform plugin.Platform) (opened, error) {
	found, err := plugin.Find(e.places, platform)
	if err != nil {
		return opened{}, err
	}
	o := opened{path: found.Path, source: found.Source}
	if err := e.prepare(dev, platform, o); err != nil {
		return opened{}, err
	}
	if o.Plugin, err = plugin.Open(found.Path); err != nil {
		return opened{}, err
	}
	o.digest, err = plugin.Digest(found.Path)
	return o, err
}

// details say what results must tell about the plugin and its settings: never a path, as results are published.
func (e *engine) details(o opened, platform plugin.Platform) []devices.Detail {
	list := []devices.Detail{
		{Name: "plugin", Value: string(o.source)},
		{Name: devices.LibraryDigest, Value: o.digest[:16]},
		{Name: "platform", Value: string(platform)},
	}
	if o.Newer() {
		list = append(list, devices.Detail{Name: "plugin API newer than the program's",
			Value: fmt.Sprintf("%v, known is 0.%d: calls may be refused", o.Version, plugin.HeaderMinor)})
	}
	if platform == plugin.CUDA {
		where := "on the loader's path, if at all: none beside the plugin"
		if _, ok := e.places.CUDALibraries(o.path); ok {
			where = "beside the plugin"
		}
		list = append(list, devices.Detail{Name: "CUDA libraries", Value: where})
	}
	list = append(list, devices.Detail{Name: "dot precision", Value: "f32 products in full f32, TF32 off"})
	if platform == plugin.CUDA || platform == plugin.ROCm {
		list = append(list, devices.Detail{Name: "device memory", Value: fmt.Sprintf("taken as needed, up to %.0f %%", 100*poolShare)})
	}
	for name, value := range e.compilerOptions(platform) {
		list = append(list, devices.Detail{Name: "compiler option, where it is known", Value: fmt.Sprintf("%s=%d", name, value)})
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if c := e.shared; c != nil {
		list = append(list, devices.Detail{Name: "platform version", Value: oneLine(c.PlatformVersion())}, devices.Detail{Name: "device kind", Value: strings.Join(slices.Compact(slices.Clone(c.kinds)), ", ")})
		if len(c.kinds) > 1 {
			list = append(list, devices.Detail{Name: "tensor parallel", Value: len(c.kinds), Unit: "devices"})
		}
	}
	return list
}

func (e *engine) Supports(dev devices.Info, w *workloads.Workload) error {
	platform, err := e.platform(dev)
	if err != nil {
		return err
	}
	if err := computes(dev, platform, w.Options.Precision); err != nil {
		return fmt.Errorf("engine %s, workload %s: %w", Name, w.Name, err)
	}
	if err := stablehlo.Supports(w, form(dev)); err != nil {
		return fmt.Errorf("engine %s: %w", Name, unsupported(err))
	}
	return nil
}

// unsupported translates what cannot be written.
func unsupported(err error) error {
	if errors.Is(err, stablehlo.ErrUnsupported) {
		return fmt.Errorf("%w: %w", err, devices.ErrUnsupported)
	}
	return err
}

func (e *engine) Load(ctx context.Context, dev devices.Device, w *workloads.Workload) (devices.Loaded, error) {
	loaded, err := e.load(ctx, dev, w)
	if err != nil {
		return devices.Loaded{}, fmt.Errorf("loading workload %s into engine %s on device %s: %w", w.Name, Name, dev.Info().ID, err)
	}
	return loaded, nil
}
