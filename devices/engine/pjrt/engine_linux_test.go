//go:build linux && cgo && (amd64 || arm64)

package pjrt

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/gomlx/go-xla/pjrt"
	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/devicetest"
	"github.com/accelbench/accelbench/devices/engine/pjrt/pjrttest"
	"github.com/accelbench/accelbench/devices/engine/pjrt/plugin"
	"github.com/accelbench/accelbench/workloads"
)

// TestMain lets this test binary be the helper of the plugin.
func TestMain(m *testing.M) {
	if pjrttest.Serving() {
		if err := pjrttest.Serve(os.Stdin, os.Stdout); err != nil {
			panic(err)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// withPlugin is the engine with the plugin for tests, under a name that tells no platform.
func withPlugin(t testing.TB) *engine {
	t.Helper()
	return newEngine(Options{Places: plugin.Here(pjrttest.Build(t, "libfake.so"))})
}

func cpuDevice() *devicetest.Device {
	return &devicetest.Device{DeviceInfo: devices.Info{Backend: "cpu", ID: "cpu"}}
}

func find(t testing.TB, name string, o workloads.Options) *workloads.Workload {
	t.Helper()
	w, err := workloads.Find(name, o)
	require.NoError(t, err)
	return w
}

func load(t testing.TB, e *engine, w *workloads.Workload) devices.Session {
	t.Helper()
	loaded, err := e.Load(t.Context(), cpuDevice(), w)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, loaded.Session.Close()) })
	return loaded.Session
}

// call runs one call for the samples.
func call(t testing.TB, s devices.Session, w *workloads.Workload, c int, samples ...int) []workloads.Tensor {
	t.Helper()
	phase, _ := w.Phase(c)
	in, out := w.NewInputs(phase), w.NewOutputs(phase)
	w.Fill(c, samples, in)
	require.NoError(t, s.Run(t.Context(), phase, in, out))
	return out
}

// small is a workload that takes milliseconds: a matrix product of small batch, or a part of it.
func small(t testing.TB) *workloads.Workload {
	g := devicetest.NewGraph("small", 2)
	x := g.Input("x", 2, 8)
	y := g.Node(workloads.OpLinear, workloads.Attr{}, x, g.Param("w", 8, 4), g.Param("b", 4))
	g.Outputs = []*workloads.Value{g.Node(workloads.OpRelu, workloads.Attr{}, y)}
	require.NoError(t, g.Validate())
	return &workloads.Workload{Name: "small", Family: "micro", Options: workloads.Options{Precision: workloads.Full, Batch: 2}, Unit: "row",
		UnitsPerSample: 1, Phases: []workloads.Phase{{Name: "forward", Graph: &g.Graph}}, Seed: 1, Pool: 4}
}

func TestConformance(t *testing.T) {
	for _, w := range []*workloads.Workload{
		small(t),
		find(t, "gemm", workloads.Options{Batch: 2}),
		find(t, "gemm", workloads.Options{Precision: "fp8"}),
		find(t, "smollm2-135m", workloads.Options{Batch: 2, ISL: 3, OSL: 3}),
	} {
		t.Run(fmt.Sprint(w.Name, w.Options), func(t *testing.T) {
			if w.Name != "small" && testing.Short() {
				t.Skip("heavy")
			}
			before := pjrt.BuffersAlive()
			report := reportTo(t)
			devicetest.TestEngine(t, withPlugin(t), cpuDevice(), w)
			require.Equal(t, before, pjrt.BuffersAlive())
			left := report()
			require.Zero(t, left.Buffers, "buffers left on the device")
			require.Zero(t, left.Programs)
			require.Positive(t, left.Executions)
		})
	}
}

// reportTo makes the plugin's helper report what is left when its client ends.
func reportTo(t *testing.T) func() pjrttest.Report {
	t.Helper()
	file := filepath.Join(t.TempDir(), "report.json")
	pjrttest.Set(t, "REPORT", file)
	return func() (r pjrttest.Report) {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(text, &r))
		return r
	}
}

