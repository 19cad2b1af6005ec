package amd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/devicetest"
)

func file(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

func merge(trees ...fstest.MapFS) fstest.MapFS {
	all := fstest.MapFS{}
	for _, t := range trees {
		maps.Copy(all, t)
	}
	return all
}

// mi325x is the topology's node of such a GPU as public code has it in its tests: the counts of SIMD units are its author's.
func mi325x(nodeNumber, location, minor int, unique uint64) fstest.MapFS {
	at := fmt.Sprintf("%s/%d", nodesFolder, nodeNumber)
	return fstest.MapFS{
		at + "/gpu_id": file("51230\n"),
		at + "/properties": file(fmt.Sprintf("cpu_cores_count 0\nsimd_count 304\nwave_front_size 64\nsimd_per_cu 4\ngfx_target_version 90402\nvendor_id 4098\n"+
			"device_id 29856\nlocation_id %d\ndomain 0\ndrm_render_minor %d\nnum_xcc 1\nunique_id %d\n", location, minor, unique)),
		at + "/mem_banks/0/properties":            file("heap_type 1\nsize_in_bytes 274861129728\nflags 0\n"),
		fmt.Sprintf("dev/dri/renderD%d", minor):   file(""),
		"dev/kfd":                                 file(""),
		nodesFolder + "/0/gpu_id":                 file("0\n"),
		nodesFolder + "/0/properties":             file("cpu_cores_count 96\nsimd_count 0\ngfx_target_version 0\n"),
		nodesFolder + "/0/mem_banks/0/properties": file("heap_type 0\nsize_in_bytes 1081900777472\n"),
	}
}

// sensors are the driver's files of a GPU at the address.
func sensors(address string) fstest.MapFS {
	at := pciBus + "/" + address
	return fstest.MapFS{
		at + "/vendor": file("0x1002\n"), at + "/class": file("0x120000\n"),
		at + "/gpu_busy_percent": file("73\n"), at + "/mem_busy_percent": file("11\n"),
		at + "/mem_info_vram_total": file("274861129728\n"), at + "/mem_info_vram_used": file("0\n"),
		at + "/current_link_speed": file("32.0 GT/s PCIe\n"), at + "/current_link_width": file("16\n"),
		at + "/hwmon/hwmon3/power1_input": file("142000000\n"), at + "/hwmon/hwmon3/power1_cap": file("1000000000\n"),
		at + "/hwmon/hwmon3/temp2_input": file("41000\n"), at + "/hwmon/hwmon3/temp2_label": file("junction\n"),
		at + "/hwmon/hwmon3/temp3_input": file("38000\n"), at + "/hwmon/hwmon3/temp3_label": file("mem\n"),
		at + "/hwmon/hwmon3/freq1_input": file("2100000000\n"), at + "/hwmon/hwmon3/freq1_label": file("sclk\n"),
		at + "/hwmon/hwmon3/freq2_input": file("1300000000\n"), at + "/hwmon/hwmon3/freq2_label": file("mclk\n"),
	}
}

const staticJSON = `[{"gpu":0,"asic":{"market_name":"AMD Instinct MI325X","asic_serial":"0x0123456789ABCDEF"},"bus":{"bdf":"0000:75:00.0"},"vram":{"size":{"value":262144,"unit":"MB"}}}]`

const metricJSON = `[{"gpu":0,"usage":{"gfx_activity":{"value":73,"unit":"%"},"umc_activity":{"value":5,"unit":"%"}},
 "power":{"socket_power":{"value":142,"unit":"W"},"gfx_voltage":"N/A","throttle_status":"UNTHROTTLED"},
 "clock":{"gfx_0":{"clk":{"value":2100,"unit":"MHz"}},"mem_0":{"clk":{"value":1300,"unit":"MHz"}}},
 "temperature":{"edge":"N/A","hotspot":{"value":41,"unit":"C"},"mem":{"value":38,"unit":"C"}},
 "mem_usage":{"total_vram":{"value":196592,"unit":"MB"},"used_vram":{"value":283,"unit":"MB"}},
 "energy":{"total_energy_consumption":{"value":1234.5,"unit":"J"}}}]`

func noTool(_ context.Context, name string, _ ...string) ([]byte, []byte, error) {
	return nil, nil, &exec.Error{Name: name, Err: exec.ErrNotFound}
}

// says answers the commands whose beginning it has, and knows no others.
func says(answers map[string]string) devices.Runner {
	return func(ctx context.Context, name string, args ...string) ([]byte, []byte, error) {
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		for command, out := range answers {
			if strings.HasPrefix(name+" "+strings.Join(args, " "), command) {
				return []byte(out), nil, nil
			}
		}
		return noTool(ctx, name)
	}
}

func machine(root fs.FS, run devices.Runner, env map[string]string) devices.Machine {
	return devices.Machine{FS: root, Run: run, LookupEnv: func(n string) (string, bool) { v, set := env[n]; return v, set }}
}

func find(t *testing.T, m devices.Machine) devices.Inventory {
	t.Helper()
	inv, err := New().Find(t.Context(), m)
	require.NoError(t, err)
	return inv
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

func read(t *testing.T, d devices.Device) devices.Reading {
	t.Helper()
	r, err := d.Read(t.Context())
	require.NoError(t, err)
	return r
}

func TestConformance(t *testing.T) {
	bare := mi325x(1, 29952, 128, 9895604649984)
	for name, m := range map[string]devices.Machine{
		"files and tool": machine(merge(bare, sensors("0000:75:00.0")), says(map[string]string{"amd-smi static": staticJSON, "amd-smi metric": metricJSON}), nil),
		"tool alone":     machine(bare, says(map[string]string{"amd-smi static": staticJSON, "amd-smi metric": metricJSON}), nil),
		"files alone":    machine(merge(bare, sensors("0000:75:00.0")), noTool, nil),
		"nothing":        machine(bare, nil, nil),
		"partitions":     machine(merge(bare, mi325x(2, 29952, 129, 9895604649984)), noTool, map[string]string{"HIP_VISIBLE_DEVICES": "1"}),
	} {
		t.Run(name, func(t *testing.T) { devicetest.TestBackend(t, New(), m) })
	}
	t.Run("this machine", func(t *testing.T) {
		devicetest.TestBackend(t, New(), devices.Machine{FS: os.DirFS("/"), Run: noTool, Getenv: os.Getenv})
	})
}

func TestMI325X(t *testing.T) {
	near := fstest.MapFS{pciBus + "/0000:75:00.0/numa_node": file("1\n")}
	inv := find(t, machine(merge(mi325x(1, 29952, 128, 9895604649984), sensors("0000:75:00.0"), near), says(map[string]string{"amd-smi static": staticJSON}), nil))
	require.Empty(t, inv.Problems)
	require.Len(t, inv.Devices, 1, "the CPU's node is no GPU")
	info := inv.Devices[0].Info()
	require.Equal(t, "amd:0", info.ID)
	require.Equal(t, "AMD Instinct MI325X", info.Name)
	require.Equal(t, "GPU-0000090000000000", info.UUID)
	require.Equal(t, uint64(274861129728), *info.MemoryBytes)
	require.Equal(t, 76, *info.Cores)
	require.Equal(t, 1307e12, info.Peak.Flops["bf16"])
	require.Equal(t, "gfx942", value(t, info, "instruction_set"))
	require.Equal(t, "0000:75:00.0", value(t, info, "pci_address"))
	require.Equal(t, 1000.0, value(t, info, "power_limit"))
	require.Equal(t, 1, value(t, info, "numa_node"))
	require.Nil(t, value(t, info, "partitions_of_the_gpu"))
	for _, d := range info.Details {
		require.NotContains(t, fmt.Sprint(d.Value), "0123456789ABCDEF", "a serial number")
	}
	r := read(t, inv.Devices[0])
	require.Equal(t, 142.0, *r.PowerWatts)
	require.Equal(t, "hwmon_power1_input", r.PowerSource)
	require.Equal(t, 41.0, *r.TemperatureC)
	require.Equal(t, 38.0, *r.MemoryTemperatureC)
	require.Equal(t, 2100.0, *r.ClockMHz)
	require.Equal(t, 1300.0, *r.MemoryClockMHz)
	require.Equal(t, 73.0, *r.UtilizationPercent)
	require.Equal(t, 11.0, *r.MemoryUtilizationPercent)
	require.Equal(t, uint64(0), *r.MemoryUsedBytes, "zero is a value")
	require.Equal(t, 5, *r.PCIeGeneration)
	require.Equal(t, 16, *r.PCIeWidth)
	require.Nil(t, r.EnergyJoules)
	require.Nil(t, r.Throttle)
}

func TestUnknownNameHasNoPeak(t *testing.T) {
	inv := find(t, machine(mi325x(1, 29952, 128, 0), noTool, nil))
	require.Contains(t, inv.Problems[0].Text, "neither amd-smi nor rocm-smi")
	info := inv.Devices[0].Info()
	require.Equal(t, "AMD GPU (gfx942)", info.Name)
	require.Nil(t, info.Peak)
	require.Empty(t, info.UUID)
}

func TestPartitionsHaveNoPeak(t *testing.T) {
	both := strings.Replace(staticJSON, `}}}]`, `}}},{"gpu":1,"asic":{"market_name":"AMD Instinct MI325X"},"bus":{"bdf":"0000:75:00.0"}}]`, 1)
	inv := find(t, machine(merge(mi325x(1, 29952, 128, 7), mi325x(2, 29952, 129, 7)), says(map[string]string{"amd-smi static": both}), nil))
	require.Len(t, inv.Devices, 2)
	for _, d := range inv.Devices {
		require.Equal(t, "AMD Instinct MI325X", d.Info().Name)
		require.Nil(t, d.Info().Peak)
		require.Equal(t, 2, value(t, d.Info(), "partitions_of_the_gpu"))
		require.Equal(t, "the whole GPU", d.Info().EnergyScope)
	}
}

func TestReadByTool(t *testing.T) {
	bare := mi325x(1, 29952, 128, 7)
	for name, c := range map[string]struct {
		metric   string
		watts    any
		throttle []string
	}{
		"array":                      {metricJSON, 142.0, []string{}},
		"object with gpu_data":       {`{"gpu_data":` + metricJSON + `}`, 142.0, []string{}},
		"after a warning":            {"WARNING: User is missing the following required groups: video\n" + metricJSON, 142.0, []string{}},
		"bare numbers":               {`[{"gpu":0,"power":{"socket_power":142}}]`, 142.0, nil},
		"numbers as texts":           {`[{"gpu":0,"power":{"socket_power":{"value":"142","unit":"W"},"throttle_status":"THROTTLED"}}]`, 142.0, []string{"untold-reason"}},
		"not available":              {`[{"gpu":0,"power":{"socket_power":"N/A","throttle_status":"N/A"}}]`, nil, nil},
		"value not available":        {`[{"gpu":0,"power":{"socket_power":{"value":"N/A","unit":"W"}}}]`, nil, nil},
		"another unit":               {`[{"gpu":0,"power":{"socket_power":{"value":142,"unit":"hp"}}}]`, nil, nil},
		"of another GPU":             {`[{"gpu":5,"power":{"socket_power":142}}]`, nil, nil},
		"no JSON":                    {"ERROR: no devices", nil, nil},
		"a negative power is no one": {`[{"gpu":0,"power":{"socket_power":-3}}]`, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			inv := find(t, machine(bare, says(map[string]string{"amd-smi static": staticJSON, "amd-smi metric": c.metric}), nil))
			r := read(t, inv.Devices[0])
			if c.watts == nil {
				require.Nil(t, r.PowerWatts)
			} else {
				require.Equal(t, c.watts, *r.PowerWatts)
				require.Equal(t, "amd_smi_socket_power", r.PowerSource)
			}
			require.Equal(t, c.throttle, r.Throttle)
		})
	}
}

func TestMetricOfAMDSMI(t *testing.T) {
	said, err := parseAMDSMI([]byte(metricJSON))
	require.NoError(t, err)
	r := said[0].reading
	require.Equal(t, 1234.5, *r.EnergyJoules)
	require.Equal(t, "amd_smi_energy_counter", r.EnergySource)
	require.Equal(t, 41.0, *r.TemperatureC, "the hot spot where there is no edge")
	require.Equal(t, uint64(283<<20), *r.MemoryUsedBytes)
	require.Equal(t, 1300.0, *r.MemoryClockMHz)
	require.Equal(t, 5.0, *r.MemoryUtilizationPercent)
}

const rocmJSON = `{"card0":{"Card Series":"AMD Instinct MI300X OAM","PCI Bus":"0000:75:00.0","Unique ID":"0xabc","GPU use (%)":"37","VRAM Total Memory (B)":"21458059264",
 "VRAM Total Used Memory (B)":"27856896","Average Graphics Package Power (W)":"22.0","Temperature (Sensor edge) (C)":"44.0"},"system":{"Driver version":"6.3.6"}}`

func TestROCmSMI(t *testing.T) {
	bare := mi325x(1, 29952, 128, 7)
	inv := find(t, machine(bare, says(map[string]string{"/opt/rocm/bin/rocm-smi --showallinfo --json": rocmJSON}), nil))
	require.Empty(t, inv.Problems)
	require.Len(t, inv.Devices, 1)
	require.Equal(t, "AMD Instinct MI300X OAM", inv.Devices[0].Info().Name)
	require.Equal(t, "rocm-smi", value(t, inv.Devices[0].Info(), "name_from"))
	r := read(t, inv.Devices[0])
	require.Equal(t, 22.0, *r.PowerWatts)
	require.Equal(t, 37.0, *r.UtilizationPercent)
	require.Equal(t, uint64(27856896), *r.MemoryUsedBytes)

	said, err := parseROCmSMI([]byte(strings.Replace(rocmJSON, "Average Graphics", "Current Socket Graphics", 1)))
	require.NoError(t, err)
	require.Equal(t, 22.0, *said[0].reading.PowerWatts, "under its other name")
}

func TestToolIsAskedOnceASecondForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		run := func(ctx context.Context, name string, args ...string) ([]byte, []byte, error) {
			calls++
			return says(map[string]string{"amd-smi static": staticJSON, "amd-smi metric": metricJSON})(ctx, name, args...)
		}
		inv := find(t, machine(merge(mi325x(1, 29952, 128, 7), mi325x(2, 30208, 129, 8)), run, nil))
		require.Equal(t, 1, calls)
		asked := time.Now()
		require.Equal(t, asked, read(t, inv.Devices[0]).Time)
		time.Sleep(toolAge / 2)
		require.Equal(t, asked, read(t, inv.Devices[0]).Time, "of the answer, whose energy is of then")
		read(t, inv.Devices[1])
		require.Equal(t, 2, calls)
		time.Sleep(toolAge)
		read(t, inv.Devices[0])
		require.Equal(t, 3, calls)
	})
}

