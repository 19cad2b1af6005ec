package neuron_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/devicetest"
	"github.com/accelbench/accelbench/devices/neuron"
)

const virtual = "sys/devices/virtual/neuron_device"

func file(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

func merge(trees ...fstest.MapFS) fstest.MapFS {
	all := fstest.MapFS{}
	for _, t := range trees {
		maps.Copy(all, t)
	}
	return all
}

func pci(address, vendor, device string) fstest.MapFS {
	return fstest.MapFS{
		"sys/bus/pci/devices/" + address + "/vendor": file(vendor + "\n"),
		"sys/bus/pci/devices/" + address + "/device": file(device + "\n"),
	}
}

// chipTree is the driver's tree of one chip, byte by byte as the driver writes it.
type chipTree struct {
	arch, family, name, coreArch string
	cores                        int
	used                         uint64 // bytes per core
	power                        string
}

var (
	inf1 = chipTree{"NDv1", "Inf1", "Inferentia", "NCv1", 4, 0, ""}
	trn1 = chipTree{"NDv2", "Trn1", "Trainium1", "NCv2", 2, 1048576, "POWER_STATUS_VALID,1718123460,11.25,63.40,31.07\n"}
	inf2 = chipTree{"NDv3", "Inf2", "Inferentia2", "NCv2", 2, 0, "POWER_STATUS_NO_DATA,0,0.00,0.00,0.00\n"}
	trn2 = chipTree{"NDv3", "Trn2", "Trainium2", "NCv3", 8, 4096, "POWER_STATUS_VALID,1718123460,0.00,9.50,4.25\n"}
	trn3 = chipTree{"NDv4", "Trn3", "Trainium3", "NCv4", 8, 0, "POWER_STATUS_INVALID,0,0.00,0.00,0.00\n"}
)

func (c chipTree) sysfs(n int) fstest.MapFS {
	at := fmt.Sprintf("%s/neuron%d/", virtual, n)
	t := fstest.MapFS{
		at + "core_count":                                          file(fmt.Sprint(c.cores)), // the driver ends it without a newline
		at + "connected_devices":                                   file("\n"),
		at + "reset":                                               {Data: []byte("1\n"), Mode: 0o600},
		at + "info/notify_delay":                                   file("-1\n"),
		at + "info/architecture/arch_type":                         file(c.arch + "\n"),
		at + "info/architecture/instance_type":                     file(c.family + "\n"),
		at + "info/architecture/device_name":                       file(c.name + "\n"),
		at + "stats/hardware/sram_ecc_uncorrected":                 file("0\n"),
		at + "stats/hardware/mem_ecc_uncorrected":                  file("3\n"),
		at + "stats/hardware/health_status/unhealthy_components":   file("0\n"),
		at + "stats/memory_usage/host_mem/tensors/total":           file("0\n"),
		at + "info/serial_number":                                  file("9ff5434815c8bd80\n"),
		"sys/module/neuron/version":                                file("2.24.7.0\n"),
		fmt.Sprintf("dev/neuron%d", n):                             file(""),
		"sys/class/neuron_device/ultraserver_mode":                 file("\n"),
		at + "stats/hardware/mem_ecc_repairable_uncorrected":       file("0\n"),
		at + "stats/hardware/health_status/healthcheck_heartbeat":  file("1\n"),
		at + "stats/memory_usage/host_mem/uncategorized/peak":      file("0\n"),
		at + "stats/memory_usage/host_mem/driver_memory/present":   file("0\n"),
		at + "stats/memory_usage/host_mem/application_memory/peak": file("0\n"),
	}
	if c.power != "" {
		t[at+"stats/power/utilization"] = file(c.power)
	}
	for k := range c.cores {
		core := fmt.Sprintf("%sneuron_core%d/", at, k)
		maps.Copy(t, fstest.MapFS{
			core + "info/architecture/arch_type":                       file(c.coreArch + "\n"),
			core + "stats/status/success/total":                        file("816\n"),
			core + "stats/status/timeout/total":                        file("0\n"),
			core + "stats/status/execute_failed_to_queue/total":        file("1\n"),
			core + "stats/status/infer_completed_with_num_error/total": file("2\n"),
			core + "stats/memory_usage/device_mem/total":               file(fmt.Sprintf("%d\n", c.used)),
			core + "stats/memory_usage/device_mem/present":             file("77\n"),
			core + "stats/memory_usage/device_mem/peak":                file("999999999\n"),
			core + "stats/other_info/inference_count/total":            file("816\n"),
			core + "stats/tensor_engine/pe_cntrs":                      file("xrow_grp,mm_active,wl_active,idle\n0,123,45,678\n"),
		})
	}
	return t
}

// forRoot makes some files unreadable, as the driver does for other users than root.
type forRoot struct {
	fstest.MapFS
	denied string
}

func (f forRoot) Open(name string) (fs.File, error) {
	if strings.HasSuffix(name, f.denied) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return f.MapFS.Open(name)
}

func (f forRoot) ReadFile(name string) ([]byte, error) {
	if strings.HasSuffix(name, f.denied) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return f.MapFS.ReadFile(name)
}

func noTool(_ context.Context, name string, _ ...string) ([]byte, []byte, error) {
	return nil, nil, &exec.Error{Name: name, Err: exec.ErrNotFound}
}

func says(t *testing.T, capture string) devices.Runner {
	t.Helper()
	out, err := os.ReadFile("testdata/" + capture)
	require.NoError(t, err)
	return func(_ context.Context, name string, args ...string) ([]byte, []byte, error) {
		if name != "/opt/aws/neuron/bin/neuron-ls" || len(args) != 1 || args[0] != "--json-output" {
			return nil, nil, fmt.Errorf("unexpected command %s %v", name, args)
		}
		return out, nil, nil
	}
}

func machine(root fs.FS, run devices.Runner, env map[string]string) devices.Machine {
	return devices.Machine{FS: root, Run: run, Getenv: func(name string) string { return env[name] }}
}

func find(t *testing.T, m devices.Machine) devices.Inventory {
	t.Helper()
	inv, err := neuron.New().Find(context.Background(), m)
	require.NoError(t, err)
	for _, d := range inv.Devices {
		text, err := json.Marshal(d.Info())
		require.NoError(t, err)
		require.NotContains(t, string(text), "i-0", "an instance's id")
		require.NotContains(t, string(text), "9ff5434815c8bd80", "a serial number")
	}
	return inv
}

func detail(t *testing.T, info devices.Info, name string) devices.Detail {
	t.Helper()
	for _, d := range info.Details {
		if d.Name == name {
			return d
		}
	}
	t.Fatalf("%s has no detail %s in %v", info.ID, name, info.Details)
	return devices.Detail{}
}

func value(t *testing.T, info devices.Info, name string) any { return detail(t, info, name).Value }

func read(t *testing.T, d devices.Device) devices.Reading {
	t.Helper()
	r, err := d.Read(context.Background())
	require.NoError(t, err)
	return r
}

func TestConformance(t *testing.T) {
	for name, c := range map[string]chipTree{"inf1": inf1, "inf2": inf2, "trn1": trn1, "trn2": trn2, "trn3": trn3} {
		t.Run(name, func(t *testing.T) {
			devicetest.TestBackend(t, neuron.New(), machine(merge(c.sysfs(0), c.sysfs(1)), noTool, nil))
			devicetest.TestBackend(t, neuron.New(), machine(c.sysfs(0), says(t, "trn2.48xlarge-container.json"), nil))
		})
	}
	t.Run("this machine", func(t *testing.T) {
		devicetest.TestBackend(t, neuron.New(), devices.Machine{FS: os.DirFS("/"), Run: noTool, Getenv: os.Getenv})
	})
}

func TestTrn1(t *testing.T) {
	root := merge(pci("0000:00:1e.0", "0x1d0f", "0x7164"), trn1.sysfs(0))
	inv := find(t, machine(root, says(t, "trn1.2xlarge.json"), nil))
	require.Empty(t, inv.Problems)
	require.Len(t, inv.Devices, 1)
	info := inv.Devices[0].Info()
	require.Equal(t, "neuron:0", info.ID)
	require.Equal(t, "Trainium1", info.Name)
	require.Equal(t, "2.24.7.0", info.Driver)
	require.Equal(t, uint64(34359738368), *info.MemoryBytes)
	require.Equal(t, 2, *info.Cores)
	require.Equal(t, 190e12, info.Peak.Flops["bf16"])
	require.Equal(t, 820.0*(1<<30), *info.Peak.BytesPerSecond)
	for name, want := range map[string]any{
		"physical_cores": 2, "logical_cores_from": "neuron-ls", "logical_nc_config": 1, "pci_address": "0000:00:1e.0",
		"numa_node": nil, "cpu_affinity": "0-7", "neuroncore_ids": "0,1", "connected_to": nil, "processes": 0,
		"sysfs_device": "neuron0", "architecture": "NDv2", "core_architecture": "NCv2", "instance_family": "Trn1",
		"power_status": "valid", "power_average": 31.07, "power_highest": 63.40, "hardware_mem_ecc_uncorrected": uint64(3),
		"status_execute_failed_to_queue": uint64(2), "status_execute_completed_with_num_error": uint64(4),
	} {
		require.Equal(t, want, value(t, info, name), name)
	}
	r := read(t, inv.Devices[0])
	require.Equal(t, uint64(2*1048576), *r.MemoryUsedBytes, "total, which is the value now")
	require.Equal(t, uint64(3), *r.ECCUncorrected, "0 + 3 + 0")
	require.Equal(t, 0, *r.Processes)
	require.Nil(t, r.PowerWatts)
	require.Nil(t, r.UtilizationPercent, "a share of power is no share of time")
	require.Nil(t, r.Throttle)
	require.NoError(t, inv.Devices[0].Close())
	require.NoError(t, inv.Devices[0].Close())
	_, err := inv.Devices[0].Read(context.Background())
	require.Error(t, err)
}

func TestFilesForRootOnly(t *testing.T) {
	root := merge(pci("0000:00:1e.0", "0x1d0f", "0x7164"), trn1.sysfs(0))
	inv := find(t, machine(forRoot{root, "/core_count"}, noTool, nil))
	require.Equal(t, 2, value(t, inv.Devices[0].Info(), "physical_cores"), "counted from the folders")

	inv = find(t, machine(forRoot{root, "neuron_core1/stats/memory_usage/device_mem/total"}, noTool, nil))
	require.Nil(t, read(t, inv.Devices[0]).MemoryUsedBytes, "a part of the sum is not the sum")
}

func TestWithoutTool(t *testing.T) {
	for _, c := range []struct {
		name     string
		tree     chipTree
		env      map[string]string
		lncFile  string
		chip     string
		logical  any
		lnc      any
		physical int
		power    any
	}{
		{"inf1", inf1, nil, "", "Inferentia1", 4, 1, 4, nil},
		{"inf2", inf2, nil, "", "Inferentia2", 2, 1, 2, "no_data"},
		{"inf2 has no choice of core size", inf2, map[string]string{"NEURON_LOGICAL_NC_CONFIG": "2"}, "", "Inferentia2", 2, 1, 2, "no_data"},
		{"trn2 by default", trn2, nil, "", "Trainium2", 4, 2, 8, "valid"},
		{"trn2 by environment", trn2, map[string]string{"NEURON_LOGICAL_NC_CONFIG": "1"}, "2", "Trainium2", 8, 1, 8, "valid"},
		{"trn2 by file", trn2, nil, "1\n", "Trainium2", 8, 1, 8, "valid"},
		{"trn3 has no published default", trn3, nil, "", "Trainium3", nil, nil, 8, "invalid"},
		{"trn3 by environment", trn3, map[string]string{"NEURON_LOGICAL_NC_CONFIG": "2"}, "", "Trainium3", 4, 2, 8, "invalid"},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := c.tree.sysfs(0)
			if c.lncFile != "" {
				root["opt/aws/neuron/etc/neuron-logical-nc-config"] = file(c.lncFile)
			}
			inv := find(t, machine(root, noTool, c.env))
			require.Len(t, inv.Devices, 1)
			require.Len(t, inv.Problems, 1)
			require.Contains(t, inv.Problems[0].Text, "neuron-ls is not installed")
			info := inv.Devices[0].Info()
			require.Equal(t, c.chip, info.Name)
			require.NotNil(t, info.MemoryBytes)
			require.NotNil(t, info.Peak)
			if c.logical == nil {
				require.Nil(t, info.Cores)
			} else {
				require.Equal(t, c.logical, *info.Cores)
			}
			require.Equal(t, c.lnc, value(t, info, "logical_nc_config"))
			require.Equal(t, c.physical, value(t, info, "physical_cores"))
			if c.power != nil {
				require.Equal(t, c.power, value(t, info, "power_status"))
			}
			if c.power == "no_data" {
				require.Nil(t, value(t, info, "power_average"))
			}
		})
	}
}

