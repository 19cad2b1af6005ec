package reference_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/reference"
)

// TestCalibrate: the ranges are those of all samples together, of float inputs and of what is computed.
func TestCalibrate(t *testing.T) {
	x := &workloads.Value{Name: "x", Kind: workloads.Input, DType: workloads.F32, Shape: []int{1, 3, 1},
		Fill: &workloads.InputSpec{Kind: workloads.FillUniform}}
	pos := &workloads.Value{ID: 1, Name: "pos", Kind: workloads.Input, DType: workloads.I32, Shape: []int{1},
		Fill: &workloads.InputSpec{Kind: workloads.FillPosition}}
	y := &workloads.Value{ID: 2, Name: "y", Kind: workloads.Computed, DType: workloads.F32, Shape: x.Shape}
	z := &workloads.Value{ID: 3, Name: "z", Kind: workloads.Computed, DType: workloads.F32, Shape: x.Shape}
	graph := &workloads.Graph{Name: "g", Batch: 1, Values: []*workloads.Value{x, pos, y, z}, Outputs: []*workloads.Value{z},
		Nodes: []*workloads.Node{
			{Op: workloads.OpAdd, In: []*workloads.Value{x, x}, Out: y},
			{Op: workloads.OpRelu, In: []*workloads.Value{y}, Out: z},
		}}
	w := &workloads.Workload{Name: "w", Options: workloads.Options{Batch: 1}, Pool: 5, Seed: 1,
		Phases: []workloads.Phase{{Name: "forward", Graph: graph}}}
	least, most, perSample := float32(1), float32(-1), map[float32]bool{}
	for sample := range w.Pool {
		in := w.NewInputs(0)
		w.Fill(0, []int{sample}, in)
		for _, v := range in[0].F32 {
			least, most = min(least, v), max(most, v)
		}
		perSample[most] = true
	}
	require.Greater(t, len(perSample), 1, "the first sample does not have the greatest element")

	before := 0.0
	c, err := reference.Calibrate(t.Context(), w, func(fraction float64) {
		require.Greater(t, fraction, before)
		before = fraction
	})
	require.NoError(t, err)
	require.Equal(t, 1.0, before)
	key, err := w.GoldenKey()
	require.NoError(t, err)
	lo, hi := float64(least), float64(most)
	require.Equal(t, &workloads.Calibration{Workload: "w", Key: key, Ranges: []workloads.ValueRange{
		{Name: "x", Low: lo, High: hi}, {Name: "y", Low: 2 * lo, High: 2 * hi}, {Name: "z", Low: 0, High: 2 * hi},
	}}, c)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = reference.Calibrate(ctx, w, nil)
	require.ErrorIs(t, err, context.Canceled)
	decoder, err := workloads.Find("smollm2-135m", workloads.Options{})
	require.NoError(t, err)
	_, err = reference.Calibrate(t.Context(), decoder, nil)
	require.ErrorContains(t, err, "want a single phase, it has 2")
}
