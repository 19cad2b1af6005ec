package bench

import (
	"fmt"
	"slices"
	"strings"

	"github.com/accelbench/accelbench/devices/host/sysfiles"
)

// The limits of the pre-flight; docs/validity.md has them in a table with their reasons.
const (
	// maxBusy is the share of the usable CPUs that others may take while nothing is measured. Two readings of /proc/stat
	// 200 ms apart have 20 ticks per CPU, and a tick or two of them are the kernel's and this program's own.
	maxBusy = 0.10
	// maxLoadShare is the load average over the usable CPUs above which something has just run, this program perhaps.
	maxLoadShare = 0.5
	// minAvailable is the share of the memory that should be available: below it loading a model reclaims other pages.
	minAvailable = 0.10
	// maxSwapped is the share of the memory that may have been swapped out.
	maxSwapped = 0.01
	// defaultTimerSlack is Linux's own, in nanoseconds (PR_SET_TIMERSLACK in prctl(2)).
	defaultTimerSlack = 50_000
)

func (f PreflightFacts) governor() PreflightCheck {
	const name = "cpu-governor"
	if f.Host.Governor == nil {
		return unknown(name, "the hypervisor or the firmware chooses the clock; a clock that changes within a run is found then")
	}
	governor := *f.Host.Governor
	driver, _ := sysfiles.Text(f.Files, "sys/devices/system/cpu/cpu0/cpufreq/scaling_driver")
	c := PreflightCheck{Name: name, Found: joinNonEmpty(governor, driver)}
	const remedy = "as root: cpupower frequency-set -g performance"
	// These two drivers leave the clock to the processor, which under "powersave" raises it with the load.
	adaptive := driver == "intel_pstate" || strings.HasPrefix(driver, "amd-pstate-epp") || driver == "amd_pstate_epp"
	switch {
	case governor == "performance":
		c.Status, c.Why = PreflightOK, "the clock is high from the first query on"
	case governor == "powersave" && !adaptive:
		c.Status, c.Why, c.Remedy = PreflightFail, "the CPUs stay at their lowest clock: every figure would be of a slower machine", remedy
	default:
		c.Status, c.Why, c.Remedy = PreflightWarn, "the clock follows the load late: short queries meet a slow CPU", remedy
	}
	return c
}

func (f PreflightFacts) turbo() PreflightCheck {
	const name = "cpu-turbo"
	if f.Host.Turbo == nil {
		return unknown(name, "clocks may rise above the nominal one while the CPU is cool")
	}
	if *f.Host.Turbo {
		return PreflightCheck{Name: name, Status: PreflightOK, Found: "on",
			Why: "as in production; the clock depends on heat and on how many cores work"}
	}
	return PreflightCheck{Name: name, Status: PreflightOK, Found: "off", Why: "the clock is steady, and lower than where turbo is on"}
}

// busy is what others do right now. The load average alone would fail a machine on which a benchmark has just ended.
func (f PreflightFacts) busy() PreflightCheck {
	const name = "cpu-busy"
	before, after := f.Before.CPU, f.After.CPU
	if before == nil || after == nil || after.Total <= before.Total || after.Busy < before.Busy {
		return unknown(name, "other processes would take CPU time from a run; runs find that out themselves")
	}
	share := (after.Busy - before.Busy) / (after.Total - before.Total)
	c := PreflightCheck{Name: name, Status: PreflightOK, Found: percent(share) + " of the CPU time is taken",
		Why: "nothing else computes right now"}
	if share > maxBusy {
		c.Status, c.Remedy = PreflightFail, "stop what else runs (top shows it)"
		c.Why = fmt.Sprintf("runs would wait for CPUs and be invalid as contended (limit %.0f %%)", 100*maxBusy)
	}
	return c
}

func (f PreflightFacts) loadAverage() PreflightCheck {
	const name = "load-average"
	if f.Host.LoadAverage1 == nil || f.Host.CPUsUsable == nil || *f.Host.CPUsUsable < 1 {
		return unknown(name, "a busy minute behind leaves caches cold and clocks low")
	}
	load, usable := *f.Host.LoadAverage1, *f.Host.CPUsUsable
	c := PreflightCheck{Name: name, Status: PreflightOK, Found: fmt.Sprintf("%.2f over the last minute, usable CPUs: %d", load, usable),
		Why: "the machine was quiet"}
	if load > maxLoadShare*float64(usable) {
		c.Status, c.Remedy = PreflightWarn, "wait a minute and look again; if it stays, stop what else runs (top shows it)"
		c.Why = fmt.Sprintf("something has just run here, on more than %.0f %% of the CPUs, and may come back", 100*maxLoadShare)
	}
	return c
}

