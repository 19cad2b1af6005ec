//go:build linux && cgo

package nvml

import (
	"context"
	"errors"
	"testing"

	"github.com/NVIDIA/go-nvml/pkg/nvml"
	"github.com/NVIDIA/go-nvml/pkg/nvml/mock/dgxa100"
	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/devicetest"
)

// dgx is go-nvml's DGX A100 with what it leaves open. Functions that stay open panic, so lacking lists those whose look-up
// must keep them from being called.
func dgx(t *testing.T, lacking ...string) (*dgxa100.Server, devices.Inventory) {
	t.Helper()
	server := dgxa100.New()
	server.LookupSymbolFunc = func(name string) error {
		for _, l := range lacking {
			if name == l {
				return errors.New("undefined symbol: " + name)
			}
		}
		return nil
	}
	server.EventSetCreateFunc = func() (nvml.EventSet, nvml.Return) { return nil, nvml.ERROR_NOT_SUPPORTED }
	for i := range server.Devices {
		d := server.Devices[i].(*dgxa100.Device)
		d.Name = "NVIDIA A100-SXM4-40GB"
		complete(d)
	}
	b := &backend{library: &goNVML{lib: server, check: func() *failure { return nil }}}
	inv, err := b.Find(context.Background(), devices.Machine{})
	require.NoError(t, err)
	return server, inv
}

func complete(d *dgxa100.Device) {
	milliwatts := func(mw uint32) func() (uint32, nvml.Return) {
		return func() (uint32, nvml.Return) { return mw, nvml.SUCCESS }
	}
	count := func(n int) func() (int, nvml.Return) {
		return func() (int, nvml.Return) { return n, nvml.SUCCESS }
	}
	d.GetMemoryInfo_v2Func = func() (nvml.Memory_v2, nvml.Return) {
		return nvml.Memory_v2{Total: 42949672960, Reserved: 1 << 20, Used: 7 << 20}, nvml.SUCCESS
	}
	d.GetNumGpuCoresFunc = count(6912)
	d.GetMaxClockInfoFunc = func(nvml.ClockType) (uint32, nvml.Return) { return 1410, nvml.SUCCESS }
	d.GetClockInfoFunc = func(nvml.ClockType) (uint32, nvml.Return) { return 1095, nvml.SUCCESS }
	d.GetEnforcedPowerLimitFunc = milliwatts(400000)
	d.GetPowerManagementDefaultLimitFunc = milliwatts(400000)
	d.GetPowerManagementLimitConstraintsFunc = func() (uint32, uint32, nvml.Return) { return 100000, 400000, nvml.SUCCESS }
	d.GetEccModeFunc = func() (nvml.EnableState, nvml.EnableState, nvml.Return) { return 1, 1, nvml.SUCCESS }
	d.GetPersistenceModeFunc = func() (nvml.EnableState, nvml.Return) { return 1, nvml.SUCCESS }
	d.GetComputeModeFunc = func() (nvml.ComputeMode, nvml.Return) { return 3, nvml.SUCCESS }
	d.GetCurrPcieLinkGenerationFunc, d.GetMaxPcieLinkGenerationFunc = count(4), count(4)
	d.GetCurrPcieLinkWidthFunc, d.GetMaxPcieLinkWidthFunc = count(16), count(16)
	d.GetFieldValuesFunc = func(f []nvml.FieldValue) nvml.Return {
		for i := range f {
			f[i].NvmlReturn = uint32(nvml.ERROR_NOT_SUPPORTED)
		}
		return nvml.SUCCESS
	}
	d.GetPowerUsageFunc = milliwatts(61250)
	d.GetTotalEnergyConsumptionFunc = func() (uint64, nvml.Return) { return 123456, nvml.SUCCESS }
	d.GetComputeRunningProcessesFunc = func() ([]nvml.ProcessInfo, nvml.Return) {
		return []nvml.ProcessInfo{{Pid: 7}, {Pid: 8}}, nvml.SUCCESS
	}
	d.GetGraphicsRunningProcessesFunc = func() ([]nvml.ProcessInfo, nvml.Return) {
		return []nvml.ProcessInfo{{Pid: 8}, {Pid: 9}}, nvml.SUCCESS
	}
	d.GetTotalEccErrorsFunc = func(nvml.MemoryErrorType, nvml.EccCounterType) (uint64, nvml.Return) { return 0, nvml.SUCCESS }
	d.GetGpuFabricInfoFunc = func() (nvml.GpuFabricInfo, nvml.Return) { return nvml.GpuFabricInfo{}, nvml.ERROR_NOT_SUPPORTED }
	d.GpmQueryDeviceSupportFunc = func() (nvml.GpmSupport, nvml.Return) { return nvml.GpmSupport{}, nvml.SUCCESS }
	d.GetTemperatureFunc = func(nvml.TemperatureSensors) (uint32, nvml.Return) { return 33, nvml.SUCCESS }
	d.GetUtilizationRatesFunc = func() (nvml.Utilization, nvml.Return) { return nvml.Utilization{Gpu: 12}, nvml.SUCCESS }
	d.GetCurrentClocksEventReasonsFunc = func() (uint64, nvml.Return) { return 0x80, nvml.SUCCESS }
	d.GetCurrentClocksThrottleReasonsFunc = func() (uint64, nvml.Return) { return 0x40, nvml.SUCCESS }
}

