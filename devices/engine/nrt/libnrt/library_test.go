//go:build !noort && linux && (amd64 || arm64)

package libnrt_test

import (
	"encoding/binary"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices/engine/nrt/libnrt"
	"github.com/accelbench/accelbench/devices/engine/nrt/nrttest"
	"github.com/accelbench/accelbench/workloads"
)

func program() nrttest.Program {
	return nrttest.Program{
		Inputs:  []nrttest.Tensor{{Name: "input0", Type: workloads.F32, Shape: []int{2, 3}}},
		Outputs: []nrttest.Tensor{{Name: "output0", Type: workloads.F32, Shape: []int{6}}, {Name: "output1", Type: workloads.F32, Shape: []int{}}},
	}
}

func floats(x ...float32) []byte {
	var b []byte
	for _, v := range x {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return b
}

// TestRun goes through the life of a program.
func TestRun(t *testing.T) {
	path := nrttest.Build(t)
	t.Setenv("NEURON_RT_VISIBLE_CORES", "4-5")
	l, err := libnrt.Open(path)
	require.NoError(t, err)
	require.Equal(t, "2.34.10.0", l.Version())
	n, err := l.VisibleCores()
	require.NoError(t, err)
	require.Equal(t, 2, n)
	i, err := l.Instance()
	require.NoError(t, err)
	require.Equal(t, libnrt.Instance{Family: "trn2", Arch: "NCv3", Revision: "B0"}, i)
	_, err = l.Load(nrttest.NEFF(program()), 0)
	require.ErrorContains(t, err, "NRT_UNINITIALIZED")
	require.NoError(t, l.Init())

	const core = 1
	m, err := l.Load(nrttest.NEFF(program()), core)
	require.NoError(t, err)
	infos, err := m.Tensors()
	require.NoError(t, err)
	require.Equal(t, []libnrt.TensorInfo{
		{Name: "input0", Input: true, Bytes: 24, DType: workloads.F32, Type: "f32", Shape: []int{2, 3}},
		{Name: "output0", Bytes: 24, DType: workloads.F32, Type: "f32", Shape: []int{6}},
		{Name: "output1", Bytes: 4, DType: workloads.F32, Type: "f32"},
	}, infos)
	in, err := l.NewSet()
	require.NoError(t, err)
	out, err := l.NewSet()
	require.NoError(t, err)
	var tensors []*libnrt.Tensor
	for _, info := range infos {
		tensor, err := l.NewTensor(core, info.Bytes, info.Name)
		require.NoError(t, err)
		tensors = append(tensors, tensor)
		set := out
		if info.Input {
			set = in
		}
		require.NoError(t, set.Add(info.Name, tensor))
	}
	used, limit, err := l.Memory(core)
	require.NoError(t, err)
	require.Equal(t, uint64(52), used)
	require.Equal(t, uint64(16<<30), limit)

	require.NoError(t, tensors[0].Write(floats(1, 2, 3), 0))
	require.NoError(t, tensors[0].Write(floats(4, 5, 6), 12))
	require.NoError(t, m.Execute(in, out))
	got := make([]byte, 24)
	require.NoError(t, tensors[1].Read(got, 0))
	require.Equal(t, floats(3, 5, 7, 9, 11, 13), got)
	require.NoError(t, tensors[1].Read(got[:4], 20))
	require.Equal(t, floats(13), got[:4])
	require.NoError(t, tensors[2].Read(got[:4], 0))
	require.Equal(t, floats(3), got[:4])

	for _, bad := range []int64{-1, 1, 25, math.MaxInt64} {
		require.ErrorContains(t, tensors[0].Write(make([]byte, 24), bad), "of a tensor of 24")
	}
	require.NoError(t, tensors[0].Write(nil, 24))
	require.ErrorContains(t, in.Add("a\x00b", tensors[0]), "zero byte")

	in.Close()
	out.Close()
	in.Close()
	require.ErrorIs(t, m.Execute(in, out), libnrt.ErrClosed)
	require.ErrorIs(t, in.Add("x", tensors[0]), libnrt.ErrClosed)
	for _, tensor := range tensors {
		tensor.Close()
		tensor.Close()
		require.ErrorIs(t, tensor.Read(got, 0), libnrt.ErrClosed)
	}
	require.NoError(t, m.Close())
	require.NoError(t, m.Close())
	_, err = m.Tensors()
	require.ErrorIs(t, err, libnrt.ErrClosed)
	l.Close()
	require.Equal(t, nrttest.State{Inits: 1, Visible: "4-5"}, nrttest.Count(t, path), "nothing is left")
}

// TestEveryStatusOfEveryCall makes each call give each status.
func TestEveryStatusOfEveryCall(t *testing.T) {
	path := nrttest.Build(t)
	l, err := libnrt.Open(path)
	require.NoError(t, err)
	require.NoError(t, l.Init())
	defer l.Close()
	m, err := l.Load(nrttest.NEFF(program()), 0)
	require.NoError(t, err)
	tensor, err := l.NewTensor(0, 24, "x")
	require.NoError(t, err)
	set, err := l.NewSet()
	require.NoError(t, err)
	for name, call := range map[string]func() error{
		"nrt_init":                     l.Init,
		"nrt_load":                     func() error { _, err := l.Load(nil, 0); return err },
		"nrt_get_model_tensor_info":    func() error { _, err := m.Tensors(); return err },
		"nrt_allocate_tensor_set":      func() error { _, err := l.NewSet(); return err },
		"nrt_add_tensor_to_tensor_set": func() error { return set.Add("x", tensor) },
		"nrt_tensor_allocate":          func() error { _, err := l.NewTensor(0, 1, "y"); return err },
		"nrt_tensor_write":             func() error { return tensor.Write(make([]byte, 1), 0) },
		"nrt_tensor_read":              func() error { return tensor.Read(make([]byte, 1), 0) },
		"nrt_execute":                  func() error { return m.Execute(set, set) },
		"nrt_get_visible_vnc_count":    func() error { _, err := l.VisibleCores(); return err },
		"nrt_get_instance_info":        func() error { _, err := l.Instance(); return err },
		"nrt_get_vnc_memory_stats":     func() error { _, _, err := l.Memory(0); return err },
	} {
		for _, status := range []libnrt.Status{1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 13, 14, 15, 101, 1002, 1003, 1004, 1005, 1006, 1100, 1200, 1201, 1202, 1203, 1204, 1205, 1206, 4321} {
			t.Setenv("FAKE_NRT_FAIL", name+"="+strconv.Itoa(int(status)))
			err := call()
			var failed *libnrt.Error
			require.True(t, errors.As(err, &failed), "%s gives %v", name, err)
			require.Equal(t, name, failed.Call)
			require.Equal(t, status, failed.Status)
			require.Equal(t, "fake status "+strconv.Itoa(int(status)), failed.Text)
			if name == "nrt_init" && (status == libnrt.Invalid || status == libnrt.NotEnoughCores) {
				require.ErrorContains(t, err, "does not start")
				continue
			}
			require.ErrorContains(t, err, status.Remedy())
		}
	}
	t.Setenv("FAKE_NRT_FAIL", "nrt_unload=6")
	require.ErrorContains(t, m.Close(), "NRT_HW_ERROR")
}

func TestOpenErrors(t *testing.T) {
	nrttest.Build(t) // or skip
	_, err := libnrt.Open(filepath.Join(t.TempDir(), "libnrt.so.1"))
	require.ErrorContains(t, err, "opening the Neuron runtime")
	text := filepath.Join(t.TempDir(), "libnrt.so.1")
	require.NoError(t, os.WriteFile(text, []byte("no library"), 0o600))
	_, err = libnrt.Open(text)
	require.ErrorContains(t, err, "opening the Neuron runtime")
	_, err = libnrt.Open(nrttest.Build(t, "NO_EXECUTE"))
	require.ErrorContains(t, err, "not a Neuron runtime that is known here")
	require.ErrorContains(t, err, "nrt_execute")
	_, err = libnrt.Open(nrttest.Build(t, "NO_VERSION"))
	require.ErrorContains(t, err, "nrt_get_version")

	old, err := libnrt.Open(nrttest.Build(t, "NO_MEMORY"))
	require.NoError(t, err, "what came later may be missing")
	_, _, err = old.Memory(0)
	require.ErrorContains(t, err, "nrt_get_vnc_memory_stats is not in this release")

	t.Setenv("FAKE_NRT_FAIL", "nrt_get_version=1")
	_, err = libnrt.Open(nrttest.Build(t))
	require.ErrorContains(t, err, "nrt_get_version: NRT_FAILURE (1)")
}
