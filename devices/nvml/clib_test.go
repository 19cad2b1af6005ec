//go:build linux && cgo

package nvml

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"github.com/NVIDIA/go-nvml/pkg/nvml"
	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices"
)

// A breach of the library's rules ends the process, so each case runs in a child: this test binary again, told by these.
const (
	childMode    = "ACCELBENCH_TEST_NVML_MODE"
	childLibrary = "ACCELBENCH_TEST_NVML_LIBRARY"
)

// TestMain runs the tests, or in a child the one thing that it was started for.
func TestMain(m *testing.M) {
	switch os.Getenv(childMode) {
	case "":
		os.Exit(m.Run())
	case "find":
		if err := childFind(); err != nil {
			panic(err)
		}
	case "unsafe":
		// What this package never does: a function that the driver lacks, called without looking it up.
		lib := nvml.New(nvml.WithLibraryPath(os.Getenv(childLibrary)))
		_ = lib.Init()
		dev, _ := lib.DeviceGetHandleByIndex(0)
		_, _ = dev.GetTotalEnergyConsumption()
	}
	os.Exit(0)
}

// outcome is what a child saw.
type outcome struct {
	Infos    []devices.Info
	Readings []devices.Reading
	Problems []devices.Problem
	Absent   bool
	Error    string
	// Again is the number of devices of a second Find, after all devices of the first were closed.
	Again int
	// Later is a second reading of the first device, with power read alone in between. Lost says that the first reading failed so.
	Later devices.Reading
	Lost  bool
}

func childFind() error {
	var o outcome
	ctx := context.Background()
	b := New(Options{LibraryPath: os.Getenv(childLibrary)})
	m := devices.Machine{FS: fstest.MapFS{}}
	inv, err := b.Find(ctx, m)
	if err != nil {
		o.Error, o.Absent = err.Error(), errors.Is(err, devices.ErrAbsent)
	}
	o.Problems = inv.Problems
	for _, d := range inv.Devices {
		o.Infos = append(o.Infos, d.Info())
		r, err := d.Read(ctx)
		if errors.Is(err, devices.ErrLost) {
			o.Lost = true
			return json.NewEncoder(os.Stdout).Encode(o)
		}
		if err != nil {
			return err
		}
		o.Readings = append(o.Readings, r)
	}
	if len(inv.Devices) > 0 {
		power, err := inv.Devices[0].(devices.Meter).ReadPower(ctx)
		if err != nil {
			return err
		}
		time.Sleep(110 * time.Millisecond) // the least time between samples of activity
		if o.Later, err = inv.Devices[0].Read(ctx); err != nil {
			return err
		}
		if power.PowerWatts == nil != (o.Later.PowerWatts == nil) || power.TemperatureC != nil {
			return errors.New("power alone is not power alone")
		}
	}
	for _, d := range inv.Devices {
		if err := errors.Join(d.Close(), d.Close()); err != nil {
			return err
		}
		if _, err := d.Read(ctx); !errors.Is(err, errClosed) {
			return errors.New("a closed device was read")
		}
	}
	again, _ := b.Find(ctx, m)
	o.Again = len(again.Devices)
	for _, d := range again.Devices {
		if _, err := d.Read(ctx); err != nil {
			return err
		}
		if err := d.Close(); err != nil {
			return err
		}
	}
	return json.NewEncoder(os.Stdout).Encode(o)
}

func buildFake(t *testing.T, defines ...string) string {
	t.Helper()
	gcc, err := exec.LookPath("gcc")
	if err != nil {
		t.Skip("no gcc to build the library's stand-in with")
	}
	path := filepath.Join(t.TempDir(), "libnvidia-ml.so.1")
	args := append([]string{"-shared", "-fPIC", "-Wall", "-o", path, "testdata/fake.c"}, defines...)
	out, err := exec.Command(gcc, args...).CombinedOutput()
	require.NoError(t, err, "%s", out)
	return path
}

func runChild(mode, library string) ([]byte, string, error) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childMode+"="+mode, childLibrary+"="+library)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	return stdout.Bytes(), stderr.String(), err
}

func findInChild(t *testing.T, library string) outcome {
	t.Helper()
	stdout, stderr, err := runChild("find", library)
	require.NoError(t, err, "the child died: %s", stderr)
	var o outcome
	require.NoError(t, json.Unmarshal(stdout, &o))
	return o
}

func value(t *testing.T, info devices.Info, name string) any {
	t.Helper()
	for _, d := range info.Details {
		if d.Name == name {
			return d.Value
		}
	}
	t.Fatalf("%s has no detail %s", info.ID, name)
	return nil
}

