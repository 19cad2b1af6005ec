package workloads_test

import (
	"encoding/hex"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/workloads"
)

// TestRangesAreTheSameEverywhere pins the inputs of model files: a result names their ranges, and means these values.
func TestRangesAreTheSameEverywhere(t *testing.T) {
	want := map[workloads.DType]string{
		workloads.F32:  "[68.73694 95.695274 52.715412 48.765244] []",
		workloads.F64:  "[] []5e3a6b0a2a2f5140597623677fec5740de5236ac925b4a40e27ea272f3614840",
		workloads.F16:  "[] []4c54fb5597521852",
		workloads.BF16: "[] []8942bf4253424342",
		workloads.I64:  "[] []490000000000000041000000000000000c000000000000001200000000000000",
		workloads.I32:  "[] [73 65 12 18]",
		workloads.I16:  "[] []490041000c001200",
		workloads.I8:   "[] []49410c12",
		workloads.U64:  "[] []490000000000000041000000000000000c000000000000001200000000000000",
		workloads.U32:  "[] []49000000410000000c00000012000000",
		workloads.U16:  "[] []490041000c001200",
		workloads.U8:   "[] []49410c12",
		workloads.Bool: "[] []00000101",
	}
	for typ := range dtypes() {
		fill := &workloads.InputSpec{Kind: workloads.FillRange, Low: 3, High: 100}
		if typ == workloads.Bool {
			fill.Low, fill.High = 0, 1
		}
		x := &workloads.Value{Name: "x", Kind: workloads.Input, DType: typ, Shape: []int{4}, Fill: fill}
		w := &workloads.Workload{Seed: 1, Pool: 4, Phases: []workloads.Phase{{Graph: &workloads.Graph{Batch: 1, Values: []*workloads.Value{x}}}}}
		in := w.NewInputs(0)
		w.Fill(0, []int{6}, in)
		require.Equal(t, want[typ], fmt.Sprint(in[0].F32, in[0].I32, hex.EncodeToString(in[0].Raw)), typ)
	}
}
