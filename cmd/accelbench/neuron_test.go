package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"testing/fstest"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/devicetest"
	"github.com/accelbench/accelbench/devices/engine/nrt"
	"github.com/accelbench/accelbench/devices/engine/nrt/nrttest"
	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/own"
)

// neuronMachine is the environment variable that gives workers another machine than this one.
const neuronMachine = "ACCELBENCH_TEST_NEURON"

// neuronWorker is the worker on a machine with one Trainium1 chip; the runtime's library is played by another.
func neuronWorker() int {
	c := softwareOfWorker().catalogue()
	c.Machine = devices.Machine{Getenv: os.Getenv,
		FS: fstest.MapFS{
			"dev/neuron0":                                {Data: []byte("")},
			"sys/module/neuron/version":                  {Data: []byte("2.24.7.0\n")},
			"sys/bus/pci/devices/0000:00:1e.0/vendor":    {Data: []byte("0x1d0f\n")},
			"sys/bus/pci/devices/0000:00:1e.0/device":    {Data: []byte("0x7164\n")},
			"sys/class/neuron_device/neuron0/core_count": {Data: []byte("2")},
		},
		Run: func(context.Context, string, ...string) (stdout, stderr []byte, err error) {
			return []byte(`[{"neuron_device":0,"bdf":"0000:00:1e.0","cpu_affinity":"0-7","numa_node":"-1","connected_to":null,"nc_count":2,` +
				`"memory_size":34359738368,"neuroncore_ids":[0,1],"neuron_processes":[]}]`), nil, nil
		}}
	if err := bench.Worker(context.Background(), os.Stdin, bench.WorkerOutput(), c); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// neuronPlayed tells whether the runtime's library can be played here.
func neuronPlayed() bool {
	_, err := exec.LookPath("gcc")
	return err == nil && runtime.GOOS == "linux" && !leftOut
}

func netOf(fault string) []byte {
	return nrttest.NEFF(nrttest.Program{Fault: fault, LNC: 1,
		Inputs:  []nrttest.Tensor{{Name: "input0", Type: workloads.F32, Shape: []int{8, 16}}},
		Outputs: []nrttest.Tensor{{Name: "output0", Type: workloads.F32, Shape: []int{8, 16}}}})
}

// setUpNeuron puts programs, and the library that plays the runtime, into a script's folder.
func setUpNeuron(t *testing.T, env *testscript.Env) error {
	for name, fault := range map[string]string{"net.neff": "", "nets/a-crash.neff": "crash", "nets/b-good.neff": ""} {
		path := filepath.Join(env.WorkDir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, netOf(fault), 0o600); err != nil {
			return err
		}
	}
	if neuronPlayed() {
		env.Setenv("NRT", nrttest.Build(t))
	}
	return nil
}

// TestHangingRuntime says that a runtime that does not come back is a failed run, with the reason, and that the next plan is
// measured.
func TestHangingRuntime(t *testing.T) {
	if !neuronPlayed() {
		t.Skip("the Neuron runtime cannot be played here: no gcc, no Linux, or tag noort")
	}
	self, err := os.Executable()
	require.NoError(t, err)
	r := bench.Runner{Command: []string{self, workerName}, Env: []string{neuronMachine + "=1", nrt.LibraryVariable + "=" + nrttest.Build(t)},
		Deadline: func(bench.Plan, *workloads.Workload) time.Duration { return 3 * time.Second }}
	inventory, err := r.Find(t.Context(), "neuron")
	require.NoError(t, err)
	require.Len(t, inventory.Devices, 1, "%v", inventory)
	dev := inventory.Devices[0]
	var plans []bench.Plan
	for _, fault := range []string{"hang", "crash", ""} {
		path := filepath.Join(t.TempDir(), fault+"net.neff")
		require.NoError(t, os.WriteFile(path, netOf(fault), 0o600))
		plans = append(plans, bench.Plan{Workload: fault, Own: &bench.Own{File: &own.File{Path: path}}, Device: dev.Info.ID, Engine: nrt.Name,
			Scenario: bench.Offline, Length: bench.Length{Duration: 100 * time.Millisecond, MinQueries: 1}, Repeats: 1, Seed: 1})
	}
	base := bench.Base{Session: bench.NewID(), Targets: map[string]bench.Target{dev.Info.ID: {Candidate: dev, Present: 1}}}
	var results []bench.Result
	for result := range r.Run(t.Context(), plans, base) {
		results = append(results, result)
	}
	require.Len(t, results, 3)
	require.Equal(t, bench.Failed, results[0].Status)
	require.Contains(t, results[0].Reason, "3s")
	require.Equal(t, bench.Failed, results[1].Status)
	require.Contains(t, results[1].Reason, "the worker died")
	require.Contains(t, results[1].Reason, "assertion failed in the program", "the last words of the library")
	require.Equal(t, bench.OK, results[2].Status, results[2].Reason)
	require.Equal(t, "repeatable", results[2].Checks.Kind)
}

func TestDeadlineOfCompilingEngines(t *testing.T) {
	w, err := workloads.Find("smollm2-135m", workloads.Options{})
	require.NoError(t, err)
	p := bench.Plan{Engine: "native", Length: bench.Length{Duration: time.Second}}
	plain := deadline(p, w)
	require.Equal(t, bench.RunDeadline(p, w), plain)
	p.Engine = nrt.Name
	require.Equal(t, plain+2*nrt.CompileLimit, deadline(p, w))
	w.File = &workloads.ModelFile{}
	require.Equal(t, bench.RunDeadline(p, w), deadline(p, w), "a NEFF is compiled")
}

func TestPeaksOfNeuronChips(t *testing.T) {
	chip := devices.Info{Backend: "neuron", ID: "neuron:0"}
	pair := devices.Info{Backend: "neuron", ID: "neuron:0+neuron:1", Members: []string{"neuron:0", "neuron:1"}}
	gpu := devices.Info{Backend: "nvml", ID: "nvml:0"}
	require.Equal(t, nrt.PeakLimit, peakDeadline(chip), "programs are compiled")
	require.Contains(t, peakNote(chip), "minutes")
	for _, other := range []devices.Info{pair, gpu, {Backend: "cpu"}} {
		require.Equal(t, bench.PeakDeadline(other), peakDeadline(other))
		require.Empty(t, peakNote(other))
	}
	served := func(names ...string) (out []bench.Probed) {
		for _, name := range names {
			out = append(out, bench.Probed{Name: name, Info: &devices.EngineInfo{}})
		}
		return out
	}
	require.True(t, hasPeaks(bench.Candidate{Info: chip, Engines: served(nrt.Name)}))
	require.True(t, hasPeaks(bench.Candidate{Info: gpu, Engines: served("onnxruntime", "pjrt")}))
	require.False(t, hasPeaks(bench.Candidate{Info: gpu, Engines: served("onnxruntime")}))
	require.False(t, hasPeaks(bench.Candidate{Info: chip, Engines: []bench.Probed{{Name: nrt.Name, Reason: "no library"}}}))
	require.True(t, hasPeaks(bench.Candidate{Info: devices.Info{Backend: "cpu"}}))
}

// TestPeaksWhereNoRuntimeIs: without the runtime a chip has none, and with --experimental the plugin has the last word.
func TestPeaksWhereNoRuntimeIs(t *testing.T) {
	t.Setenv(nrt.LibraryVariable, filepath.Join(t.TempDir(), "absent.so"))
	cores := 2
	dev := &devicetest.Device{DeviceInfo: devices.Info{Backend: "neuron", ID: "neuron:0", Name: "Trainium1", Cores: &cores}}
	_, err := software{}.measurePeak(t.Context(), dev)
	require.ErrorIs(t, err, devices.ErrAbsent)
	require.ErrorContains(t, err, "engine nrt")
	_, err = software{experimental: true}.measurePeak(t.Context(), dev)
	require.ErrorIs(t, err, devices.ErrAbsent)
	require.ErrorContains(t, err, "engine pjrt")
}
