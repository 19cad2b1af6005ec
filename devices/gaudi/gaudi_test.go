package gaudi

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
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

const header = "index, module_id, bus_id, name, driver_version, memory.total [MiB], memory.used [MiB], memory.free [MiB], utilization.aip [%], power.draw [W], temperature.aip [C], clocks.current.soc [MHz], clocks.max.soc [MHz]\n"

const gaudi2 = header +
	"0, 2, 0000:19:00.0, HL-225, 1.15.0-a596ef0, 98304 MiB, 768 MiB, 97536 MiB, 0 %, 103 W, 27 C, 1650 MHz, 1650 MHz\n" +
	"1, 3, 0000:1a:00.0, HL-225, 1.15.0-a596ef0, 98304 MiB, 0 MiB, 98304 MiB, 55 %, N/A, 28 C, 1650 MHz, 1650 MHz\n"

func file(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

func host(id string, n int) fstest.MapFS {
	root := fstest.MapFS{}
	for i := range n {
		at := fmt.Sprintf("%s/0000:%02x:00.0", pciBus, 0x19+i)
		root[at+"/vendor"], root[at+"/device"] = file("0x1da3\n"), file(id+"\n")
		root[fmt.Sprintf("dev/accel/accel%d", i)] = file("")
		root[fmt.Sprintf("dev/accel/accel_controlD%d", i)] = file("")
		root[fmt.Sprintf("sys/class/accel/accel%d/device/vendor", i)] = file("0x1da3\n")
	}
	return root
}

func says(out string) devices.Runner {
	return func(ctx context.Context, name string, args ...string) ([]byte, []byte, error) {
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		if name != "hl-smi" || strings.Contains(strings.Join(args, " "), "serial") {
			return nil, nil, fmt.Errorf("unexpected command %s %v", name, args)
		}
		return []byte(out), nil, nil
	}
}

func noTool(_ context.Context, name string, _ ...string) ([]byte, []byte, error) {
	return nil, nil, &exec.Error{Name: name, Err: exec.ErrNotFound}
}

func TestConformance(t *testing.T) {
	for name, m := range map[string]devices.Machine{
		"tool":       {FS: host("0x1020", 2), Run: says(gaudi2)},
		"no tool":    {FS: host("0x1060", 8), Run: noTool},
		"nothing":    {FS: host("0x1000", 1)},
		"unknown id": {FS: host("0x1080", 1), Run: says(header + "0, , , HL-999, , , , , , , , , \n")},
	} {
		t.Run(name, func(t *testing.T) { devicetest.TestBackend(t, New(), m) })
	}
	t.Run("this machine", func(t *testing.T) {
		devicetest.TestBackend(t, New(), devices.Machine{FS: os.DirFS("/"), Run: noTool})
	})
}

func TestGaudi2(t *testing.T) {
	inv, err := New().Find(t.Context(), devices.Machine{FS: host("0x1020", 2), Run: says(gaudi2)})
	require.NoError(t, err)
	require.Empty(t, inv.Problems)
	require.Len(t, inv.Devices, 2)
	info := inv.Devices[0].Info()
	require.Equal(t, "gaudi:0", info.ID)
	require.Equal(t, "HL-225", info.Name)
	require.Equal(t, "1.15.0-a596ef0", info.Driver)
	require.Equal(t, uint64(98304<<20), *info.MemoryBytes)
	require.Equal(t, 432e12, info.Peak.Flops["bf16"])
	require.Equal(t, []devices.Detail{{Name: "generation", Value: "Gaudi2", Source: "pci"}, {Name: "pci_address", Value: "0000:19:00.0", Source: "hl-smi"},
		{Name: "module", Value: 2, Source: "hl-smi"}, {Name: "max_clock", Value: 1650.0, Unit: "MHz", Source: "hl-smi"}}, info.Details)
	r, err := inv.Devices[0].Read(t.Context())
	require.NoError(t, err)
	require.Equal(t, 103.0, *r.PowerWatts)
	require.Equal(t, "hl_smi_power_draw", r.PowerSource)
	require.Equal(t, 27.0, *r.TemperatureC)
	require.Equal(t, 0.0, *r.UtilizationPercent, "zero is a value")
	require.Equal(t, uint64(768<<20), *r.MemoryUsedBytes)
	require.Equal(t, 1650.0, *r.ClockMHz)
	r, err = inv.Devices[1].Read(t.Context())
	require.NoError(t, err)
	require.Nil(t, r.PowerWatts, "N/A")
	require.Empty(t, r.PowerSource)
	require.Equal(t, 55.0, *r.UtilizationPercent)
}

func TestWithoutTool(t *testing.T) {
	for name, c := range map[string]struct {
		run     devices.Runner
		problem string
	}{
		"not installed": {noTool, "hl-smi is not installed"},
		"fails": {func(context.Context, string, ...string) ([]byte, []byte, error) {
			return nil, []byte("no driver\n"), errors.New("exit status 1")
		}, "exit status 1: no driver"},
		"writes something else": {says("Usage: hl-smi\n"), "1 lines"},
	} {
		t.Run(name, func(t *testing.T) {
			inv, err := New().Find(t.Context(), devices.Machine{FS: host("0x1020", 2), Run: c.run})
			require.NoError(t, err)
			require.Contains(t, inv.Problems[0].Text, c.problem)
			require.Len(t, inv.Devices, 2)
			require.Equal(t, "Gaudi2", inv.Devices[1].Info().Name)
			require.Nil(t, inv.Devices[1].Info().Peak, "which card it is, only the tool tells")
			r, err := inv.Devices[1].Read(t.Context())
			require.NoError(t, err)
			require.Nil(t, r.PowerWatts)
		})
	}
}

func TestAbsence(t *testing.T) {
	npu := fstest.MapFS{"dev/accel/accel0": file(""), "sys/class/accel/accel0/device/vendor": file("0x8086\n")}
	for _, root := range []fs.FS{nil, fstest.MapFS{}, npu} {
		_, err := New().Find(t.Context(), devices.Machine{FS: root, Run: noTool})
		require.ErrorIs(t, err, devices.ErrAbsent)
	}
	bus := host("0x1020", 2)
	for name := range bus {
		if strings.HasPrefix(name, "dev/") {
			delete(bus, name)
		}
	}
	inv, err := New().Find(t.Context(), devices.Machine{FS: bus, Run: noTool})
	require.NoError(t, err)
	require.Contains(t, inv.Problems[0].Text, "2 x Gaudi on the PCI bus")
	require.Contains(t, inv.Problems[0].Remedy, "habanalabs")
}

func TestParse(t *testing.T) {
	rows, err := parse([]byte("index, name, temperature.aip [C], power.draw [W], memory.total [MiB]\n1, HL-325L, 40, 450, 131072\n0, HL-325L, bad, -1, 0\n"))
	require.NoError(t, err)
	require.Equal(t, 0, rows[0].index, "in the order of the numbers")
	require.Nil(t, rows[0].reading.TemperatureC)
	require.Nil(t, rows[0].reading.PowerWatts)
	require.Nil(t, rows[0].memory)
	require.Equal(t, 40.0, *rows[1].reading.TemperatureC, "the unit of the column")
	require.Equal(t, uint64(131072<<20), *rows[1].memory)
	for _, bad := range []string{"", header, "name\nHL-225\n", "index, name\n0, HL-225\n0, HL-225\n", "index, name\n0, N/A\n", "index, name\n-1, HL-225\n", "\"\n\n"} {
		_, err := parse([]byte(bad))
		require.ErrorContains(t, err, "hl-smi", bad)
	}
}

func TestToolIsAskedOnceASecondForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		run := func(ctx context.Context, name string, args ...string) ([]byte, []byte, error) {
			calls++
			return says(gaudi2)(ctx, name, args...)
		}
		inv, err := New().Find(t.Context(), devices.Machine{FS: host("0x1020", 2), Run: run})
		require.NoError(t, err)
		for range 3 {
			asked := time.Now()
			for _, d := range inv.Devices {
				r, err := d.Read(t.Context())
				require.NoError(t, err)
				require.Equal(t, asked, r.Time, "of the answer")
				time.Sleep(toolAge / 4)
			}
			time.Sleep(toolAge)
		}
		require.Equal(t, 1+3, calls)
	})
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(gaudi2))
	f.Add([]byte("index, name\n0, HL-225\n"))
	f.Fuzz(func(t *testing.T, out []byte) {
		rows, err := parse(out)
		if err != nil {
			return
		}
		for _, r := range rows {
			if r.name == "" || r.memory != nil && *r.memory == 0 || r.reading.UtilizationPercent != nil && *r.reading.UtilizationPercent > 100 {
				t.Fatalf("%+v", r)
			}
		}
	})
}
