package ort

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Options say how a session runs a model. The zero value is what the library does by itself with all its optimisations.
type Options struct {
	// Threads of one operation, the caller of Run among them. 0 leaves it to the library: all cores, whatever the affinity of
	// the process. Operations always run one after the other.
	Threads  int
	Spinning Spinning
	// ProfilePrefix starts the name of the profile's file, a path without the end. Empty means no profile.
	ProfilePrefix string
	Optimization  Optimization
	// Config holds session configuration entries. Keys must be ones that ConfigKeys lists: the library takes unknown keys
	// without a word.
	Config map[string]string
	// Providers of execution in order of preference. The CPU provider is always the last and need not be named.
	Providers []Provider
	// Initializers give the model's external weights from the caller's memory. The session keeps that memory, not the Values of
	// NewValue: these may be closed once the session exists.
	Initializers []Initializer
}

// Spinning says whether threads without work look for more before they sleep.
type Spinning int32

// The library spins by default: idle gaps of a few milliseconds then cost CPU time and save wake-ups.
const (
	SpinDefault Spinning = iota
	SpinOn
	SpinOff
)

// Optimization is how far the library rewrites the graph.
type Optimization int32

// All is the default.
const (
	OptimizeAll Optimization = iota
	OptimizeNone
	OptimizeBasic
	OptimizeExtended
	OptimizeLayout
)

// level is the C API's number.
func (o Optimization) level() (int32, error) {
	levels := [...]int32{OptimizeAll: 99, OptimizeNone: 0, OptimizeBasic: 1, OptimizeExtended: 2, OptimizeLayout: 3}
	if o < 0 || int(o) >= len(levels) {
		return 0, fmt.Errorf("optimization level %d is not one of this package's", o)
	}
	return levels[o], nil
}

// Provider is a provider of execution with its options, as text.
type Provider struct {
	Name    string // "CUDA", "TensorRT", "CPU", or what the library calls any other: "CoreML", "XNNPACK", "QNN"
	Options map[string]string
}

// Initializer is the content of an external initializer of the model.
type Initializer struct {
	Name  string
	Value *Value
}

// IO describes an input or an output of a model.
type IO struct {
	Name     string
	IsTensor bool     // when false, nothing below is known
	Type     ElemType // of the elements
	Shape    []int64  // -1 where a dimension is free
	Symbols  []string // one name a dimension, empty where it is fixed or has no name
}

// Memory names a place for values.
type Memory struct {
	Name   string // "Cpu", "Cuda", "CudaPinned"
	Device int
}

const keySpinning = "session.intra_op.allow_spinning"

// ConfigKeys are the session configuration keys that Options takes: those of version 1.30 that change how a model runs. Left out
// is what has a field of its own in Options, writes files, or makes the library keep the caller's model bytes.
func ConfigKeys() []string {
	return []string{
		keySpinning,
		"mlas.disable_kleidiai",
		"mlas.use_lut_gemm",
		"optimization.disable_specified_optimizers",
		"optimization.enable_cast_chain_elimination",
		"optimization.enable_gelu_approximation",
		"session.allow_released_opsets_only",
		"session.disable_aot_function_inlining",
		"session.disable_cpu_ep_fallback",
		"session.disable_double_qdq_remover",
		"session.disable_prepacking",
		"session.disable_qdq_constant_folding",
		"session.disable_quant_qdq",
		"session.dynamic_block_base",
		"session.enable_dq_matmulnbits_fusion",
		"session.enable_quant_qdq_cleanup",
		"session.force_spinning_stop",
		"session.graph_optimizations_loop_level",
		"session.inter_op.allow_spinning",
		"session.intra_op.spin_backoff_max",
		"session.intra_op.spin_duration_us",
		"session.intra_op_thread_affinities",
		"session.model_external_initializers_file_folder_path",
		"session.qdq_matmulnbits_accuracy_level",
		"session.qdq_matmulnbits_block_size",
		"session.qdqisint8allowed",
		"session.record_ep_graph_assignment_info",
		"session.set_denormal_as_zero",
		"session.strict_shape_type_inference",
		"session.use_deterministic_compute",
		"session.use_device_allocator_for_initializers",
		"session.x64quantprecision",
	}
}

// check finds what can be wrong before the library is asked, and gives the configuration entries to set.
func (o Options) check() (map[string]string, error) {
	if o.Threads < 0 {
		return nil, fmt.Errorf("threads are %d: give at least 1, or 0 for the library's choice", o.Threads)
	}
	if _, err := o.Optimization.level(); err != nil {
		return nil, err
	}
	known := ConfigKeys()
	for _, key := range slices.Sorted(maps.Keys(o.Config)) {
		if !slices.Contains(known, key) {
			return nil, fmt.Errorf("configuration key %q is not known: ConfigKeys lists those that are", key)
		}
	}
	for _, w := range o.Initializers {
		if w.Value == nil {
			return nil, fmt.Errorf("initializer %q has no value", w.Name)
		}
	}
	entries := maps.Clone(o.Config)
	if entries == nil {
		entries = map[string]string{}
	}
	switch o.Spinning {
	case SpinDefault:
		return entries, nil
	case SpinOn, SpinOff:
	default:
		return nil, fmt.Errorf("spinning %d is not one of this package's", o.Spinning)
	}
	if _, both := entries[keySpinning]; both {
		return nil, errors.New("spinning is set twice: leave " + keySpinning + " out of the configuration")
	}
	entries[keySpinning] = map[Spinning]string{SpinOn: "1", SpinOff: "0"}[o.Spinning]
	return entries, nil
}
