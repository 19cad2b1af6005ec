//go:build linux && cgo && (amd64 || arm64)

package pjrt

import (
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/gomlx/go-xla/pjrt"
	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/devicetest"
	"github.com/accelbench/accelbench/devices/engine/pjrt/pjrttest"
	"github.com/accelbench/accelbench/workloads"
)

// together joins devices of the plugin for tests, which has so many.
func together(t testing.TB, parts int) devices.Device {
	t.Helper()
	pjrttest.Set(t, "DEVICES", fmt.Sprint(parts))
	var members []devices.Device
	for i := range parts {
		members = append(members, &devicetest.Device{DeviceInfo: devices.Info{Backend: "cpu", ID: fmt.Sprintf("cpu:%d", i)}})
	}
	return devices.Join(members)
}

// spread is a decoder of one layer in which two KV heads, the inner columns of a feed-forward or of experts, and a vocabulary are to be
// split; a prefill of three rows and decoding steps.
func spread(t testing.TB, precision string, feed func(g *devicetest.Graph, x *workloads.Value, weight weightFunc) *workloads.Value) *workloads.Workload {
	phase := func(name string, rows int) workloads.Phase {
		g := devicetest.NewGraph(name, 2)
		weight := func(name string, block, stride int, shape ...int) *workloads.Value {
			v := g.Param(name, shape...)
			v.Param.Scale /= 4
			if precision == workloads.Int8 {
				v.Param.Bits, v.Param.Block, v.Param.Stride, v.Param.Scale = 8, block, stride, 1.0/(4<<30)
			}
			return v
		}
		product := func(x *workloads.Value, name string, k, n int) *workloads.Value {
			return g.Node(workloads.OpLinear, workloads.Attr{}, x, weight(name, 4, n, k, n), g.Param(name+".bias", n))
		}
		x, at := g.Node(workloads.OpEmbedding, workloads.Attr{}, g.Param("table", 12, 8), g.IDs("tokens", 12, 2, rows)), g.Position()
		q, k := product(x, "q", 8, 16), product(x, "k", 8, 8)
		q = g.Node(workloads.OpRope, workloads.Attr{HeadDim: 4, Theta: 50}, q, at)
		y := g.Node(workloads.OpAttention, workloads.Attr{Heads: 4, KVHeads: 2, HeadDim: 4}, q, k, product(x, "v", 8, 8),
			g.State("keys", 2, 6, 8), g.State("values", 2, 6, 8), at, g.Param("sinks", 4))
		x = g.Node(workloads.OpAdd, workloads.Attr{}, x, product(y, "o", 16, 8))
		x = g.Node(workloads.OpAdd, workloads.Attr{}, x, feed(g, x, weight))
		x = g.Node(workloads.OpLast, workloads.Attr{}, x)
		g.Outputs = []*workloads.Value{g.Node(workloads.OpLinear, workloads.Attr{Transposed: true}, x, g.Param("table", 12, 8))}
		require.NoError(t, g.Validate())
		return workloads.Phase{Name: name, Graph: &g.Graph}
	}
	return &workloads.Workload{Name: "spread", Family: "decoder", Options: workloads.Options{Precision: precision, Batch: 2, ISL: 3, OSL: 3}, Unit: "token",
		UnitsPerSample: 3, Phases: []workloads.Phase{phase("prefill", 3), phase("decode", 1)}, Seed: 1, Pool: 4}
}

type weightFunc func(name string, block, stride int, shape ...int) *workloads.Value

func dense(g *devicetest.Graph, x *workloads.Value, weight weightFunc) *workloads.Value {
	gate := g.Node(workloads.OpSilu, workloads.Attr{}, g.Node(workloads.OpLinear, workloads.Attr{}, x, weight("gate", 8, 24, 8, 24)))
	up := g.Node(workloads.OpLinear, workloads.Attr{}, x, weight("up", 8, 24, 8, 24))
	return g.Node(workloads.OpLinear, workloads.Attr{}, g.Node(workloads.OpMul, workloads.Attr{}, gate, up), weight("down", 12, 8, 24, 8))
}

func mixture(g *devicetest.Graph, x *workloads.Value, weight weightFunc) *workloads.Value {
	logits := g.Node(workloads.OpLinear, workloads.Attr{}, x, g.Param("router", 8, 4))
	return g.Node(workloads.OpMoE, workloads.Attr{TopK: 2}, x, logits, weight("gate", 4, 8, 4, 8, 8), weight("up", 4, 8, 4, 8, 8),
		weight("down", 4, 8, 4, 8, 8), g.Param("gate.bias", 4, 8), g.Param("up.bias", 4, 8), g.Param("down.bias", 4, 8))
}

