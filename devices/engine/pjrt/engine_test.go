package pjrt

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/devicetest"
	"github.com/accelbench/accelbench/devices/engine/pjrt/client"
	"github.com/accelbench/accelbench/devices/engine/pjrt/plugin"
	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/stablehlo"
)

// nowhere has no plugin.
func nowhere() plugin.Places {
	return plugin.Places{FS: fstest.MapFS{}, Getenv: func(string) string { return "" }, Dir: "/"}
}

func TestAbsent(t *testing.T) {
	e := New(Options{Places: nowhere()})
	for id, reason := range map[string]string{"nvml": "jax[cuda13]", "amd": "jax-rocm7", "tpu": "libtpu"} {
		_, err := e.Probe(devices.Info{Backend: id, ID: id + ":0", UUID: "GPU-1"})
		require.ErrorIs(t, err, devices.ErrAbsent, id)
		require.ErrorContains(t, err, reason)
	}
	_, err := e.Probe(devices.Info{Backend: "cpu", ID: "cpu"})
	require.ErrorIs(t, err, devices.ErrUnsupported, "so that nobody is told of what he never asked for")
	require.ErrorContains(t, err, "name one with --pjrt-plugin")
	_, err = e.Probe(devices.Info{Backend: "gaudi", ID: "gaudi:0"})
	require.ErrorIs(t, err, devices.ErrUnsupported)
	_, err = New(Options{Places: nowhere(), Experimental: true}).Probe(devices.Info{Backend: "neuron", ID: "neuron:0+neuron:1", Members: []string{"neuron:0", "neuron:1"}})
	require.ErrorIs(t, err, devices.ErrUnsupported)
	require.ErrorContains(t, err, "a single core")
}

func TestNeuronIsAnExperiment(t *testing.T) {
	dev := devices.Info{Backend: "neuron", ID: "neuron:1"}
	_, err := New(Options{Places: nowhere()}).Probe(dev)
	require.ErrorIs(t, err, devices.ErrUnsupported)
	require.ErrorContains(t, err, "--experimental")
	_, err = New(Options{Places: nowhere(), Experimental: true}).Probe(dev)
	require.ErrorIs(t, err, devices.ErrAbsent)
	require.ErrorContains(t, err, "libneuronpjrt.so")
}

func TestSupports(t *testing.T) {
	gpu := func(capability string) devices.Info {
		return devices.Info{Backend: "nvml", ID: "nvml:0", Details: []devices.Detail{{Name: "compute_capability", Value: capability}}}
	}
	for _, tt := range []struct {
		name      string
		dev       devices.Info
		precision string
		reason    string // empty: supported
	}{
		{"f32", gpu("7.0"), "f32", ""},
		{"f16 on Volta", gpu("7.0"), "f16", ""},
		{"bf16 on Turing", gpu("7.5"), "bf16", "bf16 needs compute capability 8.0, and nvml:0 has 7.5"},
		{"bf16 on Ampere", gpu("8.0"), "bf16", ""},
		{"fp8 on Ampere", gpu("8.6"), "fp8", "fp8 needs compute capability 8.9"},
		{"fp8 on Ada", gpu("8.9"), "fp8", ""},
		{"fp8 on Hopper", gpu("9.0"), "fp8", ""},
		{"fp8 on Blackwell", gpu("12.0"), "fp8", ""},
		{"fp8 where nothing is known", devices.Info{Backend: "nvml", ID: "nvml:0"}, "fp8", ""},
		{"fp8 on a TPU", devices.Info{Backend: "tpu", ID: "tpu:0"}, "fp8", ""},
		{"Neuron", devices.Info{Backend: "neuron", ID: "neuron:0"}, "f32", "--experimental"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w, err := workloads.Find("gemm", workloads.Options{Precision: tt.precision})
			require.NoError(t, err)
			err = New(Options{Places: nowhere()}).Supports(tt.dev, w)
			if tt.reason == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, devices.ErrUnsupported)
			require.ErrorContains(t, err, tt.reason)
		})
	}
	file := &workloads.Workload{Name: "mine", File: &workloads.ModelFile{Path: "mine.onnx"}}
	require.ErrorIs(t, New(Options{Places: nowhere()}).Supports(gpu("9.0"), file), devices.ErrUnsupported)
}

// joined are devices 1 and 0 of a kind together.
func joined(backend, first, second string) devices.Info {
	return devices.JoinedInfo([]devices.Info{{Backend: backend, ID: backend + ":1", UUID: first}, {Backend: backend, ID: backend + ":0", UUID: second}})
}

