//go:build !noort && linux && (amd64 || arm64)

package nrt

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/devicetest"
	"github.com/accelbench/accelbench/devices/engine/nrt/nrttest"
	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/own"
)

// trn2 is a chip with four logical cores of two physical ones.
func trn2() *devicetest.Device {
	cores := 4
	return &devicetest.Device{DeviceInfo: devices.Info{Backend: backend, ID: "neuron:1", Name: "Trainium2", Cores: &cores, Details: []devices.Detail{
		{Name: "neuroncore_ids", Value: "4,5,6,7"}, {Name: "logical_nc_config", Value: 2}}}}
}

// with is the engine over the library at path.
func with(t *testing.T, path string) *engine {
	t.Helper()
	// The engine sets it.
	t.Setenv(visibleCores, "")
	return New(Options{Find: func() (Found, error) { return Found{path, SourceNamed}, nil }}).(*engine)
}

// affine computes 2x+1.
func affine() nrttest.Program {
	return nrttest.Program{
		Inputs:  []nrttest.Tensor{{Name: "x", Type: workloads.F32, Shape: []int{2, 3}}},
		Outputs: []nrttest.Tensor{{Name: "y", Type: workloads.F32, Shape: []int{6}}, {Name: "z", Type: workloads.F32, Shape: []int{1}}},
		LNC:     2,
	}
}

// fileOf is a workload of a program.
func fileOf(t *testing.T, p nrttest.Program) *workloads.Workload {
	t.Helper()
	path := filepath.Join(t.TempDir(), "net.neff")
	require.NoError(t, os.WriteFile(path, nrttest.NEFF(p), 0o600))
	w, err := own.Load(own.File{Path: path})
	require.NoError(t, err)
	return w
}

// requireClean says that nothing is left in the library.
func requireClean(t *testing.T, path string) {
	t.Helper()
	s := nrttest.Count(t, path)
	require.Zero(t, s.Tensors, "tensors")
	require.Zero(t, s.Sets, "sets")
	require.Zero(t, s.Models, "models")
	require.False(t, s.Started, "the runtime")
}
