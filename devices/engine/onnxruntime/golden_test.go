package onnxruntime

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/workloads"
)

// TestStandardWorkloads compares the engine with the golden values, for one sample and for several at once.
func TestStandardWorkloads(t *testing.T) {
	for _, tt := range []struct {
		name    string
		options workloads.Options
		heavy   bool // not in a short test
		checked int  // calls with golden values
	}{
		{name: "gemm", options: workloads.Options{Batch: 1}, checked: 1},
		{name: "gemm", options: workloads.Options{Batch: 3}, checked: 1},
		{name: "memcopy", options: workloads.Options{Batch: 1}, checked: 1},
		{name: "resnet50", options: workloads.Options{Batch: 1}, checked: 1},
		{name: "resnet50", options: workloads.Options{Batch: 3}, heavy: true, checked: 1},
		{name: "bert-base", options: workloads.Options{Batch: 1, SeqLen: 128}, heavy: true, checked: 1},
		{name: "smollm2-135m", options: workloads.Options{Batch: 1, ISL: 32, OSL: 4}, heavy: true, checked: 2},
	} {
		t.Run(fmt.Sprint(tt.name, tt.options), func(t *testing.T) {
			if tt.heavy && testing.Short() {
				t.Skip("heavy")
			}
			w := find(t, tt.name, tt.options)
			golden, known := w.Golden()
			require.True(t, known)
			samples := []int{2, 0, 1}[:tt.options.Batch]
			s := load(t, 2, w)
			checked := 0
			for c := range w.Calls() {
				_, out := call(t, s, w, c, samples...)
				check, err := golden.Check(w, c, samples, out)
				require.NoError(t, err)
				require.Empty(t, check.Reason)
				require.Less(t, check.Error, check.Tolerance/2, "float32 should be well within")
				if check.Passed {
					checked++
				}
			}
			require.Equal(t, tt.checked, checked)
		})
	}
}
