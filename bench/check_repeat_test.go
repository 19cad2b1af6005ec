package bench_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench"
)

// TestRunOfModelFile makes runs of a model file: nothing is known of what it computes, and that is what the result says.
func TestRunOfModelFile(t *testing.T) {
	clean(t)
	for engine, test := range map[string]struct {
		status bench.Status
		reason string // a part of it
	}{
		"file":        {bench.OK, ""},
		"file-random": {bench.Failed, "wrong output before the timed part: output 0 is not repeatable"},
		"file-nan":    {bench.Failed, "wrong output before the timed part: element 8 of output 0 is NaN or infinite with inputs: x f32 [8]"},
		"file-drifts": {bench.Failed, "is not repeatable"},
		"good":        {bench.Failed, "wrong output: all outputs are empty"},
		"runerror":    {bench.Failed, "fault asked for by the test"},
	} {
		for _, scenario := range bench.Scenarios() {
			p := plan(engine, short)
			p.Workload, p.Scenario = "file", scenario
			r := one(t, runner(), p)
			require.Equal(t, test.status, r.Status, "%s: %s", engine, r.Reason)
			require.Contains(t, r.Reason, test.reason)
			if test.status == bench.OK {
				requireValid(t, r)
			} else {
				require.False(t, r.Validity.Valid, engine)
			}
			require.Len(t, r.Workload.Hash, 16)
			require.Nil(t, r.Workload.FLOPsPerUnit, "not known")
			require.Nil(t, r.Workload.BytesPerUnit, "not known")
			require.Equal(t, bench.Repeatable, r.Checks.Kind)
			require.Equal(t, engine == "file", r.Checks.Passed)
			if engine == "file" {
				require.GreaterOrEqual(t, r.Checks.Elements, int64((1+1)*9))
				require.LessOrEqual(t, r.Checks.Elements, int64((4+2)*9))
				require.Zero(t, r.Checks.Error)
				require.Equal(t, 1e-3, r.Checks.Tolerance)
			}
			text, err := json.Marshal(r)
			require.NoError(t, err)
			require.NotContains(t, string(text), "/a/file.onnx", "paths are for this machine alone")
		}
	}
}