func TestNoDevices(t *testing.T) {
	chip := func(id string) fstest.MapFS { return pci("0000:00:1e.0", "0x1d0f", id) }
	for _, c := range []struct {
		name         string
		root         fs.FS
		absent       string
		text, remedy string
	}{
		{"nothing", fstest.MapFS{}, "no Trainium or Inferentia chip", "", ""},
		{"no file system", nil, "no file system", "", ""},
		{"network and storage of the cloud", merge(pci("0000:00:04.0", "0x1d0f", "0x8061"), pci("0000:00:05.0", "0x1d0f", "0xec20"),
			pci("0000:00:06.0", "0x1d0f", "0xefa1")), "the 3 Amazon devices on the bus are network and storage", "", ""},
		{"another maker's device of that number", pci("0000:00:1e.0", "0x10de", "0x7164"), "no Trainium", "", ""},
		{"driver missing", chip("0x7364"), "", "1 x Trainium2 on the PCI bus, driver (aws-neuronx-dkms) not loaded", "modprobe neuron"},
		{"driver missing on inf1", chip("0x7064"), "", "Inferentia1", "newer drivers no longer serve"},
		{"driver loaded, container without nodes", merge(chip("0x7164"), fstest.MapFS{"sys/module/neuron/version": file("2.24.7.0\n")}),
			"", "there is no /dev/neuron*", "--device /dev/neuron0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			inv, err := neuron.New().Find(context.Background(), machine(c.root, noTool, nil))
			require.Empty(t, inv.Devices)
			if c.absent != "" {
				require.ErrorIs(t, err, devices.ErrAbsent)
				require.ErrorContains(t, err, c.absent)
				return
			}
			require.NoError(t, err)
			require.Len(t, inv.Problems, 1)
			require.Contains(t, inv.Problems[0].Text, c.text)
			require.Contains(t, inv.Problems[0].Remedy, c.remedy)
		})
	}
}

