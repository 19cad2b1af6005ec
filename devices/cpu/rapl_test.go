package cpu_test

import (
	"strconv"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/devices"
)

func TestMemoryEnergyIsApart(t *testing.T) {
	fsys := rapl("1000000", "1000000")
	dev := find(t, fsys)
	r, err := dev.Read(t.Context())
	require.NoError(t, err)
	require.Nil(t, r.DRAMEnergyJoules, "not every processor has the counter")
	require.Equal(t, "rapl_counter", r.EnergySource)
	require.Equal(t, "CPU package", dev.Info().EnergyScope)

	set := func(file, text string) { fsys["sys/class/powercap/"+file] = &fstest.MapFile{Data: []byte(text + "\n")} }
	for _, socket := range []string{"0", "1"} {
		set("intel-rapl:"+socket+":1/name", "dram")
		set("intel-rapl:"+socket+":1/max_energy_range_uj", "5000000")
		set("intel-rapl:"+socket+":1/energy_uj", "4000000")
	}
	set("intel-rapl:0:2/name", "uncore")
	set("intel-rapl:0:2/energy_uj", "4000000")
	dev = find(t, fsys)
	_, err = dev.Read(t.Context())
	require.NoError(t, err)
	set("intel-rapl:0:1/energy_uj", "1000000") // passed its range of 5 J
	set("intel-rapl:1:1/energy_uj", "4500000")
	r, err = dev.Read(t.Context())
	require.NoError(t, err)
	require.InDelta(t, 2.5, *r.DRAMEnergyJoules, 1e-9)
	require.Zero(t, *r.EnergyJoules, "no part of the packages'")
}

func TestPowerAlone(t *testing.T) {
	fsys := rapl("1000000", "1000000")
	dev := find(t, fsys)
	meter := dev.(devices.Meter)
	_, err := meter.ReadPower(t.Context())
	require.NoError(t, err)
	setEnergy(fsys, "1500000", "1000000")
	r, err := meter.ReadPower(t.Context())
	require.NoError(t, err)
	require.InDelta(t, 0.5, *r.EnergyJoules, 1e-9)
	require.Nil(t, r.PowerWatts)
	require.Nil(t, r.MemoryUsedBytes)
	require.NoError(t, dev.Close())
	_, err = meter.ReadPower(t.Context())
	require.ErrorContains(t, err, "closed")
}

func TestUnmeteredSaysWhy(t *testing.T) {
	info := find(t, forbidden{rapl("1", "1")}).Info()
	require.Equal(t, "no energy of the CPU: only root may read energy_uj; run as root or allow it with chmod", info.Unmetered)
	require.Empty(t, info.EnergyScope)
}

// Whatever the counters do, as long as each is read before it comes round again the sum of what they took is told.
func TestWrapProperty(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		const wrap = 10_000_000 // of rapl's zones
		at := []uint64{rapid.Uint64Range(0, wrap-1).Draw(rt, "a"), rapid.Uint64Range(0, wrap-1).Draw(rt, "b")}
		show := func() []string { return []string{strconv.FormatUint(at[0], 10), strconv.FormatUint(at[1], 10)} }
		fsys := rapl(show()...)
		dev := find(t, fsys)
		_, err := dev.Read(t.Context())
		require.NoError(rt, err)
		took := uint64(0)
		for range rapid.IntRange(1, 20).Draw(rt, "reads") {
			for i := range at {
				step := rapid.Uint64Range(0, wrap-1).Draw(rt, "step")
				took += step
				at[i] = (at[i] + step) % wrap
			}
			setEnergy(fsys, show()...)
			r, err := dev.Read(t.Context())
			require.NoError(rt, err)
			require.InDelta(rt, float64(took)/1e6, *r.EnergyJoules, 1e-6)
		}
	})
}