func (f PreflightFacts) steal() PreflightCheck {
	const name = "cpu-steal"
	before, after := f.Before.CPU, f.After.CPU
	if before == nil || after == nil || before.Steal == nil || after.Steal == nil || after.Total <= before.Total {
		return unknown(name, "whether a hypervisor takes CPU time cannot be seen")
	}
	stolen := max(0, *after.Steal-*before.Steal)
	share := stolen / (after.Total - before.Total)
	c := PreflightCheck{Name: name, Status: PreflightOK, Found: percent(share) + " of the CPU time is stolen",
		Why: "an idle machine shows little; runs are judged by what is stolen while they compute"}
	if share > maxSteal && stolen >= leastTaken.Seconds() {
		c.Status, c.Remedy = PreflightFail, "use an instance with CPUs of its own (no burstable type), or come back later"
		c.Why = fmt.Sprintf("the hypervisor runs others on these CPUs: runs would be invalid (limit %.0f %%)", 100*maxSteal)
	}
	return c
}

func (f PreflightFacts) heat() PreflightCheck {
	const name = "cpu-heat"
	before, after := f.Before.ThermalThrottles, f.After.ThermalThrottles
	if before == nil || after == nil {
		return unknown(name, "the CPUs do not count how often heat slowed them down")
	}
	c := PreflightCheck{Name: name, Status: PreflightOK, Found: fmt.Sprintf("slowed down for heat %d times since boot", *after),
		Why: "heat never lowered the clock"}
	switch {
	case *after > *before:
		c.Status, c.Why = PreflightFail, "heat lowers the clock right now: runs would be invalid as throttled"
		c.Remedy = "let the machine cool down, and see to its fans and filters"
	case *after > 0:
		c.Status, c.Why = PreflightWarn, "heat has lowered the clock before and may do so again under full load"
		c.Remedy = "see to the cooling if runs come out as throttled"
	}
	return c
}

func (f PreflightFacts) quota() PreflightCheck {
	const name = "cpu-quota"
	quota := f.Host.CPUQuota
	if quota == nil {
		if sysfiles.ReadCgroup(f.Files).CPUVersion == 0 {
			return unknown(name, "no control group was found to ask")
		}
		return PreflightCheck{Name: name, Status: PreflightOK, Found: "none", Why: "no control group stops the process"}
	}
	c := PreflightCheck{Name: name, Status: PreflightOK, Found: fmt.Sprintf("%.2f CPUs", *quota), Why: "it covers the usable CPUs"}
	threads := f.engineThreads()
	switch usable := f.Host.CPUsUsable; {
	case float64(threads) > *quota:
		c.Status = PreflightFail
		c.Why = fmt.Sprintf("engines compute with %d threads: the quota would stop them, and runs would be invalid", threads)
		c.Remedy = fmt.Sprintf("raise the quota to %d CPUs or more, or remove it (docker run --cpus, Kubernetes limits.cpu)", threads+1)
	case usable == nil:
		c.Status, c.Why = PreflightUnknown, "how many CPUs the process may use is not known"
	case *quota < float64(*usable):
		c.Status = PreflightWarn
		c.Why = fmt.Sprintf("it is below the %d usable CPUs: what else this program does may use it up and stop the engine's threads", *usable)
		c.Remedy = "give whole CPUs by affinity (docker run --cpuset-cpus) and no quota"
	}
	return c
}

// engineThreads are the threads of the largest engine on the CPU; 0 if none says.
func (f PreflightFacts) engineThreads() int {
	most := 0
	for _, i := range f.Inventories {
		for _, c := range i.Devices {
			most = max(most, c.threads())
		}
	}
	return most
}

func (f PreflightFacts) memory() PreflightCheck {
	const name = "memory"
	m := sysfiles.ReadMemory(f.Files)
	if m.Total == nil || m.Available == nil || *m.Total == 0 {
		return unknown(name, "a model may not fit")
	}
	share := float64(*m.Available) / float64(*m.Total)
	c := PreflightCheck{Name: name, Status: PreflightOK, Found: fmt.Sprintf("%s of %s available", gib(*m.Available), gib(*m.Total)),
		Why: "what does not fit is refused before it is loaded"}
	if share < minAvailable {
		c.Status, c.Remedy = PreflightWarn, "stop what holds the memory (top, sorted by memory, shows it)"
		c.Why = fmt.Sprintf("less than %.0f %% is available: workloads are refused, or the kernel reclaims pages within a run", 100*minAvailable)
	}
	return c
}

func (f PreflightFacts) swap() PreflightCheck {
	const name = "swap"
	m := sysfiles.ReadMemory(f.Files)
	if m.Total == nil || *m.Total == 0 || m.SwapTotal == nil || m.SwapFree == nil || *m.SwapFree > *m.SwapTotal {
		return unknown(name, "pages on a disk make latencies of milliseconds")
	}
	used := *m.SwapTotal - *m.SwapFree
	c := PreflightCheck{Name: name, Status: PreflightOK, Found: gib(used) + " in use", Why: "little or nothing waits on a disk"}
	if float64(used) > maxSwapped*float64(*m.Total) {
		c.Status, c.Remedy = PreflightWarn, "free memory, then as root: swapoff -a && swapon -a"
		c.Why = "pages that were swapped out come back when they are needed, perhaps within a run"
	}
	return c
}

