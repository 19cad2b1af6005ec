package bench

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/host"
	"github.com/accelbench/accelbench/devices/host/sysfiles"
)

func files(pairs ...string) fstest.MapFS {
	t := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		t[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1] + "\n")}
	}
	return t
}

func cpuTimes(busy, total float64, steal *float64) Counters {
	return Counters{CPU: &sysfiles.CPUTimes{Busy: busy, Total: total, Steal: steal}}
}

// onCPU is the CPU with an engine of that many threads.
func onCPU(threads int) []Inventory {
	return []Inventory{{Backend: "cpu", Devices: []Candidate{{Info: devices.Info{Backend: "cpu", ID: "cpu"},
		Engines: []Probed{{Name: "e", Info: &devices.EngineInfo{Name: "e", Version: "1", Kind: devices.Deployed, Threads: &threads}}}}}}}
}

const (
	clockDir = "sys/devices/system/clocksource/clocksource0/"
	driver   = "sys/devices/system/cpu/cpu0/cpufreq/scaling_driver"
)

func TestPreflightOfTheHost(t *testing.T) {
	thermal := func(n uint64) Counters { return Counters{ThermalThrottles: &n} }
	noQuota := files("sys/fs/cgroup/cgroup.controllers", "cpu")
	for _, c := range []struct {
		name, check string
		facts       PreflightFacts
		status      PreflightStatus
		found, why  string // parts
	}{
		{"performance", "cpu-governor", PreflightFacts{Host: host.Host{Governor: ptr("performance")}}, PreflightOK, "performance", "high"},
		{"lowest clock", "cpu-governor", PreflightFacts{Host: host.Host{Governor: ptr("powersave")}, Files: files(driver, "acpi-cpufreq")}, PreflightFail, "powersave, acpi-cpufreq", "lowest clock"},
		{"driver not known", "cpu-governor", PreflightFacts{Host: host.Host{Governor: ptr("powersave")}}, PreflightFail, "powersave", "lowest clock"},
		{"powersave by the processor", "cpu-governor", PreflightFacts{Host: host.Host{Governor: ptr("powersave")}, Files: files(driver, "intel_pstate")}, PreflightWarn, "powersave, intel_pstate", "follows the load"},
		{"powersave by an AMD processor", "cpu-governor", PreflightFacts{Host: host.Host{Governor: ptr("powersave")}, Files: files(driver, "amd-pstate-epp")}, PreflightWarn, "powersave", "follows the load"},
		{"schedutil", "cpu-governor", PreflightFacts{Host: host.Host{Governor: ptr("schedutil")}}, PreflightWarn, "schedutil", "follows the load"},
		{"no governor", "cpu-governor", PreflightFacts{}, PreflightUnknown, "not known", "hypervisor"},

		{"turbo on", "cpu-turbo", PreflightFacts{Host: host.Host{Turbo: ptr(true)}}, PreflightOK, "on", "heat"},
		{"turbo off", "cpu-turbo", PreflightFacts{Host: host.Host{Turbo: ptr(false)}}, PreflightOK, "off", "steady"},
		{"turbo unknown", "cpu-turbo", PreflightFacts{}, PreflightUnknown, "", ""},

		{"quiet", "cpu-busy", PreflightFacts{Before: cpuTimes(1, 10, nil), After: cpuTimes(1.03, 10.4, nil)}, PreflightOK, "7.5 %", "nothing else"},
		{"busy", "cpu-busy", PreflightFacts{Before: cpuTimes(1, 10, nil), After: cpuTimes(1.05, 10.4, nil)}, PreflightFail, "12.5 %", "limit 10 %"},
		{"no time between", "cpu-busy", PreflightFacts{Before: cpuTimes(1, 10, nil), After: cpuTimes(1, 10, nil)}, PreflightUnknown, "", ""},
		{"counters that went back", "cpu-busy", PreflightFacts{Before: cpuTimes(2, 10, nil), After: cpuTimes(1, 11, nil)}, PreflightUnknown, "", ""},
		{"busy unknown", "cpu-busy", PreflightFacts{After: cpuTimes(1, 10, nil)}, PreflightUnknown, "", ""},

		{"little load", "load-average", PreflightFacts{Host: host.Host{LoadAverage1: ptr(1.0), CPUsUsable: ptr(2)}}, PreflightOK, "1.00 over the last minute, usable CPUs: 2", ""},
		{"load", "load-average", PreflightFacts{Host: host.Host{LoadAverage1: ptr(1.1), CPUsUsable: ptr(2)}}, PreflightWarn, "1.10", "more than 50 %"},
		{"load of unknown CPUs", "load-average", PreflightFacts{Host: host.Host{LoadAverage1: ptr(9.0)}}, PreflightUnknown, "", ""},
		{"load unknown", "load-average", PreflightFacts{Host: host.Host{CPUsUsable: ptr(2)}}, PreflightUnknown, "", ""},

		{"no steal", "cpu-steal", PreflightFacts{Before: cpuTimes(0, 10, ptr(1.0)), After: cpuTimes(0, 10.4, ptr(1.0))}, PreflightOK, "0.0 %", ""},
		{"a few ticks", "cpu-steal", PreflightFacts{Before: cpuTimes(0, 10, ptr(1.0)), After: cpuTimes(0, 10.4, ptr(1.04))}, PreflightOK, "10.0 %", ""},
		{"steal", "cpu-steal", PreflightFacts{Before: cpuTimes(0, 10, ptr(1.0)), After: cpuTimes(0, 10.4, ptr(1.06))}, PreflightFail, "15.0 %", "limit 2 %"},
		{"little steal of many CPUs", "cpu-steal", PreflightFacts{Before: cpuTimes(0, 10, ptr(1.0)), After: cpuTimes(0, 22.8, ptr(1.2))}, PreflightOK, "1.6 %", ""},
		{"steal not counted", "cpu-steal", PreflightFacts{Before: cpuTimes(0, 10, nil), After: cpuTimes(0, 11, nil)}, PreflightUnknown, "", ""},
		{"steal unknown", "cpu-steal", PreflightFacts{}, PreflightUnknown, "", ""},

		{"cool", "cpu-heat", PreflightFacts{Before: thermal(0), After: thermal(0)}, PreflightOK, "0 times", ""},
		{"hot once", "cpu-heat", PreflightFacts{Before: thermal(7), After: thermal(7)}, PreflightWarn, "7 times", "before"},
		{"hot now", "cpu-heat", PreflightFacts{Before: thermal(7), After: thermal(8)}, PreflightFail, "8 times", "right now"},
		{"heat unknown", "cpu-heat", PreflightFacts{After: thermal(0)}, PreflightUnknown, "", ""},

		{"no quota", "cpu-quota", PreflightFacts{Files: noQuota}, PreflightOK, "none", ""},
		{"no control group", "cpu-quota", PreflightFacts{}, PreflightUnknown, "", ""},
		{"a quota of all CPUs", "cpu-quota", PreflightFacts{Host: host.Host{CPUQuota: ptr(4.0), CPUsUsable: ptr(4)}, Inventories: onCPU(4)}, PreflightOK, "4.00 CPUs", ""},
		{"a quota of whole CPUs", "cpu-quota", PreflightFacts{Host: host.Host{CPUQuota: ptr(2.0), CPUsUsable: ptr(4)}, Inventories: onCPU(2)}, PreflightWarn, "2.00 CPUs", "below the 4 usable"},
		{"a quota below the threads", "cpu-quota", PreflightFacts{Host: host.Host{CPUQuota: ptr(1.5), CPUsUsable: ptr(4)}, Inventories: onCPU(2)}, PreflightFail, "1.50 CPUs", "2 threads"},
		{"a quota of unknown CPUs", "cpu-quota", PreflightFacts{Host: host.Host{CPUQuota: ptr(2.0)}}, PreflightUnknown, "2.00 CPUs", ""},

		{"memory", "memory", PreflightFacts{Files: files("proc/meminfo", "MemTotal: 1048576 kB\nMemAvailable: 104858 kB")}, PreflightOK, "0.1 GiB of 1.0 GiB", ""},
		{"little memory", "memory", PreflightFacts{Files: files("proc/meminfo", "MemTotal: 1048576 kB\nMemAvailable: 104857 kB")}, PreflightWarn, "GiB", "less than 10 %"},
		{"memory unknown", "memory", PreflightFacts{Files: files("proc/meminfo", "MemTotal: 1048576 kB")}, PreflightUnknown, "", ""},
		{"no swap", "swap", PreflightFacts{Files: files("proc/meminfo", "MemTotal: 1000 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB")}, PreflightOK, "0.0 MiB", ""},
		{"some swap", "swap", PreflightFacts{Files: files("proc/meminfo", "MemTotal: 1000 kB\nSwapTotal: 90 kB\nSwapFree: 80 kB")}, PreflightOK, "", ""},
		{"much swap", "swap", PreflightFacts{Files: files("proc/meminfo", "MemTotal: 1000 kB\nSwapTotal: 90 kB\nSwapFree: 79 kB")}, PreflightWarn, "", "come back"},
		{"swap unknown", "swap", PreflightFacts{Files: files("proc/meminfo", "MemTotal: 1000 kB\nSwapTotal: 90 kB\nSwapFree: 91 kB")}, PreflightUnknown, "", ""},

		{"tsc", "clock-source", PreflightFacts{Files: files(clockDir+"current_clocksource", "tsc")}, PreflightOK, "tsc", "tens"},
		{"arm", "clock-source", PreflightFacts{Files: files(clockDir+"current_clocksource", "arch_sys_counter")}, PreflightOK, "arch_sys_counter", ""},
		{"hpet", "clock-source", PreflightFacts{Files: files(clockDir+"current_clocksource", "hpet")}, PreflightWarn, "hpet", "microsecond"},
		{"xen", "clock-source", PreflightFacts{Files: files(clockDir+"current_clocksource", "xen")}, PreflightWarn, "xen", "system call"},
		{"jiffies", "clock-source", PreflightFacts{Files: files(clockDir+"current_clocksource", "jiffies")}, PreflightFail, "jiffies", "meaningless"},
		{"a clock of tomorrow", "clock-source", PreflightFacts{Files: files(clockDir+"current_clocksource", "quartz")}, PreflightUnknown, "quartz", ""},
		{"clock unknown", "clock-source", PreflightFacts{}, PreflightUnknown, "not known", ""},

		{"slack", "timer-slack", PreflightFacts{Files: files("proc/self/timerslack_ns", "50000")}, PreflightOK, "50 us", ""},
		{"much slack", "timer-slack", PreflightFacts{Files: files("proc/self/timerslack_ns", "4000000")}, PreflightWarn, "4000 us", ""},
		{"slack unknown", "timer-slack", PreflightFacts{}, PreflightUnknown, "", ""},

		{"smt on", "smt", PreflightFacts{Host: host.Host{SMT: ptr(true)}}, PreflightOK, "on", "share"},
		{"smt off", "smt", PreflightFacts{Host: host.Host{SMT: ptr(false)}}, PreflightOK, "off", ""},
		{"smt unknown", "smt", PreflightFacts{}, PreflightUnknown, "", ""},

		{"one node", "numa-balancing", PreflightFacts{Host: host.Host{NUMANodes: ptr(1)}, Files: files("proc/sys/kernel/numa_balancing", "1")}, PreflightOK, "1 memory node", ""},
		{"balancing", "numa-balancing", PreflightFacts{Host: host.Host{NUMANodes: ptr(2)}, Files: files("proc/sys/kernel/numa_balancing", "1")}, PreflightWarn, "2 memory nodes, balancing on", ""},
		{"no balancing", "numa-balancing", PreflightFacts{Host: host.Host{NUMANodes: ptr(2)}, Files: files("proc/sys/kernel/numa_balancing", "0")}, PreflightOK, "2 memory nodes, balancing off", ""},
		{"balancing unknown", "numa-balancing", PreflightFacts{Host: host.Host{NUMANodes: ptr(2)}}, PreflightUnknown, "2 memory nodes", ""},
		{"nodes unknown", "numa-balancing", PreflightFacts{}, PreflightUnknown, "", ""},

		{"a core to spare", "cpu spare-core", PreflightFacts{Host: host.Host{CPUsUsable: ptr(3)}, Inventories: onCPU(2)}, PreflightOK, "engine threads: 2, usable CPUs: 3", "spin"},
		{"no core to spare", "cpu spare-core", PreflightFacts{Host: host.Host{CPUsUsable: ptr(2)}, Inventories: onCPU(2)}, PreflightWarn, "", "sleeps"},
		{"threads unknown", "cpu spare-core", PreflightFacts{Host: host.Host{CPUsUsable: ptr(2)}, Inventories: []Inventory{{Backend: "cpu",
			Devices: []Candidate{{Info: devices.Info{Backend: "cpu", ID: "cpu"}}}}}}, PreflightUnknown, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) { requireCheck(t, c.facts, c.check, c.status, c.found, c.why) })
	}
}

