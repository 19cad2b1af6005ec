package plugin

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices"
)

// tree is a file system with empty files of these names.
func tree(names ...string) fstest.MapFS {
	out := fstest.MapFS{}
	for _, name := range names {
		out[name] = &fstest.MapFile{}
	}
	return out
}

func env(vars map[string]string) func(string) string {
	return func(name string) string { return vars[name] }
}

func TestFind(t *testing.T) {
	const (
		cuda12 = "venv/lib/python3.12/site-packages/jax_plugins/xla_cuda12/xla_cuda_plugin.so"
		cuda13 = "venv/lib/python3.12/site-packages/jax_plugins/xla_cuda13/xla_cuda_plugin.so"
		system = "usr/lib/python3/dist-packages/jax_plugins/xla_cuda12/xla_cuda_plugin.so"
		user   = "home/u/.local/lib/python3.11/site-packages/jax_plugins/xla_cuda12/xla_cuda_plugin.so"
	)
	venv := map[string]string{"VIRTUAL_ENV": "/venv", "HOME": "/home/u"}
	for _, tt := range []struct {
		name     string
		files    []string
		vars     map[string]string
		flag     string
		platform Platform
		want     Found
		absent   bool
		other    bool // unsupported
		reason   string
	}{
		{name: "the newest of an environment", files: []string{cuda12, cuda13, user}, vars: venv, platform: CUDA, want: Found{"/" + cuda13, SourcePython}},
		{name: "an environment before the user's", files: []string{cuda12, user}, vars: venv, platform: CUDA, want: Found{"/" + cuda12, SourcePython}},
		{name: "the user's before the system's", files: []string{user, system}, vars: venv, platform: CUDA, want: Found{"/" + user, SourcePython}},
		{name: "the system's", files: []string{system}, platform: CUDA, want: Found{"/" + system, SourcePython}},
		{name: "of the newer Python", files: []string{user, "home/u/.local/lib/python3.12/site-packages/jax_plugins/xla_cuda12/xla_cuda_plugin.so"}, vars: venv,
			platform: CUDA, want: Found{"/home/u/.local/lib/python3.12/site-packages/jax_plugins/xla_cuda12/xla_cuda_plugin.so", SourcePython}},
		{name: "of conda", files: []string{"conda/lib/python3.13/site-packages/libtpu/libtpu.so"}, vars: map[string]string{"CONDA_PREFIX": "/conda"},
			platform: TPU, want: Found{"/conda/lib/python3.13/site-packages/libtpu/libtpu.so", SourcePython}},
		{name: "an environment with a pattern in its name", files: []string{"v[1]/lib/python3.12/site-packages/libtpu/libtpu.so"}, vars: map[string]string{"VIRTUAL_ENV": "/v[1]"},
			platform: TPU, want: Found{"/v[1]/lib/python3.12/site-packages/libtpu/libtpu.so", SourcePython}},
		{name: "the newest ROCm", files: []string{"venv/lib/python3.12/site-packages/jax_plugins/xla_rocm60/xla_rocm_plugin.so",
			"venv/lib/python3.12/site-packages/jax_plugins/xla_rocm7/xla_rocm_plugin.so"}, vars: venv,
			platform: ROCm, want: Found{"/venv/lib/python3.12/site-packages/jax_plugins/xla_rocm7/xla_rocm_plugin.so", SourcePython}},
		{name: "Neuron", files: []string{"venv/lib/python3.10/site-packages/libneuronxla/libneuronpjrt.so"}, vars: venv,
			platform: Neuron, want: Found{"/venv/lib/python3.10/site-packages/libneuronxla/libneuronpjrt.so", SourcePython}},
		{name: "a TPU's library of the system", files: []string{"usr/local/lib/libtpu.so", "lib/libtpu.so"}, platform: TPU, want: Found{"/lib/libtpu.so", SourceSystem}},
		{name: "the flag before the variable", files: []string{"a.so", "b.so", cuda13}, vars: map[string]string{"PJRT_PLUGIN": "/b.so", "VIRTUAL_ENV": "/venv"}, flag: "/a.so",
			platform: CUDA, want: Found{"/a.so", SourceFlag}},
		{name: "the variable before what is found", files: []string{"b.so", cuda13}, vars: map[string]string{"PJRT_PLUGIN": "/b.so", "VIRTUAL_ENV": "/venv"},
			platform: CUDA, want: Found{"/b.so", SourceEnv}},
		{name: "a relative flag", files: []string{"here/a.so"}, flag: "a.so", platform: CPU, want: Found{"/here/a.so", SourceFlag}},
		{name: "a named file that is not there", files: []string{cuda13}, vars: venv, flag: "/secret/a.so", platform: CUDA, absent: true, reason: "--pjrt-plugin names a.so"},
		{name: "a named folder", files: []string{"dir/a.so"}, flag: "/dir", platform: CPU, absent: true, reason: "that is no file"},
		{name: "a plugin for another platform", files: []string{cuda13}, flag: "/" + cuda13, platform: CPU, other: true, reason: "--pjrt-plugin names one for cuda"},
		{name: "none is looked for for the CPU", files: []string{"usr/lib/python3.12/site-packages/jax_plugins/xla_cpu/pjrt_c_api_cpu_plugin.so"}, platform: CPU, other: true, reason: "PJRT_PLUGIN"},
		{name: "nothing", platform: CUDA, absent: true, reason: "xla_cuda_plugin.so"},
		{name: "nothing for TPUs", platform: TPU, absent: true, reason: "pip install libtpu"},
		{name: "a folder of that name", files: []string{"lib/libtpu.so/x"}, platform: TPU, absent: true, reason: "libtpu"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Find(Places{FS: tree(tt.files...), Getenv: env(tt.vars), Flag: tt.flag, Dir: "/here"}, tt.platform)
			require.Equal(t, tt.want, got)
			switch {
			case tt.absent:
				require.ErrorIs(t, err, devices.ErrAbsent)
			case tt.other:
				require.ErrorIs(t, err, devices.ErrUnsupported)
			default:
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, tt.reason)
			require.NotContains(t, err.Error(), "/secret", "reasons are published")
		})
	}
}

func TestCUDALibraries(t *testing.T) {
	const file = "/p/jax_plugins/xla_cuda12/xla_cuda_plugin.so"
	for _, tt := range []struct {
		name, file, want, data string
	}{
		{name: "none", file: "p/nothing"},
		{name: "beside the package", file: "p/jax_plugins/nvidia/cu13/nvvm/libdevice/libdevice.10.bc", want: "/p/jax_plugins/nvidia", data: "/p/jax_plugins/nvidia/cu13"},
		{name: "beside the packages", file: "p/nvidia/cuda_nvcc/nvvm/libdevice/libdevice.10.bc", want: "/p/nvidia", data: "/p/nvidia/cuda_nvcc"},
		{name: "without device code", file: "p/nvidia/cublas/lib/libcublas.so.12", want: "/p/nvidia"},
		{name: "a file", file: "p/nvidia"},
		{name: "too far away", file: "nvidia/cublas/lib/libcublas.so.12"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := Places{FS: tree(tt.file), Getenv: env(nil)}
			got, ok := p.CUDALibraries(file)
			require.Equal(t, tt.want, got)
			require.Equal(t, tt.want != "", ok)
			data, ok := p.CUDAData(got)
			require.Equal(t, tt.data, data)
			require.Equal(t, tt.data != "", ok)
		})
	}
}
