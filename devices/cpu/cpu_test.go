package cpu_test

import (
	"context"
	"io/fs"
	"maps"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/cpu"
	"github.com/accelbench/accelbench/devices/devicetest"
)

// tree makes a file system of texts.
func tree(files map[string]string) fstest.MapFS {
	t := fstest.MapFS{}
	for name, text := range files {
		t[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o444}
	}
	return t
}

func with(base map[string]string, more map[string]string) map[string]string {
	out := maps.Clone(base)
	maps.Copy(out, more)
	return out
}

// xeon is a server with two sockets of one core with two threads each, in a cgroup v2 of half a gigabyte and 1.5 CPUs.
var xeon = map[string]string{
	"proc/cpuinfo":                                 xeonCPUInfo,
	"proc/meminfo":                                 "MemTotal:  1048576 kB\nMemFree: 1 kB\nMemAvailable:  786432 kB\n",
	"proc/self/status":                             "Name:\tx\nCpus_allowed:\t7\nCpus_allowed_list:\t0-2\n",
	"proc/self/cgroup":                             "0::/pod/box\n",
	"sys/fs/cgroup/cgroup.controllers":             "cpu memory\n",
	"sys/fs/cgroup/pod/cpu.max":                    "150000 100000\n",
	"sys/fs/cgroup/pod/cpu.stat":                   "usage_usec 5\nnr_throttled 3\nthrottled_usec 2500000\n",
	"sys/fs/cgroup/pod/memory.max":                 "536870912\n",
	"sys/fs/cgroup/pod/box/cpu.max":                "max 100000\n",
	"sys/fs/cgroup/pod/box/cpu.stat":               "usage_usec 5\nnr_throttled 0\nthrottled_usec 0\n",
	"sys/fs/cgroup/pod/box/memory.max":             "max\n",
	"sys/devices/system/cpu/online":                "0-3\n",
	"sys/devices/system/cpu/smt/active":            "1\n",
	"sys/devices/system/cpu/intel_pstate/no_turbo": "1\n",
	"sys/devices/system/node/node0/cpulist":        "0,2\n",
	"sys/devices/system/node/node1/cpulist":        "1,3\n",
	"sys/devices/system/node/has_cpu":              "0-1\n",
	"proc/stat":                                    "cpu  100 0 100 1000 0 0 0 40\ncpu0 25 0 25 250 0 0 0 10\ncpu1 25 0 25 250 0 0 0 10\ncpu2 25 0 25 250 0 0 0 10\ncpu3 25 0 25 250 0 0 0 10\n",
}

const xeonCPUInfo = `processor	: 0
vendor_id	: GenuineIntel
model name	: Intel(R) Xeon(R) Platinum 8488C
microcode	: 0x2b0001b0
cpu MHz		: 2400.000
physical id	: 0
core id		: 0
flags		: fpu sse4_2 avx avx2 fma f16c avx512f avx512bw avx512dq avx512vl avx512_vnni avx512_bf16 amx_tile amx_int8 amx_bf16 sme
processor	: 1
cpu MHz		: 2400.000
physical id	: 1
core id		: 0
`

func xeonTopology() map[string]string {
	files := map[string]string{}
	siblings := []string{"0,2", "1,3", "0,2", "1,3"}
	for i, s := range siblings {
		base := "sys/devices/system/cpu/cpu" + string(rune('0'+i)) + "/"
		files[base+"topology/physical_package_id"] = string(rune('0' + i%2))
		files[base+"topology/thread_siblings_list"] = s + "\n"
		files[base+"cpufreq/scaling_governor"] = "performance\n"
		files[base+"cpufreq/scaling_cur_freq"] = []string{"3000000\n", "3200000\n", "3400000\n", "100\n"}[i]
		files[base+"cpufreq/cpuinfo_max_freq"] = "3800000\n"
		files[base+"cache/index0/level"] = "1\n"
		files[base+"cache/index0/type"] = "Data\n"
		files[base+"cache/index0/size"] = "48K\n"
		files[base+"cache/index0/shared_cpu_list"] = s
		files[base+"cache/index1/level"] = "1\n"
		files[base+"cache/index1/type"] = "Instruction\n"
		files[base+"cache/index1/size"] = "32K\n"
		files[base+"cache/index1/shared_cpu_list"] = s
		files[base+"cache/index2/level"] = "3\n"
		files[base+"cache/index2/type"] = "Unified\n"
		files[base+"cache/index2/size"] = "105M\n"
		files[base+"cache/index2/shared_cpu_list"] = s
	}
	return files
}

