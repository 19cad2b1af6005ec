package onnxruntime

import (
	"context"
	"math"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/workloads"
)

// TestRunsDoNotAllocate drives a session as a system does: from a pool, into the same outputs, under one context that can end.
func TestRunsDoNotAllocate(t *testing.T) {
	for _, w := range []*workloads.Workload{
		find(t, "gemm", workloads.Options{}), // large inputs, bound by reference
		find(t, "smollm2-135m", workloads.Options{ISL: 4, OSL: 4}),
	} {
		t.Run(w.Name, func(t *testing.T) {
			if w.Family == "decoder" && testing.Short() {
				t.Skip("heavy")
			}
			s := load(t, 2, w)
			calls := make([][]workloads.Tensor, w.Calls())
			pool := make([][]workloads.Tensor, w.Pool)
			for i := range pool {
				pool[i] = w.NewInputs(0)
				w.Fill(0, []int{i}, pool[i])
			}
			outs := [][]workloads.Tensor{}
			for p := range w.Phases {
				outs = append(outs, w.NewOutputs(p))
			}
			for c := 1; c < w.Calls(); c++ {
				calls[c] = w.NewInputs(1)
				w.Fill(c, []int{0}, calls[c])
			}
			sample := 0
			query := func() {
				for c := range w.Calls() {
					phase, _ := w.Phase(c)
					in := calls[c]
					if c == 0 {
						in = pool[sample%len(pool)]
					}
					if err := s.Run(t.Context(), phase, in, outs[phase]); err != nil {
						t.Fatal(err)
					}
				}
				sample++
			}
			for range pool {
				query()
			}
			require.Zero(t, testing.AllocsPerRun(8, query))
		})
	}
}

func TestNaNPassesThrough(t *testing.T) {
	w := find(t, "gemm", workloads.Options{})
	s := load(t, 2, w)
	in, out := w.NewInputs(0), w.NewOutputs(0)
	w.Fill(0, []int{0}, in)
	in[0].F32[0] = float32(math.NaN())
	require.NoError(t, s.Run(t.Context(), 0, in, out))
	require.True(t, math.IsNaN(float64(out[0].F32[5])), "the first row")
	require.False(t, math.IsNaN(float64(out[0].F32[len(out[0].F32)-1])))
}

// TestManyAddresses uses more input and output tensors than a port remembers.
func TestManyAddresses(t *testing.T) {
	w := find(t, "gemm", workloads.Options{})
	s := load(t, 2, w).(*session)
	in, out := call(t, s, w, 0, 1)
	want := slices.Clone(out[0].F32)
	for _, p := range append(s.phases[0].in, s.phases[0].out...) {
		for len(p.values) < mostValues {
			_, err := p.value(make([]byte, len(in[0].Bytes())))
			require.NoError(t, err)
		}
	}
	_, fresh := call(t, s, w, 0, 1)
	require.Equal(t, want, fresh[0].F32)
	require.Len(t, s.phases[0].out[0].values, 1)
	clear(out[0].F32)
	require.NoError(t, s.Run(t.Context(), 0, in, out))
	require.Equal(t, want, out[0].F32)
}

func TestCancelDuringARun(t *testing.T) {
	if testing.Short() {
		t.Skip("heavy")
	}
	w := find(t, "resnet50", workloads.Options{Batch: 32})
	s := load(t, 2, w)
	in, out := w.NewInputs(0), w.NewOutputs(0)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(5*time.Millisecond, cancel)
	err := s.Run(ctx, 0, in, out)
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, err, s.Run(t.Context(), 0, in, out), "an error ends the session's use")
}

// TestCancelBetweenRuns ends a context that is no longer in use: the next run, under another one, is none of its business.
func TestCancelBetweenRuns(t *testing.T) {
	w := find(t, "gemm", workloads.Options{})
	s := load(t, 2, w)
	in, out := w.NewInputs(0), w.NewOutputs(0)
	for range 3 {
		ctx, cancel := context.WithCancel(t.Context())
		require.NoError(t, s.Run(ctx, 0, in, out))
		cancel()
		require.NoError(t, s.Run(context.Background(), 0, in, out))
	}
	ctx, cancel := context.WithCancel(t.Context())
	require.NoError(t, s.Run(ctx, 0, in, out))
	cancel()
	require.ErrorIs(t, s.Run(ctx, 0, in, out), context.Canceled)
}

func TestWrongTensors(t *testing.T) {
	w := find(t, "gemm", workloads.Options{})
	for _, tt := range []struct {
		name  string
		phase int
		spoil func(in, out []workloads.Tensor) (newIn, newOut []workloads.Tensor)
		want  string
	}{
		{name: "phase", phase: 1, want: "phases"},
		{name: "no inputs", spoil: func(_, out []workloads.Tensor) ([]workloads.Tensor, []workloads.Tensor) { return nil, out }, want: "inputs"},
		{name: "no outputs", spoil: func(in, _ []workloads.Tensor) ([]workloads.Tensor, []workloads.Tensor) { return in, nil }, want: "outputs"},
		{name: "short input", want: "wants", spoil: func(in, out []workloads.Tensor) ([]workloads.Tensor, []workloads.Tensor) {
			in[0].F32 = in[0].F32[1:]
			return in, out
		}},
		{name: "output of another type", want: "wants", spoil: func(in, out []workloads.Tensor) ([]workloads.Tensor, []workloads.Tensor) {
			out[0] = workloads.NewTensor(workloads.I32, out[0].Shape)
			return in, out
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := load(t, 1, w)
			in, out := w.NewInputs(0), w.NewOutputs(0)
			if tt.spoil != nil {
				in, out = tt.spoil(in, out)
			}
			require.ErrorContains(t, s.Run(t.Context(), tt.phase, in, out), tt.want)
		})
	}
}

// TestNothingStaysBehind: neither files nor an open session.
func TestNothingStaysBehind(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	w := find(t, "gemm", workloads.Options{})
	e := New(Options{Find: realLibrary(t), Threads: 1})
	open := func() devices.Session {
		loaded, err := e.Load(t.Context(), cpuDevice(), w)
		require.NoError(t, err)
		require.Positive(t, loaded.Synthesis)
		require.Positive(t, loaded.Compile)
		return loaded.Session
	}
	s := open()
	require.NoError(t, s.Close())
	requireEmpty(t, os.TempDir())
	s = open()
	in, out := call(t, s, w, 0, 0)
	requireEmpty(t, os.TempDir()) // the profile was read after the first run
	require.NoError(t, s.Close())
	require.NoError(t, s.Close())
	require.ErrorIs(t, s.Run(t.Context(), 0, in, out), errClosed)
	requireEmpty(t, os.TempDir())
}
