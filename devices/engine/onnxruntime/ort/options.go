package ort

import (
	"fmt"
	"maps"
	"slices"
)

// Options say how a session runs a model, always with all optimisations of the library. The zero value is what the library does
// by itself.
type Options struct {
	// Threads of one operation, the caller of Run among them. 0 leaves it to the library: all cores, whatever the affinity of
	// the process. Operations always run one after the other.
	Threads  int
	Spinning Spinning
	// ProfilePrefix starts the name of the profile's file, a path without the end. Empty means no profile.
	ProfilePrefix string
	// Config holds session configuration entries. Keys must be known to this package: the library takes unknown ones without a
	// word.
	Config map[string]string
	// Providers of execution in order of preference. The CPU provider is always the last and is not named.
	Providers []Provider
}

// Spinning says whether threads without work look for more before they sleep.
type Spinning int32

// The library spins by default: idle gaps of a few milliseconds then cost CPU time and save wake-ups.
const (
	SpinDefault Spinning = iota
	SpinOn
	SpinOff
)

// Provider is a provider of execution with its options, as text.
type Provider struct {
	Name    string // "CUDA", "TensorRT"
	Options map[string]string
}

// Output describes an output of a model.
type Output struct {
	Name     string
	IsTensor bool
	Type     ElemType // of a tensor's elements
}

// Memory names a place for values.
type Memory struct {
	Name   string // "Cpu", "Cuda"
	Device int
}

const keySpinning = "session.intra_op.allow_spinning"

// configKeys are the keys that Options.Config takes: those that this project sets.
func configKeys() []string {
	// How long a thread spins, in microseconds; obeyed since version 1.30 of the library.
	return []string{"session.intra_op.spin_duration_us"}
}

// check finds what can be wrong before the library is asked, and gives the configuration entries to set.
func (o Options) check() (map[string]string, error) {
	if o.Threads < 0 {
		return nil, fmt.Errorf("threads are %d: give at least 1, or 0 for the library's choice", o.Threads)
	}
	known := configKeys()
	for _, key := range slices.Sorted(maps.Keys(o.Config)) {
		if !slices.Contains(known, key) {
			return nil, fmt.Errorf("configuration key %q is not known: those that are known are %q", key, known)
		}
	}
	entries := maps.Clone(o.Config)
	if entries == nil {
		entries = map[string]string{}
	}
	switch o.Spinning {
	case SpinDefault:
	case SpinOn:
		entries[keySpinning] = "1"
	case SpinOff:
		entries[keySpinning] = "0"
	default:
		return nil, fmt.Errorf("spinning %d is not one of this package's", o.Spinning)
	}
	return entries, nil
}
