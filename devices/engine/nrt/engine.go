// Package nrt is the engine that runs workloads on AWS Neuron chips with the vendor's runtime, libnrt: NEFF files as they are,
// and standard workloads compiled by the vendor's compiler where that is installed.
//
// The flow: [New] makes the engine; Probe finds and opens the library (find.go, engine.go); Load chooses the device's cores
// (cores.go), starts the runtime on them (runtime.go), and either loads the user's NEFF file (file.go), or writes the workload's
// graphs as HLO (graphs.go), has them compiled or takes the outcome of an earlier time (compile.go, cache.go), and puts
// parameters and states on the device (program.go, graphs.go); Run writes the inputs, executes and reads the outputs. [MeasurePeak]
// measures what a device can do (peak.go, meter.go).
//
// The room's one rule: a program runs only where it was made for: on the cores of the asked device, with logical cores of the
// size that it was compiled for, with tensors of the names, types and sizes that the runtime gives.
//
// None of it has ever run on a chip; tests run it against a stand-in of the library (nrttest).
package nrt

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/engine/nrt/libnrt"
	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/neff"
	"github.com/accelbench/accelbench/workloads/stablehlo"
)

// Name is the engine's name in flags and results.
const Name = "nrt"

// backend is the kind of device that it serves.
const backend = "neuron"

// Options configure the engine.
type Options struct {
	// Find finds the library, once, when the engine is first probed; nil is [Find] on this machine.
	Find func() (Found, error)
	// Compiler is the program neuronx-cc; nil looks for it on this machine.
	Compiler func() (string, error)
	// Cache is the folder of compiled programs; empty keeps none.
	Cache string
	// Getenv reads the environment; nil is that of this process.
	Getenv func(string) string
}

type engine struct {
	options Options
	user    settings
	open    func() (opened, error) // once
	runtime neuronRuntime

	mu       sync.Mutex
	compiled []devices.Detail // of the first workload that was loaded
}

// opened is the library, and what results say about it.
type opened struct {
	*libnrt.Library
	source Source
	digest string // empty if the loader found the file
}

// New returns the engine. Nothing is looked for or loaded before the first probe. The environment is read now: the engine
// itself changes it when it starts the runtime.
func New(o Options) devices.Engine {
	if o.Find == nil {
		o.Find = func() (Found, error) { return Find(Here()) }
	}
	if o.Compiler == nil {
		o.Compiler = findCompiler
	}
	if o.Getenv == nil {
		o.Getenv = os.Getenv
	}
	e := &engine{options: o, user: readSettings(o.Getenv)}
	e.open = sync.OnceValues(func() (opened, error) { return open(o.Find) })
	return e
}

func open(find func() (Found, error)) (opened, error) {
	found, err := find()
	if err != nil {
		return opened{}, err
	}
	l, err := libnrt.Open(found.Path)
	if err != nil {
		// The reason is published; where somebody keeps the file is not.
		text := strings.ReplaceAll(err.Error(), found.Path, found.name())
		return opened{}, fmt.Errorf("the library of %s cannot be used: %s: install aws-neuronx-runtime-lib, or name libnrt.so.1 with --nrt-lib", found.Source, text)
	}
	out := opened{Library: l, source: found.Source}
	if found.Source != SourceLoader {
		out.digest, err = digestOf(found.Path)
	}
	return out, err
}

func (e *engine) Name() string { return Name }

// Probe tells of compiled programs as well, once a workload is loaded.
func (e *engine) Probe(dev devices.Info) (devices.EngineInfo, error) {
	if err := serves(dev); err != nil {
		return devices.EngineInfo{}, err
	}
	l, err := e.open()
	if err != nil {
		return devices.EngineInfo{}, fmt.Errorf("engine %s on device %s: %w: %w", Name, dev.ID, devices.ErrAbsent, err)
	}
	cores, err := e.cores(dev)
	if err != nil {
		return devices.EngineInfo{}, fmt.Errorf("engine %s on device %s: %w", Name, dev.ID, err)
	}
	info := devices.EngineInfo{Name: Name, Version: l.Version(), Kind: devices.Deployed}
	info.Details = append(info.Details, devices.Detail{Name: "library", Value: string(l.source)})
	if l.digest != "" {
		info.Details = append(info.Details, devices.Detail{Name: devices.LibraryDigest, Value: l.digest[:16]})
	}
	info.Details = append(info.Details, cores.details()...)
	info.Details = append(info.Details, e.user.details...)
	e.mu.Lock()
	defer e.mu.Unlock()
	info.Details = append(info.Details, e.compiled...)
	return info, nil
}

