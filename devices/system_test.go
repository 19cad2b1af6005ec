package devices_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/workloads"
)

// copying is a workload that copies its inputs: one of floats, and for a decoder token ids and a position.
func copying(batch, pool, osl int) *workloads.Workload {
	w := &workloads.Workload{Name: "copying", Unit: "row", UnitsPerSample: 1, Pool: pool, Seed: 5,
		Options: workloads.Options{Precision: "f32", Batch: batch}}
	graph := func(kind workloads.InputKind, t workloads.DType, rest ...int) *workloads.Graph {
		shape := append([]int{batch}, rest...)
		in := &workloads.Value{ID: 0, Name: "x", Kind: workloads.Input, DType: t, Shape: shape,
			Fill: &workloads.InputSpec{Kind: kind, Vocab: 1000}}
		pos := &workloads.Value{ID: 1, Name: "pos", Kind: workloads.Input, DType: workloads.I32, Shape: []int{1},
			Fill: &workloads.InputSpec{Kind: workloads.FillPosition}}
		out := &workloads.Value{ID: 2, Name: "y", Kind: workloads.Computed, DType: t, Shape: shape}
		return &workloads.Graph{Batch: batch, Values: []*workloads.Value{in, pos, out},
			Nodes:   []*workloads.Node{{Op: workloads.OpCopy, In: []*workloads.Value{in}, Out: out}},
			Outputs: []*workloads.Value{out}}
	}
	w.Phases = []workloads.Phase{{Name: "forward", Graph: graph(workloads.FillUniform, workloads.F32, 3, 2)}}
	if osl > 0 {
		w.Options.ISL, w.Options.OSL, w.UnitsPerSample = 7, osl, osl
		w.Phases = []workloads.Phase{
			{Name: "prefill", Graph: graph(workloads.FillTokens, workloads.I32, 7)},
			{Name: "decode", Graph: graph(workloads.FillTokens, workloads.I32, 1)},
		}
	}
	return w
}

// copier copies, notes the positions it is given, and fails where it is told.
type copier struct {
	phases, positions []int
	quiet             bool
	lazy              bool // leaves the work out
	failAt            int  // call; 0 never
	calls, closes     int
}

var errBroken = errors.New("broken")

func (c *copier) Run(_ context.Context, phase int, in, out []workloads.Tensor) error {
	c.calls++
	if c.calls == c.failAt {
		return errBroken
	}
	if !c.quiet {
		c.phases, c.positions = append(c.phases, phase), append(c.positions, int(in[1].I32[0]))
	}
	if !c.lazy {
		copy(out[0].F32, in[0].F32)
		copy(out[0].I32, in[0].I32)
	}
	return nil
}

func (c *copier) Close() error { c.closes++; return nil }

// log is a Recorder that writes down what happens.
type log []string

func (l *log) First(id uint64)         { *l = append(*l, fmt.Sprintf("first %d", id)) }
func (l *log) Tokens(id uint64, n int) { *l = append(*l, fmt.Sprintf("tokens %d %d", id, n)) }
func (l *log) DoneAll(samples []devices.Sample, err error) {
	for _, s := range samples {
		l.Done(s.ID, err)
	}
}

func (l *log) Done(id uint64, err error) {
	*l = append(*l, fmt.Sprintf("done %d %v", id, err))
}

func samples(index ...int) []devices.Sample {
	out := make([]devices.Sample, len(index))
	for i := range out {
		out[i] = devices.Sample{ID: uint64(100 + i), Index: index[i]}
	}
	return out
}

// want is what the workload itself makes of the samples in call c.
func want(w *workloads.Workload, c int, rows []int) workloads.Tensor {
	phase, _ := w.Phase(c)
	in := w.NewInputs(phase)
	w.Fill(c, rows, in)
	return in[0]
}

func TestBatchesAreTheSamplesInOrder(t *testing.T) {
	for _, c := range []struct {
		name      string
		batch     int
		pool      int
		samples   []int
		wantCalls int
		wantRows  []int // of the last batch
	}{
		{"one row", 1, 3, []int{2, 1}, 2, []int{1}},
		{"full batches", 2, 5, []int{0, 4, 3, 3}, 2, []int{3, 3}},
		{"a partial batch is filled up by repetition", 4, 6, []int{0, 1, 2, 3, 5, 4}, 2, []int{5, 4, 5, 4}},
		{"a batch larger than the pool", 4, 3, []int{0, 1, 2, 0}, 1, []int{0, 1, 2, 0}},
		{"indexes beyond the pool start again", 2, 3, []int{3, 5}, 1, []int{3, 5}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, session := copying(c.batch, c.pool, 0), &copier{}
			sys := devices.NewSystem(session, w, 0)
			out, rows := sys.Outputs(0)
			require.Nil(t, out)
			require.Nil(t, rows)
			var l log
			require.NoError(t, sys.Issue(t.Context(), samples(c.samples...), &l))
			require.Equal(t, c.wantCalls, session.calls)
			out, rows = sys.Outputs(0)
			require.Equal(t, c.wantRows, rows)
			require.Equal(t, want(w, 0, rows).F32, out[0].F32)
			require.Len(t, l, len(c.samples), "repetitions are not recorded")
			for i, line := range l {
				require.Equal(t, fmt.Sprintf("done %d <nil>", 100+i), line)
			}
			require.NoError(t, sys.Close())
			require.Equal(t, 1, session.closes)
		})
	}
}