func requireCheck(t *testing.T, facts PreflightFacts, name string, status PreflightStatus, found, why string) {
	t.Helper()
	for _, c := range Preflight(facts) {
		if c.Name != name {
			continue
		}
		require.Equal(t, status, c.Status, "%+v", c)
		require.Contains(t, c.Found, found)
		require.Contains(t, c.Why, why)
		return
	}
	t.Fatalf("no check %s", name)
}

func TestClockSourceRemedy(t *testing.T) {
	f := PreflightFacts{Files: files(clockDir+"current_clocksource", "hpet", clockDir+"available_clocksource", "tsc hpet acpi_pm")}
	require.Contains(t, f.clockSource().Remedy, "echo tsc > /sys/devices/")
	f.Files = files(clockDir+"current_clocksource", "hpet", clockDir+"available_clocksource", "hpet acpi_pm")
	require.Contains(t, f.clockSource().Remedy, "dmesg")
}

func TestReadCounters(t *testing.T) {
	fsys := files("proc/stat", "cpu 9 9 9 9 9 9 9 9\ncpu0 100 0 0 100 0 0 0 100\ncpu1 500 0 0 500 0 0 0 0",
		"proc/self/status", "Cpus_allowed_list:\t0", "sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count", "4",
		"sys/devices/system/cpu/cpu1/thermal_throttle/core_throttle_count", "9")
	want := Counters{CPU: &sysfiles.CPUTimes{Busy: 1, Total: 3, Steal: ptr(1.0)}, ThermalThrottles: ptr(uint64(4))}
	require.Equal(t, want, ReadCounters(fsys), "of the CPUs that this process may use")
	delete(fsys, "proc/self/status")
	fsys["sys/devices/system/cpu/online"] = &fstest.MapFile{Data: []byte("0-1\n")}
	require.Equal(t, uint64(13), *ReadCounters(fsys).ThermalThrottles)
	require.Equal(t, Counters{}, ReadCounters(nil))
}