// TestJoinTogether: the members in their order.
func TestJoinTogether(t *testing.T) {
	list := []client.Device{{HardwareID: 0}, {HardwareID: 1}, {HardwareID: 2}}
	indexes, err := join(joined("tpu", "", ""), plugin.TPU, "tpu", list)
	require.NoError(t, err)
	require.Equal(t, []int{1, 0}, indexes)
	indexes, err = join(joined("amd", "", ""), plugin.ROCm, "rocm", list[:2])
	require.NoError(t, err)
	require.Equal(t, []int{0, 1}, indexes, "the environment has put them in this order")
	_, err = join(joined("tpu", "", ""), plugin.TPU, "tpu", list[:1])
	require.ErrorContains(t, err, "no device 1")
}

func TestEnvironment(t *testing.T) {
	places := nowhere()
	places.FS = fstest.MapFS{"p/nvidia/cu13/nvvm/libdevice/x": &fstest.MapFile{}}
	cores := 8
	for _, tt := range []struct {
		name     string
		dev      devices.Info
		platform plugin.Platform
		flags    string
		want     map[string]string
	}{
		{"a GPU", devices.Info{UUID: "GPU-1"}, plugin.CUDA, "", map[string]string{"CUDA_VISIBLE_DEVICES": "GPU-1", "CUDA_DEVICE_ORDER": "PCI_BUS_ID",
			"NVIDIA_TF32_OVERRIDE": "0", "XLA_FLAGS": "--xla_gpu_cuda_data_dir=/p/nvidia/cu13"}},
		{"a slice, with flags", devices.Info{UUID: "MIG-2"}, plugin.CUDA, "--xla_a=b", map[string]string{"CUDA_VISIBLE_DEVICES": "MIG-2", "CUDA_DEVICE_ORDER": "PCI_BUS_ID",
			"NVIDIA_TF32_OVERRIDE": "0", "XLA_FLAGS": "--xla_a=b --xla_gpu_cuda_data_dir=/p/nvidia/cu13"}},
		{"the user's own folder", devices.Info{UUID: "GPU-1"}, plugin.CUDA, "--xla_gpu_cuda_data_dir=/c", map[string]string{"CUDA_VISIBLE_DEVICES": "GPU-1",
			"CUDA_DEVICE_ORDER": "PCI_BUS_ID", "NVIDIA_TF32_OVERRIDE": "0"}},
		{"AMD by UUID", devices.Info{ID: "amd:1", UUID: "GPU-0123456789abcdef"}, plugin.ROCm, "", map[string]string{"ROCR_VISIBLE_DEVICES": "GPU-0123456789abcdef", "HIP_VISIBLE_DEVICES": "0"}},
		{"AMD by number", devices.Info{ID: "amd:1"}, plugin.ROCm, "", map[string]string{"HIP_VISIBLE_DEVICES": "1"}},
		{"AMD together", joined("amd", "GPU-0123456789abcdef", "GPU-1"), plugin.ROCm, "", map[string]string{"ROCR_VISIBLE_DEVICES": "GPU-0123456789abcdef,GPU-1", "HIP_VISIBLE_DEVICES": "0,1"}},
		{"AMD together by number", joined("amd", "", ""), plugin.ROCm, "", map[string]string{"HIP_VISIBLE_DEVICES": "1,0"}},
		{"a TPU", devices.Info{ID: "tpu:1"}, plugin.TPU, "", nil},
		{"Neuron", devices.Info{ID: "neuron:2", Cores: &cores}, plugin.Neuron, "", map[string]string{"NEURON_INTERNAL_PJRT_C_API_VERSION": "0.104",
			"NEURON_RT_STOCHASTIC_ROUNDING_EN": "0", "NEURON_RT_VISIBLE_CORES": "16"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("NEURON_RT_ROOT_COMM_ID", "127.0.0.1:1")
			places.Getenv = func(string) string { return tt.flags }
			got, err := newEngine(Options{Places: places}).environment(tt.dev, tt.platform, opened{path: "/p/jax_plugins/xla_cuda13/xla_cuda_plugin.so"})
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
		})
	}
	_, err := newEngine(Options{Places: places}).environment(devices.Info{ID: "nvml:0"}, plugin.CUDA, opened{})
	require.ErrorIs(t, err, devices.ErrUnsupported)
	_, err = newEngine(Options{Places: places}).environment(joined("nvml", "MIG-1", "MIG-2"), plugin.CUDA, opened{})
	require.ErrorIs(t, err, devices.ErrUnsupported)
	require.ErrorContains(t, err, "slices cannot compute together")
	t.Setenv("NEURON_RT_ROOT_COMM_ID", "")
	got, err := newEngine(Options{Places: places}).environment(devices.Info{ID: "neuron:0"}, plugin.Neuron, opened{})
	require.NoError(t, err)
	require.Regexp(t, `^127\.0\.0\.1:\d+$`, got["NEURON_RT_ROOT_COMM_ID"])
}

