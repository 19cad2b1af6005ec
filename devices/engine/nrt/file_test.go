//go:build !noort && linux && (amd64 || arm64)

package nrt

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/devicetest"
	"github.com/accelbench/accelbench/devices/engine/nrt/libnrt"
	"github.com/accelbench/accelbench/devices/engine/nrt/nrttest"
	"github.com/accelbench/accelbench/workloads"
)

func TestProbe(t *testing.T) {
	path := nrttest.Build(t)
	e := with(t, path)
	info, err := e.Probe(trn2().Info())
	require.NoError(t, err)
	require.Equal(t, "nrt", info.Name)
	require.Equal(t, "2.34.10.0", info.Version)
	require.Equal(t, devices.Deployed, info.Kind)
	require.Equal(t, "4-7", info.Details[2].Value)
	require.Nil(t, info.Threads)
	require.Zero(t, nrttest.Count(t, path).Inits, "a probe reserves no cores")

	_, err = e.Probe(devices.Info{Backend: "cpu", ID: "cpu"})
	require.ErrorIs(t, err, devices.ErrUnsupported)

	folder := t.TempDir()
	e = with(t, filepath.Join(folder, "libnrt.so.1"))
	_, err = e.Probe(trn2().Info())
	require.ErrorIs(t, err, devices.ErrAbsent)
	require.ErrorContains(t, err, "install aws-neuronx-runtime-lib")
	require.NotContains(t, err.Error(), folder, "reasons are published")
	e = with(t, nrttest.Build(t, "NO_EXECUTE"))
	_, err = e.Probe(trn2().Info())
	require.ErrorIs(t, err, devices.ErrAbsent)
	require.ErrorContains(t, err, "nrt_execute")

	t.Setenv("NEURON_RT_EXEC_TIMEOUT", "600")
	info, err = with(t, path).Probe(trn2().Info())
	require.NoError(t, err)
	require.Contains(t, info.Details, devices.Detail{Name: "NEURON_RT_EXEC_TIMEOUT", Value: "600", Source: "env"})
}

func TestFileRuns(t *testing.T) {
	path := nrttest.Build(t)
	e, w := with(t, path), fileOf(t, affine())
	require.NoError(t, e.Supports(trn2().Info(), w))
	loaded, err := e.Load(t.Context(), trn2(), w)
	require.NoError(t, err)
	require.Equal(t, "4-7", nrttest.Count(t, path).Visible, "the cores of this device and no others")
	in, out := w.NewInputs(0), w.NewOutputs(0)
	copy(in[0].F32, []float32{1, 2, 3, 4, 5, 6})
	for range 2 {
		require.NoError(t, loaded.Session.Run(t.Context(), 0, in, out))
		require.Equal(t, []float32{3, 5, 7, 9, 11, 13}, out[0].F32)
		require.Equal(t, []int{6}, out[0].Shape)
		require.Equal(t, []float32{3}, out[1].F32)
		in[0].F32[0], out[0].F32[0] = 1, -1
	}
	require.NoError(t, loaded.Session.Close())
	require.NoError(t, loaded.Session.Close())
	require.Error(t, loaded.Session.Run(t.Context(), 0, in, out))
	requireClean(t, path)
}

func TestFileConformance(t *testing.T) {
	path := nrttest.Build(t)
	w := fileOf(t, affine())
	devicetest.TestEngine(t, with(t, path), trn2(), w)
	requireClean(t, path)
	require.Equal(t, 2, nrttest.Count(t, path).Inits, "each session's own")
}

