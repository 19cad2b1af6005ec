package nvml

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices"
)

// Each GPU is told which memory of the host is next to it, where the machine says.
func TestNUMANode(t *testing.T) {
	at := func(address any) *device {
		return &device{info: devices.Info{Details: []devices.Detail{{Name: "pci_address", Value: address}}}}
	}
	near2, none, unknown, escaping := at("0000:19:00.0"), at("0000:3b:00.0"), at(nil), at("../../../x")
	near(fstest.MapFS{
		"sys/bus/pci/devices/0000:19:00.0/numa_node": {Data: []byte("2\n")},
		"sys/bus/pci/devices/0000:3b:00.0/numa_node": {Data: []byte("-1\n")},
	}, devices.Inventory{Devices: []devices.Device{near2, none, unknown, escaping}})
	require.Equal(t, devices.Detail{Name: "numa_node", Value: 2, Source: "sysfs"}, near2.info.Details[1])
	for _, d := range []*device{none, unknown, escaping} {
		require.Len(t, d.info.Details, 1)
	}
	near(nil, devices.Inventory{Devices: []devices.Device{near2}})
}
