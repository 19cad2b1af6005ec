package devicetest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"sync/atomic"
	"time"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/workloads"
)

// Fault is something that goes wrong.
type Fault int

// The faults of an engine. HangForever does not look at the context; it ends when Engine.Release is closed, or never.
const (
	NoFault Fault = iota
	ReturnError
	Panic
	HangUntilDone
	HangForever
	ExitProcess
)

// AtLoad is the Engine.FaultAt for a fault while loading.
const AtLoad = -1

// ErrFault is what a call with the fault ReturnError returns.
var ErrFault = errors.New("fault asked for by the test")

// Engine is an engine that computes in no time what it is told, and fails when it is told. The zero value works: it runs
// every workload on every device. Use it by pointer.
type Engine struct {
	// EngineName, Version and Kind are "fake", "1" and Harness if empty.
	EngineName, Version string
	Kind                devices.EngineKind
	Threads             *int
	// ProbeError, SupportsError and LoadError, if set, are what these methods return.
	ProbeError, SupportsError, LoadError error
	// Synthesis, Compile and LoadTime are slept while loading, and reported.
	Synthesis, Compile, LoadTime time.Duration
	// Latency is slept in each call; LatencyOf, if set, gives that of call n of a session (from 0).
	Latency   time.Duration
	LatencyOf func(n int) time.Duration
	// Output, if set, computes a call. Without it each output row follows by hashing from the same row of the inputs, and
	// in later phases from the calls before: right in all but the values.
	Output func(phase int, in, out []workloads.Tensor)
	// Offset is added to every f32 output element: a wrong result.
	Offset float32
	// Fault happens in call FaultAt of each session (from 0), or while loading with AtLoad.
	Fault   Fault
	FaultAt int
	// Release ends HangForever when it is closed; nil never ends it.
	Release <-chan struct{}
	// ExitCode is the exit status of ExitProcess.
	ExitCode int

	calls, loads, closes atomic.Int64
}

// Calls counts the calls of sessions.
func (e *Engine) Calls() int { return int(e.calls.Load()) }

// Loads counts the sessions that were loaded.
func (e *Engine) Loads() int { return int(e.loads.Load()) }

// Closes counts the sessions that were closed.
func (e *Engine) Closes() int { return int(e.closes.Load()) }

// Name is EngineName.
func (e *Engine) Name() string { return orDefault(e.EngineName, "fake") }

// Probe returns ProbeError, or what the fields say.
func (e *Engine) Probe(devices.Info) (devices.EngineInfo, error) {
	kind := e.Kind
	if kind == "" {
		kind = devices.Harness
	}
	info := devices.EngineInfo{Name: e.Name(), Version: orDefault(e.Version, "1"), Kind: kind, Threads: e.Threads}
	return info, e.ProbeError
}

// Supports returns SupportsError.
func (e *Engine) Supports(devices.Info, *workloads.Workload) error { return e.SupportsError }

// Load sleeps the times of loading and returns a session.
func (e *Engine) Load(ctx context.Context, dev devices.Device, w *workloads.Workload) (devices.Loaded, error) {
	if err := ctx.Err(); err != nil {
		return devices.Loaded{}, fmt.Errorf("loading %s on %s: %w", w.Name, dev.Info().ID, err)
	}
	time.Sleep(e.Synthesis + e.Compile + e.LoadTime)
	if e.LoadError != nil {
		return devices.Loaded{}, e.LoadError
	}
	if e.FaultAt == AtLoad {
		if err := e.fail(ctx); err != nil {
			return devices.Loaded{}, fmt.Errorf("loading %s on %s: %w", w.Name, dev.Info().ID, err)
		}
	}
	e.loads.Add(1)
	s := &session{engine: e, workload: w, state: make([]uint64, w.Phases[0].Graph.Batch)}
	return devices.Loaded{Session: s, Synthesis: e.Synthesis, Compile: e.Compile, Load: e.LoadTime}, nil
}

// fail makes the fault happen; nil if it is over or there is none.
func (e *Engine) fail(ctx context.Context) error {
	switch e.Fault {
	case ReturnError:
		return ErrFault
	case Panic:
		panic("fault asked for by the test")
	case HangUntilDone:
		<-ctx.Done()
		return ctx.Err()
	case HangForever:
		<-e.Release
	case ExitProcess:
		os.Exit(e.ExitCode) //nolint:revive // a worker that dies in the vendor's library is what this fault stands for
	}
	return nil
}

type session struct {
	engine   *Engine
	workload *workloads.Workload
	n        int
	state    []uint64
	closed   bool
}

func (s *session) Run(ctx context.Context, phase int, in, out []workloads.Tensor) error {
	e, n := s.engine, s.n
	s.n++
	e.calls.Add(1)
	if s.closed {
		return fmt.Errorf("running %s: session %w", s.workload.Name, errClosed)
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("running %s: %w", s.workload.Name, err)
	}
	if n == e.FaultAt {
		if err := e.fail(ctx); err != nil {
			return fmt.Errorf("running %s, call %d: %w", s.workload.Name, n, err)
		}
	}
	latency := e.Latency
	if e.LatencyOf != nil {
		latency = e.LatencyOf(n)
	}
	time.Sleep(latency)
	if e.Output != nil {
		e.Output(phase, in, out)
	} else {
		s.hash(phase, in, out)
	}
	if e.Offset != 0 {
		for _, t := range out {
			for i := range t.F32 {
				t.F32[i] += e.Offset
			}
		}
	}
	return nil
}

func (s *session) Close() error {
	if !s.closed {
		s.closed = true
		s.engine.closes.Add(1)
	}
	return nil
}

// hash computes rows as a real model does: independent of each other and of where in the batch they are.
func (s *session) hash(phase int, in, out []workloads.Tensor) {
	for r := range s.state {
		if phase == 0 {
			s.state[r] = 0
		}
		h := mix(s.state[r] ^ uint64(phase+1))
		for _, t := range in {
			h = hashRow(h, t, r, len(s.state))
		}
		s.state[r] = h
		for o, t := range out {
			f, i := row(t, r, len(s.state))
			for j := range f {
				f[j] = float32(int32(mix(h+uint64(o)<<32+uint64(j))>>40)-1<<23) / (1 << 23)
			}
			for j := range i {
				i[j] = int32(mix(h+uint64(o)<<32+uint64(j)) >> 33)
			}
		}
	}
}

// row is the part of a tensor that belongs to row r of a batch; all of it where the tensor has no batch.
func row(t workloads.Tensor, r, batch int) ([]float32, []int32) {
	if len(t.Shape) == 0 || t.Shape[0] != batch {
		return t.F32, t.I32
	}
	f, i := len(t.F32)/batch, len(t.I32)/batch
	return t.F32[r*f : (r+1)*f], t.I32[r*i : (r+1)*i]
}

// hashRow continues the hash h over a row, bit for bit.
func hashRow(h uint64, t workloads.Tensor, r, batch int) uint64 {
	f, i := row(t, r, batch)
	for _, x := range f {
		h = mix(h ^ uint64(math.Float32bits(x)))
	}
	for _, x := range i {
		h = mix(h ^ uint64(uint32(x)))
	}
	return h
}

// mix scrambles 64 bits: two rounds of multiply and shift, with odd constants.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>32) * 0xd6e8feb86659fd93
	x = (x ^ x>>32) * 0xd6e8feb86659fd93
	return x ^ x>>32
}