// all calls a session for all calls of a query.
func all(t testing.TB, s devices.Session, w *workloads.Workload) [][]float32 {
	t.Helper()
	var out [][]float32
	for c := range w.Calls() {
		out = append(out, call(t, s, w, c, 1, 3)[0].F32)
	}
	return out
}

// TestTogether: several devices pass the suite for engines, and compute what one does; nothing stays behind on any of them.
func TestTogether(t *testing.T) {
	for name, w := range map[string]*workloads.Workload{
		"dense f32": spread(t, workloads.Full, dense), "dense bf16": spread(t, workloads.BFloat16, dense), "dense int8": spread(t, workloads.Int8, dense),
		"mixture f32": spread(t, workloads.Full, mixture), "mixture int8": spread(t, workloads.Int8, mixture),
	} {
		t.Run(name, func(t *testing.T) {
			want := all(t, load(t, withPlugin(t), w), w)
			before := pjrt.BuffersAlive()
			report := reportTo(t)
			devicetest.TestEngine(t, withPlugin(t), together(t, 2), w)
			loaded, err := withPlugin(t).Load(t.Context(), together(t, 2), w)
			require.NoError(t, err)
			require.Equal(t, want, all(t, loaded.Session, w))
			require.NoError(t, loaded.Session.Close())
			require.Equal(t, before, pjrt.BuffersAlive())
			left := report()
			require.Zero(t, left.Buffers, "buffers left on a device")
			require.Zero(t, left.Programs)
		})
	}
}

// weights gives a parameter of a folder.
type weights struct{}

func (weights) Chunk() int { return 1 }
func (weights) Fill(first int, dst []float32) error {
	for i := range dst {
		dst[i] = float32((first+i)*7%23)/23 - 0.5
	}
	return nil
}

// TestTogetherFromFiles: parameters of a folder are cut on the host.
func TestTogetherFromFiles(t *testing.T) {
	w := spread(t, workloads.Full, mixture)
	for _, phase := range w.Phases {
		for _, v := range phase.Graph.Params() {
			v.Weights = weights{}
		}
	}
	want := all(t, load(t, withPlugin(t), w), w)
	loaded, err := withPlugin(t).Load(t.Context(), together(t, 2), w)
	require.NoError(t, err)
	require.Equal(t, want, all(t, loaded.Session, w))
	require.NoError(t, loaded.Session.Close())
}

// TestTogetherStandard holds a standard decoder on three devices, one for each of its KV heads, to its golden values.
func TestTogetherStandard(t *testing.T) {
	if testing.Short() {
		t.Skip("heavy")
	}
	for _, precision := range []string{workloads.Full, workloads.Int8} {
		t.Run(precision, func(t *testing.T) {
			w := find(t, "smollm2-135m", workloads.Options{Precision: precision, ISL: 5, OSL: 3})
			golden, known := w.Golden()
			require.True(t, known)
			loaded, err := withPlugin(t).Load(t.Context(), together(t, 3), w)
			require.NoError(t, err)
			for c := range w.Calls() {
				check, err := golden.Check(w, c, []int{1}, call(t, loaded.Session, w, c, 1))
				require.NoError(t, err)
				require.True(t, check.Passed, check.Reason)
			}
			require.NoError(t, loaded.Session.Close())
		})
	}
}

// TestTogetherIsTold: the engine says that it spans devices, and results on how many it did.
func TestTogetherIsTold(t *testing.T) {
	e := withPlugin(t)
	dev := together(t, 2)
	info, err := e.Probe(dev.Info())
	require.NoError(t, err)
	require.True(t, info.Spans)
	loaded, err := e.Load(t.Context(), dev, spread(t, workloads.Full, dense))
	require.NoError(t, err)
	info, err = e.Probe(dev.Info())
	require.NoError(t, err)
	require.Contains(t, info.Details, devices.Detail{Name: "tensor parallel", Value: 2, Unit: "devices"})
	require.Contains(t, info.Details, devices.Detail{Name: "device kind", Value: "cpu"})
	require.NoError(t, loaded.Session.Close())
}

// TestTogetherFaults: a compiler that cannot divide, devices that are not there, workloads that are not shared out, too little memory.
func TestTogetherFaults(t *testing.T) {
	decoder := spread(t, workloads.Full, dense)
	size := uint64(4 << 10)
	for _, tt := range []struct {
		name   string
		w      *workloads.Workload
		vars   []string
		size   *uint64
		is     error
		reason string
	}{
		{name: "a compiler that cannot divide", w: decoder, vars: []string{"FAULT", "partitions"}, reason: "this compiler knows one partition"},
		{name: "too few devices", w: decoder, vars: []string{"DEVICES", "1"}, reason: "the plugin has no device 1: it has 0: cpu"},
		{name: "no rule", w: small(t), is: devices.ErrUnsupported, reason: "run it on each device with --devices"},
		{name: "memory", w: decoder, size: &size, is: devices.ErrUnsupported, reason: "on each of 2 devices, 0.0 MiB available"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e, dev := withPlugin(t), together(t, 2)
			pjrttest.Set(t, tt.vars...)
			if tt.size != nil {
				info := dev.Info()
				info.MemoryBytes = tt.size
				dev = &devicetest.Device{DeviceInfo: info}
			}
			_, err := e.Load(t.Context(), dev, tt.w)
			require.ErrorContains(t, err, tt.reason)
			require.ErrorContains(t, err, "on device cpu:0+cpu:1")
			if tt.is != nil {
				require.ErrorIs(t, err, tt.is)
			}
			require.Nil(t, e.shared, "the client was given back")
		})
	}
}

