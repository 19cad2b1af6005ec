package devices

import (
	"context"
	"time"

	"github.com/accelbench/accelbench/workloads"
)

// EngineKind says what an engine's figures stand for on a device.
type EngineKind string

// A deployed engine is what people run in production on that device; a harness engine is this project's own, credible but
// no ground for rankings or claims.
const (
	Deployed EngineKind = "deployed"
	Harness  EngineKind = "harness"
)

// LibraryDigest is the name of the detail of an engine that identifies the file of its library.
const LibraryDigest = "library sha256"

// EngineInfo identifies an engine in every result.
type EngineInfo struct {
	Name    string     `json:"name"`
	Version string     `json:"version"`
	Kind    EngineKind `json:"kind"`
	// Threads is the number of CPU threads it computes with; nil where that is not how it works.
	Threads *int `json:"threads"`
	// Spans tells that it can share one workload out to several devices of this kind, see [Join].
	Spans bool `json:"spans,omitempty"`
	// Products is the precision in which products of the loaded workload are computed, where it is not the workload's own: those
	// of quantised weights may be in bf16. Whoever loads the workload sets it.
	Products string   `json:"products,omitempty"`
	Details  []Detail `json:"details,omitempty"`
}

// Engine is software that executes workloads on devices.
type Engine interface {
	Name() string
	// Probe says how the engine would run on the device: an error that wraps ErrAbsent if its software is not here, or
	// ErrUnsupported if it does not serve this kind of device.
	Probe(dev Info) (EngineInfo, error)
	// Supports reports, without loading anything, whether the engine runs the workload on the device: nil, or an error
	// that wraps ErrUnsupported and says why.
	Supports(dev Info, w *workloads.Workload) error
	// Load makes the workload ready to run: parameters generated, compiled, in the device's memory. A context that is done
	// gives its error.
	Load(ctx context.Context, dev Device, w *workloads.Workload) (Loaded, error)
}

// Loaded is a workload in an engine, and what getting there took.
type Loaded struct {
	Session Session
	// Products is the precision in which products are computed, where it is not the workload's; see [EngineInfo].
	Products  string
	Synthesis time.Duration // generating parameters
	Compile   time.Duration // planning, compiling
	Load      time.Duration // packing, copying to the device
}

// Session executes the graphs of one loaded workload. It is used from one goroutine at a time; states are kept between
// calls, and a call of the first phase starts them anew.
type Session interface {
	// Run executes one phase synchronously: in has the graph's inputs and is only read, out receives its outputs. When it
	// returns, the outputs are in out. The outputs of a model file may have any shape: Run replaces the elements of out by
	// tensors of the shape that they turn out to have. A context that is done gives its error. An error ends the session's use. After Close
	// it returns an error.
	Run(ctx context.Context, phase int, in, out []workloads.Tensor) error
	// Close releases everything; a second call does nothing.
	Close() error
}

// Advancer is a Session that can leave outputs on the device. A server that chooses the next token there fetches no logits, and at
// large batches fetching them takes longer than computing them.
type Advancer interface {
	// Advance executes a phase to its end as Run does, but for the outputs, which nobody reads.
	Advance(ctx context.Context, phase int, in []workloads.Tensor) error
}

// Sample is one unit of work of a query: ID is unique within a run, Index selects the input of the workload's pool.
type Sample struct {
	ID    uint64
	Index int
}

// Recorder takes the completions of samples. It may be called from any goroutine and does not allocate.
type Recorder interface {
	// First notes the first output token of a sample.
	First(id uint64)
	// Tokens notes n further output tokens.
	Tokens(id uint64, n int)
	// Done notes the end of a sample, with its error if it failed.
	Done(id uint64, err error)
	// DoneAll notes the end of samples that ended together, as those of a batch do: at one time, with one error.
	DoneAll(samples []Sample, err error)
}

// System is what a load generator drives. Issue hands over samples and may return before they are done; every sample ends
// in one Done or DoneAll. An error of Issue means that the system can take no more.
type System interface {
	Issue(ctx context.Context, samples []Sample, rec Recorder) error
	Close() error
}