func TestToolThatFails(t *testing.T) {
	run := func(_ context.Context, name string, _ ...string) ([]byte, []byte, error) {
		if name != "amd-smi" {
			t.Errorf("another tool is asked after one that is there: %s", name)
		}
		return nil, []byte("AMDSMI_STATUS_DRIVER_NOT_LOADED\nmore"), errors.New("exit status 1")
	}
	inv := find(t, machine(mi325x(1, 29952, 128, 7), run, nil))
	require.Contains(t, inv.Problems[0].Text, "exit status 1: AMDSMI_STATUS_DRIVER_NOT_LOADED")
	require.NotContains(t, inv.Problems[0].Text, "more")
	require.Len(t, inv.Devices, 1)
	require.Nil(t, read(t, inv.Devices[0]).PowerWatts)
}

func TestAbsence(t *testing.T) {
	bus := fstest.MapFS{pciBus + "/0000:75:00.0/vendor": file("0x1002\n"), pciBus + "/0000:75:00.0/class": file("0x038000\n")}
	noNode := mi325x(1, 29952, 128, 7)
	delete(noNode, "dev/kfd")
	for _, c := range []struct {
		name, absent, text, remedy string
		root                       fs.FS
	}{
		{"no file system", "no AMD GPU", "", "", nil},
		{"empty", "no AMD GPU", "", "", fstest.MapFS{}},
		{"only a CPU's node", "none in /sys/class/kfd", "", "", fstest.MapFS{nodesFolder + "/0/properties": file("simd_count 0\n")}},
		{"audio of AMD", "no AMD GPU", "", "", fstest.MapFS{pciBus + "/0000:75:00.1/vendor": file("0x1002\n"), pciBus + "/0000:75:00.1/class": file("0x040300\n")}},
		{"no driver", "", "(0000:75:00.0), no driver loaded", "modprobe amdgpu", bus},
		{"a driver that does not compute", "", "amdgpu is loaded", "dmesg", merge(bus, fstest.MapFS{"sys/module/amdgpu/refcnt": file("0\n")})},
		{"a container without the nodes", "", "serves 1 GPUs", "--device /dev/kfd", noNode},
	} {
		t.Run(c.name, func(t *testing.T) {
			inv, err := New().Find(t.Context(), devices.Machine{FS: c.root})
			require.Empty(t, inv.Devices)
			if c.absent != "" {
				require.ErrorIs(t, err, devices.ErrAbsent)
				require.ErrorContains(t, err, c.absent)
				return
			}
			require.NoError(t, err)
			require.Contains(t, inv.Problems[0].Text, c.text)
			require.Contains(t, inv.Problems[0].Remedy, c.remedy)
		})
	}
}

