package reference_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/reference"
)

// stale is far below any tolerance and above what rounding to float32 and to nine digits makes: a larger difference means
// that the embedded values were not computed by this code.
const stale = 3e-7

// narrow makes an engine's output of the reference's.
func narrow(out []float64) []workloads.Tensor {
	f := make([]float32, len(out))
	for i, v := range out {
		f[i] = float32(v)
	}
	return []workloads.Tensor{{DType: workloads.F32, Shape: []int{len(f)}, F32: f}}
}

// checkCalls runs calls of a batch of one and checks each with the embedded values.
func checkCalls(t *testing.T, w *workloads.Workload, sample int, calls ...int) {
	t.Helper()
	g, ok := w.Golden()
	require.True(t, ok)
	var states reference.States
	for _, c := range calls {
		phase, _ := w.Phase(c)
		in := w.NewInputs(phase)
		w.Fill(c, []int{sample}, in)
		out, err := reference.Run(t.Context(), w.Phases[phase].Graph, in, &states)
		require.NoError(t, err)
		check, err := g.Check(w, c, []int{sample}, narrow(out[0]))
		require.NoError(t, err)
		require.True(t, check.Passed, "call %d: %s", c, check.Reason)
		require.Less(t, check.Error, stale, "call %d", c)
	}
}

// TestEmbeddedFilesAreFresh recomputes what is cheap. The decoder's prefill and decoding against a cache must both meet
// what its long causal pass left.
func TestEmbeddedFilesAreFresh(t *testing.T) {
	if raceDetector || testing.Short() {
		t.Skip("billions of operations")
	}
	for _, test := range []struct {
		name    string
		options workloads.Options
		calls   []int
	}{
		{"resnet50", workloads.Options{}, []int{0}},
		{"dlrm-v2-capped", workloads.Options{}, []int{0}},
		{"smollm2-135m", workloads.Options{ISL: 4, OSL: 2}, []int{0, 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			w, err := workloads.Find(test.name, test.options)
			require.NoError(t, err)
			checkCalls(t, w, w.Pool-1, test.calls...)
		})
	}
}

func TestCompute(t *testing.T) {
	for _, name := range []string{"memcopy", "gemm"} {
		if name == "gemm" && raceDetector {
			continue
		}
		w, err := workloads.Find(name, workloads.Options{Batch: 3})
		require.NoError(t, err)
		want, ok := w.Golden()
		require.True(t, ok)
		before := 0.0
		got, err := reference.Compute(t.Context(), w, func(fraction float64) {
			require.Greater(t, fraction, before)
			before = fraction
		})
		require.NoError(t, err)
		require.Equal(t, 1.0, before)
		require.Equal(t, want.Key, got.Key)
		require.Equal(t, want.Elements, got.Elements)
		require.Len(t, got.Rows, len(want.Rows))
		for i, r := range got.Rows {
			require.Equal(t, want.Rows[i].Sample, r.Sample)
			require.InDeltaSlice(t, want.Rows[i].Values, r.Values, 1e-8)
			require.InEpsilon(t, want.Rows[i].RMS, r.RMS, 1e-8)
		}
	}
}

// TestComputeByHand: a workload outside the catalogue has golden values too, which serve calls at batch one.
func TestComputeByHand(t *testing.T) {
	x := &workloads.Value{Name: "x", Kind: workloads.Input, DType: workloads.F32, Shape: []int{1, 100},
		Fill: &workloads.InputSpec{Kind: workloads.FillUniform}}
	y := &workloads.Value{ID: 1, Name: "y", Kind: workloads.Computed, DType: workloads.F32, Shape: x.Shape}
	w := &workloads.Workload{Name: "relu", Options: workloads.Options{Precision: "f32", Batch: 1}, Pool: 3, Seed: 9,
		Phases: []workloads.Phase{{Name: "forward", Graph: &workloads.Graph{Name: "relu", Batch: 1,
			Values: []*workloads.Value{x, y}, Outputs: []*workloads.Value{y},
			Nodes: []*workloads.Node{{Op: workloads.OpRelu, In: []*workloads.Value{x}, Out: y}}}}}}
	_, ok := w.Golden()
	require.False(t, ok)
	g, err := reference.Compute(t.Context(), w, nil)
	require.NoError(t, err)
	require.Len(t, g.Rows, 3)

	in := w.NewInputs(0)
	w.Fill(0, []int{5}, in)
	for i, v := range in[0].F32 {
		in[0].F32[i] = max(v, 0)
	}
	check, err := g.Check(w, 0, []int{5}, in)
	require.NoError(t, err)
	require.True(t, check.Passed, check.Reason)
	require.Equal(t, 64, check.Elements)

	in[0].F32[g.Elements[9]] += 0.01
	check, err = g.Check(w, 0, []int{5}, in)
	require.NoError(t, err)
	require.False(t, check.Passed)

	w.Options.Batch = 2
	_, err = reference.Compute(t.Context(), w, nil)
	var unknown *workloads.UnknownError
	require.ErrorAs(t, err, &unknown, "only the catalogue knows other batches")
}

func TestComputeStops(t *testing.T) {
	w, err := workloads.Find("resnet50", workloads.Options{})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	_, err = reference.Compute(ctx, w, func(float64) { cancel() })
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "computing golden values of resnet50, sample 0")
}