func TestChipsWithoutSysfs(t *testing.T) {
	nodes := fstest.MapFS{"dev/neuron0": file(""), "dev/neuron1": file(""), "dev/neuron10": file("")}
	alike := merge(nodes, pci("0000:10:1c.0", "0x1d0f", "0x7564"), pci("0000:10:1d.0", "0x1d0f", "0x7565"))
	inv := find(t, machine(alike, noTool, nil))
	require.Len(t, inv.Devices, 3)
	require.Equal(t, "neuron:10", inv.Devices[2].Info().ID)
	require.Equal(t, "Trainium3", inv.Devices[2].Info().Name)
	require.Equal(t, 671e12, inv.Devices[2].Info().Peak.Flops["bf16"])
	require.Nil(t, read(t, inv.Devices[2]).MemoryUsedBytes)
	require.Nil(t, read(t, inv.Devices[2]).ECCUncorrected)

	mixed := merge(nodes, pci("0000:10:1c.0", "0x1d0f", "0x7264"), pci("0000:10:1d.0", "0x1d0f", "0x7164"))
	info := find(t, machine(mixed, noTool, nil)).Devices[0].Info()
	require.Equal(t, "Neuron device", info.Name, "never a neighbour's name")
	require.Nil(t, info.Peak)
	require.Nil(t, info.MemoryBytes)
	require.Nil(t, info.Cores)
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	run := func(context.Context, string, ...string) ([]byte, []byte, error) {
		cancel()
		return nil, nil, context.Canceled
	}
	_, err := neuron.New().Find(ctx, machine(trn1.sysfs(0), run, nil))
	require.ErrorIs(t, err, context.Canceled)
	_, err = neuron.New().Find(ctx, machine(trn1.sysfs(0), run, nil))
	require.ErrorIs(t, err, context.Canceled)
}

func TestNodeThatTheToolDoesNotList(t *testing.T) {
	inv := find(t, machine(merge(trn1.sysfs(0), trn1.sysfs(1)), says(t, "trn1.2xlarge.json"), nil))
	require.Len(t, inv.Devices, 1)
	require.Len(t, inv.Problems, 1)
	require.Contains(t, inv.Problems[0].Text, "/dev/neuron1 is there")
}

func TestInstances(t *testing.T) {
	i, ok := neuron.InstanceOf("trn1.32xlarge")
	require.True(t, ok)
	require.Equal(t, neuron.Instance{Type: "trn1.32xlarge", Chips: 16, LogicalCores: 32, VCPUs: 128, MemoryGiB: 512}, i)
	i, _ = neuron.InstanceOf("trn2.3xlarge")
	require.True(t, i.Unverified)
	_, ok = neuron.InstanceOf("trn3.48xlarge")
	require.False(t, ok)
}