func TestHidden(t *testing.T) {
	root := merge(mi325x(1, 29952, 128, 0xa1), mi325x(2, 30208, 129, 0xa2), mi325x(3, 30464, 130, 0xb3))
	for _, c := range []struct {
		name   string
		env    map[string]string
		hidden []string // the variable that hides each
	}{
		{"none", nil, []string{"", "", ""}},
		{"one by index", map[string]string{envHIP: "1"}, []string{envHIP, "", envHIP}},
		{"HIP counts what ROCr leaves, in its order", map[string]string{envROCr: "2,1", envHIP: "0"}, []string{envROCr, envHIP, ""}},
		{"by UUID", map[string]string{envROCr: "GPU-00000000000000a2"}, []string{envROCr, "", envROCr}},
		{"empty", map[string]string{envROCr: ""}, []string{envROCr, envROCr, envROCr}},
	} {
		t.Run(c.name, func(t *testing.T) {
			inv := find(t, machine(root, noTool, c.env))
			for i, want := range c.hidden {
				got := inv.Devices[i].Info().Hidden
				require.Equal(t, want != "", got != "", "%d: %q", i, got)
				require.Contains(t, got, want)
			}
		})
	}
}

func FuzzProperties(f *testing.F) {
	f.Add("simd_count 304\nlocation_id 29952\n", "heap_type 1\nsize_in_bytes 18446744073709551615\n")
	f.Fuzz(func(t *testing.T, props, bank string) {
		at := nodesFolder + "/1"
		inv, err := New().Find(context.Background(), devices.Machine{FS: fstest.MapFS{at + "/properties": file(props),
			at + "/mem_banks/0/properties": file(bank), "dev/kfd": file(""), "dev/dri/renderD128": file("")}})
		if err != nil && !errors.Is(err, devices.ErrAbsent) {
			t.Fatal(err)
		}
		for _, d := range inv.Devices {
			if i := d.Info(); i.Cores != nil && *i.Cores <= 0 || i.MemoryBytes != nil && *i.MemoryBytes == 0 {
				t.Fatalf("%+v", i)
			}
		}
	})
}

