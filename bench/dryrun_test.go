package bench_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/workloads"
)

func TestDryRun(t *testing.T) {
	cores := 2
	base := bench.Base{Targets: map[string]bench.Target{"cpu": {Candidate: bench.Candidate{
		Info: devices.Info{Backend: "cpu", ID: "cpu", Cores: &cores}, FreeBytes: ptr(uint64(8 << 30))}}}}
	plan := func(name string, o workloads.Options) bench.Plan {
		return bench.Plan{Device: "cpu", Workload: name, Options: o, Scenario: bench.Offline, Length: bench.Length{Duration: time.Second, MinQueries: 1}, Repeats: 2}
	}
	many := plan("resnet50", workloads.Options{})
	many.MinQueries = 1_000_000_000
	for name, tt := range map[string]struct {
		plan        bench.Plan
		least, most time.Duration
		reference   bool
		unchecked   bool
		err         string
	}{
		"a small one takes its duration":      {plan("gemm", workloads.Options{}), 2 * time.Second, 6 * time.Second, false, false, ""},
		"a large batch takes what it takes":   {plan("resnet50", workloads.Options{Batch: 128}), 2 * 40 * time.Second, 4 * time.Minute, false, false, ""},
		"reference values take time":          {plan("bert-base", workloads.Options{SeqLen: 100}), 20 * time.Second, 3 * time.Minute, true, false, ""},
		"what cannot be checked is told":      {plan("smollm2-135m", workloads.Options{ISL: 8191, OSL: 1}), time.Minute, time.Hour, false, true, ""},
		"many queries do not overflow":        {many, 365 * 24 * time.Hour, 365 * 24 * time.Hour, false, false, ""},
		"what does not fit is told":           {plan("bert-base", workloads.Options{Batch: 4096}), 0, 1 << 62, false, false, "needs 40.9 GiB"},
		"what no workload allows is an error": {plan("gemm", workloads.Options{SeqLen: 7}), 0, 0, false, false, "seq-len"},
	} {
		t.Run(name, func(t *testing.T) {
			f := bench.DryRun([]bench.Plan{tt.plan}, base, nil)[0]
			if tt.err != "" {
				require.ErrorContains(t, f.Err, tt.err)
				return
			}
			require.NoError(t, f.Err)
			require.GreaterOrEqual(t, f.Time, tt.least)
			require.LessOrEqual(t, f.Time, tt.most)
			require.Equal(t, tt.reference, f.ReferenceFLOPs > 0)
			require.Equal(t, tt.unchecked, f.Unchecked)
		})
	}
}
