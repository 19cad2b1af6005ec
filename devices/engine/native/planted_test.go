package native

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices/engine/native/kernel"
	"github.com/accelbench/accelbench/workloads"
)

// forgetful is an op whose kernel leaves out its last task: it looks right wherever the buffer holds the last run's values.
type forgetful struct{ op }

func (f forgetful) run(w *worker, task int) {
	if task < f.count()-1 {
		f.op.run(w, task)
	}
}

// TestWrongKernelFailsTheCheck plants a wrong kernel in every product of a workload, one at a time.
func TestWrongKernelFailsTheCheck(t *testing.T) {
	for _, tt := range []struct {
		name    string
		options workloads.Options
		every   int // plant in every n-th product only, for the time
	}{
		{"gemm", workloads.Options{Batch: 1}, 1},
		{"resnet50", workloads.Options{Batch: 1}, 6},
		{"smollm2-135m", workloads.Options{Batch: 1, ISL: 4, OSL: 2}, 25},
	} {
		t.Run(fmt.Sprint(tt.name), func(t *testing.T) {
			if (testing.Short() || raceDetector) && tt.name != "gemm" {
				t.Skip("heavy")
			}
			w, err := workloads.Find(tt.name, tt.options)
			require.NoError(t, err)
			golden, known := w.Golden()
			require.True(t, known)
			s := open(t, kernel.Best(), 2, w)
			call(t, s, w, 0, 1)
			planted := 0
			for _, l := range s.(*session).plans[0].levels {
				for i, o := range l.ops {
					if p, ok := o.(*product); !ok || p.count() < 2 {
						continue
					}
					if planted++; planted%tt.every != 0 {
						continue
					}
					l.ops[i] = forgetful{o}
					call(t, s, w, 0, 1)
					_, out := call(t, s, w, 0, 0)
					check, err := golden.Check(w, 0, []int{0}, out)
					require.NoError(t, err)
					require.False(t, check.Passed, "product %d forgets a tile of %d, and the check says %+v", planted, o.count(), check)
					l.ops[i] = o
				}
			}
			require.NotZero(t, planted)
			_, out := call(t, s, w, 0, 0)
			check, err := golden.Check(w, 0, []int{0}, out)
			require.NoError(t, err)
			require.True(t, check.Passed)
		})
	}
}