// TestForgottenOutputsCannotPass: a session that leaves out the work after a while would otherwise show the right values
// of an earlier execution wherever the same sample comes again.
func TestForgottenOutputsCannotPass(t *testing.T) {
	for _, osl := range []int{0, 3} {
		w, session := copying(2, 2, osl), &copier{}
		sys := devices.NewSystem(session, w, 0)
		require.NoError(t, sys.Issue(t.Context(), samples(0, 1), new(log)))
		sys.Forget()
		out, rows := sys.Outputs(0)
		require.Nil(t, out)
		require.Nil(t, rows)
		session.lazy = true
		require.NoError(t, sys.Issue(t.Context(), samples(0, 1), new(log)))
		out, _ = sys.Outputs(0)
		for i := range out[0].F32 {
			require.True(t, out[0].F32[i] != out[0].F32[i], "element %d is a left-over", i)
		}
		for i, v := range out[0].I32 {
			require.Negative(t, v, "element %d is a left-over", i)
		}
	}
}

func TestDecoderReportsTokens(t *testing.T) {
	for _, batch := range []int{1, 3} {
		w, session := copying(batch, 4, 4), &copier{}
		sys := devices.NewSystem(session, w, 0, 2, 9)
		var l log
		require.NoError(t, sys.Issue(t.Context(), samples(3), &l))
		require.Equal(t, log{"first 100", "tokens 100 1", "tokens 100 1", "tokens 100 1", "done 100 <nil>"}, l)
		require.Equal(t, []int{0, 1, 1, 1}, session.phases)
		require.Equal(t, []int{0, 7, 8, 9}, session.positions)
		for _, call := range []int{0, 2} {
			out, rows := sys.Outputs(call)
			require.Equal(t, want(w, call, rows).I32, out[0].I32, "call %d", call)
		}
		for _, call := range []int{1, 3, 9, -1} {
			out, _ := sys.Outputs(call)
			require.Nil(t, out, "call %d is not kept", call)
		}
	}
}

func TestErrorEndsEverySample(t *testing.T) {
	sys := devices.NewSystem(&copier{failAt: 2}, copying(2, 4, 0), 0)
	var l log
	require.ErrorIs(t, sys.Issue(t.Context(), samples(0, 1, 2, 3, 0), &l), errBroken)
	broken := "running call 0 of copying: broken"
	require.Equal(t, log{"done 100 <nil>", "done 101 <nil>", "done 102 " + broken, "done 103 " + broken, "done 104 " + broken}, l)
	out, _ := sys.Outputs(0)
	require.Nil(t, out, "a failed call leaves nothing to check")
}

func TestCancelStartsNoFurtherCall(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	session := &copier{}
	var l log
	require.ErrorIs(t, devices.NewSystem(session, copying(1, 2, 0)).Issue(ctx, samples(0), &l), context.Canceled)
	require.Zero(t, session.calls)
	require.Equal(t, log{"done 100 context canceled"}, l)
}

type silent struct{}

func (silent) First(uint64)                    {}
func (silent) Tokens(uint64, int)              {}
func (silent) Done(uint64, error)              {}
func (silent) DoneAll([]devices.Sample, error) {}

func TestIssueAllocatesNothing(t *testing.T) {
	for _, batch := range []int{1, 4} {
		sys := devices.NewSystem(&copier{quiet: true}, copying(batch, 4, 3), 0, 1)
		q, ctx := samples(0, 1, 2, 3, 0), t.Context()
		require.Zero(t, testing.AllocsPerRun(20, func() { _ = sys.Issue(ctx, q, silent{}) }))
	}
}

// TestForgetSpoilsEveryType: left-overs in types that only model files have show as well.
func TestForgetSpoilsEveryType(t *testing.T) {
	w, session := copying(2, 1, 0), &copier{}
	sys := devices.NewSystem(session, w, 0)
	require.NoError(t, sys.Issue(t.Context(), samples(0), new(log)))
	out, _ := sys.Outputs(0)
	out[0] = workloads.NewTensor(workloads.I64, []int{2})
	sys.Forget()
	require.Equal(t, bytes.Repeat([]byte{0xff}, 16), out[0].Raw)
}