// TestStandardWorkloads compares the engine with the golden values.
func TestStandardWorkloads(t *testing.T) {
	for _, tt := range []struct {
		name    string
		options workloads.Options
		heavy   bool // not in a short test
		checked int  // calls with golden values
	}{
		{name: "gemm", options: workloads.Options{Batch: 1}, checked: 1},
		{name: "gemm", options: workloads.Options{Batch: 2, Precision: "f16"}, heavy: true, checked: 1},
		{name: "gemm", options: workloads.Options{Batch: 1, Precision: "int8"}, heavy: true, checked: 1},
		{name: "memcopy", options: workloads.Options{Batch: 1}, checked: 1},
		{name: "smollm2-135m", options: workloads.Options{Batch: 1, ISL: 5, OSL: 4}, heavy: true, checked: 4},
	} {
		t.Run(fmt.Sprint(tt.name, tt.options), func(t *testing.T) {
			if tt.heavy && testing.Short() {
				t.Skip("heavy")
			}
			w := find(t, tt.name, tt.options)
			golden, known := w.Golden()
			require.True(t, known)
			samples := []int{2, 0, 1}[:tt.options.Batch]
			s := load(t, withPlugin(t), w)
			checked := 0
			for c := range w.Calls() {
				check, err := golden.Check(w, c, samples, call(t, s, w, c, samples...))
				require.NoError(t, err)
				require.Empty(t, check.Reason)
				if check.Passed {
					checked++
				}
			}
			require.Equal(t, tt.checked, checked)
		})
	}
}

// TestBuffersAreFreedAtOnce counts the arrays on the device while a session runs: parameters and states, and what one call needs.
func TestBuffersAreFreedAtOnce(t *testing.T) {
	report, w := reportTo(t), small(t)
	loaded, err := withPlugin(t).Load(t.Context(), cpuDevice(), w)
	require.NoError(t, err)
	for range 20 {
		call(t, loaded.Session, w, 0, 0, 1)
	}
	require.NoError(t, loaded.Session.Close())
	most := report().MostBuffers
	require.LessOrEqual(t, most, 8, "two parameters, one input and one output, or the arguments of a generator")
}

// TestStatesStayOnTheDevice: a second phase sees what the first one stored, and a state's memory goes over to its successor: there is
// one buffer for it at any time.
func TestStatesStayOnTheDevice(t *testing.T) {
	graph := func(name string, build func(g *devicetest.Graph, state *workloads.Value) *workloads.Value) workloads.Phase {
		g := devicetest.NewGraph(name, 1)
		g.Outputs = []*workloads.Value{build(g, g.State("memory", 1, 4))}
		require.NoError(t, g.Validate())
		return workloads.Phase{Name: name, Graph: &g.Graph}
	}
	store := func(g *devicetest.Graph, state *workloads.Value) *workloads.Value {
		return g.Node(workloads.OpStore, workloads.Attr{}, g.Input("x", 1, 4), state)
	}
	double := func(g *devicetest.Graph, state *workloads.Value) *workloads.Value {
		return g.Node(workloads.OpAdd, workloads.Attr{}, state, state)
	}
	w := &workloads.Workload{Name: "stateful", Options: workloads.Options{Precision: workloads.Full, Batch: 1},
		Phases: []workloads.Phase{graph("write", store), graph("read", double)}}
	report := reportTo(t)
	loaded, err := withPlugin(t).Load(t.Context(), cpuDevice(), w)
	require.NoError(t, err)
	for _, x := range [][]float32{{1, 2, 3, 4}, {5, 6, 7, 8}} {
		out := w.NewOutputs(0)
		require.NoError(t, loaded.Session.Run(t.Context(), 0, []workloads.Tensor{{DType: workloads.F32, Shape: []int{1, 4}, F32: x}}, out))
		for range 2 {
			require.NoError(t, loaded.Session.Run(t.Context(), 1, nil, out))
			require.Equal(t, []float32{2 * x[0], 2 * x[1], 2 * x[2], 2 * x[3]}, out[0].F32)
		}
	}
	require.NoError(t, loaded.Session.Close())
	require.Equal(t, 3, report().MostBuffers, "input, output and one state")
}

func TestSessionsShareTheClient(t *testing.T) {
	e, w := withPlugin(t), small(t)
	first, second := load(t, e, w), load(t, e, w)
	want := call(t, first, w, 0, 0, 1)
	require.NoError(t, first.Close())
	require.Equal(t, want, call(t, second, w, 0, 0, 1), "it has its own parameters, and the client lives on")
	require.NoError(t, second.Close())
	require.Nil(t, e.shared)
}

