package onnxruntime

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/devicetest"
	"github.com/accelbench/accelbench/devices/engine/onnxruntime/library"
	"github.com/accelbench/accelbench/devices/engine/onnxruntime/ort"
	"github.com/accelbench/accelbench/workloads"
)

// realLibrary finds the library of this machine.
func realLibrary(t testing.TB) func() (library.Found, error) {
	t.Helper()
	found, err := library.Find(library.Here(""))
	if err != nil {
		t.Skip(err)
	}
	if _, err := ort.Open(""); errors.Is(err, ort.ErrLeftOut) {
		t.Skip(err)
	}
	return func() (library.Found, error) { return found, nil }
}

func cpuDevice() *devicetest.Device {
	return &devicetest.Device{DeviceInfo: devices.Info{Backend: "cpu", ID: "cpu"}}
}

func gpuDevice() *devicetest.Device {
	return &devicetest.Device{DeviceInfo: devices.Info{Backend: "nvml", ID: "nvml:0", UUID: "GPU-11111111-2222-3333-4444-555555555555"}}
}

func find(t testing.TB, name string, o workloads.Options) *workloads.Workload {
	t.Helper()
	w, err := workloads.Find(name, o)
	require.NoError(t, err)
	return w
}

// load loads a workload on the CPU.
func load(t testing.TB, threads int, w *workloads.Workload) devices.Session {
	t.Helper()
	loaded, err := New(Options{Find: realLibrary(t), Threads: threads}).Load(t.Context(), cpuDevice(), w)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, loaded.Session.Close()) })
	return loaded.Session
}

// call runs one call for the samples.
func call(t testing.TB, s devices.Session, w *workloads.Workload, c int, samples ...int) (in, out []workloads.Tensor) {
	t.Helper()
	phase, _ := w.Phase(c)
	in, out = w.NewInputs(phase), w.NewOutputs(phase)
	w.Fill(c, samples, in)
	require.NoError(t, s.Run(t.Context(), phase, in, out))
	return in, out
}

func TestConformance(t *testing.T) {
	for _, w := range []*workloads.Workload{
		find(t, "gemm", workloads.Options{Batch: 2}),
		find(t, "memcopy", workloads.Options{}),
		find(t, "smollm2-135m", workloads.Options{Batch: 2, ISL: 3, OSL: 3}),
	} {
		t.Run(w.Name, func(t *testing.T) {
			if w.Family == "decoder" && testing.Short() {
				t.Skip("heavy")
			}
			devicetest.TestEngine(t, New(Options{Find: realLibrary(t), Threads: 2}), cpuDevice(), w)
		})
	}
}

func TestProbe(t *testing.T) {
	found, err := realLibrary(t)()
	require.NoError(t, err)
	info, err := New(Options{Find: realLibrary(t), Threads: 3}).Probe(cpuDevice().Info())
	require.NoError(t, err)
	assert.Equal(t, Name, info.Name)
	assert.Equal(t, devices.Deployed, info.Kind)
	assert.Equal(t, 3, *info.Threads)
	assert.Regexp(t, `^1\.\d+\.\d+`, info.Version)
	details := map[string]any{}
	for _, d := range info.Details {
		details[d.Name] = d.Value
		assert.NotContains(t, fmt.Sprint(d.Value), filepath.Dir(found.Path), "results are published")
	}
	assert.Equal(t, string(found.Source), details["library"])
	assert.Regexp(t, `^[0-9a-f]{16}$`, details["library sha256"])
	assert.Contains(t, details["providers compiled in"], cpuProvider)
	assert.Equal(t, cpuProvider, details["execution provider"])
	assert.NotEmpty(t, details["spinning"])
}

// TestAbsent has no library, a file that is none, and one whose GPU provider is not there.
func TestAbsent(t *testing.T) {
	none := func() (library.Found, error) {
		return library.Find(library.Places{FS: os.DirFS(t.TempDir()), Getenv: func(string) string { return "" }, OS: "linux", Arch: "amd64"})
	}
	broken := filepath.Join(t.TempDir(), "libonnxruntime.so")
	require.NoError(t, os.WriteFile(broken, []byte("no library"), 0o600))
	_, err := New(Options{Find: none}).Probe(cpuDevice().Info())
	require.ErrorIs(t, err, devices.ErrAbsent)
	require.ErrorContains(t, err, "accelbench setup onnxruntime")
	_, err = New(Options{Find: func() (library.Found, error) { return library.Found{Path: broken}, nil }}).Probe(cpuDevice().Info())
	require.ErrorIs(t, err, devices.ErrAbsent)
	require.ErrorContains(t, err, "accelbench setup onnxruntime")

	for _, name := range []string{Name, TensorRT} {
		t.Setenv(visible, "")
		e := New(Options{Name: name, Find: realLibrary(t)})
		_, err = e.Probe(gpuDevice().Info())
		if err == nil {
			t.Skip("this library's GPU provider works here")
		}
		require.ErrorIs(t, err, devices.ErrAbsent)
		require.ErrorContains(t, err, "libonnxruntime_providers", "what the loader says")
		require.Equal(t, gpuDevice().DeviceInfo.UUID, os.Getenv(visible))
		_, err = e.Load(t.Context(), gpuDevice(), find(t, "gemm", workloads.Options{}))
		require.ErrorIs(t, err, devices.ErrAbsent)
	}
}

