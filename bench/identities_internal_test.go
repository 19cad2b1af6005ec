package bench

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices"
)

func TestResultsHaveNoIdentitiesOfGPUs(t *testing.T) {
	const id = "8932f937-d72c-4106-c12f-20bd9faed9f6"
	details := []devices.Detail{{Name: "parent_uuid", Value: "GPU-" + id}, {Name: "CUDA_VISIBLE_DEVICES", Value: "0,GPU-8932f937,MIG-" + id}, {Name: "cores", Value: 5},
		{Name: "pci_address", Value: "0000:19:00.0"}}
	r := Result{Device: devices.Info{ID: "nvml:0", Name: "GPU-bound", UUID: "GPU-" + id, Hidden: "hidden by CUDA_VISIBLE_DEVICES=MIG-GPU-" + id + "/1/0", Details: details},
		Engine: devices.EngineInfo{Details: details}, Reason: "the plugin has GPU-" + id, Validity: Validity{Reasons: []string{"not GPU-" + id}},
		PassedOver: []PassedOver{{Device: "nvml:1", Reason: "hidden by CUDA_VISIBLE_DEVICES=GPU-" + id}}}
	shared := r.PassedOver
	r.withoutIdentities()
	text, err := json.Marshal(r)
	require.NoError(t, err)
	require.NotContains(t, string(text), "8932f937")
	require.NotContains(t, string(text), "20bd9faed9f6")
	require.Contains(t, string(text), "0000:19:00.0")
	require.Equal(t, "0,GPU-...,MIG-...", r.Device.Details[1].Value)
	require.Equal(t, 5, r.Device.Details[2].Value)
	require.Equal(t, "hidden by CUDA_VISIBLE_DEVICES=MIG-...", r.Device.Hidden)
	require.Equal(t, "GPU-bound", r.Device.Name)
	require.Contains(t, shared[0].Reason, id, "that of other results stays, until they are made")
	require.Contains(t, details[0].Value, id)
}