func find(t *testing.T, fsys fs.FS) devices.Device {
	t.Helper()
	inv, err := cpu.Backend{}.Find(t.Context(), devices.Machine{FS: fsys})
	require.NoError(t, err)
	require.Len(t, inv.Devices, 1)
	require.Empty(t, inv.Problems)
	return inv.Devices[0]
}

func details(info devices.Info) map[string]any {
	m := map[string]any{}
	for _, d := range info.Details {
		m[d.Name] = d.Value
	}
	return m
}

func TestFactsOfAServer(t *testing.T) {
	info := find(t, tree(with(xeon, xeonTopology()))).Info()
	require.Equal(t, "cpu", info.ID)
	require.Equal(t, "cpu", info.Backend)
	require.Equal(t, "Intel(R) Xeon(R) Platinum 8488C", info.Name)
	require.Equal(t, uint64(512<<20), *info.MemoryBytes, "the cgroup allows less than the machine has")
	require.Equal(t, 3, *info.Cores)
	require.Equal(t, map[string]any{
		"vendor": "GenuineIntel", "sockets": 2, "physical_cores": 2, "threads_per_core": 2, "logical_cpus": 4,
		"usable_cpus": 3, "smt": true, "numa_nodes": 2,
		"simd":      "SSE4.2 AVX F16C FMA AVX2 AVX512F AVX512BW AVX512DQ AVX512VL AVX512VNNI AVX512BF16 AMX-TILE AMX-INT8 AMX-BF16",
		"l1d_cache": uint64(48 << 10), "l1d_cache_instances": 2, "l3_cache": uint64(105 << 20), "l3_cache_instances": 2,
		"nominal_clock": nil, "max_clock": 3800.0, "clock_source": "cpufreq", "governor": "performance", "turbo": false,
		"microcode": "0x2b0001b0", "hypervisor": false, "memory_total": uint64(1 << 30), "memory_available": uint64(768 << 20),
		"cgroup_cpus": 1.5, "cgroup_memory": uint64(512 << 20),
		"cpu_energy": "unavailable (no powercap in the kernel; virtual machines rarely have it)",
	}, details(info))
}

func TestFactsOfAVirtualMachineWithoutTopology(t *testing.T) {
	info := find(t, tree(map[string]string{
		"proc/cpuinfo": "processor : 0\nvendor_id : AuthenticAMD\nmodel name : AMD EPYC\ncpu MHz : 2596.142\nphysical id : 0\ncore id : 0\nflags : fpu avx2 fma hypervisor\n",
		"proc/meminfo": "MemTotal: 2048 kB\n",
	})).Info()
	d := details(info)
	require.Equal(t, 1, *info.Cores)
	require.Equal(t, 1, d["sockets"])
	require.Equal(t, 1, d["physical_cores"])
	require.Nil(t, d["threads_per_core"])
	require.Equal(t, true, d["hypervisor"])
	require.Equal(t, 2596.142, d["nominal_clock"], "what the kernel prints without aperfmperf is nominal")
	require.Nil(t, d["clock_source"])
	require.Equal(t, uint64(2048<<10), *info.MemoryBytes)
}

func TestFactsOfArm(t *testing.T) {
	for _, tc := range []struct{ implementer, part, name string }{
		{"0x41", "0xd0c", "ARM Neoverse-N1"},
		{"0x41", "0xd4f", "ARM Neoverse-V2"},
		{"0x46", "0x001", "Fujitsu A64FX"},
		{"0x41", "0xfff", "ARM part 0xfff"},
		{"0x99", "0x001", "implementer 0x99 part 0x001"},
	} {
		info := find(t, tree(map[string]string{
			"proc/cpuinfo": "processor : 0\nBogoMIPS : 243.75\nFeatures : fp asimd asimddp sve i8mm bf16\nCPU implementer : " +
				tc.implementer + "\nCPU part : " + tc.part + "\n",
		})).Info()
		require.Equal(t, tc.name, info.Name)
		require.Equal(t, "ASIMD ASIMDDP I8MM BF16 SVE", details(info)["simd"])
		require.Nil(t, details(info)["hypervisor"], "arm64 has no such flag")
	}
}

func TestNothingIsKnownOfAnEmptyTree(t *testing.T) {
	for _, fsys := range []fs.FS{fstest.MapFS{}, nil} {
		dev := find(t, fsys)
		require.Equal(t, "CPU of unknown model", dev.Info().Name)
		require.Nil(t, dev.Info().Cores)
		require.Nil(t, dev.Info().MemoryBytes)
		r, err := dev.Read(t.Context())
		require.NoError(t, err)
		require.False(t, r.Time.IsZero())
		r.Time = devices.Reading{}.Time
		require.Equal(t, devices.Reading{}, r)
	}
}