func TestModernDriver(t *testing.T) {
	t.Parallel()
	o := findInChild(t, buildFake(t))
	require.Empty(t, o.Problems)
	require.Len(t, o.Infos, 3, "one GPU and the two slices of the other")
	require.Equal(t, 3, o.Again)

	h100 := o.Infos[0]
	require.Equal(t, "nvml:0", h100.ID)
	require.Equal(t, "NVIDIA H100 80GB HBM3", h100.Name)
	require.Equal(t, "GPU-0000", h100.UUID)
	require.Equal(t, "580.105.08", h100.Driver)
	require.Equal(t, uint64(80<<30), *h100.MemoryBytes)
	require.Equal(t, 132, *h100.Cores)
	require.Equal(t, 989.5e12, h100.Peak.Flops["bf16"])
	require.False(t, h100.Peak.Unverified)
	for name, want := range map[string]any{
		"cuda_driver": "13.0", "compute_capability": "9.0", "architecture": "Hopper", "pci_address": "0000:18:00.0",
		"cuda_cores": 16896.0, "mig": "off", "max_sm_clock": 1980.0, "max_memory_clock": 2619.0, "power_limit": 650.0,
		"power_limit_requested": 660.0, "power_limit_default": 700.0, "power_limit_min": 200.0, "power_limit_max": 700.0, "ecc": "on",
		"persistence_mode": "on", "compute_mode": "default", "pcie_generation": 1.0, "pcie_generation_max": 5.0,
		"pcie_width": 8.0, "pcie_width_max": 16.0, "ecc_uncorrected": 2.0, "row_remap_pending": "no",
		"nvlink_links": 3.0, "nvlink_speed": 26562.0, "fabric": "completed",
	} {
		require.Equal(t, want, value(t, h100, name), name)
	}
	r := o.Readings[0]
	require.Equal(t, 321.5, *r.PowerWatts, "the instantaneous field, not the mean of the older function")
	require.Equal(t, "nvml_power", r.PowerSource)
	require.Equal(t, 300.0, *r.PowerAverageWatts)
	require.Equal(t, 650.0, *r.PowerLimitWatts)
	require.Equal(t, 6.5, *r.EnergyJoules)
	require.Equal(t, "nvml_energy_counter", r.EnergySource)
	require.Equal(t, 66.0, *r.MemoryTemperatureC)
	require.Equal(t, 40.0, *r.MemoryUtilizationPercent)
	require.Equal(t, map[string]float64{"power-cap": 1.5, "thermal": 0.25}, r.ThrottledSeconds, "the more precise of two counters of heat")
	require.Equal(t, 1, *r.PCIeGeneration)
	require.Equal(t, 8, *r.PCIeWidth)
	require.Equal(t, uint64(1<<40), *r.PCIeSentBytes)
	require.Equal(t, uint64(1<<41), *r.PCIeReceivedBytes)
	require.Equal(t, uint64(10<<10), *r.NVLinkSentBytes)
	require.Equal(t, uint64(20<<10), *r.NVLinkReceivedBytes)
	require.Equal(t, uint64(2), *r.ECCUncorrected)
	require.False(t, *r.RemapPending)
	require.Equal(t, []string{"Xid 79", "Xid 48"}, r.Faults)
	require.Nil(t, r.CoresActivePercent, "one sample is no activity")
	require.Equal(t, 1755.0, *r.ClockMHz)
	require.Equal(t, 2619.0, *r.MemoryClockMHz)
	require.Equal(t, 41.0, *r.TemperatureC)
	require.Equal(t, 97.0, *r.UtilizationPercent)
	require.Equal(t, uint64(1<<30), *r.MemoryUsedBytes, "the newer function's")
	require.Equal(t, []string{"power-cap", "thermal"}, r.Throttle)
	require.Equal(t, 3, *r.Processes, "two compute, two draw, one of them does both")

	first, second := o.Infos[1], o.Infos[2]
	require.Equal(t, "nvml:1:0", first.ID)
	require.Equal(t, "nvml:1:3", second.ID, "empty slots between slices are passed over")
	require.Equal(t, "MIG-dddd", second.UUID)
	require.Equal(t, uint64(20<<30), *second.MemoryBytes)
	require.Equal(t, 42, *second.Cores)
	require.Nil(t, second.Peak)
	require.Equal(t, "3g.20gb", value(t, second, "mig_profile"))
	require.Equal(t, "GPU-1111", value(t, second, "parent_uuid"))
	require.Equal(t, "on", value(t, second, "mig"))
	s := o.Readings[2]
	require.Nil(t, s.PowerWatts)
	require.Nil(t, s.EnergyJoules)
	require.Empty(t, s.EnergySource)
	require.Nil(t, s.PowerAverageWatts)
	require.Contains(t, second.Unmetered, "which 2 slices share: not attributable")
	require.Equal(t, []string{}, s.Faults, "of the GPU: watched, and none")
	require.Equal(t, 0.25, s.ThrottledSeconds["thermal"], "of the GPU")
	require.Nil(t, s.UtilizationPercent)
	require.Equal(t, 41.0, *s.TemperatureC)
	require.Equal(t, uint64(1<<30), *s.MemoryUsedBytes)
	require.Equal(t, 1, *s.Processes, "those of the slice")

	later := o.Later
	require.Equal(t, 20.0, *later.CoresActivePercent)
	require.Equal(t, 50.0, *later.TensorActivePercent)
	require.Nil(t, later.MemoryBandwidthPercent, "refused")
	require.Equal(t, []string{"Xid 79", "Xid 48"}, later.Faults, "those since the device was opened")
	require.Equal(t, 9.5, *later.EnergyJoules, "read alone in between")
}