func FuzzTools(f *testing.F) {
	for _, seed := range []string{staticJSON, metricJSON, rocmJSON, `{"gpu_data":[{}]}`, "WARNING\n[{}]", `{"card0":{"GPU use (%)":"1e999"}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, out []byte) {
		for _, parse := range []func([]byte) ([]answer, error){parseAMDSMI, parseROCmSMI} {
			said, err := parse(out)
			if err != nil {
				continue
			}
			for _, a := range said {
				if p := a.reading.UtilizationPercent; p != nil && (*p < 0 || *p > 100) {
					t.Fatalf("%v %%", *p)
				}
				if a.memory != nil && *a.memory == 0 {
					t.Fatal("memory of 0 bytes is unknown")
				}
			}
		}
	})
}

func FuzzSensors(f *testing.F) {
	f.Add("142000000", "41000", "junction", "32.0 GT/s PCIe")
	f.Fuzz(func(t *testing.T, power, temp, label, speed string) {
		at := pciBus + "/0000:75:00.0"
		var r devices.Reading
		readSensors(fstest.MapFS{at + "/hwmon/hwmon0/power1_average": file(power), at + "/hwmon/hwmon0/temp1_input": file(temp),
			at + "/hwmon/hwmon0/temp1_label": file(label), at + "/current_link_speed": file(speed)}, at, &r)
		if r.PowerWatts != nil && *r.PowerWatts < 0 || r.TemperatureC != nil && (*r.TemperatureC < -100 || *r.TemperatureC > 1000) {
			t.Fatalf("%+v", r)
		}
	})
}