func TestProbe(t *testing.T) {
	e := withPlugin(t)
	details := func() map[string]any {
		info, err := e.Probe(cpuDevice().Info())
		require.NoError(t, err)
		require.Equal(t, devices.EngineInfo{Name: Name, Version: "0.104", Kind: devices.Harness, Spans: true, Details: info.Details}, info)
		out := map[string]any{}
		for _, d := range info.Details {
			out[d.Name] = d.Value
			require.NotContains(t, fmt.Sprint(d.Value), "/", "results are published")
		}
		return out
	}
	found := details()
	require.Equal(t, "--pjrt-plugin", found["plugin"])
	require.Regexp(t, `^[0-9a-f]{16}$`, found[devices.LibraryDigest])
	require.Equal(t, "cpu", found["platform"])
	require.Contains(t, found["dot precision"], "TF32 off")
	require.NotContains(t, found, "device kind", "a probe makes no client")
	load(t, e, small(t))
	found = details()
	require.Equal(t, "cpu", found["device kind"])
	require.Equal(t, "fake 1.0", found["platform version"])
}

func TestProbeOfANewerPlugin(t *testing.T) {
	pjrttest.Set(t, "MINOR", "130")
	info, err := withPlugin(t).Probe(cpuDevice().Info())
	require.NoError(t, err)
	require.Contains(t, fmt.Sprint(info.Details), "0.130, known is 0.104")
}

// TestFaults: every fault ends in an error that says what happened, and where.
func TestFaults(t *testing.T) {
	for _, tt := range []struct {
		name    string
		vars    []string
		loading []string // what loading says; nil: it succeeds
		running []string // what running says
		is      error
	}{
		{name: "too old", vars: []string{"MINOR", "50"}, loading: []string{"too old", "0.50"}, is: devices.ErrAbsent},
		{name: "too new", vars: []string{"MAJOR", "1"}, loading: []string{"version 1.104"}, is: devices.ErrAbsent},
		{name: "small table", vars: []string{"SIZE", "300"}, loading: []string{"lacks"}, is: devices.ErrAbsent},
		{name: "missing function", vars: []string{"MISSING", "20"}, loading: []string{"PJRT_Client_Compile"}, is: devices.ErrAbsent},
		{name: "no client", vars: []string{"FAULT", "client"}, loading: []string{"making the PJRT client", "the driver is confused"}},
		{name: "no memory for a client", vars: []string{"FAULT", "client-exhausted"}, loading: []string{"out of device memory", "context"}},
		{name: "another platform", vars: []string{"PLATFORM", "METAL"}, loading: []string{`platform "METAL"`, `needs "cpu"`}},
		{name: "no devices", vars: []string{"DEVICES", "0"}, loading: []string{"it has no device"}},
		{name: "no attributes", vars: []string{"FAULT", "attributes"}},
		{name: "failing compiler", vars: []string{"FAULT", "compile-fails", "WHERE", "small"}, loading: []string{"compiling small", "did not expect"}},
		{name: "compiler without memory", vars: []string{"FAULT", "compile-exhausted", "WHERE", "small"}, loading: []string{"compiling small", "out of device memory"}},
		{name: "generator that fails", vars: []string{"FAULT", "execute-fails", "WHERE", "generator"}, loading: []string{"making parameters by", "did not expect"}},
		{name: "no memory for arrays", vars: []string{"FAULT", "upload-exhausted"}, loading: []string{"out of device memory", "no memory for a buffer"}},
		{name: "workspace", vars: []string{"WORKSPACE", "99999999999"}, loading: []string{"needs 93.1 GiB with the compiled programs' workspace, 16.0 GiB available"},
			is: devices.ErrUnsupported},
	} {
		t.Run(tt.name, func(t *testing.T) {
			pjrttest.Set(t, tt.vars...)
			e, w, dev := withPlugin(t), small(t), cpuDevice()
			size := uint64(16 << 30)
			dev.DeviceInfo.MemoryBytes = &size
			loaded, err := e.Load(t.Context(), dev, w)
			if tt.loading == nil {
				require.NoError(t, err)
				require.NoError(t, loaded.Session.Close())
				return
			}
			for _, reason := range append(tt.loading, "small", "cpu") {
				require.ErrorContains(t, err, reason)
			}
			if tt.is != nil {
				require.ErrorIs(t, err, tt.is)
			}
			require.Nil(t, e.shared, "the client was given back")
		})
	}
}

// TestFaultsOfExecution: an error ends the session's use, and its message names the phase.
func TestFaultsOfExecution(t *testing.T) {
	for fault, reason := range map[string]string{"execute-fails": "executing: PJRT error", "execute-exhausted": "executing: out of device memory"} {
		t.Run(fault, func(t *testing.T) {
			w := small(t)
			s := load(t, withPlugin(t), w)
			in, out := w.NewInputs(0), w.NewOutputs(0)
			require.NoError(t, s.Run(t.Context(), 0, in, out))
			pjrttest.Set(t, "FAULT", fault)
			err := s.Run(t.Context(), 0, in, out)
			require.ErrorContains(t, err, "engine pjrt, workload small, phase 0: "+reason)
			pjrttest.Set(t, "FAULT", "")
			require.Equal(t, err, s.Run(t.Context(), 0, in, out))
		})
	}
}

