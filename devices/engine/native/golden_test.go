package native

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices/engine/native/kernel"
	"github.com/accelbench/accelbench/workloads"
)

// TestStandardWorkloads compares the engine with the golden values, for one sample and for several at once.
func TestStandardWorkloads(t *testing.T) {
	for _, tt := range []struct {
		name    string
		options workloads.Options
		heavy   bool // not in a short test, nor with the race detector
		checked int  // calls with golden values
	}{
		{name: "gemm", options: workloads.Options{Batch: 1}, checked: 1},
		{name: "gemm", options: workloads.Options{Batch: 3}, checked: 1},
		{name: "memcopy", options: workloads.Options{Batch: 1}, checked: 1},
		{name: "resnet50", options: workloads.Options{Batch: 1}, checked: 1},
		{name: "resnet50", options: workloads.Options{Batch: 3}, heavy: true, checked: 1},
		{name: "bert-base", options: workloads.Options{Batch: 1}, heavy: true, checked: 1},
		{name: "bert-base", options: workloads.Options{Batch: 3, SeqLen: 128}, heavy: true, checked: 1},
		{name: "smollm2-135m", options: workloads.Options{Batch: 1, ISL: 128, OSL: 2}, heavy: true, checked: 2},
		{name: "smollm2-135m", options: workloads.Options{Batch: 3, ISL: 4, OSL: 4}, checked: 4},
		{name: "whisper-tiny", options: workloads.Options{Batch: 1, ISL: 4, OSL: 4}, heavy: true, checked: 4},
		{name: "whisper-tiny", options: workloads.Options{Batch: 2, ISL: 1, OSL: 2}, heavy: true, checked: 2},
		{name: "dlrm-v2-capped", options: workloads.Options{Batch: 3}, heavy: true, checked: 1},
	} {
		t.Run(fmt.Sprint(tt.name, tt.options), func(t *testing.T) {
			if tt.heavy && (testing.Short() || raceDetector) {
				t.Skip("heavy")
			}
			w, err := workloads.Find(tt.name, tt.options)
			require.NoError(t, err)
			golden, known := w.Golden()
			require.True(t, known)
			samples := []int{2, 0, 1}[:tt.options.Batch]
			s := open(t, kernel.Best(), 2, w)
			checked := 0
			for c := range w.Calls() {
				_, out := call(t, s, w, c, samples...)
				check, err := golden.Check(w, c, samples, out)
				require.NoError(t, err)
				require.Empty(t, check.Reason)
				// The 30 layers of the decoder multiply any rounding: two orders of addition differ by 1.5e-5 (rms) there.
				require.Less(t, check.Error, check.Tolerance/2, "float32 should be well within")
				if check.Passed {
					checked++
				}
			}
			require.Equal(t, tt.checked, checked)
		})
	}
}