// TestNothingIsLookedForBeforeTheProbe counts: the engines of a catalogue cost nothing, and one looks once.
func TestNothingIsLookedForBeforeTheProbe(t *testing.T) {
	looked := 0
	e := New(Options{Find: func() (library.Found, error) {
		looked++
		return library.Found{}, errors.New("nothing here")
	}})
	require.Equal(t, Name, e.Name())
	require.NoError(t, e.Supports(cpuDevice().Info(), find(t, "gemm", workloads.Options{})))
	require.Zero(t, looked)
	for range 2 {
		_, err := e.Probe(cpuDevice().Info())
		require.ErrorContains(t, err, "nothing here")
	}
	require.Equal(t, 1, looked)
}

func TestOneGPUForEachProcess(t *testing.T) {
	t.Setenv(visible, "")
	e := New(Options{}).(*engine)
	first, second := devices.Info{ID: "nvml:0", UUID: "GPU-a"}, devices.Info{ID: "nvml:1", UUID: "MIG-b"}
	require.NoError(t, e.see(first))
	require.NoError(t, e.see(second), "detection asks for every GPU")
	require.Equal(t, "GPU-a", os.Getenv(visible))
	require.NoError(t, e.sees(first))
	require.ErrorContains(t, e.sees(second), "GPU-a")
	require.ErrorIs(t, e.see(devices.Info{ID: "nvml:2"}), devices.ErrUnsupported)
}

func TestSupports(t *testing.T) {
	file := &workloads.Workload{Name: "mine", File: &workloads.ModelFile{Path: "mine.onnx"}}
	for _, tt := range []struct {
		name      string
		engine    string
		backend   string
		workload  *workloads.Workload
		supported bool
		reason    string
	}{
		{name: "f32 on the CPU", backend: "cpu", workload: find(t, "bert-base", workloads.Options{}), supported: true},
		{name: "f16 on the CPU", backend: "cpu", workload: find(t, "gemm", workloads.Options{Precision: "f16"}), reason: "casting to f32"},
		{name: "bf16 on the CPU", backend: "cpu", workload: find(t, "gemm", workloads.Options{Precision: "bf16"}), reason: "precision bf16"},
		{name: "fp8 on the CPU", backend: "cpu", workload: find(t, "gemm", workloads.Options{Precision: "fp8"}), reason: "precision fp8"},
		{name: "bf16 on a GPU", backend: "nvml", workload: find(t, "gemm", workloads.Options{Precision: "bf16"}), reason: "precision bf16"},
		{name: "fp8 on a GPU", backend: "nvml", workload: find(t, "smollm2-135m", workloads.Options{Precision: "fp8"}), reason: "precision fp8"},
		{name: "int8 on the CPU", backend: "cpu", workload: find(t, "resnet50", workloads.Options{Precision: "int8"}), supported: true},
		{name: "int4 on the CPU", backend: "cpu", workload: find(t, "smollm2-135m", workloads.Options{Precision: "int4"}), supported: true},
		{name: "a file on the CPU", backend: "cpu", workload: file, supported: true},
		{name: "a NEFF file on the CPU", backend: "cpu", workload: &workloads.Workload{Name: "n", File: &workloads.ModelFile{Format: workloads.NEFF}}, reason: "Neuron chip only"},
		{name: "f16 on a GPU", backend: "nvml", workload: find(t, "gemm", workloads.Options{Precision: "f16"}), supported: true},
		{name: "int8 convolutions on a GPU", backend: "nvml", workload: find(t, "resnet50", workloads.Options{Precision: "int8"}), reason: "int8"},
		{name: "int8 products on a GPU", backend: "nvml", workload: find(t, "bert-base", workloads.Options{Precision: "int8"}), reason: "int8"},
		{name: "int8 blocks on a GPU", backend: "nvml", workload: find(t, "smollm2-135m", workloads.Options{Precision: "int8"}), supported: true},
		{name: "TensorRT on the CPU", engine: TensorRT, backend: "cpu", workload: find(t, "gemm", workloads.Options{}), reason: "execution provider"},
		{name: "TensorRT on a GPU", engine: TensorRT, backend: "nvml", workload: find(t, "gemm", workloads.Options{}), supported: true},
		{name: "another device", backend: "neuron", workload: find(t, "gemm", workloads.Options{}), reason: "execution provider"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := New(Options{Name: tt.engine}).Supports(devices.Info{Backend: tt.backend, ID: tt.backend + ":0"}, tt.workload)
			if tt.supported {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, devices.ErrUnsupported)
			require.ErrorContains(t, err, tt.reason)
		})
	}
}

func TestLoadEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := find(t, "gemm", workloads.Options{})
	_, err := New(Options{Find: realLibrary(t)}).Load(ctx, cpuDevice(), w)
	require.ErrorIs(t, err, context.Canceled)
	models, err := target{asked: []string{cpuProvider}}.write(w)
	require.NoError(t, err)
	t.Setenv("TMPDIR", t.TempDir())
	_, err = generate(ctx, models)
	require.ErrorIs(t, err, context.Canceled)
	requireEmpty(t, os.TempDir())
}

func TestAFullDisk(t *testing.T) {
	models, err := target{asked: []string{cpuProvider}}.write(find(t, "gemm", workloads.Options{}))
	require.NoError(t, err)
	t.Setenv("TMPDIR", t.TempDir())
	models[0].Weights[0].Fill = func([]byte) error { return errors.New("no space left") }
	_, err = generate(t.Context(), models)
	require.ErrorContains(t, err, "no space left")
	require.ErrorContains(t, err, "TMPDIR")
	requireEmpty(t, os.TempDir())
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "absent"))
	_, err = generate(t.Context(), models)
	require.ErrorContains(t, err, "absent")
}

func requireEmpty(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, entries)
}
