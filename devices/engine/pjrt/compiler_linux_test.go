//go:build linux && cgo && (amd64 || arm64)

package pjrt

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/devicetest"
	"github.com/accelbench/accelbench/devices/engine/pjrt/pjrttest"
	"github.com/accelbench/accelbench/devices/engine/pjrt/plugin"
)

// TestWeightsAreNotCopied: programs for GPUs are compiled with products left apart, and without that option where it is not known.
func TestWeightsAreNotCopied(t *testing.T) {
	for _, name := range []string{"CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER", "NVIDIA_TF32_OVERRIDE", "XLA_FLAGS"} {
		t.Setenv(name, "")
	}
	pjrttest.Set(t, "PLATFORM", "cuda", "KIND", "NVIDIA H200")
	gpu := &devicetest.Device{DeviceInfo: devices.Info{Backend: "nvml", ID: "nvml:0", Name: "NVIDIA H200", UUID: "GPU-1"}}
	for _, variable := range []string{"WANTS", "REFUSES"} {
		t.Run(variable, func(t *testing.T) {
			pjrttest.Set(t, variable, mergeProducts)
			e := withPlugin(t)
			loaded, err := e.Load(t.Context(), gpu, small(t))
			require.NoError(t, err)
			require.NoError(t, loaded.Session.Close())
			info, err := e.Probe(gpu.Info())
			require.NoError(t, err)
			require.Contains(t, info.Details, devices.Detail{Name: "compiler option, where it is known", Value: mergeProducts + "=0"})
		})
	}
	e := withPlugin(t)
	require.Empty(t, e.compilerOptions(plugin.TPU))
	t.Setenv("XLA_FLAGS", "--"+mergeProducts+"=64")
	require.Empty(t, e.compilerOptions(plugin.CUDA), "the user's flag counts")
}
