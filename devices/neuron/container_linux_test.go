package neuron_test

import (
	"fmt"
	"syscall"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// trn2Host is the sysfs tree of a host with 16 chips, as every container on it sees it. Chip n uses n+1 pages on each core.
func trn2Host() fstest.MapFS {
	root := fstest.MapFS{}
	for n := range 16 {
		c := trn2
		c.used = uint64(n+1) * 4096
		root = merge(root, c.sysfs(n), fstest.MapFS{fmt.Sprintf("%s/neuron%d/dev", virtual, n): file(fmt.Sprintf("240:%d\n", n))},
			pci(fmt.Sprintf("0000:%02x:00.0", 0xd4+n), "0x1d0f", "0x7364"))
		delete(root, fmt.Sprintf("dev/neuron%d", n))
	}
	return root
}

func TestContainerWithRenumberedChip(t *testing.T) {
	root := trn2Host()
	root["dev/neuron0"] = &fstest.MapFile{Sys: &syscall.Stat_t{Rdev: unix.Mkdev(240, 13)}}
	inv := find(t, machine(root, says(t, "trn2.48xlarge-container.json"), nil))
	require.Empty(t, inv.Problems)
	require.Len(t, inv.Devices, 1)
	info := inv.Devices[0].Info()
	require.Equal(t, "neuron:0", info.ID)
	require.Equal(t, "Trainium2", info.Name)
	require.Equal(t, 4, *info.Cores, "logical")
	require.Equal(t, uint64(103079215104), *info.MemoryBytes)
	for name, want := range map[string]any{
		"physical_cores": 8, "logical_nc_config": 2, "pci_address": "0000:e1:00.0", "numa_node": 1, "connected_to": "12,1,9,14",
		"processes": 2, "instance_type": "trn2.48xlarge", "instance_chips": 16, "sysfs_device": "neuron13", "core_architecture": "NCv3",
	} {
		require.Equal(t, want, value(t, info, name), name)
	}
	require.Equal(t, 2, *read(t, inv.Devices[0]).Processes, "of others, as nothing is loaded yet")
	require.Equal(t, uint64(8*14*4096), *read(t, inv.Devices[0]).MemoryUsedBytes, "of the host's chip 13")
}

func TestContainerWithoutDeviceNumbers(t *testing.T) {
	root := trn2Host()
	root["dev/neuron0"] = file("")
	inv := find(t, machine(root, says(t, "trn2.48xlarge-container.json"), nil))
	info := inv.Devices[0].Info()
	require.Nil(t, value(t, info, "sysfs_device"), "which of the host's chips it is cannot be told")
	require.Nil(t, read(t, inv.Devices[0]).MemoryUsedBytes)
	require.Equal(t, "Trainium2", info.Name, "by its address on the bus")
	require.Equal(t, 8, value(t, info, "physical_cores"), "four logical cores of two")
	require.Equal(t, "neuron-ls", detail(t, info, "physical_cores").Source)
}
