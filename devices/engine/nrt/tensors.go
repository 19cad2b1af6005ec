package nrt

import (
	"math"

	"github.com/accelbench/accelbench/workloads"
)

// marked tells whether the caller has filled the tensor with NaN, to see what an execution does not write.
func marked(t *workloads.Tensor) bool {
	return t.DType == workloads.F32 && len(t.F32) > 0 && math.IsNaN(float64(t.F32[0]))
}
