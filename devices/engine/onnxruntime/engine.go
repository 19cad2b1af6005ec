// Package onnxruntime is the engine that runs workloads with ONNX Runtime, as people deploy it: on the CPU with the library's
// own kernels, on NVIDIA GPUs with its CUDA or TensorRT provider.
//
// The flow: [New] makes the engine; Probe finds and opens the library (engine.go) and asks whether the execution provider for
// the device works (providers.go); Load writes the workload as ONNX, generates the weights and creates one session per model
// (load.go, weights.go), or opens the user's model file (file.go); Run binds the caller's tensors by reference (ports.go) and
// runs (session.go). The first run of each session is profiled, and the profile must say that the asked provider did the work
// (assert.go).
//
// The room's one rule: a figure is never labelled with a provider that did not compute it.
//
// On a GPU nothing of this was ever run by this project's tests.
package onnxruntime

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/engine/onnxruntime/library"
	"github.com/accelbench/accelbench/devices/engine/onnxruntime/ort"
	"github.com/accelbench/accelbench/workloads"
)

// The engines' names in flags and results. Both are this library: the first with its CPU or CUDA provider, the second with its
// TensorRT provider, which takes a GPU only.
const (
	Name     = "onnxruntime"
	TensorRT = "onnxruntime-tensorrt"
)

// Options configure the engine.
type Options struct {
	// Name is Name or TensorRT; empty is Name.
	Name string
	// Find finds the library file, once, when the engine is first probed; nil is [library.Find] on this machine.
	Find func() (library.Found, error)
	// Threads is the number of CPU threads of an operation; 0 takes every CPU that this process may use.
	Threads int
}

type engine struct {
	name    string
	threads int
	open    func() (opened, error) // once

	mu   sync.Mutex
	seen string // the UUID of the GPU that this process uses, empty before the choice
}

// opened is the library, and what results say about it.
type opened struct {
	*ort.Library
	source    library.Source
	digest    string
	providers []string
}

// New returns the engine. Nothing is looked for or loaded before the first probe.
func New(o Options) devices.Engine {
	e := &engine{name: o.Name, threads: o.Threads}
	if e.name == "" {
		e.name = Name
	}
	if e.threads <= 0 {
		e.threads = runtime.GOMAXPROCS(0)
	}
	if o.Find == nil {
		o.Find = func() (library.Found, error) { return library.Find(library.Here("")) }
	}
	e.open = sync.OnceValues(func() (opened, error) { return open(o.Find) })
	return e
}

// open finds and loads the library. Its errors all mean that there is none which could be used.
func open(find func() (library.Found, error)) (opened, error) {
	found, err := find()
	if err != nil {
		return opened{}, err
	}
	if err := library.Check(found.Path); err != nil {
		return opened{}, fmt.Errorf("the library of %s cannot be used: %w: accelbench setup onnxruntime gets one that works", found.Source, err)
	}
	// Releases of the library may keep an identity of the machine and send usage data; a benchmark does neither.
	if err := os.Setenv("ORT_DISABLE_TELEMETRY", "1"); err != nil {
		return opened{}, err
	}
	l, err := ort.Open(found.Path)
	if errors.Is(err, ort.ErrLeftOut) { // no library helps
		return opened{}, err
	}
	if err != nil {
		return opened{}, fmt.Errorf("%w: get a library that works with accelbench setup onnxruntime", err)
	}
	out := opened{Library: l, source: found.Source}
	if out.digest, err = library.Digest(found.Path); err != nil {
		return opened{}, err
	}
	out.providers, err = l.Providers()
	return out, err
}

func (e *engine) Name() string { return e.name }

func (e *engine) Probe(dev devices.Info) (devices.EngineInfo, error) {
	t, err := targetOf(e.name, dev)
	if err != nil {
		return devices.EngineInfo{}, err
	}
	l, err := e.ready(dev, t)
	if err != nil {
		return devices.EngineInfo{}, fmt.Errorf("engine %s on device %s: %w", e.name, dev.ID, err)
	}
	info := devices.EngineInfo{Name: e.name, Version: l.Version(), Kind: devices.Deployed, Details: e.details(l, t)}
	if t.onCPU() {
		threads := e.threads
		info.Threads = &threads
	}
	return info, nil
}

// ready gives the library if it can serve the target. What is not there wraps ErrAbsent.
func (e *engine) ready(dev devices.Info, t target) (opened, error) {
	l, err := e.open()
	if err != nil {
		return opened{}, absent{err}
	}
	if t.onCPU() {
		return l, nil
	}
	if err := e.see(dev); err != nil {
		return opened{}, err
	}
	for _, p := range t.providers {
		if err := l.CheckProvider(ort.Provider{Name: p}); err != nil {
			return opened{}, absent{fmt.Errorf("%w; the library was built with %s, and needs their files and NVIDIA's beside it: "+
				"accelbench setup onnxruntime says how to bring them", err, strings.Join(l.providers, ", "))}
		}
	}
	return l, nil
}

// absent makes an error one that wraps ErrAbsent, with its own text unchanged.
type absent struct{ error }

func (a absent) Unwrap() []error { return []error{a.error, devices.ErrAbsent} }

// details say what results must tell about the library and its settings: never a path, as results are published.
func (e *engine) details(l opened, t target) []devices.Detail {
	list := []devices.Detail{
		{Name: "library", Value: string(l.source)},
		{Name: devices.LibraryDigest, Value: l.digest[:16]},
		{Name: "providers compiled in", Value: strings.Join(l.providers, ", ")},
	}
	list = append(list, t.details()...)
	return append(list, devices.Detail{Name: "optimization", Value: "all"}, devices.Detail{Name: "spinning", Value: spinning(l.Version()), Unit: "us"})
}

func (e *engine) Supports(dev devices.Info, w *workloads.Workload) error {
	t, err := targetOf(e.name, dev)
	if err != nil {
		return err
	}
	if err := t.supports(w); err != nil {
		return fmt.Errorf("engine %s, workload %s: %w", e.name, w.Name, err)
	}
	if w.File != nil {
		return nil
	}
	_, err = t.write(w)
	if err != nil {
		return fmt.Errorf("engine %s: %w", e.name, err)
	}
	return nil
}

func (e *engine) Load(ctx context.Context, dev devices.Device, w *workloads.Workload) (devices.Loaded, error) {
	loaded, err := e.load(ctx, dev.Info(), w)
	if err != nil {
		return devices.Loaded{}, fmt.Errorf("loading workload %s into engine %s: %w", w.Name, e.name, err)
	}
	return loaded, nil
}