func serves(dev devices.Info) error {
	if dev.Backend != backend {
		return fmt.Errorf("engine %s on device %s: it runs on Neuron chips only: %w", Name, dev.ID, devices.ErrUnsupported)
	}
	return nil
}

func (e *engine) Supports(dev devices.Info, w *workloads.Workload) error {
	if err := serves(dev); err != nil {
		return err
	}
	var err error
	if w.File != nil {
		err = supportsFile(dev, w.File)
	} else {
		err = e.supportsGraphs(dev, w)
	}
	if err != nil {
		return fmt.Errorf("engine %s, workload %s: %w", Name, w.Name, err)
	}
	return nil
}

// supportsFile reads the file's header. A file that cannot be read is left to Load, whose error says so.
func supportsFile(dev devices.Info, f *workloads.ModelFile) error {
	if f.Format != workloads.NEFF {
		return fmt.Errorf("it runs NEFF files: compile the model for %s with the Neuron SDK: %w", dev.Name, devices.ErrUnsupported)
	}
	file, err := neff.ReadFile(f.Path)
	if err != nil {
		return nil
	}
	return sameCoreSize(dev, file.LogicalCoreSize)
}

// sameCoreSize compares the size of the logical cores that a program was compiled for with that of the device's. What is not
// known of either is left to the runtime.
func sameCoreSize(dev devices.Info, compiled uint32) error {
	set := coreSize(dev)
	if compiled == 0 || set == 0 || int(compiled) == set {
		return nil
	}
	return fmt.Errorf("the NEFF is for logical cores of %d physical ones, those of %s have %d: set NEURON_LOGICAL_NC_CONFIG=%d, or compile "+
		"it with --logical-nc-config=%d: %w", compiled, dev.ID, set, compiled, set, devices.ErrUnsupported)
}

func (e *engine) supportsGraphs(dev devices.Info, w *workloads.Workload) error {
	if w.Options.Precision == workloads.Float8 {
		return fmt.Errorf("precision %s: the compiler is not known to take the type f8e4m3fn: %w", workloads.Float8, devices.ErrUnsupported)
	}
	if err := stablehlo.Supports(w, stablehlo.Options{}); errors.Is(err, stablehlo.ErrUnsupported) {
		return fmt.Errorf("%w: %w", err, devices.ErrUnsupported)
	} else if err != nil {
		return err
	}
	if _, err := targetOf(dev); err != nil {
		return err
	}
	if _, err := e.options.Compiler(); err != nil {
		return fmt.Errorf("%w: install neuronx-cc (Neuron SDK), or bring a compiled program: --model-file FILE.neff: %w", err, devices.ErrUnsupported)
	}
	return nil
}

func (e *engine) Load(ctx context.Context, dev devices.Device, w *workloads.Workload) (devices.Loaded, error) {
	loaded, err := e.load(ctx, dev.Info(), w)
	if err != nil {
		return devices.Loaded{}, fmt.Errorf("loading workload %s into engine %s: %w", w.Name, Name, err)
	}
	return loaded, nil
}

func (e *engine) load(ctx context.Context, dev devices.Info, w *workloads.Workload) (devices.Loaded, error) {
	if err := ctx.Err(); err != nil {
		return devices.Loaded{}, err
	}
	if err := e.Supports(dev, w); err != nil {
		return devices.Loaded{}, err
	}
	l, err := e.open()
	if err != nil {
		return devices.Loaded{}, fmt.Errorf("%w: %w", devices.ErrAbsent, err)
	}
	cores, err := e.cores(dev)
	if err != nil {
		return devices.Loaded{}, err
	}
	if w.File != nil {
		return e.loadFile(ctx, l, dev, cores, w)
	}
	return e.loadGraphs(ctx, l, dev, cores, w)
}
