package sysfiles_test

import (
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/devices/host/sysfiles"
)

func tree(files map[string]string) fstest.MapFS {
	t := fstest.MapFS{}
	for name, text := range files {
		t[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o444}
	}
	return t
}

func ptr[T any](v T) *T { return &v }

func TestCgroupLimits(t *testing.T) {
	const cpuset = "sys/fs/cgroup/cpuset/cpus"
	for name, tc := range map[string]struct {
		files     map[string]string
		cpu, mem  int
		cpus      *float64
		memory    *uint64
		throttled *float64
	}{
		"none": {files: map[string]string{"proc/self/cgroup": "0::/\n", cpuset: "0"}},
		"v2, the tightest level counts": {
			files: map[string]string{
				"proc/self/cgroup":                 "0::/a/b\n",
				"sys/fs/cgroup/cgroup.controllers": "cpu memory\n",
				"sys/fs/cgroup/a/cpu.max":          "200000 100000\n",
				"sys/fs/cgroup/a/memory.max":       "1000\n",
				"sys/fs/cgroup/a/cpu.stat":         "usage_usec 9\nthrottled_usec 1500000\n",
				"sys/fs/cgroup/a/b/cpu.max":        "300000 100000\n",
				"sys/fs/cgroup/a/b/memory.max":     "2000\n",
				"sys/fs/cgroup/a/b/cpu.stat":       "throttled_usec 500000\n",
			},
			cpu: 2, mem: 2, cpus: ptr(2.0), memory: ptr(uint64(1000)), throttled: ptr(2.0),
		},
		"v2 in a namespace without files of its path": {
			files: map[string]string{
				"proc/self/cgroup":         "0::/../../elsewhere\n",
				"sys/fs/cgroup/cpu.max":    "50000 100000\n",
				"sys/fs/cgroup/memory.max": "max\n",
			},
			cpu: 2, mem: 2, cpus: ptr(0.5),
		},
		"v1, unlimited": {
			files: map[string]string{
				"proc/self/cgroup":                             "4:memory:/x\n1:cpu:/\n0::/\n",
				"sys/fs/cgroup/cpu/cpu.cfs_quota_us":           "-1\n",
				"sys/fs/cgroup/cpu/cpu.cfs_period_us":          "100000\n",
				"sys/fs/cgroup/cpu/cpu.stat":                   "nr_periods 0\nnr_throttled 0\nthrottled_time 0\n",
				"sys/fs/cgroup/memory/memory.stat":             "cache 0\n",
				"sys/fs/cgroup/memory/memory.limit_in_bytes":   "9223372036854771712\n",
				"sys/fs/cgroup/memory/x/memory.limit_in_bytes": "9223372036854771712\n",
				"sys/fs/cgroup/unified/cgroup.controllers":     "\n",
				"sys/fs/cgroup/unified/cpu.stat":               "usage_usec 1\n",
			},
			cpu: 1, mem: 1, throttled: ptr(0.0),
		},
		"v1 in a container that sees the host's path": {
			files: map[string]string{
				"proc/self/cgroup":                            "3:cpu,cpuacct:/docker/0123\n2:memory:/docker/0123\n",
				"sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us":  "150000\n",
				"sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
				"sys/fs/cgroup/cpu,cpuacct/cpu.stat":          "throttled_time 2000000000\n",
				"sys/fs/cgroup/memory/memory.stat":            "cache 0\n",
				"sys/fs/cgroup/memory/memory.limit_in_bytes":  "4096\n",
			},
			cpu: 1, mem: 1, cpus: ptr(1.5), memory: ptr(uint64(4096)), throttled: ptr(2.0),
		},
		"v2 below unified": {
			files: map[string]string{
				"proc/self/cgroup":                         "0::/\n",
				"sys/fs/cgroup/unified/cgroup.controllers": "\n",
				"sys/fs/cgroup/unified/cpu.stat":           "usage_usec 1\n",
			},
			cpu: 2, mem: 2,
		},
	} {
		t.Run(name, func(t *testing.T) {
			fsys := tree(tc.files)
			c := sysfiles.ReadCgroup(fsys)
			require.Equal(t, tc.cpu, c.CPUVersion)
			require.Equal(t, tc.mem, c.MemoryVersion)
			require.Equal(t, tc.cpus, c.CPUs)
			require.Equal(t, tc.memory, c.MemoryBytes)
			require.Equal(t, tc.throttled, c.ThrottledSeconds(fsys))
		})
	}
}