func TestDGX(t *testing.T) {
	server, inv := dgx(t)
	require.Empty(t, inv.Problems)
	require.Len(t, inv.Devices, 8)
	for i, d := range inv.Devices {
		info := d.Info()
		require.Equal(t, server.Devices[i].(*dgxa100.Device).UUID, info.UUID)
		require.Equal(t, "550.54.15", info.Driver)
		require.Equal(t, 108, *info.Cores)
		require.Equal(t, uint64(42949672960), *info.MemoryBytes)
		require.Equal(t, 312e12, info.Peak.Flops["bf16"])
		require.Equal(t, "12.4", value(t, info, "cuda_driver"))
		require.Equal(t, "8.0", value(t, info, "compute_capability"))
		require.Equal(t, "exclusive-process", value(t, info, "compute_mode"))
		r, err := d.Read(context.Background())
		require.NoError(t, err)
		require.Equal(t, 61.25, *r.PowerWatts, "the older function serves where the field is refused")
		require.Equal(t, 123.456, *r.EnergyJoules)
		require.Equal(t, []string{"hardware-power-brake"}, r.Throttle)
		require.Equal(t, 3, *r.Processes)
		require.NoError(t, d.Close())
	}
	require.Len(t, server.InitCalls(), 1)
	require.Len(t, server.ShutdownCalls(), 1)
}

func TestDGXConforms(t *testing.T) {
	server, inv := dgx(t)
	for _, d := range inv.Devices {
		require.NoError(t, d.Close())
	}
	b := &backend{library: &goNVML{lib: server, check: func() *failure { return nil }}}
	devicetest.TestBackend(t, b, devices.Machine{})
}

func TestDGXWithOlderDriver(t *testing.T) {
	_, inv := dgx(t, "nvmlDeviceGetTotalEnergyConsumption", "nvmlDeviceGetCurrentClocksEventReasons", "nvmlDeviceGetMemoryInfo_v2",
		"nvmlDeviceGetFieldValues", "nvmlDeviceGetTemperature", "nvmlDeviceGetTemperatureV", "nvmlDeviceGetMigMode")
	require.Len(t, inv.Devices, 8)
	r, err := inv.Devices[0].Read(context.Background())
	require.NoError(t, err)
	require.Nil(t, r.EnergyJoules)
	require.Nil(t, r.TemperatureC)
	require.Equal(t, 61.25, *r.PowerWatts)
	require.Equal(t, []string{"hardware-thermal"}, r.Throttle)
	require.Equal(t, uint64(0), *r.MemoryUsedBytes)
	require.Nil(t, value(t, inv.Devices[0].Info(), "mig"))
}