func TestTheProcessorAnswersWhereFilesAreSilent(t *testing.T) {
	ask := func() cpu.Silicon { return cpu.Silicon{Model: "M9", Flags: []string{"asimd"}, CPUs: 7} }
	inv, err := cpu.Backend{Ask: ask}.Find(t.Context(), devices.Machine{})
	require.NoError(t, err)
	info := inv.Devices[0].Info()
	require.Equal(t, "M9", info.Name)
	require.Equal(t, 7, *info.Cores)
	require.Equal(t, "ASIMD", details(info)["simd"])

	inv, err = cpu.Backend{Ask: ask}.Find(t.Context(), devices.Machine{FS: tree(xeon)})
	require.NoError(t, err)
	require.Contains(t, inv.Devices[0].Info().Name, "Xeon", "files win")
}

func TestAskProcessor(t *testing.T) {
	require.Positive(t, cpu.AskProcessor().CPUs)
}

func TestReadings(t *testing.T) {
	fsys := tree(with(xeon, with(xeonTopology(), map[string]string{
		"sys/class/hwmon/hwmon0/name":                                      "nvme\n",
		"sys/class/hwmon/hwmon0/temp1_input":                               "99000\n",
		"sys/class/hwmon/hwmon1/name":                                      "coretemp\n",
		"sys/class/hwmon/hwmon1/temp1_input":                               "51500\n",
		"sys/class/hwmon/hwmon1/temp1_label":                               "Package id 0\n",
		"sys/class/hwmon/hwmon1/temp2_input":                               "70000\n",
		"sys/class/hwmon/hwmon1/temp2_label":                               "Core 0\n",
		"sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count": "4\n",
	})))
	dev := find(t, fsys)
	r, err := dev.Read(t.Context())
	require.NoError(t, err)
	require.Nil(t, r.UtilizationPercent, "one sample gives no share")
	require.Equal(t, 0.3, round(*r.CPUStealSeconds), "of the three CPUs that this process may use")
	require.Equal(t, 2.5, *r.CPUThrottledSeconds)
	require.Equal(t, 3200.0, *r.ClockMHz, "the mean of the usable CPUs")
	require.Equal(t, 51.5, *r.TemperatureC)
	require.Equal(t, uint64(256<<20), *r.MemoryUsedBytes)
	require.Equal(t, []string{}, r.Throttle)
	require.Nil(t, r.EnergyJoules)
	require.Nil(t, r.PowerWatts)

	fsys["proc/stat"].Data = []byte("cpu  1 1 1 1\ncpu0 50 0 25 250 25 0 0 10\ncpu1 25 0 25 300 0 0 0 10\ncpu2 50 0 50 250 0 0 0 10\n")
	fsys["sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count"].Data = []byte("5\n")
	r, err = dev.Read(t.Context())
	require.NoError(t, err)
	require.InDelta(t, 100*75.0/150, *r.UtilizationPercent, 1e-9)
	require.Equal(t, []string{"thermal"}, r.Throttle)
}

func TestNominalClockIsNoReading(t *testing.T) {
	dev := find(t, tree(xeon))
	r, err := dev.Read(t.Context())
	require.NoError(t, err)
	require.Nil(t, r.ClockMHz)
	require.Equal(t, 2400.0, details(dev.Info())["nominal_clock"])

	measured := strings.ReplaceAll(xeonCPUInfo, "fpu", "fpu aperfmperf")
	dev = find(t, tree(with(xeon, map[string]string{"proc/cpuinfo": measured})))
	r, err = dev.Read(t.Context())
	require.NoError(t, err)
	require.Equal(t, 2400.0, *r.ClockMHz)
}

func rapl(values ...string) fstest.MapFS {
	fsys := tree(map[string]string{
		"sys/class/powercap/intel-rapl/enabled":               "1\n",
		"sys/class/powercap/intel-rapl:2/name":                "psys\n",
		"sys/class/powercap/intel-rapl:2/energy_uj":           "77000000\n",
		"sys/class/powercap/intel-rapl:0:0/name":              "package-9\n",
		"sys/class/powercap/intel-rapl:0:0/energy_uj":         "77000000\n",
		"sys/class/powercap/intel-rapl-mmio:0/name":           "package-0\n",
		"sys/class/powercap/intel-rapl-mmio:0/energy_uj":      "77000000\n",
		"sys/class/powercap/intel-rapl:0/name":                "package-0\n",
		"sys/class/powercap/intel-rapl:0/max_energy_range_uj": "10000000\n",
		"sys/class/powercap/intel-rapl:1/name":                "package-1\n",
		"sys/class/powercap/intel-rapl:1/max_energy_range_uj": "10000000\n",
	})
	setEnergy(fsys, values...)
	return fsys
}

