package devices

import (
	"context"
	"fmt"
	"math"
	"sync/atomic"

	"github.com/accelbench/accelbench/workloads"
)

// Batched is the System of a loaded session with static batching: samples are taken in the order in which they come, in
// batches of the size for which the graphs were built. A last batch that is too small is filled up by repeating its
// samples; what is computed for the repetitions is not recorded. It works within Issue, which therefore returns when all
// samples are done, and it is used from one goroutine at a time.
//
// The inputs of the whole pool are synthesised by [NewSystem]; a batch row is a copy, and a batch of one row is not even
// that, so that a workload that only moves memory is not charged for a second move. Steady state allocates nothing.
type Batched struct {
	session Session
	// advance, for a decoder whose session can leave logits on the device, runs the calls whose outputs nobody reads; else nil.
	advance Advancer
	name    string
	batch   int
	decoder bool
	phases  []phaseBuffers
	calls   []call
	rows    []int // the pool sample in each row of the batch in flight
	clock   phaseClock
	pulse   atomic.Uint64
}

type phaseBuffers struct{ in, out []workloads.Tensor }

// call is one graph execution of a batch.
type call struct {
	phase  int
	inputs []pooled
	// out is the call's own buffer if its outputs are kept, else the buffer shared by all calls of the phase.
	out  []workloads.Tensor
	kept bool
	rows []int
	ran  bool
}

// pooled holds one input of one call for every sample of the pool. A row of 0 elements means that the input is the same
// for all samples.
type pooled struct {
	data workloads.Tensor
	row  int
}

// NewSystem makes a System of a session that has w loaded. The outputs of the calls listed in keep stay readable through
// [Batched.Outputs]: each has a buffer of its own, so that keeping them costs the timed path nothing.
func NewSystem(session Session, w *workloads.Workload, keep ...int) *Batched {
	s := &Batched{
		session: session,
		name:    w.Name,
		batch:   w.Phases[0].Graph.Batch,
		decoder: len(w.Phases) > 1,
		phases:  make([]phaseBuffers, len(w.Phases)),
		calls:   make([]call, w.Calls()),
	}
	if s.decoder {
		s.advance, _ = session.(Advancer)
	}
	s.rows = make([]int, s.batch)
	s.clock.init(len(w.Phases))
	for p := range s.phases {
		s.phases[p] = phaseBuffers{in: w.NewInputs(p), out: w.NewOutputs(p)}
	}
	for c := range s.calls {
		p, _ := w.Phase(c)
		s.calls[c] = call{phase: p, inputs: poolInputs(w, c, s.batch), out: s.phases[p].out}
	}
	for _, c := range keep {
		if c >= 0 && c < len(s.calls) && !s.calls[c].kept {
			s.calls[c].kept = true
			s.calls[c].out = w.NewOutputs(s.calls[c].phase)
			s.calls[c].rows = make([]int, s.batch)
		}
	}
	return s
}

// poolInputs synthesises the inputs of call c for every sample of the pool.
func poolInputs(w *workloads.Workload, c, batch int) []pooled {
	phase, _ := w.Phase(c)
	values := w.Phases[phase].Graph.Inputs()
	filled := w.NewInputs(phase)
	inputs := make([]pooled, len(values))
	for i, v := range values {
		if v.Fill.Kind == workloads.FillPosition {
			inputs[i].data = workloads.NewTensor(v.DType, v.Shape)
			continue
		}
		inputs[i].row = workloads.Elements(v.Shape) / batch
		inputs[i].data = workloads.NewTensor(v.DType, []int{w.Pool, inputs[i].row})
	}
	samples := make([]int, batch)
	for first := 0; first < w.Pool; first += batch {
		for r := range samples {
			samples[r] = first + r
		}
		w.Fill(c, samples, filled)
		rows := min(batch, w.Pool-first)
		for i, in := range inputs {
			copyTensor(in.data, first*in.row, filled[i], 0, elementsOf(in, rows))
		}
	}
	return inputs
}

func elementsOf(in pooled, rows int) int {
	if in.row == 0 {
		return workloads.Elements(in.data.Shape)
	}
	return in.row * rows
}

func copyTensor(dst workloads.Tensor, at int, src workloads.Tensor, from, n int) {
	switch dst.DType {
	case workloads.F32:
		copy(dst.F32[at:at+n], src.F32[from:from+n])
	case workloads.I32:
		copy(dst.I32[at:at+n], src.I32[from:from+n])
	default:
		size := int(dst.DType.Bytes())
		copy(dst.Raw[at*size:(at+n)*size], src.Raw[from*size:(from+n)*size])
	}
}