// TestReplicas puts sessions on cores of their own, the first again when all have one.
func TestReplicas(t *testing.T) {
	path := nrttest.Build(t)
	e, w := with(t, path), fileOf(t, affine())
	var sessions []devices.Session
	var cores []int
	for range 6 {
		loaded, err := e.Load(t.Context(), trn2(), w)
		require.NoError(t, err)
		sessions = append(sessions, loaded.Session)
		cores = append(cores, loaded.Session.(*fileSession).place.core)
	}
	require.Equal(t, []int{0, 1, 2, 3, 0, 1}, cores)
	require.Equal(t, 1, nrttest.Count(t, path).Inits)
	other := trn2()
	other.DeviceInfo.Details = nil
	other.DeviceInfo.ID = "neuron:0"
	_, err := e.Load(t.Context(), other, w)
	require.ErrorContains(t, err, "this process has reserved the cores 4-7")
	for _, s := range sessions {
		in, out := w.NewInputs(0), w.NewOutputs(0)
		w.Fill(0, []int{0}, in)
		require.NoError(t, s.Run(t.Context(), 0, in, out))
		require.NoError(t, s.Close())
	}
	requireClean(t, path)
}

// TestFaultsOfCalls makes every call of a life fail, at every place, with every status that it could have: the error names the
// call and the way out, and nothing is left.
func TestFaultsOfCalls(t *testing.T) {
	path := nrttest.Build(t)
	w := fileOf(t, affine())
	life := func(e *engine) error {
		loaded, err := e.Load(t.Context(), trn2(), w)
		if err != nil {
			return err
		}
		in, out := w.NewInputs(0), w.NewOutputs(0)
		w.Fill(0, []int{0}, in)
		err = loaded.Session.Run(t.Context(), 0, in, out)
		if closing := loaded.Session.Close(); err == nil {
			err = closing
		}
		return err
	}
	for call, times := range map[string]int{"nrt_init": 1, "nrt_load": 1, "nrt_get_model_tensor_info": 1, "nrt_tensor_allocate": 3,
		"nrt_allocate_tensor_set": 2, "nrt_add_tensor_to_tensor_set": 3, "nrt_tensor_write": 1, "nrt_tensor_read": 2, "nrt_execute": 1} {
		for n := 1; n <= times; n++ {
			for _, status := range []libnrt.Status{libnrt.Failure, libnrt.Resource, libnrt.Timeout, libnrt.HardwareError, libnrt.CompletedWithNaN,
				libnrt.CoreBusy, libnrt.OutOfBounds, libnrt.Unrecoverable, libnrt.MemoryError} {
				t.Setenv("FAKE_NRT_FAIL", call+"@"+strconv.Itoa(n)+"="+strconv.Itoa(int(status)))
				err := life(with(t, path))
				require.ErrorContains(t, err, call+": "+status.String(), "call %d", n)
				require.ErrorContains(t, err, status.Remedy())
				require.ErrorContains(t, err, "net")
				requireClean(t, path)
			}
		}
	}
	t.Setenv("FAKE_NRT_FAIL", "nrt_unload=6")
	require.ErrorContains(t, life(with(t, path)), "nrt_unload: NRT_HW_ERROR")
	t.Setenv("FAKE_NRT_FAIL", "nrt_tensor_allocate=4")
	require.ErrorContains(t, life(with(t, path)), "the core has 16.0 GiB, 0.0 GiB are in use")
	t.Setenv("FAKE_NRT_FAIL", "")
	require.NoError(t, life(with(t, path)))
}