func TestParseCPUList(t *testing.T) {
	for text, want := range map[string][]int{"": nil, "0": {0}, "0-2,8\n": {0, 1, 2, 8}, "5,3": {5, 3}} {
		got, err := sysfiles.ParseCPUList(text)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	for _, text := range []string{"a", "1-", "3-1", "-1", "0-99999999999", "0-70000", "1,,2"} {
		_, err := sysfiles.ParseCPUList(text)
		require.Error(t, err, text)
	}
}

func TestParseSizes(t *testing.T) {
	for text, want := range map[string]*uint64{
		"32K": ptr(uint64(32 << 10)), "2M": ptr(uint64(2 << 20)), "1G": ptr(uint64(1 << 30)), "64": ptr(uint64(64)),
		"": nil, "K": nil, "-1K": nil, "0K": nil, "1T": nil,
	} {
		require.Equal(t, want, sysfiles.ParseSize(text), text)
	}
}

func TestParseCPUMax(t *testing.T) {
	for text, want := range map[string]*float64{
		"max 100000": nil, "-1 100000": nil, "200000 100000": ptr(2.0), "1 0": nil, "0 0": nil, "nan 1": nil, "": nil, "5": nil, "-1 -1": nil,
	} {
		require.Equal(t, want, sysfiles.ParseCPUMax(text), text)
	}
}

func TestCachesOfTwoKindsOfCores(t *testing.T) {
	files := map[string]string{}
	for cpu, size := range map[string]string{"cpu0": "64K", "cpu1": "64K", "cpu2": "32K"} {
		base := "sys/devices/system/cpu/" + cpu + "/cache/index0/"
		files[base+"level"], files[base+"type"], files[base+"size"] = "1", "Data", size
	}
	require.Equal(t, []sysfiles.Cache{
		{Level: 1, Type: "Data", Bytes: 64 << 10, Instances: 2},
		{Level: 1, Type: "Data", Bytes: 32 << 10, Instances: 1},
	}, sysfiles.ReadCaches(tree(files), []int{0, 1, 2, 3}))
}

func TestGovernorTurboAndSMT(t *testing.T) {
	fsys := tree(map[string]string{
		"sys/devices/system/cpu/cpu0/cpufreq/scaling_governor": "performance\n",
		"sys/devices/system/cpu/cpu1/cpufreq/scaling_governor": "powersave\n",
		"sys/devices/system/cpu/cpufreq/boost":                 "1\n",
		"sys/devices/system/cpu/smt/active":                    "0\n",
	})
	require.Equal(t, "performance", sysfiles.Governor(fsys, []int{0, 7}))
	require.Equal(t, "mixed", sysfiles.Governor(fsys, []int{0, 1}))
	require.Empty(t, sysfiles.Governor(fsys, []int{7}))
	require.True(t, *sysfiles.Turbo(fsys))
	require.False(t, *sysfiles.SMT(fsys))
}

func TestStatOfAnOldKernelHasNoSteal(t *testing.T) {
	all, each := sysfiles.ParseStat([]byte("cpu  100 0 100 200 100\ncpu0 bad 0 0 0\nintr 5\n"))
	require.Equal(t, &sysfiles.CPUTimes{Busy: 2, Total: 5}, all)
	require.Empty(t, each)
	got := sysfiles.ReadCPUTimes(tree(map[string]string{"proc/stat": "cpu  100 0 100 200 100\n"}), []int{0})
	require.Equal(t, all, got, "the machine's sum where a CPU has no line")
}

// TestStatSums: whatever the counters, the parts add up.
func TestStatSums(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ticks := rapid.SliceOfN(rapid.Uint32(), 8, 8).Draw(t, "ticks")
		line := "cpu "
		for _, n := range ticks {
			line += " " + uitoa(n)
		}
		all, _ := sysfiles.ParseStat([]byte(line + " 77 77\n"))
		var sum float64
		for _, n := range ticks {
			sum += float64(n)
		}
		require.InDelta(t, sum/100, all.Total, 1e-3)
		require.InDelta(t, float64(ticks[7])/100, *all.Steal, 1e-3)
		require.InDelta(t, all.Total-all.Busy, (float64(ticks[3])+float64(ticks[4])+float64(ticks[7]))/100, 1e-3)
	})
}

func uitoa(n uint32) string {
	digits := []byte{}
	for {
		digits = append([]byte{byte('0' + n%10)}, digits...)
		if n /= 10; n == 0 {
			return string(digits)
		}
	}
}

func TestReadThreads(t *testing.T) {
	const task = "proc/self/task/"
	for name, tc := range map[string]struct {
		files map[string]string
		want  map[int]sysfiles.Scheduling
	}{
		"two threads, and what is none": {
			map[string]string{task + "7/schedstat": "5000000 3000 12\n", task + "9/schedstat": "0 70 1\n", task + "x/schedstat": "1 1 1"},
			map[int]sysfiles.Scheduling{7: {Ran: 5 * time.Millisecond, Waited: 3 * time.Microsecond}, 9: {Waited: 70}},
		},
		"a thread that ended meanwhile": {
			map[string]string{task + "7/schedstat": "1 2 3", task + "9/comm": "x"}, map[int]sysfiles.Scheduling{7: {Ran: 1, Waited: 2}},
		},
		"a kernel that does not account": {map[string]string{task + "7/schedstat": "0 0 0\n", task + "9/schedstat": "0 0 0\n"}, nil},
		"a kernel without the files":     {map[string]string{task + "7/comm": "x"}, nil},
		"no /proc":                       {nil, nil},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, tc.want, sysfiles.ReadThreads(tree(tc.files))) })
	}
	require.Nil(t, sysfiles.ReadThreads(nil))
}

func TestMeminfoHasSwap(t *testing.T) {
	m := sysfiles.ParseMeminfo([]byte("MemTotal: 4 kB\nSwapTotal:  2048 kB\nSwapFree: 1024 kB\n"))
	require.Equal(t, sysfiles.Memory{Total: ptr(uint64(4096)), SwapTotal: ptr(uint64(2 << 20)), SwapFree: ptr(uint64(1 << 20))}, m)
}