func TestJoin(t *testing.T) {
	address := []devices.Detail{{Name: "pci_address", Value: "00000000:1B:00.0"}}
	attr := func(name, value string) map[string]any { return map[string]any{name: value, "core_count": int64(4)} }
	for _, tt := range []struct {
		name     string
		dev      devices.Info
		platform plugin.Platform
		client   string
		list     []client.Device
		index    int
		reason   string
	}{
		{"a name without its maker", devices.Info{Name: "NVIDIA H200"}, plugin.CUDA, "CUDA", []client.Device{{Kind: "H200"}}, 0, ""},
		{"a slice", devices.Info{Name: "NVIDIA A100-SXM4-40GB MIG 1g.5gb"}, plugin.CUDA, "cuda", []client.Device{{Kind: "NVIDIA A100-SXM4-40GB MIG 1g.5gb"}}, 0, ""},
		{"the whole in place of a slice", devices.Info{Name: "NVIDIA A100-SXM4-40GB MIG 1g.5gb"}, plugin.CUDA, "cuda", []client.Device{{Kind: "NVIDIA A100-SXM4-40GB"}}, 0,
			"the plugin's device is"},
		{"its address", devices.Info{Name: "L4", Details: address}, plugin.CUDA, "cuda", []client.Device{{Kind: "L4", Attributes: attr("pci_bus_id", "0000:1b:00.0")}}, 0, ""},
		{"another address", devices.Info{Name: "L4", Details: address}, plugin.CUDA, "cuda", []client.Device{{Kind: "L4", Attributes: attr("pci_bus_id", "0000:1c:00.0")}}, 0,
			"another pci_bus_id"},
		{"AMD", devices.Info{Name: "MI300X"}, plugin.ROCm, "ROCM", []client.Device{{Kind: "AMD Instinct MI300X"}}, 0, ""},
		{"two of AMD", devices.Info{ID: "amd:0"}, plugin.ROCm, "rocm", make([]client.Device, 2), 0, "has 2 devices"},
		{"a TPU", devices.Info{ID: "tpu:3"}, plugin.TPU, "tpu", []client.Device{{HardwareID: 2}, {HardwareID: 3}}, 1, ""},
		{"Neuron on the host", devices.Info{ID: "neuron:0"}, plugin.Neuron, "cpu", []client.Device{{Kind: "cpu"}}, 0, `platform "cpu"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			indexes, err := join(tt.dev, tt.platform, tt.client, tt.list)
			if tt.reason != "" {
				require.ErrorContains(t, err, tt.reason)
				return
			}
			require.NoError(t, err)
			require.Equal(t, []int{tt.index}, indexes)
		})
	}
}

func TestNeed(t *testing.T) {
	port := func(role stablehlo.Role, name string, n int) stablehlo.Port {
		return stablehlo.Port{Role: role, Name: name, DType: workloads.F32, Shape: []int{n}, Result: -1}
	}
	programs := []*stablehlo.Program{
		{Args: []stablehlo.Port{port(stablehlo.Input, "x", 10), port(stablehlo.Param, "w", 100), port(stablehlo.State, "s", 7)},
			Results: []stablehlo.Port{port(stablehlo.Output, "y", 3), port(stablehlo.State, "s", 7)}},
		{Args: []stablehlo.Port{port(stablehlo.Input, "x", 1), port(stablehlo.Param, "w", 100), port(stablehlo.State, "s", 7)},
			Results: []stablehlo.Port{port(stablehlo.Output, "y", 20)}},
	}
	lasting, passing := need(programs)
	require.EqualValues(t, 4*107, lasting, "once each")
	require.EqualValues(t, 4*21, passing, "of the larger program")
}

func TestFits(t *testing.T) {
	decoder, err := workloads.Find("llama3.2-1b", workloads.Options{Precision: workloads.Half, ISL: 2, OSL: 2})
	require.NoError(t, err)
	programs, err := write(decoder, stablehlo.Options{})
	require.NoError(t, err)
	all, passing := need(programs)
	gpu := devices.Info{Backend: "nvml", ID: "nvml:0"}
	require.NoError(t, fits(decoder, gpu, 10, 0, 10))
	err = fits(decoder, gpu, all+passing, 0, all/3)
	require.ErrorIs(t, err, devices.ErrUnsupported)
	require.ErrorContains(t, err, "needs 2.3 GiB, 0.8 GiB available: needs 4 devices of this size, named together as in --device nvml:0+nvml:1")
	pair := devices.Info{Backend: "nvml", ID: "nvml:0+nvml:1", Members: []string{"nvml:0", "nvml:1"}}
	err = fits(decoder, pair, all/2, 1<<20, all/3)
	require.ErrorContains(t, err, "needs 1.2 GiB on each of 2 devices with the compiled programs' workspace, 0.8 GiB available: needs 4 devices")
	err = fits(decoder, gpu, all+passing, all, all)
	require.NotContains(t, err.Error(), "devices", "no number of devices has room for the workspace")
	images, err := workloads.Find("resnet50", workloads.Options{})
	require.NoError(t, err)
	err = fits(images, gpu, 41<<30, 0, 20<<30)
	require.ErrorContains(t, err, "needs 41.0 GiB, 20.0 GiB available")
	require.NotContains(t, err.Error(), "devices")

	size, used := uint64(100), uint64(30)
	_, known := available(devices.Info{}, devices.Reading{})
	require.False(t, known)
	have, _ := available(devices.Info{MemoryBytes: &size}, devices.Reading{})
	require.EqualValues(t, 100, have)
	have, _ = available(devices.Info{MemoryBytes: &size}, devices.Reading{MemoryUsedBytes: &used})
	require.EqualValues(t, 70, have)
	have, _ = available(devices.Info{MemoryBytes: &size, Members: []string{"a", "b"}}, devices.Reading{MemoryUsedBytes: &used})
	require.EqualValues(t, 35, have, "of each")
	for _, gpu := range []string{"nvml", "amd"} {
		have, _ = available(devices.Info{Backend: gpu, MemoryBytes: &size}, devices.Reading{})
		require.EqualValues(t, 92, have, "the pool")
		have, _ = available(devices.Info{Backend: gpu, MemoryBytes: &size}, devices.Reading{MemoryUsedBytes: &used})
		require.EqualValues(t, 70, have, "others have more than what the pool leaves")
	}
}

// TestOptions: the names and types are those that XLA's plugins for GPUs take (pjrt_c_api_gpu_internal.cc), which refuse others.
func TestOptions(t *testing.T) {
	want := map[string]any{"preallocate": false, "memory_fraction": float32(0.92), "visible_devices": []int64{0}}
	require.Equal(t, want, options(plugin.CUDA, 1))
	require.Equal(t, want, options(plugin.ROCm, 1))
	require.Equal(t, []int64{0, 1}, options(plugin.CUDA, 2)["visible_devices"])
	for _, other := range []plugin.Platform{plugin.TPU, plugin.Neuron, plugin.CPU} {
		require.Empty(t, options(other, 1))
	}
}

func TestNumberOf(t *testing.T) {
	for id, want := range map[string]int{"cpu": 0, "tpu:3": 3, "nvml:1:2": 1, "neuron:x": 0} {
		require.Equal(t, want, numberOf(devices.Info{ID: id}), id)
	}
}

// TestTooLargeIsDecidedBeforeAnythingIsLoaded: there is no plugin at all.
func TestTooLargeIsDecidedBeforeAnythingIsLoaded(t *testing.T) {
	size := uint64(1 << 30)
	dev := &devicetest.Device{DeviceInfo: devices.Info{Backend: "tpu", ID: "tpu:0", MemoryBytes: &size}}
	w, err := workloads.Find("llama3.2-1b", workloads.Options{Precision: workloads.BFloat16, ISL: 128, OSL: 128})
	require.NoError(t, err)
	_, err = New(Options{Places: nowhere()}).Load(t.Context(), dev, w)
	require.ErrorIs(t, err, devices.ErrUnsupported)
	require.ErrorContains(t, err, "needs 2.3 GiB, 1.0 GiB available: needs 4 devices of this size, named together as in --device tpu:0+tpu:1", "three cannot share out 8 KV heads")
	size = 1 << 40
	_, err = New(Options{Places: nowhere()}).Load(t.Context(), dev, w)
	require.ErrorIs(t, err, devices.ErrAbsent)
}