// A machine that says nothing is never ok, and never failed: every check is unknown.
func TestPreflightOfNothing(t *testing.T) {
	for _, c := range Preflight(PreflightFacts{}) {
		require.Equal(t, PreflightUnknown, c.Status, c.Name)
	}
}

func TestPreflightOrderAndTexts(t *testing.T) {
	rank := map[PreflightStatus]int{PreflightFail: 0, PreflightWarn: 1, PreflightUnknown: 2, PreflightOK: 3}
	rapid.Check(t, func(t *rapid.T) {
		f := PreflightFacts{Host: host.Host{
			Governor: rapid.Ptr(rapid.SampledFrom([]string{"performance", "powersave", "schedutil"}), true).Draw(t, "governor"),
			CPUQuota: rapid.Ptr(rapid.Float64Range(0.1, 8), true).Draw(t, "quota"), CPUsUsable: rapid.Ptr(rapid.IntRange(1, 8), true).Draw(t, "usable"),
			LoadAverage1: rapid.Ptr(rapid.Float64Range(0, 8), true).Draw(t, "load"), SMT: rapid.Ptr(rapid.Bool(), true).Draw(t, "smt"),
			Turbo: rapid.Ptr(rapid.Bool(), true).Draw(t, "turbo"), NUMANodes: rapid.Ptr(rapid.IntRange(1, 2), true).Draw(t, "nodes"),
		}, Inventories: onCPU(rapid.IntRange(1, 8).Draw(t, "threads"))}
		checks, failed := Preflight(f), 0
		names := map[string]bool{}
		for i, c := range checks {
			require.NotEmpty(t, c.Found, c.Name)
			require.NotEmpty(t, c.Why, c.Name)
			require.False(t, names[c.Name], c.Name)
			names[c.Name] = true
			if i > 0 {
				require.LessOrEqual(t, rank[checks[i-1].Status], rank[c.Status])
			}
			switch c.Status {
			case PreflightFail:
				failed++
				fallthrough
			case PreflightWarn:
				require.NotEmpty(t, c.Remedy, c.Name)
			case PreflightUnknown, PreflightOK:
				require.Empty(t, c.Remedy, c.Name)
			}
		}
		require.Equal(t, checks[:failed], append([]PreflightCheck{}, FailedChecks(checks)...))
	})
}
