package main

import (
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/devices/engine/pjrt"
	"github.com/accelbench/accelbench/devices/engine/pjrt/pjrttest"
	"github.com/accelbench/accelbench/workloads"
)

// TestACompilerThatHangsIsKilled: the worker is ended at its deadline, and the sweep goes on with what compiles.
func TestACompilerThatHangsIsKilled(t *testing.T) {
	fake := fakePlugin(t)
	if fake == "" {
		t.Skip("no PJRT plugin for tests in this build")
	}
	pjrttest.Set(t, "HELPER", os.Args[0], "FAULT", "compile-hangs", "WHERE", "dot_general")
	// Long enough for what does not hang, on a busy machine.
	r := &bench.Runner{Command: []string{os.Args[0], workerName}, Env: software{plugin: fake}.variables(),
		Deadline: func(p bench.Plan, _ *workloads.Workload) time.Duration {
			if p.Workload == "gemm" {
				return 10 * time.Second
			}
			return time.Minute
		}}
	found, err := r.Find(t.Context(), "cpu")
	require.NoError(t, err)
	require.NotEmpty(t, found.Devices)
	dev := found.Devices[0]
	base := bench.Base{Targets: map[string]bench.Target{dev.Info.ID: {Candidate: dev}}}
	var plans []bench.Plan
	for _, name := range []string{"gemm", "memcopy"} {
		plans = append(plans, bench.Plan{Device: dev.Info.ID, Engine: pjrt.Name, Workload: name, Scenario: bench.Offline, Repeats: 2, Seed: 1,
			Length: bench.Length{Duration: 50 * time.Millisecond, MinQueries: 1}})
	}
	results := slices.Collect(r.Run(t.Context(), plans, base))
	require.Len(t, results, 3, "a plan that hangs is not repeated")
	require.Equal(t, bench.Failed, results[0].Status)
	require.Contains(t, results[0].Reason, "no answer within 10s (stage load): the worker was killed")
	for _, r := range results[1:] {
		require.Equal(t, bench.OK, r.Status, r.Reason)
		require.Equal(t, "memcopy", r.Workload.Name)
	}
}