// TestTheAskedGPUsTogether: those that are asked for, and in their order.
func TestTheAskedGPUsTogether(t *testing.T) {
	for _, name := range []string{"CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER", "NVIDIA_TF32_OVERRIDE"} {
		t.Setenv(name, "")
	}
	gpu := func(i int, name string) devices.Info {
		return devices.Info{Backend: "nvml", ID: fmt.Sprintf("nvml:%d", i), Name: name, UUID: fmt.Sprintf("GPU-%d", i)}
	}
	same := []devices.Info{gpu(2, "NVIDIA H200"), gpu(1, "NVIDIA H200")}
	for _, tt := range []struct {
		name    string
		members []devices.Info
		vars    []string
		reason  string // empty: they are the ones
	}{
		{"they", same, []string{"KIND", "NVIDIA H200", "UUID", "GPU-2,GPU-1", "DEVICES", "2"}, ""},
		{"two products", []devices.Info{gpu(2, "NVIDIA H200"), gpu(1, "NVIDIA H100")}, []string{"KIND", "NVIDIA H200,NVIDIA H100", "DEVICES", "2"}, ""},
		{"in another order", same, []string{"KIND", "NVIDIA H200", "UUID", "GPU-1,GPU-2", "DEVICES", "2"}, "has another uuid than device nvml:2"},
		{"another product", same, []string{"KIND", "NVIDIA H200,NVIDIA H100", "DEVICES", "2"}, `the plugin's device is "NVIDIA H100" and device nvml:1`},
		{"one", same, []string{"KIND", "NVIDIA H200", "DEVICES", "1"}, "has 1 devices"},
		{"three", same, []string{"KIND", "NVIDIA H200", "DEVICES", "3"}, "has 3 devices"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			pjrttest.Set(t, append(slices.Clone(tt.vars), "PLATFORM", "cuda")...)
			loaded, err := withPlugin(t).Load(t.Context(), &devicetest.Device{DeviceInfo: devices.JoinedInfo(tt.members)}, spread(t, workloads.Full, dense))
			require.Equal(t, "GPU-2,GPU-1", os.Getenv("CUDA_VISIBLE_DEVICES"))
			if tt.reason != "" {
				require.ErrorContains(t, err, tt.reason)
				return
			}
			require.NoError(t, err)
			require.NoError(t, loaded.Session.Close())
		})
	}
}

// TestTPUsTogether are found by their numbers, whatever their order.
func TestTPUsTogether(t *testing.T) {
	pjrttest.Set(t, "PLATFORM", "tpu", "KIND", "TPU v5e", "DEVICES", "4", "FIRST", "4")
	w := spread(t, workloads.Full, dense)
	want := all(t, load(t, engineOf(t, "cpu"), w), w)
	pjrttest.Set(t, "PLATFORM", "tpu")
	info := devices.JoinedInfo([]devices.Info{{Backend: "tpu", ID: "tpu:7"}, {Backend: "tpu", ID: "tpu:5"}})
	loaded, err := withPlugin(t).Load(t.Context(), &devicetest.Device{DeviceInfo: info}, w)
	require.NoError(t, err)
	require.Equal(t, want, all(t, loaded.Session, w))
	require.NoError(t, loaded.Session.Close())
}

// engineOf is the engine with a plugin for another platform.
func engineOf(t testing.TB, platform string) *engine {
	t.Helper()
	pjrttest.Set(t, "PLATFORM", platform)
	return withPlugin(t)
}

// TestPeaksTogether: what all do at once.
func TestPeaksTogether(t *testing.T) {
	report := reportTo(t)
	p, err := withPlugin(t).peaks(t.Context(), together(t, 2), little)
	require.NoError(t, err)
	require.NotContains(t, p.Method, "not measured")
	require.Contains(t, p.Method, "on 2 devices at once")
	require.Len(t, p.FLOPs, 5)
	require.Positive(t, *p.BytesPerSecond)
	require.Positive(t, *p.HostToDevice)
	require.Zero(t, report().Buffers)
}