func TestRunMisfits(t *testing.T) {
	w := small(t)
	for name, run := range map[string]func(s devices.Session) error{
		"phase":  func(s devices.Session) error { return s.Run(t.Context(), 1, nil, nil) },
		"inputs": func(s devices.Session) error { return s.Run(t.Context(), 0, nil, w.NewOutputs(0)) },
		"outputs": func(s devices.Session) error {
			out := w.NewOutputs(0)
			out[0].F32 = out[0].F32[1:]
			return s.Run(t.Context(), 0, w.NewInputs(0), out)
		},
		"context": func(s devices.Session) error {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			return s.Run(ctx, 0, w.NewInputs(0), w.NewOutputs(0))
		},
	} {
		t.Run(name, func(t *testing.T) {
			require.ErrorContains(t, run(load(t, withPlugin(t), w)), "engine pjrt, workload small")
		})
	}
}

// TestWrongResultsAreFound: it is golden values that tell.
func TestWrongResultsAreFound(t *testing.T) {
	pjrttest.Set(t, "FAULT", "wrong")
	w := find(t, "gemm", workloads.Options{})
	golden, known := w.Golden()
	require.True(t, known)
	check, err := golden.Check(w, 0, []int{0}, call(t, load(t, withPlugin(t), w), w, 0, 0))
	require.NoError(t, err)
	require.False(t, check.Passed)
}

// TestAnotherDeviceIsRefused: a GPU's client must be that of the asked GPU.
func TestAnotherDeviceIsRefused(t *testing.T) {
	const uuid = "GPU-11111111-2222-3333-4444-555555555555"
	gpu := func() *devicetest.Device {
		return &devicetest.Device{DeviceInfo: devices.Info{Backend: "nvml", ID: "nvml:0", Name: "NVIDIA H200", UUID: uuid}}
	}
	for _, name := range []string{"CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER", "NVIDIA_TF32_OVERRIDE"} {
		t.Setenv(name, "")
	}
	for _, tt := range []struct {
		name   string
		vars   []string
		reason string // empty: it is the one
	}{
		{"it", []string{"PLATFORM", "cuda", "KIND", "NVIDIA H200", "UUID", uuid}, ""},
		{"it, without a UUID", []string{"PLATFORM", "cuda", "KIND", "NVIDIA H200"}, ""},
		{"the CPU", []string{"PLATFORM", "cpu"}, `computes on platform "cpu"`},
		{"the CPU under another name", []string{"PLATFORM", "cuda", "KIND", "cpu"}, `is of kind "cpu", the host's`},
		{"another product", []string{"PLATFORM", "cuda", "KIND", "NVIDIA H100"}, `the plugin's device is "NVIDIA H100"`},
		{"another GPU of the product", []string{"PLATFORM", "cuda", "KIND", "NVIDIA H200", "UUID", "GPU-0"}, "has another uuid"},
		{"two", []string{"PLATFORM", "cuda", "KIND", "NVIDIA H200", "DEVICES", "2"}, "has 2 devices"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			pjrttest.Set(t, tt.vars...)
			loaded, err := withPlugin(t).Load(t.Context(), gpu(), small(t))
			require.Equal(t, uuid, os.Getenv("CUDA_VISIBLE_DEVICES"))
			if tt.reason != "" {
				require.ErrorContains(t, err, tt.reason)
				require.ErrorContains(t, err, "nvml:0")
				return
			}
			require.NoError(t, err)
			require.NoError(t, loaded.Session.Close())
		})
	}
}

// TestATPUIsFoundByItsNumber has four chips, of which the plugin's numbers begin with 4.
func TestATPUIsFoundByItsNumber(t *testing.T) {
	pjrttest.Set(t, "PLATFORM", "tpu", "KIND", "TPU v5e", "DEVICES", "4", "FIRST", "4")
	load := func(id string) error {
		loaded, err := withPlugin(t).Load(t.Context(), &devicetest.Device{DeviceInfo: devices.Info{Backend: "tpu", ID: id}}, small(t))
		if err == nil {
			require.NoError(t, loaded.Session.Close())
		}
		return err
	}
	require.NoError(t, load("tpu:6"))
	require.ErrorContains(t, load("tpu:0"), "no device 0: it has 4: TPU v5e, 5:")
}
