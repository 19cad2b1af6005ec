package onnxruntime

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices/engine/onnxruntime/ort"
	"github.com/accelbench/accelbench/workloads"
)

// TestCancelDuringARunOfAModelFile ends a loop that takes about a minute when nothing ends it, so that an end that is not told to
// the library is seen as a run that succeeds.
func TestCancelDuringARunOfAModelFile(t *testing.T) {
	const n = 256
	square, count, flag := tensorOf(ort.F32, n, n), tensorOf(ort.I64), tensorOf(ort.Bool)
	body := message(6, operator("Identity", []string{"go"}, []string{"on"}), operator("MatMul", []string{"state", "w"}, []string{"next"}),
		text(2, "body"), input("i", count), input("go", flag), input("state", square), output("on", flag), output("next", square))
	loop := operator("Loop", []string{"trips", "", "x"}, []string{"z"}, message(5, text(1, "body"), body, number(20, 5)))
	model := modelOf(loop, input("trips", count), input("x", square), input("w", square), output("z", square))
	w := ofFile(t, model, "trips:scalar:i64:100000..100000")
	s := load(t, 1, w)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(30*time.Millisecond, cancel)
	err := s.Run(ctx, 0, inputsOf(w), w.NewOutputs(0))
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "terminate", "the run was under way")
}

// inputsOf are the inputs of a workload's first sample.
func inputsOf(w *workloads.Workload) []workloads.Tensor {
	in := w.NewInputs(0)
	w.Fill(0, []int{0}, in)
	return in
}