func TestProcesses(t *testing.T) {
	list := func(ret nvml.Return, pids ...uint32) func() ([]nvml.ProcessInfo, nvml.Return) {
		return func() ([]nvml.ProcessInfo, nvml.Return) {
			var out []nvml.ProcessInfo
			for _, pid := range pids {
				out = append(out, nvml.ProcessInfo{Pid: pid})
			}
			return out, ret
		}
	}
	compute := []string{"nvmlDeviceGetComputeRunningProcesses_v3", "nvmlDeviceGetComputeRunningProcesses_v2", "nvmlDeviceGetComputeRunningProcesses"}
	draw := []string{"nvmlDeviceGetGraphicsRunningProcesses_v3", "nvmlDeviceGetGraphicsRunningProcesses_v2", "nvmlDeviceGetGraphicsRunningProcesses"}
	for name, c := range map[string]struct {
		lacking         []string
		computes, draws func() ([]nvml.ProcessInfo, nvml.Return)
		want            *int
	}{
		"none":                      {nil, list(nvml.SUCCESS), list(nvml.SUCCESS), ptr(0)},
		"only one draws":            {nil, list(nvml.SUCCESS), list(nvml.SUCCESS, 5), ptr(1)},
		"no list of drawing":        {nil, list(nvml.SUCCESS, 5), list(nvml.ERROR_NOT_SUPPORTED), ptr(1)},
		"no list of computing":      {nil, list(nvml.ERROR_NO_PERMISSION), list(nvml.SUCCESS, 5), nil},
		"drawing cannot be told":    {nil, list(nvml.SUCCESS, 5), list(nvml.ERROR_UNKNOWN), nil},
		"no function for drawing":   {draw, list(nvml.SUCCESS, 5, 6), nil, ptr(2)},
		"no function for computing": {compute, nil, list(nvml.SUCCESS), nil},
	} {
		t.Run(name, func(t *testing.T) {
			server, inv := dgx(t, c.lacking...)
			d := server.Devices[0].(*dgxa100.Device)
			d.GetComputeRunningProcessesFunc, d.GetGraphicsRunningProcessesFunc = c.computes, c.draws
			r, err := inv.Devices[0].Read(context.Background())
			require.NoError(t, err)
			require.Equal(t, c.want, r.Processes)
		})
	}
}

func ptr[T any](v T) *T { return &v }

func TestFieldNumber(t *testing.T) {
	for _, c := range []struct {
		kind  nvml.ValueType
		value [8]byte
		want  uint64
		ret   code
	}{
		{nvml.VALUE_TYPE_UNSIGNED_INT, [8]byte{1, 2, 0, 0, 255, 255, 255, 255}, 513, codeOK},
		{nvml.VALUE_TYPE_UNSIGNED_LONG_LONG, [8]byte{0, 0, 0, 0, 1}, 1 << 32, codeOK},
		{nvml.VALUE_TYPE_UNSIGNED_SHORT, [8]byte{1, 1, 1}, 257, codeOK},
		{nvml.VALUE_TYPE_SIGNED_INT, [8]byte{5}, 5, codeOK},
		{nvml.VALUE_TYPE_SIGNED_INT, [8]byte{255, 255, 255, 255}, 0, codeNoData},
		{nvml.VALUE_TYPE_SIGNED_LONG_LONG, [8]byte{0, 0, 0, 0, 0, 0, 0, 128}, 0, codeNoData},
		{nvml.VALUE_TYPE_DOUBLE, [8]byte{0, 0, 0, 0, 0, 0, 0xf0, 0x3f}, 1, codeOK},
		{nvml.VALUE_TYPE_DOUBLE, [8]byte{0, 0, 0, 0, 0, 0, 0xf8, 0x7f}, 0, codeNoData},
		{99, [8]byte{1}, 0, codeNoData},
	} {
		n, ret := fieldNumber(uint32(c.kind), c.value)
		require.Equal(t, c.want, n)
		require.Equal(t, c.ret, ret)
	}
}

func FuzzFieldNumber(f *testing.F) {
	f.Add(uint32(1), uint64(321500))
	f.Add(uint32(0), uint64(0x7ff8000000000000))
	f.Fuzz(func(t *testing.T, kind uint32, bits uint64) {
		var v [8]byte
		for i := range v {
			v[i] = byte(bits >> (8 * i))
		}
		if n, ret := fieldNumber(kind, v); ret != codeOK && n != 0 {
			t.Fatalf("refused and yet %d", n)
		}
	})
}