// TestFilesThatDoNotFit are refused before or while they are loaded, with what is wrong.
func TestFilesThatDoNotFit(t *testing.T) {
	path := nrttest.Build(t)
	changed := func(change func(*nrttest.Program)) *workloads.Workload {
		p := affine()
		change(&p)
		return fileOf(t, p)
	}
	// replaced changes the file behind a workload: what neff.json said is not what the runtime says.
	replaced := func(change func(*nrttest.Program)) *workloads.Workload {
		w := fileOf(t, affine())
		p := affine()
		change(&p)
		require.NoError(t, os.WriteFile(w.File.Path, nrttest.NEFF(p), 0o600))
		return w
	}
	gone := fileOf(t, affine())
	require.NoError(t, os.Remove(gone.File.Path))
	for name, test := range map[string]struct {
		w    *workloads.Workload
		text string
		is   error
	}{
		"another core size": {changed(func(p *nrttest.Program) { p.LNC = 1 }), "NEURON_LOGICAL_NC_CONFIG=1", devices.ErrUnsupported},
		"ONNX":              {&workloads.Workload{Name: "o", File: &workloads.ModelFile{Format: workloads.ONNX}}, "it runs NEFF files", devices.ErrUnsupported},
		"gone":              {gone, "reading the NEFF: no such file", nil},
		"another name":      {replaced(func(p *nrttest.Program) { p.Inputs[0].Name = "other" }), "the runtime knows no input x", nil},
		"another output":    {replaced(func(p *nrttest.Program) { p.Outputs[1].Name = "other" }), "the runtime knows no output z", nil},
		"another type":      {replaced(func(p *nrttest.Program) { p.Inputs[0].Type = workloads.I32 }), "tensor x is i32 of 24 bytes in the runtime, f32 of 24 bytes", nil},
		"another size":      {replaced(func(p *nrttest.Program) { p.Inputs[0].Shape = []int{7} }), "tensor x is f32 of 28 bytes", nil},
		"one more input": {replaced(func(p *nrttest.Program) { p.Inputs = append(p.Inputs, nrttest.Tensor{Name: "w", Type: workloads.F32}) }),
			"inputs that nobody gives: w", nil},
	} {
		_, err := with(t, path).Load(t.Context(), trn2(), test.w)
		require.ErrorContains(t, err, test.text, name)
		if test.is != nil {
			require.ErrorIs(t, err, test.is, name)
		}
		require.NotContains(t, err.Error(), os.TempDir(), name)
		requireClean(t, path)
	}
}

func TestFileRunErrors(t *testing.T) {
	path := nrttest.Build(t)
	w := fileOf(t, affine())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, test := range map[string]struct {
		run  func(s devices.Session) error
		text string
	}{
		"phase":   {func(s devices.Session) error { return s.Run(t.Context(), 1, w.NewInputs(0), w.NewOutputs(0)) }, "phase 1"},
		"inputs":  {func(s devices.Session) error { return s.Run(t.Context(), 0, nil, w.NewOutputs(0)) }, "0 inputs"},
		"outputs": {func(s devices.Session) error { return s.Run(t.Context(), 0, w.NewInputs(0), nil) }, "0 outputs"},
		"context": {func(s devices.Session) error { return s.Run(ctx, 0, w.NewInputs(0), w.NewOutputs(0)) }, "canceled"},
	} {
		loaded, err := with(t, path).Load(t.Context(), trn2(), w)
		require.NoError(t, err)
		err = test.run(loaded.Session)
		require.ErrorContains(t, err, test.text, name)
		require.Equal(t, err, test.run(loaded.Session), "an error ends the use")
		require.NoError(t, loaded.Session.Close())
		requireClean(t, path)
	}
	_, err := with(t, path).Load(ctx, trn2(), w)
	require.ErrorIs(t, err, context.Canceled)
}

// TestUserCores says that what the environment hides is not used.
func TestUserCores(t *testing.T) {
	path := nrttest.Build(t)
	w := fileOf(t, affine())
	t.Setenv(visibleCores, "0-5")
	e := New(Options{Find: func() (Found, error) { return Found{path, SourceNamed}, nil }})
	loaded, err := e.Load(t.Context(), trn2(), w)
	require.NoError(t, err)
	require.Equal(t, "4-5", nrttest.Count(t, path).Visible)
	require.NoError(t, loaded.Session.Close())
	t.Setenv(visibleCores, "0-3")
	e = New(Options{Find: func() (Found, error) { return Found{path, SourceNamed}, nil }})
	_, err = e.Probe(trn2().Info())
	require.ErrorIs(t, err, devices.ErrAbsent)
	require.True(t, strings.Contains(err.Error(), "leaves none of its cores 4-7"), err)
}
