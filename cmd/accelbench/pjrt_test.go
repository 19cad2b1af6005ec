package main

import (
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/devicetest"
	"github.com/accelbench/accelbench/devices/engine/pjrt"
	"github.com/accelbench/accelbench/devices/engine/pjrt/pjrttest"
	"github.com/accelbench/accelbench/devices/engine/pjrt/plugin"
	"github.com/accelbench/accelbench/workloads"
)

// TestDevicesThatComputeTogether are named with a plus: the engine that spans them is chosen, and runs a decoder on both.
func TestDevicesThatComputeTogether(t *testing.T) {
	if testing.Short() {
		t.Skip("heavy")
	}
	fake := fakePlugin(t)
	if fake == "" {
		t.Skip("no PJRT plugin for tests in this build")
	}
	pjrttest.Set(t, "HELPER", os.Args[0], "PLATFORM", "tpu", "KIND", "TPU", "DEVICES", "3")
	engine := pjrt.New(pjrt.Options{Places: plugin.Here(fake)})
	tpus := bench.Inventory{Backend: "tpu"}
	for i := range 3 {
		dev := devices.Info{Backend: "tpu", ID: fmt.Sprintf("tpu:%d", i), Name: "TPU"}
		found, err := engine.Probe(dev)
		require.NoError(t, err)
		tpus.Devices = append(tpus.Devices, bench.Candidate{Info: dev, Engines: []bench.Probed{{Name: pjrt.Name, Info: &found}}})
	}
	choice, err := bench.Choose([]bench.Inventory{tpus}, "tpu:2+tpu:0+tpu:1", "")
	require.NoError(t, err)
	require.Len(t, choice.Chosen, 1)
	chosen := choice.Chosen[0]
	require.Equal(t, pjrt.Name, chosen.Engine.Name)
	w, err := workloads.Find("smollm2-135m", workloads.Options{Precision: workloads.BFloat16, Batch: 1, ISL: 1, OSL: 1})
	require.NoError(t, err)
	// A process of its own, as each run is: this one has chosen its device when it was probed.
	loaded, err := pjrt.New(pjrt.Options{Places: plugin.Here(fake)}).Load(t.Context(), &devicetest.Device{DeviceInfo: chosen.Info}, w)
	require.NoError(t, err)
	in, out := w.NewInputs(0), w.NewOutputs(0)
	w.Fill(0, []int{1}, in)
	require.NoError(t, loaded.Session.Run(t.Context(), 0, in, out))
	golden, known := w.Golden()
	require.True(t, known)
	check, err := golden.Check(w, 0, []int{1}, out)
	require.NoError(t, err)
	require.True(t, check.Passed, check.Reason)
	require.NoError(t, loaded.Session.Close())
}

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