// Issue runs the samples to their end. After an error of the session, or when the context is done, no further call is
// started, the samples that are left are done with that error, and the error is returned.
func (s *Batched) Issue(ctx context.Context, samples []Sample, rec Recorder) error {
	for len(samples) > 0 {
		n := min(s.batch, len(samples))
		if err := s.run(ctx, samples[:n], rec); err != nil {
			rec.DoneAll(samples, err)
			return err
		}
		rec.DoneAll(samples[:n], nil)
		samples = samples[n:]
	}
	return nil
}

func (s *Batched) run(ctx context.Context, samples []Sample, rec Recorder) error {
	for r := range s.rows {
		s.rows[r] = samples[r%len(samples)].Index
	}
	s.pulse.Add(1)
	defer s.pulse.Add(1)
	// The clock stops before the samples are done: who waits for them may read it.
	defer s.clock.stop()
	for c := range s.calls {
		if err := ctx.Err(); err != nil {
			return err
		}
		call := &s.calls[c]
		in := s.phases[call.phase].in
		s.clock.enter(call.phase)
		s.assemble(call, in)
		call.ran = false
		if err := s.execute(ctx, call, in); err != nil {
			return fmt.Errorf("running call %d of %s: %w", c, s.name, err)
		}
		if call.kept {
			copy(call.rows, s.rows)
			call.ran = true
		}
		if s.decoder {
			token(rec, samples, c)
		}
	}
	return nil
}

// execute runs a call; one whose outputs are not kept leaves them on the device, if the session can.
func (s *Batched) execute(ctx context.Context, c *call, in []workloads.Tensor) error {
	if s.advance != nil && !c.kept {
		return s.advance.Advance(ctx, c.phase, in)
	}
	return s.session.Run(ctx, c.phase, in, c.out)
}

func token(rec Recorder, samples []Sample, call int) {
	for _, sample := range samples {
		if call == 0 {
			rec.First(sample.ID)
		} else {
			rec.Tokens(sample.ID, 1)
		}
	}
}

// assemble makes the inputs of a call from the pool.
func (s *Batched) assemble(c *call, in []workloads.Tensor) {
	for i := range c.inputs {
		p := &c.inputs[i]
		if p.row == 0 {
			copyTensor(in[i], 0, p.data, 0, elementsOf(*p, 0))
			continue
		}
		if s.batch == 1 {
			lo := s.sample(0, p) * p.row
			switch p.data.DType {
			case workloads.F32:
				in[i].F32 = p.data.F32[lo : lo+p.row]
			case workloads.I32:
				in[i].I32 = p.data.I32[lo : lo+p.row]
			default:
				size := int(p.data.DType.Bytes())
				in[i].Raw = p.data.Raw[lo*size : (lo+p.row)*size]
			}
			continue
		}
		for r := range s.rows {
			copyTensor(in[i], r*p.row, p.data, s.sample(r, p)*p.row, p.row)
		}
	}
}

// sample is the place in the pool of the sample in row r: sample i and sample i + Pool are the same.
func (s *Batched) sample(r int, p *pooled) int { return s.rows[r] % p.data.Shape[0] }

// Outputs is what the last execution of a kept call left, and the pool sample that was in each batch row. Both are nil
// if the call is not kept or its last execution did not succeed. They are valid until the next Issue and not to be
// changed.
func (s *Batched) Outputs(call int) (out []workloads.Tensor, samples []int) {
	if call < 0 || call >= len(s.calls) || !s.calls[call].ran {
		return nil, nil
	}
	return s.calls[call].out, s.calls[call].rows
}

// Forget spoils the outputs of the kept calls, so that an execution that does not write them cannot pass for one that
// does: what is left over from an earlier one would be right wherever the same sample comes again.
func (s *Batched) Forget() {
	for i := range s.calls {
		call := &s.calls[i]
		if !call.kept {
			continue
		}
		call.ran = false
		for _, out := range call.out {
			for j := range out.F32 {
				out.F32[j] = float32(math.NaN())
			}
			for j := range out.I32 {
				out.I32[j] = math.MinInt32
			}
			for j := range out.Raw {
				out.Raw[j] = 0xff // also NaN in every float type
			}
		}
	}
}

// Pulse counts the beginnings and the ends of executions of a batch: it is odd while one is in flight. It may be called from any
// goroutine.
func (s *Batched) Pulse() uint64 { return s.pulse.Load() }

// Close closes the session.
func (s *Batched) Close() error { return s.session.Close() }

var _ System = (*Batched)(nil)
