// Package devices is the vocabulary between what is computed and what is measured: the devices of a machine, the engines
// that run a workload on them, and the system that a load generator drives.
//
// The flow: a [Backend] finds devices of one kind and hands out each as a [Device] with its sensors; an [Engine] loads a
// workload on a device as a [Session]; [NewSystem] makes a [System] of a session, and [NewQueue] one of several such, behind
// a queue; the load generator in bench drives it through a [Recorder].
//
// The room's one rule: only words here. No hardware, no cgo; each kind of device and each engine has a folder of its own,
// which only cmd imports.
package devices

import (
	"context"
	"errors"
)

// ErrAbsent marks hardware or software that is not on this machine. The error that wraps it says why.
var ErrAbsent = errors.New("absent")

// ErrUnsupported marks a workload, precision or sensor that a device or an engine does not have.
var ErrUnsupported = errors.New("unsupported")

// ErrLost marks a device that answers nothing any more until somebody resets it.
var ErrLost = errors.New("lost")

// Backend finds the devices of one kind: nvml, neuron, cpu.
type Backend interface {
	// Name is the backend's name as in flags and results.
	Name() string
	// Find lists the devices of the machine m. Nothing found is an error that wraps ErrAbsent and says why; hardware that
	// is there but cannot be used is a Problem, with or without devices beside it.
	Find(ctx context.Context, m Machine) (Inventory, error)
}

// Inventory is what a backend found.
type Inventory struct {
	Devices  []Device
	Problems []Problem
}

// Problem is something wrong with hardware that is there, and what to do about it.
type Problem struct {
	Text   string `json:"text"`
	Remedy string `json:"remedy,omitempty"`
}

// Device is one accelerator, or the CPU, and its sensors. It may be used from one goroutine at a time.
type Device interface {
	Info() Info
	// Read reads the sensors. A sensor that is missing is nil in the Reading, not an error. An error that wraps ErrLost says
	// that the device is gone.
	Read(ctx context.Context) (Reading, error)
	Close() error
}

// Watcher is a Device with sensors that need a process beside the measured work, such as a stream of the vendor's tool, which
// detection does without. Whoever measures calls Watch once, when the work is about to begin; from then on to Close, Read gives
// what these sensors say, and Info why they say nothing. Nothing that goes wrong there fails a run.
type Watcher interface {
	Watch()
}

// Info describes a device; what is unknown is nil or empty.
type Info struct {
	Backend string `json:"backend"`
	// ID selects the device in flags: "cpu", "nvml:0", "neuron:3".
	ID string `json:"id"`
	// Members are the ids of the devices that compute together as this one, see [Join]; nil for a single device.
	Members []string `json:"members,omitempty"`
	// Name is the product name as the vendor's software gives it.
	Name string `json:"name"`
	// UUID is the vendor's lasting identity of a GPU or slice; empty if the kind has none.
	UUID        string  `json:"uuid,omitempty"`
	Driver      string  `json:"driver,omitempty"`
	MemoryBytes *uint64 `json:"memory_bytes"`
	// Cores counts what the kind counts: CPUs this process may use, streaming multiprocessors, logical NeuronCores.
	Cores *int `json:"cores"`
	// Hidden says why this process may not use the device though it is there: "hidden by CUDA_VISIBLE_DEVICES=1".
	Hidden string `json:"hidden,omitempty"`
	// Peak is the maker's dense peak per precision, nil where not published or not known.
	Peak *SpecPeak `json:"peak,omitempty"`
	// EnergyScope is what power and energy cover where that is not the device alone: "CPU package", "the whole GPU".
	EnergyScope string `json:"energy_scope,omitempty"`
	// Unmetered says why there is no energy of this device, where something can be said: "no watts: vendor publishes none".
	Unmetered string `json:"unmetered,omitempty"`
	// Unwatched says why sensors that a Watcher starts say nothing, or not all of the time; empty before that.
	Unwatched string `json:"unwatched,omitempty"`
	// Details are further facts in the order in which they are to be shown.
	Details []Detail `json:"details,omitempty"`
}

// Metered is what power and energy of the device cover: figures of unlike scopes cannot be compared.
func (i Info) Metered() string {
	switch {
	case i.EnergyScope != "":
		return i.EnergyScope
	case i.Backend == "cpu":
		return "CPU package"
	}
	return "accelerator only"
}

// Detail is one named fact of a device. Value is a string, a bool, a number, or nil for unknown.
type Detail struct {
	Name  string `json:"name"`
	Value any    `json:"value"`
	Unit  string `json:"unit,omitempty"`
	// Source names where the fact was read: nvml, sysfs, neuron-ls, pci, cpuid.
	Source string `json:"source,omitempty"`
}

// SpecPeak is a specified peak: dense FLOP/s by precision, memory bandwidth in bytes per second, design power in watts, and
// its source.
type SpecPeak struct {
	Flops          map[string]float64 `json:"flops,omitempty"`
	BytesPerSecond *float64           `json:"bytes_per_second"`
	TDPWatts       *float64           `json:"tdp_watts,omitempty"`
	Source         string             `json:"source"`
	Unverified     bool               `json:"unverified,omitempty"`
}