func TestGPULostWhileItIsRead(t *testing.T) {
	t.Parallel()
	for _, lost := range []string{"-DLOST=15", "-DLOST=16"} {
		o := findInChild(t, buildFake(t, lost))
		require.True(t, o.Lost, o.Error)
	}
}

func TestOldDriverLacksFunctions(t *testing.T) {
	t.Parallel()
	o := findInChild(t, buildFake(t, "-DOLD"))
	require.Empty(t, o.Problems)
	require.Len(t, o.Infos, 1)
	info := o.Infos[0]
	require.Equal(t, uint64(80<<30), *info.MemoryBytes, "the older function's")
	require.Nil(t, info.Cores)
	require.Nil(t, value(t, info, "cuda_driver"))
	require.Nil(t, value(t, info, "architecture"))
	require.Nil(t, value(t, info, "mig"))
	require.Equal(t, "0000:1e:02.0", value(t, info, "pci_address"))
	r := o.Readings[0]
	require.Equal(t, 200.0, *r.PowerWatts)
	require.Equal(t, "nvml_power_usage", r.PowerSource)
	require.Nil(t, r.EnergyJoules)
	require.Empty(t, r.EnergySource)
	require.Nil(t, r.Faults)
	require.Nil(t, r.ThrottledSeconds)
	require.Equal(t, uint64(2<<30), *r.MemoryUsedBytes)
	require.Equal(t, []string{"power-cap"}, r.Throttle, "idle is no throttling")
	require.Equal(t, 3, *r.Processes, "by the oldest form of the function, and without the list of those that draw")
}

func TestFactsThatTheGPULacks(t *testing.T) {
	t.Parallel()
	o := findInChild(t, buildFake(t, "-DNOT_SUPPORTED"))
	require.Empty(t, o.Problems)
	require.Len(t, o.Infos, 2)
	info := o.Infos[0]
	require.Equal(t, "NVIDIA H100 80GB HBM3", info.Name)
	require.Nil(t, info.MemoryBytes)
	require.Nil(t, info.Cores)
	for _, d := range info.Details {
		if d.Name != "cuda_driver" {
			require.Nil(t, d.Value, d.Name)
		}
	}
	r := o.Readings[0]
	r.Time = devices.Reading{}.Time
	require.Equal(t, devices.Reading{}, r)
}

func TestStartFails(t *testing.T) {
	t.Parallel()
	o := findInChild(t, buildFake(t, "-DINIT_CODE=9"))
	require.True(t, o.Absent, o.Error)
	require.Contains(t, o.Error, "kernel module is not loaded")

	o = findInChild(t, buildFake(t, "-DINIT_CODE=18"))
	require.Empty(t, o.Error)
	require.Len(t, o.Problems, 1)
	require.Contains(t, o.Problems[0].Remedy, "reboot")
}

func TestLibraryThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	o := findInChild(t, filepath.Join(t.TempDir(), "missing.so"))
	require.True(t, o.Absent, o.Error)
	require.Contains(t, o.Error, "cannot open shared object file")

	gcc, err := exec.LookPath("gcc")
	if err != nil {
		t.Skip("no gcc to build a library with")
	}
	other := filepath.Join(t.TempDir(), "other.so")
	out, err := exec.Command(gcc, "-shared", "-fPIC", "-o", other, "-x", "c", "/dev/null").CombinedOutput()
	require.NoError(t, err, "%s", out)
	o = findInChild(t, other)
	require.True(t, o.Absent, "a library that is not NVIDIA's counts as none: %v", o.Problems)
	require.Contains(t, o.Error, "is not NVIDIA's management library")
}

// TestUnsafeOrderDies shows what the look-ups are for: without them the process ends and nothing can recover.
func TestUnsafeOrderDies(t *testing.T) {
	t.Parallel()
	_, stderr, err := runChild("unsafe", buildFake(t, "-DOLD"))
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit)
	require.Equal(t, 127, exit.ExitCode(), stderr)
	require.Contains(t, stderr, "nvmlDeviceGetTotalEnergyConsumption")
}