func setEnergy(fsys fstest.MapFS, values ...string) {
	for i, v := range values {
		fsys["sys/class/powercap/intel-rapl:"+string(rune('0'+i))+"/energy_uj"] = &fstest.MapFile{Data: []byte(v + "\n")}
	}
}

func TestEnergySumsPackagesAndWraps(t *testing.T) {
	fsys := rapl("1000000", "9000000")
	dev := find(t, fsys)
	require.Equal(t, "available", details(dev.Info())["cpu_energy"])
	for _, step := range []struct {
		a, b string
		want float64
	}{
		{"1000000", "9000000", 0},
		{"2500000", "9500000", 2},
		{"2500000", "500000", 3}, // package 1 passed its range of 10 J
		{"1500000", "500000", 12},
	} {
		setEnergy(fsys, step.a, step.b)
		r, err := dev.Read(t.Context())
		require.NoError(t, err)
		require.InDelta(t, step.want, *r.EnergyJoules, 1e-9)
	}
	fsys["sys/class/powercap/intel-rapl:1/energy_uj"].Data = []byte("?")
	r, err := dev.Read(t.Context())
	require.NoError(t, err)
	require.Nil(t, r.EnergyJoules, "half a sum is no sum")
	setEnergy(fsys, "2500000", "1500000")
	r, err = dev.Read(t.Context())
	require.NoError(t, err)
	require.InDelta(t, 14, *r.EnergyJoules, 1e-9)
}

func TestEnergyUnavailableSaysWhy(t *testing.T) {
	noRange := rapl("1", "1")
	delete(noRange, "sys/class/powercap/intel-rapl:0/max_energy_range_uj")
	gone := rapl("1", "1")
	delete(gone, "sys/class/powercap/intel-rapl:1/energy_uj")
	for want, fsys := range map[string]fs.FS{
		"no RAPL package zone":                                             tree(map[string]string{"sys/class/powercap/x/name": "package-0"}),
		"the counter of package-0 has no range":                            noRange,
		"the counter of package-1 cannot be read":                          gone,
		"only root may read energy_uj; run as root or allow it with chmod": forbidden{rapl("1", "1")},
	} {
		dev := find(t, fsys)
		require.Equal(t, "unavailable ("+want+")", details(dev.Info())["cpu_energy"])
		r, err := dev.Read(t.Context())
		require.NoError(t, err)
		require.Nil(t, r.EnergyJoules)
	}
}

// forbidden denies the energy counters as the kernel does to all but root.
type forbidden struct{ fstest.MapFS }

func (f forbidden) Open(name string) (fs.File, error) {
	if strings.HasSuffix(name, "energy_uj") && !strings.Contains(name, "max_") {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return f.MapFS.Open(name)
}

func (f forbidden) ReadFile(name string) ([]byte, error) {
	if file, err := f.Open(name); err != nil {
		return nil, err
	} else if err := file.Close(); err != nil {
		return nil, err
	}
	return f.MapFS.ReadFile(name)
}

func TestContextAndClose(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := cpu.New().Find(ctx, devices.Machine{FS: tree(xeon)})
	require.ErrorIs(t, err, context.Canceled)
	dev := find(t, tree(xeon))
	_, err = dev.Read(ctx)
	require.ErrorIs(t, err, context.Canceled)
	require.NoError(t, dev.Close())
	require.NoError(t, dev.Close())
	_, err = dev.Read(t.Context())
	require.ErrorContains(t, err, "closed")
}

func TestConformance(t *testing.T) {
	for _, fsys := range []fs.FS{os.DirFS("/"), tree(with(xeon, xeonTopology())), rapl("1", "2"), nil} {
		devicetest.TestBackend(t, cpu.Backend{}, devices.Machine{FS: fsys})
		devicetest.TestBackend(t, cpu.New(), devices.Machine{FS: fsys})
	}
}

func TestThisMachine(t *testing.T) {
	inv, err := cpu.New().Find(t.Context(), devices.Machine{FS: os.DirFS("/")})
	require.NoError(t, err)
	info := inv.Devices[0].Info()
	require.Positive(t, *info.Cores)
	r, err := inv.Devices[0].Read(t.Context())
	require.NoError(t, err)
	t.Logf("%+v\n%+v", info, r)
}

func round(x float64) float64 { return float64(int(x*1e6+0.5)) / 1e6 }