// Clocks by what a reading costs: those that a process reads without entering the kernel (tens of nanoseconds), those that
// need a system call, those that ask a chip outside the processor (a microsecond or more), and the tick, which is no clock
// for anything shorter than milliseconds.
var (
	fastClocks    = []string{"tsc", "arch_sys_counter", "kvm-clock", "hyperv_clocksource_tsc_page", "timebase", "riscv_clocksource"}
	syscallClocks = []string{"xen", "hyperv_clocksource_msr"}
	chipClocks    = []string{"hpet", "acpi_pm"}
	tickClocks    = []string{"jiffies", "refined-jiffies"}
)

func (f PreflightFacts) clockSource() PreflightCheck {
	const name, dir = "clock-source", "sys/devices/system/clocksource/clocksource0/"
	clock, _ := sysfiles.Text(f.Files, dir+"current_clocksource")
	c := PreflightCheck{Name: name, Found: clock}
	switch {
	case slices.Contains(fastClocks, clock):
		c.Status, c.Why = PreflightOK, "reading the time costs tens of nanoseconds"
		return c
	case slices.Contains(syscallClocks, clock):
		c.Status, c.Why = PreflightWarn, "reading the time takes a system call: every query costs the generator more"
	case slices.Contains(chipClocks, clock):
		c.Status, c.Why = PreflightWarn, "reading the time takes a microsecond or more: every query costs the generator more, and short latencies are too long"
	case slices.Contains(tickClocks, clock):
		c.Status, c.Why = PreflightFail, "the time moves in ticks of milliseconds: latencies would be meaningless"
	default:
		c = unknown(name, "what reading the time costs is not known")
		if clock != "" {
			c.Found = clock
		}
		return c
	}
	c.Remedy = "see dmesg for why the kernel gave up the processor's own clock"
	if available, _ := sysfiles.Text(f.Files, dir+"available_clocksource"); slices.Contains(strings.Fields(available), "tsc") {
		c.Remedy = "as root: echo tsc > /" + dir + "current_clocksource"
	}
	return c
}

func (f PreflightFacts) timerSlack() PreflightCheck {
	const name = "timer-slack"
	slack := sysfiles.Uint(f.Files, "proc/self/timerslack_ns")
	if slack == nil {
		return unknown(name, "how late a sleeping process wakes is not known")
	}
	c := PreflightCheck{Name: name, Status: PreflightOK, Found: fmt.Sprintf("%g us", float64(*slack)/1e3),
		Why: "a sleep may end that much late; what arrives on schedule shows its lateness in the report"}
	if *slack > defaultTimerSlack {
		c.Status, c.Why = PreflightWarn, "more than Linux's own 50 us: sleeps end that much late, and arrivals with them"
		c.Remedy = "start from a shell whose service does not set TimerSlackNSec"
	}
	return c
}

func (f PreflightFacts) smt() PreflightCheck {
	const name = "smt"
	if f.Host.SMT == nil {
		return unknown(name, "two of the CPUs may be threads of one core")
	}
	if *f.Host.SMT {
		return PreflightCheck{Name: name, Status: PreflightOK, Found: "on",
			Why: "threads of one core share its arithmetic: CPUs are not cores, and a neighbour on the same core is not seen as contention"}
	}
	return PreflightCheck{Name: name, Status: PreflightOK, Found: "off", Why: "every CPU is a core"}
}

func (f PreflightFacts) numa() PreflightCheck {
	const name = "numa-balancing"
	nodes := f.Host.NUMANodes
	if nodes == nil {
		return unknown(name, "memory may be near to some CPUs and far from others")
	}
	if *nodes < 2 {
		return PreflightCheck{Name: name, Status: PreflightOK, Found: "1 memory node", Why: "all memory is equally near"}
	}
	balancing := sysfiles.Uint(f.Files, "proc/sys/kernel/numa_balancing")
	c := PreflightCheck{Name: name, Found: fmt.Sprintf("%d memory nodes, balancing off", *nodes), Status: PreflightOK,
		Why: "pages stay where they were first touched"}
	switch {
	case balancing == nil:
		c.Status, c.Found, c.Why = PreflightUnknown, fmt.Sprintf("%d memory nodes", *nodes), "whether the kernel moves pages between them is not known"
	case *balancing > 0:
		c.Status, c.Found = PreflightWarn, fmt.Sprintf("%d memory nodes, balancing on", *nodes)
		c.Why = "the kernel moves pages between the nodes within runs, so that runs differ"
		c.Remedy = "as root: sysctl kernel.numa_balancing=0; or bind to one node (numactl --cpunodebind=0 --membind=0)"
	}
	return c
}

func joinNonEmpty(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}
